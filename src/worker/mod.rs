//! The loops: receive, dispatch, tick.

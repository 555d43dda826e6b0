//! The desks that the binary carries.

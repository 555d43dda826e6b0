//! The pages, served by the worker: written by the server, whole without script.
//!
//! | folder | what it is for |
//! | --- | --- |
//! | `base` | layout, sessions, forms, sign-in, headers: what every page stands on |
//! | `console` | the pages for staff, one file a page |

pub mod base;
pub mod console;

//! The pages, served by the worker: written by the server, whole without script.
//!
//! | folder | what it is for |
//! | --- | --- |
//! | `base` | layout, sessions, forms, sign-in, headers: what every page stands on |
//! | `console` | the pages for staff, one file a page |
//! | `portal` | the pages for partners outside, on a listener of their own |

pub mod base;
pub mod console;
pub mod portal;

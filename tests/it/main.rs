//! All integration tests, as one binary: what they share is compiled once.

mod imap;
mod imap_faults;
mod maildir;
mod support;

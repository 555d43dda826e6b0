//! The one integration test binary: a module for each subject.

mod corpus_message;
mod imap;
mod imap_faults;
mod maildir;
mod support;

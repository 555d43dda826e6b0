//! All integration tests, as one binary, a module for each subject: what they share is compiled once.

mod acts;
mod case_life;
mod checkpoints;
mod conversations;
mod corpus_explain;
mod corpus_message;
mod corpus_reply;
mod desk_cee;
mod desk_page;
mod digest;
mod e2e;
mod evidence;
#[cfg(feature = "faults")]
mod faults;
mod five_desks;
mod fixtures;
mod folder;
mod imap;
mod imap_faults;
mod imap_in_turn;
mod kills;
mod maildir;
mod many;
mod portal;
mod private;
mod reload;
mod sent_folder;
mod smtp;
mod smtp_faults;
mod store;
mod storm;
mod support;
mod tidy;
mod tls;
mod web;

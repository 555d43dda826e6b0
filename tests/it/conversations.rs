//! Whole conversations: mail into a Maildir, `run --once --at`, mail out to a folder, and what the commands say.

mod rig;

mod attachments;
mod authors;
mod by_hand;
mod forged;
mod held;
mod ladder;
mod limits;
mod outside;
mod pending;
mod promises;
mod random;
mod reports;
mod rotation;
mod specialist;
mod threads;
mod worklists;

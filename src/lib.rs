//! mailclerk: a clerk for a shared support mailbox that has rules.
//!
//! # The map
//!
//! Whatever happens, a message, a due clock or a command, is a *trigger*. Pure functions turn (state, trigger,
//! desk, now) into [`effects::Effects`]; [`store`] writes them in one transaction; only then is the mailbox
//! touched, and only from committed rows is mail sent.
//!
//! A module imports only modules of a lower rank; `tests/it/tidy.rs` reads the `use` lines and keeps it so.
//!
//! | rank | module | what it is for |
//! | --- | --- | --- |
//! | 0 | [`strict`], [`clock`], [`address`], [`calendar`], [`kept`], [`faults`], [`tls`] | a TOML file, read strictly; what time it is; an address, parsed; business time in a zone; what was prepared from a policy, kept for the next message; where a test may stop the process; whom we trust over TLS |
//! | 1 | [`settings`], [`message`], [`words`] | where mail, database and secrets are; [`message::Message`], what we know of one inbound mail, never changed; the values that all speak in |
//! | 2 | [`desk`] | a policy file made total |
//! | 3 | [`case`], [`gate`] | a case, its status, its events and its clocks; whether automatic mail may leave |
//! | 4 | [`intake`] | reading a request, and the one ordered list of rules that decides |
//! | 5 | [`compose`] | a mail from a template |
//! | 6 | [`effects`], [`digest`] | what a trigger writes; a day of a desk as one mail a supervisor |
//! | 7 | [`mailbox`], [`store`], [`transport`], [`webhook`] | IMAP or Maildir; SQLite or PostgreSQL; SMTP or a folder; a call to a webhook |
//! | 8 | [`worker`] | the loops: receive, dispatch, tick |
//! | 9 | [`web`] | the pages: one base, and the console on it |
//! | 10 | [`cli`] | one file a command |
//!
//! Ranks 0 to 6 never mention tokio, sqlx, lettre or async_imap, and read no clock and no source of chance:
//! time, randomness and ids are arguments.

pub mod address;
pub mod calendar;
pub mod case;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod desk;
pub mod digest;
pub mod effects;
pub mod faults;
pub mod gate;
pub mod intake;
pub mod kept;
pub mod mailbox;
pub mod message;
pub mod settings;
pub mod store;
pub mod strict;
pub mod tls;
pub mod transport;
pub mod web;
pub mod webhook;
pub mod words;
pub mod worker;

//! `mailclerk.toml`: where mail, database, web and secrets are.
//!
//! The settings say where things are; what a desk decides is in its policy file. Secrets never stand here: a
//! password comes from a file, from the environment or from systemd's credentials ([`SecretSource`]).
//!
//! ```toml
//! database = "sqlite:mailclerk.db"          # the default; or postgres://user@host/db with database_password_file
//! desks = "desks"                           # folder of policy files; the embedded desks where absent
//! public_url = "https://desk.example.com"   # http on loopback only
//! [[mailbox]]                               # at least one; a desk may have several
//! desk = "support"
//! url = "imaps://user@host/INBOX"           # imap+starttls://, imap:// (loopback only), maildir:PATH
//! password_file = "imap.secret"             # or password_env, or password_credential
//! ca_file = "ca.pem"                        # a private CA, where there is one
//! start = "now"                             # or "all", or "2026-11-01T00:00:00Z"; default now for IMAP, all for Maildir
//! sent = "Sent"                             # folder for sent mail; default the one that the server marks, else Sent
//! sent_copies = "append"                    # who puts them there: "server", "append" (we do) or "none"; see SentCopies
//! watch_sent = true                         # answers given by hand from the mailbox are seen in that folder (default)
//! trust = { rfc8601 = "mx1.example.com" }   # or "microsoft365", { header = "Name: value" }, "none" (the default)
//! id = "main"                               # a name that stays; default the desk and the url
//! [outgoing]
//! url = "smtps://user@host"                 # smtp+starttls://, smtp:// (loopback only), folder:PATH
//! password_file = "smtp.secret"             # ca_file as above
//! [web]                                     # without it there are no pages
//! listen = "127.0.0.1:8025"                 # the default
//! idle_minutes = 30                         # a session that is not used ends (default)
//! session_hours = 12                        # and any session after so long (default)
//! proxy = { from = ["127.0.0.1"], user_header = "X-Forwarded-User", address_header = "X-Forwarded-For" }
//! [portal]                                  # where partners outside read what is for them; see docs/portal.md
//! listen = "127.0.0.1:8026"                 # a listener of its own (default)
//! public_url = "https://portal.example.com" # how they reach it; default the one above. Without one no link is sent
//! [secrets]
//! key_file = "mailclerk.key"                # 32 bytes in base64; made beside the database where absent
//! [log]
//! format = "text"                           # or "json"
//! level = "info"                            # error, warn, info, debug, trace
//! ```
//!
//! Relative paths are relative to the settings file. Values in the environment go over those of the file, see
//! [`VARIABLES`]; relative paths in them are relative to the working directory.

mod alarm;
mod build;
mod mailboxes;
mod portal;
mod secret;
mod shape;
mod url;
mod web;

#[cfg(test)]
mod tests;

pub use build::read;
pub use portal::Portal;
pub use secret::{MASTER_KEY_BYTES, MasterKey, Secret, SecretError, SecretSource, master_key};
pub use url::{DatabaseUrl, MailboxUrl, OutgoingUrl, Security, UrlError};
pub use web::{Proxy, Web};

use crate::address::EmailAddress;
use crate::strict::StrictError;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The environment's variables, as an argument.
pub type Environment = BTreeMap<String, String>;

/// The variables that go over the settings file, each with the key that it replaces.
pub const VARIABLES: [(&str, &str); 8] = [
    ("MAILCLERK_DATABASE", "database"),
    ("MAILCLERK_DESKS", "desks"),
    ("MAILCLERK_PUBLIC_URL", "public_url"),
    ("MAILCLERK_WEB_LISTEN", "web.listen"),
    ("MAILCLERK_PORTAL_LISTEN", "portal.listen"),
    ("MAILCLERK_OUTGOING_URL", "outgoing.url"),
    ("MAILCLERK_LOG_FORMAT", "log.format"),
    ("MAILCLERK_LOG_LEVEL", "log.level"),
];

/// All that the operator says about this installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database.
    pub database: DatabaseUrl,
    /// Where the database's password is.
    pub database_password: Option<SecretSource>,
    /// The folder of policy files; the embedded desks where absent.
    pub desks: Option<PathBuf>,
    /// Where the web pages are reached from outside, without a slash at the end; no portal link is minted without it.
    pub public_url: Option<String>,
    /// The mailboxes; at least one.
    pub mailboxes: Vec<Mailbox>,
    /// How mail goes out.
    pub outgoing: Outgoing,
    /// The web pages; none are served without.
    pub web: Option<Web>,
    /// The portal for partners outside; none is served without.
    pub portal: Option<Portal>,
    /// How the operator hears that mail has stopped.
    pub alarm: Alarm,
    /// The file of the master key; beside the database where absent.
    pub key_file: Option<PathBuf>,
    /// The log.
    pub log: Log,
    /// What is allowed and still worth a word in `check`.
    pub warnings: Vec<String>,
}

/// A mailbox that is read for a desk.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// A name that stays the same from run to run: what was read is remembered under it.
    pub id: String,
    /// The desk's id.
    pub desk: String,
    /// Where it is.
    pub url: MailboxUrl,
    /// Where its password is; always there for IMAP.
    pub password: Option<SecretSource>,
    /// A private CA in PEM.
    pub ca_file: Option<PathBuf>,
    /// What is read of what was there before the first run.
    pub start: Start,
    /// The folder for sent mail.
    pub sent: Option<String>,
    /// Who puts copies of what is sent there; where the settings do not say, the hosts tell.
    pub sent_copies: Option<SentCopies>,
    /// Whether that folder is read as well, for answers that are given by hand.
    pub watch_sent: bool,
    /// How a pass of authentication is known.
    pub trust: Trust,
}

impl Mailbox {
    /// The name under which is remembered what was read in its folder for sent mail.
    pub fn sent_id(&self) -> String {
        format!("{}/sent", self.id)
    }
}

/// Who puts a copy of each mail that is sent into the folder for sent mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentCopies {
    /// The server, as part of sending: a copy proves that the mail was sent, and shows the Message-ID that it bears now.
    Server,
    /// We do, after the server has taken the mail: that no copy is there says nothing.
    Append,
    /// Nobody.
    None,
}

/// From when on mail is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From the first run on.
    Now,
    /// All that is there.
    All,
    /// What arrived at this instant or later.
    At(Timestamp),
}

/// How a mailbox shows that a sender was authenticated (POLICY.md, Threads and trust).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The topmost `Authentication-Results` of this authserv-id (RFC 8601).
    Rfc8601 {
        /// The authserv-id of the organisation's own server.
        authserv_id: String,
    },
    /// Microsoft 365: its dialect without an id, and its own header for internal senders.
    Microsoft365,
    /// A header that the organisation's gateway sets.
    Header {
        /// Its name.
        name: String,
        /// The value that means a pass.
        value: String,
    },
    /// What was written in our own pages, by somebody who had signed in: the author is who it says. No mailbox has this.
    OwnPages,
    /// Nothing is known: commands need our token.
    None,
}

/// How mail goes out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where to.
    pub url: OutgoingUrl,
    /// Where the password is; always there where the url names a user.
    pub password: Option<SecretSource>,
    /// A private CA in PEM.
    pub ca_file: Option<PathBuf>,
}

/// The second way: how the operator hears that mail has stopped.
#[derive(Clone, Debug, Default)]
pub struct Alarm {
    /// A webhook.
    pub webhook: Option<AlarmWebhook>,
    /// Another mailbox, and the way out that leads there.
    pub mailbox: Option<(EmailAddress, Outgoing)>,
}

/// A webhook that is called with JSON.
#[derive(Clone, Debug)]
pub struct AlarmWebhook {
    /// The host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Path and query.
    pub path: String,
    /// Over TLS; without it, on loopback only.
    pub tls: bool,
    /// Where the secret is that goes along as `Authorization: Bearer …`.
    pub password: Option<SecretSource>,
    /// A private CA in PEM.
    pub ca_file: Option<PathBuf>,
}

/// The log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: LogLevel,
}

/// The log's form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The log's levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the usual five
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// Why settings were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] StrictError),
    /// A variable in the environment is wrong.
    #[error("{variable} in the environment: {error}")]
    Environment {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        error: UrlError,
    },
}

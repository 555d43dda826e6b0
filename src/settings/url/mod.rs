//! The urls of mailboxes, outgoing mail and databases, parsed into closed values.
//!
//! No error text here repeats a url: the operator may have put a password into it.

mod parts;

pub(super) use parts::is_loopback;

use crate::strict;
use parts::{Parts, encoded, loopback_if_plain, password_in_url, path_after, scheme};
use std::fmt;
use std::path::{Path, PathBuf};

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Plain, then STARTTLS, which is required.
    StartTls,
    /// No protection; on loopback only.
    Plain,
}

/// Where a mailbox is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxUrl {
    /// On an IMAP server.
    Imap {
        /// Login name.
        user: String,
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// Protection.
        security: Security,
        /// The folder, decoded, as people write it.
        folder: String,
    },
    /// In a Maildir.
    Maildir(PathBuf),
}

/// Where mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutgoingUrl {
    /// To an SMTP server.
    Smtp {
        /// Login name; none for a relay that asks for none.
        user: Option<String>,
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// Protection.
        security: Security,
    },
    /// Into a folder, as `.eml` files.
    Folder(PathBuf),
}

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// In a file.
    Sqlite(PathBuf),
    /// On a PostgreSQL server.
    Postgres {
        /// The connection url as libpq has it, which holds no password.
        url: String,
    },
}

/// Why a url was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError {
    /// What is wrong.
    pub reason: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for UrlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.reason, self.remedy)
    }
}

impl UrlError {
    pub(super) fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: remedy.into() }
    }
}

impl MailboxUrl {
    /// Reads `imaps://user@host:port/INBOX`, `imap+starttls://…`, `imap://…` (loopback only) or `maildir:PATH`.
    /// A relative path starts at `base`.
    ///
    /// # Errors
    ///
    /// Anything else, with what to write instead.
    pub fn parse(text: &str, base: &Path) -> Result<Self, UrlError> {
        if let Some(path) = path_after(text, "maildir:", base)? {
            return Ok(Self::Maildir(path));
        }
        const SCHEMES: [&str; 4] = ["imaps", "imap+starttls", "imap", "maildir"];
        let (scheme, rest) = scheme(text, &SCHEMES)?;
        let (security, default_port) = match scheme {
            "imaps" => (Security::Tls, 993),
            "imap+starttls" => (Security::StartTls, 143),
            _ => (Security::Plain, 143),
        };
        let parts = Parts::parse(rest, "password_file` or `password_env")?;
        loopback_if_plain(security, &parts.host, "imaps://` or `imap+starttls://")?;
        parts.refuse_query()?;
        let Some(user) = parts.user else {
            return Err(UrlError::new("the url names no user", format!("write it like `{scheme}://user@host/INBOX`")));
        };
        let folder = if parts.path.is_empty() { "INBOX".to_owned() } else { parts.path };
        Ok(Self::Imap { user, host: parts.host, port: parts.port.unwrap_or(default_port), security, folder })
    }
}

impl fmt::Display for MailboxUrl {
    /// The url in one form however it was written, so that ids made of it stay the same.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Maildir(path) => write!(out, "maildir:{}", path.display()),
            Self::Imap { user, host, port, security, folder } => {
                let (scheme, default_port) = match security {
                    Security::Tls => ("imaps", 993),
                    Security::StartTls => ("imap+starttls", 143),
                    Security::Plain => ("imap", 143),
                };
                write!(out, "{scheme}://{}@", encoded(user))?;
                if host.contains(':') {
                    write!(out, "[{host}]")?
                } else {
                    write!(out, "{host}")?
                }
                if *port != default_port {
                    write!(out, ":{port}")?;
                }
                write!(out, "/{}", encoded(folder))
            }
        }
    }
}

impl OutgoingUrl {
    /// Reads `smtps://user@host:port`, `smtp+starttls://…`, `smtp://…` (loopback only) or `folder:PATH`.
    /// A relative path starts at `base`.
    ///
    /// # Errors
    ///
    /// Anything else, with what to write instead.
    pub fn parse(text: &str, base: &Path) -> Result<Self, UrlError> {
        if let Some(path) = path_after(text, "folder:", base)? {
            return Ok(Self::Folder(path));
        }
        const SCHEMES: [&str; 4] = ["smtps", "smtp+starttls", "smtp", "folder"];
        let (scheme, rest) = scheme(text, &SCHEMES)?;
        let (security, default_port) = match scheme {
            "smtps" => (Security::Tls, 465),
            "smtp+starttls" => (Security::StartTls, 587),
            _ => (Security::Plain, 25),
        };
        let parts = Parts::parse(rest, "password_file` or `password_env")?;
        loopback_if_plain(security, &parts.host, "smtps://` or `smtp+starttls://")?;
        parts.refuse_query()?;
        if !parts.path.is_empty() {
            return Err(UrlError::new("the url of outgoing mail has a path", format!("write `{scheme}://user@host`")));
        }
        Ok(Self::Smtp { user: parts.user, host: parts.host, port: parts.port.unwrap_or(default_port), security })
    }
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `postgres://user@host:port/db`, with parameters such as `?host=/run/postgresql`.
    /// A relative path starts at `base`. Beyond this machine the server is always verified: `sslmode=verify-full`.
    ///
    /// # Errors
    ///
    /// Anything else, with what to write instead.
    pub fn parse(text: &str, base: &Path) -> Result<Self, UrlError> {
        if text == "sqlite::memory:" {
            return Err(UrlError::new("a database in memory forgets every case", "write `sqlite:mailclerk.db`"));
        }
        if let Some(path) = path_after(text, "sqlite:", base)? {
            return Ok(Self::Sqlite(path));
        }
        let (scheme, rest) = scheme(text, &["postgres", "postgresql", "sqlite"])?;
        const REMEDY: &str = "database_password_file` or `database_password_env";
        let parts = Parts::parse_with_host(rest, REMEDY, false)?;
        for (key, _) in &parts.query {
            if key == "password" {
                return Err(password_in_url(REMEDY));
            }
            if !POSTGRES_PARAMETERS.contains(&key.as_str()) {
                let remedy = strict::suggestion(key, &POSTGRES_PARAMETERS);
                return Err(UrlError::new("the url has a parameter that is not known", remedy));
            }
        }
        if parts.path.is_empty() {
            return Err(UrlError::new("the url names no database", format!("write it like `{scheme}://user@host/db`")));
        }
        if parts.host.is_empty() && !parts.query.iter().any(|(key, _)| key == "host") {
            let remedy = "write `postgres://user@host/db`, or add `?host=/run/postgresql` for a socket";
            return Err(UrlError::new("the url names no host", remedy));
        }
        let given = |name: &str| parts.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let times = |name: &str| parts.query.iter().filter(|(key, _)| key == name).count();
        if let Some(twice) = POSTGRES_PARAMETERS.iter().find(|name| times(name) > 1) {
            return Err(UrlError::new(format!("the url has `{twice}` twice"), "write it once"));
        }
        let host = given("host").unwrap_or(&parts.host);
        let url = format!("postgres://{rest}");
        if host.starts_with('/') || is_loopback(host) {
            return Ok(Self::Postgres { url });
        }
        // Beyond this machine the driver's default would give the password and all mail to whoever answers.
        match given("sslmode") {
            Some("verify-full") => Ok(Self::Postgres { url }),
            None => {
                let joint = if rest.contains('?') { '&' } else { '?' };
                Ok(Self::Postgres { url: format!("{url}{joint}sslmode=verify-full") })
            }
            Some(_) => Err(UrlError::new(
                "the connection to a database beyond this machine must be verified",
                "write `sslmode=verify-full` or leave it out, and `sslrootcert=ca.pem` for a private authority",
            )),
        }
    }
}

/// What libpq and our driver both know.
const POSTGRES_PARAMETERS: [&str; 7] =
    ["host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name"];

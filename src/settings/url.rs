//! The urls of mailboxes, outgoing mail and databases, parsed into closed values.
//!
//! No error text here repeats a url: the operator may have put a password into it.

use crate::strict;
use std::fmt;
use std::net::IpAddr;
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
    /// A relative path starts at `base`.
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
        Ok(Self::Postgres { url: format!("postgres://{rest}") })
    }

    /// Whether the server's answers and the password may cross a network without TLS.
    pub fn may_be_unprotected(&self) -> bool {
        let Self::Postgres { url } = self else { return false };
        let rest = url.strip_prefix("postgres://").unwrap_or(url);
        let Ok(parts) = Parts::parse_with_host(rest, "", false) else { return false };
        let given = |name: &str| parts.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let host = given("host").unwrap_or(&parts.host);
        let protected = matches!(given("sslmode"), Some("require" | "verify-ca" | "verify-full"));
        !protected && !host.starts_with('/') && !is_loopback(host)
    }
}

/// What libpq and sqlx both know.
const POSTGRES_PARAMETERS: [&str; 7] =
    ["host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name"];

/// The parts of `user@host:port/path?key=value`, decoded.
struct Parts {
    user: Option<String>,
    host: String,
    port: Option<u16>,
    path: String,
    query: Vec<(String, String)>,
}

impl Parts {
    fn parse(rest: &str, password_remedy: &str) -> Result<Self, UrlError> {
        Self::parse_with_host(rest, password_remedy, true)
    }

    fn parse_with_host(rest: &str, password_remedy: &str, needs_host: bool) -> Result<Self, UrlError> {
        // A password is looked for first, so that no later error can show it.
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority_end = before_query.rfind('@').map_or(0, |at| at + 1);
        let slash = before_query.get(authority_end..).and_then(|host| host.find('/'));
        let authority =
            slash.map_or(before_query, |slash| before_query.get(..authority_end + slash).unwrap_or_default());
        let path = slash.map_or("", |slash| before_query.get(authority_end + slash + 1..).unwrap_or_default());
        let (user, host_and_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(password_in_url(password_remedy));
        }
        if user.is_some_and(|user| user.contains(['@', '/'])) {
            return Err(UrlError::new(
                "an `@` or `/` stands where it cannot be told what it belongs to",
                "write `%40` for `@` and `%2F` for `/`",
            ));
        }
        let user = user.map(decoded).transpose()?;
        if user.as_deref() == Some("") {
            return Err(UrlError::new("the url has an empty user", "write the user before the `@`, or drop the `@`"));
        }
        let (host, port) = host_and_port_of(host_and_port)?;
        if host.is_empty() && needs_host {
            return Err(UrlError::new("the url names no host", "write it like `scheme://user@host`"));
        }
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(key)?, decoded(value)?))
        });
        Ok(Self { user, host, port, path: decoded(path)?, query: query.collect::<Result<_, UrlError>>()? })
    }

    fn refuse_query(&self) -> Result<(), UrlError> {
        if self.query.is_empty() {
            return Ok(());
        }
        Err(UrlError::new("the url has parameters behind a `?`", "remove them; all else has keys of its own"))
    }
}

fn password_in_url(remedy: &str) -> UrlError {
    UrlError::new("the url holds a password", format!("remove it from the url, and name its place with `{remedy}`"))
}

fn host_and_port_of(text: &str) -> Result<(String, Option<u16>), UrlError> {
    let bad =
        || UrlError::new("the host in the url cannot be read", "write `host` or `host:port`, or `[::1]` for IPv6");
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(bad)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| bad())?;
            (host, port.strip_prefix(':').or(if port.is_empty() { None } else { Some("?") }))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_') || (c == ':' && text.starts_with('['));
    if !host.chars().all(fits) {
        return Err(bad());
    }
    let port = port.map(|port| port.parse::<u16>().ok().filter(|port| *port > 0)).map(|port| {
        port.ok_or_else(|| UrlError::new("the port in the url is no number", "write a port from 1 to 65535"))
    });
    Ok((host.to_lowercase(), port.transpose()?))
}

/// Plain connections stay on this machine: a password and members' data would cross the network readable.
fn loopback_if_plain(security: Security, host: &str, instead: &str) -> Result<(), UrlError> {
    if security != Security::Plain || is_loopback(host) {
        return Ok(());
    }
    let reason = "a connection without TLS is allowed on this machine only (localhost, 127.0.0.1, ::1)";
    Err(UrlError::new(reason, format!("write `{instead}`")))
}

pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The path behind `prefix`, if the text has it; `prefix///x` is `/x`.
fn path_after(text: &str, prefix: &str, base: &Path) -> Result<Option<PathBuf>, UrlError> {
    let Some(path) = text.strip_prefix(prefix) else { return Ok(None) };
    let path = if path.starts_with("///") { path.trim_start_matches("//") } else { path };
    if path.is_empty() || path.starts_with("//") {
        return Err(UrlError::new("the path cannot be read", format!("write `{prefix}PATH`, relative or absolute")));
    }
    let path = if path.starts_with('/') { path.to_owned() } else { path.trim_start_matches("./").to_owned() };
    Ok(Some(base.join(path)))
}

/// Splits off the scheme, which must be one of `known`.
fn scheme<'a>(text: &'a str, known: &[&'static str]) -> Result<(&'static str, &'a str), UrlError> {
    let forms: Vec<String> = known.iter().map(|name| form(name)).collect();
    let Some((written, rest)) = text.split_once("://") else {
        return Err(UrlError::new("this is no url", format!("write one of {}", forms.join(", "))));
    };
    match known.iter().find(|name| name.eq_ignore_ascii_case(written)) {
        Some(name) => Ok((name, rest)),
        None => {
            let remedy = match strict::nearest(written, known.iter().copied()) {
                Some(near) => format!("did you mean `{}`?", form(near)),
                None => format!("write one of {}", forms.join(", ")),
            };
            Err(UrlError::new("the url begins with a word that is not known here", remedy))
        }
    }
}

/// How a scheme is written in front of the rest.
fn form(scheme: &str) -> String {
    match scheme {
        "maildir" | "folder" | "sqlite" => format!("{scheme}:PATH"),
        _ => format!("{scheme}://"),
    }
}

/// Percent-decoding (RFC 3986, section 2.1); no control characters may come out of it.
fn decoded(text: &str) -> Result<String, UrlError> {
    let bad =
        || UrlError::new("the url has a `%` that is not followed by two hexadecimal digits", "write `%25` for `%`");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = digit(rest.next()).zip(digit(rest.next())).ok_or_else(bad)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| bad())?);
    }
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    if text.chars().any(char::is_control) {
        return Err(UrlError::new("the url holds a control character", "remove it"));
    }
    Ok(text)
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' | '/' | ':' | '%' | '?' | '#' | ' ' => out.push_str(&format!("%{:02X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

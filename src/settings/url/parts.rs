//! Taking urls apart (RFC 3986), without ever repeating what may hold a password.

use super::{Security, UrlError};
use crate::strict;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The parts of `user@host:port/path?key=value`, decoded.
pub(super) struct Parts {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    pub path: String,
    pub query: Vec<(String, String)>,
}

impl Parts {
    pub fn parse(rest: &str, password_remedy: &str) -> Result<Self, UrlError> {
        Self::parse_with_host(rest, password_remedy, true)
    }

    pub fn parse_with_host(rest: &str, password_remedy: &str, needs_host: bool) -> Result<Self, UrlError> {
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

    pub fn refuse_query(&self) -> Result<(), UrlError> {
        if self.query.is_empty() {
            return Ok(());
        }
        Err(UrlError::new("the url has parameters behind a `?`", "remove them; all else has keys of its own"))
    }
}

pub(super) fn password_in_url(remedy: &str) -> UrlError {
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
pub(super) fn loopback_if_plain(security: Security, host: &str, instead: &str) -> Result<(), UrlError> {
    if security != Security::Plain || is_loopback(host) {
        return Ok(());
    }
    let reason = "a connection without TLS is allowed on this machine only (localhost, 127.0.0.1, ::1)";
    Err(UrlError::new(reason, format!("write `{instead}`")))
}

pub(in crate::settings) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The path behind `prefix`, if the text has it; `prefix///x` is `/x`.
pub(super) fn path_after(text: &str, prefix: &str, base: &Path) -> Result<Option<PathBuf>, UrlError> {
    let Some(path) = text.strip_prefix(prefix) else { return Ok(None) };
    let path = if path.starts_with("///") { path.trim_start_matches("//") } else { path };
    if path.is_empty() || path.starts_with("//") {
        return Err(UrlError::new("the path cannot be read", format!("write `{prefix}PATH`, relative or absolute")));
    }
    let path = if path.starts_with('/') { path.to_owned() } else { path.trim_start_matches("./").to_owned() };
    Ok(Some(base.join(path)))
}

/// Splits off the scheme, which must be one of `known`.
pub(super) fn scheme<'a>(text: &'a str, known: &[&'static str]) -> Result<(&'static str, &'a str), UrlError> {
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

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' | '/' | ':' | '%' | '?' | '#' | ' ' => out.push_str(&format!("%{:02X}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

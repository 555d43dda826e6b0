//! `[web]`: where the pages listen, how long a session lasts, and a reverse proxy that says who is there.

use super::build::Builder;
use super::{SettingsError, UrlError, shape};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// Where the pages listen when nothing is said.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8025);
/// Minutes without a request after which a session ends.
const DEFAULT_IDLE_MINUTES: i64 = 30;
/// Hours after which any session ends.
const DEFAULT_SESSION_HOURS: i64 = 12;
/// No session lasts longer than a day.
const MOST_HOURS: i64 = 24;

/// The web pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Where they listen. TLS is the business of a proxy before them.
    pub listen: SocketAddr,
    /// A session that is not used for so long has ended.
    pub idle: Duration,
    /// A session ends so long after it was begun, used or not.
    pub longest: Duration,
    /// A reverse proxy that is believed.
    pub proxy: Option<Proxy>,
}

/// A reverse proxy that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// The addresses that it connects from; nobody else's headers are looked at.
    pub from: Vec<IpAddr>,
    /// The header that names who is signed in there, in lower case.
    pub user_header: Option<String>,
    /// The header whose last address is the client's, in lower case.
    pub address_header: Option<String>,
}

impl Web {
    /// The pages where nothing but their being there is said.
    pub fn usual() -> Self {
        let minutes = u64::try_from(DEFAULT_IDLE_MINUTES).unwrap_or_default();
        let hours = u64::try_from(DEFAULT_SESSION_HOURS).unwrap_or_default();
        Self {
            listen: DEFAULT_LISTEN,
            idle: Duration::from_secs(minutes * 60),
            longest: Duration::from_secs(hours * 3600),
            proxy: None,
        }
    }

    /// What is allowed and still worth a word.
    pub(super) fn warnings(&self, public_url: Option<&str>) -> Vec<String> {
        let mut warnings = Vec::new();
        let is_https = public_url.is_some_and(|url| url.starts_with("https://"));
        if !self.listen.ip().is_loopback() && !is_https {
            warnings.push(
                "the web pages listen beyond this machine and speak no TLS; put a proxy with TLS before them, and name \
                 it in `public_url` as `https://…`"
                    .to_owned(),
            );
        }
        warnings
    }
}

impl Builder<'_> {
    /// The pages: there where `[web]` stands in the file, or where the environment says where they listen.
    pub(super) fn web(&self, shape: Option<shape::Web>) -> Result<Option<Web>, SettingsError> {
        if shape.is_none() && self.variable("MAILCLERK_WEB_LISTEN").is_none() {
            return Ok(None);
        }
        let shape = shape.unwrap_or_default();
        let listen = self.chosen("MAILCLERK_WEB_LISTEN", shape.listen, "web.listen", listen)?;
        let listen = listen.unwrap_or(DEFAULT_LISTEN);
        let usual = (DEFAULT_IDLE_MINUTES, DEFAULT_SESSION_HOURS);
        let (idle, longest) = self.lengths("web", shape.idle_minutes, shape.session_hours, usual)?;
        let proxy = shape.proxy.map(|proxy| self.proxy(proxy, listen)).transpose()?;
        Ok(Some(Web { listen, idle, longest, proxy }))
    }

    /// How long sessions last, without a request and at all.
    pub(super) fn lengths(
        &self,
        table: &str,
        minutes: Option<Spanned<i64>>,
        hours: Option<Spanned<i64>>,
        usual: (i64, i64),
    ) -> Result<(Duration, Duration), SettingsError> {
        let minutes = self.span(minutes, &format!("{table}.idle_minutes"), usual.0, MOST_HOURS * 60)?;
        let hours = self.span(hours, &format!("{table}.session_hours"), usual.1, MOST_HOURS)?;
        Ok((Duration::from_secs(minutes * 60), Duration::from_secs(hours * 3600)))
    }

    /// A whole number from 1 to `most`.
    fn span(&self, written: Option<Spanned<i64>>, key: &str, usual: i64, most: i64) -> Result<u64, SettingsError> {
        let number = match &written {
            Some(written) if !(1..=most).contains(written.get_ref()) => {
                let error = self.at(written, key, "a session cannot last so long");
                return Err(error.remedy(format!("write a number from 1 to {most}")).into());
            }
            Some(written) => *written.get_ref(),
            None => usual,
        };
        Ok(u64::try_from(number).unwrap_or_default())
    }

    pub(super) fn proxy(&self, written: Spanned<shape::Proxy>, listen: SocketAddr) -> Result<Proxy, SettingsError> {
        let span = Spanned::new(written.span(), ());
        let shape = written.into_inner();
        if shape.user_header.is_none() && shape.address_header.is_none() {
            let error = self.at(&span, "web.proxy", "it is not said what the proxy tells");
            return Err(error.remedy("add `user_header`, `address_header` or both, or remove `proxy`").into());
        }
        let from = match shape.from {
            Some(list) => {
                let each = list.iter().map(|one| self.value(one, "web.proxy.from", peer));
                each.collect::<Result<Vec<_>, _>>()?
            }
            None if listen.ip().is_loopback() => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            None => Vec::new(),
        };
        if from.is_empty() {
            let reason = "anybody who reaches the pages could write these headers";
            let error = self.at(&span, "web.proxy.from", reason);
            return Err(error.remedy("name the proxy's own addresses, such as `from = [\"10.0.0.5\"]`").into());
        }
        let header = |written: Option<Spanned<String>>, key: &str| {
            written.map(|written| self.value(&written, key, header)).transpose()
        };
        Ok(Proxy {
            from,
            user_header: header(shape.user_header, "web.proxy.user_header")?,
            address_header: header(shape.address_header, "web.proxy.address_header")?,
        })
    }
}

pub(super) fn listen(text: &str, _: &Path) -> Result<SocketAddr, UrlError> {
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    text.parse().map_err(|_| UrlError::new("this is no address to listen on", "write it like `127.0.0.1:8025`"))
}

fn peer(text: &str, _: &Path) -> Result<IpAddr, UrlError> {
    let remedy = "write one address, such as `127.0.0.1`; names and networks are not taken";
    text.parse().map_err(|_| UrlError::new("this is no address of a proxy", remedy))
}

/// A header's name (RFC 9110, section 5.1), in lower case.
fn header(text: &str, _: &Path) -> Result<String, UrlError> {
    let is_name = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let taken = ["host", "cookie", "authorization", "origin", "content-type", "content-length"];
    let name = text.to_ascii_lowercase();
    if !is_name || taken.contains(&name.as_str()) {
        return Err(UrlError::new("this is no header that a proxy sets", "write one such as `X-Forwarded-User`"));
    }
    Ok(name)
}

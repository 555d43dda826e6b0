//! The part of the settings about the second way, by which the operator hears that mail has stopped.

use super::build::Builder;
use super::url::is_loopback;
use super::{Alarm, AlarmWebhook, Outgoing, OutgoingUrl, SettingsError, UrlError, shape};
use crate::address::EmailAddress;
use std::path::Path;
use toml::Spanned;

/// What an url of a webhook says.
struct Parts {
    host: String,
    port: u16,
    path: String,
    tls: bool,
}

impl Builder<'_> {
    pub(super) fn alarm(&self, shape: Option<shape::Alarm>) -> Result<Alarm, SettingsError> {
        let Some(shape) = shape else { return Ok(Alarm::default()) };
        let keys = [shape.webhook_password_file, shape.webhook_password_env, shape.webhook_password_credential];
        let secret = self.password("alarm.webhook_", keys)?;
        let ca_file = self.path("alarm.webhook_ca_file", shape.webhook_ca_file)?;
        let webhook = match shape.webhook {
            Some(written) => {
                let Parts { host, port, path, tls } = self.value(&written, "alarm.webhook", webhook)?;
                Some(AlarmWebhook { host, port, path, tls, password: secret, ca_file })
            }
            None => None,
        };
        let keys = [shape.password_file, shape.password_env, shape.password_credential];
        let password = self.password("alarm.", keys)?;
        let ca_file = self.path("alarm.ca_file", shape.ca_file)?;
        let mailbox = match (shape.mailbox, shape.url) {
            (Some(mailbox), Some(url)) => {
                let address = self.value(&mailbox, "alarm.mailbox", address)?;
                let way = self.value(&url, "alarm.url", OutgoingUrl::parse)?;
                let has_user = matches!(way, OutgoingUrl::Smtp { user: Some(_), .. });
                self.password_fits(has_user, password.is_some(), &url, "alarm.url")?;
                Some((address, Outgoing { url: way, password, ca_file }))
            }
            (Some(lonely), None) => return Err(self.needs(&lonely, "alarm.mailbox", "`url`, the way out of its own")),
            (None, Some(lonely)) => return Err(self.needs(&lonely, "alarm.url", "`mailbox`, the address")),
            (None, None) => None,
        };
        Ok(Alarm { webhook, mailbox })
    }

    fn needs(&self, lonely: &Spanned<String>, key: &str, other: &str) -> SettingsError {
        let error = self.at(lonely, key, "an alarm by mail needs an address and a way out of its own");
        error.remedy(format!("add {other}")).into()
    }
}

fn address(text: &str, _: &Path) -> Result<EmailAddress, UrlError> {
    EmailAddress::parse(text).map_err(|error| UrlError::new("this is no email address", error.to_string()))
}

/// `https`, or `http` on loopback; no user in it: the secret stands elsewhere.
fn webhook(text: &str, _: &Path) -> Result<Parts, UrlError> {
    const FORM: &str = "write it like `https://alarms.example.com/mailclerk`";
    let wrong = || UrlError::new("this is no url of a webhook", FORM);
    let (scheme, rest) = text.trim().split_once("://").ok_or_else(wrong)?;
    let cut = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(cut).ok_or_else(wrong)?;
    if !rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\')) {
        return Err(wrong());
    }
    if authority.contains('@') {
        return Err(UrlError::new("a secret stands in the url", "name its place with `webhook_password_file`"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().map_err(|_| wrong())?)),
        _ => (authority, None),
    };
    let tls = match scheme {
        "https" => true,
        "http" if is_loopback(host) => false,
        "http" => return Err(UrlError::new("alarms over http can be read by anyone on the way", "write `https://`")),
        _ => return Err(wrong()),
    };
    if host.is_empty() {
        return Err(wrong());
    }
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Parts { host: host.to_owned(), port: port.unwrap_or(if tls { 443 } else { 80 }), path, tls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_are_read_and_refused() {
        for (text, host, port, path, tls) in [
            ("https://a.example/b?c=d", "a.example", 443, "/b?c=d", true),
            ("https://a.example:8443", "a.example", 8443, "/", true),
            ("https://a.example?x", "a.example", 443, "/?x", true),
            ("http://127.0.0.1:9/x", "127.0.0.1", 9, "/x", false),
            ("https://[::1]/x", "[::1]", 443, "/x", true),
        ] {
            let read = webhook(text, Path::new("")).unwrap();
            assert_eq!((read.host.as_str(), read.port, read.path.as_str(), read.tls), (host, port, path, tls));
        }
        for text in
            ["a.example", "http://a.example/", "https://u:p@a.example/", "https:///x", "ftp://a/", "https://a/\r\nX: y"]
        {
            assert!(webhook(text, Path::new("")).is_err(), "{text}");
        }
    }
}

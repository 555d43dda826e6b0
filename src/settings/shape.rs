//! The settings file's shape, as it is written; [`super::build`] makes values of it.

use super::{LogFormat, LogLevel};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub database: Option<Spanned<String>>,
    pub database_password_file: Option<Spanned<String>>,
    pub database_password_env: Option<Spanned<String>>,
    pub database_password_credential: Option<Spanned<String>>,
    pub desks: Option<Spanned<String>>,
    pub public_url: Option<Spanned<String>>,
    #[serde(default)]
    pub mailbox: Vec<Mailbox>,
    pub outgoing: Option<Outgoing>,
    pub web: Option<Web>,
    pub portal: Option<Portal>,
    pub alarm: Option<Alarm>,
    #[serde(default)]
    pub secrets: Secrets,
    #[serde(default)]
    pub log: Log,
}

/// A `[[mailbox]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mailbox {
    pub id: Option<Spanned<String>>,
    pub desk: Spanned<String>,
    pub url: Spanned<String>,
    pub password_file: Option<Spanned<String>>,
    pub password_env: Option<Spanned<String>>,
    pub password_credential: Option<Spanned<String>>,
    pub ca_file: Option<Spanned<String>>,
    pub start: Option<Spanned<Start>>,
    pub sent: Option<Spanned<String>>,
    pub sent_copies: Option<super::SentCopies>,
    pub watch_sent: Option<bool>,
    pub trust: Option<Spanned<Trust>>,
}

/// An instant may be written with or without quotes.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Start {
    Word(String),
    Instant(Datetime),
}

/// How a pass is known.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Trust {
    Rfc8601(String),
    Microsoft365,
    Header(String),
    None,
}

/// `[outgoing]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outgoing {
    pub url: Option<Spanned<String>>,
    pub password_file: Option<Spanned<String>>,
    pub password_env: Option<Spanned<String>>,
    pub password_credential: Option<Spanned<String>>,
    pub ca_file: Option<Spanned<String>>,
}

/// `[alarm]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alarm {
    pub webhook: Option<Spanned<String>>,
    pub webhook_password_file: Option<Spanned<String>>,
    pub webhook_password_env: Option<Spanned<String>>,
    pub webhook_password_credential: Option<Spanned<String>>,
    pub webhook_ca_file: Option<Spanned<String>>,
    pub mailbox: Option<Spanned<String>>,
    pub url: Option<Spanned<String>>,
    pub password_file: Option<Spanned<String>>,
    pub password_env: Option<Spanned<String>>,
    pub password_credential: Option<Spanned<String>>,
    pub ca_file: Option<Spanned<String>>,
}

/// `[web]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Web {
    pub listen: Option<Spanned<String>>,
    pub idle_minutes: Option<Spanned<i64>>,
    pub session_hours: Option<Spanned<i64>>,
    pub proxy: Option<Spanned<Proxy>>,
}

/// `[portal]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Portal {
    pub listen: Option<Spanned<String>>,
    pub public_url: Option<Spanned<String>>,
    pub idle_minutes: Option<Spanned<i64>>,
    pub session_hours: Option<Spanned<i64>>,
    pub proxy: Option<Spanned<Proxy>>,
}

/// `proxy = { … }` of `[web]` and `[portal]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proxy {
    pub from: Option<Vec<Spanned<String>>>,
    pub user_header: Option<Spanned<String>>,
    pub address_header: Option<Spanned<String>>,
}

/// `[secrets]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secrets {
    pub key_file: Option<Spanned<String>>,
}

/// `[log]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub format: Option<LogFormat>,
    pub level: Option<LogLevel>,
}

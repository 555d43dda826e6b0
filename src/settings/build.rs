//! Making settings of the file and the environment, with every complaint at its place.

use super::shape::{self, File};
use super::url::is_loopback;
use super::{
    DatabaseUrl, Environment, Log, LogFormat, LogLevel, Outgoing, OutgoingUrl, SecretSource, Settings, SettingsError,
    UrlError, VARIABLES,
};
use crate::strict::{self, StrictError};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Variables that begin like ours and are read elsewhere.
const OTHER_VARIABLES: [&str; 1] = ["MAILCLERK_CONFIG"];

/// Reads settings: `text` is the content of `file`, and `environment` goes over it ([`VARIABLES`]).
///
/// # Errors
///
/// What is not known, not whole or not usable, with file, line, key and remedy, or with the variable's name.
pub fn read(file: &Path, text: &str, environment: &Environment) -> Result<Settings, SettingsError> {
    let base = file.parent().unwrap_or(Path::new("")).to_owned();
    let shape: File = strict::read(file, text)?;
    Builder { file, text, base, environment }.settings(shape)
}

/// Settings that are being made.
pub(super) struct Builder<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
    /// Where relative paths start.
    pub(super) base: PathBuf,
    environment: &'a Environment,
}

/// The values of the three keys that say where a password is: file, environment, credential.
type PasswordKeys = [Option<Spanned<String>>; 3];
/// What each of these keys ends with.
const PASSWORD_KEYS: [&str; 3] = ["password_file", "password_env", "password_credential"];

impl Builder<'_> {
    fn settings(&self, shape: File) -> Result<Settings, SettingsError> {
        let database = self.chosen("MAILCLERK_DATABASE", shape.database, "database", DatabaseUrl::parse)?;
        let database = database.unwrap_or_else(|| DatabaseUrl::Sqlite(self.base.join("mailclerk.db")));
        let database_password = self.password(
            "database_",
            [shape.database_password_file, shape.database_password_env, shape.database_password_credential],
        )?;
        let desks = match self.variable("MAILCLERK_DESKS") {
            Some(folder) => Some(PathBuf::from(folder)),
            None => self.path("desks", shape.desks)?,
        };
        let public_url = self.chosen("MAILCLERK_PUBLIC_URL", shape.public_url, "public_url", public_url)?;
        let web = self.web(shape.web)?;
        let mut settings = Settings {
            database,
            database_password,
            desks,
            public_url,
            mailboxes: self.mailboxes(shape.mailbox)?,
            outgoing: self.outgoing(shape.outgoing)?,
            portal: self.portal(shape.portal, web.as_ref())?,
            web,
            alarm: self.alarm(shape.alarm)?,
            key_file: self.path("secrets.key_file", shape.secrets.key_file)?,
            log: self.log(&shape.log)?,
            warnings: Vec::new(),
        };
        settings.warnings = self.warnings(&settings);
        Ok(settings)
    }

    fn outgoing(&self, shape: Option<shape::Outgoing>) -> Result<Outgoing, SettingsError> {
        let overridden = self.overriding("MAILCLERK_OUTGOING_URL", OutgoingUrl::parse)?;
        let (url, password, ca_file) = match shape {
            Some(shape) => {
                let keys = [shape.password_file, shape.password_env, shape.password_credential];
                (shape.url, self.password("outgoing.", keys)?, self.path("outgoing.ca_file", shape.ca_file)?)
            }
            None => (None, None, None),
        };
        let has_user = |url: &OutgoingUrl| matches!(url, OutgoingUrl::Smtp { user: Some(_), .. });
        if let Some(chosen) = overridden {
            if has_user(&chosen) && password.is_none() {
                let error = UrlError::new("the account needs a password", "name its place in `[outgoing]`");
                return Err(SettingsError::Environment { variable: "MAILCLERK_OUTGOING_URL".to_owned(), error });
            }
            // A rehearsal sends elsewhere than the file says: then the file's password is not for it.
            let password = password.filter(|_| has_user(&chosen));
            return Ok(Outgoing { url: chosen, password, ca_file });
        }
        let Some(written) = url else {
            let error = StrictError::at(self.file, self.text, 0..0, "outgoing.url", "it is not said how mail goes out");
            let remedy = "add a table `[outgoing]` with `url = \"smtps://user@host\"` or `url = \"folder:out\"`";
            return Err(error.remedy(remedy).into());
        };
        let url = self.value(&written, "outgoing.url", OutgoingUrl::parse)?;
        self.password_fits(has_user(&url), password.is_some(), &written, "outgoing.url")?;
        Ok(Outgoing { url, password, ca_file })
    }

    pub(super) fn password_fits(
        &self,
        has_user: bool,
        given: bool,
        at: &Spanned<String>,
        key: &str,
    ) -> Result<(), SettingsError> {
        let (reason, remedy) = match (has_user, given) {
            (true, false) => {
                ("the account needs a password", "add `password_file`, `password_env` or `password_credential`")
            }
            (false, true) => ("a password is given, and the url names no account for it", "remove the password's key"),
            _ => return Ok(()),
        };
        Err(self.at(at, key, reason).remedy(remedy).into())
    }

    /// The one place of a password; `prefix` stands before its key's name.
    pub(super) fn password(&self, prefix: &str, keys: PasswordKeys) -> Result<Option<SecretSource>, SettingsError> {
        let mut found = None;
        for (name, value) in PASSWORD_KEYS.into_iter().zip(keys) {
            let Some(value) = value else { continue };
            let key = format!("{prefix}{name}");
            if found.is_some() {
                let error = self.at(&value, &key, "the password's place is named twice");
                return Err(error.remedy("keep one of `…_file`, `…_env` and `…_credential`").into());
            }
            let word = value.get_ref().clone();
            let usable = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
            found = match name {
                "password_file" => self.path(&key, Some(value))?.map(SecretSource::File),
                _ if !usable || word.starts_with('.') => {
                    let error = self.at(&value, &key, "this is the name of no variable or credential");
                    return Err(error.remedy("write a name here; the secret itself stands elsewhere").into());
                }
                "password_env" => Some(SecretSource::Variable(word)),
                _ => Some(SecretSource::Credential(word)),
            };
        }
        Ok(found)
    }

    fn log(&self, shape: &shape::Log) -> Result<Log, SettingsError> {
        let format: Option<LogFormat> = self.overriding("MAILCLERK_LOG_FORMAT", word)?;
        let level: Option<LogLevel> = self.overriding("MAILCLERK_LOG_LEVEL", word)?;
        Ok(Log {
            format: format.or(shape.format).unwrap_or_default(),
            level: level.or(shape.level).unwrap_or_default(),
        })
    }

    fn warnings(&self, settings: &Settings) -> Vec<String> {
        let mut warnings = Vec::new();
        warnings.extend(settings.web.iter().flat_map(|web| web.warnings(settings.public_url.as_deref())));
        warnings.extend(settings.portal_warnings());
        let passwords = settings.mailboxes.iter().map(|mailbox| &mailbox.password);
        let of_webhook = settings.alarm.webhook.iter().map(|webhook| &webhook.password);
        let of_mailbox = settings.alarm.mailbox.iter().map(|(_, outgoing)| &outgoing.password);
        let own = [&settings.outgoing.password, &settings.database_password];
        let all = passwords.chain(own).chain(of_webhook).chain(of_mailbox);
        let named: BTreeSet<&str> = all
            .filter_map(|source| match source {
                Some(SecretSource::Variable(name)) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let known: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).chain(OTHER_VARIABLES).collect();
        for name in self.environment.keys().filter(|name| name.starts_with("MAILCLERK_")) {
            if !known.contains(&name.as_str()) && !named.contains(name.as_str()) {
                let remedy = strict::suggestion(name, &known);
                warnings.push(format!("the variable {name} in the environment means nothing here; {remedy}"));
            }
        }
        warnings
    }

    /// The variable's value; an empty one counts as not set.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn overriding<T>(
        &self,
        name: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<Option<T>, SettingsError> {
        let parsed = self.variable(name).map(|value| parse(value, Path::new(""))).transpose();
        parsed.map_err(|error| SettingsError::Environment { variable: name.to_owned(), error })
    }

    /// The value of a variable, else of the file's key.
    pub(super) fn chosen<T>(
        &self,
        variable: &str,
        written: Option<Spanned<String>>,
        key: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<Option<T>, SettingsError> {
        match self.overriding(variable, &parse)? {
            Some(value) => Ok(Some(value)),
            None => written.map(|written| self.value(&written, key, parse)).transpose(),
        }
    }

    pub(super) fn value<T>(
        &self,
        written: &Spanned<String>,
        key: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<T, SettingsError> {
        parse(written.get_ref(), &self.base)
            .map_err(|error| self.at(written, key, &error.reason).remedy(error.remedy).into())
    }

    pub(super) fn path(&self, key: &str, written: Option<Spanned<String>>) -> Result<Option<PathBuf>, SettingsError> {
        let Some(written) = written else { return Ok(None) };
        if written.get_ref().is_empty() {
            return Err(self.at(&written, key, "the path is empty").remedy("write a path, or remove the key").into());
        }
        Ok(Some(self.base.join(written.get_ref())))
    }

    pub(super) fn at<T>(&self, written: &Spanned<T>, key: &str, reason: &str) -> StrictError {
        StrictError::at(self.file, self.text, written.span(), key, reason)
    }
}

/// A word of one of the settings' closed lists.
fn word<T: for<'de> Deserialize<'de>>(text: &str, _: &Path) -> Result<T, UrlError> {
    let words: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(words).map_err(|error| {
        let known = error.to_string().split_once("expected ").map(|(_, known)| known.to_owned());
        UrlError::new("this word is not known", format!("write {}", known.unwrap_or_default()))
    })
}

/// An url without a slash at the end; `https`, or `http` on loopback.
pub(super) fn public_url(text: &str, _: &Path) -> Result<String, UrlError> {
    const FORM: &str = "write it like `https://desk.example.com`";
    let url = text.trim().trim_end_matches('/');
    let (scheme, rest) = url.split_once("://").ok_or_else(|| UrlError::new("this is no url", FORM))?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '@' | '"' | '<' | '>' | '\\');
    if host.is_empty() || rest.contains(strange) {
        return Err(UrlError::new("the url must be a host, and a path where there is one", FORM));
    }
    match scheme {
        "https" => Ok(url.to_owned()),
        "http" if is_loopback(host) => Ok(url.to_owned()),
        "http" => Err(UrlError::new("links over http can be read by anyone on the way", "write `https://`")),
        _ => Err(UrlError::new("the url must begin with `https://`", FORM)),
    }
}

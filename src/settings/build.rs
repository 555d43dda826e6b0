//! Making settings of the file and the environment, with every complaint at its place.

use super::shape::{self, File};
use super::url::is_loopback;
use super::{
    DatabaseUrl, Environment, Log, LogFormat, LogLevel, Mailbox, MailboxUrl, Outgoing, OutgoingUrl, SecretSource,
    Settings, SettingsError, Start, Trust, UrlError, VARIABLES,
};
use crate::strict::{self, StrictError};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Variables that begin like ours and are read elsewhere.
const OTHER_VARIABLES: [&str; 1] = ["MAILCLERK_CONFIG"];
/// The port of the web pages where none is given.
const DEFAULT_PORT: u16 = 8025;
/// The longest id of a mailbox, in bytes.
const LONGEST_ID: usize = 300;

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

struct Builder<'a> {
    file: &'a Path,
    text: &'a str,
    base: PathBuf,
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
        let mut settings = Settings {
            database,
            database_password,
            desks,
            public_url,
            mailboxes: self.mailboxes(shape.mailbox)?,
            outgoing: self.outgoing(shape.outgoing)?,
            listen: self
                .chosen("MAILCLERK_WEB_LISTEN", shape.web.listen, "web.listen", listen)?
                .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT))),
            key_file: self.path("secrets.key_file", shape.secrets.key_file)?,
            log: self.log(&shape.log)?,
            warnings: Vec::new(),
        };
        settings.warnings = self.warnings(&settings);
        Ok(settings)
    }

    fn mailboxes(&self, shapes: Vec<shape::Mailbox>) -> Result<Vec<Mailbox>, SettingsError> {
        if shapes.is_empty() {
            let error = StrictError::at(self.file, self.text, 0..0, "mailbox", "no mailbox is named");
            let remedy = "add a table `[[mailbox]]` with `desk = …` and `url = \"imaps://user@host/INBOX\"`";
            return Err(error.remedy(remedy).into());
        }
        let (mut ids, mut urls) = (BTreeSet::new(), BTreeSet::new());
        let mut mailboxes = Vec::new();
        for (index, shape) in shapes.into_iter().enumerate() {
            let key = |name: &str| format!("mailbox[{index}].{name}");
            let place = shape.url.clone();
            let id_place = shape.id.clone().unwrap_or_else(|| shape.url.clone());
            let mailbox = self.mailbox(shape, &key)?;
            if !urls.insert(mailbox.url.to_string()) {
                let error = self.at(&place, &key("url"), "this mailbox is named twice");
                return Err(error.remedy("keep one of the two: a mailbox belongs to one desk").into());
            }
            if !ids.insert(mailbox.id.clone()) {
                let error = self.at(&id_place, &key("id"), "another mailbox has this id");
                return Err(error.remedy("give each mailbox an `id` of its own").into());
            }
            mailboxes.push(mailbox);
        }
        Ok(mailboxes)
    }

    fn mailbox(&self, shape: shape::Mailbox, key: &dyn Fn(&str) -> String) -> Result<Mailbox, SettingsError> {
        let refuse = |at: &Spanned<String>, name: &str, error: UrlError| -> SettingsError {
            self.at(at, &key(name), &error.reason).remedy(error.remedy).into()
        };
        let url = MailboxUrl::parse(shape.url.get_ref(), &self.base).map_err(|e| refuse(&shape.url, "url", e))?;
        // Without the settings' own folder, so that the whole installation can be moved.
        let short = MailboxUrl::parse(shape.url.get_ref(), Path::new("")).map_err(|e| refuse(&shape.url, "url", e))?;
        let desk = shape.desk.get_ref().clone();
        if !is_desk_id(&desk) {
            let error = UrlError::new("this is no desk's id", "write the name of its policy file without `.toml`");
            return Err(refuse(&shape.desk, "desk", error));
        }
        let id = match &shape.id {
            None => format!("{desk}:{short}"),
            Some(id) if is_id(id.get_ref()) => id.get_ref().clone(),
            Some(id) => {
                let error = UrlError::new("this cannot be an id", "write letters, digits and dashes");
                return Err(refuse(id, "id", error));
            }
        };
        let password = self.password(&key(""), [shape.password_file, shape.password_env, shape.password_credential])?;
        let is_imap = matches!(url, MailboxUrl::Imap { .. });
        self.password_fits(is_imap, password.is_some(), &shape.url, &key("url"))?;
        if let (false, Some(at)) = (is_imap, shape.ca_file.as_ref().or(shape.sent.as_ref())) {
            let error = UrlError::new("a Maildir has no server", "remove this key, or read an IMAP server");
            let name = if shape.ca_file.is_some() { "ca_file" } else { "sent" };
            return Err(refuse(at, name, error));
        }
        let start = match &shape.start {
            Some(start) => self.start(start, &key("start"))?,
            None if is_imap => Start::Now,
            None => Start::All,
        };
        let sent = shape.sent.map(Spanned::into_inner).filter(|folder| !folder.trim().is_empty());
        let trust = self.trust(shape.trust, &key("trust"))?;
        let ca_file = self.path(&key("ca_file"), shape.ca_file)?;
        Ok(Mailbox { id, desk, url, password, ca_file, start, sent, trust })
    }

    fn outgoing(&self, shape: Option<shape::Outgoing>) -> Result<Outgoing, SettingsError> {
        let overridden = self.from_variable("MAILCLERK_OUTGOING_URL", OutgoingUrl::parse)?;
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

    fn password_fits(&self, has_user: bool, given: bool, at: &Spanned<String>, key: &str) -> Result<(), SettingsError> {
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
    fn password(&self, prefix: &str, keys: PasswordKeys) -> Result<Option<SecretSource>, SettingsError> {
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

    fn start(&self, written: &Spanned<shape::Start>, key: &str) -> Result<Start, SettingsError> {
        let text = match written.get_ref() {
            shape::Start::Word(word) => word.trim().to_owned(),
            shape::Start::Instant(instant) => instant.to_string(),
        };
        match text.to_lowercase().as_str() {
            "now" => return Ok(Start::Now),
            "all" => return Ok(Start::All),
            _ => {}
        }
        text.parse::<Timestamp>().map(Start::At).map_err(|_| {
            let error = StrictError::at(self.file, self.text, written.span(), key, "this is no start");
            error.remedy("write `now`, `all` or an instant with its offset like `2026-11-01T00:00:00Z`").into()
        })
    }

    fn trust(&self, written: Option<Spanned<shape::Trust>>, key: &str) -> Result<Trust, SettingsError> {
        let Some(written) = written else { return Ok(Trust::None) };
        let refuse = |reason: &str, remedy: &str| -> SettingsError {
            StrictError::at(self.file, self.text, written.span(), key, reason).remedy(remedy).into()
        };
        match written.get_ref() {
            shape::Trust::None => Ok(Trust::None),
            shape::Trust::Microsoft365 => Ok(Trust::Microsoft365),
            shape::Trust::Rfc8601(id) if id.trim().is_empty() || id.contains(char::is_whitespace) => {
                Err(refuse("this is no authserv-id", "write the word behind `Authentication-Results:` in your mail"))
            }
            shape::Trust::Rfc8601(id) => Ok(Trust::Rfc8601 { authserv_id: id.trim().to_owned() }),
            shape::Trust::Header(line) => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                let (name, value) = (name.trim(), value.trim());
                // RFC 5322, section 3.6.8: printable ASCII without the colon.
                if name.is_empty() || value.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(refuse("this is no header with a value", "write it like `X-Sender-Verified: pass`"));
                }
                Ok(Trust::Header { name: name.to_owned(), value: value.to_owned() })
            }
        }
    }

    fn log(&self, shape: &shape::Log) -> Result<Log, SettingsError> {
        let format: Option<LogFormat> = self.from_variable("MAILCLERK_LOG_FORMAT", word)?;
        let level: Option<LogLevel> = self.from_variable("MAILCLERK_LOG_LEVEL", word)?;
        Ok(Log {
            format: format.or(shape.format).unwrap_or_default(),
            level: level.or(shape.level).unwrap_or_default(),
        })
    }

    fn warnings(&self, settings: &Settings) -> Vec<String> {
        let mut warnings = Vec::new();
        if settings.database.may_be_unprotected() {
            warnings.push(
                "the connection to the database may be without TLS; add `?sslmode=verify-full` to its url".to_owned(),
            );
        }
        if !settings.listen.ip().is_loopback() {
            let words = "the web pages listen beyond this machine and speak no TLS; put a proxy with TLS before them";
            warnings.push(words.to_owned());
        }
        let passwords = settings.mailboxes.iter().map(|mailbox| &mailbox.password);
        let all = passwords.chain([&settings.outgoing.password, &settings.database_password]);
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
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn from_variable<T>(
        &self,
        name: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<Option<T>, SettingsError> {
        let parsed = self.variable(name).map(|value| parse(value, Path::new(""))).transpose();
        parsed.map_err(|error| SettingsError::Environment { variable: name.to_owned(), error })
    }

    /// The value of a variable, else of the file's key.
    fn chosen<T>(
        &self,
        variable: &str,
        written: Option<Spanned<String>>,
        key: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<Option<T>, SettingsError> {
        match self.from_variable(variable, &parse)? {
            Some(value) => Ok(Some(value)),
            None => written.map(|written| self.value(&written, key, parse)).transpose(),
        }
    }

    fn value<T>(
        &self,
        written: &Spanned<String>,
        key: &str,
        parse: impl Fn(&str, &Path) -> Result<T, UrlError>,
    ) -> Result<T, SettingsError> {
        parse(written.get_ref(), &self.base)
            .map_err(|error| self.at(written, key, &error.reason).remedy(error.remedy).into())
    }

    fn path(&self, key: &str, written: Option<Spanned<String>>) -> Result<Option<PathBuf>, SettingsError> {
        let Some(written) = written else { return Ok(None) };
        if written.get_ref().is_empty() {
            return Err(self.at(&written, key, "the path is empty").remedy("write a path, or remove the key").into());
        }
        Ok(Some(self.base.join(written.get_ref())))
    }

    fn at(&self, written: &Spanned<String>, key: &str, reason: &str) -> StrictError {
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

fn listen(text: &str, _: &Path) -> Result<SocketAddr, UrlError> {
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    text.parse().map_err(|_| UrlError::new("this is no address to listen on", "write it like `127.0.0.1:8025`"))
}

/// An url without a slash at the end; `https`, or `http` on loopback.
fn public_url(text: &str, _: &Path) -> Result<String, UrlError> {
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

fn is_desk_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn is_id(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_ID && !text.chars().any(char::is_control)
}

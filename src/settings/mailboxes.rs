//! Making the mailboxes of the settings: their urls, ids, starts and trust.

use super::build::Builder;
use super::{Mailbox, MailboxUrl, SentCopies, SettingsError, Start, Trust, UrlError, shape};
use crate::strict::StrictError;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;

/// The longest id of a mailbox, in bytes.
const LONGEST_ID: usize = 300;

impl Builder<'_> {
    pub(super) fn mailboxes(&self, shapes: Vec<shape::Mailbox>) -> Result<Vec<Mailbox>, SettingsError> {
        if shapes.is_empty() {
            let error = StrictError::at(self.file, self.text, 0..0, "mailbox", "no mailbox is named");
            let remedy = "add a table `[[mailbox]]` with `desk = …` and `url = \"imaps://user@host/INBOX\"`";
            return Err(error.remedy(remedy).into());
        }
        let (mut ids, mut sent_ids, mut urls) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
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
            // What is read in its Sent folder is remembered under an id of its own.
            sent_ids.insert(mailbox.sent_id());
            if !ids.is_disjoint(&sent_ids) {
                let error =
                    self.at(&id_place, &key("id"), "one mailbox's id is that of another's folder for sent mail");
                return Err(error
                    .remedy("give each mailbox an `id` that is not another's with `/sent` behind it")
                    .into());
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
            Some(id) if OUR_OWN.contains(&id.get_ref().as_str()) => {
                let error = UrlError::new("mailclerk itself is called so", "give the mailbox another `id`");
                return Err(refuse(id, "id", error));
            }
            Some(id) if is_id(id.get_ref()) => id.get_ref().clone(),
            Some(id) => {
                let error = UrlError::new("this cannot be an id", "write letters, digits and dashes");
                return Err(refuse(id, "id", error));
            }
        };
        let password = self.password(&key(""), [shape.password_file, shape.password_env, shape.password_credential])?;
        let is_imap = matches!(url, MailboxUrl::Imap { .. });
        self.password_fits(is_imap, password.is_some(), &shape.url, &key("url"))?;
        if let (false, Some(at)) = (is_imap, &shape.ca_file) {
            let error = UrlError::new("a Maildir has no server", "remove this key, or read an IMAP server");
            return Err(refuse(at, "ca_file", error));
        }
        let keeps_copies = matches!(shape.sent_copies, Some(SentCopies::Server | SentCopies::Append));
        let watch_sent = shape.watch_sent.unwrap_or(true);
        if let (false, false, Some(at)) = (is_imap, keeps_copies || watch_sent, &shape.sent) {
            let remedy = "remove this key, watch it with `watch_sent = true`, or say with `sent_copies` who puts copies \
                          there: `server` or `append`";
            let reason = "nobody puts copies of sent mail into a Maildir, and it is not watched";
            return Err(refuse(at, "sent", UrlError::new(reason, remedy)));
        }
        let start = match &shape.start {
            Some(start) => self.start(start, &key("start"))?,
            None if is_imap => Start::Now,
            None => Start::All,
        };
        let sent = shape.sent.map(Spanned::into_inner).filter(|folder| !folder.trim().is_empty());
        let trust = self.trust(shape.trust, &key("trust"))?;
        let ca_file = self.path(&key("ca_file"), shape.ca_file)?;
        let sent_copies = shape.sent_copies;
        Ok(Mailbox { id, desk, url, password, ca_file, start, sent, sent_copies, watch_sent, trust })
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
}

/// Where messages are kept that came by no mailbox, but were written in pages of ours, whose authors are believed.
const OUR_OWN: [&str; 2] = ["console", "portal"];

fn is_desk_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn is_id(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_ID && !text.chars().any(char::is_control)
}

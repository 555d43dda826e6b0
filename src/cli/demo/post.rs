//! The demo's mail server: delivers into the Maildir as one does, and writes the answers of people to what they got.

use super::plan::{self, Step, What};
use crate::address::EmailAddress;
use crate::message::Message;
use crate::words::numbers::{Numbering, Tag, take_tags};
use anyhow::Context;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name by which this mail server signs what it found out about a sender; the demo's settings trust it.
pub(super) const SERVER: &str = "mx.demo.example";

/// A mail that left.
pub(super) struct Sent {
    /// The file's name in `outgoing`.
    pub(super) file: String,
    /// The template that it was made from.
    pub(super) template: String,
    /// What it says.
    pub(super) message: Message,
}

impl Sent {
    /// Whether it went to `address`.
    pub(super) fn is_to(&self, address: &EmailAddress) -> bool {
        self.message.to.iter().any(|to| to.address == *address)
    }

    /// The tag and the subject without it.
    pub(super) fn subject(&self, numbering: &Numbering) -> (Option<Tag>, String) {
        let (tags, rest) = take_tags(numbering, &self.message.subject);
        (tags.into_iter().next(), rest)
    }
}

/// Where mail comes and goes.
pub(super) struct Post<'a> {
    /// The demo's folder.
    pub(super) folder: &'a Path,
    /// What the tags of the desk begin with.
    pub(super) numbering: Numbering,
}

impl Post<'_> {
    /// Delivers what the step brings, as a mail server does: written in `tmp`, then moved into `new`.
    pub(super) fn deliver(&self, number: usize, step: &Step) -> anyhow::Result<()> {
        let raw = match &step.what {
            What::Nothing => return Ok(()),
            What::Mail(name) => plan::mail(name)?,
            What::Reply { file, to_sender_of } => self.reply(number, step.at, file, to_sender_of)?,
            What::Staff { file, template, about } => self.staff(number, step.at, file, (template, about))?,
        };
        let maildir = self.folder.join("mail");
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(maildir.join(part))?;
        }
        let name = format!("{}.{number:04}.demo", step.at.as_second());
        std::fs::write(maildir.join("tmp").join(&name), with_result(raw))?;
        std::fs::rename(maildir.join("tmp").join(&name), maildir.join("new").join(&name))?;
        Ok(())
    }

    /// Every mail that left, oldest first.
    pub(super) fn sent(&self) -> anyhow::Result<Vec<Sent>> {
        let files = std::fs::read_dir(self.folder.join("outgoing")).context("no mail has left yet")?.flatten();
        let mut paths: Vec<PathBuf> = files.map(|entry| entry.path()).filter(|path| is_mail(path)).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let message = Message::read(&std::fs::read(&path)?);
            let template = message.header("X-Mailclerk-Template").next().unwrap_or_default().to_owned();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Sent { file, template, message })
        };
        paths.into_iter().map(read).collect()
    }

    /// The tag of the case, or of the returned request, that the mail `name` led to.
    pub(super) fn tag_of(&self, sent: &[Sent], name: &str) -> anyhow::Result<Option<Tag>> {
        let author = author_of(name)?;
        Ok(sent.iter().rev().filter(|one| one.is_to(&author)).find_map(|one| one.subject(&self.numbering).0))
    }

    /// An answer of the sender of the mail `name` to the newest mail that they got.
    fn reply(&self, number: usize, at: Timestamp, file: &str, name: &str) -> anyhow::Result<Vec<u8>> {
        let author = author_of(name)?;
        let sent = self.sent()?;
        let got = sent.iter().rev().find(|sent| sent.is_to(&author));
        let got = got.with_context(|| format!("the sender of {name} got no mail yet"))?;
        filled(number, at, file, got)
    }

    /// An answer of whoever got the newest mail of a template about the case of a mail; about a mail that led to none, the
    /// newest whose subject names it.
    fn staff(&self, number: usize, at: Timestamp, file: &str, which: (&str, &str)) -> anyhow::Result<Vec<u8>> {
        let (template, name) = which;
        let sent = self.sent()?;
        let subject = Message::read(&plan::mail(name)?).subject;
        let tag = self.tag_of(&sent, name)?;
        let is_about = |one: &&Sent| match &tag {
            Some(tag) => one.subject(&self.numbering).0.as_ref() == Some(tag),
            None => one.message.subject.contains(&subject),
        };
        let of_kind = || sent.iter().filter(|one| one.template == template).filter(is_about);
        // Several who got it at one instant: the first of them answers.
        let newest = of_kind().next_back().map(|one| one.message.date);
        let got = of_kind().find(|one| Some(one.message.date) == newest);
        filled(number, at, file, got.with_context(|| format!("nobody got a mail {template} about {name} yet"))?)
    }
}

pub(super) fn is_mail(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "eml")
}

/// Who wrote the mail `name` of `fixtures/`.
pub(super) fn author_of(name: &str) -> anyhow::Result<EmailAddress> {
    let message = Message::read(&plan::mail(name)?);
    Ok(message.author().with_context(|| format!("the mail {name} has no author"))?.address.clone())
}

/// `file` as an answer to `got`: a whole mail with `{…}` for what depends on it (`.eml`), or the words of a reply.
fn filled(number: usize, at: Timestamp, file: &str, got: &Sent) -> anyhow::Result<Vec<u8>> {
    let words = plan::file(file)?;
    let text = if file.ends_with(".eml") { words.clone() } else { plan::file("frame.eml")? };
    let to = got.message.to.first().context("a mail of the demo went to nobody")?;
    let desk = got.message.author().map(|desk| desk.address.to_string()).unwrap_or_default();
    let quoted: String = got.message.body.visible.lines().map(|line| format!("> {line}\n")).collect();
    let values = BTreeMap::from([
        ("{from}", to.address.to_string()),
        ("{to}", desk),
        ("{subject}", got.message.subject.clone()),
        ("{id}", got.message.message_id.clone().unwrap_or_default()),
        ("{nonce}", number.to_string()),
        ("{date}", at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()),
        ("{day}", got.message.date.map(|at| at.strftime("%b %-d, %Y").to_string()).unwrap_or_default()),
        ("{words}", words.trim_end().to_owned()),
        ("{quoted}", quoted),
    ]);
    Ok(values.iter().fold(text, |text, (name, value)| text.replace(name, value)).into_bytes())
}

/// The mail with what this server found out about its sender above it: in the demo, everybody is who they say.
fn with_result(raw: Vec<u8>) -> Vec<u8> {
    let Some(domain) = Message::read(&raw).author().map(|author| author.address.domain().to_owned()) else {
        return raw;
    };
    let mut signed = format!("Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\n").into_bytes();
    signed.extend(raw);
    signed
}

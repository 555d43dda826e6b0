//! The mail that an act stands for: from the member of staff, to the desk, with their commands, words and files.

use super::{Act, ActFile};
use crate::case::Case;
use crate::desk::{Desk, Staff};
use crate::effects::WrittenHere;
use crate::message::Message;
use anyhow::Context as _;
use jiff::Timestamp;
use mail_builder::MessageBuilder;

/// A file name is cut behind so many characters: more than any file system takes.
const LONGEST_NAME: usize = 200;

/// Writes `act` as the mail that it stands for.
pub(super) fn written(
    desk: &Desk,
    sender: &Staff,
    case: Option<&Case>,
    act: &Act,
    now: Timestamp,
) -> anyhow::Result<WrittenHere> {
    let subject = match case {
        Some(case) => format!("{} [{}]", case.subject, case.number),
        None => one_line(&act.subject),
    };
    let words = body(act);
    let domain = desk.address.domain();
    let mut mail = MessageBuilder::new()
        .from((sender.name.clone(), sender.email.to_string()))
        .to((desk.name.clone(), desk.address.to_string()))
        .subject(subject.as_str())
        .message_id(format!("console.{}@{domain}", act.id))
        .date(now.as_second())
        .text_body(words.as_str());
    for file in &act.files {
        mail = mail.attachment(content_type(&file.content_type), file_name(&file.name), file.bytes.as_slice());
    }
    let raw = mail.write_to_vec().context("failed to write what stands in the form as a mail")?;
    let author = crate::address::Mailbox { name: Some(sender.name.clone()), address: sender.email.clone() };
    let attachments = Message::read(&raw).attachments;
    Ok(WrittenHere { id: act.id, raw, at: now, author, subject, words, attachments })
}

/// The commands, one a line, and below them the words: as a mail has them. A blank line would end a command that runs on.
fn body(act: &Act) -> String {
    let command = |asked: &crate::case::commands::Asked| {
        let lines: Vec<&str> = asked.rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        format!("#{} {}", asked.word, lines.join("\n")).trim_end().to_owned()
    };
    let commands: Vec<String> = act.commands.iter().map(command).collect();
    let parts = [commands.join("\n"), act.text.trim().to_owned()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

pub(in crate::worker) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect()
}

/// The name without its folder, without what nobody sees, and not too long; its extension stays.
pub fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = name.chars().filter(|c| !c.is_control() && !crate::words::fold::is_invisible(*c));
    let name: String = seen.collect::<String>().trim().to_owned();
    if name.chars().count() <= LONGEST_NAME {
        return if name.is_empty() { "file".to_owned() } else { name };
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 10 => (stem, format!(".{extension}")),
        _ => (name.as_str(), String::new()),
    };
    let stem: String = stem.chars().take(LONGEST_NAME - extension.len()).collect();
    format!("{stem}{extension}")
}

/// `type/subtype` in letters of RFC 2045's tokens; anything else is bytes.
pub(in crate::worker) fn content_type(given: &str) -> String {
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        !part.is_empty()
            && part.len() < 80
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let holds = given.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub));
    // A part of several parts, or a mail, would be taken apart when it is read again.
    let is_leaf = !given.starts_with("multipart/") && !given.starts_with("message/");
    if holds && is_leaf { given } else { "application/octet-stream".to_owned() }
}

impl ActFile {
    /// Whether a form's field for files was simply left empty: browsers send one without name and bytes.
    pub fn is_nothing(&self) -> bool {
        self.name.is_empty() && self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_are_made_safe() {
        for (given, kept) in [
            ("claim.pdf", "claim.pdf"),
            ("C:\\temp\\claim \"1\".pdf", "claim \"1\".pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"),
            ("evil\u{202e}fdp.exe", "evilfdp.exe"),
            ("", "file"),
            ("\u{200b}", "file"),
        ] {
            assert_eq!(file_name(given), kept, "{given:?}");
        }
        let long = file_name(&format!("{}.pdf", "ü".repeat(300)));
        assert!(long.ends_with(".pdf") && long.chars().count() == LONGEST_NAME, "{long}");
        for (given, kept) in [
            ("application/pdf", "application/pdf"),
            ("text/plain; charset=utf-8", "text/plain"),
            ("text/plain\r\nX-Evil: 1", "application/octet-stream"),
            ("multipart/mixed", "application/octet-stream"),
            ("message/rfc822", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(content_type(given), kept, "{given:?}");
        }
    }
}

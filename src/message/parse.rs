//! From bytes to `Message`: each part of it is read by the file of its name, put together here.

use super::entity::{self, Budget, Entity};
use super::headers::Field;
use super::report::{self, Facts};
use super::subject_marks;
use super::{
    Attachment, Body, Forwarded, Limits, Message, Report, addresses, attachments, body, charset, encoded_words, ids,
    machine,
};
use crate::address::Mailbox;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Reads `raw`; see [`Message::read_within`].
pub(super) fn read(raw: &[u8], limits: &Limits) -> Message {
    let empty = Message { content_hash: content_hash(raw), bytes: raw.len(), ..Message::default() };
    let refused = |why: String| Message { unparsable: Some(why), ..empty.clone() };
    if raw.len() > limits.bytes {
        return refused(format!("the message has {} bytes; at most {} are read", raw.len(), limits.bytes));
    }
    // Everything below is written not to panic. Should a library do it all the same, a person sees the mail.
    let read = std::panic::catch_unwind(|| read_structure(raw, limits));
    match read {
        Ok(message) => Message { content_hash: empty.content_hash, bytes: empty.bytes, ..message },
        Err(_) => refused("reading the message failed inside the program: please report it".to_owned()),
    }
}

/// The content of attachments of `raw`; see [`Message::attachment_contents`].
pub(super) fn attachment_contents(
    raw: &[u8],
    limits: &Limits,
    most: usize,
    wanted: &mut dyn FnMut(usize, &Attachment) -> bool,
) -> BTreeMap<usize, Vec<u8>> {
    if raw.len() > limits.bytes {
        return BTreeMap::new();
    }
    // As in `read`: what breaks the reader has no attachments there either.
    let contents = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let root = opened(raw, limits).ok()?;
        let body = body::read(&root, limits);
        Some(attachments::contents(&root, &body.parts, limits, most, wanted))
    }));
    contents.ok().flatten().unwrap_or_default()
}

/// The HTML form of the body of `raw`; see [`Message::html_body`].
pub(super) fn html_body(raw: &[u8], limits: &Limits, most: usize) -> Option<String> {
    if raw.len() > limits.bytes {
        return None;
    }
    let found = std::panic::catch_unwind(|| {
        let root = opened(raw, limits).ok()?;
        let body = body::read(&root, limits);
        let mut html = None;
        root.walk(&mut |entity| {
            if html.is_none() && entity.is("text/html") && body.parts.contains(&entity.id) {
                html = Some(entity.text(most));
            }
        });
        html
    });
    found.ok().flatten()
}

/// The structure of `raw`, or why it is no mail.
fn opened<'a>(raw: &'a [u8], limits: &Limits) -> Result<Entity<'a>, &'static str> {
    let root = entity::read(skip_lead(raw), "text/plain", limits.depth, &mut Budget::new(limits));
    not_a_mail(&root, raw).map_or(Ok(root), Err)
}

fn read_structure(raw: &[u8], limits: &Limits) -> Message {
    let root = match opened(raw, limits) {
        Ok(root) => root,
        Err(why) => return Message { unparsable: Some(why.to_owned()), ..Message::default() },
    };
    let mut message = read_fields(&root);
    let read = body::read(&root, limits);
    let facts = Facts {
        root: &root,
        headers: &message.headers,
        from: &message.from,
        to: &message.to,
        subject: &message.subject,
        text: &read.text,
    };
    let found = report::read(&facts);
    message.machine = machine::read(&facts, found.as_ref());
    message.attachments = attachments::read(&root, &read.parts, limits);
    let returned = found.is_some();
    message.report = found.map(|found: report::Found| -> Report { found.report });
    message.forwarded = read.split.forwarded;
    if subject_marks::says_reply(&message.subject) {
        // Below an answer stands what is answered, unless a line says that it is forwarded: history, no message inside.
        message.forwarded.retain(|inner| inner.announced);
    }
    if !returned {
        message.forwarded.extend(attached_messages(&root, limits));
    }
    message.body = Body {
        text: read.text,
        source: read.source,
        visible: read.split.visible,
        quoted: read.split.quoted,
        signature: read.split.signature,
    };
    message
}

/// Drops a byte order mark and empty lines that some exporters put before the header.
fn skip_lead(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let blank = raw.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    raw.get(blank..).unwrap_or_default()
}

/// Why this is no mail, if it is none: no header, or nothing in the header that a mail has.
fn not_a_mail(root: &Entity, raw: &[u8]) -> Option<&'static str> {
    if raw.trim_ascii().is_empty() {
        return Some("the message is empty");
    }
    const KNOWN: &[&str] = &[
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "sender",
        "reply-to",
        "received",
        "return-path",
        "mime-version",
        "in-reply-to",
        "references",
        "delivered-to",
        "envelope-to",
        "importance",
        "priority",
        "keywords",
        "comments",
        "organization",
    ];
    let known = |field: &Field| {
        let name = field.name.to_lowercase();
        KNOWN.contains(&name.as_str())
            || ["content-", "x-", "list-", "resent-", "dkim-", "arc-", "auto"]
                .iter()
                .any(|start| name.starts_with(start))
    };
    match root.header.fields.iter().any(known) {
        true => None,
        false if root.header.fields.is_empty() => Some("there is no message header"),
        false => Some("nothing in its header is a field that a mail has"),
    }
}

/// Everything that stands in the header.
fn read_fields(root: &Entity) -> Message {
    let fields = &root.header.fields;
    let all =
        |name: &'static str| fields.iter().filter(move |f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value.as_str());
    let mailboxes = |name: &'static str| -> Vec<Mailbox> { all(name).flat_map(addresses::read).take(5000).collect() };
    Message {
        headers: fields.iter().map(|f| (f.name.clone(), f.value.clone())).collect(),
        oddly_written: fields.iter().enumerate().filter(|(_, f)| !f.plain).map(|(at, _)| at).collect(),
        message_id: root.header.get("Message-ID").and_then(ids::first),
        in_reply_to: all("In-Reply-To").flat_map(ids::all).collect(),
        references: all("References").flat_map(ids::all).collect(),
        from: mailboxes("From"),
        from_fields: all("From").count(),
        sender: mailboxes("Sender").into_iter().next(),
        reply_to: mailboxes("Reply-To"),
        to: mailboxes("To"),
        cc: mailboxes("Cc"),
        date: root.header.get("Date").and_then(date),
        subject: root.header.get("Subject").map(one_line).unwrap_or_default(),
        ..Message::default()
    }
}

/// A decoded value in one line: NFC, control characters and runs of white space as one space.
fn one_line(value: &str) -> String {
    let decoded = charset::tidy(&encoded_words::decode(value).replace(|c: char| c.is_control(), " "));
    decoded.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn date(value: &str) -> Option<Timestamp> {
    let date = mail_parser::DateTime::parse_rfc822(value)?;
    Timestamp::from_second(date.is_valid().then(|| date.to_timestamp())?).ok()
}

/// Messages inside that are read at most, each with an eighth of the text of a whole one; all of them are attachments besides.
const INSIDE: usize = 16;

/// The messages that stand in this one as parts, one level deep.
fn attached_messages(root: &Entity, limits: &Limits) -> Vec<Forwarded> {
    let limits = &Limits { text_bytes: limits.text_bytes / 8, ..*limits };
    let mut found = Vec::new();
    root.walk(&mut |entity| {
        if matches!(entity.content_type.value.as_str(), "message/rfc822" | "message/global")
            && entity.depth_left > 0
            && found.len() < INSIDE
        {
            let content = entity.decoded();
            let inner =
                entity::read(skip_lead(&content), "text/plain", entity.depth_left - 1, &mut Budget::new(limits));
            let read = body::read(&inner, limits);
            found.push(Forwarded {
                from: inner.header.get("From").map(one_line),
                subject: inner.header.get("Subject").map(one_line),
                text: read.text,
                visible: read.split.visible,
                announced: false,
                attached: true,
            });
        }
    });
    found
}

/// SHA-256 of `raw` with every line end as CRLF.
pub fn content_hash(raw: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut hashed = 0;
    // Bytes go in as long as they stand: only before a line end without its CR one is put in.
    for end in raw.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at) {
        if end.checked_sub(1).and_then(|before| raw.get(before)) != Some(&b'\r') {
            hash.update(raw.get(hashed..end).unwrap_or_default());
            hash.update(b"\r");
            hashed = end;
        }
    }
    hash.update(raw.get(hashed..).unwrap_or_default());
    hash.finalize().into()
}

#[cfg(test)]
mod tests;

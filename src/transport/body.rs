//! A mail's MIME body: its text in two forms, and what is attached to it. The same mail and contents give the same octets.
//!
//! An attachment goes in base64, so its bytes arrive as they came. RFC 2046, section 5.2.1 forbids that for a part of type
//! `message/rfc822` (and RFC 2045, section 6.4 for every composite type), and sending it undone would change its line
//! ends: such a part goes as `application/octet-stream`, and its name, which ends in `.eml`, says what opens it.

use super::header::is_id;
use crate::effects::{Enclosed, OutgoingMail};
use crate::message::safe_file_name;
use crate::words::keys::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::header::{ContentDisposition, ContentId, ContentTransferEncoding, ContentType};
use lettre::message::{Body, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The decoded content of a mail's attachments, by the SHA-256 that they are known by (lower-case hex). What is not in it
/// could not be had: the mail says so in its place.
pub type Contents = BTreeMap<String, Vec<u8>>;

/// The content's own headers and the content. lettre chooses the encoding of each form of the text: 7bit for short lines
/// of ASCII, else quoted-printable or base64, whichever is shorter.
pub(super) fn body(id: &str, mail: &OutgoingMail, contents: &Contents) -> Vec<u8> {
    let (text, html) = (body_text(&mail.text), body_text(&mail.html));
    if mail.attachments.is_empty() && mail.generated.is_empty() {
        return forms(id, text, html);
    }
    let boundary = boundary(&[id, "mixed", &text, &html]);
    let mut bytes = format!("Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n").into_bytes();
    let mut add = |part: Vec<u8>| {
        bytes.extend(format!("--{boundary}\r\n").into_bytes());
        bytes.extend(part);
    };
    add(with_pictures(id, mail, text, html));
    for file in mail.generated.iter().filter(|file| file.content_id.is_none()) {
        add(attachment(&file_name(&file.name), &file.content_type, &file.content));
    }
    let mut missing = Vec::new();
    for enclosed in &mail.attachments {
        match contents.get(&enclosed.sha256) {
            Some(content) => add(attachment(&file_name(&enclosed.name), &enclosed.content_type, content)),
            None => missing.push(enclosed),
        }
    }
    if !missing.is_empty() {
        add(attachment("not-attached.txt", "text/plain", explanation(&missing).as_bytes()));
    }
    bytes.extend(format!("--{boundary}--\r\n").into_bytes());
    bytes
}

/// The text in its forms, together with the pictures that stand in its HTML, where there are any (RFC 2387).
fn with_pictures(id: &str, mail: &OutgoingMail, text: String, html: String) -> Vec<u8> {
    let is_shown = |content_id: &&str| is_id(content_id) && !html.is_empty();
    let pictures: Vec<_> =
        mail.generated.iter().filter_map(|file| Some((file, file.content_id.as_deref().filter(is_shown)?))).collect();
    if pictures.is_empty() {
        return forms(id, text, html);
    }
    let boundary = boundary(&[id, "related", &text, &html]);
    let head = "Content-Type: multipart/related; type=\"multipart/alternative\";";
    let mut bytes = format!("{head}\r\n boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n").into_bytes();
    bytes.extend(forms(id, text, html));
    for (file, content_id) in pictures {
        bytes.extend(format!("--{boundary}\r\n").into_bytes());
        let part = SinglePart::builder()
            .header(usable_type(&file.content_type, &file.content))
            .header(ContentDisposition::inline_with_name(&file_name(&file.name)))
            .header(ContentId::from(format!("<{content_id}>")))
            .body(Body::dangerous_pre_encoded(base64_lines(&file.content), ContentTransferEncoding::Base64));
        bytes.extend(part.formatted());
    }
    bytes.extend(format!("--{boundary}--\r\n").into_bytes());
    bytes
}

/// The text, in both its forms where there is HTML.
fn forms(id: &str, text: String, html: String) -> Vec<u8> {
    if html.is_empty() {
        return SinglePart::plain(text).formatted();
    }
    let parts = MultiPart::alternative().boundary(boundary(&[id, &text, &html]));
    parts.singlepart(SinglePart::plain(text)).singlepart(SinglePart::html(html)).formatted()
}

/// The hash is over the content too, so that no content can hold its own boundary. Base64 holds no `--` at all.
fn boundary(of: &[&str]) -> String {
    let mut hash = Sha256::new();
    for (index, text) in of.iter().enumerate() {
        // After the id, which can hold no NUL, only: so were the boundaries of mails that may have to be sent again.
        hash = if index == 1 { hash.chain_update([0]) } else { hash }.chain_update(text);
    }
    hex(&hash.finalize()).chars().take(40).collect()
}

fn attachment(name: &str, content_type: &str, content: &[u8]) -> Vec<u8> {
    let part = SinglePart::builder()
        .header(usable_type(content_type, content))
        .header(ContentDisposition::attachment(name))
        .body(Body::dangerous_pre_encoded(base64_lines(content), ContentTransferEncoding::Base64));
    part.formatted()
}

/// Lines of 76 letters (RFC 2045, section 6.8).
fn base64_lines(content: &[u8]) -> Vec<u8> {
    let mut lines = String::with_capacity(content.len() / 57 * 78 + 80);
    for (index, piece) in content.chunks(57).enumerate() {
        if index > 0 {
            lines.push_str("\r\n");
        }
        STANDARD.encode_string(piece, &mut lines);
    }
    lines.into_bytes()
}

/// The type as it came, where it is two plain tokens and may stand in base64; else bytes. Text that can only be UTF-8 is
/// called so, because the parameter that said it did not come with the type.
fn usable_type(written: &str, content: &[u8]) -> ContentType {
    let token = |part: &str| {
        (1..=127).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&b))
    };
    let is_plain = written.split_once('/').is_some_and(|(kind, subtype)| {
        token(kind) && token(subtype) && !["message", "multipart"].iter().any(|one| kind.eq_ignore_ascii_case(one))
    });
    let is_text = written.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    let parameter = match is_text && !content.is_ascii() && std::str::from_utf8(content).is_ok() {
        true => "; charset=utf-8",
        false => "",
    };
    let usable = is_plain.then(|| ContentType::parse(&format!("{written}{parameter}")).ok()).flatten();
    usable.or_else(|| ContentType::parse("application/octet-stream").ok()).unwrap_or(ContentType::TEXT_PLAIN)
}

/// A name for a file beside others: no folder, no control character, nothing that would be read as an encoded word.
/// lettre writes it by RFC 2231 where it is not plain ASCII, or long.
fn file_name(name: &str) -> String {
    safe_file_name(name).unwrap_or_else(|| "attachment".to_owned()).replace("=?", "=_")
}

/// What stands in the place of files that are no longer there.
fn explanation(missing: &[&Enclosed]) -> String {
    let mut text =
        "These files could not be attached to this email, because the desk no longer has them:\r\n\r\n".to_owned();
    for enclosed in missing {
        text.push_str(&format!("- {} ({} bytes)\r\n", file_name(&enclosed.name), enclosed.bytes));
    }
    text.push_str("\r\nPlease ask for them to be sent again.\r\n");
    text
}

/// Text with CRLF at its line ends, however they were written, and without other control characters than the tab.
pub(super) fn body_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    text.replace('\n', "\r\n")
}

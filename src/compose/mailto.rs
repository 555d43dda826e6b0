//! The link by which a return is answered with one tap: a new mail to the desk with the right subject, the pending tag
//! and the form (RFC 6068).
//!
//! A value is filled in only as it was written. One that is masked, that held a link or that is too long for a link
//! leaves its line out: the pending request has it already, and the newest value of a field wins, so that a cut or
//! masked one sent back would spoil what was given.

use super::asks::{Ask, asks, asks_line, asks_member, is_asked};
use super::clean;
use super::context::Context;
use super::subject::tag_text;
use crate::desk::{Desk, FieldRole};
use crate::words::Variant;
use std::fmt::Write;

/// Mail programs cut longer links (Outlook at about 2,000).
pub const LINK_CHARACTERS: usize = 1900;

/// The link, and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailto {
    /// `mailto:…`, percent-encoded: ASCII, at most [`LINK_CHARACTERS`] long.
    pub url: String,
    /// Labels of the fields that were given and whose line is left out of the form.
    pub left_out: Vec<String>,
}

/// The link for the return that `context` tells of. In the plain variant the form is empty and the subject is the tag.
pub fn mailto(desk: &Desk, variant: Variant, context: &Context) -> Mailto {
    let asks = asks(desk, context);
    let mut lines = form(desk, variant, context, &asks);
    let mut left_out: Vec<String> = Vec::new();
    lines.retain(|line| {
        if line.unfit {
            left_out.push(line.label.clone());
        }
        !line.unfit
    });
    let subject = link_subject(desk, variant, context, &asks);
    loop {
        let url = encode(desk, &subject, &lines);
        // The longest value goes first; an empty form always fits the labels that a desk can have, or is cut.
        let longest = lines.iter().enumerate().filter(|(_, line)| !line.value.is_empty());
        let longest = longest.max_by_key(|(_, line)| line.value.len()).map(|(at, _)| at);
        match longest {
            Some(at) if url.len() > LINK_CHARACTERS => left_out.push(lines.remove(at).label),
            None if url.len() > LINK_CHARACTERS && !lines.is_empty() => drop(lines.pop()),
            _ => return Mailto { url, left_out },
        }
    }
}

struct Line {
    label: String,
    value: String,
    unfit: bool,
}

fn form(desk: &Desk, variant: Variant, context: &Context, asks: &[Ask]) -> Vec<Line> {
    let mut lines = Vec::new();
    if asks_line(asks)
        && let Some(label) = desk.subject.line_labels.first()
    {
        lines.push(Line { label: label.clone(), value: String::new(), unfit: false });
    }
    for field in &desk.fields {
        let asked = is_asked(desk, field, asks);
        let given = context.fields.get(&field.id).map(|value| value.trim()).filter(|value| !value.is_empty());
        let given = given.filter(|_| variant == Variant::Full && !asked).unwrap_or_default();
        let cleaned = match field.role {
            FieldRole::Summary => clean::text(given),
            _ => clean::line(given),
        };
        // The word joiner keeps mail programs from making links; behind this link it would only be in the way.
        let cleaned = cleaned.replace('\u{2060}', "");
        let unfit = clean::fold(&cleaned) != clean::fold(given);
        lines.push(Line { label: field.label.clone(), value: cleaned, unfit });
    }
    lines
}

/// The canonical subject where it can be completed; else what of it is known, for the form to complete; then the tag.
fn link_subject(desk: &Desk, variant: Variant, context: &Context, asks: &[Ask]) -> String {
    let tag = context.tag.as_ref().map(|tag| format!("[{}]", tag_text(tag)));
    if variant == Variant::Plain {
        return tag.unwrap_or_default();
    }
    if !desk.subject.is_template {
        // Nothing is asked of a subject there: the case's own, as far as it is known.
        let words = context.canonical_subject.as_deref().map(clean::line);
        return [words, tag].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
    let member = context.member.as_ref().filter(|_| !asks_member(asks)).map(|name| {
        let both = if name.last.is_empty() || name.first.is_empty() { "" } else { ", " };
        clean::line(&format!("{}{both}{}", name.last, name.first))
    });
    let line = context.line.as_ref().filter(|_| !asks_line(asks)).and_then(|id| desk.line(id));
    let canonical = context.canonical_subject.as_deref().map(clean::line);
    let words = match (member, line) {
        (Some(member), Some(line)) => canonical.or_else(|| Some(format!("{member} {}", line.name))),
        (Some(member), None) => Some(member),
        (None, Some(line)) => Some(line.name.clone()),
        (None, None) => None,
    };
    [words, tag].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn encode(desk: &Desk, subject: &str, lines: &[Line]) -> String {
    let body: String = lines.iter().fold(String::new(), |mut body, line| {
        let _ = writeln!(body, "{}: {}", line.label, line.value);
        body
    });
    let address = format!("{}@{}", percent(desk.address.local()), percent(desk.address.domain()));
    format!("mailto:{address}?subject={}&body={}", percent(subject), percent(&body))
}

/// Percent-encodes all but RFC 3986's unreserved characters; a line end is `%0D%0A` (RFC 6068, section 5).
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            b'\n' => encoded.push_str("%0D%0A"),
            b'\r' => {}
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

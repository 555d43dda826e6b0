//! The MIME structure (RFC 2045, RFC 2046) as a tree of entities over the raw bytes, bounded in depth and parts.
//!
//! Written here and not left to mail-parser, because what the field sends must be read: boundaries that are never
//! closed, parents closed before their children, parts without a header. A multipart is cut at its boundary before
//! its parts are read, so that no part can swallow what follows its parent; the cost is size times depth.

use super::Limits;
use super::headers::{self, Header, trim_line_end};
use super::parameters::{self, Parameterised};
use super::{charset, transfer};
use std::borrow::Cow;

/// One MIME entity: a message or a part of one.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    /// Its number in the message, from 0 in order of appearance.
    pub(super) id: usize,
    pub(super) header: Header,
    /// `Content-Type`, with a usable `type/subtype` always.
    pub(super) content_type: Parameterised,
    pub(super) disposition: Parameterised,
    /// The body as it stands in the message, not decoded.
    pub(super) body: &'a [u8],
    /// The parts of a multipart, in order.
    pub(super) children: Vec<Entity<'a>>,
    /// How many levels more may be opened below this one.
    pub(super) depth_left: usize,
}

/// What is left of the bounds while a message is read.
pub(super) struct Budget {
    next_id: usize,
    parts: usize,
    header_bytes: usize,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { next_id: 0, parts: limits.parts, header_bytes: limits.header_bytes }
    }
}

/// Reads `raw`, a message or part whose type is `default` where it says none.
pub(super) fn read<'a>(raw: &'a [u8], default: &str, depth: usize, budget: &mut Budget) -> Entity<'a> {
    let header = headers::read(raw, budget.header_bytes);
    budget.header_bytes = budget.header_bytes.saturating_sub(header.body);
    let body = raw.get(header.body..).unwrap_or_default();
    let mut content_type = parameters::read(header.get("Content-Type").unwrap_or_default());
    content_type.value = usable_type(&content_type.value, default);
    let disposition = parameters::read(header.get("Content-Disposition").unwrap_or_default());
    let id = budget.next_id;
    budget.next_id += 1;
    let mut entity = Entity { id, header, content_type, disposition, body, children: Vec::new(), depth_left: depth };
    if entity.content_type.value.starts_with("multipart/") && depth > 0 {
        read_children(&mut entity, depth, budget);
        if entity.children.is_empty() {
            entity.content_type.value = "text/plain".to_owned(); // No boundary at all: what stands there is the text.
        }
    }
    entity
}

fn usable_type(value: &str, default: &str) -> String {
    let clean = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
    };
    match value.split_once('/') {
        Some((kind, subtype)) if clean(kind) && clean(subtype) => value.to_owned(),
        _ if value.contains("html") => "text/html".to_owned(),
        _ if value.starts_with("multipart") => "multipart/mixed".to_owned(),
        _ => default.to_owned(),
    }
}

fn read_children<'a>(entity: &mut Entity<'a>, depth: usize, budget: &mut Budget) {
    let encoding = entity.header.get("Content-Transfer-Encoding").unwrap_or_default();
    if matches!(encoding.trim().to_ascii_lowercase().as_str(), "base64") && !entity.body.contains(&b'-') {
        return; // RFC 2045 forbids it; nothing in it can be a boundary.
    }
    let default = if entity.content_type.value == "multipart/digest" { "message/rfc822" } else { "text/plain" };
    let declared = entity.content_type.get("boundary").map(str::trim_end).filter(|b| !b.is_empty());
    let mut slices = declared.map(|b| split(entity.body, b.as_bytes(), budget.parts)).unwrap_or_default();
    if slices.is_empty()
        && let Some(guessed) = guess_boundary(entity.body)
    {
        slices = split(entity.body, guessed, budget.parts);
    }
    for slice in slices {
        if budget.parts == 0 {
            return;
        }
        budget.parts -= 1;
        entity.children.push(read(slice, default, depth - 1, budget));
    }
}

/// Cuts `body` at the lines `--boundary`; the preamble and what follows `--boundary--` is dropped.
fn split<'a>(body: &'a [u8], boundary: &[u8], most: usize) -> Vec<&'a [u8]> {
    let mut slices = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in body.split_inclusive(|&b| b == b'\n') {
        let start = at;
        at += line.len();
        let Some(rest) = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) else { continue };
        let rest = rest.trim_ascii_end();
        let closing = rest == b"--";
        if !closing && !rest.is_empty() {
            continue;
        }
        if let Some(begin) = open.take() {
            slices.push(part(body, begin, start));
        }
        if closing || slices.len() >= most {
            return slices;
        }
        open = Some(at);
    }
    if let Some(begin) = open {
        slices.push(body.get(begin..).unwrap_or_default());
    }
    slices
}

/// The bytes of a part: the line end before the boundary belongs to the boundary.
fn part(body: &[u8], begin: usize, end: usize) -> &[u8] {
    trim_line_end(body.get(begin..end).unwrap_or_default())
}

/// Where no boundary was declared, or another than is used: a line `--…` that a `Content-…` field follows.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut previous: &[u8] = b"";
    for line in body.split(|&b| b == b'\n').take(2000) {
        let line = line.trim_ascii_end();
        let field = line.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        if field && previous.len() > 4 && previous.starts_with(b"--") {
            return previous.get(2..);
        }
        previous = line;
    }
    None
}

impl<'a> Entity<'a> {
    /// The body with its transfer encoding undone.
    pub(super) fn decoded(&self) -> Cow<'a, [u8]> {
        transfer::decode(self.body, self.header.get("Content-Transfer-Encoding").unwrap_or_default())
    }

    /// The text of a `text/*` part: at most about `limit` bytes of it.
    pub(super) fn text(&self, limit: usize) -> String {
        // No encoding needs more than three bytes for one, and no charset in use more than two for a letter of ours.
        let raw = self.body.get(..self.body.len().min(limit.saturating_mul(6))).unwrap_or(self.body);
        let bytes = transfer::decode(raw, self.header.get("Content-Transfer-Encoding").unwrap_or_default());
        let bytes = bytes.get(..bytes.len().min(limit.saturating_mul(2))).unwrap_or_default();
        let label = self.content_type.get("charset").map(str::to_owned);
        let label = label.or_else(|| if self.is("text/html") { html_charset(bytes) } else { None });
        charset::tidy(&charset::decode(bytes, label.as_deref()))
    }

    /// Whether the type is `kind` (lower case).
    pub(super) fn is(&self, kind: &str) -> bool {
        self.content_type.value == kind
    }

    /// The file name, from `Content-Disposition` or `Content-Type`, made safe.
    pub(super) fn file_name(&self) -> Option<String> {
        let name = self.disposition.get("filename").or_else(|| self.content_type.get("name"))?;
        safe_name(name)
    }

    /// Every entity of the tree, this one first, in order of appearance.
    pub(super) fn walk<'s>(&'s self, visit: &mut impl FnMut(&'s Entity<'a>)) {
        visit(self);
        for child in &self.children {
            child.walk(visit); // As deep as `Limits::depth` at most.
        }
    }

    /// The first entity of the tree of type `kind`.
    pub(super) fn find<'s>(&'s self, kind: &str) -> Option<&'s Entity<'a>> {
        let mut found = None;
        self.walk(&mut |entity| {
            if found.is_none() && entity.is(kind) {
                found = Some(entity);
            }
        });
        found
    }
}

/// Bytes of a file name that are kept: no file system takes more.
const LONGEST_NAME: usize = 255;

/// A file name without folders, control characters, and characters that turn text round or are not seen, of at most 255 bytes; one that
/// is cut keeps its extension. `None`: nothing is left.
pub fn safe_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty())?;
    let unseen = |c: char| {
        matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut clean: String = last.chars().filter(|&c| !c.is_control() && !unseen(c)).collect();
    shorten(&mut clean);
    let clean = clean.trim();
    (!clean.is_empty() && clean != "." && clean != "..").then(|| clean.to_owned())
}

/// Cuts a file name before its extension, so that what it opens with is still known.
fn shorten(name: &mut String) {
    let extension = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 16 => format!(".{extension}"),
        _ => String::new(),
    };
    if name.len() > LONGEST_NAME {
        charset::cut(name, LONGEST_NAME - extension.len());
        name.push_str(&extension);
    }
}

/// What a page says of its own charset within its first kilobyte.
fn html_charset(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(1024))?).to_ascii_lowercase();
    let (_, after) = start.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    // The page was readable as ASCII up to here, so it is not what it claims.
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(raw: &str) -> String {
        fn show(entity: &Entity) -> String {
            let parts: Vec<String> = entity.children.iter().map(show).collect();
            match parts.as_slice() {
                [] => format!("{}={}", entity.content_type.value, String::from_utf8_lossy(entity.body)),
                _ => format!("{}({})", entity.content_type.value, parts.join(",")),
            }
        }
        show(&read(raw.as_bytes(), "text/plain", 5, &mut Budget::new(&Limits::default())))
    }

    #[test]
    fn multiparts_are_cut_at_their_boundary() {
        let outer = "Content-Type: multipart/mixed; boundary=o\n\n";
        for (raw, expected) in [
            ("--o\n\na\n--o\nContent-Type: text/html\n\nb\n--o--\nend", "multipart/mixed(text/plain=a,text/html=b)"),
            ("--o\n\nnever closed", "multipart/mixed(text/plain=never closed)"),
            ("pre\n--other\nContent-Type: text/html\n\nx\n--other--", "multipart/mixed(text/html=x)"),
            ("no boundary", "text/plain=no boundary"),
            ("--o\n\na\n--o-1\nb\n--o  \n\nc", "multipart/mixed(text/plain=a\n--o-1\nb,text/plain=c)"),
            (
                "--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\na\n--o\n\nb\n--o--",
                "multipart/mixed(multipart/alternative(text/plain=a),text/plain=b)",
            ),
            ("--o\nContent-Type: nonsense\n\na\n--o--", "multipart/mixed(text/plain=a)"),
        ] {
            assert_eq!(tree(&format!("{outer}{raw}")), expected, "{raw}");
        }
    }

    #[test]
    fn parts_are_bounded() {
        let raw = format!("Content-Type: multipart/mixed; boundary=o\n\n{}", "--o\n\n".repeat(5000));
        let entity = read(raw.as_bytes(), "text/plain", 5, &mut Budget::new(&Limits::default()));
        assert_eq!(entity.children.len(), 1000);
    }

    #[test]
    fn names_are_made_safe() {
        let long = safe_name(&format!("{}.pdf", "é".repeat(300))).unwrap();
        assert!(long.len() <= LONGEST_NAME && long.ends_with("é.pdf"), "{long}");
        for (name, safe) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\x\\y.doc", Some("y.doc")),
            ("a\r\nb\0.txt", Some("ab.txt")),
            ("..", None),
            ("/", None),
            ("gpj.\u{202e}exe", Some("gpj.exe")),
        ] {
            assert_eq!(safe_name(name).as_deref(), safe, "{name:?}");
        }
    }
}

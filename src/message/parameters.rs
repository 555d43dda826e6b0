//! `Content-Type` and `Content-Disposition`: a value with parameters (RFC 2045, RFC 2231), as written by anyone.

use super::{charset, encoded_words, transfer};

/// A value, in lower case, and its parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameterised {
    /// What stands before the first `;`, lower case, without comments.
    pub(super) value: String,
    parameters: Vec<(String, String)>,
}

impl Parameterised {
    /// The parameter called `name` (lower case), decoded.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// One piece of a parameter as it was written: `name*2*=value`.
struct Piece {
    name: String,
    section: u32,
    extended: bool,
    value: String,
}

/// Parameters read at most: more are no mail program's.
const MOST: usize = 128;

/// Reads the value of a field.
pub(super) fn read(text: &str) -> Parameterised {
    let mut parts = split_outside_quotes(text).into_iter();
    let value = parts.next().unwrap_or_default();
    let value = value.split(['(', ' ', '\t', ',']).find(|v| !v.is_empty()).unwrap_or_default().to_lowercase();
    let pieces = parts.filter_map(|part| read_piece(&part)).collect();
    Parameterised { value, parameters: join(pieces) }
}

/// Splits at `;` outside quoted strings. A quoted string that is never closed ends at the next `;`.
fn split_outside_quotes(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    let closes = text.rfind('"').unwrap_or(0);
    for (at, c) in text.char_indices() {
        if parts.len() > MOST {
            break;
        }
        match c {
            ';' if !quoted || at > closes => {
                quoted = false;
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn read_piece(part: &str) -> Option<Piece> {
    let (name, value) = part.split_once('=')?;
    let name = name.trim().to_lowercase();
    let value = unquote(value.trim());
    let (name, extended) = match name.strip_suffix('*') {
        Some(name) => (name.to_owned(), true),
        None => (name, false),
    };
    let (name, section) = match name.split_once('*') {
        Some((name, digits)) => (name.to_owned(), digits.parse().ok()?),
        None => (name, 0),
    };
    Some(Piece { name, section, extended, value })
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Windows paths are written with bare backslashes: only what needs it is an escape.
            '\\' => match chars.peek() {
                Some('"' | '\\') => out.extend(chars.next()),
                _ => out.push('\\'),
            },
            '"' => break,
            _ => out.push(c),
        }
    }
    out
}

/// Joins the sections of each parameter and decodes it. The plain form of a name yields to the extended one.
fn join(mut pieces: Vec<Piece>) -> Vec<(String, String)> {
    pieces.sort_by(|a, b| a.name.cmp(&b.name).then(b.extended.cmp(&a.extended)).then(a.section.cmp(&b.section)));
    pieces.sort_by(|a, b| a.name.cmp(&b.name).then(a.section.cmp(&b.section)));
    let mut out: Vec<(String, String)> = Vec::new();
    for group in pieces.chunk_by(|a, b| a.name == b.name) {
        let Some(first) = group.first() else { continue };
        let extended = first.extended.then(|| first.value.splitn(3, '\'').collect::<Vec<_>>());
        let label = match extended.as_deref() {
            Some([label, _, _]) => Some(*label),
            _ => None,
        };
        let mut bytes = Vec::new();
        let mut next = 0;
        for piece in group.iter().filter(|p| p.section >= first.section) {
            if piece.section < next {
                continue; // The same section twice: the first (extended) one stands.
            }
            next = piece.section + 1;
            let content = match (&extended, piece.section == first.section) {
                (Some(parts), true) => parts.last().copied().unwrap_or_default(),
                _ => piece.value.as_str(),
            };
            if piece.extended {
                transfer::percent_like(content.as_bytes(), b'%', &mut bytes);
            } else {
                bytes.extend_from_slice(content.as_bytes());
            }
        }
        let value = charset::decode(&bytes, label);
        let value = if label.is_none() { encoded_words::decode(&value) } else { value };
        out.push((first.name.clone(), value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read() {
        for (text, value, name, parameter) in [
            ("text/plain; charset=utf-8", "text/plain", "charset", Some("utf-8")),
            ("Text/HTML ;charset=\"us-ascii\" (a; b)", "text/html", "charset", Some("us-ascii")),
            ("a/b; filename=\"x;y \\\"z\\\".pdf\"", "a/b", "filename", Some("x;y \"z\".pdf")),
            ("a/b; filename*=utf-8''caf%C3%A9.txt", "a/b", "filename", Some("café.txt")),
            ("a/b; filename*=utf-8''caf%C3%A9.txt; filename=cafe.txt", "a/b", "filename", Some("café.txt")),
            ("a/b; filename=cafe.txt; filename*=utf-8''caf%C3%A9.txt", "a/b", "filename", Some("café.txt")),
            ("a/b; name*1=b; name*0=a; name*2*=%63", "a/b", "name", Some("abc")),
            ("a/b; name*0*=iso-8859-1'en'%E9; name*1*=%E8; name*2=x", "a/b", "name", Some("éèx")),
            ("a/b; name=\"=?utf-8?Q?caf=C3=A9?=\"", "a/b", "name", Some("café")),
            ("a/b; name=my file.pdf", "a/b", "name", Some("my file.pdf")),
            ("a/b; name=\"open; x=1", "a/b", "x", Some("1")),
            ("a/b; name=\"C:\\temp\\x.doc\"", "a/b", "name", Some("C:\\temp\\x.doc")),
            ("", "", "x", None),
        ] {
            let read = read(text);
            assert_eq!((read.value.as_str(), read.get(name)), (value, parameter), "{text}");
        }
    }
}

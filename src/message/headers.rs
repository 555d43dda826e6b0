//! Header fields (RFC 5322, section 2.2): split from the body, unfolded, their raw bytes made text.

use super::charset;

/// One header field: its name as written and its value, unfolded but not decoded.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it is written as programs write fields today; see [`super::Message::oddly_written`].
    pub(super) plain: bool,
}

/// A field whose lines are being read.
struct Open {
    name: String,
    value: Vec<u8>,
    plain: bool,
}

/// The header section of a message or part, and where the body begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) fields: Vec<Field>,
    /// Offset of the body's first byte.
    pub(super) body: usize,
}

impl Header {
    /// The value of the first field called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value.as_str())
    }
}

/// Reads the header section at the start of `raw`. What goes beyond `limit` bytes is passed over.
///
/// Lenient as the field is: an mbox `From ` line is skipped; a line that is no field belongs to the field before it
/// where more fields follow, else the body begins with it.
pub(super) fn read(raw: &[u8], limit: usize) -> Header {
    let mut header = Header::default();
    let mut spent = 0usize;
    let mut open: Option<Open> = None;
    let mut lines = Lines { raw, at: 0 };
    // Behind a line of spaces some programs see the body already.
    let mut past_blank = false;
    while let Some((start, line)) = lines.next() {
        header.body = lines.at;
        if line.is_empty() {
            break;
        }
        let continues = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        if continues
            && line.trim_ascii().is_empty()
            && lines.peek().is_none_or(|l| field_name(l).is_none() && !folded(l))
        {
            break; // A line of spaces where the empty line belongs.
        }
        past_blank |= line.trim_ascii().is_empty();
        let room = limit.saturating_sub(spent);
        spent = spent.saturating_add(line.len());
        let is_cut = line.len() > room;
        let line = line.get(..line.len().min(room)).unwrap_or_default();
        match field_name(line) {
            Some(name_end) if !continues => {
                close(&mut header, open.take());
                let (name, value) = line.split_at(name_end);
                let trimmed = name.trim_ascii();
                let plain = trimmed.len() == name.len() && !is_cut && !past_blank;
                let name = String::from_utf8_lossy(trimmed).into_owned();
                open = Some(Open { name, value: value.get(1..).unwrap_or_default().to_vec(), plain });
            }
            _ if continues => append(&mut open, line, !is_cut && !past_blank),
            _ if start == 0 && (line.starts_with(b"From ") || line.starts_with(b">From ")) => {}
            _ if room == 0 => {}
            _ if open.is_some() && lines.peek().is_some_and(|l| l.is_empty() || field_name(l).is_some()) => {
                append(&mut open, b" ", false);
                append(&mut open, line, false);
            }
            _ if open.is_none() && lines.peek().is_some_and(|l| field_name(l).is_some()) => {}
            _ => {
                header.body = start;
                break;
            }
        }
    }
    close(&mut header, open);
    header
}

fn folded(line: &[u8]) -> bool {
    line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && !line.trim_ascii().is_empty()
}

fn append(open: &mut Option<Open>, bytes: &[u8], plain: bool) {
    if let Some(open) = open {
        open.value.extend_from_slice(bytes);
        open.plain &= plain;
    }
}

fn close(header: &mut Header, field: Option<Open>) {
    if let Some(Open { name, value, plain }) = field {
        let plain = plain && is_plain(&value);
        let value = charset::decode_unlabelled(value.trim_ascii()).replace(['\r', '\n', '\0'], " ");
        header.fields.push(Field { name, value, plain });
    }
}

/// Whether `value` is read by every program as the same text: UTF-8 without control characters and without the mark or
/// the escapes of another charset.
fn is_plain(value: &[u8]) -> bool {
    let text = std::str::from_utf8(value);
    text.is_ok_and(|text| !text.chars().any(|c| (c.is_control() && c != '\t') || c == '\u{feff}'))
}

/// Where the name of a field ends, if `line` begins one: printable ASCII without a space up to the colon.
fn field_name(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(256).position(|&b| b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    (!name.is_empty() && name.iter().all(|b| b.is_ascii_graphic())).then_some(colon)
}

/// Lines without their ends, and where each began.
struct Lines<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let start = self.at;
        let rest = self.raw.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |end| end + 1);
        self.at = start + length;
        Some((start, trim_line_end(rest.get(..length)?)))
    }

    /// The next line, looked at no further than a field's name could reach.
    fn peek(&self) -> Option<&'a [u8]> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let near = rest.get(..rest.len().min(512))?;
        let end = near.iter().position(|&b| b == b'\n').map_or(near.len(), |end| end + 1);
        Some(trim_line_end(near.get(..end)?))
    }
}

pub(super) fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(raw: &[u8]) -> (Vec<(String, String)>, String) {
        let header = read(raw, 10_000);
        let body = String::from_utf8_lossy(&raw[header.body..]).into_owned();
        (header.fields.into_iter().map(|f| (f.name, f.value)).collect(), body)
    }

    #[test]
    fn headers_are_split_leniently() {
        for (raw, expected, body) in [
            (&b"A: 1\r\nB: 2\r\n 3\r\n\r\nx"[..], vec![("A", "1"), ("B", "2 3")], "x"),
            (b"From me Mon\nA: 1\n\nx", vec![("A", "1")], "x"),
            (b"A: 1\nwrapped badly\nB: 2\n\nx", vec![("A", "1 wrapped badly"), ("B", "2")], "x"),
            (b"A: 1\nhello there\nsecond line\n", vec![("A", "1")], "hello there\nsecond line\n"),
            (b"A : 1\n \nx", vec![("A", "1")], "x"),
            (b"A: caf\xe9\nB: caf\xc3\xa9\n\n", vec![("A", "café"), ("B", "café")], ""),
            (b"A:\n\n", vec![("A", "")], ""),
            (b"", vec![], ""),
        ] {
            let (found, rest) = fields(raw);
            let expected: Vec<_> = expected.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            assert_eq!(found, expected);
            assert_eq!(rest, body);
        }
    }
}

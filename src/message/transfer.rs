//! Content transfer encodings (RFC 2045, section 6), read leniently: what is broken is passed over, never refused.

use std::borrow::Cow;

/// Decodes `body` as `Content-Transfer-Encoding: encoding` says. An unknown encoding leaves the bytes as they are.
pub(super) fn decode<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => Cow::Owned(base64(body)),
        "quoted-printable" => Cow::Owned(quoted_printable(body)),
        "x-uuencode" | "uuencode" | "x-uue" => Cow::Owned(uuencode(body)),
        _ => Cow::Borrowed(body),
    }
}

/// Base64 with any line lengths; other characters are skipped, and padding in the middle begins a new run.
pub(super) fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut bits = 0u32;
    let mut count = 0u8;
    let mut rest = text;
    loop {
        // Four letters at once, as nearly all of a body stands.
        while count == 0
            && let Some(([a, b, c, d], after)) = rest.split_first_chunk::<4>()
            && let (Some(a), Some(b), Some(c), Some(d)) = (sextet(*a), sextet(*b), sextet(*c), sextet(*d))
        {
            let bits = a << 18 | b << 12 | c << 6 | d;
            out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            rest = after;
        }
        let Some((&byte, after)) = rest.split_first() else { break };
        rest = after;
        let Some(value) = sextet(byte) else {
            if byte == b'=' {
                flush_base64(&mut out, bits, count);
                (bits, count) = (0, 0);
            }
            continue;
        };
        bits = (bits << 6) | value;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            (bits, count) = (0, 0);
        }
    }
    flush_base64(&mut out, bits, count);
    out
}

/// What a letter of base64 stands for; both alphabets (RFC 4648, sections 4 and 5) are read.
fn sextet(letter: u8) -> Option<u32> {
    const NONE: u8 = 255;
    const VALUES: [u8; 256] = {
        let mut values = [NONE; 256];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut at = 0;
        while at < alphabet.len() {
            values[alphabet[at] as usize] = at as u8;
            at += 1;
        }
        values[b'-' as usize] = 62;
        values[b'_' as usize] = 63;
        values
    };
    VALUES.get(usize::from(letter)).filter(|value| **value != NONE).map(|value| u32::from(*value))
}

fn flush_base64(out: &mut Vec<u8>, bits: u32, count: u8) {
    match count {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// Quoted-printable: soft line breaks joined, white space at line ends dropped, a `=` that begins nothing kept.
pub(super) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let (content, end) = split_line_end(line);
        let content = content.trim_ascii_end();
        let (content, soft) = match content.strip_suffix(b"=") {
            Some(rest) if !end.is_empty() || rest.len() + 1 == line.len() => (rest, true),
            _ => (content, false),
        };
        percent_like(content, b'=', &mut out);
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

/// Copies `content` to `out` with `<mark>XX` turned into the byte that it names.
pub(super) fn percent_like(content: &[u8], mark: u8, out: &mut Vec<u8>) {
    let mut rest = content;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == mark
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(byte);
        }
    }
}

fn split_line_end(line: &[u8]) -> (&[u8], &[u8]) {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let content = content.strip_suffix(b"\r").unwrap_or(content);
    (content, line.get(content.len()..).unwrap_or_default())
}

/// The body of a `begin … end` block (POSIX uuencode).
fn uuencode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end) {
        if line.starts_with(b"begin ") {
            continue;
        }
        if line == b"end" {
            break;
        }
        let Some((&length, data)) = line.split_first() else { continue };
        let length = usize::from(length.wrapping_sub(32) & 63);
        let start = out.len();
        for group in data.chunks(4) {
            let value = |i: usize| group.get(i).map_or(0, |b| u32::from(b.wrapping_sub(32) & 63));
            let bits = value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3);
            out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
        }
        out.truncate(start.saturating_add(length));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_read_leniently() {
        for (input, output) in [
            (&b"a=3Db=\r\nc  \r\nd"[..], &b"a=bc\r\nd"[..]),
            (b"=", b""),
            (b"a=\n", b"a"),
            (b"100 =% x=ZZ", b"100 =% x=ZZ"),
            (b"=c3=A9", "é".as_bytes()),
            (b"soft= \r\nbreak", b"softbreak"),
        ] {
            assert_eq!(quoted_printable(input), output, "{:?}", String::from_utf8_lossy(input));
        }
    }

    #[test]
    fn base64_skips_what_it_cannot_read() {
        assert_eq!(base64(b"aGVs\r\nbG8="), b"hello");
        assert_eq!(base64(b"aGVs!bG8"), b"hello");
        assert_eq!(base64(b"aA==aA=="), b"hh");
        assert_eq!(base64(b"a"), b"");
    }

    #[test]
    fn uuencoded_bodies_are_read() {
        assert_eq!(decode(b"begin 644 x\n#0V%T\n`\nend\n", "x-uuencode").as_ref(), b"Cat");
    }
}

//! From bytes to text: WHATWG labels, and windows-1252 for what names no charset and is no UTF-8.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Decodes `bytes`, whose charset the sender called `label`.
///
/// A label that nobody knows, or none, means UTF-8 where the bytes are UTF-8 and windows-1252 otherwise. `us-ascii` is
/// believed only as far as the bytes are ASCII.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let label = label.map(|l| l.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')));
    match label.filter(|l| !l.is_empty() && !is_ascii_label(l)) {
        None => decode_unlabelled(bytes),
        Some(label) => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding == UTF_8 => decode_utf8(bytes),
            Some(encoding) => encoding.decode(bytes).0.into_owned(),
            // Charsets that the web dropped and mail still has, such as UTF-7 and the DOS code pages.
            None => {
                match mail_parser::decoders::charsets::map::charset_decoder(label.to_ascii_lowercase().as_bytes()) {
                    Some(decoder) => decoder(bytes),
                    None => decode_unlabelled(bytes),
                }
            }
        },
    }
}

fn is_ascii_label(label: &str) -> bool {
    ["us-ascii", "ascii", "ansi_x3.4-1968", "default", "unknown-8bit", "x-unknown", "unknown", "binary", "8bit", "7bit"]
        .iter()
        .any(|name| label.eq_ignore_ascii_case(name))
}

/// Bytes without a charset: UTF-8 where they are UTF-8, Japanese where its escapes stand in them, else windows-1252.
pub(super) fn decode_unlabelled(bytes: &[u8]) -> String {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(skip..).unwrap_or_default()).0.into_owned();
    }
    if bytes.is_ascii() && bytes.contains(&0x1b) && bytes.windows(3).any(|w| matches!(w, b"\x1b$B" | b"\x1b$@")) {
        return ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned();
    }
    decode_utf8(bytes)
}

/// UTF-8, where a few broken bytes stay broken; what is mostly no UTF-8 is windows-1252 under a wrong name.
fn decode_utf8(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    }
    let (mut good, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // Bytes cut in the middle of a character leave one broken place; a single-byte charset breaks nearly everywhere.
    if good > broken { String::from_utf8_lossy(bytes).into_owned() } else { WINDOWS_1252.decode(bytes).0.into_owned() }
}

/// NFC with line ends `\n`, and no control character but tab and line end.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(c),
            '\u{0c}' | '\u{0b}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    if is_nfc(&out) { out } else { out.nfc().collect() }
}

/// Cuts `text` to `limit` bytes at a character's edge.
pub(super) fn cut(text: &mut String, limit: usize) {
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_fall_back() {
        for (bytes, label, text) in [
            (&b"caf\xe9 \x93q\x94"[..], None, "café “q”"),
            (b"caf\xe9", Some("utf-8"), "café"),
            (b"caf\xe9", Some("x-nonsense"), "café"),
            (b"caf\xc3\xa9", Some("us-ascii"), "café"),
            (b"caf\xe9", Some("iso-8859-1"), "café"),
            (b"\xef\xbb\xbfhi", Some("utf-8"), "hi"),
            (b"\xff\xfeh\0i\0", None, "hi"),
            (b"\x1b$B$3$s\x1b(B", None, "こん"),
            (b"+AOk-", Some("utf-7"), "é"),
            (b"\xc3\xa9\xc3\xa8\xc3", Some("utf-8"), "éè\u{fffd}"),
        ] {
            assert_eq!(decode(bytes, label), text, "{bytes:?} as {label:?}");
        }
    }

    #[test]
    fn text_is_tidied() {
        assert_eq!(tidy("a\r\nb\rc\u{0}d\te\u{301}"), "a\nb\ncd\té");
    }
}

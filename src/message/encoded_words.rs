//! Encoded words in header fields (RFC 2047), adjacent ones joined before they are decoded, so that a character that
//! was cut between two of them is whole again.

use super::{charset, transfer};

/// Decodes every encoded word of `value`; all other text stays as it is. White space between two words is dropped.
pub(super) fn decode(value: &str) -> String {
    if !value.contains("=?") {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut pending: Option<(&str, Vec<u8>)> = None;
    let mut rest = value;
    // Looked for once: a field full of beginnings without an end stays linear.
    let last_end = value.rfind("?=").unwrap_or(0);
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        let Some((found, after)) = read_word(word) else {
            flush(&mut out, &mut pending);
            out.push_str(before);
            out.push_str("=?");
            rest = word.get(2..).unwrap_or_default();
            if value.len() - rest.len() > last_end {
                break;
            }
            continue;
        };
        let joined = before.trim().is_empty();
        if !joined || pending.is_none() {
            flush(&mut out, &mut pending);
            out.push_str(before);
        }
        match &mut pending {
            Some((label, bytes)) if label.eq_ignore_ascii_case(found.charset) => bytes.extend(found.bytes),
            _ => {
                flush(&mut out, &mut pending);
                pending = Some((found.charset, found.bytes));
            }
        }
        rest = after;
    }
    flush(&mut out, &mut pending);
    out.push_str(rest);
    out
}

fn flush(out: &mut String, pending: &mut Option<(&str, Vec<u8>)>) {
    if let Some((label, bytes)) = pending.take() {
        out.push_str(&charset::decode(&bytes, Some(label)));
    }
}

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

/// Reads the encoded word at the start of `text` and returns it with what follows.
fn read_word(text: &str) -> Option<(Word<'_>, &str)> {
    let inner = text.strip_prefix("=?")?;
    let near = inner.get(..inner.floor_char_boundary(80))?;
    let (charset, _) = near.split_once('?')?;
    if charset.is_empty() || !charset.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let inner = inner.get(charset.len() + 1..)?;
    let mut letters = inner.chars();
    let (encoding, mark) = (letters.next()?, letters.next()?);
    if mark != '?' || !matches!(encoding, 'B' | 'b' | 'Q' | 'q') {
        return None;
    }
    let content = letters.as_str();
    let end = content.find("?=")?;
    let (encoded, after) = (content.get(..end)?, content.get(end + 2..)?);
    let bytes = match encoding {
        'B' | 'b' => transfer::base64(encoded.as_bytes()),
        _ => {
            if !encoded.is_ascii() {
                return Some((Word { charset: "utf-8", bytes: mixed(encoded, charset).into_bytes() }, after));
            }
            let mut bytes = Vec::with_capacity(encoded.len());
            transfer::percent_like(encoded.replace('_', " ").as_bytes(), b'=', &mut bytes);
            bytes
        }
    };
    // RFC 2231, section 5: a language may follow the charset.
    let charset = charset.split_once('*').map_or(charset, |(name, _)| name);
    Some((Word { charset, bytes }, after))
}

/// A word in which characters stand that should have been encoded: those were read already.
fn mixed(encoded: &str, label: &str) -> String {
    let mut out = String::new();
    let runs = encoded.split_inclusive(|c: char| !c.is_ascii());
    for run in runs {
        let ascii = run.trim_end_matches(|c: char| !c.is_ascii());
        let mut bytes = Vec::new();
        transfer::percent_like(ascii.replace('_', " ").as_bytes(), b'=', &mut bytes);
        out.push_str(&charset::decode(&bytes, Some(label)));
        out.push_str(run.get(ascii.len()..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded() {
        for (input, output) in [
            ("plain", "plain"),
            ("=?utf-8?Q?caf=C3=A9_x?= y", "café x y"),
            ("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"),
            ("=?utf-8?B?ww==?= =?utf-8?B?qQ==?=", "é"),
            ("=?utf-8?Q?=C3?=\t=?utf-8?Q?=A9?= z", "é z"),
            ("a =?iso-8859-1*en?q?=E9?= b", "a é b"),
            ("=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=", "aé"),
            ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
            ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
            ("=?utf-8?Q?open", "=?utf-8?Q?open"),
            ("=?utf-8?Q?with space?=", "with space"),
            ("=?nonsense?Q?=E9?=", "é"),
            ("x=?utf-8?Q?a?=y", "xay"),
            ("=?iso-8859-1?Q?Frösch=E9_x?=", "Frösché x"),
            ("=?utf-8?Q??=", ""),
            ("=? =?utf-8?Q?a?=", "=? a"),
        ] {
            assert_eq!(decode(input), output, "{input}");
        }
    }

    #[test]
    fn hostile_fields_end() {
        for unit in ["=?a?Q?", "=?a?x?", "=? ", "=?a?Q? ", "?="] {
            let many = format!("{}?=", unit.repeat(50_000));
            assert!(decode(&many).len() <= many.len(), "{unit}");
        }
    }
}

//! Whether `From` names its one author in a way that every program reads alike (RFC 5322, section 3.4; RFC 6854).
//!
//! A server checks the domain that *it* reads from `From`. Lenient readers differ on two pairs of angle brackets, groups,
//! routes, encoded words in an address, unclosed quotes: on such a field its result may be about somebody else.

use crate::message::Message;

/// Whether the only `From` field names [`Message::author`] as `address` or `name <address>` and holds nothing besides
/// but comments. Display names may be sloppy, as long as no comma, colon, semicolon or other address stands in them
/// outside quotes.
pub fn is_unambiguous(message: &Message) -> bool {
    let Some(author) = message.author() else { return false };
    let mut fields = message.header_as_written("From");
    let (Some((value, true)), None) = (fields.next(), fields.next()) else { return false };
    address_in(value).is_some_and(|written| written.eq_ignore_ascii_case(&author.address.to_string()))
}

/// The one address of `value`; `None` where it could be another.
fn address_in(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut angle: Option<String> = None;
    let mut quoted = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                skip_quoted(&mut chars)?;
                quoted = true;
            }
            '(' => {
                skip_comment(&mut chars)?;
                text.push(' ');
            }
            '<' if angle.is_none() => angle = Some(bracketed(&mut chars)?),
            '<' | '>' | ')' | ',' | ';' | ':' | '\\' => return None,
            // Behind the closing bracket nothing follows but comments.
            c if angle.is_some() && !matches!(c, ' ' | '\t') => return None,
            c => text.push(c),
        }
    }
    let text = text.trim_matches([' ', '\t']);
    match angle {
        Some(address) => (!text.contains('@') || text.eq_ignore_ascii_case(&address)).then_some(address),
        None => (!quoted && is_bare(text)).then(|| text.to_owned()),
    }
}

/// What stands between angle brackets, where it is an address and nothing else: no route, no quotes, no comment.
fn bracketed(chars: &mut std::str::Chars<'_>) -> Option<String> {
    let (inside, rest) = chars.as_str().split_once('>')?;
    *chars = rest.chars();
    is_bare(inside).then(|| inside.to_owned())
}

fn is_bare(address: &str) -> bool {
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '"' | '(' | ')' | ',' | ';' | '\\');
    address.matches('@').count() == 1 && !address.contains("=?") && !address.contains(strange)
}

fn skip_quoted(chars: &mut std::str::Chars<'_>) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => {
                chars.next()?;
            }
            _ => {}
        }
    }
}

fn skip_comment(chars: &mut std::str::Chars<'_>) -> Option<()> {
    let mut depth = 1usize;
    while depth > 0 {
        match chars.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => {
                chars.next()?;
            }
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_or_none() {
        for (from, expected) in [
            ("jo@agency.example", true),
            ("<jo@agency.example>", true),
            ("Jo Field <Jo@Agency.example>", true),
            ("\"Field, Jo\" <jo@agency.example>", true),
            ("=?utf-8?q?J=C3=B6?= <jo@agency.example> (work)", true),
            ("John Q. Public [Sales] (west) <jo@agency.example>", true),
            ("jo@agency.example <jo@agency.example>", true),
            ("jo@agency.example (Jo \\) Field)", true),
            ("Jo Field jo@agency.example", false),
            ("Field, Jo <jo@agency.example>", false),
            ("Team: jo@agency.example;", false),
            ("<@relay.example:jo@agency.example>", false),
            ("<jo@agency.example> <eve@evil.example>", false),
            ("<jo@agency.example> eve@evil.example", false),
            ("eve@evil.example <jo@agency.example>", false),
            ("<jo@agency.example", false),
            ("\"Jo <jo@agency.example>", false),
            ("Jo (<jo@agency.example>", false),
            ("=?utf-8?q?jo=40agency.example?=", false),
            ("<=?utf-8?q?jo?=@agency.example>", false),
            ("< jo@agency.example>", false),
            ("jo @agency.example", false),
            ("\"jo\"@agency.example", false),
            ("jo@agency.example@evil.example", false),
            ("jo\u{0}@agency.example", false),
            ("jo@agency.example\u{a0}", false),
            ("", false),
        ] {
            let raw = format!("From: {from}\r\nSubject: x\r\n\r\nbody\r\n");
            assert_eq!(is_unambiguous(&Message::read(raw.as_bytes())), expected, "{from}");
        }
        let spaced = Message::read(b"From : jo@agency.example\r\nSubject: x\r\n\r\nbody\r\n");
        assert!(spaced.author().is_some() && !is_unambiguous(&spaced));
    }
}

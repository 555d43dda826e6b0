//! Header lines that hold nothing but what they should: no CR, LF or control character of a value gets through here.
//!
//! Lines are folded at spaces before 78 octets where they can be (RFC 5322, section 2.1.1); what is not ASCII goes into
//! encoded words (RFC 2047), and so does what would otherwise be read as one, or could not be folded.

use super::render::RenderError;
use crate::address::{EmailAddress, Mailbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where lines are folded.
const LINE: usize = 76;
/// No word of a line may be longer: a line has at most 998 octets.
const LONGEST_WORD: usize = 900;
/// Octets in one encoded word: a line with one has at most 76 characters, the header's name included (RFC 2047,
/// section 2).
const ENCODED_OCTETS: usize = 36;
/// Characters of a subject or a name that are kept; nobody reads more, and servers refuse it.
const LONGEST_TEXT: usize = 2000;

/// A line of free text, such as a subject.
pub(super) fn unstructured(name: &str, text: &str) -> String {
    let text = clean(text);
    let words: Vec<String> =
        if is_plain(&text) { text.split(' ').map(str::to_owned).collect() } else { encoded_words(&text) };
    folded(name, &words)
}

/// A line with one mailbox. `address` is [`wire_address`]'s.
pub(super) fn mailbox(name: &str, mailbox: &Mailbox, address: &str) -> String {
    let display = clean(mailbox.name.as_deref().unwrap_or_default());
    if display.is_empty() {
        return folded(name, &[address.to_owned()]);
    }
    let mut words: Vec<String> = if is_plain(&display) && display.len() <= LINE {
        vec![format!("\"{}\"", display.replace('\\', "\\\\").replace('"', "\\\""))]
    } else {
        encoded_words(&display)
    };
    words.push(format!("<{address}>"));
    folded(name, &words)
}

/// A line with Message-IDs; what cannot stand in one is left out. `None`: nothing is left.
pub(super) fn message_ids<'a>(name: &str, ids: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let words: Vec<String> = ids.into_iter().map(bare_id).filter(|id| is_id(id)).map(|id| format!("<{id}>")).collect();
    (!words.is_empty()).then(|| folded(name, &words))
}

/// A Message-ID without its brackets.
pub(super) fn bare_id(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

/// Whether a text may stand between a Message-ID's brackets: visible ASCII and no bracket. Foreign ids need not have
/// the form of RFC 5322, and what they answer is found by them all the same.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_WORD && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
}

/// An address as it goes on the wire, in headers and in the envelope: the domain in ASCII (RFC 5891), the local part
/// quoted where it must be (RFC 5321, section 4.1.2).
pub(super) fn wire_address(address: &EmailAddress, where_: &'static str) -> Result<String, RenderError> {
    let wrong = || RenderError::Address(where_);
    let domain = if address.domain().is_ascii() {
        address.domain().to_owned()
    } else {
        idna::domain_to_ascii(address.domain()).map_err(|_| wrong())?
    };
    let is_literal = domain.starts_with('[') && domain.ends_with(']');
    let in_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let in_literal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'[' | b']');
    if domain.is_empty() || !domain.bytes().all(|b| if is_literal { in_literal(b) } else { in_name(b) }) {
        return Err(wrong());
    }
    let local = address.local();
    let local = match local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if is_quoted_content(inner) => local.to_owned(),
        Some(_) => return Err(wrong()),
        None if is_dot_atom(local) => local.to_owned(),
        None => format!("\"{}\"", local.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    if local.chars().any(char::is_control) {
        return Err(wrong());
    }
    Ok(format!("{local}@{domain}"))
}

/// Whether all quotes and backslashes inside are escaped.
fn is_quoted_content(inner: &str) -> bool {
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return false,
            _ => {}
        }
    }
    !escaped
}

fn is_dot_atom(local: &str) -> bool {
    let atom = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// One line of text: control characters, line and paragraph separators and runs of white space become one space.
fn clean(text: &str) -> String {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a cleaned text can stand as it is.
fn is_plain(text: &str) -> bool {
    text.is_ascii() && !text.contains("=?") && text.split(' ').all(|word| word.len() <= LONGEST_WORD)
}

fn encoded_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.floor_char_boundary(ENCODED_OCTETS));
        words.push(format!("=?utf-8?b?{}?=", STANDARD.encode(now)));
        rest = later;
    }
    words
}

/// `Name: words`, folded, with its CRLF. Never folded before the first word: a line of white space alone is no header.
fn folded(name: &str, words: &[String]) -> String {
    let mut line = format!("{name}:");
    let mut length = line.len();
    for (index, word) in words.iter().enumerate() {
        if index > 0 && length + 1 + word.len() > LINE {
            line.push_str("\r\n");
            length = 0;
        }
        line.push(' ');
        line.push_str(word);
        length += 1 + word.len();
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As another program reads it.
    fn read_back(line: &str) -> String {
        let raw = format!("{line}\r\n");
        let message = mail_parser::MessageParser::default().parse(raw.as_bytes()).expect("a mail");
        message.subject().unwrap_or_default().to_owned()
    }

    #[test]
    fn subjects_come_out_as_they_went_in() {
        for subject in [
            "Smith, Jane Medicare",
            "Zażółć, Gęślą – Jaźń",
            "a literal =?utf-8?q?word?= is text",
            "an emoji 🙂 and 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
            "long words ".repeat(30).trim_end(),
            &"x".repeat(1500),
        ] {
            let line = unstructured("Subject", subject);
            assert_eq!(read_back(&line), *subject);
            assert!(line.is_ascii() && line.split("\r\n").all(|l| l.len() <= 78 || subject.is_ascii()), "{line}");
        }
    }

    #[test]
    fn addresses_on_the_wire() {
        for (written, wire) in [
            ("jo@example.com", Some("jo@example.com")),
            ("Jo.B+c@EXAMPLE.com", Some("Jo.B+c@example.com")),
            ("jo@bücher.example", Some("jo@xn--bcher-kva.example")),
            ("jö@bücher.example", Some("jö@xn--bcher-kva.example")),
            ("a..b@example.com", Some("\"a..b\"@example.com")),
            ("a:b@example.com", Some("\"a:b\"@example.com")),
            ("\"odd name\"@example.com", Some("\"odd name\"@example.com")),
            ("\"a\"b\"@example.com", None),
            ("\"ab\\\"@example.com", None),
            ("jo@[192.0.2.1]", Some("jo@[192.0.2.1]")),
            ("jo@exa|mple.com", None),
        ] {
            let address = EmailAddress::parse(written).expect(written);
            assert_eq!(wire_address(&address, "To").ok().as_deref(), wire, "{written}");
        }
    }

    #[test]
    fn foreign_ids_that_cannot_stand_in_a_header_are_left_out() {
        let ids = ["a@b", "<c@d>", "no-at-sign", "e f@g", "h\r\nBcc: i@j", "ä@k", "", "l>m@n"];
        assert_eq!(message_ids("References", ids).as_deref(), Some("References: <a@b> <c@d> <no-at-sign>\r\n"));
        assert_eq!(message_ids("References", ["", "x\ny"]), None);
    }

    proptest! {
        #[test]
        fn no_text_can_make_a_second_header(text in "\\PC*|(?s).{0,80}", cut in "[\r\n\u{85}\u{2028}\0 ]{0,3}") {
            let hostile = format!("{text}{cut}\r\nBcc: x@example.com{cut}");
            let address = EmailAddress::parse("jo@example.com").unwrap();
            let person = Mailbox { name: Some(hostile.clone()), address };
            for line in [unstructured("Subject", &hostile), mailbox("To", &person, "jo@example.com")] {
                prop_assert!(line.is_ascii());
                let body = line.strip_suffix("\r\n").unwrap();
                // Each line end is followed by a space: all of it is one header.
                prop_assert!(body.split("\r\n").skip(1).all(|l| l.starts_with(' ') && l.trim() != ""));
                prop_assert!(!body.replace("\r\n", "").contains(|c: char| c.is_control()));
            }
        }
    }
}

//! What the top of a mail says of its sender and of what it answers, before the mail is read for good: octet by octet,
//! in one pass, for mail of any kind. It decides when a message is read, and nothing else.

use crate::address::EmailAddress;

/// How much of a mail is looked at, in octets.
const TOP: usize = 64 << 10;
/// The longest field that is kept, in octets.
const LONGEST: usize = 8 << 10;

/// What a mail's header says, unproved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstLook {
    /// The address in the first `From`.
    pub from: Option<EmailAddress>,
    /// The Message-ID, without brackets.
    pub id: Option<String>,
    /// What it answers: the first id of `In-Reply-To` and the last of `References`.
    pub answers: Vec<String>,
}

/// Looks at the header of `raw`, a mail or only its top.
pub fn first_look(raw: &[u8]) -> FirstLook {
    let top = raw.get(..raw.len().min(TOP)).unwrap_or_default();
    let mut look = FirstLook::default();
    let mut has_from = false;
    let (mut name, mut value): (&[u8], Vec<u8>) = (b"", Vec::new());
    // An empty line at the end lets the last field be taken, too.
    for line in top.split(|octet| *octet == b'\n').chain([&b""[..]]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let goes_on = line.starts_with(b" ") || line.starts_with(b"\t");
        if goes_on && !line.trim_ascii().is_empty() {
            let room = LONGEST.saturating_sub(value.len());
            value.extend_from_slice(line.get(..line.len().min(room)).unwrap_or_default());
            continue;
        }
        take(&mut look, &mut has_from, name, &String::from_utf8_lossy(&value));
        value.clear();
        if line.trim_ascii().is_empty() {
            break;
        }
        let colon = line.iter().position(|octet| *octet == b':').unwrap_or(line.len());
        name = line.get(..colon).unwrap_or_default().trim_ascii_end();
        let rest = line.get(colon + 1..).unwrap_or_default();
        value.extend_from_slice(rest.get(..rest.len().min(LONGEST)).unwrap_or_default());
    }
    look
}

fn take(look: &mut FirstLook, has_from: &mut bool, name: &[u8], value: &str) {
    if name.eq_ignore_ascii_case(b"From") && !*has_from {
        *has_from = true;
        look.from = address_in(value);
    } else if name.eq_ignore_ascii_case(b"Message-ID") && look.id.is_none() {
        look.id = ids(value).next();
    } else if name.eq_ignore_ascii_case(b"In-Reply-To") {
        look.answers.extend(ids(value).next());
    } else if name.eq_ignore_ascii_case(b"References") {
        look.answers.extend(ids(value).last());
    }
    look.answers.truncate(2);
}

/// The address in the last pair of brackets, or the word with an at sign.
fn address_in(value: &str) -> Option<EmailAddress> {
    let bracketed = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside.trim());
    let bare = || value.split([' ', '\t', ',', ';', '(', ')']).find(|word| word.contains('@'));
    EmailAddress::parse(bracketed.or_else(bare)?).ok()
}

fn ids(value: &str) -> impl Iterator<Item = String> + '_ {
    let parts = value.split('<').skip(1).filter_map(|part| part.split_once('>'));
    parts.map(|(id, _)| id.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from(raw: &str) -> Option<String> {
        first_look(raw.as_bytes()).from.map(|address| address.key())
    }

    #[test]
    fn senders() {
        for (raw, sender) in [
            ("From: Jo <jo@example.org>\r\n\r\n", Some("jo@example.org")),
            ("from : jo@example.org\n\n", Some("jo@example.org")),
            ("Subject: x\r\nFROM:\r\n \"Doe, Jo\"\r\n <Jo@Example.org>\r\n\r\n", Some("Jo@example.org")),
            ("From: jo@example.org (Jo)\r\nFrom: other@example.org\r\n\r\n", Some("jo@example.org")),
            ("From: jo@example.org", Some("jo@example.org")),
            ("Subject: x\r\n\r\nFrom: body@example.org\r\n", None),
            ("From: \r\nFrom: jo@example.org\r\n\r\n", None),
            ("From jo@example.org Sat Nov 21 10:15:00 2026\r\nFrom: b@example.org\r\n\r\n", Some("b@example.org")),
            ("", None),
        ] {
            assert_eq!(from(raw).map(|key| key.to_lowercase()), sender.map(str::to_lowercase), "{raw:?}");
        }
    }

    #[test]
    fn ids_of_a_conversation() {
        let raw = b"Message-ID: <c@x>\r\nIn-Reply-To: <b@x>\r\nReferences: <a@x>\r\n\t<b2@x>\r\n\r\n";
        let look = first_look(raw);
        assert_eq!((look.id.as_deref(), look.answers), (Some("c@x"), vec!["b@x".to_owned(), "b2@x".to_owned()]));
    }

    proptest! {
        #[test]
        fn any_octets_do(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _look = first_look(&raw);
        }
    }
}

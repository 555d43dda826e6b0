//! A server's replies (RFC 5321, section 4.2), and what EHLO's says that it can do.

use crate::words::keys::hex;
use sha2::{Digest, Sha256};

/// One reply, whole.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// 200 to 599.
    pub(super) code: u16,
    /// The texts of its lines. They may hold addresses: never shown.
    pub(super) lines: Vec<String>,
}

/// What the server can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) start_tls: bool,
    pub(super) eight_bit: bool,
    pub(super) smtputf8: bool,
    pub(super) dsn: bool,
    /// PIPELINING (RFC 2920): commands need not wait for each other's replies.
    pub(super) pipelining: bool,
    /// SIZE (RFC 1870): offered, with the limit in octets where it names one.
    pub(super) size: Option<Option<u64>>,
    pub(super) auth_plain: bool,
    pub(super) auth_login: bool,
}

/// One line: its code, whether more follow, its text. `None`: no SMTP.
pub(super) fn line(octets: &[u8]) -> Option<(u16, bool, String)> {
    let digits = octets.get(..3)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let more = match octets.get(3) {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let text = String::from_utf8_lossy(octets.get(4..).unwrap_or_default()).into_owned();
    (200..600).contains(&code).then_some((code, more, text))
}

impl Reply {
    /// The enhanced status (RFC 2034), where the first line begins with one of the code's own class.
    pub(super) fn status(&self) -> Option<(u16, u16, u16)> {
        let word = self.lines.first()?.split(' ').next()?;
        let mut numbers = word.split('.').map(|part| part.parse::<u16>().ok());
        let status = (numbers.next()??, numbers.next()??, numbers.next()??);
        (numbers.next().is_none() && status.0 == self.code / 100).then_some(status)
    }

    /// The codes, without the text.
    pub(super) fn codes(&self) -> String {
        match self.status() {
            Some((class, subject, detail)) => format!("{} {class}.{subject}.{detail}", self.code),
            None => self.code.to_string(),
        }
    }

    /// SHA-256 of the text.
    pub(super) fn digest(&self) -> String {
        hex(&Sha256::digest(self.lines.join("\n")))
    }

    /// What EHLO's answer offers. Its first line is a greeting.
    pub(super) fn abilities(&self) -> Abilities {
        let mut able = Abilities::default();
        for line in self.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Old servers write `AUTH=LOGIN`.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => able.start_tls = true,
                Some("8BITMIME") => able.eight_bit = true,
                Some("SMTPUTF8") => able.smtputf8 = true,
                Some("DSN") => able.dsn = true,
                Some("PIPELINING") => able.pipelining = true,
                // 0 says that there is no fixed limit.
                Some("SIZE") => able.size = Some(words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0)),
                Some("AUTH") => {
                    for word in words {
                        able.auth_plain |= word == "PLAIN";
                        able.auth_login |= word == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        able
    }
}

/// A reply's text never reaches a log by accident.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({})", self.codes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, lines: &[&str]) -> Reply {
        Reply { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[test]
    fn lines_are_read_and_refused() {
        for (text, expected) in [
            ("250 ok", Some((250, false, "ok"))),
            ("250-more", Some((250, true, "more"))),
            ("250", Some((250, false, ""))),
            ("250-", Some((250, true, ""))),
            ("2500 ok", None),
            ("25", None),
            ("", None),
            ("abc ok", None),
            ("+50 ok", None),
            ("150 ok", None),
            ("600 ok", None),
            ("* OK IMAP4rev1", None),
        ] {
            let found = line(text.as_bytes());
            let found = found.as_ref().map(|(code, more, text)| (*code, *more, text.as_str()));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn an_enhanced_status_is_of_the_codes_class() {
        assert_eq!(reply(550, &["5.1.1 no such user"]).status(), Some((5, 1, 1)));
        assert_eq!(reply(550, &["5.7.60 SMTP; no"]).codes(), "550 5.7.60");
        assert_eq!(reply(550, &["4.1.1 odd"]).status(), None);
        assert_eq!(reply(550, &["5.1.1.1 an address"]).status(), None);
        assert_eq!(reply(250, &["ok"]).codes(), "250");
        assert_eq!(reply(250, &[]).status(), None);
    }

    #[test]
    fn abilities_are_what_ehlo_says() {
        let lines =
            ["hello PIPELINING", "SIZE 35882577", "starttls", "8BITMIME", "AUTH PLAIN LOGIN", "AUTH=LOGIN", "DSN"];
        let able = reply(250, &lines).abilities();
        assert_eq!(able.size, Some(Some(35_882_577)));
        assert!(able.start_tls && able.eight_bit && able.auth_plain && able.auth_login && able.dsn && !able.smtputf8);
        assert!(!able.pipelining, "the first line is a greeting");
        assert!(reply(250, &["x", "PIPELINING"]).abilities().pipelining);
        assert_eq!(reply(250, &["x", "SIZE"]).abilities().size, Some(None));
        assert_eq!(reply(250, &["x", "SIZE 0"]).abilities().size, Some(None));
        assert_eq!(reply(250, &["AUTH PLAIN"]).abilities(), Abilities::default());
    }
}

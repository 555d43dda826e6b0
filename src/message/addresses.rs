//! Address lists (RFC 5322, section 3.4): mailboxes with groups flattened, encoded names decoded.

use super::encoded_words;
use crate::address::{EmailAddress, Mailbox};

/// Mailboxes read from one field at most.
const MOST: usize = 2000;

/// Reads every mailbox of an address field. What is no address is passed over.
pub(super) fn read(value: &str) -> Vec<Mailbox> {
    let found = read_strictly(value);
    if found.is_empty() && value.contains(['"', '(']) {
        return read_strictly(&value.replace(['"', '('], " ")); // A quote or comment that was never closed.
    }
    found
}

fn read_strictly(value: &str) -> Vec<Mailbox> {
    let mut found = Vec::new();
    let mut current = Entry::default();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if found.len() >= MOST {
            return found;
        }
        match c {
            '"' => current.quoted(&mut chars),
            '(' => current.comment(&mut chars),
            '<' => {
                let inside: String = chars.by_ref().take_while(|&c| c != '>').collect();
                current.angle.get_or_insert(inside);
            }
            ',' | ';' => std::mem::take(&mut current).finish(&mut found),
            // The name of a group ends; a colon inside an address (`[IPv6:…]`) or a bare name's does no harm.
            ':' if !current.text.contains('@') && !current.text.contains('[') => current = Entry::default(),
            _ => current.text.push(c),
        }
    }
    current.finish(&mut found);
    found
}

/// What has been read of one mailbox.
#[derive(Default)]
struct Entry {
    text: String,
    angle: Option<String>,
    comments: String,
}

impl Entry {
    fn quoted(&mut self, chars: &mut impl Iterator<Item = char>) {
        let mut inner = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => inner.extend(chars.next()),
                '"' => break,
                _ => inner.push(c),
            }
        }
        // A quoted local part keeps its marks: `"odd name"@example.com`. Which it is shows when the entry ends.
        self.text.push('\u{1}');
        self.text.push_str(&inner);
        self.text.push('\u{2}');
    }

    fn comment(&mut self, chars: &mut impl Iterator<Item = char>) {
        let mut depth = 1usize;
        while let Some(c) = chars.next() {
            match c {
                '\\' => self.comments.extend(chars.next()),
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.comments.push(c),
            }
        }
    }

    fn finish(self, found: &mut Vec<Mailbox>) {
        let unmarked = self.text.replace(['\u{1}', '\u{2}'], "");
        let (address, name) = match &self.angle {
            Some(angle) => (parse(angle).or_else(|| parse(&unmarked)), unmarked.clone()),
            None => (self.bare(), self.comments.clone()),
        };
        // `Name address@example.com` without brackets, as some programs write it.
        let (address, name) = match address {
            Some(address) => (address, name),
            None => match last_address(&unmarked) {
                Some(found) => found,
                None => return,
            },
        };
        let name = if name.trim().is_empty() { self.comments } else { name };
        found.push(Mailbox { name: display_name(&name), address });
    }

    fn bare(&self) -> Option<EmailAddress> {
        let text = self.text.trim();
        let marked = match text.strip_prefix('\u{1}').and_then(|rest| rest.split_once('\u{2}')) {
            Some((local, rest)) if rest.starts_with('@') => format!("\"{local}\"{rest}"),
            _ => text.replace(['\u{1}', '\u{2}'], ""),
        };
        parse(&marked)
    }
}

/// Reads an address, without a source route (`@a,@b:`) and the white space that folding left in it.
fn parse(text: &str) -> Option<EmailAddress> {
    let text = encoded_words::decode(text.trim());
    let text = text.trim().trim_start_matches("mailto:").trim_matches(['<', '>', '\'']);
    let text = match text.strip_prefix('@').and_then(|rest| rest.split_once(':')) {
        Some((_, address)) => address,
        None => text,
    };
    EmailAddress::parse(text).ok().or_else(|| {
        // `jo @ example.com`: spaces round the marks are allowed (RFC 5322, section 4.4), and folding leaves some.
        let words: Vec<&str> = text.split_whitespace().collect();
        let tight = words.join(" ").replace(" @", "@").replace("@ ", "@").replace(" .", ".").replace(". ", ".");
        EmailAddress::parse(&tight).ok()
    })
}

fn last_address(text: &str) -> Option<(EmailAddress, String)> {
    let text = text.trim();
    let (name, last) = text.rsplit_once(char::is_whitespace)?;
    Some((EmailAddress::parse(last).ok()?, name.to_owned()))
}

fn display_name(name: &str) -> Option<String> {
    let decoded = encoded_words::decode(name.trim());
    let name: String = decoded.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_read() {
        for (text, expected) in [
            ("a@example.com", "|a@example.com"),
            ("Jo Doe <jo@example.com>, \"Doe, Al\" <al@example.com>", "Jo Doe|jo@example.com;Doe, Al|al@example.com"),
            ("jo@example.com (Jo \\(x\\) (y))", "Jo (x) y|jo@example.com"),
            ("Team: a@example.com, B <b@example.com>; c@example.com", "|a@example.com;B|b@example.com;|c@example.com"),
            ("undisclosed-recipients:;", ""),
            ("=?utf-8?Q?Caf=C3=A9=2C_x?= <c@example.com>", "Café, x|c@example.com"),
            ("\"=?utf-8?Q?Caf=C3=A9?=\" <c@example.com>", "Café|c@example.com"),
            ("<@relay.example,@b.example:jo@example.com>", "|jo@example.com"),
            ("\"odd name\"@example.com", "|\"odd name\"@example.com"),
            ("Jo Doe jo@example.com", "Jo Doe|jo@example.com"),
            ("jo @ example.com", "|jo@example.com"),
            ("\"open <jo@example.com>", "open|jo@example.com"),
            ("O'Brien <o'b@example.com>", "O'Brien|o'b@example.com"),
            ("jo@example.com <jo@example.com>", "jo@example.com|jo@example.com"),
            ("<>", ""),
            ("\"A\" <a@example.com>, \"open <jo@example.com>", "A|a@example.com"),
        ] {
            let found: Vec<String> =
                read(text).iter().map(|m| format!("{}|{}", m.name.as_deref().unwrap_or(""), m.address)).collect();
            assert_eq!(found.join(";"), expected, "{text}");
        }
    }
}

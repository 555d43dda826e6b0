//! Message-IDs of ours: each names its case or pending request, its recipient by a keyed hash, its purpose and its
//! expiry, under a MAC of fixed length, so that a reply proves which mail it answers (POLICY.md, Threads and trust).
//!
//! Form: `mc1.<purpose>.<reference>.<recipient>.<expiry>.<nonce>.<mac>@<domain>`, in lower-case letters, digits, dashes
//! and dots only, so that no mail program folds or changes it. The MAC is HMAC-SHA-256 cut to 160 bits; it covers the
//! desk and all that stands before it, and is compared in constant time. A token that was signed by a later generation of
//! the key begins with `mc1-<generation>`, so that one MAC tells whether it holds, however many generations there are.

use super::Template;
use super::keys::{Keys, hex};
use super::numbers::{CaseNumber, Numbering, PendingToken, Tag, read_tag};
use crate::address::EmailAddress;
use jiff::Timestamp;
use subtle::ConstantTimeEq;

/// The header in which each mail of ours bears its Message-ID once more: a provider may put another one into
/// `Message-ID`, and this one then proves whose copy it is.
pub const MARK_HEADER: &str = "X-Mailclerk-Message-ID";

const FORM: &str = "mc1";
const MAC_HEX: usize = 40;
const RECIPIENT_HEX: usize = 10;

/// What a token is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A case.
    Case(CaseNumber),
    /// A pending request.
    Pending(PendingToken),
    /// Neither: a redirect, say, which leaves nothing open.
    Nothing,
}

/// A Message-ID of ours whose MAC held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailToken {
    /// What the mail was.
    pub purpose: Template,
    /// What it is about.
    pub about: About,
    /// When it stops proving anything; it routes for ever.
    pub expires: Timestamp,
    recipient: String,
    generation: u32,
}

impl MailToken {
    /// Whether the mail went to `address`.
    pub fn went_to(&self, keys: &Keys, address: &EmailAddress) -> bool {
        self.recipient.as_bytes().ct_eq(recipient_hash(keys, self.generation, address).as_bytes()).into()
    }
}

/// What a Message-ID is minted from.
#[derive(Clone, Debug)]
pub struct Mint<'a> {
    /// The desk's id.
    pub desk: &'a str,
    /// What the mail is.
    pub purpose: Template,
    /// What it is about.
    pub about: &'a About,
    /// To whom it goes.
    pub recipient: &'a EmailAddress,
    /// When it stops proving anything.
    pub expires: Timestamp,
    /// Random bits that tell two such mails apart.
    pub nonce: u64,
    /// The domain of the desk's address.
    pub domain: &'a str,
}

/// A Message-ID of ours, without angle brackets, by the newest generation of the key.
pub fn mint(keys: &Keys, from: &Mint<'_>) -> String {
    let about = match from.about {
        About::Case(number) => number.0.to_lowercase(),
        About::Pending(token) => token.0.to_lowercase(),
        About::Nothing => "none".to_owned(),
    };
    let purpose = from.purpose.as_str().replace('_', "-");
    let generation = keys.token_generations().newest;
    let recipient = recipient_hash(keys, generation, from.recipient);
    let expires = from.expires.as_second().max(0) / 60;
    let form = if generation == 0 { FORM.to_owned() } else { format!("{FORM}-{generation}") };
    let head = format!("{form}.{purpose}.{about}.{recipient}.{expires}.{:016x}", from.nonce);
    let mac = mac_of(keys, generation, from.desk, &head);
    format!("{head}.{mac}@{}", from.domain)
}

/// Reads `id` as a Message-ID of ours for this desk; `None` where it is not, its MAC does not hold, or the key that
/// signed it is retired.
///
/// `numbering` is how the desk writes its numbers. The domain does not count: some gateways rewrite it.
pub fn read(keys: &Keys, desk: &str, numbering: &Numbering, id: &str) -> Option<MailToken> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>').to_ascii_lowercase();
    if id.len() > 300 {
        return None;
    }
    let local = id.split_once('@').map_or(id.as_str(), |(local, _)| local);
    let (head, mac) = local.rsplit_once('.')?;
    let mut parts = head.split('.');
    let generation = generation_of(parts.next()?).filter(|one| keys.token_generations().believes(*one))?;
    if mac.len() != MAC_HEX || !bool::from(mac.as_bytes().ct_eq(mac_of(keys, generation, desk, head).as_bytes())) {
        return None;
    }
    let purpose = Template::from_word(&parts.next()?.replace('-', "_"))?;
    let about = match parts.next()? {
        "none" => About::Nothing,
        text => match read_tag(numbering, text)? {
            Tag::Case(number) => About::Case(number),
            Tag::Pending(token) => About::Pending(token),
        },
    };
    let recipient = parts.next()?.to_owned();
    let expires = Timestamp::from_second(parts.next()?.parse::<i64>().ok()?.checked_mul(60)?).ok()?;
    Some(MailToken { purpose, about, expires, recipient, generation })
}

/// The generation that a token's first part names.
fn generation_of(form: &str) -> Option<u32> {
    match form.strip_prefix(FORM)? {
        "" => Some(0),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

fn recipient_hash(keys: &Keys, generation: u32, address: &EmailAddress) -> String {
    hex(&keys.token_mac(generation, &[b"recipient", address.key().as_bytes()]))[..RECIPIENT_HEX].to_owned()
}

fn mac_of(keys: &Keys, generation: u32, desk: &str, head: &str) -> String {
    hex(&keys.token_mac(generation, &[b"message-id", desk.as_bytes(), head.as_bytes()]))[..MAC_HEX].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::keys::Generations;

    fn minted(keys: &Keys) -> String {
        let recipient = EmailAddress::parse("jo@example.com").unwrap();
        let about = About::Case(CaseNumber("AB-100001".into()));
        let expires = Timestamp::from_second(1_800_000_000).unwrap();
        let from = Mint {
            desk: "d",
            purpose: Template::PendingClosed,
            about: &about,
            recipient: &recipient,
            expires,
            nonce: 7,
            domain: "example.org",
        };
        mint(keys, &from)
    }

    #[test]
    fn what_is_minted_is_read_back() {
        let keys = Keys::derive(&[1; 32]);
        let id = minted(&keys);
        let token = read(&keys, "d", &Numbering::standard("AB"), &format!("<{}>", id.to_uppercase())).unwrap();
        assert_eq!(token.about, About::Case(CaseNumber("AB-100001".into())));
        assert_eq!(token.purpose, Template::PendingClosed);
        assert!(token.went_to(&keys, &EmailAddress::parse("JO@example.com").unwrap()));
        assert!(!token.went_to(&keys, &EmailAddress::parse("ann@example.com").unwrap()));
    }

    #[test]
    fn nothing_else_is_believed() {
        let keys = Keys::derive(&[1; 32]);
        let id = minted(&keys);
        assert_eq!(read(&Keys::derive(&[2; 32]), "d", &Numbering::standard("AB"), &id), None, "another installation's");
        assert_eq!(read(&keys, "e", &Numbering::standard("AB"), &id), None, "another desk's");
        let local = id.split('@').next().unwrap();
        for cut in 0..local.len() {
            assert_eq!(read(&keys, "d", &Numbering::standard("AB"), &local[..cut]), None, "cut at {cut}");
        }
        for at in 0..local.len() {
            let mut bytes = local.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(read(&keys, "d", &Numbering::standard("AB"), &changed), None, "{changed}");
        }
    }

    #[test]
    fn keys_rotate_and_retire() {
        let keys = Keys::derive(&[1; 32]);
        let first = minted(&keys);
        let jo = EmailAddress::parse("jo@example.com").unwrap();
        let worker = keys.clone();
        keys.follow_token_generations(Generations { oldest: 0, newest: 1 });
        let second = minted(&worker);
        assert!(first.starts_with("mc1.") && second.starts_with("mc1-1."), "{second}: clones learn of it");
        keys.follow_token_generations(Generations { oldest: 0, newest: 2 });
        let third = minted(&keys);
        for id in [&first, &second, &third] {
            assert!(read(&keys, "d", &Numbering::standard("AB"), id).unwrap().went_to(&keys, &jo), "{id}");
        }
        let parts: Vec<Vec<&str>> = [&first, &second, &third].map(|id| id.split('.').collect()).into();
        assert!(parts[0][3] != parts[1][3] && parts[1][3] != parts[2][3], "the recipient's hash rotates with it");
        keys.follow_token_generations(Generations { oldest: 2, newest: 2 });
        assert_eq!(
            [&first, &second, &third].map(|id| read(&worker, "d", &Numbering::standard("AB"), id).is_some()),
            [false, false, true]
        );
        let claimed = third.replacen("mc1-2.", "mc1-1.", 1);
        keys.follow_token_generations(Generations { oldest: 0, newest: 2 });
        assert_eq!(
            read(&keys, "d", &Numbering::standard("AB"), &claimed),
            None,
            "by another generation than it was signed with"
        );
        assert_eq!(keys.lookup("a", "b"), Keys::derive(&[1; 32]).lookup("a", "b"), "lookups do not rotate");
    }

    /// Signed by the first release: what people have in their mailboxes goes on being believed.
    #[test]
    fn tokens_of_the_first_release_hold() {
        let id = minted(&Keys::derive(&[1; 32]));
        assert_eq!(
            id,
            "mc1.pending-closed.ab-100001.82524fb3dd.30000000.0000000000000007.3f577e1f259839354d62df6f45d439c0e89aa394@example.org"
        );
    }
}

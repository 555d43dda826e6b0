//! Status codes (RFC 3463) of a delivery: read where they stand, else made from an SMTP reply code or from the words.

use regex::Regex;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by every test of this file")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static ENHANCED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^\d.\w-])([245]\.\d{1,2}\.\d{1,3})(?:[^\d.\w-]|[.:-]?(?:\s|$))"));
static WITH_CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[45]\d\d[ -]+#?([45]\.\d{1,2}\.\d{1,3})\b"));
static REPLY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)(?:^|[^\d.\w-])([45][0-57]\d)(?:[ -]+[^\d\s]|:\s|[ -]?#|$)"));

/// The first enhanced status code of `text`; one that stands behind a reply code is taken before others.
pub(in super::super) fn enhanced(text: &str) -> Option<String> {
    let find = |regex: &Regex| -> Option<String> {
        let mut codes = regex.captures_iter(text).take(20).filter_map(|c| c.get(1)).map(|m| m.as_str());
        let first = codes.next()?;
        // That time ran out (4.4.7) says less than why.
        let mut why = || codes.find(|c| c.starts_with(['4', '5']) && !c.ends_with(".4.7"));
        Some(if first.ends_with(".4.7") { why().unwrap_or(first) } else { first }.to_owned())
    };
    find(&WITH_CODE).or_else(|| find(&ENHANCED))
}

/// The first SMTP reply code of `text` that refuses something.
pub(in super::super) fn reply_code(text: &str) -> Option<u16> {
    REPLY.captures(text)?.get(1)?.as_str().parse().ok()
}

/// The status of a recipient: what the far server said in `diagnostic`, else `code`.
///
/// The reporting server's own `Status` is often coarser (`5.0.0`), and sometimes another: sendmail writes `5.1.1` for a
/// recipient whose server refused the sender's address with `550 5.7.1`. Taking that for a dead mailbox would be wrong.
pub(in super::super) fn sharpen(code: Option<String>, diagnostic: &str) -> Option<String> {
    if code.as_deref().is_some_and(|c| c.starts_with('2')) {
        return code;
    }
    let found = enhanced(diagnostic).filter(|c| !c.ends_with(".0.0") && !c.starts_with('2'));
    found.or(code).or_else(|| from_reply(diagnostic))
}

/// A status made from the reply code in `text`, refined by its words.
pub(in super::super) fn from_reply(text: &str) -> Option<String> {
    let code = reply_code(text)?;
    let class = code / 100;
    if let Some(words) = from_words(text).filter(|w| w.starts_with(if class == 4 { '4' } else { '5' })) {
        return Some(words);
    }
    Some(match code {
        421 => "4.4.2".to_owned(),
        452 => "4.2.2".to_owned(),
        551 => "5.1.6".to_owned(),
        552 => "5.2.2".to_owned(),
        553 => "5.1.3".to_owned(),
        _ => format!("{class}.0.0"),
    })
}

/// What servers say in words, in lower case, and the status that means it.
const WORDS: &[(&str, &[&str])] = &[
    (
        "5.2.2",
        &[
            "mailbox full",
            "mailbox is full",
            "quota exceeded",
            "over quota",
            "exceeded storage",
            "over its quota",
            "mailbox has exceeded",
            "exceed the quota",
            "exceeded its quota",
            "disk quota",
            "not enough space",
            "mailbox size limit",
            "insufficient storage",
            "overquota",
            "boîte pleine",
            "is over quota",
        ],
    ),
    (
        "5.3.4",
        &[
            "message too large",
            "message size exceeds",
            "too big",
            "maximum message size",
            "size limit",
            "exceeds the maximum",
        ],
    ),
    (
        "5.1.1",
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "user not found",
            "mailbox not found",
            "unknown recipient",
            "recipient unknown",
            "no such recipient",
            "no mailbox here",
            "mailbox unavailable",
            "does not exist",
            "doesn't exist",
            "doesn't have a",
            "invalid recipient",
            "no such mailbox",
            "not a known user",
            "recipient not found",
            "unknown local",
            "addressee unknown",
            "no such address",
            "not listed in",
            "no such account",
            "invalid mailbox",
            "no longer valid",
            "unknown address",
            "recipient address rejected",
            "unrouteable address",
            "not our customer",
            "unknown account",
            "invalid address",
            "user doesn't",
            "bad destination mailbox",
            "couldn't find any mailbox",
            "is not a valid mailbox",
        ],
    ),
    (
        "5.2.1",
        &[
            "mailbox disabled",
            "account disabled",
            "account is disabled",
            "account has been disabled",
            "disabled user",
            "inactive user",
            "account inactive",
            "mailbox is inactive",
            "suspended",
            "user is inactive",
            "account that you tried to reach is disabled",
        ],
    ),
    (
        "5.1.2",
        &[
            "host unknown",
            "unknown host",
            "host not found",
            "domain not found",
            "no such domain",
            "name service error",
            "couldn't find any host",
            "cannot find a valid",
            "domain does not exist",
            "no dns information",
            "bad destination system",
            "nxdomain",
            "can't find the host",
            "all relevant mx records point to non-existent",
        ],
    ),
    (
        "4.4.7",
        &[
            "retry time",
            "too long in queue",
            "retry timeout",
            "giving up",
            "expired",
            "been in the queue too long",
            "could not be delivered for",
        ],
    ),
    (
        "4.4.1",
        &[
            "connection timed out",
            "connection refused",
            "wasn't able to establish",
            "couldn't connect",
            "no route to host",
            "network is unreachable",
        ],
    ),
    (
        "5.7.1",
        &[
            "relaying denied",
            "relay access denied",
            "not permitted",
            "spam",
            "blocked",
            "blacklist",
            "access denied",
            "denied by policy",
            "not allowed",
            "rejected",
            "unsolicited",
        ],
    ),
];

/// A status made from the words of `text`, where it holds no code at all.
pub(in super::super) fn from_words(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| lower.contains(word)))
        .map(|(status, _)| (*status).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found() {
        for (text, status) in [
            ("550 5.1.1 <a@example.com>: no", Some("5.1.1")),
            ("Sorry. (#5.1.2)", Some("5.1.2")),
            ("host 5.2.2.1 said 4.4.1", Some("4.4.1")),
            ("5.1.1", Some("5.1.1")),
            ("version 2.0.0-rc of 5.10.1.2", None),
            ("550-5.7.1 blocked", Some("5.7.1")),
        ] {
            assert_eq!(enhanced(text).as_deref(), status, "{text}");
        }
        for (text, status) in [
            ("550 user unknown", Some("5.1.1")),
            ("said: 552 message", Some("5.2.2")),
            ("smtp; 451 try later", Some("4.0.0")),
            ("SMTP error from remote: 550: no", Some("5.0.0")),
            ("call 555 1234", None),
        ] {
            assert_eq!(from_reply(text).as_deref(), status, "{text}");
        }
    }
}

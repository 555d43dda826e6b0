//! What the text of a delivery report tells a person: whom it is about, and why.

use super::super::{ReportedRecipient, addresses};
use super::{Facts, fields, status};
use regex::Regex;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by the test of this file")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

const ADDRESS: &str = r#"([A-Za-z0-9!#$%&*+/=?^_`{|}~.'-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)"#;

/// A line that begins with the recipient: `<a@b>:`, `a@b` alone, `  a@b` with the reason behind or below.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?m)^[\s*\x60'\x22(\[-]*(?:\d+[.)]\s*)?(?:smtp:|mailto:|To:|Recipient(?: address)?:|Failed recipient:|rfc822;)?\s*<?{ADDRESS}>?(?:\s*$|\s*[:;,(.]|\s+-|\s{{2,}}|\t|\s+on\s|\s+\()"
    ))
});
static COMMAND: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)RCPT TO:\s*<?{ADDRESS}>?")));
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)\b(?:recipients?|to|user|address(?:es|ee)?|mailbox|account|for|deliver(?:ed|y)?|an|à|destinataire|destinatario|a)\b[^@\n]{{0,40}}?<?{ADDRESS}>?"
    ))
});
static LOCAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[ \t]+([A-Za-z0-9][A-Za-z0-9._+-]{1,63})[ \t]*$"));
static ANY: LazyLock<Regex> = LazyLock::new(|| pattern(ADDRESS));

/// Where the returned message begins in the text.
static RETURNED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?mi)^[-=_*\s>|]*(?:below this line is|this is a copy of|here is a copy|original message (?:follows|headers?|text)|(?:the )?(?:text|body|header|headers?) of (?:the |your )?(?:original |returned |undelivered )?(?:message|mail)|original message\b|unsent message|returned message|message header follows|message headers? follow|received:|return-path:|message-id:|unsent message follows|-+ ?(?:this is|returned|original|forwarded|message text|start of|undelivered)|begin(?:ning)? of (?:original )?message|your (?:original )?message follows|the following is (?:a copy|the)|included is|mime-version:)",
    )
});

/// The text without the message that it returns.
fn area(text: &str) -> &str {
    let near = text.get(..text.floor_char_boundary(64 << 10)).unwrap_or(text);
    // Some reports open with such a line; the notice, with an address in it, then follows.
    let named = near.find('@').unwrap_or(near.len());
    let returned = RETURNED.find_iter(near).find(|found| found.start() > named);
    returned.and_then(|found| near.get(..found.start())).unwrap_or(near)
}

/// Everyone that the text says could not be reached.
pub(super) fn recipients(facts: &Facts) -> Vec<ReportedRecipient> {
    let listed: Vec<String> =
        facts.header("X-Failed-Recipients").flat_map(addresses::read).map(|m| m.address.key()).collect();
    if listed.is_empty() {
        let pasted = fields::delivery(&with_fields(facts));
        if pasted.iter().any(|r| r.address.is_some()) {
            let mut pasted: Vec<ReportedRecipient> = pasted.into_iter().filter(|r| r.address.is_some()).collect();
            complete(facts, &mut pasted);
            return pasted;
        }
    }
    let area = area(facts.text);
    let own: Vec<String> = facts.to.iter().chain(facts.from).map(|m| m.address.key()).collect();
    let mut found = listed;
    for form in [&*LINE, &*COMMAND, &*NAMED, &*ANY] {
        if !found.is_empty() {
            break;
        }
        found = matches(form, area, &own);
    }
    if found.is_empty() {
        found = matches(&LINE, area, &[]);
    }
    if found.is_empty() {
        found = matches(&ANY, facts.subject, &own);
    }
    if found.is_empty() {
        found = local_parts(facts, area);
    }
    if found.is_empty() {
        let inner = facts.root.find("message/rfc822").map(|part| fields::delivery(&part.text(64 << 10)));
        found = inner.into_iter().flatten().filter_map(|r| r.address).collect();
    }
    if found.is_empty() {
        found = returned_to(facts);
    }
    let mut recipients: Vec<ReportedRecipient> = found
        .into_iter()
        .map(|address| ReportedRecipient { address: Some(address), status: None, action: None })
        .collect();
    if recipients.is_empty() {
        recipients.push(ReportedRecipient { address: None, status: None, action: None });
    }
    complete(facts, &mut recipients);
    recipients
}

/// The text, and every other part that holds the fields of a report under a wrong type.
fn with_fields(facts: &Facts) -> String {
    let mut all = facts.text.to_owned();
    facts.root.walk(&mut |entity| {
        let returned = entity.content_type.value.starts_with("message/rfc822");
        if entity.children.is_empty() && !returned && all.len() < 256 << 10 {
            let text = entity.text(64 << 10);
            if text.to_ascii_lowercase().contains("final-recipient:") {
                all.push_str("\n\n");
                all.push_str(&text);
            }
        }
    });
    all
}

/// Names alone on indented lines, which some providers write for their own users.
fn local_parts(facts: &Facts, area: &str) -> Vec<String> {
    let Some(domain) = facts.from.first().map(|m| m.address.domain()) else { return Vec::new() };
    let names = LOCAL.captures_iter(area).take(20).filter_map(|c| c.get(1));
    names.map(|name| format!("{}@{domain}", name.as_str().to_lowercase())).collect()
}

/// Whom the returned message was to, where the notice names nobody.
fn returned_to(facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    let kinds = ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"];
    for part in kinds.iter().filter_map(|kind| facts.root.find(kind)) {
        let header = super::super::headers::read(&part.decoded(), 64 << 10);
        found.extend(header.get("To").map(addresses::read).unwrap_or_default());
    }
    let pasted = facts.text.lines().filter_map(|line| line.trim_start().strip_prefix("To:"));
    if found.is_empty() {
        found.extend(pasted.take(1).flat_map(addresses::read));
    }
    found.into_iter().map(|m| m.address.key()).take(20).collect()
}

fn matches(form: &Regex, text: &str, own: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for captures in form.captures_iter(text).take(200) {
        let Some(address) = captures.get(1).map(|m| m.as_str().trim_matches(['.', '\'', '`', '*', '=']).to_lowercase())
        else {
            continue;
        };
        let machine = ["mailer-daemon", "postmaster", "abuse", "helpdesk", "support"]
            .iter()
            .any(|name| address.starts_with(name));
        if !machine && !own.contains(&address) && !found.contains(&address) && address.contains('@') {
            found.push(address);
        }
    }
    found
}

/// Fills in what the fields did not say from the text around each recipient.
pub(super) fn complete(facts: &Facts, recipients: &mut [ReportedRecipient]) {
    let area = area(facts.text);
    let lower = area.to_lowercase();
    let action = if is_delay(facts.subject, &lower) { "delayed" } else { "failed" };
    let starts: Vec<Option<usize>> = recipients
        .iter()
        .map(|r| r.address.as_ref().filter(|_| lower.len() == area.len()).and_then(|a| lower.find(a.as_str())))
        .collect();
    let agrees = |s: &String| !s.starts_with('2');
    let told = |text: &str| status::enhanced(text).filter(agrees).or_else(|| status::from_reply(text));
    let words = |text: &str| status::from_words(text);
    let mut of_all: Option<Option<String>> = None;
    for (at, recipient) in recipients.iter_mut().enumerate() {
        recipient.action.get_or_insert_with(|| action.to_owned());
        if recipient.status.is_some()
            || matches!(recipient.action.as_deref(), Some("delivered" | "relayed" | "expanded"))
        {
            continue;
        }
        let begin = starts.get(at).copied().flatten();
        let end = begin.and_then(|b| starts.iter().flatten().filter(|s| **s > b).min().copied());
        let own = begin.and_then(|b| area.get(b..end.unwrap_or(area.len()))).unwrap_or_default();
        let of_all = of_all.get_or_insert_with(|| told(area).or_else(|| words(area)).or_else(|| words(facts.subject)));
        recipient.status = told(own).or_else(|| words(own)).or_else(|| of_all.clone());
    }
}

/// Whether the report says that delivery is only late.
fn is_delay(subject: &str, text: &str) -> bool {
    let subject = subject.to_lowercase();
    let late = [
        "will continue to try",
        "will keep trying",
        "will be retried",
        "will retry",
        "still being retried",
        "not yet been delivered",
        "has not yet been",
        "will be made to deliver",
        "no action is required",
        "you do not need to resend",
        "you don't need to resend",
        "delivery attempts will continue",
        "this is a warning message only",
        "wird weiter versucht",
        "has been delayed",
        "delivery is delayed",
    ];
    let given_up = [
        "giving up",
        "has given up",
        "could not be delivered for",
        "permanent",
        "was not delivered to",
        "will not be retried",
    ];
    let warns = ["warning", "delay", "delayed", "transient", "verzöger", "retard", "still trying"]
        .iter()
        .any(|w| subject.contains(w));
    let says_late = late.iter().any(|w| text.contains(w));
    says_late && (warns || !given_up.iter().any(|w| text.contains(w)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_stand_at_line_starts() {
        let own = ["me@example.org".to_owned()];
        for (text, expected) in [
            ("Hi. I failed.\n\n<jo@example.com>:\nSorry, no mailbox.", "jo@example.com"),
            ("  jo@example.com\n    SMTP error\n  al@example.com\n", "jo@example.com al@example.com"),
            ("jo@example.com on 1/2/2003\n   no such user", "jo@example.com"),
            ("me@example.org\n", ""),
            ("I wrote to jo@example.com yesterday", ""),
        ] {
            assert_eq!(matches(&LINE, text, &own).join(" "), expected, "{text}");
        }
        assert_eq!(matches(&COMMAND, ">>> RCPT To:<jo@example.com>", &own), ["jo@example.com"]);
    }
}

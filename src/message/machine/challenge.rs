//! Challenges: mail that wants the sender to do something before the first mail is delivered.

use super::super::report::{self, Facts};
use super::{auto_submitted, precedence_bulk, starts_with};

/// Mail that asks the sender to prove being a person before the first mail is delivered.
pub(in super::super) fn is_challenge(facts: &Facts) -> bool {
    const FIELDS: &[&str] = &[
        "x-boxbe",
        "x-tmda",
        "x-spamarrest",
        "x-challenge",
        "x-ask-version",
        "x-uol-challenge",
        "x-whitelist-request",
    ];
    const ASKS: &[&str] = &[
        "confirm that you are",
        "verify that you are",
        "confirm your identity",
        "verify your email address to",
        "approve you as a sender",
        "approved sender",
        "add you to my guest list",
        "guest list",
        "whitelist",
        "white list",
        "not a spammer",
        "prove that you are",
        "prove you are human",
        "unrecognized sender",
        "your message is being held",
        "your message has been held",
        "message is awaiting",
        "awaiting verification",
        "awaiting approval",
        "to deliver your message",
        "so that your message can be delivered",
        "reply to this message to confirm",
        "challenge",
        "one-time verification",
        "sender verification",
        "verify your message",
        "confirm your message",
        "to complete the delivery",
        "release your message",
    ];
    const ACTS: &[&str] =
        &["http://", "https://", "click", "reply to this", "respond to this", "just reply", "simply reply"];
    if facts
        .headers
        .iter()
        .any(|(name, _)| FIELDS.iter().any(|f| starts_with(name, f)) && !starts_with(name, "X-TMDA-Fingerprint"))
    {
        return true;
    }
    let start: String = facts.text.chars().take(3000).collect::<String>().to_lowercase();
    let asks = ASKS.iter().filter(|words| start.contains(*words)).count();
    let acts = ACTS.iter().any(|words| start.contains(words));
    let shape =
        facts.null_return_path() || auto_submitted(facts) || precedence_bulk(facts) || report::not_a_persons(facts);
    let subject = facts.subject.to_lowercase();
    let names = [
        "confirm",
        "verif",
        "challenge",
        "approval",
        "action required",
        "action needed",
        "whitelist",
        "held",
        "sender",
    ]
    .iter()
    .any(|w| subject.contains(w));
    acts && ((asks >= 1 && shape && names) || (asks >= 2 && (shape || names)))
}

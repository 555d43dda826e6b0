//! Events of the audit trail in words for people. Kinds are a closed list: a new one does not compile until it has words.

use crate::case::EventKind;
use std::collections::BTreeMap;

/// What happened, as one sentence; `content` is the event's sealed content, where it stands still.
pub(super) fn event_words(
    kind: EventKind,
    ids: &BTreeMap<String, String>,
    content: Option<&serde_json::Value>,
) -> String {
    let id = |name: &str| ids.get(name).map_or("", String::as_str);
    let of = |name: &str| content.and_then(|content| content.get(name)?.as_str()).unwrap_or_default();
    match kind {
        EventKind::Decided => with("A message was decided", &spaced(id("decision"))),
        EventKind::CaseOpened => "The case was opened.".into(),
        EventKind::MessageAttached => with("A message was added", &spaced(id("role"))),
        EventKind::Reopened => "The case was opened again.".into(),
        EventKind::Assigned if of("specialist").is_empty() => "The case was given to a specialist.".into(),
        EventKind::Assigned => format!("Given to {}.", of("specialist")),
        EventKind::Unassigned => "Nobody was there to take it.".into(),
        EventKind::Updated => "An update went to the requester.".into(),
        EventKind::Nudged => with("The specialist was reminded", &about_clock(id("clock"))),
        EventKind::Breached => with("A promise was missed", &about_clock(id("clock"))),
        EventKind::Answered => "The requester was answered.".into(),
        EventKind::Resolved => "The case was resolved.".into(),
        EventKind::Paused if id("until").is_empty() => "The clocks were stopped, without an end.".into(),
        EventKind::Paused => format!("The clocks were stopped until {}.", local(id("until"))),
        EventKind::Resumed => "The clocks go on.".into(),
        EventKind::NextUpdateSet => format!("The next update was set to {}.", local(id("due"))),
        EventKind::UpdateWords => "The words of the next update were written.".into(),
        EventKind::Corrected if id("what") == "field" => format!("The field {} was corrected.", id("field")),
        EventKind::Corrected if id("what") == "line" => format!("The line was corrected to {}.", id("line")),
        EventKind::Corrected => with("Corrected", &spaced(id("what"))),
        EventKind::Opportunity => with("An opportunity was noted", &spaced(id("kind"))),
        EventKind::SentBack => "The request was sent back to the requester.".into(),
        EventKind::SentElsewhere => with("The requester was told where to take it", &spaced(id("topic"))),
        EventKind::SupervisorAsked => "The requester asked for a supervisor.".into(),
        EventKind::StepTaken => with("A step of the ladder was taken", &spaced(id("step"))),
        EventKind::Escalated => "The inquiry became a case, and its number may be told.".into(),
        EventKind::StepReviewed => with("The requester was told what came of the step", &spaced(id("step"))),
        EventKind::Listed => with("It was put on a list", &spaced(id("list"))),
        EventKind::Noted => with("A note went to whoever does it", &spaced(id("topic"))),
        EventKind::Merged if !id("into").is_empty() => format!("Merged into {}.", id("into")),
        EventKind::Merged => format!("{} was merged into this case.", id("from")),
        EventKind::Split => format!("A message of it became case {}.", id("into")),
        EventKind::CommandsDone => "Commands were carried out.".into(),
        EventKind::CommandsRefused => "Commands were refused.".into(),
        EventKind::AbsenceSet if of("staff").is_empty() => "An absence was told.".into(),
        EventKind::AbsenceSet => format!("{} is away from {} to {}.", of("staff"), of("from"), of("to")),
        EventKind::MarkedUrgent => "The case became urgent.".into(),
        EventKind::Linked => format!("Linked with {}.", id("case")),
        EventKind::StatusChanged => format!("The status became {}.", spaced(id("status"))),
        EventKind::Note => "A note was written.".into(),
        EventKind::PendingOpened => "The request was returned and waits to be completed.".into(),
        EventKind::PendingChanged => "The returned request was read again and is still short of something.".into(),
        EventKind::PendingCompleted => "The returned request was completed.".into(),
        EventKind::PendingClosed => "The returned request was closed.".into(),
        EventKind::MailQueued => with("A mail was written", &spaced(id("template"))),
        EventKind::MailSent => "A mail left.".into(),
        EventKind::MailFailed => with("A mail failed", &spaced(id("why"))),
        EventKind::MailUncertain => with("Whether a mail left is not known", &spaced(id("why"))),
        EventKind::MailCancelled => "A mail was cancelled.".into(),
        EventKind::MailWaits => "A mail waits: no secure way leads to its recipient.".into(),
        EventKind::MailReleased => "A mail that waited for a secure way was queued.".into(),
        EventKind::OutboxStopped => with("Automatic mail was stopped", &spaced(id("why"))),
        EventKind::OutboxReturning => "Automatic mail begins to leave again.".into(),
        EventKind::OutboxReleased => "Automatic mail leaves as ever again.".into(),
        EventKind::MailRetried => "A mail was queued again.".into(),
        EventKind::Bounced => with("A delivery report came in", &spaced(id("action"))),
        EventKind::HeldReleased => "A held message was released.".into(),
        EventKind::HeldUntouched => "The supervisor was told of a held message.".into(),
        EventKind::TokenKeyRotated => "The key of reply tokens was changed.".into(),
        EventKind::DeskReloaded => "A changed policy was taken up.".into(),
        EventKind::Viewed if id("where") == "portal" => with("Looked at in the portal", &spaced(id("what"))),
        EventKind::Viewed => with("Looked at", &spaced(id("what"))),
        EventKind::PortalLinkUsed => "A link to the portal was used.".into(),
        EventKind::Exported => with("Exported", &spaced(id("what"))),
        EventKind::SignedIn => "Signed in.".into(),
        EventKind::SignInFailed => "Signing in failed.".into(),
        EventKind::AccountChanged => with("An account was changed", &spaced(id("change"))),
        EventKind::DigestWritten => "The digest was written.".into(),
        EventKind::SentCorrected => "A mail that was sent was corrected or withdrawn.".into(),
        EventKind::ClockStarted => with("A clock started", &about_clock(id("clock"))),
        EventKind::ClockEnded => with("A clock ended", &about_clock(id("clock"))),
    }
}

/// Whether an event only repeats what messages, mails and clocks show beside it.
pub(super) fn is_minor(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Decided
            | EventKind::MessageAttached
            | EventKind::MailQueued
            | EventKind::MailSent
            | EventKind::MailFailed
            | EventKind::MailUncertain
            | EventKind::CommandsDone
            | EventKind::ClockStarted
            | EventKind::ClockEnded
            | EventKind::Viewed
    )
}

/// What a person wrote: the event's own text.
pub(super) fn event_text(content: Option<&serde_json::Value>) -> Option<String> {
    let content = content?;
    content.get("text").unwrap_or(content).as_str().map(str::to_owned)
}

fn with(sentence: &str, what: &str) -> String {
    if what.is_empty() { format!("{sentence}.") } else { format!("{sentence}: {what}.") }
}

fn spaced(code: &str) -> String {
    code.replace('_', " ")
}

/// A local time as events keep it, without its `T`.
fn local(written: &str) -> String {
    written.replace('T', " ")
}

fn about_clock(kind: &str) -> String {
    match kind {
        "respond" | "respond_nudge" => "the answer".into(),
        "follow_up" => "that nothing was done".into(),
        "update" | "update_nudge" => "the update".into(),
        other => spaced(other),
    }
}

#[cfg(test)]
#[test]
fn every_kind_has_words_with_and_without_ids() {
    let ids = ["decision", "role", "clock", "until", "due", "what", "into", "why", "template"];
    let ids: BTreeMap<String, String> = ids.iter().map(|name| ((*name).to_owned(), "a_b".to_owned())).collect();
    for kind in EventKind::ALL {
        for ids in [&ids, &BTreeMap::new()] {
            let words = event_words(*kind, ids, None);
            assert!(words.ends_with('.') && words.len() > 8 && !words.contains("a_b ."), "{kind}: {words}");
        }
    }
    let content = serde_json::json!({ "specialist": "ann@example.com", "text": "said" });
    assert_eq!(event_words(EventKind::Assigned, &ids, Some(&content)), "Given to ann@example.com.");
    assert_eq!(event_text(Some(&content)).as_deref(), Some("said"));
    assert_eq!(event_text(Some(&serde_json::json!("bare"))).as_deref(), Some("bare"));
    assert_eq!(event_text(Some(&serde_json::json!({ "a": 1 }))), None);
}

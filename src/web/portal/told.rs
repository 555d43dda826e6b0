//! What became of what was sent, and how things stand, in sentences for partners.

use crate::case::Case;
use crate::words::{Decision, Status, Template};
use crate::worker::portal::Entered;

/// How a case stands, in plain words, and the class of its chip.
pub(super) fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::New => ("Received", "info"),
        Status::InReview => ("In review", "info"),
        Status::WaitingInternal => ("Waiting for a colleague of ours", "calm"),
        Status::WaitingExternal => ("Waiting for an answer from outside", "calm"),
        Status::Paused => ("On hold for now", "warn"),
        Status::Resolved => ("Resolved", "good"),
    }
}

/// The number of a case as its requester may know it: an inquiry has none that is told.
pub(super) fn told_number(case: &Case) -> String {
    if case.course.is_inquiry { "Question".to_owned() } else { case.number.0.clone() }
}

/// What a mail of the desk was, as a heading.
pub(super) fn heading(template: Template) -> &'static str {
    match template {
        Template::Receipt => "Your request was received",
        Template::Acknowledgement => "Your request is being reviewed",
        Template::Update => "An update",
        Template::Return => "Something was missing",
        Template::Closing => "Your request was resolved",
        Template::Escalation => "Your request was passed on",
        Template::Listed => "Your request was noted",
        Template::Duplicate => "You had asked before",
        Template::Redirect => "Where to take it",
        Template::RejectMixed => "One request for each line",
        Template::PendingClosed => "Your request was closed",
        _ => "An answer",
    }
}

/// What is said after a message was sent in a conversation.
pub(super) fn after_answer(entered: &Entered) -> &'static str {
    match entered {
        Entered::Decided { decision: Decision::Hold, .. } => {
            "Your message has reached us. A person looks at it before it joins the conversation."
        }
        Entered::Decided { decision: Decision::Accept, .. } => "Your message opened a new case.",
        Entered::Decided { decision: Decision::Attach, .. } => "Your message is sent.",
        Entered::Decided { .. } => "Your message has reached us.",
        Entered::Waits => "Your message has reached us, and appears here in a moment.",
    }
}

/// What is said after a request was sent.
pub(super) fn after_request(entered: &Entered) -> String {
    match entered {
        Entered::Decided { decision: Decision::Accept, case: Some(number), .. } => {
            format!("Your request is received. Its case number is {number}.")
        }
        Entered::Decided { decision: Decision::Duplicate | Decision::Attach, case: Some(number), .. } => {
            format!("You have asked for this before: what you wrote is added to case {number}.")
        }
        Entered::Decided { decision: Decision::Return, .. } => {
            "Your request is received, and something is still missing: please complete it.".to_owned()
        }
        Entered::Decided { decision: Decision::Hold, .. } => {
            "Your request has reached us. A person looks at it first, and you will hear from us.".to_owned()
        }
        _ => "Your request has reached us, and you will hear from us by email.".to_owned(),
    }
}

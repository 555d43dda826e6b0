//! How decisions and reasons look and read, the same on every page.

use crate::desk::Desk;
use crate::words::{Decision, Reason, ReasonCode};

/// The mark of a decision: `good`, `warn`, `bad`, `info` or `calm`. Its word stands beside it always.
pub(super) fn tone(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "good",
        Decision::Attach | Decision::Duplicate => "info",
        Decision::Return | Decision::Redirect | Decision::RejectMixed => "warn",
        Decision::Hold => "bad",
        Decision::Bounce | Decision::Ignore => "calm",
    }
}

/// A reason in a short sentence; fields are called as the desk calls them.
pub(super) fn reason(desk: &Desk, reason: &Reason) -> String {
    let field = reason.field.as_deref().and_then(|id| desk.field(id)).map(|field| field.label.as_str());
    let one_of = desk.one_of.iter().find(|one| reason.field.as_deref() == Some(one.id.as_str()));
    let field = field.or_else(|| one_of.map(|one| one.label.as_str()));
    let sentence = match reason.code {
        ReasonCode::UnauthenticatedStaff => "it claims to be from staff, and nothing proves that",
        ReasonCode::UnauthenticatedParticipant => "it claims to be from somebody of a case, and fails authentication",
        ReasonCode::FitsTwoCases => "it fits two cases",
        ReasonCode::MachineWithTemplate => "it bears the mark of a machine or of spam, and holds the template",
        ReasonCode::Unparsable => "it cannot be read",
        ReasonCode::SeenBefore => "somebody moved it back into the inbox",
        ReasonCode::OverReplyLimit => "its sender wrote more than the limits allow",
        ReasonCode::MissingField => return format!("{} is missing", field.unwrap_or("something")),
        ReasonCode::InvalidField => return format!("{} cannot be used as it is", field.unwrap_or("a value")),
        ReasonCode::LineUnknown => "its line is not known",
        ReasonCode::LineConflict => "it names two lines",
        ReasonCode::MemberUnknown => "its member is not known",
        ReasonCode::MemberMismatch => "the member in the subject and in the text differ",
        ReasonCode::SeveralMembers => "it names several members",
        ReasonCode::SubjectUnreadable => "its subject cannot be read",
        ReasonCode::MixedLines => "it asks for work on two lines",
        ReasonCode::Empty => "it has no words of its own",
        other => return other.as_str().replace('_', " "),
    };
    sentence.to_owned()
}

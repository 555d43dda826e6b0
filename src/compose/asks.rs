//! What a return asks for: one entry for each thing that is missing, unusable or contradictory, in the order in which
//! a requester fills in the form. Nothing that was given is named, and no value.

use super::context::Context;
use crate::desk::{Desk, Field, FieldRole};
use crate::words::ReasonCode;

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ask {
    /// The reason's code as a word; templates word it.
    pub code: &'static str,
    /// The field's label, empty where it is about no field.
    pub label: String,
    /// What a good value is, empty where the desk says nothing.
    pub hint: String,
}

/// Everything that `context`'s reasons ask the requester for.
pub fn asks(desk: &Desk, context: &Context) -> Vec<Ask> {
    let has = |code: ReasonCode| context.reasons.iter().any(|reason| reason.code == code);
    let name_field = desk.field_of(FieldRole::MemberName).map(|field| field.id.as_str());
    let mut asks = Vec::new();
    // What the subject says comes first, as in the form; a name that is asked for already is not asked for as a field.
    let subject = subject_ask(context);
    asks.extend(subject.map(|code| Ask { code: code.as_str(), label: String::new(), hint: String::new() }));
    let name_asked =
        matches!(subject, Some(ReasonCode::SubjectUnreadable | ReasonCode::MemberUnknown | ReasonCode::MemberMismatch));
    if has(ReasonCode::LineConflict) {
        asks.push(Ask { code: ReasonCode::LineConflict.as_str(), label: String::new(), hint: String::new() });
    }
    for field in &desk.fields {
        if name_asked && name_field == Some(field.id.as_str()) {
            continue;
        }
        let empty = has(ReasonCode::Empty) && field.required && !context.fields.contains_key(&field.id);
        let code = context
            .reasons
            .iter()
            .find(|reason| reason.field.as_deref() == Some(field.id.as_str()))
            .map(|reason| reason.code)
            .or(empty.then_some(ReasonCode::MissingField));
        if let Some(code) = code {
            asks.push(Ask {
                code: code.as_str(),
                label: field.label.clone(),
                hint: field.hint.clone().unwrap_or_default(),
            });
        }
    }
    for reason in &context.reasons {
        // About no field, and not said yet: such as several members, or a type that does not fit.
        let said = is_about_subject(reason.code)
            || matches!(reason.code, ReasonCode::Empty | ReasonCode::LineConflict)
            || reason.field.as_deref().is_some_and(|id| desk.field(id).is_some());
        if !said {
            let label = reason.field.clone().unwrap_or_default();
            asks.push(Ask { code: reason.code.as_str(), label, hint: String::new() });
        }
    }
    asks
}

/// The one thing to ask about the subject. An empty mail whose subject says nothing is asked for the subject too.
fn subject_ask(context: &Context) -> Option<ReasonCode> {
    let codes = || context.reasons.iter().map(|reason| reason.code);
    if let Some(found) = codes().find(|code| is_about_subject(*code)) {
        return Some(found);
    }
    if !codes().any(|code| code == ReasonCode::Empty) {
        return None;
    }
    match (&context.member, &context.line) {
        (None, None) => Some(ReasonCode::SubjectUnreadable),
        (None, Some(_)) => Some(ReasonCode::MemberUnknown),
        (Some(_), None) => Some(ReasonCode::LineUnknown),
        (Some(_), Some(_)) => None,
    }
}

fn is_about_subject(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::SubjectUnreadable
            | ReasonCode::LineUnknown
            | ReasonCode::MemberUnknown
            | ReasonCode::MemberMismatch
    )
}

/// The labels behind which a reply can give what is asked for, in the order of the form.
pub fn form(desk: &Desk, asks: &[Ask]) -> Vec<String> {
    let line = desk.subject.line_labels.first().filter(|_| asks_line(asks));
    let fields = desk.fields.iter().filter(|field| is_asked(field, asks)).map(|field| &field.label);
    line.into_iter().chain(fields).cloned().collect()
}

/// Whether a value of `field` is among what is asked for.
pub fn is_asked(field: &Field, asks: &[Ask]) -> bool {
    asks.iter().any(|ask| ask.label == field.label) || (field.role == FieldRole::MemberName && asks_member(asks))
}

/// Whether the line is among what is asked for.
pub fn asks_line(asks: &[Ask]) -> bool {
    use ReasonCode::{LineConflict, LineUnknown, SubjectUnreadable};
    asks.iter().any(|ask| [LineConflict, LineUnknown, SubjectUnreadable].iter().any(|code| ask.code == code.as_str()))
}

/// Whether the member's name is among what is asked for.
pub fn asks_member(asks: &[Ask]) -> bool {
    use ReasonCode::{MemberMismatch, MemberUnknown, SubjectUnreadable};
    asks.iter()
        .any(|ask| [MemberMismatch, MemberUnknown, SubjectUnreadable].iter().any(|code| ask.code == code.as_str()))
}

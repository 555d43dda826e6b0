//! What a return asks for: one entry for each thing that is missing, unusable or contradictory, in the order in which
//! a requester fills in the form. Nothing that was given is named, and no value.

use super::context::Context;
use crate::desk::{Desk, Field, FieldRole, OneOf, OpenedBy};
use crate::words::{Reason, ReasonCode};

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Ask {
    /// The reason's code as a word; templates word it.
    pub code: &'static str,
    /// The field's label, empty where it is about no field.
    pub label: String,
    /// What a good value is, empty where the desk says nothing.
    pub hint: String,
    /// What to do, in the desk's own words (Markdown); empty where it says nothing.
    #[serde(serialize_with = "as_markdown")]
    pub guidance: String,
}

/// The desk's own Markdown is not escaped.
fn as_markdown<S: serde::Serializer>(guidance: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&minijinja::Value::from_safe_string(guidance.to_owned()), serializer)
}

impl Ask {
    /// Something that is about no field.
    fn of(code: ReasonCode) -> Self {
        Self { code: code.as_str(), label: String::new(), hint: String::new(), guidance: String::new() }
    }
}

/// Everything that `context`'s reasons ask the requester for.
pub fn asks(desk: &Desk, context: &Context) -> Vec<Ask> {
    let has = |code: ReasonCode| context.reasons.iter().any(|reason| reason.code == code);
    let name_field = desk.field_of(FieldRole::MemberName).map(|field| field.id.as_str());
    let mut asks = Vec::new();
    // What the subject says comes first, as in the form; a name that is asked for already is not asked for as a field.
    let subject = subject_ask(context).filter(|_| desk.subject.is_template);
    asks.extend(subject.map(Ask::of));
    let name_asked =
        matches!(subject, Some(ReasonCode::SubjectUnreadable | ReasonCode::MemberUnknown | ReasonCode::MemberMismatch));
    if has(ReasonCode::LineConflict) {
        asks.push(Ask::of(ReasonCode::LineConflict));
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
            let hint = field.hint.clone().unwrap_or_else(|| known_names(desk, field));
            asks.push(Ask { label: field.label.clone(), hint, ..Ask::of(code) });
        }
    }
    for reason in &context.reasons {
        // About no field, and not said yet: such as several members, or a type that does not fit.
        let said = is_about_subject(reason.code)
            || matches!(reason.code, ReasonCode::Empty | ReasonCode::LineConflict)
            || reason.field.as_deref().is_some_and(|id| desk.field(id).is_some());
        if !said {
            asks.push(besides(desk, context, reason));
        }
    }
    asks
}

/// What a good value is where the desk lists them: the types that are opened by mail, or the priorities.
fn known_names(desk: &Desk, field: &Field) -> String {
    let names: Vec<&str> = match field.role {
        FieldRole::Type => {
            let by_mail = desk.types.list.iter().filter(|kind| kind.opened_by == OpenedBy::Mail);
            by_mail.map(|kind| kind.name.as_str()).collect()
        }
        FieldRole::Priority => desk.priorities.list.iter().map(|level| level.name.as_str()).collect(),
        _ => Vec::new(),
    };
    if names.is_empty() { String::new() } else { format!("one of: {}", names.join(", ")) }
}

/// What is about no field of the desk.
fn besides(desk: &Desk, context: &Context, reason: &Reason) -> Ask {
    let ask = Ask::of(reason.code);
    let kind = context.kind.as_ref().and_then(|id| desk.types.get(id));
    let guidance = |text: Option<&String>| text.cloned().unwrap_or_default();
    match reason.code {
        ReasonCode::WrongType => {
            let right = context.right_type.as_ref().and_then(|id| desk.types.get(id));
            let wrong = kind.iter().flat_map(|kind| &kind.wrong);
            let told =
                wrong.filter(|wrong| wrong.means == context.right_type).find_map(|wrong| wrong.guidance.as_ref());
            let told = told.or(right.and_then(|right| right.guidance.as_ref()));
            Ask { label: right.map(|right| right.name.clone()).unwrap_or_default(), guidance: guidance(told), ..ask }
        }
        ReasonCode::TypeNotByMail => {
            let wrong = kind.iter().flat_map(|kind| &kind.wrong).find(|wrong| wrong.not_by_mail);
            let told = kind.and_then(|kind| kind.guidance.as_ref());
            Ask { guidance: guidance(told.or(wrong.and_then(|wrong| wrong.guidance.as_ref()))), ..ask }
        }
        ReasonCode::NotAssociated => Ask { guidance: guidance(desk.associations.guidance.as_ref()), ..ask },
        ReasonCode::TooManyMembers => {
            Ask { hint: kind.map(|kind| kind.members.to_string()).unwrap_or_default(), ..ask }
        }
        _ => {
            let named = desk.one_of.iter().filter(|one| reason.field.as_deref() == Some(one.id.as_str()));
            // Two may share an id where they are needed for different types.
            let due = |one: &&OneOf| {
                one.when.as_ref().is_none_or(|when| {
                    when.holds(context.kind.as_deref(), context.priority.as_deref(), |id| {
                        context.fields.contains_key(id)
                    })
                })
            };
            let one_of = named.clone().find(due).or_else(|| named.clone().next());
            let label = one_of.map(|one| one.label.clone()).or_else(|| reason.field.clone()).unwrap_or_default();
            Ask { label, hint: one_of.and_then(|one| one.hint.clone()).unwrap_or_default(), ..ask }
        }
    }
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
    let fields = desk.fields.iter().filter(|field| is_asked(desk, field, asks)).map(|field| &field.label);
    line.into_iter().chain(fields).cloned().collect()
}

/// Whether a value of `field` is among what is asked for.
pub fn is_asked(desk: &Desk, field: &Field, asks: &[Ask]) -> bool {
    let of_one =
        |ask: &Ask, desk: &Desk| desk.one_of.iter().any(|one| one.label == ask.label && one.fields.contains(&field.id));
    asks.iter().any(|ask| ask.label == field.label || of_one(ask, desk))
        || (field.role == FieldRole::MemberName && asks_member(asks))
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

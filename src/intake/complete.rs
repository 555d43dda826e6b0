//! Whether a request is complete, and if not, every reason to return it (POLICY.md, `agent-rsos`: Subject, Body fields).
//!
//! Reasons stand in a fixed order: what the subject and the body together leave unknown or contradictory, then the
//! fields in the desk's order. A member whose name is nowhere is told twice, on purpose: as `member_unknown` (or `subject_unreadable`) for the
//! subject, and as `missing_field` for the field that a name in the subject would have filled.

use super::alike;
use super::names::{self, Written};
use super::request::Request;
use super::said::issue_type::{self, Misfit};
use super::said::members::Listed;
use super::said::{self, Phrases, Told, issues, priority};
use super::subject;
use super::text;
use super::values::Worth;
use super::vocabulary::Vocabulary;
use super::{besides, members, urgency};
use crate::desk::{Desk, Field, FieldRole, OneOf, OpenedBy, Tolerance};
use crate::words::{Fields, LineId, MemberName, Reason, ReasonCode, SubjectMatch};

/// What a request comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Completeness {
    /// The line, where one is known and nothing contradicts it.
    pub line: Option<LineId>,
    /// The member.
    pub member: Option<MemberName>,
    /// Usable values by field id.
    pub fields: Fields,
    /// The subject as it should have been.
    pub canonical_subject: Option<String>,
    /// How the subject was read, with what the body gave to it.
    pub subject_match: SubjectMatch,
    /// Every reason to return it, in stable order. Empty: complete.
    pub reasons: Vec<Reason>,
    /// The subject names two lines, or labels and blocks of the body do.
    pub mixed_by_labels: bool,
    /// A social security number or a birth date stands in it.
    pub pii: bool,
    /// What was repaired in the subject.
    pub repairs: Vec<String>,
    /// The type of issue, in the desk's words.
    pub kind: Option<String>,
    /// The priority, in the desk's words.
    pub priority: Option<String>,
    /// The priority that was asked for, where its reason did not meet it and a lower one was given.
    pub lowered_from: Option<String>,
    /// The type that is meant, where the one that was named is wrong and another fits.
    pub right_type: Option<String>,
    /// The type is one that nobody opens for now: the request goes elsewhere, whatever else it lacks.
    pub is_paused: bool,
    /// The members, where a request may have several; one or none elsewhere.
    pub members: Vec<Listed>,
}

/// Judges what `request` gives against what `desk` requires.
pub fn complete(desk: &Desk, request: &Request) -> Completeness {
    complete_with(&Vocabulary::of(desk), request)
}

/// As [`complete`], with the words of a desk prepared.
pub(super) fn complete_with(voc: &Vocabulary<'_>, request: &Request) -> Completeness {
    let settled = settle_name(voc, request);
    let (line, conflict, line_repair) = settle_line(request);
    let mixed = request.subject.lines_named.len() > 1 || labels_mixed(request);
    let mut repairs = request.subject.repairs.clone();
    repairs.extend(settled.repair.map(str::to_owned));
    repairs.extend(line_repair.map(str::to_owned));
    let canonical = settled.member.as_ref().and_then(|member| canonical(voc, member, line.as_ref()?));
    let strict = voc.parts.subject.tolerance == Tolerance::Strict && request.subject.match_ != SubjectMatch::Exact;
    let mut out = Completeness {
        subject_match: subject_match(request, canonical.is_some(), strict, &repairs),
        line,
        member: settled.member.clone(),
        fields: Fields::new(),
        canonical_subject: canonical.filter(|_| !strict),
        reasons: Vec::new(),
        mixed_by_labels: mixed,
        pii: request.pii,
        repairs,
        kind: None,
        priority: None,
        lowered_from: None,
        right_type: None,
        is_paused: false,
        members: Vec::new(),
    };
    classify(voc, request, &mut out);
    if request.empty {
        // A list of everything that is missing would say no more.
        out.reasons = vec![Reason::of(ReasonCode::Empty)];
        return out;
    }
    let classified = std::mem::take(&mut out.reasons);
    if voc.parts.subject.is_template {
        out.reasons = subject_reasons(request, &out, strict);
    }
    if conflict {
        out.reasons.push(Reason::of(ReasonCode::LineConflict));
    }
    if settled.mismatch {
        out.reasons.push(Reason::of(ReasonCode::MemberMismatch));
    }
    let most = out.kind.as_ref().and_then(|kind| voc.desk.types.get(kind)).map_or(1, |kind| kind.members);
    if most == 1 && (members::several(voc, &request.blocks) || besides(voc, request)) {
        out.reasons.push(Reason::of(ReasonCode::SeveralMembers));
    } else if most > 1 && out.members.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        out.reasons.push(Reason::of(ReasonCode::TooManyMembers));
    }
    out.reasons.extend(classified);
    fill_fields(voc, request, &mut out);
    if !voc.parts.subject.is_template {
        out.canonical_subject = mail_subject(voc.desk, &out);
    }
    out
}

/// The subject that mail about this request bears, as the desk has it.
fn mail_subject(desk: &Desk, known: &Completeness) -> Option<String> {
    let name = |id: &str| match id {
        "type" => known.kind.as_ref().and_then(|id| desk.types.get(id)).map(|kind| kind.name.clone()),
        "priority" => known.priority.as_ref().and_then(|id| desk.priorities.get(id)).map(|level| level.name.clone()),
        id => known.fields.get(id).cloned(),
    };
    desk.mail_subject(name)
}

/// What is known of the request's type, priority and issues, and what is amiss with them.
fn classify(voc: &Vocabulary<'_>, request: &Request, out: &mut Completeness) {
    let desk = voc.desk;
    if desk.types.list.is_empty() && desk.priorities.list.is_empty() && !desk.issues.one {
        return;
    }
    let phrases = Phrases::of(desk);
    let body = told(voc, request);
    let told = Told { subject: &request.subject.text, body: &body };
    let given: Vec<&str> = request.given.iter().filter(is_labelled).map(|(id, _)| id.as_str()).collect();
    let labelled = issue_type::Labelled { kind: stated(voc, request, FieldRole::Type), fields: &given };
    let found = issue_type::find(desk, &phrases, labelled, told);
    if let Some(id) = &found.id {
        classify_type(desk, &phrases, id, (&found, told), out);
    } else if desk.types.required && !desk.types.list.is_empty() {
        let code = if found.unknown { ReasonCode::InvalidField } else { ReasonCode::MissingField };
        out.reasons.push(Reason::field(code, field_id(desk, FieldRole::Type, "type")));
    }
    let stated = priority::Stated {
        level: stated(voc, request, FieldRole::Priority),
        reason: stated(voc, request, FieldRole::PriorityReason),
    };
    let is_urgent = |text: &str| urgency::urgent(desk, "", text).is_some();
    let level = priority::find(desk, &phrases, found.id.as_deref(), stated, told, &is_urgent);
    (out.priority, out.lowered_from) = (level.id, level.lowered_from);
    match level.fault {
        Some(priority::Fault::Level(code)) => {
            out.reasons.push(Reason::field(code, field_id(desk, FieldRole::Priority, "priority")));
        }
        Some(priority::Fault::NoReason) => {
            let field = field_id(desk, FieldRole::PriorityReason, "priority_reason");
            out.reasons.push(Reason::field(ReasonCode::MissingField, field));
        }
        None => {}
    }
    if issues::several(desk, &phrases, told, 1 + request.more_summaries.len()) {
        out.reasons.push(Reason::of(ReasonCode::SeveralIssues));
    }
    out.members = said::members::listed(voc, request);
    out.kind = found.id;
}

/// Whether a usable value stands behind a label, and not in running text.
fn is_labelled((_, given): &(&String, &super::Given)) -> bool {
    use super::Place;
    given.worth == Worth::Usable && !matches!(given.place, Place::Text | Place::Prose)
}

/// What follows from a request's type.
fn classify_type(
    desk: &Desk,
    phrases: &Phrases,
    id: &str,
    (found, told): (&issue_type::Found, Told<'_>),
    out: &mut Completeness,
) {
    let Some(kind) = desk.types.get(id) else { return };
    out.line = kind.queue.clone();
    match kind.opened_by {
        OpenedBy::Platform => out.reasons.push(Reason::of(ReasonCode::TypeNotByMail)),
        OpenedBy::Nobody => out.is_paused = true,
        OpenedBy::Mail if found.by_words => {}
        OpenedBy::Mail => match issue_type::misfit(desk, phrases, id, told) {
            Some(Misfit::NotByMail) => out.reasons.push(Reason::of(ReasonCode::TypeNotByMail)),
            Some(Misfit::Another(right)) => {
                out.reasons.push(Reason::of(ReasonCode::WrongType));
                out.right_type = right;
            }
            None => {}
        },
    }
}

/// The id of the desk's field with this role, for reasons.
fn field_id(desk: &Desk, role: FieldRole, usual: &str) -> String {
    desk.field_of(role).map_or_else(|| usual.to_owned(), |field| field.id.clone())
}

/// The value behind the label of the field with this role, placeholders left out.
fn stated<'r>(voc: &Vocabulary<'_>, request: &'r Request, role: FieldRole) -> Option<&'r str> {
    let field = voc.parts.fields.iter().find(|field| field.role == role)?;
    let given = request.given.get(&field.id).filter(|given| given.worth != Worth::Placeholder)?;
    Some(given.value.as_str())
}

/// All that the request says about its issue, whatever label it stands behind.
pub(super) fn told(voc: &Vocabulary<'_>, request: &Request) -> String {
    let says = |role: FieldRole| matches!(role, FieldRole::Summary | FieldRole::PriorityReason | FieldRole::Other);
    let given = voc.parts.fields.iter().filter(|field| says(field.role) && field.pattern.is_none());
    let given = given.filter_map(|field| request.given.get(&field.id)).map(|given| given.value.as_str());
    let more = request.more_summaries.iter().map(String::as_str);
    given.chain(more).chain([request.free_text.as_str()]).collect::<Vec<_>>().join("\n")
}

/// Whether the sender's sentences ask about another member, by name and id.
fn besides(voc: &Vocabulary<'_>, request: &Request) -> bool {
    let summary = voc.parts.fields.iter().find(|field| field.role == FieldRole::Summary);
    let summary = summary.and_then(|field| request.given.get(&field.id)).map(|given| given.value.as_str());
    let subject = subject::written(&request.subject);
    let mut known = body_names(voc, request);
    known.extend(subject);
    [summary.unwrap_or_default(), request.free_text.as_str()]
        .iter()
        .any(|text| besides::asks_about_another(voc, text, &known, &request.blocks))
}

fn labels_mixed(request: &Request) -> bool {
    let mut lines: Vec<&LineId> =
        request.line_labels.iter().chain(request.blocks.iter().flat_map(|b| &b.lines)).collect();
    lines.sort();
    lines.dedup();
    lines.len() > 1 && !request.line_settled
}

/// A name settled from subject and body.
struct Settled {
    member: Option<MemberName>,
    mismatch: bool,
    repair: Option<&'static str>,
}

fn settle_name(voc: &Vocabulary<'_>, request: &Request) -> Settled {
    let reading = &request.subject;
    let people = body_names(voc, request);
    let Some(body) = people.first() else {
        return Settled { member: reading.name.clone(), mismatch: false, repair: None };
    };
    let from_body = || Some(names::shown(voc, &ordered(voc, body)));
    let Some(written) = subject::written(reading).filter(|_| !request.name_settled) else {
        return Settled { member: from_body(), mismatch: false, repair: Some("name from body") };
    };
    let by_name = given_name(voc, request)
        .is_some_and(|value| names::by_names(voc, value).iter().any(|name| alike::same_person(voc, &written, name)));
    let same = people.iter().find(|person| alike::same_person(voc, &written, person));
    let same = same.or_else(|| people.first().filter(|_| by_name));
    match (&reading.name, same) {
        (Some(name), Some(person)) => {
            Settled { member: Some(trimmed(voc, reading.match_, name, person)), mismatch: false, repair: None }
        }
        (Some(name), None) => Settled { member: Some(name.clone()), mismatch: true, repair: None },
        (None, Some(person)) => {
            let member = Some(names::shown(voc, &ordered(voc, person)));
            Settled { member, mismatch: false, repair: Some("no comma") }
        }
        (None, None) if reading.loose_is_name && (reading.line.is_some() || reading.topic.is_some()) => {
            Settled { member: from_body(), mismatch: true, repair: None }
        }
        (None, None) => Settled { member: from_body(), mismatch: false, repair: Some("name from body") },
    }
}

/// The names of the body's member field; of every block, where there are several.
fn body_names(voc: &Vocabulary<'_>, request: &Request) -> Vec<Written> {
    let Some(given) = given_name(voc, request) else { return Vec::new() };
    let mut people = members::people(voc, given);
    for name in request.blocks.iter().flat_map(|block| &block.names).take(40) {
        if name != given {
            people.extend(members::people(voc, name));
        }
    }
    people
}

/// The usable value of the body's member field.
fn given_name<'r>(voc: &Vocabulary<'_>, request: &'r Request) -> Option<&'r str> {
    let field = voc.parts.fields.iter().find(|field| field.role == FieldRole::MemberName)?;
    let given = request.given.get(&field.id).filter(|given| given.worth == Worth::Usable)?;
    Some(given.value.as_str())
}

fn ordered(voc: &Vocabulary<'_>, name: &Written) -> MemberName {
    match name {
        Written::Ordered(name) => name.clone(),
        Written::Loose(words) => names::natural(voc, words),
    }
}

/// The subject's name; in a repaired subject without words that the body's name does not have.
fn trimmed(voc: &Vocabulary<'_>, match_: SubjectMatch, name: &MemberName, body: &Written) -> MemberName {
    let body = match body {
        Written::Ordered(name) => text::words(&format!("{} {}", name.last, name.first)),
        Written::Loose(words) => text::words(&words.join(" ")),
    };
    let given: Vec<&str> = name.first.split_whitespace().collect();
    let known = |word: &&&str| text::words(word).iter().all(|word| body.contains(word));
    let kept: Vec<&str> = given.iter().filter(known).copied().collect();
    let first_known = given.first().is_some_and(|first| known(&first));
    let long = given.iter().skip(1).any(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1 && !known(&word));
    if match_ == SubjectMatch::Exact || !first_known || !long {
        return name.clone();
    }
    names::shown(voc, &MemberName { last: name.last.clone(), first: kept.join(" ") })
}

/// The line of subject and labels, whether they contradict each other, and what was repaired.
fn settle_line(request: &Request) -> (Option<LineId>, bool, Option<&'static str>) {
    let label = match request.line_labels.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    match (&request.subject.line, label) {
        (Some(subject), Some(label)) if subject != label && request.line_settled => {
            (Some(label.clone()), false, Some("line from body"))
        }
        (Some(subject), Some(label)) if subject != label => (None, true, None),
        (Some(line), _) => (Some(line.clone()), false, None),
        (None, Some(label)) if request.subject.lines_named.len() < 2 || request.line_settled => {
            (Some(label.clone()), false, Some("line from body"))
        }
        (None, _) => (None, false, None),
    }
}

/// The subject as the desk's template has it, for a member and a line; `None`: the desk has no such line.
pub fn canonical_subject(desk: &Desk, member: &MemberName, line: &LineId) -> Option<String> {
    canonical(&Vocabulary::of(desk), member, line).filter(|_| *member != MemberName::default())
}

fn canonical(voc: &Vocabulary<'_>, member: &MemberName, line: &LineId) -> Option<String> {
    let line = &voc.line(line)?.name;
    Some(match (member.last.is_empty(), member.first.is_empty()) {
        (false, false) => format!("{}, {} {line}", member.last, member.first),
        (false, true) => format!("{} {line}", member.last),
        (true, _) => format!("{} {line}", member.first),
    })
}

fn subject_match(request: &Request, canonical: bool, strict: bool, repairs: &[String]) -> SubjectMatch {
    match request.subject.match_ {
        _ if strict => SubjectMatch::Unreadable,
        SubjectMatch::Exact if repairs.is_empty() => SubjectMatch::Exact,
        _ if canonical => SubjectMatch::Repaired,
        SubjectMatch::Exact => SubjectMatch::Repaired,
        match_ => match_,
    }
}

fn subject_reasons(request: &Request, out: &Completeness, strict: bool) -> Vec<Reason> {
    if strict {
        return vec![Reason::of(ReasonCode::SubjectUnreadable)];
    }
    let line = out.line.is_some()
        || request.subject.lines_named.len() > 1
        || request.line_labels.len() > 1
        || (request.subject.line.is_some() && !request.line_labels.is_empty());
    let code = match (out.member.is_some(), line) {
        (true, true) => return Vec::new(),
        (true, false) => ReasonCode::LineUnknown,
        (false, true) => ReasonCode::MemberUnknown,
        (false, false) => ReasonCode::SubjectUnreadable,
    };
    vec![Reason::of(code)]
}

fn fill_fields(voc: &Vocabulary<'_>, request: &Request, out: &mut Completeness) {
    for field in voc.parts.fields {
        let given = request.given.get(&field.id);
        let from_subject = request.subject.name.as_ref().filter(|_| field.role == FieldRole::MemberName);
        match (given.map(|given| (given.worth, given)), from_subject) {
            (Some((Worth::Usable, given)), _) => {
                out.fields.insert(field.id.clone(), given.value.clone());
            }
            (_, Some(name)) => {
                out.fields.insert(field.id.clone(), format!("{}, {}", name.last, name.first));
            }
            (Some((Worth::Invalid, _)), None) => {
                out.reasons.push(Reason::field(ReasonCode::InvalidField, field.id.clone()));
            }
            (_, None) if is_needed(field, request, out) => {
                out.reasons.push(Reason::field(ReasonCode::MissingField, field.id.clone()));
            }
            (_, None) => {}
        }
    }
    for one_of in &voc.desk.one_of {
        if lacks(one_of, request, out) {
            out.reasons.push(Reason::field(ReasonCode::MissingField, one_of.id.clone()));
        }
    }
}

/// Whether something that can be used, or something that is asked for by itself, is given for the field with this id.
fn is_given(request: &Request, id: &str) -> bool {
    request.given.get(id).is_some_and(|given| given.worth == Worth::Usable)
}

/// Whether a request without `field` is returned. Type and priority are judged by what they say.
fn is_needed(field: &Field, request: &Request, out: &Completeness) -> bool {
    if matches!(field.role, FieldRole::Type | FieldRole::Priority | FieldRole::PriorityReason) {
        return false;
    }
    let when = field.when.as_ref();
    field.required
        || when.is_some_and(|when| when.holds(out.kind.as_deref(), out.priority.as_deref(), |id| is_given(request, id)))
}

/// Whether none of the fields of which one is needed is given. One that is given and unusable is told by itself.
fn lacks(one_of: &OneOf, request: &Request, out: &Completeness) -> bool {
    let holds =
        |when: &crate::desk::When| when.holds(out.kind.as_deref(), out.priority.as_deref(), |id| is_given(request, id));
    let is_due = one_of.when.as_ref().is_none_or(holds) && !one_of.unless.as_ref().is_some_and(holds);
    let given = |id: &String| request.given.get(id).is_some_and(|given| given.worth != Worth::Placeholder);
    is_due && !one_of.fields.iter().any(given)
}

//! What templates see, made from a [`Context`]: every value from mail masked, bounded and free of links.
//!
//! The plain variant is made of `plain` alone. What only the full variant has is not there at all, so a plain template
//! that asks for member data cannot be rendered, whoever wrote it (POLICY.md, External partners).

use super::asks::{asks, form};
use super::clean;
use super::context::{CommandOutcome, CommandUsage, Context, Escalation, WorklistCase};
use super::mailto::mailto;
use super::subject::{subject, tag_text, without_marks};
use crate::case::Entry;
use crate::desk::{Desk, Field, FieldRole, Line, OpenedBy};
use crate::words::{MemberName, Status, Variant};
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;
use std::collections::BTreeMap;

/// Values by the name that templates use.
pub type View = BTreeMap<&'static str, Value>;

#[derive(Serialize)]
struct DeskView<'a> {
    name: &'a str,
    address: String,
    specialist: &'a str,
    lines: Vec<&'a str>,
    subject_example: Option<String>,
}

#[derive(Clone, Serialize)]
struct Phone<'a> {
    title: &'a str,
    number: &'a str,
}

#[derive(Serialize)]
struct TopicView<'a> {
    title: &'a str,
    /// The desk's own Markdown: the only value that is not escaped.
    guidance: Value,
}

#[derive(Serialize)]
struct PromiseView {
    within: String,
    by: String,
    every: String,
    next: Option<String>,
}

#[derive(Serialize)]
struct Given<'a> {
    label: &'a str,
    value: String,
}

#[derive(Serialize)]
struct Contact {
    name: Option<String>,
    address: String,
}

#[derive(Serialize)]
struct Bounced {
    address: String,
    status: Option<String>,
}

#[derive(Serialize)]
struct Work {
    number: String,
    subject: String,
    status: String,
    urgent: bool,
    awaits: &'static str,
    when: Option<String>,
}

/// What a template of `variant` may speak of.
pub fn view(desk: &Desk, variant: Variant, context: &Context) -> View {
    let mut view = plain(desk, variant, context);
    if variant == Variant::Full {
        view.extend(member_data(desk, context));
    }
    view
}

/// Names that only the full variant has.
pub fn full_only(desk: &Desk, context: &Context) -> Vec<&'static str> {
    member_data(desk, context).into_keys().collect()
}

/// What says nothing of the member and repeats nothing that was given.
fn plain(desk: &Desk, variant: Variant, context: &Context) -> View {
    let asks = asks(desk, context);
    let link = mailto(desk, variant, context);
    let mut phones: Vec<Phone<'_>> = Vec::new();
    for phone in desk.lines.iter().filter_map(phone) {
        // One number for several queues is told once.
        if phones.iter().all(|known| known.number != phone.number) {
            phones.push(phone);
        }
    }
    // Several queues behind one number: nobody outside knows the first one's name.
    if let [only] = phones.as_mut_slice()
        && desk.has_queues
        && desk.lines.len() > 1
    {
        only.title = &desk.name;
    }
    let line = context.line.as_ref().and_then(|id| desk.line(id));
    let urgent_phones = line.map_or_else(|| phones.clone(), |line| phone(line).into_iter().collect());
    let topics: Vec<TopicView<'_>> = context.topics.iter().filter_map(|id| topic(desk, id)).collect();
    let promise = context.promise.as_ref().map(|promise| PromiseView {
        within: clean::fold(&promise.respond_within),
        by: clean::fold(&promise.respond_by),
        every: in_words(&promise.update_every),
        next: promise.next_update.as_deref().map(clean::fold),
    });
    let desk_view = DeskView {
        name: &desk.name,
        address: desk.address.to_string(),
        specialist: &desk.specialist_title,
        lines: desk.lines.iter().filter(|_| !desk.has_queues).map(|line| line.name.as_str()).collect(),
        subject_example: desk.subject.is_template.then(|| subject_of(None, desk.lines.first())),
    };
    let kind = context.kind.as_ref().and_then(|id| desk.types.get(id));
    let level = |id: Option<&String>| id.and_then(|id| desk.priorities.get(id));
    let list = context.list.as_ref().and_then(|id| desk.list(id));
    let word = |count: usize| small_number(count).map_or_else(|| count.to_string(), str::to_owned);
    BTreeMap::from([
        ("desk", Value::from(Serde(desk_view))),
        ("subject", Value::from(subject(desk, variant, context))),
        ("number", optional(context.tag.as_ref().map(|tag| tag_text(tag).to_owned()))),
        ("urgent", Value::from(context.urgent)),
        ("urgent_phones", Value::from(Serde(urgent_phones))),
        ("phones", Value::from(Serde(phones))),
        ("promise", Value::from(Serde(promise))),
        ("asks_count", Value::from(word(asks.len()))),
        ("reasons", Value::from(Serde(context.reasons.iter().map(|reason| reason.code).collect::<Vec<_>>()))),
        ("form", Value::from(Serde(form(desk, &asks)))),
        ("asks", Value::from(Serde(asks))),
        ("answer_link", Value::from(link.url)),
        ("waits_until", optional(context.waits_until.as_deref().map(clean::fold))),
        ("sent_on", optional(context.sent_on.as_deref().map(clean::fold))),
        ("topics", Value::from(Serde(topics))),
        ("type", optional(kind.map(|kind| kind.name.clone()))),
        // The desk's own Markdown is not escaped.
        ("type_guidance", kind.and_then(|kind| kind.guidance.clone()).map_or(Value::from(()), Value::from_safe_string)),
        ("type_is_paused", Value::from(kind.is_some_and(|kind| kind.opened_by == OpenedBy::Nobody))),
        ("priority", optional(level(context.priority.as_ref()).map(|level| level.name.clone()))),
        ("lowered_from", optional(level(context.lowered_from.as_ref()).map(|level| level.name.clone()))),
        ("lowered_because", optional(level(context.lowered_from.as_ref()).and_then(|level| level.meets.clone()))),
        ("expect", optional(level(context.priority.as_ref()).and_then(|level| level.expect.clone()))),
        ("is_inquiry", Value::from(context.is_inquiry)),
        ("escalation", context.escalation.as_ref().map_or(Value::from(()), escalation)),
        ("step", optional(context.step.as_deref().map(clean::line))),
        ("reviewed", optional(context.reviewed.as_deref().map(clean::line))),
        ("stages", Value::from(Serde(context.stages.clone()))),
        ("list", list.map_or(Value::from(()), |list| Value::from(list.name.clone()))),
        ("list_tell", list.and_then(|list| list.tell.clone()).map_or(Value::from(()), Value::from_safe_string)),
        ("season", optional(context.season.as_deref().map(clean::fold))),
        ("split_subjects", Value::from(Serde(split_subjects(desk, variant, context)))),
        ("status", optional(context.status.map(|status| status.as_str().to_owned()))),
        ("portal", optional(context.portal.clone())),
        ("told_number", optional(context.told_number.clone())),
        ("warns_of_pii", Value::from(context.warns_of_pii)),
        // Which mail it is, the renderer knows.
        ("pointer", Value::from(())),
    ])
}

/// What the member's request says, who sent it, and what staff wrote about it.
fn member_data(desk: &Desk, context: &Context) -> View {
    let given = |field: &'_ Field| context.fields.get(&field.id).map(|value| clean::text(value));
    let fields: Vec<Given<'_>> = desk
        .fields
        .iter()
        .filter_map(|field| given(field).map(|value| Given { label: &field.label, value }))
        .filter(|given| !given.value.is_empty())
        .collect();
    let line = context.line.as_ref().and_then(|id| desk.line(id));
    let requester = context.requester.as_ref().map(|mailbox| Contact {
        name: mailbox.name.as_deref().map(clean::line).filter(|name| !name.is_empty()),
        address: mailbox.address.to_string(),
    });
    let bounce = context.bounce.as_ref().map(|bounce| Bounced {
        address: clean::staff_text(&clean::fold(&bounce.address)),
        status: bounce.status.as_deref().map(clean::line),
    });
    BTreeMap::from([
        ("member", optional(context.member.as_ref().map(spoken_name).filter(|name| !name.is_empty()))),
        ("line", optional(line.map(|line| line.name.clone()))),
        ("canonical_subject", optional(context.canonical_subject.as_deref().map(clean::line))),
        ("original_subject", Value::from(without_marks(desk, &context.original_subject))),
        ("repaired", Value::from(context.repaired && context.canonical_subject.is_some())),
        ("fields", Value::from(Serde(fields))),
        (
            "entries",
            Value::from(Serde(context.entries.iter().map(|entry| entry_line(desk, entry)).collect::<Vec<_>>())),
        ),
        ("left_out", Value::from(Serde(mailto(desk, Variant::Full, context).left_out))),
        ("specialist", optional(context.specialist.as_deref().map(clean::line))),
        ("words", optional(context.words.as_deref().map(clean::staff_text).filter(|words| !words.is_empty()))),
        ("requester", Value::from(Serde(requester))),
        ("request", optional(context.request.as_deref().map(clean::text).filter(|request| !request.is_empty()))),
        (
            "attachments",
            Value::from(Serde(context.attachments.iter().map(|name| clean::line(name)).collect::<Vec<_>>())),
        ),
        ("decision", optional(context.decision.map(|decision| decision.as_str().to_owned()))),
        ("arrived", optional(context.arrived.as_deref().map(clean::fold))),
        ("due", optional(context.due.as_deref().map(clean::fold))),
        ("silence", Value::from(Serde(context.silence.as_ref()))),
        ("case_status", optional(context.status.map(status_in_words))),
        ("about", optional(context.about.map(|about| about.as_str().to_owned()))),
        ("bounce", Value::from(Serde(bounce))),
        ("confirm", Value::from(context.confirm)),
        ("refused", Value::from(context.refused)),
        ("kept", Value::from(context.kept)),
        ("help", Value::from(Serde(context.help.iter().map(usage).collect::<Vec<_>>()))),
        ("commands_in_line", optional(context.commands_in_line.as_deref().map(clean::staff_text))),
        ("worklist", Value::from(Serde(context.worklist.iter().map(work).collect::<Vec<_>>()))),
        ("worklist_count", Value::from(context.worklist.len() + context.worklist_more)),
        ("worklist_more", Value::from(context.worklist_more)),
        ("commands", Value::from(Serde(context.commands.iter().map(cleaned).collect::<Vec<_>>()))),
    ])
}

/// What became of a case on the ladder; the desk's own Markdown is not escaped.
fn escalation(one: &Escalation) -> Value {
    let tell = one.tell.clone().map_or(Value::from(()), Value::from_safe_string);
    minijinja::context! {
        is_new => one.is_new,
        asked => one.asked,
        by_time => one.by_time,
        available => one.available,
        step => optional(one.step.as_deref().map(clean::line)),
        tell,
    }
}

/// A member of a case that has several, in one line: the name, then what was given about that member alone.
fn entry_line(desk: &Desk, entry: &Entry) -> String {
    let name = spoken_name(&entry.member);
    let own = desk.fields.iter().filter(|field| matches!(field.role, FieldRole::MemberId | FieldRole::Other));
    let own = own.filter_map(|field| Some(format!("{} {}", field.label, entry.fields.get(&field.id)?)));
    let line: Vec<String> = Some(name).filter(|name| !name.is_empty()).into_iter().chain(own).collect();
    clean::line(&line.join(", "))
}

fn cleaned(command: &CommandOutcome) -> CommandOutcome {
    CommandOutcome {
        command: clean::line(&command.command),
        done: command.done,
        outcome: clean::line(&command.outcome),
    }
}

fn usage(command: &CommandUsage) -> CommandUsage {
    CommandUsage {
        usage: clean::staff_text(&command.usage),
        does: clean::staff_text(&command.does),
        example: clean::staff_text(&command.example),
    }
}

fn work(case: &WorklistCase) -> Work {
    Work {
        number: clean::line(&case.number),
        subject: clean::line(&case.subject),
        status: status_in_words(case.status),
        urgent: case.urgent,
        awaits: case.awaits.as_str(),
        when: case.when.as_deref().map(clean::fold),
    }
}

/// A status as staff read it.
fn status_in_words(status: Status) -> String {
    match status {
        Status::WaitingInternal => "waiting for somebody inside".to_owned(),
        Status::WaitingExternal => "waiting for somebody outside".to_owned(),
        Status::New | Status::InReview | Status::Paused | Status::Resolved => status.as_str().replace('_', " "),
    }
}

fn optional(text: Option<String>) -> Value {
    text.map_or(Value::from(()), Value::from)
}

fn phone(line: &Line) -> Option<Phone<'_>> {
    Some(Phone { title: &line.title, number: line.phone.as_deref()? })
}

fn topic<'a>(desk: &'a Desk, id: &str) -> Option<TopicView<'a>> {
    let topic = desk.topic(id)?;
    let mut guidance = topic.guidance.trim().to_owned();
    if let Some(address) = topic.address.as_ref().map(ToString::to_string) {
        // An address in angle brackets is a link in Markdown.
        let linked = format!("<{address}>");
        if !guidance.contains(&linked) {
            guidance = guidance.replace(&address, &linked);
        }
    }
    Some(TopicView { title: &topic.title, guidance: Value::from_safe_string(guidance) })
}

/// The subjects of the mails that a mixed one is to be sent as, one a line. Without a member's name: the template.
fn split_subjects(desk: &Desk, variant: Variant, context: &Context) -> Vec<String> {
    let member = context.member.as_ref().filter(|_| variant == Variant::Full);
    desk.lines.iter().map(|line| subject_of(member, Some(line))).collect()
}

fn subject_of(member: Option<&MemberName>, line: Option<&Line>) -> String {
    let (last, first) = member.map_or(("Last", "First"), |name| (name.last.as_str(), name.first.as_str()));
    let line = line.map_or("", |line| line.name.as_str());
    let comma = if last.is_empty() || first.is_empty() { "" } else { ", " };
    clean::line(&format!("{last}{comma}{first} {line}"))
}

/// A member's name as it is said: given name first.
fn spoken_name(name: &MemberName) -> String {
    clean::line(&format!("{} {}", name.first, name.last))
}

/// `5 business days` as `five business days`.
fn in_words(length: &str) -> String {
    let length = clean::fold(length);
    let (amount, unit) = length.split_once(' ').unwrap_or((&length, ""));
    match amount.parse().ok().and_then(small_number) {
        Some(word) => format!("{word} {unit}"),
        None => length,
    }
}

fn small_number(count: usize) -> Option<&'static str> {
    const WORDS: [&str; 11] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(count).copied()
}

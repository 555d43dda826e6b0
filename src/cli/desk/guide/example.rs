//! A mail with invented data that the desk accepts: made from the policy, and judged by it before it is shown.

use super::value::value;
use crate::clock::Clock;
use crate::desk::{Desk, Field, FieldRole, IssueType, OpenedBy};
use crate::effects::explained::explain;
use crate::settings::Trust;
use crate::words::{Decision, Reason, ReasonCode};

/// The invented sender.
const FROM: &str = "Alex Moreno <alex.moreno@partner.example>";

/// What somebody might want of any desk: it names no type, no topic and no urgency.
const NEUTRAL: &str =
    "The record does not match what we sent on March 3. Please look into it and tell us what is needed.";

/// How often what is missing is added before another example is tried.
const ROUNDS: usize = 6;

/// Phrases of a type that are tried before the next type is.
const PHRASES: usize = 6;

/// A mail as a requester writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Its text, a field a line.
    pub text: String,
}

impl Mail {
    /// The mail as it reaches the desk (RFC 5322).
    pub fn bytes(&self, desk: &Desk) -> Vec<u8> {
        let head = format!("From: {FROM}\r\nTo: {}\r\nSubject: {}\r\n", desk.address, self.subject);
        let head =
            format!("{head}Message-ID: <example@partner.example>\r\nContent-Type: text/plain; charset=utf-8\r\n");
        format!("{head}\r\n{}", self.text.replace('\n', "\r\n")).into_bytes()
    }
}

/// A mail that the desk accepts, with as many of its fields as it needs; `None`: no such mail was found.
pub fn accepted(desk: &Desk) -> Option<Mail> {
    // Who is associated with what is known of real people alone.
    let mut desk = desk.clone();
    desk.associations.listed = false;
    let by_mail = desk.types.list.iter().filter(|kind| kind.opened_by == OpenedBy::Mail);
    let mut kinds: Vec<Option<&IssueType>> = by_mail.map(Some).collect();
    if kinds.is_empty() {
        kinds.push(None);
    }
    kinds.into_iter().find_map(|kind| {
        let mut summaries = summaries(&desk, kind).into_iter();
        summaries.find_map(|summary| Draft::of(&desk, kind, summary).completed(&desk))
    })
}

/// What the issue may be said to be, the plainest first.
fn summaries(desk: &Desk, kind: Option<&IssueType>) -> Vec<String> {
    let own = desk.field_of(FieldRole::Summary).and_then(|field| field.example.clone());
    let phrases = kind.iter().flat_map(|kind| &kind.phrases).take(PHRASES);
    let spoken = phrases.map(|phrase| format!("It is about this: {}. {NEUTRAL}", in_words(phrase)));
    let named = kind.map(|kind| format!("{}: {NEUTRAL}", kind.name));
    own.into_iter().chain([NEUTRAL.to_owned()]).chain(named).chain(spoken).collect()
}

/// A phrase of the policy as somebody would write it: the first of several words, nothing in the place of `*`.
fn in_words(phrase: &str) -> String {
    let words = phrase.split_whitespace().filter(|word| *word != "*");
    words.map(|word| word.split('|').next().unwrap_or(word).replace('_', " ")).collect::<Vec<_>>().join(" ")
}

/// A mail while it is put together: the fields that it has, by id.
struct Draft<'a> {
    kind: Option<&'a IssueType>,
    fields: Vec<&'a str>,
    summary: String,
}

impl<'a> Draft<'a> {
    fn of(desk: &'a Desk, kind: Option<&'a IssueType>, summary: String) -> Self {
        let needed = |field: &&Field| match field.role {
            FieldRole::Type => kind.is_some(),
            FieldRole::Priority => desk.priorities.required && kind.is_none_or(|kind| kind.priority.is_none()),
            FieldRole::PriorityReason => false,
            FieldRole::Summary => true,
            _ => field.required,
        };
        let mut fields: Vec<&str> = desk.fields.iter().filter(needed).map(|field| field.id.as_str()).collect();
        let name = desk.field_of(FieldRole::MemberName).map(|field| field.id.as_str());
        if desk.subject.is_template {
            fields.extend(name.filter(|name| !fields.contains(name)));
        }
        Self { kind, fields, summary }
    }

    /// The draft with what the desk misses in it, once it accepts it.
    fn completed(mut self, desk: &'a Desk) -> Option<Mail> {
        for _ in 0..ROUNDS {
            let mail = self.mail(desk);
            let explained = explain(desk, &mail.bytes(desk), &Trust::None, false, Clock::System.now()).ok()?;
            match explained.judgement.decision {
                Decision::Accept => return Some(mail),
                Decision::Return => {}
                _ => return None,
            }
            let asked = explained.judgement.reasons.iter().flat_map(|reason| missing(desk, reason));
            let more: Vec<&str> = asked.filter(|id| !self.fields.contains(id)).collect();
            if more.is_empty() {
                return None;
            }
            self.fields.extend(more);
        }
        None
    }

    fn mail(&self, desk: &Desk) -> Mail {
        let mut text = String::new();
        for field in desk.fields.iter().filter(|field| self.fields.contains(&field.id.as_str())) {
            text.push_str(&format!("{}: {}\n", field.label, self.value(desk, field)));
        }
        Mail { subject: self.subject(desk), text }
    }

    fn value(&self, desk: &Desk, field: &Field) -> String {
        match field.role {
            FieldRole::Summary => self.summary.clone(),
            FieldRole::Type => self.kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            // The least pressing one, which needs no reason.
            FieldRole::Priority => desk.priorities.list.last().map(|level| level.name.clone()).unwrap_or_default(),
            _ => value(field),
        }
    }

    fn subject(&self, desk: &Desk) -> String {
        let name = desk.field_of(FieldRole::MemberName).map(value).unwrap_or_default();
        let (first, last) = name.split_once(' ').unwrap_or(("", &name));
        match (desk.subject.is_template, desk.lines.first(), self.kind) {
            (true, Some(line), _) => format!("{last}, {first} {}", line.name),
            (_, _, Some(kind)) => kind.name.clone(),
            _ => "A record that does not match".to_owned(),
        }
    }
}

/// The field by which what a return asks for can be given.
fn missing<'a>(desk: &'a Desk, reason: &Reason) -> impl Iterator<Item = &'a str> {
    let named = reason.field.clone().filter(|_| reason.code == ReasonCode::MissingField).unwrap_or_default();
    let of_one = desk.one_of.iter().filter(move |one| one.id == named).filter_map(|one| one.fields.first());
    let field = reason.field.clone().unwrap_or_default();
    let own = desk.fields.iter().filter(move |known| known.id == field).map(|known| known.id.as_str());
    own.chain(of_one.map(String::as_str))
}

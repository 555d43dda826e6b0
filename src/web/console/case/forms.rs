//! The forms of a case's page: which fields each has, and what was typed into them when something was refused.

use crate::case::Case;
use crate::case::commands::{OpportunityKind, priorities};
use crate::desk::{Desk, Role};
use crate::web::base::Site;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Every form with the names of its fields; the first is the one that a refusal of its command is about.
pub(super) const FORMS: &[(&str, &[&str])] = &[
    ("answer", &["text", "then", "until", "files"]),
    ("note", &["text"]),
    ("update", &["text"]),
    ("next-update", &["date", "time"]),
    ("pause", &["until", "note"]),
    ("resume", &["note"]),
    ("waiting", &["on", "until", "note"]),
    ("assign", &["to"]),
    ("priority", &["word"]),
    ("line", &["line"]),
    ("field", &["value", "field"]),
    ("opportunity", &["text", "kind"]),
    ("escalate", &["text"]),
    ("list", &["list", "text"]),
    ("return", &["text"]),
    ("redirect", &["topic", "note"]),
    ("split", &[]),
    ("merge", &["number"]),
];

/// What was typed into one form, and what of it was refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// The form; nothing: none was sent.
    pub(super) form: &'static str,
    /// Values by field.
    pub(super) values: BTreeMap<String, String>,
    /// Why, by field; under no name: of the form as a whole.
    pub(super) faults: BTreeMap<&'static str, String>,
    /// Why something could not be done with a mail.
    pub(super) mail_fault: Option<String>,
}

impl Typed {
    /// Every reason, each once.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut all: Vec<String> = self.faults.values().cloned().chain(self.mail_fault.clone()).collect();
        all.dedup();
        all
    }
}

/// One form, to be shown.
#[derive(Serialize)]
pub(super) struct Shown {
    /// What makes it act once.
    act: String,
    is_open: bool,
    values: BTreeMap<&'static str, String>,
    faults: BTreeMap<&'static str, Option<String>>,
}

pub(super) type Forms = BTreeMap<String, Shown>;

/// All forms, empty but for the one that was sent.
pub(super) fn of(site: &Site, typed: &Typed) -> Forms {
    let shown = |(name, fields): &(&'static str, &'static [&'static str])| {
        let is_sent = typed.form == *name;
        let value = |field: &&'static str| {
            let value = typed.values.get(*field).filter(|_| is_sent).cloned();
            (*field, value.unwrap_or_default())
        };
        let fault = |field: &&'static str| (*field, typed.faults.get(*field).filter(|_| is_sent).cloned());
        let shown = Shown {
            act: site.new_id().to_string(),
            is_open: is_sent,
            values: fields.iter().map(value).collect(),
            faults: fields.iter().map(fault).collect(),
        };
        (name.replace('-', "_"), shown)
    };
    FORMS.iter().map(shown).collect()
}

/// What can be chosen.
#[derive(Serialize)]
pub(super) struct Choices {
    staff: Vec<Colleague>,
    lines: Vec<(String, String)>,
    topics: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    priorities: Vec<&'static str>,
    /// Whether a change of the status needs a note.
    needs_note: bool,
    kinds: Vec<&'static str>,
    /// Whether the desk has a ladder that the case may climb.
    climbs: bool,
    /// Lists on which the case does not stand yet.
    lists: Vec<(String, String)>,
    /// The first day that may be chosen, and the last.
    first_day: String,
    last_day: String,
}

#[derive(Serialize)]
struct Colleague {
    email: String,
    name: String,
    note: &'static str,
}

pub(super) fn choices(desk: &Desk, case: &Case, now: Timestamp) -> Choices {
    let today = desk.calendar.local(now).date();
    let works_line =
        |lines: &[crate::words::LineId]| lines.is_empty() || case.line.as_ref().is_none_or(|line| lines.contains(line));
    // Who can take it first; whoever has it already is not asked for.
    let mut staff: Vec<_> = desk.staff.iter().filter(|one| case.specialist.as_ref() != Some(&one.email)).collect();
    let rank = |one: &crate::desk::Staff| {
        (one.role != Role::Specialist || !works_line(&one.lines), one.is_absent(today), one.name.clone())
    };
    staff.sort_by_key(|one| rank(one));
    let colleague = |one: &crate::desk::Staff| Colleague {
        email: one.email.to_string(),
        name: one.name.clone(),
        note: match (one.is_absent(today), works_line(&one.lines)) {
            (true, _) => "away today",
            (false, false) => "another line",
            (false, true) => "",
        },
    };
    Choices {
        staff: staff.into_iter().map(colleague).collect(),
        lines: desk.lines.iter().map(|line| (line.id.0.clone(), line.name.clone())).collect(),
        topics: desk.topics.iter().map(|topic| (topic.id.clone(), topic.title.clone())).collect(),
        fields: desk.fields.iter().map(|field| (field.id.clone(), field.label.clone())).collect(),
        priorities: priorities(desk),
        needs_note: desk.status_needs_note,
        kinds: OpportunityKind::ALL.iter().map(|kind| kind.as_str()).collect(),
        climbs: case.course.is_inquiry || case.next_step(desk).is_some(),
        lists: desk
            .lists
            .iter()
            .filter(|list| !case.course.lists.contains(&list.id))
            .map(|list| (list.id.clone(), list.name.clone()))
            .collect(),
        first_day: today.to_string(),
        last_day: today.saturating_add(jiff::Span::new().years(1)).to_string(),
    }
}

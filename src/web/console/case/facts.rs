//! What is known of a case, and what is due in it.

use crate::case::course::{StepBy, StepTaken};
use crate::case::{ClockKind, ClockState};
use crate::desk::{Desk, DoneBy};
use crate::store::console::CasePage;
use crate::web::console::due_words::Target;
use crate::words::Status;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// What is known.
#[derive(Serialize)]
pub(super) struct Facts {
    number: String,
    subject: String,
    desk: String,
    status: &'static str,
    tone: &'static str,
    is_open: bool,
    is_paused: bool,
    waits: bool,
    urgent: bool,
    external: bool,
    line: Option<String>,
    kind: Option<String>,
    priority: Option<String>,
    requester: Person,
    specialist: Option<Person>,
    others: Vec<String>,
    opened_at: String,
    resolved_at: Option<String>,
    fields: Vec<(String, String)>,
    more_entries: Vec<Vec<(String, String)>>,
    links: Vec<Link>,
    merged_into: Option<Link>,
    next_words: Option<String>,
    is_inquiry: bool,
    step: Option<String>,
    next_step: Option<String>,
    /// The steps that it climbed: name, when, why, and when the requester was told what came of it.
    steps: Vec<Climbed>,
    stages: Vec<(String, bool)>,
    lists: Vec<String>,
    /// Whether the desk asks for account comments and there is none.
    lacks_comment: bool,
    due: Vec<Due>,
    target: Option<Target>,
}

/// A step that the case climbed.
#[derive(Serialize)]
struct Climbed {
    name: String,
    at: String,
    why: &'static str,
    reviewed_at: Option<String>,
}

#[derive(Serialize)]
struct Person {
    name: Option<String>,
    address: String,
}

#[derive(Serialize)]
struct Link {
    number: String,
    path: String,
    what: String,
}

/// Something that is due.
#[derive(Serialize)]
struct Due {
    what: &'static str,
    at: String,
    left: String,
    tone: &'static str,
}

pub(super) fn of(desk: &Desk, page: &CasePage, now: Timestamp) -> Facts {
    let case = &page.case;
    let labelled = |entry: &crate::case::Entry| {
        let label = |id: &String| desk.fields.iter().find(|field| field.id == *id).map(|field| field.label.clone());
        let values = entry.fields.iter().filter(|(_, value)| !value.is_empty());
        values.map(|(id, value)| (label(id).unwrap_or_else(|| id.clone()), value.clone())).collect::<Vec<_>>()
    };
    let mut entries = case.entries.iter().map(labelled);
    let link = |number: &crate::words::numbers::CaseNumber, what: String| Link {
        path: super::path(&desk.id, number),
        number: number.0.clone(),
        what,
    };
    let links = page.linked.iter().filter(|one| Some(&one.number) != page.merged_into.as_ref()).map(|one| {
        let merged = if one.is_merged { ", joined with this case" } else { "" };
        link(&one.number, format!("{}{merged}", one.status.as_str().replace('_', " ")))
    });
    let specialist = case.specialist.as_ref().map(|email| desk.staff_mailbox(email));
    Facts {
        number: case.number.0.clone(),
        subject: case.subject.clone(),
        desk: desk.name.clone(),
        status: case.status.as_str(),
        tone: tone_of(case.status),
        is_open: case.is_open(),
        is_paused: case.status == Status::Paused,
        waits: matches!(case.status, Status::WaitingInternal | Status::WaitingExternal),
        urgent: case.urgent,
        external: case.external,
        line: case.line.as_ref().map(|id| desk.line(id).map_or_else(|| id.0.clone(), |line| line.name.clone())),
        kind: case.kind.as_ref().map(|id| desk.types.get(id).map_or_else(|| id.clone(), |kind| kind.name.clone())),
        priority: case
            .priority
            .as_ref()
            .map(|id| desk.priorities.get(id).map_or_else(|| id.clone(), |level| level.name.clone())),
        requester: Person { name: case.requester_name.clone(), address: case.requester.to_string() },
        specialist: specialist.map(|one| Person { name: one.name, address: one.address.to_string() }),
        others: case.participants.iter().filter(|one| **one != case.requester).map(ToString::to_string).collect(),
        opened_at: case.opened_at.to_string(),
        resolved_at: case.resolved_at.map(|at| at.to_string()),
        fields: entries.next().unwrap_or_default(),
        more_entries: entries.collect(),
        links: links.collect(),
        merged_into: page.merged_into.as_ref().map(|number| link(number, String::new())),
        next_words: case.next_words.clone(),
        is_inquiry: case.course.is_inquiry,
        step: case.step(desk).map(|step| step.name.clone()),
        next_step: case.next_step(desk).map(|step| step.name.clone()),
        steps: case.course.steps.iter().map(|taken| climbed(desk, taken)).collect(),
        stages: case.stages(desk).into_iter().map(|(stage, done)| (stage.name.clone(), done)).collect(),
        lists: case
            .course
            .lists
            .iter()
            .map(|id| desk.list(id).map_or_else(|| id.clone(), |list| list.name.clone()))
            .collect(),
        lacks_comment: !case.course.commented && desk.stages.iter().any(|stage| stage.done_by == DoneBy::Commented),
        due: due(page, now),
        target: Target::of(desk, case, now),
    }
}

fn climbed(desk: &Desk, taken: &StepTaken) -> Climbed {
    let step = desk.ladder.place(&taken.id).and_then(|place| desk.ladder.steps.get(place));
    Climbed {
        name: step.map_or_else(|| taken.id.clone(), |step| step.name.clone()),
        at: taken.at.to_string(),
        why: match taken.by {
            StepBy::Requester => "the requester asked for a supervisor",
            StepBy::Staff => "escalated by staff",
            StepBy::Time => "unresolved for too long",
        },
        reviewed_at: taken.reviewed_at.map(|at| at.to_string()),
    }
}

fn tone_of(status: Status) -> &'static str {
    match status {
        Status::New | Status::InReview => "info",
        Status::WaitingInternal | Status::WaitingExternal => "warn",
        Status::Paused => "calm",
        Status::Resolved => "good",
    }
}

/// What is due, the next first.
fn due(page: &CasePage, now: Timestamp) -> Vec<Due> {
    let mut due: Vec<Due> = Vec::new();
    // An answer that was missed is still owed.
    if let Some(next) = page.next.filter(|next| next.kind == ClockKind::Respond && next.at <= now) {
        due.push(Due { what: "Answer", at: next.at.to_string(), left: left(now, next.at), tone: "bad" });
    }
    let stands = |state| matches!(state, ClockState::Running | ClockState::Paused);
    for clock in page.clocks.iter().filter(|clock| stands(clock.state)) {
        let what = match clock.kind {
            ClockKind::Respond => "Answer",
            ClockKind::Update => "Update",
            ClockKind::PauseEnd => "End of the pause",
            ClockKind::WaitNudge => "Waits until",
            ClockKind::AssignAtOnce => "Assignment",
            ClockKind::FollowUp => "Follow-up, if nothing is done",
            ClockKind::Step => "Next step",
            _ => continue,
        };
        let (left, tone) = match clock.state {
            ClockState::Paused => ("paused".to_owned(), "calm"),
            _ => (left(now, clock.due), tone(now, clock.due)),
        };
        due.push(Due { what, at: clock.due.to_string(), left, tone });
    }
    due
}

fn tone(now: Timestamp, at: Timestamp) -> &'static str {
    let left = at.duration_since(now);
    if left.is_negative() {
        "bad"
    } else if left < SignedDuration::from_hours(24) {
        "warn"
    } else {
        "calm"
    }
}

/// How long it is to `at`, or since: `in 3 hours`, `2 days late`.
fn left(now: Timestamp, at: Timestamp) -> String {
    let distance = at.duration_since(now);
    let minutes = distance.as_secs().unsigned_abs() / 60;
    let (count, unit) = match minutes {
        0..60 => (minutes, "minute"),
        60..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let many = if count == 1 { "" } else { "s" };
    if distance.is_negative() { format!("{count} {unit}{many} late") } else { format!("in {count} {unit}{many}") }
}

#[cfg(test)]
#[test]
fn distances_are_told_in_the_unit_that_fits() {
    let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
    for (minutes, words) in [
        (0, "in 0 minutes"),
        (1, "in 1 minute"),
        (59, "in 59 minutes"),
        (60, "in 1 hour"),
        (47 * 60, "in 47 hours"),
        (48 * 60, "in 2 days"),
        (-5, "5 minutes late"),
        (-3000, "2 days late"),
    ] {
        assert_eq!(left(now, now + SignedDuration::from_mins(minutes)), words);
    }
}

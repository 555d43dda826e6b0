//! What a follow-up writes: nothing was done about a case for as long as its priority allows, so its supervisors are told,
//! and whoever works it is asked for an update.
//!
//! What counts as something done is decided where it is done: each such effect starts the clock anew (`Clocks::follow_up`).
//! What the product does by itself (the daily assignment, updates, reminders) is nothing done.

use super::Effects;
use super::clocks::Clocks;
use super::of_assignment::{Surroundings, case_event, context_of};
use super::of_case_clock::tell;
use super::of_clock::{ClockTrigger, ended};
use crate::address::Mailbox;
use crate::case::{Case, ClockState, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, Silence};
use crate::words::Template;
use crate::words::chance::Chance;

/// Events that show that somebody did something about a case, or that something came in for it.
pub const ACTIVITY: &[EventKind] = &[
    EventKind::CaseOpened,
    EventKind::MessageAttached,
    EventKind::Reopened,
    EventKind::Assigned,
    EventKind::Answered,
    EventKind::Paused,
    EventKind::Resumed,
    EventKind::NextUpdateSet,
    EventKind::UpdateWords,
    EventKind::Corrected,
    EventKind::Opportunity,
    EventKind::SentBack,
    EventKind::Merged,
    EventKind::Split,
    EventKind::StatusChanged,
    EventKind::Note,
];

/// The supervisors of the case's queue are told, the specialist is asked, and the next window begins.
pub(super) fn followed_up(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, now) = (trigger.desk, trigger.now);
    // The policy has none for this priority any more.
    let Some(window) = desk.follow_up_after(case.priority.as_deref()) else {
        return Ok(ended(trigger, ClockState::Ended));
    };
    let mut effects = ended(trigger, ClockState::Breached);
    effects.events.push(case_event(case.id, EventKind::Nudged, &[("clock", trigger.clock.kind.to_string())]));
    let today = desk.day(now);
    let since = desk.calendar.due(trigger.clock.started);
    let silence = Silence {
        window: window.to_string(),
        last: around.last_activity.map(in_words).unwrap_or_default().to_owned(),
        at: desk.calendar.promise(&since, now),
    };
    let context = Context {
        about: Some(About::FollowUp),
        silence: Some(silence),
        priority: case.priority.clone(),
        kind: case.kind.clone(),
        requester: Some(Mailbox { name: case.requester_name.clone(), address: case.requester.clone() }),
        ..context_of(desk, case, around, now)
    };
    let supervisors = desk.supervisors(case.line.as_ref(), today);
    tell(trigger, case, &mut effects, (Template::Notice, &supervisors, &context), chance)?;
    // Whoever has it and supervises the queue has read it there.
    let specialist = case.specialist.as_ref().filter(|email| {
        let is_there = desk.staff_member(email).is_some_and(|staff| !staff.is_absent(today));
        is_there && supervisors.iter().all(|one| one.address != **email)
    });
    let asked: Vec<Mailbox> = specialist.map(|email| desk.staff_mailbox(email)).into_iter().collect();
    tell(trigger, case, &mut effects, (Template::Nudge, &asked, &context), chance)?;
    Clocks { desk, now, chance, effects: &mut effects }.follow_up(case, trigger.clock.started);
    Ok(effects)
}

/// What was done last, for staff.
fn in_words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CaseOpened => "the request came in",
        EventKind::MessageAttached => "a mail came in for it",
        EventKind::Reopened => "it was opened again",
        EventKind::Assigned => "it was given to somebody",
        EventKind::Answered => "the requester was answered",
        EventKind::Paused => "it was paused",
        EventKind::Resumed => "a pause ended",
        EventKind::NextUpdateSet => "the next update was set",
        EventKind::UpdateWords => "the next update got its words",
        EventKind::Corrected => "it was corrected",
        EventKind::Opportunity => "an opportunity was noted",
        EventKind::SentBack => "the requester was asked for more",
        EventKind::Merged => "another case was joined with it",
        EventKind::Split => "a message was split off",
        EventKind::StatusChanged => "its status changed",
        EventKind::Note => "a note was written",
        _ => "",
    }
}

#[cfg(test)]
#[test]
fn every_activity_has_words() {
    for kind in ACTIVITY {
        assert_ne!(in_words(*kind), "", "{kind}");
    }
}

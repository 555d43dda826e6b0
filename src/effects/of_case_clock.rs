//! What a case's due clock writes: the nudge before a promise, the breach of one, the update that is owed.

use super::case_work::CaseWork;
use super::clocks::in_words;
use super::ladder::{Whole, becomes_a_case};
use super::of_assignment::{Surroundings, case_event, context_of, letters};
use super::of_clock::{ClockTrigger, ended};
use super::of_follow_up::followed_up;
use super::{Effects, MailState};
use crate::address::Mailbox;
use crate::case::course::StepBy;
use crate::case::standing::Target;
use crate::case::{Case, ClockKind, ClockState, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, Escalation};
use crate::words::chance::Chance;
use crate::words::numbers::Tag;
use crate::words::{Status, Template};

/// What the due clock of `case` writes. What no longer matters only ends: the case is resolved or paused, or a nudge's
/// own promise has come due in the meantime, so that it would only repeat what is told now.
pub fn case_due(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    match (case.status, trigger.clock.kind) {
        (Status::Paused, ClockKind::PauseEnd) => return Ok(resumed(trigger, case, around, chance)),
        (Status::Paused, ClockKind::PauseNudge) => return nudged(trigger, case, around, About::Pause, chance),
        (Status::Resolved | Status::Paused, _) => return Ok(ended(trigger, ClockState::Ended)),
        _ => {}
    }
    let is_over = |due: Option<jiff::Timestamp>| due.is_none_or(|due| due < trigger.now);
    match trigger.clock.kind {
        ClockKind::Respond => breached(trigger, case, around, chance),
        ClockKind::Update => updated(trigger, case, around, chance),
        ClockKind::RespondNudge if !is_over(around.respond_due) => {
            nudged(trigger, case, around, About::Response, chance)
        }
        ClockKind::UpdateNudge if !is_over(around.update_due) => nudged(trigger, case, around, About::Update, chance),
        ClockKind::Step => stepped(trigger, case, around, chance),
        ClockKind::WaitNudge => nudged(trigger, case, around, About::Waiting, chance),
        ClockKind::FollowUp => followed_up(trigger, case, around, chance),
        _ => Ok(ended(trigger, ClockState::Ended)),
    }
}

/// The answer was not given in time: the line's supervisor is told, once.
fn breached(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let desk = trigger.desk;
    let mut effects = ended(trigger, ClockState::Breached);
    effects.events.push(case_event(case.id, EventKind::Breached, &[("clock", trigger.clock.kind.to_string())]));
    let context = staff_context(trigger, case, around, About::Response);
    let to = desk.supervisors(case.line.as_ref(), desk.calendar.local(trigger.now).date());
    tell(trigger, case, &mut effects, (Template::Breach, &to, &context), chance)?;
    Ok(effects)
}

/// Whoever works the case is reminded; where nobody there does, its supervisor is.
fn nudged(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    about: About,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let desk = trigger.desk;
    let today = desk.calendar.local(trigger.now).date();
    let mut effects = ended(trigger, ClockState::Met);
    effects.events.push(case_event(case.id, EventKind::Nudged, &[("clock", trigger.clock.kind.to_string())]));
    let specialist = case.specialist.as_ref().filter(|email| {
        // Whoever is no longer in the policy file has left; whoever is away reads it too late.
        desk.staff_member(email).is_some_and(|staff| !staff.is_absent(today))
    });
    let to = match specialist {
        Some(email) => vec![desk.staff_mailbox(email)],
        None => desk.supervisors(case.line.as_ref(), today),
    };
    let context = staff_context(trigger, case, around, about);
    tell(trigger, case, &mut effects, (Template::Nudge, &to, &context), chance)?;
    Ok(effects)
}

/// Each of `to` gets the mail.
pub(super) fn tell(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    effects: &mut Effects,
    (template, to, context): (Template, &[Mailbox], &Context),
    chance: &mut Chance,
) -> Result<(), ComposeError> {
    for to in to {
        let about = Some((Target::Case(case.id), Tag::Case(case.number.clone())));
        letters((trigger.desk, trigger.keys), effects, trigger.now, chance).staff(template, to, context, about)?;
    }
    Ok(())
}

/// A dated pause is over: the clocks go on.
fn resumed(trigger: &ClockTrigger<'_>, case: &Case, around: &Surroundings, chance: &mut Chance) -> Effects {
    let mut work = CaseWork::new((trigger.desk, trigger.keys), case.clone(), around, (trigger.now, chance));
    work.resume(trigger.clock.due);
    let mut effects = ended(trigger, ClockState::Met);
    effects.join(work.finish());
    effects
}

/// The update goes out, in the specialist's words if there are any, and the next one is promised from its instant.
fn updated(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, now) = (trigger.desk, trigger.now);
    let mut effects = ended(trigger, ClockState::Met);
    let mut work = CaseWork::new((desk, trigger.keys), case.clone(), around, (now, chance));
    work.event(EventKind::Updated, &[], None);
    work.tells = true;
    let words = work.case.next_words.take();
    let mut context = work.context();
    context.promise = work.next_update_due().map(|next| in_words((desk, work.case.sort()), now, None, &next, now));
    match words {
        // A person's words have content: to someone outside they go the secure way. Where none is there the promised
        // update goes without them, and they wait, without dates that will be past when they leave.
        Some(words) => {
            let (to, about, state) = (work.requester(), work.about(), work.content_state());
            if state == MailState::WaitingSecure {
                work.send_automatic(Template::Update, &context)?;
                context.promise = None;
            }
            context.words = Some(words);
            work.letters().by_person(Template::Update, &to, &context, about, state, around.thread.as_ref())?;
        }
        None => work.send_automatic(Template::Update, &context)?,
    }
    effects.join(work.finish());
    Ok(effects)
}

/// It stayed unresolved for as long as the next step says: that is taken by itself, once.
fn stepped(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, now) = (trigger.desk, trigger.now);
    let place = case.step_place(desk).map_or(0, |place| place.saturating_add(1));
    if desk.ladder.steps.get(place).is_none_or(|step| step.after.is_none()) {
        return Ok(ended(trigger, ClockState::Ended));
    }
    let mut effects = ended(trigger, ClockState::Met);
    let mut work = CaseWork::new((desk, trigger.keys), case.clone(), around, (now, chance));
    let is_new = becomes_a_case(desk, &mut work.case);
    let mut promise = None;
    if is_new {
        let now_a_case = work.case.clone();
        let (mut climb, _) = work.climb();
        promise = Some(climb.owes_anew(&now_a_case));
        let kind = now_a_case.kind.clone().unwrap_or_default();
        climb.event(&now_a_case, EventKind::Escalated, &[("type", kind)]);
        (work.case.course.number_told, work.case.course.time_told) = (true, true);
    }
    let (mut climb, climber) = work.climb();
    let taken = climb.take(climber, place, StepBy::Time, &Whole::of(around, None))?;
    if let Some(taken) = taken {
        let context = Context { escalation: Some(Escalation { is_new, ..taken }), promise, ..work.context() };
        work.send_automatic(Template::Escalation, &context)?;
        work.tells = true;
    }
    effects.join(work.finish());
    Ok(effects)
}

fn staff_context(trigger: &ClockTrigger<'_>, case: &Case, around: &Surroundings, about: About) -> Context {
    let calendar = &trigger.desk.calendar;
    let due = if about == About::Update { around.update_due } else { around.respond_due };
    let due = due.unwrap_or(trigger.clock.due);
    Context {
        about: Some(about),
        due: Some(calendar.promise(&calendar.due(due), trigger.now)),
        requester: Some(Mailbox { name: case.requester_name.clone(), address: case.requester.clone() }),
        ..context_of(trigger.desk, case, around, trigger.now)
    }
}

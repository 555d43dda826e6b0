//! What the daily assignment writes: each case to its specialist, with the acknowledgement to the requester; and what
//! nobody is there for, told to the supervisor.

use super::case_work::CaseWork;
use super::clocks::{Clocks, in_words};
use super::letters::{Letters, Thread};
use super::of_clock::ClockTrigger;
use super::of_staff::who_does;
use super::{Chain, Effects, Enclosed, EventWrite};
use crate::address::Mailbox;
use crate::calendar::Due;
use crate::case::commands::one_line;
use crate::case::standing::Target;
use crate::case::{Case, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, StageState};
use crate::desk::{Desk, Role, Staff};
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::{Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What stands around a case when something is done with it unasked: by a clock, or by the daily assignment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The thread of its mail to the requester.
    pub thread: Option<Thread>,
    /// The requester's address bounced hard: nothing automatic goes there.
    pub bounced_hard: bool,
    /// When the answer is due, while it is owed.
    pub respond_due: Option<Timestamp>,
    /// When the next update is due.
    pub update_due: Option<Timestamp>,
    /// What was done about it last, up to the start of the follow-up that is due.
    pub last_activity: Option<EventKind>,
    /// The request as the requester wrote it.
    pub request: Option<String>,
    /// The names of its attachments, as the mail lists them.
    pub attachments: Vec<String>,
    /// Its attachments that go along to the specialist.
    pub enclosed: Vec<Enclosed>,
    /// What staff noted in it, oldest first.
    pub comments: Vec<String>,
}

/// Gives `case` to `specialist`: the requester gets the acknowledgement, the specialist the request whole. `given_at` is
/// what the case bears for it: now, or as little behind as its place among those that are given now.
pub fn assigned(
    (desk, keys): (&Desk, &Keys),
    case: &Case,
    around: &Surroundings,
    (specialist, given_at): (&Staff, Timestamp),
    now: Timestamp,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let mut work = CaseWork::new((desk, keys), case.clone(), around, (now, chance));
    hand_over(&mut work, specialist, Handover::Daily)?;
    work.case.assigned_at = Some(given_at);
    Ok(work.finish())
}

/// Gives `case`, whose priority cannot wait for the day's assignment, to `specialist`: the same, with the end of the clock
/// that says so.
pub fn assigned_at_once(
    trigger: &ClockTrigger<'_>,
    case: &Case,
    around: &Surroundings,
    given: (&Staff, Timestamp),
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let mut effects = super::of_clock::ended(trigger, crate::case::ClockState::Met);
    effects.join(assigned((trigger.desk, trigger.keys), case, around, given, trigger.now, chance)?);
    Ok(effects)
}

/// Which id of an event says who did it.
pub const BY: &str = "by";
/// That the desk did it by itself.
pub const BY_DESK: &str = "desk";

/// By whom a case is given to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handover {
    /// By the daily assignment: the requester is told that it is under review.
    Daily,
    /// By a member of staff: the requester is told so only if nobody had it before.
    ByHand,
}

/// Gives a case to `specialist`.
pub(super) fn hand_over(work: &mut CaseWork<'_>, specialist: &Staff, how: Handover) -> Result<(), ComposeError> {
    let (desk, now) = (work.desk, work.now);
    let is_first = work.case.specialist.is_none();
    work.case.specialist = Some(specialist.email.clone());
    work.case.assigned_at = Some(now);
    let content = serde_json::json!({ "specialist": specialist.email });
    // What the desk does by itself is told apart from what somebody did.
    let by = (how == Handover::Daily).then(|| (BY, BY_DESK.to_owned()));
    work.event(EventKind::Assigned, by.as_slice(), Some(content));
    if work.case.status == Status::New {
        work.case.status = Status::InReview;
        let status = [("status", Status::InReview.to_string())];
        let ids: Vec<_> = status.into_iter().chain(by).collect();
        work.event(EventKind::StatusChanged, &ids, None);
    }
    let acknowledges = (is_first || how == Handover::Daily) && work.case.status != Status::Paused;
    work.tells |= acknowledges;
    work.is_active |= how == Handover::ByHand;
    work.clocks().worklist();
    let respond = due(desk, work.around.respond_due);
    let mut context = work.context();
    context.promise = work
        .next_update_due()
        .map(|next| in_words((desk, work.case.sort()), work.case.opened_at, respond.as_ref(), &next, now));
    // A supervisor looks only who it is for: that is told to nobody as the one who works it.
    let is_to_give_on = how == Handover::Daily && specialist.role != Role::Specialist;
    context.specialist = Some(specialist.name.clone()).filter(|_| !is_to_give_on);
    if acknowledges {
        work.send_automatic(Template::Acknowledgement, &context)?;
    }
    let who = who_does(desk, &work.case, desk.day(now)).trim().to_owned();
    let staff = Context {
        about: is_to_give_on.then_some(About::GiveOn),
        words: Some(who).filter(|who| is_to_give_on && !who.is_empty()),
        requester: Some(work.requester()),
        request: work.around.request.clone(),
        attachments: work.around.attachments.clone(),
        arrived: Some(desk.calendar.promise(&desk.calendar.due(work.case.opened_at), now)),
        commands_in_line: Some(one_line(desk)),
        ..context
    };
    let to = Mailbox { name: Some(specialist.name.clone()), address: specialist.email.clone() };
    work.tell_staff(Template::Assignment, &to, &staff)?;
    let enclosed = work.around.enclosed.clone();
    work.letters().enclose(enclosed);
    Ok(())
}

/// The end of a day's assignment: `nobody` has the cases that nobody is there for, told to their supervisors; they are
/// tried again at the next.
pub fn assignment_done(
    trigger: &ClockTrigger<'_>,
    nobody: &[(Case, Surroundings)],
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, now) = (trigger.desk, trigger.now);
    let mut effects = super::of_clock::ended(trigger, crate::case::ClockState::Met);
    for (case, around) in nobody {
        let chain = Chain::Case(case.id);
        effects.events.push(EventWrite { chain, kind: EventKind::Unassigned, ids: BTreeMap::new(), content: None });
        let context = Context { about: Some(About::Unassigned), ..context_of(desk, case, around, now) };
        let about = (Target::Case(case.id), Tag::Case(case.number.clone()));
        for to in desk.supervisors(case.line.as_ref(), desk.calendar.local(now).date()) {
            let about = Some(about.clone());
            letters((desk, trigger.keys), &mut effects, now, chance).staff(Template::Notice, &to, &context, about)?;
        }
    }
    if !nobody.is_empty() {
        Clocks { desk, now, chance, effects: &mut effects }.assign();
    }
    Ok(effects)
}

/// What every mail about `case` may speak of.
pub(super) fn context_of(desk: &Desk, case: &Case, around: &Surroundings, now: Timestamp) -> Context {
    Context {
        tag: Some(Tag::Case(case.number.clone())),
        original_subject: case.subject.clone(),
        canonical_subject: Some(case.subject.clone()),
        line: case.line.clone(),
        member: Some(case.member()).filter(|member| *member != crate::words::MemberName::default()),
        fields: case.fields().clone(),
        entries: if case.entries.len() > 1 { case.entries.clone() } else { Vec::new() },
        urgent: case.urgent,
        status: Some(case.status),
        is_inquiry: case.course.is_inquiry,
        step: case.step(desk).map(|step| step.name.clone()),
        stages: stages_of(desk, case),
        specialist: case.specialist.as_ref().and_then(|email| desk.staff_member(email)).map(|one| one.name.clone()),
        due: due(desk, around.respond_due).map(|due| desk.calendar.promise(&due, now)),
        ..Context::default()
    }
}

/// The stages of the desk as they stand in `case`.
pub(super) fn stages_of(desk: &Desk, case: &Case) -> Vec<StageState> {
    let states = case.stages(desk).into_iter();
    states.map(|(stage, done)| StageState { name: stage.name.clone(), done, told: stage.told }).collect()
}

fn due(desk: &Desk, at: Option<Timestamp>) -> Option<Due> {
    at.map(|at| desk.calendar.due(at))
}

pub(super) fn letters<'a>(
    (desk, keys): (&'a Desk, &'a Keys),
    effects: &'a mut Effects,
    now: Timestamp,
    chance: &'a mut Chance,
) -> Letters<'a> {
    Letters { desk, keys, now, chance, mails: &mut effects.mails, events: &mut effects.events }
}

/// The row of a case that a mail or an event is about.
pub(super) fn case_event(case: Uuid, kind: EventKind, ids: &[(&str, String)]) -> EventWrite {
    let ids = ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    EventWrite { chain: Chain::Case(case), kind, ids, content: None }
}

//! Escalation: an inquiry becomes a case with a number, a case climbs the steps of the ladder, and whoever stands on a
//! step is told of the case whole.

use super::clocks::{Clocks, in_words};
use super::letters::Letters;
use super::of_assignment::context_of;
use super::{Chain, Effects, Enclosed, EventWrite};
use crate::address::Mailbox;
use crate::case::course::{StepBy, StepTaken};
use crate::case::standing::Target;
use crate::case::{Case, ClockKind, ClockState, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, Escalation, Promise};
use crate::desk::{Desk, Step, StepTo};
use crate::effects::of_assignment::Surroundings;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::{LineId, Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A case as whoever stands on a step gets it.
#[derive(Clone, Debug, Default)]
pub(super) struct Whole {
    /// What was asked, in the requester's words.
    pub(super) request: Option<String>,
    /// The names of what is attached.
    pub(super) attachments: Vec<String>,
    /// What goes along.
    pub(super) enclosed: Vec<Enclosed>,
    /// What staff say of it.
    pub(super) words: Option<String>,
}

impl Whole {
    /// The case with what stands around it; `words`: what staff say of it now.
    pub(super) fn of(around: &Surroundings, words: Option<&str>) -> Self {
        let said: Vec<String> = around.comments.iter().cloned().chain(words.map(str::to_owned)).collect();
        Self {
            request: around.request.clone(),
            attachments: around.attachments.clone(),
            enclosed: around.enclosed.clone(),
            words: (!said.is_empty()).then(|| said.join("\n\n")),
        }
    }
}

/// Climbs at one instant.
pub(super) struct Climb<'a> {
    pub(super) desk: &'a Desk,
    pub(super) keys: &'a Keys,
    pub(super) now: Timestamp,
    pub(super) chance: &'a mut Chance,
    pub(super) effects: &'a mut Effects,
}

/// An inquiry is a case of the ladder's type from now on, with the queue and the priority of that. Gives whether it was one.
pub(super) fn becomes_a_case(desk: &Desk, case: &mut Case) -> bool {
    if !case.course.is_inquiry {
        return false;
    }
    case.course.is_inquiry = false;
    let Some(kind) = desk.ladder.kind.as_ref().and_then(|id| desk.types.get(id)) else { return true };
    case.kind = Some(kind.id.clone());
    case.priority = kind.priority.clone().or(case.priority.take());
    if kind.queue.is_some() && kind.queue != case.line {
        case.line = kind.queue.clone();
        let works = |line: &LineId| {
            let staff = case.specialist.as_ref().and_then(|email| desk.staff_member(email));
            staff.is_some_and(|staff| staff.lines.is_empty() || staff.lines.contains(line))
        };
        // Whoever does not work there gives it up: the next assignment finds somebody who does.
        if !case.line.as_ref().is_some_and(works) {
            case.specialist = None;
            case.assigned_at = None;
            if case.status == Status::InReview {
                case.status = Status::New;
            }
        }
    }
    true
}

/// Whether somebody who is asked for as a supervisor is there today.
pub(super) fn supervisor_is_there(desk: &Desk, line: Option<&LineId>, now: Timestamp) -> bool {
    let today = desk.day(now);
    let is_there = |to: &Mailbox| desk.staff_member(&to.address).is_some_and(|staff| !staff.is_absent(today));
    desk.calendar.is_business_day(today) && desk.supervisors(line, today).iter().any(is_there)
}

impl Climb<'_> {
    /// The answer is owed anew from now, by what the case is now.
    pub(super) fn owes_anew(&mut self, case: &Case) -> Promise {
        let (desk, now, sort) = (self.desk, self.now, case.sort());
        let mut clocks = self.clocks();
        for old in [ClockKind::Respond, ClockKind::RespondNudge] {
            clocks.end(case.id, old, ClockState::Ended);
        }
        let respond = clocks.respond(case.id, sort, now);
        let update = clocks.update(case.id, case.kind.as_deref());
        clocks.begin(case);
        in_words((desk, sort), now, Some(&respond), &update, now)
    }

    /// The case climbs to the step at `place`: whoever stands there is told, and the next step's own time begins.
    pub(super) fn take(
        &mut self,
        case: &mut Case,
        place: usize,
        by: StepBy,
        whole: &Whole,
    ) -> Result<Option<Escalation>, ComposeError> {
        let Some(step) = self.desk.ladder.steps.get(place).filter(|step| !case.course.has_taken(&step.id)) else {
            return Ok(None);
        };
        case.course.steps.push(StepTaken { id: step.id.clone(), at: self.now, by, reviewed_at: None });
        self.event(case, EventKind::StepTaken, &[("step", step.id.clone()), ("by", by.to_string())]);
        self.clocks().next_step(case);
        self.tell(case, step, by, whole)?;
        let needs_supervisor = step.to == StepTo::Supervisor;
        Ok(Some(Escalation {
            step: Some(step.name.clone()),
            tell: step.tell.clone(),
            asked: by == StepBy::Requester,
            by_time: by == StepBy::Time,
            available: !needs_supervisor || supervisor_is_there(self.desk, case.line.as_ref(), self.now),
            ..Escalation::default()
        }))
    }

    /// A supervisor was asked for once more, and stands on the case already: they learn of it.
    pub(super) fn asked_again(&mut self, case: &Case, whole: &Whole) -> Result<(), ComposeError> {
        self.told_by(case, StepBy::Requester, whole)
    }

    /// The supervisors of the case are told of it.
    pub(super) fn told_by(&mut self, case: &Case, by: StepBy, whole: &Whole) -> Result<(), ComposeError> {
        let step = case.step(self.desk).filter(|step| step.to != StepTo::Specialist);
        let to = self.desk.supervisors(case.line.as_ref(), self.desk.day(self.now));
        let context = self.context(case, step, by, whole);
        self.notices(case, &to, &context, whole)
    }

    fn tell(&mut self, case: &Case, step: &Step, by: StepBy, whole: &Whole) -> Result<(), ComposeError> {
        let (desk, today) = (self.desk, self.desk.day(self.now));
        let context = self.context(case, Some(step), by, whole);
        let to = match &step.to {
            StepTo::Address(address) if desk.staff_member(address).is_none() => {
                let to = Mailbox { name: None, address: address.clone() };
                let about = about(case);
                let mut letters = self.letters();
                letters.colleague(Template::Handover, &to, &context, Some(about))?;
                letters.enclose(whole.enclosed.clone());
                return Ok(());
            }
            StepTo::Address(address) => vec![desk.staff_mailbox(address)],
            StepTo::Supervisor => desk.supervisors(case.line.as_ref(), today),
            StepTo::Specialist => {
                let theirs = case.specialist.as_ref().filter(|email| desk.staff_member(email).is_some());
                let theirs: Vec<Mailbox> = theirs.map(|email| desk.staff_mailbox(email)).into_iter().collect();
                if theirs.is_empty() { desk.supervisors(case.line.as_ref(), today) } else { theirs }
            }
        };
        self.notices(case, &to, &context, whole)
    }

    fn notices(&mut self, case: &Case, to: &[Mailbox], context: &Context, whole: &Whole) -> Result<(), ComposeError> {
        for to in to {
            let mut letters = self.letters();
            letters.staff(Template::Notice, to, context, Some(about(case)))?;
            letters.enclose(whole.enclosed.clone());
        }
        Ok(())
    }

    fn context(&self, case: &Case, step: Option<&Step>, by: StepBy, whole: &Whole) -> Context {
        let calendar = &self.desk.calendar;
        Context {
            about: Some(About::Escalated),
            requester: Some(Mailbox { name: case.requester_name.clone(), address: case.requester.clone() }),
            request: whole.request.clone(),
            attachments: whole.attachments.clone(),
            words: whole.words.clone(),
            arrived: Some(calendar.promise(&calendar.due(case.opened_at), self.now)),
            step: step.map(|step| step.name.clone()),
            escalation: Some(Escalation {
                asked: by == StepBy::Requester,
                by_time: by == StepBy::Time,
                available: true,
                ..Escalation::default()
            }),
            ..context_of(self.desk, case, &Surroundings::default(), self.now)
        }
    }

    pub(super) fn event(&mut self, case: &Case, kind: EventKind, ids: &[(&str, String)]) {
        let ids: BTreeMap<String, String> =
            ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.effects.events.push(EventWrite { chain: Chain::Case(case.id), kind, ids, content: None });
    }

    fn clocks(&mut self) -> Clocks<'_> {
        Clocks { desk: self.desk, now: self.now, chance: &mut *self.chance, effects: &mut *self.effects }
    }

    fn letters(&mut self) -> Letters<'_> {
        Letters {
            desk: self.desk,
            keys: self.keys,
            now: self.now,
            chance: &mut *self.chance,
            mails: &mut self.effects.mails,
            events: &mut self.effects.events,
        }
    }
}

fn about(case: &Case) -> (Target, Tag) {
    (Target::Case(case.id), Tag::Case(case.number.clone()))
}

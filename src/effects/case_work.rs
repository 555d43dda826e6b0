//! One case while something is done to it: its state as it will be written, and what its clocks will do in the end.
//!
//! Several things may be done to a case in one go (a specialist answers, sets a date and notes an opportunity in one
//! mail). Each changes the state here; what that means for the clocks is settled once, by [`CaseWork::finish`].

use super::clocks::Clocks;
use super::ladder::Climb;
use super::letters::Letters;
use super::of_assignment::{Surroundings, context_of};
use super::outside::start;
use super::records::called;
use super::{Chain, Effects, EventWrite, ListedContent, MailClass, MailState};
use crate::address::{EmailAddress, Mailbox};
use crate::calendar::Due;
use crate::case::standing::Target;
use crate::case::{Case, ClockKind, ClockOf, ClockState, EventKind, Pause};
use crate::compose::ComposeError;
use crate::compose::context::Context;
use crate::desk::{Desk, DoneBy, FieldRole, StepTo};
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::{Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A case that is being worked on.
pub(super) struct CaseWork<'a> {
    pub(super) desk: &'a Desk,
    pub(super) keys: &'a Keys,
    pub(super) now: Timestamp,
    pub(super) chance: Chance,
    pub(super) around: &'a Surroundings,
    /// Its state as it will be written.
    pub(super) case: Case,
    /// What is written besides.
    pub(super) effects: Effects,
    /// A specialist's words go to the requester, so that the answer is no longer owed.
    pub(super) answers: bool,
    /// Something about the issue goes to the requester: the next update counts from now.
    pub(super) tells: bool,
    /// Somebody did something about it: the follow-up counts from now.
    pub(super) is_active: bool,
    /// When the next update is due, where a specialist said so.
    pub(super) next_update: Option<Due>,
    /// The answer is owed anew: what was said before does not meet it.
    pub(super) owed_anew: bool,
}

impl<'a> CaseWork<'a> {
    pub(super) fn new(
        (desk, keys): (&'a Desk, &'a Keys),
        case: Case,
        around: &'a Surroundings,
        (now, chance): (Timestamp, &mut Chance),
    ) -> Self {
        let effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
        let chance = chance.fork();
        Self {
            desk,
            keys,
            now,
            chance,
            around,
            case,
            effects,
            answers: false,
            tells: false,
            is_active: false,
            next_update: None,
            owed_anew: false,
        }
    }

    /// Something happened to it.
    pub(super) fn event(&mut self, kind: EventKind, ids: &[(&str, String)], content: Option<serde_json::Value>) {
        let ids: BTreeMap<String, String> =
            ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.effects.events.push(EventWrite { chain: Chain::Case(self.case.id), kind, ids, content });
    }

    pub(super) fn set_status(&mut self, status: Status) {
        if self.case.status != status {
            self.case.status = status;
            self.event(EventKind::StatusChanged, &[("status", status.to_string())], None);
        }
    }

    /// What a mail about it may speak of.
    pub(super) fn context(&self) -> Context {
        context_of(self.desk, &self.case, self.around, self.now)
    }

    pub(super) fn requester(&self) -> Mailbox {
        Mailbox { name: self.case.requester_name.clone(), address: self.case.requester.clone() }
    }

    pub(super) fn about(&self) -> (Target, Tag) {
        (Target::Case(self.case.id), Tag::Case(self.case.number.clone()))
    }

    pub(super) fn letters(&mut self) -> Letters<'_> {
        Letters {
            desk: self.desk,
            keys: self.keys,
            now: self.now,
            chance: &mut self.chance,
            mails: &mut self.effects.mails,
            events: &mut self.effects.events,
        }
    }

    pub(super) fn clocks(&mut self) -> Clocks<'_> {
        Clocks { desk: self.desk, now: self.now, chance: &mut self.chance, effects: &mut self.effects }
    }

    /// How a person's words to the requester start (POLICY.md, External partners): to someone outside they wait where no
    /// secure way leads there. The side is worked out for each mail.
    pub(super) fn content_state(&self) -> MailState {
        start(self.desk, MailClass::Answer, &self.case.requester)
    }

    /// When the next update will be due, if nothing else is done.
    pub(super) fn next_update_due(&self) -> Option<Due> {
        if let Some(due) = &self.next_update {
            return Some(due.clone());
        }
        if self.tells || self.around.update_due.is_none() {
            let within = self.desk.update_within(self.case.kind.as_deref(), self.now);
            return Some(self.desk.promise(self.now, within, self.now));
        }
        self.around.update_due.map(|at| self.desk.calendar.due(at))
    }

    /// Mail to the requester in the desk's own words, in the thread of what they got before.
    pub(super) fn send_automatic(&mut self, template: Template, context: &Context) -> Result<(), ComposeError> {
        let external = self.desk.is_external(&self.case.requester);
        let state = match self.around.bounced_hard {
            true => MailState::Withheld,
            false => start(self.desk, MailClass::Automatic, &self.case.requester),
        };
        let (to, about, thread) = (self.requester(), self.about(), self.around.thread.as_ref());
        self.letters().threaded(template, external, &to, context, about, state, thread)
    }

    /// Tells a member of staff about it.
    pub(super) fn tell_staff(
        &mut self,
        template: Template,
        to: &Mailbox,
        context: &Context,
    ) -> Result<(), ComposeError> {
        let about = Some(self.about());
        self.letters().staff(template, to, context, about)
    }

    /// Its clocks stand from now on.
    pub(super) fn pause(&mut self, until: Option<&Due>) {
        let (id, now) = (self.case.id, self.now);
        let before = self.case.status;
        self.case.paused = Some(Pause { since: now, status: before });
        self.set_status(Status::Paused);
        let until_word = until.map(|due| due.local.to_string()).unwrap_or_default();
        self.event(EventKind::Paused, &[("until", until_word)], None);
        let calendar = &self.desk.calendar;
        let mut clocks = Clocks { desk: self.desk, now, chance: &mut self.chance, effects: &mut self.effects };
        // Of an answer that goes out with the pause nothing is owed.
        if !self.answers {
            clocks.end(id, ClockKind::Respond, ClockState::Paused);
        }
        clocks.end(id, ClockKind::Update, ClockState::Paused);
        let stop = [
            ClockKind::RespondNudge,
            ClockKind::UpdateNudge,
            ClockKind::PauseEnd,
            ClockKind::PauseNudge,
            ClockKind::Step,
            ClockKind::FollowUp,
        ];
        for kind in stop {
            clocks.end(id, kind, ClockState::Ended);
        }
        match until {
            Some(due) => clocks.start(ClockOf::Case(id), ClockKind::PauseEnd, now, due),
            None => {
                let due = calendar.add(now, crate::calendar::Span::business_days(PAUSE_NUDGE_DAYS));
                clocks.start(ClockOf::Case(id), ClockKind::PauseNudge, now, &due);
            }
        }
    }

    /// What it is while it waits for nobody: given to somebody, or not yet.
    pub(super) fn status_at_work(&self) -> Status {
        if self.case.specialist.is_some() { Status::InReview } else { Status::New }
    }

    /// Its clocks go on: the next update counts from `from`, of the answer's time is left what was left. `from` is now,
    /// or where the clerk comes late to a pause's end, that end.
    pub(super) fn resume(&mut self, from: Timestamp) {
        let Some(pause) = self.case.paused.take() else { return };
        let id = self.case.id;
        // In the pause it may have been given to somebody.
        self.set_status(match pause.status {
            Status::Paused | Status::New => self.status_at_work(),
            before => before,
        });
        self.event(EventKind::Resumed, &[], None);
        self.tells = true;
        self.is_active = true;
        let kind = self.case.kind.clone();
        let kind = kind.as_deref();
        if from < self.now {
            self.next_update = Some(self.desk.calendar.add(from, self.desk.update_within(kind, from)));
        }
        let case = self.case.clone();
        self.clocks().next_step(&case);
        let owed = self.around.respond_due.filter(|_| !self.answers);
        let unit = self.desk.respond_within(self.case.sort(), pause.since).unit;
        let desk = self.desk;
        let mut clocks = self.clocks();
        for kind in [ClockKind::PauseEnd, ClockKind::PauseNudge] {
            clocks.end(id, kind, ClockState::Ended);
        }
        if let Some(due) = owed {
            clocks.end(id, ClockKind::Respond, ClockState::Ended);
            let left = desk.calendar.left(pause.since, due, unit);
            clocks.respond_until(id, from, &desk.calendar.add_left(from, left));
        }
    }

    /// A specialist's answer is on its way: of every step that was taken, the requester learns now what came of it.
    pub(super) fn was_answered(&mut self) {
        self.case.course.answered = true;
        let now = self.now;
        let open = self.case.course.steps.iter_mut().filter(|step| step.reviewed_at.is_none());
        let reviewed: Vec<String> = open
            .map(|step| {
                step.reviewed_at = Some(now);
                step.id.clone()
            })
            .collect();
        for step in reviewed {
            self.event(EventKind::StepReviewed, &[("step", step)], None);
        }
    }

    /// The newest step with somebody else of which the requester has not heard yet, by name.
    pub(super) fn reviewed(&self) -> Option<String> {
        let newest = self.case.course.steps.iter().rev().find(|step| step.reviewed_at.is_none())?;
        let step = self.desk.ladder.place(&newest.id).and_then(|place| self.desk.ladder.steps.get(place))?;
        (step.to != StepTo::Specialist).then(|| step.name.clone())
    }

    /// The first answer closes an inquiry, unless something is still waited for.
    pub(super) fn close_inquiry(&mut self) {
        let is_at_work = matches!(self.case.status, Status::New | Status::InReview);
        if self.case.course.is_inquiry && is_at_work {
            self.close();
            self.event(EventKind::Resolved, &[("how", "first_contact".to_owned())], None);
        }
    }

    /// Work on the case ends now.
    pub(super) fn close(&mut self) {
        self.case.paused = None;
        self.case.waits_until = None;
        self.case.next_words = None;
        self.case.resolved_at = Some(self.now);
        self.set_status(Status::Resolved);
    }

    /// What a list says of it.
    pub(super) fn listed(&self, by: Option<EmailAddress>, note: Option<&str>) -> ListedContent {
        let summary = self.desk.field_of(FieldRole::Summary).and_then(|field| self.case.fields().get(&field.id));
        ListedContent {
            requester: Some(self.case.requester.clone()),
            requester_name: self.case.requester_name.clone(),
            member: called(&self.case.member()),
            case: Some(self.case.number.0.clone()),
            subject: self.case.subject.clone(),
            asked: summary.cloned().or_else(|| self.around.request.clone()).unwrap_or_default(),
            by,
            note: note.map(str::to_owned),
        }
    }

    /// That a comment is missing, where the desk has a stage for one.
    pub(super) fn wants_comment(&self) -> &'static str {
        let has_stage = self.desk.stages.iter().any(|stage| stage.done_by == DoneBy::Commented);
        if has_stage && !self.case.course.commented {
            " No account comment stands in it yet: write one with `#note`."
        } else {
            ""
        }
    }

    /// Takes steps of the ladder.
    pub(super) fn climb(&mut self) -> (Climb<'_>, &mut Case) {
        let climb = Climb {
            desk: self.desk,
            keys: self.keys,
            now: self.now,
            chance: &mut self.chance,
            effects: &mut self.effects,
        };
        (climb, &mut self.case)
    }

    /// Settles its clocks and writes its state.
    pub(super) fn finish(mut self) -> Effects {
        let id = self.case.id;
        if self.answers && !self.owed_anew {
            self.clocks().answered(id);
        }
        match (self.case.status, self.next_update.take()) {
            (Status::Resolved, _) => self.clocks().end_all(id),
            (Status::Paused, _) => {}
            (_, Some(due)) => self.clocks().update_at(id, &due),
            (_, None) if self.tells => {
                let kind = self.case.kind.clone();
                self.clocks().update(id, kind.as_deref());
            }
            (_, None) => {}
        }
        if self.is_active && !matches!(self.case.status, Status::Resolved | Status::Paused) {
            let (desk, now) = (self.desk, self.now);
            Clocks { desk, now, chance: &mut self.chance, effects: &mut self.effects }.follow_up(&self.case, now);
        }
        self.effects.cases.push(self.case);
        self.effects
    }
}

/// An undated pause is nudged about after so many business days (POLICY.md, Clocks).
const PAUSE_NUDGE_DAYS: u32 = 10;

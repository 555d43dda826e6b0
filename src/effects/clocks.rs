//! Clocks as rows: what a case's two promises start, each with its nudge, and the desk's next assignment and worklists.

use crate::calendar::Due;
use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState};
use crate::compose::context::Promise;
use crate::desk::Desk;
use crate::desk::promises::Sort;
use crate::effects::{ClockChoice, ClockEnd, Effects};
use crate::words::Status;
use crate::words::chance::Chance;
use jiff::Timestamp;
use uuid::Uuid;

/// Every clock that a case may have.
const OF_A_CASE: &[ClockKind] = &[
    ClockKind::Respond,
    ClockKind::RespondNudge,
    ClockKind::Update,
    ClockKind::UpdateNudge,
    ClockKind::PauseEnd,
    ClockKind::PauseNudge,
    ClockKind::WaitNudge,
    ClockKind::AssignAtOnce,
    ClockKind::FollowUp,
    ClockKind::Step,
];

/// Starts clocks at one instant.
pub(super) struct Clocks<'a> {
    pub(super) desk: &'a Desk,
    pub(super) now: Timestamp,
    pub(super) chance: &'a mut Chance,
    pub(super) effects: &'a mut Effects,
}

impl Clocks<'_> {
    /// A clock that starts.
    pub(super) fn start(&mut self, of: ClockOf, kind: ClockKind, started: Timestamp, due: &Due) {
        let calendar = &self.desk.calendar;
        self.effects.clocks.push(ClockRow {
            id: self.chance.id(self.now),
            desk: self.desk.id.clone(),
            of,
            kind,
            started,
            due_local: due.local,
            zone: calendar.zone_name().to_owned(),
            due: due.at,
            calendar_version: calendar.version().to_owned(),
            state: ClockState::Running,
        });
    }

    /// The response clock of a case of this type, from `start`; its nudge comes at the opening of the due day.
    pub(super) fn respond(&mut self, case: Uuid, sort: Sort<'_>, start: Timestamp) -> Due {
        let due = self.desk.promise(start, self.desk.respond_within(sort, start), self.now);
        self.respond_until(case, start, &due);
        due
    }

    /// A response clock that is due then, with its nudge: at the opening of the due day, or where the answer is due
    /// before that, at the opening of the business day before.
    pub(super) fn respond_until(&mut self, case: Uuid, start: Timestamp, due: &Due) {
        self.start(ClockOf::Case(case), ClockKind::Respond, start, due);
        self.respond_nudge(case, due);
    }

    /// The nudge about an answer that is due then.
    pub(super) fn respond_nudge(&mut self, case: Uuid, due: &Due) {
        let calendar = &self.desk.calendar;
        let day = due.local.date();
        let opening = calendar.opening(day);
        let is_late = opening > due.at;
        let nudge = if is_late { calendar.opening(calendar.previous_business_day(day)) } else { opening };
        self.nudge(case, ClockKind::RespondNudge, nudge, due);
    }

    /// All clocks of this kind of a case end so.
    pub(super) fn end(&mut self, case: Uuid, kind: ClockKind, state: ClockState) {
        let which = ClockChoice::Kind(ClockOf::Case(case), kind);
        self.effects.clocks_ended.push(ClockEnd { which, state });
    }

    /// The answer that was owed was given.
    pub(super) fn answered(&mut self, case: Uuid) {
        self.end(case, ClockKind::Respond, ClockState::Met);
        self.end(case, ClockKind::RespondNudge, ClockState::Ended);
    }

    /// Nothing is owed any more.
    pub(super) fn end_all(&mut self, case: Uuid) {
        for kind in OF_A_CASE {
            let which = ClockChoice::Kind(ClockOf::Case(case), *kind);
            // The first end of a clock counts: an answer that was just given is met.
            if !self.effects.clocks_ended.iter().any(|end| end.which == which) {
                self.end(case, *kind, ClockState::Ended);
            }
        }
    }

    /// The update clock of a case of this type, from now, in the place of the one that runs; its nudge comes at the opening
    /// of the business day before.
    pub(super) fn update(&mut self, case: Uuid, kind: Option<&str>) -> Due {
        let due = self.desk.promise(self.now, self.desk.update_within(kind, self.now), self.now);
        self.update_at(case, &due);
        due
    }

    /// The update clock, due then, in the place of the one that runs, with its nudge.
    pub(super) fn update_at(&mut self, case: Uuid, due: &Due) {
        for kind in [ClockKind::Update, ClockKind::UpdateNudge] {
            self.end(case, kind, ClockState::Ended);
        }
        let calendar = &self.desk.calendar;
        let nudge = calendar.opening(calendar.previous_business_day(due.local.date()));
        self.start(ClockOf::Case(case), ClockKind::Update, self.now, due);
        self.nudge(case, ClockKind::UpdateNudge, nudge, due);
    }

    /// A nudge that would come at once, or after what it is about, is none. One for the same instant comes before it.
    fn nudge(&mut self, case: Uuid, kind: ClockKind, at: Timestamp, due: &Due) {
        if self.now < at && at <= due.at {
            let at = self.desk.calendar.due(at);
            self.start(ClockOf::Case(case), kind, self.now, &at);
        }
    }

    /// What a case that was just accepted, or opened again, waits for besides its promises: somebody who works it, and the
    /// follow-up should nothing be done.
    pub(super) fn begin(&mut self, case: &Case) {
        // Where somebody has the case already, that assignment finds nothing to do.
        self.assign();
        self.assign_at_once(case);
        self.follow_up(case, self.now);
    }

    /// A case of a priority that cannot wait is given to somebody now, or where the desk is closed, at its next opening.
    pub(super) fn assign_at_once(&mut self, case: &Case) {
        if case.specialist.is_some() || !self.desk.is_at_once(case.priority.as_deref()) {
            return;
        }
        let calendar = &self.desk.calendar;
        let at = if calendar.is_open(self.now) { self.now } else { calendar.next_opening(self.now) };
        let due = calendar.due(at);
        self.start(ClockOf::Case(case.id), ClockKind::AssignAtOnce, self.now, &due);
    }

    /// The follow-up on a case in which something was done last at `since`, in the place of the one that runs: its window
    /// begins now, or where the case is to wait for somebody, at the end of that day.
    pub(super) fn follow_up(&mut self, case: &Case, since: Timestamp) {
        let Some(due) = self.desk.follow_up_due(case.priority.as_deref(), case.waits_until, self.now) else {
            // A priority that has none, after one that had.
            if self.desk.priorities.list.iter().any(|level| level.follow_up.is_some()) {
                self.end(case.id, ClockKind::FollowUp, ClockState::Ended);
            }
            return;
        };
        self.end(case.id, ClockKind::FollowUp, ClockState::Ended);
        self.start(ClockOf::Case(case.id), ClockKind::FollowUp, since, &due);
    }

    /// The clock of the case's next step, from now, in the place of the one that runs; none where no step is taken by itself.
    pub(super) fn next_step(&mut self, case: &Case) {
        self.end(case.id, ClockKind::Step, ClockState::Ended);
        if let Some(after) = case.next_step(self.desk).and_then(|step| step.after) {
            let due = self.desk.promise(self.now, after, self.now);
            self.start(ClockOf::Case(case.id), ClockKind::Step, self.now, &due);
        }
    }

    /// The desk's next assignment after now: one clock a business day, whoever starts it.
    pub(super) fn assign(&mut self) {
        let due = next_assignment(self.desk, self.now);
        self.start(ClockOf::desk(&self.desk.id), ClockKind::Assign, self.now, &due);
    }

    /// The desk's next digest after now, whether or not there will be anything to tell.
    pub(super) fn digest(&mut self) {
        let due = super::of_digest::next_digest(self.desk, self.now);
        self.start(ClockOf::desk(&self.desk.id), ClockKind::Digest, self.now, &due);
    }

    /// The desk's next worklists after now, at the opening of a business day: one clock a day, whoever starts it.
    pub(super) fn worklist(&mut self) {
        let calendar = &self.desk.calendar;
        let due = calendar.due(calendar.next_opening(self.now));
        self.start(ClockOf::desk(&self.desk.id), ClockKind::Worklist, self.now, &due);
    }
}

/// The requester of `case` was answered by hand, by a mail that left at `at`: the response clock is met, and the next
/// update counts from that mail. `promised` is the update that runs already: what was read late brings it no nearer. A
/// pause goes on, and what is resolved stays so.
pub(super) fn answered_by_hand(clocks: &mut Clocks<'_>, case: &Case, at: Timestamp, promised: Option<Timestamp>) {
    clocks.answered(case.id);
    let due = clocks.desk.promise(at, clocks.desk.update_within(case.kind.as_deref(), at), clocks.now);
    let stands_still = matches!(case.status, Status::Paused | Status::Resolved);
    if !stands_still {
        clocks.follow_up(case, clocks.now);
    }
    if !stands_still && promised.is_none_or(|promised| promised < due.at) {
        clocks.update_at(case.id, &due);
    }
}

/// The first instant after `now` at which the desk assigns.
fn next_assignment(desk: &Desk, now: Timestamp) -> Due {
    next_at(desk, desk.assign_at, now)
}

/// The first instant after `now` that is `time` on a business day.
pub(super) fn next_at(desk: &Desk, time: jiff::civil::Time, now: Timestamp) -> Due {
    let calendar = &desk.calendar;
    let today = calendar.local(now).date();
    let at = calendar.at_local(today, time);
    if calendar.is_business_day(today) && at > now {
        return calendar.due(at);
    }
    calendar.due(calendar.at_local(calendar.next_business_day(today), time))
}

/// What a mail promises, in words: the answer where it is still owed, and the next update.
pub(super) fn in_words(
    (desk, sort): (&Desk, Sort<'_>),
    start: Timestamp,
    respond: Option<&Due>,
    update: &Due,
    now: Timestamp,
) -> Promise {
    Promise {
        respond_within: desk.respond_within(sort, start).to_string(),
        respond_by: respond.map(|due| desk.calendar.promise(due, now)).unwrap_or_default(),
        update_every: desk.update_within(sort.kind, now).to_string(),
        next_update: Some(desk.calendar.promise(update, now)),
    }
}

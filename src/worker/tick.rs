//! Ticking: what is due is done, once for each due instant, in the order of the instants.

use super::Worker;
use crate::case::{ClockKind, ClockOf, ClockRow, ClockState, Pending};
use crate::compose::ComposeError;
use crate::effects::of_assignment::Surroundings;
use crate::effects::of_case_clock::case_due;
use crate::effects::of_clock::{ClockTrigger, Held, held_untouched, pending_closed};
use crate::effects::{ClockChoice, ClockEnd, Effects};
use crate::faults;
use crate::message::Message;
use crate::store::{CaseAround, MessageRow, StoredContent};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Due clocks handled in one transaction.
const BATCH: usize = 200;

/// What the clocks of a batch are about, read for all of them at once.
#[derive(Default)]
struct Around {
    cases: HashMap<Uuid, CaseAround>,
    pendings: HashMap<Uuid, (Pending, bool)>,
}

impl Worker {
    /// Does all that is due now, and writes the audit trail's checkpoint; gives how many clocks were handled.
    pub async fn tick(&self) -> anyhow::Result<usize> {
        self.keep_checkpoints().await;
        let mut handled = self.release_waiting().await? + self.watch_gates(true).await?;
        loop {
            let now = self.clock.now();
            let due = self.store.due_clocks(HANDLED, now, BATCH).await?;
            let together = together(&due);
            if together.is_empty() {
                return Ok(handled);
            }
            self.follow_token_keys().await?;
            self.refresh_absences().await?;
            let mut around = self.around(together).await?;
            let mut effects = Vec::with_capacity(together.len());
            for clock in together {
                effects.push(self.effects_of_clock(clock, &mut around).await?);
            }
            faults::point("clock_decided");
            if faults::is_on("tick_twice") {
                let apart = effects.iter().cloned().map(|one| Effects { clocks_ended: Vec::new(), ..one });
                self.store.commit(&apart.collect::<Vec<_>>(), &[], now).await?;
                faults::point("clock_not_ended");
                let ends = |one: Effects| Effects {
                    desk: one.desk,
                    at: one.at,
                    clocks_ended: one.clocks_ended,
                    ..Effects::default()
                };
                effects = effects.into_iter().map(ends).collect();
            }
            // A stale element was handled by another worker in the meantime: nothing is left to do for it.
            self.store.commit(&effects, &[], now).await?;
            faults::point("clock_committed");
            self.mails_waiting.notify_one();
            handled += effects.len();
        }
    }

    /// What all these clocks are about.
    async fn around(&self, clocks: &[ClockRow]) -> anyhow::Result<Around> {
        let (mut cases, mut pendings) = (Vec::new(), Vec::new());
        for clock in clocks {
            match clock.of {
                ClockOf::Case(id) => cases.push(id),
                ClockOf::Pending(id) => pendings.push(id),
                ClockOf::Message(_) | ClockOf::Desk(_) => {}
            }
        }
        let cases = self.store.cases_around(&cases).await?;
        Ok(Around { cases, pendings: self.store.pendings_around(&pendings).await? })
    }

    async fn effects_of_clock(&self, clock: &ClockRow, around: &mut Around) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let Some(desk) = self.desks.get(&clock.desk) else {
            return Ok(ended(clock, now));
        };
        let trigger = ClockTrigger { desk: &desk, keys: &self.keys, clock, now };
        let effects: Result<Effects, ComposeError> = match clock.of {
            ClockOf::Pending(id) => match around.pendings.remove(&id) {
                Some((pending, bounced)) => {
                    self.with_chance(|chance| pending_closed(&trigger, &pending, bounced, chance))
                }
                None => Ok(ended(clock, now)),
            },
            ClockOf::Message(id) => match self.store.held_message(id).await? {
                Some(row) => self.held_clock(&trigger, id, &row),
                None => Ok(ended(clock, now)),
            },
            ClockOf::Case(id) => match around.cases.remove(&id) {
                Some(found) if clock.kind == ClockKind::AssignAtOnce => {
                    return self.assign_at_once(&desk, clock, &found.case).await;
                }
                Some(found) => {
                    let around = self.surroundings_of_clock(clock, &found).await?;
                    self.with_chance(|chance| case_due(&trigger, &found.case, &around, chance))
                }
                None => Ok(ended(clock, now)),
            },
            ClockOf::Desk(_) => match clock.kind {
                ClockKind::Assign => Ok(self.assign(&desk, clock).await?),
                ClockKind::Worklist => Ok(self.worklists(&desk, clock).await?),
                ClockKind::Digest => Ok(self.digests(&desk, clock).await?),
                _ => Ok(ended(clock, now)),
            },
        };
        Ok(effects?)
    }

    /// A held message is still untouched.
    fn held_clock(&self, trigger: &ClockTrigger<'_>, id: Uuid, row: &MessageRow) -> Result<Effects, ComposeError> {
        let words = match &row.content {
            StoredContent::Raw(raw) => Some(Message::read(raw).body.visible),
            StoredContent::Problem(_) => None,
        };
        let held = Held {
            message: id,
            from: row.author.clone(),
            subject: &row.subject,
            words,
            reasons: &row.reasons,
            arrived: row.arrived,
        };
        self.with_chance(|chance| held_untouched(trigger, held, chance))
    }

    /// What stands around the case of a due clock, as far as that kind of clock asks.
    async fn surroundings_of_clock(&self, clock: &ClockRow, found: &CaseAround) -> anyhow::Result<Surroundings> {
        let mut around = Surroundings {
            thread: found.thread.clone(),
            bounced_hard: found.bounced_hard,
            respond_due: found.promised.respond,
            update_due: found.promised.update,
            ..Surroundings::default()
        };
        match clock.kind {
            ClockKind::Step => self.add_request(&found.case, &mut around).await?,
            ClockKind::FollowUp => {
                around.last_activity = self.store.last_activity(&clock.desk, found.case.id, clock.started).await?;
            }
            _ => {}
        }
        Ok(around)
    }
}

/// The first of these clocks that are handled in one transaction. What reads many cases comes alone, so that it sees all
/// that was due earlier as done; and a case's next clock reads what the one before it wrote.
fn together(due: &[ClockRow]) -> &[ClockRow] {
    let mut seen = HashSet::new();
    let alone = |clock: &ClockRow| READS_MANY.contains(&clock.kind);
    let length = match due.first() {
        Some(first) if alone(first) => 1,
        _ => due.iter().take_while(|clock| !alone(clock) && seen.insert(clock.of)).count(),
    };
    due.get(..length).unwrap_or(due)
}

/// The kinds of clock that are acted on when they are due.
pub const HANDLED: &[ClockKind] = &[
    ClockKind::PendingClose,
    ClockKind::HeldUntouched,
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
    ClockKind::Assign,
    ClockKind::Worklist,
    ClockKind::Digest,
];

/// What reads many cases sees all that was due earlier as done: assignments choose by who has what, worklists and the
/// digest tell all.
const READS_MANY: &[ClockKind] = &[ClockKind::Assign, ClockKind::AssignAtOnce, ClockKind::Worklist, ClockKind::Digest];

/// What the clock was about is gone or settled: it ends, and nothing is sent.
fn ended(clock: &ClockRow, now: jiff::Timestamp) -> Effects {
    Effects {
        desk: clock.desk.clone(),
        at: now,
        clocks_ended: vec![ClockEnd { which: ClockChoice::Row(clock.id), state: ClockState::Ended }],
        ..Effects::default()
    }
}

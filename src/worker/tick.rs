//! Ticking: what is due is done, once for each due instant, in the order of the instants.

use super::Worker;
use crate::case::{ClockKind, ClockOf, ClockRow, ClockState};
use crate::compose::ComposeError;
use crate::effects::of_case_clock::case_due;
use crate::effects::of_clock::{ClockTrigger, Held, held_untouched, pending_closed};
use crate::effects::{ClockChoice, ClockEnd, Effects};
use crate::faults;
use crate::message::Message;
use crate::store::StoredContent;

/// Due clocks handled in one transaction.
const BATCH: usize = 50;

impl Worker {
    /// Does all that is due now; gives how many clocks were handled.
    pub async fn tick(&self) -> anyhow::Result<usize> {
        let mut handled = self.release_waiting().await? + self.watch_gates(true).await?;
        loop {
            let now = self.clock.now();
            let mut due = self.store.due_clocks(HANDLED, now, BATCH).await?;
            due.sort_by_key(|clock| (clock.due, rank(clock.kind)));
            if due.is_empty() {
                return Ok(handled);
            }
            self.follow_token_keys().await?;
            self.refresh_absences().await?;
            let mut effects = Vec::with_capacity(due.len());
            for (place, clock) in due.iter().enumerate() {
                // A case's next clock reads what the one before it wrote.
                let of_same = due.iter().take(place).any(|before| before.of == clock.of);
                if place > 0 && (READS_MANY.contains(&clock.kind) || of_same) {
                    break;
                }
                effects.push(self.effects_of_clock(clock).await?);
            }
            faults::point("clock_decided");
            // A stale element was handled by another worker in the meantime: nothing is left to do for it.
            self.store.commit(&effects, &[], now).await?;
            faults::point("clock_committed");
            self.mails_waiting.notify_one();
            handled += effects.len();
        }
    }

    async fn effects_of_clock(&self, clock: &ClockRow) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let Some(desk) = self.desks.get(&clock.desk) else {
            return Ok(ended(clock, now));
        };
        let trigger = ClockTrigger { desk: &desk, keys: &self.keys, clock, now };
        let effects: Result<Effects, ComposeError> = match clock.of {
            ClockOf::Pending(id) => match self.store.pending_state(id).await? {
                Some(pending) => {
                    let bounced = self.store.is_bounced_hard(&desk.id, &pending.requester).await?;
                    self.with_chance(|chance| pending_closed(&trigger, &pending, bounced, chance))
                }
                None => Ok(ended(clock, now)),
            },
            ClockOf::Message(id) => match self.store.held_message(id).await? {
                Some(row) => {
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
                    self.with_chance(|chance| held_untouched(&trigger, held, chance))
                }
                None => Ok(ended(clock, now)),
            },
            ClockOf::Case(id) => match self.store.case_state(id).await? {
                Some(case) if clock.kind == ClockKind::AssignAtOnce => {
                    return self.assign_at_once(&desk, clock, &case).await;
                }
                Some(case) => {
                    let mut around = self.surroundings(&case, clock.kind == ClockKind::Step).await?;
                    if clock.kind == ClockKind::FollowUp {
                        around.last_activity = self.store.last_activity(&desk.id, id, clock.started).await?;
                    }
                    self.with_chance(|chance| case_due(&trigger, &case, &around, chance))
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
}

/// The kinds of clock that are acted on when they are due.
pub(super) const HANDLED: &[ClockKind] = &[
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

/// The order of what is due at the same instant: a pause that ends lets the others speak, and what reminds of a promise
/// goes before what breaks or keeps it.
fn rank(kind: ClockKind) -> u8 {
    match kind {
        ClockKind::PauseEnd => 0,
        ClockKind::RespondNudge | ClockKind::UpdateNudge => 1,
        // What is given when the desk opens has a mail of its own, and stands in the next morning's list.
        ClockKind::AssignAtOnce => 3,
        // Whoever is given the case at that instant is asked.
        ClockKind::FollowUp => 4,
        // What it tells is done before.
        ClockKind::Digest => 5,
        _ => 2,
    }
}

/// What the clock was about is gone or settled: it ends, and nothing is sent.
fn ended(clock: &ClockRow, now: jiff::Timestamp) -> Effects {
    Effects {
        desk: clock.desk.clone(),
        at: now,
        clocks_ended: vec![ClockEnd { which: ClockChoice::Row(clock.id), state: ClockState::Ended }],
        ..Effects::default()
    }
}

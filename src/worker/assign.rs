//! The daily assignment: what was accepted before its hour is given to specialists, urgent cases first.
//!
//! Cases are given in batches before the clock that is the trigger ends: a crash between them leaves the clock running,
//! and what is given already is not given again, for it is no longer without a specialist.

use super::Worker;
use crate::case::assign::{choose, note};
use crate::case::{Case, ClockRow};
use crate::desk::{Desk, Role};
use crate::effects::Effects;
use crate::effects::of_assignment::{Surroundings, assigned, assignment_done};
use crate::effects::of_clock::ClockTrigger;
use crate::faults;
use crate::message::Message;
use crate::store::{Committed, StoredContent};

/// Cases given in one transaction.
const BATCH: usize = 50;

impl Worker {
    /// Gives what waits at `desk` to its specialists; gives what the end of the assignment writes.
    pub(super) async fn assign(&self, desk: &Desk, clock: &ClockRow) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let today = desk.calendar.local(now).date();
        let specialists = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
        let specialists: Vec<_> = specialists.map(|staff| staff.email.clone()).collect();
        let mut nobody = Vec::new();
        loop {
            // Read anew for each batch: another worker may assign at the same time.
            let mut loads = self.store.loads(&desk.id, &specialists).await?;
            let waiting = self.store.unassigned(&desk.id, now, nobody.len(), BATCH).await?;
            if waiting.is_empty() {
                break;
            }
            let mut effects = Vec::new();
            for case in waiting {
                let around = self.surroundings(&case, true).await?;
                match choose(&desk.staff, case.line.as_ref(), &loads, today) {
                    Some(staff) => {
                        note(&mut loads, &staff.email, now);
                        let trigger = (desk, &self.keys);
                        effects.push(self.with_chance(|chance| assigned(trigger, &case, &around, staff, now, chance))?);
                    }
                    None => nobody.push((case, around)),
                }
            }
            faults::point("assignment_decided");
            let outcome = self.store.commit(&effects, &[], now).await?;
            let stale = outcome.iter().filter(|one| matches!(one, Committed::Stale)).count();
            if stale > 0 {
                tracing::info!(desk = %desk.id, stale, "cases changed while they were assigned: tried again");
            }
            self.mails_waiting.notify_one();
        }
        let trigger = ClockTrigger { desk, keys: &self.keys, clock, now };
        Ok(self.with_chance(|chance| assignment_done(&trigger, &nobody, chance))?)
    }

    /// What stands around `case`; its request is read only where it is needed, `whole`.
    pub(super) async fn surroundings(&self, case: &Case, whole: bool) -> anyhow::Result<Surroundings> {
        let promised = self.store.promised(case.id).await?;
        let mut around = Surroundings {
            thread: self.store.thread_of(case.id, &case.requester).await?,
            bounced_hard: self.store.is_bounced_hard(&case.desk, &case.requester).await?,
            respond_due: promised.respond,
            update_due: promised.update,
            ..Surroundings::default()
        };
        let opening = if whole { self.store.opening_message(case.id).await? } else { None };
        let opening = match opening {
            Some(id) => self.store.message_state(id).await?,
            None => None,
        };
        if let Some(StoredContent::Raw(raw)) = opening.map(|row| row.content) {
            let message = Message::read(&raw);
            around.attachments = message.attachments.into_iter().filter_map(|one| one.name).collect();
            around.request = Some(message.body.visible);
        }
        Ok(around)
    }
}

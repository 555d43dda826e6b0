//! The daily assignment: what was accepted before its hour is given to specialists, urgent cases first.
//!
//! Cases are given in batches before the clock that is the trigger ends: a crash between them leaves the clock running,
//! and what is given already is not given again, for it is no longer without a specialist.

use super::Worker;
use crate::address::Mailbox;
use crate::case::assign::{Loads, Turns, choose, in_turn, manager, note, note_turn};
use crate::case::commands::{Situation, parse};
use crate::case::{Case, ClockRow};
use crate::desk::{Desk, Give, Role, Staff};
use crate::effects::Effects;
use crate::effects::enclosures::Taken;
use crate::effects::of_assignment::{Surroundings, assigned, assigned_at_once, assignment_done};
use crate::effects::of_clock::{ClockTrigger, no_longer_matters};
use crate::faults;
use crate::message::Message;
use crate::store::Committed;
use std::collections::BTreeSet;

/// What the choice of who gets a case depends on.
struct Given {
    loads: Loads,
    turns: Turns,
}

impl Given {
    /// Who gets `case`, as its type has it.
    fn chosen<'a>(&self, desk: &'a Desk, case: &Case, today: jiff::civil::Date) -> Option<&'a Staff> {
        match give(desk, case) {
            Give::Fewest => choose(&desk.staff, case.line.as_ref(), &self.loads, today),
            Give::Turn => in_turn(&desk.staff, case.line.as_ref(), &self.turns, today),
            Give::Manager => manager(desk, case.line.as_ref(), today),
        }
    }

    /// Notes that `to` gets `case`; gives the instant that its row bears for it.
    fn note(&mut self, case: &Case, to: &Staff, now: jiff::Timestamp) -> jiff::Timestamp {
        note(&mut self.loads, &to.email, now);
        note_turn(&mut self.turns, case.line.as_ref(), &to.email, now)
    }
}

/// To whom the cases of its type are given.
fn give(desk: &Desk, case: &Case) -> Give {
    case.kind.as_ref().and_then(|kind| desk.types.get(kind)).map(|kind| kind.give).unwrap_or_default()
}

/// Cases given in one transaction.
const BATCH: usize = 50;

impl Worker {
    /// Gives what waits at `desk` to its specialists; gives what the end of the assignment writes.
    pub(super) async fn assign(&self, desk: &Desk, clock: &ClockRow) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let today = desk.calendar.local(now).date();
        let mut nobody = Vec::new();
        loop {
            let waiting = self.store.unassigned(&desk.id, now, nobody.len(), BATCH).await?;
            if waiting.is_empty() {
                break;
            }
            // Read anew for each batch: another worker may assign at the same time.
            let mut given = self.given(desk, &waiting).await?;
            let mut effects = Vec::new();
            for case in waiting {
                let around = self.surroundings(&case, true).await?;
                match given.chosen(desk, &case, today) {
                    Some(staff) => {
                        let at = given.note(&case, staff, now);
                        let trigger = (desk, &self.keys);
                        effects.push(
                            self.with_chance(|chance| assigned(trigger, &case, &around, (staff, at), now, chance))?,
                        );
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

    /// Gives one case whose priority cannot wait; where nobody is there, its supervisors are told, and the day's assignment
    /// tries it again. Where somebody has it already, nothing is done.
    pub(super) async fn assign_at_once(&self, desk: &Desk, clock: &ClockRow, case: &Case) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let trigger = ClockTrigger { desk, keys: &self.keys, clock, now };
        if case.specialist.is_some() || !case.is_open() {
            return Ok(no_longer_matters(&trigger));
        }
        let mut given = self.given(desk, std::slice::from_ref(case)).await?;
        let around = self.surroundings(case, true).await?;
        let effects = match given.chosen(desk, case, desk.day(now)) {
            Some(staff) => {
                let at = given.note(case, staff, now);
                self.with_chance(|chance| assigned_at_once(&trigger, case, &around, (staff, at), chance))?
            }
            None => self.with_chance(|chance| assignment_done(&trigger, &[(case.clone(), around)], chance))?,
        };
        faults::point("assignment_decided");
        Ok(effects)
    }

    /// Who has what, and whose turn it is in the lines of those of `cases` that go round.
    async fn given(&self, desk: &Desk, cases: &[Case]) -> anyhow::Result<Given> {
        let specialists = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
        let specialists: Vec<_> = specialists.map(|staff| staff.email.clone()).collect();
        let loads = self.store.loads(&desk.id, &specialists).await?;
        let mut turns = Turns::new();
        let round: BTreeSet<_> =
            cases.iter().filter(|case| give(desk, case) == Give::Turn).map(|case| case.line.clone()).collect();
        for line in round {
            turns.extend(self.store.turns(&desk.id, line.as_ref(), &specialists).await?);
        }
        Ok(Given { loads, turns })
    }

    /// What the message that opened `case` asks for: of a case opened by hand, the text without its commands.
    fn request_text(&self, case: &Case, message: &Message) -> String {
        let visible = &message.body.visible;
        let desk = self.desks.get(&case.desk);
        let opened_by = message.author().filter(|author| author.address != case.requester);
        let by_staff = |desk: &Desk, author: &Mailbox| {
            let sender = desk.staff_member(&author.address)?;
            let situation = Situation { desk, sender, now: self.clock.now() };
            Some(parse(visible, &situation).text().to_owned())
        };
        desk.zip(opened_by).and_then(|(desk, author)| by_staff(&desk, author)).unwrap_or_else(|| visible.clone())
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
        if whole {
            self.add_request(case, &mut around).await?;
        }
        Ok(around)
    }

    /// The request in the words of the message that opened the case, and what is attached to any message of it: a form
    /// that was returned may have come with a file that its completing answer no longer has.
    pub(super) async fn add_request(&self, case: &Case, around: &mut Surroundings) -> anyhow::Result<()> {
        let opening = self.store.opening_message(case.id).await?;
        let mut taken = Taken::default();
        // Whoever gets a case that others had worked already needs what was written since.
        let goes_on = case.course.answered || !case.course.steps.is_empty();
        for id in self.store.request_messages(case.id).await? {
            let Some(raw) = self.store.raw_message(id).await? else { continue };
            let message = Message::read(&raw);
            taken.add_to_staff(id, &message);
            if opening == Some(id) {
                around.request = Some(self.request_text(case, &message));
            } else if let Some(request) = around.request.as_mut().filter(|_| goes_on) {
                request.push_str("\n\n");
                request.push_str(message.body.visible.trim());
            }
        }
        around.comments = self.store.comments_of(&case.desk, case.id).await?;
        around.attachments = taken.listed();
        around.enclosed = taken.enclosed;
        Ok(())
    }
}

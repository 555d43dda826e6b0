//! The last door before the network, and what waits behind it: content for somebody outside leaves only by the secure
//! way that leads to them now; when there is one, what waits leaves by itself, in its order.

use super::Worker;
use crate::case::standing::Target;
use crate::desk::Desk;
use crate::effects::of_release::released;
use crate::effects::{Door, Effects, MailClass, OutgoingMail, door};

/// Mails looked at in one go.
const BATCH: usize = 50;

impl Worker {
    /// Whether a claimed mail may leave as it is, by what the policy and the way out are at this moment.
    ///
    /// # Errors
    ///
    /// Why it waits, as a code.
    pub(super) fn may_leave(&self, mail: &OutgoingMail) -> Result<(), &'static str> {
        if mail.class == MailClass::Staff {
            return Ok(());
        }
        let Some(desk) = self.desks.get(&mail.desk) else { return Err("no_policy") };
        if !desk.is_external(&mail.to.address) {
            return Ok(());
        }
        if !self.transport.is_protected() {
            return Err("no_tls");
        }
        match door(&desk, mail.class, mail.variant, &mail.to.address) {
            Door::Open => Ok(()),
            Door::Gateway(mark) if mail.gateway.as_ref() == Some(mark) => Ok(()),
            Door::Gateway(_) => Err("other_gateway"),
            Door::Portal => Err("for_the_portal"),
            Door::Closed => Err("no_secure_way"),
        }
    }

    /// Queues what waited for a secure way and finds one; gives how many mails.
    pub(super) async fn release_waiting(&self) -> anyhow::Result<usize> {
        if !self.transport.is_protected() {
            return Ok(0);
        }
        let mut queued = 0;
        for desk in self.desks.all() {
            queued += self.release_waiting_of(&desk).await?;
        }
        if queued > 0 {
            self.mails_waiting.notify_one();
        }
        Ok(queued)
    }

    async fn release_waiting_of(&self, desk: &Desk) -> anyhow::Result<usize> {
        let (mut queued, mut behind) = (0, 0);
        loop {
            let (waiting, last) = self.store.waiting_secure(&desk.id, behind, BATCH).await?;
            if waiting.is_empty() {
                return Ok(queued);
            }
            behind = last;
            let may_open = |mail: &OutgoingMail| door(desk, mail.class, mail.variant, &mail.to.address) != Door::Closed;
            let mut about: Vec<Option<Target>> = Vec::new();
            for mail in waiting.iter().filter(|mail| may_open(mail)) {
                if !about.contains(&mail.about) {
                    about.push(mail.about);
                }
            }
            for target in about {
                let mails: Vec<OutgoingMail> = waiting.iter().filter(|mail| mail.about == target).cloned().collect();
                let Some(effects) = self.released(desk, target, &mails).await? else { continue };
                let count = effects.mails_released.len();
                let now = self.clock.now();
                // What changed meanwhile is looked at again in the next round.
                let outcome = self.store.commit(&[effects], &[], now).await?;
                if outcome.first() == Some(&crate::store::Committed::Written) {
                    tracing::info!(desk = %desk.id, mails = count, "mail that waited for a secure way leaves now");
                    queued += count;
                }
            }
        }
    }

    async fn released(
        &self,
        desk: &Desk,
        target: Option<Target>,
        mails: &[OutgoingMail],
    ) -> anyhow::Result<Option<Effects>> {
        let now = self.clock.now();
        let case = match target {
            Some(Target::Case(id)) => self.store.case_state(id).await?,
            Some(Target::Pending(_)) | None => None,
        };
        let around = match &case {
            Some(case) => Some(self.surroundings(case, false).await?),
            None => None,
        };
        let case = case.as_ref().zip(around.as_ref());
        Ok(self.with_chance(|chance| released((desk, &self.keys), case, mails, (now, chance)))?)
    }
}

//! Judging: leased messages are read, decided and committed in batches; a stale decision is made again.

use super::Worker;
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::effects::of_message::{MessageTrigger, of_message};
use crate::effects::overlay::overlay;
use crate::effects::{Effects, MailState};
use crate::faults;
use crate::intake::decide::{Context, decide};
use crate::intake::lookups::lookups;
use crate::message::Message;
use crate::store::{Committed, LeasedMessage, StoredContent};
use crate::words::{Decision, Reason};
use jiff::SignedDuration;
use std::sync::Arc;
use uuid::Uuid;

/// Messages decided in one transaction.
const BATCH: usize = 50;
/// How long a batch may take before another worker takes it over.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How often a message may break the worker before a person looks.
const MOST_ATTEMPTS: u32 = 3;

/// One message that was decided, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The message's row.
    pub message: Uuid,
    /// Its decoded subject.
    pub subject: String,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The template of its automatic reply, with the state where it is not queued.
    pub reply: Option<String>,
}

impl Worker {
    /// Decides everything that is recorded and undecided at `desk`.
    pub async fn judge(&self, desk: &Arc<Desk>) -> anyhow::Result<Vec<Judged>> {
        let mut decided = Vec::new();
        loop {
            let now = self.clock.now();
            let until = now.saturating_add(LEASE)?;
            let leased = self.store.lease_messages(&desk.id, self.holder, BATCH, until, now).await?;
            if leased.is_empty() {
                return Ok(decided);
            }
            faults::point("leased");
            decided.extend(self.judge_batch(desk, leased).await?);
        }
    }

    async fn judge_batch(&self, desk: &Arc<Desk>, leased: Vec<LeasedMessage>) -> anyhow::Result<Vec<Judged>> {
        let mut judged = Vec::new();
        let mut left = leased;
        // A stale element was overtaken by another worker's commit: what it is decided from is read again.
        while !left.is_empty() {
            let mut effects: Vec<Effects> = Vec::with_capacity(left.len());
            let mut fences: Vec<(Uuid, i64)> = Vec::with_capacity(left.len());
            for leased in &left {
                effects.push(self.judge_one(desk, leased, &effects).await?);
                fences.push((leased.id, leased.fence));
            }
            faults::point("decided");
            let committed = self.store.commit(&effects, &fences, self.clock.now()).await?;
            faults::point("committed");
            let mails = effects.iter().flat_map(|one| &one.mails).any(|mail| mail.state == MailState::Queued);
            if mails {
                self.mails_waiting.notify_one();
            }
            let written = effects.iter().zip(&committed).filter(|(_, outcome)| matches!(outcome, Committed::Written));
            judged.extend(written.filter_map(|(effects, _)| judged_of(effects)));
            let stale: Vec<Uuid> = fences
                .iter()
                .zip(&committed)
                .filter(|(_, outcome)| matches!(outcome, Committed::Stale))
                .map(|((id, _), _)| *id)
                .collect();
            if stale.len() == left.len() {
                // Not one could be written: the leases were lost. Whoever has them now goes on.
                return Ok(judged);
            }
            left.retain(|leased| stale.contains(&leased.id));
        }
        Ok(judged)
    }

    /// The effects of one message. What cannot be read, broke the worker three times or cannot be answered for want of
    /// a sound template is held, so that a person looks and the next one goes on.
    async fn judge_one(&self, desk: &Arc<Desk>, leased: &LeasedMessage, before: &[Effects]) -> anyhow::Result<Effects> {
        let message = match &leased.content {
            StoredContent::Raw(raw) if leased.attempts <= MOST_ATTEMPTS => Message::read(raw),
            StoredContent::Raw(_) => unreadable("it broke the worker three times"),
            StoredContent::Problem(why) => unreadable(why),
        };
        match self.effects_of(desk, leased, &message, before).await? {
            Ok(effects) => Ok(effects),
            Err(error) => {
                tracing::error!(message = %leased.id, desk = %desk.id, %error, "failed to compose a reply: held");
                let message = unreadable(&format!("its reply could not be composed: {error}"));
                Ok(self.effects_of(desk, leased, &message, before).await??)
            }
        }
    }

    async fn effects_of(
        &self,
        desk: &Arc<Desk>,
        leased: &LeasedMessage,
        message: &Message,
        before: &[Effects],
    ) -> anyhow::Result<Result<Effects, ComposeError>> {
        let now = self.clock.now();
        let asked = lookups(desk, &self.keys, message, leased.id);
        let mut standing = self.store.standing(&desk.id, &asked, now).await?;
        overlay(&mut standing, &asked, before);
        let trust = self.trust_of(&leased.mailbox);
        let context = Context { standing: &standing, trust, keys: &self.keys, now, model: true };
        let judgement = decide(desk, message, &context);
        let number = match judgement.decision {
            Decision::Accept => self.store.reserve_numbers(&desk.id, &desk.prefix, 1).await?.pop(),
            _ => None,
        };
        let trigger = MessageTrigger {
            desk,
            keys: &self.keys,
            message,
            row: leased.id,
            arrived: leased.arrived,
            judgement: &judgement,
            standing: &standing,
            releases_held: false,
            now,
        };
        Ok(self.with_chance(|chance| of_message(&trigger, number, chance)))
    }
}

fn judged_of(effects: &Effects) -> Option<Judged> {
    let decided = effects.decided.as_ref()?;
    let reply = effects.mails.iter().find(|mail| mail.replies_to.is_some()).map(|mail| match mail.state {
        MailState::Queued => mail.template.to_string(),
        state => format!("{} ({state})", mail.template),
    });
    Some(Judged {
        message: decided.message,
        subject: decided.subject.clone(),
        decision: decided.decision,
        reasons: decided.reasons.clone(),
        reply,
    })
}

/// A message of which nothing can be told but why.
fn unreadable(why: &str) -> Message {
    Message { unparsable: Some(why.to_owned()), ..Message::read(b"") }
}

//! Judging: leased messages are read, decided and committed in batches; a stale decision is made again.

use super::Worker;
use crate::case::standing::{Lookups, Standing};
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::effects::of_message::{MessageTrigger, Reported, of_message};
use crate::effects::overlay::overlay;
use crate::effects::{Effects, MailClass, MailState};
use crate::faults;
use crate::intake::decide::{Context, decide};
use crate::intake::lookups::lookups;
use crate::message::Message;
use crate::settings::Trust;
use crate::store::{Committed, LeasedMessage, Released, StoreError, StoredContent};
use crate::words::numbers::CaseNumber;
use crate::words::token;
use crate::words::{Decision, Reason};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, MutexGuard, PoisonError};
use uuid::Uuid;

/// Messages decided in one transaction: with more, each waits longer for the others, and more is in memory at once.
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

/// A leased message that was read, with what the store is asked about it; a copy of a sent mail is read where it is
/// judged.
struct ReadMessage {
    leased: LeasedMessage,
    read: Option<(Message, Lookups)>,
}

/// Case numbers of a batch.
#[derive(Default)]
struct Numbers {
    /// Taken from the desk's counter and not given yet.
    reserved: Range<u64>,
    /// How many messages may still need one.
    wanted: usize,
}

impl Worker {
    /// Decides everything that is recorded and undecided at `desk`.
    pub async fn judge(&self, desk: &Arc<Desk>) -> anyhow::Result<Vec<Judged>> {
        let mut decided = Vec::new();
        while let Some(judged) = self.judge_some(desk).await? {
            decided.extend(judged);
        }
        Ok(decided)
    }

    /// Decides one batch, each sender's mail in turn and staff's first; `None`: nothing is left to decide now.
    pub async fn judge_some(&self, desk: &Arc<Desk>) -> anyhow::Result<Option<Vec<Judged>>> {
        if self.is_cut_off() {
            return Ok(None);
        }
        let now = self.clock.now();
        let until = now.saturating_add(LEASE)?;
        let leased = self.store.lease_messages(&desk.id, self.holder, BATCH, until, now).await?;
        if leased.is_empty() {
            return Ok(None);
        }
        self.judge_leased(desk, leased).await.map(Some)
    }

    /// Decides one message now, where it is not decided yet and nobody else has it in hands.
    pub(super) async fn judge_message(&self, desk: &Arc<Desk>, message: Uuid) -> anyhow::Result<()> {
        let now = self.clock.now();
        let leased = self.store.lease_message(message, self.holder, now.saturating_add(LEASE)?, now).await?;
        if let Some(leased) = leased {
            self.judge_leased(desk, vec![leased]).await?;
        }
        Ok(())
    }

    async fn judge_leased(&self, desk: &Arc<Desk>, leased: Vec<LeasedMessage>) -> anyhow::Result<Vec<Judged>> {
        let leases: Vec<_> = leased.iter().map(|one| (one.id, one.fence, one.attempts)).collect();
        // A panic has to pass by here, too: it is passed on when the leases are given back.
        match AssertUnwindSafe(self.judge_batch(desk, leased)).catch_unwind().await {
            Ok(Ok(judged)) => {
                self.forget_failures(&leases);
                Ok(judged)
            }
            Ok(Err(error)) => {
                let store_is_away = error.downcast_ref::<StoreError>().is_some_and(StoreError::is_temporary);
                self.give_messages_back(&leases, !store_is_away).await;
                Err(error)
            }
            Err(defect) => {
                self.give_messages_back(&leases, true).await;
                std::panic::resume_unwind(defect);
            }
        }
    }

    /// After a step that failed: the messages need not wait until their leases run out. If one of them may be to blame,
    /// the attempt counts, so that they are tried one by one, each after a pause that grows, and others go on.
    async fn give_messages_back(&self, leases: &[(Uuid, i64, u32)], to_blame: bool) {
        let now = self.clock.now();
        let alone = leases.len() == 1;
        let released: Vec<Released> = leases
            .iter()
            .map(|(id, fence, attempts)| Released {
                message: *id,
                fence: *fence,
                counts: to_blame,
                again_at: if alone && to_blame { pause_after(*attempts, now) } else { now },
            })
            .collect();
        if let (true, true, [(id, ..)]) = (alone, to_blame, leases) {
            *self.failures().entry(*id).or_default() += 1;
        }
        if let Err(error) = self.store.release_messages(&released).await {
            tracing::warn!(%error, "failed to give leased messages back: they wait until their leases run out");
        }
    }

    fn forget_failures(&self, leases: &[(Uuid, i64, u32)]) {
        let mut failures = self.failures();
        failures.retain(|failed, _| leases.iter().all(|(id, ..)| id != failed));
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Uuid, u32>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn judge_batch(&self, desk: &Arc<Desk>, leased: Vec<LeasedMessage>) -> anyhow::Result<Vec<Judged>> {
        faults::point("leased");
        self.follow_token_keys().await?;
        let mut judged = Vec::new();
        let mut numbers = Numbers::default();
        let mut left = Vec::with_capacity(leased.len());
        for one in leased {
            left.push(self.read(desk, one).await);
        }
        // A stale element was overtaken by another worker's commit: what it is decided from is read again.
        while !left.is_empty() {
            let mut effects: Vec<Effects> = Vec::with_capacity(left.len());
            let mut fences: Vec<(Uuid, i64)> = Vec::with_capacity(left.len());
            let mut standings = self.standings_of(desk, &left).await?;
            numbers.wanted = left.len();
            for (leased, standing) in left.iter().zip(&mut standings) {
                // What hangs on a row that only the database has is decided after what stands before it is committed.
                let standing = standing.take();
                let Some(one) = self.judge_one(desk, leased, standing, &effects, &mut numbers).await? else { break };
                numbers.wanted -= 1;
                fences.push((leased.leased.id, leased.leased.fence));
                effects.push(one);
            }
            faults::point("decided");
            let committed = self.store.commit(&effects, &fences, self.clock.now()).await?;
            faults::point("committed");
            let mails = effects.iter().flat_map(|one| &one.mails).any(|mail| mail.state == MailState::Queued);
            if mails {
                self.mails_waiting.notify_one();
            }
            let is_due = |effects: &Effects| effects.clocks.iter().any(|clock| clock.due <= effects.at);
            if effects.iter().any(is_due) {
                self.clocks_waiting.notify_one();
            }
            let written = effects.iter().zip(&committed).filter(|(_, outcome)| matches!(outcome, Committed::Written));
            let came_in = |one: &Judged| !left.iter().any(|it| it.leased.is_sent && it.leased.id == one.message);
            judged.extend(written.filter_map(|(effects, _)| judged_of(effects)).filter(came_in));
            let done: Vec<Uuid> = fences
                .iter()
                .zip(&committed)
                .filter(|(_, outcome)| !matches!(outcome, Committed::Stale))
                .map(|((id, _), _)| *id)
                .collect();
            if done.is_empty() {
                // Not one could be written: the leases were lost. Whoever has them now goes on.
                break;
            }
            left.retain(|one| !done.contains(&one.leased.id));
        }
        // What was not needed is free again, unless somebody has reserved others since.
        self.store.return_sequence(&desk.id, numbers.reserved).await?;
        Ok(judged)
    }

    /// Reads a leased message; a copy of a sent one is read where it is judged.
    async fn read(&self, desk: &Arc<Desk>, leased: LeasedMessage) -> ReadMessage {
        if leased.is_sent {
            return ReadMessage { leased, read: None };
        }
        let message = self.message_of(desk, &leased).await;
        let asked = lookups(desk, &self.keys, &message, leased.id);
        ReadMessage { leased, read: Some((message, asked)) }
    }

    /// What stands around each message as the database has it now.
    async fn standings_of(&self, desk: &Arc<Desk>, left: &[ReadMessage]) -> anyhow::Result<Vec<Option<Standing>>> {
        let asked = left.iter().filter_map(|one| Some((&one.read.as_ref()?.1, one.leased.arrived)));
        let asked: Vec<_> = asked.collect();
        let mut found = self.store.standings(&desk.id, &asked, self.clock.now()).await?.into_iter();
        Ok(left.iter().map(|one| one.read.as_ref().and_then(|_| found.next())).collect())
    }

    /// The next case number of a batch. For all that may still need one they are reserved together.
    async fn next_number(&self, desk: &Desk, numbers: &mut Numbers) -> anyhow::Result<Option<CaseNumber>> {
        if numbers.reserved.is_empty() {
            numbers.reserved = self.store.reserve_sequence(&desk.id, numbers.wanted.max(1)).await?;
        }
        let day = desk.day(self.clock.now());
        Ok(numbers.reserved.next().map(|sequence| desk.numbering.number(sequence, day)))
    }

    /// The effects of one message. What cannot be read, broke the worker three times or cannot be answered for want of
    /// a sound template is held, so that a person looks and the next one goes on.
    async fn judge_one(
        &self,
        desk: &Arc<Desk>,
        one: &ReadMessage,
        standing: Option<Standing>,
        before: &[Effects],
        numbers: &mut Numbers,
    ) -> anyhow::Result<Option<Effects>> {
        let leased = &one.leased;
        let (Some((message, asked)), Some(standing)) = (&one.read, standing) else {
            return self.judge_sent(desk, leased, before).await;
        };
        match self.effects_of(desk, leased, (message, asked, standing), before, numbers).await? {
            Ok(effects) => Ok(effects),
            Err(error) => {
                tracing::error!(message = %leased.id, desk = %desk.id, %error, "failed to compose a reply: held");
                let message = unreadable(&format!("its reply could not be composed: {error}"));
                let asked = lookups(desk, &self.keys, &message, leased.id);
                let standing = self.store.standing(&desk.id, &asked, self.clock.now()).await?;
                Ok(self.effects_of(desk, leased, (&message, &asked, standing), before, numbers).await??)
            }
        }
    }

    /// What was leased, read; where it cannot be, only why.
    pub(super) async fn message_of(&self, desk: &Desk, leased: &LeasedMessage) -> Message {
        let failures = self.failures().get(&leased.id).copied().unwrap_or(0);
        let message = match &leased.content {
            StoredContent::Raw(_) if failures >= MOST_ATTEMPTS => unreadable("it could not be judged three times"),
            StoredContent::Raw(raw) if leased.attempts <= MOST_ATTEMPTS => Message::read(raw),
            StoredContent::Raw(raw) if self.is_innocent(desk, raw).await => Message::read(raw),
            StoredContent::Raw(_) => unreadable("it broke the worker three times"),
            StoredContent::Problem(why) => unreadable(why),
        };
        faults::point_of("cannot_judge", message.message_id.as_deref());
        message
    }

    /// Whether the worker's deaths were not this message's doing.
    async fn is_innocent(&self, desk: &Desk, raw: &[u8]) -> bool {
        match &self.probe {
            Some(probe) => probe.passes(desk, raw).await,
            None => false,
        }
    }

    /// Makes what the first judgement of a process makes, before any message is leased: else it would be made while
    /// the first one waits, and whatever stops the worker meanwhile would look like that message's fault.
    pub fn warm_up(&self) {
        let message =
            Message::read(b"From: a@example.org\r\nSubject: a\r\n\r\nCan you help me? My card never came.\r\n");
        let standing = Standing::default();
        for desk in self.desks.all() {
            let now = self.clock.now();
            let context = Context { standing: &standing, trust: &Trust::None, keys: &self.keys, now, model: true };
            let _unused = decide(&desk, &message, &context);
        }
    }

    async fn effects_of(
        &self,
        desk: &Arc<Desk>,
        leased: &LeasedMessage,
        (message, asked, mut standing): (&Message, &Lookups, Standing),
        before: &[Effects],
        numbers: &mut Numbers,
    ) -> anyhow::Result<Result<Option<Effects>, ComposeError>> {
        let now = self.clock.now();
        // What a person released is not laid over: it is read again when it is committed.
        if before.iter().any(|one| !one.released.is_empty()) {
            return Ok(Ok(None));
        }
        if !overlay(&mut standing, asked, before) && !before.is_empty() {
            return Ok(Ok(None));
        }
        let trust = self.trust_of(&leased.mailbox);
        let context = Context { standing: &standing, trust, keys: &self.keys, now, model: true };
        let mut judgement = decide(desk, message, &context);
        // The standing knows the author; a `Reply-To`, or the requester whom another participant helps, may have bounced.
        if let Some(to) = judgement.answer_to.as_ref().filter(|to| Some(&to.address) != asked.author.as_ref()) {
            let bounced = self.store.is_bounced_hard(&desk.id, &to.address).await?;
            judgement.reply_withheld |= bounced && judgement.reply.is_some();
        }
        let reported_before = self.reported_before(desk, message, before).await?;
        let staff = self.staff_mail(desk, message, &judgement, &standing, trust, leased.id).await?;
        // What stands around a case is read from the database alone.
        if staff.is_some() && !before.is_empty() {
            return Ok(Ok(None));
        }
        let number =
            if judgement.needs_number(desk, &standing) { self.next_number(desk, numbers).await? } else { None };
        let trigger = MessageTrigger {
            desk,
            keys: &self.keys,
            message,
            row: leased.id,
            arrived: leased.arrived,
            judgement: &judgement,
            standing: &standing,
            releases_held: false,
            overrules: None,
            words: None,
            staff: staff.as_ref(),
            reported_before,
            now,
        };
        Ok(self.with_chance(|chance| of_message(&trigger, number, chance)).map(Some))
    }

    /// What earlier reports, stored or decided before in the batch, said of the mail that a delivery report is about.
    async fn reported_before(
        &self,
        desk: &Desk,
        message: &Message,
        before: &[Effects],
    ) -> anyhow::Result<Option<Reported>> {
        let said = |hard| if hard { Reported::Gone } else { Reported::Soft };
        let mut all = Vec::new();
        let ids = message.report.iter().flat_map(|report| &report.original_ids);
        for id in ids.filter(|id| token::read(&self.keys, &desk.id, &desk.numbering, id).is_some()) {
            all.extend(self.store.bounce_of(&desk.id, id).await?.map(said));
            let here = before.iter().flat_map(|one| &one.bounced_mails).filter(|(known, _)| known == id);
            all.extend(here.map(|(_, hard)| said(*hard)));
        }
        Ok(if all.contains(&Reported::Gone) { Some(Reported::Gone) } else { all.first().copied() })
    }
}

/// When a message that failed alone is tried again: after 2 seconds, doubling up to the length of a lease.
fn pause_after(attempts: u32, now: Timestamp) -> Timestamp {
    let seconds = 1_i64.checked_shl(attempts.min(16)).unwrap_or(i64::MAX);
    now.saturating_add(SignedDuration::from_secs(seconds).min(LEASE)).unwrap_or(now)
}

fn judged_of(effects: &Effects) -> Option<Judged> {
    let decided = effects.decided.as_ref()?;
    let reply =
        effects.mails.iter().find(|mail| mail.replies_to.is_some() && mail.class == MailClass::Automatic).map(|mail| {
            match mail.state {
                MailState::Queued => mail.template.to_string(),
                state => format!("{} ({state})", mail.template),
            }
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

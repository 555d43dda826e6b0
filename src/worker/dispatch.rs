//! Dispatching: committed mails are claimed, sent and marked; no transaction is open while the network is waited for.
//!
//! `committing` is written when the bodies are out and before the final dots, for all sessions in one commit: a crash
//! before it is safe to send again, between it and `sent` the outcome is unknown (DESIGN.md, invariant 3).

use super::Worker;
use super::promise::Promise;
use crate::effects::{Effects, RequesterWrite};
use crate::faults;
use crate::store::{ClaimedMail, TakenMail};
use crate::transport::{Accepted, RenderError, SendError, Sender, Transport, retry_at};
use futures::future::join_all;
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::Instant;

/// Sessions that send at the same time; each is opened when there is a mail for it. A server that wants fewer gets as
/// many as it takes.
const SESSIONS: usize = 16;
/// How long a server that refused a session is asked for no more of them.
const FEWER_FOR: Duration = Duration::from_mins(10);
/// How long a claim lasts: longer than the deadlines of a whole mail.
const LEASE: SignedDuration = SignedDuration::from_mins(60);

/// What one pass sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// Taken by the server, or written to the folder.
    pub sent: usize,
    /// To be tried again.
    pub deferred: usize,
    /// Refused, or given up.
    pub failed: usize,
    /// Of unknown fate.
    pub uncertain: usize,
    /// Found no secure way to their recipients, and wait for one.
    pub waiting: usize,
}

impl Dispatched {
    /// How many mails were handled.
    pub fn handled(self) -> usize {
        self.sent + self.deferred + self.failed + self.uncertain + self.waiting
    }
}

/// The ways out, and what left by them.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    senders: Vec<Sender>,
    /// Until when there are no more sessions than these, because the server refused one.
    fewer_until: Option<Instant>,
    /// What the server took and the database does not know yet. It is written down with the next claim; where the
    /// database fails, it waits here, so that it is not taken for a mail of unknown fate.
    taken: Vec<TakenMail>,
}

impl Outgoing {
    /// As many senders as may be used now.
    fn make_ready(&mut self, transport: &Transport) {
        if self.fewer_until.is_some_and(|until| Instant::now() < until) && !self.senders.is_empty() {
            return;
        }
        self.fewer_until = None;
        let sessions = if matches!(transport, Transport::Folder(_)) { 1 } else { SESSIONS };
        self.senders.resize_with(self.senders.len().max(sessions), || transport.sender());
    }

    /// The server lets some sessions in and refuses others: for a while only those are used.
    fn make_do_with_those_open(&mut self) {
        self.senders.retain(Sender::is_open);
        self.fewer_until = Some(Instant::now() + FEWER_FOR);
        tracing::info!(sessions = self.senders.len(), "the mail server takes no more sessions at a time");
    }
}

impl Worker {
    /// Sends all that may leave now. A failure that any other mail would meet as well ends the pass.
    pub async fn dispatch(&self) -> anyhow::Result<Dispatched> {
        let mut outgoing = self.outgoing.lock().await;
        outgoing.make_ready(&self.transport);
        let mut done = Dispatched::default();
        self.answer_asked_links().await?;
        self.watch_gates(false).await?;
        // Whoever may be taken for dead begins nothing.
        while !self.is_cut_off() {
            let claimed = self.settle_and_claim(&mut outgoing).await?;
            if claimed.is_empty() {
                return Ok(done);
            }
            faults::point("claimed");
            self.watch_gates_after(claimed.len()).await?;
            match self.send_round(&mut outgoing, &claimed, &mut done).await {
                Ok(false) => {}
                Ok(true) => {
                    self.settle(&mut outgoing).await?;
                    return Ok(done);
                }
                Err(error) => {
                    self.give_mails_back(&claimed).await;
                    return Err(error);
                }
            }
        }
        Ok(done)
    }

    async fn settle_and_claim(&self, outgoing: &mut Outgoing) -> anyhow::Result<Vec<ClaimedMail>> {
        let (now, sessions) = (self.clock.now(), outgoing.senders.len());
        let until = now.saturating_add(LEASE)?;
        let claimed = self.store.settle_and_claim(&outgoing.taken, self.holder, sessions, until, now).await?;
        let settled = !std::mem::take(&mut outgoing.taken).is_empty();
        if settled {
            faults::point("sent");
        }
        Ok(claimed)
    }

    async fn settle(&self, outgoing: &mut Outgoing) -> anyhow::Result<()> {
        let now = self.clock.now();
        self.store.settle_and_claim(&outgoing.taken, self.holder, 0, now, now).await?;
        outgoing.taken.clear();
        Ok(())
    }

    /// The database failed us: what was not promised yet need not wait until the claim runs out. Only what is still
    /// claimed is given back; behind `committing` the fate is unknown.
    async fn give_mails_back(&self, claimed: &[ClaimedMail]) {
        let claims: Vec<_> = claimed.iter().map(|claim| (claim.mail.id, claim.fence)).collect();
        if let Err(error) = self.store.release_mails(&claims, self.clock.now()).await {
            tracing::warn!(%error, "failed to give claimed mails back: they wait until their claim runs out");
        }
    }

    /// Sends at most one mail a session; gives whether the server itself fails, so that another round is in vain.
    async fn send_round(
        &self,
        outgoing: &mut Outgoing,
        claimed: &[ClaimedMail],
        done: &mut Dispatched,
    ) -> anyhow::Result<bool> {
        let now = self.clock.now();
        let mut prepared = Vec::with_capacity(claimed.len());
        for claim in claimed {
            if let Err(why) = self.may_leave(&claim.mail) {
                tracing::warn!(mail = %claim.mail.id, why, "a mail waits for a secure way to its recipient");
                self.store.mark_waiting_secure(claim.mail.id, claim.fence, why, now).await?;
                done.waiting += 1;
                continue;
            }
            match self.prepare(&claim.mail).await? {
                Ok(mail) => prepared.push((claim, mail)),
                Err(RenderError::Gateway) => {
                    tracing::error!(mail = %claim.mail.id, "the gateway's header cannot go out as it is written: it waits");
                    self.store.mark_waiting_secure(claim.mail.id, claim.fence, "gateway_header", now).await?;
                    done.waiting += 1;
                }
                Err(error) => {
                    tracing::error!(mail = %claim.mail.id, %error, "failed to render a mail: given up");
                    self.store.mark_failed(claim.mail.id, claim.fence, "not to be rendered", now).await?;
                    done.failed += 1;
                }
            }
        }
        let pairs = outgoing.senders.iter_mut().zip(&prepared);
        let begun =
            join_all(pairs.map(|(sender, (claim, mail))| async move { (*claim, sender.begin(mail, now).await) }));
        let (mut waiting, mut failed) = (Vec::new(), Vec::new());
        for (claim, outcome) in begun.await {
            match outcome {
                Ok(awaiting) => waiting.push((claim, awaiting)),
                Err(error) => failed.push((claim, error)),
            }
        }
        let mut server_fails = false;
        // Beside sessions that send, one that was refused says nothing about its mail: that one takes the next turn.
        let (refused, failed): (Vec<_>, Vec<_>) =
            failed.into_iter().partition(|(_, error)| !waiting.is_empty() && error.failure().is_about_one_session());
        for (claim, error) in failed {
            server_fails |= self.note_failure(claim, &error, done).await?;
        }
        if !refused.is_empty() {
            let claims: Vec<_> = refused.iter().map(|(claim, _)| (claim.mail.id, claim.fence)).collect();
            self.store.release_mails(&claims, self.clock.now()).await?;
        }
        faults::point("begun");
        let claims: Vec<_> = waiting.iter().map(|(claim, _)| (claim.mail.id, claim.fence)).collect();
        let (promise, clock) = (Promise::made(&self.clock), &self.clock);
        let ours = if faults::is_on("send_before_record") {
            claims.iter().map(|(id, _)| *id).collect()
        } else {
            self.store.mark_committing(&claims, self.clock.now()).await?
        };
        faults::point("committing");
        // A lost claim is somebody else's: its session is dropped without the dot, so nothing was sent.
        waiting.retain(|(claim, _)| ours.contains(&claim.mail.id));
        if faults::is_on("sent_before_answer") {
            for (claim, _) in &waiting {
                self.store.mark_sent(claim.mail.id, claim.fence, "", self.clock.now()).await?;
            }
            faults::point("noted_as_sent");
        }
        let finished = join_all(waiting.into_iter().map(|(claim, awaiting)| async move {
            match promise.holds(clock) {
                Ok(()) => (claim, awaiting.finish().await),
                Err(too_late) => {
                    awaiting.abandon().await;
                    (claim, Err(too_late))
                }
            }
        }));
        let finished = finished.await;
        faults::point("finished");
        let mut failed = Vec::new();
        for (claim, outcome) in finished {
            match outcome {
                Ok(Accepted { reply, digest }) => {
                    tracing::info!(mail = %claim.mail.id, template = %claim.mail.template, %reply, "mail sent");
                    outgoing.taken.push(TakenMail { mail: claim.mail.id, fence: claim.fence, server_reply: digest });
                    done.sent += 1;
                }
                Err(error) => failed.push((claim, error)),
            }
        }
        for (claim, error) in failed {
            server_fails |= self.note_failure(claim, &error, done).await?;
        }
        if !refused.is_empty() {
            outgoing.make_do_with_those_open();
        }
        Ok(server_fails)
    }

    /// Writes down why a mail did not leave; gives whether any other mail would fare the same now.
    async fn note_failure(
        &self,
        claim: &ClaimedMail,
        error: &SendError,
        done: &mut Dispatched,
    ) -> anyhow::Result<bool> {
        let now = self.clock.now();
        let (id, fence, failure) = (claim.mail.id, claim.fence, error.failure());
        let why = format!("{}: {}", failure.stage, failure.cause);
        tracing::warn!(mail = %id, attempts = claim.attempts, %error, "a mail did not leave");
        match error {
            SendError::Unknown(_) => {
                self.store.mark_uncertain(id, fence, &why, now).await?;
                done.uncertain += 1;
            }
            SendError::Refused(_) => {
                self.store.mark_failed(id, fence, &why, now).await?;
                done.failed += 1;
                if failure.is_hard_bounce() {
                    self.note_hard_bounce(claim).await?;
                }
            }
            SendError::Retry(_) => {
                let jitter = self.with_chance(crate::words::chance::Chance::bits);
                match retry_at(claim.attempts, claim.queued_at, now, jitter) {
                    Some(at) => {
                        self.store.mark_deferred(id, fence, at, &why, now).await?;
                        done.deferred += 1;
                    }
                    None => {
                        self.store.mark_failed(id, fence, &format!("given up after five days; {why}"), now).await?;
                        done.failed += 1;
                    }
                }
            }
        }
        Ok(failure.is_about_server())
    }

    /// The server refuses the recipient for good: nothing automatic goes there until a specialist has looked.
    async fn note_hard_bounce(&self, claim: &ClaimedMail) -> anyhow::Result<()> {
        let now = self.clock.now();
        let requester = RequesterWrite { address: claim.mail.to.address.clone(), bounced_hard: true };
        let effects = Effects {
            desk: claim.mail.desk.clone(),
            at: now,
            requesters: vec![requester],
            // It counts for the breaker like a report that comes later.
            bounced_mails: vec![(claim.mail.message_id.clone(), true)],
            ..Effects::default()
        };
        self.store.commit(&[effects], &[], now).await?;
        Ok(())
    }
}

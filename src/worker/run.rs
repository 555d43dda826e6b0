//! `run`: the loops, one task a mailbox, one each for mail that leaves, for what falls due, for what dead workers left and
//! for changed policies, until told to stop.
//!
//! A loop that fails says so once, waits with growing patience and goes on; nothing stops the others. On SIGTERM or
//! SIGINT each loop ends after the step it is in; what is half done is found by the next run.

use super::{OpenMailbox, Place, Worker};
use crate::mailbox::Backoff;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The longest wait for mail before a mailbox is looked at all the same.
const LOOK_AGAIN: Duration = Duration::from_secs(8 * 60);
/// The shortest wait for mail: what another process has leased is no reason to ask without a pause.
const LOOK_AT_MOST: Duration = Duration::from_secs(1);
/// Messages that wait to be decided before more is read.
const MOST_UNDECIDED: usize = 50;
/// The longest pause before it is looked again whether there is room for more.
const CROWDED: Duration = Duration::from_millis(500);
/// How often it is looked for what others recorded, or what is tried again.
const JUDGE_AT_LEAST: Duration = Duration::from_secs(1);
/// Undecided messages that are looked at for the desks that have any.
const DESKS_AMONG: usize = 1000;
/// The longest sleep of the clock's loop: a due instant set by another process is found that late at most.
const TICK_AT_LEAST: Duration = Duration::from_secs(30);
/// How long what is due waits at most for the first look at the mailboxes.
const FIRST_LOOK: Duration = Duration::from_secs(60);
/// How often what dead workers left is taken over.
const RECOVER_EVERY: Duration = Duration::from_secs(10);
/// How often the policy files are looked at.
const LOOK_AT_DESKS: Duration = Duration::from_secs(1);
/// How long a file must stay as it is to be taken for whole.
const LOOK_AT_MOVING_DESKS: Duration = Duration::from_millis(250);
/// The longest sleep of the dispatcher, for mails that another process queued or whose retry falls due.
const SEND_AT_LEAST: Duration = Duration::from_secs(5);

/// The longest wait before a new alarm is delivered.
const ALARM_AT_LEAST: Duration = Duration::from_secs(5);
/// What a look at a mailbox left to do.
struct MailStep {
    /// Mail that is to be read or decided.
    more: bool,
    /// Mail in the Sent folder.
    more_sent: bool,
    /// So much waits to be decided that nothing was read.
    is_crowded: bool,
}

/// A step that panics is a step that failed: its loop goes on, and what it leased is tried again alone.
pub(super) async fn unbroken<T>(step: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    match AssertUnwindSafe(step).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => Err(anyhow::anyhow!("a defect of the program stopped this step")),
    }
}

impl Worker {
    /// Runs until `stop` is cancelled.
    pub async fn run(self: Arc<Self>, mailboxes: Vec<OpenMailbox>, stop: CancellationToken) -> anyhow::Result<()> {
        self.warm_up();
        self.be_present().await?;
        self.recover().await?;
        self.start_digests(self.clock.now()).await?;
        let tasks = TaskTracker::new();
        let (unseen, all_seen) = watch::channel(mailboxes.len());
        for open in mailboxes {
            tasks.spawn(Arc::clone(&self).mail_loop(open, stop.clone(), unseen.clone()));
        }
        tasks.spawn(Arc::clone(&self).presence_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).renewal_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).share_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).judge_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).send_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).clock_loop(stop.clone(), all_seen));
        tasks.spawn(Arc::clone(&self).recover_loop(stop.clone()));
        tasks.spawn(Arc::clone(&self).alarm_loop(stop.clone()));
        if self.desks.can_change() {
            tasks.spawn(Arc::clone(&self).desk_loop(stop));
        }
        tasks.close();
        tasks.wait().await;
        if self.is_outdated() {
            anyhow::bail!("the database was brought up to date by a newer program: run that one on this host as well");
        }
        self.release_readers().await;
        Ok(())
    }

    async fn mail_loop(self: Arc<Self>, mut open: OpenMailbox, stop: CancellationToken, unseen: watch::Sender<usize>) {
        let mut backoff = Backoff::default();
        let mut is_first = true;
        let seen = || unseen.send_modify(|count| *count = count.saturating_sub(1));
        loop {
            let unread = || {
                if std::mem::take(&mut is_first) {
                    seen()
                }
            };
            let Some(reading) = self.until_reader(&mut open, &stop, unread).await else { break };
            // The step is not cut off by a stop, the wait is.
            let step = unbroken(self.mail_step(&mut open)).await;
            let has_more = step.as_ref().is_ok_and(|step| step.more);
            if !has_more && std::mem::take(&mut is_first) {
                seen();
            }
            let outcome = match step {
                Ok(_) if stop.is_cancelled() => break,
                // Those who decide tell when there is room again.
                Ok(step) if step.is_crowded => tokio::select! {
                    () = stop.cancelled() => break,
                    () = reading.disturbed() => Ok(()),
                    () = tokio::time::sleep(CROWDED) => Ok(()),
                },
                Ok(step) if step.more => Ok(()),
                Ok(step) => {
                    let longest = if step.more_sent { Duration::ZERO } else { self.next_look(&open.place).await };
                    tokio::select! {
                        () = stop.cancelled() => break,
                        waited = open.mailbox.wait_or(longest, reading.disturbed()) => {
                            waited.map(drop).map_err(anyhow::Error::from)
                        }
                    }
                }
                Err(error) => Err(error),
            };
            // A server that answers every look and fails every wait would be asked without a pause: both count.
            match outcome {
                Ok(()) => backoff.succeeded(),
                Err(error) if super::reader::is_lost(&error) => self.stop_reading(&mut open).await,
                Err(error) => {
                    let pause = backoff.failed(self.jitter());
                    tracing::warn!(mailbox = %open.place.id, %error, again_in = ?pause, "failed to read the mailbox");
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
        open.mailbox.close().await;
    }

    /// How long to wait for mail: less where the Sent folder is watched.
    async fn next_look(&self, place: &Place) -> Duration {
        match place.watched_sent {
            Some(_) => self.next_sent_look().await.max(LOOK_AT_MOST),
            None => LOOK_AGAIN,
        }
    }

    /// One look at a mailbox. Of much mail it takes a part, so that what comes meanwhile, and whose turn it is, is seen;
    /// and nothing while much waits to be decided: turns are kept best where mail is not read yet.
    async fn mail_step(&self, open: &mut OpenMailbox) -> anyhow::Result<MailStep> {
        let now = self.clock.now();
        let is_crowded = self.store.undecided(&open.place.desk, now, MOST_UNDECIDED).await? >= MOST_UNDECIDED;
        let more = if is_crowded { true } else { self.receive_some(open).await?.more };
        self.messages_waiting.notify_one();
        let more_sent = self.receive_sent(open).await;
        self.learn_replaced_ids(open).await;
        self.refresh_absences().await?;
        self.file(open).await?;
        self.keep_sent_copies(open).await?;
        Ok(MailStep { more, more_sent, is_crowded })
    }

    /// Decides what was recorded, by this worker or another, at any desk.
    async fn judge_loop(self: Arc<Self>, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            let pause = match unbroken(self.judge_all(&stop)).await {
                Ok(()) => {
                    backoff.succeeded();
                    JUDGE_AT_LEAST
                }
                Err(error) => {
                    let pause = backoff.failed(self.jitter());
                    tracing::warn!(%error, again_in = ?pause, "failed to decide what was read");
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.messages_waiting.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Decides all that may be decided now, a batch of each desk in turn.
    async fn judge_all(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        loop {
            let mut any = false;
            for desk in self.store.desks_with_undecided(self.clock.now(), DESKS_AMONG).await? {
                if stop.is_cancelled() || self.is_cut_off() {
                    return Ok(());
                }
                if let Some(desk) = self.desks.get(&desk) {
                    any |= self.judge_some(&desk).await?.is_some();
                    self.wake_readers_of(&desk.id);
                }
            }
            if !any {
                return Ok(());
            }
        }
    }

    async fn send_loop(self: Arc<Self>, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            let pause = match unbroken(self.dispatch()).await {
                Ok(_) => {
                    backoff.succeeded();
                    SEND_AT_LEAST
                }
                Err(error) => {
                    let pause = backoff.failed(self.jitter());
                    tracing::warn!(%error, again_in = ?pause, "failed to send mail");
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.mails_waiting.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Mail that came, or was answered by hand, while nothing ran is looked at before what has come due meanwhile: it may
    /// have met it.
    async fn clock_loop(self: Arc<Self>, stop: CancellationToken, mut unseen: watch::Receiver<usize>) {
        tokio::select! {
            () = stop.cancelled() => return,
            // Where all mail loops are gone there is nothing to wait for either.
            _ = unseen.wait_for(|count| *count == 0) => {}
            () = tokio::time::sleep(FIRST_LOOK) => {}
        }
        if let Err(error) = unbroken(self.judge_all(&stop)).await {
            tracing::warn!(%error, "failed to decide what came meanwhile before what is due");
        }
        loop {
            if let Err(error) = unbroken(self.tick()).await {
                tracing::warn!(%error, "failed to do what is due");
            }
            let next = self.store.next_due(super::tick::HANDLED).await.ok().flatten();
            let until_next = next.map(|next| next.duration_since(self.clock.now()).unsigned_abs());
            let pause = until_next.unwrap_or(TICK_AT_LEAST).clamp(Duration::from_millis(200), TICK_AT_LEAST);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.clocks_waiting.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Apart from the clock's loop: a mail server that hangs while evidence is looked for delays nothing that is due.
    async fn recover_loop(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                indexed = unbroken(self.index_older_cases()) => if let Err(error) = indexed {
                    tracing::warn!(%error, "failed to make older cases searchable; it is tried again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RECOVER_EVERY) => {}
            }
            if let Err(error) = unbroken(self.recover()).await {
                tracing::warn!(%error, "failed to look after what dead workers left and mails of unknown fate");
            }
        }
    }

    /// Apart from every other loop: an alarm goes out whatever else hangs.
    async fn alarm_loop(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = unbroken(self.deliver_alarms()).await {
                tracing::warn!(%error, "failed to look for alarms to deliver");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(ALARM_AT_LEAST) => {}
            }
        }
    }

    /// Takes up changed policies.
    async fn desk_loop(self: Arc<Self>, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            let pause = match unbroken(self.reload_desks()).await {
                Ok(is_moving) => {
                    backoff.succeeded();
                    if is_moving { LOOK_AT_MOVING_DESKS } else { LOOK_AT_DESKS }
                }
                Err(error) => {
                    let pause = backoff.failed(self.jitter());
                    tracing::warn!(%error, again_in = ?pause, "failed to take up a changed policy");
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// A share between 0 and 1, so that workers that failed together do not come back together.
    fn jitter(&self) -> f64 {
        let bits = u32::try_from(self.with_chance(crate::words::chance::Chance::bits) >> 32).unwrap_or(0);
        f64::from(bits) / f64::from(u32::MAX)
    }
}

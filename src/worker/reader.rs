//! Who reads a mailbox: of all workers one at a time, by a lease that the database keeps (`store/reader_lease.rs`).
//!
//! A worker that has the lease reads, files and appends; what it writes bears the lease's fence, so that after a
//! takeover nothing of an earlier batch is written. IMAP knows no fences: before each batch of moves the lease is looked
//! at in the database, and a move that is late all the same finds its mails moved already. A worker that has it not
//! keeps no connection to the mailbox and looks again every few seconds; it decides, sends and ticks as any other.
//!
//! The lease is prolonged by a task of its own, so that waiting for mail for minutes keeps it. Here it counts for less
//! long than in the database, by a clock that only goes on: what cannot reach the database stops reading before another
//! begins.

use super::{OpenMailbox, Place, Worker};
use crate::faults;
use crate::store::{ReaderLease, StoreError};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a lease lasts in the database.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// How long it counts here, from before it was asked for.
const COUNTS: Duration = Duration::from_secs(35);
/// How often it is prolonged.
const RENEWED_EVERY: Duration = Duration::from_secs(10);
/// How long the database may take to prolong it.
const RENEWAL: Duration = Duration::from_secs(5);
/// How often a worker that does not read a mailbox looks whether it may.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How often a reader looks for what others decided.
const SHARED_EVERY: Duration = Duration::from_secs(1);

/// The mailboxes that this worker reads, by their ids.
#[derive(Debug, Default)]
pub(super) struct Readers {
    held: Mutex<BTreeMap<String, Held>>,
}

#[derive(Clone, Debug)]
struct Held {
    lease: ReaderLease,
    until: Instant,
    reading: Reading,
}

/// A mailbox that this worker may read for the time being.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    lost: CancellationToken,
    look: Arc<Notify>,
}

impl Reading {
    /// Waits until there is a reason to wait for mail no longer: the lease is lost, or others have left work.
    pub(super) async fn disturbed(&self) {
        tokio::select! {
            () = self.lost.cancelled() => {}
            () = self.look.notified() => {}
        }
    }
}

impl Readers {
    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, mailbox: &str) -> Option<Held> {
        self.held().get(mailbox).cloned()
    }

    fn all(&self) -> Vec<Held> {
        self.held().values().cloned().collect()
    }

    fn keep(&self, lease: ReaderLease, until: Instant) {
        let mut held = self.held();
        match held.get_mut(&lease.mailbox) {
            Some(known) if known.lease == lease => known.until = known.until.max(until),
            _ => {
                let mailbox = lease.mailbox.clone();
                let former = held.insert(mailbox, Held { lease, until, reading: Reading::default() });
                former.inspect(|former| former.reading.lost.cancel());
            }
        }
    }

    fn forget(&self, lease: &ReaderLease) {
        let mut held = self.held();
        if held.get(&lease.mailbox).is_some_and(|known| known.lease == *lease)
            && let Some(lost) = held.remove(&lease.mailbox)
        {
            lost.reading.lost.cancel();
            tracing::info!(mailbox = %lease.mailbox, fence = lease.fence, "this worker reads the mailbox no longer");
        }
    }

    /// No lease counts any more.
    pub(super) fn forget_all(&self) {
        for held in self.all() {
            self.forget(&held.lease);
        }
    }
}

/// Whether a step failed because another worker reads the mailbox now.
pub(super) fn is_lost(error: &anyhow::Error) -> bool {
    error.downcast_ref::<StoreError>().is_some_and(|error| matches!(error, StoreError::LeaseLost))
}

impl Worker {
    /// The lease on reading `mailbox`, taken or prolonged where that is needed; `None`: another worker reads it, or this
    /// one is cut off.
    pub(super) async fn reader_lease(&self, mailbox: &str) -> anyhow::Result<Option<ReaderLease>> {
        if self.is_cut_off() {
            return Ok(None);
        }
        let asked = Instant::now();
        if faults::is_on("lease_ignored") {
            let lease = ReaderLease { mailbox: mailbox.to_owned(), holder: self.holder, fence: 0 };
            self.readers.keep(lease.clone(), asked + COUNTS);
            return Ok(Some(lease));
        }
        if let Some(held) = self.readers.get(mailbox) {
            if held.until > asked + COUNTS / 2 {
                return Ok(Some(held.lease));
            }
            if self.store.renew_reader(&held.lease, LEASE).await? {
                self.readers.keep(held.lease.clone(), asked + COUNTS);
                return Ok(Some(held.lease));
            }
            self.readers.forget(&held.lease);
        }
        let taken = self.store.take_reader(mailbox, self.holder, LEASE).await?;
        if let Some(lease) = &taken {
            tracing::info!(%mailbox, fence = lease.fence, "this worker reads the mailbox");
            self.readers.keep(lease.clone(), asked + COUNTS);
        }
        Ok(taken)
    }

    /// Looks in the database whether the lease stands, before the mailbox itself is changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] where it does not.
    pub(super) async fn still_reads(&self, lease: &ReaderLease) -> anyhow::Result<()> {
        let is_ours = self.reader_lease(&lease.mailbox).await?.is_some_and(|now| now == *lease);
        if faults::is_on("lease_ignored") || is_ours && self.store.is_reader(lease).await? {
            Ok(())
        } else {
            Err(StoreError::LeaseLost.into())
        }
    }

    /// Waits until this worker reads the mailbox; `None`: it is told to stop. Meanwhile no connection is kept to it, and
    /// `unread` is told each time that another one reads it.
    pub(super) async fn until_reader(
        &self,
        open: &mut OpenMailbox,
        stop: &CancellationToken,
        mut unread: impl FnMut(),
    ) -> Option<Reading> {
        loop {
            match self.reader_lease(&open.place.id).await {
                Ok(Some(lease)) => {
                    // It may be lost again already.
                    if let Some(held) = self.readers.get(&lease.mailbox) {
                        return Some(held.reading);
                    }
                }
                Ok(None) => unread(),
                Err(error) => {
                    tracing::warn!(mailbox = %open.place.id, %error, "failed to ask who reads the mailbox");
                }
            }
            open.mailbox.forget().await;
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// After a step that found its lease lost: nothing of what was fetched counts.
    pub(super) async fn stop_reading(&self, open: &mut OpenMailbox) {
        let ids = std::iter::once(&open.place.id).chain(&open.place.watched_sent);
        for held in ids.filter_map(|id| self.readers.get(id)) {
            self.readers.forget(&held.lease);
        }
        open.mailbox.forget().await;
    }

    /// Gives all leases back, so that the next worker reads at once.
    pub(super) async fn release_readers(&self) {
        for held in self.readers.all() {
            self.readers.forget(&held.lease);
            if let Err(error) = self.store.release_reader(&held.lease).await {
                tracing::warn!(%error, "failed to give a mailbox back: another worker reads it when the lease runs out");
            }
        }
    }

    /// Prolongs the leases, whatever the mailboxes' loops wait for.
    pub(super) async fn renewal_loop(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RENEWED_EVERY) => {}
            }
            self.renew_readers().await;
        }
    }

    async fn renew_readers(&self) {
        if faults::is_on("lease_ignored") {
            return;
        }
        for held in self.readers.all() {
            let asked = Instant::now();
            match tokio::time::timeout(RENEWAL, self.store.renew_reader(&held.lease, LEASE)).await {
                Ok(Ok(true)) => self.readers.keep(held.lease, asked + COUNTS),
                Ok(Ok(false)) => self.readers.forget(&held.lease),
                // The database may come back before the lease has run out.
                Ok(Err(_)) | Err(_) if held.until > Instant::now() + RENEWED_EVERY => {}
                Ok(Err(_)) | Err(_) => self.readers.forget(&held.lease),
            }
        }
    }

    /// Wakes this worker's readers where others left them work: decided mail to file, sent mail to put a copy of into the
    /// Sent folder.
    pub(super) async fn share_loop(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(SHARED_EVERY) => {}
            }
            if let Err(error) = super::run::unbroken(self.share_work()).await {
                tracing::warn!(%error, "failed to look for work that other workers left");
            }
        }
    }

    async fn share_work(&self) -> anyhow::Result<()> {
        for held in self.readers.all() {
            if self.store.has_unfiled(&held.lease.mailbox).await?
                || self.has_copies_to_append(&held.lease.mailbox).await?
            {
                held.reading.look.notify_one();
            }
        }
        Ok(())
    }

    /// There is decided mail of this desk to file.
    pub(super) fn wake_readers_of(&self, desk: &str) {
        self.places_read_at(desk).iter().for_each(|reading| reading.look.notify_one());
    }

    fn places_read_at(&self, desk: &str) -> Vec<Reading> {
        let of_desk = self.places.values().filter(|place: &&Place| place.desk == desk);
        of_desk.filter_map(|place| self.readers.get(&place.id)).map(|held| held.reading).collect()
    }
}

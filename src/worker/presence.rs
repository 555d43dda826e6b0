//! Showing that this worker lives, and noticing when that can no longer be seen.
//!
//! Others end the leases of a holder that shows no presence. On PostgreSQL it is a session with a lock, which the server
//! ends when nothing is heard of it for a while (`store/presence.rs`): the network may be cut, or this process frozen.
//! So it is looked after every few seconds. A worker that lost it claims and leases nothing and reads no mailbox until
//! it is shown anew; what it still holds is refused by the fences, as far as others took it over.

use super::Worker;
use crate::store::{Presence, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the presence is looked after.
const BEAT: Duration = Duration::from_secs(5);
/// How long the database may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How often showing it anew is tried.
const AGAIN: Duration = Duration::from_secs(2);

/// This worker's presence.
#[derive(Debug, Default)]
pub(super) struct Present {
    shown: tokio::sync::Mutex<Option<Presence>>,
    is_lost: AtomicBool,
    is_outdated: AtomicBool,
}

impl Worker {
    /// Shows that this worker lives, where it does not yet: before anything is leased.
    pub async fn be_present(&self) -> Result<(), StoreError> {
        let mut shown = self.present.shown.lock().await;
        if shown.is_none() {
            *shown = Some(self.store.show_presence(self.holder).await?);
            self.present.is_lost.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Whether others may take this worker for dead: it begins nothing then.
    pub(super) fn is_cut_off(&self) -> bool {
        self.present.is_lost.load(Ordering::SeqCst)
    }

    /// Whether a newer program has brought the database up to date.
    pub(super) fn is_outdated(&self) -> bool {
        self.present.is_outdated.load(Ordering::SeqCst)
    }

    /// Looks after the presence until told to stop. A program that is older than the database's schema stops.
    pub(super) async fn presence_loop(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let pause = match self.beat().await {
                Ok(()) => BEAT,
                Err(error @ StoreError::NewerSchema { .. }) => {
                    tracing::error!(%error, "the database was brought up to date by a newer program: this one stops");
                    self.present.is_outdated.store(true, Ordering::SeqCst);
                    stop.cancel();
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, "cut off from the database: nothing is read or sent until it is back");
                    AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One look; where the presence is lost, it is shown anew.
    async fn beat(&self) -> Result<(), StoreError> {
        let late = |_| StoreError::Busy("no answer".into());
        let mut shown = self.present.shown.lock().await;
        if let Some(presence) = shown.as_mut() {
            let answer = tokio::time::timeout(ANSWER, presence.beat()).await.map_err(late).flatten();
            let Err(error) = answer else { return Ok(()) };
            self.present.is_lost.store(true, Ordering::SeqCst);
            tracing::warn!(%error, "this worker's presence can no longer be seen");
            *shown = None;
            self.readers.forget_all();
        }
        drop(shown);
        tokio::time::timeout(ANSWER, self.be_present()).await.map_err(late).flatten()?;
        tracing::info!("this worker is at work again");
        Ok(())
    }
}

//! The daily checkpoint over the audit trail (`store/audit/checkpoint.rs`): whichever worker comes first writes it.

use super::Worker;
use crate::store::{Checkpoint, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// How often it is looked again where one is due and no chain has changed, or it failed.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Between these instants nobody need look whether a checkpoint is due.
#[derive(Debug, Default)]
pub(super) struct NothingDue {
    stretch: Mutex<Option<(Timestamp, Timestamp)>>,
}

impl NothingDue {
    fn is_at(&self, now: Timestamp) -> bool {
        let stretch = self.stretch.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back is outside.
        stretch.is_some_and(|(from, until)| from <= now && now < until)
    }

    fn set(&self, from: Timestamp, until: Timestamp) {
        *self.stretch.lock().unwrap_or_else(PoisonError::into_inner) = Some((from, until));
    }
}

impl Worker {
    /// Writes the checkpoint that is due, if one is. A failure is said and hinders nothing else that is due.
    pub(super) async fn keep_checkpoints(&self) {
        if self.no_checkpoint_due.is_at(self.clock.now()) {
            return;
        }
        match self.write_checkpoint().await {
            Ok(_) => {}
            Err(error @ StoreError::Busy(_)) => tracing::info!(%error, "a checkpoint of the audit trail waits"),
            Err(error) => tracing::warn!(%error, "failed to write a checkpoint of the audit trail"),
        }
    }

    /// Looks whether a checkpoint is due; gives whether one was written.
    pub(super) async fn write_checkpoint(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let again = now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
        self.no_checkpoint_due.set(now, again);
        match self.store.checkpoint_if_due(now).await? {
            Checkpoint::Written { seq, heads, next } => {
                tracing::info!(checkpoint = seq, chains = heads, "a checkpoint of the audit trail was written");
                self.no_checkpoint_due.set(now, next);
                Ok(true)
            }
            Checkpoint::NotYet(due) => {
                self.no_checkpoint_due.set(now, due);
                Ok(false)
            }
            Checkpoint::Unchanged => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_again_when_one_is_due_and_when_the_clock_was_set_back() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let nothing_due = NothingDue::default();
        assert!(!nothing_due.is_at(at(0)), "nobody has looked yet");
        nothing_due.set(at(100), at(200));
        let expected = [(99, false), (100, true), (199, true), (200, false), (1000, false)];
        assert_eq!(expected.map(|(second, _)| (second, nothing_due.is_at(at(second)))), expected);
    }
}

//! Which generations of the token key are believed: new tokens bear the newest, older ones are read until they retire.
//!
//! The ring is shared by all clones of the installation's keys, so that a worker that runs learns of a rotation once and
//! everywhere. It holds numbers only; each key is derived from the secret when it is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The generations that are believed: `oldest` to `newest`, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generations {
    /// The oldest that is still read.
    pub oldest: u32,
    /// The one that new tokens bear.
    pub newest: u32,
}

impl Generations {
    /// Whether tokens of `generation` are read.
    pub fn believes(self, generation: u32) -> bool {
        (self.oldest..=self.newest).contains(&generation)
    }
}

/// The shared numbers, in one word so that they are always of one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring(Arc<AtomicU64>);

impl Ring {
    pub(super) fn now(&self) -> Generations {
        let both = self.0.load(Ordering::Acquire);
        Generations { oldest: (both >> 32) as u32, newest: both as u32 }
    }

    pub(super) fn follow(&self, generations: Generations) {
        let oldest = generations.oldest.min(generations.newest);
        self.0.store(u64::from(oldest) << 32 | u64::from(generations.newest), Ordering::Release);
    }
}

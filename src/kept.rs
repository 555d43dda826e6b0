//! What was prepared from a policy, kept for the next message: preparing takes longer than reading a mail.

use foldhash::quality::FixedState;
use std::sync::{Arc, Mutex};

/// What numbers of wordings are made with: a policy is long, and hashed for every message. Policies are the operator's
/// own, so that no hash against attackers is needed.
pub fn wording_hasher() -> FixedState {
    FixedState::default()
}

/// More than the desks of any installation; a policy that is reloaded pushes its former wording out.
const KEEP_AT_MOST: usize = 16;

/// Values by the number of the wording that they were prepared from, the newest first.
#[derive(Debug)]
pub struct Kept<T>(Mutex<Vec<(u64, Arc<T>)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Kept<T> {
    /// Nothing is kept yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// What is kept under `wording`; where nothing is, what `make` prepares.
    pub fn of(&self, wording: u64, make: impl FnOnce() -> T) -> Arc<T> {
        if let Ok(kept) = self.0.lock()
            && let Some((_, value)) = kept.iter().find(|(known, _)| *known == wording)
        {
            return Arc::clone(value);
        }
        let made = Arc::new(make());
        if let Ok(mut kept) = self.0.lock() {
            kept.truncate(KEEP_AT_MOST - 1);
            kept.insert(0, (wording, Arc::clone(&made)));
        }
        made
    }
}

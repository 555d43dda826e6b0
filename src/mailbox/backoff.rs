//! How long to wait before a mailbox is tried again: a value, without clock or chance.

use std::time::Duration;

/// Counts failures in a row and says how long to wait: one second, doubling to five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

impl Backoff {
    /// How long to wait after one more failure. `jitter` is a random number from 0 to 1: the wait is between half
    /// of its length and all of it, so that many mailboxes of one server do not come back in step.
    pub fn failed(&mut self, jitter: f64) -> Duration {
        let doubled = FIRST.saturating_mul(1_u32.checked_shl(self.failures.min(16)).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
        doubled.min(LONGEST).mul_f64(0.5 + jitter / 2.0)
    }

    /// The mailbox answered: the next failure waits shortly again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row so far.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_five_minutes_and_starts_over_after_success() {
        let mut backoff = Backoff::default();
        let seconds: Vec<u64> = (0..12).map(|_| backoff.failed(1.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        backoff.succeeded();
        assert_eq!(backoff.failed(1.0), FIRST);
    }

    #[test]
    fn jitter_halves_at_most_and_nonsense_is_harmless() {
        for (jitter, millis) in [(0.0, 500), (0.5, 750), (1.0, 1000), (-3.0, 500), (7.0, 1000), (f64::NAN, 1000)] {
            assert_eq!(Backoff::default().failed(jitter), Duration::from_millis(millis), "jitter {jitter}");
        }
        let mut tired = Backoff { failures: u32::MAX };
        assert_eq!(tired.failed(1.0), LONGEST);
    }
}

//! A promise to send: made when `committing` is written, kept only for a short while.
//!
//! Between that commit and the final dot a process may be frozen, or its host may sleep, for as long as anybody likes.
//! Meanwhile others find that it lives no more and look after its mails. So right before each dot it is asked how old
//! the promise is; when too much time has gone by, the connection is dropped without the dot, and the mail was
//! certainly not sent. The bound is far below a claim's lease, and below the time after which a frozen worker is taken
//! for dead.

use crate::clock::Clock;
use crate::transport::{Cause, Failure, SendError, Stage};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// How old a promise may be when the dot is sent.
const HOLDS: Duration = Duration::from_secs(10);

/// When the promise was made, by two clocks: one goes on whatever is set, the other also while the host sleeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise {
    made: Instant,
    made_at: Timestamp,
}

impl Promise {
    /// To be made before `committing` is written: the process may be frozen in the middle of that.
    pub(super) fn made(clock: &Clock) -> Self {
        Self { made: Instant::now(), made_at: clock.now() }
    }

    /// Whether the dot may be sent now.
    ///
    /// # Errors
    ///
    /// It is too late: the mail must be abandoned, and may be tried again.
    pub(super) fn holds(&self, clock: &Clock) -> Result<(), SendError> {
        let slept = if clock.is_rehearsal() { SignedDuration::ZERO } else { clock.now().duration_since(self.made_at) };
        if is_late(self.made.elapsed(), slept) {
            return Err(SendError::Retry(Failure { stage: Stage::Body, cause: Cause::Deadline, alarm: false }));
        }
        Ok(())
    }
}

fn is_late(elapsed: Duration, by_the_clock: SignedDuration) -> bool {
    elapsed > HOLDS || Duration::try_from(by_the_clock).is_ok_and(|time| time > HOLDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_holds_for_a_while_by_both_clocks() {
        let seconds = |n: i64| (Duration::from_secs(n.unsigned_abs()), SignedDuration::from_secs(n));
        for (elapsed, clock, expected) in [
            (0, 0, false),
            (9, 9, false),
            (10, 10, false),
            (11, 0, true),
            (0, 11, true),
            (86_400, 86_400, true),
            // A clock that was set back says nothing.
            (1, -3600, false),
        ] {
            assert_eq!(is_late(seconds(elapsed).0, seconds(clock).1), expected, "{elapsed} {clock}");
        }
    }

    #[test]
    fn a_fresh_promise_holds_and_a_rehearsals_clock_may_leap() {
        let clock = Clock::rehearsal(Timestamp::UNIX_EPOCH);
        let promise = Promise::made(&clock);
        clock.advance_to(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(99));
        assert!(promise.holds(&clock).is_ok());
    }
}

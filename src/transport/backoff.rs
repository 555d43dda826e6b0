//! When a mail is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

/// How long a mail is tried (RFC 5321, section 4.5.4.1: four to five days).
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// When to try again after the `attempts`-th attempt failed at `now`: minutes first, then hours. `None`: the mail is
/// given up. `jitter` is any random bits; it moves the instant by at most a fifth, so that what failed together does
/// not come back together.
pub fn retry_at(attempts: u32, first_queued: Timestamp, now: Timestamp, jitter: u64) -> Option<Timestamp> {
    let _ = (attempts, first_queued, now, jitter);
    todo!()
}

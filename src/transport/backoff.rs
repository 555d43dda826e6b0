//! When a mail is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

/// How long a mail is tried (RFC 5321, section 4.5.4.1: four to five days).
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Minutes to wait after each failed attempt; the last one holds for all later ones.
const WAITS: [i64; 9] = [1, 2, 5, 10, 20, 40, 60, 120, 180];

/// When to try again after the `attempts`-th attempt (1 is the first) failed at `now`: minutes first, then hours.
/// `None`: the mail is given up, five days after it was first queued; its last attempt is at that instant. `jitter` is
/// any random bits; it moves the instant by at most a fifth, so that what failed together does not come back together.
pub fn retry_at(attempts: u32, first_queued: Timestamp, now: Timestamp, jitter: u64) -> Option<Timestamp> {
    let end = first_queued.checked_add(GIVEN_UP_AFTER).ok()?;
    if now >= end {
        return None;
    }
    let row = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    let seconds = WAITS.get(row).copied().unwrap_or(1) * 60;
    let fifth = seconds / 5;
    // From a fifth less to a fifth more.
    let moved = i64::try_from(jitter % (2 * fifth.unsigned_abs() + 1)).unwrap_or(fifth) - fifth;
    let next = now.checked_add(SignedDuration::from_secs(seconds + moved)).ok()?;
    Some(next.min(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(attempts: u32) -> i64 {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        // Bits that leave the wait as it stands in the table.
        let middle = WAITS[(attempts.max(1) as usize - 1).min(8)].unsigned_abs() * 60 / 5;
        let next = retry_at(attempts, start, start, middle).unwrap();
        next.duration_since(start).as_secs() / 60
    }

    #[test]
    fn waits_grow_from_minutes_to_hours() {
        let waits: Vec<i64> = (0..12).map(after).collect();
        assert_eq!(waits, [1, 1, 2, 5, 10, 20, 40, 60, 120, 180, 180, 180]);
    }

    #[test]
    fn the_last_attempt_is_at_the_end_of_five_days_and_then_it_is_given_up() {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let almost: Timestamp = "2026-11-25T09:59:59Z".parse().unwrap();
        assert_eq!(retry_at(60, start, almost, 7), Some(end));
        assert_eq!(retry_at(61, start, end, 7), None);
        assert_eq!(retry_at(u32::MAX, start, Timestamp::MAX, 7), None);
        assert_eq!(retry_at(1, Timestamp::MAX, Timestamp::MAX, 7), None);
    }

    proptest! {
        #[test]
        fn every_retry_is_later_and_within_a_fifth_of_the_wait(attempts in 0u32..100, jitter: u64, minutes in 0i64..6000) {
            let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
            let now = start + SignedDuration::from_mins(minutes);
            let wait = WAITS[(attempts.max(1) as usize - 1).min(8)] * 60;
            if let Some(next) = retry_at(attempts, start, now, jitter) {
                let waited = next.duration_since(now).as_secs();
                prop_assert!(waited > 0 && waited <= wait + wait / 5);
                prop_assert!(waited >= wait - wait / 5 || next == start + GIVEN_UP_AFTER);
            }
        }
    }
}

//! The only place that asks what time it is.

use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where "now" comes from: the system, or a rehearsal that is moved by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A rehearsal's clock, in microseconds since the epoch, moved by [`Clock::advance_to`].
    Rehearsal(Arc<AtomicI64>),
}

impl Clock {
    /// A rehearsal clock that stands at `at` until it is moved.
    pub fn rehearsal(at: Timestamp) -> Self {
        Self::Rehearsal(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The present instant, in whole microseconds (what both databases can keep).
    pub fn now(&self) -> Timestamp {
        match self {
            #[allow(clippy::disallowed_methods)] // the one place, see clippy.toml
            Self::System => {
                Timestamp::from_microsecond(Timestamp::now().as_microsecond() + shift()).expect("now is in range")
            }
            Self::Rehearsal(at) => {
                Timestamp::from_microsecond(at.load(Ordering::SeqCst)).expect("a rehearsal instant is in range")
            }
        }
    }

    /// Moves a rehearsal clock forward to `at`; it never goes back. Does nothing to the system's clock.
    pub fn advance_to(&self, at: Timestamp) {
        if let Self::Rehearsal(cell) = self {
            cell.fetch_max(at.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// Whether this is a rehearsal.
    pub fn is_rehearsal(&self) -> bool {
        matches!(self, Self::Rehearsal(_))
    }
}

/// By how many microseconds a test has moved the machine's clock: the number in the file that `MAILCLERK_CLOCK_SHIFT`
/// names. Timers are not moved, as they are not where an administrator or a time server sets a clock.
#[cfg(feature = "faults")]
fn shift() -> i64 {
    let shift = std::env::var_os("MAILCLERK_CLOCK_SHIFT").and_then(|file| std::fs::read_to_string(file).ok());
    shift.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Nobody moves the clock of an installed build.
#[cfg(not(feature = "faults"))]
fn shift() -> i64 {
    0
}

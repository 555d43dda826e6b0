//! Whether a desk's automatic mail may leave: the breaker (DESIGN.md, invariant 7), and a person's hand on it.
//!
//! ```text
//! open ──absurd figures──▶ stopped ──rest is over──▶ returning ──steps done──▶ open
//!   ▲                         ▲                          │
//!   │                         └─────absurd again─────────┘  (rests twice as long)
//!   └─release── held ◀─hold── any
//! ```
//!
//! What is stopped waits in the outbox; nothing is lost and nothing is sent twice. People's answers and mail to staff are
//! never stopped. Figures are counted by when mail *arrived*: after an outage hours of arrivals are answered at once, each
//! with its one reply, and no hour of them is absurd.

mod figures;

pub use figures::{Absurd, Enough, Figures, UNLOOKED, absurd, room};

use crate::desk::Breaker;
use crate::words::word_enum;
use jiff::{SignedDuration, Timestamp};

/// How long a step of the slow return takes.
pub const STEP: SignedDuration = SignedDuration::from_mins(10);
/// Mails that leave in the first step; each step lets twice as many leave as the one before.
pub const FIRST_STEP: u32 = 5;
/// The longest rest.
const LONGEST_REST: u32 = 24 * 60;
/// Over how long figures are counted.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Over how long bounces are counted.
pub const BOUNCE_WINDOW: SignedDuration = SignedDuration::from_hours(24);

word_enum! {
    /// How a desk's automatic mail stands.
    GateState {
        /// It leaves.
        Open = "open",
        /// The breaker stopped it.
        Stopped = "stopped",
        /// It leaves again, a few at first.
        Returning = "returning",
        /// A person stopped it.
        Held = "held",
    }
}

/// How a desk's automatic mail stands, with all that decides what comes next.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Gate {
    /// The desk's id.
    pub desk: String,
    /// How often the row was written; 0: there is none.
    #[serde(skip)]
    pub version: i64,
    /// How it stands.
    pub state: GateState,
    /// Since when.
    pub since: Timestamp,
    /// Why: a code of [`Absurd`], or what a person said.
    pub why: Option<String>,
    /// Who did it: `breaker`, or a person as they are named.
    pub by: String,
    /// When the next step is due.
    pub step_at: Option<Timestamp>,
    /// Which step of the return it is in, from 1.
    pub step: u32,
    /// How many mails may still leave in this step.
    pub remaining: i64,
    /// What arrived before this no longer counts: it belongs to the storm before.
    pub counted_from: Option<Timestamp>,
    /// Minutes of the next rest.
    pub rest_minutes: u32,
}

/// What an operator is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Automatic mail stopped.
    Stopped,
    /// It begins to leave again, or another step of that begins.
    Returning,
    /// It leaves as ever.
    Opened,
}

impl Gate {
    /// A desk of which nothing is written.
    pub fn open(desk: &str, now: Timestamp) -> Self {
        Self {
            desk: desk.to_owned(),
            version: 0,
            state: GateState::Open,
            since: now,
            why: None,
            by: String::new(),
            step_at: None,
            step: 0,
            remaining: 0,
            counted_from: None,
            rest_minutes: 0,
        }
    }

    /// Whether automatic mail may leave now.
    pub fn lets_out(&self) -> bool {
        match self.state {
            GateState::Open => true,
            GateState::Returning => self.remaining > 0,
            GateState::Stopped | GateState::Held => false,
        }
    }

    /// From when figures count: an hour, or a day for bounces, and nothing of an earlier storm.
    pub fn counts_from(&self, window: SignedDuration, now: Timestamp) -> Timestamp {
        let start = now.saturating_sub(window).unwrap_or(Timestamp::MIN);
        self.counted_from.map_or(start, |from| start.max(from))
    }

    /// What it becomes now, by these figures; `None`: it stays as it is.
    pub fn next(&self, breaker: &Breaker, figures: &Figures, now: Timestamp) -> Option<(Self, Change)> {
        let is_due = self.step_at.is_some_and(|at| at <= now);
        match self.state {
            GateState::Held => None,
            GateState::Open | GateState::Returning => {
                if let Some(why) = absurd(breaker, figures) {
                    return Some((self.stopped(breaker, why, now), Change::Stopped));
                }
                let is_last = u64::from(FIRST_STEP) << self.step.min(32) >= u64::from(breaker.hourly);
                match (self.state, is_due) {
                    (GateState::Returning, true) if is_last => Some((self.opened(now), Change::Opened)),
                    (GateState::Returning, true) => Some((self.stepped(now), Change::Returning)),
                    _ => None,
                }
            }
            GateState::Stopped => is_due.then(|| (self.returning(now), Change::Returning)),
        }
    }

    /// A person stops it.
    pub fn held(&self, by: &str, why: Option<&str>, now: Timestamp) -> Self {
        Self {
            state: GateState::Held,
            since: now,
            why: why.map(str::to_owned),
            by: by.to_owned(),
            step_at: None,
            remaining: 0,
            ..self.clone()
        }
    }

    /// A person lets it go on: slowly, so that what lies there does not leave in one go; `at_once`: as ever.
    pub fn released(&self, by: &str, at_once: bool, now: Timestamp) -> Self {
        let by = by.to_owned();
        if at_once { Self { by, ..self.opened(now) } } else { Self { by, ..self.returning(now) } }
    }

    fn stopped(&self, breaker: &Breaker, why: Absurd, now: Timestamp) -> Self {
        // Again while it returned: it rests twice as long.
        let rest = match self.state {
            GateState::Returning => self.rest_minutes.saturating_mul(2).clamp(breaker.rest_minutes, LONGEST_REST),
            _ => breaker.rest_minutes,
        };
        Self {
            state: GateState::Stopped,
            since: now,
            why: Some(why.as_str().to_owned()),
            by: "breaker".to_owned(),
            step_at: now.checked_add(SignedDuration::from_mins(i64::from(rest))).ok(),
            step: 0,
            remaining: 0,
            rest_minutes: rest,
            ..self.clone()
        }
    }

    fn returning(&self, now: Timestamp) -> Self {
        let first = Self { state: GateState::Returning, since: now, step: 0, counted_from: Some(now), ..self.clone() };
        first.stepped(now)
    }

    fn stepped(&self, now: Timestamp) -> Self {
        let remaining = i64::from(FIRST_STEP) << self.step.min(20);
        Self { step: self.step + 1, remaining, step_at: now.checked_add(STEP).ok(), ..self.clone() }
    }

    fn opened(&self, now: Timestamp) -> Self {
        Self {
            state: GateState::Open,
            since: now,
            why: None,
            step_at: None,
            step: 0,
            remaining: 0,
            counted_from: Some(now),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;

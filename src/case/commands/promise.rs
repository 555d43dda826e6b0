//! A date that a specialist sets: the day asked for, and the instant that it means.

use crate::calendar::{Calendar, Due};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use std::fmt;

/// A date set by staff (POLICY.md, Clocks, "Unless otherwise advised"). Printed, it is what a command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromisedDate {
    /// The day asked for.
    pub asked: Date,
    /// The time of day asked for.
    pub time: Option<Time>,
    /// What it means: that time, or without one that day's opening; where the day is off, the opening of the next
    /// business day.
    pub due: Due,
}

impl PromisedDate {
    /// What `asked` at `time` means in this calendar; `None` where that is not after `now`.
    pub fn of(calendar: &Calendar, asked: Date, time: Option<Time>, now: Timestamp) -> Option<Self> {
        let at = match time {
            _ if !calendar.is_business_day(asked) => calendar.opening(calendar.next_business_day(asked)),
            Some(time) => calendar.at_local(asked, time),
            None => calendar.opening(asked),
        };
        let due = calendar.due(at);
        (asked >= calendar.local(now).date() && at > now).then_some(Self { asked, time, due })
    }

    /// Whether the day asked for is a day off, so that the next business day's opening is meant.
    pub fn is_moved(&self) -> bool {
        self.due.local.date() != self.asked
    }
}

impl fmt::Display for PromisedDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(time) => write!(f, "{} {:02}:{:02}", self.asked, time.hour(), time.minute()),
            None => write!(f, "{}", self.asked),
        }
    }
}

//! Business time in a zone: business days, business hours and working hours (POLICY.md, Clocks).
//!
//! A [`Calendar`] is made once from a desk's policy by [`Calendar::new`]; after that every question has an answer: no
//! method here fails, reads a clock or loops without a bound. Dates end on 9999-12-31; arithmetic that would go
//! further stops there.
//!
//! What counts:
//!
//! - A **business day** is a local date that exists in the zone and is no weekend day, holiday or closure.
//! - **Business days and hours** are counted in local wall time: the answer is the same time of day on a later
//!   business day. A time of day that DST skips moves forward by what was skipped (2:30 becomes 3:30); one that
//!   happens twice is the first.
//! - **Working hours** are the time that really passes while the desk is open.

mod arithmetic;
mod build;
mod holidays;
pub mod ics;
mod season;
mod span;
mod wording;
mod zone;

#[cfg(test)]
mod tests;

pub use build::{CalendarError, CalendarParts, weekday};
pub use holidays::federal_holiday;
pub use season::{Season, SeasonError, month_and_day, season_at};
pub use span::{Span, SpanError, Unit};

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::collections::BTreeSet;

/// A desk's calendar: which days are business days, when the desk is open, in which zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// Opening, in minutes after midnight.
    opens: u16,
    /// Closing, in minutes after midnight, up to 1440; always after the opening.
    closes: u16,
    /// Whether a weekday is part of the weekend, from Monday on.
    weekend: [bool; 7],
    holidays: Holidays,
    closures: BTreeSet<Date>,
    day_ends: DayEnds,
    ends_on: Option<Date>,
    version: String,
}

/// Where a desk's holidays come from, as its policy says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HolidayRule {
    /// The eleven United States federal holidays by rule, with their observed days (5 U.S.C. 6103).
    UsFederal,
    /// These dates.
    Dates(Vec<Date>),
    /// What [`ics::read`] found in a file.
    Ics {
        /// The days that are off.
        dates: BTreeSet<Date>,
        /// The last date that the file speaks about; `None` where all its events repeat without an end.
        last: Option<Date>,
    },
    /// No holidays.
    #[default]
    None,
}

/// When a business day's arrivals begin to count as the next one's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayEnds {
    /// At midnight: what arrives on Friday at 17:01 counts from Friday 17:01.
    #[default]
    Midnight,
    /// At closing: what arrives after it counts from the next business day's opening.
    Closing,
}

/// The holidays as arithmetic asks for them.
#[derive(Clone, Debug)]
enum Holidays {
    UsFederal,
    Dates(BTreeSet<Date>),
}

/// A promise: the local date and time as it was given, and the instant that it meant when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Local date and time; one that the clocks of the zone show.
    pub local: DateTime,
    /// The instant.
    pub at: Timestamp,
}

/// What is left of a promise while its clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Business days of 24 hours each, and seconds of one more.
    Wall {
        /// Whole business days.
        days: u32,
        /// Seconds, less than a day.
        seconds: u32,
    },
    /// Time in which the desk is open.
    Open(jiff::SignedDuration),
}

impl Calendar {
    /// The instant in the desk's zone.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// Opening and closing, in minutes after midnight.
    pub fn hours(&self) -> (u16, u16) {
        (self.opens, self.closes)
    }

    /// Whether this day of the week is part of the weekend.
    pub fn is_weekend(&self, date: Date) -> bool {
        let day = usize::from((date.weekday().to_monday_zero_offset()).unsigned_abs());
        self.weekend.get(day).copied().unwrap_or(false)
    }

    /// The zone's IANA name, such as `America/New_York`.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The last date that the holidays cover; `None` where a rule covers every year, or no holidays are kept.
    ///
    /// A calendar that ends soon still works: what comes after it has no holidays, so that promises may be too early.
    pub fn ends_on(&self) -> Option<Date> {
        self.ends_on
    }

    /// Twelve hexadecimal digits that change when anything that this calendar was made from changes.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether `date` is a business day.
    pub fn is_business_day(&self, date: Date) -> bool {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        let weekend = self.weekend.get(weekday).copied().unwrap_or(false);
        !weekend && !self.is_holiday(date) && !self.closures.contains(&date) && self.exists(date)
    }

    /// Whether `date` is a holiday, or the day on which one is observed.
    pub fn is_holiday(&self, date: Date) -> bool {
        match &self.holidays {
            Holidays::UsFederal => federal_holiday(date).is_some(),
            Holidays::Dates(dates) => dates.contains(&date),
        }
    }
}

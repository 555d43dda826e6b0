//! Business time in a zone: business days, business hours and working hours (POLICY.md, Clocks).

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned, tz::TimeZone};

/// A desk's calendar: which days are business days, when the desk is open, in which zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

/// A length of business time, as a policy writes it: `72 business hours`, `5 business days`, `8 working hours`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many; never 0.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// Units of business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole business days, to the same time of day.
    BusinessDays,
    /// 24 count for each business day: `72 business hours` is three business days to the same time of day.
    BusinessHours,
    /// Hours in which the desk is open.
    WorkingHours,
}

/// A promise: the local date and time as it was given, and the instant that it meant when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Local date and time.
    pub local: DateTime,
    /// The instant.
    pub at: Timestamp,
}

/// A season in which clocks run longer; it may span the new year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    /// What the desk calls it.
    pub name: String,
    /// First day, month and day.
    pub from: (i8, i8),
    /// Last day, month and day, included.
    pub to: (i8, i8),
    /// The response clock's length in it.
    pub respond: Option<Span>,
    /// The update clock's length in it.
    pub update: Option<Span>,
    /// What the receipt says besides.
    pub notice: Option<String>,
}

impl Calendar {
    /// The instant in the desk's zone.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// Whether `date` is a business day.
    pub fn is_business_day(&self, date: Date) -> bool {
        let _ = date;
        todo!()
    }

    /// `span` of business time after `from`. What arrives outside business days starts at the next business day's opening.
    pub fn add(&self, from: Timestamp, span: Span) -> Due {
        let _ = (from, span);
        todo!()
    }

    /// The opening of `date`, which need not be a business day.
    pub fn opening(&self, date: Date) -> Timestamp {
        let _ = date;
        todo!()
    }

    /// The first business day after `date`.
    pub fn next_business_day(&self, date: Date) -> Date {
        let _ = date;
        todo!()
    }

    /// The last business day before `date`.
    pub fn previous_business_day(&self, date: Date) -> Date {
        let _ = date;
        todo!()
    }
}

//! The days that are compared: a business day with the days off behind it, up to the next business day.
//!
//! Days are local calendar days of the desk, from midnight to midnight. So Friday's period holds Saturday and Sunday, and
//! the digest of a Monday morning tells of all three.

use super::facts::Stretch;
use crate::calendar::Calendar;
use jiff::civil::{Date, Time};

/// Periods of the line chart and of the look at agents.
pub const CHART_PERIODS: usize = 20;
/// Periods that stand beside each other in the table.
pub const COLUMNS: usize = 5;

/// One period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Period {
    /// The business day that it begins with.
    pub date: Date,
    /// Its last day, included.
    pub last: Date,
    /// Its instants.
    #[serde(skip)]
    pub stretch: Stretch,
}

/// The period that `date` belongs to: of a day off, that of the business day before it.
pub fn period_of(calendar: &Calendar, date: Date) -> Period {
    let first = if calendar.is_business_day(date) { date } else { calendar.previous_business_day(date) };
    let next = calendar.next_business_day(first);
    let midnight = |date: Date| calendar.at_local(date, Time::midnight());
    Period {
        date: first,
        last: next.yesterday().unwrap_or(first),
        stretch: Stretch { from: midnight(first), to: midnight(next) },
    }
}

/// The last `count` periods up to that of `date`, oldest first.
pub fn periods(calendar: &Calendar, date: Date, count: usize) -> Vec<Period> {
    let mut periods = vec![period_of(calendar, date)];
    while periods.len() < count {
        let Some(first) = periods.last() else { break };
        let before = calendar.previous_business_day(first.date);
        if before >= first.date {
            break;
        }
        periods.push(period_of(calendar, before));
    }
    periods.reverse();
    periods
}

/// The day that a digest of the morning of `today` tells: the business day before.
pub fn told_on(calendar: &Calendar, today: Date) -> Date {
    calendar.previous_business_day(today)
}

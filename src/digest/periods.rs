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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::shipped;
    use jiff::civil::date;

    #[test]
    fn a_period_is_a_business_day_with_the_days_off_behind_it() {
        let desk = shipped::desk(&shipped::ids()[0]).unwrap();
        let calendar = &desk.calendar;
        for (asked, first, last, hours) in [
            // A Wednesday; a Friday with its weekend; its Sunday.
            ((2026, 11, 18), (2026, 11, 18), (2026, 11, 18), 24),
            ((2026, 11, 20), (2026, 11, 20), (2026, 11, 22), 72),
            ((2026, 11, 22), (2026, 11, 20), (2026, 11, 22), 72),
            // Thanksgiving belongs to the Wednesday before it.
            ((2026, 11, 26), (2026, 11, 25), (2026, 11, 26), 48),
            // The weekends on which the clocks of the zone change.
            ((2026, 10, 30), (2026, 10, 30), (2026, 11, 1), 73),
            ((2026, 3, 6), (2026, 3, 6), (2026, 3, 8), 71),
        ] {
            let day = |(year, month, day)| date(year, month, day);
            let period = period_of(calendar, day(asked));
            let long = period.stretch.from.duration_until(period.stretch.to).as_hours();
            assert_eq!((period.date, period.last, long), (day(first), day(last), hours), "{asked:?}");
        }
        let columns = periods(calendar, date(2026, 11, 30), COLUMNS);
        let days: Vec<i8> = columns.iter().map(|one| one.date.day()).collect();
        assert_eq!(days, [23, 24, 25, 27, 30]);
        assert!(columns.windows(2).all(|pair| pair[0].stretch.to == pair[1].stretch.from), "no gap, nothing twice");
        assert_eq!(periods(calendar, date(2026, 11, 30), CHART_PERIODS).len(), CHART_PERIODS);
        assert_eq!(told_on(calendar, date(2026, 11, 23)), date(2026, 11, 20));
        assert_eq!(told_on(calendar, date(2026, 11, 27)), date(2026, 11, 25));
    }
}

//! Counting business time: due dates, openings and business days.

use super::{Calendar, DayEnds, Due, Left, Span, Unit};
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, Zoned};

/// Seconds of a day in wall time.
const DAY: u32 = 24 * HOUR;
/// Seconds of an hour.
const HOUR: u32 = 60 * 60;

/// How far past a promise the search for open hours may look before it gives up: far more than the two years that a
/// calendar may rest for.
const MOST_SEARCHED_DAYS: u32 = 5_000_000;

impl Calendar {
    /// `span` of business time after `from`. What arrives outside business days starts at the next business day's
    /// opening; see [`Calendar::start`].
    pub fn add(&self, from: Timestamp, span: Span) -> Due {
        match span.unit {
            Unit::BusinessDays => self.add_wall(from, span.amount, 0),
            Unit::BusinessHours => self.add_wall(from, span.amount / 24, span.amount % 24 * HOUR),
            Unit::WorkingHours => self.due(self.add_working(from, SignedDuration::from_hours(i64::from(span.amount)))),
        }
    }

    /// What is left at `at` of a promise due at `due`, counted as `unit` counts: what a pause keeps.
    pub fn left(&self, at: Timestamp, due: Timestamp, unit: Unit) -> Left {
        if unit == Unit::WorkingHours {
            return Left::Open(self.open_between(at, due));
        }
        let (start, end) = (self.start(at), self.local(due));
        if end.timestamp() <= start.timestamp() {
            return Left::Wall { days: 0, seconds: 0 };
        }
        let days = self.business_days_between(start.date(), end.date());
        let (from, to) = (seconds_of(start.time()), seconds_of(end.time()));
        match (days.checked_sub(1), to < from) {
            (Some(days), true) => Left::Wall { days, seconds: to + DAY - from },
            _ => Left::Wall { days, seconds: to.saturating_sub(from) },
        }
    }

    /// The promise of which `left` is left at `from`.
    pub fn add_left(&self, from: Timestamp, left: Left) -> Due {
        match left {
            Left::Wall { days, seconds } => self.add_wall(from, days, seconds),
            Left::Open(open) => self.due(self.add_working(from, open)),
        }
    }

    /// How much business time lies between two instants, counted as `unit` counts: of business days all 24 hours of
    /// wall time, whatever the clocks of the zone did; of working hours those in which the desk is open. Zero where `to`
    /// is not later.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp, unit: Unit) -> SignedDuration {
        if unit == Unit::WorkingHours {
            return self.open_between(from, to);
        }
        let (start, end) = (self.start(from), self.local(to));
        if end.timestamp() <= start.timestamp() {
            return SignedDuration::ZERO;
        }
        let mut seconds: i64 = 0;
        let mut date = start.date();
        while date <= end.date() {
            if self.is_business_day(date) {
                let begins = if date == start.date() { seconds_of(start.time()) } else { 0 };
                let ends = if date == end.date() { seconds_of(end.time()) } else { DAY };
                seconds += i64::from(ends) - i64::from(begins);
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        SignedDuration::from_secs(seconds.max(0))
    }

    /// For how long the desk is open between two instants.
    fn open_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let mut open = SignedDuration::ZERO;
        let mut date = self.local(from).date();
        let last = self.local(to).date();
        while date <= last {
            if self.is_business_day(date) {
                let (opens, closes) = (self.opening(date).max(from), self.closing(date).min(to));
                open += opens.duration_until(closes).max(SignedDuration::ZERO);
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        open
    }

    /// The instant from which what arrives at `from` counts, in the desk's zone.
    ///
    /// On a business day that is `from` itself, before opening and after closing too, unless the day ends at
    /// closing; on any other day it is the opening of the next business day.
    pub fn start(&self, from: Timestamp) -> Zoned {
        let local = self.local(from);
        let late = match self.day_ends {
            DayEnds::Midnight => false,
            DayEnds::Closing => from > self.closing(local.date()),
        };
        if self.is_business_day(local.date()) && !late {
            return local;
        }
        self.local(self.opening(self.next_business_day(local.date())))
    }

    /// The opening of `date`, which need not be a business day.
    pub fn opening(&self, date: Date) -> Timestamp {
        self.at_minute(date, self.opens)
    }

    /// The closing of `date`, which need not be a business day. A desk that closes at 24:00 closes at the start of
    /// the next date.
    pub fn closing(&self, date: Date) -> Timestamp {
        self.at_minute(date, self.closes)
    }

    /// Whether the desk is open: at its opening it is, at its closing no longer.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let date = self.local(at).date();
        self.is_business_day(date) && self.opening(date) <= at && at < self.closing(date)
    }

    /// The first opening of a business day strictly after `at`: today's, if it is still to come.
    pub fn next_opening(&self, at: Timestamp) -> Timestamp {
        let today = self.local(at).date();
        let opening = self.opening(today);
        if self.is_business_day(today) && opening > at {
            return opening;
        }
        self.opening(self.next_business_day(today))
    }

    /// The first business day after `date`; 9999-12-31 where there is none.
    pub fn next_business_day(&self, date: Date) -> Date {
        let mut day = date;
        while let Ok(next) = day.tomorrow() {
            day = next;
            if self.is_business_day(day) {
                break;
            }
        }
        day
    }

    /// The last business day before `date`; the first date that there is where there is none.
    pub fn previous_business_day(&self, date: Date) -> Date {
        let mut day = date;
        while let Ok(previous) = day.yesterday() {
            day = previous;
            if self.is_business_day(day) {
                break;
            }
        }
        day
    }

    /// How many business days come after `from`, up to and with `to`; 0 where `to` is not later. So the next
    /// business day is 1 away, and a business day is 0 away from itself.
    pub fn business_days_between(&self, from: Date, to: Date) -> u32 {
        let mut days = 0;
        let mut day = from;
        while day < to {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            days += u32::from(self.is_business_day(day));
        }
        days
    }

    /// The instant of a local date and time. One that DST skips moves forward by what was skipped; of one that
    /// happens twice, the first.
    pub fn at_local(&self, date: Date, time: Time) -> Timestamp {
        let ambiguous = self.zone.to_ambiguous_timestamp(DateTime::from_parts(date, time));
        // Only the first and last hours of all time can fail, where the offset leads out of range.
        let edge = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        ambiguous.compatible().unwrap_or(edge)
    }

    /// A promise of the instant `at`, in the desk's local time.
    pub fn due(&self, at: Timestamp) -> Due {
        Due { local: self.local(at).datetime(), at }
    }

    /// Whether the zone's clocks ever showed this date: Samoa went from December 29 to 31 in 2011.
    pub(super) fn exists(&self, date: Date) -> bool {
        let midnight = self.at_local(date, Time::midnight());
        // At the ends of time the instant was clamped, which says nothing about the date.
        midnight == Timestamp::MIN || midnight == Timestamp::MAX || self.local(midnight).date() == date
    }

    /// The instant at `minute` of `date`; minute 1440 is the start of the next date.
    fn at_minute(&self, date: Date, minute: u16) -> Timestamp {
        let hour = i8::try_from(minute / 60).unwrap_or(0);
        let rest = i8::try_from(minute % 60).unwrap_or(0);
        match (hour, date.tomorrow()) {
            (24, Ok(next)) => self.at_local(next, Time::midnight()),
            (24, Err(_)) => Timestamp::MAX,
            _ => self.at_local(date, Time::new(hour, rest, 0, 0).unwrap_or(Time::midnight())),
        }
    }

    /// Whole business days and less than a day of wall time: business days laid end to end, each of them 24 hours long.
    fn add_wall(&self, from: Timestamp, days: u32, seconds: u32) -> Due {
        let start = self.start(from).datetime();
        let mut date = start.date();
        for _ in 0..days {
            if date == Date::MAX {
                break;
            }
            date = self.next_business_day(date);
        }
        let time = start.time();
        let mut second = seconds_of(time) + seconds;
        if second >= DAY {
            second -= DAY;
            date = self.next_business_day(date);
        }
        self.due(self.at_local(date, time_at(second, time.subsec_nanosecond())))
    }

    /// The instant by which the desk has been open for `left` since `from`.
    fn add_working(&self, from: Timestamp, mut left: SignedDuration) -> Timestamp {
        let mut at = from;
        let mut date = self.local(from).date();
        for _ in 0..MOST_SEARCHED_DAYS {
            if date == Date::MAX {
                break;
            }
            if self.is_business_day(date) {
                at = at.max(self.opening(date));
                let open = at.duration_until(self.closing(date)).max(SignedDuration::ZERO);
                if left <= open {
                    return at.saturating_add(left).unwrap_or(Timestamp::MAX);
                }
                left -= open;
            }
            date = date.tomorrow().unwrap_or(Date::MAX);
        }
        Timestamp::MAX
    }
}

fn seconds_of(time: Time) -> u32 {
    let part = |value: i8| u32::from(value.unsigned_abs());
    part(time.hour()) * 3600 + part(time.minute()) * 60 + part(time.second())
}

fn time_at(second: u32, nanosecond: i32) -> Time {
    let part = |value: u32| i8::try_from(value).unwrap_or(0);
    Time::new(part(second / 3600), part(second / 60 % 60), part(second % 60), nanosecond).unwrap_or(Time::midnight())
}

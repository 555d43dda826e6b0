//! A calendar that is slow and obvious: it only asks what a clock on the wall shows, minute after minute.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What the desk's policy says, in the plainest form.
#[derive(Clone, Debug)]
pub struct BruteForce {
    pub zone: TimeZone,
    pub opens: DateTimeOfDay,
    pub closes: DateTimeOfDay,
    pub weekend: Vec<Weekday>,
    pub off: BTreeSet<Date>,
    pub ends_at_closing: bool,
}

/// Minutes after midnight.
pub type DateTimeOfDay = i64;

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

impl BruteForce {
    fn wall(&self, at: Timestamp) -> DateTime {
        at.to_zoned(self.zone.clone()).datetime()
    }

    fn works_on(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday()) && !self.off.contains(&date)
    }

    /// The dates that the wall shows from `at` on, in order, by looking every half hour.
    fn dates_shown(&self, at: Timestamp, count: usize) -> Vec<Date> {
        let mut dates: Vec<Date> = vec![self.wall(at).date()];
        let mut look = at;
        while dates.len() < count {
            look += MINUTE * 30;
            let shown = self.wall(look).date();
            if dates.iter().all(|known| *known < shown) {
                dates.push(shown);
            }
        }
        dates
    }

    /// The instant at which the wall shows `wanted` for the first time. Where it never does, the clock was put
    /// forward over it: then as far after the change as `wanted` would have been.
    pub fn instant(&self, wanted: DateTime) -> Timestamp {
        let mut look = TimeZone::UTC.to_timestamp(wanted).expect("in range") - SignedDuration::from_hours(40);
        // In big steps up to half a day before, and then minute by minute.
        while self.wall(look) < wanted.saturating_add(SignedDuration::from_hours(-14)) {
            look += SignedDuration::from_hours(1);
        }
        let mut before = look;
        while self.wall(look) < wanted {
            before = look;
            look += MINUTE;
        }
        if self.wall(look) == wanted {
            return look;
        }
        before + wanted.duration_since(self.wall(before))
    }

    fn moment(&self, date: Date, minute: DateTimeOfDay) -> Timestamp {
        let midnight = date.to_datetime(Time::midnight());
        self.instant(midnight.saturating_add(SignedDuration::from_secs(minute * 60)))
    }

    fn start(&self, from: Timestamp) -> Timestamp {
        let today = self.wall(from).date();
        let late = self.ends_at_closing && from > self.moment(today, self.closes);
        if self.works_on(today) && !late {
            return from;
        }
        let later = self.dates_shown(from, 60);
        let next = later.iter().skip(1).find(|date| self.works_on(**date)).expect("some day is a business day");
        self.moment(*next, self.opens)
    }

    /// Hour after hour of wall time, 24 on each business day and none on any other.
    pub fn add_business_hours(&self, from: Timestamp, hours: u32) -> Timestamp {
        let start = self.start(from);
        let wall = self.wall(start);
        let days = self.dates_shown(start, usize::try_from(hours / 24 * 3 + 60).expect("small"));
        let mut business = days.iter().filter(|date| self.works_on(**date));
        let mut date = *business.next().expect("the start is on a business day");
        let mut hour = i64::from(wall.hour());
        for _ in 0..hours {
            hour += 1;
            if hour == 24 {
                hour = 0;
                date = *business.next().expect("enough days were listed");
            }
        }
        let whole = wall.time().duration_since(Time::midnight()) - SignedDuration::from_hours(i64::from(wall.hour()));
        let minute = SignedDuration::from_secs(whole.as_secs() / 60 * 60);
        let rest = whole - minute;
        let midnight = date.to_datetime(Time::midnight());
        self.instant(midnight.saturating_add(SignedDuration::from_hours(hour) + minute)) + rest
    }

    /// Minute after minute: one counts if the desk is open in it.
    pub fn add_working_hours(&self, from: Timestamp, hours: u32) -> Timestamp {
        let mut left = hours * 60;
        let mut at = from;
        let mut days: BTreeMap<Date, (Timestamp, Timestamp)> = BTreeMap::new();
        while left > 0 {
            let date = self.wall(at).date();
            if !self.works_on(date) {
                at += MINUTE;
                continue;
            }
            let (opening, closing) =
                *days.entry(date).or_insert_with(|| (self.moment(date, self.opens), self.moment(date, self.closes)));
            if opening <= at && at < closing {
                left -= 1;
            }
            at += MINUTE;
        }
        at
    }
}

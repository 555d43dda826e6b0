//! When an event is: its start and end as the file writes them, and the whole days that it covers.

use super::zone;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

/// Longer events are refused: nobody is closed for more than a year.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Zone names that Outlook writes instead of IANA's, for the United States.
const WINDOWS_ZONES: [(&str, &str); 7] = [
    ("Eastern Standard Time", "America/New_York"),
    ("Central Standard Time", "America/Chicago"),
    ("Mountain Standard Time", "America/Denver"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
];

/// A date, or a wall time in a zone.
#[derive(Clone, Debug)]
pub(super) enum Moment {
    /// The whole day, wherever one is.
    Day(Date),
    /// A time of day.
    Time(DateTime, TimeZone),
}

/// One time that an event happens.
#[derive(Clone, Debug)]
pub(super) struct Occurrence {
    start: Moment,
    length: SignedDuration,
}

impl Moment {
    /// Reads `20261225`, `20261225T000000` (floating, or in the zone `tzid`) or `20261225T050000Z`.
    pub fn parse(value: &str, tzid: Option<&str>, desk_zone: &TimeZone) -> Result<Self, String> {
        let value = value.trim();
        let date = date_of(value).ok_or_else(|| format!("`{}` is no date", shown(value)))?;
        let rest = value.get(8..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(Self::Day(date));
        }
        let (rest, utc) = rest.strip_suffix(['Z', 'z']).map_or((rest, false), |rest| (rest, true));
        let time = rest.strip_prefix(['T', 't']).and_then(time_of);
        let time = time.ok_or_else(|| format!("`{}` is no date and time", shown(value)))?;
        let zone = match (utc, tzid) {
            (true, _) => TimeZone::UTC,
            (false, None) => desk_zone.clone(),
            (false, Some(name)) => zone_called(name)?,
        };
        Ok(Self::Time(DateTime::from_parts(date, time), zone))
    }

    pub fn date(&self) -> Date {
        match self {
            Self::Day(date) => *date,
            Self::Time(wall, _) => wall.date(),
        }
    }
}

impl Occurrence {
    /// An event without an end: a date is that whole day, a time is no time at all.
    pub fn alone(start: Moment) -> Self {
        let length = match start {
            Moment::Day(_) => SignedDuration::from_hours(24),
            Moment::Time(..) => SignedDuration::ZERO,
        };
        Self { start, length }
    }

    /// An event up to `end`, which is not part of it.
    pub fn until(start: Moment, end: &Moment) -> Result<Self, &'static str> {
        let length = match (&start, end) {
            // Some programs write the same date twice for one day.
            (Moment::Day(from), Moment::Day(to)) if from == to => SignedDuration::from_hours(24),
            (Moment::Day(from), Moment::Day(to)) => to.duration_since(*from),
            (Moment::Time(from, zone), Moment::Time(to, end_zone)) => {
                wall_in(to, end_zone, zone).unwrap_or(*to).duration_since(*from)
            }
            _ => return Err("DTSTART and DTEND must both be dates or both be times"),
        };
        Self::checked(start, length)
    }

    /// An event that lasts `P1D`, `P1W` or `PT24H`.
    pub fn lasting(start: Moment, duration: &str) -> Result<Self, &'static str> {
        const UNREADABLE: &str = "the duration is none; write it like `P1D`";
        let duration = duration.trim();
        if !duration.starts_with(['P', '+']) {
            return Err(UNREADABLE);
        }
        let span: Span = duration.parse().map_err(|_| UNREADABLE)?;
        let begin = start.date().to_datetime(Time::midnight());
        let end = begin.checked_add(span).map_err(|_| "the event lasts longer than a year")?;
        Self::checked(start, end.duration_since(begin))
    }

    fn checked(start: Moment, length: SignedDuration) -> Result<Self, &'static str> {
        if length.is_negative() {
            return Err("the event ends before it starts");
        }
        if length > LONGEST {
            return Err("the event lasts longer than a year");
        }
        Ok(Self { start, length })
    }

    pub fn start_date(&self) -> Date {
        self.start.date()
    }

    /// The same event on another date.
    pub fn moved_to(&self, date: Date) -> Self {
        let start = match &self.start {
            Moment::Day(_) => Moment::Day(date),
            Moment::Time(wall, zone) => Moment::Time(DateTime::from_parts(date, wall.time()), zone.clone()),
        };
        Self { start, length: self.length }
    }

    /// The local days that the event covers from midnight to midnight.
    pub fn whole_days(&self, desk_zone: &TimeZone) -> Vec<Date> {
        let (from, to) = match &self.start {
            Moment::Day(date) => {
                let midnight = date.to_datetime(Time::midnight());
                (midnight, midnight.saturating_add(self.length))
            }
            Moment::Time(wall, zone) => {
                let end = wall.saturating_add(self.length);
                match (wall_in(wall, zone, desk_zone), wall_in(&end, zone, desk_zone)) {
                    (Some(from), Some(to)) => (from, to),
                    _ => return Vec::new(),
                }
            }
        };
        // Some programs end a day at 23:59.
        let past = if (to.hour(), to.minute()) == (23, 59) { to.date().tomorrow().ok() } else { None };
        let end = past.unwrap_or_else(|| to.date());
        let late = from.time() != Time::midnight();
        let first = if late { from.date().tomorrow().unwrap_or(Date::MAX) } else { from.date() };
        first.series(Span::new().days(1)).take_while(|day| *day < end).collect()
    }
}

/// The date at the start of a value.
pub(super) fn date_of(value: &str) -> Option<Date> {
    let digits = value.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let number = |from: usize, to: usize| digits.get(from..to);
    Date::new(number(0, 4)?.parse().ok()?, number(4, 6)?.parse().ok()?, number(6, 8)?.parse().ok()?).ok()
}

fn time_of(digits: &str) -> Option<Time> {
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<i8>().ok());
    // A leap second is written as 60.
    Time::new(number(0, 2)?, number(2, 4)?, number(4, 6)?.min(59), 0).ok()
}

fn zone_called(name: &str) -> Result<TimeZone, String> {
    let windows = WINDOWS_ZONES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    zone::find(windows.map_or(name, |(_, iana)| iana)).map_err(|_| {
        format!("unknown time zone `{}`; write holidays as whole days (`DTSTART;VALUE=DATE:…`)", shown(name))
    })
}

fn wall_in(wall: &DateTime, zone: &TimeZone, other: &TimeZone) -> Option<DateTime> {
    let at = zone.to_ambiguous_timestamp(*wall).compatible().ok()?;
    Some(other.to_datetime(at))
}

/// A value as an error shows it: no more than fits a line.
fn shown(value: &str) -> String {
    value.chars().take(60).collect()
}

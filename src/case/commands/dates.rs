//! Dates and times as people in the United States write them.
//!
//! Understood: `2026-12-01`, `12/1`, `12/1/2026`, `12/1/26`, `12-1-2026`, `Dec 1`, `December 1st, 2026`, `1 December`,
//! `friday` (the first one after today), `this friday`, `today`, `tomorrow`, a weekday beside its date, and a time before or
//! behind it: `3pm`, `3:30 p.m.`, `15:00`, `9:30`, `noon`, with the desk's zone or without. Whatever can be read in two
//! ways is refused: `next friday`, `3:30` without am or pm, `1.12.`.

use super::lookup::{Fault, plain, quoted};
use crate::calendar::Calendar;
use crate::strict;
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// More words than any date has.
const MOST_WORDS: usize = 16;
/// Of a date without a year that was a moment ago, the last one is more likely meant than the next.
const RECENT_DAYS: i64 = 31;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A day as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    Today,
    Tomorrow,
    /// The first one after the day it is counted from; with `this`, on or after it.
    Weekday {
        weekday: Weekday,
        this: bool,
    },
    Calendar {
        month: i8,
        day: i8,
        year: Option<i16>,
    },
}

/// Day and time as they were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub day: Option<Day>,
    pub time: Option<Time>,
}

/// Reads `text`, all of it, as a day with or without a time.
pub(super) fn read(calendar: &Calendar, text: &str, now: Timestamp) -> Result<Moment, Fault> {
    let text = plain(text).replace('@', " at ");
    let parted = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
    let words: Vec<String> = parted.map(tidy).filter(|word| !word.is_empty()).take(MOST_WORDS + 1).collect();
    if words.len() > MOST_WORDS {
        return Err(Fault::new(format!("{} is no date.", quoted(&text))));
    }
    let mut reader = Reader { words: &words, place: 0, moment: Moment::default(), weekday: None, this: false };
    while reader.place < words.len() {
        reader.step(calendar, now)?;
    }
    reader.finish(calendar, now)
}

/// A word of a date without punctuation around it; `p.m.` is `pm`.
fn tidy(word: &str) -> String {
    let word = word.trim_matches(|c: char| ".!?*_'\"[]<>:".contains(c));
    let bare = word.replace('.', "");
    let half = bare.strip_suffix("am").or_else(|| bare.strip_suffix("pm"));
    match half {
        Some(hours) if hours.chars().all(|c| c.is_ascii_digit() || c == ':') => bare,
        _ => word.to_owned(),
    }
}

struct Reader<'a> {
    words: &'a [String],
    place: usize,
    moment: Moment,
    weekday: Option<Weekday>,
    this: bool,
}

impl Reader<'_> {
    fn word(&self, ahead: usize) -> &str {
        self.words.get(self.place + ahead).map_or("", String::as_str)
    }

    /// Reads what begins at the next word.
    fn step(&mut self, calendar: &Calendar, now: Timestamp) -> Result<(), Fault> {
        let word = self.word(0).to_owned();
        if let Some((day, words)) = self.day() {
            self.place += words;
            return self.set_day(day);
        }
        if let Some((time, words)) = self.time()? {
            self.place += words;
            return self.set_time(time);
        }
        self.place += 1;
        match word.as_str() {
            "on" | "at" | "by" | "the" => Ok(()),
            "this" | "coming" => {
                self.this = word == "this";
                Ok(())
            }
            "next" => Err(self.next(calendar, now)),
            _ if is_zone(calendar, &word, now) && self.moment.time.is_some() => Ok(()),
            _ => match weekday(&word) {
                Some(weekday) if self.weekday.is_none() => {
                    self.weekday = Some(weekday);
                    Ok(())
                }
                _ => Err(not_a_date(&word)),
            },
        }
    }

    fn set_day(&mut self, day: Day) -> Result<(), Fault> {
        match self.moment.day.replace(day) {
            None => Ok(()),
            Some(_) => Err(Fault::new("Two dates stand there, and one is needed.")),
        }
    }

    fn set_time(&mut self, time: Time) -> Result<(), Fault> {
        match self.moment.time.replace(time) {
            None => Ok(()),
            Some(_) => Err(Fault::new("Two times of day stand there, and one is needed.")),
        }
    }

    /// A day that begins here, and its number of words; a weekday is read elsewhere.
    fn day(&mut self) -> Option<(Day, usize)> {
        let (first, second, third) = (self.word(0), self.word(1), self.word(2));
        match first {
            "today" => return Some((Day::Today, 1)),
            "tomorrow" => return Some((Day::Tomorrow, 1)),
            _ => {}
        }
        if let Some((date, time)) =
            first.split_once('t').filter(|(date, _)| date.ends_with(|c: char| c.is_ascii_digit()))
            && let (Some(day), Some(time)) = (numeric(date), hours_and_minutes(time))
            && self.moment.time.is_none()
        {
            self.moment.time = Some(time);
            return Some((day, 1));
        }
        if let Some(day) = numeric(first) {
            return Some((day, 1));
        }
        let with_year = |month: i8, day: i8, words: usize, year: &str| match year_of(year) {
            // Two digits behind `Dec 1` may as well be an hour.
            Some(whole) if year.len() == 4 => (Day::Calendar { month, day, year: Some(whole) }, words + 1),
            _ => (Day::Calendar { month, day, year: None }, words),
        };
        if let (Some(month), Some(day)) = (month(first), day_of_month(second)) {
            return Some(with_year(month, day, 2, third));
        }
        let of = usize::from(second == "of");
        match (day_of_month(first), month(self.word(1 + of))) {
            (Some(day), Some(month)) => Some(with_year(month, day, 2 + of, self.word(2 + of))),
            _ => None,
        }
    }

    /// A time of day that begins here, and its number of words.
    fn time(&self) -> Result<Option<(Time, usize)>, Fault> {
        let (first, second) = (self.word(0), self.word(1));
        if first == "noon" {
            return Ok(Some((Time::constant(12, 0, 0, 0), 1)));
        }
        let (clock, half, words) = match (first.strip_suffix("am"), first.strip_suffix("pm"), second) {
            (Some(clock), _, _) if !clock.is_empty() => (clock, Some("am"), 1),
            (_, Some(clock), _) if !clock.is_empty() => (clock, Some("pm"), 1),
            (_, _, "am" | "pm") => (first, Some(second), 2),
            _ => (first, None, 1),
        };
        let Some(half) = half else { return self.without_half(first) };
        let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
        let (Some(hour), Some(minute)) = (number(hour, 2), number(minute, 2)) else { return Ok(None) };
        if !(1..=12).contains(&hour) || minute > 59 {
            return Err(Fault::new(format!("There is no time of day {}.", quoted(&format!("{clock} {half}")))));
        }
        let hour = hour % 12 + if half == "pm" { 12 } else { 0 };
        Ok(time_of(hour, minute).map(|time| (time, words)))
    }

    /// `15:00`; `3:30` may be one of two.
    fn without_half(&self, clock: &str) -> Result<Option<(Time, usize)>, Fault> {
        let after_at =
            self.place.checked_sub(1).and_then(|place| self.words.get(place)).is_some_and(|word| word == "at");
        if let Some(hour) = number(clock, 2).filter(|hour| after_at && (1..=12).contains(hour)) {
            return Err(Fault::new(format!("`{hour}` may be in the morning or in the afternoon."))
                .near(Some(format!("{hour}pm"))));
        }
        let Some(time) = hours_and_minutes(clock) else {
            let looks = clock.contains(':') && clock.chars().all(|c| c.is_ascii_digit() || c == ':');
            return if looks {
                Err(Fault::new(format!("There is no time of day {}.", quoted(clock))))
            } else {
                Ok(None)
            };
        };
        if (1..7).contains(&time.hour()) && !clock.starts_with('0') {
            let why = format!("{} may be in the morning or in the afternoon.", quoted(clock));
            return Err(Fault::new(why).near(Some(format!("{clock}pm"))));
        }
        Ok(Some((time, 1)))
    }

    /// `next friday` is this week's to some and next week's to others; `next week` is no day.
    fn next(&self, calendar: &Calendar, now: Timestamp) -> Fault {
        let today = calendar.local(now).date();
        let word = self.word(0);
        let Some(weekday) = weekday(word) else {
            return Fault::new(format!("{} is no date.", quoted(&format!("next {word}"))));
        };
        let first = first_after(today, weekday);
        let second = first.saturating_add(7.days());
        let why = format!(
            "`next {word}` may be {} or {}: write `{word}` or the date.",
            calendar.date_in_words(first, now),
            calendar.date_in_words(second, now)
        );
        Fault::new(why).near(Some(month_slash_day(first)))
    }

    /// The whole, with the weekday in its place.
    fn finish(mut self, calendar: &Calendar, now: Timestamp) -> Result<Moment, Fault> {
        match (self.moment.day, self.weekday) {
            (None, None) if self.moment.time.is_some() => {
                let today = calendar.local(now).date();
                let why = "The day is missing: a time of day alone is not enough.";
                return Err(Fault::new(why).near(Some(format!("{} {}", month_slash_day(today), self.words.join(" ")))));
            }
            (None, None) => return Err(Fault::new("The date is missing.")),
            (None, Some(weekday)) => self.moment.day = Some(Day::Weekday { weekday, this: self.this }),
            (Some(_), None) => {}
            (Some(day), Some(weekday)) => {
                let today = calendar.local(now).date();
                let date = resolve(calendar, day, today, now)?;
                if date.weekday() != weekday {
                    let why = format!(
                        "The weekday and the date do not agree: that day is {}.",
                        calendar.date_in_words(date, now)
                    );
                    return Err(Fault::new(why).near(Some(month_slash_day(date))));
                }
            }
        }
        Ok(self.moment)
    }
}

/// The date that `day` is, counted from `from`. Without a year it is the next such day.
pub(super) fn resolve(calendar: &Calendar, day: Day, from: Date, now: Timestamp) -> Result<Date, Fault> {
    let today = calendar.local(now).date();
    let date = match day {
        Day::Today => today,
        Day::Tomorrow => today.saturating_add(1.day()),
        Day::Weekday { weekday, this: true } if from.weekday() == weekday => from,
        Day::Weekday { weekday, .. } => first_after(from, weekday),
        Day::Calendar { month, day, year: Some(year) } => {
            Date::new(year, month, day).map_err(|_| Fault::new(format!("There is no day {month}/{day} in {year}.")))?
        }
        Day::Calendar { month, day, year: None } => yearless(month, day, from)?,
    };
    if date < today {
        return Err(Fault::new(format!("{} is past.", calendar.date_in_words(date, now))));
    }
    if date > today.saturating_add(1.year()) {
        let why =
            format!("{} is more than a year ahead, which is probably a mistake.", calendar.date_in_words(date, now));
        return Err(Fault::new(why));
    }
    Ok(date)
}

/// The first `month`/`day` on or after `from`; one that was only lately is refused.
fn yearless(month: i8, day: i8, from: Date) -> Result<Date, Fault> {
    let in_year = |ahead: i16| Date::new(from.year().saturating_add(ahead), month, day).ok();
    let last = [0, -1].into_iter().filter_map(in_year).find(|date| *date < from);
    if let Some(last) = last.filter(|last| from.duration_since(*last) <= SignedDuration::from_hours(24 * RECENT_DAYS)) {
        let why = format!("{month}/{day} was only lately, on {last}. Should next year be meant, write the year.");
        return Err(Fault::new(why));
    }
    // A leap day is at most eight years away.
    let next = (0..=8).filter_map(in_year).find(|date| *date >= from);
    next.ok_or_else(|| Fault::new(format!("There is no day {month}/{day}.")))
}

/// `12/1`, as it is written in an example.
pub(super) fn month_slash_day(date: Date) -> String {
    format!("{}/{}", date.month(), date.day())
}

fn first_after(from: Date, weekday: Weekday) -> Date {
    let days = from.weekday().until(weekday);
    from.saturating_add(i64::from(if days == 0 { 7 } else { days }).days())
}

/// A day in digits; dots are not read, because they stand in other countries' order.
fn numeric(word: &str) -> Option<Day> {
    let parts: Vec<&str> = word.split('/').collect();
    let day = |month: &str, day: &str, year: Option<i16>| {
        Some(Day::Calendar {
            month: i8::try_from(number(month, 2)?).ok()?,
            day: i8::try_from(number(day, 2)?).ok()?,
            year,
        })
    };
    match parts.as_slice() {
        [m, d] => day(m, d, None),
        [y, m, d] if y.len() == 4 => day(m, d, Some(year_of(y)?)),
        [m, d, y] => day(m, d, Some(year_of(y)?)),
        [whole] => match whole.split('-').collect::<Vec<&str>>().as_slice() {
            [y, m, d] if y.len() == 4 => day(m, d, Some(year_of(y)?)),
            [m, d, y] if y.len() == 4 => day(m, d, Some(year_of(y)?)),
            _ => None,
        },
        _ => None,
    }
}

/// A year of four digits, or of two in this century.
fn year_of(word: &str) -> Option<i16> {
    let year = i16::try_from(number(word, 4)?).ok()?;
    match word.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

fn number(word: &str, most_digits: usize) -> Option<u16> {
    let digits = !word.is_empty() && word.len() <= most_digits && word.bytes().all(|b| b.is_ascii_digit());
    if digits { word.parse().ok() } else { None }
}

/// `1`, `1st`, `22nd`.
pub(super) fn day_of_month(word: &str) -> Option<i8> {
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    number(bare, 2).filter(|day| (1..=31).contains(day)).and_then(|day| i8::try_from(day).ok())
}

/// A month's name, or at least its first three letters.
fn month(word: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    i8::try_from(place + 1).ok()
}

fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| word.len() >= 3 && name.starts_with(word)).map(|(_, weekday)| *weekday)
}

/// `15:00`, `9:30`, `15:00:00`.
fn hours_and_minutes(word: &str) -> Option<Time> {
    let parts: Vec<&str> = word.split(':').collect();
    match parts.as_slice() {
        [hour, minute] | [hour, minute, "00"] if minute.len() == 2 => time_of(number(hour, 2)?, number(minute, 2)?),
        _ => None,
    }
}

fn time_of(hour: u16, minute: u16) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// Whether `word` names the desk's zone, as mails do or as it is abbreviated in summer or winter.
fn is_zone(calendar: &Calendar, word: &str, now: Timestamp) -> bool {
    let later = now.saturating_add(SignedDuration::from_hours(24 * 183)).unwrap_or(now);
    let names = [now, later]
        .into_iter()
        .flat_map(|at| [calendar.zone_in_words(at), calendar.local(at).strftime("%Z").to_string()]);
    names.into_iter().any(|name| name.eq_ignore_ascii_case(word))
}

fn not_a_date(word: &str) -> Fault {
    let known =
        MONTHS.iter().copied().chain(WEEKDAYS.iter().map(|(name, _)| *name)).chain(["today", "tomorrow", "noon"]);
    Fault::new(format!("{} is not understood in a date.", quoted(word))).near(strict::nearest(word, known))
}

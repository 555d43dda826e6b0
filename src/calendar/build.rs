//! Making a calendar from what a policy says, once, so that every later question has an answer.

use super::{Calendar, DayEnds, HolidayRule, Holidays, zone};
use jiff::civil::{Date, Weekday};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The longest run of days without a business day that a calendar may have.
const LONGEST_REST: u32 = 2 * 366;

/// What a calendar is made from.
#[derive(Clone, Debug)]
pub struct CalendarParts<'a> {
    /// IANA name of the zone, such as `America/New_York`.
    pub zone: &'a str,
    /// Opening and closing, `08:00-17:00`, within one day; closing may be `24:00`.
    pub hours: &'a str,
    /// The days of the week on which the desk never works.
    pub weekend: Vec<Weekday>,
    /// Holidays.
    pub holidays: HolidayRule,
    /// More days on which the desk is closed.
    pub closures: BTreeSet<Date>,
    /// When a day's arrivals begin to count as the next business day's.
    pub day_ends: DayEnds,
}

impl<'a> CalendarParts<'a> {
    /// A calendar in `zone`, open at `hours`, with the weekend on Saturday and Sunday and no holidays.
    pub fn new(zone: &'a str, hours: &'a str) -> Self {
        Self {
            zone,
            hours,
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            holidays: HolidayRule::None,
            closures: BTreeSet::new(),
            day_ends: DayEnds::Midnight,
        }
    }
}

/// Why a calendar could not be made, in words that say how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No zone has this name.
    #[error("unknown time zone `{name}`; {}", zone_remedy(.nearest.as_deref()))]
    UnknownZone {
        /// What was written.
        name: String,
        /// What was most likely meant.
        nearest: Option<String>,
    },
    /// The opening hours cannot be read, or are not within one day.
    #[error("unusable opening hours `{hours}`: {reason}; write them like `08:00-17:00`")]
    Hours {
        /// What was written.
        hours: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A word that is no day of the week.
    #[error("unknown day of the week `{0}`; write it like `saturday`")]
    Weekday(String),
    /// All seven days are weekend.
    #[error("every day of the week is a weekend day; leave at least one to work on")]
    AllWeekend,
    /// Holidays and closures leave no business day for two years.
    #[error("no business day within two years of {0}; remove some closures or holidays")]
    NeverOpen(Date),
}

fn zone_remedy(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => "use an IANA name such as `America/New_York`".to_owned(),
    }
}

/// The day of the week that `word` names, in full or by its first three letters.
///
/// # Errors
///
/// [`CalendarError::Weekday`] for any other word.
pub fn weekday(word: &str) -> Result<Weekday, CalendarError> {
    match word.trim().to_lowercase().as_str() {
        "monday" | "mon" => Ok(Weekday::Monday),
        "tuesday" | "tue" => Ok(Weekday::Tuesday),
        "wednesday" | "wed" => Ok(Weekday::Wednesday),
        "thursday" | "thu" => Ok(Weekday::Thursday),
        "friday" | "fri" => Ok(Weekday::Friday),
        "saturday" | "sat" => Ok(Weekday::Saturday),
        "sunday" | "sun" => Ok(Weekday::Sunday),
        _ => Err(CalendarError::Weekday(word.to_owned())),
    }
}

impl Calendar {
    /// Makes a calendar.
    ///
    /// # Errors
    ///
    /// An unknown zone, unusable hours, and holidays or closures that leave no business day for two years.
    pub fn new(parts: CalendarParts<'_>) -> Result<Self, CalendarError> {
        let zone = zone::find(parts.zone)
            .map_err(|nearest| CalendarError::UnknownZone { name: parts.zone.to_owned(), nearest })?;
        let (opens, closes) = hours(parts.hours)?;
        let mut weekend = [false; 7];
        for day in &parts.weekend {
            if let Some(flag) = weekend.get_mut(usize::from(day.to_monday_zero_offset().unsigned_abs())) {
                *flag = true;
            }
        }
        if weekend.iter().all(|day| *day) {
            return Err(CalendarError::AllWeekend);
        }
        let mut calendar = Self {
            zone,
            opens,
            closes,
            weekend,
            ends_on: last_covered(&parts.holidays),
            holidays: resolved(parts.holidays),
            closures: parts.closures,
            day_ends: parts.day_ends,
            version: String::new(),
        };
        calendar.refuse_endless_rest()?;
        calendar.version = calendar.fingerprint();
        Ok(calendar)
    }

    /// Walks through each run of days off once. Only listed dates can make a long one: the week and the federal
    /// rule leave business days in every month.
    fn refuse_endless_rest(&self) -> Result<(), CalendarError> {
        let none = BTreeSet::new();
        let listed = match &self.holidays {
            Holidays::Dates(dates) => dates,
            Holidays::UsFederal => &none,
        };
        let mut walked = Date::MIN;
        for first in self.closures.union(listed).copied() {
            let mut day = first;
            let mut rest = 0;
            while day >= walked && day < Date::MAX && !self.is_business_day(day) {
                day = day.tomorrow().unwrap_or(Date::MAX);
                rest += 1;
                if rest > LONGEST_REST {
                    return Err(CalendarError::NeverOpen(first));
                }
            }
            walked = walked.max(day);
        }
        Ok(())
    }

    /// A short hash of all that decides this calendar's answers.
    fn fingerprint(&self) -> String {
        let mut text = format!("1 {} {}-{} {:?} ", self.zone_name(), self.opens, self.closes, self.day_ends);
        text.extend(self.weekend.iter().map(|off| if *off { '1' } else { '0' }));
        match &self.holidays {
            Holidays::UsFederal => text.push_str(" us-federal"),
            Holidays::Dates(dates) => text.extend(dates.iter().map(|date| format!(" {date}"))),
        }
        text.push('|');
        text.extend(self.closures.iter().map(|date| format!(" {date}")));
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(6).fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Opening and closing in minutes after midnight.
fn hours(text: &str) -> Result<(u16, u16), CalendarError> {
    let refuse = |reason| CalendarError::Hours { hours: text.to_owned(), reason };
    let (from, to) = text.split_once(['-', '–']).ok_or_else(|| refuse("two times with a dash between are needed"))?;
    let opens = minutes(from).ok_or_else(|| refuse("the opening is no time of day"))?;
    let closes = minutes(to).ok_or_else(|| refuse("the closing is no time of day"))?;
    if opens == 1440 {
        return Err(refuse("the desk cannot open at 24:00"));
    }
    if closes <= opens {
        return Err(refuse("the closing must be later than the opening, on the same day"));
    }
    Ok((opens, closes))
}

/// `8:00` or `08:00` as minutes after midnight, up to `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str, most: usize| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= most;
    if !digits(hour, 2) || !digits(minute, 2) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 1440).then_some(total)
}

fn last_covered(rule: &HolidayRule) -> Option<Date> {
    match rule {
        HolidayRule::UsFederal | HolidayRule::None => None,
        HolidayRule::Dates(dates) => dates.iter().max().copied(),
        HolidayRule::Ics { last, .. } => *last,
    }
}

fn resolved(rule: HolidayRule) -> Holidays {
    match rule {
        HolidayRule::UsFederal => Holidays::UsFederal,
        HolidayRule::Dates(dates) => Holidays::Dates(dates.into_iter().collect()),
        HolidayRule::Ics { dates, .. } => Holidays::Dates(dates),
        HolidayRule::None => Holidays::Dates(BTreeSet::new()),
    }
}

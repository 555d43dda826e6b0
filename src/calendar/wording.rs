//! Dates and promises in words, as mail to people in the United States has them.

use super::{Calendar, Due, zone};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Calendar {
    /// `Tuesday, December 1, 10:15 am ET`; with the year where it is not the year of `now`.
    ///
    /// Seconds are dropped, so that the words never promise less than what was meant.
    pub fn promise(&self, due: &Due, now: Timestamp) -> String {
        let local = due.local;
        let hour = match local.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let half = if local.hour() < 12 { "am" } else { "pm" };
        let zone = zone::everyday_name(&self.zone, due.at);
        format!("{}, {hour}:{:02} {half} {zone}", self.date_only(due, now), local.minute())
    }

    /// What a mail calls the zone at an instant: `ET`.
    pub fn zone_in_words(&self, at: Timestamp) -> String {
        zone::everyday_name(&self.zone, at)
    }

    /// `Tuesday, December 1`; with the year where it is not the year of `now`.
    pub fn date_only(&self, due: &Due, now: Timestamp) -> String {
        self.date_in_words(due.local.date(), now)
    }

    /// `date` as `Tuesday, December 1`; with the year where it is not the year of `now` in the desk's zone.
    pub fn date_in_words(&self, date: Date, now: Timestamp) -> String {
        let month = MONTHS.get(usize::from((date.month() - 1).unsigned_abs())).copied().unwrap_or_default();
        let words = format!("{}, {month} {}", weekday_name(date.weekday()), date.day());
        if date.year() == self.local(now).year() { words } else { format!("{words}, {}", date.year()) }
    }
}

fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

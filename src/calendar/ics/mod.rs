//! Holidays from an iCalendar file (RFC 5545): whole days, repeated yearly or not.
//!
//! What counts is the whole local days that an event covers, however it is written: dates, floating times, times in a
//! zone or in UTC. An event that covers no whole day (a meeting, an early closing) is no holiday; it is listed in
//! [`IcsHolidays::skipped`], so that `check` can show it. Whatever else is not understood is refused with its line.

mod lines;
mod moment;
mod repeat;

use super::{HolidayRule, zone};
use icalendar::parser::{Component, Property, read_calendar_simple, unfold};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lines::EventLines;
use moment::{Moment, Occurrence};
use std::collections::{BTreeMap, BTreeSet};

/// Larger files are refused: a hundred years of holidays fit many times.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// More days off than this are no list of holidays.
const MOST_DATES: usize = 100_000;

/// What an .ics file says about days off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IcsHolidays {
    /// The days that are off.
    pub dates: BTreeSet<Date>,
    /// The last date of all events that end; `None` where all repeat without an end.
    pub last: Option<Date>,
    /// Events that are no days off, with their line and why.
    pub skipped: Vec<IcsError>,
}

impl IcsHolidays {
    /// The rule that a calendar is made with.
    pub fn into_rule(self) -> HolidayRule {
        HolidayRule::Ics { dates: self.dates, last: self.last }
    }
}

/// What is wrong with an .ics file, and on which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct IcsError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads the text of an .ics file for a desk in the zone called `desk_zone`.
///
/// # Errors
///
/// A file that is not iCalendar, that holds no day off, or that repeats in a way that is not understood.
pub fn read(text: &str, desk_zone: &str) -> Result<IcsHolidays, IcsError> {
    let at_start = |reason: &str| IcsError { line: 1, reason: reason.to_owned() };
    if text.len() > MOST_BYTES {
        return Err(at_start("the file is larger than 4 MiB, which is no list of holidays"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let places = lines::check(text)?;
    let desk_zone = zone::find(desk_zone).map_err(|_| at_start("the desk's time zone is not known"))?;
    let unfolded = unfold(text);
    let roots = read_calendar_simple(&unfolded).map_err(|_| at_start("the file is no iCalendar file"))?;
    let events: Vec<&Component> =
        roots.iter().flat_map(|root| &root.components).filter(|part| is_event(part)).collect();
    if events.len() != places.len() {
        return Err(at_start("the file is no iCalendar file: some of its events cannot be read"));
    }
    let mut reading = Reading { desk_zone, holidays: IcsHolidays::default(), moved: moved(&events) };
    for (event, place) in events.into_iter().zip(&places) {
        reading.event(event, place)?;
    }
    if reading.holidays.dates.is_empty() {
        return Err(at_start("the file holds no day off; a holiday is an event that covers a whole day"));
    }
    Ok(reading.holidays)
}

fn is_event(component: &Component) -> bool {
    component.name.as_str().eq_ignore_ascii_case("VEVENT")
}

/// Occurrences of a series that were moved or changed by hand: by UID, their original dates.
fn moved(events: &[&Component]) -> BTreeMap<String, BTreeSet<Date>> {
    let mut moved: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for event in events {
        if let (Some(uid), Some(original)) = (property(event, "UID"), property(event, "RECURRENCE-ID"))
            && let Some(date) = moment::date_of(original.val.as_str())
        {
            moved.entry(uid.val.as_str().to_owned()).or_default().insert(date);
        }
    }
    moved
}

fn property<'a>(event: &'a Component, name: &str) -> Option<&'a Property<'a>> {
    event.properties.iter().find(|property| property.name.as_str().eq_ignore_ascii_case(name))
}

fn parameter<'a>(property: &'a Property, name: &str) -> Option<&'a str> {
    let found = property.params.iter().find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name))?;
    Some(found.val.as_ref()?.as_str().trim_matches('"'))
}

/// A file that is being read.
struct Reading {
    desk_zone: TimeZone,
    holidays: IcsHolidays,
    moved: BTreeMap<String, BTreeSet<Date>>,
}

impl Reading {
    fn event(&mut self, event: &Component, place: &EventLines) -> Result<(), IcsError> {
        let skip = |reason: &str| IcsError { line: place.begin, reason: reason.to_owned() };
        if property(event, "STATUS").is_some_and(|status| status.val.as_str().eq_ignore_ascii_case("CANCELLED")) {
            self.holidays.skipped.push(skip("the event is cancelled"));
            return Ok(());
        }
        let first = self.first_occurrence(event, place)?;
        let (starts, endless) = self.starts(event, place, &first)?;
        let mut last = None;
        let mut found = false;
        for start in starts {
            for day in first.moved_to(start).whole_days(&self.desk_zone) {
                found = true;
                last = last.max(Some(day));
                self.holidays.dates.insert(day);
            }
            if self.holidays.dates.len() > MOST_DATES {
                return Err(place.error("BEGIN", "more than 100,000 days off are no list of holidays"));
            }
        }
        if !found {
            self.holidays.skipped.push(skip("the event covers no whole day"));
        } else if !endless {
            self.holidays.last = self.holidays.last.max(last);
        }
        Ok(())
    }

    fn first_occurrence(&self, event: &Component, place: &EventLines) -> Result<Occurrence, IcsError> {
        let start = property(event, "DTSTART").ok_or_else(|| place.error("BEGIN", "the event has no DTSTART"))?;
        let start = self.moment(start, start.val.as_str(), place)?;
        if let Some(end) = property(event, "DTEND") {
            let end = self.moment(end, end.val.as_str(), place)?;
            return Occurrence::until(start, &end).map_err(|reason| place.error("DTEND", reason));
        }
        if let Some(duration) = property(event, "DURATION") {
            return Occurrence::lasting(start, duration.val.as_str()).map_err(|reason| place.error("DURATION", reason));
        }
        Ok(Occurrence::alone(start))
    }

    /// The dates on which the event starts, and whether it goes on beyond them for ever.
    fn starts(
        &self,
        event: &Component,
        place: &EventLines,
        first: &Occurrence,
    ) -> Result<(BTreeSet<Date>, bool), IcsError> {
        let first_date = first.start_date();
        let mut starts = BTreeSet::from([first_date]);
        let mut endless = false;
        if let Some(rule) = property(event, "RRULE") {
            let rule = repeat::Rule::parse(rule.val.as_str()).map_err(|reason| place.error("RRULE", &reason))?;
            starts.extend(rule.dates_from(first_date));
            endless = rule.is_endless();
        }
        starts.extend(self.listed(event, "RDATE", place)?);
        for date in self.listed(event, "EXDATE", place)? {
            starts.remove(&date);
        }
        let by_hand = property(event, "UID").and_then(|uid| self.moved.get(uid.val.as_str()));
        if let (Some(dates), None) = (by_hand, property(event, "RECURRENCE-ID")) {
            starts.retain(|date| !dates.contains(date));
        }
        Ok((starts, endless))
    }

    /// The dates in all properties called `name`, each of which may hold several.
    fn listed(&self, event: &Component, name: &str, place: &EventLines) -> Result<Vec<Date>, IcsError> {
        let mut dates = Vec::new();
        for property in event.properties.iter().filter(|property| property.name.as_str().eq_ignore_ascii_case(name)) {
            for value in property.val.as_str().split(',') {
                dates.push(self.moment(property, value, place)?.date());
            }
        }
        Ok(dates)
    }

    fn moment(&self, property: &Property, value: &str, place: &EventLines) -> Result<Moment, IcsError> {
        let name = property.name.as_str();
        Moment::parse(value, parameter(property, "TZID"), &self.desk_zone).map_err(|reason| place.error(name, &reason))
    }
}

#[cfg(test)]
mod tests;

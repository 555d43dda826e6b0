//! The part of a policy about business days and opening hours: the calendar.

use super::reader::Section;
use super::values::ListOrText;
use crate::calendar::{Calendar, CalendarError, CalendarParts, DayEnds, HolidayRule, ics, weekday};
use jiff::civil::{Date, Weekday};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// The desk's calendar; .ics files are read from `folder`. What of them is not used goes to `notes`.
pub(super) fn calendar(desk: &Section<'_>, folder: &Path, notes: &mut Vec<String>) -> Option<Calendar> {
    let zone = desk.required_text("time_zone", "\"America/New_York\"");
    let hours = desk.required_text("hours", "\"08:00-17:00\"");
    let weekend = weekend(desk);
    let holidays = holidays(desk, folder, zone.as_ref().map_or("UTC", |zone| zone.get_ref()), notes);
    let closures = desk.dates("closures").into_iter().map(Spanned::into_inner).collect();
    let day_ends = desk
        .one_of("day_ends", &[("midnight", DayEnds::Midnight), ("closing", DayEnds::Closing)])
        .unwrap_or(DayEnds::Midnight);
    let (zone, hours) = (zone?, hours?);
    let parts = CalendarParts {
        zone: zone.get_ref(),
        hours: hours.get_ref(),
        weekend: weekend?,
        holidays: holidays?,
        closures,
        day_ends,
    };
    match Calendar::new(parts) {
        Ok(calendar) => Some(calendar),
        Err(error) => {
            let (span, key) = match &error {
                CalendarError::UnknownZone { .. } => (zone.span(), "time_zone"),
                CalendarError::Hours { .. } => (hours.span(), "hours"),
                CalendarError::Weekday(_) | CalendarError::AllWeekend => (desk.place("weekend"), "weekend"),
                CalendarError::NeverOpen(_) => (desk.place("closures"), "closures"),
            };
            desk.teach(span, key, &error);
            None
        }
    }
}

fn weekend(desk: &Section<'_>) -> Option<Vec<Weekday>> {
    if !desk.has("weekend") {
        return Some(vec![Weekday::Saturday, Weekday::Sunday]);
    }
    let days = desk.texts("weekend").into_iter().map(|word| match weekday(word.get_ref()) {
        Ok(day) => Some(day),
        Err(error) => {
            desk.teach(word.span(), "weekend", &error);
            None
        }
    });
    // All are looked at, so that every wrong one is told.
    days.collect::<Vec<_>>().into_iter().collect()
}

fn holidays(desk: &Section<'_>, folder: &Path, zone: &str, notes: &mut Vec<String>) -> Option<HolidayRule> {
    if !desk.has("holidays") {
        desk.missing("holidays", "\"us-federal\"");
    }
    match desk.list_or_text("holidays")? {
        (_, ListOrText::List(dates)) => {
            Some(HolidayRule::Dates(dates.into_iter().map(Spanned::into_inner).collect::<Vec<Date>>()))
        }
        (_, ListOrText::Text(text)) if text == "us-federal" => Some(HolidayRule::UsFederal),
        (_, ListOrText::Text(text)) if text == "none" => Some(HolidayRule::None),
        (span, ListOrText::Text(text)) => match text.strip_prefix("ics:") {
            Some(file) => from_file(desk, span, &folder.join(file.trim()), zone, notes),
            None => {
                let remedy = "write \"us-federal\", \"none\", a list of dates, or \"ics:FILE\"";
                desk.fault(span, "holidays", format!("unknown holidays `{text}`"), remedy);
                None
            }
        },
    }
}

fn from_file(
    desk: &Section<'_>,
    span: Range<usize>,
    file: &Path,
    zone: &str,
    notes: &mut Vec<String>,
) -> Option<HolidayRule> {
    desk.reading.read_from(file);
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let reason = format!("failed to read {}: {error}", file.display());
            desk.fault(span, "holidays", reason, "put the calendar there; its path starts at the policy's folder");
            return None;
        }
    };
    match ics::read(&text, zone) {
        Ok(found) => {
            let name = file.display();
            notes.extend(found.skipped.iter().map(|event| format!("{name}, {event}: this event is no day off")));
            Some(found.into_rule())
        }
        Err(error) => {
            let reason = format!("failed to read {}: {error}", file.display());
            desk.fault(
                span,
                "holidays",
                reason,
                "mend that line, or export the calendar again as iCalendar (RFC 5545)",
            );
            None
        }
    }
}

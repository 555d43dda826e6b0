//! Promises in words.

use crate::calendar::{Calendar, CalendarParts};
use jiff::Timestamp;

fn promise(zone: &str, at: &str, now: &str) -> String {
    let calendar = Calendar::new(CalendarParts::new(zone, "08:00-17:00")).expect(zone);
    let due = calendar.due(at.parse::<Timestamp>().expect(at));
    calendar.promise(&due, now.parse().expect(now))
}

#[test]
fn a_promise_is_a_date_that_people_read() {
    let now = "2026-11-24T15:15:00Z";
    for (zone, at, expected) in [
        ("America/New_York", "2026-12-01T15:15:00Z", "Tuesday, December 1, 10:15 am ET"),
        ("America/New_York", "2026-12-01T15:15:59.9Z", "Tuesday, December 1, 10:15 am ET"),
        ("America/Chicago", "2026-11-30T18:00:00Z", "Monday, November 30, 12:00 pm CT"),
        ("America/Denver", "2026-11-30T07:00:00Z", "Monday, November 30, 12:00 am MT"),
        ("America/Los_Angeles", "2026-12-02T01:05:00Z", "Tuesday, December 1, 5:05 pm PT"),
        ("America/Phoenix", "2026-12-02T01:05:00Z", "Tuesday, December 1, 6:05 pm MST"),
        ("America/New_York", "2027-01-04T13:00:00Z", "Monday, January 4, 2027, 8:00 am ET"),
        ("Europe/Berlin", "2026-12-01T15:15:00Z", "Tuesday, December 1, 4:15 pm CET"),
        ("America/Sao_Paulo", "2026-12-01T15:15:00Z", "Tuesday, December 1, 12:15 pm UTC-3"),
    ] {
        assert_eq!(promise(zone, at, now), expected);
    }
}

#[test]
fn the_year_is_that_of_the_desk_not_of_utc() {
    // Still 2026 in New York, already 2027 in UTC.
    let said = promise("America/New_York", "2027-01-04T13:00:00Z", "2027-01-01T03:00:00Z");
    assert_eq!(said, "Monday, January 4, 2027, 8:00 am ET");
    let said = promise("America/New_York", "2027-01-04T13:00:00Z", "2027-01-01T05:00:00Z");
    assert_eq!(said, "Monday, January 4, 8:00 am ET");
}

#[test]
fn a_date_alone_has_no_time() {
    let calendar = Calendar::new(CalendarParts::new("America/New_York", "08:00-17:00")).expect("a calendar");
    let due = calendar.due("2026-12-01T15:15:00Z".parse().expect("an instant"));
    let now = "2026-11-24T15:15:00Z".parse().expect("an instant");
    assert_eq!(calendar.date_only(&due, now), "Tuesday, December 1");
}

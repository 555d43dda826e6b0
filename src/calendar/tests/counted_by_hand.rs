//! Instants that were counted by hand, with a wall calendar.

use crate::calendar::{Calendar, CalendarParts, DayEnds, HolidayRule, Span};
use jiff::civil::{DateTime, Weekday, date};
use jiff::{Timestamp, Zoned};

/// The main desk's kind of calendar: New York, 8 to 17, federal holidays, closed on the day after Thanksgiving.
fn parts() -> CalendarParts<'static> {
    CalendarParts {
        holidays: HolidayRule::UsFederal,
        closures: [date(2026, 11, 27)].into(),
        ..CalendarParts::new("America/New_York", "08:00-17:00")
    }
}

fn made(parts: CalendarParts<'_>) -> Calendar {
    Calendar::new(parts).expect("it is right")
}

/// A local time in the calendar's zone; of a repeated hour the first, `+fold` for the second.
fn at(calendar: &Calendar, local: &str) -> Timestamp {
    let (text, fold) = local.strip_suffix("+fold").map_or((local, false), |text| (text, true));
    let wall: DateTime = text.parse().expect(local);
    let zone = calendar.local(Timestamp::UNIX_EPOCH).time_zone().clone();
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    if fold { ambiguous.later() } else { ambiguous.compatible() }.expect(local)
}

fn check(calendar: &Calendar, table: &[(&str, &str, &str)]) {
    for (from, span, expected) in table {
        let due = calendar.add(at(calendar, from), Span::parse(span).expect(span));
        let expected: Zoned = calendar.local(at(calendar, expected));
        assert_eq!(due.local, expected.datetime(), "{span} after {from}");
        assert_eq!(due.at, expected.timestamp(), "{span} after {from}");
    }
}

#[test]
fn weeks_with_holidays() {
    check(
        &made(parts()),
        &[
            // An ordinary week: Monday 2026-11-16 to Friday 20.
            ("2026-11-16T10:15", "72 business hours", "2026-11-19T10:15"),
            ("2026-11-17T10:15", "72 business hours", "2026-11-20T10:15"),
            ("2026-11-18T10:15", "72 business hours", "2026-11-23T10:15"),
            // Thanksgiving week: Thursday 26 is the holiday, Friday 27 a closure.
            ("2026-11-23T10:15", "72 business hours", "2026-11-30T10:15"),
            ("2026-11-24T10:15", "72 business hours", "2026-12-01T10:15"),
            ("2026-11-25T16:59:59", "72 business hours", "2026-12-02T16:59:59"),
            ("2026-11-26T12:00", "72 business hours", "2026-12-03T08:00"),
            ("2026-11-27T12:00", "72 business hours", "2026-12-03T08:00"),
            ("2026-11-24T10:15", "5 business days", "2026-12-03T10:15"),
            // Before opening and after closing a business day counts from its own time of day.
            ("2026-11-20T17:01", "72 business hours", "2026-11-25T17:01"),
            ("2026-11-20T23:59:59", "72 business hours", "2026-11-25T23:59:59"),
            ("2026-11-23T00:00", "72 business hours", "2026-11-30T00:00"),
            ("2026-11-23T05:30", "1 business day", "2026-11-24T05:30"),
            // The weekend starts at Monday's opening.
            ("2026-11-21T00:00", "72 business hours", "2026-11-30T08:00"),
            ("2026-11-22T15:00", "72 business hours", "2026-11-30T08:00"),
            ("2026-11-22T23:59:59", "1 business day", "2026-11-24T08:00"),
            // Christmas 2026 is a Friday; New Year's Day 2027 is one too.
            ("2026-12-24T16:00", "72 business hours", "2026-12-30T16:00"),
            ("2026-12-25T09:00", "72 business hours", "2026-12-31T08:00"),
            ("2026-12-29T09:00", "72 business hours", "2027-01-04T09:00"),
            ("2026-12-31T18:00", "5 business days", "2027-01-08T18:00"),
            // July 4, 2026 is a Saturday, observed on Friday July 3.
            ("2026-07-02T11:00", "1 business day", "2026-07-06T11:00"),
            ("2026-07-03T11:00", "1 business day", "2026-07-07T08:00"),
            // Independence Day 2027 is a Sunday, observed on Monday July 5.
            ("2027-07-02T11:00", "1 business day", "2027-07-06T11:00"),
            // New Year's Day 2028 is a Saturday, observed on Friday, December 31, 2027; Christmas 2027 on Friday 24.
            ("2027-12-30T11:00", "1 business day", "2028-01-03T11:00"),
            ("2027-12-23T11:00", "72 business hours", "2027-12-29T11:00"),
            // Monday holidays: Martin Luther King Day and Washington's Birthday 2027.
            ("2027-01-15T12:00", "1 business day", "2027-01-19T12:00"),
            ("2027-02-12T12:00", "1 business day", "2027-02-16T12:00"),
            // Juneteenth 2027 is a Saturday, observed on Friday 18; Veterans Day 2026 is a Wednesday.
            ("2027-06-17T12:00", "1 business day", "2027-06-21T12:00"),
            ("2026-11-10T12:00", "24 business hours", "2026-11-12T12:00"),
        ],
    );
}

#[test]
fn hours_that_do_not_make_whole_days() {
    check(
        &made(parts()),
        &[
            ("2026-11-16T10:00", "1 business hour", "2026-11-16T11:00"),
            ("2026-11-19T17:00", "36 business hours", "2026-11-23T05:00"),
            ("2026-11-20T17:00", "12 business hours", "2026-11-23T05:00"),
            ("2026-11-20T12:00", "12 business hours", "2026-11-23T00:00"),
            ("2026-11-22T12:00", "4 business hours", "2026-11-23T12:00"),
        ],
    );
}

#[test]
fn working_hours_pass_only_while_the_desk_is_open() {
    check(
        &made(parts()),
        &[
            ("2026-11-16T10:00", "2 working hours", "2026-11-16T12:00"),
            ("2026-11-16T10:00", "7 working hours", "2026-11-16T17:00"),
            ("2026-11-16T10:00", "8 working hours", "2026-11-17T09:00"),
            ("2026-11-16T05:00", "1 working hour", "2026-11-16T09:00"),
            ("2026-11-20T17:01", "1 working hour", "2026-11-23T09:00"),
            ("2026-11-20T16:30", "1 working hour", "2026-11-23T08:30"),
            ("2026-11-22T12:00", "9 working hours", "2026-11-23T17:00"),
            ("2026-11-22T12:00", "10 working hours", "2026-11-24T09:00"),
            ("2026-11-25T16:00", "2 working hours", "2026-11-30T09:00"),
        ],
    );
}

#[test]
fn daylight_saving_time() {
    // A desk that works on Sundays sees both changes: 2027-03-14 has no 2:30, 2026-11-01 has two 1:30.
    let calendar = made(CalendarParts { weekend: vec![Weekday::Saturday], ..parts() });
    check(
        &calendar,
        &[
            ("2027-03-12T02:30", "1 business day", "2027-03-14T03:30"),
            ("2027-03-14T03:30", "1 business day", "2027-03-15T03:30"),
            ("2027-03-12T01:59", "1 business day", "2027-03-14T01:59"),
            ("2027-03-12T03:00", "1 business day", "2027-03-14T03:00"),
            ("2026-10-30T01:30", "1 business day", "2026-11-01T01:30"),
            ("2026-11-01T01:30+fold", "1 business day", "2026-11-02T01:30"),
        ],
    );
    let first = calendar.at_local(date(2026, 11, 1), jiff::civil::time(1, 30, 0, 0));
    assert_eq!(first.to_string(), "2026-11-01T05:30:00Z");
    let moved = calendar.at_local(date(2027, 3, 14), jiff::civil::time(2, 30, 0, 0));
    assert_eq!(moved.to_string(), "2027-03-14T07:30:00Z");
    // Across the change the wall time stays, whatever the hours between: Friday to Monday, 71 and 73 hours.
    let weekdays = made(parts());
    check(
        &weekdays,
        &[
            ("2027-03-12T10:15", "24 business hours", "2027-03-15T10:15"),
            ("2026-10-30T10:15", "24 business hours", "2026-11-02T10:15"),
        ],
    );
    let due = weekdays.add(at(&weekdays, "2027-03-12T10:15"), Span::business_days(1));
    assert_eq!(at(&weekdays, "2027-03-12T10:15").duration_until(due.at).as_hours(), 71);
}

#[test]
fn a_desk_whose_day_ends_at_closing() {
    check(
        &made(CalendarParts { day_ends: DayEnds::Closing, ..parts() }),
        &[
            ("2026-11-20T16:59", "72 business hours", "2026-11-25T16:59"),
            ("2026-11-20T17:00", "72 business hours", "2026-11-25T17:00"),
            ("2026-11-20T17:01", "72 business hours", "2026-11-30T08:00"),
            ("2026-11-20T05:00", "72 business hours", "2026-11-25T05:00"),
            ("2026-11-22T05:00", "72 business hours", "2026-11-30T08:00"),
        ],
    );
}

#[test]
fn a_day_that_samoa_skipped_is_no_business_day() {
    // Friday, December 30, 2011 never happened in Apia.
    let calendar = made(CalendarParts::new("Pacific/Apia", "08:00-17:00"));
    check(&calendar, &[("2011-12-29T10:00", "1 business day", "2012-01-02T10:00")]);
    assert_eq!(calendar.business_days_between(date(2011, 12, 29), date(2012, 1, 2)), 1);
}

#[test]
fn openings_and_business_days() {
    let calendar = made(parts());
    let next = |from: &str| calendar.local(calendar.next_opening(at(&calendar, from))).datetime().to_string();
    assert_eq!(next("2026-11-23T07:59:59"), "2026-11-23T08:00:00");
    assert_eq!(next("2026-11-23T08:00"), "2026-11-24T08:00:00");
    assert_eq!(next("2026-11-25T09:00"), "2026-11-30T08:00:00");
    assert_eq!(next("2026-11-22T09:00"), "2026-11-23T08:00:00");
    for (moment, open) in [
        ("2026-11-23T07:59:59", false),
        ("2026-11-23T08:00", true),
        ("2026-11-23T16:59:59", true),
        ("2026-11-23T17:00", false),
        ("2026-11-27T12:00", false),
    ] {
        assert_eq!(calendar.is_open(at(&calendar, moment)), open, "{moment}");
    }
    assert_eq!(calendar.next_business_day(date(2026, 11, 25)), date(2026, 11, 30));
    assert_eq!(calendar.previous_business_day(date(2026, 11, 30)), date(2026, 11, 25));
    assert_eq!(calendar.previous_business_day(date(2026, 11, 29)), date(2026, 11, 25));
    assert_eq!(calendar.business_days_between(date(2026, 11, 23), date(2026, 11, 30)), 3);
    assert_eq!(calendar.business_days_between(date(2026, 11, 30), date(2026, 11, 23)), 0);
    assert_eq!(calendar.business_days_between(date(2026, 11, 23), date(2026, 11, 23)), 0);
    assert_eq!(calendar.start(at(&calendar, "2026-11-26T10:00")).datetime().to_string(), "2026-11-30T08:00:00");
    assert_eq!(calendar.start(at(&calendar, "2026-11-20T17:01")).datetime().to_string(), "2026-11-20T17:01:00");
    assert_eq!(calendar.local(calendar.closing(date(2026, 11, 28))).datetime().to_string(), "2026-11-28T17:00:00");
}

#[test]
fn closing_at_midnight_is_the_start_of_the_next_date() {
    let calendar = made(CalendarParts::new("America/New_York", "00:00-24:00"));
    assert_eq!(calendar.closing(date(2026, 11, 23)), calendar.opening(date(2026, 11, 24)));
    // 23 working hours on the short Sunday, 25 on the long one.
    let sundays = made(CalendarParts { weekend: vec![], ..CalendarParts::new("America/New_York", "00:00-24:00") });
    check(
        &sundays,
        &[
            ("2027-03-14T00:00", "24 working hours", "2027-03-15T01:00"),
            ("2026-11-01T00:00", "24 working hours", "2026-11-01T23:00"),
        ],
    );
}

//! What no calendar can be made from, and what changes a calendar's version.

use crate::calendar::{Calendar, CalendarError, CalendarParts, DayEnds, HolidayRule, Span, Unit, weekday};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};

fn days(from: Date, count: usize) -> Vec<Date> {
    from.series(jiff::Span::new().days(1)).take(count).collect()
}

#[test]
fn what_cannot_be_a_calendar_is_refused_in_words_that_teach() {
    for (zone, hours, expected) in [
        ("America/New_Yrok", "08:00-17:00", "unknown time zone `America/New_Yrok`; did you mean `America/New_York`?"),
        (
            "Nowhere/Atall",
            "08:00-17:00",
            "unknown time zone `Nowhere/Atall`; use an IANA name such as `America/New_York`",
        ),
        (
            "UTC",
            "08:00",
            "unusable opening hours `08:00`: two times with a dash between are needed; write them like `08:00-17:00`",
        ),
        (
            "UTC",
            "8am-5pm",
            "unusable opening hours `8am-5pm`: the opening is no time of day; write them like `08:00-17:00`",
        ),
        (
            "UTC",
            "08:00-25:00",
            "unusable opening hours `08:00-25:00`: the closing is no time of day; write them like `08:00-17:00`",
        ),
        (
            "UTC",
            "22:00-06:00",
            "unusable opening hours `22:00-06:00`: the closing must be later than the opening, on the same day; write them like `08:00-17:00`",
        ),
        (
            "UTC",
            "08:00-08:00",
            "unusable opening hours `08:00-08:00`: the closing must be later than the opening, on the same day; write them like `08:00-17:00`",
        ),
        (
            "UTC",
            "24:00-24:00",
            "unusable opening hours `24:00-24:00`: the desk cannot open at 24:00; write them like `08:00-17:00`",
        ),
    ] {
        let error = Calendar::new(CalendarParts::new(zone, hours)).expect_err(hours);
        assert_eq!(error.to_string(), expected);
    }
    for hours in ["8:00-17:00", "08:00 - 17:00", "08:00–17:00", "00:00-24:00"] {
        assert!(Calendar::new(CalendarParts::new("UTC", hours)).is_ok(), "{hours}");
    }
}

#[test]
fn a_calendar_that_never_opens_is_refused() {
    let week = ["mon", "tue", "wed", "thu", "fri", "Saturday", "SUNDAY"].map(|day| weekday(day).expect(day)).to_vec();
    let error = Calendar::new(CalendarParts { weekend: week, ..CalendarParts::new("UTC", "08:00-17:00") });
    assert_eq!(error.expect_err("no day is left"), CalendarError::AllWeekend);
    assert!(weekday("funday").is_err());

    let start = date(2026, 1, 1);
    let shut = |count| CalendarParts {
        closures: days(start, count).into_iter().collect(),
        ..CalendarParts::new("UTC", "08:00-17:00")
    };
    assert!(Calendar::new(shut(700)).is_ok());
    assert_eq!(Calendar::new(shut(740)).expect_err("two years"), CalendarError::NeverOpen(start));

    // Closures and holidays that only together leave nothing.
    let (holidays, closures) = days(start, 1000).into_iter().partition(|day| day.day() % 2 == 0);
    let parts = CalendarParts {
        holidays: HolidayRule::Dates(holidays),
        closures: Vec::into_iter(closures).collect(),
        ..CalendarParts::new("UTC", "08:00-17:00")
    };
    assert_eq!(Calendar::new(parts).expect_err("two years"), CalendarError::NeverOpen(start));
}

#[test]
fn the_version_changes_with_all_that_decides() {
    let base = || CalendarParts::new("UTC", "08:00-17:00");
    let all = [
        base(),
        CalendarParts::new("Europe/Berlin", "08:00-17:00"),
        CalendarParts::new("UTC", "08:00-17:30"),
        CalendarParts { weekend: vec![Weekday::Sunday], ..base() },
        CalendarParts { holidays: HolidayRule::UsFederal, ..base() },
        CalendarParts { holidays: HolidayRule::Dates(vec![date(2026, 1, 1)]), ..base() },
        CalendarParts { closures: [date(2026, 1, 1)].into(), ..base() },
        CalendarParts { day_ends: DayEnds::Closing, ..base() },
    ];
    let versions: std::collections::BTreeSet<String> =
        all.iter().map(|parts| Calendar::new(parts.clone()).expect("it is right").version().to_owned()).collect();
    assert_eq!(versions.len(), all.len(), "two calendars share a version: {versions:?}");
    assert!(versions.iter().all(|version| version.len() == 12));
    let again = Calendar::new(base()).expect("it is right");
    assert!(versions.contains(again.version()), "the same parts give the same version");
}

#[test]
fn a_list_of_holidays_ends_and_a_rule_does_not() {
    let made = |holidays| {
        Calendar::new(CalendarParts { holidays, ..CalendarParts::new("UTC", "08:00-17:00") }).expect("it is right")
    };
    let list = HolidayRule::Dates(vec![date(2027, 1, 1), date(2026, 12, 25)]);
    assert_eq!(made(list).ends_on(), Some(date(2027, 1, 1)));
    assert_eq!(made(HolidayRule::UsFederal).ends_on(), None);
    assert_eq!(made(HolidayRule::None).ends_on(), None);
}

#[test]
fn the_ends_of_time_are_reached_without_a_panic() {
    let parts =
        || CalendarParts { holidays: HolidayRule::UsFederal, ..CalendarParts::new("Pacific/Apia", "08:00-24:00") };
    for day_ends in [DayEnds::Midnight, DayEnds::Closing] {
        let calendar = Calendar::new(CalendarParts { day_ends, ..parts() }).expect("it is right");
        for at in [Timestamp::MIN, Timestamp::MAX] {
            for unit in [Unit::BusinessDays, Unit::BusinessHours, Unit::WorkingHours] {
                let due = calendar.add(at, Span { amount: 50, unit, least: None });
                assert!(due.at >= at);
            }
            let _ = (calendar.start(at), calendar.next_opening(at), calendar.is_open(at));
        }
        for day in [Date::MIN, Date::MAX] {
            let _ = (calendar.opening(day), calendar.closing(day));
            let _ = (calendar.next_business_day(day), calendar.previous_business_day(day));
        }
        let endless = Span { amount: u32::MAX, unit: Unit::BusinessDays, least: None };
        let late: Timestamp = "9990-01-01T00:00:00Z".parse().expect("an instant");
        assert_eq!(calendar.add(late, endless).local.date().year(), 9999);
    }
}

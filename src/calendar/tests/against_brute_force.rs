//! Random desks, instants and spans: the calendar agrees with the brute-force one.

use super::brute_force::BruteForce;
use crate::calendar::{Calendar, CalendarParts, DayEnds, HolidayRule, Span, Unit, weekday};
use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;
use std::collections::BTreeSet;

const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
    "America/Sao_Paulo",
];

/// Instants at which clocks were put forward or back, or a date was skipped, with the place of their zone above.
const CHANGES: [(usize, &str); 10] = [
    (0, "2026-11-01T06:00:00Z"),
    (0, "2027-03-14T07:00:00Z"),
    (1, "2027-03-14T10:00:00Z"),
    (3, "2027-03-28T01:00:00Z"),
    (3, "2027-10-31T01:00:00Z"),
    (4, "2027-04-03T15:00:00Z"),
    (4, "2026-10-03T15:30:00Z"),
    (5, "2011-12-30T10:00:00Z"),
    (7, "2018-11-04T03:00:00Z"),
    (7, "2018-02-18T02:00:00Z"),
];

#[derive(Clone, Debug)]
struct Desk {
    zone: &'static str,
    opens: i64,
    closes: i64,
    weekend: Vec<Weekday>,
    closed: BTreeSet<Date>,
    holidays: Vec<Date>,
    ends_at_closing: bool,
}

impl Desk {
    fn calendar(&self) -> Calendar {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        Calendar::new(CalendarParts {
            zone: self.zone,
            hours: &format!("{}-{}", clock(self.opens), clock(self.closes)),
            weekend: self.weekend.clone(),
            holidays: HolidayRule::Dates(self.holidays.clone()),
            closures: self.closed.clone(),
            day_ends: if self.ends_at_closing { DayEnds::Closing } else { DayEnds::Midnight },
        })
        .expect("a random desk is open on some days")
    }

    fn brute_force(&self) -> BruteForce {
        BruteForce {
            zone: TimeZone::get(self.zone).expect("a known zone"),
            opens: self.opens,
            closes: self.closes,
            weekend: self.weekend.clone(),
            off: self.closed.iter().chain(&self.holidays).copied().collect(),
            ends_at_closing: self.ends_at_closing,
        }
    }
}

/// A zone, and an instant: at the time of day of one of its changes on the days before, some days around it, or
/// anywhere between 2010 and 2040.
fn zones_and_instants() -> impl Strategy<Value = (usize, Timestamp)> {
    let second = |change: usize| CHANGES[change].1.parse::<Timestamp>().expect("an instant").as_second();
    let same_time = (0..CHANGES.len(), 0_i64..4, -5400_i64..5400)
        .prop_map(move |(change, days, near)| (CHANGES[change].0, second(change) - days * 86_400 + near));
    let around = (0..CHANGES.len(), -6 * 86_400_i64..2 * 86_400)
        .prop_map(move |(change, near)| (CHANGES[change].0, second(change) + near));
    let anywhere = (0..ZONES.len(), 1_262_304_000_i64..2_208_988_800);
    prop_oneof![2 => same_time, 2 => around, 1 => anywhere]
        .prop_map(|(zone, second)| (zone, Timestamp::from_second(second).expect("in range")))
}

/// Hours, often those of whole days.
fn hours() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..400, (1_u32..5).prop_map(|days| days * 24)]
}

/// A desk in a zone with days off around `at`.
fn desks(zone: usize, at: Timestamp) -> impl Strategy<Value = Desk> {
    let around = at.to_zoned(TimeZone::UTC).date();
    let days_off = move |most| {
        prop::collection::vec(-3_i32..25, 0..most).prop_map(move |offsets| {
            offsets.iter().map(|days| around.saturating_add(jiff::Span::new().days(*days))).collect::<Vec<Date>>()
        })
    };
    let weekend = prop_oneof![
        3 => Just(vec!["sat", "sun"]),
        1 => Just(vec!["fri", "sat"]),
        1 => Just(vec!["sun"]),
        3 => Just(vec![]),
        1 => Just(vec!["mon", "wed", "thu", "sat"]),
    ];
    let hours = prop_oneof![
        2 => Just((480, 1020)),
        1 => Just((0, 1440)),
        1 => Just((0, 90)),
        1 => Just((150, 360)),
        1 => (0_i64..1440, 1_i64..1441).prop_filter("opens before it closes", |(opens, closes)| opens < closes),
    ];
    (hours, weekend, days_off(5), days_off(5), any::<bool>()).prop_map(
        move |((opens, closes), weekend, closed, holidays, ends_at_closing)| Desk {
            zone: ZONES[zone],
            opens,
            closes,
            weekend: weekend.into_iter().map(|day| weekday(day).expect(day)).collect(),
            closed: closed.into_iter().collect(),
            holidays,
            ends_at_closing,
        },
    )
}

fn desks_and_instants() -> impl Strategy<Value = (Desk, Timestamp)> {
    zones_and_instants().prop_flat_map(|(zone, at)| (desks(zone, at), Just(at)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn business_hours_and_days_agree((desk, at) in desks_and_instants(), hours in hours()) {
        let (calendar, slow) = (desk.calendar(), desk.brute_force());
        let due = calendar.add(at, Span { amount: hours, unit: Unit::BusinessHours, least: None });
        prop_assert_eq!(due.at, slow.add_business_hours(at, hours));
        let days = hours / 24;
        let due = calendar.add(at, Span { amount: days, unit: Unit::BusinessDays, least: None });
        prop_assert_eq!(due.at, slow.add_business_hours(at, days * 24));
        prop_assert_eq!(due.local, due.at.to_zoned(slow.zone).datetime());
        prop_assert_eq!(due.at, calendar.at_local(due.local.date(), due.local.time()));
    }

    #[test]
    fn a_later_start_never_has_an_earlier_promise((desk, at) in desks_and_instants(), later in 0_i64..500_000, amount in 1_u32..60) {
        let calendar = desk.calendar();
        let after = at + SignedDuration::from_secs(later);
        for unit in [Unit::BusinessDays, Unit::BusinessHours, Unit::WorkingHours] {
            let span = Span { amount, unit, least: None };
            let (one, other) = (calendar.add(at, span), calendar.add(after, span));
            // Business days are counted in wall time, so it is the wall that says which start is later.
            if unit == Unit::WorkingHours || calendar.start(at).datetime() <= calendar.start(after).datetime() {
                prop_assert!(one.at <= other.at, "{} from {at} and {after}", span);
            }
            let longer = calendar.add(at, Span { amount: amount + 1, unit, least: None });
            prop_assert!(one.at <= longer.at, "one more than {} from {at}", span);
        }
    }

    #[test]
    fn counting_back_and_forth_agrees((desk, at) in desks_and_instants(), days in 1_u32..30) {
        let calendar = desk.calendar();
        let start = calendar.start(at).date();
        let due = calendar.add(at, Span::business_days(days)).local.date();
        prop_assert!(calendar.is_business_day(start));
        prop_assert_eq!(calendar.business_days_between(start, due), days);
        let mut back = due;
        for _ in 0..days {
            back = calendar.previous_business_day(back);
        }
        prop_assert_eq!(back, start);
        let opening = calendar.next_opening(at);
        prop_assert!(opening > at);
        prop_assert!(calendar.is_business_day(calendar.local(opening).date()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn working_hours_agree((desk, at) in desks_and_instants(), hours in 1_u32..12) {
        // The slow calendar counts whole minutes.
        let at = Timestamp::from_second(at.as_second() / 60 * 60).expect("in range");
        prop_assume!(desk.closes - desk.opens >= 60);
        let due = desk.calendar().add(at, Span { amount: hours, unit: Unit::WorkingHours, least: None });
        prop_assert_eq!(due.at, desk.brute_force().add_working_hours(at, hours));
    }
}

/// The federal rule against the plain words of the law, over a century.
#[test]
fn federal_holidays_agree_with_the_words_of_the_law() {
    let parts =
        CalendarParts { holidays: HolidayRule::UsFederal, weekend: vec![], ..CalendarParts::new("UTC", "08:00-17:00") };
    let calendar = Calendar::new(parts).expect("it is right");
    let mut off = BTreeSet::new();
    for year in 2021..=2121 {
        let on = |month, nth, day| date(year, month, 1).nth_weekday_of_month(nth, day).expect("a weekday");
        let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].map(|(month, day)| date(year, month, day));
        for day in fixed {
            off.insert(day);
            match day.weekday() {
                Weekday::Saturday => off.insert(day.yesterday().expect("in range")),
                Weekday::Sunday => off.insert(day.tomorrow().expect("in range")),
                _ => false,
            };
        }
        off.extend([
            on(1, 3, Weekday::Monday),
            on(2, 3, Weekday::Monday),
            on(5, -1, Weekday::Monday),
            on(9, 1, Weekday::Monday),
            on(10, 2, Weekday::Monday),
            on(11, 4, Weekday::Thursday),
        ]);
    }
    let mut day = date(2021, 1, 1);
    while day.year() < 2121 {
        assert_eq!(calendar.is_holiday(day), off.contains(&day), "{day}");
        day = day.tomorrow().expect("in range");
    }
}

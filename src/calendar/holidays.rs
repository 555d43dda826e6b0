//! The federal holidays of the United States, by rule (5 U.S.C. 6103; observed days by 6103(b) and E.O. 11582).

use jiff::civil::{Date, Weekday};

/// The first year in which Juneteenth was a holiday (Public Law 117-17).
const JUNETEENTH_SINCE: i16 = 2021;

/// The federal holiday that falls or is observed on `date`.
///
/// One on a Saturday is observed on the Friday before, one on a Sunday on the Monday after, so that New Year's Day
/// may be observed on December 31. The day itself stays a holiday, for desks that work on Saturdays.
pub fn federal_holiday(date: Date) -> Option<&'static str> {
    if let Some(name) = on_the_day(date) {
        return Some(name);
    }
    match date.weekday() {
        Weekday::Friday => date.tomorrow().ok().and_then(on_the_day),
        Weekday::Monday => date.yesterday().ok().and_then(on_the_day),
        _ => None,
    }
}

/// The federal holiday whose own date is `date`.
fn on_the_day(date: Date) -> Option<&'static str> {
    // Which Monday or Thursday of its month the date is, counted from the first.
    let nth = (date.day() - 1) / 7 + 1;
    let last = date.day() > date.days_in_month() - 7;
    match (date.month(), date.day(), date.weekday()) {
        (1, 1, _) => Some("New Year's Day"),
        (1, _, Weekday::Monday) if nth == 3 => Some("Birthday of Martin Luther King, Jr."),
        (2, _, Weekday::Monday) if nth == 3 => Some("Washington's Birthday"),
        (5, _, Weekday::Monday) if last => Some("Memorial Day"),
        (6, 19, _) if date.year() >= JUNETEENTH_SINCE => Some("Juneteenth National Independence Day"),
        (7, 4, _) => Some("Independence Day"),
        (9, _, Weekday::Monday) if nth == 1 => Some("Labor Day"),
        (10, _, Weekday::Monday) if nth == 2 => Some("Columbus Day"),
        (11, 11, _) => Some("Veterans Day"),
        (11, _, Weekday::Thursday) if nth == 4 => Some("Thanksgiving Day"),
        (12, 25, _) => Some("Christmas Day"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// All days off in a year, as published by the Office of Personnel Management.
    #[test]
    fn the_days_off_are_those_that_opm_publishes() {
        let cases: [(i16, &[(i8, i8)]); 4] = [
            (
                2021,
                &[
                    (1, 1),
                    (1, 18),
                    (2, 15),
                    (5, 31),
                    (6, 18),
                    (7, 5),
                    (9, 6),
                    (10, 11),
                    (11, 11),
                    (11, 25),
                    (12, 24),
                    (12, 31),
                ],
            ),
            (
                2026,
                &[(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)],
            ),
            (
                2027,
                &[
                    (1, 1),
                    (1, 18),
                    (2, 15),
                    (5, 31),
                    (6, 18),
                    (7, 5),
                    (9, 6),
                    (10, 11),
                    (11, 11),
                    (11, 25),
                    (12, 24),
                    (12, 31),
                ],
            ),
            (2028, &[(1, 17), (2, 21), (5, 29), (6, 19), (7, 4), (9, 4), (10, 9), (11, 10), (11, 23), (12, 25)]),
        ];
        for (year, expected) in cases {
            let found: Vec<(i8, i8)> = date(year, 1, 1)
                .series(jiff::Span::new().days(1))
                .take_while(|day| day.year() == year)
                .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
                .filter(|day| federal_holiday(*day).is_some())
                .map(|day| (day.month(), day.day()))
                .collect();
            assert_eq!(found, expected, "{year}");
        }
    }

    #[test]
    fn juneteenth_is_a_holiday_since_2021() {
        assert_eq!(federal_holiday(date(2020, 6, 19)), None);
        assert!(federal_holiday(date(2023, 6, 19)).is_some());
    }

    #[test]
    fn observed_days_cross_the_year_and_the_day_itself_stays() {
        assert_eq!(federal_holiday(date(2027, 12, 31)), Some("New Year's Day"));
        assert_eq!(federal_holiday(date(2028, 1, 1)), Some("New Year's Day"));
        assert_eq!(federal_holiday(date(2023, 1, 2)), Some("New Year's Day"));
    }
}

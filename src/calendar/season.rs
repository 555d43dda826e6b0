//! Seasons: parts of every year in which a desk's clocks run longer.

use super::Span;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A season in which clocks run longer; it may span the new year.
///
/// A season that starts on February 29 starts on March 1 of a common year, and one that ends there ends on
/// February 28.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    /// What the desk calls it.
    pub name: String,
    /// First day, month and day.
    pub from: (i8, i8),
    /// Last day, month and day, included.
    pub to: (i8, i8),
    /// The response clock's length in it.
    pub respond: Option<Span>,
    /// The response clock's length in it, by type of issue.
    pub types: BTreeMap<String, Span>,
    /// As `types`, by the id of the priority; it goes before the type's.
    pub priorities: BTreeMap<String, Span>,
    /// The update clock's length in it.
    pub update: Option<Span>,
    /// What the receipt says besides.
    pub notice: Option<String>,
}

/// Why a text is no day of the year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day of the year; write month and day like `10-15`")]
pub struct SeasonError(String);

impl Season {
    /// Whether the season is in force on `date`.
    pub fn contains(&self, date: Date) -> bool {
        self.holds((date.month(), date.day()))
    }

    /// Whether some day of the year is in both seasons.
    pub fn overlaps(&self, other: &Season) -> bool {
        // Two arcs of the year meet exactly when one of them holds the other's first day.
        self.holds(other.from) || other.holds(self.from)
    }

    fn holds(&self, day: (i8, i8)) -> bool {
        if self.from <= self.to { self.from <= day && day <= self.to } else { self.from <= day || day <= self.to }
    }
}

/// The season in force on `date`: the first that holds it.
pub fn season_at(seasons: &[Season], date: Date) -> Option<&Season> {
    seasons.iter().find(|season| season.contains(date))
}

/// Reads `10-15` as month and day; `02-29` is a day of the year.
///
/// # Errors
///
/// Anything else than two digits, a dash and two digits that name a day of a leap year.
pub fn month_and_day(text: &str) -> Result<(i8, i8), SeasonError> {
    let refuse = || SeasonError(text.chars().take(40).collect());
    let number = |part: &str| match part.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok(),
        _ => None,
    };
    let (month, day) = text.trim().split_once('-').ok_or_else(refuse)?;
    let (month, day) = number(month).zip(number(day)).ok_or_else(refuse)?;
    // A leap year, so that February 29 can be named.
    Date::new(2024, month, day).map(|_| (month, day)).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn season(from: &str, to: &str) -> Season {
        Season {
            name: format!("{from} to {to}"),
            from: month_and_day(from).expect(from),
            to: month_and_day(to).expect(to),
            respond: None,
            types: BTreeMap::new(),
            priorities: BTreeMap::new(),
            update: None,
            notice: None,
        }
    }

    #[test]
    fn both_ends_belong_to_a_season_and_it_may_span_the_new_year() {
        let autumn = season("10-15", "12-07");
        let turn = season("12-20", "01-05");
        let leap = season("02-29", "03-10");
        let until_leap = season("02-10", "02-29");
        for (season, day, expected) in [
            (&autumn, date(2026, 10, 14), false),
            (&autumn, date(2026, 10, 15), true),
            (&autumn, date(2026, 12, 7), true),
            (&autumn, date(2026, 12, 8), false),
            (&turn, date(2026, 12, 19), false),
            (&turn, date(2026, 12, 20), true),
            (&turn, date(2027, 1, 5), true),
            (&turn, date(2027, 1, 6), false),
            (&leap, date(2027, 2, 28), false),
            (&leap, date(2027, 3, 1), true),
            (&leap, date(2028, 2, 29), true),
            (&until_leap, date(2027, 2, 28), true),
            (&until_leap, date(2028, 2, 29), true),
            (&until_leap, date(2027, 3, 1), false),
        ] {
            assert_eq!(season.contains(day), expected, "{} on {day}", season.name);
        }
    }

    #[test]
    fn overlap_is_what_a_walk_through_a_leap_year_finds() {
        let edges = ["01-01", "01-05", "02-29", "06-30", "10-15", "12-07", "12-31"];
        let all: Vec<Season> = edges.iter().flat_map(|from| edges.iter().map(|to| season(from, to))).collect();
        for one in &all {
            for other in &all {
                let mut year = date(2028, 1, 1).series(jiff::Span::new().days(1)).take(366);
                let walked = year.any(|day| one.contains(day) && other.contains(day));
                assert_eq!(one.overlaps(other), walked, "{} and {}", one.name, other.name);
            }
        }
    }

    #[test]
    fn the_first_season_that_holds_a_date_is_in_force() {
        let seasons = [season("10-15", "12-07"), season("11-01", "01-15")];
        assert_eq!(season_at(&seasons, date(2026, 11, 2)), seasons.first());
        assert_eq!(season_at(&seasons, date(2026, 12, 8)), seasons.get(1));
        assert_eq!(season_at(&seasons, date(2026, 6, 1)), None);
    }

    #[test]
    fn days_of_the_year_are_read_strictly() {
        assert_eq!(month_and_day("02-29"), Ok((2, 29)));
        for text in ["", "10", "2-29", "02-30", "13-01", "00-10", "10/15", "10-15-2026", "+1-10", "oct 15"] {
            assert!(month_and_day(text).is_err(), "{text}");
        }
    }
}

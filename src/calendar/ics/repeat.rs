//! Yearly repetition (RFC 5545, section 3.3.10): the ways in which calendars write holidays.

use super::moment;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// Rules without an end are followed up to this year.
const HORIZON: i16 = 2100;
/// Every day of a month, from its start and from its end; no useful list is longer.
const MOST_ITEMS: usize = 62;

/// A rule such as `FREQ=YEARLY;BYMONTH=11;BYDAY=4TH`.
#[derive(Debug)]
pub(super) struct Rule {
    interval: i16,
    months: Vec<i8>,
    month_days: Vec<i8>,
    /// A day of the week, and which of the month: 0 for each, negative from the end.
    week_days: Vec<(i8, Weekday)>,
    positions: Vec<i16>,
    until: Option<Date>,
    count: Option<usize>,
}

impl Rule {
    /// Reads a rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            interval: 1,
            months: Vec::new(),
            month_days: Vec::new(),
            week_days: Vec::new(),
            positions: Vec::new(),
            until: None,
            count: None,
        };
        let mut yearly = false;
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or("a part of RRULE has no `=`")?;
            match key.trim().to_uppercase().as_str() {
                "FREQ" => yearly = value.trim().eq_ignore_ascii_case("YEARLY"),
                "INTERVAL" => rule.interval = number(value, 1, 1000)?,
                "COUNT" => rule.count = Some(usize::from(number::<u16>(value, 1, 10_000)?)),
                "UNTIL" => rule.until = Some(moment::date_of(value.trim()).ok_or("UNTIL is no date")?),
                "BYMONTH" => rule.months = list(value, |item| number(item, 1, 12))?,
                "BYMONTHDAY" => rule.month_days = list(value, |item| number(item, -31, 31))?,
                "BYDAY" => rule.week_days = list(value, week_day)?,
                "BYSETPOS" => rule.positions = list(value, |item| number(item, -366, 366))?,
                "WKST" => {}
                other => return Err(format!("`{}` in RRULE is not understood", short(other))),
            }
        }
        if !yearly {
            return Err("only rules with `FREQ=YEARLY` are understood; list other days off one by one".to_owned());
        }
        if !rule.week_days.is_empty() && rule.months.is_empty() {
            return Err("BYDAY needs a BYMONTH beside it".to_owned());
        }
        if !rule.month_days.is_empty() && rule.week_days.iter().any(|(nth, _)| *nth != 0) {
            return Err("BYMONTHDAY and a numbered BYDAY together are not understood".to_owned());
        }
        Ok(rule)
    }

    /// Whether the rule itself never ends.
    pub fn is_endless(&self) -> bool {
        self.until.is_none() && self.count.is_none()
    }

    /// The dates of the rule for an event that first happens on `first`, which counts as the first of them.
    pub fn dates_from(&self, first: Date) -> BTreeSet<Date> {
        let mut dates = BTreeSet::from([first]);
        let most = self.count.unwrap_or(usize::MAX);
        let mut year = first.year();
        while year <= HORIZON {
            for date in self.dates_in(year, first) {
                if dates.len() >= most || self.until.is_some_and(|until| date > until) {
                    return dates;
                }
                if date > first {
                    dates.insert(date);
                }
            }
            year = year.saturating_add(self.interval);
        }
        dates
    }

    fn dates_in(&self, year: i16, first: Date) -> Vec<Date> {
        let own_month = [first.month()];
        let months: &[i8] = if self.months.is_empty() { &own_month } else { &self.months };
        let dates: BTreeSet<Date> = months.iter().flat_map(|month| self.dates_in_month(year, *month, first)).collect();
        if self.positions.is_empty() {
            return dates.into_iter().collect();
        }
        let dates: Vec<Date> = dates.into_iter().collect();
        let picked: BTreeSet<Date> = self.positions.iter().filter_map(|nth| pick(&dates, *nth)).collect();
        picked.into_iter().collect()
    }

    fn dates_in_month(&self, year: i16, month: i8, first: Date) -> Vec<Date> {
        let Ok(start) = Date::new(year, month, 1) else { return Vec::new() };
        let last_day = start.days_in_month();
        let on_day = |day: i8| Date::new(year, month, day).ok();
        if !self.month_days.is_empty() {
            let days = self.month_days.iter().map(|day| if *day < 0 { last_day + 1 + day } else { *day });
            let allowed = |date: &Date| {
                self.week_days.is_empty() || self.week_days.iter().any(|(_, weekday)| *weekday == date.weekday())
            };
            return days.filter_map(on_day).filter(allowed).collect();
        }
        if self.week_days.is_empty() {
            return on_day(first.day()).into_iter().collect();
        }
        let in_month = |nth: i8, weekday: Weekday| start.nth_weekday_of_month(nth, weekday).ok();
        self.week_days
            .iter()
            .flat_map(|(nth, weekday)| match nth {
                0 => (1..=5).filter_map(|nth| in_month(nth, *weekday)).collect::<Vec<Date>>(),
                nth => in_month(*nth, *weekday).into_iter().collect(),
            })
            .collect()
    }
}

/// The `nth` of `dates`, from 1, or from the end where it is negative.
fn pick(dates: &[Date], nth: i16) -> Option<Date> {
    let distance = usize::from(nth.unsigned_abs());
    let index = if nth > 0 { distance.checked_sub(1) } else { dates.len().checked_sub(distance.max(1)) };
    index.and_then(|index| dates.get(index)).copied()
}

fn list<T>(value: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if value.split(',').count() > MOST_ITEMS {
        return Err(format!("a list in RRULE has more than {MOST_ITEMS} items"));
    }
    value.split(',').map(item).collect()
}

fn number<T: std::str::FromStr + PartialOrd>(text: &str, least: T, most: T) -> Result<T, String> {
    let parsed = text.trim().trim_start_matches('+').parse::<T>().ok();
    let zero = text.trim().bytes().all(|byte| byte == b'0');
    parsed
        .filter(|number| *number >= least && *number <= most && !zero)
        .ok_or_else(|| format!("`{}` in RRULE is no number that fits there", short(text)))
}

/// `4TH`, `-1MO` or `FR`.
fn week_day(text: &str) -> Result<(i8, Weekday), String> {
    let unknown = || format!("`{}` in RRULE is no day of the week", short(text));
    let text = text.trim();
    let split = text.len().checked_sub(2).ok_or_else(unknown)?;
    let (nth, name) = text.split_at_checked(split).ok_or_else(unknown)?;
    let weekday = match name.to_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return Err(unknown()),
    };
    let nth = if nth.is_empty() { 0 } else { number(nth, -5, 5)? };
    Ok((nth, weekday))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

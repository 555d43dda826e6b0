//! All figures of a day, and all that needs a decision, as a table for spreadsheets (RFC 4180).
//!
//! One figure a row: section, figure, detail, first day, last day, value, note. No cell can be taken for a formula: what
//! would begin like one begins with an apostrophe. Names of members stand in it only where the desk's `digest_shows`
//! allows them in the mail.

use super::day::Day;
use super::flow::Figure;
use super::needs::NeedItem;
use super::periods::Period;
use super::times::Waits;
use super::words;
use crate::desk::Desk;
use crate::words::LineId;

/// The columns.
const HEAD: [&str; 7] = ["section", "figure", "detail", "from", "to", "value", "note"];

/// A cell that no spreadsheet takes for a formula. Tab and line ends at the start count too: some programs drop them and
/// read what follows.
pub fn safe(cell: &str) -> String {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if cell.trim_start_matches([' ', '\u{feff}', '\u{a0}']).starts_with(begins) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The table, in UTF-8; with a byte order mark where it is not plain ASCII, because Excel looks for one.
pub fn csv(desk: &Desk, day: &Day) -> Vec<u8> {
    let mut rows = Rows { desk, rows: Vec::new() };
    rows.needs(day);
    rows.days(day);
    rows.waits(day);
    rows.now(day);
    rows.people(day);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let heads = HEAD.map(str::to_owned);
    for row in std::iter::once(&heads).chain(&rows.rows) {
        // Writing into memory fails for no row of the right width.
        let _ = writer.write_record(row.iter().map(|cell| safe(cell)));
    }
    let table = writer.into_inner().unwrap_or_default();
    if table.is_ascii() { table } else { [b"\xef\xbb\xbf".as_slice(), &table].concat() }
}

struct Rows<'a> {
    desk: &'a Desk,
    rows: Vec<[String; 7]>,
}

impl Rows<'_> {
    fn add(&mut self, section: &str, figure: &str, detail: &str, period: Option<&Period>, value: &str, note: &str) {
        let (from, to) = period.map(|period| (period.date.to_string(), period.last.to_string())).unwrap_or_default();
        self.rows.push([section, figure, detail, &from, &to, value, note].map(str::to_owned));
    }

    fn needs(&mut self, day: &Day) {
        for need in day.needs.iter().flatten() {
            self.add("needs a decision", need.kind.as_str(), "", None, &need.count.to_string(), "");
            for item in &need.items {
                let at = item.at.map(|at| self.desk.calendar.local(at).strftime("%Y-%m-%d %H:%M").to_string());
                let at = at.or_else(|| item.date.map(|date| date.to_string())).unwrap_or_default();
                let row = ["needs a decision", need.kind.as_str(), &name(item), &at, "", "1", &self.note(item)];
                self.rows.push(row.map(str::to_owned));
            }
        }
    }

    fn note(&self, item: &NeedItem) -> String {
        let mut notes: Vec<String> = Vec::new();
        notes.extend(item.urgent.then(|| "urgent".to_owned()));
        notes.extend(item.line.as_ref().map(|line| self.line(Some(line))));
        notes.extend(item.specialist.as_ref().map(|address| words::person(self.desk, address)));
        notes.extend(item.template.map(words::mail));
        notes.extend(item.reasons.iter().cloned());
        notes.extend(item.case.clone().filter(|case| *case != name(item)));
        notes.extend(item.cases.map(|count| format!("{count} open cases")));
        notes.extend(item.subject.clone());
        notes.join("; ")
    }

    fn line(&self, line: Option<&LineId>) -> String {
        let named = |id: &LineId| self.desk.line(id).map_or_else(|| id.0.clone(), |line| line.name.clone());
        line.map_or_else(|| "no line".to_owned(), named)
    }

    fn days(&mut self, day: &Day) {
        for row in &day.flow.rows {
            for (period, count) in day.flow.columns.iter().zip(&row.counts) {
                let part = row.part.as_deref().unwrap_or_default();
                let value = count.map(|count| count.to_string()).unwrap_or_default();
                self.add("days", row.figure.as_str(), part, Some(period), &value, "");
            }
        }
        for row in &day.lines {
            let line = self.line(row.line.as_ref());
            for figure in Figure::ALL {
                let Some(count) = row.counts.get(figure) else { continue };
                self.add("line by line", figure.as_str(), &line, Some(&day.period), &count.to_string(), "");
            }
        }
        for point in &day.flow.chart {
            let counts = [(Figure::Arrived, Some(point.arrived)), (Figure::Resolved, Some(point.resolved))];
            for (figure, count) in counts.into_iter().chain([(Figure::Open, point.open)]) {
                let value = count.map(|count| count.to_string()).unwrap_or_default();
                self.add("twenty business days", figure.as_str(), "", Some(&point.period), &value, "");
            }
        }
    }

    fn waits(&mut self, day: &Day) {
        for (name, columns) in [("acknowledgement", &day.acknowledged), ("first answer", &day.answered)] {
            for (period, waits) in day.flow.columns.iter().zip(columns) {
                let Waits { count, in_time, median, worst } = waits;
                for (detail, value) in [("count", count.to_string()), ("in time", in_time.to_string())] {
                    self.add("waits", name, detail, Some(period), &value, "");
                }
                let lengths = [("median hours", median), ("worst hours", worst)];
                for (detail, seconds) in lengths.into_iter().filter(|_| *count > 0) {
                    self.add("waits", name, detail, Some(period), &hours(*seconds), "business time");
                }
            }
        }
    }

    fn now(&mut self, day: &Day) {
        if let Some(ages) = &day.ages {
            for (what, count) in
                [("open", ages.open), ("urgent", ages.urgent), ("new", ages.new), ("paused", ages.paused)]
            {
                self.add("open now", what, "", None, &count.to_string(), "");
            }
            for (most, count) in &ages.classes {
                let detail = most.map_or("older".to_owned(), |most| format!("up to {most} business days"));
                self.add("open now", "age", &detail, None, &count.to_string(), "");
            }
        }
        for load in day.load.iter().flatten() {
            let address = load.specialist.as_ref().map(ToString::to_string);
            let who = load.name.clone().or(address).unwrap_or_else(|| "nobody".to_owned());
            let counts = [
                ("open", load.open),
                ("urgent", load.urgent),
                ("missed", load.missed),
                ("due today", load.due_today),
                ("waiting", load.waiting),
            ];
            for (what, count) in counts {
                self.add("load", what, &who, None, &count.to_string(), if load.away { "away" } else { "" });
            }
        }
    }

    fn people(&mut self, day: &Day) {
        for agent in &day.agents {
            let why = agent.reasons.iter().map(|(key, count)| format!("{key}: {count}")).collect::<Vec<_>>().join("; ");
            let who = agent.address.to_string();
            self.add("returned most", "returned", &who, None, &agent.returned.to_string(), &why);
            self.add("returned most", "requests", &who, None, &agent.requests.to_string(), "");
        }
        for (kind, (count, lately)) in &day.opportunities.kinds {
            self.add("opportunities", kind, "on the day", Some(&day.period), &count.to_string(), "");
            self.add("opportunities", kind, "in twenty business days", None, &lately.to_string(), "");
        }
        for (kind, case) in &day.opportunities.cases {
            self.add("opportunities", kind, case, Some(&day.period), "1", "");
        }
    }
}

/// What an item is called.
fn name(item: &NeedItem) -> String {
    let id = item.message.or(item.mail).map(|id| id.to_string());
    let address = item.address.as_ref().map(ToString::to_string);
    address.or(id).or_else(|| item.case.clone()).unwrap_or_default()
}

/// Seconds as hours with two digits behind the point.
fn hours(seconds: i64) -> String {
    format!("{}.{:02}", seconds / 3600, seconds % 3600 * 100 / 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+41 44", "'+41 44"),
            ("-2", "'-2"),
            ("@sum(a1)", "'@sum(a1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
            ("12", "12"),
            ("", ""),
            ("RSOS-100001", "RSOS-100001"),
            ("'=1", "'=1"),
        ] {
            assert_eq!(safe(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn lengths_are_hours_with_two_digits() {
        assert_eq!((hours(0), hours(5400), hours(90_061)), ("0.00".into(), "1.50".into(), "25.01".into()));
    }
}

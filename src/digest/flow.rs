//! The table of the days: what came in, what was decided, what was done.

use super::day::Scope;
use super::facts::{DecisionFact, Facts, Stretch};
use super::periods::Period;
use crate::case::EventKind;
use crate::desk::Desk;
use crate::words::{Decision, LineId, word_enum};
use jiff::Timestamp;
use std::collections::BTreeMap;

word_enum! {
    /// A figure of a day. docs/digest.md defines each.
    Figure {
        /// Messages that were read.
        Arrived = "arrived",
        /// Accepted as cases.
        Accepted = "accepted",
        /// Returned, because something was missing.
        Returned = "returned",
        /// Rejected, because they asked for work on two lines.
        Rejected = "rejected",
        /// Redirected.
        Redirected = "redirected",
        /// Repeated what stands already.
        Duplicate = "duplicate",
        /// Added to a case or a returned request.
        Attached = "attached",
        /// Held for a person.
        Held = "held",
        /// Ignored.
        Ignored = "ignored",
        /// Delivery reports.
        Reports = "reports",
        /// Cases opened, in every way.
        Opened = "opened",
        /// Answers that requesters got.
        Answered = "answered",
        /// Cases resolved, sent elsewhere included.
        Resolved = "resolved",
        /// Cases opened again.
        Reopened = "reopened",
        /// Cases that went on in another.
        Merged = "merged",
        /// Promises of an answer that were broken.
        Missed = "missed",
        /// Cases open at the end.
        Open = "open",
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// Which figure.
    pub figure: Figure,
    /// Its part, where it is one: a reason's code with its field, or a topic's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// A number a column, oldest first; `None`: not known.
    pub counts: Vec<Option<u64>>,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Flow {
    /// The days of the columns, oldest first; the last is the day that is told.
    pub columns: Vec<Period>,
    /// The rows, in the order of [`Figure`], each part behind its whole.
    pub rows: Vec<Row>,
    /// What the line chart shows, oldest first.
    pub chart: Vec<ChartPoint>,
}

/// One day of the line chart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ChartPoint {
    /// The day.
    pub period: Period,
    /// Messages that were read.
    pub arrived: u64,
    /// Cases resolved.
    pub resolved: u64,
    /// Cases open at its end, or now; `None`: not known.
    pub open: Option<u64>,
}

/// One line's day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LineRow {
    /// The line; `None`: what has none.
    pub line: Option<LineId>,
    /// Figures of the day.
    pub counts: BTreeMap<Figure, u64>,
}

impl Flow {
    /// The row of a whole figure.
    pub fn row(&self, figure: Figure) -> Option<&Row> {
        self.rows.iter().find(|row| row.figure == figure && row.part.is_none())
    }

    /// A figure of the day that is told.
    pub fn told(&self, figure: Figure) -> u64 {
        self.row(figure).and_then(|row| row.counts.last().copied().flatten()).unwrap_or_default()
    }

    /// Whether nothing came in and nothing was done on the day that is told.
    pub fn is_quiet(&self) -> bool {
        Figure::ALL.iter().filter(|figure| **figure != Figure::Open).all(|figure| self.told(*figure) == 0)
    }
}

/// The table over `columns`, and the chart over `all` periods.
pub fn flow(desk: &Desk, scope: &Scope, facts: &Facts, (all, columns): (&[Period], &[Period])) -> Flow {
    let counts = |stretch: Stretch| counted(facts, stretch, |line| scope.counts(line));
    let by_column: Vec<BTreeMap<Figure, u64>> = columns.iter().map(|one| counts(one.stretch)).collect();
    let open_at = |at: Timestamp| open_at(scope, facts, at);
    let mut rows = Vec::new();
    for figure in Figure::ALL {
        let of_column = |(place, period): (usize, &Period)| match figure {
            Figure::Open => open_at(period.stretch.to),
            _ => Some(by_column.get(place).and_then(|counts| counts.get(figure)).copied().unwrap_or_default()),
        };
        let counts = columns.iter().enumerate().map(of_column).collect();
        rows.push(Row { figure: *figure, part: None, counts });
        rows.extend(parts(desk, scope, facts, *figure, columns));
    }
    let chart = all.iter().map(|period| {
        let counts = counts(period.stretch);
        let count = |figure| counts.get(&figure).copied().unwrap_or_default();
        let (arrived, resolved) = (count(Figure::Arrived), count(Figure::Resolved));
        ChartPoint { period: *period, arrived, resolved, open: open_at(period.stretch.to) }
    });
    Flow { columns: columns.to_vec(), chart: chart.collect(), rows }
}

/// The day line by line; nothing where there is one line only.
pub fn lines(desk: &Desk, scope: &Scope, facts: &Facts, stretch: Stretch) -> Vec<LineRow> {
    let told = desk.lines.iter().map(|line| Some(&line.id)).chain([None]);
    let told: Vec<Option<&LineId>> = told.filter(|line| scope.counts(*line)).collect();
    if told.iter().flatten().count() < 2 {
        return Vec::new();
    }
    let row = |line: Option<&LineId>| {
        let mut counts = counted(facts, stretch, |other| other == line);
        if let Some(now) = &facts.now {
            let open = now.open.iter().filter(|case| case.line.as_ref() == line).count();
            counts.insert(Figure::Open, open as u64);
        }
        LineRow { line: line.cloned(), counts }
    };
    told.into_iter().map(row).collect()
}

/// Every figure of a stretch that is counted from what happened in it.
fn counted(facts: &Facts, stretch: Stretch, is_meant: impl Fn(Option<&LineId>) -> bool) -> BTreeMap<Figure, u64> {
    let mut counts: BTreeMap<Figure, u64> = BTreeMap::new();
    let mut add = |figure: Figure, count: u64| *counts.entry(figure).or_default() += count;
    let is_counted = |at: Timestamp, line: &Option<LineId>| stretch.holds(at) && is_meant(line.as_ref());
    for one in facts.read.iter().filter(|one| is_counted(one.at, &one.line)) {
        add(Figure::Arrived, one.count);
    }
    for one in facts.decisions.iter().filter(|one| is_counted(one.at, &one.line)) {
        add(of_decision(one.decision), one.count);
    }
    for one in facts.events.iter().filter(|one| is_counted(one.at, &one.line)) {
        if let Some(figure) = of_event(one.kind) {
            add(figure, one.count);
        }
    }
    for one in facts.answers.iter().filter(|one| is_counted(one.at, &one.line)) {
        add(Figure::Answered, one.count);
    }
    counts
}

fn of_decision(decision: Decision) -> Figure {
    match decision {
        Decision::Bounce => Figure::Reports,
        Decision::Ignore => Figure::Ignored,
        Decision::Hold => Figure::Held,
        Decision::Attach => Figure::Attached,
        Decision::Redirect => Figure::Redirected,
        Decision::RejectMixed => Figure::Rejected,
        Decision::Return => Figure::Returned,
        Decision::Duplicate => Figure::Duplicate,
        Decision::Accept => Figure::Accepted,
    }
}

/// What an event of a case counts as.
fn of_event(kind: EventKind) -> Option<Figure> {
    match kind {
        EventKind::CaseOpened => Some(Figure::Opened),
        // Those by mail count when they have left.
        EventKind::Answered => Some(Figure::Answered),
        EventKind::Resolved | EventKind::SentElsewhere => Some(Figure::Resolved),
        EventKind::Reopened => Some(Figure::Reopened),
        EventKind::Merged => Some(Figure::Merged),
        EventKind::Breached => Some(Figure::Missed),
        _ => None,
    }
}

/// How many cases were open at the end of a period, or are now where it is still to come: as many as now, less what was
/// opened since, and what was closed since besides.
fn open_at(scope: &Scope, facts: &Facts, at: Timestamp) -> Option<u64> {
    let now = facts.open_now.as_ref()?;
    let now: u64 = now.iter().filter(|(line, _)| scope.counts(line.as_ref())).map(|(_, count)| count).sum();
    let mut open = i64::try_from(now).ok()?;
    for event in facts.events.iter().filter(|event| at <= event.at && scope.counts(event.line.as_ref())) {
        let count = i64::try_from(event.count).ok()?;
        match of_event(event.kind) {
            Some(Figure::Opened | Figure::Reopened) => open -= count,
            Some(Figure::Resolved | Figure::Merged) => open += count,
            _ => {}
        }
    }
    u64::try_from(open).ok()
}

/// The parts of a figure: returns by reason, redirections by topic; the most frequent first.
fn parts(desk: &Desk, scope: &Scope, facts: &Facts, figure: Figure, columns: &[Period]) -> Vec<Row> {
    let mut parts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for one in facts.decisions.iter().filter(|one| scope.counts(one.line.as_ref())) {
        let Some(place) = columns.iter().position(|period| period.stretch.holds(one.at)) else { continue };
        for part in parts_of(one, figure) {
            if let Some(count) = parts.entry(part).or_insert_with(|| vec![0; columns.len()]).get_mut(place) {
                *count += one.count;
            }
        }
    }
    let order = |part: &str| desk.topics.iter().position(|topic| topic.id == part).unwrap_or(usize::MAX);
    let mut rows: Vec<(String, Vec<u64>)> = parts.into_iter().collect();
    rows.sort_by_key(|(part, counts)| (std::cmp::Reverse(counts.iter().sum::<u64>()), order(part), part.clone()));
    let row = |(part, counts): (String, Vec<u64>)| Row {
        figure,
        part: Some(part),
        counts: counts.into_iter().map(Some).collect(),
    };
    rows.into_iter().map(row).collect()
}

/// As what parts of `figure` a decision counts, each once.
fn parts_of(one: &DecisionFact, figure: Figure) -> Vec<String> {
    let mut parts: Vec<String> = match (figure, one.decision) {
        (Figure::Returned, Decision::Return) => one.reasons.iter().map(reason_key).collect(),
        (Figure::Redirected, Decision::Redirect) => one.topics.clone(),
        _ => Vec::new(),
    };
    parts.sort();
    parts.dedup();
    parts
}

/// A reason as one word: its code, and behind a colon the field that it is about.
pub fn reason_key(reason: &crate::words::Reason) -> String {
    match &reason.field {
        Some(field) => format!("{}:{field}", reason.code),
        None => reason.code.to_string(),
    }
}

//! A day, whole: what the mail, the page Today and the command show.

use super::facts::{Facts, FactsAsked, Stretch};
use super::flow::{Flow, LineRow, flow, lines};
use super::needs::{Need, needs};
use super::people::{Agent, Ages, Load, Opportunities, agents, ages, load, opportunities};
use super::periods::{CHART_PERIODS, COLUMNS, Period, periods, told_on};
use super::times::{Waited, Waits, summed, waits};
use crate::desk::{Desk, DigestShows};
use crate::words::LineId;
use jiff::Timestamp;
use jiff::civil::Date;

/// Which lines are told of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All that the desk has, and what has no line.
    All,
    /// These lines.
    Lines(Vec<LineId>),
}

impl Scope {
    /// Whether figures count what is of `line`.
    pub fn counts(&self, line: Option<&LineId>) -> bool {
        match self {
            Self::All => true,
            Self::Lines(lines) => line.is_some_and(|line| lines.contains(line)),
        }
    }

    /// Whether what is of `line` is listed among what needs a decision: what has no line yet may be anybody's.
    pub fn lists(&self, line: Option<&LineId>) -> bool {
        line.is_none() || self.counts(line)
    }
}

/// Which day is told, to whom, and as of when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The lines.
    pub scope: Scope,
    /// The day: with a day off, the business day before it is meant.
    pub date: Date,
    /// When it is told.
    pub now: Timestamp,
}

/// A day of a desk.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Day {
    /// The desk's id.
    pub desk: String,
    /// The lines.
    pub scope: Scope,
    /// The day that is told, with the days off behind it.
    pub period: Period,
    /// When it is told.
    pub as_of: Timestamp,
    /// Whether the period is over.
    pub is_over: bool,
    /// What needs a decision now; `None` where a day before the newest is told: nobody can say any more what stood open
    /// and waited then.
    pub needs: Option<Vec<Need>>,
    /// The day against the days before.
    pub flow: Flow,
    /// The day line by line, where there are several.
    pub lines: Vec<LineRow>,
    /// How long requesters waited for the acknowledgement, column by column.
    pub acknowledged: Vec<Waits>,
    /// How long they waited for the first answer, column by column.
    pub answered: Vec<Waits>,
    /// How old is what is open now.
    pub ages: Option<Ages>,
    /// Who has how much now.
    pub load: Option<Vec<Load>>,
    /// What could be better, as specialists noted it.
    pub opportunities: Opportunities,
    /// Whose requests were returned most in the last twenty business days.
    pub agents: Vec<Agent>,
}

/// What facts must be asked for to tell a day.
pub fn asked(desk: &Desk, scope: &Scope, date: Date, now: Timestamp) -> FactsAsked {
    let calendar = &desk.calendar;
    let all = periods(calendar, date, CHART_PERIODS);
    let last = all.last().copied().unwrap_or_else(|| super::periods::period_of(calendar, date));
    let ends = last.stretch.to;
    let far = ends.saturating_add(jiff::SignedDuration::from_hours(24 * MOST_DAYS_BACK));
    // How much was open then is reckoned back from now, as long as that is not too far.
    let open = far.is_ok_and(|far| now <= far);
    // The newest day that is over, and the day itself.
    let newest = told_on(calendar, calendar.local(now).date());
    FactsAsked {
        scope: scope.clone(),
        periods: all.iter().map(|period| period.stretch).collect(),
        columns: all.len().saturating_sub(COLUMNS),
        // What happened at this very instant has happened.
        since: open.then(|| Stretch { from: ends, to: ends.max(just_after(now)) }),
        now: newest <= last.date,
        subjects: desk.digest_shows == DigestShows::Names,
    }
}

fn just_after(at: Timestamp) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap_or(at)
}

/// How far back the number of open cases is reckoned.
const MOST_DAYS_BACK: i64 = 100;

impl Day {
    /// The day that `facts` tell, which are those that [`asked`] asks for.
    pub fn of(desk: &Desk, subject: &Subject, facts: &Facts) -> Self {
        let scope = &subject.scope;
        let all = periods(&desk.calendar, subject.date, CHART_PERIODS);
        let period = all.last().copied().unwrap_or_else(|| super::periods::period_of(&desk.calendar, subject.date));
        let columns = all.get(all.len().saturating_sub(COLUMNS)..).unwrap_or_default();
        let whole =
            Stretch { from: columns.first().map_or(subject.now, |one| one.stretch.from), to: period.stretch.to };
        let waits = waits(desk, facts, whole, |line| scope.counts(line));
        let of_column = |what: Waited| {
            let column = |period: &Period| {
                summed(waits.iter().filter(|wait| wait.what == what && period.stretch.holds(wait.at)))
            };
            columns.iter().map(column).collect()
        };
        let now = facts.now.as_ref();
        Self {
            desk: desk.id.clone(),
            scope: scope.clone(),
            period,
            as_of: subject.now,
            is_over: period.stretch.to <= subject.now,
            needs: now.map(|now| needs(desk, scope, now, subject.now, period.stretch.from)),
            flow: flow(desk, scope, facts, (&all, columns)),
            lines: lines(desk, scope, facts, period.stretch),
            acknowledged: of_column(Waited::Acknowledgement),
            answered: of_column(Waited::Answer),
            ages: now.map(|now| ages(desk, scope, &now.open, subject.now)),
            load: now.map(|now| load(desk, scope, &now.open, subject.now)),
            opportunities: opportunities(scope, facts, period.stretch),
            agents: agents(facts),
        }
    }

    /// Whether there is nothing to tell: nothing came in, nothing was done, nothing needs a decision.
    pub fn is_quiet(&self) -> bool {
        self.needs.as_ref().is_none_or(Vec::is_empty) && self.flow.is_quiet() && self.open() == 0
    }

    /// How many cases are open now; 0 where that is not told.
    pub fn open(&self) -> usize {
        self.ages.as_ref().map_or(0, |ages| ages.open)
    }
}

//! Who has how much, how old it is, what could be better, and whom to coach.

use super::day::Scope;
use super::facts::{Facts, OpenFact, Stretch};
use super::flow::reason_key;
use crate::address::EmailAddress;
use crate::desk::{Desk, Role, Staff};
use crate::words::{Decision, Status};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// Agents that are named at most.
pub const MOST_AGENTS: usize = 10;
/// Of one request that was returned nobody is coached.
pub const LEAST_RETURNS: u64 = 2;
/// The upper ends of the age classes, in business days; the last class has none.
const AGES: [u32; 5] = [1, 3, 5, 10, 20];

/// How old open cases are, in business days since they were opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ages {
    /// How many are open.
    pub open: usize,
    /// Of those, urgent ones.
    pub urgent: usize,
    /// Of those, how many wait for their first assignment.
    pub new: usize,
    /// Of those, how many are paused.
    pub paused: usize,
    /// Each class: its oldest age in business days, or `None` for all that is older; and how many.
    pub classes: Vec<(Option<u32>, usize)>,
    /// The median age.
    pub median: u32,
    /// The greatest age.
    pub oldest: u32,
    /// The oldest case's number.
    pub oldest_case: Option<String>,
}

/// What one specialist has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Load {
    /// Who; `None`: nobody has them.
    pub specialist: Option<EmailAddress>,
    /// The name, where the policy has one.
    pub name: Option<String>,
    /// Whether they are away on that day.
    pub away: bool,
    /// Open cases.
    pub open: usize,
    /// Of those, urgent ones.
    pub urgent: usize,
    /// Of those, ones whose answer was promised earlier and is still owed.
    pub missed: usize,
    /// Of those, ones whose answer is due by the end of today.
    pub due_today: usize,
    /// Of those, ones that wait for somebody or are paused.
    pub waiting: usize,
    /// Age of the oldest, in business days.
    pub oldest: u32,
}

/// What specialists noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Opportunities {
    /// By kind: how many on the day, and how many in the last twenty business days.
    pub kinds: BTreeMap<String, (u64, u64)>,
    /// Those of the day: kind and case number.
    pub cases: Vec<(String, String)>,
}

/// Whose requests were returned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Agent {
    /// Who.
    pub address: EmailAddress,
    /// Requests that were returned or rejected.
    pub returned: u64,
    /// All requests that were decided.
    pub requests: u64,
    /// Why, by the reasons' keys, the most frequent first.
    pub reasons: Vec<(String, u64)>,
}

/// Ages in business days by the day of the opening. Each day back to the oldest opening is looked at once, whatever the
/// number of cases: a year of days for each of thousands of cases would be seconds.
struct AgeTable<'a> {
    desk: &'a Desk,
    today: Date,
    ages: HashMap<Date, u32>,
}

impl<'a> AgeTable<'a> {
    fn new<'b>(desk: &'a Desk, open: impl Iterator<Item = &'b OpenFact>, now: Timestamp) -> Self {
        let today = desk.calendar.local(now).date();
        let oldest = open.map(|case| case.opened_at).min().map_or(today, |at| desk.calendar.local(at).date());
        let (mut ages, mut age, mut day) = (HashMap::new(), 0, today);
        while oldest < day {
            ages.insert(day, age);
            age += u32::from(desk.calendar.is_business_day(day));
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        ages.insert(day, age);
        Self { desk, today, ages }
    }

    /// What came in today, or is dated after it, is 0 days old.
    fn of(&self, case: &OpenFact) -> u32 {
        let day = self.desk.calendar.local(case.opened_at).date();
        if self.today <= day { 0 } else { self.ages.get(&day).copied().unwrap_or_default() }
    }
}

/// How old what is open is.
pub fn ages(desk: &Desk, scope: &Scope, open: &[OpenFact], now: Timestamp) -> Ages {
    let open: Vec<&OpenFact> = open.iter().filter(|case| scope.counts(case.line.as_ref())).collect();
    let table = AgeTable::new(desk, open.iter().copied(), now);
    let mut ages: Vec<u32> = open.iter().map(|case| table.of(case)).collect();
    ages.sort_unstable();
    let mut least = 0;
    let mut classes = Vec::with_capacity(AGES.len() + 1);
    for most in AGES {
        classes.push((Some(most), ages.iter().filter(|age| least <= **age && **age <= most).count()));
        least = most + 1;
    }
    classes.push((None, ages.iter().filter(|age| least <= **age).count()));
    let is = |status: Status| open.iter().filter(|case| case.status == status).count();
    let oldest_case = open.iter().min_by_key(|case| (case.opened_at, &case.number));
    Ages {
        open: open.len(),
        urgent: open.iter().filter(|case| case.urgent).count(),
        new: is(Status::New),
        paused: is(Status::Paused),
        classes,
        median: ages.get(ages.len().saturating_sub(1) / 2).copied().unwrap_or_default(),
        oldest: ages.last().copied().unwrap_or_default(),
        oldest_case: oldest_case.map(|case| case.number.0.clone()),
    }
}

/// Who has how much: every specialist of the lines, and whoever else has a case of them; the fullest first, what nobody
/// has last.
pub fn load(desk: &Desk, scope: &Scope, open: &[OpenFact], now: Timestamp) -> Vec<Load> {
    let today = desk.calendar.local(now).date();
    let table = AgeTable::new(desk, open.iter(), now);
    let mut loads: Vec<Load> = Vec::new();
    let works =
        |staff: &&Staff| staff.role == Role::Specialist && staff.lines.iter().any(|line| scope.counts(Some(line)));
    let empty = |email: Option<&EmailAddress>| {
        let staff = email.and_then(|email| desk.staff_member(email));
        Load {
            specialist: email.cloned(),
            name: staff.map(|staff| staff.name.clone()),
            away: staff.is_some_and(|staff| staff.is_absent(today)),
            open: 0,
            urgent: 0,
            missed: 0,
            due_today: 0,
            waiting: 0,
            oldest: 0,
        }
    };
    loads.extend(desk.staff.iter().filter(works).map(|staff| empty(Some(&staff.email))));
    for case in open.iter().filter(|case| scope.counts(case.line.as_ref())) {
        let place = loads.iter().position(|load| load.specialist == case.specialist).unwrap_or_else(|| {
            loads.push(empty(case.specialist.as_ref()));
            loads.len() - 1
        });
        let Some(load) = loads.get_mut(place) else { continue };
        let is_due = |due: Timestamp| desk.calendar.local(due).date() <= today;
        load.open += 1;
        load.urgent += usize::from(case.urgent);
        load.missed += usize::from(case.missed.is_some());
        load.due_today += usize::from(case.respond_due.is_some_and(is_due));
        let waits = matches!(case.status, Status::WaitingInternal | Status::WaitingExternal | Status::Paused);
        load.waiting += usize::from(waits);
        load.oldest = load.oldest.max(table.of(case));
    }
    loads.sort_by_key(|load| (load.specialist.is_none(), std::cmp::Reverse(load.open), load.name.clone()));
    loads
}

/// What was noted as worth bettering on the day, and in all that the facts hold: twenty business days up to its end.
pub fn opportunities(scope: &Scope, facts: &Facts, stretch: Stretch) -> Opportunities {
    let mut noted = Opportunities::default();
    for one in facts.opportunities.iter().filter(|one| scope.counts(one.line.as_ref())) {
        let counts = noted.kinds.entry(one.kind.clone()).or_default();
        counts.1 += 1;
        if stretch.holds(one.at) {
            counts.0 += 1;
            noted.cases.extend(one.case.as_ref().map(|case| (one.kind.clone(), case.0.clone())));
        }
    }
    noted.cases.sort();
    noted
}

/// Whose requests were returned most, in all that the facts hold: twenty business days, up to the end of the day.
pub fn agents(facts: &Facts) -> Vec<Agent> {
    let mut by_author: BTreeMap<String, (Agent, BTreeMap<String, u64>)> = BTreeMap::new();
    for one in &facts.agents {
        let begun =
            || (Agent { address: one.address.clone(), returned: 0, requests: 0, reasons: Vec::new() }, BTreeMap::new());
        let (agent, reasons) = by_author.entry(one.address.key()).or_insert_with(begun);
        agent.requests += one.count;
        if matches!(one.decision, Decision::Return | Decision::RejectMixed) {
            agent.returned += one.count;
            let keys: std::collections::BTreeSet<String> = one.reasons.iter().map(reason_key).collect();
            for key in keys {
                *reasons.entry(key).or_default() += one.count;
            }
        }
    }
    let with_reasons = by_author.into_values().map(|(agent, reasons)| {
        let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), key.clone()));
        Agent { reasons, ..agent }
    });
    let mut agents: Vec<Agent> = with_reasons.filter(|agent| agent.returned >= LEAST_RETURNS).collect();
    agents.sort_by_key(|agent| (std::cmp::Reverse(agent.returned), agent.requests, agent.address.key()));
    agents.truncate(MOST_AGENTS);
    agents
}

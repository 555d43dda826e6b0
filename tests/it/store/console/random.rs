//! Random cases of several desks and lines, changed in random batches; and who may see which, written naively.

use crate::store::world::{World, address};
use jiff::Timestamp;
use mailclerk::case::{Case, ClockKind, ClockOf, ClockRow, ClockState};
use mailclerk::desk::access::{Access, AccountRole, DeskAccess};
use mailclerk::effects::{ClockChoice, ClockEnd, Effects};
use mailclerk::store::{Committed, NextDue};
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{LineId, Status};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use uuid::Uuid;

pub const DESKS: [&str; 3] = ["east", "north", "west"];
pub const LINES: [&str; 3] = ["one", "two", "three"];
pub const PEOPLE: [&str; 4] = ["ann@example.com", "bob@example.com", "cy@example.com", "dee@example.com"];

/// A case as the test knows it.
#[derive(Clone)]
pub struct Known {
    pub case: Case,
    pub clocks: BTreeMap<(ClockKind, Timestamp), ClockRow>,
    pub missed: Option<Timestamp>,
}

impl Known {
    /// What comes next, by the rule in words: of a paused case the end of its pause; else a missed answer, the answer,
    /// the update; of a resolved case nothing.
    pub fn next(&self) -> Option<NextDue> {
        let running = |kind: ClockKind| {
            let of_kind = self.clocks.values().filter(move |clock| clock.kind == kind);
            of_kind.filter(|clock| clock.state == ClockState::Running).map(|clock| clock.due).min()
        };
        let of = |kind: ClockKind, at: Option<Timestamp>| at.map(|at| NextDue { kind, at });
        match self.case.status {
            Status::Resolved => None,
            Status::Paused => of(ClockKind::PauseEnd, running(ClockKind::PauseEnd)),
            _ => of(ClockKind::Respond, self.missed.or_else(|| running(ClockKind::Respond)))
                .or_else(|| of(ClockKind::Update, running(ClockKind::Update))),
        }
    }
}

/// A database full of random cases.
pub struct Scene {
    pub world: World,
    pub chance: StdRng,
    pub cases: BTreeMap<Uuid, Known>,
}

impl Scene {
    pub fn new(world: World, seed: u64) -> Self {
        Self { world, chance: StdRng::seed_from_u64(seed), cases: BTreeMap::new() }
    }

    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let n = self.chance.random_range(0..of.len());
        &of[n]
    }

    fn minutes(&mut self) -> Timestamp {
        let minutes = self.chance.random_range(-4000..4000);
        self.world.later(minutes)
    }

    pub fn new_case(&mut self) -> Case {
        let desk = *self.one_of(&DESKS);
        let person = self.chance.random_range(0..40);
        let number = format!("{}-{}", desk[..1].to_uppercase(), 100_001 + self.cases.len());
        let mut case = self.world.case(&number, &format!("agent.{person}@partner{}.example", person % 5));
        case.desk = desk.to_owned();
        // Half of them at one of few instants: what is equal must still stand in one order.
        let minute = self.chance.random_range(0..3000);
        case.opened_at = self.world.later(if minute % 2 == 0 { minute / 500 } else { minute });
        self.change(&mut case);
        case
    }

    fn change(&mut self, case: &mut Case) {
        let line = self.chance.random_range(0..4);
        case.line = LINES.get(line).map(|line| LineId((*line).into()));
        let person = self.chance.random_range(0..6);
        case.specialist = PEOPLE.get(person).map(|email| address(email));
        case.status = *self.one_of(Status::ALL);
        case.urgent = self.chance.random_range(0..5) == 0;
    }

    /// Writes one batch of new and changed cases, with clocks that begin, end, are met or breached.
    pub async fn batch(&mut self) {
        let mut all = Vec::new();
        let mut touched = Vec::new();
        for _ in 0..self.chance.random_range(1..12) {
            let known: Vec<Uuid> = self.cases.keys().copied().filter(|id| !touched.contains(id)).collect();
            let is_new = known.is_empty() || self.chance.random_range(0..3) == 0;
            let known = if is_new {
                Known { case: self.new_case(), clocks: BTreeMap::new(), missed: None }
            } else {
                let id = *self.one_of(&known);
                self.cases[&id].clone()
            };
            touched.push(known.case.id);
            all.push(self.step(known, is_new));
        }
        let effects: Vec<Effects> = all.into_iter().collect();
        let outcome = self.world.commit(&effects, &[]).await;
        assert!(outcome.iter().all(|one| *one == Committed::Written), "{outcome:?}");
    }

    /// One element of a batch: what it writes, and the same done to what the test knows.
    fn step(&mut self, mut known: Known, is_new: bool) -> Effects {
        let id = known.case.id;
        let mut effects = Effects { desk: known.case.desk.clone(), at: self.world.now, ..Effects::default() };
        match self.chance.random_range(0..4) {
            0 if !is_new => self.end_row(&mut known, &mut effects),
            1 if !is_new => {
                let kind = *self.one_of(&[ClockKind::Respond, ClockKind::Update, ClockKind::PauseEnd]);
                let state = *self.one_of(&[ClockState::Met, ClockState::Ended, ClockState::Paused]);
                let of_kind = known.clocks.values_mut().filter(|clock| clock.kind == kind);
                for clock in of_kind.filter(|one| matches!(one.state, ClockState::Running | ClockState::Paused)) {
                    clock.state = state;
                }
                if (kind, state) == (ClockKind::Respond, ClockState::Met) {
                    known.missed = None;
                }
                let which = ClockChoice::Kind(ClockOf::Case(id), kind);
                effects.clocks_ended.push(ClockEnd { which, state });
            }
            _ => {
                if !is_new {
                    self.change(&mut known.case);
                }
                effects.cases.push(known.case.clone());
                known.case.version += 1;
                if known.case.status == Status::Resolved {
                    known.missed = None;
                }
            }
        }
        let kind = *self.one_of(&[ClockKind::Respond, ClockKind::Update, ClockKind::PauseEnd, ClockKind::UpdateNudge]);
        let due = self.minutes();
        if !known.clocks.contains_key(&(kind, due)) {
            let clock = ClockRow { desk: known.case.desk.clone(), ..self.world.clock(ClockOf::Case(id), kind, due) };
            known.clocks.insert((kind, due), clock.clone());
            effects.clocks.push(clock);
        }
        self.cases.insert(id, known);
        effects
    }

    fn end_row(&mut self, known: &mut Known, effects: &mut Effects) {
        let state = *self.one_of(&[ClockState::Breached, ClockState::Met, ClockState::Ended]);
        let running = known.clocks.values_mut().filter(|clock| clock.state == ClockState::Running);
        let Some(clock) = running.last() else { return };
        clock.state = state;
        if (clock.kind, state) == (ClockKind::Respond, ClockState::Breached) {
            known.missed = Some(clock.due);
        }
        effects.clocks_ended.push(ClockEnd { which: ClockChoice::Row(clock.id), state });
    }

    /// The account of an admin.
    pub fn access_of_all(&self) -> Access {
        let desks = DESKS.iter().map(|desk| DeskAccess { desk: (*desk).into(), lines: None }).collect();
        Access { email: address(PEOPLE[0]), role: AccountRole::Admin, desks }
    }

    /// An account of somebody, with random desks and lines.
    pub fn access(&mut self) -> Access {
        let email = address(self.one_of::<&str>(&PEOPLE));
        let role = *self.one_of(&[AccountRole::Specialist, AccountRole::Supervisor, AccountRole::Admin]);
        let mut desks = Vec::new();
        for desk in DESKS {
            if role == AccountRole::Admin {
                desks.push(DeskAccess { desk: desk.into(), lines: None });
            } else if self.chance.random_range(0..3) > 0 {
                let of_all = LINES.iter().filter(|_| self.chance.random_range(0..2) == 0);
                let lines: Vec<LineId> = of_all.map(|line| LineId((*line).into())).collect();
                desks.push(DeskAccess { desk: desk.into(), lines: (!lines.is_empty()).then_some(lines) });
            }
        }
        Access { email, role, desks }
    }
}

/// Who may see a case, as the rule has it in words.
pub fn may_see(access: &Access, case: &Case) -> bool {
    let Some(desk) = access.desks.iter().find(|desk| desk.desk == case.desk) else { return false };
    let in_lines = match (&desk.lines, &case.line) {
        (None, _) | (_, None) => true,
        (Some(lines), Some(line)) => lines.contains(line),
    };
    in_lines || case.specialist.as_ref() == Some(&access.email)
}

/// Numbers, for a message that shows what differs.
pub fn numbers<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<CaseNumber> {
    cases.map(|case| case.number.clone()).collect()
}

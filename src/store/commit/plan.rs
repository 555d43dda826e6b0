//! The elements of a batch put together: of each row the newest state, of the clocks what stands at the end.

use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState, Pending};
use crate::effects::{ClockChoice, Effects};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a batch writes.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// The elements, in order.
    pub(super) elements: Vec<&'a Effects>,
    /// The newest state of each case.
    pub(super) cases: BTreeMap<Uuid, &'a Case>,
    /// The newest state of each pending request.
    pub(super) pendings: BTreeMap<Uuid, &'a Pending>,
    /// Rows of clocks that end.
    pub(super) rows_ended: Vec<(Uuid, ClockState)>,
    /// All running and paused clocks of these (and of this kind, where one is named) end so, if they stood before the batch.
    pub(super) all_ended: Vec<(ClockOf, Option<ClockKind>, ClockState)>,
    /// Clocks that start, by what must be unique.
    pub(super) clocks: BTreeMap<(Uuid, ClockKind, Timestamp), ClockRow>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(elements: impl Iterator<Item = &'a Effects>) -> Self {
        let mut plan = Self::default();
        for effects in elements {
            plan.cases.extend(effects.cases.iter().map(|case| (case.id, case)));
            plan.pendings.extend(effects.pendings.iter().map(|pending| (pending.id, pending)));
            plan.end_clocks(effects);
            plan.start_clocks(effects);
            plan.elements.push(effects);
        }
        plan
    }

    fn end_clocks(&mut self, effects: &Effects) {
        for end in &effects.clocks_ended {
            match end.which {
                ClockChoice::Row(id) => self.rows_ended.push((id, end.state)),
                ClockChoice::AllOf(of) => self.end_all(of, None, end.state),
                ClockChoice::Kind(of, kind) => self.end_all(of, Some(kind), end.state),
            }
        }
    }

    fn end_all(&mut self, of: ClockOf, kind: Option<ClockKind>, state: ClockState) {
        let is_meant = |clock: &ClockRow| clock.of == of && kind.is_none_or(|kind| clock.kind == kind);
        for clock in self.clocks.values_mut().filter(|clock| is_meant(clock)) {
            if matches!(clock.state, ClockState::Running | ClockState::Paused) {
                clock.state = state;
            }
        }
        self.all_ended.push((of, kind, state));
    }

    /// A clock that stands is left as it is; one that had ended runs again.
    fn start_clocks(&mut self, effects: &Effects) {
        for clock in &effects.clocks {
            let standing = self.clocks.entry((of_id(clock.of), clock.kind, clock.due)).or_insert_with(|| clock.clone());
            if standing.state == ClockState::Ended {
                *standing = ClockRow { id: standing.id, ..clock.clone() };
            }
        }
    }
}

/// The row that a clock is about.
pub(super) fn of_id(of: ClockOf) -> Uuid {
    match of {
        ClockOf::Case(id) | ClockOf::Pending(id) | ClockOf::Message(id) | ClockOf::Desk(id) => id,
    }
}

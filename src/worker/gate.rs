//! The breaker at work: each desk's figures are looked at while mail leaves, and its gate is moved on when it is due.

use super::Worker;
use crate::desk::Breaker;
use crate::gate::{Change, Figures, Gate, GateState, UNLOOKED, room};
use crate::store::AlarmWrite;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};

/// How often the figures of desks are looked at, at least while mail leaves.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// Mails that always may leave between two looks.
const FEWEST_UNLOOKED: u64 = 100;

/// When the figures were looked at last, and what may leave before they are looked at again.
#[derive(Debug, Default)]
pub(super) struct LookedAt {
    at: Option<Timestamp>,
    left: u64,
}

impl Worker {
    /// Looks at every desk's figures, unless that was done a moment ago; `surely`: in any case. Gives how many gates moved.
    pub(super) async fn watch_gates(&self, surely: bool) -> anyhow::Result<usize> {
        let now = self.clock.now();
        if !surely && !self.is_time_to_look(now) {
            return Ok(0);
        }
        let mut room = UNLOOKED;
        let mut desks: BTreeSet<String> = self.desks.all().iter().map(|desk| desk.id.clone()).collect();
        // A desk whose policy is gone may still rest.
        desks.extend(self.store.outbox_gates().await?.into_iter().map(|gate| gate.desk));
        let mut moved = 0;
        for desk in desks {
            let (has_moved, room_here) = self.watch_gate(&desk, now).await?;
            moved += usize::from(has_moved);
            room = room.min(room_here);
        }
        *self.looked_at() = LookedAt { at: Some(now), left: room.max(FEWEST_UNLOOKED) };
        if moved > 0 {
            self.mails_waiting.notify_one();
        }
        Ok(moved)
    }

    fn looked_at(&self) -> MutexGuard<'_, LookedAt> {
        self.gates_looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_time_to_look(&self, now: Timestamp) -> bool {
        let looked_at = self.looked_at();
        looked_at.left == 0 || looked_at.at.is_none_or(|at| now.duration_since(at).abs() >= LOOK_EVERY)
    }

    /// So many mails leave: looks at the figures again where they might be absurd by now.
    pub(super) async fn watch_gates_after(&self, mails: usize) -> anyhow::Result<usize> {
        {
            let mut looked_at = self.looked_at();
            looked_at.left = looked_at.left.saturating_sub(u64::try_from(mails).unwrap_or(u64::MAX));
        }
        self.watch_gates(false).await
    }

    /// Whether the gate of `desk` moved, and how many mails more cannot change that.
    async fn watch_gate(&self, desk: &str, now: Timestamp) -> anyhow::Result<(bool, u64)> {
        let breaker = self.desks.get(desk).map_or_else(Breaker::default, |desk| desk.breaker);
        let gate = self.store.outbox_gate(desk, now).await?;
        let figures = match gate.state {
            GateState::Open | GateState::Returning => self.store.outbox_figures(&gate, &breaker, now).await?,
            GateState::Stopped | GateState::Held => Figures::default(),
        };
        let room = if gate.state == GateState::Open { room(&breaker, &figures) } else { 0 };
        let Some((next, change)) = gate.next(&breaker, &figures, now) else { return Ok((false, room)) };
        let alarms = self.alarms_of(&next, change, &figures);
        // Another worker may have moved it first: then there is nothing left to do.
        let moved = self.store.set_outbox_gate(&next, Some(change), Some(&figures), &alarms, now).await?;
        if moved && change == Change::Stopped {
            let why = next.why.as_deref().unwrap_or_default();
            tracing::error!(desk, why, ?figures, "automatic mail is stopped; answers and staff mail go on");
        } else if moved {
            tracing::warn!(desk, state = %next.state, step = next.step, "automatic mail goes a step on");
        }
        Ok((moved, 0))
    }

    /// What the operator is told: that it stopped, and that it leaves as ever again.
    fn alarms_of(&self, gate: &Gate, change: Change, figures: &Figures) -> Vec<AlarmWrite> {
        let kind = match change {
            Change::Stopped => "automatic_mail_stopped",
            Change::Opened => "automatic_mail_released",
            Change::Returning => return Vec::new(),
        };
        let facts = serde_json::json!({
            "state": gate.state, "why": gate.why, "since": gate.since.to_string(),
            "returns_at": gate.step_at.map(|at| at.to_string()), "figures": figures,
        });
        let ways = self.alarm.ways();
        let write = |way| AlarmWrite {
            id: self.with_chance(|chance| chance.id(gate.since)),
            desk: gate.desk.clone(),
            way,
            kind: kind.to_owned(),
            facts: facts.clone(),
        };
        ways.into_iter().map(write).collect()
    }
}

//! Whether a desk's automatic mail leaves: one row a desk, which every worker's claims obey; and the figures that the
//! breaker looks at.

use crate::case::EventKind;
use crate::effects::{Chain, EventWrite};
use crate::gate::{BOUNCE_WINDOW, Change, Figures, Gate, GateState, WINDOW};
use crate::store::alarms::{AlarmWrite, write_alarms};
use crate::store::db::Tx;
use crate::store::value::{Row, args};
use crate::store::{Result, Store, StoreError, audit};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Whether the automatic mail of mail `m`'s desk is stopped.
pub(in crate::store) const IS_STOPPED: &str = "EXISTS (SELECT 1 FROM outbox_gates g WHERE g.desk = m.desk AND \
    (g.state IN ('stopped', 'held') OR (g.state = 'returning' AND g.remaining <= 0)))";

const GATE: &str = "desk, version, state, since, why, by_whom, step_at, step, remaining, counted_from, rest_minutes";

fn gate(row: &Row) -> Result<Gate> {
    let small = |column| u32::try_from(row.int(column)?).map_err(|_| StoreError::Corrupt("a gate"));
    Ok(Gate {
        desk: row.text("desk")?,
        version: row.int("version")?,
        state: row.word("state", GateState::from_word)?,
        since: row.time("since")?,
        why: row.opt_text("why")?,
        by: row.text("by_whom")?,
        step_at: row.opt_time("step_at")?,
        step: small("step")?,
        remaining: row.int("remaining")?,
        counted_from: row.opt_time("counted_from")?,
        rest_minutes: small("rest_minutes")?,
    })
}

impl Store {
    /// How the automatic mail of `desk` stands.
    pub async fn outbox_gate(&self, desk: &str, now: Timestamp) -> Result<Gate> {
        let row = self.db.row(&format!("SELECT {GATE} FROM outbox_gates WHERE desk = $1"), args![desk]).await?;
        row.as_ref().map_or_else(|| Ok(Gate::open(desk, now)), gate)
    }

    /// Every gate that was ever moved, by desk.
    pub async fn outbox_gates(&self) -> Result<Vec<Gate>> {
        let rows = self.db.rows(&format!("SELECT {GATE} FROM outbox_gates ORDER BY desk"), args![]).await?;
        rows.iter().map(gate).collect()
    }

    /// What the breaker looks at, of `desk`, as its gate counts.
    pub async fn outbox_figures(&self, gate: &Gate, now: Timestamp) -> Result<Figures> {
        let (hour, day) = (gate.counts_from(WINDOW, now), gate.counts_from(BOUNCE_WINDOW, now));
        let count = |row: &Row, column| Ok::<_, StoreError>(u64::try_from(row.int(column)?).unwrap_or(0));
        let sql = "SELECT COUNT(*) AS mails, COUNT(DISTINCT to_key) AS recipients, COUNT(DISTINCT about) AS things, \
                   (SELECT COUNT(*) FROM messages WHERE desk = $1 AND arrived > $2) AS arrivals FROM mails \
                   WHERE desk = $1 AND class = 'automatic' AND counts_at > $2 \
                   AND state IN ('queued', 'claimed', 'committing', 'sent', 'deferred', 'uncertain')";
        let hourly = self.db.row(sql, args![gate.desk.as_str(), hour]).await?.ok_or(StoreError::Corrupt("a count"))?;
        let sql = "SELECT COUNT(*) AS sent, COUNT(bounced_at) AS bounced FROM mails WHERE desk = $1 \
                   AND class = 'automatic' AND counts_at > $2 AND (state = 'sent' OR bounced_at IS NOT NULL)";
        let daily = self.db.row(sql, args![gate.desk.as_str(), day]).await?.ok_or(StoreError::Corrupt("a count"))?;
        Ok(Figures {
            automatic: count(&hourly, "mails")?,
            recipients: count(&hourly, "recipients")?,
            about: count(&hourly, "things")?,
            arrivals: count(&hourly, "arrivals")?,
            sent: count(&daily, "sent")?,
            bounced: count(&daily, "bounced")?,
        })
    }

    /// Writes what a gate became, with its event and what the operator is told; `false`: somebody else changed it first.
    pub async fn set_outbox_gate(
        &self,
        gate: &Gate,
        change: Option<Change>,
        figures: Option<&Figures>,
        alarms: &[AlarmWrite],
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = audit::begin(&self.db).await?;
        let sql = "INSERT INTO outbox_gates (desk, version, state, since, why, by_whom, step_at, step, remaining, \
                   counted_from, rest_minutes) VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                   ON CONFLICT (desk) DO UPDATE SET version = excluded.version, state = excluded.state, \
                   since = excluded.since, why = excluded.why, by_whom = excluded.by_whom, step_at = excluded.step_at, \
                   step = excluded.step, remaining = excluded.remaining, counted_from = excluded.counted_from, \
                   rest_minutes = excluded.rest_minutes WHERE outbox_gates.version = $2";
        let values = args![
            gate.desk.as_str(),
            gate.version,
            gate.state.as_str(),
            gate.since,
            gate.why.clone(),
            gate.by.as_str(),
            gate.step_at,
            i64::from(gate.step),
            gate.remaining,
            gate.counted_from,
            i64::from(gate.rest_minutes),
        ];
        if tx.run(sql, values).await? == 0 {
            return Ok(false);
        }
        let kind = match (change, gate.state) {
            (Some(Change::Stopped), _) | (None, GateState::Held | GateState::Stopped) => EventKind::OutboxStopped,
            (Some(Change::Returning), _) | (None, GateState::Returning) => EventKind::OutboxReturning,
            (Some(Change::Opened), _) | (None, GateState::Open) => EventKind::OutboxReleased,
        };
        let mut ids = BTreeMap::from([
            ("state".to_owned(), gate.state.to_string()),
            ("by".to_owned(), if gate.by == "breaker" { "breaker" } else { "person" }.to_owned()),
            ("step".to_owned(), gate.step.to_string()),
        ]);
        if let Some(figures) = figures {
            ids.insert("automatic".to_owned(), figures.automatic.to_string());
            ids.insert("arrivals".to_owned(), figures.arrivals.to_string());
            ids.insert("recipients".to_owned(), figures.recipients.to_string());
            ids.insert("bounced".to_owned(), figures.bounced.to_string());
        }
        let content = serde_json::json!({ "why": gate.why, "by": gate.by });
        let event = EventWrite { chain: Chain::Desk, kind, ids, content: Some(content) };
        audit::append(&mut tx, &self.keys, &[(gate.desk.clone(), now, &event)]).await?;
        write_alarms(&mut tx, alarms, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tells of a desk's gate by hand: holds its automatic mail, or lets it go on.
    pub async fn turn_outbox_gate(&self, desk: &str, turn: Turn<'_>, by: &str, now: Timestamp) -> Result<Gate> {
        loop {
            let before = self.outbox_gate(desk, now).await?;
            let after = match turn {
                Turn::Hold { why } => before.held(by, why, now),
                Turn::Release { .. } if before.state == GateState::Open => return Ok(before),
                Turn::Release { at_once } => before.released(by, at_once, now),
            };
            if self.set_outbox_gate(&after, None, None, &[], now).await? {
                return Ok(after);
            }
        }
    }
}

/// What a person does with a desk's gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn<'a> {
    /// Automatic mail waits.
    Hold {
        /// What they say about it.
        why: Option<&'a str>,
    },
    /// It goes on.
    Release {
        /// As ever, and not slowly.
        at_once: bool,
    },
}

/// Mails that were claimed count in the step of a slow return.
pub(super) async fn count_claimed(tx: &mut Tx, desks: &BTreeMap<String, i64>) -> Result<()> {
    for (desk, count) in desks {
        let sql = "UPDATE outbox_gates SET remaining = remaining - $2 WHERE desk = $1 AND state = 'returning'";
        tx.run(sql, args![desk.as_str(), *count]).await?;
    }
    Ok(())
}

//! Whether a desk's automatic mail leaves: one row a desk, which every worker's claims obey; and the figures that the
//! breaker looks at.

use crate::case::EventKind;
use crate::desk::Breaker;
use crate::effects::{Chain, EventWrite};
use crate::gate::{BOUNCE_WINDOW, Change, Enough, Figures, Gate, GateState, WINDOW, absurd};
use crate::store::alarms::{AlarmWrite, write_alarms};
use crate::store::db::Tx;
use crate::store::value::{Row, Value, args};
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

    /// What the breaker looks at, of a desk, as its gate counts. Of what may be many, no more is counted than what it
    /// takes to see that nothing is absurd; where something is, the figures are whole, for people read them.
    pub async fn outbox_figures(&self, gate: &Gate, breaker: &Breaker, now: Timestamp) -> Result<Figures> {
        let mut tx = self.db.snapshot().await?;
        let figures = figures(&mut tx, gate, now, |figures| figures.ahead().enough(breaker)).await?;
        if absurd(breaker, &figures).is_none() {
            return Ok(figures);
        }
        self::figures(&mut tx, gate, now, |_| Enough { recipients: u64::MAX, about: u64::MAX, sent: u64::MAX }).await
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

/// Counts; `enough` says from what is counted first how far the rest is counted.
async fn figures(tx: &mut Tx, gate: &Gate, now: Timestamp, enough: impl FnOnce(&Figures) -> Enough) -> Result<Figures> {
    let (hour, day) = (gate.counts_from(WINDOW, now), gate.counts_from(BOUNCE_WINDOW, now));
    let desk = gate.desk.as_str();
    let counted = format!("FROM mails WHERE desk = $1 AND class = 'automatic' AND counts_at > $2 AND {ON_ITS_WAY}");
    let mut figures = Figures {
        automatic: counts(tx, &format!("SELECT COUNT(*) AS found {counted}"), args![desk, hour]).await?,
        arrivals: {
            let sql = "SELECT COUNT(*) AS found FROM messages WHERE desk = $1 AND arrived > $2";
            counts(tx, sql, args![desk, hour]).await?
        },
        bounced: {
            // What came back did so after it counted.
            let sql = "SELECT COUNT(*) AS found FROM mails WHERE desk = $1 AND class = 'automatic' \
                       AND bounced_at IS NOT NULL AND bounced_at > $2 AND COALESCE(counts_at, bounced_at) > $2";
            counts(tx, sql, args![desk, day]).await?
        },
        ..Figures::default()
    };
    let enough = enough(&figures);
    for (column, most, found) in
        [("to_key", enough.recipients, &mut figures.recipients), ("about", enough.about, &mut figures.about)]
    {
        if most > 0 {
            // COALESCE: no index that has this column in order, but not the time, is taken for it.
            let sql = format!(
                "SELECT COUNT(*) AS found FROM (SELECT DISTINCT COALESCE({column}, NULL) AS one {counted} \
                 AND {column} IS NOT NULL LIMIT $3) AS few"
            );
            *found = counts(tx, &sql, args![desk, hour, limit(most)]).await?;
        }
    }
    if enough.sent > 0 {
        let sql = "SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM mails WHERE desk = $1 AND class = 'automatic' \
                   AND counts_at > $2 AND (state = 'sent' OR bounced_at IS NOT NULL) LIMIT $3) AS few";
        figures.sent = counts(tx, sql, args![desk, day, limit(enough.sent)]).await?;
    }
    Ok(figures)
}

/// States of mail that left or may leave by itself.
const ON_ITS_WAY: &str = "state IN ('queued', 'claimed', 'committing', 'sent', 'deferred', 'uncertain')";

fn limit(most: u64) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

async fn counts(tx: &mut Tx, sql: &str, values: Vec<Value>) -> Result<u64> {
    let row = tx.row(sql, values).await?.ok_or(StoreError::Corrupt("a count"))?;
    Ok(u64::try_from(row.int("found")?).unwrap_or(0))
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

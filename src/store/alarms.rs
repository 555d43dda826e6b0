//! What the operator must hear by another way than mail of the desk: kept until it is delivered.

use super::db::Tx;
use super::value::args;
use super::{Result, Store};
use jiff::Timestamp;
use uuid::Uuid;

/// An alarm for one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmWrite {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// By which way: a word of the worker's.
    pub way: &'static str,
    /// What happened: a code.
    pub kind: String,
    /// Numbers and codes as JSON; no member data.
    pub facts: serde_json::Value,
}

/// An alarm that is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// By which way.
    pub way: String,
    /// What happened.
    pub kind: String,
    /// Numbers and codes.
    pub facts: serde_json::Value,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How often it was tried before.
    pub attempts: i64,
}

/// Writes alarms in the transaction of what they tell of.
pub(super) async fn write_alarms(tx: &mut Tx, alarms: &[AlarmWrite], now: Timestamp) -> Result<()> {
    let rows = alarms
        .iter()
        .map(|one| args![one.id, one.desk.as_str(), one.way, one.kind.as_str(), one.facts.to_string(), now, now, 0i64]);
    let head = "INSERT INTO alarms (id, desk, way, kind, facts, raised_at, due_at, attempts) VALUES";
    tx.run_rows(head, "", rows.collect()).await.map(drop)
}

impl Store {
    /// Leases alarms that are to be delivered now, oldest first, until `until`.
    pub async fn lease_alarms(
        &self,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Alarm>> {
        let mut tx = self.db.begin().await?;
        let sql = "SELECT id, desk, way, kind, facts, raised_at, attempts FROM alarms WHERE delivered_at IS NULL \
                   AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY due_at LIMIT $2 {SKIP LOCKED}";
        let rows = tx.rows(sql, args![now, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        let mut alarms = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = row.id("id")?;
            tx.run("UPDATE alarms SET holder = $2, lease_until = $3 WHERE id = $1", args![id, holder, until]).await?;
            alarms.push(Alarm {
                id,
                desk: row.text("desk")?,
                way: row.text("way")?,
                kind: row.text("kind")?,
                facts: row.json("facts")?,
                raised_at: row.time("raised_at")?,
                attempts: row.int("attempts")?,
            });
        }
        tx.commit().await?;
        Ok(alarms)
    }

    /// An alarm was delivered; `again_at`: it was not, and is tried again then.
    pub async fn mark_alarm(&self, id: Uuid, holder: Uuid, again_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE alarms SET attempts = attempts + 1, lease_until = NULL, \
                   delivered_at = CASE WHEN $3 THEN $4 END, due_at = COALESCE($5, due_at) WHERE id = $1 AND holder = $2";
        tx.run(sql, args![id, holder, again_at.is_none(), now, again_at]).await?;
        tx.commit().await
    }

    /// How many alarms were not delivered yet, and since when the oldest waits.
    pub async fn undelivered_alarms(&self) -> Result<(u64, Option<Timestamp>)> {
        let sql = "SELECT COUNT(*) AS count, MIN(raised_at) AS oldest FROM alarms WHERE delivered_at IS NULL";
        let Some(row) = self.db.row(sql, args![]).await? else { return Ok((0, None)) };
        Ok((u64::try_from(row.int("count")?).unwrap_or(0), row.opt_time("oldest")?))
    }
}

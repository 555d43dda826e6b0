//! What is due, and who may do what alone.

use super::outbox::claim::may_leave;
use super::value::{Row, args};
use super::{Result, Store, StoreError};
use crate::case::{ClockKind, ClockOf, ClockRow, ClockState};
use jiff::Timestamp;
use uuid::Uuid;

/// The columns of [`clock`].
pub(super) const CLOCK: &str = "id, desk, of_kind, of_id, kind, started, due_local, zone, due, calendar_version, state";

/// Reads a clock.
pub(super) fn clock(row: &Row) -> Result<ClockRow> {
    let id = row.id("of_id")?;
    let of = match row.text("of_kind")?.as_str() {
        "case" => ClockOf::Case(id),
        "pending" => ClockOf::Pending(id),
        "message" => ClockOf::Message(id),
        "desk" => ClockOf::Desk(id),
        _ => return Err(StoreError::Corrupt("of_kind")),
    };
    Ok(ClockRow {
        id: row.id("id")?,
        desk: row.text("desk")?,
        of,
        kind: row.word("kind", ClockKind::from_word)?,
        started: row.time("started")?,
        due_local: row.text("due_local")?.parse().map_err(|_| StoreError::Corrupt("due_local"))?,
        zone: row.text("zone")?,
        due: row.time("due")?,
        calendar_version: row.text("calendar_version")?,
        state: row.word("state", ClockState::from_word)?,
    })
}

/// Kinds as a list of SQL texts; words of ours without quotes in them.
fn quoted(kinds: &[ClockKind]) -> String {
    let words: Vec<String> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
    if words.is_empty() { "NULL".to_owned() } else { words.join(", ") }
}

/// [`ClockKind::rank`] of a row, as the index `clocks_due` has it word by word: with other words its order is not used.
fn rank() -> String {
    let usual = ClockKind::Update.rank();
    let ranked = ClockKind::ALL.iter().filter(|kind| kind.rank() != usual);
    let cases: Vec<String> = ranked.map(|kind| format!("WHEN '{kind}' THEN {}", kind.rank())).collect();
    format!("CASE kind {} ELSE {usual} END", cases.join(" "))
}

impl Store {
    /// Running clocks of these kinds that are due, in the order in which they are handled: oldest first, those of the
    /// same instant by [`ClockKind::rank`].
    pub async fn due_clocks(&self, kinds: &[ClockKind], now: Timestamp, limit: usize) -> Result<Vec<ClockRow>> {
        let sql = format!(
            "SELECT {CLOCK} FROM clocks WHERE state = 'running' AND kind IN ({}) AND due <= $1 \
             ORDER BY due, {}, id LIMIT $2",
            quoted(kinds),
            rank()
        );
        let rows = self.db.rows(&sql, args![now, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        rows.iter().map(clock).collect()
    }

    /// The next instant at which a clock of these kinds is due or a mail may leave, or a stopped outbox
    /// goes a step on; it may be past already. A mail that
    /// waits for another of its lane does not count: its instant is the other's.
    pub async fn next_due(&self, kinds: &[ClockKind]) -> Result<Option<Timestamp>> {
        let may_leave = may_leave();
        let sql = format!(
            "SELECT (SELECT due FROM clocks WHERE state = 'running' AND kind IN ({}) ORDER BY due LIMIT 1) AS clock, \
             (SELECT m.due_at FROM mails m WHERE {may_leave} ORDER BY m.due_at LIMIT 1) AS mail, \
             (SELECT MIN(step_at) FROM outbox_gates WHERE state IN ('stopped', 'returning')) AS step",
            quoted(kinds)
        );
        let row = self.db.row(&sql, args![]).await?.ok_or(StoreError::Corrupt("an instant"))?;
        Ok([row.opt_time("clock")?, row.opt_time("mail")?, row.opt_time("step")?].into_iter().flatten().min())
    }

    /// The next clock of this kind of the desk itself that runs.
    pub async fn desk_clock(&self, desk: &str, kind: ClockKind) -> Result<Option<ClockRow>> {
        let sql = format!(
            "SELECT {CLOCK} FROM clocks WHERE of_id = $1 AND kind = $2 AND state = 'running' ORDER BY due LIMIT 1"
        );
        let of = super::commit::of_id(ClockOf::desk(desk));
        self.db.row(&sql, args![of, kind.as_str()]).await?.as_ref().map(clock).transpose()
    }

    /// Takes or prolongs the named lock until `until`; `false`: another holder has it.
    pub async fn try_lock(&self, name: &str, holder: Uuid, until: Timestamp, now: Timestamp) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO locks (name, holder, until_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET \
                   holder = excluded.holder, until_at = excluded.until_at \
                   WHERE locks.holder = excluded.holder OR locks.until_at <= $4";
        let taken = tx.run(sql, args![name, holder, until, now]).await?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    /// Gives the named lock back, if `holder` has it.
    pub async fn unlock(&self, name: &str, holder: Uuid) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM locks WHERE name = $1 AND holder = $2", args![name, holder]).await?;
        tx.commit().await
    }
}

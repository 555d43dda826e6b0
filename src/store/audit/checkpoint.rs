//! Checkpoints: the heads of all chains that changed since the one before, under one keyed hash with that one's.
//!
//! One is due a day after the newest, or after the database was made, and is written as soon as a chain has changed: on
//! quiet days there is none. Several workers may find at once that one is due. It is decided again where only one of
//! them can be at a time, so that one is written.

use super::{EPOCH_LOCK, Head};
use crate::store::db::Tx;
use crate::store::time::to_text;
use crate::store::value::{Row, args};
use crate::store::{Result, Store};
use crate::words::keys::Keys;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How old the newest is when the next is due.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How long PostgreSQL lets a checkpoint wait for those who write rows. Whoever comes behind it waits as long, so it goes
/// away where one of them is frozen, and is tried again later.
const WAITS: &str = "SET LOCAL lock_timeout = '2s'";

/// The heads of chains, by desk and name.
pub(super) type Heads = BTreeMap<(String, String), Head>;

/// What came of the question whether a checkpoint is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    /// It was, and is written.
    Written {
        /// Its number, from 1.
        seq: i64,
        /// How many chains it covers.
        heads: usize,
        /// When the next one is due.
        next: Timestamp,
    },
    /// It is due at this instant.
    NotYet(Timestamp),
    /// It is due, and no chain has changed since the newest.
    Unchanged,
}

/// The newest checkpoint; number 0 where there is none.
struct Newest {
    seq: i64,
    hash: String,
    /// When it was written, or the database was made.
    at: Timestamp,
}

const NEWEST: &str = "SELECT seq, at, hash FROM audit_checkpoints ORDER BY seq DESC LIMIT 1";
const MADE: &str = "SELECT created_at FROM installation WHERE one = 1";

impl Newest {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self { seq: row.int("seq")?, hash: row.text("hash")?, at: row.time("at")? })
    }

    fn none(made: Option<Row>) -> Result<Self> {
        let at = made.map_or(Ok(Timestamp::MIN), |row| row.time("created_at"))?;
        Ok(Self { seq: 0, hash: String::new(), at })
    }

    /// When the next one is due; `None`: now. A clock that was far ahead by mistake, and was set right since, keeps
    /// nobody from writing one.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let is_young = now.duration_since(self.at).abs() < EVERY;
        is_young.then(|| next(self.at))
    }
}

fn next(at: Timestamp) -> Timestamp {
    at.saturating_add(EVERY).unwrap_or(Timestamp::MAX)
}

impl Store {
    /// Writes a checkpoint over the heads of all chains, if one is due at `now` and any chain has changed since the
    /// newest.
    ///
    /// Those who write rows wait meanwhile. It holds some 300 bytes in memory for each chain that has changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`](crate::store::StoreError::Busy) where those who write rows do not come to an end: nothing is
    /// written, and it may be tried again.
    pub async fn checkpoint_if_due(&self, now: Timestamp) -> Result<Checkpoint> {
        // Without a lock first: mostly it is not due.
        let newest = self.newest().await?;
        if let Some(due) = newest.due(now) {
            return Ok(Checkpoint::NotYet(due));
        }
        if !self.has_changed_since(&newest).await? {
            return Ok(Checkpoint::Unchanged);
        }
        let mut tx = self.db.begin().await?;
        if tx.is_postgres() {
            tx.run(WAITS, args![]).await?;
            tx.run("SELECT pg_advisory_xact_lock($1)", args![EPOCH_LOCK]).await?;
        }
        let newest = match tx.row(NEWEST, args![]).await? {
            Some(row) => Newest::read(&row)?,
            None => Newest::none(tx.row(MADE, args![]).await?)?,
        };
        if let Some(due) = newest.due(now) {
            return Ok(Checkpoint::NotYet(due));
        }
        let heads = changed_heads(&mut tx, newest.seq).await?;
        if heads.is_empty() {
            return Ok(Checkpoint::Unchanged);
        }
        let (seq, count) = (newest.seq + 1, i64::try_from(heads.len()).unwrap_or(i64::MAX));
        let hash = checkpoint_hash(&self.keys, &newest.hash, seq, now, &heads);
        let sql = "INSERT INTO audit_checkpoints (seq, at, heads, hash) VALUES ($1, $2, $3, $4)";
        tx.run(sql, args![seq, now, count, hash]).await?;
        tx.commit().await?;
        Ok(Checkpoint::Written { seq, heads: heads.len(), next: next(now) })
    }

    /// When the next checkpoint is due, as far as that can be told: nothing where no chain has changed since the newest.
    pub async fn next_checkpoint(&self) -> Result<Option<Timestamp>> {
        let newest = self.newest().await?;
        Ok(self.has_changed_since(&newest).await?.then(|| next(newest.at)))
    }

    /// When the newest checkpoint was written.
    pub async fn newest_checkpoint(&self) -> Result<Option<Timestamp>> {
        let row = self.db.row(NEWEST, args![]).await?;
        row.map(|row| row.time("at")).transpose()
    }

    async fn newest(&self) -> Result<Newest> {
        match self.db.row(NEWEST, args![]).await? {
            Some(row) => Newest::read(&row),
            None => Newest::none(self.db.row(MADE, args![]).await?),
        }
    }

    /// Whether any chain has rows behind this checkpoint. The greatest is read from the index's end, whatever the
    /// database believes about how many there are of each.
    async fn has_changed_since(&self, newest: &Newest) -> Result<bool> {
        let row = self.db.row("SELECT MAX(epoch) AS epoch FROM audit_heads", args![]).await?;
        let epoch = row.map(|row| row.opt_int("epoch")).transpose()?.flatten();
        Ok(epoch.is_some_and(|epoch| epoch >= newest.seq))
    }
}

/// The heads of the chains that have rows of this epoch.
async fn changed_heads(tx: &mut Tx, epoch: i64) -> Result<Heads> {
    let sql = "SELECT desk, chain, seq, hash FROM audit_heads WHERE epoch = $1 AND seq > 0";
    let mut heads = Heads::new();
    let keep = |row: &Row| {
        let head = Head { seq: row.int("seq")?, hash: row.text("hash")? };
        heads.insert((row.text("desk")?, row.text("chain")?), head);
        Ok(())
    };
    tx.each(sql, args![epoch], keep).await?;
    Ok(heads)
}

/// The hash of a checkpoint over the heads that changed since the one before it, in order of their names.
pub(super) fn checkpoint_hash(keys: &Keys, before: &str, seq: i64, at: Timestamp, heads: &Heads) -> String {
    let (seq, at) = (seq.to_string(), to_text(at));
    // Written piece by piece: there may be very many.
    keys.long_digest(before.as_bytes(), |put| {
        let mut part = |text: &str| {
            put(&(text.len() as u64).to_be_bytes());
            put(text.as_bytes());
        };
        ["checkpoint", &seq, &at].into_iter().for_each(&mut part);
        for ((desk, chain), head) in heads {
            [desk, chain, &head.seq.to_string(), &head.hash].into_iter().for_each(|text| part(text));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::keyed_hash;

    #[test]
    fn one_is_due_a_day_after_the_newest() {
        let at: Timestamp = "2026-11-21T10:15:00Z".parse().unwrap();
        let newest = Newest { seq: 1, hash: String::new(), at };
        let tomorrow = at + EVERY;
        for (seconds, expected) in [
            (0, Some(tomorrow)),
            (86_399, Some(tomorrow)),
            (86_400, None),
            (9_000_000, None),
            // Another worker's clock is a little behind.
            (-60, Some(tomorrow)),
            // It was written by a clock that was a year ahead.
            (-31_536_000, None),
        ] {
            assert_eq!(newest.due(at + SignedDuration::from_secs(seconds)), expected, "{seconds}");
        }
        assert_eq!(Newest { at: Timestamp::MIN, ..newest }.due(at), None);
    }

    #[test]
    fn a_hash_piece_by_piece_is_the_hash_of_the_whole() {
        let keys = Keys::derive(&[7; 32]);
        let at: Timestamp = "2026-11-21T10:15:00Z".parse().unwrap();
        let mut heads = Heads::new();
        let mut parts = vec!["checkpoint".to_owned(), "4".to_owned(), to_text(at)];
        for n in 0..3 {
            let (desk, chain, hash) = (format!("desk{n}"), format!("chain{n}"), format!("hash{n}"));
            parts.extend([desk.clone(), chain.clone(), n.to_string(), hash.clone()]);
            heads.insert((desk, chain), Head { seq: n, hash });
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let whole = keyed_hash(&keys, "before", &parts);
            assert_eq!(checkpoint_hash(&keys, "before", 4, at, &heads), whole);
        }
    }
}

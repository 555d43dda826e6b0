//! Which generations of the token key there are: begun, superseded, retired. The keys themselves never come here.

use super::audit;
use super::db::Tx;
use super::value::{Row, args};
use super::{Result, Store, StoreError};
use crate::case::EventKind;
use crate::effects::{Chain, EventWrite};
use crate::words::keys::{Generations, Keys};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// PostgreSQL's lock: one rotation at a time.
const LOCK: i64 = 0x6d61_696c_636c_0003;

/// One generation of the token key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TokenKey {
    /// Its number; 0 is the installation's first.
    pub generation: u32,
    /// From when on new tokens bore it.
    pub began_at: Timestamp,
    /// Since when its tokens prove nothing.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// All generations of the token key, oldest first; there is always one that is not retired: the newest.
    pub async fn token_keys(&self) -> Result<Vec<TokenKey>> {
        // One statement sees one state; it is asked before every batch.
        all_of(&self.db.rows(ALL, args![]).await?)
    }

    /// Tells `keys` and all their clones which generations are believed.
    pub async fn tell_generations(&self, keys: &Keys) -> Result<()> {
        keys.follow_token_generations(generations(&self.token_keys().await?));
        Ok(())
    }

    /// Begins a new generation, and retires those that were superseded at `retire_before` or earlier (the new one
    /// supersedes its predecessor `now`). Each of `desks` has it in its audit trail. Gives all generations.
    pub async fn rotate_token_key(
        &self,
        desks: &[String],
        retire_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<TokenKey>> {
        let mut tx = audit::begin(&self.db).await?;
        if tx.is_postgres() {
            tx.run("SELECT pg_advisory_xact_lock($1)", args![LOCK]).await?;
        }
        let mut all = read(&mut tx).await?;
        let next = all.last().map_or(0, |newest| newest.generation).checked_add(1);
        let next = next.ok_or(StoreError::Corrupt("a generation of the token key"))?;
        all.push(TokenKey { generation: next, began_at: now, retired_at: None });
        let superseded: Vec<Timestamp> = all.iter().skip(1).map(|key| key.began_at).collect();
        let mut retired = Vec::new();
        for (key, superseded) in all.iter_mut().zip(superseded) {
            if key.retired_at.is_none() && retire_before.is_some_and(|before| superseded <= before) {
                key.retired_at = Some(now);
                retired.push(key.generation.to_string());
            }
        }
        tx.run("DELETE FROM token_keys", args![]).await?;
        let rows = all.iter().map(|key| args![i64::from(key.generation), key.began_at, key.retired_at]).collect();
        tx.run_rows("INSERT INTO token_keys (generation, began_at, retired_at) VALUES", "", rows).await?;
        let event = rotated(next, &retired);
        let events: Vec<_> = desks.iter().map(|desk| (desk.clone(), now, &event)).collect();
        audit::append(&mut tx, &self.keys, &events).await?;
        tx.commit().await?;
        self.keys.follow_token_generations(generations(&all));
        Ok(all)
    }
}

fn rotated(generation: u32, retired: &[String]) -> EventWrite {
    let mut ids = BTreeMap::from([("generation".to_owned(), generation.to_string())]);
    if !retired.is_empty() {
        ids.insert("retired".to_owned(), retired.join(" "));
    }
    EventWrite { chain: Chain::Desk, kind: EventKind::TokenKeyRotated, ids, content: None }
}

/// The newest, and the oldest from which on none is retired.
fn generations(all: &[TokenKey]) -> Generations {
    let newest = all.last().map_or(0, |key| key.generation);
    let believed = all.iter().rev().take_while(|key| key.retired_at.is_none());
    Generations { oldest: believed.last().map_or(newest, |key| key.generation), newest }
}

/// Every generation; the first one's row is written with the second's, so until then it began with the installation.
const ALL: &str = "SELECT generation, began_at, retired_at FROM token_keys \
                   UNION ALL SELECT 0 AS generation, created_at AS began_at, NULL AS retired_at FROM installation \
                   WHERE one = 1 AND NOT EXISTS (SELECT 1 FROM token_keys) ORDER BY generation";

async fn read(tx: &mut Tx) -> Result<Vec<TokenKey>> {
    all_of(&tx.rows(ALL, args![]).await?)
}

fn all_of(rows: &[Row]) -> Result<Vec<TokenKey>> {
    if rows.is_empty() { Err(StoreError::NotThere) } else { rows.iter().map(token_key).collect() }
}

fn token_key(row: &Row) -> Result<TokenKey> {
    let number = u32::try_from(row.int("generation")?);
    Ok(TokenKey {
        generation: number.map_err(|_| StoreError::Corrupt("a generation of the token key"))?,
        began_at: row.time("began_at")?,
        retired_at: row.opt_time("retired_at")?,
    })
}

//! What a trigger writes, in one transaction: all that [`Effects`] lists, for a whole batch in few statements.
//!
//! First everything that the batch was decided from is read and locked ([`known`]); an element of which anything has
//! changed is stale and left out whole. What is left is put together ([`plan`]) and written with one statement a table
//! ([`write`]). Where the database itself refuses something (a second automatic reply to one message, say), the batch is
//! taken back and its elements are written one by one, each behind a savepoint, so that only the culprit is left out.

mod console;
mod known;
mod plan;
mod write;

use super::audit;
use super::db::Tx;
use super::value::args;
use super::{Committed, Result, Store, StoreError};
use crate::effects::Effects;
use crate::words::numbers::{CaseNumber, Numbering};
use console::Packed;
use jiff::Timestamp;
use known::Known;
use plan::Plan;
pub(super) use plan::of_id;
use std::ops::Range;
use uuid::Uuid;

/// How often a commit that met another one is tried again.
const TRIES: u32 = 5;
/// The name of a desk's counter of mails.
pub(super) const MAIL_NUMBER: &str = "mail";
/// The name of a desk's counter of cases.
const CASE_NUMBER: &str = "case_number";
/// The counter of case numbers starts here.
const FIRST_NUMBER: i64 = 100_001;

impl Store {
    /// Writes all effects in one transaction. `fences` has the lease of each message that is decided, but for those
    /// that a person releases from `hold`. An element that is stale is left out whole; the others are written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`]: nothing is written, try again.
    pub async fn commit(&self, effects: &[Effects], fences: &[(Uuid, i64)], now: Timestamp) -> Result<Vec<Committed>> {
        let mut tries = 0;
        let packed = console::packed(effects).await?;
        loop {
            match self.commit_once(effects, fences, &packed, now).await {
                Err(StoreError::Busy(_)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn commit_once(
        &self,
        effects: &[Effects],
        fences: &[(Uuid, i64)],
        packed: &Packed,
        now: Timestamp,
    ) -> Result<Vec<Committed>> {
        let mut tx = audit::begin(&self.db).await?;
        let all: Vec<&Effects> = effects.iter().collect();
        let outcome = match self.attempt(&mut tx, &all, fences, packed, now).await {
            Err(StoreError::Conflict(_)) => self.one_by_one(&mut tx, &all, fences, packed, now).await?,
            outcome => outcome?,
        };
        crate::faults::point("store_commit");
        tx.commit().await?;
        Ok(outcome)
    }

    /// Writes a group behind a savepoint.
    async fn attempt(
        &self,
        tx: &mut Tx,
        group: &[&Effects],
        fences: &[(Uuid, i64)],
        packed: &Packed,
        now: Timestamp,
    ) -> Result<Vec<Committed>> {
        tx.run("SAVEPOINT attempt", args![]).await?;
        let outcome = self.write_group(tx, group, fences, packed, now).await;
        if matches!(outcome, Err(StoreError::Conflict(_))) {
            tx.run("ROLLBACK TO SAVEPOINT attempt", args![]).await?;
        }
        if matches!(outcome, Ok(_) | Err(StoreError::Conflict(_))) {
            tx.run("RELEASE SAVEPOINT attempt", args![]).await?;
        }
        outcome
    }

    async fn write_group(
        &self,
        tx: &mut Tx,
        group: &[&Effects],
        fences: &[(Uuid, i64)],
        packed: &Packed,
        now: Timestamp,
    ) -> Result<Vec<Committed>> {
        let mut known = Known::load(tx, &self.keys, group, fences, now).await?;
        let outcome: Vec<Committed> = group.iter().map(|effects| known.judge(&self.keys, effects)).collect();
        let written = group.iter().zip(&outcome).filter(|(_, outcome)| **outcome == Committed::Written);
        let plan = Plan::of(written.map(|(effects, _)| *effects));
        write::write(tx, &self.keys, &plan, &known, packed, now).await?;
        Ok(outcome)
    }

    async fn one_by_one(
        &self,
        tx: &mut Tx,
        group: &[&Effects],
        fences: &[(Uuid, i64)],
        packed: &Packed,
        now: Timestamp,
    ) -> Result<Vec<Committed>> {
        let mut outcome = Vec::with_capacity(group.len());
        for effects in group {
            outcome.push(match self.attempt(tx, &[*effects], fences, packed, now).await {
                Ok(one) => one.first().copied().unwrap_or(Committed::Stale),
                Err(StoreError::Conflict(_)) => Committed::Stale,
                Err(error) => return Err(error),
            });
        }
        Ok(outcome)
    }

    /// Reserves the next `n` case numbers of a desk, for cases opened on the day `on`. Numbers that are not used stay unused.
    pub async fn reserve_numbers(
        &self,
        desk: &str,
        numbering: &Numbering,
        on: jiff::civil::Date,
        n: usize,
    ) -> Result<Vec<CaseNumber>> {
        let numbers = self.reserve_sequence(desk, n).await?;
        Ok(numbers.map(|number| numbering.number(number, on)).collect())
    }

    /// Reserves the next `n` of the running numbers that cases of a desk are numbered by.
    pub async fn reserve_sequence(&self, desk: &str, n: usize) -> Result<Range<u64>> {
        if n == 0 {
            return Ok(0..0);
        }
        let mut tx = self.db.begin().await?;
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let next = count_up(&mut tx, desk, CASE_NUMBER, FIRST_NUMBER, n).await?;
        tx.commit().await?;
        let number = |number: i64| u64::try_from(number).map_err(|_| StoreError::Corrupt("a counter"));
        Ok(number(next)?..number(next.saturating_add(n))?)
    }

    /// Gives back the last of the numbers that were reserved and not used. Where others were reserved since, they stay
    /// unused.
    pub async fn return_sequence(&self, desk: &str, unused: Range<u64>) -> Result<()> {
        if unused.is_empty() {
            return Ok(());
        }
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE counters SET value = $3 WHERE desk = $1 AND name = $2 AND value = $4";
        tx.run(sql, args![desk, CASE_NUMBER, number(unused.start), number(unused.end)]).await?;
        tx.commit().await
    }
}

/// Takes `n` numbers of a desk's counter; gives the first. The counter's row stays locked until the transaction ends,
/// so that numbers come in the order of commits.
async fn count_up(tx: &mut Tx, desk: &str, name: &str, first: i64, n: i64) -> Result<i64> {
    let sql = "INSERT INTO counters (desk, name, value) VALUES ($1, $2, $3) \
               ON CONFLICT (desk, name) DO UPDATE SET value = counters.value + $4 RETURNING value";
    let row = tx.row(sql, args![desk, name, first.saturating_add(n), n]).await?;
    Ok(row.ok_or(StoreError::Corrupt("a counter"))?.int("value")?.saturating_sub(n))
}

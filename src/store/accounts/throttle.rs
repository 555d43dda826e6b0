//! How often something that may be guessed was tried: growing delays, counted together by all workers.

use crate::store::db::Tx;
use crate::store::value::args;
use crate::store::{Result, Store};
use jiff::{SignedDuration, Timestamp};

/// How long what was tried in vain stays known, whatever its rule says.
const KEEP: SignedDuration = SignedDuration::from_hours(48);

/// How tries are slowed down.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleRule {
    /// So many tries have no delay.
    pub free: u32,
    /// The delay after the next one; it doubles with each.
    pub first: SignedDuration,
    /// The longest delay.
    pub longest: SignedDuration,
    /// After so long without a try all is forgotten.
    pub forget: SignedDuration,
}

impl ThrottleRule {
    /// The delay after this many failures.
    fn delay(&self, failures: i64) -> SignedDuration {
        let beyond = failures.saturating_sub(i64::from(self.free));
        if beyond <= 0 {
            return SignedDuration::ZERO;
        }
        let doublings = u32::try_from(beyond - 1).unwrap_or(u32::MAX).min(20);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}

impl Store {
    /// Counts a try under each of these names *before* it is made, so that tries side by side are counted too; a
    /// success sets the count back ([`Store::begin_session`]). `false`: one of them has to wait, and nothing is counted.
    /// Names are kept as keyed hashes.
    pub async fn may_try(&self, names: &[(String, ThrottleRule)], now: Timestamp) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        // In one order for all, so that nobody waits in a ring.
        let mut keys: Vec<_> = names.iter().map(|(name, rule)| (self.throttle_key(name), rule)).collect();
        keys.sort_by(|one, other| one.0.cmp(&other.0));
        for (key, rule) in keys {
            if !counted(&mut tx, &key, rule, now).await? {
                return Ok(false);
            }
        }
        tx.run("DELETE FROM throttles WHERE last_at < $1", args![now - KEEP]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What a name stands under.
    pub fn throttle_key(&self, name: &str) -> String {
        self.keys.lookup("throttle", name)
    }
}

async fn counted(tx: &mut Tx, key: &str, rule: &ThrottleRule, now: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO throttles (of_key, failures, last_at, until_at) VALUES ($1, 0, $2, $2) \
               ON CONFLICT (of_key) DO NOTHING";
    tx.run(sql, args![key, now]).await?;
    let sql = "SELECT failures, last_at, until_at FROM throttles WHERE of_key = $1 {FOR UPDATE}";
    let Some(row) = tx.row(sql, args![key]).await? else { return Ok(false) };
    if now < row.time("until_at")? {
        return Ok(false);
    }
    let is_forgotten = now.duration_since(row.time("last_at")?) >= rule.forget;
    let failures = if is_forgotten { 1 } else { row.int("failures")?.saturating_add(1) };
    let sql = "UPDATE throttles SET failures = $2, last_at = $3, until_at = $4 WHERE of_key = $1";
    tx.run(sql, args![key, failures, now, now + rule.delay(failures)]).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let (first, longest) = (SignedDuration::from_secs(2), SignedDuration::from_secs(900));
        let rule = ThrottleRule { free: 3, first, longest, forget: SignedDuration::from_hours(1) };
        let delays: Vec<i64> = [0, 3, 4, 5, 6, 12, 13, 1_000_000, i64::MAX].map(|n| rule.delay(n).as_secs()).into();
        assert_eq!(delays, [0, 0, 2, 4, 8, 512, 900, 900, 900]);
    }
}

//! Whose requests were returned most, and all else that was decided about their requests.

use super::{count, in_pieces};
use crate::address::EmailAddress;
use crate::digest::day::Scope;
use crate::digest::facts::{AgentFact, FactsAsked};
use crate::digest::people::{LEAST_RETURNS, MOST_AGENTS};
use crate::store::Result;
use crate::store::db::Tx;
use crate::store::seal::open_json;
use crate::store::value::{Row, args};
use crate::words::{Decision, LineId};
use std::collections::{BTreeMap, HashMap};

/// The requests of those who may be among the ten, of the lines that are asked for.
pub(super) async fn agents(tx: &mut Tx, desk: &str, asked: &FactsAsked) -> Result<Vec<AgentFact>> {
    let keys = returned_most(tx, desk, asked).await?;
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows = in_pieces(tx, args![desk], &keys, "".into(), |places| {
        format!("SELECT address_key, sealed FROM requesters WHERE desk = $1 AND address_key IN ({places})")
    });
    let mut addresses: HashMap<String, EmailAddress> = HashMap::new();
    for row in rows.await? {
        addresses.insert(row.text("address_key")?, open_json(&row.bytes("sealed")?, "a requester")?);
    }
    let whole = asked.whole();
    let rows = in_pieces(tx, args![desk, whole.from, whole.to], &keys, "".into(), |places| {
        format!(
            "SELECT author_key, line, decision, \
             CASE WHEN decision IN ('return', 'reject_mixed') THEN reasons ELSE '[]' END AS why, COUNT(*) AS found \
             FROM decisions_made WHERE desk = $1 AND author_key IN ({places}) AND at >= $2 AND at < $3 AND NOT again \
             AND decision IN ('accept', 'return', 'reject_mixed', 'redirect', 'duplicate') GROUP BY 1, 2, 3, 4"
        )
    });
    let mut facts = Vec::new();
    for row in rows.await? {
        let Some(address) = addresses.get(&row.text("author_key")?) else { continue };
        if counts(&asked.scope, &row)? {
            let decision = row.word("decision", Decision::from_word)?;
            facts.push(AgentFact {
                address: address.clone(),
                decision,
                reasons: row.json("why")?,
                count: count(&row)?,
            });
        }
    }
    Ok(facts)
}

/// Those with as many returned requests as the tenth has, or more: who of several with the same number is named depends
/// on all their requests.
async fn returned_most(tx: &mut Tx, desk: &str, asked: &FactsAsked) -> Result<Vec<String>> {
    let whole = asked.whole();
    let sql = "SELECT author_key, line, COUNT(*) AS found FROM decisions_made WHERE desk = $1 AND at >= $2 AND at < $3 \
               AND decision IN ('return', 'reject_mixed') AND NOT again AND author_key IS NOT NULL \
               GROUP BY author_key, line";
    let mut returned: BTreeMap<String, u64> = BTreeMap::new();
    for row in tx.rows(sql, args![desk, whole.from, whole.to]).await? {
        if counts(&asked.scope, &row)? {
            *returned.entry(row.text("author_key")?).or_default() += count(&row)?;
        }
    }
    let mut most: Vec<u64> = returned.values().copied().collect();
    most.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
    let least = most.get(MOST_AGENTS - 1).copied().unwrap_or_default().max(LEAST_RETURNS);
    Ok(returned.into_iter().filter(|(_, count)| least <= *count).map(|(key, _)| key).collect())
}

fn counts(scope: &Scope, row: &Row) -> Result<bool> {
    Ok(scope.counts(row.opt_text("line")?.map(LineId).as_ref()))
}

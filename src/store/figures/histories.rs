//! Histories of cases: response times are made from them.

use super::in_pieces;
use crate::case::EventKind;
use crate::digest::facts::{Facts, HistoryFact, Stretch};
use crate::store::Result;
use crate::store::db::Tx;
use crate::store::value::{Value, args};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The cases that were given to somebody or answered in `stretch`.
pub(super) fn chosen(facts: &Facts, stretch: Stretch) -> Vec<Uuid> {
    use EventKind::{Answered, Assigned, Resolved, SentBack, SentElsewhere};
    let of_interest = [Assigned, Answered, SentBack, Resolved, SentElsewhere];
    let events = facts.events.iter().filter(|one| stretch.holds(one.at) && of_interest.contains(&one.kind));
    events.map(|event| event.case).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Their histories, oldest first.
pub(super) async fn histories(tx: &mut Tx, desk: &str, cases: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<HistoryFact>>> {
    let chains: Vec<String> = cases.iter().map(Uuid::to_string).collect();
    let rows = in_pieces(tx, args![desk], &chains, "".into(), |places| {
        format!(
            "SELECT chain, at, kind, ids FROM audit_rows WHERE desk = $1 AND chain IN ({places}) AND kind IN \
             ('case_opened', 'reopened', 'answered', 'sent_back', 'resolved', 'sent_elsewhere', 'merged', 'breached', \
             'paused', 'resumed', 'mail_queued') ORDER BY chain, seq"
        )
    });
    let mut histories: BTreeMap<Uuid, Vec<HistoryFact>> = BTreeMap::new();
    for row in rows.await? {
        let Ok(case) = row.text("chain")?.parse() else { continue };
        let fact =
            HistoryFact { at: row.time("at")?, kind: row.word("kind", EventKind::from_word)?, ids: row.json("ids")? };
        histories.entry(case).or_default().push(fact);
    }
    Ok(histories)
}

/// When their response clocks started, oldest first.
pub(super) async fn promised_from(tx: &mut Tx, cases: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Timestamp>>> {
    let rows = in_pieces(tx, Vec::new(), cases, Value::from(Uuid::nil()), |places| {
        format!(
            "SELECT of_id, started FROM clocks WHERE of_id IN ({places}) AND kind = 'respond' ORDER BY of_id, started"
        )
    });
    let mut started: BTreeMap<Uuid, Vec<Timestamp>> = BTreeMap::new();
    for row in rows.await? {
        started.entry(row.id("of_id")?).or_default().push(row.time("started")?);
    }
    Ok(started)
}

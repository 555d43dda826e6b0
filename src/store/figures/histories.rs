//! Histories of cases: response times are made from them.
//!
//! A history is kept in memory until its case's chain has grown: rows of a chain are only ever added, so the same chain up
//! to the same row tells the same for ever, whoever wrote it. Whether it has grown is read anew each time.

use super::{case_of_chain, in_pieces};
use crate::case::EventKind;
use crate::digest::facts::{HistoryFact, Stretch, ToldFact};
use crate::store::Result;
use crate::store::db::Tx;
use crate::store::value::{Row, Value, args};
use crate::words::LineId;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Histories that are kept at most, besides those that were asked for last: each has a handful of rows.
const MOST_KEPT: usize = 20_000;
/// What is kept of the codes of an event.
const KEPT_IDS: [&str; 4] = ["by", "into", "state", "template"];

type History = Arc<Vec<HistoryFact>>;

/// Histories of cases with the number of the newest row that they were made from.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Kept(Arc<Mutex<HashMap<Uuid, (i64, History)>>>);

impl Kept {
    fn get(&self, case: Uuid, newest: i64) -> Option<History> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&case).filter(|(seq, _)| *seq == newest).map(|(_, history)| history.clone())
    }

    /// Keeps these; where there are too many, these alone.
    fn keep(&self, cases: &[(Uuid, i64)], histories: &HashMap<Uuid, History>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() > MOST_KEPT {
            kept.retain(|case, _| histories.contains_key(case));
        }
        kept.extend(cases.iter().filter_map(|(case, seq)| Some((*case, (*seq, histories.get(case)?.clone())))));
    }
}

/// The cases that were given to somebody or answered in `stretch`, with their histories.
pub(super) async fn told(tx: &mut Tx, kept: &Kept, desk: &str, stretch: Stretch) -> Result<Vec<ToldFact>> {
    let sql = format!(
        "SELECT told.chain, c.line, (SELECT MAX(n.seq) FROM audit_rows n WHERE n.desk = $1 AND n.chain = told.chain) AS newest \
         FROM (SELECT DISTINCT chain FROM audit_rows WHERE desk = $1 AND at >= $2 AND at < $3 AND chain <> 'desk' \
         AND kind IN ('assigned', 'answered', 'sent_back', 'resolved', 'sent_elsewhere')) AS told \
         LEFT JOIN cases c ON c.id = {}",
        case_of_chain(tx, "told")
    );
    let mut cases = Vec::new();
    let mut lines: HashMap<Uuid, Option<LineId>> = HashMap::new();
    for row in tx.rows(&sql, args![desk, stretch.from, stretch.to]).await? {
        let Ok(case) = row.text("chain")?.parse() else { continue };
        cases.push((case, row.int("newest")?));
        lines.insert(case, row.opt_text("line")?.map(LineId));
    }
    let histories = histories(tx, kept, desk, &cases).await?;
    let ids: Vec<Uuid> = cases.iter().map(|(case, _)| *case).collect();
    let mut promised = promised_from(tx, &ids).await?;
    let told = histories.into_iter().map(|(case, history)| ToldFact {
        case,
        line: lines.remove(&case).flatten(),
        history,
        promised_from: promised.remove(&case).unwrap_or_default(),
    });
    Ok(told.collect())
}

/// The histories of cases, each named with the number of the newest row of its chain.
pub(super) async fn histories(
    tx: &mut Tx,
    kept: &Kept,
    desk: &str,
    cases: &[(Uuid, i64)],
) -> Result<HashMap<Uuid, History>> {
    let mut histories: HashMap<Uuid, History> = HashMap::new();
    let mut grown = Vec::new();
    for (case, newest) in cases {
        match kept.get(*case, *newest) {
            Some(history) => drop(histories.insert(*case, history)),
            None => grown.push(case.to_string()),
        }
    }
    if grown.is_empty() {
        return Ok(histories);
    }
    // Of the mails only those that response times ask for.
    let rows = in_pieces(tx, args![desk], &grown, "".into(), |places| {
        format!(
            "SELECT chain, at, kind, ids FROM audit_rows WHERE desk = $1 AND chain IN ({places}) AND (kind IN \
             ('case_opened', 'reopened', 'answered', 'sent_back', 'resolved', 'sent_elsewhere', 'merged', 'breached', \
             'paused', 'resumed') OR (kind = 'mail_queued' AND ids LIKE '%\"state\":\"queued\"%' AND \
             (ids LIKE '%\"template\":\"acknowledgement\"%' OR ids LIKE '%\"template\":\"answer\"%' \
             OR ids LIKE '%\"template\":\"return\"%'))) ORDER BY chain, seq"
        )
    });
    let mut read: HashMap<Uuid, Vec<HistoryFact>> = HashMap::new();
    for row in rows.await? {
        let Ok(case) = row.text("chain")?.parse() else { continue };
        read.entry(case).or_default().push(fact(&row)?);
    }
    histories.extend(read.into_iter().map(|(case, history)| (case, Arc::new(history))));
    kept.keep(cases, &histories);
    Ok(histories)
}

fn fact(row: &Row) -> Result<HistoryFact> {
    let mut ids: BTreeMap<String, String> = row.json("ids")?;
    ids.retain(|name, _| KEPT_IDS.contains(&name.as_str()));
    Ok(HistoryFact { at: row.time("at")?, kind: row.word("kind", EventKind::from_word)?, ids })
}

/// When their response clocks started, oldest first.
async fn promised_from(tx: &mut Tx, cases: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<Timestamp>>> {
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

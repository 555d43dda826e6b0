//! What happened in a stretch of time.

use super::in_pieces;
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::digest::facts::{CaseEvent, CaseFact, DecisionFact, Stretch};
use crate::store::db::Tx;
use crate::store::seal::open_json;
use crate::store::value::{Value, args};
use crate::store::{Result, StoreError};
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Whose addresses are read: those of whom so many are returned, at most.
const MOST_AGENTS: usize = 60;

/// When messages were read. Mail of Sent folders came from us.
pub(super) async fn read(tx: &mut Tx, desk: &str, stretch: Stretch) -> Result<Vec<(Timestamp, Option<LineId>)>> {
    let sql = "SELECT m.recorded_at, d.line FROM messages m LEFT JOIN message_decisions d ON d.message = m.id \
               WHERE m.desk = $1 AND m.recorded_at >= $2 AND m.recorded_at < $3 AND NOT m.is_sent";
    let rows = tx.rows(sql, args![desk, stretch.from, stretch.to]).await?;
    rows.iter().map(|row| Ok((row.time("recorded_at")?, row.opt_text("line")?.map(LineId)))).collect()
}

/// Decisions as they were made.
pub(super) async fn decisions(tx: &mut Tx, desk: &str, stretch: Stretch) -> Result<Vec<DecisionFact>> {
    let sql = "SELECT at, decision, reasons, topics, line, author_key, again FROM decisions_made \
               WHERE desk = $1 AND at >= $2 AND at < $3";
    let rows = tx.rows(sql, args![desk, stretch.from, stretch.to]).await?;
    let facts = rows.iter().map(|row| {
        Ok(DecisionFact {
            at: row.time("at")?,
            decision: row.word("decision", Decision::from_word)?,
            reasons: row.json("reasons")?,
            topics: row.json("topics")?,
            line: row.opt_text("line")?.map(LineId),
            author: row.opt_text("author_key")?,
            again: row.flag("again")?,
        })
    });
    facts.collect()
}

/// What happened to cases. The kinds stand in the text, word for word as in the index.
pub(super) async fn events(tx: &mut Tx, desk: &str, stretch: Stretch) -> Result<Vec<CaseEvent>> {
    let sql = "SELECT chain, at, kind, ids FROM audit_rows WHERE desk = $1 AND at >= $2 AND at < $3 AND kind IN \
               ('case_opened', 'reopened', 'assigned', 'answered', 'sent_back', 'resolved', 'sent_elsewhere', 'merged', \
               'breached', 'opportunity')";
    let rows = tx.rows(sql, args![desk, stretch.from, stretch.to]).await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        // What stands in the desk's own chain is about no case.
        let Ok(case) = row.text("chain")?.parse() else { continue };
        let kind = row.word("kind", EventKind::from_word)?;
        events.push(CaseEvent { case, at: row.time("at")?, kind, ids: row.json("ids")? });
    }
    Ok(events)
}

/// Answers by mail that left: a person's words, in an answer or a request for more.
pub(super) async fn answers(tx: &mut Tx, desk: &str, stretch: Stretch) -> Result<Vec<(Timestamp, Option<Uuid>)>> {
    let sql = "SELECT state_at, about FROM mails WHERE desk = $1 AND state = 'sent' AND state_at >= $2 AND \
               state_at < $3 AND class = 'answer' AND template IN ('answer', 'return') AND about_kind = 'case'";
    let rows = tx.rows(sql, args![desk, stretch.from, stretch.to]).await?;
    rows.iter().map(|row| Ok((row.time("state_at")?, row.opt_id("about")?))).collect()
}

/// The addresses of those whose requests were returned or rejected most.
pub(super) async fn agents(
    tx: &mut Tx,
    desk: &str,
    decisions: &[DecisionFact],
) -> Result<BTreeMap<String, EmailAddress>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in decisions.iter().filter(|one| matches!(one.decision, Decision::Return | Decision::RejectMixed)) {
        if let Some(author) = &one.author {
            *counts.entry(author).or_default() += 1;
        }
    }
    let mut ordered: Vec<(&str, usize)> = counts.into_iter().collect();
    ordered.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    let keys: Vec<&str> = ordered.into_iter().take(MOST_AGENTS).map(|(key, _)| key).collect();
    let rows = in_pieces(tx, args![desk], &keys, "".into(), |places| {
        format!("SELECT address_key, sealed FROM requesters WHERE desk = $1 AND address_key IN ({places})")
    });
    let rows = rows.await?;
    rows.iter().map(|row| Ok((row.text("address_key")?, open_json(&row.bytes("sealed")?, "a requester")?))).collect()
}

/// Numbers and lines of cases.
pub(super) async fn cases(tx: &mut Tx, ids: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, CaseFact>> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let rows = in_pieces(tx, Vec::new(), &ids, Value::from(Uuid::nil()), |places| {
        format!("SELECT id, number, line FROM cases WHERE id IN ({places})")
    });
    let rows = rows.await?;
    let facts = rows.iter().map(|row| {
        let fact = CaseFact { number: CaseNumber(row.text("number")?), line: row.opt_text("line")?.map(LineId) };
        Ok::<_, StoreError>((row.id("id")?, fact))
    });
    facts.collect()
}

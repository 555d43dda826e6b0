//! What stands now: open cases, and all that somebody must look at.

use super::{histories, in_pieces};
use crate::digest::facts::{HeldFact, MailFact, NowFacts, OpenFact, UnreachableFact, Unsettled};
use crate::digest::times::unanswered_miss;
use crate::store::case_rows::{CASE, case};
use crate::store::db::Tx;
use crate::store::seal::open_json;
use crate::store::value::args;
use crate::store::{Result, StoreError};
use crate::words::numbers::CaseNumber;
use crate::words::{LineId, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

type CasesOf = BTreeMap<String, Vec<(CaseNumber, Option<LineId>)>>;

/// All of it.
pub(super) async fn now(tx: &mut Tx, desk: &str) -> Result<NowFacts> {
    Ok(NowFacts {
        open: open(tx, desk).await?,
        held: held(tx, desk).await?,
        unsettled: unsettled(tx, desk).await?,
        unreachable: unreachable(tx, desk).await?,
        policy_faults: Vec::new(),
    })
}

/// How many cases of each line are open.
pub(super) async fn count(tx: &mut Tx, desk: &str) -> Result<Vec<(Option<LineId>, u64)>> {
    let sql = "SELECT line, COUNT(*) AS cases FROM cases WHERE desk = $1 AND status <> 'resolved' GROUP BY line";
    let rows = tx.rows(sql, args![desk]).await?;
    let counts = rows.iter().map(|row| {
        let count = u64::try_from(row.int("cases")?).map_err(|_| StoreError::Corrupt("a count"))?;
        Ok((row.opt_text("line")?.map(LineId), count))
    });
    counts.collect()
}

async fn open(tx: &mut Tx, desk: &str) -> Result<Vec<OpenFact>> {
    let running = |kind: &str, name: &str| {
        format!(
            "(SELECT MIN(k.due) FROM clocks k WHERE k.of_id = c.id AND k.kind = '{kind}' AND k.state = 'running') AS {name}"
        )
    };
    let sql = format!(
        "SELECT {CASE}, {}, {}, (SELECT MAX(k.due) FROM clocks k WHERE k.of_id = c.id AND k.kind = 'respond' \
         AND k.state = 'breached') AS breached_due FROM cases c WHERE c.desk = $1 AND c.status <> 'resolved'",
        running("respond", "respond_due"),
        running("pause_end", "pause_ends"),
    );
    let mut open = Vec::new();
    let mut broken: BTreeMap<Uuid, Timestamp> = BTreeMap::new();
    for row in tx.rows(&sql, args![desk]).await? {
        let (respond_due, pause_ends) = (row.opt_time("respond_due")?, row.opt_time("pause_ends")?);
        let breached = row.opt_time("breached_due")?;
        let case = case(&row)?;
        broken.extend(breached.map(|due| (case.id, due)));
        open.push(OpenFact {
            id: case.id,
            number: case.number,
            line: case.line,
            status: case.status,
            urgent: case.urgent,
            specialist: case.specialist,
            subject: case.subject,
            opened_at: case.opened_at,
            respond_due,
            pause_ends,
            paused_since: case.paused.map(|pause| pause.since),
            missed: None,
        });
    }
    // A promise that was broken and kept late needs nobody's decision any more.
    let ids: Vec<Uuid> = broken.keys().copied().collect();
    let histories = histories::histories(tx, desk, &ids).await?;
    for case in &mut open {
        let due = broken.get(&case.id).copied();
        case.missed = due.filter(|_| histories.get(&case.id).is_some_and(|history| unanswered_miss(history)));
    }
    Ok(open)
}

async fn held(tx: &mut Tx, desk: &str) -> Result<Vec<HeldFact>> {
    let sql = "SELECT m.id, m.decided_at, d.reasons, d.line FROM messages m JOIN message_decisions d ON d.message = m.id \
               WHERE m.desk = $1 AND m.state = 'held' ORDER BY m.decided_at, m.id";
    let rows = tx.rows(sql, args![desk]).await?;
    let held = rows.iter().map(|row| {
        Ok(HeldFact {
            id: row.id("id")?,
            line: row.opt_text("line")?.map(LineId),
            reasons: row.json("reasons")?,
            at: row.time("decided_at")?,
        })
    });
    held.collect()
}

async fn unsettled(tx: &mut Tx, desk: &str) -> Result<Vec<MailFact>> {
    let sql = "SELECT m.id, m.template, m.state, m.state_at, m.case_number, c.line FROM mails m \
               LEFT JOIN cases c ON c.id = m.about WHERE m.desk = $1 AND m.state IN ('waiting_secure', 'failed', \
               'uncertain', 'withheld') ORDER BY m.queued_at, m.seq";
    let rows = tx.rows(sql, args![desk]).await?;
    let mails = rows.iter().map(|row| {
        Ok(MailFact {
            id: row.id("id")?,
            template: row.word("template", Template::from_word)?,
            state: row.word("state", Unsettled::from_word)?,
            since: row.time("state_at")?,
            case: row.opt_text("case_number")?,
            line: row.opt_text("line")?.map(LineId),
        })
    });
    mails.collect()
}

async fn unreachable(tx: &mut Tx, desk: &str) -> Result<Vec<UnreachableFact>> {
    let sql = "SELECT address_key, sealed FROM requesters WHERE desk = $1 AND bounced_hard ORDER BY address_key";
    let rows = tx.rows(sql, args![desk]).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push((row.text("address_key")?, open_json(&row.bytes("sealed")?, "a requester")?));
    }
    let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    let rows = in_pieces(tx, args![desk], &keys, "".into(), |places| {
        format!(
            "SELECT requester_key, number, line FROM cases WHERE desk = $1 AND requester_key IN ({places}) \
             AND status <> 'resolved' ORDER BY opened_at, number"
        )
    });
    let mut cases = CasesOf::new();
    for row in rows.await? {
        let one = (CaseNumber(row.text("number")?), row.opt_text("line")?.map(LineId));
        cases.entry(row.text("requester_key")?).or_default().push(one);
    }
    let facts = found.into_iter().map(|(key, address)| {
        Ok::<_, StoreError>(UnreachableFact { address, cases: cases.remove(&key).unwrap_or_default() })
    });
    facts.collect()
}

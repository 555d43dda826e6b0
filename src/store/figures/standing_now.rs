//! What stands now: open cases, and all that somebody must look at.

use super::histories::{self, Kept};
use super::in_pieces;
use crate::address::EmailAddress;
use crate::case::Pause;
use crate::digest::facts::{HeldFact, MailFact, NowFacts, OpenFact, UnreachableFact, Unsettled};
use crate::digest::times::unanswered_miss;
use crate::store::db::Tx;
use crate::store::seal::open_json;
use crate::store::value::{Value, args};
use crate::store::{Result, StoreError};
use crate::words::numbers::CaseNumber;
use crate::words::{LineId, Status, Template};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

type CasesOf = BTreeMap<String, Vec<(CaseNumber, Option<LineId>)>>;

/// All of it.
pub(super) async fn now(tx: &mut Tx, kept: &Kept, desk: &str, subjects: bool) -> Result<NowFacts> {
    Ok(NowFacts {
        open: open(tx, kept, desk, subjects).await?,
        held: held(tx, desk).await?,
        unsettled: unsettled(tx, desk).await?,
        unreachable: unreachable(tx, desk).await?,
        policy_faults: Vec::new(),
    })
}

/// How many cases of each line are open.
pub(super) async fn count(tx: &mut Tx, desk: &str) -> Result<Vec<(Option<LineId>, u64)>> {
    let sql = "SELECT line, COUNT(*) AS found FROM cases WHERE desk = $1 AND status <> 'resolved' GROUP BY line";
    let rows = tx.rows(sql, args![desk]).await?;
    let counts = rows.iter().map(|row| Ok((row.opt_text("line")?.map(LineId), super::count(row)?)));
    counts.collect()
}

async fn open(tx: &mut Tx, kept: &Kept, desk: &str, subjects: bool) -> Result<Vec<OpenFact>> {
    let due = |least: &str, kind: &str, state: &str| {
        format!(
            "(SELECT {least}(k.due) FROM clocks k WHERE k.of_id = c.id AND k.kind = '{kind}' AND k.state = '{state}' \
             AND k.state IN ('running', 'breached'))"
        )
    };
    let sql = format!(
        "SELECT c.id, c.number, c.line, c.status, c.urgent, c.priority, c.specialist_key, c.opened_at, c.escalated_at, {} AS respond_due, \
         CASE WHEN c.status = 'paused' THEN {} END AS pause_ends, {} AS breached_due, {} AS told_of_silence, \
         (SELECT MIN(k.started) FROM clocks k WHERE k.of_id = c.id AND k.kind = 'follow_up' AND k.state = 'running') \
         AS active_at FROM cases c WHERE c.desk = $1 AND c.status <> 'resolved'",
        due("MIN", "respond", "running"),
        due("MIN", "pause_end", "running"),
        due("MAX", "respond", "breached"),
        due("MAX", "follow_up", "breached"),
    );
    let mut open = Vec::new();
    let mut whose: Vec<Option<String>> = Vec::new();
    let mut broken: HashMap<Uuid, Timestamp> = HashMap::new();
    for row in tx.rows(&sql, args![desk]).await? {
        let id = row.id("id")?;
        broken.extend(row.opt_time("breached_due")?.map(|due| (id, due)));
        whose.push(row.opt_text("specialist_key")?);
        open.push(OpenFact {
            id,
            number: CaseNumber(row.text("number")?),
            line: row.opt_text("line")?.map(LineId),
            status: row.word("status", Status::from_word)?,
            urgent: row.flag("urgent")?,
            priority: row.opt_text("priority")?,
            specialist: None,
            subject: String::new(),
            opened_at: row.time("opened_at")?,
            respond_due: row.opt_time("respond_due")?,
            pause_ends: row.opt_time("pause_ends")?,
            paused_since: None,
            silent_since: silent_since(row.opt_time("active_at")?, row.opt_time("told_of_silence")?),
            escalated_at: row.opt_time("escalated_at")?,
            missed: None,
        });
    }
    unseal(tx, &mut open, &whose, subjects).await?;
    // A promise that was broken and kept late needs nobody's decision any more.
    let newest = newest_rows(tx, desk, broken.keys().copied()).await?;
    let histories = histories::histories(tx, kept, desk, &newest).await?;
    for case in &mut open {
        let due = broken.get(&case.id).copied();
        case.missed = due.filter(|_| histories.get(&case.id).is_some_and(|history| unanswered_miss(history)));
    }
    Ok(open)
}

/// Since when nothing was done about a case: since the running follow-up counts, if its supervisors were told after that.
fn silent_since(active_at: Option<Timestamp>, told: Option<Timestamp>) -> Option<Timestamp> {
    active_at.filter(|active| told.is_some_and(|told| told > *active))
}

/// What is read of a sealed case.
#[derive(Deserialize)]
struct Sealed {
    specialist: Option<EmailAddress>,
    subject: String,
    #[serde(default)]
    paused: Option<Pause>,
}

/// Opens as few cases as will do: one of each specialist, those that are paused, and all where subjects are told.
async fn unseal(tx: &mut Tx, open: &mut [OpenFact], whose: &[Option<String>], subjects: bool) -> Result<()> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut ids = Vec::new();
    for (case, key) in open.iter().zip(whose) {
        let is_new = key.as_deref().is_some_and(|key| seen.insert(key));
        if subjects || is_new || case.status == Status::Paused {
            ids.push(case.id);
        }
    }
    let rows = in_pieces(tx, Vec::new(), &ids, Value::from(Uuid::nil()), |places| {
        format!("SELECT id, sealed FROM cases WHERE id IN ({places})")
    });
    let mut sealed: HashMap<Uuid, Sealed> = HashMap::new();
    for row in rows.await? {
        sealed.insert(row.id("id")?, open_json(&row.bytes("sealed")?, "a case")?);
    }
    let mut people: HashMap<&str, EmailAddress> = HashMap::new();
    for (case, key) in open.iter().zip(whose) {
        let Some(key) = key.as_deref().filter(|key| !people.contains_key(key)) else { continue };
        people.extend(sealed.get(&case.id).and_then(|case| case.specialist.clone()).map(|email| (key, email)));
    }
    for (case, key) in open.iter_mut().zip(whose) {
        case.specialist = key.as_deref().and_then(|key| people.get(key)).cloned();
        if let Some(sealed) = sealed.remove(&case.id) {
            case.paused_since = sealed.paused.map(|pause| pause.since);
            case.subject = if subjects { sealed.subject } else { String::new() };
        }
    }
    Ok(())
}

/// The numbers of the newest rows of cases' chains.
async fn newest_rows(tx: &mut Tx, desk: &str, cases: impl Iterator<Item = Uuid>) -> Result<Vec<(Uuid, i64)>> {
    let chains: Vec<String> = cases.map(|case| case.to_string()).collect();
    let rows = in_pieces(tx, args![desk], &chains, "".into(), |places| {
        format!(
            "SELECT chain, MAX(seq) AS newest FROM audit_rows WHERE desk = $1 AND chain IN ({places}) GROUP BY chain"
        )
    });
    let rows = rows.await?;
    let newest = rows.iter().map(|row| {
        let case = row.text("chain")?.parse().map_err(|_| StoreError::Corrupt("a chain"))?;
        Ok((case, row.int("newest")?))
    });
    newest.collect()
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

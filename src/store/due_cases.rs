//! What is due, read for many clocks at once: thousands fall due at the same instant, and each read for itself would cost
//! more than all that is then written.

use super::assignment::Promised;
use super::case_rows::{CASE, PENDING, pending};
use super::db::Tx;
use super::rows::list;
use super::seal::{address_key, open_json};
use super::value::{Row, args};
use super::{Result, Store};
use crate::case::{Case, ClockKind, Pending};
use crate::effects::Thread;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A case with what stands around it.
#[derive(Clone, Debug)]
pub struct CaseAround {
    /// The case.
    pub case: Case,
    /// Its promises.
    pub promised: Promised,
    /// The thread of its mail to its requester: the newest mail of ours, and where the thread began.
    pub thread: Option<Thread>,
    /// The requester's address bounced hard, and no specialist has looked since.
    pub bounced_hard: bool,
}

/// What of a sealed mail makes its thread.
#[derive(Deserialize)]
struct SealedThread {
    message_id: String,
    in_reply_to: Option<String>,
    references: Vec<String>,
}

impl Store {
    /// These cases with what stands around them, in a handful of statements; those that are gone are left out.
    pub async fn cases_around(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, CaseAround>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut arguments = args![];
        let listed = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let rows = self.db.rows(&format!("SELECT {CASE} FROM cases c WHERE c.id IN ({listed})"), arguments).await?;
        let cases = self.cases_of(&rows).await?;
        let requesters: HashMap<Uuid, (String, String)> =
            cases.iter().map(|case| (case.id, (case.desk.clone(), address_key(&self.keys, &case.requester)))).collect();
        let mut tx = self.db.snapshot().await?;
        let mut promised = promised(&mut tx, ids).await?;
        let mut threads = threads(&mut tx, &requesters).await?;
        let bounced = bounced_hard(&mut tx, requesters.values()).await?;
        let around = cases.into_iter().map(|case| {
            let around = CaseAround {
                promised: promised.remove(&case.id).unwrap_or_default(),
                thread: threads.remove(&case.id),
                bounced_hard: requesters.get(&case.id).is_some_and(|requester| bounced.contains(requester)),
                case,
            };
            (around.case.id, around)
        });
        Ok(around.collect())
    }

    /// These pending requests, each with whether its requester's address bounced hard.
    pub async fn pendings_around(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, (Pending, bool)>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut arguments = args![];
        let listed = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!("SELECT {PENDING} FROM pendings p WHERE p.id IN ({listed})");
        let mut tx = self.db.snapshot().await?;
        let rows = tx.rows(&sql, arguments).await?;
        let pendings = rows.iter().map(pending).collect::<Result<Vec<_>>>()?;
        let requester = |one: &Pending| (one.desk.clone(), address_key(&self.keys, &one.requester));
        let requesters: Vec<_> = pendings.iter().map(requester).collect();
        let bounced = bounced_hard(&mut tx, requesters.iter()).await?;
        let around = pendings.into_iter().zip(&requesters);
        Ok(around.map(|(one, requester)| (one.id, (one, bounced.contains(requester)))).collect())
    }
}

/// What runs of their clocks, or stands still.
async fn promised(tx: &mut Tx, cases: &[Uuid]) -> Result<HashMap<Uuid, Promised>> {
    let (respond, update) = (ClockKind::Respond.as_str(), ClockKind::Update.as_str());
    let mut arguments = args![respond, update];
    let listed = list(&mut arguments, cases.iter().copied(), Uuid::nil().into());
    let sql = format!(
        "SELECT of_id, kind, MIN(due) AS due FROM clocks WHERE of_id IN ({listed}) AND kind IN ($1, $2) \
         AND state IN ('running', 'paused') GROUP BY of_id, kind"
    );
    let mut promised: HashMap<Uuid, Promised> = HashMap::new();
    for row in tx.rows(&sql, arguments).await? {
        let one = promised.entry(row.id("of_id")?).or_default();
        let due = Some(row.time("due")?);
        if row.text("kind")? == respond { one.respond = due } else { one.update = due }
    }
    Ok(promised)
}

/// The newest mail about each case to its requester.
async fn threads(tx: &mut Tx, requesters: &HashMap<Uuid, (String, String)>) -> Result<HashMap<Uuid, Thread>> {
    let rows = requesters.iter().map(|(case, (_, key))| args![*case, key]).collect();
    let head = "SELECT m.about, m.sealed FROM (VALUES";
    let tail = ") AS v JOIN mails m ON m.id = (SELECT n.id FROM mails n WHERE n.about = v.column1 \
                AND n.to_key = v.column2 ORDER BY n.seq DESC LIMIT 1)";
    let rows = tx.fetch_rows(head, tail, rows).await?;
    rows.iter().map(|row| Ok((row.id("about")?, thread(row)?))).collect()
}

fn thread(row: &Row) -> Result<Thread> {
    let mail: SealedThread = open_json(&row.bytes("sealed")?, "a mail")?;
    Ok(Thread { root: mail.references.into_iter().next().or(mail.in_reply_to), last: mail.message_id })
}

/// Those of these requesters, by desk and key, whose address bounced hard.
async fn bounced_hard(
    tx: &mut Tx,
    requesters: impl Iterator<Item = &(String, String)>,
) -> Result<HashSet<(String, String)>> {
    let distinct: BTreeSet<&(String, String)> = requesters.collect();
    let rows = distinct.into_iter().map(|(desk, key)| args![desk, key]).collect();
    let head = "SELECT r.desk, r.address_key FROM (VALUES";
    let tail = ") AS v JOIN requesters r ON r.desk = v.column1 AND r.address_key = v.column2 WHERE r.bounced_hard";
    let rows = tx.fetch_rows(head, tail, rows).await?;
    rows.iter().map(|row| Ok((row.text("desk")?, row.text("address_key")?))).collect()
}

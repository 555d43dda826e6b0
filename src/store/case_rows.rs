//! Cases and pending requests, written to their rows and read from them.

use super::db::Db;
use super::rows::list;
use super::seal::{address_key, open_json, seal_json};
use super::value::{Row, Value, args};
use super::{Result, Store, StoreError};
use crate::address::EmailAddress;
use crate::case::course::Course;
use crate::case::{Case, Entry, Pause, Pending, PendingState};
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, PendingToken};
use crate::words::{LineId, MemberName, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns of [`case`].
pub(super) const CASE: &str = "c.id, c.desk, c.version, c.number, c.line, c.kind, c.priority, c.status, c.urgent, \
                               c.external, c.opened_at, c.resolved_at, c.assigned_at, c.sealed";

/// The columns of [`pending`].
pub(super) const PENDING: &str = "p.id, p.desk, p.version, p.token, p.number, p.state, p.case_id, p.urgent, p.missing, \
                                  p.opened_at, p.newest_at, p.sealed";

#[derive(Serialize, Deserialize)]
struct SealedCase {
    requester: EmailAddress,
    requester_name: Option<String>,
    participants: Vec<EmailAddress>,
    specialist: Option<EmailAddress>,
    entries: Vec<Entry>,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_words: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused: Option<Pause>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waits_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merged_into: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Course::is_at_its_beginning")]
    course: Course,
}

#[derive(Serialize, Deserialize)]
struct SealedPending {
    requester: EmailAddress,
    participants: Vec<EmailAddress>,
    request: serde_json::Value,
    sent: Vec<String>,
    subject: String,
    member: Option<MemberName>,
}

/// Reads a case; its links are read apart.
pub(super) fn case(row: &Row) -> Result<Case> {
    let sealed: SealedCase = open_json(&row.bytes("sealed")?, "a case")?;
    Ok(Case {
        id: row.id("id")?,
        version: row.int("version")?,
        desk: row.text("desk")?,
        number: CaseNumber(row.text("number")?),
        line: row.opt_text("line")?.map(LineId),
        kind: row.opt_text("kind")?,
        priority: row.opt_text("priority")?,
        status: row.word("status", Status::from_word)?,
        urgent: row.flag("urgent")?,
        requester: sealed.requester,
        requester_name: sealed.requester_name,
        participants: sealed.participants,
        external: row.flag("external")?,
        specialist: sealed.specialist,
        assigned_at: row.opt_time("assigned_at")?,
        entries: sealed.entries,
        subject: sealed.subject,
        opened_at: row.time("opened_at")?,
        resolved_at: row.opt_time("resolved_at")?,
        links: Vec::new(),
        next_words: sealed.next_words,
        paused: sealed.paused,
        waits_until: sealed.waits_until,
        merged_into: sealed.merged_into,
        course: sealed.course,
    })
}

/// Reads a pending request.
pub(super) fn pending(row: &Row) -> Result<Pending> {
    let sealed: SealedPending = open_json(&row.bytes("sealed")?, "a pending request")?;
    Ok(Pending {
        id: row.id("id")?,
        version: row.int("version")?,
        desk: row.text("desk")?,
        token: PendingToken(row.text("token")?),
        number: row.opt_text("number")?.map(CaseNumber),
        requester: sealed.requester,
        participants: sealed.participants,
        request: sealed.request,
        missing: row.json("missing")?,
        sent: sealed.sent,
        subject: sealed.subject,
        member: sealed.member,
        urgent: row.flag("urgent")?,
        state: row.word("state", PendingState::from_word)?,
        case: row.opt_id("case_id")?,
        opened_at: row.time("opened_at")?,
        newest_at: row.time("newest_at")?,
    })
}

/// What writes cases: new ones, and new versions of those that stand.
pub(super) const WRITE_CASES: (&str, &str) = (
    "INSERT INTO cases (id, desk, version, number, line, kind, priority, status, urgent, external, requester_key, \
     specialist_key, opened_at, resolved_at, touched_at, assigned_at, escalated_at, sealed) VALUES",
    "ON CONFLICT (id) DO UPDATE SET version = excluded.version, line = excluded.line, kind = excluded.kind, \
     priority = excluded.priority, status = excluded.status, urgent = excluded.urgent, external = excluded.external, \
     requester_key = excluded.requester_key, specialist_key = excluded.specialist_key, \
     resolved_at = excluded.resolved_at, touched_at = excluded.touched_at, assigned_at = excluded.assigned_at, \
     escalated_at = excluded.escalated_at, sealed = excluded.sealed",
);

/// A row of [`WRITE_CASES`]; `version` is the one that it gets.
pub(super) fn case_row(case: &Case, version: i64, keys: &Keys, at: Timestamp) -> Result<Vec<Value>> {
    let sealed = SealedCase {
        requester: case.requester.clone(),
        requester_name: case.requester_name.clone(),
        participants: case.participants.clone(),
        specialist: case.specialist.clone(),
        entries: case.entries.clone(),
        subject: case.subject.clone(),
        next_words: case.next_words.clone(),
        paused: case.paused,
        waits_until: case.waits_until,
        merged_into: case.merged_into,
        course: case.course.clone(),
    };
    Ok(args![
        case.id,
        case.desk.as_str(),
        version,
        case.number.0.as_str(),
        case.line.as_ref().map(|line| line.0.clone()),
        case.kind.clone(),
        case.priority.clone(),
        case.status.as_str(),
        case.urgent,
        case.external,
        address_key(keys, &case.requester),
        case.specialist.as_ref().map(|specialist| address_key(keys, specialist)),
        case.opened_at,
        case.resolved_at,
        at,
        case.assigned_at,
        case.course.unreviewed_since(),
        seal_json(&sealed, "a case")?,
    ])
}

/// What writes pending requests.
pub(super) const WRITE_PENDINGS: (&str, &str) = (
    "INSERT INTO pendings (id, desk, version, token, number, state, requester_key, case_id, urgent, missing, \
     opened_at, newest_at, sealed) VALUES",
    "ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, \
     requester_key = excluded.requester_key, case_id = excluded.case_id, urgent = excluded.urgent, \
     missing = excluded.missing, newest_at = excluded.newest_at, sealed = excluded.sealed",
);

/// A row of [`WRITE_PENDINGS`]; `version` is the one that it gets.
pub(super) fn pending_row(pending: &Pending, version: i64, keys: &Keys) -> Result<Vec<Value>> {
    let sealed = SealedPending {
        requester: pending.requester.clone(),
        participants: pending.participants.clone(),
        request: pending.request.clone(),
        sent: pending.sent.clone(),
        subject: pending.subject.clone(),
        member: pending.member.clone(),
    };
    Ok(args![
        pending.id,
        pending.desk.as_str(),
        version,
        pending.token.0.as_str(),
        pending.number.as_ref().map(|number| number.0.clone()),
        pending.state.as_str(),
        address_key(keys, &pending.requester),
        pending.case,
        pending.urgent,
        serde_json::to_string(&pending.missing).map_err(|_| StoreError::Corrupt("missing"))?,
        pending.opened_at,
        pending.newest_at,
        seal_json(&sealed, "a pending request")?,
    ])
}

/// Gives cases their links, oldest linked case first.
pub(super) async fn add_links(db: &Db, cases: &mut [Case]) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let mut arguments = args![];
    let ids = list(&mut arguments, cases.iter().map(|case| case.id), Uuid::nil().into());
    let sql = format!("SELECT case_id, other_id FROM case_links WHERE case_id IN ({ids}) ORDER BY case_id, other_id");
    let mut links: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in db.rows(&sql, arguments).await? {
        links.entry(row.id("case_id")?).or_default().push(row.id("other_id")?);
    }
    for case in cases {
        case.links = links.remove(&case.id).unwrap_or_default();
    }
    Ok(())
}

impl Store {
    /// A case, by its row.
    pub async fn case_state(&self, id: Uuid) -> Result<Option<Case>> {
        let rows = self.db.rows(&format!("SELECT {CASE} FROM cases c WHERE c.id = $1"), args![id]).await?;
        Ok(self.cases_of(&rows).await?.pop())
    }

    /// A case, by its number.
    pub async fn case_by_number(&self, desk: &str, number: &CaseNumber) -> Result<Option<Case>> {
        let sql = format!("SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.number = $2");
        let rows = self.db.rows(&sql, args![desk, number.0.as_str()]).await?;
        Ok(self.cases_of(&rows).await?.pop())
    }

    /// A pending request, by its row.
    pub async fn pending_state(&self, id: Uuid) -> Result<Option<Pending>> {
        let sql = format!("SELECT {PENDING} FROM pendings p WHERE p.id = $1");
        self.db.row(&sql, args![id]).await?.as_ref().map(pending).transpose()
    }

    pub(super) async fn cases_of(&self, rows: &[Row]) -> Result<Vec<Case>> {
        let mut cases = rows.iter().map(case).collect::<Result<Vec<_>>>()?;
        add_links(&self.db, &mut cases).await?;
        Ok(cases)
    }
}

//! Who has how much, and how much waits where: what stands on every page must cost little.

use super::access::Place;
use super::mails::{MailList, mail_counting};
use super::queue::Selection;
use super::values::{Count, QueueDue, QueueFilter, QueueOrder, QueueSpecialist};
use crate::address::EmailAddress;
use crate::desk::access::{Access, AccountRole};
use crate::store::case_rows::{CASE, case};
use crate::store::rows::list;
use crate::store::value::args;
use crate::store::{Result, Store, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// The navigation counts so far.
const MOST_ON_EVERY_PAGE: u64 = 99;

/// No row, as a count: a bare zero is a smaller type to PostgreSQL.
const NONE: &str = "CAST(0 AS BIGINT)";

/// What one specialist has, or what nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The desk's id.
    pub desk: String,
    /// Who; `None`: nobody.
    pub specialist: Option<EmailAddress>,
    /// Open cases.
    pub open: u64,
    /// Urgent ones among them.
    pub urgent: u64,
    /// Ones among them in which something was due before now.
    pub overdue: u64,
    /// Paused ones among them.
    pub paused: u64,
}

/// What waits, for the navigation. Each stops at 99.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// Held messages; a specialist sees none.
    pub held: Count,
    /// Mails that need a person; a specialist sees none.
    pub mails: Count,
    /// Open cases that nobody has.
    pub unassigned: Count,
    /// Open cases in which something was due before now; of a specialist, their own.
    pub overdue: Count,
}

impl Store {
    /// Open cases by who has them, of all that `access` may see; who has none is not there.
    pub async fn people_load(&self, access: &Access, desk: Option<&str>, now: Timestamp) -> Result<Vec<Load>> {
        let mut selection = Selection::new(access, &self.keys);
        let at = selection.bind(now);
        let (mut loads, mut examples) = (Vec::new(), Vec::new());
        let mut sql = Vec::new();
        for desk in selection.desks(desk) {
            let condition = selection.condition(desk, &QueueFilter::default(), QueueOrder::Due);
            sql.push(format!(
                "SELECT c.desk, MIN(CAST(c.id AS TEXT)) AS example, c.specialist_key, COUNT(*) AS cases, \
                 SUM(CASE WHEN c.urgent THEN 1 ELSE 0 END) AS urgent, \
                 SUM(CASE WHEN c.next_due < {at} THEN 1 ELSE 0 END) AS overdue, \
                 SUM(CASE WHEN c.status = 'paused' THEN 1 ELSE 0 END) AS paused \
                 FROM cases c WHERE {condition} GROUP BY c.desk, c.specialist_key"
            ));
        }
        if sql.is_empty() {
            return Ok(loads);
        }
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        for row in self.db.rows(&sql.join(" UNION ALL "), selection.arguments).await? {
            let example: Uuid = row.text("example")?.parse().map_err(|_| StoreError::Corrupt("id"))?;
            examples.push(row.opt_text("specialist_key")?.map(|_| example));
            loads.push(Load {
                desk: row.text("desk")?,
                specialist: None,
                open: count(row.int("cases")?),
                urgent: count(row.int("urgent")?),
                overdue: count(row.int("overdue")?),
                paused: count(row.int("paused")?),
            });
        }
        // Whose key it is, one of their cases says: they may have left the staff list.
        let names = self.specialists_of(&examples).await?;
        for (load, example) in loads.iter_mut().zip(examples) {
            load.specialist = example.and_then(|example| names.get(&example).cloned());
        }
        loads.sort_by(|one, other| (&one.desk, &one.specialist).cmp(&(&other.desk, &other.specialist)));
        Ok(loads)
    }

    async fn specialists_of(&self, cases: &[Option<Uuid>]) -> Result<HashMap<Uuid, EmailAddress>> {
        let mut arguments = args![];
        let ids = list(&mut arguments, cases.iter().copied().flatten(), Uuid::nil().into());
        let rows = self.db.rows(&format!("SELECT {CASE} FROM cases c WHERE c.id IN ({ids})"), arguments).await?;
        let mut names = HashMap::new();
        for row in &rows {
            let case = case(row)?;
            names.extend(case.specialist.map(|specialist| (case.id, specialist)));
        }
        Ok(names)
    }

    /// What waits for somebody, in one statement.
    pub async fn waiting(&self, access: &Access, now: Timestamp) -> Result<Waiting> {
        let mut selection = Selection::new(access, &self.keys);
        if access.desks.is_empty() {
            return Ok(Waiting::default());
        }
        let most = MOST_ON_EVERY_PAGE;
        let nobodys = QueueFilter { specialist: QueueSpecialist::Nobody, ..QueueFilter::default() };
        let mine = match access.role {
            AccountRole::Specialist | AccountRole::Partner => QueueSpecialist::One(access.email.clone()),
            AccountRole::Supervisor | AccountRole::Admin => QueueSpecialist::Anyone,
        };
        let overdue = QueueFilter { specialist: mine, due: QueueDue::Before(now), ..QueueFilter::default() };
        let unassigned = case_counting(&mut selection, &nobodys, most);
        let overdue = case_counting(&mut selection, &overdue, most);
        let (mut held, mut mails) = (NONE.to_owned(), NONE.to_owned());
        if access.supervises() {
            held = held_counting(&mut selection, most);
            mails = mail_counting(&mut selection, MailList::NeedsPerson, None, most).unwrap_or(mails);
        }
        let sql = format!("SELECT {held} AS held, {mails} AS mails, {unassigned} AS unassigned, {overdue} AS overdue");
        let row = self.db.row(&sql, selection.arguments).await?.ok_or(StoreError::Corrupt("a count"))?;
        Ok(Waiting {
            held: Count::up_to(row.int("held")?, most),
            mails: Count::up_to(row.int("mails")?, most),
            unassigned: Count::up_to(row.int("unassigned")?, most),
            overdue: Count::up_to(row.int("overdue")?, most),
        })
    }
}

fn case_counting(selection: &mut Selection<'_>, filter: &QueueFilter, most: u64) -> String {
    let limit = most.saturating_add(1);
    let counts = selection.desks(None).into_iter().map(|desk| {
        let condition = selection.condition(desk, filter, QueueOrder::Due);
        format!("(SELECT COUNT(*) FROM (SELECT 1 FROM cases c WHERE {condition} LIMIT {limit}) AS q)")
    });
    counts.collect::<Vec<_>>().join(" + ")
}

fn held_counting(selection: &mut Selection<'_>, most: u64) -> String {
    let limit = most.saturating_add(1);
    let place = Place { desk: "m.desk", line: "d.line", specialist: None };
    let counts = selection.desks(None).into_iter().map(|desk| {
        let condition = selection.place(desk, place);
        format!(
            "(SELECT COUNT(*) FROM (SELECT 1 FROM messages m JOIN message_decisions d ON d.message = m.id \
             WHERE m.state = 'held' AND {condition} LIMIT {limit}) AS q)"
        )
    });
    counts.collect::<Vec<_>>().join(" + ")
}

//! The list of cases, one page at a time.
//!
//! Each desk that the account may see is a selection of its own, which walks an index in the order asked for and stops at
//! one page; the pages of the desks are then put together. So a page costs the same however many cases there are, and a
//! desk with few cases is not searched for among those of a large one.

use super::access::{CASE_PLACE, Place, desk_sql};
use super::due::never;
use super::values::{
    Count, Cursor, MOST_COUNTED, NextDue, PAGE, QueueCase, QueueDue, QueueFilter, QueueOrder, QueuePage,
    QueueSpecialist, QueueStatus,
};
use super::words::Typed;
use crate::case::ClockKind;
use crate::desk::access::{Access, DeskAccess};
use crate::store::case_rows::{CASE, case};
use crate::store::seal::address_key;
use crate::store::value::{Row, Value};
use crate::store::{Result, Store, StoreError};
use crate::words::keys::Keys;

/// The columns of [`queue_case`], besides those of the case itself.
pub(super) const NEXT: &str = "c.queue_rank, c.next_due, c.next_kind, c.touched_at";

/// Reads a case with what comes next in it.
pub(super) fn queue_case(row: &Row) -> Result<QueueCase> {
    let kind = row.opt_word("next_kind", ClockKind::from_word)?;
    let at = row.time("next_due")?;
    let next = kind.map(|kind| NextDue { kind, at });
    Ok(QueueCase { case: case(row)?, next, touched_at: row.time("touched_at")? })
}

/// A selection that grows: its text and its arguments.
pub(super) struct Selection<'a> {
    pub(super) access: &'a Access,
    pub(super) keys: &'a Keys,
    pub(super) arguments: Vec<Value>,
}

impl<'a> Selection<'a> {
    pub(super) fn new(access: &'a Access, keys: &'a Keys) -> Self {
        Self { access, keys, arguments: Vec::new() }
    }

    /// The placeholder of one more argument.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.arguments.push(value.into());
        format!("${}", self.arguments.len())
    }

    /// The desks that are asked for, among those that the account may see.
    pub(super) fn desks(&self, desk: Option<&str>) -> Vec<&'a DeskAccess> {
        self.access.desks.iter().filter(|one| desk.is_none_or(|desk| desk == one.desk)).collect()
    }

    /// Which rows of one desk the account may see.
    pub(super) fn place(&mut self, desk: &DeskAccess, place: Place<'_>) -> String {
        desk_sql(desk, self.access, self.keys, place, &mut self.arguments)
    }

    /// Which cases `c` of one desk are meant. Lists by the time of opening are walks along an index of theirs: what they
    /// ask of the next due instant is written so that no planner finds many by another index and puts them in order.
    pub(super) fn condition(&mut self, desk: &DeskAccess, filter: &QueueFilter, order: QueueOrder) -> String {
        let is_by_due = order == QueueOrder::Due;
        let due = if is_by_due { "c.next_due" } else { "COALESCE(c.next_due, c.next_due)" };
        let mut all = vec![self.place(desk, CASE_PLACE)];
        if let Some(line) = &filter.line {
            let line = self.bind(line.0.as_str());
            all.push(format!("c.line = {line}"));
        }
        self.status(filter.status, is_by_due, &mut all);
        match &filter.specialist {
            QueueSpecialist::Anyone => {}
            QueueSpecialist::Nobody => all.push("c.specialist_key IS NULL".to_owned()),
            QueueSpecialist::Somebody if is_by_due => all.push("c.specialist_key IS NOT NULL".to_owned()),
            QueueSpecialist::Somebody => all.push("COALESCE(c.specialist_key, '') <> ''".to_owned()),
            QueueSpecialist::One(email) => {
                let key = self.bind(address_key(self.keys, email));
                all.push(format!("c.specialist_key = {key}"));
            }
        }
        match filter.due {
            QueueDue::Any => {}
            QueueDue::Before(until) => {
                let until = self.bind(until);
                all.push(format!("{due} < {until}"));
            }
            QueueDue::Between(from, until) => {
                let (from, until) = (self.bind(from), self.bind(until));
                all.push(format!("{due} >= {from} AND {due} < {until}"));
            }
            QueueDue::Nothing => {
                let never = self.bind(never());
                all.push(format!("{due} >= {never}"));
            }
        }
        if filter.urgent {
            all.push("c.urgent".to_owned());
        }
        all.join(" AND ")
    }

    /// By what is due, the rank says the same as the status, so that the index that begins with it may be walked.
    fn status(&mut self, status: QueueStatus, is_by_due: bool, all: &mut Vec<String>) {
        let (open, resolved) = match is_by_due {
            true => ("c.status <> 'resolved' AND c.queue_rank < 2", "c.status = 'resolved' AND c.queue_rank = 2"),
            false => ("c.status <> 'resolved'", "c.status = 'resolved'"),
        };
        match status {
            QueueStatus::All => {}
            QueueStatus::Open => all.push(open.to_owned()),
            QueueStatus::Waiting => {
                all.push(format!("{open} AND c.status IN ('waiting_internal', 'waiting_external', 'paused')"));
            }
            QueueStatus::One(crate::words::Status::Resolved) => {
                all.push(resolved.to_owned());
            }
            QueueStatus::One(status) => {
                let status = self.bind(status.as_str());
                all.push(format!("{open} AND c.status = {status}"));
            }
        }
    }
}

/// How a list is walked: its order, and what stands behind a cursor.
struct Walk {
    order: &'static str,
    behind: &'static str,
}

impl Walk {
    fn of(order: QueueOrder) -> Self {
        match order {
            QueueOrder::Due => Self { order: "queue_rank, next_due, id", behind: "(c.queue_rank, c.next_due, c.id) >" },
            QueueOrder::Newest => Self { order: "opened_at DESC, id DESC", behind: "(c.opened_at, c.id) <" },
            QueueOrder::Oldest => Self { order: "opened_at, id", behind: "(c.opened_at, c.id) >" },
        }
    }

    fn qualified(&self) -> String {
        self.order.split(", ").map(|column| format!("c.{column}")).collect::<Vec<_>>().join(", ")
    }
}

/// Where a page ends.
fn cursor(order: QueueOrder, last: &QueueCase, rank: i64) -> Cursor {
    match order {
        QueueOrder::Due => Cursor { rank, at: last.next.map_or_else(never, |next| next.at), id: last.case.id },
        QueueOrder::Newest | QueueOrder::Oldest => Cursor { rank: 0, at: last.case.opened_at, id: last.case.id },
    }
}

/// Puts selections together that have the same columns and the same order.
pub(super) fn together(selections: &[String], order: &str, limit: usize) -> String {
    match selections {
        [one] => one.clone(),
        several => {
            let all: Vec<String> =
                several.iter().enumerate().map(|(n, one)| format!("SELECT * FROM ({one}) AS q{n}")).collect();
            format!("{} ORDER BY {order} LIMIT {limit}", all.join(" UNION ALL "))
        }
    }
}

impl Store {
    /// One page of the cases that `access` may see and `filter` means, behind `after`.
    pub async fn queue(
        &self,
        access: &Access,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<&Cursor>,
    ) -> Result<QueuePage> {
        let mut selection = Selection::new(access, &self.keys);
        let walk = Walk::of(order);
        let limit = PAGE + 1;
        let mut selections = Vec::new();
        for desk in selection.desks(filter.desk.as_deref()) {
            let mut condition = selection.condition(desk, filter, order);
            if let Some(after) = after {
                let rank =
                    if order == QueueOrder::Due { format!("{}, ", selection.bind(after.rank)) } else { String::new() };
                let (at, id) = (selection.bind(after.at), selection.bind(after.id));
                condition.push_str(&format!(" AND {} ({rank}{at}, {id})", walk.behind));
            }
            let by = walk.qualified();
            selections
                .push(format!("SELECT {CASE}, {NEXT} FROM cases c WHERE {condition} ORDER BY {by} LIMIT {limit}"));
        }
        if selections.is_empty() {
            return Ok(QueuePage::default());
        }
        let rows = self.db.rows(&together(&selections, walk.order, limit), selection.arguments).await?;
        page(&rows, order)
    }

    /// How many cases `access` may see and `filter` means; counting stops at [`MOST_COUNTED`].
    pub async fn queue_count(&self, access: &Access, filter: &QueueFilter) -> Result<Count> {
        self.count_cases(access, filter, MOST_COUNTED).await
    }

    pub(super) async fn count_cases(&self, access: &Access, filter: &QueueFilter, most: u64) -> Result<Count> {
        let mut selection = Selection::new(access, &self.keys);
        let limit = most.saturating_add(1);
        let mut counts = Vec::new();
        for desk in selection.desks(filter.desk.as_deref()) {
            let condition = selection.condition(desk, filter, QueueOrder::Due);
            counts.push(format!("(SELECT COUNT(*) FROM (SELECT 1 FROM cases c WHERE {condition} LIMIT {limit}) AS q)"));
        }
        if counts.is_empty() {
            return Ok(Count::default());
        }
        let sql = format!("SELECT {} AS cases", counts.join(" + "));
        let row = self.db.row(&sql, selection.arguments).await?.ok_or(StoreError::Corrupt("a count"))?;
        Ok(Count::up_to(row.int("cases")?, most))
    }

    /// The cases that hold every word of `typed`, newest first; `None`: it has no word. Nothing is searched but whole words.
    pub(super) async fn with_words(
        &self,
        access: &Access,
        filter: &QueueFilter,
        words: &[String],
        after: Option<&Cursor>,
    ) -> Result<QueuePage> {
        let mut selection = Selection::new(access, &self.keys);
        let limit = PAGE + 1;
        let words = self.rarest_first(access, words).await?;
        let Some((first, others)) = words.split_first() else { return Ok(QueuePage::default()) };
        let mut selections = Vec::new();
        for desk in selection.desks(filter.desk.as_deref()) {
            let mut condition = selection.condition(desk, filter, QueueOrder::Due);
            let (id, key) = (selection.bind(desk.desk.as_str()), selection.bind(first.as_str()));
            condition.push_str(&format!(" AND w.desk = {id} AND w.word_key = {key}"));
            for other in others {
                let key = selection.bind(other.as_str());
                // A count, not EXISTS: that a planner may turn into a walk through all cases with a common word.
                condition.push_str(&format!(
                    " AND (SELECT COUNT(*) FROM case_words x WHERE x.desk = {id} AND x.word_key = {key} \
                     AND x.opened_at = w.opened_at AND x.case_id = w.case_id) > 0"
                ));
            }
            if let Some(after) = after {
                let (at, id) = (selection.bind(after.at), selection.bind(after.id));
                condition.push_str(&format!(" AND (w.opened_at, w.case_id) < ({at}, {id})"));
            }
            // A cross join: the words are walked first, in their order, whatever the planner thinks.
            selections.push(format!(
                "SELECT {CASE}, {NEXT} FROM case_words w CROSS JOIN cases c WHERE c.id = w.case_id AND {condition} \
                 ORDER BY w.opened_at DESC, w.case_id DESC LIMIT {limit}"
            ));
        }
        if selections.is_empty() {
            return Ok(QueuePage::default());
        }
        let rows = self.db.rows(&together(&selections, "opened_at DESC, id DESC", limit), selection.arguments).await?;
        page(&rows, QueueOrder::Newest)
    }

    /// `words`, the one first that fewest cases have; counting stops soon.
    async fn rarest_first(&self, access: &Access, words: &[String]) -> Result<Vec<String>> {
        if words.len() < 2 {
            return Ok(words.to_vec());
        }
        let mut selection = Selection::new(access, &self.keys);
        let desks: Vec<String> = access.desks.iter().map(|desk| selection.bind(desk.desk.as_str())).collect();
        let mut counts = Vec::new();
        for word in words {
            let key = selection.bind(word.as_str());
            let of_desks = desks.iter().map(|desk| {
                format!(
                    "(SELECT COUNT(*) FROM (SELECT 1 FROM case_words w WHERE w.desk = {desk} AND w.word_key = {key} \
                     LIMIT 1001) AS q)"
                )
            });
            let sum = of_desks.collect::<Vec<_>>().join(" + ");
            counts.push(format!(
                "SELECT {key} AS word, {} AS cases",
                if sum.is_empty() { "CAST(0 AS BIGINT)" } else { &sum }
            ));
        }
        let mut found = Vec::new();
        for row in self.db.rows(&counts.join(" UNION ALL "), selection.arguments).await? {
            found.push((row.int("cases")?, row.text("word")?));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, word)| word).collect())
    }
}

impl Count {
    /// What was counted, stopping behind `most`.
    pub(super) fn up_to(counted: i64, most: u64) -> Self {
        let counted = u64::try_from(counted).unwrap_or(0);
        Self { n: counted.min(most), more: counted > most }
    }
}

/// What was read, up to one page; one row more says that there is a next one.
fn page(rows: &[Row], order: QueueOrder) -> Result<QueuePage> {
    let mut page = QueuePage::default();
    for row in rows.iter().take(PAGE) {
        page.cases.push(queue_case(row)?);
    }
    if rows.len() > PAGE {
        let rank = rows.get(PAGE - 1).map(|row| row.int("queue_rank")).transpose()?.unwrap_or(0);
        page.next = page.cases.last().map(|last| cursor(order, last, rank));
    }
    Ok(page)
}

impl Typed {
    /// The ways to read what was typed, in the order in which they are tried.
    pub(super) fn readings(&self) -> Vec<Vec<String>> {
        let mut readings = vec![self.words.clone()];
        readings.extend(self.whole.clone().map(|whole| vec![whole]));
        readings
    }
}

//! The facts of a desk's days, read in one state of the database: what the digest and the page Today count.
//!
//! Every statement counts along an index of its own that holds all that it asks for (migrations/0005_figures.sql), a stretch
//! of time or what stands open, so that a desk with a hundred thousand cases is read as quickly as its days are busy.

mod agents;
mod happened;
mod histories;
mod standing_now;

use super::db::Tx;
use super::value::{Row, Value, args};
use super::{Result, Store, StoreError};
use crate::digest::facts::{Facts, FactsAsked, Stretch};
use crate::words::LineId;
pub(super) use histories::Kept;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Ids that one statement names at most.
const AT_ONCE: usize = 500;

impl Store {
    /// The facts of `desk`.
    pub async fn facts(&self, desk: &str, asked: &FactsAsked) -> Result<Facts> {
        let mut tx = self.db.survey().await?;
        let (events, opportunities) = happened::events(&mut tx, desk, asked).await?;
        let mut facts = Facts {
            read: happened::read(&mut tx, desk, asked).await?,
            decisions: happened::decisions(&mut tx, desk, asked).await?,
            events,
            opportunities,
            answers: happened::answers(&mut tx, desk, asked).await?,
            told: histories::told(&mut tx, &self.histories, desk, FactsAsked::over(asked.told())).await?,
            agents: agents::agents(&mut tx, desk, asked).await?,
            ..Facts::default()
        };
        if asked.now {
            facts.now = Some(standing_now::now(&mut tx, &self.histories, desk, asked.subjects).await?);
        }
        facts.open_now = match (asked.since, &facts.now) {
            (None, _) => None,
            (Some(_), None) => Some(standing_now::count(&mut tx, desk).await?),
            (Some(_), Some(now)) => {
                let mut lines: BTreeMap<Option<LineId>, u64> = BTreeMap::new();
                now.open.iter().for_each(|case| *lines.entry(case.line.clone()).or_default() += 1);
                Some(lines.into_iter().collect())
            }
        };
        Ok(facts)
    }

    /// The newest instant at which anything happened at `desk`: where a rehearsal's clock stands.
    pub async fn newest_instant(&self, desk: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT (SELECT MAX(recorded_at) FROM messages WHERE desk = $1 AND NOT is_sent) AS read, \
                   (SELECT MAX(at) FROM decisions_made WHERE desk = $1) AS decided, \
                   (SELECT MAX(state_at) FROM mails WHERE desk = $1 AND state = 'sent') AS sent, \
                   (SELECT at FROM audit_rows WHERE desk = $1 AND chain = 'desk' ORDER BY seq DESC LIMIT 1) AS told";
        let Some(row) = self.db.row(sql, args![desk]).await? else { return Ok(None) };
        let instants = [row.opt_time("read")?, row.opt_time("decided")?, row.opt_time("sent")?, row.opt_time("told")?];
        Ok(instants.into_iter().flatten().max())
    }

    /// When the digest of `desk` went out last.
    pub async fn last_digest(&self, desk: &str) -> Result<Option<Timestamp>> {
        self.last_met(desk, crate::case::ClockKind::Digest).await
    }
}

/// One statement that counts in each of `stretches`: `arm` makes its part from the stretch's place among them and the
/// placeholders of its two instants.
fn arms(arguments: &mut Vec<Value>, stretches: &[Stretch], arm: impl Fn(&str, &str, &str) -> String) -> String {
    let mut parts = Vec::with_capacity(stretches.len());
    for (place, stretch) in stretches.iter().enumerate() {
        let next = arguments.len() + 1;
        arguments.extend([stretch.from.into(), stretch.to.into()]);
        let place = format!("CAST({place} AS BIGINT)");
        parts.push(arm(&place, &format!("${next}"), &format!("${}", next + 1)));
    }
    parts.join(" UNION ALL ")
}

/// The case that the chain of a row of `rows` is of, to be compared with `cases.id`; NULL of the desk's own.
fn case_of_chain(tx: &Tx, rows: &str) -> String {
    if tx.is_postgres() { format!("CAST(NULLIF({rows}.chain, 'desk') AS UUID)") } else { format!("{rows}.chain") }
}

/// How many a row has counted.
fn count(row: &Row) -> Result<u64> {
    u64::try_from(row.int("found")?).map_err(|_| StoreError::Corrupt("a count"))
}

/// Runs one statement for pieces of a list: `sql` makes its text from the placeholders, `first` are the values before.
async fn in_pieces<T: Into<Value> + Clone>(
    tx: &mut Tx,
    first: Vec<Value>,
    items: &[T],
    nothing: Value,
    sql: impl Fn(&str) -> String,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for piece in items.chunks(AT_ONCE) {
        let mut arguments = first.clone();
        let places = super::rows::list(&mut arguments, piece.iter().cloned(), nothing.clone());
        rows.extend(tx.rows(&sql(&places), arguments).await?);
    }
    Ok(rows)
}

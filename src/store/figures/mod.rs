//! The facts of a desk's days, read in one state of the database: what the digest and the page Today count.
//!
//! Every statement asks for one stretch of time, or for what stands open, by an index of its own, so that a desk with a
//! hundred thousand cases is read as quickly as its days are busy.

mod happened;
mod histories;
mod standing_now;

use super::db::Tx;
use super::value::{Row, Value, args};
use super::{Result, Store};
use crate::digest::facts::{Facts, FactsAsked};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Ids that one statement names at most.
const AT_ONCE: usize = 500;

impl Store {
    /// The facts of `desk`.
    pub async fn facts(&self, desk: &str, asked: FactsAsked) -> Result<Facts> {
        let mut tx = self.db.snapshot().await?;
        let mut facts = Facts {
            read: happened::read(&mut tx, desk, asked.all).await?,
            decisions: happened::decisions(&mut tx, desk, asked.all).await?,
            events: happened::events(&mut tx, desk, asked.all).await?,
            answers: happened::answers(&mut tx, desk, asked.all).await?,
            ..Facts::default()
        };
        facts.agents = happened::agents(&mut tx, desk, &facts.decisions).await?;
        let told = histories::chosen(&facts, asked.columns);
        facts.histories = histories::histories(&mut tx, desk, &told).await?;
        facts.promised_from = histories::promised_from(&mut tx, &told).await?;
        let of_answers = facts.answers.iter().filter_map(|(_, case)| *case);
        let named: BTreeSet<_> = facts.events.iter().map(|event| event.case).chain(of_answers).collect();
        facts.cases = happened::cases(&mut tx, &named).await?;
        if asked.open {
            facts.open_now = Some(standing_now::count(&mut tx, desk).await?);
        }
        if asked.now {
            facts.now = Some(standing_now::now(&mut tx, desk).await?);
        }
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

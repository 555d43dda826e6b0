//! The audit trail as it is kept, row by row, so that it can be verified elsewhere (docs/audit.md).

use super::DESK_CHAIN;
use crate::desk::access::Access;
use crate::store::rows::list;
use crate::store::time::to_text;
use crate::store::value::{Row, args};
use crate::store::{Result, Store};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rows read at a time.
const PAGE: i64 = 1000;

/// Which rows are exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Of this desk.
    pub desk: Option<String>,
    /// From this instant on.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

impl ExportFilter {
    /// Whether all there is is exported.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}

/// A row of a chain, with all that its hash covers. It holds ids and codes; content stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExportRow {
    /// The desk's id.
    pub desk: String,
    /// `desk`, or the row of a case.
    pub chain: String,
    /// Its number in its chain, from 1.
    pub seq: i64,
    /// How many checkpoints were written before it.
    pub epoch: i64,
    /// When, as it is hashed: in UTC, to the microsecond.
    pub at: String,
    /// What happened.
    pub kind: String,
    /// Row ids and codes: JSON, exactly as it is hashed.
    pub ids: String,
    /// The salted digest of its content, where it has one.
    pub digest: Option<String>,
    /// The hash of the row before it; nothing for the first of a chain.
    pub before: String,
    /// Its own hash.
    pub hash: String,
}

/// A checkpoint over the heads of the chains that changed since the one before it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExportCheckpoint {
    /// Its number, from 1.
    pub checkpoint: i64,
    /// When, as it is hashed.
    pub at: String,
    /// How many heads it covers.
    pub heads: i64,
    /// The hash of the checkpoint before it; nothing for the first.
    pub before: String,
    /// Its own hash.
    pub hash: String,
}

/// Where an export goes on: desk, chain and number of the last row that was read.
pub type ExportPlace = (String, String, i64);

impl Store {
    /// The rows behind `after`, in order of desk, chain and number, at most a thousand, and where to go on; `None`: that
    /// was all. With an `access`, only the desks that it may see, and of cases only those that it may see.
    pub async fn export_rows(
        &self,
        filter: &ExportFilter,
        access: Option<&Access>,
        after: Option<&ExportPlace>,
    ) -> Result<(Vec<ExportRow>, Option<ExportPlace>)> {
        let (desk, chain, seq) = after.cloned().unwrap_or_default();
        let mut arguments = args![desk, chain, seq, PAGE];
        let mut all = vec!["(a.desk, a.chain, a.seq) > ($1, $2, $3)".to_owned()];
        if let Some(desk) = &filter.desk {
            arguments.extend(args![desk]);
            all.push(format!("a.desk = ${}", arguments.len()));
        }
        if let Some(since) = filter.since {
            arguments.extend(args![since]);
            all.push(format!("a.at >= ${}", arguments.len()));
        }
        if let Some(until) = filter.until {
            arguments.extend(args![until]);
            all.push(format!("a.at < ${}", arguments.len()));
        }
        let sql = format!(
            "SELECT a.desk, a.chain, a.seq, a.epoch, a.at, a.kind, a.ids, a.digest, a.hash, b.hash AS before \
             FROM audit_rows a LEFT JOIN audit_rows b ON b.desk = a.desk AND b.chain = a.chain AND b.seq = a.seq - 1 \
             WHERE {} ORDER BY a.desk, a.chain, a.seq LIMIT $4",
            all.join(" AND ")
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let mut exported = rows.iter().map(export_row).collect::<Result<Vec<_>>>()?;
        let next = exported.last().map(|last| (last.desk.clone(), last.chain.clone(), last.seq));
        if let Some(access) = access {
            let visible = self.visible_chains(access, &exported).await?;
            exported
                .retain(|row| access.has_desk(&row.desk) && (row.chain == DESK_CHAIN || visible.contains(&row.chain)));
        }
        let is_end = i64::try_from(rows.len()).is_ok_and(|n| n < PAGE);
        Ok((exported, next.filter(|_| !is_end)))
    }

    /// Every checkpoint, oldest first.
    pub async fn export_checkpoints(&self) -> Result<Vec<ExportCheckpoint>> {
        let mut before = String::new();
        let mut all = Vec::new();
        for row in self.db.rows("SELECT seq, at, heads, hash FROM audit_checkpoints ORDER BY seq", args![]).await? {
            let hash = row.text("hash")?;
            let former = std::mem::replace(&mut before, hash.clone());
            let (checkpoint, at, heads) = (row.int("seq")?, to_text(row.time("at")?), row.int("heads")?);
            all.push(ExportCheckpoint { checkpoint, at, heads, before: former, hash });
        }
        Ok(all)
    }

    async fn visible_chains(&self, access: &Access, rows: &[ExportRow]) -> Result<BTreeSet<String>> {
        let chains: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.chain.parse().ok()).collect();
        if chains.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut arguments = args![];
        let ids = list(&mut arguments, chains, Uuid::nil().into());
        let may_see = crate::store::console::case_condition(access, &self.keys, &mut arguments);
        let sql = format!("SELECT c.id FROM cases c WHERE c.id IN ({ids}) AND {may_see}");
        let rows = self.db.rows(&sql, arguments).await?;
        rows.iter().map(|row| Ok(row.id("id")?.to_string())).collect()
    }
}

fn export_row(row: &Row) -> Result<ExportRow> {
    Ok(ExportRow {
        desk: row.text("desk")?,
        chain: row.text("chain")?,
        seq: row.int("seq")?,
        epoch: row.int("epoch")?,
        at: to_text(row.time("at")?),
        kind: row.text("kind")?,
        ids: row.text("ids")?,
        digest: row.opt_text("digest")?,
        before: row.opt_text("before")?.unwrap_or_default(),
        hash: row.text("hash")?,
    })
}

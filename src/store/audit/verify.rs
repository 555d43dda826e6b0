//! Verifying: every chain and every checkpoint is read again from its beginning.

use super::checkpoint::{Heads as Chains, checkpoint_hash};
use super::{Head, Link};
use crate::store::db::Tx;
use crate::store::seal::open;
use crate::store::value::{Row, args};
use crate::store::{AuditBreak, AuditReport, Result, Store};
use crate::words::keys::Keys;
use std::collections::BTreeMap;

/// Rows read at a time.
const PAGE: i64 = 1000;

/// What is known while reading.
struct Reading<'a> {
    keys: &'a Keys,
    report: AuditReport,
    /// The end of each chain so far.
    ends: Chains,
    /// The ends of the chains that changed in each epoch.
    epochs: BTreeMap<i64, Chains>,
}

impl Store {
    /// Reads every chain and checkpoint and tells what does not hold.
    pub async fn audit_verify(&self) -> Result<AuditReport> {
        let mut tx = self.db.survey().await?;
        let report = AuditReport::default();
        let mut reading = Reading { keys: &self.keys, report, ends: Chains::new(), epochs: BTreeMap::new() };
        reading.rows(&mut tx).await?;
        reading.heads(&mut tx).await?;
        reading.checkpoints(&mut tx).await?;
        Ok(reading.report)
    }
}

impl Reading<'_> {
    fn broken(&mut self, desk: &str, chain: &str, seq: i64, what: &str) {
        let (desk, chain, what) = (desk.to_owned(), chain.to_owned(), what.to_owned());
        self.report.broken.push(AuditBreak { desk, chain, seq, what });
    }

    async fn rows(&mut self, tx: &mut Tx) -> Result<()> {
        let mut after = (String::new(), String::new(), -1);
        loop {
            let sql = "SELECT desk, chain, seq, epoch, at, kind, ids, digest, salt, sealed, hash FROM audit_rows \
                       WHERE (desk, chain, seq) > ($1, $2, $3) ORDER BY desk, chain, seq LIMIT $4";
            let rows = tx.rows(sql, args![after.0.as_str(), after.1.as_str(), after.2, PAGE]).await?;
            for row in &rows {
                self.row(row)?;
            }
            match rows.last() {
                Some(last) => after = (last.text("desk")?, last.text("chain")?, last.int("seq")?),
                None => return Ok(()),
            }
        }
    }

    fn row(&mut self, row: &Row) -> Result<()> {
        let (desk, chain, seq, epoch) = (row.text("desk")?, row.text("chain")?, row.int("seq")?, row.int("epoch")?);
        let (kind, ids, digest, hash) =
            (row.text("kind")?, row.text("ids")?, row.opt_text("digest")?, row.text("hash")?);
        let end = self.ends.get(&(desk.clone(), chain.clone())).cloned().unwrap_or_default();
        self.report.rows += 1;
        if seq != end.seq + 1 {
            self.broken(&desk, &chain, seq, "a row before this one is missing");
        }
        let at = row.time("at")?;
        let link =
            Link { desk: &desk, chain: &chain, seq, epoch, at, kind: &kind, ids: &ids, digest: digest.as_deref() };
        if link.hash(self.keys, &end.hash) != hash {
            self.broken(&desk, &chain, seq, "the row, or the one before it, was changed");
        }
        match (&digest, row.opt_bytes("salt")?, row.opt_bytes("sealed")?) {
            (None, None, None) => {}
            (Some(_), None, None) => self.report.purged += 1,
            (Some(digest), Some(salt), Some(sealed)) => {
                let holds = open(&sealed, "an event's content")
                    .is_ok_and(|payload| self.keys.content_digest(&salt, &payload) == *digest);
                if !holds {
                    self.broken(&desk, &chain, seq, "the row's content was changed");
                }
            }
            _ => self.broken(&desk, &chain, seq, "the row's content was changed"),
        }
        let head = Head { seq, hash };
        self.epochs.entry(epoch).or_default().insert((desk.clone(), chain.clone()), head.clone());
        self.ends.insert((desk, chain), head);
        Ok(())
    }

    async fn heads(&mut self, tx: &mut Tx) -> Result<()> {
        let mut ends = std::mem::take(&mut self.ends);
        for row in tx.rows("SELECT desk, chain, seq, hash FROM audit_heads WHERE seq > 0", args![]).await? {
            let (desk, chain, seq) = (row.text("desk")?, row.text("chain")?, row.int("seq")?);
            let end = ends.remove(&(desk.clone(), chain.clone())).unwrap_or_default();
            self.report.chains += 1;
            if end.seq != seq || end.hash != row.text("hash")? {
                self.broken(&desk, &chain, seq, "the chain does not end where its head says");
            }
        }
        for ((desk, chain), end) in ends {
            self.broken(&desk, &chain, end.seq, "the chain has no head");
        }
        Ok(())
    }

    async fn checkpoints(&mut self, tx: &mut Tx) -> Result<()> {
        let mut before = String::new();
        let mut newest = 0;
        for row in tx.rows("SELECT seq, at, hash FROM audit_checkpoints ORDER BY seq", args![]).await? {
            let (seq, at, hash) = (row.int("seq")?, row.time("at")?, row.text("hash")?);
            self.report.checkpoints += 1;
            if seq != newest + 1 {
                self.broken("", "checkpoint", seq, "a checkpoint before this one is missing");
            }
            let heads = self.epochs.remove(&(seq - 1)).unwrap_or_default();
            if checkpoint_hash(self.keys, &before, seq, at, &heads) != hash {
                self.broken("", "checkpoint", seq, "the checkpoint, or a chain that it covers, was changed");
            }
            (before, newest) = (hash, seq);
        }
        let beyond: Vec<i64> = self.epochs.keys().copied().filter(|epoch| *epoch != newest).collect();
        for epoch in beyond {
            self.broken("", "checkpoint", epoch, "rows belong to a checkpoint that is missing");
        }
        Ok(())
    }
}

//! Who reads a mailbox: one worker at a time, by a lease with a fencing token.
//!
//! | the row of a mailbox | who asks | what becomes of it |
//! | --- | --- | --- |
//! | none, or free | anybody | taken: fence + 1 |
//! | held, not run out, its holder lives | another | refused |
//! | held, run out | another | taken over: fence + 1 |
//! | held, its holder is dead | another | taken over: fence + 1, without waiting for the end of the lease |
//! | held under this fence | its holder | prolonged, also where it has run out and nobody came |
//! | held under a later fence, or free | who held it | refused: the lease is lost |
//!
//! What was read is written in a transaction that locks the row and looks whether holder and fence still stand, so that
//! safety hangs on no clock at all. When a lease has run out is told by the database's own clock alone: the clocks of
//! the workers' hosts may differ as they like. On SQLite that is the clock of the one host.

use super::value::args;
use super::{Result, Store, StoreError};
use crate::faults;
use crate::store::db::Tx;
use jiff::SignedDuration;
use uuid::Uuid;

/// A lease on reading a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderLease {
    /// The mailbox's id, or that of its Sent folder.
    pub mailbox: String,
    /// Who holds it.
    pub holder: Uuid,
    /// Goes up with each that takes it.
    pub fence: i64,
}

/// Where mail was read, and by what right it is written.
#[derive(Clone, Copy, Debug)]
pub struct ReadFrom<'a> {
    /// The mailbox's id.
    pub mailbox: &'a str,
    /// Its reader's lease; nothing where no reader is needed, as for the portal.
    pub lease: Option<&'a ReaderLease>,
}

impl<'a> From<&'a str> for ReadFrom<'a> {
    fn from(mailbox: &'a str) -> Self {
        Self { mailbox, lease: None }
    }
}

impl<'a> From<&'a ReaderLease> for ReadFrom<'a> {
    fn from(lease: &'a ReaderLease) -> Self {
        Self { mailbox: &lease.mailbox, lease: Some(lease) }
    }
}

impl ReadFrom<'_> {
    /// Locks the reader's row until the transaction ends.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] where another reads the mailbox now, or may.
    pub(super) async fn guard(&self, tx: &mut Tx) -> Result<()> {
        let Some(lease) = self.lease else { return Ok(()) };
        if faults::is_on("lease_ignored") || stands(tx, lease).await? { Ok(()) } else { Err(StoreError::LeaseLost) }
    }
}

async fn stands(tx: &mut Tx, lease: &ReaderLease) -> Result<bool> {
    let sql = "SELECT fence FROM mailbox_readers WHERE mailbox = $1 AND holder = $2 AND fence = $3 {FOR UPDATE}";
    Ok(tx.row(sql, args![lease.mailbox.as_str(), lease.holder, lease.fence]).await?.is_some())
}

impl Store {
    /// Takes the lease on reading `mailbox` for so long; `None`: another worker has it, and lives.
    pub async fn take_reader(&self, mailbox: &str, holder: Uuid, lasts: SignedDuration) -> Result<Option<ReaderLease>> {
        let row = self.db.row("SELECT holder FROM mailbox_readers WHERE mailbox = $1", args![mailbox]).await?;
        let theirs = row.map(|row| row.opt_id("holder")).transpose()?.flatten().filter(|other| *other != holder);
        let dead = match theirs {
            Some(other) if !self.lives(other).await? => other,
            // Its own row it may always take.
            _ => holder,
        };
        let mut tx = self.db.begin().await?;
        let now = tx.now().await?;
        let until = now.saturating_add(lasts).unwrap_or(now);
        let sql = "INSERT INTO mailbox_readers (mailbox, holder, fence, lease_until) VALUES ($1, $2, 1, $3) \
                   ON CONFLICT (mailbox) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until, \
                   fence = mailbox_readers.fence + 1 WHERE mailbox_readers.holder IS NULL \
                   OR mailbox_readers.holder = excluded.holder OR mailbox_readers.holder = $5 \
                   OR mailbox_readers.lease_until <= $4 RETURNING fence";
        let row = tx.row(sql, args![mailbox, holder, until, now, dead]).await?;
        tx.commit().await?;
        let lease = row.map(|row| Ok(ReaderLease { mailbox: mailbox.to_owned(), holder, fence: row.int("fence")? }));
        lease.transpose()
    }

    /// Prolongs a lease, so that it lasts so long from now on; `false`: it is lost.
    pub async fn renew_reader(&self, lease: &ReaderLease, lasts: SignedDuration) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let now = tx.now().await?;
        let until = now.saturating_add(lasts).unwrap_or(now);
        let sql = "UPDATE mailbox_readers SET lease_until = $4 WHERE mailbox = $1 AND holder = $2 AND fence = $3";
        let renewed = tx.run(sql, args![lease.mailbox.as_str(), lease.holder, lease.fence, until]).await?;
        tx.commit().await?;
        Ok(renewed > 0)
    }

    /// Whether the lease still stands.
    pub async fn is_reader(&self, lease: &ReaderLease) -> Result<bool> {
        let sql = "SELECT fence FROM mailbox_readers WHERE mailbox = $1 AND holder = $2 AND fence = $3";
        Ok(self.db.row(sql, args![lease.mailbox.as_str(), lease.holder, lease.fence]).await?.is_some())
    }

    /// Gives a lease back, so that the next one need not wait.
    pub async fn release_reader(&self, lease: &ReaderLease) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE mailbox_readers SET holder = NULL, lease_until = NULL \
                   WHERE mailbox = $1 AND holder = $2 AND fence = $3";
        tx.run(sql, args![lease.mailbox.as_str(), lease.holder, lease.fence]).await?;
        tx.commit().await
    }
}

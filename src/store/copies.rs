//! Sent mails and their copies in the Sent folder.

use super::commit::MAIL_NUMBER;
use super::outbox::sent_mail;
use super::value::args;
use super::{Result, Store};
use crate::effects::OutgoingMail;
use jiff::Timestamp;
use uuid::Uuid;

/// A sent mail that has no copy in the Sent folder yet, as far as is known.
#[derive(Clone, Debug)]
pub struct Uncopied {
    /// The mail.
    pub mail: OutgoingMail,
    /// Since when it counts as sent.
    pub since: Timestamp,
    /// Which of the desk's mails it is, in the order in which they were written.
    pub number: i64,
}

impl Store {
    /// Sent mails of `desk` that are not in the Sent folder yet, oldest first.
    pub async fn uncopied_mails(&self, desk: &str, limit: usize) -> Result<Vec<Uncopied>> {
        let sql = sent_mail("WHERE desk = $1 AND state = 'sent' AND copied_at IS NULL ORDER BY state_at, id LIMIT $2");
        let rows = self.db.rows(&sql, args![desk, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        let uncopied = rows.iter().map(|row| {
            Ok(Uncopied { mail: super::outbox::mail(row)?, since: row.time("state_at")?, number: row.int("seq")? })
        });
        uncopied.collect()
    }

    /// Whether there are any of those.
    pub async fn has_uncopied(&self, desk: &str) -> Result<bool> {
        let sql = "SELECT 1 AS one FROM mails WHERE desk = $1 AND state = 'sent' AND copied_at IS NULL LIMIT 1";
        Ok(self.db.row(sql, args![desk]).await?.is_some())
    }

    /// The number that the next mail of `desk` gets: all that were written before have a smaller one, and what is being
    /// written now has not.
    pub async fn next_mail_number(&self, desk: &str) -> Result<i64> {
        let sql = "SELECT value FROM counters WHERE desk = $1 AND name = $2";
        let row = self.db.row(sql, args![desk, MAIL_NUMBER]).await?;
        row.map_or(Ok(0), |row| row.int("value"))
    }

    /// Notes that these mails are in the Sent folder.
    pub async fn mark_copied(&self, ids: &[Uuid], now: Timestamp) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let rows = ids.iter().map(|id| args![*id, now]).collect();
        let head = "UPDATE mails SET copied_at = v.column2 FROM (VALUES";
        tx.run_rows(head, ") AS v WHERE mails.id = v.column1 AND mails.copied_at IS NULL", rows).await?;
        tx.commit().await
    }
}

//! Sent mails and their copies in the Sent folder.

use super::outbox::sent_mail;
use super::value::args;
use super::{Result, Store};
use crate::effects::OutgoingMail;
use jiff::Timestamp;
use uuid::Uuid;

impl Store {
    /// Sent mails of `desk` that are not in the Sent folder yet, oldest first, each with
    /// the instant since which it counts as sent.
    pub async fn uncopied_mails(&self, desk: &str, limit: usize) -> Result<Vec<(OutgoingMail, Timestamp)>> {
        let sql = sent_mail("WHERE desk = $1 AND state = 'sent' AND copied_at IS NULL ORDER BY state_at, id LIMIT $2");
        let rows = self.db.rows(&sql, args![desk, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        rows.iter().map(|row| Ok((super::outbox::mail(row)?, row.time("state_at")?))).collect()
    }

    /// Notes that these mails are in the Sent folder.
    pub async fn mark_copied(&self, ids: &[Uuid], now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for id in ids {
            tx.run("UPDATE mails SET copied_at = $2 WHERE id = $1 AND copied_at IS NULL", args![*id, now]).await?;
        }
        tx.commit().await
    }
}

//! Mails in lists.

use super::mail_rows::{MAIL, attempts, mail};
use crate::effects::OutgoingMail;
use crate::store::value::args;
use crate::store::{EnclosedView, OutboxRow, Result, Store, StoredMail};
use uuid::Uuid;

impl Store {
    /// Mails in a list, newest first: those not `sent`, or `all`.
    pub async fn outbox(&self, desk: Option<&str>, all: bool) -> Result<Vec<OutboxRow>> {
        let sql = match (all, desk) {
            (false, _) => format!("SELECT {MAIL} FROM mails WHERE state <> 'sent' ORDER BY queued_at DESC, seq DESC"),
            (true, _) => format!("SELECT {MAIL} FROM mails ORDER BY queued_at DESC, seq DESC"),
        };
        let mut listed = Vec::new();
        for row in self.db.rows(&sql, args![]).await? {
            let mail = mail(&row)?;
            if desk.is_some_and(|desk| desk != mail.desk) {
                continue;
            }
            listed.push(OutboxRow {
                id: mail.id,
                desk: mail.desk,
                template: mail.template,
                class: mail.class,
                to: mail.to.address,
                case: mail.case_number,
                state: mail.state,
                attachments: EnclosedView::all(mail.attachments),
                at: row.time("queued_at")?,
                attempts: attempts(&row)?,
                retry_at: row.opt_time("retry_at")?,
                why: row.opt_text("why")?,
            });
        }
        Ok(listed)
    }

    /// Mails of a desk that wait for a secure way, behind this place in its order; with the last one's place.
    pub async fn waiting_secure(&self, desk: &str, behind: i64, limit: usize) -> Result<(Vec<OutgoingMail>, i64)> {
        let sql = format!(
            "SELECT {MAIL}, seq FROM mails WHERE desk = $1 AND state = 'waiting_secure' AND seq > $2 ORDER BY seq LIMIT $3"
        );
        let rows = self.db.rows(&sql, args![desk, behind, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        let last = rows.last().map(|row| row.int("seq")).transpose()?.unwrap_or(behind);
        Ok((rows.iter().map(mail).collect::<Result<_>>()?, last))
    }

    /// One mail, as it stands.
    pub async fn mail(&self, id: Uuid) -> Result<Option<StoredMail>> {
        let sql = format!("SELECT {MAIL} FROM mails WHERE id = $1");
        let Some(row) = self.db.row(&sql, args![id]).await? else { return Ok(None) };
        Ok(Some(StoredMail {
            mail: mail(&row)?,
            attempts: attempts(&row)?,
            since: row.time("state_at")?,
            why: row.opt_text("why")?,
        }))
    }
}

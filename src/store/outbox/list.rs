//! Mails in lists.

use super::mail_rows::{MAIL, attempts, mail};
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

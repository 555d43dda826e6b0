//! What the daily assignment and a case's due clocks ask: who has what, and what stands around a case.

use super::case_rows::CASE;
use super::outbox::mail_rows::{MAIL, mail};
use super::seal::address_key;
use super::value::args;
use super::{Result, Store};
use crate::address::EmailAddress;
use crate::case::assign::{Load, Loads};
use crate::case::{Case, ClockKind};
use crate::effects::Thread;
use jiff::Timestamp;
use uuid::Uuid;

/// A case's running promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promised {
    /// When the answer is due, while it is owed.
    pub respond: Option<Timestamp>,
    /// When the next update is due.
    pub update: Option<Timestamp>,
}

impl Store {
    /// Open cases of `desk` that nobody has, opened before `before`: urgent ones first, then the oldest; `skip` of them
    /// are left out, `limit` given.
    pub async fn unassigned(&self, desk: &str, before: Timestamp, skip: usize, limit: usize) -> Result<Vec<Case>> {
        let sql = format!(
            "SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.status <> 'resolved' AND c.specialist_key IS NULL \
             AND c.opened_at < $2 ORDER BY c.urgent DESC, c.opened_at, c.number LIMIT $3 OFFSET $4"
        );
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let rows = self.db.rows(&sql, args![desk, before, number(limit), number(skip)]).await?;
        self.cases_of(&rows).await
    }

    /// How many open cases each of `specialists` has, and when the last one came.
    pub async fn loads(&self, desk: &str, specialists: &[EmailAddress]) -> Result<Loads> {
        let sql = "SELECT (SELECT COUNT(*) FROM cases WHERE desk = $1 AND specialist_key = $2 \
                   AND status <> 'resolved') AS open, \
                   (SELECT MAX(assigned_at) FROM cases WHERE desk = $1 AND specialist_key = $2) AS last";
        let mut loads = Loads::new();
        for specialist in specialists {
            let key = address_key(&self.keys, specialist);
            if let Some(row) = self.db.row(sql, args![desk, key]).await? {
                let open = u64::try_from(row.int("open")?).unwrap_or(0);
                loads.insert(specialist.clone(), Load { open, last: row.opt_time("last")? });
            }
        }
        Ok(loads)
    }

    /// The thread of a case's mail to `address`: its newest mail of ours, and where the thread began.
    pub async fn thread_of(&self, case: Uuid, address: &EmailAddress) -> Result<Option<Thread>> {
        let sql = format!("SELECT {MAIL} FROM mails WHERE about = $1 AND to_key = $2 ORDER BY seq DESC LIMIT 1");
        let row = self.db.row(&sql, args![case, address_key(&self.keys, address)]).await?;
        let newest = row.as_ref().map(mail).transpose()?;
        Ok(newest
            .map(|mail| Thread { root: mail.references.first().cloned().or(mail.in_reply_to), last: mail.message_id }))
    }

    /// What runs of a case's clocks.
    pub async fn promised(&self, case: Uuid) -> Result<Promised> {
        let sql = "SELECT (SELECT MIN(due) FROM clocks WHERE of_id = $1 AND kind = $2 AND state = 'running') AS respond, \
                   (SELECT MIN(due) FROM clocks WHERE of_id = $1 AND kind = $3 AND state = 'running') AS next";
        let kinds = (ClockKind::Respond.as_str(), ClockKind::Update.as_str());
        let row = self.db.row(sql, args![case, kinds.0, kinds.1]).await?;
        let promised = row.map(|row| {
            Ok::<_, super::StoreError>(Promised { respond: row.opt_time("respond")?, update: row.opt_time("next")? })
        });
        Ok(promised.transpose()?.unwrap_or_default())
    }

    /// The message that opened a case.
    pub async fn opening_message(&self, case: Uuid) -> Result<Option<Uuid>> {
        let sql = "SELECT message FROM message_links WHERE target = $1 AND role = 'opened' ORDER BY linked_at LIMIT 1";
        self.db.row(sql, args![case]).await?.map(|row| row.id("message")).transpose()
    }
}

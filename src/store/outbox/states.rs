//! What became of a mail that was tried, each with its audit row.

use crate::case::EventKind;
use crate::case::standing::Target;
use crate::effects::{Chain, EventWrite, MailState};
use crate::store::db::Tx;
use crate::store::seal::seal;
use crate::store::standing::target;
use crate::store::value::{Row, Value, args};
use crate::store::{Result, Store, audit};
use crate::words::keys::Keys;
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the audit needs of a changed mail.
pub(super) const CHANGED: &str = "id, desk, about_kind, about";

impl Store {
    /// The server took it. `server_reply`: its answer, kept sealed. `false`: it was no longer the caller's.
    pub async fn mark_sent(&self, id: Uuid, fence: i64, server_reply: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'sent', state_at = $3, sealed_reply = $4, why = NULL, retry_at = NULL, \
                   holder = NULL, lease_until = NULL WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing')";
        self.change(sql, args![id, fence, now, seal(server_reply.as_bytes())], EventKind::MailSent, None, now).await
    }

    /// To be tried again at `retry_at`; `why` is a code, such as `451` or `connection_lost`. No audit row: it may happen
    /// hundreds of times to one mail, and nothing has become of it yet.
    pub async fn mark_deferred(
        &self,
        id: Uuid,
        fence: i64,
        retry_at: Timestamp,
        why: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE mails SET state = 'deferred', state_at = $3, retry_at = $4, due_at = $4, why = $5, \
                   holder = NULL, lease_until = NULL WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing')";
        let changed = tx.run(sql, args![id, fence, now, retry_at, why]).await?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Refused, or given up; `why` is a code.
    pub async fn mark_failed(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'failed', state_at = $3, why = $4, retry_at = NULL, holder = NULL, \
                   lease_until = NULL WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing')";
        self.change(sql, args![id, fence, now, why], EventKind::MailFailed, Some(why), now).await
    }

    /// No secure way leads to its recipient: it waits for one. `why` is a code.
    pub async fn mark_waiting_secure(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'waiting_secure', state_at = $3, why = $4, retry_at = NULL, holder = NULL, \
                   lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'claimed'";
        self.change(sql, args![id, fence, now, why], EventKind::MailWaits, Some(why), now).await
    }

    /// The connection was lost behind the final dot: its fate is unknown. `why` is a code.
    pub async fn mark_uncertain(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'uncertain', state_at = $3, why = $4, searched = FALSE, holder = NULL, \
                   lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'committing'";
        self.change(sql, args![id, fence, now, why], EventKind::MailUncertain, Some(why), now).await
    }

    /// Runs an update of one mail, with its audit row if it changed anything.
    pub(super) async fn change(
        &self,
        sql: &str,
        arguments: Vec<Value>,
        kind: EventKind,
        why: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = audit::begin(&self.db).await?;
        let rows = tx.rows(&format!("{sql} RETURNING {CHANGED}"), arguments).await?;
        tell(&mut tx, &self.keys, &rows, kind, why, now).await?;
        crate::faults::point("store_mail_changed");
        tx.commit().await?;
        Ok(!rows.is_empty())
    }
}

/// Writes the audit rows of changed mails, whose columns are [`CHANGED`].
pub(super) async fn tell(
    tx: &mut Tx,
    keys: &Keys,
    rows: &[Row],
    kind: EventKind,
    why: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let chain = match target(row, "about_kind", "about")? {
            Some(Target::Case(case)) => Chain::Case(case),
            Some(Target::Pending(_)) | None => Chain::Desk,
        };
        let mut ids = BTreeMap::from([("mail".to_owned(), row.id("id")?.to_string())]);
        ids.extend(why.map(|why| ("why".to_owned(), why.to_owned())));
        let state = match kind {
            EventKind::MailSent => MailState::Sent,
            EventKind::MailFailed => MailState::Failed,
            EventKind::MailUncertain => MailState::Uncertain,
            EventKind::MailCancelled => MailState::Cancelled,
            EventKind::MailWaits => MailState::WaitingSecure,
            _ => MailState::Queued,
        };
        ids.insert("state".to_owned(), state.to_string());
        events.push((row.text("desk")?, EventWrite { chain, kind, ids, content: None }));
    }
    let events: Vec<_> = events.iter().map(|(desk, event)| (desk.clone(), now, event)).collect();
    audit::append(tx, keys, &events).await
}

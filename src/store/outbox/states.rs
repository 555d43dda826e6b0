//! What became of a mail that was tried, each with its audit row.
//!
//! A sender that was taken for dead between `committing` and the server's answer may be back with that answer: as long as
//! the mail is of unknown fate and nobody has claimed it since (its fence stands), what the sender knows is written.

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
        let mut tx = audit::begin(&self.db).await?;
        let taken = TakenMail { mail: id, fence, server_reply: server_reply.to_owned() };
        let rows = set_sent(&mut tx, &[taken], now).await?;
        tell(&mut tx, &self.keys, &rows, EventKind::MailSent, None, now).await?;
        crate::faults::point("store_mail_changed");
        tx.commit().await?;
        Ok(!rows.is_empty())
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
                   holder = NULL, lease_until = NULL WHERE id = $1 AND fence = $2 \
                   AND state IN ('claimed', 'committing', 'uncertain')";
        let changed = tx.run(sql, args![id, fence, now, retry_at, why]).await?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Refused, or given up; `why` is a code.
    pub async fn mark_failed(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'failed', state_at = $3, why = $4, retry_at = NULL, holder = NULL, \
                   lease_until = NULL WHERE id = $1 AND fence = $2 \
                   AND state IN ('claimed', 'committing', 'uncertain')";
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
        if crate::faults::is_on("audit_outside_transaction") {
            tx.commit().await?;
            crate::faults::point("audit_apart");
            tx = audit::begin(&self.db).await?;
        }
        tell(&mut tx, &self.keys, &rows, kind, why, now).await?;
        crate::faults::point("store_mail_changed");
        tx.commit().await?;
        Ok(!rows.is_empty())
    }
}

/// A mail that the server took and that is still to be written down as sent.
#[derive(Clone, Debug)]
pub struct TakenMail {
    /// The mail.
    pub mail: Uuid,
    /// The claim's fence.
    pub fence: i64,
    /// The server's answer; it is kept sealed.
    pub server_reply: String,
}

/// Sets mails to `sent`; gives those that were still the caller's, for their audit rows.
pub(super) async fn set_sent(tx: &mut Tx, taken: &[TakenMail], now: Timestamp) -> Result<Vec<Row>> {
    let rows = taken.iter().map(|one| args![one.mail, one.fence, now, seal(one.server_reply.as_bytes())]).collect();
    let head = "UPDATE mails SET state = 'sent', state_at = v.column3, sealed_reply = v.column4, why = NULL, \
                retry_at = NULL, holder = NULL, lease_until = NULL FROM (VALUES";
    let tail = ") AS v WHERE mails.id = v.column1 AND mails.fence = v.column2 \
                AND mails.state IN ('claimed', 'committing', 'uncertain') RETURNING id, desk, about_kind, about";
    tx.fetch_rows(head, tail, rows).await
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

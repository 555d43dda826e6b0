//! Who works on which message: leases with a fence, the attempt committed before the work.

use super::rows::list;
use super::seal::{open_raw, seal_json};
use super::value::{Row, args};
use super::{LeasedMessage, MessageState, Result, Store, StoreError, StoredContent, StoredKey, Unfiled};
use crate::case::EventKind;
use crate::effects::{Chain, EventWrite, Folder};
use crate::words::{Decision, Reason, ReasonCode};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

impl Store {
    /// Leases undecided messages of a desk until `until`, oldest arrival first; skips what others hold. One with an
    /// earlier attempt is leased alone: after a crash a batch is retried one by one.
    pub async fn lease_messages(
        &self,
        desk: &str,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>> {
        let mut tx = self.db.begin().await?;
        let sql = "SELECT id, attempts FROM messages WHERE desk = $1 AND state = 'recorded' \
                   AND (lease_until IS NULL OR lease_until <= $2) ORDER BY arrived, id LIMIT $3 {SKIP LOCKED}";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut ids = Vec::new();
        for row in tx.rows(sql, args![desk, now, limit]).await? {
            let was_tried = row.int("attempts")? > 0;
            if was_tried && !ids.is_empty() {
                break;
            }
            ids.push(row.id("id")?);
            if was_tried {
                break;
            }
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = args![holder, until];
        let chosen = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "UPDATE messages SET attempts = attempts + 1, fence = fence + 1, holder = $1, lease_until = $2 \
             WHERE id IN ({chosen}) RETURNING id, mailbox, uid_validity, name, arrived, problem, attempts, fence"
        );
        let rows = tx.rows(&sql, arguments).await?;
        tx.commit().await?;
        let mut raws = self.raws(&ids).await?;
        let mut leased: Vec<LeasedMessage> = rows.iter().map(|row| leased(row, &mut raws)).collect::<Result<_>>()?;
        leased.sort_by_key(|message| (message.arrived, message.id));
        Ok(leased)
    }

    /// Opens the bytes of messages. Damaged ones become a problem of that message, not of the whole batch.
    pub(super) async fn raws(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, StoredContent>> {
        let mut arguments = args![];
        let ids = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!("SELECT message, sealed FROM message_raws WHERE message IN ({ids})");
        let rows = self.db.rows(&sql, arguments).await?;
        let opened = rows.iter().map(|row| {
            let content = match open_raw(&row.bytes("sealed")?) {
                Ok(raw) => StoredContent::Raw(raw),
                Err(_) => StoredContent::Problem("its stored bytes are damaged".into()),
            };
            Ok((row.id("message")?, content))
        });
        opened.collect()
    }

    /// Gives leases back undone, and takes their attempt back: for an orderly stop.
    pub async fn release_messages(&self, leases: &[(Uuid, i64)]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let rows = leases.iter().map(|(id, fence)| args![*id, *fence]).collect();
        let head = "UPDATE messages SET holder = NULL, lease_until = NULL, attempts = attempts - 1 FROM (VALUES";
        let tail = ") AS v WHERE messages.id = v.column1 AND messages.fence = v.column2 \
                    AND messages.state = 'recorded' AND messages.holder IS NOT NULL";
        tx.run_rows(head, tail, rows).await?;
        tx.commit().await
    }

    /// Holds a message that cannot be decided; `why` is for a person and holds no member data. `false`: the lease was
    /// lost.
    pub async fn set_aside(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        let mut tx = super::audit::begin(&self.db).await?;
        let sql = "UPDATE messages SET state = $3, decision = $4, decided_at = $5, folder = $6, holder = NULL, \
                   lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'recorded' RETURNING desk";
        let (state, decision, folder) = (MessageState::SetAside, Decision::Hold, Folder::Held);
        let arguments = args![id, fence, state.as_str(), decision.as_str(), now, folder.as_str()];
        let Some(row) = tx.row(sql, arguments).await? else { return Ok(false) };
        let desk = row.text("desk")?;
        let reasons = serde_json::to_string(&[Reason::of(ReasonCode::Unparsable)]);
        let reasons = reasons.map_err(|_| StoreError::Corrupt("reasons"))?;
        let sealed = seal_json(&super::message_rows::SealedDecision::aside(why), "a decision")?;
        let sql = "INSERT INTO message_decisions (message, desk, reasons, topics, warnings, urgent, sealed) \
                   VALUES ($1, $2, $3, '[]', '[]', $4, $5)";
        tx.run(sql, args![id, desk.as_str(), reasons, false, sealed]).await?;
        let ids = [("message", id.to_string()), ("decision", decision.to_string())];
        let ids: BTreeMap<_, _> = ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let event = EventWrite { chain: Chain::Desk, kind: EventKind::Decided, ids, content: None };
        super::audit::append(&mut tx, &self.keys, &[(desk, now, &event)]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Decided mails that still lie in the inbox, oldest arrival first.
    pub async fn unfiled(&self, mailbox: &str, limit: usize) -> Result<Vec<Unfiled>> {
        let sql = "SELECT id, uid_validity, name, folder FROM messages \
                   WHERE mailbox = $1 AND folder IS NOT NULL AND filed_at IS NULL ORDER BY arrived, id LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.db.rows(sql, args![mailbox, limit]).await?;
        let unfiled = rows.iter().map(|row| {
            Ok(Unfiled { id: row.id("id")?, key: stored_key(row)?, folder: row.word("folder", Folder::from_word)? })
        });
        unfiled.collect()
    }

    /// Notes that the mailbox has filed these.
    pub async fn mark_filed(&self, ids: &[Uuid], now: Timestamp) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let mut arguments = args![now];
        let ids = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        tx.run(&format!("UPDATE messages SET filed_at = $1 WHERE id IN ({ids}) AND filed_at IS NULL"), arguments)
            .await?;
        tx.commit().await
    }
}

/// A mail's identity, from columns `uid_validity` and `name`.
pub(super) fn stored_key(row: &Row) -> Result<StoredKey> {
    let uid_validity = u32::try_from(row.int("uid_validity")?).map_err(|_| StoreError::Corrupt("uid_validity"))?;
    Ok(StoredKey { uid_validity, name: row.text("name")? })
}

/// What a message is: its bytes, or why there are none.
pub(super) fn content(stored: Option<StoredContent>, problem: Option<String>) -> StoredContent {
    match (stored, problem) {
        (Some(stored), _) => stored,
        (None, Some(why)) => StoredContent::Problem(why),
        (None, None) => StoredContent::Problem("its bytes were purged".into()),
    }
}

fn leased(row: &Row, raws: &mut HashMap<Uuid, StoredContent>) -> Result<LeasedMessage> {
    let id = row.id("id")?;
    Ok(LeasedMessage {
        id,
        mailbox: row.text("mailbox")?,
        key: stored_key(row)?,
        arrived: row.time("arrived")?,
        content: content(raws.remove(&id), row.opt_text("problem")?),
        attempts: u32::try_from(row.int("attempts")?).map_err(|_| StoreError::Corrupt("attempts"))?,
        fence: row.int("fence")?,
    })
}

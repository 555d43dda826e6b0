//! Who works on which message: leases with a fence, the attempt committed before the work.

use super::rows::list;
use super::seal::open_raw;
use super::turns;
use super::value::{Row, args};
use super::{LeasedMessage, Released, Result, Store, StoreError, StoredContent, StoredKey, Unfiled};
use crate::effects::Folder;
use crate::store::db::Tx;
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// One in so many of a batch is there because of its age.
const BY_AGE: usize = 5;
/// Octets of packed messages that are leased together; one is always.
const MOST_BYTES: i64 = 8 << 20;

/// An undecided message that nobody works on.
struct Candidate {
    id: Uuid,
    is_staff: bool,
    was_tried: bool,
}

async fn candidates(tx: &mut Tx, desk: &str, order: &str, limit: usize, now: Timestamp) -> Result<Vec<Candidate>> {
    let sql = format!(
        "SELECT id, turn, attempts FROM messages WHERE desk = $1 AND state = 'recorded' \
         AND (lease_until IS NULL OR lease_until <= $2) ORDER BY {order} LIMIT $3 {{SKIP LOCKED}}"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.rows(&sql, args![desk, now, limit]).await?;
    let candidates = rows.iter().map(|row| {
        let (is_staff, was_tried) = (row.int("turn")? == 0, row.int("attempts")? > 0);
        Ok(Candidate { id: row.id("id")?, is_staff, was_tried })
    });
    candidates.collect()
}

/// What is leased together: up to the first that was tried before, which comes alone.
fn chosen(by_turn: &[Candidate], by_age: &[Candidate], limit: usize) -> Vec<Uuid> {
    let Some(first) = by_turn.first() else { return Vec::new() };
    // Staff's do not share: as long as there are any, they fill the batch.
    let ahead = by_turn.iter().filter(|one| one.is_staff).count();
    let aged = by_age.get(..by_age.len().min(limit.saturating_sub(ahead))).unwrap_or_default();
    match aged.first() {
        _ if first.was_tried => return vec![first.id],
        Some(oldest) if oldest.was_tried && !first.is_staff => return vec![oldest.id],
        _ => {}
    }
    let mut ids: Vec<Uuid> = Vec::with_capacity(limit);
    let aged: Vec<Uuid> = aged.iter().take_while(|one| !one.was_tried).map(|one| one.id).collect();
    let (staff, others) = by_turn.split_at(ahead.min(by_turn.len()));
    let untried = by_turn.iter().take_while(|one| !one.was_tried).count();
    let staff = staff.iter().take(untried).map(|one| one.id);
    let others = others.iter().take(untried.saturating_sub(ahead)).map(|one| one.id);
    for id in staff.chain(aged).chain(others) {
        if ids.len() < limit && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Leaves out what would be too much in memory at once.
async fn bound_bytes(tx: &mut Tx, ids: &mut Vec<Uuid>) -> Result<()> {
    let mut arguments = args![];
    let named = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
    let sql = format!(
        "SELECT message, CAST(LENGTH(sealed) AS BIGINT) AS octets FROM message_raws WHERE message IN ({named})"
    );
    let rows = tx.rows(&sql, arguments).await?;
    let octets = rows.iter().map(|row| Ok((row.id("message")?, row.int("octets")?)));
    let octets = octets.collect::<Result<HashMap<Uuid, i64>>>()?;
    let (mut sum, mut count) = (0, 0);
    ids.retain(|id| {
        sum += octets.get(id).copied().unwrap_or(0);
        count += 1;
        count == 1 || sum <= MOST_BYTES
    });
    Ok(())
}

impl Store {
    /// Leases undecided messages of a desk until `until`: staff's first, then each sender's in turn (`words/turn.rs`),
    /// and in each batch a few by age alone, so that no stream of new senders keeps an old message waiting. Skips what
    /// others hold. One with an earlier attempt is leased alone: after a crash a batch is retried one by one.
    pub async fn lease_messages(
        &self,
        desk: &str,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>> {
        let mut tx = self.db.begin().await?;
        let mut by_turn = candidates(&mut tx, desk, "turn, arrived, id", limit, now).await?;
        let mut by_age = candidates(&mut tx, desk, "arrived, turn, id", limit / BY_AGE, now).await?;
        let ids = loop {
            let mut ids = chosen(&by_turn, &by_age, limit);
            if ids.is_empty() {
                // The rows that were looked at are locked: whoever asks next would pass them by until this is over.
                tx.commit().await?;
                return Ok(Vec::new());
            }
            bound_bytes(&mut tx, &mut ids).await?;
            let looked_at = ids.clone();
            self.keep_order(&mut tx, &mut ids).await?;
            if !ids.is_empty() {
                break ids;
            }
            // All of these wait for what somebody has in hands; what stands behind them may not.
            let is_left = |one: &Candidate| !looked_at.contains(&one.id);
            by_turn.retain(is_left);
            by_age.retain(is_left);
        };
        let mut arguments = args![holder, until];
        let chosen = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "UPDATE messages SET attempts = attempts + 1, fence = fence + 1, holder = $1, lease_until = $2 \
             WHERE id IN ({chosen}) RETURNING id, mailbox, uid_validity, name, arrived, problem, attempts, fence, is_sent, turn"
        );
        let rows = tx.rows(&sql, arguments).await?;
        tx.commit().await?;
        let mut raws = self.raws(&ids).await?;
        let in_turn = rows.iter().map(|row| Ok((row.int("turn")?, leased(row, &mut raws)?)));
        let mut in_turn = in_turn.collect::<Result<Vec<_>>>()?;
        in_turn.sort_by_key(|(turn, message)| (*turn, message.arrived, message.id));
        Ok(in_turn.into_iter().map(|(_, message)| message).collect())
    }

    /// Leaves out messages before which one of the same sender stands, or one that they answer, that is not leased with
    /// them: somebody else has it in hands, perhaps another task of the same worker, and an answer would be decided before
    /// what it answers. Of whom no sender is known, none waits for another. Who waits stands later in the order in which
    /// messages are leased, so that no two wait for each other.
    async fn keep_order(&self, tx: &mut Tx, ids: &mut Vec<Uuid>) -> Result<()> {
        // Who waits for one that is left out is left out with it.
        loop {
            let mut arguments = args![turns::nobody(&self.keys)];
            let named = list(&mut arguments, ids.iter().copied(), Uuid::nil().into());
            let sql = format!(
                "SELECT m.id FROM messages m WHERE m.id IN ({named}) AND ((m.sender_key <> $1 AND EXISTS (SELECT 1 \
                 FROM messages e WHERE e.desk = m.desk AND e.sender_key = m.sender_key AND e.state = 'recorded' \
                 AND e.turn < m.turn AND e.id NOT IN ({named}))) OR EXISTS (SELECT 1 \
                 FROM messages e WHERE e.desk = m.desk AND e.own_id_key = m.answers_key AND e.state = 'recorded' \
                 AND (e.turn, e.arrived, e.id) < (m.turn, m.arrived, m.id) AND e.id NOT IN ({named})))"
            );
            let rows = tx.rows(&sql, arguments).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let too_early = rows.iter().map(|row| row.id("id")).collect::<Result<Vec<_>>>()?;
            ids.retain(|id| !too_early.contains(id));
        }
    }

    /// Leases this message until `until`, where it is undecided and nobody has it.
    pub async fn lease_message(
        &self,
        id: Uuid,
        holder: Uuid,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<LeasedMessage>> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE messages SET attempts = attempts + 1, fence = fence + 1, holder = $2, lease_until = $3 \
                   WHERE id = $1 AND state = 'recorded' AND (lease_until IS NULL OR lease_until <= $4) \
                   RETURNING id, mailbox, uid_validity, name, arrived, problem, attempts, fence, is_sent";
        let row = tx.row(sql, args![id, holder, until, now]).await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let mut raws = self.raws(&[id]).await?;
        leased(&row, &mut raws).map(Some)
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

    /// Gives leases back undone. What is not the message's doing takes the attempt back; else it counts, and the message
    /// waits until [`Released::again_at`] while others go on.
    pub async fn release_messages(&self, released: &[Released]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let rows =
            released.iter().map(|one| args![one.message, one.fence, i64::from(!one.counts), one.again_at]).collect();
        let head =
            "UPDATE messages SET holder = NULL, lease_until = v.column4, attempts = attempts - v.column3 FROM (VALUES";
        let tail = ") AS v WHERE messages.id = v.column1 AND messages.fence = v.column2 \
                    AND messages.state = 'recorded' AND messages.holder IS NOT NULL";
        tx.run_rows(head, tail, rows).await?;
        tx.commit().await
    }

    /// When the first undecided message of a desk may be leased, or could have been; `None`: there is none.
    pub async fn next_undecided(&self, desk: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT MIN(COALESCE(lease_until, recorded_at)) AS next FROM messages \
                   WHERE desk = $1 AND state = 'recorded'";
        let row = self.db.row(sql, args![desk]).await?;
        row.map_or(Ok(None), |row| row.opt_time("next"))
    }

    /// Desks with messages that may be leased now; of very many messages not all are looked at.
    pub async fn desks_with_undecided(&self, now: Timestamp, limit: usize) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT desk FROM (SELECT desk FROM messages WHERE state = 'recorded' \
                   AND (lease_until IS NULL OR lease_until <= $1) LIMIT $2) AS few";
        let rows = self.db.rows(sql, args![now, i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        rows.iter().map(|row| row.text("desk")).collect()
    }

    /// How many messages of a desk wait to be decided and may be leased now; of more than `most` no more are counted.
    pub async fn undecided(&self, desk: &str, now: Timestamp, most: usize) -> Result<usize> {
        let sql = "SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM messages WHERE desk = $1 AND state = 'recorded' \
                   AND (lease_until IS NULL OR lease_until <= $2) LIMIT $3) AS few";
        let row = self.db.row(sql, args![desk, now, i64::try_from(most).unwrap_or(i64::MAX)]).await?;
        let waiting = row.ok_or(StoreError::Corrupt("a count"))?.int("waiting")?;
        Ok(usize::try_from(waiting).unwrap_or(0))
    }

    /// Whether [`Store::unfiled`] would give any.
    pub async fn has_unfiled(&self, mailbox: &str) -> Result<bool> {
        let sql = "SELECT id FROM messages WHERE mailbox = $1 AND folder IS NOT NULL AND filed_at IS NULL LIMIT 1";
        Ok(self.db.row(sql, args![mailbox]).await?.is_some())
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
        is_sent: row.flag("is_sent")?,
    })
}

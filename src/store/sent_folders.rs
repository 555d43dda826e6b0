//! Sent folders: which of their mails are known. Their rows are marked, so that no list of inbound mail holds them.

use super::seal::{content_key, message_id_key};
use super::value::args;
use super::{MessageState, ReadFrom, Result, Store, StoredKey};
use crate::message::Message;
use jiff::Timestamp;
use std::collections::HashSet;
use uuid::Uuid;

impl Store {
    /// The names of all mails of a Maildir's Sent folder that are recorded or were passed over.
    pub async fn known_names(&self, mailbox: &str) -> Result<HashSet<String>> {
        let sql = "SELECT name FROM messages WHERE mailbox = $1 AND uid_validity = 0";
        let rows = self.db.rows(sql, args![mailbox]).await?;
        rows.iter().map(|row| row.text("name")).collect()
    }

    /// Notes mails of a Sent folder that are none of our business, without their bytes: they are not read again.
    pub async fn pass_over(
        &self,
        from: impl Into<ReadFrom<'_>>,
        desk: &str,
        mails: &[(Uuid, StoredKey)],
        now: Timestamp,
    ) -> Result<()> {
        let (from, state) = (from.into(), MessageState::Decided.as_str());
        let mailbox = from.mailbox;
        let rows = mails.iter().map(|(id, key)| {
            let validity = i64::from(key.uid_validity);
            args![*id, desk, mailbox, validity, key.name.as_str(), now, now, state, 0i64, 0i64, false, true]
        });
        let head = "INSERT INTO messages (id, desk, mailbox, uid_validity, name, arrived, recorded_at, state, attempts, \
                    fence, gets_reply, is_sent) VALUES";
        let tail = "ON CONFLICT (mailbox, uid_validity, name) DO NOTHING";
        let mut tx = self.db.begin().await?;
        from.guard(&mut tx).await?;
        tx.run_rows(head, tail, rows.collect()).await?;
        tx.commit().await
    }

    /// Whether a Sent folder of the desk had `message` before, as another row than `own`: by its bytes, or by its
    /// Message-ID, for some servers write the same mail anew each time they are asked.
    pub async fn was_in_sent(&self, desk: &str, message: &Message, own: Uuid) -> Result<bool> {
        let content = content_key(&self.keys, &message.content_hash);
        let id = message.message_id.as_ref().map(|id| message_id_key(&self.keys, id));
        let others = "AND is_sent AND decision IS NOT NULL AND id <> $4";
        let sql = format!(
            "SELECT id FROM messages WHERE desk = $1 AND content_key = $2 {others} \
             UNION SELECT id FROM messages WHERE desk = $1 AND message_id_key = $3 {others}"
        );
        Ok(!self.db.rows(&sql, args![desk, content, id, own]).await?.is_empty())
    }
}

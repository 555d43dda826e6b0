//! What people do with mails: try again, cancel; and what is learnt of a copy that a provider filed.

use crate::case::EventKind;
use crate::store::seal::message_id_key;
use crate::store::value::args;
use crate::store::{Result, Store};
use jiff::Timestamp;
use uuid::Uuid;

impl Store {
    /// A person queues a mail again that is deferred, failed, uncertain, withheld, cancelled or waits for a secure way;
    /// `false`: it is not in such a state.
    pub async fn retry_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'queued', state_at = $2, due_at = $2, retry_at = NULL, why = NULL \
                   WHERE id = $1 AND state IN ('deferred', 'failed', 'uncertain', 'withheld', 'cancelled', \
                   'waiting_secure')";
        self.change(sql, args![id, now], EventKind::MailRetried, Some("person"), now).await
    }

    /// A person cancels a mail that is not on its way; `false`: it is, or was sent.
    pub async fn cancel_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'cancelled', state_at = $2, retry_at = NULL, why = 'person' \
                   WHERE id = $1 AND state IN ('queued', 'deferred', 'failed', 'uncertain', 'withheld', \
                   'waiting_secure')";
        self.change(sql, args![id, now], EventKind::MailCancelled, Some("person"), now).await
    }

    /// The copy in the Sent folder bears another Message-ID, which the provider put in the place of ours: both are known
    /// from now on. Does nothing where there is no such mail.
    pub async fn record_sent_copy(&self, id: Uuid, other_message_id: &str, now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO mail_ids (desk, id_key, mail, known_at) SELECT desk, $2, id, $3 FROM mails WHERE id = $1 \
                   ON CONFLICT (desk, id_key, mail) DO NOTHING";
        tx.run(sql, args![id, message_id_key(&self.keys, other_message_id), now]).await?;
        tx.commit().await
    }
}

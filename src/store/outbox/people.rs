//! What people do with mails: try again, cancel; and what is learnt of a copy that a provider filed.

use crate::case::{ClockRow, EventKind};
use crate::effects::OutgoingMail;
use crate::store::clocks::{CLOCK, clock};
use crate::store::seal::message_id_key;
use crate::store::value::args;
use crate::store::{Result, Store};
use crate::words::Template;
use jiff::Timestamp;
use uuid::Uuid;

/// Mails about a case that meet its response clock (POLICY.md, Clocks): a person's answer, whatever it is, and what
/// closes the case.
const MEETS: &[Template] =
    &[Template::Answer, Template::Closing, Template::Return, Template::Redirect, Template::Correction];

impl Store {
    /// A person queues a mail again that is deferred, failed, uncertain, withheld, cancelled or waits for a secure way;
    /// `false`: it is not in such a state, or was corrected since.
    pub async fn retry_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'queued', state_at = $2, due_at = $2, retry_at = NULL, why = NULL \
                   WHERE id = $1 AND state IN ('deferred', 'failed', 'uncertain', 'withheld', 'cancelled', \
                   'waiting_secure') AND COALESCE(why, '') <> 'corrected'";
        self.change(sql, args![id, now], EventKind::MailRetried, Some("person"), now).await
    }

    /// A person cancels a mail that is not on its way; `false`: it is, or was sent.
    pub async fn cancel_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE mails SET state = 'cancelled', state_at = $2, retry_at = NULL, why = 'person' \
                   WHERE id = $1 AND state IN ('queued', 'deferred', 'failed', 'uncertain', 'withheld', \
                   'waiting_secure')";
        self.change(sql, args![id, now], EventKind::MailCancelled, Some("person"), now).await
    }

    /// The response clock of `case` that `mail` met, if that is a mail that meets one and no other answer stands since the
    /// clock started: neither another mail nor one that was given by hand.
    pub async fn met_by(&self, case: Uuid, mail: &OutgoingMail) -> Result<Option<ClockRow>> {
        if !MEETS.contains(&mail.template) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {CLOCK} FROM clocks WHERE of_id = $1 AND kind = 'respond' AND state = 'met' ORDER BY due DESC LIMIT 1"
        );
        let met = self.db.row(&sql, args![case]).await?.as_ref().map(clock).transpose()?;
        let Some(met) = met.filter(|met| met.started <= mail.date) else { return Ok(None) };
        let meets: Vec<String> = MEETS.iter().map(|template| format!("'{template}'")).collect();
        // A mail that only withdraws another bears the desk's own words, and says so.
        let sql = format!(
            "SELECT id FROM mails WHERE about = $1 AND id <> $2 AND queued_at >= $3 AND template IN ({}) \
             AND state IN ('queued', 'claimed', 'committing', 'deferred', 'sent', 'uncertain') \
             AND COALESCE(why, '') <> 'corrected' AND NOT (template = 'correction' AND auto_submitted IS NOT NULL) \
             UNION ALL SELECT message AS id FROM message_links WHERE target = $1 AND role = 'by_hand' \
             AND arrived >= $3 LIMIT 1",
            meets.join(", ")
        );
        let other = self.db.row(&sql, args![case, mail.id, met.started]).await?;
        Ok(other.is_none().then_some(met))
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

//! After a crash, and after a connection was lost behind the final dot (DESIGN.md, invariant 3).
//!
//! A claim that ran out before `committing` is safe to queue again. Behind `committing` the outcome is unknown: evidence
//! is looked for, then an automatic mail stays listed, and any other is sent once more.

use super::mail_rows::{MAIL, attempts, mail};
use super::states::{CHANGED, tell};
use crate::case::EventKind;
use crate::effects::MailClass;
use crate::store::value::args;
use crate::store::{RecoveredMails, Resolution, Result, Store, UncertainMail, audit};
use jiff::Timestamp;
use uuid::Uuid;

/// Why a mail is of unknown fate that a crash left behind.
const LEASE_RAN_OUT: &str = "lease_ran_out";

impl Store {
    /// Mails whose lease ran out: claimed ones are queued again, committing ones are of unknown fate now.
    pub async fn recover_mails(&self, now: Timestamp) -> Result<RecoveredMails> {
        let mut tx = audit::begin(&self.db).await?;
        // Both states are named as the index has them, or SQLite would not use it.
        let sql = "UPDATE mails SET state = 'queued', state_at = $1, holder = NULL, lease_until = NULL \
                   WHERE state IN ('claimed', 'committing') AND state = 'claimed' AND lease_until <= $1";
        let queued = tx.run(sql, args![now]).await?;
        if crate::faults::is_on("requeue_all_on_start") {
            tx.run(&sql.replace("AND state = 'claimed'", ""), args![now]).await?;
        }
        let sql = format!(
            "UPDATE mails SET state = 'uncertain', state_at = $1, why = $2, searched = FALSE, holder = NULL, \
             lease_until = NULL WHERE state IN ('claimed', 'committing') AND state = 'committing' \
             AND lease_until <= $1 RETURNING {CHANGED}"
        );
        let rows = tx.rows(&sql, args![now, LEASE_RAN_OUT]).await?;
        tell(&mut tx, &self.keys, &rows, EventKind::MailUncertain, Some(LEASE_RAN_OUT), now).await?;
        tx.commit().await?;
        let mut uncertain = rows.iter().map(|row| row.id("id")).collect::<Result<Vec<_>>>()?;
        uncertain.sort();
        Ok(RecoveredMails { queued, uncertain })
    }

    /// Mails of unknown fate for which evidence was not yet looked for in vain, oldest first.
    pub async fn uncertain_mails(&self, limit: usize) -> Result<Vec<UncertainMail>> {
        let sql = format!(
            "SELECT {MAIL} FROM mails WHERE state = 'uncertain' AND NOT searched ORDER BY state_at, id LIMIT $1"
        );
        let rows = self.db.rows(&sql, args![i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
        let uncertain = rows.iter().map(|row| {
            Ok(UncertainMail {
                mail: mail(row)?,
                attempts: attempts(row)?,
                since: row.time("state_at")?,
                sent_again: row.flag("sent_again")?,
            })
        });
        uncertain.collect()
    }

    /// Writes what was found out about a mail of unknown fate; `false`: it was not written.
    ///
    /// [`Resolution::SendAgain`] is refused for automatic mail, and for any mail the second time: such a mail stays
    /// listed until a person retries or cancels it.
    pub async fn resolve_uncertain(&self, id: Uuid, resolution: Resolution, now: Timestamp) -> Result<bool> {
        match resolution {
            Resolution::Sent => {
                let sql = "UPDATE mails SET state = 'sent', state_at = $2, why = 'evidence_found' \
                           WHERE id = $1 AND state = 'uncertain'";
                self.change(sql, args![id, now], EventKind::MailSent, Some("evidence_found"), now).await
            }
            Resolution::NotSent => {
                let sql = "UPDATE mails SET state = 'queued', state_at = $2, due_at = $2 \
                           WHERE id = $1 AND state = 'uncertain'";
                self.change(sql, args![id, now], EventKind::MailRetried, Some("proved_unsent"), now).await
            }
            Resolution::SendAgain => {
                let classes = MailClass::ALL.iter().filter(|class| class.is_sent_again_when_uncertain());
                let classes: Vec<String> = classes.map(|class| format!("'{class}'")).collect();
                let sql = format!(
                    "UPDATE mails SET state = 'queued', state_at = $2, due_at = $2, sent_again = TRUE \
                     WHERE id = $1 AND state = 'uncertain' AND NOT sent_again AND class IN ({})",
                    classes.join(", ")
                );
                self.change(&sql, args![id, now], EventKind::MailRetried, Some("no_evidence"), now).await
            }
            Resolution::StaysUncertain => {
                let mut tx = self.db.begin().await?;
                let sql = "UPDATE mails SET searched = TRUE WHERE id = $1 AND state = 'uncertain'";
                let changed = tx.run(sql, args![id]).await?;
                tx.commit().await?;
                Ok(changed > 0)
            }
        }
    }
}

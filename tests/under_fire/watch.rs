//! What is looked at while it storms: numbers that only grow, states that are never left, and whether all is quiet.

use crate::database::{Database, opened_json};
use crate::raw_imap::RawImap;
use crate::smtp_server::SmtpServer;
use crate::storm::id_of;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen so far.
#[derive(Default)]
pub struct Watch {
    fences: BTreeMap<String, i64>,
    decided: BTreeSet<String>,
    sent: BTreeSet<String>,
    taken: BTreeSet<String>,
    seen: usize,
}

impl Watch {
    /// How many mails wait to be decided; none where the database is away.
    pub fn backlog(&self, database: &Database) -> usize {
        let rows = database.select(&["COUNT(*)"], "FROM messages WHERE state = 'recorded'");
        let count = rows.ok().and_then(|rows| rows.first()?.first()?.as_ref()?.parse().ok());
        count.unwrap_or(0)
    }

    /// Whether messages wait to be decided, or mails are on their way; also where the database is away.
    pub fn is_anything_in_hands(&self, database: &Database) -> bool {
        is_any(database, "FROM messages WHERE state = 'recorded'")
            || is_any(database, "FROM mails WHERE state IN ('queued', 'claimed', 'committing')")
    }

    /// Whether anybody, dead or alive, has anything in hands.
    pub fn is_anything_leased(&self, database: &Database) -> bool {
        is_any(database, "FROM messages WHERE holder IS NOT NULL")
            || is_any(database, "FROM mails WHERE state IN ('claimed', 'committing')")
    }

    /// Whether a promise is due now.
    pub fn is_anything_due(&self, database: &Database, now: Timestamp) -> bool {
        is_any(database, &format!("FROM clocks WHERE state = 'running' AND due <= '{now:.6}'"))
    }

    /// Looks at the rows as they stand; what cannot be.
    pub fn look(&mut self, database: &Database, smtp: &SmtpServer) -> Vec<String> {
        let mut wrong = Vec::new();
        // A server that is away is no violation.
        let _ = self.messages(database, &mut wrong);
        let _ = self.mails(database, smtp, &mut wrong);
        wrong
    }

    fn fence(&mut self, what: &str, id: &str, fence: Option<&String>, wrong: &mut Vec<String>) {
        let fence = fence.and_then(|fence| fence.parse().ok()).unwrap_or(0);
        let before = self.fences.insert(id.to_owned(), fence).unwrap_or(fence);
        if before > fence {
            wrong.push(format!("the fence of {what} {id} went from {before} to {fence}"));
        }
    }

    fn messages(&mut self, database: &Database, wrong: &mut Vec<String>) -> Result<(), String> {
        for row in database.select(&["id", "fence", "state"], "FROM messages")? {
            let [Some(id), fence, Some(state)] = row.as_slice() else { continue };
            self.fence("message", id, fence.as_ref(), wrong);
            if state != "recorded" {
                self.decided.insert(id.clone());
            } else if self.decided.contains(id) {
                wrong.push(format!("message {id} was decided, and is {state} again"));
            }
        }
        Ok(())
    }

    fn mails(&mut self, database: &Database, smtp: &SmtpServer, wrong: &mut Vec<String>) -> Result<(), String> {
        let rows = database.select(&["id", "fence", "state"], "FROM mails WHERE portal_at IS NULL")?;
        let mut new = Vec::new();
        for row in rows {
            let [Some(id), fence, Some(state)] = row.as_slice() else { continue };
            self.fence("mail", id, fence.as_ref(), wrong);
            if state == "sent" && !self.sent.contains(id) {
                new.push(id.clone());
            }
            if state != "sent" && self.sent.contains(id) {
                wrong.push(format!("mail {id} was sent, and is {state} again"));
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = new.iter().map(|id| format!("'{id}'")).collect();
        let rest = format!("FROM mails WHERE id IN ({})", named.join(", "));
        let rows = database.select(&["id", "hex:sealed"], &rest)?;
        // The transcript is read after the rows: what they call sent must be in it.
        for taken in smtp.taken_after(self.seen) {
            self.seen += 1;
            self.taken.insert(id_of(&taken.bytes));
        }
        for row in rows {
            let [Some(id), Some(sealed)] = row.as_slice() else { continue };
            let sealed = opened_json(sealed)?;
            let message_id = sealed["message_id"].as_str().unwrap_or_default();
            if !self.taken.contains(message_id) {
                wrong.push(format!("mail {id} is noted as sent, and the way out has not taken it"));
            }
            self.sent.insert(id.clone());
        }
        Ok(())
    }

    /// What is still to be done; nothing where all is quiet.
    pub fn restless(&self, database: &Database, imap: &mut RawImap, now: Timestamp) -> Vec<String> {
        let mut left = Vec::new();
        let inbox = imap.uids("INBOX").len();
        if inbox > 0 {
            left.push(format!("{inbox} mails in the inbox"));
        }
        let due = format!("FROM clocks WHERE state = 'running' AND due <= '{now:.6}'");
        let waits = [
            ("clocks that are due", due.as_str()),
            ("messages that are not decided", "FROM messages WHERE state = 'recorded'"),
            ("messages in hands", "FROM messages WHERE holder IS NOT NULL"),
            ("messages that are not filed", "FROM messages WHERE folder IS NOT NULL AND filed_at IS NULL"),
            (
                "mails that have not left",
                "FROM mails WHERE state IN ('queued', 'claimed', 'committing', 'deferred') \
                 OR (state = 'uncertain' AND NOT searched)",
            ),
            ("mails without a copy", "FROM mails WHERE state = 'sent' AND copied_at IS NULL"),
        ];
        for (what, rest) in waits {
            match database.select(&["COUNT(*)"], rest) {
                Ok(rows) => {
                    let count = rows.first().and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
                    if count != "0" {
                        left.push(format!("{count} {what}"));
                    }
                }
                Err(error) => left.push(error),
            }
        }
        left
    }
}

/// Whether there is such a row; where the database does not answer, there may be.
fn is_any(database: &Database, rest: &str) -> bool {
    let rows = database.select(&["COUNT(*)"], rest).unwrap_or_default();
    rows.first().is_none_or(|row| row.first().cloned().flatten().as_deref() != Some("0"))
}

//! What the daily assignment and a case's due clocks ask: who has what, and what stands around a case.

use super::case_rows::CASE;
use super::outbox::mail_rows::{MAIL, mail};
use super::seal::{address_key, hash_key, message_id_key};
use super::value::args;
use super::{Result, Store};
use crate::address::EmailAddress;
use crate::case::assign::{Load, Loads, Turns};
use crate::case::{Case, ClockKind, EventKind};
use crate::effects::Thread;
use crate::effects::of_assignment::{BY, BY_DESK};
use crate::effects::of_follow_up::ACTIVITY;
use crate::words::{LineId, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Events that are looked at for the last thing that somebody did: what the desk did by itself stands among them.
const MOST_LOOKED_AT: u32 = 20;
/// Messages of one case that are looked at for its assignment.
const MESSAGES: i64 = 50;

/// A case's promises that run, or stand still in a pause.
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

    /// When each of `specialists` was given a case of `line` last.
    pub async fn turns(&self, desk: &str, line: Option<&LineId>, specialists: &[EmailAddress]) -> Result<Turns> {
        let of_line = if line.is_some() { "line = $3" } else { "line IS NULL AND $3 = ''" };
        let sql =
            format!("SELECT MAX(assigned_at) AS last FROM cases WHERE desk = $1 AND specialist_key = $2 AND {of_line}");
        let mut turns = Turns::new();
        for specialist in specialists {
            let key = address_key(&self.keys, specialist);
            let named = line.map_or("", |line| line.0.as_str());
            let row = self.db.row(&sql, args![desk, key, named]).await?;
            if let Some(last) = row.map(|row| row.opt_time("last")).transpose()?.flatten() {
                turns.insert((line.cloned(), specialist.clone()), last);
            }
        }
        Ok(turns)
    }

    /// What was done about a case last, up to `until`.
    pub async fn last_activity(&self, desk: &str, case: Uuid, until: Timestamp) -> Result<Option<EventKind>> {
        let kinds: Vec<String> = ACTIVITY.iter().map(|kind| format!("'{kind}'")).collect();
        let sql = format!(
            "SELECT kind, ids FROM audit_rows WHERE desk = $1 AND chain = $2 AND kind IN ({}) AND at <= $3 \
             ORDER BY seq DESC LIMIT {MOST_LOOKED_AT}",
            kinds.join(", ")
        );
        for row in self.db.rows(&sql, args![desk, case.to_string(), until]).await? {
            let ids: BTreeMap<String, String> = row.json("ids")?;
            if ids.get(BY).is_none_or(|by| by != BY_DESK) {
                return row.word("kind", EventKind::from_word).map(Some);
            }
        }
        Ok(None)
    }

    /// The thread of a case's mail to `address`: its newest mail of ours, and where the thread began.
    pub async fn thread_of(&self, case: Uuid, address: &EmailAddress) -> Result<Option<Thread>> {
        let sql = format!("SELECT {MAIL} FROM mails WHERE about = $1 AND to_key = $2 ORDER BY seq DESC LIMIT 1");
        let row = self.db.row(&sql, args![case, address_key(&self.keys, address)]).await?;
        let newest = row.as_ref().map(mail).transpose()?;
        Ok(newest
            .map(|mail| Thread { root: mail.references.first().cloned().or(mail.in_reply_to), last: mail.message_id }))
    }

    /// The newest message of a case that `address` wrote, by its row.
    pub async fn newest_message(&self, case: Uuid, address: &EmailAddress) -> Result<Option<Uuid>> {
        let sql = "SELECT message FROM message_links WHERE target = $1 AND author_key = $2 \
                   AND role IN ('opened', 'participant', 'duplicate') ORDER BY arrived DESC, message DESC LIMIT 1";
        let row = self.db.row(sql, args![case, address_key(&self.keys, address)]).await?;
        row.map(|row| row.id("message")).transpose()
    }

    /// What runs of a case's clocks, or stands still.
    pub async fn promised(&self, case: Uuid) -> Result<Promised> {
        let sql = "SELECT (SELECT MIN(due) FROM clocks WHERE of_id = $1 AND kind = $2 \
                   AND state IN ('running', 'paused')) AS respond, \
                   (SELECT MIN(due) FROM clocks WHERE of_id = $1 AND kind = $3 \
                   AND state IN ('running', 'paused')) AS next";
        let kinds = (ClockKind::Respond.as_str(), ClockKind::Update.as_str());
        let row = self.db.row(sql, args![case, kinds.0, kinds.1]).await?;
        let promised = row.map(|row| {
            Ok::<_, super::StoreError>(Promised { respond: row.opt_time("respond")?, update: row.opt_time("next")? })
        });
        Ok(promised.transpose()?.unwrap_or_default())
    }

    /// Open cases of a member of staff, oldest first.
    pub async fn cases_of_specialist(&self, desk: &str, specialist: &EmailAddress) -> Result<Vec<Case>> {
        let sql = format!(
            "SELECT {CASE} FROM cases c WHERE c.desk = $1 AND c.specialist_key = $2 AND c.status <> 'resolved' \
             ORDER BY c.opened_at, c.number"
        );
        let rows = self.db.rows(&sql, args![desk, address_key(&self.keys, specialist)]).await?;
        self.cases_of(&rows).await
    }

    /// The newest message of a pending request.
    pub async fn newest_of(&self, pending: Uuid) -> Result<Option<Uuid>> {
        let sql = "SELECT message FROM message_links WHERE target = $1 AND role IN ('opened', 'participant') \
                   ORDER BY arrived DESC, message DESC LIMIT 1";
        self.db.row(sql, args![pending]).await?.map(|row| row.id("message")).transpose()
    }

    /// Whether another message with this Message-ID was decided that has the same own words (by their hash).
    pub async fn has_same_words(&self, desk: &str, id: &str, words_hash: &str, message: Uuid) -> Result<bool> {
        let words = Some(words_hash).filter(|hash| !hash.is_empty()).map(|hash| hash_key(&self.keys, "words", hash));
        let sql = "SELECT id FROM messages WHERE desk = $1 AND message_id_key = $2 AND id <> $3 AND decision IS NOT NULL \
                   AND COALESCE(words_key, '') = COALESCE($4, '') LIMIT 1";
        let arguments = args![desk, message_id_key(&self.keys, id), message, words];
        Ok(self.db.row(sql, arguments).await?.is_some())
    }

    /// How many mails told staff what became of the commands in a message.
    pub async fn results_about(&self, desk: &str, message: Uuid) -> Result<u64> {
        let sql = "SELECT COUNT(*) AS results FROM mails WHERE desk = $1 AND replies_to = $2 AND template = $3";
        let row = self.db.row(sql, args![desk, message, Template::CommandResult.as_str()]).await?;
        Ok(row.map(|row| row.int("results")).transpose()?.map_or(0, |n| u64::try_from(n).unwrap_or(0)))
    }

    /// The message that the newest known one of these Message-IDs is, or is about: a mail of ours that replied to a
    /// message, or told staff of one, leads to that message.
    pub async fn message_replied_to(&self, desk: &str, ids: &[String]) -> Result<Option<Uuid>> {
        let sql = "SELECT s.replies_to AS message FROM mail_ids i JOIN mails s ON s.id = i.mail \
                   WHERE i.desk = $1 AND i.id_key = $2 AND s.replies_to IS NOT NULL \
                   UNION ALL SELECT id AS message FROM messages WHERE desk = $1 AND message_id_key = $2 \
                   AND (state = 'held' OR decision IN ('return', 'redirect', 'reject_mixed')) LIMIT 1";
        for id in ids {
            if let Some(row) = self.db.row(sql, args![desk, message_id_key(&self.keys, id)]).await? {
                return row.id("message").map(Some);
            }
        }
        Ok(None)
    }

    /// The message that opened a case.
    pub async fn opening_message(&self, case: Uuid) -> Result<Option<Uuid>> {
        let sql = "SELECT message FROM message_links WHERE target = $1 AND role = 'opened' ORDER BY linked_at LIMIT 1";
        self.db.row(sql, args![case]).await?.map(|row| row.id("message")).transpose()
    }

    /// What its participants and colleagues have written about a case, oldest first: to it, and to the pending request
    /// that became it.
    pub async fn request_messages(&self, case: Uuid) -> Result<Vec<Uuid>> {
        let sql = "SELECT message FROM message_links WHERE target IN (SELECT id FROM cases WHERE id = $1 \
                   UNION ALL SELECT id FROM pendings WHERE case_id = $1 AND state = 'completed') \
                   AND role IN ('opened', 'participant', 'duplicate', 'internal') ORDER BY arrived, linked_at, message LIMIT $2";
        let rows = self.db.rows(sql, args![case, MESSAGES]).await?;
        rows.iter().map(|row| row.id("message")).collect()
    }
}

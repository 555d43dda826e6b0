//! A message's row and its decision, sealed and opened.

use super::lease::{content, stored_key};
use super::seal::open_json;
use super::value::args;
use super::{MessageRow, MessageState, Result, Store, StoreError, StoredContent};
use crate::address::Mailbox;
use crate::effects::Decided;
use crate::message::Attachment;
use crate::words::{Decision, LineId, Trace};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a decision keeps sealed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SealedDecision {
    pub(super) author: Option<Mailbox>,
    pub(super) subject: String,
    pub(super) visible_text: String,
    /// `None`: decided by a program that did not keep them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) request: serde_json::Value,
    pub(super) trace: Trace,
    pub(super) why: Option<String>,
}

impl SealedDecision {
    pub(super) fn of(decided: &Decided) -> Self {
        Self {
            author: decided.author.clone(),
            subject: decided.subject.clone(),
            visible_text: decided.visible_text.clone(),
            attachments: Some(decided.attachments.clone()),
            request: decided.request.clone(),
            trace: decided.trace.clone(),
            why: None,
        }
    }
}

impl Store {
    /// An inbound message, by its row.
    pub async fn message_state(&self, id: Uuid) -> Result<Option<MessageRow>> {
        let sql = "SELECT m.id, m.desk, m.mailbox, m.uid_validity, m.name, m.arrived, m.state, m.attempts, m.decision, \
                   m.filed_at, m.problem, d.reasons, d.line, d.sealed \
                   FROM messages m LEFT JOIN message_decisions d ON d.message = m.id WHERE m.id = $1";
        let Some(row) = self.db.row(sql, args![id]).await? else { return Ok(None) };
        let stored = self.raws(&[id]).await?.remove(&id);
        let sealed: SealedDecision = match row.opt_bytes("sealed")? {
            Some(sealed) => open_json(&sealed, "a decision")?,
            None => SealedDecision::default(),
        };
        let reasons = match row.opt_text("reasons")? {
            Some(_) => row.json("reasons")?,
            None => Vec::new(),
        };
        Ok(Some(MessageRow {
            id: row.id("id")?,
            desk: row.text("desk")?,
            mailbox: row.text("mailbox")?,
            key: stored_key(&row)?,
            arrived: row.time("arrived")?,
            state: row.word("state", MessageState::from_word)?,
            attempts: u32::try_from(row.int("attempts")?).map_err(|_| StoreError::Corrupt("attempts"))?,
            decision: row.opt_word("decision", Decision::from_word)?,
            reasons,
            line: row.opt_text("line")?.map(LineId),
            author: sealed.author,
            subject: sealed.subject,
            trace: sealed.trace,
            filed_at: row.opt_time("filed_at")?,
            content: content(stored, row.opt_text("problem")?),
        }))
    }

    /// The bytes of a message as they came; `None` where they are not kept, or damaged.
    pub async fn raw_message(&self, id: Uuid) -> Result<Option<Vec<u8>>> {
        Ok(match self.raws(&[id]).await?.remove(&id) {
            Some(StoredContent::Raw(raw)) => Some(raw),
            Some(StoredContent::Problem(_)) | None => None,
        })
    }

    /// The message `id`, if it waits for a person.
    pub async fn held_message(&self, id: Uuid) -> Result<Option<MessageRow>> {
        let row = self.message_state(id).await?;
        Ok(row.filter(|row| row.state == MessageState::Held))
    }
}

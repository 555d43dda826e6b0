//! A case as a conversation with its requester: what they wrote and what went to them, and nothing else. Notes, mail to
//! staff and what others wrote are not asked for.

use crate::address::EmailAddress;
use crate::case::standing::Target;
use crate::case::{Case, LinkRole};
use crate::effects::{CORRECTED, Enclosed, MailClass, MailState};
use crate::store::message_rows::SealedDecision;
use crate::store::outbox::mail_rows::{MAIL, mail};
use crate::store::rows::list;
use crate::store::seal::{open_json, open_text};
use crate::store::standing::target;
use crate::store::value::{Value, args};
use crate::store::{Result, Store};
use crate::words::Template;
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// One piece of a conversation.
#[derive(Clone, Debug)]
pub struct Said {
    /// The row of the message or of the mail.
    pub row: Uuid,
    /// When.
    pub at: Timestamp,
    /// What the desk's mail was; `None`: the partner wrote it.
    pub template: Option<Template>,
    /// The words; `None`: the desk took them back.
    pub text: Option<String>,
    /// Whether the desk's mail was read here and nowhere else.
    pub in_portal: bool,
    /// What is attached.
    pub files: Vec<SaidFile>,
    /// Message-ID of the desk's mail.
    pub message_id: Option<String>,
}

/// A file in a conversation.
#[derive(Clone, Debug)]
pub struct SaidFile {
    /// The stored message that holds it.
    pub message: Uuid,
    /// What it is known by: lower-case hex SHA-256 of its content.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
}

impl From<Enclosed> for SaidFile {
    fn from(one: Enclosed) -> Self {
        Self { message: one.message, sha256: one.sha256, name: one.name, bytes: one.bytes }
    }
}

impl Store {
    /// What `partner` wrote in `case` and what went to them, oldest first. Whoever asks has found that it is theirs.
    pub async fn partner_conversation(&self, partner: &EmailAddress, case: &Case) -> Result<Vec<Said>> {
        let sql = "SELECT id FROM pendings WHERE case_id = $1";
        let pendings = self.db.rows(sql, args![case.id]).await?;
        let mut targets = vec![case.id];
        for row in &pendings {
            targets.push(row.id("id")?);
        }
        self.said_about(partner, &targets).await
    }

    /// The same of a returned request.
    pub async fn partner_pending_conversation(&self, partner: &EmailAddress, pending: Uuid) -> Result<Vec<Said>> {
        self.said_about(partner, &[pending]).await
    }

    /// What a message belongs to.
    pub async fn targets_of(&self, message: Uuid) -> Result<Vec<Target>> {
        let sql = "SELECT target_kind, target FROM message_links WHERE message = $1 ORDER BY target_kind, target";
        let rows = self.db.rows(sql, args![message]).await?;
        let targets = rows.iter().map(|row| target(row, "target_kind", "target"));
        Ok(targets.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    async fn said_about(&self, partner: &EmailAddress, targets: &[Uuid]) -> Result<Vec<Said>> {
        let mut said = self.written_by(partner, targets).await?;
        said.extend(self.sent_to(partner, targets).await?);
        said.sort_by_key(|one| (one.at, one.template.is_some()));
        Ok(said)
    }

    async fn written_by(&self, partner: &EmailAddress, targets: &[Uuid]) -> Result<Vec<Said>> {
        let (opened, added, again) = (LinkRole::Opened, LinkRole::Participant, LinkRole::Duplicate);
        let mut arguments: Vec<Value> =
            args![self.account_key(partner), opened.as_str(), added.as_str(), again.as_str()];
        let targets = list(&mut arguments, targets.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "SELECT l.message, l.arrived, l.linked_at, l.sealed, d.sealed AS decision FROM message_links l \
             LEFT JOIN message_decisions d ON d.message = l.message \
             WHERE l.author_key = $1 AND l.role IN ($2, $3, $4) AND l.target IN ({targets}) ORDER BY l.arrived, l.message"
        );
        let mut seen = BTreeSet::new();
        let mut said = Vec::new();
        for row in self.db.rows(&sql, arguments).await? {
            let message = row.id("message")?;
            // What completed a pending request stands in it and in the case that it became.
            if !seen.insert(message) {
                continue;
            }
            let decision: SealedDecision = match row.opt_bytes("decision")? {
                Some(sealed) => open_json(&sealed, "a decision")?,
                None => SealedDecision::default(),
            };
            let words = row.opt_bytes("sealed")?.map(|sealed| open_text(&sealed, "words")).transpose()?;
            let attachments = decision.attachments.unwrap_or_default().into_iter().enumerate();
            let files = attachments.map(|(place, one)| SaidFile {
                message,
                sha256: one.sha256,
                name: one.name.unwrap_or_else(|| format!("attachment {}", place + 1)),
                bytes: one.bytes,
            });
            said.push(Said {
                row: message,
                at: row.opt_time("arrived")?.map_or_else(|| row.time("linked_at"), Ok)?,
                template: None,
                text: Some(words.unwrap_or(decision.visible_text)),
                in_portal: false,
                files: files.collect(),
                message_id: None,
            });
        }
        Ok(said)
    }

    async fn sent_to(&self, partner: &EmailAddress, targets: &[Uuid]) -> Result<Vec<Said>> {
        let (automatic, answer) = (MailClass::Automatic.as_str(), MailClass::Answer.as_str());
        let mut arguments: Vec<Value> = args![self.account_key(partner), MailState::Sent.as_str(), automatic, answer];
        let targets = list(&mut arguments, targets.iter().copied(), Uuid::nil().into());
        let sql = format!(
            "SELECT {MAIL}, portal_at FROM mails WHERE to_key = $1 AND state = $2 AND class IN ($3, $4) \
             AND about IN ({targets}) ORDER BY seq"
        );
        let rows = self.db.rows(&sql, arguments).await?;
        let said = rows.iter().map(|row| {
            let mail = mail(row)?;
            let is_taken_back = row.opt_text("why")?.is_some_and(|why| why == CORRECTED);
            let files = mail.attachments.into_iter().map(SaidFile::from);
            Ok(Said {
                row: mail.id,
                at: row.time("state_at")?,
                template: Some(mail.template),
                text: (!is_taken_back).then_some(mail.text),
                in_portal: row.opt_time("portal_at")?.is_some(),
                files: if is_taken_back { Vec::new() } else { files.collect() },
                message_id: Some(mail.message_id),
            })
        });
        said.collect()
    }
}

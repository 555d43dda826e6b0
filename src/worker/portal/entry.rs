//! What a partner writes in the portal enters as a message of the thread: recorded with its bytes, decided by the same
//! rules as a mail, so that limits, clocks and reopening hold alike.

use super::PORTAL;
use crate::address::Mailbox;
use crate::case::standing::{Standing, Target};
use crate::desk::Desk;
use crate::intake::decide::{Context, decide};
use crate::message::Message;
use crate::settings::Trust;
use crate::store::{Arrived, QueueFacts, StoredContent, StoredKey};
use crate::words::numbers::{CaseNumber, PendingToken};
use crate::words::{Decision, Reason};
use crate::worker::Worker;
use crate::worker::acts::{ActFile, content_type, file_name, one_line};
use anyhow::Context as _;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::message_id::MessageId;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a page waits for a message that another worker decides.
const PATIENCE: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_millis(900),
    Duration::from_millis(1500),
];

/// What a partner wrote.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The id of the form, fresh whenever it is shown: the same one enters once.
    pub form: Uuid,
    /// Whose account sent it.
    pub account: Uuid,
    /// Whose address it comes from.
    pub author: Mailbox,
    /// Its subject.
    pub subject: String,
    /// The newest mail of ours that it answers, by its Message-ID without brackets.
    pub in_reply_to: Option<String>,
    /// Its text.
    pub text: String,
    /// Files.
    pub files: Vec<ActFile>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It was decided.
    Decided {
        /// How.
        decision: Decision,
        /// Why.
        reasons: Vec<Reason>,
        /// The case that it stands in, or opened.
        case: Option<CaseNumber>,
        /// The returned request that it stands in.
        pending: Option<PendingToken>,
    },
    /// It is kept, and is decided in a moment.
    Waits,
}

/// What would become of a request that stands alone.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Out-of-scope topics asked about.
    pub topics: Vec<String>,
}

impl Worker {
    /// What would become of `entry`, were it the first of its thread; nothing is kept.
    pub fn preview_entry(&self, desk: &Desk, entry: &Entry) -> anyhow::Result<Preview> {
        let now = self.clock.now();
        let message = Message::read(&written(desk, entry, now)?);
        let standing = Standing::default();
        let context = Context { standing: &standing, trust: &Trust::OwnPages, keys: &self.keys, now, model: true };
        let judgement = decide(desk, &message, &context);
        let topics = judgement.topics.clone();
        Ok(Preview { decision: judgement.decision, reasons: judgement.reasons, topics })
    }

    /// Keeps `entry` as a message and decides it. The same form sent again enters nothing, and gives what became of it.
    ///
    /// # Errors
    ///
    /// The database fails; what was kept before is decided by the next run.
    pub async fn enter(&self, desk: &Arc<Desk>, entry: &Entry) -> anyhow::Result<Entered> {
        // In this way nobody acts as staff, whose commands are believed.
        anyhow::ensure!(desk.staff_member(&entry.author.address).is_none(), "a member of staff wrote in the portal");
        let now = self.clock.now();
        let arrived = Arrived {
            id: self.with_chance(|chance| chance.id(now)),
            key: StoredKey { uid_validity: 0, name: format!("{}-{}", entry.account, entry.form) },
            arrived: now,
            content: StoredContent::Raw(written(desk, entry, now)?),
            queue: QueueFacts { sender: Some(entry.author.address.clone()), ..QueueFacts::default() },
        };
        let recorded = self.store.record(PORTAL, &desk.id, std::slice::from_ref(&arrived), None, now).await?;
        let id = recorded.first().context("a message was not kept")?.id;
        self.judge_message(desk, id).await?;
        self.mails_waiting.notify_one();
        for pause in PATIENCE {
            if let Some(entered) = self.entered(id).await? {
                return Ok(entered);
            }
            tokio::time::sleep(pause).await;
        }
        Ok(Entered::Waits)
    }

    /// What became of a message; `None`: it is not decided yet.
    async fn entered(&self, id: Uuid) -> anyhow::Result<Option<Entered>> {
        let Some(row) = self.store.message_state(id).await? else { return Ok(None) };
        let Some(decision) = row.decision else { return Ok(None) };
        let (mut case, mut pending) = (None, None);
        for target in self.store.targets_of(id).await? {
            match target {
                Target::Case(id) => case = self.store.case_state(id).await?.map(|case| case.number),
                Target::Pending(id) => pending = self.store.pending_state(id).await?.map(|pending| pending.token),
            }
        }
        Ok(Some(Entered::Decided { decision, reasons: row.reasons, case, pending }))
    }
}

/// The mail that it stands for.
fn written(desk: &Desk, entry: &Entry, now: Timestamp) -> anyhow::Result<Vec<u8>> {
    let address = entry.author.address.to_string();
    let subject = one_line(&entry.subject);
    let id = format!("portal.{}.{}@{}", entry.form.simple(), entry.account.simple(), desk.address.domain());
    let mut mail = MessageBuilder::new()
        .to((desk.name.clone(), desk.address.to_string()))
        .subject(subject.as_str())
        .message_id(id)
        .date(now.as_second())
        .text_body(entry.text.as_str());
    mail = match entry.author.name.as_deref().map(one_line).filter(|name| !name.is_empty()) {
        Some(name) => mail.from((name, address)),
        None => mail.from(address),
    };
    if let Some(answered) = &entry.in_reply_to {
        mail = mail.in_reply_to(MessageId::new(answered.clone()));
    }
    for file in &entry.files {
        mail = mail.attachment(content_type(&file.content_type), file_name(&file.name), file.bytes.as_slice());
    }
    mail.write_to_vec().context("failed to write what stands in the form as a mail")
}

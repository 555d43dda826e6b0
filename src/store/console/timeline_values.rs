//! A case as its page shows it.

use super::values::NextDue;
use crate::address::Mailbox;
use crate::case::{Case, ClockRow, EventKind, LinkRole};
use crate::effects::{MailClass, MailState};
use crate::message::Attachment;
use crate::store::{EnclosedView, MessageState};
use crate::words::numbers::CaseNumber;
use crate::words::{Automatic, Decision, LineId, Reason, Status, Template, Trace, Variant, Warning};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A case, whole.
#[derive(Clone, Debug)]
pub struct CasePage {
    /// The case, with its links.
    pub case: Case,
    /// What comes next in it.
    pub next: Option<NextDue>,
    /// Its clocks, by due instant.
    pub clocks: Vec<ClockRow>,
    /// Cases that it belongs with and that the account may see; those that were merged into it too.
    pub linked: Vec<LinkedCase>,
    /// The case that it was merged into, where the account may see it.
    pub merged_into: Option<CaseNumber>,
    /// All that happened, oldest first.
    pub items: Vec<TimelineItem>,
    /// Whether older things are left out, because there are too many.
    pub is_cut: bool,
}

/// A case that belongs with another.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedCase {
    /// Its row.
    pub id: Uuid,
    /// Its number.
    pub number: CaseNumber,
    /// Its status.
    pub status: Status,
    /// Its canonical subject.
    pub subject: String,
    /// Whether it was merged into the case that is shown, so that its messages stand in the timeline.
    pub is_merged: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// The number of the case that was merged into this one, where it happened there.
    pub of: Option<CaseNumber>,
    /// Whether it happened while the request was pending, before there was a case.
    pub was_pending: bool,
    /// What.
    pub what: TimelineWhat,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum TimelineWhat {
    /// A message came in, or was written in the console.
    Message(Box<TimelineMessage>),
    /// A mail of ours.
    Mail(Box<TimelineMail>),
    /// Anything else.
    Event(TimelineEvent),
}

/// A message.
#[derive(Clone, Debug)]
pub struct TimelineMessage {
    /// Its row.
    pub id: Uuid,
    /// As what it stands in the case; `None`: in none.
    pub role: Option<LinkRole>,
    /// Who wrote it, or claims to.
    pub from: Option<Mailbox>,
    /// The decoded subject.
    pub subject: String,
    /// The new words; `None`: purged.
    pub text: Option<String>,
    /// Parts that are not the body; `None`: not kept, or purged.
    pub attachments: Option<Vec<Attachment>>,
    /// How it was decided.
    pub decision: Option<Decision>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Which rules were tried.
    pub trace: Trace,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// What kind of machine wrote it.
    pub automatic: Option<Automatic>,
    /// Out-of-scope topics asked about.
    pub topics: Vec<String>,
    /// The line.
    pub line: Option<LineId>,
    /// Whether it was urgent.
    pub urgent: bool,
    /// Whether it was written in the console.
    pub is_written_here: bool,
    /// Whether it was read from the Sent folder: somebody answered by hand.
    pub is_sent: bool,
    /// How it stands.
    pub state: MessageState,
    /// Why there are no bytes of it, where there are none.
    pub problem: Option<String>,
}

/// A mail of ours.
#[derive(Clone, Debug)]
pub struct TimelineMail {
    /// Its row.
    pub id: Uuid,
    /// The template.
    pub template: Template,
    /// The wording.
    pub variant: Variant,
    /// What it is.
    pub class: MailClass,
    /// How it stands.
    pub state: MailState,
    /// Since when.
    pub since: Timestamp,
    /// To whom.
    pub to: Mailbox,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<EnclosedView>,
    /// Why it was deferred, failed or withheld: a code.
    pub why: Option<String>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// What a delivery report said of it: `hard` or `soft`.
    pub bounced: Option<String>,
}

/// An event of the audit trail.
#[derive(Clone, Debug)]
pub struct TimelineEvent {
    /// What.
    pub kind: EventKind,
    /// Its row's number in its chain.
    pub seq: i64,
    /// In words: "Given to ann@example.com."
    pub words: String,
    /// What was written: a note, an opportunity, the words of an update.
    pub text: Option<String>,
    /// Row ids, codes and numbers.
    pub ids: BTreeMap<String, String>,
    /// Whether it only repeats what messages and mails show beside it: to be folded away.
    pub is_minor: bool,
    /// Whether its content was purged.
    pub is_purged: bool,
}

//! The values that go in and out of the store.

use crate::address::{EmailAddress, Mailbox};
use crate::case::{ClockKind, ClockState, EventKind};
use crate::effects::{Enclosed, Folder, MailClass, MailState, OutgoingMail};
use crate::words::numbers::{CaseNumber, PendingToken};
use crate::words::{Decision, Fields, LineId, MemberName, Reason, Status, Template, Trace, word_enum};
use jiff::Timestamp;
use uuid::Uuid;

word_enum! {
    /// What a database is for; fixed when it is made.
    Birth {
        /// Real mail at real time.
        Live = "live",
        /// A clock moved by hand; mail goes to a folder or to loopback.
        Rehearsal = "rehearsal",
    }
}

/// A mail's identity in its mailbox: unique on (mailbox, uid_validity, name).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredKey {
    /// UIDVALIDITY; 0 for a file.
    pub uid_validity: u32,
    /// The UID in decimal, or the file's name.
    pub name: String,
}

/// How far an IMAP mailbox was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredCursor {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// The first UID not yet read.
    pub next_uid: u32,
}

/// What a mailbox gave for one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredContent {
    /// Its bytes.
    Raw(Vec<u8>),
    /// Why there are none; no member data.
    Problem(String),
}

/// A mail that a mailbox gave.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The row's id, if the mail is new.
    pub id: Uuid,
    /// Its identity in the mailbox.
    pub key: StoredKey,
    /// When it arrived there.
    pub arrived: Timestamp,
    /// What it is.
    pub content: StoredContent,
    /// What its turn depends on.
    pub queue: QueueFacts,
}

/// What is known of a mail before it is judged, and decides only when it is: all of it may be forged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Whom its first `From` names.
    pub sender: Option<EmailAddress>,
    /// Whether that is an address of the desk's staff.
    pub is_staff: bool,
    /// Its Message-ID.
    pub own_id: Option<String>,
    /// Message-IDs of mails that it answers.
    pub answers: Vec<String>,
}

/// What became of one [`Arrived`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The row: the new one, or the one that stood already.
    pub id: Uuid,
    /// Whether the row is new.
    pub is_new: bool,
}

/// A message to be decided, held by one worker for a while.
#[derive(Clone, Debug)]
pub struct LeasedMessage {
    /// Its row.
    pub id: Uuid,
    /// The mailbox's id.
    pub mailbox: String,
    /// Its identity there.
    pub key: StoredKey,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What it is.
    pub content: StoredContent,
    /// How often it was leased, this time included; committed before the work.
    pub attempts: u32,
    /// What proves the lease.
    pub fence: i64,
    /// Whether it was read from a Sent folder.
    pub is_sent: bool,
}

/// A lease that is given back undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// The message's row.
    pub message: Uuid,
    /// What proves the lease.
    pub fence: i64,
    /// Whether the attempt counts: the message may be to blame.
    pub counts: bool,
    /// From when on it may be leased again.
    pub again_at: Timestamp,
}

/// What became of one element of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is written.
    Written,
    /// Nothing of it is written: what it was decided from has changed, or the lease was lost. Decide again.
    Stale,
}

/// A decided mail that still lies in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfiled {
    /// Its row.
    pub id: Uuid,
    /// Its identity in the mailbox.
    pub key: StoredKey,
    /// Where it goes.
    pub folder: Folder,
}

/// A mail that one session may send.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: OutgoingMail,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// When it was first queued: the five days of retries count from here.
    pub queued_at: Timestamp,
    /// What proves the claim.
    pub fence: i64,
}

/// A mail whose fate is unknown.
#[derive(Clone, Debug)]
pub struct UncertainMail {
    /// The mail.
    pub mail: OutgoingMail,
    /// How often it was claimed.
    pub attempts: u32,
    /// Since when.
    pub since: Timestamp,
    /// Whether it was sent once more already: never a third time by itself.
    pub sent_again: bool,
}

/// What [`Store::recover_mails`](super::Store::recover_mails) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveredMails {
    /// Claimed and never committing: queued again.
    pub queued: u64,
    /// Committing: of unknown fate now.
    pub uncertain: Vec<Uuid>,
}

/// What was found out about a mail of unknown fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The server took it.
    Sent,
    /// No evidence; its class is sent once more: queued again, byte for byte the same.
    SendAgain,
    /// No evidence; it stays listed.
    StaysUncertain,
    /// Evidence that it did not go out: it is queued again, whatever its class.
    NotSent,
}

/// A mail in a list.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct OutboxRow {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// The template.
    pub template: Template,
    /// What it is.
    pub class: MailClass,
    /// To whom.
    pub to: EmailAddress,
    /// The case's number.
    pub case: Option<String>,
    /// How it stands.
    pub state: MailState,
    /// When it was queued.
    pub at: Timestamp,
    /// What is attached to it.
    pub attachments: Vec<EnclosedView>,
    /// How often it was claimed.
    pub attempts: u32,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Why it was deferred, failed or withheld: a code.
    pub why: Option<String>,
}

/// A mail with how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMail {
    /// The mail; its `state` is how it stands now.
    pub mail: OutgoingMail,
    /// How often it was claimed.
    pub attempts: u32,
    /// When it came into its state.
    pub since: Timestamp,
    /// Why, as a code.
    pub why: Option<String>,
}

word_enum! {
    /// How an inbound message stands.
    MessageState {
        /// Kept, not yet decided.
        Recorded = "recorded",
        /// Decided.
        Decided = "decided",
        /// Waits for a person.
        Held = "held",
    }
}

/// An inbound message's row.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// The mailbox's id.
    pub mailbox: String,
    /// Its identity there.
    pub key: StoredKey,
    /// When it arrived.
    pub arrived: Timestamp,
    /// How it stands.
    pub state: MessageState,
    /// How often it was leased.
    pub attempts: u32,
    /// The decision.
    pub decision: Option<Decision>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The line that it is about, where it says so.
    pub line: Option<LineId>,
    /// Who wrote it, or claims to.
    pub author: Option<Mailbox>,
    /// The decoded subject.
    pub subject: String,
    /// Which rules were tried. Member data: for staff, never for a log.
    pub trace: Trace,
    /// When the mailbox filed it.
    pub filed_at: Option<Timestamp>,
    /// What it is.
    pub content: StoredContent,
}

/// A case in a list: `cases --json`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CaseRow {
    /// Its number.
    pub number: CaseNumber,
    /// The desk's id.
    pub desk: String,
    /// Its line.
    pub line: Option<LineId>,
    /// Its status.
    pub status: Status,
    /// Who works it.
    pub specialist: Option<EmailAddress>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Who asked.
    pub requester: EmailAddress,
    /// When it was opened.
    pub at: Timestamp,
}

/// A case, whole: `case NUMBER --json`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CaseView {
    /// Its number.
    pub number: CaseNumber,
    /// The desk's id.
    pub desk: String,
    /// Its line.
    pub line: Option<LineId>,
    /// The id of its type, on a desk with types.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The id of its priority, on a desk with priorities.
    pub priority: Option<String>,
    /// Its status.
    pub status: Status,
    /// Who works it.
    pub specialist: Option<EmailAddress>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Who asked.
    pub requester: EmailAddress,
    /// Members and what was given about them.
    pub entries: Vec<EntryView>,
    /// Its clocks, by due instant.
    pub clocks: Vec<ClockView>,
    /// Its mails, oldest first.
    pub mails: Vec<MailView>,
    /// Notes for staff, oldest first.
    pub notes: Vec<NoteView>,
    /// Noted opportunities for communications, coaching, training and process improvement.
    pub opportunities: Vec<OpportunityView>,
    /// How far it has come: whether its number is told, the steps of the ladder, the lists on which it stands.
    pub course: crate::case::course::Course,
    /// Numbers of the cases that it belongs with, either way.
    pub links: Vec<CaseNumber>,
    /// What happened, oldest first.
    pub history: Vec<HistoryView>,
}

/// One member of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct EntryView {
    /// The member.
    pub member: MemberName,
    /// Values by field id.
    pub fields: Fields,
}

/// An opportunity for communications, coaching, training or process improvement.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct OpportunityView {
    /// When it was noted.
    pub at: Timestamp,
    /// For what.
    pub kind: String,
    /// What was seen: its topic.
    pub text: String,
    /// The agent whose case it was.
    pub agent: EmailAddress,
}

/// One clock of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ClockView {
    /// What it is for.
    pub kind: ClockKind,
    /// When it is due.
    pub due: Timestamp,
    /// How it stands.
    pub state: ClockState,
}

/// One mail of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct MailView {
    /// The template.
    pub template: Template,
    /// To whom.
    pub to: EmailAddress,
    /// When it came into its state.
    pub at: Timestamp,
    /// How it stands.
    pub state: MailState,
    /// What is attached to it.
    pub attachments: Vec<EnclosedView>,
}

/// One attachment of a mail of ours, in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EnclosedView {
    /// The file name.
    pub name: String,
    /// Size of the decoded content in bytes.
    pub bytes: usize,
}

impl EnclosedView {
    /// What a list shows of a mail's attachments.
    pub(super) fn all(attachments: Vec<Enclosed>) -> Vec<Self> {
        attachments.into_iter().map(|one| Self { name: one.name, bytes: one.bytes }).collect()
    }
}

/// One note of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct NoteView {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// One event of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HistoryView {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: EventKind,
}

/// A held message: `held --json`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HeldRow {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// Who wrote it, or claims to.
    pub from: Option<EmailAddress>,
    /// The decoded subject.
    pub subject: String,
    /// The former decision of a mail that was moved back; else `hold`.
    pub decision: Decision,
    /// Why it is held.
    pub reasons: Vec<Reason>,
    /// When it was held.
    pub at: Timestamp,
}

/// An open pending request: `pending --json`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PendingRow {
    /// Its token.
    pub token: PendingToken,
    /// The number that it bears already, on a desk that numbers returns.
    pub number: Option<CaseNumber>,
    /// The desk's id.
    pub desk: String,
    /// Who asked.
    pub requester: EmailAddress,
    /// What is missing.
    pub missing: Vec<String>,
    /// The newest mail of its thread, either way.
    pub newest_at: Timestamp,
}

/// What verifying the audit chains found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct AuditReport {
    /// Chains read.
    pub chains: u64,
    /// Rows read.
    pub rows: u64,
    /// Checkpoints read.
    pub checkpoints: u64,
    /// Rows whose content was purged.
    pub purged: u64,
    /// What does not hold; empty: all is well.
    pub broken: Vec<AuditBreak>,
}

/// A place where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditBreak {
    /// The desk's id, or nothing for a checkpoint.
    pub desk: String,
    /// `desk`, a case's row, or `checkpoint`.
    pub chain: String,
    /// The row's number in its chain.
    pub seq: i64,
    /// What does not hold.
    pub what: String,
}

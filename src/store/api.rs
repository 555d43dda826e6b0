//! The store's public face: values and calls.

use super::{Result, Store};
use crate::address::{EmailAddress, Mailbox};
use crate::case::standing::{Lookups, Standing};
use crate::case::{Case, ClockKind, ClockRow, ClockState, EventKind, Pending};
use crate::effects::{Effects, Folder, MailClass, MailState, OutgoingMail};
use crate::settings::DatabaseUrl;
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, PendingToken};
use crate::words::{Decision, Fields, LineId, MemberName, Reason, Status, Template, word_enum};
use jiff::Timestamp;
use secrecy::SecretString;
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

/// What [`Store::recover_mails`] found.
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
        /// Could not be read, or broke the worker; waits for a person.
        SetAside = "set_aside",
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
    /// Who wrote it, or claims to.
    pub author: Option<Mailbox>,
    /// The decoded subject.
    pub subject: String,
    /// Whether the mailbox has filed it.
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
    pub opportunities: Vec<NoteView>,
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

/// Shows that a holder lives; ends when it is dropped or the process dies.
#[derive(Debug)]
pub struct Presence {}

impl Store {
    /// Opens the database, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongBirth`](super::StoreError::WrongBirth) where it was made the other way,
    /// `WrongKeys` where the keys are not those that it was made with, `NewerSchema`, `Open`.
    pub async fn open(
        url: &DatabaseUrl,
        password: Option<SecretString>,
        birth: Birth,
        keys: Keys,
        now: Timestamp,
    ) -> Result<Self> {
        todo!()
    }

    /// Opens a database that exists, however it was born: for commands that read.
    pub async fn open_existing(
        url: &DatabaseUrl,
        password: Option<SecretString>,
        keys: Keys,
        now: Timestamp,
    ) -> Result<Self> {
        todo!()
    }

    /// What the database was made for.
    pub fn born(&self) -> Birth {
        todo!()
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        todo!()
    }

    /// Shows other processes that `holder` lives, until the guard is dropped or the process dies. Whoever leases under
    /// a holder's name shows its presence first.
    pub async fn show_presence(&self, holder: Uuid) -> Result<Presence> {
        todo!()
    }

    /// Ends the leases (messages, mails, locks) of holders whose process is gone, so that nobody waits for them to run
    /// out after a crash. Call it at the start, before anything is leased, then [`Store::recover_mails`].
    pub async fn end_leases_of_the_dead(&self, now: Timestamp) -> Result<u64> {
        todo!()
    }

    /// The instant before which a mailbox's mail is left alone; `None` on first contact.
    pub async fn mailbox_start(&self, mailbox: &str) -> Result<Option<Timestamp>> {
        todo!()
    }

    /// Fixes the start instant of a mailbox on first contact; a second call changes nothing.
    pub async fn begin_mailbox(
        &self,
        mailbox: &str,
        desk: &str,
        start: Timestamp,
        cursor: Option<StoredCursor>,
        older_left: u64,
        now: Timestamp,
    ) -> Result<()> {
        todo!()
    }

    /// How far an IMAP mailbox was read.
    pub async fn cursor(&self, mailbox: &str) -> Result<Option<StoredCursor>> {
        todo!()
    }

    /// Keeps `batch` and the cursor behind it, in one transaction. Gives one answer an element, in order.
    pub async fn record(
        &self,
        mailbox: &str,
        desk: &str,
        batch: &[Arrived],
        cursor: Option<StoredCursor>,
        now: Timestamp,
    ) -> Result<Vec<Recorded>> {
        todo!()
    }

    /// Leases undecided messages of a desk until `until`, oldest arrival first. One with an earlier attempt is leased
    /// alone: after a crash a batch is retried one by one.
    pub async fn lease_messages(
        &self,
        desk: &str,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>> {
        todo!()
    }

    /// Gives leases back undone, and takes their attempt back: for an orderly stop.
    pub async fn release_messages(&self, leases: &[(Uuid, i64)]) -> Result<()> {
        todo!()
    }

    /// Holds a message that cannot be decided; `why` holds no member data. `false`: the lease was lost.
    pub async fn set_aside(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// All that is known about a message's thread and sender.
    pub async fn standing(&self, desk: &str, lookups: &Lookups, now: Timestamp) -> Result<Standing> {
        todo!()
    }

    /// Reserves the next `n` case numbers of a desk. Numbers that are not used stay unused.
    pub async fn reserve_numbers(&self, desk: &str, prefix: &str, n: usize) -> Result<Vec<CaseNumber>> {
        todo!()
    }

    /// Writes all effects in one transaction. `fences` has the lease of each message that is decided, but for those
    /// that a person releases. An element that is stale is left out whole; the others are written.
    pub async fn commit(&self, effects: &[Effects], fences: &[(Uuid, i64)], now: Timestamp) -> Result<Vec<Committed>> {
        todo!()
    }

    /// Decided mails that still lie in the inbox, oldest arrival first.
    pub async fn unfiled(&self, mailbox: &str, limit: usize) -> Result<Vec<Unfiled>> {
        todo!()
    }

    /// Notes that the mailbox has filed these.
    pub async fn mark_filed(&self, ids: &[Uuid], now: Timestamp) -> Result<()> {
        todo!()
    }

    /// Claims mails that may leave now: staff first, then answers, then automatic; in order within a lane.
    pub async fn claim_mails(
        &self,
        holder: Uuid,
        limit: usize,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>> {
        todo!()
    }

    /// The bodies of these are out and the final dots are about to be sent. Gives those that are still the caller's:
    /// only they may be finished.
    pub async fn mark_committing(&self, claims: &[(Uuid, i64)], now: Timestamp) -> Result<Vec<Uuid>> {
        todo!()
    }

    /// The server took it. `server_reply`: its answer, kept sealed. `false`: it was no longer the caller's.
    pub async fn mark_sent(&self, id: Uuid, fence: i64, server_reply: &str, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// To be tried again at `retry_at`; `why` is a code.
    pub async fn mark_deferred(
        &self,
        id: Uuid,
        fence: i64,
        retry_at: Timestamp,
        why: &str,
        now: Timestamp,
    ) -> Result<bool> {
        todo!()
    }

    /// Refused, or given up; `why` is a code.
    pub async fn mark_failed(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// The connection was lost behind the final dot: its fate is unknown.
    pub async fn mark_uncertain(&self, id: Uuid, fence: i64, why: &str, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// Gives claimed mails back unsent: they are queued again.
    pub async fn release_mails(&self, claims: &[(Uuid, i64)], now: Timestamp) -> Result<()> {
        todo!()
    }

    /// Mails whose lease ran out: claimed ones are queued again, committing ones are of unknown fate now.
    pub async fn recover_mails(&self, now: Timestamp) -> Result<RecoveredMails> {
        todo!()
    }

    /// Mails of unknown fate for which evidence was not yet looked for in vain, oldest first.
    pub async fn uncertain_mails(&self, limit: usize) -> Result<Vec<UncertainMail>> {
        todo!()
    }

    /// Writes what was found out about a mail of unknown fate. An automatic mail is never sent again by this, nor is
    /// any mail sent a third time: it then stays uncertain, and `false` is given.
    pub async fn resolve_uncertain(&self, id: Uuid, resolution: Resolution, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// A person queues a mail again that is deferred, failed, uncertain, withheld or waits for a secure way.
    pub async fn retry_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// A person cancels a mail that is not yet on its way.
    pub async fn cancel_mail(&self, id: Uuid, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// The copy in the Sent folder bears another Message-ID: both are known from now on.
    pub async fn record_sent_copy(&self, id: Uuid, other_message_id: &str, now: Timestamp) -> Result<()> {
        todo!()
    }

    /// Mails in a list, newest first: those not `sent`, or `all`.
    pub async fn outbox(&self, desk: Option<&str>, all: bool) -> Result<Vec<OutboxRow>> {
        todo!()
    }

    /// One mail.
    pub async fn mail(&self, id: Uuid) -> Result<Option<StoredMail>> {
        todo!()
    }

    /// Running clocks that are due, oldest first.
    pub async fn due_clocks(&self, now: Timestamp, limit: usize) -> Result<Vec<ClockRow>> {
        todo!()
    }

    /// The next instant at which a clock is due or a mail may leave; it may be past already.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        todo!()
    }

    /// Takes or prolongs the named lock; `false`: another holder has it.
    pub async fn try_lock(&self, name: &str, holder: Uuid, until: Timestamp, now: Timestamp) -> Result<bool> {
        todo!()
    }

    /// Gives the named lock back.
    pub async fn unlock(&self, name: &str, holder: Uuid) -> Result<()> {
        todo!()
    }

    /// A case, by its row.
    pub async fn case_state(&self, id: Uuid) -> Result<Option<Case>> {
        todo!()
    }

    /// A case, by its number.
    pub async fn case_by_number(&self, desk: &str, number: &CaseNumber) -> Result<Option<Case>> {
        todo!()
    }

    /// A pending request, by its row.
    pub async fn pending_state(&self, id: Uuid) -> Result<Option<Pending>> {
        todo!()
    }

    /// An inbound message, by its row.
    pub async fn message_state(&self, id: Uuid) -> Result<Option<MessageRow>> {
        todo!()
    }

    /// Whether an address bounced hard and no specialist has looked since.
    pub async fn bounced_hard(&self, desk: &str, address: &EmailAddress) -> Result<bool> {
        todo!()
    }

    /// Cases, newest first.
    pub async fn cases(&self, desk: Option<&str>, open_only: bool) -> Result<Vec<CaseRow>> {
        todo!()
    }

    /// Every case with this number, whole; more than one only where two desks share a prefix.
    pub async fn case_view(&self, number: &CaseNumber) -> Result<Vec<CaseView>> {
        todo!()
    }

    /// Held messages, oldest first.
    pub async fn held(&self, desk: Option<&str>) -> Result<Vec<HeldRow>> {
        todo!()
    }

    /// Open pending requests, oldest first.
    pub async fn pendings(&self, desk: Option<&str>) -> Result<Vec<PendingRow>> {
        todo!()
    }

    /// How many messages were decided how since `since`.
    pub async fn decisions_since(&self, desk: &str, since: Timestamp) -> Result<Vec<(Decision, u64)>> {
        todo!()
    }

    /// Reads every chain and checkpoint and tells what does not hold.
    pub async fn audit_verify(&self) -> Result<AuditReport> {
        todo!()
    }

    /// Writes a checkpoint over the heads of all chains.
    pub async fn audit_checkpoint(&self, now: Timestamp) -> Result<()> {
        todo!()
    }

    /// Purges sealed content older than `before`: raw bytes and texts of decided messages, contents of audit rows.
    /// Gives how many rows lost theirs. The audit chains stay whole.
    pub async fn purge_content(&self, desk: &str, before: Timestamp) -> Result<u64> {
        todo!()
    }
}

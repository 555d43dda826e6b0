//! A case: its status, its events, its clocks and the lawful steps between them.

pub mod assign;
pub mod commands;
pub mod course;
pub mod standing;
pub mod worklist;

use crate::address::EmailAddress;
use crate::case::course::Course;
use crate::desk::promises::Sort;
use crate::words::numbers::{CaseNumber, PendingToken};
use crate::words::{Fields, LineId, MemberName, Status, word_enum};
use jiff::Timestamp;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An accepted request, whole: what its row holds. A commit writes it if `version` is still the row's (0: a new row).
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its row.
    pub id: Uuid,
    /// The version that this state was made from; the commit writes `version + 1`.
    pub version: i64,
    /// The desk's id.
    pub desk: String,
    /// Its number, unique in the desk.
    pub number: CaseNumber,
    /// Its line.
    pub line: Option<LineId>,
    /// Its type, in the desk's words.
    pub kind: Option<String>,
    /// Its priority, in the desk's words.
    pub priority: Option<String>,
    /// Its status.
    pub status: Status,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// Who asked.
    pub requester: EmailAddress,
    /// The requester's name, where given.
    pub requester_name: Option<String>,
    /// The requester and whom they had on Cc; only they may add to it.
    pub participants: Vec<EmailAddress>,
    /// Whether the requester was external when the case was opened. Which side they are on now is asked for each mail.
    pub external: bool,
    /// Who works it.
    pub specialist: Option<EmailAddress>,
    /// When they were given it.
    pub assigned_at: Option<Timestamp>,
    /// The member, and the values by field id; further entries where one request has several.
    pub entries: Vec<Entry>,
    /// The canonical subject, without the tag: what all its mail bears.
    pub subject: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its closing mail went out.
    pub resolved_at: Option<Timestamp>,
    /// Cases that it belongs with.
    pub links: Vec<Uuid>,
    /// What the next update to the requester says, where a specialist has said it.
    pub next_words: Option<String>,
    /// Since when its clocks stand, and what its status was before.
    pub paused: Option<Pause>,
    /// The end of the day until which it is to wait for somebody, as staff recorded it: no follow-up comes before.
    pub waits_until: Option<Timestamp>,
    /// The case that it was merged into: where its mail goes now.
    pub merged_into: Option<Uuid>,
    /// How far it has come: its number told or not, the steps that it climbed.
    pub course: Course,
}

/// A pause of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pause {
    /// When it began.
    pub since: Timestamp,
    /// The status that comes back when it ends.
    pub status: Status,
}

/// One member of a case with what was given about them.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// The member.
    pub member: MemberName,
    /// Values by field id.
    pub fields: Fields,
}

/// A returned request that waits to be completed. Written as a case is.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Its row.
    pub id: Uuid,
    /// The version that this state was made from; 0: a new row.
    pub version: i64,
    /// The desk's id.
    pub desk: String,
    /// Its token.
    pub token: PendingToken,
    /// The number that it bears already, where the desk numbers returns: its case keeps it.
    pub number: Option<CaseNumber>,
    /// Who asked.
    pub requester: EmailAddress,
    /// The requester and whom they had on Cc.
    pub participants: Vec<EmailAddress>,
    /// What was given so far: `intake`'s request, as JSON.
    pub request: serde_json::Value,
    /// Ids of the required fields still missing or unusable, and other reasons' codes: what `pending --json` shows.
    pub missing: Vec<String>,
    /// The texts that we sent in its thread.
    pub sent: Vec<String>,
    /// The subject, without marks and tags.
    pub subject: String,
    /// The member, where known.
    pub member: Option<MemberName>,
    /// Whether any message of it was urgent.
    pub urgent: bool,
    /// How it stands.
    pub state: PendingState,
    /// The case that it became.
    pub case: Option<Uuid>,
    /// When it was first returned.
    pub opened_at: Timestamp,
    /// The newest mail of its thread, either way.
    pub newest_at: Timestamp,
}

word_enum! {
    /// How a pending request stands.
    PendingState {
        /// Waits for the requester.
        Open = "open",
        /// Became a case.
        Completed = "completed",
        /// Silent for too long; a completing reply may still be accepted.
        Closed = "closed",
        /// The same requester's same member was accepted by another way.
        Superseded = "superseded",
    }
}

word_enum! {
    /// What a clock is for.
    ClockKind {
        /// A specialist's answer is owed.
        Respond = "respond",
        /// The specialist is nudged at the opening of the day on which the answer is due.
        RespondNudge = "respond_nudge",
        /// An update is owed.
        Update = "update",
        /// The specialist is nudged at the opening of the business day before an update is due.
        UpdateNudge = "update_nudge",
        /// A dated pause ends.
        PauseEnd = "pause_end",
        /// The specialist is nudged about a pause without an end.
        PauseNudge = "pause_nudge",
        /// The specialist is nudged on the day until which a case was to wait.
        WaitNudge = "wait_nudge",
        /// A case of a priority that cannot wait for the day's assignment is given to somebody.
        AssignAtOnce = "assign_at_once",
        /// Nothing was done about a case for as long as its priority allows: its supervisor is told.
        FollowUp = "follow_up",
        /// The next step of the ladder is taken by itself.
        Step = "step",
        /// What was accepted is given to specialists.
        Assign = "assign",
        /// Each specialist gets the list of their open cases.
        Worklist = "worklist",
        /// The desk's supervisors get their digest.
        Digest = "digest",
        /// A silent pending request is closed.
        PendingClose = "pending_close",
        /// A held message untouched is told to the supervisor.
        HeldUntouched = "held_untouched",
    }
}

word_enum! {
    /// How a clock stands.
    ClockState {
        /// It will be due.
        Running = "running",
        /// It stands still.
        Paused = "paused",
        /// What it promised was done in time or at its instant.
        Met = "met",
        /// Its instant passed first.
        Breached = "breached",
        /// It no longer matters.
        Ended = "ended",
    }
}

impl ClockKind {
    /// The order of what is due at the same instant: a pause that ends lets the others speak, and what reminds of a
    /// promise goes before what breaks or keeps it.
    pub fn rank(self) -> u8 {
        match self {
            Self::PauseEnd => 0,
            Self::RespondNudge | Self::UpdateNudge => 1,
            // What is given when the desk opens has a mail of its own, and stands in the next morning's list.
            Self::AssignAtOnce => 3,
            // Whoever is given the case at that instant is asked.
            Self::FollowUp => 4,
            // What it tells is done before.
            Self::Digest => 5,
            _ => 2,
        }
    }
}

/// What a clock is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockOf {
    /// A case.
    Case(Uuid),
    /// A pending request.
    Pending(Uuid),
    /// A held message.
    Message(Uuid),
    /// A whole desk: what [`ClockOf::desk`] makes of its id.
    Desk(Uuid),
}

impl ClockOf {
    /// The desk with this id, as clocks know it: the first bytes of the id's SHA-256.
    pub fn desk(id: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
        Self::Desk(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// One promise: kept as the local time that was promised, with zone and calendar version, and as the instant.
/// Unique on (of, kind, due).
#[derive(Clone, Debug, PartialEq)]
pub struct ClockRow {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// What it is about.
    pub of: ClockOf,
    /// What it is for.
    pub kind: ClockKind,
    /// When it started.
    pub started: Timestamp,
    /// The local promise.
    pub due_local: DateTime,
    /// The zone of `due_local`: an IANA name.
    pub zone: String,
    /// The instant.
    pub due: Timestamp,
    /// The version of the calendar that made it.
    pub calendar_version: String,
    /// How it stands.
    pub state: ClockState,
}

word_enum! {
    /// What happened, for the history and the audit trail.
    EventKind {
        /// A message was decided (desk's chain).
        Decided = "decided",
        /// A case was opened.
        CaseOpened = "case_opened",
        /// A message was added to a case or pending request.
        MessageAttached = "message_attached",
        /// A resolved case was opened again.
        Reopened = "reopened",
        /// A case was given to a specialist.
        Assigned = "assigned",
        /// Nobody was there to work a case.
        Unassigned = "unassigned",
        /// An update was sent to the requester.
        Updated = "updated",
        /// The specialist was reminded of a promise.
        Nudged = "nudged",
        /// A promise was missed.
        Breached = "breached",
        /// A specialist's answer went to the requester, or one that was given by hand was seen.
        Answered = "answered",
        /// It was resolved.
        Resolved = "resolved",
        /// Its clocks were stopped.
        Paused = "paused",
        /// Its clocks go on.
        Resumed = "resumed",
        /// A specialist set the date of the next update.
        NextUpdateSet = "next_update_set",
        /// A specialist gave the words of the next update.
        UpdateWords = "update_words",
        /// Its line, a field or its priority was corrected.
        Corrected = "corrected",
        /// An opportunity for communications, coaching, training or process improvement was noted.
        Opportunity = "opportunity",
        /// A person sent the request back to the requester.
        SentBack = "sent_back",
        /// A person told the requester where to take it.
        SentElsewhere = "sent_elsewhere",
        /// A requester asked for a supervisor.
        SupervisorAsked = "supervisor_asked",
        /// A step of the ladder was taken.
        StepTaken = "step_taken",
        /// An inquiry became a case whose number is told.
        Escalated = "escalated",
        /// What came of a step was told to the requester.
        StepReviewed = "step_reviewed",
        /// It was put on a list that the desk keeps.
        Listed = "listed",
        /// A note went to a teammate in the place of a case.
        Noted = "noted",
        /// It was joined with another case.
        Merged = "merged",
        /// A message of it became a case of its own.
        Split = "split",
        /// A member of staff's commands were carried out.
        CommandsDone = "commands_done",
        /// A member of staff's commands were refused.
        CommandsRefused = "commands_refused",
        /// A member of staff said when they are away (desk's chain).
        AbsenceSet = "absence_set",
        /// A case became urgent.
        MarkedUrgent = "marked_urgent",
        /// A case was linked with another.
        Linked = "linked",
        /// A case's status changed.
        StatusChanged = "status_changed",
        /// A note for staff.
        Note = "note",
        /// A request was returned.
        PendingOpened = "pending_opened",
        /// A pending request was decided again and is still short of something.
        PendingChanged = "pending_changed",
        /// A pending request became a case.
        PendingCompleted = "pending_completed",
        /// A pending request was closed for silence, or by another acceptance.
        PendingClosed = "pending_closed",
        /// A mail was queued.
        MailQueued = "mail_queued",
        /// A mail left.
        MailSent = "mail_sent",
        /// A mail was refused or given up.
        MailFailed = "mail_failed",
        /// Whether a mail left is unknown.
        MailUncertain = "mail_uncertain",
        /// A mail was cancelled by a person or because it no longer matters.
        MailCancelled = "mail_cancelled",
        /// A mail was queued again by a person.
        MailRetried = "mail_retried",
        /// A mail goes no further: no secure way leads to its recipient.
        MailWaits = "mail_waits",
        /// A mail that waited for a secure way was queued, because there is one now.
        MailReleased = "mail_released",
        /// Automatic mail was stopped: by the breaker, or by a person (desk's chain).
        OutboxStopped = "outbox_stopped",
        /// Automatic mail begins to leave again, a few at first (desk's chain).
        OutboxReturning = "outbox_returning",
        /// Automatic mail leaves as ever again (desk's chain).
        OutboxReleased = "outbox_released",
        /// A delivery report about mail of ours came in.
        Bounced = "bounced",
        /// A person released what was held.
        HeldReleased = "held_released",
        /// The supervisor was told of what is held untouched.
        HeldUntouched = "held_untouched",
        /// The key of reply tokens was rotated, and older ones perhaps retired (desk's chain).
        TokenKeyRotated = "token_key_rotated",
        /// A changed policy was taken up without a restart (desk's chain).
        DeskReloaded = "desk_reloaded",
        /// Somebody looked at member data in the console or the portal.
        Viewed = "viewed",
        /// Member data left by an export: a history, a list, an attachment.
        Exported = "exported",
        /// A link to the portal was used up by a browser.
        PortalLinkUsed = "portal_link_used",
        /// Somebody signed in (desk's chain).
        SignedIn = "signed_in",
        /// Somebody failed to sign in (desk's chain).
        SignInFailed = "sign_in_failed",
        /// An account was made, changed or ended (desk's chain).
        AccountChanged = "account_changed",
        /// The supervisors' digest was written (desk's chain).
        DigestWritten = "digest_written",
        /// What was sent wrongly was corrected or withdrawn by a further mail.
        SentCorrected = "sent_corrected",
        /// A clock started.
        ClockStarted = "clock_started",
        /// A clock was met, breached or ended.
        ClockEnded = "clock_ended",
    }
}

word_enum! {
    /// As what a message stands in a case.
    LinkRole {
        /// It opened it.
        Opened = "opened",
        /// A participant's.
        Participant = "participant",
        /// The same request again.
        Duplicate = "duplicate",
        /// Somebody of an internal domain: a note to the specialist.
        Internal = "internal",
        /// Staff.
        Staff = "staff",
        /// An answer that somebody sent by hand from the desk's own mailbox.
        ByHand = "by_hand",
        /// A machine's: out-of-office and the like.
        Automatic = "automatic",
        /// A delivery report.
        Bounce = "bounce",
        /// Somebody who is no participant wrote in the thread: judged on its own, noted here for staff.
        Stranger = "stranger",
    }
}

impl LinkRole {
    /// Whether the message's words stand in the case as a person's: not a machine's, nor a stranger's.
    pub fn bears_words(self) -> bool {
        !matches!(self, Self::Automatic | Self::Bounce | Self::Stranger)
    }
}

impl Case {
    /// Its type and its priority.
    pub fn sort(&self) -> Sort<'_> {
        Sort { kind: self.kind.as_deref(), priority: self.priority.as_deref() }
    }

    /// What was given in its fields, for the duplicate rule.
    pub fn given_texts(&self) -> Vec<String> {
        self.entries.iter().flat_map(|entry| entry.fields.values().cloned()).collect()
    }

    /// Whether work on it goes on.
    pub fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }

    /// The first entry's fields.
    pub fn fields(&self) -> &Fields {
        static NONE: Fields = Fields::new();
        self.entries.first().map_or(&NONE, |entry| &entry.fields)
    }

    /// The first entry's member.
    pub fn member(&self) -> MemberName {
        self.entries.first().map(|entry| entry.member.clone()).unwrap_or_default()
    }
}

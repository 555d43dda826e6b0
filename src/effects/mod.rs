//! What a trigger writes: one value that lists all events, mails, clocks and filing that one commit will hold.
//!
//! Nothing else writes cases, decisions or new mail. `store.commit(&[Effects])` writes them in one transaction and
//! checks the versions that they were decided from; what was decided on a stale state is decided again.

mod case_work;
mod clocks;
mod console;
pub mod enclosures;
pub mod explained;
pub mod generated;
mod ladder;
mod letters;
pub mod of_act;
pub mod of_assignment;
pub mod of_case_clock;
pub mod of_clock;
pub mod of_correction;
pub mod of_desk;
pub mod of_digest;
pub mod of_follow_up;
pub mod of_message;
pub mod of_portal;
pub mod of_release;
pub mod of_sent;
pub mod of_staff;
pub mod of_worklist;
mod outside;
pub mod overlay;
mod plain;
mod records;
mod staff_addresses;

pub use console::{BY_PERSON, CONSOLE, CORRECTED, ClockAgain, MailChange, WrittenHere};
pub use enclosures::Enclosed;
pub use generated::Generated;
pub use letters::{Thread, portal_link_mark};
pub use outside::{Door, door};
pub use records::{ListEntry, ListedContent};

use crate::address::{EmailAddress, Mailbox};
use crate::case::standing::Target;
use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState, EventKind, LinkRole, Pending};
use crate::desk::GatewayMark;
use crate::words::{Automatic, Decision, LineId, Reason, Template, Trace, Variant, Warning, word_enum};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use uuid::Uuid;

/// All that one trigger writes.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The desk's id.
    pub desk: String,
    /// When it was decided.
    pub at: Timestamp,
    /// The decision about a message, where a message was the trigger.
    pub decided: Option<Decided>,
    /// The clocks that were the trigger: written as no longer running, if they still run; if not, nothing is written.
    pub clocks_ended: Vec<ClockEnd>,
    /// Cases, new (version 0) or changed.
    pub cases: Vec<Case>,
    /// Pending requests, new or changed.
    pub pendings: Vec<Pending>,
    /// Which message belongs to which case or pending request, as what.
    pub links: Vec<MessageLink>,
    /// What happened: each becomes a row of the audit trail.
    pub events: Vec<EventWrite>,
    /// Mails to send.
    pub mails: Vec<OutgoingMail>,
    /// Clocks that start. One that stands already (same of, kind and due) is left as it is.
    pub clocks: Vec<ClockRow>,
    /// Addresses that bounced hard, or that a specialist has looked at again.
    pub requesters: Vec<RequesterWrite>,
    /// Mails of ours that a report is about: (Message-ID, bounced hard).
    pub bounced_mails: Vec<(String, bool)>,
    /// Other messages that are decided by this: what a member of staff's mail releases.
    pub released: Vec<Decided>,
    /// Days on which members of staff are away.
    pub absences: Vec<AbsenceWrite>,
    /// What a person wrote in the console, where that was the trigger.
    pub written_here: Option<WrittenHere>,
    /// Mails of ours that a person withdraws or takes up again.
    pub mail_changes: Vec<MailChange>,
    /// Clocks that were met and are owed again.
    pub clocks_again: Vec<ClockAgain>,
    /// Mails that waited for a secure way and leave now: where one no longer waits, nothing is written.
    pub mails_released: Vec<MailRelease>,
    /// Entries of the desk's lists. One that stands already is left as it is.
    pub listed: Vec<ListEntry>,
}

impl Effects {
    /// Takes in what `other`, of the same desk and instant, writes; a message that it decides is released by this.
    pub(crate) fn join(&mut self, other: Self) {
        self.released.extend(other.decided);
        self.released.extend(other.released);
        self.clocks_ended.extend(other.clocks_ended);
        self.cases.extend(other.cases);
        self.pendings.extend(other.pendings);
        self.links.extend(other.links);
        self.events.extend(other.events);
        self.mails.extend(other.mails);
        self.clocks.extend(other.clocks);
        self.requesters.extend(other.requesters);
        self.bounced_mails.extend(other.bounced_mails);
        self.absences.extend(other.absences);
        self.written_here = self.written_here.take().or(other.written_here);
        self.mail_changes.extend(other.mail_changes);
        self.clocks_again.extend(other.clocks_again);
        self.mails_released.extend(other.mails_released);
        self.listed.extend(other.listed);
    }

    /// Every message that this decides.
    pub fn decisions(&self) -> impl Iterator<Item = &Decided> {
        self.decided.iter().chain(&self.released)
    }

    /// Writes that the member of staff with this address is away, with its event in the desk's chain.
    pub fn set_absence(&mut self, write: AbsenceWrite) {
        let content = serde_json::json!({ "staff": write.email, "from": write.from, "to": write.to });
        self.events.push(EventWrite {
            chain: Chain::Desk,
            kind: EventKind::AbsenceSet,
            ids: BTreeMap::new(),
            content: Some(content),
        });
        self.absences.push(write);
    }
}

/// One message's decision, as its row keeps it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The message's row. Its state must still be undecided (or held, when a person releases it).
    pub message: Uuid,
    /// Whether this decides again what a person released from `hold`, or overruled.
    pub releases_held: bool,
    /// The decision that a person overrules; `None`: the message was held, or is decided for the first time.
    pub overrules: Option<Decision>,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Which rules were tried.
    pub trace: Trace,
    /// What kind of machine wrote it.
    pub automatic: Option<Automatic>,
    /// The line.
    pub line: Option<LineId>,
    /// Out-of-scope topics asked about.
    pub topics: Vec<String>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// When it arrived, for the limits.
    pub arrived: Timestamp,
    /// The hash of its bytes, as `Message::content_hash` has it; `None` where there were none.
    pub content_hash: Option<[u8; 32]>,
    /// Its Message-ID, by which later mail of its thread finds it.
    pub message_id: Option<String>,
    /// The version of its author that it was decided from, see `SenderFacts::version`: two messages of one author that
    /// are decided at the same time do not miss each other. `None` where nobody wrote it, or it need not be checked.
    pub author_version: Option<i64>,
    /// Who wrote it (or claims to): the row's `author_key`.
    pub author: Option<Mailbox>,
    /// The decoded subject.
    pub subject: String,
    /// The sender's new words, for the case's conversation and later comparisons.
    pub visible_text: String,
    /// Its parts that are not the body, by name, type and size.
    pub attachments: Vec<crate::message::Attachment>,
    /// What was read, `intake`'s request as JSON.
    pub request: serde_json::Value,
    /// Hash of the own words, for the limits.
    pub words_hash: String,
    /// Hash of the subject, for the limits.
    pub subject_hash: String,
    /// Whether it gets an automatic reply (queued or withheld), for the limits.
    pub gets_reply: bool,
    /// Whether it answers mail of ours that went to somebody else, for the limits.
    pub from_stranger: bool,
    /// Where the mailbox files it.
    pub folder: Folder,
}

word_enum! {
    /// Where a message is filed in the mailbox, so that whoever opens it sees what became of each mail.
    Folder {
        /// Became a case.
        Accepted = "Accepted",
        /// Returned.
        Returned = "Returned",
        /// Sent elsewhere.
        Redirected = "Redirected",
        /// Mixed.
        Rejected = "Rejected",
        /// Added to a case or pending request.
        Attached = "Attached",
        /// The same request again.
        Duplicates = "Duplicates",
        /// Delivery reports.
        Bounces = "Bounces",
        /// Waits for a person.
        Held = "Held",
        /// Machines, spam, repetitions.
        Ignored = "Ignored",
    }
}

impl Folder {
    /// The folder of a decision.
    pub fn of(decision: Decision) -> Self {
        match decision {
            Decision::Bounce => Self::Bounces,
            Decision::Ignore => Self::Ignored,
            Decision::Hold => Self::Held,
            Decision::Attach => Self::Attached,
            Decision::Redirect => Self::Redirected,
            Decision::RejectMixed => Self::Rejected,
            Decision::Return => Self::Returned,
            Decision::Duplicate => Self::Duplicates,
            Decision::Accept => Self::Accepted,
        }
    }
}

/// A clock that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockEnd {
    /// Which: its row, or all running ones of something.
    pub which: ClockChoice,
    /// How it stands afterwards.
    pub state: ClockState,
}

/// Which clocks end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChoice {
    /// This row; it is the trigger: when it no longer runs, the whole of the effects is stale.
    Row(Uuid),
    /// Every running or paused clock of this; none is fine.
    AllOf(ClockOf),
    /// Every running or paused clock of this and this kind; none is fine. Not beside [`ClockChoice::AllOf`] of the same.
    Kind(ClockOf, ClockKind),
}

/// How a message belongs to a case or pending request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLink {
    /// The message's row.
    pub message: Uuid,
    /// What it belongs to.
    pub target: Target,
    /// As what.
    pub role: LinkRole,
}

/// What happened. Becomes a row of a hash chain: `ids` in clear, `content` sealed with its salted digest in the chain.
#[derive(Clone, Debug)]
pub struct EventWrite {
    /// Whose chain.
    pub chain: Chain,
    /// What.
    pub kind: EventKind,
    /// Row ids, codes and numbers; never names, addresses or texts.
    pub ids: BTreeMap<String, String>,
    /// Member data and texts.
    pub content: Option<serde_json::Value>,
}

/// Whose hash chain an event stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chain {
    /// A case's.
    Case(Uuid),
    /// The desk's, for the rest.
    Desk,
}

word_enum! {
    /// What a mail is, for order, crash recovery and limits.
    MailClass {
        /// Automatic mail to a requester: never sent twice.
        Automatic = "automatic",
        /// A specialist's answer.
        Answer = "answer",
        /// A notice that something waits in the portal.
        PortalNotice = "portal_notice",
        /// To staff.
        Staff = "staff",
    }
}

impl MailClass {
    /// Whether a mail whose fate is unknown is sent once more, byte for byte the same (DESIGN.md, invariant 3).
    pub fn is_sent_again_when_uncertain(self) -> bool {
        !matches!(self, Self::Automatic)
    }
}

word_enum! {
    /// How an outgoing mail stands.
    MailState {
        /// Waits for its turn.
        Queued = "queued",
        /// A session has it; nothing has been promised to the server.
        Claimed = "claimed",
        /// The body is out and the final dot is about to be sent.
        Committing = "committing",
        /// The server took it.
        Sent = "sent",
        /// To be tried again.
        Deferred = "deferred",
        /// Refused, or given up.
        Failed = "failed",
        /// Will not be sent.
        Cancelled = "cancelled",
        /// Whether the server took it is unknown.
        Uncertain = "uncertain",
        /// Waits for a secure way.
        WaitingSecure = "waiting_secure",
        /// Past the sender's limit: listed, not sent.
        Withheld = "withheld",
    }
}

/// A mail to send: fixed when it is queued, so that sending it again is byte for byte the same.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingMail {
    /// Its row.
    pub id: Uuid,
    /// The desk's id.
    pub desk: String,
    /// The template: header `X-Mailclerk-Template`.
    pub template: Template,
    /// The wording.
    pub variant: Variant,
    /// What it is.
    pub class: MailClass,
    /// How it starts: `Queued`, `WaitingSecure`, `Withheld`, or `Sent` where it is read in the portal and goes nowhere else.
    pub state: MailState,
    /// The desk's mailbox with its name.
    pub from: Mailbox,
    /// The one recipient.
    pub to: Mailbox,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Attachments that came in with messages: their content is taken from there when the mail is sent.
    pub attachments: Vec<Enclosed>,
    /// Files that were made for it.
    pub generated: Vec<Generated>,
    /// Our Message-ID, without brackets.
    pub message_id: String,
    /// What it answers, without brackets.
    pub in_reply_to: Option<String>,
    /// The thread, oldest first, without brackets.
    pub references: Vec<String>,
    /// `Date`.
    pub date: Timestamp,
    /// `auto-replied` or `auto-generated`; `None` on a person's answer.
    pub auto_submitted: Option<&'static str>,
    /// The case's number: header `X-Mailclerk-Case`.
    pub case_number: Option<String>,
    /// The case or pending request that it is about.
    pub about: Option<Target>,
    /// The inbound message that it replies to; at most one automatic mail to a requester for each.
    pub replies_to: Option<Uuid>,
    /// Not before this instant.
    pub not_before: Timestamp,
    /// What tells the organisation's gateway, on a mail that leaves through it.
    pub gateway: Option<GatewayMark>,
}

/// A mail that waited for a secure way and is queued now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRelease {
    /// Its row.
    pub mail: Uuid,
    /// What tells the gateway; `None` where its recipient is no longer outside.
    pub gateway: Option<GatewayMark>,
    /// It is read in the portal and does not leave.
    pub portal: bool,
}

impl OutgoingMail {
    /// Mail of one lane leaves in order: one lane for each person and case (or pending request).
    pub fn lane(&self) -> String {
        let about = match self.about {
            Some(Target::Case(id) | Target::Pending(id)) => id.to_string(),
            None => "-".to_owned(),
        };
        format!("{about} {}", self.to.address.key())
    }
}

/// Days away of one member of staff, told by command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceWrite {
    /// Whose.
    pub email: EmailAddress,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// What changes about a requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequesterWrite {
    /// Whose row.
    pub address: EmailAddress,
    /// Whether the address bounced hard.
    pub bounced_hard: bool,
}

//! What a day is made from: facts as the store reads them from its rows, in one state of the database, nothing counted
//! yet. What counts how is in docs/digest.md.

use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId, Reason, Status, Template, word_enum};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Instants between which the store looks: `from` is in, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Stretch {
    /// Whether `at` lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// Which facts are asked for.
#[derive(Clone, Copy, Debug)]
pub struct FactsAsked {
    /// Reading, decisions, events and answers.
    pub all: Stretch,
    /// Response times.
    pub columns: Stretch,
    /// Whether the number of open cases is asked for too.
    pub open: bool,
    /// Whether what stands now is asked for too.
    pub now: bool,
}

/// All facts of a desk. Those with an instant lie in the stretch that was asked for, and in no order that matters.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Messages that were read, mail of Sent folders left out: when, and the line of the newest decision.
    pub read: Vec<(Timestamp, Option<LineId>)>,
    /// Decisions as they were made, also those that a person overruled since.
    pub decisions: Vec<DecisionFact>,
    /// What happened to cases.
    pub events: Vec<CaseEvent>,
    /// Answers by mail that left: when, and about which case.
    pub answers: Vec<(Timestamp, Option<Uuid>)>,
    /// Every case that an event, an answer or a history is about.
    pub cases: HashMap<Uuid, CaseFact>,
    /// The whole history, oldest first, of each case that was acknowledged or answered in the stretch of the columns.
    pub histories: BTreeMap<Uuid, Vec<HistoryFact>>,
    /// When the response clocks of those cases started.
    pub promised_from: BTreeMap<Uuid, Vec<Timestamp>>,
    /// Addresses of those whose requests were returned most, by their key.
    pub agents: BTreeMap<String, EmailAddress>,
    /// How many cases of each line are open now; `None` where a day is too far back to be reckoned from them.
    pub open_now: Option<Vec<(Option<LineId>, u64)>>,
    /// What stands open now; `None` where a past day is told.
    pub now: Option<NowFacts>,
}

/// One decision about one message.
#[derive(Clone, Debug)]
pub struct DecisionFact {
    /// When it was made.
    pub at: Timestamp,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Out-of-scope topics asked about.
    pub topics: Vec<String>,
    /// The line, where one was read.
    pub line: Option<LineId>,
    /// The key of whoever wrote the message.
    pub author: Option<String>,
    /// Whether a person decided anew.
    pub again: bool,
}

/// Something that happened to a case.
#[derive(Clone, Debug)]
pub struct CaseEvent {
    /// Its case.
    pub case: Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Codes that belong to it.
    pub ids: BTreeMap<String, String>,
}

/// An event of a case's history, as response times are made from it.
#[derive(Clone, Debug)]
pub struct HistoryFact {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Codes that belong to it.
    pub ids: BTreeMap<String, String>,
}

/// What is told of a case that figures speak of.
#[derive(Clone, Debug)]
pub struct CaseFact {
    /// Its number.
    pub number: CaseNumber,
    /// Its line, as it stands now.
    pub line: Option<LineId>,
}

/// What stands now.
#[derive(Clone, Debug, Default)]
pub struct NowFacts {
    /// Every open case.
    pub open: Vec<OpenFact>,
    /// Messages that are held.
    pub held: Vec<HeldFact>,
    /// Mails that wait for a secure way, failed, are of unknown fate or were withheld.
    pub unsettled: Vec<MailFact>,
    /// Addresses that bounced hard and that nobody has looked at since.
    pub unreachable: Vec<UnreachableFact>,
    /// What is wrong with a changed policy that was refused; the store knows nothing of it.
    pub policy_faults: Vec<String>,
}

/// An open case.
#[derive(Clone, Debug)]
pub struct OpenFact {
    /// Its row.
    pub id: Uuid,
    /// Its number.
    pub number: CaseNumber,
    /// Its line.
    pub line: Option<LineId>,
    /// Its status.
    pub status: Status,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// Who has it.
    pub specialist: Option<EmailAddress>,
    /// Its canonical subject: member data.
    pub subject: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the answer is due, while its clock runs.
    pub respond_due: Option<Timestamp>,
    /// When its dated pause ends.
    pub pause_ends: Option<Timestamp>,
    /// Since when it is paused.
    pub paused_since: Option<Timestamp>,
    /// When the answer was due that has not been given, where the promise was broken.
    pub missed: Option<Timestamp>,
}

/// A held message.
#[derive(Clone, Debug)]
pub struct HeldFact {
    /// Its row.
    pub id: Uuid,
    /// The line, where one was read.
    pub line: Option<LineId>,
    /// Why it is held.
    pub reasons: Vec<Reason>,
    /// Since when.
    pub at: Timestamp,
}

word_enum! {
    /// How a mail stands that somebody must look at: the outbox's words.
    Unsettled {
        /// Waits for a secure way.
        WaitingSecure = "waiting_secure",
        /// Refused, or given up.
        Failed = "failed",
        /// Whether it went out is unknown.
        Uncertain = "uncertain",
        /// Past the sender's limit, or to an address that takes no mail.
        Withheld = "withheld",
    }
}

/// A mail that somebody must look at.
#[derive(Clone, Debug)]
pub struct MailFact {
    /// Its row.
    pub id: Uuid,
    /// The template.
    pub template: Template,
    /// How it stands.
    pub state: Unsettled,
    /// Since when.
    pub since: Timestamp,
    /// Its case's number.
    pub case: Option<String>,
    /// The line of its case.
    pub line: Option<LineId>,
}

/// An address that bounced hard.
#[derive(Clone, Debug)]
pub struct UnreachableFact {
    /// The address.
    pub address: EmailAddress,
    /// Its open cases: number and line.
    pub cases: Vec<(CaseNumber, Option<LineId>)>,
}

//! What a day is made from: facts as the store reads them, in one state of the database. What can be counted where it
//! stands comes as a number a period and line; what the counts mean is said in docs/digest.md.

use super::day::Scope;
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId, Reason, Status, Template, word_enum};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
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
#[derive(Clone, Debug)]
pub struct FactsAsked {
    /// The lines that are told. Agents are counted of these alone; what else is counted comes line by line.
    pub scope: Scope,
    /// The periods, oldest first; the last is the one that is told.
    pub periods: Vec<Stretch>,
    /// The place of the first period of which all figures are told.
    pub columns: usize,
    /// From the end of the last period up to now, where the number of open cases is asked for too.
    pub since: Option<Stretch>,
    /// Whether what stands now is asked for too.
    pub now: bool,
    /// Whether the subjects of open cases, which bear members' names, are asked for too.
    pub subjects: bool,
}

impl FactsAsked {
    /// All that is looked at, but for what came since.
    pub fn whole(&self) -> Stretch {
        Self::over(&self.periods)
    }

    /// The periods of which all figures are told.
    pub fn told(&self) -> &[Stretch] {
        self.periods.get(self.columns..).unwrap_or_default()
    }

    /// From the first to the last of adjoining stretches.
    pub fn over(stretches: &[Stretch]) -> Stretch {
        let from = stretches.first().map_or(Timestamp::MIN, |first| first.from);
        Stretch { from, to: stretches.last().map_or(from, |last| last.to) }
    }
}

/// All facts of a desk, in no order that matters. What is counted a period bears the period's first instant.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Messages that were read, mail of Sent folders left out, by the line of the newest decision.
    pub read: Vec<Counted>,
    /// Decisions as they were made in the periods of the columns, also those that a person overruled since.
    pub decisions: Vec<DecisionFact>,
    /// What happened to cases: in all periods and since what opens and closes them, in those of the columns all that counts.
    pub events: Vec<EventFact>,
    /// Opportunities that were noted in all periods.
    pub opportunities: Vec<OpportunityFact>,
    /// Answers by mail that left in the periods of the columns.
    pub answers: Vec<Counted>,
    /// Cases that were acknowledged or answered in the periods of the columns.
    pub told: Vec<ToldFact>,
    /// Requests, of all periods and the lines that were asked for, of those whose requests were returned most.
    pub agents: Vec<AgentFact>,
    /// How many cases of each line are open now; `None` where a day is too far back to be reckoned from them.
    pub open_now: Option<Vec<(Option<LineId>, u64)>>,
    /// What stands open now; `None` where a past day is told.
    pub now: Option<NowFacts>,
}

/// How many of something there were in a period.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The period's first instant.
    pub at: Timestamp,
    /// The line.
    pub line: Option<LineId>,
    /// How many.
    pub count: u64,
}

/// Decisions of one kind in a period.
#[derive(Clone, Debug)]
pub struct DecisionFact {
    /// The period's first instant.
    pub at: Timestamp,
    /// The decision.
    pub decision: Decision,
    /// Why, of what was returned.
    pub reasons: Vec<Reason>,
    /// Out-of-scope topics asked about, of what was redirected.
    pub topics: Vec<String>,
    /// The line, where one was read.
    pub line: Option<LineId>,
    /// How many.
    pub count: u64,
}

/// Events of one kind in a period. Answers are those given by hand, and of two cases that were merged the one that went
/// on in the other counts.
#[derive(Clone, Debug)]
pub struct EventFact {
    /// The period's first instant.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// The case's line, as it stands now; of all days but the told one it is read only where lines were asked for.
    pub line: Option<LineId>,
    /// How many.
    pub count: u64,
}

/// Something that could be better.
#[derive(Clone, Debug)]
pub struct OpportunityFact {
    /// When it was noted.
    pub at: Timestamp,
    /// For what.
    pub kind: String,
    /// The case's number.
    pub case: Option<CaseNumber>,
    /// The case's line, as it stands now.
    pub line: Option<LineId>,
}

/// A case whose waits are told.
#[derive(Clone, Debug)]
pub struct ToldFact {
    /// Its row.
    pub case: Uuid,
    /// Its line, as it stands now.
    pub line: Option<LineId>,
    /// Its whole history, oldest first.
    pub history: Arc<Vec<HistoryFact>>,
    /// When its response clocks started, oldest first.
    pub promised_from: Vec<Timestamp>,
}

/// Requests of one agent that were decided alike.
#[derive(Clone, Debug)]
pub struct AgentFact {
    /// Who.
    pub address: EmailAddress,
    /// The decision.
    pub decision: Decision,
    /// Why, of what was returned or rejected.
    pub reasons: Vec<Reason>,
    /// How many.
    pub count: u64,
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
    /// Its priority, in the desk's words.
    pub priority: Option<String>,
    /// Who has it.
    pub specialist: Option<EmailAddress>,
    /// Its canonical subject, member data; empty where it was not asked for.
    pub subject: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the answer is due, while its clock runs.
    pub respond_due: Option<Timestamp>,
    /// Since when its requester waits to hear what came of a step of the ladder.
    pub escalated_at: Option<Timestamp>,
    /// When its dated pause ends.
    pub pause_ends: Option<Timestamp>,
    /// Since when it is paused.
    pub paused_since: Option<Timestamp>,
    /// Since when nothing was done, where its supervisors were told of that.
    pub silent_since: Option<Timestamp>,
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

//! What needs a decision, the gravest first. docs/digest.md says of each what is in it.

use super::day::Scope;
use super::facts::{MailFact, NowFacts, OpenFact, Unsettled};
use super::flow::reason_key;
use crate::address::EmailAddress;
use crate::desk::{Desk, DigestShows};
use crate::words::{LineId, Status, Template, word_enum};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A calendar that ends within so many days is told of.
const CALENDAR_DAYS: i64 = 60;

word_enum! {
    /// Why somebody must decide.
    NeedKind {
        /// The promised answer was not given, and still is not.
        Missed = "missed",
        /// The answer is due by the end of today.
        DueToday = "due_today",
        /// The answer is due by the end of the next business day.
        DueNext = "due_next",
        /// Nothing was done for as long as the case's priority allows, its supervisors were told, and nothing was done since.
        NoActivity = "no_activity",
        /// Cases past the time in which the desk aims to be done with them.
        PastTarget = "past_target",
        /// The case climbed the ladder, and its requester has not heard yet what came of that.
        Escalated = "escalated",
        /// Messages that wait for a person.
        Held = "held",
        /// Nobody has the case, although cases were assigned since it was opened.
        Unassigned = "unassigned",
        /// Whoever has the case is no longer in the policy.
        Unlisted = "unlisted",
        /// Mail that waits for a secure way.
        WaitingSecure = "waiting_secure",
        /// Mail that was refused or given up.
        Failed = "failed",
        /// Mail of unknown fate.
        Uncertain = "uncertain",
        /// Replies that were withheld since the day that is told began.
        Withheld = "withheld",
        /// Addresses that take no mail.
        Unreachable = "unreachable",
        /// Pauses without an end.
        PausedWithoutEnd = "paused_without_end",
        /// A changed policy file is refused, and the former one holds.
        PolicyRefused = "policy_refused",
        /// The list of holidays ends soon.
        CalendarEnds = "calendar_ends",
    }
}

/// One kind of decision, with all that waits for it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Need {
    /// Which.
    pub kind: NeedKind,
    /// How many.
    pub count: usize,
    /// Each of them, the most pressing first.
    pub items: Vec<NeedItem>,
}

/// One thing that waits.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct NeedItem {
    /// The case's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The member, as the case's subject has it: only where the desk's `digest_shows` allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// When it was or is due, or since when it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// A day that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Who has the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialist: Option<EmailAddress>,
    /// Codes: why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Which mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// The held message's row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// The mail's row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<Uuid>,
    /// An agent's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<EmailAddress>,
    /// How many open cases the address has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<usize>,
}

/// All that needs a decision; kinds of which there is none are left out. `since` is when the day that is told began.
pub fn needs(desk: &Desk, scope: &Scope, facts: &NowFacts, now: Timestamp, since: Timestamp) -> Vec<Need> {
    let looks = Looks { desk, scope, facts, now };
    let mut needs = Vec::new();
    for kind in NeedKind::ALL {
        let mut items = looks.items(*kind, since);
        items.sort_by_key(|item| (!item.urgent, item.at, item.case.clone()));
        if !items.is_empty() {
            needs.push(Need { kind: *kind, count: items.len(), items });
        }
    }
    needs
}

/// What is looked at.
struct Looks<'a> {
    desk: &'a Desk,
    scope: &'a Scope,
    facts: &'a NowFacts,
    now: Timestamp,
}

impl Looks<'_> {
    fn items(&self, kind: NeedKind, since: Timestamp) -> Vec<NeedItem> {
        let calendar = &self.desk.calendar;
        let today = calendar.local(self.now).date();
        let next = calendar.next_business_day(today);
        let due_on = |case: &OpenFact| case.respond_due.map(|due| calendar.local(due).date());
        let mail = |state: Unsettled| self.mails(|mail| mail.state == state);
        match kind {
            NeedKind::Missed => self.cases(|case| case.missed),
            NeedKind::DueToday => self.cases(|case| case.respond_due.filter(|_| due_on(case) <= Some(today))),
            NeedKind::DueNext => {
                let is_next = |date: Date| today < date && date <= next;
                self.cases(|case| case.respond_due.filter(|_| due_on(case).is_some_and(is_next)))
            }
            NeedKind::NoActivity => self.cases(|case| case.silent_since),
            NeedKind::PastTarget => self.cases(|case| {
                let target = self.desk.target_of(case.priority.as_deref(), case.opened_at);
                target.map(|target| target.at).filter(|at| *at < self.now)
            }),
            NeedKind::Escalated => self.cases(|case| case.escalated_at),
            NeedKind::Held => self.held(),
            NeedKind::Unassigned => {
                let assigned_at = self.last_assignment(today);
                self.cases(|case| {
                    let is_passed_over = case.specialist.is_none() && case.opened_at < assigned_at;
                    is_passed_over.then_some(case.opened_at)
                })
            }
            NeedKind::Unlisted => self.cases(|case| {
                let gone = case.specialist.as_ref().is_some_and(|email| self.desk.staff_member(email).is_none());
                gone.then_some(case.opened_at)
            }),
            NeedKind::WaitingSecure => mail(Unsettled::WaitingSecure),
            NeedKind::Failed => mail(Unsettled::Failed),
            NeedKind::Uncertain => mail(Unsettled::Uncertain),
            NeedKind::Withheld => self.mails(|mail| mail.state == Unsettled::Withheld && mail.since >= since),
            NeedKind::Unreachable => self.unreachable(),
            NeedKind::PausedWithoutEnd => self.cases(|case| {
                let is_endless = case.status == Status::Paused && case.pause_ends.is_none();
                is_endless.then(|| case.paused_since.unwrap_or(case.opened_at))
            }),
            NeedKind::PolicyRefused => {
                let item = |reason: &String| NeedItem { reasons: vec![reason.clone()], ..NeedItem::default() };
                self.facts.policy_faults.iter().map(item).collect()
            }
            NeedKind::CalendarEnds => self.calendar_ends(today),
        }
    }

    /// Open cases for which `at` gives an instant.
    fn cases(&self, at: impl Fn(&OpenFact) -> Option<Timestamp>) -> Vec<NeedItem> {
        let listed = self.facts.open.iter().filter(|case| self.scope.lists(case.line.as_ref()));
        let item = |case: &OpenFact| {
            Some(NeedItem {
                at: Some(at(case)?),
                case: Some(case.number.0.clone()),
                subject: (self.desk.digest_shows == DigestShows::Names).then(|| case.subject.clone()),
                line: case.line.clone(),
                urgent: case.urgent,
                specialist: case.specialist.clone(),
                ..NeedItem::default()
            })
        };
        listed.filter_map(item).collect()
    }

    fn held(&self) -> Vec<NeedItem> {
        let listed = self.facts.held.iter().filter(|held| self.scope.lists(held.line.as_ref()));
        let item = |held: &super::facts::HeldFact| NeedItem {
            message: Some(held.id),
            line: held.line.clone(),
            at: Some(held.at),
            reasons: held.reasons.iter().map(reason_key).collect(),
            ..NeedItem::default()
        };
        listed.map(item).collect()
    }

    fn mails(&self, is_meant: impl Fn(&MailFact) -> bool) -> Vec<NeedItem> {
        let listed = self.facts.unsettled.iter().filter(|mail| is_meant(mail) && self.scope.lists(mail.line.as_ref()));
        let item = |mail: &MailFact| NeedItem {
            mail: Some(mail.id),
            template: Some(mail.template),
            case: mail.case.clone(),
            line: mail.line.clone(),
            at: Some(mail.since),
            ..NeedItem::default()
        };
        listed.map(item).collect()
    }

    /// Addresses with an open case of the lines, or with none at all.
    fn unreachable(&self) -> Vec<NeedItem> {
        let is_listed = |one: &&super::facts::UnreachableFact| {
            one.cases.is_empty() || one.cases.iter().any(|(_, line)| self.scope.lists(line.as_ref()))
        };
        let item = |one: &super::facts::UnreachableFact| NeedItem {
            address: Some(one.address.clone()),
            cases: Some(one.cases.len()),
            case: one.cases.first().map(|(number, _)| number.0.clone()),
            ..NeedItem::default()
        };
        self.facts.unreachable.iter().filter(is_listed).map(item).collect()
    }

    fn calendar_ends(&self, today: Date) -> Vec<NeedItem> {
        let Some(end) = self.desk.calendar.ends_on() else { return Vec::new() };
        let days = today.until(end).map_or(i64::MAX, |span| i64::from(span.get_days()));
        if days > CALENDAR_DAYS {
            return Vec::new();
        }
        vec![NeedItem { date: Some(end), ..NeedItem::default() }]
    }

    /// When cases were assigned last.
    fn last_assignment(&self, today: Date) -> Timestamp {
        let calendar = &self.desk.calendar;
        let at = calendar.at_local(today, self.desk.assign_at);
        if calendar.is_business_day(today) && at <= self.now {
            return at;
        }
        calendar.at_local(calendar.previous_business_day(today), self.desk.assign_at)
    }
}

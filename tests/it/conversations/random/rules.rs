//! What each mail that comes in must do, as POLICY.md and the page about commands have it.

use super::desk::STAFF;
use super::model::{Case, Model, Pause, Pending};
use super::script::{Order, Said};
use jiff::civil::{Date, Time, time};
use jiff::{Timestamp, ToSpan};
use mailclerk::words::Status;

/// An undated pause is recalled after so many business days, a silent pending request closed, a case closed for good.
const TEN_DAYS: u32 = 10;

/// A mail of a member of staff about a case.
pub struct StaffMail<'a> {
    pub sender: &'a str,
    pub case: usize,
    /// It replies to a mail that hands the request over.
    pub answers: bool,
    pub orders: &'a [Order],
    pub text: bool,
}

/// What of a staff mail decides about the clocks in the end.
#[derive(Default)]
struct Outcome {
    answers: bool,
    tells: bool,
    next_update: Option<Timestamp>,
}

/// Nothing of the mail is done.
struct Refused;

impl Model {
    /// A complete request.
    pub fn accept(&mut self, at: Timestamp, requester: &str, line: usize, urgent: bool) {
        self.open(at, requester, line, urgent, urgent);
    }

    /// A case; one that follows a closed one has its priority.
    fn open(&mut self, at: Timestamp, requester: &str, line: usize, urgent: bool, high: bool) {
        let case = self.cases.len();
        self.cases.push(Case {
            requester: requester.to_owned(),
            line,
            status: Status::New,
            specialist: None,
            urgent,
            high,
            at_once: None,
            opened: at,
            resolved: None,
            respond: None,
            respond_nudge: None,
            update: None,
            update_nudge: None,
            pause: None,
            wait: None,
            held_until: None,
            follow_up: None,
            assign: None,
            words: false,
        });
        self.wait_for_somebody(case, at);
        self.mail(at, requester, "receipt", Some(case));
        if urgent {
            self.mail(at, STAFF[line][2], "notice", Some(case));
        }
        self.owe_answer(case, at);
        self.owe_update(case, at);
        self.follow(case, at);
    }

    /// A request that lacks something.
    pub fn send_back(&mut self, at: Timestamp, requester: &str, line: usize) {
        self.mail(at, requester, "return", None);
        let close = Some(self.after(at, TEN_DAYS));
        self.pendings.push(Pending { requester: requester.to_owned(), line, close });
    }

    /// The answer to a return, also after it was closed for silence.
    pub fn complete(&mut self, at: Timestamp, pending: usize) {
        let Pending { requester, line, .. } = self.pendings[pending].clone();
        self.pendings[pending].close = None;
        self.accept(at, &requester, line, false);
    }

    /// The requester writes to their case.
    pub fn reply(&mut self, at: Timestamp, case: usize, said: Said) {
        let Case { requester, line, resolved, specialist, high, .. } = self.cases[case].clone();
        match (said, resolved) {
            (Said::OutOfOffice, _) => return,
            (Said::Words, Some(closed)) if at > self.after(closed, TEN_DAYS) => {
                return self.open(at, &requester, line, false, high);
            }
            (Said::Words, Some(_)) => {
                self.cases[case].resolved = None;
                self.cases[case].status = match specialist {
                    Some(_) => Status::InReview,
                    None => Status::New,
                };
                if specialist.is_none() {
                    self.wait_for_somebody(case, at);
                }
                self.owe_answer(case, at);
                self.owe_update(case, at);
            }
            (Said::Words, None) | (Said::Thanks, _) => {}
        }
        self.follow(case, at);
        if let Some(who) = specialist {
            self.mail(at, &who, "relay", Some(case));
            if self.is_away(&who, self.today(at)) {
                self.mail(at, STAFF[line][2], "relay", Some(case));
            }
        }
    }

    /// Somebody who is not proved to be who they say: the supervisors are told when nobody has looked by the opening
    /// of the next business day.
    pub fn forged(&mut self, at: Timestamp) {
        let next = self.calendar().next_business_day(self.today(at));
        self.held.push(Some(self.calendar().opening(next)));
    }

    /// What the mail asks for is done, all of it or nothing, and its sender told what it did.
    pub fn staff(&mut self, at: Timestamp, mail: &StaffMail<'_>) {
        let before = self.clone();
        let sent_on = mail.answers && mail.orders.is_empty() && !Self::is_external(&self.cases[mail.case].requester);
        if self.carry_out(at, mail).is_err() {
            *self = before;
        }
        if !sent_on {
            self.mail(at, mail.sender, "command_result", Some(mail.case));
        }
    }

    fn carry_out(&mut self, at: Timestamp, mail: &StaffMail<'_>) -> Result<(), Refused> {
        let StaffMail { sender, case, answers, orders, text } = *mail;
        if contradict(orders) {
            return Err(Refused);
        }
        let mut outcome = Outcome::default();
        let closes = orders.iter().any(|order| matches!(order, Order::Resolve { .. }));
        if answers && text && !closes {
            self.with_content(at, case, "answer");
            // What waits for a secure way keeps no promise.
            let leaves = !Self::is_external(&self.cases[case].requester);
            outcome = Outcome { answers: leaves, tells: leaves, next_update: None };
            if let Some(who) = self.cases[case].specialist.clone().filter(|who| who != sender) {
                self.mail(at, &who, "notice", Some(case));
            }
        }
        for order in orders {
            self.order(at, mail, *order, &mut outcome)?;
        }
        if outcome.answers {
            self.cases[case].respond = None;
            self.cases[case].respond_nudge = None;
        }
        let one = &self.cases[case];
        match (one.status, outcome.next_update) {
            (Status::Resolved | Status::Paused, _) => {}
            (_, Some(due)) => self.update_at(case, due, at),
            (_, None) if outcome.tells => self.owe_update(case, at),
            (_, None) => {}
        }
        // That somebody is away is about no case.
        if text || orders.iter().any(|order| !matches!(order, Order::Out { .. })) {
            self.follow(case, at);
        }
        Ok(())
    }

    /// A mail with content: to somebody outside it waits for a secure way, and none is set up.
    fn with_content(&mut self, at: Timestamp, case: usize, template: &'static str) {
        let requester = self.cases[case].requester.clone();
        if !Self::is_external(&requester) {
            self.mail(at, &requester, template, Some(case));
        }
    }

    fn order(
        &mut self,
        at: Timestamp,
        mail: &StaffMail<'_>,
        order: Order,
        outcome: &mut Outcome,
    ) -> Result<(), Refused> {
        let case = mail.case;
        let status = self.cases[case].status;
        let is_resolved = status == Status::Resolved;
        match order {
            Order::Nonsense => return Err(Refused),
            Order::Note => {}
            Order::Out { days, more } => {
                let (from, to) = (self.day(at, days), self.day(at, days + more));
                self.absent.push((mail.sender.to_owned(), from, to));
            }
            _ if is_resolved => return Err(Refused),
            Order::Update => self.cases[case].words = true,
            Order::NextUpdate { days, afternoon } => {
                let at_three = afternoon.then_some(time(15, 0, 0, 0));
                let due = self.promised(at, days, at_three)?;
                if status == Status::Paused {
                    return Err(Refused);
                }
                outcome.next_update = Some(due);
            }
            Order::Pause(until) => {
                let until = until.map(|days| self.promised(at, days, None)).transpose()?;
                self.pause(at, case, until);
            }
            Order::Resume => match status {
                Status::Paused => {
                    if outcome.answers {
                        self.cases[case].respond = None;
                    }
                    self.resume(case, at, at);
                    outcome.tells = true;
                }
                Status::WaitingInternal | Status::WaitingExternal => {
                    let is_given = self.cases[case].specialist.is_some();
                    self.cases[case].status = if is_given { Status::InReview } else { Status::New };
                    self.cases[case].wait = None;
                    self.cases[case].held_until = None;
                }
                _ => return Err(Refused),
            },
            Order::Waiting { external, until } => {
                let until = until.map(|days| self.promised(at, days, None)).transpose()?;
                if status == Status::Paused {
                    return Err(Refused);
                }
                self.cases[case].status = if external { Status::WaitingExternal } else { Status::WaitingInternal };
                self.cases[case].wait = until;
                self.cases[case].held_until = until.map(|due| {
                    let next = self.today(due).tomorrow().unwrap();
                    self.calendar().at_local(next, Time::midnight())
                });
            }
            Order::Assign { colleague } => self.assign_by_hand(at, mail, colleague, outcome)?,
            Order::Resolve { text } => {
                if text || (mail.text && mail.answers) {
                    self.with_content(at, case, "closing");
                } else {
                    let requester = self.cases[case].requester.clone();
                    self.mail(at, &requester, "closing", Some(case));
                }
                self.close(at, case);
            }
        }
        Ok(())
    }

    fn close(&mut self, at: Timestamp, case: usize) {
        let one = &mut self.cases[case];
        one.status = Status::Resolved;
        one.resolved = Some(at);
        one.words = false;
        one.pause = None;
        one.at_once = None;
        for clock in [
            &mut one.respond,
            &mut one.respond_nudge,
            &mut one.update,
            &mut one.update_nudge,
            &mut one.wait,
            &mut one.held_until,
            &mut one.follow_up,
            &mut one.assign,
        ] {
            *clock = None;
        }
    }

    /// Both clocks stand; a second pause only moves the end of the first.
    fn pause(&mut self, at: Timestamp, case: usize, until: Option<Timestamp>) {
        let nudge = until.is_none().then(|| self.after(at, TEN_DAYS));
        let one = &mut self.cases[case];
        let (since, before) = one.pause.map_or((at, one.status), |pause| (pause.since, pause.before));
        one.pause = Some(Pause { since, before, until, nudge });
        one.status = Status::Paused;
        one.follow_up = None;
        (one.respond_nudge, one.update, one.update_nudge) = (None, None, None);
    }

    fn assign_by_hand(
        &mut self,
        at: Timestamp,
        mail: &StaffMail<'_>,
        colleague: usize,
        outcome: &mut Outcome,
    ) -> Result<(), Refused> {
        let case = mail.case;
        let who = colleague_of(colleague);
        let former = self.cases[case].specialist.clone();
        let works_line = STAFF[self.cases[case].line][..2].contains(&who);
        if !works_line || self.is_away(who, self.today(at)) || former.as_deref() == Some(who) {
            return Err(Refused);
        }
        outcome.tells |= self.hand_over(case, who, at);
        if let Some(former) = former.filter(|former| former != mail.sender) {
            self.mail(at, &former, "notice", Some(case));
        }
        Ok(())
    }

    pub fn day(&self, at: Timestamp, days: i64) -> Date {
        self.today(at).checked_add(days.days()).unwrap()
    }

    /// A date that a specialist sets: without a time that day's opening, on a day off the next business day's.
    fn promised(&self, at: Timestamp, days: i64, time: Option<Time>) -> Result<Timestamp, Refused> {
        let day = self.day(at, days);
        let due = match time {
            _ if !self.calendar().is_business_day(day) => {
                self.calendar().opening(self.calendar().next_business_day(day))
            }
            Some(time) => self.calendar().at_local(day, time),
            None => self.calendar().opening(day),
        };
        if due > at { Ok(due) } else { Err(Refused) }
    }
}

/// The address of a specialist by number.
pub fn colleague_of(number: usize) -> &'static str {
    STAFF[number / 2 % 2][number % 2]
}

/// Whether two of them cannot stand in one mail.
fn contradict(orders: &[Order]) -> bool {
    use Order::{Assign, NextUpdate, Note, Pause, Resolve, Resume, Update, Waiting};
    let apart = |a: &Order, b: &Order| match (a, b) {
        (Note, Note) => false,
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => true,
        (Resolve { .. }, Update | NextUpdate { .. } | Pause(_) | Resume | Waiting { .. } | Assign { .. }) => true,
        (Pause(_), Resume | NextUpdate { .. }) => true,
        (Waiting { .. }, Pause(_) | Resume) => true,
        _ => false,
    };
    let pairs = orders.iter().enumerate().flat_map(|(n, a)| orders[n + 1..].iter().map(move |b| (a, b)));
    pairs.clone().any(|(a, b)| apart(a, b)) || pairs.clone().any(|(a, b)| apart(b, a))
}

//! What a desk owes, as POLICY.md has it under Clocks: written from the page alone, without a look at how the product
//! does it. Of the product only the calendar is used, which is proved elsewhere.

use super::desk::STAFF;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use mailclerk::calendar::{Calendar, Span, Unit};
use mailclerk::desk::Desk;
use mailclerk::words::Status;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A mail that must go out: when, to whom, of which template, about which case.
pub type Mail = (Timestamp, String, &'static str, Option<usize>);

/// A case, by its place in [`Model::cases`].
#[derive(Clone, Debug)]
pub struct Case {
    pub requester: String,
    pub line: usize,
    pub status: Status,
    pub specialist: Option<String>,
    pub urgent: bool,
    /// Its priority is the one that is given at once.
    pub high: bool,
    /// When it is given to somebody at once, and its place among those of one instant.
    pub at_once: Option<(Timestamp, usize)>,
    pub opened: Timestamp,
    pub resolved: Option<Timestamp>,
    /// When the answer is due, while it is owed; in a pause, as it was before.
    pub respond: Option<Timestamp>,
    pub respond_nudge: Option<Timestamp>,
    pub update: Option<Timestamp>,
    pub update_nudge: Option<Timestamp>,
    pub pause: Option<Pause>,
    pub wait: Option<Timestamp>,
    /// The end of the day until which it waits for somebody.
    pub held_until: Option<Timestamp>,
    /// When its supervisor is told that nothing was done.
    pub follow_up: Option<Timestamp>,
    /// The daily assignment that is to give it to somebody.
    pub assign: Option<Timestamp>,
    /// A specialist gave the words of the next update.
    pub words: bool,
}

/// Since when the clocks stand, what the case was then, and what ends or recalls it.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub since: Timestamp,
    pub before: Status,
    pub until: Option<Timestamp>,
    pub nudge: Option<Timestamp>,
}

/// A returned request, closed at `close`; `None`: it is completed or closed.
#[derive(Clone, Debug)]
pub struct Pending {
    pub requester: String,
    pub line: usize,
    pub close: Option<Timestamp>,
}

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    PauseEnd(usize),
    PauseNudge(usize),
    RespondNudge(usize),
    Respond(usize),
    UpdateNudge(usize),
    Update(usize),
    Wait(usize),
    Close(usize),
    Held(usize),
    Morning,
    Assign,
    AtOnce(usize, usize),
    FollowUp(usize),
}

/// A desk as it must be.
#[derive(Clone)]
pub struct Model {
    desk: Arc<Desk>,
    pub cases: Vec<Case>,
    pub pendings: Vec<Pending>,
    /// When the supervisors are told of what is held.
    pub held: Vec<Option<Timestamp>>,
    pub absent: Vec<(String, Date, Date)>,
    /// What must have gone out since the last look.
    pub mails: Vec<Mail>,
    /// The worklists that must have gone out since: when and to whom.
    pub worklists: Vec<(Timestamp, String)>,
    /// Whom the product gave which case to at which instant. The model only says whom it may choose.
    pub given: BTreeMap<(usize, Timestamp), String>,
    morning: Timestamp,
    /// How many cases were to be given at once.
    given_at_once: usize,
}

impl Model {
    pub fn new(desk: Arc<Desk>, start: Timestamp) -> Self {
        Self {
            desk,
            cases: Vec::new(),
            pendings: Vec::new(),
            held: Vec::new(),
            absent: Vec::new(),
            mails: Vec::new(),
            worklists: Vec::new(),
            given: BTreeMap::new(),
            morning: start,
            given_at_once: 0,
        }
    }

    pub fn calendar(&self) -> &Calendar {
        &self.desk.calendar
    }

    pub fn today(&self, at: Timestamp) -> Date {
        self.calendar().local(at).date()
    }

    pub fn is_external(requester: &str) -> bool {
        !requester.ends_with("@agency.example")
    }

    pub fn mail(&mut self, at: Timestamp, to: &str, template: &'static str, case: Option<usize>) {
        self.mails.push((at, to.to_owned(), template, case));
    }

    pub fn is_away(&self, who: &str, day: Date) -> bool {
        self.absent.iter().any(|(email, from, to)| email == who && *from <= day && day <= *to)
    }

    /// Business days from `from` on; the season in force when a clock starts decides its length.
    pub fn after(&self, from: Timestamp, days: u32) -> Timestamp {
        self.calendar().add(from, Span::business_days(days)).at
    }

    fn lengths(&self, from: Timestamp) -> (u32, u32) {
        let day = self.today(from);
        let is_peak = day >= date(day.year(), 12, 14) || day <= date(day.year(), 1, 5);
        if is_peak { (5, 7) } else { (3, 5) }
    }

    /// The answer is owed from `from` on.
    pub fn owe_answer(&mut self, case: usize, from: Timestamp) {
        let due = self.after(from, self.lengths(from).0);
        self.answer_by(case, due, from);
    }

    /// The nudge comes at the opening of the due day, where that is still to come and before the due instant.
    pub fn answer_by(&mut self, case: usize, due: Timestamp, now: Timestamp) {
        let day = self.today(due);
        let mut nudge = self.calendar().opening(day);
        if nudge > due {
            nudge = self.calendar().opening(self.calendar().previous_business_day(day));
        }
        self.cases[case].respond = Some(due);
        self.cases[case].respond_nudge = Some(nudge).filter(|nudge| now < *nudge && *nudge <= due);
    }

    /// Something about the issue was said at `from`: the next update counts from there.
    pub fn owe_update(&mut self, case: usize, from: Timestamp) {
        let due = self.after(from, self.lengths(from).1);
        self.update_at(case, due, from);
    }

    /// The nudge comes at the opening of the business day before.
    pub fn update_at(&mut self, case: usize, due: Timestamp, now: Timestamp) {
        let nudge = self.calendar().opening(self.calendar().previous_business_day(self.today(due)));
        self.cases[case].update = Some(due);
        self.cases[case].update_nudge = Some(nudge).filter(|nudge| now < *nudge && *nudge < due);
    }

    /// Three business days after `now` (of what cannot wait, one), or after what is waited for, the supervisor is told,
    /// while the desk is open.
    pub fn follow(&mut self, case: usize, now: Timestamp) {
        let from = self.cases[case].held_until.map_or(now, |until| until.max(now));
        let due = self.after(from, if self.cases[case].high { 1 } else { 3 });
        let calendar = self.calendar();
        let due = if calendar.is_open(due) { due } else { calendar.next_opening(due) };
        let stands = matches!(self.cases[case].status, Status::Resolved | Status::Paused);
        self.cases[case].follow_up = Some(due).filter(|_| !stands);
    }

    /// The first of the desk's assignments after `at`: nine o'clock, an hour after the opening.
    pub fn next_assignment(&self, at: Timestamp) -> Timestamp {
        let hour = |day| self.calendar().opening(day) + jiff::SignedDuration::from_hours(1);
        let today = self.today(at);
        if self.calendar().is_business_day(today) && hour(today) > at {
            return hour(today);
        }
        hour(self.calendar().next_business_day(today))
    }

    /// All that is due before `until`, or up to it, in its order: each at its own instant, or where nobody was there,
    /// all `late`.
    pub fn run(&mut self, until: Timestamp, included: bool, late: bool) {
        while let Some((due, what)) = self.next().filter(|(due, _)| *due < until || (included && *due == until)) {
            self.handle(what, due, if late { until } else { due }, late);
        }
    }

    fn next(&self) -> Option<(Timestamp, Due)> {
        let mut all = vec![(self.calendar().next_opening(self.morning), Due::Morning)];
        for (n, case) in self.cases.iter().enumerate() {
            let pause = case.pause.as_ref();
            let runs = |at: Option<Timestamp>| at.filter(|_| pause.is_none());
            let of_case = [
                (pause.and_then(|pause| pause.until), Due::PauseEnd(n)),
                (pause.and_then(|pause| pause.nudge), Due::PauseNudge(n)),
                (runs(case.respond_nudge), Due::RespondNudge(n)),
                (runs(case.respond), Due::Respond(n)),
                (runs(case.update_nudge), Due::UpdateNudge(n)),
                (runs(case.update), Due::Update(n)),
                (case.wait, Due::Wait(n)),
                (case.at_once.map(|(at, _)| at), Due::AtOnce(case.at_once.map_or(0, |(_, place)| place), n)),
                (case.assign, Due::Assign),
                (runs(case.follow_up), Due::FollowUp(n)),
            ];
            all.extend(of_case.into_iter().filter_map(|(at, what)| Some((at?, what))));
        }
        let closes = self.pendings.iter().enumerate().filter_map(|(n, one)| Some((one.close?, Due::Close(n))));
        let told = self.held.iter().enumerate().filter_map(|(n, at)| Some(((*at)?, Due::Held(n))));
        all.into_iter().chain(closes).chain(told).min()
    }

    fn handle(&mut self, what: Due, due: Timestamp, now: Timestamp, late: bool) {
        match what {
            Due::PauseEnd(case) => {
                self.resume(case, due, now);
                let next = self.after(due, self.lengths(due).1);
                self.update_at(case, next, now);
            }
            Due::PauseNudge(case) => {
                self.nudge(case, now);
                self.cases[case].pause.as_mut().unwrap().nudge = None;
            }
            Due::RespondNudge(case) => {
                self.cases[case].respond_nudge = None;
                if self.cases[case].respond.is_some_and(|due| due >= now) {
                    self.nudge(case, now);
                }
            }
            Due::Respond(case) => {
                self.cases[case].respond = None;
                self.mail(now, STAFF[self.cases[case].line][2], "breach", Some(case));
            }
            Due::UpdateNudge(case) => {
                self.cases[case].update_nudge = None;
                if self.cases[case].update.is_some_and(|due| due >= now) {
                    self.nudge(case, now);
                }
            }
            Due::Update(case) => {
                let requester = self.cases[case].requester.clone();
                let has_words = std::mem::take(&mut self.cases[case].words);
                // Words have content: to somebody outside they wait for a secure way.
                if !(has_words && Self::is_external(&requester)) {
                    self.mail(now, &requester, "update", Some(case));
                }
                self.owe_update(case, now);
            }
            Due::Wait(case) => {
                self.cases[case].wait = None;
                if self.cases[case].pause.is_none() {
                    self.nudge(case, now);
                }
            }
            Due::Close(pending) => {
                self.pendings[pending].close = None;
                let requester = self.pendings[pending].requester.clone();
                self.mail(now, &requester, "pending_closed", None);
            }
            Due::Held(one) => {
                self.held[one] = None;
                for line in STAFF {
                    self.mail(now, line[2], "notice", None);
                }
            }
            Due::AtOnce(_, case) => {
                self.cases[case].at_once = None;
                if self.cases[case].specialist.is_none() {
                    self.give(case, now);
                }
            }
            Due::FollowUp(case) => {
                let Case { line, specialist, .. } = self.cases[case].clone();
                self.mail(now, STAFF[line][2], "notice", Some(case));
                if let Some(who) = specialist.filter(|who| !self.is_away(who, self.today(now))) {
                    self.mail(now, &who, "nudge", Some(case));
                }
                self.follow(case, now);
            }
            Due::Morning => self.morning(due, late),
            Due::Assign => self.assign(now),
        }
    }

    /// Each specialist who is there and has open cases gets their list; what was missed is not made up for.
    fn morning(&mut self, due: Timestamp, late: bool) {
        self.morning = due;
        for who in STAFF.iter().flat_map(|line| &line[..2]).filter(|_| !late) {
            if self.open_cases(who) > 0 && !self.is_away(who, self.today(due)) {
                self.worklists.push((due, (*who).to_owned()));
            }
        }
    }

    pub fn open_cases(&self, who: &str) -> usize {
        let theirs = |case: &&Case| case.specialist.as_deref() == Some(who) && case.status != Status::Resolved;
        self.cases.iter().filter(theirs).count()
    }

    /// Whoever works the case is reminded; where nobody there does, the line's supervisor.
    fn nudge(&mut self, case: usize, now: Timestamp) {
        let there = self.cases[case].specialist.clone().filter(|who| !self.is_away(who, self.today(now)));
        let to = there.unwrap_or_else(|| STAFF[self.cases[case].line][2].to_owned());
        self.mail(now, &to, "nudge", Some(case));
    }

    /// The clocks go on from `from` on, the pause's end: of the answer's time what was left is left. The update is the caller's.
    pub fn resume(&mut self, case: usize, from: Timestamp, now: Timestamp) {
        let Some(pause) = self.cases[case].pause.take() else { return };
        self.cases[case].status = match (pause.before, &self.cases[case].specialist) {
            (Status::New, Some(_)) => Status::InReview,
            (before, _) => before,
        };
        if let Some(due) = self.cases[case].respond {
            let left = self.calendar().left(pause.since, due, Unit::BusinessDays);
            let due = self.calendar().add_left(from, left).at;
            self.answer_by(case, due, now);
        }
        self.follow(case, now);
    }

    /// Urgent first, then the oldest; to whoever of the line is there and has fewest open cases.
    fn assign(&mut self, now: Timestamp) {
        let is_waiting =
            |case: &Case| case.specialist.is_none() && case.status != Status::Resolved && case.opened < now;
        let mut waiting: Vec<usize> = (0..self.cases.len()).filter(|n| is_waiting(&self.cases[*n])).collect();
        waiting.sort_by_key(|n| (!self.cases[*n].urgent, self.cases[*n].opened));
        for case in self.cases.iter_mut() {
            case.assign = case.assign.filter(|at| *at > now);
        }
        for case in waiting {
            self.give(case, now);
        }
    }

    /// To whoever of the line is there and has fewest; where nobody is, the supervisor is told, and it is tried again.
    fn give(&mut self, case: usize, now: Timestamp) {
        let line = STAFF[self.cases[case].line];
        let there = line[..2].iter().filter(|who| !self.is_away(who, self.today(now)));
        let fewest = there.clone().map(|who| self.open_cases(who)).min();
        let mut may = there.filter(|who| Some(self.open_cases(who)) == fewest);
        let chosen = self.given.get(&(case, now));
        let to = may.clone().find(|who| chosen.is_some_and(|chosen| chosen == **who)).or_else(|| may.next());
        match to.copied() {
            Some(who) => {
                let acknowledges = self.hand_over(case, who, now);
                if acknowledges {
                    self.owe_update(case, now);
                }
            }
            None => {
                self.mail(now, line[2], "notice", Some(case));
                self.cases[case].assign = Some(self.next_assignment(now));
            }
        }
    }

    /// Somebody is looked for at the next assignment; where it cannot wait now, or when the desk opens.
    pub fn wait_for_somebody(&mut self, case: usize, at: Timestamp) {
        self.cases[case].assign = Some(self.next_assignment(at));
        if self.cases[case].high {
            let calendar = self.calendar();
            let due = if calendar.is_open(at) { at } else { calendar.next_opening(at) };
            self.given_at_once += 1;
            self.cases[case].at_once = Some((due, self.given_at_once));
        }
    }

    /// `who` gets the request whole, and the requester, whom nobody had before, the acknowledgement; gives whether.
    pub fn hand_over(&mut self, case: usize, who: &str, now: Timestamp) -> bool {
        let requester = self.cases[case].requester.clone();
        let one = &mut self.cases[case];
        let acknowledges = one.specialist.is_none() && one.pause.is_none();
        one.specialist = Some(who.to_owned());
        one.assign = None;
        if one.status == Status::New {
            one.status = Status::InReview;
        }
        self.mail(now, who, "assignment", Some(case));
        if acknowledges {
            self.mail(now, &requester, "acknowledgement", Some(case));
        }
        acknowledges
    }
}

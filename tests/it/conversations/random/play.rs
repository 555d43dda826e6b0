//! Plays a script to the product and to the model, and compares after each step all that went out, and how each case stands.

use super::desk::{Clerk, STAFF, Sent, desk};
use super::model::{Mail, Model};
use super::rules::StaffMail;
use super::script::{How, Order, Said, Script, Step, What};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use mailclerk::case::{ClockKind, ClockState};
use mailclerk::words::Status;
use std::collections::{BTreeMap, BTreeSet};

/// A word that stands only in what is for staff.
pub(super) const INTERNAL: &str = "quicksilver";
/// The desk, what it must be, and what was seen of it.
pub struct Play {
    clerk: Clerk,
    pub(super) model: Model,
    pub(super) now: Timestamp,
    /// The numbers of the model's cases.
    pub(super) numbers: Vec<String>,
    /// All that went out.
    pub(super) sent: Vec<Sent>,
    /// Returned requests that were completed.
    pub(super) completed: BTreeSet<usize>,
    pub(super) written: u32,
    pub(super) last: Option<String>,
    worklists: BTreeSet<(Date, String)>,
}

/// What a mail must do to the model, once its instant has come.
pub(super) enum Event {
    Accept { requester: String, line: usize, urgent: bool },
    SendBack { requester: String, line: usize },
    Complete { pending: usize },
    Reply { case: usize, said: Said },
    Staff { sender: String, case: usize, answers: bool, orders: Vec<Order>, text: bool },
    Forged,
}

/// Plays `script` to its end and three weeks more.
pub async fn play(script: &Script) -> Result<(), String> {
    let start: Timestamp = super::STARTS[script.start].parse().unwrap();
    let mut play = Play {
        clerk: Clerk::new(start).await,
        model: Model::new(desk(), start),
        now: start,
        numbers: Vec::new(),
        sent: Vec::new(),
        completed: BTreeSet::new(),
        worklists: BTreeSet::new(),
        written: 0,
        last: None,
    };
    let rest = Step { wait: 21 * 24 * 60, how: How::There, what: What::Nothing };
    let mut outcome = Ok(());
    for (n, step) in script.steps.iter().chain([&rest]).enumerate() {
        outcome = play.step(step).await.map_err(|why| format!("step {n}, {step:?} at {}:\n{why}", play.now));
        if outcome.is_err() {
            break;
        }
    }
    play.clerk.close().await;
    outcome
}

impl Play {
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        self.now = self.now.checked_add(step.wait.minutes()).unwrap();
        let (at, late) = (self.now, step.how != How::There);
        // What is replied to is what had gone out before this step.
        let written = self.write(&step.what);
        let mail = written.as_ref().map(|(raw, _)| raw.clone());
        let event = written.and_then(|(_, event)| event);
        self.last = mail.clone().or(self.last.take());
        self.get_there(step.how, mail.as_deref()).await.map_err(|error| format!("the worker failed: {error:#}"))?;
        let sent = self.clerk.sent();
        self.model.given = self.given(&sent);
        if step.how != How::Away {
            self.model.run(at, step.how == How::TwoBack, late);
        }
        let had_work = self.model.clone();
        if let Some(event) = event {
            self.happen(at, event);
        }
        self.model.run(at, true, late);
        self.learn_numbers(&sent)?;
        self.compare_mails(&sent, at, late.then_some(&had_work))?;
        self.sent.extend(sent);
        self.compare_cases().await
    }

    /// Takes the clerk to this instant, and its mail to the clerk. Who comes back finds the mail first and then what is
    /// due; of two that come back at once either may be first, so that the mail comes when they have caught up.
    async fn get_there(&mut self, how: How, mail: Option<&str>) -> anyhow::Result<()> {
        let at = self.now;
        if how == How::TwoBack {
            self.clerk.come_back(at, true).await?;
        }
        if let Some(raw) = mail {
            self.clerk.deliver(raw);
        }
        match how {
            How::There => self.clerk.rehearse(at).await,
            How::Away => self.clerk.come_back(at, false).await,
            How::TwoBack => self.clerk.come_back(at, true).await,
        }
    }

    fn happen(&mut self, at: Timestamp, event: Event) {
        let model = &mut self.model;
        match event {
            Event::Accept { requester, line, urgent } => model.accept(at, &requester, line, urgent),
            Event::SendBack { requester, line } => model.send_back(at, &requester, line),
            Event::Complete { pending } => model.complete(at, pending),
            Event::Reply { case, said } => model.reply(at, case, said),
            Event::Staff { sender, case, answers, orders, text } => {
                model.staff(at, &StaffMail { sender: &sender, case, answers, orders: &orders, text });
            }
            Event::Forged => model.forged(at),
        }
    }

    /// Whom the product gave which case.
    fn given(&self, sent: &[Sent]) -> BTreeMap<(usize, Timestamp), String> {
        // The first of an instant: by hand it may be given on at once.
        let assignments = sent.iter().rev().filter(|one| one.template == "assignment");
        assignments.filter_map(|one| Some(((self.place(one)?, one.at), one.to.clone()))).collect()
    }

    fn place(&self, sent: &Sent) -> Option<usize> {
        self.numbers.iter().position(|number| sent.case.as_ref() == Some(number))
    }

    /// A case bears the number that its receipt tells.
    fn learn_numbers(&mut self, sent: &[Sent]) -> Result<(), String> {
        for _ in self.numbers.len()..self.model.cases.len() {
            let is_new = |one: &&Sent| one.template == "receipt" && self.place(one).is_none();
            let receipt = sent.iter().find(is_new).and_then(|one| one.case.clone());
            self.numbers.push(receipt.ok_or_else(|| format!("no receipt came: {:?}", brief(sent)))?);
        }
        Ok(())
    }

    /// Exactly the mails that the model owes went out, each at its instant, to its recipient.
    fn compare_mails(&mut self, sent: &[Sent], at: Timestamp, late: Option<&Model>) -> Result<(), String> {
        let is_worklist = |one: &&Sent| one.template == "notice" && one.subject.starts_with("Your worklist");
        let (lists, mails): (Vec<&Sent>, Vec<&Sent>) = sent.iter().partition(|one| is_worklist(one));
        let mut got: Vec<_> = mails.iter().map(|one| (one.at, &*one.to, &*one.template, one.case.as_deref())).collect();
        let owed: Vec<Mail> = std::mem::take(&mut self.model.mails);
        let number = |case: usize| self.numbers.get(case).map(String::as_str);
        let mut owed: Vec<_> =
            owed.iter().map(|(at, to, template, case)| (*at, &**to, *template, case.and_then(number))).collect();
        got.sort();
        owed.sort();
        if got != owed {
            let (mut more, mut less) = (got.clone(), owed.clone());
            less.retain(|one| more.iter().position(|other| other == one).map(|place| more.remove(place)).is_none());
            return Err(format!("not owed, and sent: {more:#?}\nowed, and not sent: {less:#?}"));
        }
        let leaks = |one: &&&Sent| {
            let is_outward = STAFF.iter().flatten().all(|staff| *staff != one.to);
            is_outward && (one.raw.contains(INTERNAL) || STAFF.iter().flatten().any(|staff| one.raw.contains(staff)))
        };
        if let Some(leak) = mails.iter().find(leaks) {
            return Err(format!("internal words or an address of staff went to {}: {}", leak.to, leak.raw));
        }
        self.compare_worklists(&lists, at, late)
    }

    /// Each morning's lists came once. After an absence of the clerk's a list may come late that day, or not at all;
    /// `late` is what was known before the mail that came then.
    fn compare_worklists(&mut self, lists: &[&Sent], at: Timestamp, late: Option<&Model>) -> Result<(), String> {
        let mut owed = std::mem::take(&mut self.model.worklists);
        let mut got: Vec<_> = lists.iter().map(|one| (one.at, one.to.clone())).collect();
        for (when, who) in &got {
            if !self.worklists.insert((self.model.today(*when), who.clone())) {
                return Err(format!("a second worklist of one day went to {who} at {when}"));
            }
        }
        if let Some(before) = late {
            let works = |model: &Model, who: &str| model.open_cases(who) > 0 && !model.is_away(who, model.today(at));
            let may = |who: &String| works(&self.model, who) || works(before, who);
            got.retain(|(when, who)| *when != at || !may(who));
        }
        got.sort();
        owed.sort();
        if got == owed { Ok(()) } else { Err(format!("worklists went out: {got:#?}\nowed: {owed:#?}")) }
    }

    /// Each case stands as the model has it: its status, its specialist, and the clocks that run.
    async fn compare_cases(&self) -> Result<(), String> {
        for (case, number) in self.model.cases.iter().zip(&self.numbers) {
            let view = self.clerk.case(number).await.ok_or_else(|| format!("there is no case {number}"))?;
            let running = view.clocks.iter().filter(|clock| clock.state == ClockState::Running);
            let mut runs: Vec<_> = running.map(|clock| (clock.kind, clock.due)).collect();
            let until = |at: Option<Timestamp>| at.filter(|_| case.pause.is_none());
            let clocks = [
                (ClockKind::Respond, until(case.respond)),
                (ClockKind::RespondNudge, until(case.respond_nudge)),
                (ClockKind::Update, until(case.update)),
                (ClockKind::UpdateNudge, until(case.update_nudge)),
                (ClockKind::PauseEnd, case.pause.and_then(|pause| pause.until)),
                (ClockKind::PauseNudge, case.pause.and_then(|pause| pause.nudge)),
                (ClockKind::WaitNudge, case.wait),
                (ClockKind::FollowUp, until(case.follow_up)),
                (ClockKind::AssignAtOnce, case.at_once.map(|(at, _)| at)),
            ];
            let mut owed: Vec<_> = clocks.into_iter().filter_map(|(kind, due)| Some((kind, due?))).collect();
            let by_word = |one: &(ClockKind, Timestamp)| (one.0.as_str(), one.1);
            runs.sort_by_key(by_word);
            owed.sort_by_key(by_word);
            let stands = (view.status, view.specialist.as_ref().map(ToString::to_string), runs);
            let must: (Status, Option<String>, Vec<_>) = (case.status, case.specialist.clone(), owed);
            if stands != must {
                return Err(format!("{number} stands so: {stands:?}\nand must stand so: {must:?}"));
            }
        }
        Ok(())
    }
}

fn brief(sent: &[Sent]) -> Vec<(Timestamp, &str, &str)> {
    sent.iter().map(|one| (one.at, &*one.to, &*one.template)).collect()
}

//! Commands that end what a case was: resolved, sent back, sent elsewhere, joined with another.

use super::{Done, Hands, IS_RESOLVED, Stop, refused};
use crate::address::Mailbox;
use crate::case::{Case, ClockKind, ClockState, EventKind};
use crate::compose::context::Context;
use crate::effects::case_work::CaseWork;
use crate::effects::ladder::Whole;
use crate::effects::of_assignment::Surroundings;
use crate::effects::{Chain, EventWrite, ListEntry, MailState};
use crate::intake::decide::release::Release;
use crate::words::numbers::{CaseNumber, Tag};
use crate::words::{Status, Template};
use std::collections::BTreeMap;

impl Hands<'_> {
    /// `#resolve`: the closing mail says what was done, in the words behind the command and in the mail's text.
    pub(super) fn resolve(&mut self, text: Option<&str>) -> Done {
        if !self.work()?.case.is_open() {
            return refused(IS_RESOLVED);
        }
        match self.words_with(text) {
            Some(words) => self.send(Template::Closing, Some(words))?,
            None => {
                let work = self.work()?;
                let context = work.context();
                work.send_automatic(Template::Closing, &context)?;
            }
        }
        let work = self.work()?;
        let told = work.effects.mails.last().is_some_and(|closing| closing.state == MailState::Queued);
        work.close();
        work.answers = true;
        if told {
            work.was_answered();
        }
        work.event(EventKind::Resolved, &[], None);
        let uncommented = work.wants_comment();
        let told = if told { "and the requester is told" } else { "but the requester is not told yet" };
        Ok(format!("The case is resolved, {told}.{uncommented}"))
    }

    /// `#return`: the request goes back in the specialist's words; the case waits for the requester.
    pub(super) fn send_back(&mut self, text: &str) -> Done {
        if self.work.is_none() {
            return self.release(&Release::Return, Some(text));
        }
        if !self.work()?.case.is_open() {
            return refused(IS_RESOLVED);
        }
        let words = self.words_with(Some(text));
        self.send(Template::Return, words)?;
        let work = self.work()?;
        let leaves = work.content_state() == MailState::Queued;
        work.answers = leaves;
        work.tells = leaves;
        if work.case.status != Status::Paused {
            work.set_status(Status::WaitingExternal);
        }
        work.event(EventKind::SentBack, &[], None);
        let asked = if leaves { "is asked, in your words" } else { "is not asked yet" };
        Ok(format!("The requester {asked}; the case waits for them."))
    }

    /// `#redirect`: the requester is told where to take it, and the case is closed with that.
    pub(super) fn send_elsewhere(&mut self, topic: &str) -> Done {
        if self.work.is_none() {
            return self.release(&Release::Redirect(topic.to_owned()), None);
        }
        let desk = self.trigger.desk;
        let title = desk.topic(topic).map_or_else(|| topic.to_owned(), |topic| topic.title.clone());
        let work = self.work()?;
        if !work.case.is_open() {
            return refused(IS_RESOLVED);
        }
        let context = Context { topics: vec![topic.to_owned()], ..work.context() };
        work.send_automatic(Template::Redirect, &context)?;
        self.note_of(topic)?;
        let work = self.work()?;
        work.close();
        work.answers = true;
        work.event(EventKind::SentElsewhere, &[("topic", topic.to_owned())], None);
        Ok(format!("The requester is told where to take {title}, and the case is closed."))
    }

    /// What was a case goes to whoever does it: the note of its topic, and the entry of its list.
    fn note_of(&mut self, topic: &str) -> Result<(), Stop> {
        let (desk, now, row) = (self.trigger.desk, self.trigger.now, self.trigger.row);
        let Some(topic) = desk.topic(topic) else { return Ok(()) };
        let (id, by) = (self.chance.id(now), self.mail.sender.email.clone());
        let work = self.work()?;
        let whole = Whole::of(work.around, None);
        let context = Context {
            requester: Some(work.requester()),
            request: whole.request.clone(),
            attachments: whole.attachments.clone(),
            words: whole.words.clone(),
            ..work.context()
        };
        let about = Some(work.about());
        work.letters().note_of_topic(topic, &context, (about.clone(), row), &whole.enclosed)?;
        if let Some(list) = topic.log.as_ref().and_then(|id| desk.list(id)) {
            work.letters().list_entry(list, &context, about, &whole.enclosed)?;
            let content = work.listed(Some(by), None);
            work.event(EventKind::Listed, &[("list", list.id.clone()), ("why", topic.id.clone())], None);
            let (list, source, why) = (list.id.clone(), work.case.id, topic.id.clone());
            work.effects.listed.push(ListEntry { id, list, source, why, content });
        }
        Ok(())
    }

    /// `#merge`: the case goes on as part of another of the same requester.
    pub(super) fn merge(&mut self, number: &CaseNumber) -> Done {
        let Some((other, around_other)) = &self.mail.other else {
            return refused(format!("The desk has no case {number}."));
        };
        if self.work.is_none() {
            return self.release(&Release::Attach(other.id), None);
        }
        let (sender, request) = (self.mail.sender.email.clone(), self.mail.around.request.clone());
        let work = self.work()?;
        if other.id == work.case.id {
            return refused("A case cannot be joined with itself.");
        }
        if !work.case.is_open() {
            return refused(IS_RESOLVED);
        }
        if !other.is_open() {
            return refused(format!("{number} is resolved: join its mail with an open case."));
        }
        if other.requester != work.case.requester {
            return refused(format!(
                "{number} is another requester's: joined, each of them would get answers about the other's case."
            ));
        }
        let merged = work.case.number.clone();
        keep_promises(work, other, around_other);
        work.close();
        work.case.merged_into = Some(other.id);
        work.case.links.push(other.id);
        work.event(EventKind::Merged, &[("into", number.0.clone())], None);
        let words = format!("Your case {merged} goes on as part of case {number}: one person works both together.");
        let told = Context {
            words: Some(words),
            tag: Some(Tag::Case(number.clone())),
            canonical_subject: Some(other.subject.clone()),
            ..work.context()
        };
        work.send_automatic(Template::Duplicate, &told)?;
        let joined = joined(other, &work.case);
        if joined.status != Status::Paused {
            let now = work.now;
            work.clocks().follow_up(&joined, now);
        }
        work.effects.events.push(EventWrite {
            chain: Chain::Case(other.id),
            kind: EventKind::Merged,
            ids: BTreeMap::from([("from".to_owned(), merged.0.clone())]),
            content: None,
        });
        if let Some(specialist) = other.specialist.clone().filter(|specialist| *specialist != sender) {
            let context = Context {
                request,
                requester: Some(Mailbox { name: other.requester_name.clone(), address: other.requester.clone() }),
                ..told
            };
            let about = (crate::case::standing::Target::Case(other.id), Tag::Case(number.clone()));
            let to = work.desk.staff_mailbox(&specialist);
            work.letters().staff(Template::Relay, &to, &context, Some(about))?;
        }
        work.effects.cases.push(joined);
        Ok(format!("{merged} goes on as part of {number}; the requester is told."))
    }

    /// The words behind a command together with the mail's text, where that is for the requester.
    fn words_with(&mut self, said: Option<&str>) -> Option<String> {
        let text = if self.mail.answers { self.text.take() } else { None };
        let words: Vec<String> = said.map(str::to_owned).into_iter().chain(text).collect();
        (!words.is_empty()).then(|| words.join("\n\n"))
    }
}

/// What was promised of the merged case is promised of `other` now: of each promise, the earlier stands.
fn keep_promises(work: &mut CaseWork<'_>, other: &Case, around: &Surroundings) {
    if other.status == Status::Paused || work.case.paused.is_some() {
        return;
    }
    let (desk, now, id) = (work.desk, work.now, other.id);
    let earlier = |ours: Option<jiff::Timestamp>, theirs: Option<jiff::Timestamp>| {
        ours.filter(|due| *due > now && theirs.is_none_or(|theirs| *due < theirs)).map(|due| desk.calendar.due(due))
    };
    let respond = earlier(work.around.respond_due, around.respond_due);
    let update = earlier(work.around.update_due, around.update_due);
    let mut clocks = work.clocks();
    if let Some(due) = respond {
        clocks.end(id, ClockKind::Respond, ClockState::Ended);
        clocks.end(id, ClockKind::RespondNudge, ClockState::Ended);
        clocks.respond_until(id, now, &due);
    }
    if let Some(due) = update {
        clocks.update_at(id, &due);
    }
}

/// `other` with those who take part in `merged`.
fn joined(other: &Case, merged: &Case) -> Case {
    let mut joined = other.clone();
    let newer = merged.participants.iter().filter(|one| !other.participants.contains(one));
    joined.participants.extend(newer.cloned());
    joined.urgent |= merged.urgent;
    joined.links.push(merged.id);
    joined
}

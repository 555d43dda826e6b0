//! A request that is accepted: its case, the promises of its receipt, and what it completes.

use super::MessageTrigger;
use super::build::{Build, outward_context};
use super::participants::{join, participants};
use crate::case::course::Course;
use crate::case::course::StepBy;
use crate::case::standing::Target;
use crate::case::{Case, Entry, EventKind, LinkRole, Pending, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::{Escalation, Promise};
use crate::desk::{Desk, FieldRole};
use crate::effects::Chain;
use crate::effects::clocks::{Clocks, in_words};
use crate::effects::ladder::becomes_a_case;
use crate::effects::of_assignment::stages_of;
use crate::intake::Completeness;
use crate::words::numbers::{CaseNumber, Tag};
use crate::words::{Decision, Status, Template};
use jiff::Timestamp;
use uuid::Uuid;

impl Build<'_, '_> {
    pub(super) fn accept(&mut self, number: Option<CaseNumber>) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(author) = trigger.message.author() else { return Ok(()) };
        let told = self.own_pending().and_then(|pending| pending.number.clone());
        let number = told.or(number).unwrap_or_else(|| {
            // Nothing is stored where no number was reserved: the message is only explained.
            trigger.desk.numbering.number(0, trigger.desk.day(trigger.now))
        });
        let old = judgement.follows.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        let id = self.chance.id(trigger.now);
        let mut case = new_case(trigger, id, &number, author, old);
        let asks =
            judgement.asks_for_supervisor && trigger.message.author().is_some_and(|a| a.address == case.requester);
        let escalated = asks && becomes_a_case(trigger.desk, &mut case);
        let start = if trigger.releases_held { trigger.now } else { trigger.arrived };
        let promise = self.start_clocks(&case, start);
        self.complete_pendings(id, &case);
        self.link(Target::Case(id), LinkRole::Opened);
        self.event(Chain::Case(id), EventKind::CaseOpened, &[("number", number.0.clone())]);
        let linked = judgement.linked.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        if let Some(old) = old.or(linked) {
            self.event(Chain::Case(id), EventKind::Linked, &[("case", old.number.0.clone())]);
            self.event(Chain::Case(old.id), EventKind::Linked, &[("case", number.0.clone())]);
        }
        let told = judgement.answer_to.is_some() && !judgement.reply_withheld;
        (case.course.number_told, case.course.time_told) = (told && !case.course.is_inquiry, told);
        let escalation = if asks { self.passed_on(&mut case)? } else { None };
        if escalation.is_none() {
            let (desk, now) = (trigger.desk, trigger.now);
            Clocks { desk, now, chance: &mut *self.chance, effects: &mut self.effects }.next_step(&case);
        }
        let mut context = outward_context(trigger);
        context.canonical_subject = Some(case.subject.clone());
        context.tag = Some(Tag::Case(number));
        context.is_inquiry = case.course.is_inquiry;
        context.escalation = escalation;
        context.step = case.step(trigger.desk).map(|step| step.name.clone());
        context.stages = stages_of(trigger.desk, &case);
        if escalated {
            (context.kind, context.priority) = (case.kind.clone(), case.priority.clone());
        }
        context.promise = Some(promise);
        context.season = trigger.desk.clocks_at(start).notice;
        context.status = Some(case.status);
        if old.is_some() {
            context.line = case.line.clone();
            context.kind = case.kind.clone();
            context.priority = case.priority.clone();
            context.member = Some(case.member());
            context.fields = case.fields().clone();
            context.repaired = false;
        }
        if trigger.overrules != Some(Decision::Redirect) {
            self.note_topics(Some(&case))?;
        }
        self.effects.cases.push(case);
        self.reply(Template::Receipt, &context, Some(Target::Case(id)))
    }

    /// The supervisor who is asked for gets the case at once; gives what its requester is told of that.
    pub(super) fn passed_on(&mut self, case: &mut Case) -> Result<Option<Escalation>, ComposeError> {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        if case.course.asked_at.is_none() {
            case.course.asked_at = Some(now);
            self.event(Chain::Case(case.id), EventKind::SupervisorAsked, &[]);
        }
        let whole = self.whole(Some(case));
        match case.supervisors_step(desk) {
            Some(place) => self.climb().take(case, place, StepBy::Requester, &whole),
            None => {
                self.climb().asked_again(case, &whole)?;
                Ok(None)
            }
        }
    }

    /// Starts the response clock with the request and the update clock with the receipt, and words both promises; who works
    /// it is chosen at the desk's next assignment, or at once, and a follow-up waits.
    ///
    /// `start` is the message's arrival, or the release of what was held: only then was it accepted.
    pub(super) fn start_clocks(&mut self, case: &Case, start: Timestamp) -> Promise {
        let trigger = self.trigger;
        let (desk, sort) = (trigger.desk, case.sort());
        let mut clocks = Clocks { desk, now: trigger.now, chance: self.chance, effects: &mut self.effects };
        let respond = clocks.respond(case.id, sort, start);
        let update = clocks.update(case.id, sort.kind);
        clocks.begin(case);
        in_words((desk, sort), start, Some(&respond), &update, trigger.now)
    }

    /// The pending request that this completes becomes the case; others of the same member are closed silently.
    fn complete_pendings(&mut self, case_id: Uuid, case: &Case) {
        let standing = self.trigger.standing;
        let completed = self.own_pending().map(|pending| pending.id);
        for pending in standing.pendings.iter().map(|facts| &facts.pending) {
            let same_member = pending.requester == case.requester && self.is_about_member_of(pending, case);
            let (state, kind) = if completed == Some(pending.id) {
                (PendingState::Completed, EventKind::PendingCompleted)
            } else if same_member && pending.state == PendingState::Open {
                (PendingState::Superseded, EventKind::PendingClosed)
            } else {
                continue;
            };
            self.end_pending(pending, state, kind, Some(case_id));
        }
    }

    /// Whether a pending request asks about the member of `case`, on no other line.
    fn is_about_member_of(&self, pending: &Pending, case: &Case) -> bool {
        let desk = self.trigger.desk;
        let Ok(request) = serde_json::from_value::<crate::intake::Request>(pending.request.clone()) else {
            return false;
        };
        let known = crate::intake::complete(desk, &request);
        if known.line.is_some() && known.line != case.line {
            return false;
        }
        let id = desk.field_of(crate::desk::FieldRole::MemberId).map(|field| &field.id);
        let identifier = |fields: &crate::words::Fields| -> Option<String> {
            let written = id.and_then(|id| fields.get(id))?;
            Some(written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect())
        };
        match (identifier(&known.fields), identifier(case.fields())) {
            (Some(one), Some(other)) => one == other,
            _ => pending.member.as_ref().is_some_and(|m| crate::intake::same::same_member(desk, m, &case.member())),
        }
    }
}

/// Whether cases of this type have no number that anybody outside knows.
pub(in crate::effects) fn is_inquiry(desk: &Desk, kind: Option<&str>) -> bool {
    kind.and_then(|id| desk.types.get(id)).is_some_and(|kind| !kind.numbered)
}

/// An entry for each member that the request names: the first one has all that was given, the others what is theirs alone.
pub(in crate::effects) fn entries_of(desk: &Desk, known: &Completeness) -> Vec<Entry> {
    let first = Entry { member: known.member.clone().unwrap_or_default(), fields: known.fields.clone() };
    if known.members.len() < 2 {
        return vec![first];
    }
    let id_of = |role: FieldRole| desk.field_of(role).map(|field| field.id.clone());
    let (name_field, id_field) = (id_of(FieldRole::MemberName), id_of(FieldRole::MemberId));
    let entries = known.members.iter().enumerate().map(|(place, listed)| {
        let mut entry = if place == 0 { first.clone() } else { Entry::default() };
        entry.member = listed.name.clone().unwrap_or_default();
        let name = listed.name.as_ref().map(|name| format!("{} {}", name.first, name.last).trim().to_owned());
        for (field, value) in [(&name_field, name), (&id_field, listed.id.clone())] {
            let Some(field) = field else { continue };
            match value {
                Some(value) => drop(entry.fields.insert(field.clone(), value)),
                None => drop(entry.fields.remove(field)),
            }
        }
        entry
    });
    entries.collect()
}

fn new_case(
    trigger: &MessageTrigger<'_>,
    id: Uuid,
    number: &CaseNumber,
    author: &crate::address::Mailbox,
    old: Option<&Case>,
) -> Case {
    let known = &trigger.judgement.completeness;
    let entries = match old {
        Some(old) => old.entries.clone(),
        None => entries_of(trigger.desk, known),
    };
    let subject = match old {
        Some(old) => old.subject.clone(),
        None => known.canonical_subject.clone().unwrap_or_else(|| trigger.message.subject.clone()),
    };
    let named =
        trigger.desk.field_of(crate::desk::FieldRole::RequesterName).and_then(|field| known.fields.get(&field.id));
    let mut all = participants(trigger.desk, trigger.message);
    // Whoever completes a request that another made does not become its requester.
    let pending = trigger.judgement.belongs.and_then(|belongs| match belongs {
        (_, LinkRole::Stranger) | (Target::Case(_), _) => None,
        (Target::Pending(id), _) => trigger.standing.pending(id).map(|facts| &facts.pending),
    });
    let requester = pending.map_or_else(|| author.address.clone(), |pending| pending.requester.clone());
    if let Some(pending) = pending {
        let newer = if requester == author.address { std::mem::take(&mut all) } else { Vec::new() };
        all = pending.participants.clone();
        join(&mut all, newer);
    }
    let kind = old.map_or_else(|| known.kind.clone(), |old| old.kind.clone());
    Case {
        id,
        version: 0,
        desk: trigger.desk.id.clone(),
        number: number.clone(),
        line: old.map_or_else(|| known.line.clone(), |old| old.line.clone()),
        kind: kind.clone(),
        priority: old.map_or_else(|| known.priority.clone(), |old| old.priority.clone()),
        status: Status::New,
        urgent: trigger.judgement.urgent,
        requester_name: named.cloned().or_else(|| author.name.clone().filter(|_| requester == author.address)),
        requester,
        participants: all,
        external: trigger.judgement.external,
        specialist: None,
        assigned_at: None,
        entries,
        subject,
        opened_at: trigger.now,
        resolved_at: None,
        links: old.map(|old| old.id).or(trigger.judgement.linked).into_iter().collect(),
        next_words: None,
        paused: None,
        waits_until: None,
        merged_into: None,
        course: Course { is_inquiry: is_inquiry(trigger.desk, kind.as_deref()), ..Course::default() },
    }
}

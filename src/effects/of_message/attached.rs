//! A message that belongs to what stands: a case or pending request, as a reply, a repetition or a stranger's mail.

use super::build::{Build, outward_context, own_words};
use super::participants::{join, participants};
use crate::address::Mailbox;
use crate::case::course::StepBy;
use crate::case::standing::Target;
use crate::case::{Case, EventKind, LinkRole, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context, Escalation};
use crate::desk::StepTo;
use crate::effects::clocks::Clocks;
use crate::effects::enclosures::taken_to_staff;
use crate::effects::ladder::becomes_a_case;
use crate::effects::of_assignment::{Surroundings, context_of};
use crate::effects::outside::start;
use crate::effects::{Chain, MailClass};
use crate::intake::pii::is_unasked;
use crate::words::numbers::Tag;
use crate::words::{Status, Template};

impl Build<'_, '_> {
    pub(super) fn attach(&mut self) -> Result<(), ComposeError> {
        let Some((target, role)) = self.judgement.belongs else { return Ok(()) };
        match target {
            Target::Pending(_) => self.link(target, role),
            Target::Case(id) => {
                let Some(facts) = self.trigger.standing.case(id) else { return Ok(()) };
                let escalated = self.add_to_case(&facts.case, role)?;
                if let Some(context) = escalated {
                    self.reply(Template::Escalation, &context, Some(target))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn duplicate(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some(case) = self.judgement.repeats.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case)
        else {
            return Ok(());
        };
        if let Some(pending) = self.own_pending().cloned() {
            self.end_pending(&pending, PendingState::Completed, EventKind::PendingCompleted, Some(case.id));
        }
        let escalated = self.add_to_case(case, LinkRole::Duplicate)?;
        let mut context = outward_context(trigger);
        context.is_inquiry = case.course.is_inquiry && escalated.is_none();
        context.escalation = escalated.and_then(|escalated| escalated.escalation);
        context.canonical_subject = Some(case.subject.clone());
        context.tag = Some(Tag::Case(case.number.clone()));
        self.reply(Template::Duplicate, &context, Some(Target::Case(case.id)))
    }

    pub(super) fn note_stranger(&mut self) -> Result<(), ComposeError> {
        let Some((target @ Target::Case(id), LinkRole::Stranger)) = self.judgement.belongs else { return Ok(()) };
        self.link(target, LinkRole::Stranger);
        let decision = self.judgement.decision;
        self.note(id, &format!("not a participant of this case; the mail was judged on its own: {decision}"));
        Ok(())
    }

    /// Adds the message to a case: its new words reach the specialist, and urgency the whole case.
    ///
    /// Gives what the requester is told where the case climbs the ladder with it.
    fn add_to_case(&mut self, case: &Case, role: LinkRole) -> Result<Option<Context>, ComposeError> {
        let trigger = self.trigger;
        self.link(Target::Case(case.id), role);
        self.event(Chain::Case(case.id), EventKind::MessageAttached, &[("role", role.to_string())]);
        let by_requester = matches!(role, LinkRole::Participant | LinkRole::Duplicate);
        let newly_urgent = by_requester && self.judgement.urgent && !case.urgent;
        let mut joined = case.participants.clone();
        if by_requester && trigger.message.author().is_some_and(|author| author.address == case.requester) {
            join(&mut joined, participants(trigger.desk, trigger.message));
        }
        if role == LinkRole::Internal {
            self.note(case.id, &trigger.message.body.visible);
        }
        let by_author = trigger.message.author().is_some_and(|author| author.address == case.requester);
        let asks = by_requester
            && by_author
            && self.judgement.asks_for_supervisor
            && (case.is_open() || self.judgement.reopens);
        let climbs = self.judgement.escalates || asks;
        let mut escalated = None;
        if newly_urgent || self.judgement.reopens || climbs || joined != case.participants {
            let mut row = case.clone();
            row.participants = joined;
            if newly_urgent {
                row.urgent = true;
                self.event(Chain::Case(case.id), EventKind::MarkedUrgent, &[]);
            }
            if self.judgement.reopens {
                row.status = if row.specialist.is_some() { Status::InReview } else { Status::New };
                row.resolved_at = None;
                row.paused = None;
                row.waits_until = None;
                self.event(Chain::Case(case.id), EventKind::Reopened, &[]);
                self.start_clocks(&row, trigger.arrived);
                let (desk, now) = (trigger.desk, trigger.now);
                Clocks { desk, now, chance: &mut *self.chance, effects: &mut self.effects }.next_step(&row);
                if row.specialist.is_some() {
                    let (desk, now) = (trigger.desk, trigger.now);
                    Clocks { desk, now, chance: &mut *self.chance, effects: &mut self.effects }.worklist();
                }
            }
            if climbs {
                escalated = self.escalated(&mut row, asks)?;
            }
            self.effects.cases.push(row);
        }
        let to_specialist = matches!(role, LinkRole::Participant | LinkRole::Duplicate | LinkRole::Internal);
        if to_specialist {
            let row = self.effects.cases.iter().rfind(|row| row.id == case.id).unwrap_or(case).clone();
            if !self.judgement.reopens && row.is_open() && row.status != Status::Paused {
                let (desk, now) = (trigger.desk, trigger.now);
                Clocks { desk, now, chance: &mut *self.chance, effects: &mut self.effects }.follow_up(&row, now);
            }
            self.relay(&row, role)?;
        }
        if role == LinkRole::Participant && self.may_warn(case) {
            self.warn_of_pii(case)?;
        }
        Ok(escalated)
    }

    /// The case is an escalation from now on, or climbs to its supervisor's step; gives what its requester is told.
    fn escalated(&mut self, row: &mut Case, asks: bool) -> Result<Option<Context>, ComposeError> {
        let trigger = self.trigger;
        let is_new = becomes_a_case(trigger.desk, row);
        let promise = is_new.then(|| self.climb().owes_anew(row));
        if is_new {
            let kind = row.kind.clone().unwrap_or_default();
            self.event(Chain::Case(row.id), EventKind::Escalated, &[("type", kind)]);
            (row.course.number_told, row.course.time_told) = (true, true);
        }
        let taken = if asks { self.passed_on(row)? } else { None };
        if is_new && taken.is_none() && row.specialist.is_none() {
            // Whoever had it does not work there: its supervisors know of it until somebody does.
            let whole = self.whole(Some(row));
            self.climb().told_by(row, StepBy::Staff, &whole)?;
        }
        if taken.is_none() && !is_new {
            return Ok(None);
        }
        let around = Surroundings::default();
        let mut context = context_of(trigger.desk, row, &around, trigger.now);
        context.urgent = self.judgement.urgent;
        context.promise = promise;
        let available = taken.as_ref().is_none_or(|taken| taken.available);
        context.escalation = Some(Escalation { is_new, available, ..taken.unwrap_or_default() });
        Ok(Some(context))
    }

    /// The step on which the case stands with the author of this message, by name.
    fn reviewing(&self, case: &Case) -> Option<String> {
        let author = &self.trigger.message.author()?.address;
        let ladder = &self.trigger.desk.ladder;
        let taken = case.course.steps.iter().filter_map(|taken| ladder.steps.get(ladder.place(&taken.id)?));
        let mut theirs = taken.filter(|step| matches!(&step.to, StepTo::Address(address) if address == author));
        theirs.next().map(|step| step.name.clone())
    }

    /// Whether the words of a participant tell personal data that a reply needs not, and they may be told so: no machine,
    /// nobody past the limit of automatic replies, no address that bounced.
    fn may_warn(&self, case: &Case) -> bool {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let sender = &trigger.standing.sender;
        let answerable = judgement.automatic.is_none()
            && judgement.reply.is_none()
            && trigger.overrules.is_none()
            && !sender.bounced_hard
            && sender.replies < trigger.desk.limits.replies;
        trigger.desk.privacy.warns && answerable && is_unasked(trigger.desk, &own_words(trigger.message), &case.entries)
    }

    /// Tells a sender that what they wrote belongs in no mail; nothing of it is repeated, and nothing of the case told.
    fn warn_of_pii(&mut self, case: &Case) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some(author) = trigger.message.author() else { return Ok(()) };
        let to = Mailbox { name: None, address: author.address.clone() };
        let tag = Tag::Case(case.number.clone());
        let context = Context {
            tag: Some(tag.clone()),
            urgent: self.judgement.urgent,
            line: case.line.clone(),
            warns_of_pii: true,
            ..Context::default()
        };
        let state = start(trigger.desk, MailClass::Automatic, &to.address);
        let (about, answered) = (Some((Target::Case(case.id), tag)), (Some(trigger.row), trigger.message));
        self.letters().reply(Template::PrivacyNotice, true, &to, &context, about, answered, state)
    }

    /// The new words go to whoever works the case; where they are away or have left, to the line's supervisor too.
    ///
    /// A colleague of the organisation is not the requester: what the specialist says to that stays inside.
    fn relay(&mut self, case: &Case, role: LinkRole) -> Result<(), ComposeError> {
        let (trigger, desk) = (self.trigger, self.trigger.desk);
        let Some(specialist) = &case.specialist else { return Ok(()) };
        let today = desk.calendar.local(trigger.now).date();
        let staff = desk.staff_member(specialist);
        let mut told: Vec<Mailbox> = staff.map(|_| desk.staff_mailbox(specialist)).into_iter().collect();
        if staff.is_none_or(|staff| staff.is_absent(today)) {
            told.extend(desk.supervisors(case.line.as_ref(), today));
        }
        let mut context = self.staff_context(Some(case));
        context.request = Some(trigger.message.body.visible.clone());
        let template = if role == LinkRole::Internal { Template::Notice } else { Template::Relay };
        if role == LinkRole::Internal {
            context.about = Some(About::Stranger);
            context.words = context.request.take();
            if let Some(step) = self.reviewing(case) {
                context.about = Some(About::Other);
                let said = context.words.take().unwrap_or_default();
                context.words =
                    Some(format!("{step} wrote about this case. Please tell the requester what came of it.\n\n{said}"));
            }
        }
        let taken = taken_to_staff(trigger.row, trigger.message);
        context.attachments = taken.listed();
        for to in told {
            let about = (Target::Case(case.id), Tag::Case(case.number.clone()));
            let mut letters = self.letters();
            letters.staff(template, &to, &context, Some(about))?;
            letters.enclose(taken.enclosed.clone());
        }
        Ok(())
    }
}

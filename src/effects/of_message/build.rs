//! The effects of one message while they are put together, and the steps that every outcome takes.

use super::MessageTrigger;
use crate::case::standing::Target;
use crate::case::{Case, ClockKind, ClockOf, ClockState, EventKind, LinkRole, Pending, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::Context;
use crate::effects::clocks::Clocks;
use crate::effects::enclosures::taken_to_staff;
use crate::effects::ladder::{Climb, Whole};
use crate::effects::letters::Letters;
use crate::effects::outside::start;
use crate::effects::{Chain, ClockChoice, ClockEnd, Effects, EventWrite, MailClass, MailState, MessageLink};
use crate::intake::decide::Judgement;
use crate::words::chance::Chance;
use crate::words::{Decision, SubjectMatch, Template};
use jiff::Timestamp;
use uuid::Uuid;

pub(super) struct Build<'a, 'b> {
    pub(super) trigger: &'a MessageTrigger<'a>,
    pub(super) judgement: &'a Judgement,
    pub(super) chance: &'b mut Chance,
    pub(super) effects: Effects,
}

impl<'a, 'b> Build<'a, 'b> {
    pub(super) fn new(trigger: &'a MessageTrigger<'a>, chance: &'b mut Chance) -> Self {
        let effects = Effects { desk: trigger.desk.id.clone(), at: trigger.now, ..Effects::default() };
        Self { trigger, judgement: trigger.judgement, chance, effects }
    }

    pub(super) fn letters(&mut self) -> Letters<'_> {
        Letters {
            desk: self.trigger.desk,
            keys: self.trigger.keys,
            now: self.trigger.now,
            chance: self.chance,
            mails: &mut self.effects.mails,
            events: &mut self.effects.events,
        }
    }

    /// The one automatic reply to this message.
    pub(super) fn reply(
        &mut self,
        template: Template,
        context: &Context,
        about: Option<Target>,
    ) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(to) = judgement.answer_to.clone() else { return Ok(()) };
        let external = judgement.external || trigger.desk.is_external(&to.address);
        let state = if judgement.reply_withheld {
            MailState::Withheld
        } else {
            start(trigger.desk, MailClass::Automatic, &to.address)
        };
        let about = about.zip(context.tag.clone());
        let answered = (trigger.overrules.is_none().then_some(trigger.row), trigger.message);
        self.letters().reply(template, external, &to, context, about, answered, state)
    }

    /// Climbs with this message's case.
    pub(super) fn climb(&mut self) -> Climb<'_> {
        let MessageTrigger { desk, keys, now, .. } = *self.trigger;
        Climb { desk, keys, now, chance: &mut *self.chance, effects: &mut self.effects }
    }

    /// The case as a supervisor gets it: what stands in it already, and this message.
    pub(super) fn whole(&self, case: Option<&Case>) -> Whole {
        let (trigger, message) = (self.trigger, self.trigger.message);
        let before = case.and_then(|case| trigger.standing.case(case.id)).map(|facts| facts.texts.clone());
        let mut texts: Vec<String> = before.unwrap_or_default();
        texts.push(message.body.visible.clone());
        // A request that is one free text is its own summary.
        texts.dedup_by(|later, earlier| later.trim() == earlier.trim());
        let taken = taken_to_staff(trigger.row, message);
        Whole { request: Some(texts.join("\n\n")), attachments: taken.listed(), enclosed: taken.enclosed, words: None }
    }

    pub(super) fn staff_context(&self, case: Option<&Case>) -> Context {
        let trigger = self.trigger;
        let mut context = outward_context(trigger);
        context.requester = trigger.message.from.first().cloned();
        context.attachments = trigger.message.attachments.iter().filter_map(|a| a.name.clone()).collect();
        context.decision = Some(self.judgement.decision);
        context.arrived = Some({
            let calendar = &trigger.desk.calendar;
            calendar.promise(&calendar.due(trigger.arrived), trigger.now)
        });
        if let Some(case) = case {
            context.canonical_subject = Some(case.subject.clone());
            context.line = case.line.clone();
            context.member = Some(case.member());
            context.status = Some(case.status);
        }
        context
    }

    pub(super) fn own_pending(&self) -> Option<&'a Pending> {
        match self.judgement.belongs {
            Some((Target::Pending(id), role)) if role != LinkRole::Stranger => {
                self.trigger.standing.pending(id).map(|facts| &facts.pending)
            }
            _ => None,
        }
    }

    pub(super) fn end_pending(&mut self, pending: &Pending, state: PendingState, kind: EventKind, case: Option<Uuid>) {
        self.effects.pendings.push(Pending { state, case, ..pending.clone() });
        let which = ClockChoice::AllOf(ClockOf::Pending(pending.id));
        self.effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
        self.event(Chain::Desk, kind, &[("pending", pending.id.to_string()), ("state", state.to_string())]);
    }

    /// A note for staff, beginning with who wrote the message.
    pub(super) fn note(&mut self, case: Uuid, text: &str) {
        let who = self.trigger.message.from.first().map(|one| one.address.to_string()).unwrap_or_default();
        let ids = std::collections::BTreeMap::from([("message".to_owned(), self.trigger.row.to_string())]);
        let content = Some(serde_json::json!({ "text": format!("{who}: {}", text.trim()) }));
        self.effects.events.push(EventWrite { chain: Chain::Case(case), kind: EventKind::Note, ids, content });
    }

    pub(super) fn link(&mut self, target: Target, role: LinkRole) {
        self.effects.links.push(MessageLink { message: self.trigger.row, target, role });
    }

    pub(super) fn event(&mut self, chain: Chain, kind: EventKind, ids: &[(&str, String)]) {
        let mut all: std::collections::BTreeMap<String, String> =
            ids.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        all.insert("message".into(), self.trigger.row.to_string());
        self.effects.events.push(EventWrite { chain, kind, ids: all, content: None });
    }

    pub(super) fn clock(&mut self, of: ClockOf, kind: ClockKind, started: Timestamp, due: &crate::calendar::Due) {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        Clocks { desk, now, chance: self.chance, effects: &mut self.effects }.start(of, kind, started, due);
    }
}

/// What every mail to the requester of a message may speak of.
pub(super) fn outward_context(trigger: &MessageTrigger<'_>) -> Context {
    let judgement = trigger.judgement;
    let known = &judgement.completeness;
    Context {
        original_subject: trigger.message.subject.clone(),
        canonical_subject: known.canonical_subject.clone(),
        repaired: known.subject_match == SubjectMatch::Repaired,
        // A mixed message is about every line: no line's phone number alone helps.
        line: known.line.clone().filter(|_| judgement.decision != Decision::RejectMixed),
        member: known.member.clone(),
        fields: known.fields.clone(),
        reasons: judgement.reasons.clone(),
        kind: known.kind.clone(),
        priority: known.priority.clone(),
        lowered_from: known.lowered_from.clone(),
        right_type: known.right_type.clone(),
        urgent: judgement.urgent,
        topics: judgement.topics.clone(),
        ..Context::default()
    }
}

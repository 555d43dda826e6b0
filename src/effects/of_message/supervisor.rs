//! What the supervisor must see: an urgent request at once, a held message when nobody has touched it.

use super::build::Build;
use crate::case::standing::Target;
use crate::case::{ClockKind, ClockOf, LinkRole};
use crate::compose::ComposeError;
use crate::compose::context::About;
use crate::words::numbers::Tag;
use crate::words::{Decision, Template};

impl Build<'_, '_> {
    /// The line's supervisor, both where the line is unknown, is told of an urgent request at once, whatever was decided.
    pub(super) fn tell_of_urgency(&mut self) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let by_nobody_who_asks = matches!(judgement.belongs, Some((_, LinkRole::Automatic | LinkRole::Staff)));
        let is_noise = matches!(judgement.decision, Decision::Bounce | Decision::Ignore) || by_nobody_who_asks;
        if !judgement.urgent || is_noise {
            return Ok(());
        }
        let existing = judgement.repeats.or(match judgement.belongs {
            Some((Target::Case(id), role)) if role != LinkRole::Stranger => Some(id),
            _ => None,
        });
        let case = existing.and_then(|id| trigger.standing.case(id)).map(|facts| &facts.case);
        let new = self.effects.cases.iter().find(|row| row.version == 0).map(|row| (row.id, row.number.clone()));
        let line = case.and_then(|case| case.line.clone()).or_else(|| judgement.completeness.line.clone());
        // A mixed message is about every line that it names.
        let line = line.filter(|_| judgement.decision != Decision::RejectMixed);
        let mut context = self.staff_context(case);
        context.about = Some(About::Urgent);
        context.request = Some(trigger.message.body.visible.clone());
        context.line = line.clone();
        let about = case.map(|case| (case.id, case.number.clone())).or(new);
        let about = about.map(|(id, number)| (Target::Case(id), Tag::Case(number)));
        let today = trigger.desk.calendar.local(trigger.now).date();
        for mailbox in trigger.desk.told_of_urgency(line.as_ref(), today) {
            self.letters().staff_about_message(Template::Notice, &mailbox, &context, about.clone(), trigger.row)?;
        }
        Ok(())
    }

    /// What is held is in the supervisor's list; untouched at the next business day's opening, it is told.
    pub(super) fn hold(&mut self) {
        let trigger = self.trigger;
        let calendar = &trigger.desk.calendar;
        let today = calendar.local(trigger.now).date();
        let due = calendar.due(calendar.opening(calendar.next_business_day(today)));
        self.clock(ClockOf::Message(trigger.row), ClockKind::HeldUntouched, trigger.now, &due);
    }
}

//! Commands that make more of a case, or keep it elsewhere: a step of the ladder, an entry of a list.

use super::{Done, Hands, IS_RESOLVED, refused};
use crate::case::EventKind;
use crate::case::course::StepBy;
use crate::compose::context::{Context, Escalation};
use crate::effects::ListEntry;
use crate::effects::ladder::{Whole, becomes_a_case};
use crate::words::{Status, Template};

impl Hands<'_> {
    /// `#escalate`: an inquiry becomes a case with a number, and the next step is taken; the requester is told.
    pub(super) fn escalate(&mut self, text: Option<&str>) -> Done {
        let desk = self.trigger.desk;
        if desk.ladder.steps.is_empty() && desk.ladder.kind.is_none() {
            return refused("This desk's policy has no ladder to climb.");
        }
        let work = self.work()?;
        let was_open = work.case.is_open();
        if !was_open && !work.case.course.is_inquiry {
            return refused(IS_RESOLVED);
        }
        if work.case.status == Status::Paused {
            return refused("The case is paused. Let its clocks go on with `#resume` first.");
        }
        let place = work.case.step_place(desk).map_or(0, |place| place.saturating_add(1));
        let has_next = place < desk.ladder.steps.len();
        if !has_next && !work.case.course.is_inquiry {
            let at = work.case.step(desk).map_or("", |step| step.name.as_str());
            return refused(format!("The case stands on the last step of the ladder already: {at}."));
        }
        if let Some(text) = text {
            self.note(text)?;
        }
        let work = self.work()?;
        if !was_open {
            work.case.resolved_at = None;
            let status = work.status_at_work();
            work.set_status(status);
            work.event(EventKind::Reopened, &[], None);
        }
        let is_new = becomes_a_case(desk, &mut work.case);
        let mut promise = None;
        if is_new || !was_open {
            let case = work.case.clone();
            let (mut climb, _) = work.climb();
            promise = Some(climb.owes_anew(&case));
            if is_new {
                let kind = case.kind.clone().unwrap_or_default();
                climb.event(&case, EventKind::Escalated, &[("type", kind)]);
            }
            work.case.course.number_told = true;
            work.case.course.time_told = true;
            // What is owed anew is not met by words that went out before.
            work.owed_anew = true;
        }
        let whole = Whole::of(work.around, text);
        let taken = if has_next {
            let (mut climb, case) = work.climb();
            climb.take(case, place, StepBy::Staff, &whole)?
        } else {
            None
        };
        let step = taken.as_ref().and_then(|taken| taken.step.clone());
        let due = promise.as_ref().map(|promise| promise.respond_by.clone());
        let available = taken.as_ref().is_none_or(|taken| taken.available);
        let escalation = Some(Escalation { is_new, available, ..taken.unwrap_or_default() });
        let context = Context { escalation, promise, ..work.context() };
        work.send_automatic(Template::Escalation, &context)?;
        work.tells = true;
        let number = &work.case.number;
        let became = if is_new {
            format!("It is an escalation now, and the requester has its number, {number}.")
        } else {
            String::new()
        };
        let stands = step.map(|step| format!("It stands on the step {step} now.")).unwrap_or_default();
        let owed = due.map(|due| format!("An answer is promised by {due}.")).unwrap_or_default();
        let told = if is_new { "" } else { "The requester is told." };
        let all = [became.as_str(), &stands, &owed, told];
        Ok(all.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" "))
    }

    /// `#list`: the case stands on a list of the desk from now on.
    pub(super) fn list(&mut self, id: &str, text: Option<&str>) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let Some(list) = desk.list(id) else { return refused("The desk has no such list.") };
        let by = self.mail.sender.email.clone();
        let row = self.chance.id(now);
        let work = self.work()?;
        if work.case.course.lists.iter().any(|known| known == id) {
            return refused(format!("The case stands on that list already: {}.", list.name));
        }
        work.case.course.lists.push(id.to_owned());
        work.event(EventKind::Listed, &[("list", id.to_owned()), ("why", "staff".to_owned())], None);
        let content = work.listed(Some(by), text);
        let source = work.case.id;
        work.effects.listed.push(ListEntry { id: row, list: id.to_owned(), source, why: "staff".to_owned(), content });
        let whole = Whole::of(work.around, text);
        let context = Context {
            requester: Some(work.requester()),
            request: whole.request,
            attachments: whole.attachments,
            words: whole.words,
            list: Some(id.to_owned()),
            ..work.context()
        };
        let about = Some(work.about());
        work.letters().list_entry(list, &context, about, &whole.enclosed)?;
        if list.tell.is_none() {
            return Ok(format!("The case stands on the list {} now.", list.name));
        }
        let context = Context { list: Some(id.to_owned()), ..work.context() };
        work.send_automatic(Template::Listed, &context)?;
        work.tells = true;
        Ok(format!("The case stands on the list {} now, and the requester is told.", list.name))
    }
}

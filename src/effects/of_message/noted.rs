//! What is asked and becomes no case, or not a case alone: a note to a teammate, and an entry of a list.

use super::build::Build;
use crate::case::standing::Target;
use crate::case::{Case, EventKind};
use crate::compose::ComposeError;
use crate::desk::FieldRole;
use crate::effects::enclosures::taken_to_staff;
use crate::effects::records::called;
use crate::effects::{Chain, ListEntry, ListedContent};
use crate::words::Decision;
use crate::words::numbers::Tag;

impl Build<'_, '_> {
    /// Of each topic that is asked about: its note is mailed, its entry written. So is the entry of a type that is paused.
    pub(super) fn note_topics(&mut self, case: Option<&Case>) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        if !matches!(judgement.decision, Decision::Redirect | Decision::Accept) {
            return Ok(());
        }
        let desk = trigger.desk;
        let mut context = self.staff_context(case);
        context.fields = judgement.completeness.fields.clone();
        context.member = judgement.completeness.member.clone();
        context.request = Some(trigger.message.body.visible.clone());
        let taken = taken_to_staff(trigger.row, trigger.message);
        context.attachments = taken.listed();
        let about = case.map(|case| (Target::Case(case.id), Tag::Case(case.number.clone())));
        for topic in judgement.topics.iter().filter_map(|id| desk.topic(id)) {
            let about = (about.clone(), trigger.row);
            self.letters().note_of_topic(topic, &context, about, &taken.enclosed)?;
        }
        let logged = judgement.topics.iter().filter_map(|id| desk.topic(id));
        let mut entries: Vec<(String, String)> =
            logged.filter_map(|topic| Some((topic.log.clone()?, topic.id.clone()))).collect();
        if judgement.completeness.is_paused && judgement.topics.is_empty() {
            let kind = judgement.completeness.kind.as_deref().and_then(|id| desk.types.get(id));
            entries.extend(kind.and_then(|kind| Some((kind.log.clone()?, kind.id.clone()))));
        }
        for (list, why) in entries {
            if let Some(known) = desk.list(&list) {
                self.letters().list_entry(known, &context, about.clone(), &taken.enclosed)?;
            }
            self.enter(list, why, case);
        }
        Ok(())
    }

    fn enter(&mut self, list: String, why: String, case: Option<&Case>) {
        let trigger = self.trigger;
        let known = &self.judgement.completeness;
        let author = trigger.message.author();
        let summary = trigger.desk.field_of(FieldRole::Summary).and_then(|field| known.fields.get(&field.id));
        let content = ListedContent {
            requester: author.map(|author| author.address.clone()),
            requester_name: author.and_then(|author| author.name.clone()),
            member: known.member.as_ref().and_then(called),
            case: case.map(|case| case.number.0.clone()),
            subject: trigger.message.subject.clone(),
            asked: summary.cloned().unwrap_or_else(|| trigger.message.body.visible.clone()),
            ..ListedContent::default()
        };
        let chain = case.map_or(Chain::Desk, |case| Chain::Case(case.id));
        self.event(chain, EventKind::Listed, &[("list", list.clone()), ("why", why.clone())]);
        let id = self.chance.id(trigger.now);
        self.effects.listed.push(ListEntry { id, list, source: trigger.row, why, content });
    }
}

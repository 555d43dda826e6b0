//! What is kept or told in the place of a case: entries of the desk's lists, and notes to teammates.

use super::letters::Letters;
use super::{Chain, EventWrite};
use crate::address::{EmailAddress, Mailbox};
use crate::case::EventKind;
use crate::case::standing::Target;
use crate::compose::ComposeError;
use crate::compose::context::{About, Context};
use crate::desk::{KeptList, Topic};
use crate::effects::Enclosed;
use crate::words::Template;
use crate::words::numbers::Tag;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An entry of a list. A list has one entry of one source: a second one changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// Its row.
    pub id: Uuid,
    /// The list, by id.
    pub list: String,
    /// The case or the message that it is about.
    pub source: Uuid,
    /// Because of what: the id of a topic or a type, or `staff`.
    pub why: String,
    /// What it says.
    pub content: ListedContent,
}

/// What an entry says: member data, kept sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ListedContent {
    /// Who asked.
    pub requester: Option<EmailAddress>,
    /// The requester's name, where given.
    pub requester_name: Option<String>,
    /// The member's name, given name first, where known.
    pub member: Option<String>,
    /// The case's number, where it is one.
    pub case: Option<String>,
    /// The subject of what was asked.
    pub subject: String,
    /// What was asked.
    pub asked: String,
    /// Who of the staff put it there.
    pub by: Option<EmailAddress>,
    /// What they said of it.
    pub note: Option<String>,
}

/// How a member is called in a list.
pub(super) fn called(member: &crate::words::MemberName) -> Option<String> {
    let name = format!("{} {}", member.first, member.last).trim().to_owned();
    (!name.is_empty()).then_some(name)
}

impl Letters<'_> {
    /// The note about `topic` to those whom it names; `row`: the message that it is about, to which a reply of theirs belongs.
    pub(super) fn note_of_topic(
        &mut self,
        topic: &Topic,
        context: &Context,
        (about, row): (Option<(Target, Tag)>, Uuid),
        enclosed: &[Enclosed],
    ) -> Result<(), ComposeError> {
        let to = self.desk.noted(topic, self.desk.day(self.now));
        let context = Context { about: Some(About::Note), topics: vec![topic.id.clone()], ..context.clone() };
        for to in &to {
            self.colleague_about(Template::Handover, to, &context, about.clone(), Some(row))?;
            self.enclose(enclosed.to_vec());
        }
        if !to.is_empty() {
            let chain = match about {
                Some((Target::Case(id), _)) => Chain::Case(id),
                _ => Chain::Desk,
            };
            let ids = [("topic", topic.id.clone()), ("message", row.to_string())];
            let ids = ids.into_iter().map(|(name, value)| (name.to_owned(), value));
            let ids: BTreeMap<_, _> = ids.collect();
            self.events.push(EventWrite { chain, kind: EventKind::Noted, ids, content: None });
        }
        Ok(())
    }

    /// An entry of `list` is mailed to its address, where it has one.
    pub(super) fn list_entry(
        &mut self,
        list: &KeptList,
        context: &Context,
        about: Option<(Target, Tag)>,
        enclosed: &[Enclosed],
    ) -> Result<(), ComposeError> {
        let Some(address) = &list.address else { return Ok(()) };
        let to: Mailbox = self.desk.staff_mailbox(address);
        let context = Context { about: Some(About::Listed), list: Some(list.id.clone()), ..context.clone() };
        self.colleague(Template::Handover, &to, &context, about)?;
        self.enclose(enclosed.to_vec());
        Ok(())
    }
}

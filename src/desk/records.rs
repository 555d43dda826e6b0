//! The part of a policy about lists that are kept besides cases (an audit list, an issue tracker), and about topics of
//! which a note goes to a teammate.

use super::ladder::only_once;
use super::reader::Section;
use super::{Desk, Line, Topic, keys};
use crate::address::{EmailAddress, Mailbox};
use crate::words::LineId;
use jiff::civil::Date;
use toml::Spanned;

/// A list that the desk keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptList {
    /// Its id: `audit`.
    pub id: String,
    /// How mails and pages call it.
    pub name: String,
    /// Where each entry is mailed to.
    pub address: Option<EmailAddress>,
    /// What the requester of a case is told when it is put on the list; Markdown. `None`: nothing is sent.
    pub tell: Option<String>,
}

/// To whom a note goes instead of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteTo {
    /// Teammates.
    pub addresses: Vec<EmailAddress>,
    /// Queues: their supervisors.
    pub queues: Vec<LineId>,
}

impl NoteTo {
    /// Whether nobody is named.
    pub fn is_nobody(&self) -> bool {
        self.addresses.is_empty() && self.queues.is_empty()
    }
}

impl Desk {
    /// The list with this id.
    pub fn list(&self, id: &str) -> Option<&KeptList> {
        self.lists.iter().find(|list| list.id == id)
    }

    /// Who gets the note about `topic`: the teammates that it names, and the manager (the supervisors of the queues that it
    /// names, else the desk's). Nobody twice; nobody at all where the topic has no note.
    pub fn noted(&self, topic: &Topic, today: Date) -> Vec<Mailbox> {
        let note = &topic.note_to;
        if note.is_nobody() {
            return Vec::new();
        }
        let managers = match note.queues.as_slice() {
            [] => self.supervisors(None, today),
            queues => queues.iter().flat_map(|queue| self.supervisors(Some(queue), today)).collect(),
        };
        let mut told: Vec<Mailbox> = Vec::new();
        for to in note.addresses.iter().map(|address| self.staff_mailbox(address)).chain(managers) {
            if told.iter().all(|known| known.address != to.address) {
                told.push(to);
            }
        }
        told
    }
}

/// `[[list]]`
pub(super) fn lists(desk: &Section<'_>) -> Vec<KeptList> {
    let sections = desk.tables("list", &keys::LIST);
    let list = |section: &Section<'_>| {
        let (id, name) = (section.id(), section.required_text("name", "\"Audit list\""));
        Some(KeptList {
            id: id?.into_inner(),
            name: name?.into_inner(),
            address: section.address("address").map(Spanned::into_inner),
            tell: section.prose("tell").map(Spanned::into_inner),
        })
    };
    let lists = sections.iter().filter_map(list).collect();
    only_once(&sections, "list");
    lists
}

/// `log` of a topic or a type: the id of a list.
pub(super) fn log(section: &Section<'_>, lists: &[KeptList]) -> Option<String> {
    let ids: Vec<&str> = lists.iter().map(|list| list.id.as_str()).collect();
    super::issue_types::known(section, "log", &ids, "list")
}

/// `note_to` of a topic: addresses and ids of queues.
pub(super) fn note_to(section: &Section<'_>, lines: &[Line]) -> NoteTo {
    let ids: Vec<&str> = lines.iter().map(|line| line.id.0.as_str()).collect();
    let mut note = NoteTo::default();
    for word in section.text_or_texts("note_to") {
        let text = word.get_ref().as_str();
        if ids.contains(&text) {
            note.queues.push(LineId(text.to_owned()));
            continue;
        }
        match EmailAddress::parse(text) {
            Ok(address) => note.addresses.push(address),
            Err(_) => {
                let reason = format!("`{text}` is neither an address nor a queue");
                section.fault(word.span(), "note_to", reason, crate::strict::suggestion(text, &ids));
            }
        }
    }
    note
}

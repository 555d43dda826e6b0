//! The part of a policy about types of issue: what a request may be about, who opens it, and where it goes.

use super::groups::Groups;
use super::keys;
use super::lines::squash;
use super::priorities::Priorities;
use super::reader::Section;
use super::vocabulary::check_phrase;
use super::{KeptList, Line, general};
use crate::calendar::Span;
use crate::words::LineId;
use crate::words::fold::fold;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The types of issue of a desk, and how a request's type is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueTypes {
    /// Every type; none: the desk has no types.
    pub list: Vec<IssueType>,
    /// Whether a request whose type is found nowhere is returned.
    pub required: bool,
    /// Where the type is looked for, in this order.
    pub from: Vec<TypeSource>,
    /// Whether a label's type is compared with what the words say: a type none of whose words stand there, where another
    /// one's do, is the wrong one.
    pub compared: bool,
    /// The type of a request whose words speak of several.
    pub several: Option<String>,
    /// Phrases that say that a matter is over: what their sentence says of types and priorities does not count.
    pub over: Vec<String>,
    /// Phrases that look like it and are not.
    pub not_over: Vec<String>,
}

/// Where a request's type is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeSource {
    /// Behind the label of the field with the role `type`.
    Field,
    /// By a listed name in the subject.
    Subject,
    /// By labelled values of fields that are asked for with one type alone.
    Given,
    /// In what is asked: subject, summary, free text.
    Words,
}

/// Who opens issues of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenedBy {
    /// Whoever writes to the desk.
    #[default]
    Mail,
    /// Another system alone: a request of this type is returned.
    Platform,
    /// Nobody for now: a request of this type is sent elsewhere and noted down.
    Nobody,
}

/// To whom a queue's cases of a type are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Give {
    /// To the specialist with the fewest open cases.
    #[default]
    Fewest,
    /// To each specialist in turn.
    Turn,
    /// To the queue's supervisor, who gives it on.
    Manager,
}

/// One type of issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueType {
    /// Its id in JSON: `termination`.
    pub id: String,
    /// How mails call it: `Termination Issue`.
    pub name: String,
    /// Other names behind a label or in a subject, as people write them.
    pub aliases: Vec<String>,
    /// Phrases that mean it in a sentence.
    pub phrases: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
    /// Who opens it.
    pub opened_by: OpenedBy,
    /// What to do instead, for a type that is not opened by mail; Markdown.
    pub guidance: Option<String>,
    /// The queue where its cases wait.
    pub queue: Option<LineId>,
    /// To whom they are given.
    pub give: Give,
    /// The priority of all its cases, whatever is asked.
    pub priority: Option<String>,
    /// Most members in one request; 0: any number.
    pub members: u32,
    /// Whether its cases have numbers that requesters see; without one, it is an inquiry that is answered and closed.
    pub numbered: bool,
    /// The response clock of its cases.
    pub respond: Option<Span>,
    /// The update clock of its cases.
    pub update: Option<Span>,
    /// When a request that bears this type is another's.
    pub wrong: Vec<WrongWhen>,
    /// Meant where the words name no type.
    pub fallback: bool,
    /// The list on which a request of this type is entered.
    pub log: Option<String>,
}

/// When a type is the wrong one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrongWhen {
    /// Phrases of the request's words that show it; none: always, unless `unless` is met.
    pub phrases: Vec<String>,
    /// Phrases of the request's words that make it right all the same.
    pub unless: Vec<String>,
    /// The type that is right, where there is one.
    pub means: Option<String>,
    /// Whether the request belongs to the other system rather than to another type.
    pub not_by_mail: bool,
    /// What to do, for the requester; Markdown.
    pub guidance: Option<String>,
}

impl IssueTypes {
    /// The type with this id.
    pub fn get(&self, id: &str) -> Option<&IssueType> {
        self.list.iter().find(|kind| kind.id == id)
    }

    /// The type of a request whose words name none.
    pub fn fallback(&self) -> Option<&IssueType> {
        self.list.iter().find(|kind| kind.fallback)
    }
}

const SOURCES: &[(&str, TypeSource)] = &[
    ("field", TypeSource::Field),
    ("subject", TypeSource::Subject),
    ("given", TypeSource::Given),
    ("words", TypeSource::Words),
];

/// `[types]` and `[[type]]`, with no id or name in two of them.
pub(super) fn issue_types(
    desk: &Section<'_>,
    around: (&[Line], &[KeptList]),
    priorities: &Priorities,
    groups: &Groups,
) -> IssueTypes {
    let (queues, lists) = around;
    let sections = desk.tables("type", &keys::TYPE);
    let ids: Vec<String> = sections.iter().filter_map(|section| section.text("id")).map(Spanned::into_inner).collect();
    let around = Around { ids: &ids, queues, lists, priorities, groups };
    let list: Vec<IssueType> = sections.iter().filter_map(|section| around.issue_type(section)).collect();
    repeats(&sections);
    let all = desk.table("types", &keys::TYPES);
    if desk.has("types") && sections.is_empty() {
        desk.fault(all.span.clone(), "types", "there is no type", "add a table [[type]], or remove [types]");
    }
    let fallbacks: Vec<_> = sections.iter().filter(|section| section.flag("fallback") == Some(true)).collect();
    if let Some(second) = fallbacks.get(1) {
        second.fault(second.place("fallback"), "fallback", "another type is the fallback already", "keep one of them");
    }
    let mut from: Vec<TypeSource> = Vec::new();
    for word in all.texts("from") {
        match SOURCES.iter().find(|(name, _)| name == word.get_ref()) {
            Some((_, source)) if !from.contains(source) => from.push(*source),
            Some(_) => {}
            None => {
                let known: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
                let remedy = crate::strict::suggestion(word.get_ref(), &known);
                all.fault(word.span(), "from", format!("`{}` is no place to look at", word.get_ref()), remedy);
            }
        }
    }
    if from.is_empty() {
        from = vec![TypeSource::Field];
    }
    let several = around.type_id(&all, "several");
    let (over, not_over) = (around.phrases(&all, "over"), around.phrases(&all, "not_over"));
    IssueTypes {
        over,
        not_over,
        list,
        required: all.flag("required").unwrap_or(!sections.is_empty()),
        from,
        compared: all.flag("compared").unwrap_or(false),
        several,
    }
}

struct Around<'a> {
    ids: &'a [String],
    queues: &'a [Line],
    lists: &'a [KeptList],
    priorities: &'a Priorities,
    groups: &'a Groups,
}

impl Around<'_> {
    /// The id of a type that stands under `key`.
    fn type_id(&self, section: &Section<'_>, key: &str) -> Option<String> {
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        known(section, key, &ids, "type")
    }

    fn phrases(&self, section: &Section<'_>, key: &str) -> Vec<String> {
        let phrases = section.texts(key);
        for phrase in &phrases {
            check_phrase(section, key, phrase, self.groups);
        }
        phrases.iter().map(|phrase| fold(&self.groups.expand(phrase.get_ref()))).collect()
    }

    fn issue_type(&self, section: &Section<'_>) -> Option<IssueType> {
        const OPENED_BY: &[(&str, OpenedBy)] =
            &[("mail", OpenedBy::Mail), ("platform", OpenedBy::Platform), ("nobody", OpenedBy::Nobody)];
        const GIVE: &[(&str, Give)] = &[("fewest", Give::Fewest), ("turn", Give::Turn), ("manager", Give::Manager)];
        let (id, name) = (section.id(), section.required_text("name", "\"…\""));
        let opened_by = section.one_of("opened_by", OPENED_BY).unwrap_or_default();
        let guidance = section.prose("guidance").map(Spanned::into_inner);
        if opened_by != OpenedBy::Mail && guidance.is_none() {
            let reason = "the type is not opened by mail and has no guidance: a requester would not learn what to do";
            section.fault(section.span.clone(), "guidance", reason, "add guidance = \"…\"");
        }
        let queues: Vec<&str> = self.queues.iter().map(|queue| queue.id.0.as_str()).collect();
        let levels: Vec<&str> = self.priorities.list.iter().map(|level| level.id.as_str()).collect();
        let queue = known(section, "queue", &queues, "queue").map(LineId);
        if queue.is_none() && !section.has("queue") && queues.len() > 1 && opened_by == OpenedBy::Mail {
            let reason = "the desk has several queues, and the type goes to none";
            section.fault(section.span.clone(), "queue", reason, "add queue = \"…\"");
        }
        let wrong = section.tables("wrong", &keys::TYPE_WRONG);
        Some(IssueType {
            id: id?.into_inner(),
            name: name?.into_inner(),
            aliases: section.texts("aliases").into_iter().map(Spanned::into_inner).collect(),
            phrases: self.phrases(section, "phrases"),
            except: self.phrases(section, "except"),
            opened_by,
            guidance,
            queue: queue.or_else(|| self.queues.first().filter(|_| queues.len() == 1).map(|queue| queue.id.clone())),
            give: section.one_of("give", GIVE).unwrap_or_default(),
            priority: known(section, "priority", &levels, "priority"),
            members: section.number("members").map_or(1, Spanned::into_inner),
            numbered: section.flag("numbered").unwrap_or(true),
            respond: general::span(section, "respond"),
            update: general::span(section, "update"),
            wrong: wrong.iter().map(|wrong| self.wrong_when(wrong)).collect(),
            fallback: section.flag("fallback").unwrap_or(false),
            log: super::records::log(section, self.lists),
        })
    }

    fn wrong_when(&self, section: &Section<'_>) -> WrongWhen {
        if !section.has("phrases") && !section.has("unless") {
            let reason = "neither `phrases` nor `unless` is given: the type would always be wrong";
            section.fault(section.span.clone(), "phrases", reason, "add phrases = [\"…\"] or unless = [\"…\"]");
        }
        if !section.has("means") && !section.has("guidance") {
            let reason = "neither `means` nor `guidance` is given: a requester would not learn what to do";
            section.fault(section.span.clone(), "means", reason, "name the right type, or add guidance = \"…\"");
        }
        WrongWhen {
            phrases: self.phrases(section, "phrases"),
            unless: self.phrases(section, "unless"),
            means: self.type_id(section, "means"),
            not_by_mail: section.flag("not_by_mail").unwrap_or(false),
            guidance: section.prose("guidance").map(Spanned::into_inner),
        }
    }
}

/// The word under `key`, which must be one of `ids`.
pub(super) fn known(section: &Section<'_>, key: &str, ids: &[&str], what: &str) -> Option<String> {
    let word = section.text(key)?;
    if ids.contains(&word.get_ref().as_str()) {
        return Some(word.into_inner());
    }
    let remedy = crate::strict::suggestion(word.get_ref(), ids);
    section.fault(word.span(), key, format!("there is no {what} with the id `{}`", word.get_ref()), remedy);
    None
}

/// No id, name or alias may mean two types.
fn repeats(sections: &[Section<'_>]) {
    let mut known: BTreeMap<(bool, String), (usize, Range<usize>)> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        let id = section.text("id").map(|id| ("id", id));
        let name = section.text("name").map(|name| ("name", name));
        let aliases = section.texts("aliases").into_iter().map(|alias| ("aliases", alias));
        for (key, word) in id.into_iter().chain(name).chain(aliases) {
            let entry = (key == "id", squash(word.get_ref()));
            let (first, at) = known.entry(entry).or_insert_with(|| (index, word.span()));
            if *first != index {
                let at = section.reading.line(at);
                let reason = format!("`{}` means another type already, at line {at}", word.get_ref());
                section.fault(word.span(), key, reason, "remove it from one of the two types");
            }
        }
    }
}

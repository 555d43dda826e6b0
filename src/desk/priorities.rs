//! The part of a policy about priorities: which there are, what meets each, and what follows from it.

use super::groups::Groups;
use super::issue_types::known;
use super::lines::squash;
use super::reader::Section;
use super::vocabulary::check_phrase;
use super::{general, keys};
use crate::calendar::Span;
use crate::words::fold::fold;
use std::collections::BTreeMap;
use toml::Spanned;

/// The priorities of a desk, the most pressing first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Priorities {
    /// Every priority, in the order of the policy; none: the desk has none.
    pub list: Vec<Priority>,
    /// Whether a request that states none, and whose type fixes none, is returned.
    pub required: bool,
    /// The priority of a request that states none.
    pub default: Option<String>,
    /// Whether the priority is also read from the words of a request that states none.
    pub from_words: bool,
}

/// One priority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Priority {
    /// Its id in JSON: `high`.
    pub id: String,
    /// How mails call it: `High`.
    pub name: String,
    /// Other words for it behind a label.
    pub aliases: Vec<String>,
    /// Phrases of a reason that meet it.
    pub phrases: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
    /// Whether who asks for it must say why.
    pub reason: bool,
    /// The priority that a request gets whose reason does not meet this one; `None`: any reason does.
    pub below: Option<String>,
    /// What meets it, in a sentence for the requester whose reason did not.
    pub meets: Option<String>,
    /// What a requester may expect, in a sentence for the receipt.
    pub expect: Option<String>,
    /// Cases of it are assigned when they are accepted, and not at the desk's hour.
    pub at_once: bool,
    /// The response clock of its cases.
    pub respond: Option<Span>,
    /// Without activity for so long, the manager is told.
    pub follow_up: Option<Span>,
    /// From acceptance to the case's end, as the desk aims at it.
    pub target: Option<Span>,
}

impl Priorities {
    /// The priority with this id.
    pub fn get(&self, id: &str) -> Option<&Priority> {
        self.list.iter().find(|level| level.id == id)
    }
}

/// `[priorities]` and `[[priority]]`.
pub(super) fn priorities(desk: &Section<'_>, groups: &Groups) -> Priorities {
    let sections = desk.tables("priority", &keys::PRIORITY);
    let ids: Vec<String> = sections.iter().filter_map(|section| section.text("id")).map(Spanned::into_inner).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let list = sections.iter().filter_map(|section| priority(section, &ids, groups)).collect();
    let mut words: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        let id = section.text("id").map(|id| ("id", id));
        let name = section.text("name").map(|name| ("name", name));
        let aliases = section.texts("aliases").into_iter().map(|alias| ("aliases", alias));
        for (key, word) in id.into_iter().chain(name).chain(aliases) {
            if *words.entry((key == "id", squash(word.get_ref()))).or_insert(index) != index {
                let reason = format!("`{}` means another priority already", word.get_ref());
                section.fault(word.span(), key, reason, "remove it from one of the two");
            }
        }
    }
    let all = desk.table("priorities", &keys::PRIORITIES);
    if desk.has("priorities") && sections.is_empty() {
        let remedy = "add a table [[priority]], or remove [priorities]";
        desk.fault(all.span.clone(), "priorities", "there is no priority", remedy);
    }
    Priorities {
        list,
        required: all.flag("required").unwrap_or(false),
        default: known(&all, "default", &ids, "priority"),
        from_words: all.flag("from_words").unwrap_or(false),
    }
}

fn priority(section: &Section<'_>, ids: &[&str], groups: &Groups) -> Option<Priority> {
    let (id, name) = (section.id(), section.required_text("name", "\"High\""));
    let phrases = |key: &str| -> Vec<String> {
        let phrases = section.texts(key);
        for phrase in &phrases {
            check_phrase(section, key, phrase, groups);
        }
        phrases.iter().map(|phrase| fold(&groups.expand(phrase.get_ref()))).collect()
    };
    let below = known(section, "below", ids, "priority");
    if let Some(below) = below.as_ref().filter(|below| id.as_ref().is_some_and(|id| id.get_ref() == *below)) {
        let reason = format!("`{below}` is no step below itself");
        section.fault(section.place("below"), "below", reason, "name the next priority down, or remove the key");
    }
    Some(Priority {
        id: id?.into_inner(),
        name: name?.into_inner(),
        aliases: section.texts("aliases").into_iter().map(Spanned::into_inner).collect(),
        phrases: phrases("phrases"),
        except: phrases("except"),
        reason: section.flag("reason").unwrap_or(false),
        below,
        meets: section.prose("meets").map(Spanned::into_inner),
        expect: section.prose("expect").map(Spanned::into_inner),
        at_once: section.flag("at_once").unwrap_or(false),
        respond: general::span(section, "respond"),
        follow_up: general::span(section, "follow_up"),
        target: general::span(section, "target"),
    })
}

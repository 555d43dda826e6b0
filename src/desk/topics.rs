//! The part of a policy about what is out of scope.

use super::groups::Groups;
use super::keys;
use super::lines::squash;
use super::reader::Section;
use super::vocabulary::check_phrase;
use super::{KeptList, Topic, records};
use crate::words::fold::fold;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The topics, with no id, name or phrase in two of them, and no name that means a line.
pub(super) fn topics(desk: &Section<'_>, lines: &[super::Line], lists: &[KeptList], groups: &Groups) -> Vec<Topic> {
    let sections = desk.tables("topic", &keys::TOPIC);
    let topics: Vec<Topic> = sections.iter().filter_map(|section| topic(section, lines, lists, groups)).collect();
    let mut known: BTreeMap<(&'static str, String), (usize, Range<usize>)> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        if let Some(id) = section.text("id") {
            only_one(section, &mut known, index, "id", &id);
        }
        for key in ["names", "phrases"] {
            for word in section.texts(key) {
                only_one(section, &mut known, index, key, &word);
            }
        }
        for name in section.texts("names") {
            let squashed = squash(name.get_ref());
            let means = |line: &&super::Line| {
                std::iter::once(&line.name)
                    .chain(&line.synonyms)
                    .chain(&line.words)
                    .any(|word| squash(word) == squashed)
            };
            if let Some(line) = lines.iter().find(means) {
                let reason = format!("`{}` means the line `{}` already", name.get_ref(), line.id);
                section.fault(name.span(), "names", reason, "remove it from the topic or from the line");
            }
        }
    }
    topics
}

fn only_one(
    section: &Section<'_>,
    known: &mut BTreeMap<(&'static str, String), (usize, Range<usize>)>,
    index: usize,
    key: &'static str,
    word: &Spanned<String>,
) {
    let (first, first_at) = known.entry((key, fold(word.get_ref()))).or_insert_with(|| (index, word.span()));
    if *first != index {
        let first_at = section.reading.line(first_at);
        let reason = format!("`{}` belongs to another topic already, at line {first_at}", word.get_ref());
        section.fault(word.span(), key, reason, "remove it from one of the two topics");
    }
}

fn topic(section: &Section<'_>, lines: &[super::Line], lists: &[KeptList], groups: &Groups) -> Option<Topic> {
    let (note_to, log) = (records::note_to(section, lines), records::log(section, lists));
    let id = section.id();
    let title = section.required_text("title", "\"…\"");
    if !section.has("guidance") {
        let reason = "the topic has no guidance: a requester would not learn where to take it";
        let remedy = "add guidance = \"…\", with neutral = true until the desk knows what to say";
        section.fault(section.span.clone(), "guidance", reason, remedy);
    }
    let guidance = section.prose("guidance");
    let address = section.address("address");
    let phrases = section.texts("phrases");
    let except = section.texts("except");
    for (key, list) in [("phrases", &phrases), ("except", &except)] {
        for phrase in list {
            check_phrase(section, key, phrase, groups);
        }
    }
    let folded = |list: &[Spanned<String>]| {
        list.iter().map(|word| fold(&groups.expand(word.get_ref()))).collect::<Vec<String>>()
    };
    let asked = folded(&phrases);
    for phrase in except.iter().filter(|phrase| asked.contains(&fold(&groups.expand(phrase.get_ref())))) {
        let reason = format!("`{}` stands under `phrases` too", phrase.get_ref());
        section.fault(phrase.span(), "except", reason, "remove it from one of the two");
    }
    Some(Topic {
        id: id?.into_inner(),
        title: title?.into_inner(),
        guidance: guidance?.into_inner(),
        address: address.map(Spanned::into_inner),
        neutral: section.flag("neutral").unwrap_or(false),
        plan: section.flag("plan").unwrap_or(false),
        except: folded(&except),
        names: folded(&section.texts("names")),
        phrases: asked,
        note_to,
        log,
    })
}

//! A second member in the sender's own sentences: a name with an id of the same shape, in a sentence that asks for
//! something (POLICY.md, Body fields). A relative or an old id mentioned in passing is context.

use super::alike;
use super::members::Block;
use super::names::{self, Written};
use super::vocabulary::Vocabulary;
use super::{text, values};
use crate::desk::{Field, FieldRole};

/// Words with which a sentence asks for the same thing again, or for anything.
const ASKS: &[&str] = &[
    "also",
    "too",
    "both",
    "same",
    "likewise",
    "another",
    "second",
    "additionally",
    "please",
    "pls",
    "need",
    "needs",
    "and",
    "well",
    "plus",
];

/// Words that make an id or a person part of the story only.
const IN_PASSING: &[&str] = &[
    "old",
    "previous",
    "previously",
    "prior",
    "former",
    "formerly",
    "was",
    "were",
    "had",
    "used",
    "already",
    "got",
    "instead",
    "replaced",
    "wrong",
    "incorrect",
    "mistakenly",
    "not",
];

/// Whether `text` asks about somebody who is none of `known`, by a name and an id that no block holds.
pub fn asks_about_another(voc: &Vocabulary<'_>, text: &str, known: &[Written], blocks: &[Block]) -> bool {
    let Some(field) = voc.parts.fields.iter().find(|field| field.role == FieldRole::MemberId) else { return false };
    let ids: Vec<&String> = blocks.iter().flat_map(|block| &block.ids).take(20).collect();
    if ids.is_empty() || known.is_empty() {
        return false;
    }
    sentences(text).any(|sentence| {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        (0..words.len()).any(|place| {
            is_new_id(field, &words, place, &ids) && asks(&words) && names_another(voc, &words, place, known)
        })
    })
}

/// Sentences: a full stop ends one only where a space and a capital follow.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '?', '!']).flat_map(|line| line.split(". "))
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Whether the word at `place` is an id of the same shape as a known one and another than all of them.
fn is_new_id(field: &Field, words: &[&str], place: usize, known: &[&String]) -> bool {
    let Some(word) = words.get(place).map(|word| bare(word)) else { return false };
    if word.len() < 6 || !word.chars().any(|c| c.is_ascii_digit()) || !values::fits(field, word) {
        return false;
    }
    let id = values::compact(field, word).to_uppercase();
    known.iter().any(|known| shape(known) == shape(&id)) && !known.iter().any(|known| **known == id)
}

/// Letters and digits of an id, without which ones they are.
fn shape(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_digit() { '9' } else { 'A' }).collect()
}

fn asks(words: &[&str]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&text::key(word).as_str()));
    has(ASKS) && !has(IN_PASSING)
}

/// Whether a name of two words and more stands right before or behind the id, and is nobody's who is known.
fn names_another(voc: &Vocabulary<'_>, words: &[&str], place: usize, known: &[Written]) -> bool {
    let from = place.saturating_sub(8);
    let around = words.get(from..(place + 5).min(words.len())).unwrap_or_default();
    let mut run: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for word in around {
        let name = bare(word);
        let is_name = name.chars().count() > 1
            && names::is_name_word(name)
            && text::is_capitalised(name)
            && !names::is_filler(voc, name)
            && !voc.lines.iter().any(|line| line.key == text::key(name));
        if is_name {
            run.push(name.trim_end_matches("'s").trim_end_matches("\u{2019}s").to_owned());
        }
        if (!is_name || word.ends_with([',', ';', ')', ':'])) && !run.is_empty() {
            found.push(std::mem::take(&mut run));
        }
    }
    found.push(run);
    found.into_iter().filter(|name| name.len() > 1).any(|name| {
        let name = Written::Loose(name);
        !known.iter().any(|known| alike::same_person(voc, known, &name))
    })
}

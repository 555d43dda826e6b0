//! Which type of issue a request is of (POLICY.md, The other desks): by its label, by its subject, by what it asks; and
//! whether the type that is named is the right one.

use super::{MOST_WRONG, PhraseSet, Phrases, Said, Told};
use crate::desk::{Desk, IssueType, OpenedBy, TypeSource, squash};
use crate::intake::text;

/// What is known of a request's type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The type's id.
    pub id: Option<String>,
    /// A label names a type that is on no list.
    pub unknown: bool,
    /// Only the words told it: nobody named it.
    pub by_words: bool,
}

/// What is wrong with a type that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Another type is meant, where one is known.
    Another(Option<String>),
    /// It is for another system.
    NotByMail,
}

/// What a request names, by labels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Labelled<'a> {
    /// What stands behind the type's label.
    pub kind: Option<&'a str>,
    /// Ids of the fields that a label gives a usable value.
    pub fields: &'a [&'a str],
}

/// So many fields of one type, filled in, name the type.
const GIVEN: usize = 2;

/// The type of a request.
pub fn find(desk: &Desk, phrases: &Phrases, labelled: Labelled<'_>, told: Told<'_>) -> Found {
    let label = labelled.kind;
    let types = &desk.types;
    let mut unknown = false;
    for source in &types.from {
        let id = match source {
            TypeSource::Field => {
                let id = label.and_then(|label| named(desk, phrases, label));
                unknown |= label.is_some() && id.is_none();
                id
            }
            TypeSource::Subject => within(desk, told.subject).map(str::to_owned),
            TypeSource::Given | TypeSource::Words if unknown => None,
            TypeSource::Given => by_given(desk, labelled.fields),
            TypeSource::Words => by_words(desk, phrases, told),
        };
        if let Some(id) = id {
            let by_words = matches!(source, TypeSource::Words | TypeSource::Given);
            return Found { id: Some(id), unknown: false, by_words };
        }
    }
    let fallback = types.fallback().filter(|_| !unknown).map(|kind| kind.id.clone());
    Found { by_words: fallback.is_some(), id: fallback, unknown }
}

/// The one type whose own fields are filled in: those that are asked for with it alone.
fn by_given(desk: &Desk, given: &[&str]) -> Option<String> {
    let own = desk.fields.iter().filter(|field| given.contains(&field.id.as_str()));
    let own: Vec<&str> = own.filter_map(|field| field.when.as_ref()?.only_type()).collect();
    let first = own.first()?;
    (own.len() >= GIVEN && own.iter().all(|kind| kind == first)).then(|| (*first).to_owned())
}

/// The type that a label's value names: a name or an alias, a typo of one, one among other words, or by phrases.
fn named(desk: &Desk, phrases: &Phrases, value: &str) -> Option<String> {
    let key = squash(value);
    exact(desk, &key)
        .or_else(|| within(desk, value))
        .or_else(|| typo(desk, &key))
        .or_else(|| heard_in(desk, phrases, value))
        .map(str::to_owned)
}

fn names(kind: &IssueType) -> impl Iterator<Item = &str> {
    std::iter::once(kind.name.as_str()).chain(kind.aliases.iter().map(String::as_str))
}

fn exact<'a>(desk: &'a Desk, key: &str) -> Option<&'a str> {
    let is = |kind: &&IssueType| names(kind).any(|name| squash(name) == key);
    desk.types.list.iter().find(is).map(|kind| kind.id.as_str())
}

/// The longest name of a type that stands in `value` as whole words.
fn within<'a>(desk: &'a Desk, value: &str) -> Option<&'a str> {
    let words = text::words(value);
    let stands = |name: &str| {
        let wanted = text::words(name);
        !wanted.is_empty() && words.windows(wanted.len()).any(|part| part == wanted)
    };
    let found = desk.types.list.iter().flat_map(|kind| names(kind).map(move |name| (name, kind)));
    let found = found.filter(|(name, kind)| squash(name).len() > 3 && !kind.fallback && stands(name));
    found.max_by_key(|(name, _)| name.len()).map(|(_, kind)| kind.id.as_str())
}

/// The one type of which a name differs by a typo.
fn typo<'a>(desk: &'a Desk, key: &str) -> Option<&'a str> {
    let mut near: Vec<(usize, &str)> = Vec::new();
    for kind in &desk.types.list {
        for name in names(kind).map(squash).filter(|name| name.len() >= 6) {
            let edits = text::typo_edits(name.chars().count());
            near.extend(text::within_edits(key, &name, edits).map(|distance| (distance, kind.id.as_str())));
        }
    }
    let (least, id) = near.iter().min_by_key(|(distance, _)| *distance).copied()?;
    let alone = near.iter().all(|(distance, other)| *distance > least || *other == id);
    alone.then_some(id)
}

/// The one type whose phrases stand in a label's value.
fn heard_in<'a>(desk: &'a Desk, phrases: &Phrases, value: &str) -> Option<&'a str> {
    let mut tags: Vec<usize> = Vec::new();
    for said in phrases.read(value) {
        tags.extend(said.heard(&phrases.types).into_iter().map(|(tag, _)| tag));
    }
    tags.sort_unstable();
    tags.dedup();
    match tags.as_slice() {
        [only] => desk.types.list.get(*only).map(|kind| kind.id.as_str()),
        _ => None,
    }
}

/// How much one type is spoken of.
#[derive(Clone, Copy, Debug)]
struct Weight {
    tag: usize,
    /// Of the strongest sentence.
    strongest: u32,
    /// Of all.
    sum: u32,
    /// In the order of the text.
    first: usize,
}

/// A sentence that asks weighs more than one that tells; one that tells history weighs least.
fn weight(said: &Said, in_subject: bool) -> u32 {
    match (said.asks, said.past) {
        (_, _) if in_subject => 4,
        (true, _) => 3,
        (false, false) => 2,
        (false, true) => 1,
    }
}

fn weights(phrases: &Phrases, told: Told<'_>) -> Vec<Weight> {
    let mut found: Vec<Weight> = Vec::new();
    for (place, (said, in_subject)) in phrases.counting(told).into_iter().enumerate() {
        let weight = weight(&said, in_subject);
        let mut tags: Vec<usize> = said.heard(&phrases.types).into_iter().map(|(tag, _)| tag).collect();
        tags.sort_unstable();
        tags.dedup();
        for tag in tags {
            match found.iter_mut().find(|known| known.tag == tag) {
                Some(known) => {
                    known.strongest = known.strongest.max(weight);
                    known.sum += weight;
                }
                None => found.push(Weight { tag, strongest: weight, sum: weight, first: place }),
            }
        }
    }
    found
}

/// The type that is most spoken of; the first one where two are as much.
fn by_words(desk: &Desk, phrases: &Phrases, told: Told<'_>) -> Option<String> {
    let mut found = weights(phrases, told);
    found.sort_by_key(|known| (std::cmp::Reverse((known.strongest, known.sum)), known.first));
    let strongest = found.first()?;
    let asked = found.iter().filter(|known| known.strongest >= 2).count();
    if let Some(several) = desk.types.several.as_ref().filter(|_| asked > 1) {
        return Some(several.clone());
    }
    desk.types.list.get(strongest.tag).map(|kind| kind.id.clone())
}

/// Whether the type with this id is wrong for what the words say.
pub fn misfit(desk: &Desk, phrases: &Phrases, id: &str, told: Told<'_>) -> Option<Misfit> {
    let place = desk.types.list.iter().position(|kind| kind.id == id)?;
    let kind = desk.types.list.get(place)?;
    let said: Vec<Said> = phrases.read(told.subject).into_iter().chain(phrases.read(told.body)).collect();
    for (entry, wrong) in kind.wrong.iter().enumerate() {
        let tag = place * MOST_WRONG + entry;
        let stands = |set: &PhraseSet| said.iter().any(|said| said.says(set, tag));
        let shown = wrong.phrases.is_empty() || stands(&phrases.wrong.phrases);
        let right = stands(&phrases.wrong.except);
        if shown && !right {
            // Words that would make several matters of it make one where they are of a single other type, and none is of
            // the type that was named.
            let several = desk.types.several.as_deref();
            if several.is_some() && wrong.means.as_deref() == several {
                let single = by_comparison(desk, phrases, place, told);
                if let Some(Misfit::Another(Some(single))) = single.filter(|it| *it != several_matters(desk)) {
                    return Some(Misfit::Another(Some(single)));
                }
            }
            return Some(if wrong.not_by_mail { Misfit::NotByMail } else { Misfit::Another(wrong.means.clone()) });
        }
    }
    by_comparison(desk, phrases, place, told)
}

/// What the request is where its words speak of several types.
fn several_matters(desk: &Desk) -> Misfit {
    Misfit::Another(desk.types.several.clone())
}

/// As [`compared`], for a type that is compared.
fn by_comparison(desk: &Desk, phrases: &Phrases, place: usize, told: Told<'_>) -> Option<Misfit> {
    let kind = desk.types.list.get(place)?;
    let is_several = desk.types.several.as_deref() == Some(kind.id.as_str());
    if !desk.types.compared || kind.phrases.is_empty() || is_several {
        return None;
    }
    compared(desk, phrases, place, told)
}

/// Another type, where the words speak of it and not of the named one.
fn compared(desk: &Desk, phrases: &Phrases, place: usize, told: Told<'_>) -> Option<Misfit> {
    let found = weights(phrases, Told { subject: "", body: told.body });
    if found.iter().any(|known| known.tag == place) {
        return None;
    }
    let by_mail = |known: &&Weight| {
        desk.types.list.get(known.tag).is_some_and(|kind| kind.opened_by == OpenedBy::Mail && !kind.fallback)
    };
    let others: Vec<&Weight> = found.iter().filter(|known| known.strongest >= 2).filter(by_mail).collect();
    match others.as_slice() {
        [] => None,
        [only] => desk.types.list.get(only.tag).map(|kind| Misfit::Another(Some(kind.id.clone()))),
        _ => Some(several_matters(desk)),
    }
}

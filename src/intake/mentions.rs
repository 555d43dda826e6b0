//! Where a text names a line of business or a topic: by a listed name, or by a typo of one (POLICY.md, Subject).

use super::text;
use super::tokens::{Gap, Token};
use super::vocabulary::{Listed, Vocabulary};
use crate::words::LineId;
use std::ops::Range;

/// How a line was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The name that is exact in a subject.
    Name,
    /// Another listed name.
    Synonym,
    /// A typo of a listed name.
    Typo,
}

/// A place where something is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention<T> {
    /// Which tokens.
    pub at: Range<usize>,
    /// What is named.
    pub what: T,
    /// How.
    pub spelling: Spelling,
}

/// How many words a listed name has at most.
const WORDS: usize = 5;

/// Where `tokens` name lines, in order, longest names first; typos only where no listed name of a line stands.
pub fn lines(voc: &Vocabulary<'_>, tokens: &[Token]) -> Vec<Mention<LineId>> {
    let found = listed(voc, tokens, &voc.lines);
    if found.is_empty() { typo(voc, tokens).into_iter().collect() } else { found }
}

/// Where `tokens` name topics, in order. A name that the desk writes in several words is not met by one word: `Medi-Cal`
/// by `medical`.
pub fn topics(voc: &Vocabulary<'_>, tokens: &[Token]) -> Vec<Mention<String>> {
    let mut found = listed(voc, tokens, &voc.topics);
    let one = |mention: &Mention<String>| tokens.get(mention.at.clone()).is_some_and(|tokens| tokens.len() == 1);
    found.retain(|mention| {
        let key = tokens.get(mention.at.start).map(|token| token.key.as_str()).unwrap_or_default();
        !one(mention) || voc.topics.iter().any(|topic| topic.one_word && topic.key == key)
    });
    found
}

fn listed<T: Clone>(voc: &Vocabulary<'_>, tokens: &[Token], names: &[Listed<T>]) -> Vec<Mention<T>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match longest(voc, tokens, at, names) {
            Some(mention) => {
                at = mention.at.end;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    found
}

fn longest<T: Clone>(voc: &Vocabulary<'_>, tokens: &[Token], at: usize, names: &[Listed<T>]) -> Option<Mention<T>> {
    let mut found = None;
    let mut key = String::new();
    for (place, token) in tokens.iter().enumerate().skip(at).take(WORDS) {
        if place > at && !matches!(token.gap, Gap::Space | Gap::Hyphen) {
            break;
        }
        key.push_str(&token.key);
        if key.len() > voc.longest_name {
            break;
        }
        if let Some(name) = names.iter().find(|name| name.key == key) {
            let spelling = if name.exact && place == at { Spelling::Name } else { Spelling::Synonym };
            found = Some(Mention { at: at..place + 1, what: name.what.clone(), spelling });
        }
    }
    found
}

/// The one word that is nearest to a listed name of one line, as far as a typo goes.
fn typo(voc: &Vocabulary<'_>, tokens: &[Token]) -> Option<Mention<LineId>> {
    let mut best: Option<(usize, Mention<LineId>)> = None;
    for at in 0..tokens.len() {
        for length in 1..=2 {
            let Some(words) = tokens.get(at..at + length) else { break };
            if words.iter().skip(1).any(|token| token.gap != Gap::Space && token.gap != Gap::Hyphen) {
                break;
            }
            let key: String = words.iter().map(|token| token.key.as_str()).collect();
            let Some((distance, line)) = nearest_line(voc, &key) else { continue };
            if best.as_ref().is_none_or(|(least, _)| distance < *least) {
                let mention = Mention { at: at..at + length, what: line, spelling: Spelling::Typo };
                best = Some((distance, mention));
            }
        }
    }
    best.map(|(_, mention)| mention)
}

/// The line that `key` is a typo of: within the edits that its name's length allows, nearer than to any other line's name and to
/// any scope word, and no word of the desk's own work.
pub fn nearest_line(voc: &Vocabulary<'_>, key: &str) -> Option<(usize, LineId)> {
    if key.len() > voc.longest_name + 2 || key.len() < 4 || voc.work.contains(key) || voc.noise.contains(key) {
        return None;
    }
    let mut near: Vec<(usize, &LineId)> = Vec::new();
    for name in voc.lines.iter().filter(|name| name.one_word) {
        let edits = text::typo_edits(name.key.chars().count());
        if edits > 0 {
            near.extend(text::within_edits(key, &name.key, edits).map(|distance| (distance, &name.what)));
        }
    }
    let (distance, line) = near.iter().min_by_key(|(distance, _)| *distance).copied()?;
    let two_lines = near.iter().any(|(_, other)| *other != line);
    let scope = voc
        .topics
        .iter()
        .filter(|topic| topic.exact)
        .any(|topic| text::within_edits(key, &topic.key, distance).is_some());
    (!two_lines && !scope).then(|| (distance, line.clone()))
}

//! Whether two names can be one person's.
//!
//! The rule (POLICY.md, Subject): they cannot when they have no family name in common, or the same family name with
//! another given name that is neither a nickname nor an initial. Order does not matter. In doubt they can, because a
//! needless return costs an agent a day.

use super::names::{Written, is_suffix};
use super::text;
use super::vocabulary::Vocabulary;

/// Words that join parts of a family name; alone they are no family name in common.
const PARTICLES: &[&str] = &[
    "de", "del", "dela", "della", "delos", "di", "da", "das", "do", "dos", "du", "des", "la", "las", "le", "los", "lo",
    "van", "vander", "von", "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "al", "el", "bin", "ibn",
    "ben", "bint", "abu", "y", "e", "st", "ste", "san", "santa", "mac", "mc", "o", "d",
];

/// Whether `a` and `b` can be one person. Words without a comma are tried in every order; where both are without one,
/// the second is read given name first, so that a common middle name does not count as a family name in common.
pub fn same_person(voc: &Vocabulary<'_>, a: &Written, b: &Written) -> bool {
    if bag(a) == bag(b) {
        return true;
    }
    let (left, right) = match (a, b) {
        (Written::Ordered(_), Written::Ordered(_)) => (either_way(voc, a), natural_way(voc, b)),
        (Written::Ordered(_), Written::Loose(_)) => (natural_way(voc, a), either_way(voc, b)),
        (Written::Loose(_), _) => (either_way(voc, a), natural_way(voc, b)),
    };
    left.iter().any(|a| right.iter().any(|b| a.family_in_common(b) && a.given_fits(voc, b)))
}

/// The words of a name in alphabetical order.
fn bag(name: &Written) -> Vec<String> {
    let mut words = match name {
        Written::Ordered(name) => text::words(&format!("{} {}", name.last, name.first)),
        Written::Loose(words) => text::words(&words.join(" ")),
    };
    words.sort();
    words
}

/// One way to read a name: which words are the family name.
struct Arrangement {
    family: Vec<String>,
    given: Vec<String>,
}

/// Every way to read a name: for loose words every cut, the family name before it or behind it.
fn either_way(voc: &Vocabulary<'_>, name: &Written) -> Vec<Arrangement> {
    match name {
        Written::Ordered(name) => {
            let (last, first) = (split(&name.last), split(&name.first));
            vec![arrangement(voc, &last, &first), arrangement(voc, &first, &last)]
        }
        Written::Loose(words) => {
            let cuts = cuts(voc, words);
            cuts.iter().flat_map(|(a, b)| [arrangement(voc, a, b), arrangement(voc, b, a)]).collect()
        }
    }
}

/// The ways to read a name with the given name first, or as its comma says.
fn natural_way(voc: &Vocabulary<'_>, name: &Written) -> Vec<Arrangement> {
    match name {
        Written::Ordered(name) => vec![arrangement(voc, &split(&name.last), &split(&name.first))],
        Written::Loose(words) => cuts(voc, words).iter().map(|(a, b)| arrangement(voc, b, a)).collect(),
    }
}

fn split(part: &str) -> Vec<String> {
    part.split_whitespace().map(str::to_owned).collect()
}

/// `words` cut in two at every place; a single word is either part.
fn cuts(voc: &Vocabulary<'_>, words: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
    let words: Vec<String> = words.iter().filter(|word| !is_suffix(voc, word)).take(8).cloned().collect();
    let cuts = (0..=words.len()).map(|cut| words.split_at(cut)).map(|(a, b)| (a.to_vec(), b.to_vec()));
    let single = words.len() == 1;
    cuts.filter(|(a, b)| single || (!a.is_empty() && !b.is_empty())).collect()
}

fn arrangement(voc: &Vocabulary<'_>, family: &[String], given: &[String]) -> Arrangement {
    let strip = |words: &[String]| words.iter().filter(|word| !is_suffix(voc, word)).cloned().collect();
    Arrangement { family: strip(family), given: strip(given) }
}

impl Arrangement {
    fn family_in_common(&self, other: &Self) -> bool {
        if self.family.is_empty() || other.family.is_empty() {
            return !self.given.is_empty() && !other.given.is_empty();
        }
        if joined_fits(&self.family, &other.family) {
            return true;
        }
        let (a, b) = (family_parts(&self.family), family_parts(&other.family));
        a.iter().any(|a| b.iter().any(|b| spelled_same(a, b) || is_initial_of(a, b) || is_initial_of(b, a)))
    }

    fn given_fits(&self, voc: &Vocabulary<'_>, other: &Self) -> bool {
        if self.given.is_empty() || other.given.is_empty() || joined_fits(&self.given, &other.given) {
            return true;
        }
        let (a, b) = (given_parts(&self.given), given_parts(&other.given));
        let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else { return true };
        given_word_fits(voc, first_a, first_b)
            || b.iter().skip(1).any(|b| full_and_alike(voc, first_a, b))
            || a.iter().skip(1).any(|a| full_and_alike(voc, first_b, a))
    }
}

/// Written in one word or in several, with hyphens or apostrophes or without: the same.
fn joined_fits(a: &[String], b: &[String]) -> bool {
    let (a, b) = (text::key(&a.concat()), text::key(&b.concat()));
    !a.is_empty() && spelled_same(&a, &b)
}

fn family_parts(words: &[String]) -> Vec<String> {
    let all: Vec<String> = split_parts(words);
    let counts = |part: &&String| part.chars().count() > 1 && !PARTICLES.contains(&part.as_str());
    let named: Vec<String> = all.iter().filter(counts).cloned().collect();
    if named.is_empty() { all } else { named }
}

fn given_parts(words: &[String]) -> Vec<String> {
    let mut parts = Vec::new();
    for word in words {
        let dotted: Vec<String> = word.split('.').map(text::key).filter(|part| !part.is_empty()).collect();
        if dotted.len() > 1 && dotted.iter().all(|part| part.chars().count() == 1) {
            parts.extend(dotted);
        } else {
            parts.extend(split_parts(std::slice::from_ref(word)));
        }
    }
    parts
}

fn split_parts(words: &[String]) -> Vec<String> {
    let parts = words.iter().flat_map(|word| word.split(text::is_dash)).map(text::key);
    parts.filter(|part| !part.is_empty()).collect()
}

fn given_word_fits(voc: &Vocabulary<'_>, a: &str, b: &str) -> bool {
    spelled_same(a, b) || is_initial_of(a, b) || is_initial_of(b, a) || nicknames(voc, a, b)
}

fn full_and_alike(voc: &Vocabulary<'_>, a: &str, b: &str) -> bool {
    a.chars().count() > 1 && b.chars().count() > 1 && (spelled_same(a, b) || nicknames(voc, a, b))
}

/// The same letters, an umlaut written out (`Mueller`) or not.
fn spelled_same(a: &str, b: &str) -> bool {
    let short = |word: &str| word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    a == b || (a.len().abs_diff(b.len()) < 3 && a.len() > 3 && short(a) == short(b))
}

fn is_initial_of(short: &str, long: &str) -> bool {
    let mut letters = short.chars();
    letters.next().is_some_and(|c| letters.next().is_none() && long.starts_with(c))
}

fn nicknames(voc: &Vocabulary<'_>, a: &str, b: &str) -> bool {
    match (voc.nicknames.get(a), voc.nicknames.get(b)) {
        (Some(a), Some(b)) => a.iter().any(|group| b.contains(group)),
        _ => false,
    }
}

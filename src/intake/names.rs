//! Names of people: parts, suffixes, particles, how they are shown, and whether two can be one person.
//!
//! The rule (POLICY.md, Subject): two names cannot be the same person when they have no family name in common, or the
//! same family name with another given name that is neither a nickname nor an initial. Order does not matter. In doubt they are the
//! same, because a needless return costs an agent a day.

use super::text;
use super::vocabulary::Vocabulary;
use crate::words::MemberName;

/// Words that join parts of a family name; alone they are no family name in common.
const PARTICLES: &[&str] = &[
    "de", "del", "dela", "della", "delos", "di", "da", "das", "do", "dos", "du", "des", "la", "las", "le", "los", "lo",
    "van", "vander", "von", "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "al", "el", "bin", "ibn",
    "ben", "bint", "abu", "y", "e", "st", "ste", "san", "santa", "mac", "mc", "o", "d",
];

/// Words that begin a family name of several words when a name is written in natural order.
const LEADING: &[&str] = &[
    "de", "del", "dela", "della", "di", "da", "dos", "das", "du", "la", "le", "van", "vander", "von", "der", "den",
    "ter", "ten", "zu", "bin", "ibn", "st", "ste", "mc", "mac", "al", "el",
];

/// Titles and words that stand before a name and are no part of it.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "rev",
    "senor",
    "senora",
    "the",
    "my",
    "our",
    "member",
    "client",
    "insured",
    "customer",
    "name",
    "is",
    "mbr",
    "applicant",
    "patient",
];

/// Short words of ordinary sentences: where they stand, no name is written.
const NOT_NAMES: &[&str] = &[
    "a",
    "about",
    "after",
    "again",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "asap",
    "ask",
    "at",
    "be",
    "been",
    "but",
    "by",
    "call",
    "called",
    "can",
    "cannot",
    "case",
    "client",
    "clients",
    "concerning",
    "could",
    "customer",
    "did",
    "does",
    "dob",
    "dear",
    "email",
    "enrollee",
    "escalation",
    "for",
    "from",
    "get",
    "good",
    "has",
    "have",
    "hello",
    "help",
    "her",
    "hey",
    "hi",
    "his",
    "how",
    "i",
    "id",
    "if",
    "immediate",
    "important",
    "in",
    "info",
    "information",
    "inquiry",
    "insured",
    "is",
    "issue",
    "issues",
    "it",
    "its",
    "just",
    "mbr",
    "me",
    "member",
    "members",
    "message",
    "missing",
    "morning",
    "mr",
    "mrs",
    "ms",
    "my",
    "name",
    "need",
    "needed",
    "needing",
    "needs",
    "new",
    "no",
    "not",
    "of",
    "on",
    "or",
    "our",
    "out",
    "please",
    "pls",
    "plz",
    "policy",
    "problem",
    "problems",
    "question",
    "questions",
    "re",
    "received",
    "ref",
    "regarding",
    "request",
    "send",
    "she",
    "since",
    "some",
    "ssn",
    "still",
    "subject",
    "team",
    "thank",
    "thanks",
    "that",
    "the",
    "their",
    "they",
    "this",
    "to",
    "today",
    "trouble",
    "unable",
    "update",
    "urgent",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "why",
    "will",
    "with",
    "would",
    "yes",
    "you",
    "your",
];

/// A name as it was written, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// A comma (or a label) settles which part is which.
    Ordered(MemberName),
    /// Only the words; which is the family name is not settled.
    Loose(Vec<String>),
}

/// Whether `word` (folded) is a suffix of names that the desk lists. A single letter is rather an initial.
pub fn is_suffix(voc: &Vocabulary<'_>, word: &str) -> bool {
    let key = text::key(word);
    key.len() > 1 && voc.suffixes.contains(&key)
}

/// Whether `word` is one of the short words of ordinary sentences, or stands in the desk's noise.
pub fn is_filler(voc: &Vocabulary<'_>, word: &str) -> bool {
    let key = text::key(word);
    NOT_NAMES.contains(&key.as_str()) || voc.noise.contains(&key)
}

/// Whether a short word of sentences is somebody's given name too, where it stands in a name's place.
pub fn can_be_given(key: &str) -> bool {
    matches!(key, "my" | "an" | "will" | "in" | "no" | "be" | "may" | "so" | "am" | "hi")
}

/// Whether `word` could be a word of a name: letters, no digits.
pub fn is_name_word(word: &str) -> bool {
    word.chars().any(char::is_alphabetic)
        && word.chars().all(|c| {
            c.is_alphabetic()
                || text::is_apostrophe(c)
                || text::is_dash(c)
                || c == '.'
                || unicode_normalization::char::is_combining_mark(c)
        })
}

/// Reads a name as it stands behind a label: `Last, First`, `First Last`, with suffixes, titles and remarks. `None`: no name in it.
pub fn read_name(voc: &Vocabulary<'_>, written: &str) -> Option<Written> {
    let text = without_remarks(written);
    let mut parts: Vec<Vec<String>> = text.split([',', ';']).map(|part| name_words(voc, part)).collect();
    let ended = parts.iter().position(Vec::is_empty);
    if let Some(end) = ended.filter(|end| *end > 0) {
        parts.truncate(end);
    }
    ordered(voc, &parts).map(Written::Ordered).or_else(|| {
        let words: Vec<String> = parts.concat();
        (!words.is_empty()).then_some(Written::Loose(words))
    })
}

/// The name of comma-parted `parts`: the family name first. Suffixes go with it wherever they stand.
/// `None` where the parts hold no given name.
pub fn ordered(voc: &Vocabulary<'_>, parts: &[Vec<String>]) -> Option<MemberName> {
    let mut suffixes: Vec<String> = Vec::new();
    let mut named: Vec<Vec<String>> = Vec::new();
    for part in parts {
        let (own, rest): (Vec<String>, Vec<String>) = part.iter().cloned().partition(|word| is_suffix(voc, word));
        if rest.is_empty() || !named.is_empty() {
            suffixes.extend(own);
            if !rest.is_empty() {
                named.push(rest);
            }
        } else {
            named.push(part.clone());
        }
    }
    let mut named = named.into_iter();
    let (last, first) = (named.next()?, named.next()?);
    Some(MemberName { last: join(&[last, suffixes].concat()), first: join(&first) })
}

/// Natural order: the family name is the last word with the particles before it; a suffix goes with it.
pub fn natural(voc: &Vocabulary<'_>, words: &[String]) -> MemberName {
    let mut suffixes = Vec::new();
    let mut named = Vec::new();
    for (place, word) in words.iter().enumerate() {
        if place > 0 && is_suffix(voc, word) { suffixes.push(word.clone()) } else { named.push(word.clone()) }
    }
    let words = named;
    let particle = words
        .iter()
        .enumerate()
        .skip(1)
        .position(|(place, word)| place + 1 < words.len() && LEADING.contains(&text::key(word).as_str()));
    let cut = match particle {
        Some(place) => place + 1,
        None => words.len().saturating_sub(1),
    };
    let (first, last) = words.split_at(cut.min(words.len()));
    MemberName { last: join(&[last, suffixes.as_slice()].concat()), first: join(first) }
}

/// The people that a value names: `Jane and John Smith`, `Smith, Jane; Smith, John`. One name gives one.
pub fn people(voc: &Vocabulary<'_>, written: &str) -> Vec<Written> {
    let text = without_remarks(written);
    let mut pieces: Vec<String> = Vec::new();
    for piece in text.split([';', '&', '/', '\n', '+']) {
        pieces.extend(split_at_and(piece));
    }
    let mut people: Vec<Written> = pieces.iter().filter_map(|piece| read_name(voc, piece)).collect();
    if people.len() == 1 {
        people = two_natural_names(voc, &text).unwrap_or(people);
    }
    lend_family_name(voc, &mut people);
    people
}

/// Other names that a value gives to the same person in brackets: `Jane Smith (formerly Jane Doe)`, `Robert (Bob) Smith`.
pub fn by_names(voc: &Vocabulary<'_>, written: &str) -> Vec<Written> {
    let mut names = Vec::new();
    for inner in written.split(['(', '"', '\u{201C}']).skip(1).take(4) {
        let inner = inner.split([')', '"', '\u{201D}']).next().unwrap_or_default();
        let known_as = |word: &&str| {
            !matches!(
                text::key(word).as_str(),
                "formerly" | "nee" | "aka" | "fka" | "maiden" | "name" | "was" | "born" | "goes" | "by"
            )
        };
        let words = name_words(voc, &inner.split_whitespace().filter(known_as).collect::<Vec<_>>().join(" "));
        match (words.len(), read_name(voc, written)) {
            (1, Some(Written::Loose(own))) => names.push(Written::Loose([own, words].concat())),
            (1, Some(Written::Ordered(own))) => {
                let own: Vec<String> =
                    format!("{} {}", own.first, own.last).split_whitespace().map(str::to_owned).collect();
                names.push(Written::Loose([own, words].concat()));
            }
            (2..=4, Some(_)) => names.push(Written::Loose(words)),
            _ => {}
        }
    }
    names
}

/// `Jane Smith, John Smith`: both sides of the one comma are whole names with the same last word.
fn two_natural_names(voc: &Vocabulary<'_>, text: &str) -> Option<Vec<Written>> {
    let (left, right) = text.split_once(',')?;
    let (left, right) = (name_words(voc, left), name_words(voc, right));
    let same_end = left.last().map(|word| text::key(word)) == right.last().map(|word| text::key(word));
    (left.len() > 1 && right.len() > 1 && same_end).then(|| vec![Written::Loose(left), Written::Loose(right)])
}

/// `Jane and John Smith`: the first bears the second's family name.
fn lend_family_name(voc: &Vocabulary<'_>, people: &mut [Written]) {
    let family = people.iter().rev().find_map(|person| match person {
        Written::Loose(words) if words.len() > 1 => Some(natural(voc, words).last),
        Written::Ordered(name) => Some(name.last.clone()),
        Written::Loose(_) => None,
    });
    let Some(family) = family else { return };
    for person in people {
        if let Written::Loose(words) = person
            && let [only] = words.as_slice()
        {
            *person = Written::Ordered(MemberName { last: family.clone(), first: only.clone() });
        }
    }
}

fn split_at_and(piece: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in piece.split_whitespace() {
        if word.eq_ignore_ascii_case("and") {
            pieces.push(String::new());
        } else if let Some(last) = pieces.last_mut() {
            last.push_str(word);
            last.push(' ');
        }
    }
    pieces
}

/// `written` without what stands in brackets or quotation marks, and without what follows a dash with spaces around it.
fn without_remarks(written: &str) -> String {
    let mut text = String::with_capacity(written.len());
    let mut depth = 0_usize;
    let mut quoted = false;
    for c in written.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            '"' | '\u{201C}' | '\u{201D}' => quoted = !quoted,
            c if depth == 0 && !quoted => text.push(c),
            _ => {}
        }
    }
    if !text.chars().any(char::is_alphabetic) {
        text = written.chars().map(|c| if "()[]{}<>\"\u{201C}\u{201D}".contains(c) { ' ' } else { c }).collect();
    }
    let cut = text.match_indices(char::is_whitespace).find_map(|(at, space)| {
        let after = &text[at + space.len()..];
        let mut next = after.chars();
        let dash = next.next().is_some_and(text::is_dash) && next.next().is_none_or(char::is_whitespace);
        dash.then_some(at)
    });
    match cut.filter(|at| text[..*at].chars().any(char::is_alphabetic)) {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// The words of a name at the start of `part`: fillers and titles before it are dropped, and it ends at a word that can be none.
fn name_words(voc: &Vocabulary<'_>, part: &str) -> Vec<String> {
    let more = part.split_whitespace().nth(1).is_some();
    let mut words: Vec<String> = Vec::new();
    for written in part.split_whitespace() {
        let word = written.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
        let word = if word.chars().all(|c| c == '.') { "" } else { word };
        if word.is_empty() {
            continue;
        }
        if !is_name_word(word) || ends_name(word) || (!words.is_empty() && is_line(voc, word)) {
            break;
        }
        if words.is_empty() && more && is_title(voc, word) {
            continue;
        }
        words.push(word.to_owned());
    }
    words
}

/// Titles, and words that say that a name follows.
pub fn is_title(voc: &Vocabulary<'_>, word: &str) -> bool {
    let key = text::key(word);
    TITLES.contains(&key.as_str()) || (key.len() > 1 && voc.noise.contains(&key))
}

/// Whether `word` is a line's name: `Jane Smith Medicare` names Jane Smith.
fn is_line(voc: &Vocabulary<'_>, word: &str) -> bool {
    let key = text::key(word);
    voc.lines.iter().any(|line| line.key == key)
}

/// Words behind which a date or a number follows: they end a name.
fn ends_name(word: &str) -> bool {
    matches!(text::key(word).as_str(), "dob" | "ssn" | "born" | "id" | "mbi" | "hicn" | "phone" | "tel" | "ph")
}

fn join(words: &[String]) -> String {
    words.join(" ").trim().to_owned()
}

/// How a name is shown: as written, except that one wholly in capitals or wholly in lower case is capitalised.
pub fn shown(voc: &Vocabulary<'_>, name: &MemberName) -> MemberName {
    let whole = format!("{} {}", name.last, name.first);
    let letters = whole.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 3 || !(text::is_all_caps(&whole) || text::is_all_lower(&whole)) {
        return name.clone();
    }
    let lower = text::is_all_lower(&whole);
    let show = |part: &str| {
        let words = part.split_whitespace().map(|word| {
            if lower && LEADING.contains(&word) && !matches!(word, "st" | "ste" | "mc" | "mac") {
                word.to_owned()
            } else {
                capitalise(voc, word)
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    MemberName { last: show(&name.last), first: show(&name.first) }
}

fn capitalise(voc: &Vocabulary<'_>, word: &str) -> String {
    let key = text::key(word);
    if is_suffix(voc, word) && key.chars().all(|c| matches!(c, 'i' | 'v' | 'x')) {
        return word.to_uppercase();
    }
    let mut shown = String::with_capacity(word.len());
    let mut upper = true;
    let mut letters = 0;
    for c in word.chars() {
        if c.is_alphabetic() {
            if upper {
                shown.extend(c.to_uppercase())
            } else {
                shown.extend(c.to_lowercase())
            }
            letters += 1;
            upper = letters == 2 && key.starts_with("mc") && key.len() > 4;
        } else {
            shown.push(c);
            upper = text::is_dash(c) || c == '.' || (text::is_apostrophe(c) && letters == 1);
        }
    }
    shown
}

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

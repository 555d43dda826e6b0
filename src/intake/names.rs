//! Names of people: parts, suffixes, particles, how they are shown, and whether two can be one person.
//!
//! The rule (POLICY.md, Subject): two names cannot be the same person when they have no family name in common, or the
//! same family name with another given name that is neither a nickname nor an initial. Order does not matter. In doubt they are the
//! same, because a needless return costs an agent a day.

use super::text;
use super::vocabulary::Vocabulary;
use crate::words::MemberName;

/// Words that begin a family name of several words when a name is written in natural order.
const LEADING: &[&str] = &[
    "de", "del", "dela", "della", "di", "da", "dos", "das", "du", "la", "le", "van", "vander", "von", "der", "den",
    "ter", "ten", "zu", "bin", "ibn", "st", "ste", "mc", "mac", "al", "el",
];

/// Titles and words that stand before a name and are no part of it.
const TITLES: &str = "mr mrs ms miss mx dr rev senor senora the my our member client insured customer name is mbr applicant \
    patient";

/// Short words of ordinary sentences: where they stand, no name is written.
const NOT_NAMES: &str = "a about after again all also am an and any are as asap ask at be been but by call called can cannot case \
    client clients concerning could customer did does dob dear email enrollee escalation for from get good has \
    have hello help her hey hi his how i id if immediate important in info information inquiry insured is issue \
    issues it its just mbr me member members message missing morning mr mrs ms my name need needed needing needs \
    new no not of on or our out please pls plz policy problem problems question questions re received ref \
    regarding request send she since some ssn still subject team thank thanks that the their they this to today \
    trouble unable update urgent was we were what when where which who why will with would yes you your";

/// Whether `word` is one of the words of `list`.
fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

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
    listed(NOT_NAMES, &key) || voc.noise.contains(&key)
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
    listed(TITLES, &key) || (key.len() > 1 && voc.noise.contains(&key))
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

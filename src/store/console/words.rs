//! The words that a case is found by, in the one form in which they are compared; and what a person typed to find one.
//!
//! A word is normalised (NFKC, lower case, accents folded, everything but letters and digits dropped) and then only its
//! keyed hash is kept: a search finds whole words, and whoever reads the table learns none.

use crate::case::Case;
use crate::words::keys::Keys;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: no id or name is longer.
const MOST_CHARACTERS: usize = 64;
/// A value of more words than this is a text, not a name or an id, and is not found by its words.
const MOST_WORDS_OF_A_VALUE: usize = 8;
/// Words of one case: a request that lists many members has many.
const MOST_WORDS_OF_A_CASE: usize = 400;
/// Words of one search; further ones are not looked at.
const MOST_WORDS_OF_A_SEARCH: usize = 8;

/// One word as it is compared; empty where it has neither letters nor digits.
fn normal(word: &str) -> String {
    let mut folded = String::new();
    for c in word.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            c if c.is_alphanumeric() => folded.push(c),
            _ => {}
        }
    }
    folded.chars().take(MOST_CHARACTERS).collect()
}

/// What is typed between spaces, each as one word: `O'Brien-Smith` is `obriensmith`.
fn spaced(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(normal).filter(|word| !word.is_empty())
}

/// What stands between marks, each as a word of its own: `O'Brien-Smith` is `brien` and `smith`.
fn parted(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    parts.map(normal).filter(|word| word.chars().count() > 1)
}

/// An id as one word, whatever spaces stand in it: `H12 345 678` is `h12345678`.
fn squashed(text: &str) -> Option<String> {
    let one = normal(text);
    let is_id = one.chars().any(|c| c.is_ascii_digit()) && text.chars().count() <= MOST_CHARACTERS;
    is_id.then_some(one)
}

/// All words of a short text.
fn words_of(text: &str, words: &mut BTreeSet<String>) {
    if text.split_whitespace().nth(MOST_WORDS_OF_A_VALUE).is_some() {
        return;
    }
    words.extend(spaced(text));
    words.extend(parted(text));
    words.extend(squashed(text));
}

/// What finds a case by its number: the number as a whole, or without its prefix.
fn numbers_of(number: &str) -> BTreeSet<String> {
    let last = number.rsplit('-').next().unwrap_or(number);
    [normal(number), normal(last)].into_iter().filter(|word| !word.is_empty()).collect()
}

/// The keys that a case is found by, and what they stand for as one mark: the same mark, the same keys.
pub(super) fn case_keys(case: &Case, keys: &Keys) -> (Vec<String>, String) {
    let mut words = BTreeSet::new();
    words_of(&case.number.0, &mut words);
    let address = case.requester.to_string();
    words.insert(normal(&address));
    words_of(case.requester.local(), &mut words);
    words.insert(normal(case.requester.domain()));
    words_of(case.requester_name.as_deref().unwrap_or_default(), &mut words);
    words_of(&case.subject, &mut words);
    for entry in &case.entries {
        words_of(&entry.member.last, &mut words);
        words_of(&entry.member.first, &mut words);
        entry.fields.values().for_each(|value| words_of(value, &mut words));
    }
    words.remove("");
    let plain = words.iter().take(MOST_WORDS_OF_A_CASE).map(|word| word_key(keys, word));
    let numbers = numbers_of(&case.number.0);
    let found_by: BTreeSet<String> = plain.chain(numbers.iter().map(|number| number_key(keys, number))).collect();
    let found_by: Vec<String> = found_by.into_iter().collect();
    let mark = keys.lookup("words of a case v1", &found_by.join(" "));
    (found_by, mark)
}

/// What a word is found by.
fn word_key(keys: &Keys, word: &str) -> String {
    keys.lookup("word", word)
}

/// What a case's number is found by.
fn number_key(keys: &Keys, number: &str) -> String {
    keys.lookup("number", number)
}

/// What a person typed to find a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// The keys of all its words: a case must have each.
    pub(super) words: Vec<String>,
    /// The key of all of it as one id, where it may be one that was typed with spaces.
    pub(super) whole: Option<String>,
    /// The key of all of it as a case's number.
    pub(super) number: String,
}

impl Typed {
    /// `None`: there is no word in it.
    pub(super) fn read(text: &str, keys: &Keys) -> Option<Self> {
        let words: Vec<String> = spaced(text).take(MOST_WORDS_OF_A_SEARCH).collect();
        if words.is_empty() {
            return None;
        }
        let whole = squashed(text).filter(|_| words.len() > 1).map(|word| word_key(keys, &word));
        let mut found_by: Vec<String> = Vec::with_capacity(words.len());
        for key in words.iter().map(|word| word_key(keys, word)) {
            if !found_by.contains(&key) {
                found_by.push(key);
            }
        }
        Some(Self { words: found_by, whole, number: number_key(keys, &normal(text)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_differently_is_one_word() {
        for (written, one) in [
            ("Jos\u{e9}", "jose"),
            ("Jose\u{301}", "jose"),
            ("O\u{2019}BRIEN", "obrien"),
            ("H12-345-678", "h12345678"),
            ("\u{ff28}\u{ff11}", "h1"),
            ("Stra\u{df}e", "strasse"),
            ("\u{130}stanbul", "istanbul"),
            ("Wa\u{142}\u{119}sa", "walesa"),
            ("--", ""),
        ] {
            assert_eq!(normal(written), one, "{written:?}");
        }
    }

    #[test]
    fn a_value_is_found_as_people_type_it() {
        let keys = Keys::derive(&[3; 32]);
        for (value, typed, is_found) in [
            ("O'Brien-Smith", "obrien-smith", true),
            ("O'Brien-Smith", "Smith", true),
            ("Anne Marie", "marie ANNE", true),
            ("H12345678", "h12 345 678", true),
            ("H12 345 678", "H12345678", true),
            ("H12345678", "H1234567", false),
            ("Anne Marie", "Ann", false),
            ("one two three four five six seven eight nine", "three", false),
        ] {
            let mut words = BTreeSet::new();
            words_of(value, &mut words);
            let words: BTreeSet<String> = words.iter().map(|word| word_key(&keys, word)).collect();
            let typed_words = Typed::read(typed, &keys).unwrap();
            let all = typed_words.words.iter().all(|key| words.contains(key));
            let whole = typed_words.whole.as_ref().is_some_and(|key| words.contains(key));
            assert_eq!(all || whole, is_found, "{value:?} by {typed:?}");
        }
        assert_eq!(Typed::read(" -- ", &keys), None);
    }

    proptest::proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = normal(&text);
            proptest::prop_assert_eq!(normal(&once), once);
        }
    }
}

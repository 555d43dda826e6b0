//! Phrases of a policy, looked for in folded words.
//!
//! A phrase is words in order. `*` stands for up to three words of any kind, `a|b` for one of several words. Phrases are
//! found by their first word, so that the time is linear in the text: what is tried at one word is bounded by the
//! policy, not by the mail.

use super::folding::{Token, folded};
use std::collections::HashMap;
use std::ops::Range;

/// The most words that a `*` stands for (POLICY.md, Scope: phrases).
const GAP: usize = 3;

/// A number for each word that stands in any phrase.
#[derive(Debug, Default)]
pub struct WordNumbers {
    numbers: HashMap<String, u32>,
    /// By first letter and length: the words that a typo is looked for in.
    long: HashMap<(char, usize), Vec<LongWord>>,
}

#[derive(Debug)]
struct LongWord {
    word: String,
    number: u32,
    letters: Letters,
}

/// Which letters a word has, a bit each; several share one.
#[derive(Clone, Copy, Debug)]
struct Letters(u64);

impl Letters {
    fn of(word: &str) -> Self {
        Self(word.chars().fold(0, |letters, letter| letters | 1 << (u32::from(letter) % 64)))
    }

    /// Whether the words may be so few edits apart: an edit brings one letter at most and takes one away.
    fn may_be_within(self, other: Self, edits: u32) -> bool {
        (self.0 ^ other.0).count_ones() <= 2 * edits
    }
}

impl WordNumbers {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(known) = self.numbers.get(word) {
            return *known;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX - 1);
        self.numbers.insert(word.to_owned(), number);
        if word.len() >= TYPO_AT_LEAST
            && let Some(first) = word.chars().next()
        {
            let long = LongWord { word: word.to_owned(), number, letters: Letters::of(word) };
            self.long.entry((first, word.len())).or_default().push(long);
        }
        number
    }

    /// The numbers of `tokens`; a word of no phrase has none. A long word with one typo is read as the word it must be.
    pub fn read(&self, tokens: &[Token]) -> Vec<Option<u32>> {
        tokens.iter().map(|token| self.lookup(&token.word)).collect()
    }

    fn lookup(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied().or_else(|| self.repaired(word))
    }

    fn repaired(&self, word: &str) -> Option<u32> {
        if word.len() < TYPO_AT_LEAST || word.len() > TYPO_AT_MOST {
            return None;
        }
        let first = word.chars().next()?;
        let mut best: Option<(usize, u32)> = None;
        let mut alone = false;
        let known = (word.len() - 2..=word.len() + 2).filter_map(|length| self.long.get(&(first, length))).flatten();
        let letters = Letters::of(word);
        for LongWord { word: known, number, letters: its_letters } in known {
            let most = if known.len() >= TWO_TYPOS_FROM { 2 } else { 1 };
            if !letters.may_be_within(*its_letters, most) {
                continue;
            }
            let distance = strsim::osa_distance(known, word);
            if u32::try_from(distance).is_ok_and(|distance| distance > most) {
                continue;
            }
            match best {
                Some((nearest, _)) if distance > nearest => {}
                Some((nearest, _)) if distance == nearest => alone = false,
                _ => (best, alone) = (Some((distance, *number)), true),
            }
        }
        best.filter(|_| alone).map(|(_, number)| number)
    }
}

/// Words shorter than this are never repaired.
const TYPO_AT_LEAST: usize = 7;
/// A known word of so many letters may have two.
const TWO_TYPOS_FROM: usize = 10;
/// Nor longer ones: nothing in a policy is as long.
const TYPO_AT_MOST: usize = 24;

#[derive(Debug)]
enum Piece {
    Gap,
    /// Any of these; each is one word or several in order (`co-pay`, `blue_cross`).
    Choice(Vec<Vec<u32>>),
}

/// A set of phrases, each with the tag that it was added under.
#[derive(Debug, Default)]
pub struct PhraseSet {
    phrases: Vec<(usize, Vec<Piece>, String)>,
    by_first: HashMap<u32, Vec<usize>>,
}

/// Where a phrase was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The tag that the phrase was added under.
    pub tag: usize,
    /// The phrase's place in the set.
    pub phrase: usize,
    /// Which words it covers.
    pub at: Range<usize>,
}

impl PhraseSet {
    /// Adds `phrase` under `tag`; a phrase without words says nothing and is left out.
    pub fn add(&mut self, words: &mut WordNumbers, phrase: &str, tag: usize) {
        let mut pieces: Vec<Piece> = Vec::new();
        for part in phrase.split_whitespace() {
            if part == "*" {
                pieces.push(Piece::Gap);
                continue;
            }
            let choices: Vec<Vec<u32>> = part
                .split('|')
                .map(|choice| folded(choice).iter().map(|word| words.number(word)).collect::<Vec<_>>())
                .filter(|choice| !choice.is_empty())
                .collect();
            if !choices.is_empty() {
                pieces.push(Piece::Choice(choices));
            }
        }
        while matches!(pieces.first(), Some(Piece::Gap)) {
            pieces.remove(0);
        }
        while matches!(pieces.last(), Some(Piece::Gap)) {
            pieces.pop();
        }
        let Some(Piece::Choice(first)) = pieces.first() else { return };
        let index = self.phrases.len();
        for word in first.iter().filter_map(|choice| choice.first()) {
            let known = self.by_first.entry(*word).or_default();
            if known.last() != Some(&index) {
                known.push(index);
            }
        }
        self.phrases.push((tag, pieces, phrase.to_owned()));
    }

    /// Adds each of `phrases` under `tag`.
    pub fn extend<'a>(&mut self, words: &mut WordNumbers, phrases: impl IntoIterator<Item = &'a String>, tag: usize) {
        for phrase in phrases {
            self.add(words, phrase, tag);
        }
    }

    /// Every place where a phrase of the set stands in `text`.
    pub fn find(&self, text: &[Option<u32>]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (start, word) in text.iter().enumerate() {
            let Some(candidates) = word.and_then(|word| self.by_first.get(&word)) else { continue };
            for (index, (tag, pieces, _)) in
                candidates.iter().filter_map(|index| Some((*index, self.phrases.get(*index)?)))
            {
                if let Some(end) = matches_from(pieces, text, start) {
                    hits.push(Hit { tag: *tag, phrase: index, at: start..end });
                }
            }
        }
        hits
    }

    /// The phrase at this place in the set, as the policy writes it.
    pub fn source(&self, phrase: usize) -> &str {
        self.phrases.get(phrase).map_or("", |(_, _, source)| source)
    }

    /// Whether any phrase stands in `text`.
    pub fn any(&self, text: &[Option<u32>]) -> bool {
        !self.find(text).is_empty()
    }
}

/// Where `pieces` end when they begin at `at`. A gap takes as few words as it can.
fn matches_from(pieces: &[Piece], text: &[Option<u32>], at: usize) -> Option<usize> {
    match pieces.split_first() {
        None => Some(at),
        Some((Piece::Gap, rest)) => (0..=GAP).find_map(|skipped| matches_from(rest, text, at + skipped)),
        Some((Piece::Choice(choices), rest)) => choices.iter().find_map(|choice| {
            let here = text.get(at..at + choice.len())?;
            let same = here.iter().zip(choice).all(|(word, wanted)| *word == Some(*wanted));
            if same { matches_from(rest, text, at + choice.len()) } else { None }
        }),
    }
}

/// Whether two stretches share a word.
pub fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::super::folding::tokens;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is so few edits apart is never left out unseen.
        #[test]
        fn letters_leave_out_no_typo(word in "[a-f]{7,14}", edits in prop::collection::vec((0usize..20, 0u8..4, "[a-z]"), 0..3)) {
            let mut other: Vec<char> = word.chars().collect();
            for (at, kind, letter) in &edits {
                let (at, letter) = (at % other.len(), letter.chars().next().unwrap());
                match kind {
                    0 => other.insert(at, letter),
                    1 => drop(other.remove(at)),
                    2 => other[at] = letter,
                    _ => other.swap(at, (at + 1).min(word.len() / 2)),
                }
            }
            let other: String = other.into_iter().collect();
            let distance = u32::try_from(strsim::osa_distance(&word, &other)).unwrap();
            prop_assert!(Letters::of(&word).may_be_within(Letters::of(&other), distance));
        }
    }

    #[test]
    fn phrases_gaps_choices_and_typos() {
        let table = [
            ("not paid", "I was not paid", true),
            ("not paid", "I was not ever paid", false),
            ("not * paid", "I was not ever paid", true),
            ("not * paid", "not at all by you paid", false),
            ("havent|not been paid", "we haven't been paid", true),
            ("statement missing", "statemnt missing", true),
            ("card", "cart", false),
            ("a-b form", "the A-B form", true),
            ("blue_cross|red card", "a blue cross card", true),
            ("blue_cross|red card", "a blue card", false),
            ("* lost", "lost", true),
            ("policies", "her policy", true),
        ];
        for (phrase, text, expected) in table {
            let mut words = WordNumbers::default();
            let mut set = PhraseSet::default();
            set.add(&mut words, phrase, 0);
            assert_eq!(set.any(&words.read(&tokens(text))), expected, "{phrase:?} in {text:?}");
        }
    }
}

//! On which lines' policies work is asked (POLICY.md, Mixed).
//!
//! A line counts when a stretch of the text that names it asks for work itself. The other line as history, reason,
//! or a word in passing does not count, nor one that the message sets aside anywhere (`set_aside`), so that a mail is
//! only sent back to be split where it leaves no doubt.

use super::reading::{POINTERS, Reading};
use super::sentences::{Clause, Link};
use super::verdict::{ReadSentence, settled};
use super::vocabulary::Vocabulary;
use super::{ModelUse, model, parallel, untouched};
use crate::words::LineId;
use std::collections::BTreeSet;

/// The lines on whose policies `body` asks for work; `given` is the line that subject or label name.
pub fn asked(
    vocabulary: &Vocabulary,
    given: Option<&LineId>,
    body: &[ReadSentence],
    model: ModelUse,
) -> BTreeSet<LineId> {
    let given = given.and_then(|id| vocabulary.lines.iter().position(|known| known == id));
    let mut walk = Walk { given, ..Walk::default() };
    for read in body.iter().filter(|read| !read.closing && !settled(read)) {
        // The model may call a sentence context only where the rules read no words that ask for work.
        let asks = read.readings.iter().any(|reading| reading.asks && !reading.told());
        if model == ModelUse::On && !asks && model::context(&read.sentence.text) > 0.9 {
            continue;
        }
        walk.sentence(read);
    }
    let untouched = untouched::lines(body);
    walk.result().difference(&untouched).filter_map(|tag| vocabulary.lines.get(*tag).cloned()).collect()
}

#[derive(Default)]
struct Walk {
    given: Option<usize>,
    /// The line that the text speaks of.
    current: Option<usize>,
    /// Lines that a stretch of their own asks for.
    found: BTreeSet<usize>,
    /// Work was asked before any line was named, or after an `also` without a line.
    implicit: bool,
    /// Lines whose stretch asks in words of its own, not only by telling a problem.
    own: BTreeSet<usize>,
    /// Lines of which the last sentences told a problem, newest last: what "please fix both" asks for.
    troubles: Vec<BTreeSet<usize>>,
}

impl Walk {
    fn sentence(&mut self, read: &ReadSentence) {
        let told_before: BTreeSet<usize> = self.troubles.iter().flatten().copied().collect();
        self.troubles.push(troubles(read));
        if self.troubles.len() > SENTENCES_BACK {
            self.troubles.remove(0);
        }
        if self.together(read, told_before) {
            return;
        }
        if read.readings.first().is_some_and(|r| r.link == Some(Link::Also) && r.lines.is_empty()) {
            self.current = None;
        }
        let (mut named_here, mut joined) = (None, false);
        for (reading, clause) in read.readings.iter().zip(&read.sentence.clauses) {
            joined |= matches!(reading.link, Some(Link::And | Link::Also | Link::But));
            if let Some(line) = named(reading) {
                let alike = named_here.is_some_and(|(first, words): (&Reading, &Clause)| {
                    asks_work(first) && parallel::alike((first, words), (reading, clause))
                });
                let opens =
                    named_here.is_none() || self.current == Some(line) || alike || (joined && opens_another(reading));
                let same_matter = points_elsewhere(clause) && self.current.is_some_and(|current| current != line);
                if !opens || same_matter {
                    // "paid by A by mistake, please post to B" is one piece of work, and nobody can say whose.
                    continue;
                }
                (named_here, joined) = (Some((reading, clause)), false);
                self.current = Some(line);
                if alike {
                    self.found.insert(line);
                    self.own.insert(line);
                }
            }
            self.clause(reading);
        }
    }

    fn clause(&mut self, reading: &Reading) {
        if reading.sub || reading.lines.len() > 1 || !reading.strong.is_empty() || !asks_work(reading) {
            return;
        }
        match self.current {
            Some(line) => {
                self.found.insert(line);
                if reading.asks || reading.bare || (reading.asks_on && reading.link == Some(Link::Also)) {
                    self.own.insert(line);
                }
            }
            None => self.implicit |= reading.firm,
        }
    }

    /// "ID cards for both her A and her B plan", or "please fix both" behind a problem of each.
    fn together(&mut self, read: &ReadSentence, told_before: BTreeSet<usize>) -> bool {
        let quiet = |reading: &&Reading| !reading.context && !reading.done && !reading.sub;
        let here: BTreeSet<usize> =
            read.readings.iter().filter(quiet).flat_map(|reading| &reading.lines).copied().collect();
        let says_both = read.readings.iter().any(|reading| reading.together);
        let asks = read.readings.iter().any(|reading| reading.asks && !reading.context);
        let told = read.readings.iter().any(|reading| reading.context || reading.sub);
        if !says_both || !asks || told {
            return false;
        }
        let asked = if here.is_empty() && read.readings.iter().any(|r| r.together && (r.asks || r.asks_on)) {
            told_before
        } else {
            here
        };
        if asked.len() < 2 {
            return false;
        }
        self.own.extend(&asked);
        self.found.extend(asked);
        true
    }

    fn result(mut self) -> BTreeSet<usize> {
        // Work without a line's name is the given line's; the other line must then be asked for in words of its own.
        if let Some(given) = self.given
            && self.implicit
            && !self.found.contains(&given)
        {
            let own = &self.own;
            self.found.retain(|line| own.contains(line));
            self.found.insert(given);
        }
        self.found
    }
}

/// So many sentences before "please fix both" may tell what is meant.
const SENTENCES_BACK: usize = 2;

/// Lines of which a sentence tells a problem, or which it names together.
fn troubles(read: &ReadSentence) -> BTreeSet<usize> {
    let both = read.readings.iter().any(|reading| reading.together);
    let counts = |reading: &&Reading| both || reading.problem || reading.bare || reading.asks;
    read.readings.iter().filter(counts).filter_map(named).collect()
}

/// The one line that a clause names as the matter, not as a reason or as history.
fn named(reading: &Reading) -> Option<usize> {
    let mut lines = reading.lines.iter();
    let line = lines.next().copied()?;
    let told = reading.sub || ((reading.context || reading.done) && !reading.asks);
    (lines.next().is_none() && !told).then_some(line)
}

/// Whether a clause speaks of what was named before: `it`, `that`. A `that` inside which a verb or a person follows only
/// tells more of its own noun: "the premium that was drafted".
fn points_elsewhere(clause: &Clause) -> bool {
    let words: Vec<&str> = clause.tokens.iter().map(|token| token.word.as_str()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let relative = *word == "that" && at > 0 && words.get(at + 1).is_some_and(|next| TOLD_BY_THAT.contains(next));
        POINTERS.contains(word) && !relative
    })
}

/// What follows a `that` which tells more of the noun before it, folded.
const TOLD_BY_THAT: &[&str] =
    &["wa", "was", "is", "were", "are", "ha", "has", "had", "have", "he", "she", "they", "i", "we"];

/// Whether a clause behind another line's in the same sentence opens work of its own.
fn opens_another(reading: &Reading) -> bool {
    reading.asks || reading.problem || reading.firm || reading.link == Some(Link::Also)
}

fn asks_work(reading: &Reading) -> bool {
    reading.works() && (reading.firm || reading.loose || reading.asks || reading.asks_on)
}

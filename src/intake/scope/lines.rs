//! On which lines' policies work is asked (POLICY.md, Mixed).
//!
//! A line counts when a stretch of the text that names it asks for work itself. The other line as history, reason,
//! or a word in passing does not count, so that a mail is only sent back to be split where it leaves no doubt.

use super::reading::Reading;
use super::sentences::Link;
use super::verdict::ReadSentence;
use super::vocabulary::Vocabulary;
use super::{ModelUse, model};
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
    let mut walk =
        Walk { given, current: None, named: false, found: BTreeSet::new(), implicit: false, own: BTreeSet::new() };
    for read in body.iter().filter(|read| !read.closing) {
        if model == ModelUse::On && model::context(&read.sentence.text) > 0.9 {
            continue;
        }
        walk.sentence(read);
    }
    walk.result().into_iter().filter_map(|tag| vocabulary.lines.get(tag).cloned()).collect()
}

struct Walk {
    given: Option<usize>,
    /// The line that the text speaks of.
    current: Option<usize>,
    /// Whether any line was named yet.
    named: bool,
    /// Lines that a stretch of their own asks for.
    found: BTreeSet<usize>,
    /// Work was asked before any line was named, or after an `also` without a line.
    implicit: bool,
    /// Lines whose stretch asks in words of its own, not only by telling a problem.
    own: BTreeSet<usize>,
}

impl Walk {
    fn sentence(&mut self, read: &ReadSentence) {
        if self.together(read) {
            return;
        }
        if read.readings.first().is_some_and(|r| r.link == Some(Link::Also) && r.lines.is_empty()) {
            self.current = None;
        }
        let (mut named_here, mut joined) = (false, false);
        for reading in &read.readings {
            joined |= matches!(reading.link, Some(Link::And | Link::Also | Link::But));
            if let Some(line) = named(reading) {
                let opens = !named_here || self.current == Some(line) || (joined && opens_another(reading));
                let same_matter = reading.points_back && self.current.is_some_and(|current| current != line);
                if !opens || same_matter {
                    // "paid by A by mistake, please post to B" is one piece of work, and nobody can say whose.
                    continue;
                }
                (named_here, joined) = (true, false);
                self.named = true;
                self.current = Some(line);
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

    /// "ID cards for both her A and her B plan": one sentence that says it asks for both.
    fn together(&mut self, read: &ReadSentence) -> bool {
        let lines: BTreeSet<usize> = read.readings.iter().filter_map(named).collect();
        let says_both = read
            .sentence
            .clauses
            .iter()
            .flat_map(|clause| &clause.tokens)
            .any(|token| matches!(token.word.as_str(), "both" | "two"));
        let asks = read.readings.iter().any(|reading| reading.asks && !reading.context);
        let told = read.readings.iter().any(|reading| reading.context || reading.sub);
        if lines.len() < 2 || !says_both || !asks || told {
            return false;
        }
        self.named = true;
        self.own.extend(&lines);
        self.found.extend(lines);
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

/// The one line that a clause names as the matter, not as a reason or as history.
fn named(reading: &Reading) -> Option<usize> {
    let mut lines = reading.lines.iter();
    let line = lines.next().copied()?;
    let told = reading.sub || ((reading.context || reading.done) && !reading.asks);
    (lines.next().is_none() && !told).then_some(line)
}

/// Whether a clause behind another line's in the same sentence opens work of its own.
fn opens_another(reading: &Reading) -> bool {
    reading.asks || reading.problem || reading.firm || reading.link == Some(Link::Also)
}

fn asks_work(reading: &Reading) -> bool {
    reading.works() && (reading.firm || reading.loose || reading.asks || reading.asks_on)
}

//! What one clause says: which topics, work and lines it names, and whether it asks, denies or tells context.

use super::folding::Token;
use super::phrases::{Hit, overlap};
use super::sentences::{Clause, Link, Sentence};
use super::vocabulary::Vocabulary;
use std::collections::BTreeSet;
use std::ops::Range;

/// What one clause says. Topics and lines are places in the policy's lists.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Topics that its phrases ask for.
    pub strong: BTreeSet<usize>,
    /// Topics that it only mentions.
    pub weak: BTreeSet<usize>,
    /// Topics that it sets aside.
    pub denied: BTreeSet<usize>,
    /// It names work that the desk does.
    pub firm: bool,
    /// It names what may be such work.
    pub loose: bool,
    /// Lines that it names.
    pub lines: BTreeSet<usize>,
    /// It asks, in its own words.
    pub asks: bool,
    /// It asks because its sentence does.
    pub asks_on: bool,
    /// It says that something is wrong.
    pub problem: bool,
    /// It tells history or context.
    pub context: bool,
    /// It says that something is done or well.
    pub done: bool,
    /// It gives a reason or a circumstance for another clause.
    pub sub: bool,
    /// It is a bare note without a verb: `premium discrepancy`.
    pub bare: bool,
    /// It holds a word that no list of the policy knows.
    pub unknown: bool,
    /// It holds a way of denying.
    pub denies: bool,
    /// It speaks of `it` or `that`, what a clause before named.
    pub points_back: bool,
    /// How it follows the clause before.
    pub link: Option<Link>,
    /// The policy's phrases that topics and work were read by, for the trace.
    pub phrases: Vec<String>,
}

impl Reading {
    /// Whether it asks, itself or through its sentence.
    pub fn asking(&self) -> bool {
        self.asks || self.asks_on
    }

    /// Whether it tells history or what is well, and asks nothing itself.
    pub fn told(&self) -> bool {
        (self.context || self.done) && !self.asks
    }

    /// Whether what it names is named as something to be worked on, not told.
    pub fn works(&self) -> bool {
        (self.asking() || self.problem || self.bare) && (!self.told() || (self.problem && !self.done))
    }
}

/// Verbs and pronouns whose absence makes a short sentence a bare note.
const SPOKEN: &[&str] = &[
    "i", "im", "ive", "she", "he", "they", "we", "it", "is", "was", "ha", "has", "had", "have", "are", "were", "been",
    "am", "do", "doe", "does", "did", "will", "would", "can", "could",
];

/// Words that point back to what was named.
const POINTERS: &[&str] = &["it", "that", "thats", "this", "those", "these", "them"];

/// Reads the clauses of `sentence`.
pub fn read(vocabulary: &Vocabulary, sentence: &Sentence) -> Vec<Reading> {
    let words: usize = sentence.clauses.iter().map(|clause| clause.tokens.len()).sum();
    let except = exceptions(vocabulary, sentence);
    let mut readings: Vec<Reading> =
        sentence.clauses.iter().map(|clause| read_clause(vocabulary, clause, &except, words <= 10)).collect();
    carry_asks(&mut readings, sentence.question);
    lift_circumstances(&mut readings);
    readings
}

/// What looks like a topic and is not, as (topic, bytes of the sentence): it may reach over a comma or a bracket.
fn exceptions(vocabulary: &Vocabulary, sentence: &Sentence) -> Vec<(usize, Range<usize>)> {
    let tokens = super::folding::tokens(&sentence.text);
    let hits = vocabulary.except.find(&vocabulary.words.read(&tokens));
    hits.iter().filter_map(|hit| Some((hit.tag, bytes(&tokens, &hit.at)?))).collect()
}

/// The bytes that a stretch of words covers.
fn bytes(tokens: &[Token], at: &Range<usize>) -> Option<Range<usize>> {
    let last = at.end.checked_sub(1)?;
    Some(tokens.get(at.start)?.at.start..tokens.get(last)?.at.end)
}

fn read_clause(vocabulary: &Vocabulary, clause: &Clause, except: &[(usize, Range<usize>)], short: bool) -> Reading {
    let words = vocabulary.words.read(&clause.tokens);
    let kept = |hits: Vec<Hit>| -> Vec<Hit> {
        let excepted = |hit: &Hit| {
            bytes(&clause.tokens, &hit.at)
                .is_some_and(|at| except.iter().any(|(tag, span)| *tag == hit.tag && overlap(span, &at)))
        };
        hits.into_iter().filter(|hit| !excepted(hit)).collect()
    };
    let outside = |hits: Vec<Hit>, spans: &[Hit]| -> Vec<Hit> {
        hits.into_iter().filter(|hit| !spans.iter().any(|span| overlap(&span.at, &hit.at))).collect()
    };
    let strong = kept(vocabulary.strong.find(&words));
    let weak = outside(kept(vocabulary.weak.find(&words)), &strong);
    let firm = outside(outside(vocabulary.in_scope.find(&words), &strong), &weak);
    let loose = outside(outside(vocabulary.loose.find(&words), &strong), &weak);
    let denials = vocabulary.denials.find(&words);
    let context = vocabulary.context.find(&words);
    let done = vocabulary.done.find(&words);
    let lines = outside(vocabulary.line_words.find(&words), &context);
    let denied = |hit: &Hit| denials.iter().any(|denial| near(&denial.at, &hit.at));
    let tags = |hits: &[Hit], wanted: bool| -> BTreeSet<usize> {
        hits.iter().filter(|hit| denied(hit) == wanted).map(|hit| hit.tag).collect()
    };
    let read_by = strong.iter().map(|hit| vocabulary.strong.source(hit.phrase));
    let read_by = read_by.chain(weak.iter().map(|hit| vocabulary.weak.source(hit.phrase)));
    let read_by = read_by.chain(firm.iter().map(|hit| vocabulary.in_scope.source(hit.phrase)));
    let read_by = read_by.chain(denials.iter().map(|hit| vocabulary.denials.source(hit.phrase)));
    let read_by = read_by.chain(context.iter().map(|hit| vocabulary.context.source(hit.phrase)));
    let read_by = read_by.chain(done.iter().map(|hit| vocabulary.done.source(hit.phrase)));
    let phrases = read_by.map(str::to_owned).collect();
    let strong_kept = tags(&strong, false);
    Reading {
        weak: tags(&weak, false).difference(&strong_kept).copied().collect(),
        strong: strong_kept,
        denied: tags(&strong, true).union(&tags(&weak, true)).copied().collect(),
        firm: firm.iter().any(|hit| !denied(hit)),
        loose: loose.iter().any(|hit| !denied(hit)),
        lines: tags(&lines, false),
        asks: vocabulary.asks.any(&words),
        asks_on: false,
        problem: vocabulary.problems.any(&words),
        context: !context.is_empty(),
        done: !done.is_empty(),
        sub: clause.link == Link::Sub,
        bare: short && !clause.tokens.iter().any(|token| SPOKEN.contains(&token.word.as_str())),
        unknown: unknown(vocabulary, clause, &words, &strong, &weak),
        denies: !denials.is_empty(),
        points_back: clause.tokens.iter().any(|token| POINTERS.contains(&token.word.as_str())),
        link: Some(clause.link),
        phrases,
    }
}

/// A denial reaches so many words to each side.
const DENIAL_REACHES: usize = 4;

fn near(denial: &Range<usize>, hit: &Range<usize>) -> bool {
    overlap(denial, hit)
        || hit.start.checked_sub(denial.end).is_some_and(|gap| gap <= DENIAL_REACHES)
        || denial.start.checked_sub(hit.end).is_some_and(|gap| gap <= DENIAL_REACHES)
}

/// Whether a word of three letters or more stands in it that says what is asked and that the policy does not know.
fn unknown(vocabulary: &Vocabulary, clause: &Clause, words: &[Option<u32>], strong: &[Hit], weak: &[Hit]) -> bool {
    let mut generic = vocabulary.generic.find(words);
    generic.extend(vocabulary.asks.find(words));
    generic.extend(strong.iter().chain(weak).cloned());
    clause.tokens.iter().enumerate().any(|(at, token)| {
        let letters = token.word.len() >= 3 && token.word.chars().all(char::is_alphabetic);
        letters && !generic.iter().any(|hit| hit.at.contains(&at))
    })
}

/// What asks at the head of a sentence asks for all that follows, up to a `but` or a reason; a question asks throughout.
fn carry_asks(readings: &mut [Reading], question: bool) {
    let mut asking = false;
    for reading in readings {
        match reading.link {
            Some(Link::But | Link::Sub) => asking = false,
            Some(Link::Start | Link::Pause | Link::And | Link::Also | Link::Please) | None => {}
        }
        reading.asks_on = asking || (question && !reading.sub);
        asking |= reading.asks;
    }
}

/// A reason stands for the sentence where the sentence names nothing else: "I write because her card never came".
fn lift_circumstances(readings: &mut [Reading]) {
    let says = |r: &Reading| !r.strong.is_empty() || !r.weak.is_empty() || r.firm || r.loose;
    if readings.iter().any(|reading| !reading.sub && says(reading)) {
        return;
    }
    let asked = readings.iter().any(|reading| reading.asks);
    for reading in readings.iter_mut().filter(|reading| reading.sub) {
        reading.sub = false;
        reading.asks_on |= asked;
    }
}

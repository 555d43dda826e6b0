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
    /// It names what takes the matter of the sentence before.
    pub faint: bool,
    /// Lines that it names.
    pub lines: BTreeSet<usize>,
    /// Where the first of their names stands, in words.
    pub line_at: Option<Range<usize>>,
    /// Lines that it names in whatever way, history and denials too.
    pub lines_told: BTreeSet<usize>,
    /// It says that nothing is asked on a line.
    pub untouched: bool,
    /// It speaks of several at once: `both`.
    pub together: bool,
    /// It names the desk's own organisation or policies.
    pub own: bool,
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
    /// Something is wrong that is not said to be well again.
    pub wrong: bool,
    /// It names the member or another person.
    pub names_person: bool,
    /// It begins with a verb, so that its subject is the clause's before.
    pub same_subject: bool,
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
pub const POINTERS: &[&str] = &["it", "that", "thats", "this", "those", "these", "them"];

/// Words for the person that a request is about.
const PERSONS: &[&str] =
    &["she", "he", "her", "hi", "him", "they", "their", "member", "client", "mr", "mrs", "ms", "insured", "patient"];

/// Verbs that go on with the subject before: "he left and wants a card".
const VERBS: &[&str] =
    &["need", "want", "ask", "would", "like", "cant", "cannot", "is", "wa", "was", "ha", "has", "request", "wonder"];

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
        let streets = vocabulary.streets.find(&words);
        hits.into_iter().filter(|hit| !excepted(hit) && !in_address(clause, &hit.at, &streets)).collect()
    };
    let outside = |hits: Vec<Hit>, spans: &[Hit]| -> Vec<Hit> {
        hits.into_iter().filter(|hit| !spans.iter().any(|span| overlap(&span.at, &hit.at))).collect()
    };
    let strong = kept(vocabulary.strong.find(&words));
    let weak = outside(kept(vocabulary.weak.find(&words)), &strong);
    let firm = outside(outside(vocabulary.in_scope.find(&words), &strong), &weak);
    let loose = outside(outside(vocabulary.loose.find(&words), &strong), &weak);
    let faint = outside(outside(vocabulary.faint.find(&words), &strong), &weak);
    let denials = vocabulary.denials.find(&words);
    let context = vocabulary.context.find(&words);
    let done = not_negated(vocabulary.done.find(&words), &vocabulary.negations.find(&words));
    let line_hits = vocabulary.line_words.find(&words);
    let lines_told = line_hits.iter().map(|hit| hit.tag).collect();
    let lines = outside(outside(line_hits, &context), &strong);
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
        faint: faint.iter().any(|hit| !denied(hit)),
        own: !lines.is_empty()
            || !not_negated(outside(vocabulary.own.find(&words), &strong), &vocabulary.negations.find(&words))
                .is_empty(),
        lines: tags(&lines, false),
        line_at: lines.first().map(|hit| hit.at.clone()),
        lines_told,
        untouched: vocabulary.untouched.any(&words),
        together: vocabulary.together.any(&words),
        asks: vocabulary.asks.any(&words),
        asks_on: false,
        problem: vocabulary.problems.any(&words),
        context: !context.is_empty(),
        done: !done.is_empty(),
        sub: clause.link == Link::Sub,
        bare: short && !clause.tokens.iter().any(|token| SPOKEN.contains(&token.word.as_str())),
        unknown: unknown(vocabulary, clause, &words, &strong, &weak),
        denies: !denials.is_empty(),
        wrong: vocabulary.problems.find(&words).iter().any(|hit| !done.iter().any(|d| overlap(&d.at, &hit.at))),
        names_person: clause.tokens.iter().any(|token| PERSONS.contains(&token.word.as_str())),
        same_subject: clause.tokens.first().is_some_and(|token| VERBS.contains(&token.word.as_str())),
        points_back: clause.tokens.iter().any(|token| POINTERS.contains(&token.word.as_str())),
        link: Some(clause.link),
        phrases,
    }
}

/// Whether a name is part of an address: right before a word for a street, and behind a house number or capitalised
/// like it (`14 Commission Road`, `Bonus Avenue`).
fn in_address(clause: &Clause, at: &Range<usize>, streets: &[Hit]) -> bool {
    let numbered = at.start.checked_sub(1).and_then(|before| clause.tokens.get(before)).is_some_and(is_number);
    streets.iter().any(|street| {
        let gap = street.at.start.checked_sub(at.end);
        let long = clause.tokens.get(street.at.start).is_some_and(|token| token.word.len() > 3);
        gap.is_some_and(|gap| (numbered && gap <= 1) || (long && gap == 0))
    })
}

fn is_number(token: &Token) -> bool {
    token.word.starts_with(|c: char| c.is_ascii_digit())
}

/// What is done, without what stands close behind a negation: "it never arrived".
fn not_negated(done: Vec<Hit>, negations: &[Hit]) -> Vec<Hit> {
    let negated = |hit: &Hit| {
        let before =
            |negation: &Hit| hit.at.start.checked_sub(negation.at.end).is_some_and(|gap| gap <= DENIAL_REACHES);
        negations.iter().any(before)
    };
    done.into_iter().filter(|hit| !negated(hit)).collect()
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
    let says = |r: &Reading| !r.strong.is_empty() || !r.weak.is_empty() || r.firm || r.loose || r.faint;
    if readings.iter().any(|reading| !reading.sub && says(reading)) {
        return;
    }
    let asked = readings.iter().any(|reading| reading.asks);
    for reading in readings.iter_mut().filter(|reading| reading.sub) {
        reading.sub = false;
        reading.asks_on |= asked;
    }
}

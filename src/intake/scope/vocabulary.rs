//! A desk's words for scope and urgency, compiled once for each wording of the policy.

use super::phrases::{PhraseSet, WordNumbers};
use crate::desk::{Desk, Line, ScopeWords, Topic, Urgency};
use crate::kept::{Kept, wording_hasher};
use crate::words::LineId;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// The phrases of a desk, ready to be looked for.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Whether the small model is asked.
    pub(super) uses_model: bool,
    pub(crate) words: WordNumbers,
    pub(super) topics: Vec<(String, bool)>,
    pub(super) lines: Vec<LineId>,
    /// Tagged with the topic's place in `topics`.
    pub(super) strong: PhraseSet,
    /// Mere names, tagged likewise.
    pub(super) weak: PhraseSet,
    /// Tagged likewise.
    pub(super) except: PhraseSet,
    /// Tagged with the line's place in `lines`.
    pub(super) line_words: PhraseSet,
    pub(super) in_scope: PhraseSet,
    pub(super) loose: PhraseSet,
    pub(super) faint: PhraseSet,
    pub(super) asks: PhraseSet,
    pub(super) problems: PhraseSet,
    pub(super) generic: PhraseSet,
    pub(super) denials: PhraseSet,
    pub(super) context: PhraseSet,
    pub(super) done: PhraseSet,
    pub(super) negations: PhraseSet,
    pub(super) untouched: PhraseSet,
    pub(super) together: PhraseSet,
    pub(super) streets: PhraseSet,
    pub(super) own: PhraseSet,
    pub(crate) urgent: PhraseSet,
    pub(crate) urgent_phrases: Vec<String>,
    /// Tagged with the phrase's place in `urgent_phrases`.
    pub(crate) urgent_surely: PhraseSet,
    pub(crate) urgent_except: PhraseSet,
    pub(crate) over: PhraseSet,
    pub(crate) now: PhraseSet,
}

impl Vocabulary {
    /// Compiles the words of a policy's sections.
    pub fn new(lines: &[Line], topics: &[Topic], scope: &ScopeWords, urgency: &Urgency) -> Self {
        let mut vocabulary = Self { uses_model: scope.model, ..Self::default() };
        let mut words = WordNumbers::default();
        for (tag, topic) in topics.iter().enumerate() {
            vocabulary.topics.push((topic.id.clone(), topic.plan));
            vocabulary.strong.extend(&mut words, &topic.phrases, tag);
            vocabulary.weak.extend(&mut words, &topic.names, tag);
            vocabulary.except.extend(&mut words, &topic.except, tag);
        }
        for (tag, line) in lines.iter().enumerate() {
            vocabulary.lines.push(line.id.clone());
            vocabulary.line_words.add(&mut words, &line.name, tag);
            vocabulary.line_words.extend(&mut words, &line.words, tag);
        }
        vocabulary.in_scope.extend(&mut words, &scope.in_scope, 0);
        vocabulary.loose.extend(&mut words, &scope.loose, 0);
        vocabulary.faint.extend(&mut words, &scope.faint, 0);
        vocabulary.asks.extend(&mut words, &scope.asks, 0);
        vocabulary.problems.extend(&mut words, &scope.problems, 0);
        vocabulary.generic.extend(&mut words, &scope.generic, 0);
        vocabulary.denials.extend(&mut words, &scope.denials, 0);
        vocabulary.context.extend(&mut words, &scope.context, 0);
        vocabulary.done.extend(&mut words, &scope.done, 0);
        vocabulary.negations.extend(&mut words, &scope.negations, 0);
        vocabulary.untouched.extend(&mut words, &scope.untouched, 0);
        vocabulary.together.extend(&mut words, &scope.together, 0);
        vocabulary.streets.extend(&mut words, &scope.streets, 0);
        vocabulary.own.extend(&mut words, &scope.own, 0);
        for (tag, phrase) in urgency.phrases.iter().enumerate() {
            vocabulary.urgent.add(&mut words, phrase, tag);
        }
        for (tag, phrase) in urgency.surely.iter().enumerate() {
            vocabulary.urgent_surely.add(&mut words, phrase, urgency.phrases.len() + tag);
        }
        vocabulary.urgent_phrases = [urgency.phrases.as_slice(), urgency.surely.as_slice()].concat();
        vocabulary.urgent_except.extend(&mut words, &urgency.except, 0);
        vocabulary.over.extend(&mut words, &urgency.over, 0);
        vocabulary.now.extend(&mut words, &urgency.now, 0);
        vocabulary.words = words;
        vocabulary
    }

    /// The desk's vocabulary. It is kept for the next message: compiling takes longer than judging.
    pub fn of(desk: &Desk) -> Arc<Self> {
        KEPT.of(wording(desk), || {
            let lines = if desk.has_queues { &[] } else { desk.lines.as_slice() };
            Self::new(lines, &desk.topics, &desk.scope, &desk.urgency)
        })
    }
}

static KEPT: Kept<Vocabulary> = Kept::new();

/// A number that differs where any word of the policy's sections differs.
fn wording(desk: &Desk) -> u64 {
    let mut hasher = wording_hasher().build_hasher();
    for topic in &desk.topics {
        (&topic.id, topic.plan, &topic.phrases, &topic.except, &topic.names).hash(&mut hasher);
    }
    for line in &desk.lines {
        (&line.id.0, &line.name, &line.words).hash(&mut hasher);
    }
    desk.scope.model.hash(&mut hasher);
    let ScopeWords { in_scope, loose, faint, asks, problems, generic, denials, context, done, .. } = &desk.scope;
    let ScopeWords { negations, untouched, together, streets, own, .. } = &desk.scope;
    (in_scope, loose, faint, asks, problems, generic).hash(&mut hasher);
    (denials, context, done, negations, untouched, together, streets, own).hash(&mut hasher);
    let Urgency { phrases, surely, except, over, now } = &desk.urgency;
    (phrases, surely, except, over, now).hash(&mut hasher);
    hasher.finish()
}

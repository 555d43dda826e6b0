//! What is *asked*, sentence by sentence (POLICY.md, Scope and Mixed).
//!
//! Not the words that occur decide but what is asked: each clause is read for topics, for work that the desk does, and
//! for whether it asks, denies, or tells history (`reading`); the clauses together say what the message asks for
//! (`verdict`, `lines`). Whatever is in doubt is in scope. All vocabulary is the desk's.
//!
//! A small model (`model`) has the last word in one direction only: where it reads work for the desk in a sentence
//! that the rules passed over, the message is in scope after all.

mod folding;
mod lines;
mod model;
mod parallel;
mod phrases;
mod reading;
mod roles;
mod sentences;
#[cfg(test)]
mod tests;
mod untouched;
mod verdict;
mod vocabulary;

pub(crate) use folding::tokens;
pub(crate) use phrases::{PhraseSet, WordNumbers, overlap};
pub(crate) use sentences::{Sentence, sentences};
pub(crate) use vocabulary::Vocabulary;

use crate::desk::Desk;
use crate::words::LineId;
use std::collections::BTreeSet;

/// What is judged: the parts of a request, as they were read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeInput<'a> {
    /// The words of the subject beside name and line.
    pub subject_rest: &'a str,
    /// The topic whose name stands where the line belongs in the subject.
    pub subject_topic: Option<&'a str>,
    /// Topics that explicit labels in the body name (`Plan: …`).
    pub topic_labels: &'a [String],
    /// The line that subject or label name.
    pub line: Option<&'a LineId>,
    /// The summary field.
    pub summary: &'a str,
    /// The sender's other new words, without the fields.
    pub free_text: &'a str,
    /// Whether the member's fields are there.
    pub has_member_fields: bool,
}

/// What a message asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Out-of-scope topics that are asked for, by id, in the desk's order.
    pub topics: Vec<String>,
    /// Whether something in scope is asked. Where nothing out of scope is asked it always is: a doubt counts as in scope.
    pub in_scope: bool,
    /// Lines on whose policies work is asked. More than one only where the words leave no doubt.
    pub lines: BTreeSet<LineId>,
    /// How each clause was read, for the trace.
    pub sentences: Vec<SentenceNote>,
}

impl Asked {
    /// Whether all that is asked is out of scope.
    pub fn all_out_of_scope(&self) -> bool {
        !self.topics.is_empty() && !self.in_scope
    }
}

/// How one clause was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentenceNote {
    /// The clause's folded words. Member data may stand in it: it is for the trace only.
    pub text: String,
    /// What it does.
    pub role: SentenceRole,
    /// The topics that it names, by id.
    pub topics: Vec<String>,
    /// The lines that it names.
    pub lines: Vec<LineId>,
    /// Why, in words for a person.
    pub why: String,
}

/// What a clause does in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentenceRole {
    /// Asks for work that the desk does.
    Ask,
    /// Names work that the desk does and asks for nothing.
    Named,
    /// Asks for something out of scope.
    OutOfScope,
    /// Tells history, or what is well.
    Context,
    /// Sets a topic aside.
    Denial,
    /// Greets, thanks, signs.
    Greeting,
    /// Asks for something that no word of the policy names.
    Unknown,
    /// Says nothing that matters to scope.
    Other,
}

/// Whether the model is asked besides the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelUse {
    /// Rules alone.
    Off,
    /// The model may turn a redirect or a rejection into an acceptance.
    On,
}

/// Judges what a message asks for.
pub fn judge(desk: &Desk, input: &ScopeInput) -> Asked {
    judge_with(&Vocabulary::of(desk), input, ModelUse::On)
}

/// Judges with rules alone, or with the model besides.
pub fn judge_with(vocabulary: &Vocabulary, input: &ScopeInput, model: ModelUse) -> Asked {
    verdict::judge(vocabulary, input, model)
}

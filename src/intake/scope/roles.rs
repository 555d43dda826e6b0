//! What one clause does in its message: asks for work, asks for something out of scope, tells, denies.

use super::SentenceRole;
use super::reading::Reading;
use super::verdict::ReadSentence;
use super::vocabulary::Vocabulary;
use std::collections::BTreeSet;

/// What the sentences before a clause speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nothing out of scope.
    Open,
    /// The desk's own organisation or policies.
    Own,
    /// A topic that is a kind of question.
    Matter,
    /// Another kind of plan.
    Plan,
}

/// What stands around a clause.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// A clause of the sentence asks for a topic.
    pub topical: bool,
    /// The sentence names the desk's own organisation, policies or lines.
    pub of_desk: bool,
    /// The sentence says that its matter is done.
    pub settled: bool,
    /// What the sentences before speak of.
    pub before: Subject,
}

/// The topics that a clause asks for.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Places in the policy's list.
    pub topics: BTreeSet<usize>,
    /// A phrase of their own says so, not a mere name.
    pub sure: bool,
    /// One of them is another kind of plan.
    pub plan: bool,
    /// Topics that it states without asking: a later clause may ask for them ("who can help?").
    pub stated: BTreeSet<usize>,
    /// A phrase of their own states them.
    pub stated_surely: bool,
}

impl Asking {
    /// What `reading`, a clause of `read`, asks for; what the message sets aside (`denied`) does not count.
    pub fn of(vocabulary: &Vocabulary, reading: &Reading, read: &ReadSentence, denied: &BTreeSet<usize>) -> Self {
        let wrong = reading.problem && !reading.done && !reading.strong.is_empty();
        let told = (reading.context || reading.done) && !reading.asking() && !wrong;
        if reading.sub || (told && reading.context) {
            return Self::default();
        }
        let is_plan = |tag: &usize| vocabulary.topics.get(*tag).is_some_and(|(_, plan)| *plan);
        let kept = |tag: &&usize| !denied.contains(tag) && (!is_plan(tag) || reading.works());
        // Beside the desk's own plans another plan is a circumstance.
        let of_desk = read.readings.iter().any(|other| other.own);
        let counts = |tag: &&usize| kept(tag) && (!is_plan(tag) || !of_desk);
        let strong: BTreeSet<usize> = reading.strong.iter().filter(counts).copied().collect();
        if told {
            // "My commission statement came. Which three sales fell off?": a later clause may ask for it.
            let stated: BTreeSet<usize> = strong.into_iter().filter(|tag| !is_plan(tag)).collect();
            return Self { stated_surely: !stated.is_empty(), stated, ..Self::default() };
        }
        if !strong.is_empty() {
            return Self { sure: true, plan: strong.iter().any(is_plan), topics: strong, ..Self::default() };
        }
        if reading.context || reading.firm || !reading.works() {
            let open = |tag: &&usize| !denied.contains(tag) && !of_desk;
            let stated: BTreeSet<usize> = reading.strong.iter().filter(open).copied().collect();
            if !stated.is_empty() {
                return Self { stated, stated_surely: true, ..Self::default() };
            }
            let open = |tag: &&usize| open(tag) && !is_plan(tag);
            let stated = reading.weak.iter().filter(open).copied().collect();
            return Self { stated, ..Self::default() };
        }
        let weak: BTreeSet<usize> = reading.weak.iter().filter(counts).copied().collect();
        Self { plan: weak.iter().any(is_plan), topics: weak, ..Self::default() }
    }
}

/// What a clause does, and why, for the trace.
pub fn role_of(
    reading: &Reading,
    asking: &Asking,
    around: &Around,
    of_other_plan: bool,
) -> (SentenceRole, &'static str) {
    // Nouns of the desk's work inside what asks for a topic do not make it the desk's: "a claim on my commission".
    if asking.sure {
        return (SentenceRole::OutOfScope, "asks for something out of scope");
    }
    if around.settled && asking.topics.is_empty() {
        return (SentenceRole::Context, "tells what is done");
    }
    if reading.firm && !reading.sub && !of_other_plan {
        if reading.works() {
            return (SentenceRole::Ask, "asks for work that the desk does");
        }
        if !reading.told() {
            return (SentenceRole::Named, "names work that the desk does");
        }
    }
    if !asking.topics.is_empty() {
        return (SentenceRole::OutOfScope, "asks for something out of scope");
    }
    let carried = matches!(around.before, Subject::Matter | Subject::Plan) && !around.of_desk;
    let may_be_work = reading.loose || (reading.faint && !carried);
    if may_be_work && reading.works() && !reading.sub && !around.topical && !of_other_plan {
        return (SentenceRole::Ask, "asks for what may be the desk's work");
    }
    if !reading.denied.is_empty() {
        return (SentenceRole::Denial, "sets a topic aside");
    }
    if reading.context || reading.done || reading.sub {
        return (SentenceRole::Context, "tells history or a circumstance");
    }
    if reading.asks && reading.unknown && !around.topical && !carried {
        if around.before == Subject::Own {
            return (SentenceRole::Ask, "asks for something on the desk's own policy");
        }
        return (SentenceRole::Unknown, "asks for something that the policy has no word for");
    }
    (SentenceRole::Other, "says nothing that matters to scope")
}

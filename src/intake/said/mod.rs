//! What the words of a request say of its type, its priority, its issues and its sender's place: phrases of the policy,
//! looked for sentence by sentence. What a sentence sets aside ("this is not about a termination") does not count.
//!
//! | file | what it finds |
//! | --- | --- |
//! | `issue_type` | the type that is meant, and whether the one that is named fits |
//! | `priority` | the priority, and whether its reason meets it |
//! | `issues` | a second issue in the same mail |
//! | `fields` | values of fields in free text |
//! | `association` | whether the sender is associated with what they ask about |
//! | `ladder` | whether a supervisor is asked for |
//! | `members` | the members of a request that may have several |

pub mod association;
pub mod fields;
pub mod issue_type;
pub mod issues;
pub mod ladder;
pub mod members;
pub mod priority;

use super::scope::{PhraseSet, Sentence, WordNumbers, overlap, sentences, tokens};
use crate::desk::Desk;
use crate::kept::Kept;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// A set of phrases beside what looks like them; both tagged alike.
#[derive(Debug, Default)]
struct Pair {
    phrases: PhraseSet,
    except: PhraseSet,
}

/// The phrases of a desk, ready to be looked for.
#[derive(Debug, Default)]
pub struct Phrases {
    words: WordNumbers,
    /// By the type's place in the policy.
    types: Pair,
    /// By the place of the type, times [`MOST_WRONG`], and of its `wrong` entry; `except` holds what makes it right.
    wrong: Pair,
    /// By the priority's place.
    levels: Pair,
    /// That a matter is over.
    over: Pair,
    another_issue: Pair,
    not_associated: Pair,
    /// That a supervisor is asked for.
    supervisor: Pair,
    /// By the field's place.
    fields: PhraseSet,
    /// By the field's place: what a name stands right before.
    behind: PhraseSet,
    denials: PhraseSet,
    asks: PhraseSet,
    problems: PhraseSet,
    past: PhraseSet,
}

/// More entries `[[type.wrong]]` than any type has.
const MOST_WRONG: usize = 1_000;

/// A sentence that says so from this word on speaks of what the sentence before it told.
const REFERS_AT: usize = 1;

/// A denial reaches so many words to each side.
const DENIAL_REACHES: usize = 3;

static KEPT: Kept<Phrases> = Kept::new();

impl Phrases {
    /// The phrases of `desk`, kept for the next message.
    pub fn of(desk: &Desk) -> Arc<Self> {
        KEPT.of(wording(desk), || Self::new(desk))
    }

    fn new(desk: &Desk) -> Self {
        let (mut all, mut words) = (Self::default(), WordNumbers::default());
        for (tag, kind) in desk.types.list.iter().enumerate() {
            all.types.phrases.extend(&mut words, &kind.phrases, tag);
            all.types.except.extend(&mut words, &kind.except, tag);
            for (entry, wrong) in kind.wrong.iter().enumerate().take(MOST_WRONG) {
                all.wrong.phrases.extend(&mut words, &wrong.phrases, tag * MOST_WRONG + entry);
                all.wrong.except.extend(&mut words, &wrong.unless, tag * MOST_WRONG + entry);
            }
        }
        for (tag, level) in desk.priorities.list.iter().enumerate() {
            all.levels.phrases.extend(&mut words, &level.phrases, tag);
            all.levels.except.extend(&mut words, &level.except, tag);
        }
        all.over.phrases.extend(&mut words, &desk.types.over, 0);
        all.over.except.extend(&mut words, &desk.types.not_over, 0);
        all.another_issue.phrases.extend(&mut words, &desk.issues.phrases, 0);
        all.another_issue.except.extend(&mut words, &desk.issues.except, 0);
        all.not_associated.phrases.extend(&mut words, &desk.associations.phrases, 0);
        all.not_associated.except.extend(&mut words, &desk.associations.except, 0);
        all.supervisor.phrases.extend(&mut words, &desk.ladder.ask, 0);
        all.supervisor.except.extend(&mut words, &desk.ladder.except, 0);
        for (tag, field) in desk.fields.iter().enumerate() {
            all.fields.extend(&mut words, &field.phrases, tag);
            all.behind.extend(&mut words, &field.behind, tag);
        }
        all.denials.extend(&mut words, &desk.scope.denials, 0);
        all.asks.extend(&mut words, &desk.scope.asks, 0);
        all.problems.extend(&mut words, &desk.scope.problems, 0);
        all.past.extend(&mut words, desk.scope.context.iter().chain(&desk.scope.done), 0);
        all.words = words;
        all
    }

    fn read(&self, text: &str) -> Vec<Said> {
        sentences(text).iter().map(|sentence| self.said(sentence)).collect()
    }

    /// The sentences that count for what a request is about, each with whether it stands in the subject. One that says
    /// that the matter is over does not count, nor does the one before it that it refers to ("It works now"), nor the
    /// subject above: that names what is over.
    fn counting(&self, told: Told<'_>) -> Vec<(Said, bool)> {
        let body = self.read(told.body);
        let begins: Vec<Option<usize>> = body.iter().map(|said| self.is_over(said)).collect();
        let any = begins.iter().any(Option::is_some);
        let refers = |place: usize| begins.get(place).copied().flatten().is_some_and(|at| at <= REFERS_AT);
        let counts = |place: usize| begins.get(place).is_some_and(Option::is_none) && !refers(place + 1);
        let body = body.into_iter().enumerate().filter(|(place, _)| counts(*place)).map(|(_, said)| (said, false));
        let subject = self.read(told.subject).into_iter().filter(|said| !any && self.is_over(said).is_none());
        subject.map(|said| (said, true)).chain(body).collect()
    }

    /// At which word the sentence says that the matter is over.
    fn is_over(&self, said: &Said) -> Option<usize> {
        said.heard(&self.over).first().map(|(_, at)| at.start)
    }

    fn said(&self, sentence: &Sentence) -> Said {
        let numbers = self.words.read(&tokens(&sentence.text));
        let denied = self.denials.find(&numbers).into_iter().map(|hit| hit.at).collect();
        let asks = sentence.question || self.asks.any(&numbers) || self.problems.any(&numbers);
        let past = self.past.any(&numbers);
        Said { numbers, denied, asks, past }
    }
}

/// One sentence, read.
struct Said {
    numbers: Vec<Option<u32>>,
    denied: Vec<Range<usize>>,
    /// It asks, or says that something is wrong.
    asks: bool,
    /// It tells history, or what is done.
    past: bool,
}

impl Said {
    /// The tags of the phrases of `pair` that stand in the sentence, neither excepted nor set aside, in the order of the
    /// text, with where each stands.
    fn heard(&self, pair: &Pair) -> Vec<(usize, Range<usize>)> {
        let except = pair.except.find(&self.numbers);
        let hits = pair.phrases.find(&self.numbers).into_iter().filter(|hit| {
            let excepted = except.iter().any(|other| other.tag == hit.tag && overlap(&other.at, &hit.at));
            !excepted && !self.sets_aside(&hit.at)
        });
        hits.map(|hit| (hit.tag, hit.at)).collect()
    }

    /// Whether a phrase of `set` under `tag` stands in the sentence and is not set aside.
    fn says(&self, set: &PhraseSet, tag: usize) -> bool {
        set.find(&self.numbers).iter().any(|hit| hit.tag == tag && !self.sets_aside(&hit.at))
    }

    fn sets_aside(&self, at: &Range<usize>) -> bool {
        let near = |denial: &Range<usize>| {
            !overlap(denial, at) && at.start.checked_sub(denial.end).is_some_and(|gap| gap <= DENIAL_REACHES)
        };
        self.denied.iter().any(near)
    }
}

/// A number that differs where any phrase that is prepared differs.
fn wording(desk: &Desk) -> u64 {
    let mut hasher = crate::kept::wording_hasher().build_hasher();
    for kind in &desk.types.list {
        (&kind.id, &kind.phrases, &kind.except).hash(&mut hasher);
        for wrong in &kind.wrong {
            (&wrong.phrases, &wrong.unless).hash(&mut hasher);
        }
    }
    for level in &desk.priorities.list {
        (&level.id, &level.phrases, &level.except).hash(&mut hasher);
    }
    (&desk.types.over, &desk.types.not_over).hash(&mut hasher);
    for field in &desk.fields {
        (&field.id, &field.phrases, &field.behind).hash(&mut hasher);
    }
    (&desk.issues.phrases, &desk.issues.except).hash(&mut hasher);
    (&desk.associations.phrases, &desk.associations.except).hash(&mut hasher);
    (&desk.ladder.ask, &desk.ladder.except).hash(&mut hasher);
    let scope = &desk.scope;
    (&scope.denials, &scope.asks, &scope.problems, &scope.context, &scope.done).hash(&mut hasher);
    hasher.finish()
}

/// The words of a request that are read for what it is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// The subject, without marks and tags.
    pub subject: &'a str,
    /// The summary, further ones and the free text.
    pub body: &'a str,
}

//! From the clauses of a message to what it asks for.
//!
//! Redirecting needs certainty: a topic must be asked for, and nothing that the desk does may be.

use super::reading::{Reading, read};
use super::sentences::{Link, Sentence, sentences};
use super::vocabulary::Vocabulary;
use super::{Asked, ModelUse, ScopeInput, SentenceNote, SentenceRole, lines, model};
use std::collections::BTreeSet;

/// A sentence with the readings of its clauses.
#[derive(Debug)]
pub struct ReadSentence {
    /// As it was split.
    pub sentence: Sentence,
    /// One for each clause.
    pub readings: Vec<Reading>,
    /// It closes the mail or belongs to the signature.
    pub closing: bool,
}

/// Judges `input` with the words of `vocabulary`.
pub fn judge(vocabulary: &Vocabulary, input: &ScopeInput, model: ModelUse) -> Asked {
    let subject = read_part(vocabulary, input.subject_rest);
    let mut body = read_part(vocabulary, input.summary);
    body.extend(read_part(vocabulary, input.free_text));

    let mut found = Found::of_labels(vocabulary, input);
    let denied = set_aside(subject.iter().chain(&body));
    let mut notes = Vec::new();
    for read in subject.iter().chain(&body) {
        judge_sentence(vocabulary, read, &denied, &mut found, &mut notes);
    }
    found.matter = found.topics.iter().any(|tag| vocabulary.topics.get(*tag).is_some_and(|(_, plan)| !plan));
    let mut in_scope = found.in_scope();
    if !in_scope && model == ModelUse::On && !found.labelled {
        in_scope = body.iter().any(|read| !read.closing && objects(read));
    }
    let topics = found.topics.iter().filter_map(|tag| vocabulary.topics.get(*tag)).map(|(id, _)| id.clone()).collect();
    Asked { topics, in_scope, lines: lines::asked(vocabulary, input.line, &body, model), sentences: notes }
}

fn read_part(vocabulary: &Vocabulary, text: &str) -> Vec<ReadSentence> {
    let mut closed = false;
    let read_one = |sentence: Sentence| {
        let readings = read(vocabulary, &sentence);
        let speaks = sentence.question || readings.iter().any(|r| r.problem || (r.asks && (r.firm || r.loose)));
        closed = (closed || closes(&sentence)) && !speaks;
        ReadSentence { sentence, readings, closing: closed }
    };
    sentences(text).into_iter().map(read_one).collect()
}

/// `Thanks,` or `Best regards` at the head of a sentence, with a pause or nothing behind it.
fn closes(sentence: &Sentence) -> bool {
    let Some(first) = sentence.clauses.first() else { return false };
    let head: Vec<&str> = first.tokens.iter().map(|token| token.word.as_str()).collect();
    let closing = ["thank", "thx", "ty", "regard", "sincerely", "best", "respectfully", "cheer", "cordially", "warmly"];
    head.len() <= 4 && head.iter().any(|word| closing.contains(word))
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    topics: BTreeSet<usize>,
    /// A topic by a phrase of its own or by a label, not by a mere name.
    sure: bool,
    /// A label or the subject's line position names a topic.
    labelled: bool,
    /// That topic is another kind of plan: only work on a named line of the desk is in scope.
    plan_labelled: bool,
    work: bool,
    line_work: bool,
    unknown_ask: bool,
    /// A clause asks about a line of the desk.
    own_line: bool,
    /// A topic that is no other plan is asked for.
    matter: bool,
}

impl Found {
    fn of_labels(vocabulary: &Vocabulary, input: &ScopeInput) -> Self {
        let labels = input.topic_labels.iter().map(String::as_str).chain(input.subject_topic);
        let mut found = Self::default();
        for label in labels {
            let Some(tag) = vocabulary.topics.iter().position(|(id, _)| id == label) else { continue };
            found.topics.insert(tag);
            (found.sure, found.labelled) = (true, true);
            found.plan_labelled |= vocabulary.topics.get(tag).is_some_and(|(_, plan)| *plan);
        }
        found.plan_labelled &= input.line.is_none();
        found
    }

    fn in_scope(&self) -> bool {
        if self.topics.is_empty() {
            return true;
        }
        if self.plan_labelled {
            return self.line_work;
        }
        // Beside another plan, a word about the desk's own line is a doubt.
        self.work || (self.unknown_ask && !self.sure) || (self.own_line && !self.matter)
    }
}

fn judge_sentence(
    vocabulary: &Vocabulary,
    read: &ReadSentence,
    denied: &BTreeSet<usize>,
    found: &mut Found,
    notes: &mut Vec<SentenceNote>,
) {
    let asked: Vec<(BTreeSet<usize>, bool)> =
        read.readings.iter().map(|reading| topics_asked(vocabulary, reading, denied)).collect();
    let topical = asked.iter().any(|(topics, _)| !topics.is_empty());
    let of_desk = read.readings.iter().any(|reading| !reading.lines.is_empty());
    let mut of_other_plan = false;
    for (at, reading) in read.readings.iter().enumerate() {
        let Some((topics, sure)) = asked.get(at) else { continue };
        let names_plan = topics.iter().any(|tag| vocabulary.topics.get(*tag).is_some_and(|(_, plan)| *plan));
        // "Her group plan was cancelled, please reinstate": what follows is about that plan.
        found.own_line |= !reading.lines.is_empty() && reading.works() && topics.is_empty() && !reading.sub;
        let goes_on = matches!(reading.link, Some(Link::Pause | Link::Please | Link::Sub)) || reading.points_back;
        of_other_plan = !of_desk && (names_plan || (of_other_plan && goes_on));
        let (role, why) = if read.closing {
            (SentenceRole::Greeting, "closes the mail")
        } else {
            role_of(reading, topics, topical, of_other_plan)
        };
        match role {
            SentenceRole::OutOfScope => {
                found.topics.extend(topics);
                found.sure |= sure;
            }
            SentenceRole::Ask => {
                found.work = true;
                found.line_work |= !reading.lines.is_empty();
                // Something out of scope may be asked for in the same words.
                found.topics.extend(topics);
                found.sure |= sure;
            }
            SentenceRole::Unknown => found.unknown_ask = true,
            SentenceRole::Context | SentenceRole::Denial | SentenceRole::Greeting | SentenceRole::Other => {}
        }
        notes.push(note(vocabulary, read, at, role, why));
    }
}

/// Topics that the message sets aside: by name, or by pointing back ("… but that is for another email").
fn set_aside<'a>(read: impl Iterator<Item = &'a ReadSentence>) -> BTreeSet<usize> {
    let mut denied = BTreeSet::new();
    let mut named = BTreeSet::new();
    for reading in read.flat_map(|read| &read.readings) {
        denied.extend(&reading.denied);
        let names: BTreeSet<usize> = reading.strong.union(&reading.weak).copied().collect();
        if names.is_empty() && reading.denies && reading.points_back && !reading.firm {
            denied.extend(&named);
        }
        if !names.is_empty() {
            named = names;
        }
    }
    denied
}

/// The topics that a clause asks for, and whether a phrase of their own says so.
fn topics_asked(vocabulary: &Vocabulary, reading: &Reading, denied: &BTreeSet<usize>) -> (BTreeSet<usize>, bool) {
    let told = (reading.context || reading.done) && !reading.asking();
    if reading.sub || told {
        return (BTreeSet::new(), false);
    }
    let is_plan = |tag: &usize| vocabulary.topics.get(*tag).is_some_and(|(_, plan)| *plan);
    let strong: BTreeSet<usize> = reading
        .strong
        .iter()
        .filter(|tag| !denied.contains(tag) && (!is_plan(tag) || reading.works()))
        .copied()
        .collect();
    if !strong.is_empty() {
        return (strong, true);
    }
    if reading.firm || reading.context || !reading.works() {
        return (BTreeSet::new(), false);
    }
    // The bare name of another plan says nothing beside other words: "check with her group".
    let counts = |tag: &&usize| !is_plan(tag) || (reading.bare && !reading.unknown);
    (reading.weak.difference(denied).filter(counts).copied().collect(), false)
}

fn role_of(
    reading: &Reading,
    topics: &BTreeSet<usize>,
    topical: bool,
    of_other_plan: bool,
) -> (SentenceRole, &'static str) {
    // Work that is named and neither history nor well is in scope even where nobody says "please".
    if reading.firm && (reading.works() || !reading.told()) && !reading.sub && !of_other_plan {
        return (SentenceRole::Ask, "asks for work that the desk does");
    }
    if !topics.is_empty() {
        return (SentenceRole::OutOfScope, "asks for something out of scope");
    }
    if reading.loose && reading.works() && !reading.sub && !topical {
        return (SentenceRole::Ask, "asks for what may be the desk's work");
    }
    if !reading.denied.is_empty() {
        return (SentenceRole::Denial, "sets a topic aside");
    }
    if reading.context || reading.done || reading.sub {
        return (SentenceRole::Context, "tells history or a circumstance");
    }
    if reading.asks && reading.unknown && !topical {
        return (SentenceRole::Unknown, "asks for something that the policy has no word for");
    }
    (SentenceRole::Other, "says nothing that matters to scope")
}

fn note(
    vocabulary: &Vocabulary,
    read: &ReadSentence,
    at: usize,
    role: SentenceRole,
    why: &'static str,
) -> SentenceNote {
    let clause = read.sentence.clauses.get(at);
    let words = clause.map(|clause| clause.tokens.iter().map(|t| t.word.as_str()).collect::<Vec<_>>().join(" "));
    let reading = read.readings.get(at);
    let topics = reading.map(|r| r.strong.union(&r.weak).chain(&r.denied).copied().collect::<BTreeSet<_>>());
    SentenceNote {
        text: words.unwrap_or_default(),
        role,
        topics: topics
            .unwrap_or_default()
            .iter()
            .filter_map(|tag| vocabulary.topics.get(*tag).map(|(id, _)| id.clone()))
            .collect(),
        lines: reading
            .map(|r| r.lines.iter().filter_map(|tag| vocabulary.lines.get(*tag).cloned()).collect())
            .unwrap_or_default(),
        why: why_with(why, reading),
    }
}

fn why_with(why: &str, reading: Option<&Reading>) -> String {
    match reading {
        Some(reading) if !reading.phrases.is_empty() => format!("{why}: {}", reading.phrases.join("; ")),
        _ => why.to_owned(),
    }
}

/// Whether the model reads work for the desk in a sentence that the rules passed over: one that names no topic and
/// says more than words of courtesy.
fn objects(read: &ReadSentence) -> bool {
    let names_topic = read.readings.iter().any(|reading| !reading.strong.is_empty() || !reading.weak.is_empty());
    let says = read.readings.iter().any(|reading| reading.unknown && !reading.told() && !reading.sub);
    !names_topic && says && model::work(&read.sentence.text) > MODEL_IS_SURE
}

/// From this probability on the model's reading turns a redirect into an acceptance.
const MODEL_IS_SURE: f64 = 0.9;

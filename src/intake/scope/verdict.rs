//! From the clauses of a message to what it asks for.
//!
//! Redirecting needs certainty: a topic must be asked for, and nothing that the desk does may be.

use super::reading::{Reading, read};
use super::roles::{Around, Asking, Subject, role_of};
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
    let model = if vocabulary.uses_model { model } else { ModelUse::Off };
    let subject = read_part(vocabulary, input.subject_rest);
    let mut body = read_part(vocabulary, input.summary);
    body.extend(read_part(vocabulary, input.free_text));

    let mut walk = Walk {
        vocabulary,
        denied: set_aside(subject.iter().chain(&body)),
        found: Found::of_labels(vocabulary, input),
        notes: Vec::new(),
        subject: Subject::Open,
        stated: Default::default(),
        pending: false,
        open: Vec::new(),
    };
    for read in subject.iter().chain(&body) {
        walk.sentence(read);
    }
    let Walk { mut found, notes, open, .. } = walk;
    found.matter = found.topics.iter().any(|tag| vocabulary.topics.get(*tag).is_some_and(|(_, plan)| !plan));
    let mut in_scope = found.in_scope();
    if !in_scope && model == ModelUse::On && !found.labelled {
        in_scope = open.iter().any(|text| model::work(text) > MODEL_IS_SURE);
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
    (head.len() <= 4 && head.iter().any(|word| closing.contains(word))) || is_firm(sentence)
}

/// A firm's name on a line of its own, as signatures have it: `Pike Benefits, LLC`.
fn is_firm(sentence: &Sentence) -> bool {
    let words: Vec<&str> =
        sentence.text.split_whitespace().filter(|word| word.starts_with(char::is_alphanumeric)).collect();
    let legal_form = |word: &&str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        ["llc", "inc", "llp", "pllc", "ltd"].contains(&bare.as_str())
    };
    !sentence.question
        && (2..=6).contains(&words.len())
        && words.iter().all(|word| word.starts_with(char::is_uppercase))
        && words.last().is_some_and(legal_form)
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
    /// Work is named and nobody asks for it: a doubt where no topic is sure.
    named_work: bool,
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
        let doubt = !self.sure && (self.unknown_ask || self.named_work);
        // Beside another plan, a word about the desk's own line is a doubt.
        self.work || doubt || (self.own_line && !self.matter)
    }
}

/// One pass over the sentences of a message.
struct Walk<'a> {
    vocabulary: &'a Vocabulary,
    denied: BTreeSet<usize>,
    found: Found,
    notes: Vec<SentenceNote>,
    /// What the sentences before speak of: nothing out of scope, a topic, or another kind of plan.
    subject: Subject,
    /// The topics that were last stated or asked for, and whether by phrases of their own.
    stated: (BTreeSet<usize>, bool),
    /// Work was named, and nothing out of scope since.
    pending: bool,
    /// Sentences that may hold work that the rules passed over.
    open: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn sentence(&mut self, read: &'a ReadSentence) {
        if read.readings.first().is_some_and(|first| first.link == Some(Link::Also)) || opens_another(&read.sentence) {
            self.subject = Subject::Open;
            self.stated = (BTreeSet::new(), false);
        }
        let asked: Vec<Asking> =
            read.readings.iter().map(|reading| Asking::of(self.vocabulary, reading, read, &self.denied)).collect();
        let around = Around {
            topical: asked.iter().any(|asking| asking.sure),
            of_desk: read.readings.iter().any(|reading| reading.own),
            settled: settled(read),
            before: self.subject,
        };
        let carried = matches!(self.subject, Subject::Matter | Subject::Plan) && !around.of_desk;
        let points_back = read.readings.iter().any(|reading| reading.points_back)
            || !read.readings.iter().any(|reading| reading.names_person);
        let mut of_other_plan = around.before == Subject::Plan && !around.of_desk && points_back;
        let (mut out, mut work) = (Subject::Open, false);
        for (at, (reading, asking)) in read.readings.iter().zip(&asked).enumerate() {
            self.found.own_line |= reading.own && reading.asking() && asking.topics.is_empty() && !reading.sub;
            // "Her group plan was cancelled, please reinstate": what follows is about that plan.
            let goes_on = matches!(reading.link, Some(Link::Pause | Link::Please | Link::Sub | Link::Start))
                || (reading.link == Some(Link::And) && reading.same_subject);
            let states_plan = asking.stated.iter().any(|tag| self.is_plan(*tag));
            of_other_plan = !around.of_desk
                && ((asking.plan && asking.sure) || states_plan || (of_other_plan && (goes_on || reading.points_back)));
            let (role, why) = if read.closing {
                (SentenceRole::Greeting, "closes the mail")
            } else {
                role_of(reading, asking, &around, of_other_plan)
            };
            if !asking.stated.is_empty() {
                self.stated = (asking.stated.clone(), asking.stated_surely);
                if states_plan && asking.stated_surely {
                    out = Subject::Plan;
                }
            }
            let (role, why) = self.refers_back(read, reading, asking, of_other_plan, role).unwrap_or((role, why));
            match role {
                SentenceRole::OutOfScope => {
                    let (topics, sure) = if asking.topics.is_empty() {
                        self.stated.clone()
                    } else {
                        (asking.topics.clone(), asking.sure)
                    };
                    self.found.topics.extend(&topics);
                    self.found.sure |= sure;
                    self.stated = (topics, sure);
                    self.pending = false;
                    if asking.sure {
                        out = if asking.plan { Subject::Plan } else { Subject::Matter };
                    }
                }
                SentenceRole::Ask => {
                    work = true;
                    self.found.line_work |= !reading.lines.is_empty();
                    // Something out of scope may be asked for in the same words.
                    self.found.topics.extend(&asking.topics);
                    self.found.sure |= asking.sure;
                }
                SentenceRole::Named => (self.found.named_work, self.pending) = (true, true),
                SentenceRole::Unknown => self.found.unknown_ask = true,
                SentenceRole::Context | SentenceRole::Denial | SentenceRole::Greeting | SentenceRole::Other => {}
            }
            // "Her name is spelled Jon. Please correct it."
            work |= self.pending
                && (reading.asks || read.sentence.question)
                && matches!(role, SentenceRole::Unknown | SentenceRole::Other)
                && asking.topics.is_empty();
            self.notes.push(note(self.vocabulary, read, at, role, why));
        }
        self.found.work |= work;
        if work {
            self.stated = (BTreeSet::new(), false);
        }
        if work || around.of_desk || out != Subject::Open {
            self.subject = match out {
                _ if work => Subject::Open,
                Subject::Open if around.of_desk => Subject::Own,
                out => out,
            };
            if self.subject == Subject::Own {
                self.stated = (BTreeSet::new(), false);
            }
        }
        if !read.closing && !carried && !around.settled && objects(read) {
            self.open.push(&read.sentence.text);
        }
    }
}

impl Walk<'_> {
    fn is_plan(&self, tag: usize) -> bool {
        self.vocabulary.topics.get(tag).is_some_and(|(_, plan)| *plan)
    }

    /// A clause that asks without a matter of its own asks for what was stated before; work on another kind of plan
    /// asks for that plan's topic.
    fn refers_back(
        &self,
        read: &ReadSentence,
        reading: &Reading,
        asking: &Asking,
        of_other_plan: bool,
        role: SentenceRole,
    ) -> Option<(SentenceRole, &'static str)> {
        let told = matches!(role, SentenceRole::Ask | SentenceRole::Greeting | SentenceRole::Denial);
        if self.stated.0.is_empty() || !asking.topics.is_empty() || told || reading.sub || self.pending {
            return None;
        }
        let matters = reading.firm || reading.loose;
        let generic = (reading.asks || read.sentence.question) && !matters && !reading.own;
        let on_plan = of_other_plan && matters && reading.works();
        (generic || on_plan).then_some((SentenceRole::OutOfScope, "asks for the topic that was stated before"))
    }
}

/// Whether a sentence as a whole says that its matter is done: "premium, claims, all in order", "forget the card, it came".
pub fn settled(read: &ReadSentence) -> bool {
    let any = |holds: fn(&Reading) -> bool| read.readings.iter().any(holds);
    let words = read.sentence.clauses.last().map_or(0, |clause| clause.tokens.len());
    let verdict = read.readings.last().is_some_and(|last| last.done && words <= 2);
    let pointed = any(|r| r.done && r.points_back);
    let listed = any(|r| r.done && r.bare) && !any(|r| r.wrong);
    (verdict || pointed || listed) && !read.sentence.question && (!any(|r| r.asks) || any(|r| r.denies))
}

/// Whether a sentence says that it turns to another matter.
fn opens_another(sentence: &Sentence) -> bool {
    let turns = ["second", "secondly", "next", "another", "other", "then", "third", "finally", "lastly"];
    let first = sentence.clauses.first().and_then(|clause| clause.tokens.first());
    first.is_some_and(|token| turns.contains(&token.word.as_str()))
}

/// Topics that the message sets aside: by name, or by pointing back ("… but that is for another email").
fn set_aside<'a>(read: impl Iterator<Item = &'a ReadSentence>) -> BTreeSet<usize> {
    let mut denied = BTreeSet::new();
    let mut named: BTreeSet<usize> = BTreeSet::new();
    for read in read {
        let mut of_sentence = BTreeSet::new();
        for reading in &read.readings {
            denied.extend(&reading.denied);
            let names: BTreeSet<usize> = reading.strong.union(&reading.weak).copied().collect();
            if names.is_empty() && reading.denies && reading.points_back && !reading.firm {
                denied.extend(if of_sentence.is_empty() { &named } else { &of_sentence });
            }
            of_sentence.extend(names);
        }
        if !of_sentence.is_empty() {
            named = of_sentence;
        }
    }
    denied
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

/// Whether a sentence may hold work that the rules passed over: one that names no topic and says more than courtesy.
fn objects(read: &ReadSentence) -> bool {
    let names_topic = read.readings.iter().any(|reading| !reading.strong.is_empty() || !reading.weak.is_empty());
    let says = read.readings.iter().any(|reading| reading.unknown && !reading.told() && !reading.sub);
    !names_topic && says
}

/// From this probability on the model's reading turns a redirect into an acceptance.
const MODEL_IS_SURE: f64 = 0.9;

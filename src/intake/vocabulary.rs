//! The desk's words, prepared for comparing: folded once for each wording of a policy.

use super::text;
use crate::desk::{Desk, Field, Line, SubjectPolicy, Topic};
use crate::kept::Kept;
use crate::words::LineId;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// The parts of a desk that reading a request needs, as they stand in its policy.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Lines of business.
    pub lines: &'a [Line],
    /// How the subject is read.
    pub subject: &'a SubjectPolicy,
    /// Body fields, in the desk's order.
    pub fields: &'a [Field],
    /// Values that say nothing.
    pub placeholders: &'a [String],
    /// Whether identifiers are read from prose.
    pub prose: bool,
    /// Out-of-scope topics.
    pub topics: &'a [Topic],
}

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The field at this place in the desk's list.
    Field(usize),
    /// The line of business.
    Line,
}

/// A label, in words.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its words, folded.
    pub words: Vec<String>,
    /// How many letters they have in all.
    pub letters: usize,
    /// What it names.
    pub target: Target,
}

/// A name of a line, or of a topic.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Letters and digits, folded.
    pub key: String,
    /// Whether the desk writes it as one word: only such names are repaired from a typo.
    pub one_word: bool,
    /// What it names.
    pub what: T,
    /// For a line: whether it is the name that is exact in a subject. For a topic: whether it is no misspelling of another.
    pub exact: bool,
}

/// The desk's words, prepared, beside how they stand in the policy.
#[derive(Clone, Debug)]
pub struct Vocabulary<'a> {
    /// The policy.
    pub desk: &'a Desk,
    /// As they stand in the policy.
    pub parts: Parts<'a>,
    prepared: Arc<Prepared>,
    /// How often this message's labels may still be compared with every label of the desk.
    typos: Cell<u16>,
}

/// More lines that look like a label than any form has; each is compared with every label of the desk, which is dear.
const TYPOS: u16 = 400;

impl Deref for Vocabulary<'_> {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        &self.prepared
    }
}

/// The desk's words, folded for comparing.
#[derive(Debug)]
pub struct Prepared {
    /// Labels and aliases by their key.
    pub labels: HashMap<String, Label>,
    /// The longest key of a label, in bytes.
    pub longest_label: usize,
    /// Names and synonyms of lines.
    pub lines: Vec<Listed<LineId>>,
    /// Names of topics.
    pub topics: Vec<Listed<String>>,
    /// The longest key of a line or a topic, in bytes.
    pub longest_name: usize,
    /// Words that stand around names and lines.
    pub noise: HashSet<String>,
    /// Words of the desk's work.
    pub work: HashSet<String>,
    /// Suffixes of names.
    pub suffixes: HashSet<String>,
    /// Keys of placeholders.
    pub placeholders: HashSet<String>,
    /// Placeholders that are one character, repeated.
    pub repeated: HashSet<char>,
    /// The words of placeholders that begin a longer remark.
    pub placeholder_words: Vec<Vec<String>>,
    /// Reply and forward marks, folded.
    pub marks: HashSet<String>,
    /// Gateway tags without their brackets, folded, longest first.
    pub tags: Vec<String>,
    /// For each given name the groups it stands in.
    pub nicknames: HashMap<String, Vec<usize>>,
}

impl<'a> Vocabulary<'a> {
    /// The words of `desk`, kept for the next message: folding them takes longer than reading a mail.
    pub fn of(desk: &'a Desk) -> Self {
        let parts = Parts {
            // Nobody outside names a queue.
            lines: if desk.has_queues { &[] } else { &desk.lines },
            subject: &desk.subject,
            fields: &desk.fields,
            placeholders: &desk.placeholders,
            prose: desk.prose,
            topics: &desk.topics,
        };
        Self {
            desk,
            parts,
            prepared: KEPT.of(wording(desk), || Prepared::new(&parts, &work_words(desk))),
            typos: Cell::new(TYPOS),
        }
    }

    /// Whether a misspelt label is looked for once more in this message.
    pub fn may_look_for_typo(&self) -> bool {
        let left = self.typos.get();
        self.typos.set(left.saturating_sub(1));
        left > 0
    }

    /// The line whose place in the policy is first among those that `id` equals.
    pub fn line(&self, id: &LineId) -> Option<&'a Line> {
        self.parts.lines.iter().find(|line| line.id == *id)
    }

    /// The field at `place`.
    pub fn field(&self, place: usize) -> Option<&'a Field> {
        self.parts.fields.get(place)
    }
}

static KEPT: Kept<Prepared> = Kept::new();

/// A number that differs where any word that is prepared differs.
fn wording(desk: &Desk) -> u64 {
    let mut hasher = crate::kept::wording_hasher().build_hasher();
    for line in &desk.lines {
        (&line.id.0, &line.name, &line.synonyms).hash(&mut hasher);
    }
    for topic in &desk.topics {
        (&topic.id, &topic.names).hash(&mut hasher);
    }
    for field in &desk.fields {
        (&field.label, &field.aliases).hash(&mut hasher);
    }
    let subject = &desk.subject;
    (&subject.line_labels, &subject.noise, &subject.suffixes, &subject.reply_marks).hash(&mut hasher);
    (&subject.gateway_tags, &subject.nicknames, &desk.placeholders).hash(&mut hasher);
    (&desk.scope.in_scope, &desk.scope.loose, &desk.urgency.phrases).hash(&mut hasher);
    hasher.finish()
}

impl Prepared {
    /// Prepares `parts`; `work`: the words of the desk's work.
    fn new(parts: &Parts<'_>, work: &[String]) -> Self {
        let labels = labels(parts);
        let (lines, topics) = (line_names(parts.lines), topic_names(parts.topics));
        let longest_name = lines.iter().map(|l| l.key.len()).chain(topics.iter().map(|t| t.key.len())).max();
        let (placeholders, repeated) = placeholders(parts.placeholders);
        let mut tags: Vec<String> = parts.subject.gateway_tags.iter().map(|tag| tag_words(tag)).collect();
        tags.retain(|tag| !tag.is_empty());
        tags.sort_by_key(|tag| std::cmp::Reverse(tag.len()));
        tags.dedup();
        Self {
            longest_label: labels.keys().map(String::len).max().unwrap_or(0),
            labels,
            longest_name: longest_name.unwrap_or(0),
            noise: word_set(&parts.subject.noise),
            work: word_set(work),
            suffixes: parts.subject.suffixes.iter().map(|s| text::key(s)).collect(),
            placeholder_words: parts.placeholders.iter().map(|p| text::words(p)).filter(|p| !p.is_empty()).collect(),
            placeholders,
            repeated,
            marks: parts.subject.reply_marks.iter().map(|mark| text::fold(mark).replace(':', "")).collect(),
            tags,
            nicknames: nicknames(&parts.subject.nicknames),
            lines,
            topics,
        }
    }
}

/// The words of a desk's work: what it works on, what it does not, and what is urgent.
fn work_words(desk: &Desk) -> Vec<String> {
    let scope = desk.scope.in_scope.iter().chain(&desk.scope.loose);
    let topics = desk.topics.iter().flat_map(|topic| &topic.names);
    scope.chain(topics).chain(&desk.urgency.phrases).cloned().collect()
}

fn word_set(phrases: &[String]) -> HashSet<String> {
    phrases.iter().flat_map(|phrase| text::words(phrase)).collect()
}

/// Labels by their key. `#` counts: `Member #` asks for a number and `Member` for a name; `No.` and `Number` are `#` too.
/// A label of several words before its `#` is known without it as well, where no other label is so called.
fn labels(parts: &Parts<'_>) -> HashMap<String, Label> {
    let mut labels = HashMap::new();
    let fields = parts.fields.iter().enumerate();
    let own = fields.clone().map(|(place, field)| (field.label.as_str(), Target::Field(place)));
    let aliases =
        fields.flat_map(|(place, field)| field.aliases.iter().map(move |alias| (alias.as_str(), Target::Field(place))));
    let lines = parts.subject.line_labels.iter().map(|label| (label.as_str(), Target::Line));
    let all: Vec<(Vec<String>, Target)> =
        own.chain(aliases).chain(lines).map(|(written, target)| (label_words(written), target)).collect();
    for (words, target) in &all {
        labels.entry(words.concat()).or_insert_with(|| label(words, *target));
    }
    for (words, target) in all {
        let bare: Vec<String> = words.into_iter().filter(|word| word != "#").collect();
        if bare.len() > 1 {
            labels.entry(bare.concat()).or_insert_with(|| label(&bare, target));
        }
    }
    labels.remove("");
    labels.remove("#");
    labels
}

fn label(words: &[String], target: Target) -> Label {
    let words: Vec<String> = words.iter().filter(|word| *word != "#").cloned().collect();
    let letters = words.iter().map(|word| word.chars().count()).sum();
    Label { words, letters, target }
}

/// The words of a label; what says that a number follows is `#`.
fn label_words(written: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text::words(&written.replace('#', " number ")) {
        let word = if is_number_word(&word) { "#".to_owned() } else { word };
        if words.last().is_none_or(|last| *last != "#" || word != "#") {
            words.push(word);
        }
    }
    words
}

/// Whether `word` only says that a number follows: `Member ID No.`
pub fn is_number_word(word: &str) -> bool {
    matches!(word, "number" | "numbers" | "no" | "nr" | "nbr" | "num")
}

fn line_names(lines: &[Line]) -> Vec<Listed<LineId>> {
    let mut names = Vec::new();
    for line in lines {
        for (place, written) in std::iter::once(&line.name).chain(&line.synonyms).enumerate() {
            let listed = listed(written, line.id.clone(), place == 0);
            if !listed.key.is_empty() && !names.iter().any(|known: &Listed<LineId>| known.key == listed.key) {
                names.push(listed);
            }
        }
    }
    names
}

/// Names of topics. One that is a misspelling of a name before it is met as it is written, and keeps no other word from
/// being read as a typo of a line.
fn topic_names(topics: &[Topic]) -> Vec<Listed<String>> {
    let mut names: Vec<Listed<String>> = Vec::new();
    for topic in topics {
        let first = names.len();
        for name in &topic.names {
            let mut listed = listed(name, topic.id.clone(), true);
            let earlier = names.get(first..).unwrap_or_default();
            listed.exact = !earlier.iter().any(|other| text::within_edits(&listed.key, &other.key, 1).is_some());
            if !listed.key.is_empty() {
                names.push(listed);
            }
        }
    }
    names
}

fn listed<T>(written: &str, what: T, exact: bool) -> Listed<T> {
    Listed { key: text::key(written), one_word: text::words(written).len() == 1, what, exact }
}

fn placeholders(written: &[String]) -> (HashSet<String>, HashSet<char>) {
    let mut keys = HashSet::new();
    let mut repeated = HashSet::new();
    for placeholder in written {
        let key = text::key(placeholder);
        if let Some(first) = key.chars().next().filter(|c| key.len() > 1 && key.chars().all(|other| other == *c)) {
            repeated.insert(first);
        }
        keys.insert(key);
    }
    (keys, repeated)
}

fn tag_words(tag: &str) -> String {
    text::words(tag).join(" ")
}

fn nicknames(groups: &[Vec<String>]) -> HashMap<String, Vec<usize>> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, group) in groups.iter().enumerate() {
        for name in group {
            by_name.entry(text::key(name)).or_default().push(place);
        }
    }
    by_name
}

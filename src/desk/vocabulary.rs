//! Word lists: a desk's own, those of the words file that it names, and what it adds to them.

use super::groups::Groups;
use super::keys;
use super::reader::{Reading, Section};
use super::{ScopeWords, SubjectPolicy, Tolerance, Urgency};
use crate::words::fold::fold;
use toml::Spanned;

/// One table of the policy beside the table of the words file with the same name.
struct Lists<'s, 'a> {
    own: &'s Section<'a>,
    base: Option<&'s Section<'a>>,
    groups: &'s Groups,
}

impl Lists<'_, '_> {
    /// The desk's list, or the words file's where the desk has none, and what `extra_…` adds, without repeats.
    fn of(&self, key: &str, form: impl Fn(&str) -> String) -> Vec<String> {
        let extra = self.own.texts(&format!("extra_{key}"));
        let main = match self.base {
            Some(base) if !self.own.has(key) => base.texts(key),
            _ => self.own.texts(key),
        };
        let mut words: Vec<String> = Vec::with_capacity(main.len() + extra.len());
        let mut seen = std::collections::HashSet::new();
        for word in main.iter().chain(&extra).map(|word| form(word.get_ref())) {
            if !word.is_empty() && seen.insert(word.clone()) {
                words.push(word);
            }
        }
        words
    }

    /// Groups of words that mean one thing, folded.
    fn groups(&self, key: &str) -> Vec<Vec<String>> {
        let extra_key = format!("extra_{key}");
        let (section, main) = match self.base {
            Some(base) if !self.own.has(key) => (base, base.groups(key)),
            _ => (self.own, self.own.groups(key)),
        };
        check_groups(section, key, &main);
        let extra = self.own.groups(&extra_key);
        check_groups(self.own, &extra_key, &extra);
        let folded = |group: &Vec<Spanned<String>>| {
            let mut words: Vec<String> = Vec::with_capacity(group.len());
            for word in group.iter().map(|word| fold(word.get_ref())) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            words
        };
        main.iter().chain(&extra).map(folded).collect()
    }

    /// A list of phrases, their `*` checked.
    fn phrases(&self, key: &str) -> Vec<String> {
        for (section, key) in self
            .base
            .iter()
            .map(|base| (*base, key.to_owned()))
            .chain([(self.own, key.to_owned()), (self.own, format!("extra_{key}"))])
        {
            for phrase in section.texts(&key) {
                check_phrase(section, &key, &phrase, self.groups);
            }
        }
        self.of(key, |phrase| fold(&self.groups.expand(phrase)))
    }
}

/// A group of one word says nothing.
fn check_groups(section: &Section<'_>, key: &str, groups: &[Vec<Spanned<String>>]) {
    for group in groups {
        if let [only] = group.as_slice() {
            let reason = format!("`{}` stands alone in its group", only.get_ref());
            section.fault(only.span(), key, reason, "add the other forms of the name, or remove the group");
        }
    }
}

/// `*` stands for up to three words between two words of the phrase, so it is a word by itself and not at an end.
pub(super) fn check_phrase(section: &Section<'_>, key: &str, phrase: &Spanned<String>, groups: &Groups) {
    groups.check(section, key, phrase);
    let words: Vec<&str> = phrase.get_ref().split_whitespace().collect();
    let at_an_end = words.first() == Some(&"*") || words.last() == Some(&"*");
    let doubled = words.windows(2).any(|pair| pair == ["*", "*"]);
    let inside = words.iter().any(|word| *word != "*" && word.contains('*'));
    if at_an_end || doubled || inside {
        let reason = format!("`*` cannot stand like this in `{}`", phrase.get_ref());
        section.fault(phrase.span(), key, reason, "let `*` stand as a word of its own between two words");
    }
}

/// The lists that came from the policy and its words file.
pub(super) struct Vocabulary {
    pub(super) subject: SubjectPolicy,
    pub(super) placeholders: Vec<String>,
    pub(super) scope: ScopeWords,
    pub(super) urgency: Urgency,
}

/// Reads all lists. `base` is the words file's top table.
pub(super) fn vocabulary<'a>(desk: &Section<'a>, base: Option<&Section<'a>>, groups: &Groups) -> Vocabulary {
    let lists = Lists { own: desk, base, groups };
    let placeholders = lists.of("placeholders", fold);
    let (scope, urgency) = (scope(desk, base, groups), urgency(desk, base, groups));
    Vocabulary { subject: subject(desk, base, groups), placeholders, scope, urgency }
}

fn subject<'a>(desk: &Section<'a>, base: Option<&Section<'a>>, groups: &Groups) -> SubjectPolicy {
    let own = desk.table("subject", &keys::SUBJECT);
    let base = base.map(|base| base.table("subject", &keys::WORDS_SUBJECT));
    let lists = Lists { own: &own, base: base.as_ref(), groups };
    let tolerances = [("repair", Tolerance::Repair), ("strict", Tolerance::Strict)];
    let templates = [("member_line", true), ("free", false)];
    SubjectPolicy {
        is_template: own.one_of("template", &templates).unwrap_or(true),
        mail: own.text("mail").map(Spanned::into_inner),
        tolerance: own.one_of("tolerance", &tolerances).unwrap_or_default(),
        reply_marks: lists.of("reply_marks", |word| fold(word.trim_end_matches([':', '\u{ff1a}']))),
        gateway_tags: lists.of("gateway_tags", fold),
        own_tags: Vec::new(),
        suffixes: lists.of("suffixes", |word| word.replace('.', "")),
        noise: lists.of("noise", fold),
        line_labels: lists.of("line_labels", str::to_owned),
        nicknames: lists.groups("nicknames"),
    }
}

fn scope<'a>(desk: &Section<'a>, base: Option<&Section<'a>>, groups: &Groups) -> ScopeWords {
    let own = desk.table("scope", &keys::SCOPE);
    let base = base.map(|base| base.table("scope", &keys::WORDS_SCOPE));
    let lists = Lists { own: &own, base: base.as_ref(), groups };
    ScopeWords {
        model: own.flag("model").unwrap_or(false),
        in_scope: lists.phrases("in_scope"),
        loose: lists.phrases("loose"),
        faint: lists.phrases("faint"),
        asks: lists.phrases("asks"),
        problems: lists.phrases("problems"),
        generic: lists.phrases("generic"),
        denials: lists.phrases("denials"),
        context: lists.phrases("context"),
        done: lists.phrases("done"),
        negations: lists.phrases("negations"),
        untouched: lists.phrases("untouched"),
        together: lists.phrases("together"),
        streets: lists.phrases("streets"),
        own: lists.phrases("own"),
    }
}

fn urgency<'a>(desk: &Section<'a>, base: Option<&Section<'a>>, groups: &Groups) -> Urgency {
    let own = desk.table("urgency", &keys::URGENCY);
    let base = base.map(|base| base.table("urgency", &keys::WORDS_URGENCY));
    let lists = Lists { own: &own, base: base.as_ref(), groups };
    let (phrases, except) = (lists.phrases("phrases"), lists.phrases("except"));
    // What a desk adds may set a phrase of the words file aside, but not one of its own.
    let fold_of = |phrase: &str| fold(&groups.expand(phrase));
    let added: Vec<String> = own.texts("extra_phrases").iter().map(|phrase| fold_of(phrase.get_ref())).collect();
    for (key, phrases) in [("except", &phrases), ("extra_except", &added)] {
        let stands = |phrase: &str| phrases.contains(&fold_of(phrase));
        for phrase in own.texts(key).iter().filter(|phrase| stands(phrase.get_ref())) {
            let reason = format!("`{}` stands under `phrases` too", phrase.get_ref());
            own.fault(phrase.span(), key, reason, "remove it from one of the two");
        }
    }
    Urgency { phrases, surely: lists.phrases("surely"), except, over: lists.phrases("over"), now: lists.phrases("now") }
}

/// Opens a words file.
pub(super) fn open_words<'a>(reading: &'a Reading<'a>, table: &'a Spanned<toml::de::DeTable<'a>>) -> Section<'a> {
    Section::root(reading, &keys::WORDS, table)
}

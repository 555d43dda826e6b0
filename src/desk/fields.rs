//! The part of a policy about what the body must say.

use super::groups::Groups;
use super::keys;
use super::reader::Section;
use super::vocabulary::check_phrase;
use super::{Field, FieldRole};
use crate::words::fold::fold;
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

const ROLES: &[(&str, FieldRole)] = &[
    ("requester_name", FieldRole::RequesterName),
    ("requester_id", FieldRole::RequesterId),
    ("member_id", FieldRole::MemberId),
    ("member_name", FieldRole::MemberName),
    ("reference", FieldRole::Reference),
    ("summary", FieldRole::Summary),
    ("type", FieldRole::Type),
    ("priority", FieldRole::Priority),
    ("priority_reason", FieldRole::PriorityReason),
    ("other", FieldRole::Other),
];

/// A pattern may cost at most so many bytes of memory once compiled.
const PATTERN_BYTES: usize = 1 << 18;

/// The fields, with no label, id or role in two of them.
pub(super) fn fields(desk: &Section<'_>, groups: &Groups) -> Vec<Field> {
    let sections = desk.tables("field", &keys::FIELD);
    let fields: Vec<Field> = sections.iter().filter_map(|section| field(section, groups)).collect();
    if !sections.is_empty()
        && !fields.iter().any(|field| field.role == FieldRole::Summary)
        && fields.len() == sections.len()
    {
        let remedy = "write role = \"summary\" in the field that tells the issue";
        desk.fault(desk.span.clone(), "field", "no field has the role `summary`", remedy);
    }
    if sections.is_empty() {
        let remedy = "add a table [[field]] with id, label and role";
        desk.fault(desk.span.clone(), "field", "the desk has no fields", remedy);
    }
    repeats(&sections);
    labels(desk, &sections);
    fields
}

fn field(section: &Section<'_>, groups: &Groups) -> Option<Field> {
    let id = section.id();
    let label = section.required_text("label", "\"…\"");
    let role = section.one_of("role", ROLES).unwrap_or(FieldRole::Other);
    let plain = |key: &str| section.texts(key).into_iter().map(Spanned::into_inner).collect::<Vec<String>>();
    let least = |key: &str| section.number(key).map_or(0, |n| usize::try_from(n.into_inner()).unwrap_or(usize::MAX));
    let hint = section.text("hint").map(Spanned::into_inner);
    let ruled = ["pattern", "min_digits", "min_words", "choices"].into_iter().find(|key| section.has(key));
    if let Some(key) = ruled.filter(|_| !section.has("hint")) {
        let reason = format!("`{key}` is given and no `hint`: a requester would not learn what a good value is");
        section.fault(section.span.clone(), "hint", reason, "add hint = \"4 to 10 digits\", as the rule has it");
    }
    let phrases = |key: &str| -> Vec<String> {
        let phrases = section.texts(key);
        for phrase in &phrases {
            check_phrase(section, key, phrase, groups);
        }
        phrases.iter().map(|phrase| fold(&groups.expand(phrase.get_ref()))).collect()
    };
    if section.has("behind") && !matches!(role, FieldRole::RequesterName | FieldRole::MemberName) {
        let reason = "`behind` finds names, and the role of this field is no name's";
        section.fault(section.place("behind"), "behind", reason, "remove it, or give the field the role of a name");
    }
    let folded = |group: Vec<Spanned<String>>| group.iter().map(|word| fold(word.get_ref())).collect::<Vec<String>>();
    Some(Field {
        id: id?.into_inner(),
        label: label?.into_inner(),
        role,
        required: section.flag("required").unwrap_or(false),
        aliases: plain("aliases"),
        pattern: section.text("pattern").and_then(|text| pattern(section, &text)),
        drop: section.raw_texts("drop"),
        min_digits: least("min_digits"),
        min_words: least("min_words"),
        choices: section.groups("choices").into_iter().map(folded).collect(),
        phrases: phrases("phrases"),
        behind: phrases("behind"),
        when: None,
        hint,
        private: section.flag("private").unwrap_or(true),
    })
}

/// The pattern, anchored at both ends.
fn pattern(section: &Section<'_>, text: &Spanned<String>) -> Option<Regex> {
    let anchored = format!("^(?:{})$", text.get_ref());
    match RegexBuilder::new(&anchored).size_limit(PATTERN_BYTES).build() {
        Ok(regex) => Some(regex),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            let remedy = "write a regular expression as the Rust regex crate reads it, such as \"[0-9]{4,10}\"";
            section.fault(text.span(), "pattern", format!("the pattern cannot be read: {why}"), remedy);
            None
        }
    }
}

/// Two fields may not share an id or a role; `other` may repeat.
fn repeats(sections: &[Section<'_>]) {
    let mut known: BTreeMap<(&str, String), Range<usize>> = BTreeMap::new();
    for section in sections {
        for key in ["id", "role"] {
            let Some(word) = section.text(key).filter(|word| key == "id" || word.get_ref() != "other") else {
                continue;
            };
            let at = word.span();
            if let Some(first) = known.get(&(key, word.get_ref().clone())) {
                let first = section.reading.line(first);
                let reason =
                    format!("the {key} `{}` belongs to another field already, at line {first}", word.get_ref());
                section.fault(word.span(), key, reason, format!("give each field its own {key}"));
            } else {
                known.insert((key, word.into_inner()), at);
            }
        }
    }
}

/// A label or alias means one field, and none is a label of the line.
fn labels(desk: &Section<'_>, sections: &[Section<'_>]) {
    let mut known: BTreeMap<String, (usize, Range<usize>)> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        let label = section.text("label").map(|label| ("label", label));
        for (key, word) in label.into_iter().chain(section.texts("aliases").into_iter().map(|word| ("aliases", word))) {
            let folded = label_key(word.get_ref());
            if folded.is_empty() || folded == "#" {
                let reason = format!("`{}` has neither a letter nor a digit", word.get_ref());
                section.fault(word.span(), key, reason, "write the label as people write it");
                continue;
            }
            let (first, at) = known.entry(folded).or_insert_with(|| (index, word.span()));
            if *first != index {
                let at = section.reading.line(at);
                let reason = format!("`{}` is the label of another field already, at line {at}", word.get_ref());
                section.fault(word.span(), key, reason, "remove it from one of the two fields");
            }
        }
    }
    let subject = desk.table("subject", &keys::SUBJECT);
    for key in ["line_labels", "extra_line_labels"] {
        for label in subject.texts(key) {
            if let Some((_, at)) = known.get(&label_key(label.get_ref())) {
                let at = subject.reading.line(at);
                let reason = format!("`{}` is the label of a field too, at line {at}", label.get_ref());
                subject.fault(label.span(), key, reason, "remove it from one of the two");
            }
        }
    }
}

/// What two labels share when they are one label to the reader. Case, punctuation, apostrophes and emphasis do not
/// matter. `#` does: `Member #` asks for a number and `Member` for a name; `No`, `Num`, `Nbr` and `Number` are `#` too.
pub fn label_key(label: &str) -> String {
    let folded = fold(label).replace('\'', "").replace('#', " # ");
    let words = folded.split(|c: char| !c.is_alphanumeric() && c != '#').filter(|word| !word.is_empty());
    let mut key = String::with_capacity(folded.len());
    for word in words {
        let word = if matches!(word, "no" | "num" | "nbr" | "number") { "#" } else { word };
        if word == "#" && key.ends_with('#') {
            continue;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(word);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_whatever_stands_around_their_words() {
        for (label, key) in [
            ("Member ID #", "member id #"),
            ("Member ID No.", "member id #"),
            ("MEMBER-ID#:", "member id #"),
            ("Member # (number)", "member #"),
            ("**Member\u{a0}ID:**", "member id"),
            ("Agent\u{2019}s Name", "agents name"),
            (":", ""),
        ] {
            assert_eq!(label_key(label), key, "{label}");
        }
    }
}

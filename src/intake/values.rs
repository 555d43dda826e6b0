//! What a value is worth: usable, nothing said (a placeholder), or said and unusable (POLICY.md, Body fields).

use super::text;
use super::vocabulary::{Target, Vocabulary};
use crate::desk::{Field, FieldRole};
use serde::{Deserialize, Serialize};

/// How a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// It can be used.
    Usable,
    /// It says nothing: `N/A`, `[Member ID]`, nothing at all.
    Placeholder,
    /// It says something that cannot be used.
    Invalid,
}

/// What a label's brackets say about a field, not about its value.
const HINTS: &[&str] = &[
    "required",
    "requiredfield",
    "ifapplicable",
    "optional",
    "mandatory",
    "ifany",
    "ifknown",
    "ifavailable",
    "ifyouhaveone",
    "ifneeded",
    "pleasefillin",
    "yourname",
    "fillin",
    "here",
];

/// `raw` without what is not part of a value: separators and hints before it, emphasis around it, a comma behind it.
pub fn tidy(raw: &str) -> String {
    let clean = text::clean_lines(raw);
    let mut value = clean.trim();
    loop {
        let before = value;
        value =
            value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '*' | '|' | '\u{FF1A}'));
        value = value.strip_prefix("->").or_else(|| value.strip_prefix("=>")).unwrap_or(value);
        value = value.strip_prefix(|c: char| text::is_dash(c) || c == '_').unwrap_or(value);
        value = without_hint(value);
        if value.len() == before.len() {
            break;
        }
    }
    value = value.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '|' | ',' | ';' | '_'));
    without_trailing_hint(value).trim().to_owned()
}

fn without_hint(value: &str) -> &str {
    for (open, close) in [('(', ')'), ('[', ']'), ('<', '>')] {
        if let Some((inner, rest)) = value.strip_prefix(open).and_then(|inner| inner.split_once(close))
            && HINTS.contains(&text::key(inner).as_str())
        {
            return rest;
        }
    }
    value
}

fn without_trailing_hint(value: &str) -> &str {
    let Some((before, inner)) = value.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) else { return value };
    if HINTS.contains(&text::key(inner).as_str()) { before } else { value }
}

/// Judges `value`, already tidy, as a value of `field`.
pub fn judge(voc: &Vocabulary<'_>, field: &Field, value: &str) -> Worth {
    if is_placeholder(voc, field, value) {
        Worth::Placeholder
    } else if fits(field, value) {
        Worth::Usable
    } else {
        Worth::Invalid
    }
}

/// Whether `value` says nothing.
pub fn is_placeholder(voc: &Vocabulary<'_>, field: &Field, value: &str) -> bool {
    let key = text::key(value);
    if key.is_empty() || voc.placeholders.contains(&key) {
        return true;
    }
    if let Some(first) = key.chars().next()
        && voc.repeated.contains(&first)
        && key.chars().all(|c| c == first)
    {
        return true;
    }
    let bracketed = value.starts_with(['[', '<', '{']) && value.ends_with([']', '>', '}']);
    let own_label = field.role != FieldRole::Summary && names_a_label(voc, field, &key);
    let template = bracketed && !value.chars().any(|c| c.is_ascii_digit()) && speaks_of_a_label(voc, value);
    own_label || template || (field.pattern.is_some() && begins_as_placeholder(voc, value))
}

/// Whether a value of `field` is nothing but a label of the form. Where the field has a closed list, or takes any words,
/// only its own labels are meant: what another field is called may be a choice, or a wrong one ("Role: Agent", "Type:
/// Enrollment"), or what is told ("Screen: Enrollment").
fn names_a_label(voc: &Vocabulary<'_>, field: &Field, key: &str) -> bool {
    let takes_words = field.pattern.is_none()
        && matches!(field.role, FieldRole::Type | FieldRole::Priority | FieldRole::PriorityReason | FieldRole::Other);
    let is_own_only = !field.choices.is_empty() || takes_words;
    voc.labels.get(key).is_some_and(|label| match label.target {
        _ if !is_own_only => true,
        Target::Field(place) => voc.field(place).is_some_and(|other| other.id == field.id),
        Target::Line => false,
    })
}

/// Whether bracketed words are those of a form: `[Agent name here]`, `<enter ID>`.
fn speaks_of_a_label(voc: &Vocabulary<'_>, value: &str) -> bool {
    text::words(value).iter().any(|word| {
        matches!(word.as_str(), "here" | "insert" | "enter" | "your" | "type" | "fill")
            || voc.labels.values().any(|label| label.words.contains(word))
    })
}

/// `unknown at this time`, `N/A - new member`: for a field whose values have a form, a remark without digits that begins as a placeholder does.
fn begins_as_placeholder(voc: &Vocabulary<'_>, value: &str) -> bool {
    if value.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let words = text::words(value);
    voc.placeholder_words.iter().any(|placeholder| words.starts_with(placeholder))
}

/// Whether `value` can be used for `field`.
pub fn fits(field: &Field, value: &str) -> bool {
    if matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName) {
        let letters = value.chars().filter(|c| c.is_alphabetic()).count();
        if letters < 2 || (value.contains('@') && !value.contains(' ')) {
            return false;
        }
    }
    if !field.choices.is_empty() && choice(field, value).is_none() {
        return false;
    }
    if field.min_words > 1 && text::count_words(value) < field.min_words {
        return false;
    }
    match field.pattern {
        Some(_) => is_whole(field, value) || !several(field, value).is_empty() || leading(field, value).is_some(),
        None => value.chars().filter(|c| c.is_ascii_digit()).count() >= field.min_digits,
    }
}

/// The choice of `field` that `value` names, as the first word of its group has it. Two choices are none.
pub fn choice<'a>(field: &'a Field, value: &str) -> Option<&'a str> {
    let words = text::words(value);
    let stands = |name: &String| {
        let wanted = text::words(name);
        !wanted.is_empty() && words.windows(wanted.len()).any(|part| part == wanted)
    };
    let mut named = field.choices.iter().filter(|group| group.iter().any(stands));
    match (named.next(), named.next()) {
        (Some(only), None) => only.first().map(String::as_str),
        _ => None,
    }
}

/// `value` without what the field drops: characters anywhere, words at the start.
pub fn compact(field: &Field, value: &str) -> String {
    let (words, marks): (Vec<&String>, Vec<&String>) =
        field.drop.iter().partition(|drop| drop.chars().any(char::is_alphanumeric));
    let space = marks.iter().any(|mark| mark.trim().is_empty());
    let dash = marks.iter().any(|mark| mark.chars().any(text::is_dash));
    let dropped = |c: char| {
        text::is_invisible(c)
            || (space && c.is_whitespace())
            || (dash && text::is_dash(c))
            || marks.iter().any(|mark| mark.contains(c))
    };
    let mut rest = value.trim();
    loop {
        rest = rest.trim_start_matches(|c: char| dropped(c) || c == ':' || c.is_whitespace());
        let word = words.iter().find_map(|word| strip_word(rest, word));
        match word {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    rest.chars().filter(|c| !dropped(*c)).collect()
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    let joined = rest.starts_with(|c: char| c.is_alphabetic());
    (head.eq_ignore_ascii_case(word) && !joined && !rest.is_empty()).then_some(rest)
}

/// Whether all of `value` is one identifier; `ID#` or `No.` may stand before it again.
fn is_whole(field: &Field, value: &str) -> bool {
    is_bare(field, value) || without_number_words(value).is_some_and(|rest| is_bare(field, rest))
}

/// `value` behind one or two words that only say that a number follows.
fn without_number_words(value: &str) -> Option<&str> {
    let mut rest = value;
    for _ in 0..2 {
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = rest.get(..end)?;
        let known = matches!(
            text::fold(word).as_str(),
            "id" | "no" | "nr" | "nbr" | "num" | "number" | "mbi" | "hicn" | "member"
        );
        if !known {
            break;
        }
        rest = rest.get(end..)?.trim_start_matches([' ', '#', ':', '.', '-', '=']);
    }
    (rest.len() < value.len()).then_some(rest)
}

fn is_bare(field: &Field, value: &str) -> bool {
    let compact = compact(field, value.trim_end_matches(['.', ',', ';']));
    let pattern = field.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&compact));
    pattern && compact.chars().filter(|c| c.is_ascii_digit()).count() >= field.min_digits.max(1)
}

/// The identifiers of a value that holds nothing else: one, or several parted by commas, slashes, `and`.
pub fn several(field: &Field, value: &str) -> Vec<String> {
    let spaced = value.replace(" and ", ",").replace(" AND ", ",");
    let parts: Vec<&str> =
        spaced.split([',', ';', '/', '&', '\n', '+']).map(str::trim).filter(|p| !p.is_empty()).collect();
    if parts.len() > 1 && parts.iter().all(|part| is_whole(field, part)) {
        parts.iter().map(|part| compact(field, part)).collect()
    } else {
        Vec::new()
    }
}

/// The identifier at the start of a value that goes on with a remark: `12345678 (new card)`, `H1234567 - on file`.
/// Nothing where only more digits follow: then nobody can say where the identifier ends.
pub fn leading(field: &Field, value: &str) -> Option<String> {
    let mut end = 0;
    for word in value.split_whitespace().take(6) {
        let start = end + value.get(end..)?.find(word)?;
        let bare = word.trim_end_matches([',', ';', '.', ':']);
        let candidate = value.get(..start + bare.len())?;
        end = start + word.len();
        let rest = value.get(end..)?.trim();
        let remark =
            rest.starts_with(|c: char| matches!(c, '(' | '[' | '/' | '|') || c.is_alphabetic() || text::is_dash(c));
        let parted = bare.len() < word.len() && rest.chars().any(char::is_alphabetic);
        if is_whole(field, candidate) && (remark || parted) && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(compact(field, candidate));
        }
    }
    let bracket = value.find(['(', '['])?;
    let candidate = value.get(..bracket)?;
    is_whole(field, candidate).then(|| compact(field, candidate))
}

/// Every identifier that a usable value of `field` holds, compact.
pub fn identifiers(field: &Field, value: &str) -> Vec<String> {
    if is_bare(field, value) {
        return vec![compact(field, value.trim_end_matches(['.', ',', ';']))];
    }
    let several = several(field, value);
    let words = if several.is_empty() { words_that_fit(field, value) } else { several };
    if words.is_empty() { leading(field, value).into_iter().collect() } else { words }
}

/// The words of `value` that are identifiers by themselves.
pub fn words_that_fit(field: &Field, value: &str) -> Vec<String> {
    let bare = value.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    bare.filter(|word| is_bare(field, word)).map(|word| compact(field, word)).collect()
}

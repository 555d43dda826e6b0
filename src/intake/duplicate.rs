//! Whether a request is one that stands already (POLICY.md, `duplicate`).

use super::same::same_name;
use crate::case::Case;
use crate::case::standing::{CaseFacts, Standing};
use crate::desk::{Desk, FieldRole};
use crate::words::{Fields, LineId};
use std::collections::BTreeSet;

/// Of the summary's content words, the share in hundredths that must stand in the case already.
const SAME_WORDS_PERCENT: usize = 60;

/// The open case of the same requester that this request repeats.
pub fn repeated<'a>(
    desk: &Desk,
    standing: &'a Standing,
    author: &crate::address::EmailAddress,
    line: Option<&LineId>,
    fields: &Fields,
) -> Option<&'a CaseFacts> {
    let theirs = standing.cases.iter().filter(|facts| facts.case.requester == *author);
    theirs.filter(|facts| facts.case.is_open()).find(|facts| {
        let case = &facts.case;
        // A queue follows from the type, which may be named otherwise the second time.
        (desk.has_queues || case.line.as_ref() == line)
            && is_about_same_member(desk, case, fields)
            && (same_reference(desk, case, fields) || same_fields(case, fields) || same_words(desk, facts, fields))
    })
}

/// The same requester's resolved case, the newest, that a new one about the same member and the same matter is linked with.
pub fn closed_before<'a>(
    desk: &Desk,
    standing: &'a Standing,
    author: &crate::address::EmailAddress,
    fields: &Fields,
) -> Option<&'a CaseFacts> {
    let theirs = standing.cases.iter().filter(|facts| facts.case.requester == *author && !facts.case.is_open());
    let same = theirs.filter(|facts| {
        is_about_same_member(desk, &facts.case, fields)
            && (same_reference(desk, &facts.case, fields) || same_words(desk, facts, fields))
    });
    same.max_by_key(|facts| facts.case.resolved_at)
}

/// Whether the fields by which the desk tells members apart have the same values, by the first group of them that both give
/// whole. Names are compared as names, all else by letters and digits.
fn is_about_same_member(desk: &Desk, case: &Case, fields: &Fields) -> bool {
    let both = |id: &String| Some((id.clone(), case.fields().get(id)?, fields.get(id)?));
    let given = |group: &Vec<String>| group.iter().map(both).collect::<Option<Vec<_>>>();
    let same = |(id, known, new): (String, &String, &String)| {
        let is_name = desk.field(&id).is_some_and(|field| field.role == FieldRole::MemberName);
        identifier(known) == identifier(new) || (is_name && same_name(desk, known, new))
    };
    desk.identified_by.iter().find_map(given).is_some_and(|group| group.into_iter().all(same))
}

fn same_reference(desk: &Desk, case: &Case, fields: &Fields) -> bool {
    let Some(field) = desk.field_of(FieldRole::Reference) else { return false };
    match (case.fields().get(&field.id), fields.get(&field.id)) {
        (Some(known), Some(new)) => !identifier(new).is_empty() && identifier(known) == identifier(new),
        _ => false,
    }
}

fn same_fields(case: &Case, fields: &Fields) -> bool {
    let folded = |fields: &Fields| -> Vec<(String, String)> {
        fields.iter().map(|(id, value)| (id.clone(), identifier(value))).collect()
    };
    folded(case.fields()) == folded(fields)
}

fn same_words(desk: &Desk, facts: &CaseFacts, fields: &Fields) -> bool {
    let Some(summary) = desk.field_of(FieldRole::Summary).and_then(|field| fields.get(&field.id)) else { return false };
    let new = content_words(summary);
    let known: BTreeSet<String> = facts.texts.iter().flat_map(|text| content_words(text)).collect();
    let common = new.iter().filter(|word| known.contains(*word)).count();
    !new.is_empty() && common * 100 >= new.len() * SAME_WORDS_PERCENT
}

/// Words that carry meaning in any language: of four letters or more, or with a digit.
fn content_words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4 || word.chars().any(|c| c.is_ascii_digit()))
        .map(str::to_lowercase)
        .collect()
}

/// An identifier as it is compared: letters and digits, in capitals.
fn identifier(written: &str) -> String {
    written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

//! Whether a request is one that stands already (POLICY.md, `duplicate`).

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
    let id_field = &desk.field_of(FieldRole::MemberId)?.id;
    let member_id = identifier(fields.get(id_field)?);
    standing.cases.iter().filter(|facts| facts.case.is_open() && facts.case.requester == *author).find(|facts| {
        let case = &facts.case;
        case.line.as_ref() == line
            && case.fields().get(id_field).is_some_and(|known| identifier(known) == member_id)
            && (same_reference(desk, case, fields) || same_fields(case, fields) || same_words(desk, facts, fields))
    })
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

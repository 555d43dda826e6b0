//! Identifiers that stand in running text, for desks that read it (POLICY.md, Body fields: `prose`).

use super::vocabulary::{Target, Vocabulary};
use super::{text, values};

/// Values that stand in prose, for desks that read it: an identifier right behind its label (`NPN 20114683`).
pub fn in_prose(voc: &Vocabulary<'_>, text: &str, wanted: usize) -> Option<String> {
    prose_value(voc, text, wanted).map(|(value, _)| value)
}

/// What stands in `text` before the label of such a value, and behind the value, in its line.
pub fn around_prose<'t>(voc: &Vocabulary<'_>, text: &'t str, wanted: usize) -> Option<(&'t str, &'t str)> {
    text.lines().find_map(|line| {
        let (value, at) = prose_value(voc, line, wanted)?;
        let (before, rest) = line.split_at_checked(at)?;
        let behind = rest.split_once(value.as_str()).map_or("", |(_, behind)| behind);
        Some((before, behind))
    })
}

/// The value, and the byte at which its label begins.
fn prose_value(voc: &Vocabulary<'_>, text: &str, wanted: usize) -> Option<(String, usize)> {
    let field = voc.field(wanted).filter(|field| field.pattern.is_some())?;
    let mut from = 0;
    let mut starts = Vec::new();
    let tokens: Vec<&str> = text.split_whitespace().collect();
    for token in &tokens {
        let at = from + text.get(from..)?.find(token)?;
        starts.push(at);
        from = at + token.len();
    }
    for (start, at) in starts.into_iter().enumerate() {
        let mut key = String::new();
        for (place, token) in tokens.iter().enumerate().skip(start).take(5) {
            key.push_str(&text::key(token));
            if key.len() > voc.longest_label {
                break;
            }
            if voc.labels.get(&key).is_none_or(|label| label.target != Target::Field(wanted)) {
                continue;
            }
            let behind = tokens
                .iter()
                .skip(place + 1)
                .filter(|word| !matches!(text::key(word).as_str(), "is" | "no" | "number" | ""));
            let value = behind.clone().next().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
            if let Some(value) = value.filter(|value| values::fits(field, value)) {
                return Some((value.to_owned(), at));
            }
        }
    }
    None
}

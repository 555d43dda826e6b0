//! Values that stand apart from their labels: behind two labels joined into one, or in a column beneath an empty form.

use super::fields::{Scan, has_form, role};
use super::vocabulary::{Target, Vocabulary};
use super::{lines, text, values};
use crate::desk::FieldRole;

/// The values of joined labels: what has the form of an identifier is that label's, the rest is the other's.
pub fn split_joined(voc: &Vocabulary<'_>, targets: &[Target], value: &str) -> Vec<String> {
    let [first, second] = targets else { return vec![value.to_owned()] };
    let formed = |target: &Target| match target {
        Target::Field(place) => voc.field(*place).filter(|field| field.pattern.is_some()),
        Target::Line => None,
    };
    for mark in [" / ", "/", " | ", "|", ";", ",", " - ", " \u{2013} ", " & "] {
        let Some((left, right)) = value.rsplit_once(mark) else { continue };
        let (left, right) = (values::tidy(left), values::tidy(right));
        let fits = |target: &Target, value: &str| formed(target).is_none_or(|field| values::fits(field, value));
        if fits(first, &left) && fits(second, &right) {
            return vec![left, right];
        }
        if fits(first, &right) && fits(second, &left) {
            return vec![right, left];
        }
    }
    let (form, second_is) = match (formed(first), formed(second)) {
        (_, Some(field)) => (field, true),
        (Some(field), None) => (field, false),
        (None, None) => return vec![value.to_owned(), String::new()],
    };
    let id = value.split_whitespace().find(|word| values::fits(form, word.trim_matches(['(', ')', ',', '#'])));
    let Some(id) = id else { return vec![value.to_owned(), String::new()] };
    let rest = values::tidy(&value.replacen(id, "", 1));
    let id = id.trim_matches(['(', ')', ',']).to_owned();
    if second_is { vec![rest, id] } else { vec![id, rest] }
}

/// A form left empty above, its values typed in the same order beneath: at least three labels, two of them with a form,
/// and every value fits its label.
pub fn fill_column(voc: &Vocabulary<'_>, scan: &mut Scan) {
    let blank = scan
        .entries
        .iter()
        .take_while(|entry| entry.value.is_empty() || role(voc, entry.target) == Some(FieldRole::Summary));
    let count = blank.count();
    if count < 3 || count != scan.entries.len() {
        return;
    }
    let summary = scan.entries.iter().position(|entry| role(voc, entry.target) == Some(FieldRole::Summary));
    let source: Vec<(usize, String)> = match summary {
        Some(place) => scan.entries.get(place).map_or(Vec::new(), |entry| {
            entry
                .value
                .lines()
                .map(|line| (entry.line, line.to_owned()))
                .filter(|(_, l)| !l.trim().is_empty())
                .collect()
        }),
        None => scan.free.clone(),
    };
    let wanted: Vec<usize> = (0..count).filter(|place| Some(*place) != summary).collect();
    let pairs: Vec<(usize, String)> =
        wanted.iter().zip(&source).map(|(place, (_, line))| (*place, values::tidy(line))).collect();
    let fits = |(place, value): &(usize, String)| match scan.entries.get(*place).map(|entry| entry.target) {
        Some(Target::Field(field)) => voc.field(field).is_some_and(|field| {
            let name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName);
            values::is_placeholder(voc, field, value)
                || if name {
                    lines::is_name_like(voc, value)
                } else {
                    values::fits(field, value) && text::count_words(value) < 4
                }
        }),
        _ => false,
    };
    let formed = |place: &usize| scan.entries.get(*place).is_some_and(|entry| has_form(voc, entry.target));
    let forms = pairs.iter().filter(|(place, _)| formed(place)).count();
    if pairs.len() < wanted.len() || forms < 2 || !pairs.iter().all(fits) {
        return;
    }
    for (place, value) in pairs {
        if let Some(entry) = scan.entries.get_mut(place) {
            entry.value = value;
        }
    }
    let rest: Vec<String> = source.into_iter().skip(wanted.len()).map(|(_, line)| line).collect();
    match summary.and_then(|place| scan.entries.get_mut(place)) {
        Some(entry) => entry.value = rest.join("\n"),
        None => {
            scan.free.drain(..wanted.len());
        }
    }
}

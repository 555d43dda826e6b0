//! Invented values of fields: what a field may be, made from its own rules.

use crate::desk::{Field, FieldRole};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Names that are nobody's.
const REQUESTER: &str = "Alex Moreno";
const MEMBER: &str = "Dana Whitfield";

/// How many signs an open-ended pattern gets: fewer than a social security number has.
const USUAL_LENGTH: u32 = 8;

/// A longer value than any field needs.
const MOST_SIGNS: usize = 200;

/// An invented value of `field`: the policy's own example, else one that its rules allow.
pub(super) fn value(field: &Field) -> String {
    if let Some(example) = &field.example {
        return example.clone();
    }
    match field.role {
        FieldRole::RequesterName => return REQUESTER.to_owned(),
        FieldRole::MemberName => return MEMBER.to_owned(),
        _ => {}
    }
    if let Some(choice) = field.choices.first().and_then(|group| group.first()) {
        return choice.clone();
    }
    match field.pattern.as_ref().and_then(|pattern| regex_syntax::parse(pattern.as_str()).ok()) {
        Some(pattern) => {
            let mut made = String::new();
            make(&pattern, &mut made);
            made
        }
        // Words behind a label that hold enough digits, where any are asked for.
        None => {
            let digits: String = "4827159630".chars().cycle().take(field.min_digits.min(MOST_SIGNS)).collect();
            format!("As our own records have it {digits}").trim().to_owned()
        }
    }
}

/// A text that `pattern` matches, with digits where it allows them.
fn make(pattern: &Hir, made: &mut String) {
    match pattern.kind() {
        HirKind::Literal(literal) => made.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => made.extend(sign(class, made.chars().count())),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let takes_digits = matches!(repetition.sub.kind(), HirKind::Class(class) if has_digits(class));
            // What may be left out is left out, so that the value is the plainest one.
            let count = if takes_digits { USUAL_LENGTH.clamp(repetition.min, most) } else { repetition.min };
            for _ in 0..count {
                if made.len() < MOST_SIGNS {
                    make(&repetition.sub, made);
                }
            }
        }
        HirKind::Capture(capture) => make(&capture.sub, made),
        HirKind::Concat(parts) => parts.iter().for_each(|part| make(part, made)),
        HirKind::Alternation(ways) => ways.iter().take(1).for_each(|way| make(way, made)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

fn has_digits(class: &Class) -> bool {
    DIGITS.iter().any(|digit| holds(class, *digit))
}

/// In an order that looks like a number of somebody's.
const DIGITS: [char; 10] = ['4', '8', '2', '7', '1', '5', '9', '6', '3', '0'];

/// One sign of a class: a digit where it has one, each place another; else its first letter.
fn sign(class: &Class, place: usize) -> Option<char> {
    let digits: Vec<char> = DIGITS.into_iter().filter(|digit| holds(class, *digit)).collect();
    let digit = place.checked_rem(digits.len()).and_then(|at| digits.get(at)).copied();
    digit.or_else(|| ('A'..='Z').chain('a'..='z').chain(" -/.#".chars()).find(|sign| holds(class, *sign)))
}

fn holds(class: &Class, sign: char) -> bool {
    match class {
        Class::Unicode(class) => class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&sign)),
        Class::Bytes(class) => {
            u8::try_from(sign).is_ok_and(|sign| class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&sign)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_matches_the_pattern_that_it_is_made_from() {
        for pattern in [
            "[0-9]{4,10}",
            "[A-Za-z]{0,4}[0-9]{4,15}",
            "[0-9A-Za-z]{6,15}",
            "(?:AB|CD)-[0-9]{3}",
            "[A-Z]{1,2}[0-9]{4}",
            r"\d{3}\.\d+",
            "x?y*z+",
            "[^0-9]{3}",
        ] {
            let anchored = format!("^(?:{pattern})$");
            let mut made = String::new();
            make(&regex_syntax::parse(&anchored).expect(pattern), &mut made);
            assert!(regex::Regex::new(&anchored).expect(pattern).is_match(&made), "{pattern}: {made}");
        }
    }
}

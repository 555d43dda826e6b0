//! Whether words that look like a label are one, judged by what parts them from a value and by the value.

use super::labels::{Hit, Separator};
use super::vocabulary::Vocabulary;
use super::{lines, text, values};
use crate::desk::{Field, FieldRole};

/// Whether a label before `value` is one for `field`, by what parts them.
pub fn takes_field(voc: &Vocabulary<'_>, field: &Field, hit: &Hit, value: &str, runs: bool, capital: bool) -> bool {
    let summary = field.role == FieldRole::Summary;
    if runs && summary {
        return false;
    }
    let form = field.pattern.is_some() && values::fits(field, value);
    let name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName);
    let digits = value.chars().any(|c| c.is_ascii_digit());
    let blank = values::is_placeholder(voc, field, value);
    // Any words may be the value of such a field, so that its label must look like one.
    let is_plain = field.role == FieldRole::Other && field.pattern.is_none();
    match hit.separator {
        Separator::Strong => !runs || form || blank || hit.words > 1 || capital,
        Separator::Cell => !runs || form || capital,
        Separator::End => (!runs && (capital || !is_plain)) || (capital && hit.words > 1),
        Separator::Dash if field.pattern.is_some() => form || blank,
        Separator::Dash if name => blank || lines::is_name_like(voc, value),
        Separator::Dash if summary => true,
        Separator::Dash => digits || blank || (is_plain && capital && !runs),
        Separator::Weak | Separator::Space if runs && !form => false,
        Separator::Weak | Separator::Space if field.pattern.is_some() => form && text::count_words(value) <= 4,
        Separator::Weak | Separator::Space if name => {
            let words = value.split_whitespace();
            let lower = text::is_all_lower(value) && (2..4).contains(&words.clone().count());
            let ordinary = words.clone().any(|word| voc.work.contains(&text::key(word)));
            // "Producer Ann Lee" is such a line where people write as they speak.
            let introduces = voc.parts.prose
                && capital
                && (2..4).contains(&words.clone().count())
                && words.clone().all(|word| text::is_capitalised(word) && !voc.work.contains(&text::key(word)));
            (hit.words > 1 || introduces)
                && lines::is_name_like(voc, value)
                && (words.clone().all(text::is_capitalised) || (lower && !capital && !ordinary))
        }
        Separator::Weak if summary => hit.words > 1,
        Separator::Weak => digits || blank,
        Separator::Space => false,
    }
}

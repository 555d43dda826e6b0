//! Social security numbers and birth dates in inbound text: `warnings: ["pii"]` on every desk.

use crate::case::Entry;
use crate::desk::Desk;
use crate::words::{Fields, MemberName};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Three, two and four digits, parted alike, with no digit or dash beside them; or nine digits behind a label.
static SOCIAL_SECURITY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let bare = r"(?:^|[^0-9A-Za-z.\-])\d{3}[\-\u{2010}-\u{2015} ]\d{2}[\-\u{2010}-\u{2015} ]\d{4}(?:$|[^0-9A-Za-z\-])";
    let label = r"\b(?:ssn?|s\.s\.n\.?|ss|soc(?:ial)?(?:\s+sec(?:urity)?)?|social\s+security)\s*(?:#|no\.?|num(?:ber)?)?\s*(?:is|was)?\s*[:#=\-]?\s*";
    Regex::new(&format!(r"(?i)(?:{bare})|(?:{label}\d{{3}}[\-. ]?\d{{2}}[\-. ]?\d{{4}}\b)")).ok()
});

/// A date behind words that say it is a birth date.
static BIRTH_DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label =
        r"\b(?:dob|d\.o\.b\.?|d/o/b|birth\s*-?(?:date|day)|date\s+of\s+birth|born(?:\s+on)?|fecha\s+de\s+nacimiento)";
    let date = r"(?:\d{1,4}\s?[/\-.]\s?\d{1,2}\s?[/\-.]\s?\d{1,4}|\d{6,8}\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{2,4}|\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{2,4})";
    Regex::new(&format!(r"(?i){label}[\s:#=*(\[|_\-\u{{2013}}]*(?:is|was|on|of)?[\s:]*{date}")).ok()
});

/// A date of the years in which members were born in one sentence with the words for a birth date: "her date of birth is
/// wrong at the carrier: 03/14/1979 is right". Dates of today's affairs are younger.
static BIRTH_DATE_NEAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = r"\b(?:dob|birth\s*-?(?:date|day)|date\s+of\s+birth)\b";
    let date = r"\b\d{1,2}[/\-]\d{1,2}[/\-](?:19\d{2}|20[01]\d)\b";
    Regex::new(&format!(r"(?i)(?:{label}[^.?!\n]{{0,160}}{date})|(?:{date}[^.?!\n]{{0,80}}{label})")).ok()
});

/// Whether a social security number or a birth date stands in `text`. A plain number of nine digits is neither.
pub fn stands_in(text: &str) -> bool {
    has_social_security(text) || has_birth_date(text)
}

fn has_social_security(text: &str) -> bool {
    SOCIAL_SECURITY.as_ref().is_some_and(|regex| regex.is_match(text))
}

fn has_birth_date(text: &str) -> bool {
    [&BIRTH_DATE, &BIRTH_DATE_NEAR].iter().any(|pattern| pattern.as_ref().is_some_and(|regex| regex.is_match(text)))
}

/// Whether `text` tells personal data, as the desk counts it, that nobody asked for. In a request the desk's form asks for
/// names and numbers, so that only what it never asks for counts; a reply to a case, whose entries are `known`, needs none
/// of them.
pub fn is_unasked(desk: &Desk, text: &str, known: &[Entry]) -> bool {
    let kinds = &desk.privacy;
    (kinds.ssn && has_social_security(text))
        || (kinds.birth_date && has_birth_date(text))
        || known.iter().any(|entry| !mentions(desk, Some(&entry.member), &entry.fields, text).is_empty())
}

/// Names shorter than this are also words.
const SHORTEST_NAME: usize = 3;
/// Values shorter than this are also other numbers.
const SHORTEST_VALUE: usize = 4;

/// Where `text` holds the member's name or a value that the desk counts as personal, as words of their own; without regard to
/// case, but for a family name alone, which may be a word.
pub fn mentions(desk: &Desk, member: Option<&MemberName>, fields: &Fields, text: &str) -> Vec<Range<usize>> {
    let kinds = &desk.privacy;
    let mut found = Vec::new();
    if let Some(name) = member.filter(|_| kinds.member_name) {
        for both in [format!("{} {}", name.first, name.last), format!("{}, {}", name.last, name.first)] {
            let whole = !name.first.is_empty() && !name.last.is_empty();
            found.extend(whole.then(|| places(text, &both, true)).into_iter().flatten());
        }
        if name.last.chars().count() >= SHORTEST_NAME {
            found.extend(places(text, &name.last, false));
        }
    }
    let values = kinds.fields.iter().filter_map(|id| fields.get(id)).map(|value| value.trim());
    for value in values.filter(|value| value.chars().count() >= SHORTEST_VALUE) {
        found.extend(places(text, value, true));
    }
    found
}

/// Where `what` stands in `text` as words of its own.
fn places(text: &str, what: &str, any_case: bool) -> Vec<Range<usize>> {
    let pattern = regex::escape(what).replace(' ', r"\s+");
    let pattern = format!(r"{}\b{{start-half}}{pattern}\b{{end-half}}", if any_case { "(?i)" } else { "" });
    let regex = Regex::new(&pattern).ok();
    regex.map(|regex| regex.find_iter(text).map(|hit| hit.range()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_of_people_are_noticed() {
        for text in [
            "123-45-6789",
            "her ssn is 123456789",
            "SSN: 123 45 6789",
            "Social Security #: 123-45-6789.",
            "social security number 123456789",
            "DOB: 01/02/1950",
            "DOB 1-2-50",
            "(dob 01/02/1950)",
            "Date of Birth: January 2, 1950",
            "born on 2 March 1950",
            "Birthdate - 1950-01-02",
            "D.O.B. 01.02.1950",
            "DOB\t01/02/1950",
            "Member ID #: 123-45-6789\nnext",
            "Date of birth of the right one is 04/12/1971.",
            "the date of birth is wrong and the clinic will not see her: 03/14/1979 is right",
            "03/14/1979 is her date of birth",
        ] {
            assert!(stands_in(text), "{text:?}");
        }
        for text in [
            "",
            "1-800-833-6917",
            "123456789",
            "Member ID: 123456789",
            "555-123-4567",
            "the date of birth is wrong on her card",
            "claim 2026-123-45-6789-01",
            "effective 01/02/2026",
            "dob missing",
            "the date of birth is wrong, the appointment is on 10/14/2026",
            "1EG4-TE5-MK73",
        ] {
            assert!(!stands_in(text), "{text:?}");
        }
    }
}

//! Social security numbers and birth dates in inbound text: `warnings: ["pii"]` on every desk.

use regex::Regex;
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
    [&SOCIAL_SECURITY, &BIRTH_DATE, &BIRTH_DATE_NEAR]
        .iter()
        .any(|pattern| pattern.as_ref().is_some_and(|regex| regex.is_match(text)))
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

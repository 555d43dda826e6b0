//! Social security numbers and birth dates, found and masked: they are never repeated in a mail of ours, whatever
//! stood in the mail that came in (POLICY.md, The other desks, last paragraph).

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What stands in the place of a social security number.
pub const MASKED_NUMBER: &str = "***-**-****";
/// What stands in the place of a birth date.
pub const MASKED_DATE: &str = "**/**/****";

/// Three, two and four digits, parted by one sign: what everybody reads as a social security number.
const SHAPED: &str =
    r"\b\d{3} ?[-\u{2010}-\u{2015}\u{2212}./\u{b7}\s] ?\d{2} ?[-\u{2010}-\u{2015}\u{2212}./\u{b7}\s] ?\d{4}\b";

/// A word that announces such a number.
const NUMBER_LABEL: &str = r"(?:\bssn\b|\bs\.s\.n\.?|\bss\s?\#|\bss\s(?:no|num|number)\b|\bsocial(?:\s+security|\s+sec\b\.?|\s*[:\#=]|\s+(?:is|number|no)\b)|\bsoc\.?\s+sec\b\.?|\bitin\b|\btax(?:payer)?\s+id\b)";

/// A word that announces a birth date.
const DATE_LABEL: &str =
    r"(?:\bd\.?\s?o\.?\s?b\b\.?|\bdate\s+of\s+birth\b|\bbirth\s?-?\s?da(?:te|y)\b|\bb-?day\b|\bborn\b)";

/// The usual ways of writing a date.
const DATE: &str = r"(?:\d{1,4}\s?[-\u{2010}-\u{2015}./]\s?\d{1,2}\s?[-\u{2010}-\u{2015}./]\s?\d{1,4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s-]{1,3}\d{1,2}(?:st|nd|rd|th)?,?[\s-]{1,3}\d{2,4}|\d{1,2}(?:st|nd|rd|th)?[\s-]{1,3}(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?[\s-]{1,3}\d{2,4}|\d{1,2}\s\d{1,2}\s(?:\d{4}|\d{2})|\d{8}|\d{6})";

static SHAPED_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(SHAPED));
static LABELLED_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"({NUMBER_LABEL}[^0-9*]{{0,24}})(\d(?:[\s.-]?\d){{8}}|\d{{4}})\b")));
static NUMBER_BEFORE_LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b\d(?:[\s.-]?\d){{8}}\b([^0-9A-Za-z]{{0,6}}{NUMBER_LABEL})")));
static LABELLED_DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"({DATE_LABEL}[^0-9A-Za-z]{{0,12}}(?:(?:is|was|on|in|mm|dd|yyyy|yy|given|as)\b[^0-9A-Za-z]{{1,6}}){{0,6}}){DATE}\b"
    ))
});
static DATE_BEFORE_LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b{DATE}([^0-9A-Za-z]{{0,6}}{DATE_LABEL})")));

/// `text` with every social security number and birth date masked. What is masked already stays so.
///
/// A number counts when it has the shape `123-45-6789` (any usual separator), or when nine digits, or the last four,
/// stand beside a word that says what they are; a date counts beside a word for birth.
pub fn mask(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_numeric()) {
        return Cow::Borrowed(text);
    }
    let text = replace(&SHAPED_NUMBER, Cow::Borrowed(text), |_| MASKED_NUMBER.to_owned());
    let text = replace(&LABELLED_NUMBER, text, |found| format!("{}{MASKED_NUMBER}", &found[1]));
    let text = replace(&NUMBER_BEFORE_LABEL, text, |found| format!("{MASKED_NUMBER}{}", &found[1]));
    let text = replace(&LABELLED_DATE, text, |found| format!("{}{MASKED_DATE}", &found[1]));
    replace(&DATE_BEFORE_LABEL, text, |found| format!("{MASKED_DATE}{}", &found[1]))
}

/// Whether `text` holds a social security number or a birth date.
pub fn holds_pii(text: &str) -> bool {
    matches!(mask(text), Cow::Owned(_))
}

fn replace<'a>(pattern: &Regex, text: Cow<'a, str>, with: impl Fn(&Captures<'_>) -> String) -> Cow<'a, str> {
    let replaced = match pattern.replace_all(&text, with) {
        Cow::Borrowed(_) => None,
        Cow::Owned(new) => Some(new),
    };
    replaced.map_or(text, Cow::Owned)
}

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("a pattern that the tests compile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_masked() {
        for (text, masked) in [
            ("123-45-6789", "***-**-****"),
            ("id 123 45 6789, and 987.65.4321", "id ***-**-****, and ***-**-****"),
            ("123\u{2013}45\u{2013}6789 123-45-6789", "***-**-**** ***-**-****"),
            ("SSN: 123456789.", "SSN: ***-**-****."),
            ("her social security number is 123456789", "her social security number is ***-**-****"),
            ("SSN\n123456789", "SSN\n***-**-****"),
            ("ss# 1234 56789", "ss# ***-**-****"),
            ("last four of SSN 6789", "last four of SSN ***-**-****"),
            ("123456789 (SSN)", "***-**-**** (SSN)"),
            ("DOB 01/02/1950 and more", "DOB **/**/**** and more"),
            ("D.O.B.: 1-2-50", "D.O.B.: **/**/****"),
            ("date of birth is January 2nd, 1950", "date of birth is **/**/****"),
            ("Date of Birth (mm/dd/yyyy): 01/02/1950", "Date of Birth (mm/dd/yyyy): **/**/****"),
            ("born on 2 Jan 1950", "born on **/**/****"),
            ("birthdate=1950-01-02", "birthdate=**/**/****"),
            ("dob 01021950", "dob **/**/****"),
            ("1/2/1950 DOB", "**/**/**** DOB"),
            ("Birthday: Sept. 3 1944", "Birthday: **/**/****"),
        ] {
            assert_eq!(mask(text), masked, "{text:?}");
            assert!(holds_pii(text), "{text:?}");
            assert_eq!(mask(masked), masked, "masking twice changes nothing: {masked:?}");
        }
    }

    #[test]
    fn other_numbers_and_dates_stay() {
        for text in [
            "1-800-457-4708",
            "Member ID # H12345678",
            "ID 123456789",
            "Reference 2026-11-20-0001",
            "effective 01/01/2026",
            "he was discharged on 11/20/2026",
            "a social worker called on 11/20/2026",
            "her social worker wrote in 2026",
            "claim 1234-56-789012",
            "no digits at all",
            "her stubborn 12/12/2025 claim",
        ] {
            assert_eq!(mask(text), text);
            assert!(!holds_pii(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_shaped_number_survives(before in "\\PC{0,20}", number in "[0-9]{3}-[0-9]{2}-[0-9]{4}", after in "\\PC{0,20}") {
            let masked = mask(&format!("{before} {number} {after}")).into_owned();
            proptest::prop_assert!(!masked.contains(&number), "{masked}");
        }
    }
}

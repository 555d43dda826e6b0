//! What all rules of this folder look for in a line: dates, times, addresses, phone numbers.

use regex::Regex;
use std::sync::LazyLock;

/// Most bytes of a line that any rule looks at; what is longer is a paragraph and no header or signature line.
pub(super) const LINE_BYTES: usize = 600;

/// Compiles a pattern that is written in this source, never one that came by mail.
pub(super) fn pattern(source: &str) -> Regex {
    Regex::new(source).unwrap_or_else(|error| unreachable!("a pattern of the source does not compile: {error}"))
}

/// The inside of a character class for whatever is no letter and no digit, by blocks of Unicode. The exact class (`\p{L}`, `\p{N}`) takes a
/// millisecond to compile wherever it stands, which the first mail of a process would pay for; the two differ in rare signs only.
pub(super) const NO_LETTER: &str = r"\x00-/:-@\[-`{-\u{a9}\u{ab}-\u{b4}\u{b6}-\u{b9}\u{bb}-\u{bf}\u{2000}-\u{2bff}\u{2e00}-\u{3004}\u{3008}-\u{3020}\u{3030}\u{30fb}\u{fe00}-\u{fe6f}\u{feff}-\u{ff0f}\u{ff1a}-\u{ff20}\u{ff3b}-\u{ff40}\u{ff5b}-\u{ff65}\u{fff0}-\u{ffff}\u{1f000}-\u{1faff}";

/// The start of `text`, at most `bytes` long, cut between characters.
pub(super) fn clip(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// `line` as a person sees it: invisible characters dropped, white space of any kind a space, none at its ends.
pub(super) fn seen(line: &str) -> String {
    let mut seen = String::with_capacity(line.len().min(LINE_BYTES));
    for c in clip(line, LINE_BYTES).chars() {
        match c {
            c if is_invisible(c) => {}
            '\t' => seen.push('\t'),
            c if is_seen(c) => seen.push(c),
            _ => seen.push(' '),
        }
    }
    let inner = seen.trim();
    if inner.len() == seen.len() { seen } else { inner.to_string() }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// Whether a person can see `c`: it is no white space, no control character, and not invisible.
pub(super) fn is_seen(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// How many words there are: runs without white space.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// An email address anywhere.
pub(super) static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[\p{L}\p{N}._%+'=/-]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?"));

/// An email address in brackets, as mail programs write it in a quote header.
pub(super) static BRACKETED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:<|&lt;|\(|\[)\s*(?:mailto:)?\s*[^\s<>()\[\]]+@[^\s<>()\[\]]+\s*(?:>|&gt;|\)|\]|<)"));

/// A time of day.
pub(super) static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[^\d:.])(?:[01]?\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?|\s?h\s?[0-5]\d)(?:[^\d]|$)|\b(?:klo|kl\.?|uhr|alle|ore|às|le|um|at|,)\s+(?:[01]?\d|2[0-3])[.:][0-5]\d\b|(?:[01]?\d|2[0-3])(?:時|时|點|点|시)",
    )
});

/// A date that stands out: a year, a date in numbers, a date of East Asia.
pub(super) static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b|\d{1,2}\s?(?:月|월)\s?\d{1,2}\s?(?:日|일)|\d{4}\s?(?:年|년)",
    )
});

/// A phone number with its separators, or an international one.
pub(super) static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^\d\w-])(?:\+?1[-. ]{0,2})?(?:\(\d{3}\)|\d{3})[-. ]{1,2}\d{3}[-. ]\d{4}(?:[^\d]|$)|\+\d{1,3}[\d ()./-]{7,18}\d|\b1?-?8(?:00|33|44|55|66|77|88)-[A-Z0-9-]{7,9}\b|\b0\d{2,4}[ /-]\d{5,8}\b",
    )
});

/// A web address.
pub(super) static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bhttps?://\S+|\bwww\.[a-z0-9-]+\.\S+|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|gov|edu|io|us|de|fr|co|health|insure|agency|biz|info)(?:/\S*)?$",
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_phones_are_seen() {
        for time in ["at 4:19 PM", "kl 20:42", "klo 17.50", "10h30", "um 17:22 Uhr", "14:20", "kl. 10.00"] {
            assert!(TIME.is_match(time), "{time}");
        }
        for date in ["2012", "01/03/11", "15.01.2024", "4月2日", "2024년"] {
            assert!(DATE.is_match(date), "{date}");
        }
        for phone in ["(555) 346-9947", "555-931-0702", "+1 555-0123-99", "502.555.0142", "1-800-555-0100"] {
            assert!(PHONE.is_match(phone), "{phone}");
        }
        for other in ["H12345678", "20114683", "123-45-6789", "2024-01-15 14"] {
            assert!(!PHONE.is_match(other), "{other}");
        }
    }

    #[test]
    fn invisible_characters_are_not_seen() {
        assert_eq!(seen("\u{feff} a\u{a0}b\u{200b} \r"), "a b");
    }
}

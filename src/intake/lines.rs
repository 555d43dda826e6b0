//! Lines of a body: quote marks, table cells, labels of other forms, and where a sign-off begins.

use super::names;
use super::text;
use super::vocabulary::Vocabulary;

/// Words that a sign-off begins with.
const SIGN_OFFS: &[&str] = &[
    "thanks",
    "thank you",
    "thank you very much",
    "thanks so much",
    "thanks very much",
    "many thanks",
    "thx",
    "ty",
    "thanks again",
    "thank you again",
    "thanks in advance",
    "thank you in advance",
    "thanks for your help",
    "thank you for your help",
    "thanks for your assistance",
    "thank you for your assistance",
    "thank you for your time",
    "regards",
    "best regards",
    "kind regards",
    "warm regards",
    "warmest regards",
    "best",
    "all the best",
    "best wishes",
    "sincerely",
    "sincerely yours",
    "yours truly",
    "respectfully",
    "cheers",
    "cordially",
    "have a great day",
    "have a good day",
    "have a nice day",
    "thanks and have a great day",
    "sent from my iphone",
    "sent from my ipad",
    "sent from my phone",
    "gracias",
    "saludos",
    "with appreciation",
    "appreciate it",
    "much appreciated",
];

/// `line` without quote marks (`>`), as they stand before quoted lines.
pub fn unquote(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

/// The cells of a line of a table: parted by tabs, or by bars where there are two or the line begins with one.
pub fn cells(line: &str) -> Option<Vec<&str>> {
    if line.contains('\t') {
        return Some(line.split('\t').map(str::trim).collect());
    }
    let bars = line.bytes().filter(|b| *b == b'|').count();
    (bars > 0).then(|| line.trim().trim_matches('|').split('|').map(str::trim).collect())
}

/// Whether `line` begins like a label that the desk does not know: up to four words, a colon, and something or nothing behind it.
pub fn looks_labelled(line: &str) -> bool {
    let Some((before, behind)) = line.trim().split_once(':') else { return false };
    let words = text::count_words(before);
    let clock = before.ends_with(|c: char| c.is_ascii_digit()) && behind.starts_with(|c: char| c.is_ascii_digit());
    (1..=4).contains(&words) && before.len() < 48 && !clock && !behind.starts_with("//")
}

/// Whether `line` is a sign-off by itself: `Thanks,`, `Best regards`.
pub fn is_sign_off(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 80 {
        return false;
    }
    let words = text::words(line).join(" ");
    SIGN_OFFS.contains(&words.as_str())
        || matches!(line, "--" | "---" | "__")
        || line.split_once([',', '!', '.', '-']).is_some_and(|(first, rest)| {
            let first = text::words(first).join(" ");
            SIGN_OFFS.contains(&first.as_str()) && text::count_words(rest) < 5 && !rest.contains(['?', ':'])
        })
}

/// `lines` up to the sign-off that at most eight short lines follow.
pub fn before_sign_off<'a>(lines: &'a [&'a str]) -> &'a [&'a str] {
    let filled = |line: &&&str| !line.trim().is_empty();
    let found = lines.iter().position(|line| is_sign_off(line)).filter(|at| {
        let behind = lines.get(at + 1..).unwrap_or_default();
        behind.iter().filter(filled).count() <= 8 && behind.iter().all(|line| text::count_words(line) <= 12)
    });
    found.and_then(|at| lines.get(..at)).unwrap_or(lines)
}

/// Whether `lines` say something: at least one line is more than a name, a firm, a number or an address.
pub fn says_something(lines: &[&str], least_words: usize) -> bool {
    let whole = lines.join(" ");
    if text::count_words(&whole) < least_words.max(1) {
        return false;
    }
    let shouted = text::is_all_caps(&whole);
    lines.iter().any(|line| {
        let words: Vec<&str> = line.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).collect();
        let plain = words.iter().filter(|word| text::is_all_lower(word) && !word.contains(['@', '/'])).count();
        let sentence = line.trim_end().ends_with(['.', '?', '!']) && words.len() >= 3;
        plain >= 2 || sentence || (shouted && words.len() > 3)
    })
}

/// Whether `value` can be a name that stands on a line of its own.
pub fn is_name_like(voc: &Vocabulary<'_>, value: &str) -> bool {
    let words: Vec<&str> =
        value.split(|c: char| c.is_whitespace() || c == ',').filter(|w| w.chars().any(char::is_alphanumeric)).collect();
    let lower = words.iter().filter(|word| !text::is_capitalised(word)).count();
    let bare = |word: &&str| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.').to_owned();
    let ordinary = words.iter().map(bare).filter(|word| {
        names::is_filler(voc, word) && word.len() > 2 && !matches!(text::key(word).as_str(), "mrs" | "will" | "and")
    });
    (1..=6).contains(&words.len())
        && words.iter().map(bare).all(|word| names::is_name_word(&word))
        && (lower == 0 || words.len() <= 4)
        && ordinary.count() == 0
        && !is_sign_off(value)
}

//! Whether one mail holds a second issue, where the desk takes one a mail (POLICY.md, `kynect-psl`).

use super::{Phrases, Told};
use crate::desk::Desk;

/// Whether the words begin another issue; `summaries`: how many different summaries labels give.
pub fn several(desk: &Desk, phrases: &Phrases, told: Told<'_>, summaries: usize) -> bool {
    if !desk.issues.one {
        return false;
    }
    let begins = |text: &str| phrases.read(text).iter().any(|said| !said.heard(&phrases.another_issue).is_empty());
    summaries > 1 || begins(told.subject) || begins(told.body) || numbered_questions(told.body) > 1
}

/// How many entries of a numbered list ask something. Steps and facts that are numbered ask nothing.
fn numbered_questions(text: &str) -> usize {
    let (mut found, mut open) = (0, false);
    for line in text.lines().map(str::trim) {
        open = is_numbered(line) || (open && !line.is_empty());
        if open && line.ends_with('?') {
            found += 1;
            open = false;
        }
    }
    found
}

/// `1. …`, `2) …`, `(3) …`
fn is_numbered(line: &str) -> bool {
    let counted = line.trim_start_matches('(');
    let behind = counted.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = behind.strip_prefix(['.', ')']).filter(|_| behind.len() < counted.len());
    mark.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_of_a_numbered_list_are_counted() {
        for (text, expected) in [
            ("1. When is it due?\n2. Where does it go?", 2),
            ("1) When is it\ndue?\n\n2) Where does it go?", 2),
            ("1. A bakery\n2. A bus\nAre both counted?", 1),
            ("1. Opened it\n2. Pressed Save", 0),
            ("Is it 16.5 percent? Or 20?", 0),
            ("", 0),
        ] {
            assert_eq!(numbered_questions(text), expected, "{text:?}");
        }
    }
}

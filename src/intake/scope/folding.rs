//! Words of a text, folded so that a policy's phrase and a person's typing meet.
//!
//! Folding: NFKD without marks, lower case, apostrophes dropped (`didn’t` is `didnt`), plural endings dropped
//! (`commissions` is `commission`, `policies` is `policy`). Both sides fold the same way, so that what a stem looks
//! like does not matter.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The folded word.
    pub word: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
    /// Whether a comma, semicolon, colon, bracket or dash stands between it and the word before.
    pub pause: bool,
}

/// The words of `text`, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut pause = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if is_word_char(c) {
            if word.is_empty() {
                start = at;
            }
            fold_into(&mut word, c);
        } else if !is_apostrophe(c) || word.is_empty() {
            push(&mut found, &mut word, start..at, &mut pause);
            let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
            pause |= is_pause(before, c, next);
            if c == '&' {
                found.push(Token { word: "and".into(), at: at..at + 1, pause: false });
            }
        }
        before = c;
    }
    push(&mut found, &mut word, start..text.len(), &mut pause);
    found
}

/// The folded words of a policy's phrase; `*` and `|` are kept as they are written.
pub fn folded(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.word).collect()
}

fn push(found: &mut Vec<Token>, word: &mut String, at: Range<usize>, pause: &mut bool) {
    if word.is_empty() {
        return;
    }
    let word = stem(std::mem::take(word));
    found.push(Token { word, at, pause: std::mem::take(pause) });
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | '\u{ad}' | '\u{200b}'..='\u{200d}')
}

/// A hyphen inside a word joins; one that stands free, or any longer dash, is a pause.
fn is_pause(before: char, c: char, next: char) -> bool {
    match c {
        ',' | ';' | ':' | '(' | ')' | '[' | ']' | '–' | '—' | '|' | '•' | '…' | '.' | '?' | '!' | '\n' => true,
        '-' => before.is_whitespace() || next.is_whitespace() || before == '-' || next == '-',
        _ => false,
    }
}

fn fold_into(word: &mut String, c: char) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    let plain = std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part));
    word.extend(plain.flat_map(char::to_lowercase));
}

fn stem(mut word: String) -> String {
    let plural = word.len() >= 4 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if !plural || !word.is_ascii() || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return word;
    }
    word.pop();
    if word.len() > 4 && word.ends_with("ie") {
        word.truncate(word.len() - 2);
        word.push('y');
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        for (text, expected) in [
            ("Didn’t get PAID", "didnt get paid"),
            ("the member's policies", "the member policy"),
            ("Müller's Commissions!!", "muller commission"),
            ("MA-PD & Part D", "ma pd and part d"),
            ("status", "status"),
            ("", ""),
        ] {
            assert_eq!(folded(text).join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn pauses_are_seen() {
        let pauses = |text| tokens(text).iter().map(|token| token.pause).collect::<Vec<_>>();
        assert_eq!(pauses("card, not paid"), [false, true, false]);
        assert_eq!(pauses("stand-alone plan - card"), [false, false, false, true]);
    }
}

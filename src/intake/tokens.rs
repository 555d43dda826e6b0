//! A subject in tokens: words as written, and what parted them.

use super::text;

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Only spaces, or the start.
    Space,
    /// A hyphen without spaces.
    Hyphen,
    /// A colon, a dash with a space, a bar, a slash, a bracket and the like.
    Separator,
    /// A comma, whatever stands beside it.
    Comma,
}

/// One word of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As written, without quotation marks around it.
    pub text: String,
    /// Letters and digits, folded, without a possessive `'s`.
    pub key: String,
    /// What stands before it.
    pub gap: Gap,
    /// Whether it was written with a possessive `'s`.
    pub possessive: bool,
    /// Whether `/`, `&` or `+` stands before it: it is joined to the word before.
    pub joined: bool,
}

/// The words of a cleaned subject.
pub fn tokens(subject: &str) -> Vec<Token> {
    let chars: Vec<char> = subject.chars().collect();
    let mut tokens = Vec::new();
    let mut word = String::new();
    let (mut gap, mut joined) = (Gap::Space, false);
    for (at, c) in chars.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        if is_word_char(c) || (c == '.' && !word.is_empty() && is_abbreviation(&word, after)) {
            word.push(c);
            continue;
        }
        push(&mut tokens, &mut word, &mut gap, &mut joined);
        let tight = before.is_some_and(is_word_char) && after.is_some_and(is_word_char);
        gap = gap.max(match c {
            ' ' | '"' | '\u{201C}' | '\u{201D}' => Gap::Space,
            ',' | '\u{FF0C}' | ';' => Gap::Comma,
            c if text::is_dash(c) && tight => Gap::Hyphen,
            _ => Gap::Separator,
        });
        joined |= matches!(c, '/' | '&' | '+');
    }
    push(&mut tokens, &mut word, &mut gap, &mut joined);
    tokens
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || text::is_apostrophe(c) || unicode_normalization::char::is_combining_mark(c)
}

/// A full stop belongs to an initial or a short form: `J.`, `Jr.`, `St.`; at the end of a longer word it only ends a sentence.
fn is_abbreviation(word: &str, after: Option<char>) -> bool {
    let letters = word.rsplit('.').next().map_or(0, |last| last.chars().count());
    letters <= 3 && word.chars().any(char::is_alphabetic) && !(letters > 1 && after.is_some_and(char::is_alphabetic))
}

fn push(tokens: &mut Vec<Token>, word: &mut String, gap: &mut Gap, joined: &mut bool) {
    let text = word.trim_matches(|c: char| text::is_apostrophe(c) || c == '\u{2032}');
    if text.chars().any(char::is_alphanumeric) {
        let (bare, possessive) = without_possessive(text);
        let token = Token { text: bare.to_owned(), key: text::key(bare), gap: *gap, possessive, joined: *joined };
        tokens.push(token);
        (*gap, *joined) = (Gap::Space, false);
    }
    word.clear();
}

fn without_possessive(word: &str) -> (&str, bool) {
    let mut chars = word.char_indices().rev();
    match (chars.next(), chars.next()) {
        (Some((_, 's' | 'S')), Some((at, c))) if text::is_apostrophe(c) && at > 1 => (&word[..at], true),
        _ => (word, false),
    }
}

/// The text of `tokens` with the spaces and hyphens that stood in it.
pub fn join(tokens: &[Token]) -> String {
    let mut joined = String::new();
    for (place, token) in tokens.iter().enumerate() {
        if place > 0 {
            joined.push(if token.gap == Gap::Hyphen { '-' } else { ' ' });
        }
        joined.push_str(&token.text);
    }
    joined
}

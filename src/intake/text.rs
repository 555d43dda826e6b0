//! Folding: how two texts are compared, and what is dropped before anything is read.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Bytes of a text that are read as a request: some five thousand words. What stands behind them reaches whoever works the
/// case, and nothing is decided by it; so the longest mail is judged as fast as a long letter.
pub const READ_AT_MOST: usize = 32 << 10;

/// The beginning of `text` that is read as a request: whole lines where there are any, at most [`READ_AT_MOST`] bytes.
pub fn as_read(text: &str) -> &str {
    if text.len() <= READ_AT_MOST {
        return text;
    }
    let cut = text.get(..text.floor_char_boundary(READ_AT_MOST)).unwrap_or_default();
    cut.rfind('\n').and_then(|end| cut.get(..end)).unwrap_or(cut)
}

/// Whether `c` shows nothing and means nothing here: zero-width characters, byte order marks, soft hyphens, marks of
/// writing direction, variation selectors.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Whether `c` is an apostrophe, straight, curly or a look-alike.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{02B9}' | '\u{2032}' | '`' | '\u{00B4}' | '\u{FF07}')
}

/// Whether `c` is a hyphen or a dash of any length.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

/// `text` on one line: NFC, invisible characters dropped, every run of white space one space, none at the ends.
pub fn clean(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).map(space_for_control).nfc().collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` with its lines: NFC, invisible characters dropped, no-break spaces turned into spaces.
pub fn clean_lines(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_whitespace() && !matches!(c, '\n' | '\t') { ' ' } else { c })
        .nfc()
        .collect()
}

fn space_for_control(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// Lower case without accents; letters that Unicode does not take apart are written as their usual base letters.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            c if is_combining_mark(c) || is_invisible(c) => {}
            'ß' => folded.push_str("ss"),
            'Æ' | 'æ' => folded.push_str("ae"),
            'Œ' | 'œ' => folded.push_str("oe"),
            'Ø' | 'ø' => folded.push('o'),
            'Ł' | 'ł' => folded.push('l'),
            'Đ' | 'đ' | 'Ð' | 'ð' => folded.push('d'),
            'Þ' | 'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// The letters and digits of `text`, folded: what labels and line names are compared by.
pub fn key(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The words of `text`, folded; an apostrophe inside a word is dropped, everything else parts words.
pub fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric() && !is_apostrophe(c))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// How many words of `text` hold a letter or a digit.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// Whether `text` has letters and all of them that have a case are capitals.
pub fn is_all_caps(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// Whether `text` has letters and none of them is a capital.
pub fn is_all_lower(text: &str) -> bool {
    text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
}

/// Whether the first letter of `word` is a capital (or has no case).
pub fn is_capitalised(word: &str) -> bool {
    word.chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase())
}

/// Whether `text` begins with a capital letter.
pub fn is_capitalised_here(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
}

/// Whether `short` and `long` differ by at most `edits` insertions, deletions, replacements and transpositions.
/// Words longer than 40 letters are never near: the answer stays cheap on hostile text.
pub fn within_edits(short: &str, long: &str, edits: usize) -> Option<usize> {
    let (a, b) = (short.chars().count(), long.chars().count());
    if a > 40 || b > 40 || a.abs_diff(b) > edits {
        return None;
    }
    let distance = strsim::osa_distance(short, long);
    (distance <= edits).then_some(distance)
}

/// How many edits make a typo of a word with so many letters (POLICY.md, Subject): none under six letters, one up to
/// seven, two from eight.
pub fn typo_edits(letters: usize) -> usize {
    match letters {
        0..6 => 0,
        6..8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_folded() {
        for (text, expected) in [
            ("José  Muñoz", "jose  munoz"),
            ("O\u{2019}Brien", "o\u{2019}brien"),
            ("Łukasz Ørsted Weiß", "lukasz orsted weiss"),
            ("ＡＢＣ", "abc"),
        ] {
            assert_eq!(fold(text), expected, "{text:?}");
        }
        assert_eq!(clean("\u{FEFF} Smith,\u{00A0}Ja\u{200B}ne\tMedi\u{00AD}care \u{200E}"), "Smith, Jane Medicare");
        assert_eq!(words("Agent's Name / SAN#"), ["agents", "name", "san"]);
        assert_eq!(key("Member ID #"), "memberid");
        assert_eq!(within_edits("medicaer", "medicare", 2), Some(1));
    }
}

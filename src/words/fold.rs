//! Folding: the one form in which words of a policy and words of a mail are compared.

use unicode_normalization::UnicodeNormalization;

/// `text` as it is compared: NFC, lower case, one kind of apostrophe, quotation mark and dash, invisible characters
/// dropped, white space folded to single spaces and dropped at the ends. Accents stay: `José` is not `Jose`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        // ASCII is in its normal form; most of a policy and of a mail is ASCII.
        return folded(text.chars().map(|c| c.to_ascii_lowercase()), text.len());
    }
    folded(text.nfc().flat_map(char::to_lowercase), text.len())
}

/// The characters as [`fold`] has them; they are composed and in lower case already.
fn folded(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut folded = String::with_capacity(room);
    let mut space = false;
    for c in chars {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if is_invisible(c) || c.is_control() {
            continue;
        }
        if space && !folded.is_empty() {
            folded.push(' ');
        }
        space = false;
        folded.push(plain(c));
    }
    folded
}

/// Zero-width and direction characters, soft hyphens and the byte order mark: nobody sees them, mail is full of them.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// The typewriter's form of typographic marks.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2b9}' | '\u{2032}' | '`' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(&fold(&once), &once);
        }
    }

    #[test]
    fn what_looks_alike_is_alike() {
        for (text, folded) in [
            ("  Can\u{2019}t\u{a0}\u{200b}GET \t it ", "can't get it"),
            ("Part\u{2013}D", "part-d"),
            ("Jose\u{301}", "jos\u{e9}"),
            ("\u{201c}N/A\u{201d}", "\"n/a\""),
            ("", ""),
            (" \u{feff} ", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }
}

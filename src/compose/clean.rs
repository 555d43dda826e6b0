//! What others wrote, made fit for a mail of ours: one line or several, without control or invisible characters,
//! masked, bounded, and without anything that a mail program would turn into a link.

use crate::words::mask::mask;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// A value of one line holds at most so many characters.
pub const LINE_CHARACTERS: usize = 300;
/// A text of several lines holds at most so many characters.
pub const TEXT_CHARACTERS: usize = 12_000;
/// What stands for what was cut.
pub const CUT: &str = "…";

/// What stands for a link that a requester wrote.
pub const LINK: &str = "(link removed)";

static LINKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}:/{2,3}|www\d{0,2}\.|(?:mailto|javascript|vbscript):)[^\s<>]+")
        .expect("a pattern that the tests compile")
});
static DOMAINS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+(?:/[^\s<>]*)?").expect("a pattern that the tests compile")
});

/// `value` as one line: white space and line ends folded, bounded, masked, links out.
pub fn line(value: &str) -> String {
    bounded(&without_links(&mask(&fold(value))), LINE_CHARACTERS)
}

/// `value` as lines: line ends kept, runs of empty lines folded to one, bounded, masked, links out.
pub fn text(value: &str) -> String {
    let lines = unmarked_lines(value);
    bounded(&without_links(&mask(&lines)), TEXT_CHARACTERS)
}

/// What a member of staff wrote: as [`text`], with its links left in.
pub fn staff_text(value: &str) -> String {
    bounded(&mask(&unmarked_lines(value)), TEXT_CHARACTERS)
}

/// All white space, line ends too, folded to single spaces; control and invisible characters dropped.
pub fn fold(value: &str) -> String {
    let spaced: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(visible).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `characters` of `value`, cut at a character, with a mark where something was cut.
pub fn bounded(value: &str, characters: usize) -> String {
    match value.char_indices().nth(characters) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}{CUT}", value[..end].trim_end()),
    }
}

/// The lines of `value`, folded. What is far beyond the bound is not read at all: a long mail costs no more.
fn unmarked_lines(value: &str) -> String {
    let end = value.char_indices().nth(4 * TEXT_CHARACTERS).map_or(value.len(), |(end, _)| end);
    let value = &value[..end];
    let mut lines: Vec<String> = Vec::new();
    for line in value.replace("\r\n", "\n").split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}']) {
        let line = fold(line);
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.join("\n")
}

/// Links are taken out whole; a bare domain name (`evil.example.com`, `a@b.com`) is parted by an invisible word joiner,
/// so that it reads the same and no mail program makes a link of it.
fn without_links(value: &str) -> String {
    let without = LINKS.replace_all(value, LINK);
    DOMAINS.replace_all(&without, |found: &Captures<'_>| part_domain(&found[0])).into_owned()
}

fn part_domain(found: &str) -> String {
    let host = found.split('/').next().unwrap_or(found);
    let known = psl::suffix(host.to_lowercase().as_bytes()).is_some_and(|suffix| suffix.is_known());
    if !known {
        return found.to_owned();
    }
    if found.contains('/') { LINK.to_owned() } else { found.replace('.', ".\u{2060}") }
}

/// Whether a reader sees the character: not zero-width, not a direction override, not a tag, not private.
fn visible(c: &char) -> bool {
    !matches!(*c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_bounded_and_bare() {
        for (value, clean) in [
            ("  Jane\r\n Bcc: x@y  ", "Jane Bcc: x@y"),
            ("a\u{202e}b\u{200b}c\u{0}d", "abc d"),
            ("see https://evil.example/x?y now", "see (link removed) now"),
            ("javascript:alert(1)", "(link removed)"),
            ("Tel: 555-0100, file:claim", "Tel: 555-0100, file:claim"),
            ("www.evil.com", "(link removed)"),
            ("evil.com/pay", "(link removed)"),
            ("pay at evil.com today", "pay at evil.\u{2060}com today"),
            ("9.5 of St.Louisx, e.g.", "9.5 of St.Louisx, e.g."),
            ("SSN 123-45-6789", "SSN ***-**-****"),
        ] {
            assert_eq!(line(value), clean, "{value:?}");
        }
        assert_eq!(line(&"é".repeat(1000)).chars().count(), LINE_CHARACTERS + 1);
        assert_eq!(text("\r\n\r\na\r\n\r\n\r\n b\rc\n\n"), "a\n\nb\nc");
        assert_eq!(staff_text("see https://example.com/a"), "see https://example.com/a");
    }
}

//! What stands around a subject and is not read: reply and forward marks, gateway tags, our own tags.

use super::text;
use super::vocabulary::Vocabulary;
use crate::words::numbers;

/// Characters of a subject that are read; no template is longer, and hostile ones stay cheap.
const LENGTH: usize = 1000;

/// The subject as it is read: cleaned, without any run of reply and forward marks, gateway tags and tags of ours in any mixture.
pub fn bare(voc: &Vocabulary<'_>, subject: &str) -> String {
    let subject: String = subject.chars().take(LENGTH).collect();
    let (_, subject) = numbers::take_tags(&voc.desk.numbering, &text::clean(&subject));
    let mut rest = without_bracketed_tags(voc, &subject);
    loop {
        let shorter = without_mark(voc, &rest).or_else(|| without_leading_tag(voc, &rest));
        let shorter = shorter.or_else(|| without_own_tag(voc, &rest));
        match shorter {
            Some(shorter) => rest = shorter,
            None => return text::clean(&rest),
        }
    }
}

/// A tag by which the desk tells its own gateway, at either end and apart from other words.
fn without_own_tag(voc: &Vocabulary<'_>, subject: &str) -> Option<String> {
    let subject = subject.trim();
    let is_tag = |found: Option<&str>, tag: &str| found.is_some_and(|found| found.eq_ignore_ascii_case(tag));
    let apart = |rest: &str, joins: Option<char>| rest.is_empty() || joins.is_some_and(|c| !c.is_alphanumeric());
    voc.parts.subject.own_tags.iter().find_map(|tag| {
        if is_tag(subject.get(..tag.len()), tag) {
            let rest = subject.get(tag.len()..)?;
            return apart(rest, rest.chars().next()).then(|| rest.to_owned());
        }
        let cut = subject.len().checked_sub(tag.len())?;
        let rest = subject.get(..cut).filter(|_| is_tag(subject.get(cut..), tag))?;
        apart(rest, rest.chars().next_back()).then(|| rest.to_owned())
    })
}

/// A reply mark at the start: `Re:`, `RE[2]:`, `Fwd (3) :`.
fn without_mark(voc: &Vocabulary<'_>, subject: &str) -> Option<String> {
    let subject = subject.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '*' | '>'));
    let (before, after) = subject.split_once([':', '\u{FF1A}', '\u{A789}'])?;
    if before.len() > 24 {
        return None;
    }
    let word: String = before.chars().filter(|c| !c.is_whitespace()).collect();
    let word = text::fold(&word);
    let count = word.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^' | '.'));
    voc.marks.contains(count).then(|| after.to_owned())
}

/// A gateway tag that needs no brackets, at the start: `EXTERNAL:`, `CAUTION -`.
fn without_leading_tag(voc: &Vocabulary<'_>, subject: &str) -> Option<String> {
    let subject = subject.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '#' | '!' | '~'));
    let folded: String = subject.chars().take(60).map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    voc.tags.iter().find_map(|tag| {
        let behind = folded.strip_prefix(tag.as_str())?;
        let behind = behind.trim_start_matches(['*', '#', '!', '~', ' ']);
        let mut next = behind.chars();
        let ends = match next.next() {
            None | Some(':') => true,
            Some(c) => text::is_dash(c) && next.next().is_some_and(|c| c == ' ' || text::is_dash(c)),
        };
        let skipped = folded.chars().count() - behind.chars().count();
        let rest: String = subject.chars().skip(skipped).collect();
        ends.then(|| rest.trim_start_matches(|c: char| c == ':' || c == ' ' || text::is_dash(c)).to_owned())
    })
}

/// Gateway tags in brackets or between marks, wherever they stand: `[EXTERNAL]`, `(secure)`, `#secure#`, `*EXT*`.
fn without_bracketed_tags(voc: &Vocabulary<'_>, subject: &str) -> String {
    let chars: Vec<char> = subject.chars().collect();
    let mut rest = String::with_capacity(subject.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        match closing(*c).and_then(|close| tag_until(voc, &chars, at, close)) {
            Some(end) => {
                rest.push(' ');
                at = end;
            }
            None => {
                rest.push(*c);
                at += 1;
            }
        }
    }
    rest
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        '*' => '*',
        '#' => '#',
        '_' => '_',
        _ => return None,
    })
}

/// Where the tag that opens at `open` ends, if it is one that the desk lists. Looks 60 characters ahead at most.
fn tag_until(voc: &Vocabulary<'_>, chars: &[char], open: usize, close: char) -> Option<usize> {
    let inner: String = chars.iter().skip(open + 1).take(60).take_while(|c| **c != close).collect();
    let end = open + 1 + inner.chars().count();
    if chars.get(end) != Some(&close) {
        return None;
    }
    let folded = text::words(&inner).join(" ");
    (!folded.is_empty() && voc.tags.contains(&folded)).then_some(end + 1)
}

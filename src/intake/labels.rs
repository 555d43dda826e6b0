//! Labels: where a line says which field follows, without regard to case, punctuation, numbering, bullets, emphasis,
//! `(Required)` and small typos (POLICY.md, Body fields).

use super::text;
use super::vocabulary::{Target, Vocabulary, is_number_word};
use crate::desk::FieldRole;

/// What stands between a label and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `:` or `=`.
    Strong,
    /// A tab or a bar: the next table cell.
    Cell,
    /// A dash.
    Dash,
    /// `#`, or two spaces and more.
    Weak,
    /// One space.
    Space,
    /// Nothing: the line ends.
    End,
}

/// A label found in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it names; several where labels are joined: `Member Name / ID:`.
    pub targets: Vec<Target>,
    /// What follows it.
    pub separator: Separator,
    /// Byte offset in the line where the label begins.
    pub start: usize,
    /// Byte offset in the line where the value begins.
    pub value: usize,
    /// How many words the label has.
    pub words: usize,
    /// Whether it was read in spite of a typo.
    pub typo: bool,
}

/// One word of a line.
#[derive(Clone, Debug)]
struct Word {
    start: usize,
    end: usize,
    key: String,
}

/// Longest bracket that may stand between a label and its separator, in bytes.
const BRACKET: usize = 80;
/// Words of a label at most.
const WORDS: usize = 9;

/// The label that `line` begins with, if it begins with one.
///
/// `head` is the first word of the label before it, which this one may leave out: `Member: … ID: …`.
pub fn at_start(voc: &Vocabulary<'_>, line: &str, head: &str) -> Option<Hit> {
    let start = after_bullets(line);
    let hit = at(voc, line, start, head).or_else(|| {
        let rest = line.get(start..)?;
        let word = rest.split_whitespace().next()?;
        let determiner = matches!(text::key(word).as_str(), "my" | "the" | "your" | "our");
        determiner.then(|| at(voc, line, start + word.len() + 1, head)).flatten()
    });
    match hit {
        Some(hit) if !matches!(hit.separator, Separator::Weak | Separator::Space) => Some(hit),
        unsure => with_typo(voc, line, start).or(unsure),
    }
}

/// The label that `line` begins with as the desk lists it, without a look at typos or words before it.
pub fn listed_at_start(voc: &Vocabulary<'_>, line: &str) -> Option<Hit> {
    at(voc, line, after_bullets(line), "")
}

/// The labels within `line` behind byte `from`, each followed by `:`, `=` or a dash, in order.
pub fn within(voc: &Vocabulary<'_>, line: &str, from: usize, head: &str) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut head = head.to_owned();
    let mut next = from;
    for start in word_starts(line, from) {
        if start < next {
            continue;
        }
        if let Some(hit) =
            at(voc, line, start, &head).filter(|hit| matches!(hit.separator, Separator::Strong | Separator::Dash))
        {
            next = hit.value;
            head = self::head(voc, line, &hit);
            hits.push(hit);
        }
    }
    hits
}

/// Bytes of `line` at which a word begins behind a space, a bracket or a mark that parts fields.
fn word_starts(line: &str, from: usize) -> impl Iterator<Item = usize> {
    let mut before = ' ';
    line.char_indices().filter_map(move |(at, c)| {
        let starts = at >= from
            && c.is_alphanumeric()
            && (before.is_whitespace() || matches!(before, ',' | ';' | '|' | '(' | '*' | '_' | '/' | '\u{2022}' | '.'));
        before = c;
        starts.then_some(at)
    })
}

/// Where the words of a line begin, behind bullets, numbering, quotation and emphasis.
pub fn after_bullets(line: &str) -> usize {
    let mut at = 0;
    loop {
        let Some(rest) = line.get(at..) else { return at };
        let shorter = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '#' && c != '\t');
        let shorter = shorter.trim_start_matches(['#', '\t']);
        let shorter = without_number(shorter);
        if shorter.len() == rest.len() {
            return at;
        }
        at = line.len() - shorter.len();
    }
}

/// `rest` behind `1.`, `2)`, `a)`, `iv.`: a short counter and a mark; a number may touch the label (`1.Agent Name`).
fn without_number(rest: &str) -> &str {
    let counter: String = rest.chars().take(4).take_while(|c| c.is_ascii_alphanumeric()).collect();
    let digits = !counter.is_empty() && counter.len() < 3 && counter.chars().all(|c| c.is_ascii_digit());
    let roman = !counter.is_empty() && counter.chars().all(|c| matches!(c, 'i' | 'v' | 'x'));
    if !digits && !roman && counter.len() != 1 {
        return rest;
    }
    let mut behind = rest.get(counter.len()..).unwrap_or_default().chars();
    let mark = behind.next();
    let marked = mark.is_some_and(|c| matches!(c, '.' | ')' | ']') || (digits && matches!(c, ':' | '-' | '\t')));
    let behind = behind.as_str();
    let touches = digits && behind.starts_with(|c: char| c.is_alphabetic() || c == '*');
    if marked && (behind.starts_with(char::is_whitespace) || touches) { behind.trim_start() } else { rest }
}

/// The longest label that begins at byte `start` and is followed by what can follow a label.
fn at(voc: &Vocabulary<'_>, line: &str, start: usize, head: &str) -> Option<Hit> {
    let words = label_words(line, start);
    let mut found = None;
    let mut key = String::new();
    for (count, word) in words.iter().enumerate() {
        if count > 0 && word.key.len() == 1 && word.key.chars().all(|c| c.is_ascii_digit()) {
            continue;
        }
        let number = count > 0 && is_number_word(&word.key);
        key.push_str(if number { "#" } else { &word.key });
        if key.len() > voc.longest_label {
            break;
        }
        let numbered = format!("{key}#");
        let label = match hash_end(line, word.end) {
            Some(end) => voc.labels.get(&numbered).map(|label| (label, end)),
            None => None,
        };
        let label = label.or_else(|| voc.labels.get(&key).map(|label| (label, word.end)));
        if let Some((label, end)) = label {
            found = followed(voc, line, start, end, label.target, (&words, count)).or(found);
        } else if count == 0
            && !head.is_empty()
            && let Some(label) = voc.labels.get(&format!("{head}{key}"))
            && let Some(hit) = followed(voc, line, start, word.end, label.target, (&words, count))
            && hit.separator == Separator::Strong
        {
            found = Some(hit);
        }
    }
    found
}

/// The first word of a label that names a person: the next label may leave it out.
pub fn head(voc: &Vocabulary<'_>, line: &str, hit: &Hit) -> String {
    let role = hit.targets.first().and_then(|target| match target {
        Target::Field(place) => voc.field(*place).map(|field| field.role),
        Target::Line => None,
    });
    match role {
        Some(FieldRole::RequesterName | FieldRole::MemberName) => {
            label_words(line, hit.start).into_iter().next().map(|word| word.key).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Where a `#` behind byte `end` ends, unless it counts: `Member #2:` is the second member, `Member #:` asks for a number.
fn hash_end(line: &str, end: usize) -> Option<usize> {
    let rest = line.get(end..)?;
    let trimmed = rest.trim_start_matches([' ', '*', '_']);
    let behind = trimmed.strip_prefix('#')?;
    let mut chars = behind.chars();
    let digit = chars.next().is_some_and(|c| c.is_ascii_digit());
    let counter = digit && chars.as_str().trim_start().starts_with([':', '=', '\t', '-', ')']);
    (!counter).then_some(line.len() - behind.len())
}

/// The words that a label at `start` may consist of: up to a mark that cannot stand inside a label.
fn label_words(line: &str, start: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<usize> = None;
    let Some(rest) = line.get(start..) else { return words };
    for (offset, c) in rest.char_indices() {
        let at = start + offset;
        if c.is_alphanumeric() || text::is_apostrophe(c) {
            open.get_or_insert(at);
            continue;
        }
        if let Some(begin) = open.take() {
            push_word(&mut words, line, begin, at);
        }
        if words.len() >= WORDS || !matches!(c, ' ' | '.' | '_' | '/' | '-' | '#' | '*' | '(' | ')' | '&') {
            return words;
        }
    }
    if let Some(begin) = open {
        push_word(&mut words, line, begin, line.len());
    }
    words
}

fn push_word(words: &mut Vec<Word>, line: &str, start: usize, end: usize) {
    let Some(written) = line.get(start..end).filter(|written| written.len() < 40) else {
        words.push(Word { start, end, key: "\u{0}".repeat(64) });
        return;
    };
    let bare = written.trim_end_matches(text::is_apostrophe);
    words.push(Word { start, end: start + bare.len(), key: text::key(written) });
}

/// Reads what follows a label that ends at byte `end`.
fn followed(
    voc: &Vocabulary<'_>,
    line: &str,
    start: usize,
    end: usize,
    target: Target,
    (words, count): (&[Word], usize),
) -> Option<Hit> {
    let after = behind_label(line, end);
    let (separator, value) = separator(line, after)?;
    let hit = Hit { targets: vec![target], separator, start, value, words: count + 1, typo: false };
    if separator == Separator::Strong || separator == Separator::Cell {
        return Some(hit);
    }
    Some(joined(voc, line, after, &hit, words).unwrap_or(hit))
}

/// `Member Name / ID:`, `Agent Name & SAN:`: a second label joined to the first; it may leave out the first one's first word.
fn joined(voc: &Vocabulary<'_>, line: &str, after: usize, first: &Hit, words: &[Word]) -> Option<Hit> {
    let rest = line.get(after..)?;
    let trimmed = rest.trim_start();
    let mark = ["/", "&", "+", "and "].iter().find(|mark| trimmed.starts_with(**mark))?;
    let start = after + (rest.len() - trimmed.len()) + mark.len();
    let start = start + line.get(start..)?.len() - line.get(start..)?.trim_start().len();
    let more = label_words(line, start);
    let head = words.first().map(|word| word.key.as_str()).unwrap_or_default();
    for count in (1..=more.len().min(4)).rev() {
        let key: String = more.iter().take(count).map(|word| word.key.as_str()).collect();
        let second = voc.labels.get(&format!("{head}{key}")).or_else(|| voc.labels.get(&key));
        let (Some(second), Some(last)) = (second, more.get(count - 1)) else { continue };
        if first.targets.contains(&second.target) {
            continue;
        }
        let (separator, value) = separator(line, behind_label(line, last.end))?;
        if matches!(separator, Separator::Strong | Separator::Cell | Separator::End) {
            let targets = vec![*first.targets.first()?, second.target];
            return Some(Hit { targets, separator, value, words: first.words + count, ..first.clone() });
        }
    }
    None
}

/// Skips what belongs to a label behind its words: `#`, `No.`, `(Required)`, emphasis, a counter.
fn behind_label(line: &str, end: usize) -> usize {
    let mut at = end;
    loop {
        let Some(rest) = line.get(at..) else { return at };
        let trimmed = rest.trim_start_matches([' ', '.', '*', '_', '#', '"', '\u{201D}', '?', ']']);
        let trimmed = if trimmed.len() < rest.len() { trimmed } else { rest };
        let shorter = without_bracket(trimmed).or_else(|| without_number_word(trimmed)).unwrap_or(trimmed);
        if shorter.len() == rest.len() {
            return at;
        }
        at = line.len() - shorter.len();
    }
}

/// A bracket goes with the label only where a separator or the end follows it.
fn without_bracket(rest: &str) -> Option<&str> {
    let close = match rest.chars().next()? {
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    let end = rest.char_indices().take(BRACKET).find(|(_, c)| *c == close)?.0;
    let behind = rest.get(end + 1..)?;
    let trimmed = behind.trim_start_matches([' ', '*', '_', '#', '.']);
    let parted = trimmed.is_empty() || trimmed.starts_with([':', '=', '\t', '|', '\u{FF1A}']);
    let dash = trimmed.starts_with(text::is_dash);
    let inner = text::key(rest.get(1..end)?);
    let hint = is_hint(&inner) || inner == "s";
    (parted || dash || hint).then_some(behind)
}

/// `No.`, `Number`; or a counter of one digit before a separator.
fn without_number_word(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let word = rest.get(..end)?;
    let behind = rest.get(end..)?;
    let counter = word.len() == 1
        && word.chars().all(|c| c.is_ascii_digit())
        && behind.trim_start_matches([' ', '*', '.']).starts_with([':', '=', '\t']);
    (counter || (word.len() < 8 && is_number_word(&text::fold(word)))).then_some(behind)
}

/// What parts label and value at byte `at`, and where the value begins.
fn separator(line: &str, at: usize) -> Option<(Separator, usize)> {
    let rest = line.get(at..)?;
    let trimmed = rest.trim_start_matches([' ', '*', '_', '"']);
    let value = line.len() - trimmed.len();
    let hash = at.checked_sub(1).and_then(|before| line.as_bytes().get(before)) == Some(&b'#')
        || line.get(..at).is_some_and(|label| label.trim_end().ends_with('#'));
    let hinted = line.get(..at).is_some_and(|label| label.trim_end().ends_with(')'));
    let Some(first) = trimmed.chars().next() else { return Some((Separator::End, line.len())) };
    let behind = value + first.len_utf8();
    match first {
        ':' | '=' | '\u{FF1A}' | '\u{2192}' => Some((Separator::Strong, behind_hint(line, behind))),
        '\t' | '|' => Some((Separator::Cell, behind_hint(line, behind))),
        c if text::is_dash(c) => {
            let next = line.get(behind..).and_then(|rest| rest.chars().next());
            if next.is_some_and(|c| c == '>' || c == ':' || text::is_dash(c)) {
                return Some((Separator::Strong, behind));
            }
            let before = line.get(..value).is_some_and(|label| label.ends_with(' '));
            let spaced = before || next.is_none_or(char::is_whitespace);
            let number = next.is_some_and(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
            let words = line.get(..at).map_or(0, |label| text::words(label).len());
            (spaced || number || words > 1).then_some((Separator::Dash, behind))
        }
        _ if hash || hinted || rest.starts_with("  ") || ends_with_spaces(line, at) => Some((Separator::Weak, value)),
        c if c.is_alphanumeric() || matches!(c, '#' | '(' | '[' | '/' | '&' | '+') => Some((Separator::Space, value)),
        _ => None,
    }
}

/// `Agent Name: (Required)`: a hint behind the separator belongs to the label, and so does the mark of the next cell.
fn behind_hint(line: &str, value: usize) -> usize {
    let Some(rest) = line.get(value..) else { return value };
    let hint = rest.trim_start_matches([' ', '*', '_']);
    let Some(inner) = hint.strip_prefix(['(', '[']) else { return value };
    let Some((end, _)) = inner.char_indices().take(BRACKET).find(|(_, c)| matches!(c, ')' | ']')) else { return value };
    let is_hint = hint.get(1..end + 1).is_some_and(|inner| is_hint(&text::key(inner)));
    let behind = hint.get(end + 2..).unwrap_or_default().trim_start_matches([' ', '*', '_', ':', '\t', '|']);
    if is_hint { line.len() - behind.len() } else { value }
}

/// What a bracket behind a label says about whether a value is needed.
fn is_hint(key: &str) -> bool {
    matches!(key, "required" | "optional" | "ifapplicable" | "ifany" | "mandatory")
}

fn ends_with_spaces(line: &str, at: usize) -> bool {
    line.get(..at).is_some_and(|label| label.ends_with("  "))
}

/// A label with typos at the start of a line and `:`, `=` or a tab behind it: every word within one edit, words under
/// four letters exact, two edits in all, and no other field's label as near.
fn with_typo(voc: &Vocabulary<'_>, line: &str, start: usize) -> Option<Hit> {
    let rest = line.get(start..)?;
    let end = start + rest.char_indices().take(60).find(|(_, c)| matches!(c, ':' | '=' | '\t' | '\u{FF1A}'))?.0;
    let words = label_words(line, start);
    let words: Vec<&Word> = words.iter().take_while(|word| word.start < end).collect();
    let last = words.last()?;
    if words.len() > WORDS || behind_label(line, last.end) < end && !only_marks(line.get(last.end..end)?) {
        return None;
    }
    let keys: Vec<&str> =
        words.iter().map(|word| word.key.as_str()).filter(|key| !is_number_word(key) && key.len() < 64).collect();
    let letters = keys.iter().map(|key| key.chars().count()).sum::<usize>();
    if !voc.may_look_for_typo() {
        return None;
    }
    let mut near: Vec<(usize, Target)> = voc
        .labels
        .values()
        .filter(|label| label.letters.abs_diff(letters) <= 2)
        .filter_map(|label| Some((edits(&keys, &label.words)?, label.target)))
        .collect();
    near.sort_by_key(|(edits, _)| *edits);
    let (least, target) = near.first().copied()?;
    if near.iter().any(|(edits, other)| *edits == least && *other != target) {
        return None;
    }
    let (separator, value) = separator(line, end)?;
    Some(Hit { targets: vec![target], separator, start, value, words: keys.len(), typo: true })
}

fn only_marks(between: &str) -> bool {
    let hint = without_bracket(between.trim_start_matches([' ', '*', '#', '.'])).unwrap_or(between);
    hint.chars().all(|c| !c.is_alphanumeric())
}

/// How many edits part the words of a label from `words`, if they are near.
fn edits(words: &[&str], label: &[String]) -> Option<usize> {
    if words.is_empty() {
        return None;
    }
    if words.len() != label.len() {
        let (written, listed) = (words.concat(), label.concat());
        let near = listed.len() > 7 && words.len().abs_diff(label.len()) < 2;
        return if near { text::within_edits(&written, &listed, 1) } else { None };
    }
    let mut all = 0;
    for (word, listed) in words.iter().zip(label) {
        let allowed = usize::from(listed.chars().count() > 3 && word.chars().count() > 2);
        all += text::within_edits(word, listed, allowed)?;
    }
    (all <= 2 && label.concat().len() > 5).then_some(all)
}

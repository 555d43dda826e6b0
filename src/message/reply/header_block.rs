//! The block of `From:`, `Sent:`, `To:`, `Subject:` lines that Outlook and its kin put above a quoted or forwarded mail.

use super::Line;
use super::header_label::{HeaderKind, header_fields, header_line};
use super::labels::{LabelKind, label_kind};
use super::pattern::{ADDRESS, DATE, TIME};

/// A block of header lines that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderBlock {
    /// The line after its last one.
    pub end: usize,
    /// Who the mail is from, as written.
    pub from: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
}

/// Lines at most that one long header (a list of recipients) is wrapped over.
const WRAPPED: usize = 6;
/// Lines at most that a block is read from.
const BLOCK: usize = 40;

/// Reads the block that starts at `start`.
///
/// Three headers are needed, one of them the author, one a date or subject, and an address or a date in a value: less than
/// that is somebody's own form. Below a dividing line (`after_marker`) two will do.
///
/// Where there is none, the error is the line up to which none can begin, so that no line is read again and again.
pub(super) fn header_block(lines: &[Line<'_>], start: usize, after_marker: bool) -> Result<HeaderBlock, usize> {
    if lines.get(start).is_none_or(|line| header_line(&line.seen).is_none()) {
        return Err(start + 1);
    }
    let mut block = HeaderBlock { end: start, ..HeaderBlock::default() };
    let mut kinds: Vec<HeaderKind> = Vec::new();
    let mut proof = false;
    let mut at = start;
    while let Some(line) = lines.get(at).filter(|_| at < start + BLOCK) {
        let fields = header_fields(&line.seen);
        if fields.is_empty() {
            match next_header(lines, at, !kinds.is_empty()) {
                Some(next) => {
                    proof |= lines
                        .get(at..next)
                        .is_some_and(|wrapped| wrapped.iter().any(|line| proves(&line.seen, after_marker)));
                    at = next;
                    continue;
                }
                None => break,
            }
        }
        for (kind, value) in fields {
            if kind == HeaderKind::From && block.from.is_none() && !value.is_empty() {
                block.from = Some(value.to_string());
            }
            if kind == HeaderKind::Subject && block.subject.is_none() && !value.is_empty() {
                block.subject = Some(value.to_string());
            }
            proof |= kind != HeaderKind::Subject && proves(value, after_marker);
            kinds.push(kind);
        }
        at += 1;
        block.end = at;
    }
    let needed = if after_marker { 2 } else { 3 };
    let distinct = [HeaderKind::From, HeaderKind::Date, HeaderKind::To, HeaderKind::Subject, HeaderKind::Other]
        .iter()
        .filter(|kind| kinds.contains(kind))
        .count();
    let told = kinds.contains(&HeaderKind::From)
        && (kinds.contains(&HeaderKind::Date) || kinds.contains(&HeaderKind::Subject));
    if distinct >= needed && told && proof { Ok(block) } else { Err(at.max(start + 1)) }
}

/// Whether a header's value can only have come from a mail: an address, or a date with its time, stands in it. Below a dividing line
/// either will do.
fn proves(value: &str, after_marker: bool) -> bool {
    let (date, time) = (DATE.is_match(value), TIME.is_match(value));
    ADDRESS.is_match(value) || (date && time) || (after_marker && (date || time))
}

/// The next header line, where the lines from `at` on are only the rest of a wrapped header or one blank line.
fn next_header(lines: &[Line<'_>], at: usize, inside: bool) -> Option<usize> {
    if !inside {
        return None;
    }
    let first = lines.get(at)?;
    let blank = first.is_blank();
    if !blank && !is_wrapped_rest(first) {
        return None;
    }
    for (ahead, line) in lines.iter().enumerate().skip(at + 1).take(WRAPPED) {
        if header_line(&line.seen).is_some() {
            return Some(ahead);
        }
        if blank || !is_wrapped_rest(line) {
            return None;
        }
    }
    None
}

/// Whether the line between two headers could be the rest of the first: no label of a form stands there.
fn is_wrapped_rest(line: &Line<'_>) -> bool {
    !line.is_blank() && !matches!(label_kind(&line.seen), LabelKind::Form | LabelKind::StrongForm)
}

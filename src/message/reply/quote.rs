//! Finds quoted history: by its marks (`>`), by the header above it, by the dividing line, by what the renderer knew.

use super::attribution::attribution;
use super::header_block::header_block;
use super::header_label::header_line;
use super::markers::{Marker, RULE, marker};
use super::pattern::{pattern, words};
use super::{Class, Line};
use crate::message::lines::LineMark;
use regex::Regex;
use std::cell::Cell;
use std::sync::LazyLock;

/// A mail within the text that has a header block or a dividing line above it.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Its first line: the dividing line, or the first header.
    pub start: usize,
    /// The line after its last one.
    pub end: usize,
}

/// How many quote marks a line begins with. `>100` is a number and no quotation, `>From` is how a mailbox file keeps the word.
pub(super) fn depth(seen: &str, text: &str) -> usize {
    if !seen.starts_with('>') || text.starts_with("        ") {
        return 0;
    }
    if seen.starts_with(">From ") && !seen.starts_with(">From:") {
        return 0;
    }
    if seen.strip_prefix('>').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '=')) {
        return 0;
    }
    seen.chars().take_while(|c| matches!(c, '>' | ' ')).filter(|c| *c == '>').count()
}

/// Gives every quoted line from `from` on its class, and returns the mails with headers among them.
pub(super) fn mark_quoted(lines: &[Line<'_>], classes: &mut [Class], from: usize) -> Vec<Region> {
    let runs = Runs::new(lines);
    let mut regions = Vec::new();
    let mut at = from;
    while let Some(line) = lines.get(at) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        let found = runs.mail_with_headers(lines, at, from).or_else(|| runs.quotation(lines, at));
        let Some(found) = found else {
            at += 1;
            continue;
        };
        let end = found.end.max(at + 1).min(lines.len());
        classes.iter_mut().take(end).skip(found.start).for_each(|class| *class = Class::Quoted);
        if found.mail {
            regions.push(Region { start: at, end });
        }
        at = end;
    }
    regions
}

/// Quoted lines that were found.
struct Found {
    start: usize,
    end: usize,
    /// Whether it is a mail with its own headers.
    mail: bool,
}

/// For each line, what is quoted by marks of its own.
struct Runs {
    /// For each line that is quoted by its marks or the renderer's, the end of its run; 0 for the others.
    ends: Vec<usize>,
    /// For each line, the next one at or below it that is not blank.
    next: Vec<usize>,
    /// Up to here no header block begins: it was looked for in vain.
    barren: Cell<usize>,
}

impl Runs {
    fn new(lines: &[Line<'_>]) -> Self {
        let mut next = vec![lines.len(); lines.len() + 1];
        for (at, line) in lines.iter().enumerate().rev() {
            let below = next.get(at + 1).copied().unwrap_or(lines.len());
            if let Some(slot) = next.get_mut(at) {
                *slot = if line.is_blank() { below } else { at };
            }
        }
        let mut runs = Self { ends: vec![0; lines.len()], next, barren: Cell::new(0) };
        let lone = lone_mark(lines);
        let marked = |at: usize| {
            lines.get(at).is_some_and(|line| line.mark == LineMark::Quoted || (line.depth > 0 && lone != Some(at)))
        };
        let mut end = 0;
        for (at, line) in lines.iter().enumerate().rev() {
            if line.is_blank() || !(marked(at) || runs.is_wrapped_quotation(lines, at, &marked)) {
                continue;
            }
            let below = runs.next_line(at + 1);
            end = if runs.ends.get(below).is_some_and(|end| *end > 0) { end } else { at + 1 };
            if let Some(slot) = runs.ends.get_mut(at) {
                *slot = end;
            }
        }
        runs
    }

    fn next_line(&self, at: usize) -> usize {
        self.next.get(at).copied().unwrap_or(self.next.len().saturating_sub(1))
    }

    /// The end of the run that the line at `at`, or the next one that is not blank, stands in.
    fn run_end(&self, at: usize) -> Option<usize> {
        self.ends.get(self.next_line(at)).copied().filter(|end| *end > 0)
    }

    /// The rest of a quoted line that a mail program wrapped without a mark: it stands right between two quoted lines, begins in
    /// lower case, and the line above it is long and has no end of a sentence.
    fn is_wrapped_quotation(&self, lines: &[Line<'_>], at: usize, marked: &impl Fn(usize) -> bool) -> bool {
        let (Some(above), Some(line)) = (at.checked_sub(1).and_then(|above| lines.get(above)), lines.get(at)) else {
            return false;
        };
        above.depth > 0
            && above.seen.chars().count() >= 55
            && !above.seen.ends_with(['?', '!', ':'])
            && marked(at + 1)
            && lines.get(at + 1).is_some_and(|below| below.depth > 0)
            && line.seen.starts_with(char::is_lowercase)
            && words(&line.seen) <= 8
    }

    /// A dividing line or a header block at `at`, and the mail below it.
    fn mail_with_headers(&self, lines: &[Line<'_>], at: usize, from: usize) -> Option<Found> {
        let line = lines.get(at)?;
        let own = line.depth == 0;
        let seen = if own { line.seen.as_str() } else { strip_marks(&line.seen) };
        if let Some(kind) = marker(seen) {
            let below = self.next_line(at + 1);
            let block = header_block(lines, below, true).ok();
            let told = kind == Marker::Forward || block.is_some() || !seen.ends_with("wrote:");
            if !told {
                return None;
            }
            let end = self.mail_end(lines, at, block.map_or(at + 1, |block| block.end));
            return Some(Found { start: at, end, mail: true });
        }
        if !own {
            return self.quoted_mail(lines, at);
        }
        if at < self.barren.get() {
            return None;
        }
        header_line(seen)?;
        let start = rule_above(lines, at, from);
        let block = match header_block(lines, at, start < at) {
            Ok(block) => block,
            Err(end) => {
                self.barren.set(end);
                return None;
            }
        };
        let end = self.mail_end(lines, at, block.end);
        Some(Found { start, end, mail: true })
    }

    /// A run of quoted lines (`> From: …`) that begins with a header block.
    fn quoted_mail(&self, lines: &[Line<'_>], at: usize) -> Option<Found> {
        let end = self.run_end(at)?;
        header_line(strip_marks(&lines.get(at)?.seen))?;
        let inner: Vec<Line<'_>> = lines.get(at..end.min(at + 40))?.iter().map(unquoted).collect();
        header_block(&inner, 0, false).ok()?;
        Some(Found { start: at, end, mail: true })
    }

    /// Where the mail at `at` ends whose headers end at `headers_end`: with its marks, where it has marks, else with the text.
    fn mail_end(&self, lines: &[Line<'_>], at: usize, headers_end: usize) -> usize {
        let body = self.next_line(headers_end);
        match self.run_end(at).filter(|_| self.next_line(at) == at) {
            Some(end) if end > headers_end && body < end => return end,
            _ => {}
        }
        match self.run_end(headers_end) {
            Some(end) => end,
            None => lines.len(),
        }
    }

    /// A quote header and what stands below it, or a run of quoted lines.
    fn quotation(&self, lines: &[Line<'_>], at: usize) -> Option<Found> {
        if let Some(end) = self.run_end(at).filter(|_| self.next_line(at) == at) {
            return Some(Found { start: at, end, mail: false });
        }
        let count = attribution(lines, at, |below| self.run_end(below).is_some())?;
        let below = at + count;
        let end = match self.run_end(below) {
            Some(end) => end,
            None => piped_end(lines, self.next_line(below)).unwrap_or(lines.len()),
        };
        Some(Found { start: at, end, mail: false })
    }
}

/// The one line with a quote mark, where it is the only one and compares (`> 65 years`): no quotation.
fn lone_mark(lines: &[Line<'_>]) -> Option<usize> {
    static COMPARES: LazyLock<Regex> = LazyLock::new(|| pattern(r"^>\s*[$€£=]?\s*\d"));
    let mut marked = lines.iter().enumerate().filter(|(_, line)| line.depth > 0 && line.mark == LineMark::None);
    match (marked.next(), marked.next()) {
        (Some((at, line)), None) if COMPARES.is_match(&line.seen) => Some(at),
        _ => None,
    }
}

/// Where the dividing line (`________`) right above a header block stands, at most two blank lines away; else the block's start.
fn rule_above(lines: &[Line<'_>], at: usize, from: usize) -> usize {
    for above in (from.max(at.saturating_sub(3))..at).rev() {
        match lines.get(above) {
            Some(line) if line.is_blank() => {}
            Some(line) if RULE.is_match(&line.seen) => return above,
            _ => return at,
        }
    }
    at
}

/// The end of lines quoted by `|`, which counts right below a quote header only: elsewhere it draws tables.
fn piped_end(lines: &[Line<'_>], start: usize) -> Option<usize> {
    let piped = |line: &Line<'_>| line.seen.starts_with('|');
    lines.get(start).filter(|line| piped(line))?;
    let count = lines.iter().skip(start).take_while(|line| piped(line)).count();
    Some(start + count)
}

/// A line's text without its quote marks.
pub(super) fn strip_marks(text: &str) -> &str {
    text.trim_start().trim_start_matches(['>', ' '])
}

/// A line without one level of quote marks.
pub(super) fn unquoted<'a>(line: &Line<'a>) -> Line<'a> {
    let text = line.text.trim_start();
    let text = match text.strip_prefix('>') {
        Some(rest) => rest.strip_prefix(' ').unwrap_or(rest),
        None => line.text,
    };
    let mark = if line.mark == LineMark::Quoted { LineMark::None } else { line.mark };
    Line::new(text, mark)
}

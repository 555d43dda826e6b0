//! Tells the sender's new words from quoted history, signature, disclaimers and gateway banners.
//!
//! Pure, and linear in the size of the text: every line is looked at by a bounded number of patterns, each over a bounded
//! number of bytes. The order: banners at the top, quoted history and forwards (`quote`), boilerplate (`disclaimer`), signatures in what is left
//! (`signature`). Each line gets exactly one class, so no line is ever lost between the three texts.
//!
//! When in doubt a line is the sender's: a field of a form that is taken for a signature is lost to the request, a signature that is
//! taken for words costs nothing but a look.

mod attribution;
mod banner;
mod closing;
mod disclaimer;
mod forward;
mod header_block;
mod header_label;
mod labels;
mod markers;
mod pattern;
mod quote;
mod signature;
mod signature_line;

use crate::message::Forwarded;
use crate::message::lines::{LineMark, MarkedLine};

/// A text, told apart. Together the three texts hold every line of it that is not blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The sender's new words: see [`crate::message::Body::visible`].
    pub visible: String,
    /// Quoted history with its quote headers, quote marks kept; forwarded mail too.
    pub quoted: String,
    /// Signature, disclaimers, and the gateway's banners from the top of the mail, in the order of the text.
    pub signature: String,
    /// Mail that is forwarded inline, outermost first, at most [`DEPTH`] deep. Outlook writes the same block above a mail that it answers
    /// and one that it forwards, so answered mail with such a block is here too; the subject tells which it was.
    pub forwarded: Vec<Forwarded>,
}

/// How deep forwards within forwards are read.
pub const DEPTH: usize = 4;

/// Lines that are told apart at most. What stands below them goes with the last of them: to the quotation where that is quoted, else to
/// the sender's words.
pub const LINES: usize = 4_000;

/// Splits plain text.
pub fn split(text: &str) -> Split {
    let end = text.match_indices('\n').nth(LINES - 1).map_or(text.len(), |(at, _)| at + 1);
    let (told, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let split = split_lines(told.lines().map(|line| Line::new(line, LineMark::None)).collect(), DEPTH);
    with_rest(split, told.lines().next_back(), rest.to_owned())
}

/// Splits HTML that was rendered to lines, with the renderer's hints.
pub fn split_marked(lines: &[MarkedLine]) -> Split {
    let (told, rest) = lines.split_at_checked(LINES).unwrap_or((lines, &[]));
    let marked = told.iter().flat_map(|line| {
        line.text
            .lines()
            .map(|text| Line::new(text, line.mark))
            .chain(line.text.is_empty().then(|| Line::new("", line.mark)))
    });
    let split = split_lines(marked.collect(), DEPTH);
    let rest = rest.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    with_rest(split, told.last().map(|line| line.text.as_str()), rest)
}

/// `split` with the lines that nobody told apart; `last` is the last line that was.
fn with_rest(mut split: Split, last: Option<&str>, rest: String) -> Split {
    if rest.trim().is_empty() {
        return split;
    }
    let last = last.unwrap_or_default().trim_end();
    let quoted = !split.quoted.is_empty() && split.quoted.ends_with(last) && !split.visible.ends_with(last);
    let text = if quoted { &mut split.quoted } else { &mut split.visible };
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(rest.trim_end());
    split
}

/// What a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    #[default]
    New,
    Quoted,
    Signature,
}

/// One line, with what is asked of it again and again.
#[derive(Clone, Debug)]
struct Line<'a> {
    /// As it stands in the text.
    text: &'a str,
    /// What the renderer knew.
    mark: LineMark,
    /// As a person sees it: see [`pattern::seen`].
    seen: String,
    /// Whether nothing stands in it that can be seen.
    blank: bool,
    /// How many `>` it begins with.
    depth: usize,
    /// Whether it can be the last line of a quote header.
    may_end_attribution: bool,
}

impl<'a> Line<'a> {
    fn new(text: &'a str, mark: LineMark) -> Self {
        let seen = pattern::seen(text);
        let depth = quote::depth(&seen, text);
        let may_end_attribution = attribution::may_end(&seen);
        let blank = seen.is_empty() && !text.chars().any(pattern::is_seen);
        Self { text, mark, seen, blank, depth, may_end_attribution }
    }

    fn is_blank(&self) -> bool {
        self.blank
    }
}

fn split_lines(lines: Vec<Line<'_>>, depth: usize) -> Split {
    let mut classes = vec![Class::New; lines.len()];
    let banners = banner::banner_lines(&lines);
    classes.iter_mut().take(banners).for_each(|class| *class = Class::Signature);
    let regions = quote::mark_quoted(&lines, &mut classes, banners);
    signature::mark_signatures(&lines, &mut classes, banners);
    let forwarded = if depth == 0 { Vec::new() } else { forward::read_regions(&lines, &regions, depth) };
    Split {
        visible: text_of(&lines, &classes, Class::New),
        quoted: text_of(&lines, &classes, Class::Quoted),
        signature: text_of(&lines, &classes, Class::Signature),
        forwarded,
    }
}

/// The lines of one class. What stood apart in the text is parted by a blank line; blank lines at the ends are dropped.
fn text_of(lines: &[Line<'_>], classes: &[Class], wanted: Class) -> String {
    let mut text = String::new();
    let mut blank = false;
    for (line, class) in lines.iter().zip(classes) {
        if *class != wanted || line.is_blank() {
            blank = true;
            if *class == wanted && !text.is_empty() {
                // Blank lines are kept as they are between lines of the same class.
                text.push('\n');
            }
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
            if blank && !text.ends_with("\n\n") {
                text.push('\n');
            }
        }
        blank = false;
        text.push_str(line.text.trim_end_matches('\r'));
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

#[cfg(test)]
mod tests;

//! The marks of lines that only their neighbours decide: a header of a mail, an attribution above a bare quote.

use super::super::lines::{LineMark, MarkedLine};
use super::block::Line;
use super::marks::{self, Says};

/// Decides the marks that depend on what stands around a line.
pub(super) fn settle(mut lines: Vec<Line>) -> Vec<MarkedLine> {
    let separator = (0..lines.len()).find(|&at| match lines.get(at).and_then(|l| l.separator) {
        Some(Says::Rest) => true,
        Some(_) => header_of_a_mail(lines.get(at..).unwrap_or_default()),
        None => false,
    });
    if let Some(rest) = separator.and_then(|at| lines.get_mut(at..)) {
        rest.iter_mut().for_each(|line| line.mark = LineMark::Quoted);
    }
    settle_bare_quotes(&mut lines);
    lines.into_iter().map(|line| MarkedLine { text: line.text, mark: line.mark }).collect()
}

/// Whether the lines begin with `From:` and, soon after, another label, in any of the usual languages.
fn header_of_a_mail(lines: &[Line]) -> bool {
    let mut near = lines.iter().filter(|l| !l.text.is_empty()).take(6);
    near.next().is_some_and(|first| marks::is_from_label(&first.text))
        && near.filter(|line| marks::label(&line.text).is_some()).count() >= 2
}

fn settle_bare_quotes(lines: &mut [Line]) {
    let mut decided = (0, false);
    let mut before: Option<usize> = None; // The last line with text.
    for at in 0..lines.len() {
        let Some(line) = lines.get(at) else { return };
        let bare = line.bare;
        if bare != 0 && bare != decided.0 && !line.text.is_empty() {
            let attributed = before.and_then(|b| lines.get(b)).is_some_and(|l| marks::is_attribution(&l.text));
            let inside_decided = decided.1 && before.and_then(|b| lines.get(b)).is_some_and(|l| l.bare != 0);
            let quoted = attributed || inside_decided || header_of_a_mail(lines.get(at..).unwrap_or_default());
            decided = (bare, quoted);
            if attributed && let Some(line) = before.and_then(|b| lines.get_mut(b)) {
                line.mark = LineMark::Quoted;
            }
        }
        let Some(line) = lines.get_mut(at) else { return };
        if bare != 0 && bare == decided.0 && decided.1 {
            line.mark = LineMark::Quoted;
        }
        if !line.text.is_empty() {
            before = Some(at);
        }
    }
}

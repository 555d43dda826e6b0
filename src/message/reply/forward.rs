//! Reads a mail that stands within the text: who it is from, its subject, its own new words.

use super::header_block::header_block;
use super::markers::{Marker, RULE, marker};
use super::quote::{Region, unquoted};
use super::{Line, split_lines};
use crate::message::Forwarded;
use crate::message::lines::LineMark;

/// Reads the mails at `regions`, and what is forwarded within them, outermost first.
pub(super) fn read_regions(lines: &[Line<'_>], regions: &[Region], depth: usize) -> Vec<Forwarded> {
    let mut forwarded = Vec::new();
    for region in regions {
        let own = lines.get(region.start..region.end).unwrap_or_default();
        let (first, mut inner) = read(own, depth);
        inner.iter_mut().for_each(|inner| inner.announced = first.announced);
        forwarded.push(first);
        forwarded.extend(inner);
    }
    forwarded
}

/// Reads one mail, and those within it.
fn read(lines: &[Line<'_>], depth: usize) -> (Forwarded, Vec<Forwarded>) {
    let (lines, mut stripped) = unmarked(lines, false);
    let mut at = next_line(&lines, 0);
    let kind = lines.get(at).and_then(|line| marker(super::quote::strip_marks(&line.seen)));
    let divided = kind.is_some();
    if divided {
        at = next_line(&lines, at + 1);
    }
    // Below its dividing line, a forward by Apple Mail is quoted as a whole.
    let (mut rest, now) = unmarked(lines.get(at..).unwrap_or_default(), stripped);
    stripped = now;
    let start = next_line(&rest, 0);
    let start =
        if rest.get(start).is_some_and(|line| RULE.is_match(&line.seen)) { next_line(&rest, start + 1) } else { start };
    let block = header_block(&rest, start, divided).unwrap_or_default();
    let (body, _) = unmarked(&rest.split_off(block.end.min(rest.len())), stripped);
    let text = body.iter().map(|line| line.text.trim_end_matches('\r')).collect::<Vec<_>>().join("\n");
    let split = split_lines(body, depth - 1);
    let text = text.trim_matches('\n').to_string();
    let first = Forwarded {
        from: block.from,
        subject: block.subject,
        text,
        visible: split.visible,
        attached: false,
        announced: kind == Some(Marker::Forward),
    };
    (first, split.forwarded)
}

/// The lines without one level of marks, where all have one and none was taken yet; and whether one was taken by now.
fn unmarked<'a>(lines: &[Line<'a>], already: bool) -> (Vec<Line<'a>>, bool) {
    let all = |quoted: fn(&Line<'_>) -> bool| lines.iter().all(|line| line.is_blank() || quoted(line));
    if !already && (all(|line| line.depth > 0) || all(|line| line.mark == LineMark::Quoted)) {
        (lines.iter().map(unquoted).collect(), true)
    } else {
        (lines.to_vec(), already)
    }
}

fn next_line(lines: &[Line<'_>], from: usize) -> usize {
    lines.iter().skip(from).take_while(|line| line.is_blank()).count() + from
}

//! How a form is filled in: where several labels are parted from their values in one way, a label that would be too
//! little by itself (one word and a dash, one word on a line of its own) is one too.

use super::labels::{self, Hit, Separator};
use super::text;
use super::vocabulary::{Target, Vocabulary};
use std::collections::HashSet;

/// So many different labels before a dash make a form of it.
const DASHES: usize = 3;
/// So many, where they are written small.
const SMALL_DASHES: usize = 4;
/// So many different labels on lines of their own; more, because a line may hold one such word for other reasons.
const LINES: usize = 4;

/// The ways in which a text parts its labels from its values, besides those that need no other label to be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `Browser - Firefox`
    dashes: bool,
    /// `browser - firefox`
    small_dashes: bool,
    /// `Browser`, and `Firefox` on the next line.
    lines: bool,
}

impl Form {
    /// The form of `lines`.
    pub fn of<'t>(voc: &Vocabulary<'_>, lines: impl Iterator<Item = &'t str>) -> Self {
        let (mut dashes, mut small, mut alone): (HashSet<Target>, HashSet<Target>, HashSet<Target>) =
            Default::default();
        for line in lines.filter(|line| !line.contains('\t')) {
            let Some(hit) = labels::listed_at_start(voc, line) else { continue };
            match hit.separator {
                Separator::Dash if begins_with_capital(line, &hit) => dashes.extend(hit.targets),
                Separator::Dash => small.extend(hit.targets),
                Separator::End if begins_with_capital(line, &hit) => alone.extend(hit.targets),
                _ => {}
            }
        }
        Self { dashes: dashes.len() >= DASHES, small_dashes: small.len() >= SMALL_DASHES, lines: alone.len() >= LINES }
    }

    /// Whether `hit`, at the start of `line`, is a label as the others of the form are.
    pub fn holds(self, line: &str, hit: &Hit) -> bool {
        let capital = begins_with_capital(line, hit);
        match hit.separator {
            Separator::Dash => (self.dashes && capital) || self.small_dashes,
            Separator::End => self.lines && capital,
            _ => false,
        }
    }
}

fn begins_with_capital(line: &str, hit: &Hit) -> bool {
    line.get(hit.start..).is_some_and(text::is_capitalised_here)
}

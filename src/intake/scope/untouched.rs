//! Lines that a message sets aside: "leave her A plan alone", "the A side is fine", "she never had an A policy".
//!
//! Such a line is not asked about, whatever else the message says of it: to send a mail back for a line that nobody asks
//! about is the worse mistake.

use super::verdict::ReadSentence;
use std::collections::BTreeSet;

/// The lines that `body` sets aside, by their places in the policy's list.
pub fn lines(body: &[ReadSentence]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut last: BTreeSet<usize> = BTreeSet::new();
    for read in body {
        let mut here: BTreeSet<usize> = BTreeSet::new();
        for (at, reading) in read.readings.iter().enumerate() {
            if !reading.lines_told.is_empty() {
                here.clone_from(&reading.lines_told);
            }
            if !reading.untouched {
                continue;
            }
            // "It has been answered" says so of what was named before; "for reference" of what comes.
            let meant = if !here.is_empty() {
                &here
            } else if let Some(next) = read.readings.iter().skip(at).find(|next| !next.lines_told.is_empty()) {
                &next.lines_told
            } else {
                &last
            };
            found.extend(meant);
        }
        last = here;
    }
    found
}

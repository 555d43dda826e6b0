//! A signature that nothing marks, below words that are for a requester.

use crate::desk::Staff;

/// `text` without a signature that nothing marks: from the sender's own name on a line by itself on, where only a few
/// short lines follow. The answer names them anyway, and how to reach them is not for the requester.
pub(super) fn unsigned(sender: &Staff, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_name = |line: &&str| {
        let bare = line.trim().trim_matches(|c: char| !c.is_alphanumeric());
        bare.eq_ignore_ascii_case(&sender.name)
    };
    let Some(at) = lines.iter().rposition(is_name) else { return text.to_owned() };
    let below = lines.get(at + 1..).unwrap_or_default();
    let is_short = below.len() <= MOST_SIGNED && below.iter().all(|line| line.chars().count() <= LONGEST_SIGNED);
    if !is_short {
        return text.to_owned();
    }
    lines.get(..at).unwrap_or_default().join("\n").trim_end().to_owned()
}

/// A signature has no more lines below the name ...
const MOST_SIGNED: usize = 8;
/// ... and none longer, in characters.
const LONGEST_SIGNED: usize = 80;

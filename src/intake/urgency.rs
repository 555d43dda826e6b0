//! Whether care is blocked or hours matter (POLICY.md, Urgent), sentence by sentence.
//!
//! The policy's `[urgency]` lists say what counts. Our choice for shouting: `urgent` and `emergency` count unless they are
//! denied or part of a name (`urgent care claim`, `emergency contact`), because a wrong urgent costs a glance and a
//! wrong calm may cost care; `ASAP` alone does not, it is a courtesy of every second mail.

use super::scope::{Vocabulary, overlap, sentences};
use crate::desk::Desk;
use std::ops::Range;

/// The policy's phrase that makes the request urgent, if one does.
pub fn urgent(desk: &Desk, subject: &str, text: &str) -> Option<String> {
    urgent_with(&Vocabulary::of(desk), subject, text)
}

/// The same with a compiled vocabulary.
pub(crate) fn urgent_with(vocabulary: &Vocabulary, subject: &str, text: &str) -> Option<String> {
    sentences(subject).iter().chain(sentences(text).iter()).find_map(|sentence| {
        let tokens = super::scope::tokens(&sentence.text);
        let words = vocabulary.words.read(&tokens);
        let except = vocabulary.urgent_except.find(&words);
        let is_over = !vocabulary.over.find(&words).is_empty() && vocabulary.now.find(&words).is_empty();
        if is_over {
            return None;
        }
        let hits = vocabulary.urgent.find(&words);
        let hit = hits.iter().find(|hit| !except.iter().any(|span| overlap(&span.at, &hit.at)));
        // What stands before such a phrase may still say whose place it is: "works in the emergency room".
        let sure = vocabulary.urgent_surely.find(&words);
        let begins_before = |span: &Range<usize>, at: &Range<usize>| overlap(span, at) && span.start < at.start;
        let sure = sure.iter().find(|hit| !except.iter().any(|span| begins_before(&span.at, &hit.at)));
        vocabulary.urgent_phrases.get(hit.or(sure)?.tag).cloned()
    })
}

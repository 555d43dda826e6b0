//! Mail to a requester of a desk that lets no member data out, to colleagues inside neither (`[privacy] outgoing`).

use crate::compose::context::Context;
use crate::desk::Desk;
use crate::intake::pii::mentions;
use std::ops::Range;

/// What stands for what was left out.
const LEFT_OUT: &str = "***";

/// `context` without what the policy counts as personal, and without what was only quoted. What a person wrote stays, with
/// the member's name and the personal values of the case left out of it.
pub(super) fn without_member_data(desk: &Desk, context: &Context) -> Context {
    let mut plain = context.clone();
    let open = |id: &String| desk.field(id).is_some_and(|field| !field.private);
    plain.fields.retain(|id, _| open(id));
    plain.member = None;
    plain.entries = Vec::new();
    plain.request = None;
    plain.requester = None;
    plain.original_subject = String::new();
    plain.canonical_subject = context.canonical_subject.clone().filter(|_| desk.mail_subject_is_open());
    let all = std::iter::once((context.member.as_ref(), &context.fields))
        .chain(context.entries.iter().map(|entry| (Some(&entry.member), &entry.fields)));
    let all: Vec<_> = all.collect();
    plain.words = context.words.as_deref().map(|words| {
        let found = all.iter().flat_map(|(member, fields)| mentions(desk, *member, fields, words));
        without(words, found.collect())
    });
    plain
}

/// `words` with these ranges left out.
fn without(words: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_by_key(|at| (at.start, std::cmp::Reverse(at.end)));
    let (mut out, mut from) = (String::with_capacity(words.len()), 0);
    for at in found {
        if at.start >= from {
            out.push_str(words.get(from..at.start).unwrap_or_default());
            out.push_str(LEFT_OUT);
        }
        from = from.max(at.end);
    }
    out.push_str(words.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn ranges_that_overlap_are_left_out_once() {
        assert_eq!(without("Ask Dana Lee today", vec![4..12, 9..12]), "Ask *** today");
        assert_eq!(without("Ask Dana Lee today", vec![]), "Ask Dana Lee today");
    }
}

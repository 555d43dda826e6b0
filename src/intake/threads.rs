//! To which case or pending request a message belongs (POLICY.md, Threads and trust), in the order given there.

use crate::address::EmailAddress;
use crate::case::PendingState;
use crate::case::standing::{Standing, Target};
use crate::words::numbers::Tag;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// One, and how.
    One(Target, Route),
    /// More than one fits, and nothing tells which.
    Several,
}

/// How a message was led to what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Our own token in In-Reply-To or References, or a pending token's tag.
    Token,
    /// A Message-ID that we know.
    MessageId,
    /// The case tag in the subject, from a participant.
    Tag,
    /// The subject alone, from the same requester.
    Subject,
}

/// Finds what a message of `author` belongs to.
///
/// `fits_by_subject` tells whether a case's or pending request's subject is the message's; `is_complete` whether the
/// message is a complete request by itself, which the subject alone never leads anywhere. `is_staff`: the author is a
/// member of staff who passes, whom every tag leads to its case.
pub fn find(
    standing: &Standing,
    author: Option<&EmailAddress>,
    is_staff: bool,
    is_complete: bool,
    fits_by_subject: &dyn Fn(&str) -> bool,
) -> Found {
    if let Some(target) = standing.by_token.first() {
        return Found::One(what_became_of(standing, *target), Route::Token);
    }
    let tagged = |wanted: fn(&Target) -> bool| -> Vec<Target> {
        let Some(author) = author else { return Vec::new() };
        let may = |target: Target| is_staff || participates(standing, target, author);
        let named = standing.by_tag.iter().filter(|target| wanted(target) && may(**target));
        let mut targets: Vec<Target> = named.map(|target| what_became_of(standing, *target)).collect();
        targets.sort();
        targets.dedup();
        targets
    };
    // A pending request's tag is its token, as a return's `mailto:` link carries it.
    if let [one] = tagged(|target| matches!(target, Target::Pending(_))).as_slice() {
        return Found::One(*one, Route::Token);
    }
    if let Some(target) = standing.by_message_id.first() {
        return Found::One(what_became_of(standing, *target), Route::MessageId);
    }
    let Some(author) = author else { return Found::Nothing };
    match tagged(|_| true).as_slice() {
        [one] => return Found::One(*one, Route::Tag),
        [] => {}
        _ => return Found::Several,
    }
    if is_complete {
        return Found::Nothing;
    }
    let cases = standing.cases.iter().map(|facts| &facts.case);
    let cases = cases.filter(|case| case.is_open() && case.requester == *author && fits_by_subject(&case.subject));
    let pendings = standing.pendings.iter().map(|facts| &facts.pending);
    let pendings = pendings.filter(|pending| {
        pending.state == PendingState::Open && pending.requester == *author && fits_by_subject(&pending.subject)
    });
    let fitting: Vec<Target> =
        cases.map(|case| Target::Case(case.id)).chain(pendings.map(|pending| Target::Pending(pending.id))).collect();
    match fitting.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(*one, Route::Subject),
        _ => Found::Several,
    }
}

/// A pending request that became a case, or whose member was accepted by another way, leads to that case.
pub(super) fn what_became_of(standing: &Standing, target: Target) -> Target {
    let became = match target {
        Target::Pending(id) => standing
            .pending(id)
            .and_then(|facts| facts.pending.case)
            .filter(|case| standing.case(*case).is_some())
            .map_or(target, Target::Case),
        Target::Case(_) => target,
    };
    merged(standing, became)
}

/// A case that was merged leads to the one that it was merged into.
fn merged(standing: &Standing, mut target: Target) -> Target {
    // As many steps as there are cases: a ring, which nothing writes, ends.
    for _ in &standing.cases {
        let Target::Case(id) = target else { break };
        let into = standing.case(id).and_then(|facts| facts.case.merged_into);
        match into.filter(|into| standing.case(*into).is_some()) {
            Some(into) => target = Target::Case(into),
            None => break,
        }
    }
    target
}

/// Whether `tag` names `target`, or what became of what it names is `target`.
pub fn leads_to(standing: &Standing, tag: &Tag, target: Option<Target>) -> bool {
    let named = standing.named(std::slice::from_ref(tag));
    target.is_some_and(|target| named.iter().any(|one| *one == target || what_became_of(standing, *one) == target))
}

/// Whether `author` is a participant of `target`.
pub fn participates(standing: &Standing, target: Target, author: &EmailAddress) -> bool {
    match target {
        Target::Case(id) => standing.case(id).is_some_and(|facts| facts.case.participants.contains(author)),
        Target::Pending(id) => standing.pending(id).is_some_and(|facts| facts.pending.participants.contains(author)),
    }
}

/// Messages of the author to `target` in the last 24 hours.
pub fn messages_in_day(standing: &Standing, target: Target) -> u32 {
    match target {
        Target::Case(id) => standing.case(id).map_or(0, |case| case.messages_in_day),
        Target::Pending(id) => standing.pending(id).map_or(0, |pending| pending.messages_in_day),
    }
}

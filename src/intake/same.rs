//! Whether two messages speak of the same: the same subject, the same member, nothing but thanks.

use super::complete::complete_with;
use super::request::Request;
use super::scope::{self, ScopeInput, SentenceRole};
use super::vocabulary::Vocabulary;
use super::{alike, marks, members, names, text};
use crate::desk::{Desk, FieldRole};
use crate::words::{MemberName, Reason, ReasonCode};

/// The subject without reply and forward marks, gateway tags and our own tags, as it was written otherwise.
pub fn bare_subject(desk: &Desk, subject: &str) -> String {
    marks::bare(&Vocabulary::of(desk), subject)
}

/// Whether two subjects are one beside marks, tags, case and punctuation. Empty ones are never the same.
pub fn same_subject(desk: &Desk, one: &str, other: &str) -> bool {
    let key = |subject: &str| text::key(&bare_subject(desk, subject));
    let one = key(one);
    !one.is_empty() && one == key(other)
}

/// Whether two names can be one person's (POLICY.md, `member_mismatch`).
pub fn same_member(desk: &Desk, one: &MemberName, other: &MemberName) -> bool {
    let written = |name: &MemberName| names::Written::Ordered(name.clone());
    alike::same_person(&Vocabulary::of(desk), &written(one), &written(other))
}

/// Whether two names as they were written can be one person's.
pub(super) fn same_name(desk: &Desk, one: &str, other: &str) -> bool {
    let voc = Vocabulary::of(desk);
    let (one, other) = (members::people(&voc, one), members::people(&voc, other));
    matches!((one.as_slice(), other.as_slice()), ([one], [other]) if alike::same_person(&voc, one, other))
}

/// Whether `newer` is about another member than `earlier`: the names cannot be one person's, and the ids differ, or
/// `earlier` gave none and `newer` is a complete request by itself. Which name is meant is just what a `member_mismatch`
/// asks, so that its answer is never about another.
pub fn is_about_another(desk: &Desk, earlier: &Request, newer: &Request) -> bool {
    let voc = Vocabulary::of(desk);
    let (before, now) = (complete_with(&voc, earlier), complete_with(&voc, newer));
    let Some(id) = desk.field_of(FieldRole::MemberId) else { return false };
    let other_id = match (before.fields.get(&id.id), now.fields.get(&id.id)) {
        (Some(before), Some(now)) => text::key(before) != text::key(now),
        (None, Some(_)) => now.reasons.is_empty() && !before.reasons.iter().any(asks_which_member),
        _ => false,
    };
    match (before.member, now.member) {
        (Some(before), Some(now)) => other_id && !same_member(desk, &before, &now),
        _ => false,
    }
}

fn asks_which_member(reason: &Reason) -> bool {
    matches!(reason.code, ReasonCode::MemberMismatch | ReasonCode::SeveralMembers)
}

/// Whether `visible` is nothing but thanks and greetings.
pub fn is_bare_thanks(desk: &Desk, visible: &str) -> bool {
    let asked = scope::judge(desk, &ScopeInput { free_text: text::as_read(visible), ..ScopeInput::default() });
    let greeting = |role: SentenceRole| role == SentenceRole::Greeting;
    !asked.sentences.is_empty() && asked.sentences.iter().all(|sentence| greeting(sentence.role))
}

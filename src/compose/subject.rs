//! The subject of a mail of ours.
//!
//! What has a canonical subject bears it, with the tag at the end and no reply mark, in every mail of the case: the
//! words never change, so mail programs keep the thread together and requesters leave it alone. A mail about a
//! request whose subject could not be read answers that subject (`Re: …`). The plain variant has the tag alone; where
//! there is none, the desk's name, which says nothing of the request.

use super::clean;
use super::context::Context;
use crate::desk::Desk;
use crate::words::numbers::{Tag, take_tags};
use crate::words::{ReasonCode, Variant};

/// A subject holds at most so many characters besides its tag.
const SUBJECT_CHARACTERS: usize = 120;

/// The subject for `variant`, without control characters, never empty.
pub fn subject(desk: &Desk, variant: Variant, context: &Context) -> String {
    let tag = context.tag.as_ref().map(|tag| format!("[{}]", tag_text(tag)));
    let words = match variant {
        Variant::Full => full_words(desk, context),
        // A subject that tells no member data is the same for everybody.
        Variant::Plain if desk.mail_subject_is_open() => canonical_words(context),
        Variant::Plain => None,
    };
    match (words, tag) {
        (Some(words), Some(tag)) => format!("{words} {tag}"),
        (Some(words), None) => words,
        (None, Some(tag)) => tag,
        (None, None) => format!("Your message to {}", clean::fold(&desk.name)),
    }
}

/// The number or token that a tag bears.
pub fn tag_text(tag: &Tag) -> &str {
    match tag {
        Tag::Case(number) => &number.0,
        Tag::Pending(token) => &token.0,
    }
}

fn full_words(desk: &Desk, context: &Context) -> Option<String> {
    let canonical = canonical_words(context);
    if canonical.is_some() {
        return canonical;
    }
    let original = without_marks(desk, &context.original_subject);
    (!original.is_empty()).then(|| format!("Re: {}", clean::bounded(&original, SUBJECT_CHARACTERS)))
}

fn canonical_words(context: &Context) -> Option<String> {
    let canonical = context.canonical_subject.as_deref().filter(|_| is_settled(context));
    let words = canonical.map(clean::line).filter(|words| !words.is_empty())?;
    Some(clean::bounded(&words, SUBJECT_CHARACTERS))
}

/// Whether the canonical subject is what the requester meant: nothing that it says is asked for.
fn is_settled(context: &Context) -> bool {
    use ReasonCode::*;
    let unsettling =
        [SubjectUnreadable, LineUnknown, LineConflict, MemberUnknown, MemberMismatch, SeveralMembers, MixedLines];
    !context.reasons.iter().any(|reason| unsettling.contains(&reason.code))
}

/// The original subject without our tags, reply marks and gateway tags at its beginning; cleaned.
pub fn without_marks(desk: &Desk, subject: &str) -> String {
    let (_, untagged) = take_tags(&desk.numbering, &clean::fold(subject));
    let mut rest = untagged.as_str();
    while let Some(shorter) = without_one_mark(desk, rest) {
        rest = shorter.trim_start();
    }
    clean::line(rest)
}

fn without_one_mark<'a>(desk: &Desk, subject: &'a str) -> Option<&'a str> {
    for tag in desk.subject.gateway_tags.iter().filter(|tag| !tag.is_empty()) {
        if subject.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag)) {
            return subject.get(tag.len()..);
        }
    }
    // `Re:`, `RE[2]:`, `AW (3):` …
    let (mark, rest) = subject.split_once(':')?;
    let word = mark.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | ' ' | '^'));
    let known = desk.subject.reply_marks.iter().any(|known| known.eq_ignore_ascii_case(word));
    known.then_some(rest)
}

//! Where no header is believed (`trust = none`): a token of ours that went to the author proves them, because they
//! answer mail that only they had (POLICY.md, Threads and trust).
//!
//! It proves them for what that mail was about and for nothing else: a token of one case that stands in a thread of
//! another opens nothing there, nor does one that went to somebody else, or has expired.

use super::is_unambiguous;
use crate::address::EmailAddress;
use crate::case::standing::{Standing, Target};
use crate::desk::Desk;
use crate::intake::threads;
use crate::message::Message;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::token::{self, About};
use jiff::Timestamp;

/// Whether a token in `In-Reply-To` or `References` proves the author of `message`, which belongs to `target` (`None`:
/// to no case or pending request).
pub fn proves_author(
    (desk, keys): (&Desk, &Keys),
    message: &Message,
    standing: &Standing,
    target: Option<Target>,
    now: Timestamp,
) -> bool {
    let Some(author) = message.author().map(|mailbox| &mailbox.address) else { return false };
    let fits = |id: &String| is_proof((desk, keys), id, author, standing, target, now);
    is_unambiguous(message) && message.in_reply_to.iter().chain(&message.references).any(fits)
}

fn is_proof(
    (desk, keys): (&Desk, &Keys),
    id: &str,
    author: &EmailAddress,
    standing: &Standing,
    target: Option<Target>,
    now: Timestamp,
) -> bool {
    let Some(token) = token::read(keys, &desk.id, &desk.numbering, id) else { return false };
    let is_about_it = match &token.about {
        About::Nothing => target.is_none(),
        About::Case(number) => threads::leads_to(standing, &Tag::Case(number.clone()), target),
        About::Pending(pending) => threads::leads_to(standing, &Tag::Pending(pending.clone()), target),
    };
    is_about_it && token.expires > now && token.went_to(keys, author)
}

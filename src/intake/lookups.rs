//! What the store is asked before a message is decided.

use crate::case::standing::Lookups;
use crate::desk::Desk;
use crate::message::Message;
use crate::words::keys::{Keys, hex};
use crate::words::numbers::{Tag, take_tags};
use crate::words::token::{self, About};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How many ids of a thread are looked up: the newest ones.
const MOST_IDS: usize = 50;

/// What is asked about `message`, whose row is `id`.
pub fn lookups(desk: &Desk, keys: &Keys, message: &Message, id: Uuid) -> Lookups {
    let thread = thread_ids(message);
    let mut tokens = Vec::new();
    for about in
        thread.iter().filter_map(|id| token::read(keys, &desk.id, &desk.numbering, id)).map(|token| token.about)
    {
        let tag = match about {
            About::Case(number) => Tag::Case(number),
            About::Pending(token) => Tag::Pending(token),
            About::Nothing => continue,
        };
        if !tokens.contains(&tag) {
            tokens.push(tag);
        }
    }
    let (tags, bare_subject) = take_tags(&desk.numbering, &message.subject);
    Lookups {
        message: id,
        content_hash: message.content_hash,
        message_id: message.message_id.clone(),
        author: message.author().map(|mailbox| mailbox.address.clone()),
        tokens,
        message_ids: thread,
        tags,
        words_hash: folded_hash(&message.body.visible),
        subject_hash: folded_hash(&super::same::bare_subject(desk, &bare_subject)),
    }
}

/// Ids of the thread, newest first: In-Reply-To, then References from their end; for a report, what it reports on.
pub fn thread_ids(message: &Message) -> Vec<String> {
    let reported = message.report.iter().flat_map(|report| report.original_ids.iter());
    let newest_first = message.in_reply_to.iter().rev().chain(message.references.iter().rev()).chain(reported);
    let mut ids: Vec<String> = Vec::new();
    for id in newest_first {
        if ids.len() < MOST_IDS && !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// A hash by which texts are compared whose case, white space and punctuation differ; empty for a text without words.
fn folded_hash(text: &str) -> String {
    let mut hash = Sha256::new();
    let mut any = false;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        any = true;
        hash.update(word.to_lowercase().as_bytes());
        hash.update(b" ");
    }
    if any { hex(&hash.finalize()[..16]) } else { String::new() }
}

//! How far a sender is believed: what the mailbox's `trust` lets a header prove (POLICY.md, Threads and trust).
//!
//! Mail can set none of our fields. A header counts only where the mailbox's settings say who writes it, only as that
//! server writes it, and only where it stands topmost, so that what a sender wrote below it is never read. It proves an
//! author only where every program reads the same author from `From`: what is forged lives on two readings of one line.

mod author;
pub mod reply_token;
mod rfc8601;

use crate::message::Message;
use crate::settings::Trust;

pub use author::is_unambiguous;

/// What is known of the author's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Nothing either way.
    Unknown,
    /// The address is the author's.
    Pass,
    /// The address is forged, as far as anyone can tell.
    Fail,
}

/// Judges the author of `message` by `trust`.
///
/// More than one `From` field or author never passes, whatever a header says: which of them it speaks of is unclear
/// (RFC 7489, section 6.6.1). Nor does one author in a field that can be read in two ways.
pub fn authenticate(trust: &Trust, message: &Message) -> Authentication {
    let Some(author) = message.author() else {
        return if message.from.is_empty() { Authentication::Unknown } else { Authentication::Fail };
    };
    let results = || message.header_as_written("Authentication-Results");
    let said = match trust {
        Trust::None => Authentication::Unknown,
        Trust::OwnPages => Authentication::Pass,
        Trust::Rfc8601 { authserv_id } => rfc8601::judge(results(), authserv_id, &author.address),
        Trust::Microsoft365 => match (internal(message), rfc8601::judge_without_id(results(), &author.address)) {
            // What the organisation's border found out is not overruled by a mark that says "one of us".
            (true, Authentication::Unknown | Authentication::Pass) => Authentication::Pass,
            (_, found) => found,
        },
        Trust::Header { name, value } => header(message, name, value),
    };
    match said {
        Authentication::Pass if !is_unambiguous(message) => Authentication::Unknown,
        said => said,
    }
}

/// Exchange Online strips `X-MS-Exchange-Organization-AuthAs` at its border and writes it once, so one that says
/// `Internal` proves a colleague; two, or one in other letters, are no work of Exchange.
fn internal(message: &Message) -> bool {
    let mut fields = message.header_as_written("X-MS-Exchange-Organization-AuthAs");
    matches!((fields.next(), fields.next()), (Some((value, true)), None) if trimmed(value) == "Internal")
}

/// The header that the settings name. A second one that says otherwise shows that the sender's are not removed: some
/// servers write theirs at the end, so that the place tells nothing.
fn header(message: &Message, name: &str, value: &str) -> Authentication {
    let mut fields = message.header_as_written(name).peekable();
    let there = fields.peek().is_some();
    let all_say_so = fields.all(|(found, plain)| plain && trimmed(found) == trimmed(value));
    if there && all_say_so { Authentication::Pass } else { Authentication::Unknown }
}

/// Without the white space of header fields at the ends (RFC 5322, section 2.2); no other character is white space there.
fn trimmed(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests;

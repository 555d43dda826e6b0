//! How far a sender is believed: what the mailbox's `trust` lets a header prove (POLICY.md, Threads and trust).
//!
//! Mail can set none of our fields. A header counts only where the mailbox's settings say who writes it, and only
//! where it stands topmost, so that what a sender wrote below it is never read.

mod rfc8601;

use crate::message::Message;
use crate::settings::Trust;

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
/// More than one `From` field or author never passes, whatever a header says: which of them it speaks of is unclear.
pub fn authenticate(trust: &Trust, message: &Message) -> Authentication {
    let Some(author) = message.author() else {
        return if message.from.is_empty() { Authentication::Unknown } else { Authentication::Fail };
    };
    match trust {
        Trust::None => Authentication::Unknown,
        Trust::Rfc8601 { authserv_id: id } => {
            for value in message.header("Authentication-Results") {
                match rfc8601::parse(value) {
                    Some(results) if results.authserv_id.eq_ignore_ascii_case(id) => {
                        return results.verdict(&author.address);
                    }
                    Some(_) => {}
                    // It may be the server's own, spoilt by what a sender brought into it: what stands below is no better.
                    None if value.to_ascii_lowercase().contains(&id.to_ascii_lowercase()) => {
                        return Authentication::Unknown;
                    }
                    None => {}
                }
            }
            Authentication::Unknown
        }
        Trust::Microsoft365 => microsoft365(message, author),
        Trust::Header { name, value } => match message.header(name).next() {
            Some(found) if found.trim().eq_ignore_ascii_case(value) => Authentication::Pass,
            _ => Authentication::Unknown,
        },
    }
}

/// Exchange Online: `X-MS-Exchange-Organization-AuthAs: Internal` is stripped at its border, so it proves a colleague;
/// otherwise the topmost `Authentication-Results`, which bears no id there.
fn microsoft365(message: &Message, author: &crate::address::Mailbox) -> Authentication {
    let mut internal = message.header("X-MS-Exchange-Organization-AuthAs");
    if internal.next().is_some_and(|value| value.trim().eq_ignore_ascii_case("Internal")) {
        return Authentication::Pass;
    }
    message
        .header("Authentication-Results")
        .next()
        .and_then(rfc8601::parse_without_id)
        .map_or(Authentication::Unknown, |results| results.verdict(&author.address))
}

#[cfg(test)]
mod tests;

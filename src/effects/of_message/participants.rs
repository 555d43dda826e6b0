//! Who takes part in a case or pending request.

use crate::address::EmailAddress;
use crate::desk::Desk;
use crate::message::Message;

/// Adds to `all` those of `newer` that it lacks.
pub(super) fn join(all: &mut Vec<EmailAddress>, newer: Vec<EmailAddress>) {
    for address in newer {
        if !all.contains(&address) {
            all.push(address);
        }
    }
}

/// The author and whom they had on Cc, without the desk itself and its staff.
pub(super) fn participants(desk: &Desk, message: &Message) -> Vec<EmailAddress> {
    let mut all = Vec::new();
    let author = message.author().into_iter();
    for mailbox in author.chain(message.cc.iter()) {
        let address = &mailbox.address;
        let is_ours = desk.is_own_address(address) || desk.staff_member(address).is_some();
        if (all.is_empty() || !is_ours) && !all.contains(address) {
            all.push(address.clone());
        }
    }
    all
}

//! Whether a mail may leave for whom it is addressed to, and by which way (POLICY.md, External partners).
//!
//! Everything that decides it is asked anew: when the mail is written, when it is about to leave, and while it waits. A
//! side or a way that changed in between never lets content out in plain.

use super::{MailClass, MailState};
use crate::address::EmailAddress;
use crate::desk::{Desk, GatewayMark, SecureWay};
use crate::words::Variant;

/// How a mail may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// As it is; to somebody outside over TLS only.
    Open,
    /// With this mark, over TLS only.
    Gateway(&'a GatewayMark),
    /// Not by mail: it is read in the portal, and a notice without content brings the link.
    Portal,
    /// Not now: it waits for a secure way.
    Closed,
}

/// How a mail of this class and variant may leave for `to`, by what the policy says now.
pub fn door<'a>(desk: &'a Desk, class: MailClass, variant: Variant, to: &EmailAddress) -> Door<'a> {
    let has_content = match class {
        MailClass::Staff | MailClass::PortalNotice => false,
        MailClass::Answer => true,
        MailClass::Automatic => variant == Variant::Full || desk.secure.automatic_secure,
    };
    if !has_content || !desk.is_external(to) {
        return Door::Open;
    }
    match desk.secure_way(to) {
        SecureWay::Gateway(mark) => Door::Gateway(mark),
        SecureWay::Portal if desk.portal.is_some() => Door::Portal,
        SecureWay::None | SecureWay::Portal => Door::Closed,
    }
}

/// How a mail of this class starts: it waits where the door is closed.
pub(super) fn start(desk: &Desk, class: MailClass, to: &EmailAddress) -> MailState {
    // What is automatic goes outside in its plain variant.
    let variant = if class == MailClass::Automatic { Variant::Plain } else { Variant::Full };
    match door(desk, class, variant, to) {
        Door::Closed => MailState::WaitingSecure,
        Door::Open | Door::Gateway(_) | Door::Portal => MailState::Queued,
    }
}

//! What somebody's wish for a link to the portal writes: one mail, to the address that it was asked for.

use super::Effects;
use super::letters::Letters;
use crate::address::Mailbox;
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use jiff::Timestamp;

/// The mail that brings a link to `to`.
pub fn asked_link(
    (desk, keys): (&Desk, &Keys),
    to: &Mailbox,
    (now, chance): (Timestamp, &mut Chance),
) -> Result<Effects, ComposeError> {
    let mut effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
    let (mails, events) = (&mut effects.mails, &mut effects.events);
    Letters { desk, keys, now, chance, mails, events }.portal_link(to)?;
    Ok(effects)
}

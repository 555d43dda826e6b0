//! Links to the portal: for those who ask for one, and where one stands in a mail that leaves.

use crate::address::{EmailAddress, Mailbox};
use crate::desk::access::Realm;
use crate::desk::{Desk, SecureWay};
use crate::effects::of_portal::asked_link;
use crate::effects::{MailClass, OutgoingMail, portal_link_mark};
use crate::store::{Store, portal_token};
use crate::worker::Worker;
use std::sync::Arc;

/// What stands in a copy of a mail in the place of its link.
const TAKEN_OUT: &str = "/open/only-in-the-mail-itself";

impl Worker {
    /// Sends a link to each address that one was asked for, where there is something for it; gives how many. Whoever
    /// asked was told the same in any case.
    pub(in crate::worker) async fn answer_asked_links(&self) -> anyhow::Result<usize> {
        let mut sent = 0;
        loop {
            let asked = self.store.take_asked_links().await?;
            if asked.is_empty() {
                return Ok(sent);
            }
            for address in asked {
                let Ok(address) = EmailAddress::parse(address.trim()) else { continue };
                sent += usize::from(self.send_asked_link(&address).await?);
            }
        }
    }

    async fn send_asked_link(&self, address: &EmailAddress) -> anyhow::Result<bool> {
        let Some(desk) = self.portal_desk_of(address).await? else { return Ok(false) };
        if self.store.is_bounced_hard(&desk.id, address).await? {
            return Ok(false);
        }
        let now = self.clock.now();
        let to = Mailbox { name: None, address: address.clone() };
        let effects = self.with_chance(|chance| asked_link((&desk, &self.keys), &to, (now, chance)))?;
        self.store.commit(&[effects], &[], now).await?;
        Ok(true)
    }

    async fn portal_desk_of(&self, address: &EmailAddress) -> anyhow::Result<Option<Arc<Desk>>> {
        desk_for_link(&self.store, &self.desks.all(), address).await
    }

    /// A mail as it leaves: where it bears a link, with the link.
    pub(in crate::worker) fn linked(&self, mail: &OutgoingMail) -> Option<OutgoingMail> {
        let token = || format!("/open/{}", portal_token(&self.keys, mail.id));
        replaced(mail, token)
    }

    /// A mail as a copy of it is kept: without its link.
    pub(in crate::worker) fn without_link(&self, mail: &OutgoingMail) -> Option<OutgoingMail> {
        replaced(mail, || TAKEN_OUT.to_owned())
    }
}

/// The desk whose portal a link leads this address to: where its newest request is, or any for which it has an account.
pub async fn desk_for_link(
    store: &Store,
    desks: &[Arc<Desk>],
    address: &EmailAddress,
) -> anyhow::Result<Option<Arc<Desk>>> {
    let open = |desk: &&Arc<Desk>| is_portal_for(desk, address);
    let asked = store.desks_asked_by(address).await?;
    let mut of_asked = asked.iter().filter_map(|id| desks.iter().find(|desk| desk.id == *id));
    if let Some(desk) = of_asked.find(open) {
        return Ok(Some(Arc::clone(desk)));
    }
    let account = store.account_in(Realm::Partners, address).await?;
    Ok(account.and_then(|_| desks.iter().find(open).cloned()))
}

/// Whether this address reads its messages in the desk's portal.
pub fn is_portal_for(desk: &Desk, address: &EmailAddress) -> bool {
    desk.portal.is_some() && desk.is_external(address) && *desk.secure_way(address) == SecureWay::Portal
}

fn replaced(mail: &OutgoingMail, by: impl Fn() -> String) -> Option<OutgoingMail> {
    if mail.class != MailClass::PortalNotice {
        return None;
    }
    let (mark, by) = (portal_link_mark(mail.id), by());
    Some(OutgoingMail { text: mail.text.replace(&mark, &by), html: mail.html.replace(&mark, &by), ..mail.clone() })
}

//! What an operator does for partners. They make their account and choose its passphrase by a link of their own, so that
//! nothing secret of theirs passes through here.

use super::{Books, Failure, address, open};
use crate::address::EmailAddress;
use crate::desk::access::Realm;
use crate::store::{AccountChange, AccountState, EndSessions};
use crate::words::chance::Chance;
use crate::worker::portal::desk_for_link;
use anyhow::anyhow;
use serde_json::json;
use std::path::Path;

pub(super) const NO_ADDING: &str =
    "partners make their account themselves, by a link; `mailclerk user link EMAIL` sends one";
pub(super) const NO_PASSPHRASE: &str =
    "partners choose their passphrase themselves; `mailclerk user reset EMAIL` lets the next link lead to a new one";
pub(super) const NO_SECRET: &str =
    "partners set up their app themselves, in the portal at /codes; only --off is for the operator";
pub(super) const NO_ROLE: &str =
    "what partners see is what they asked for; an account at the console is made with `mailclerk user add`";
pub(super) const NONE_YET: &str = "no partner has an account yet; they make it by the link in the mail to them";
pub(super) const WHO_THERE_IS: &str = "`mailclerk user list --partner` shows who has one";

impl Books {
    /// What is not done for partners, and what is done instead.
    pub(super) fn must_not_be_partner(&self, email: &EmailAddress, instead: &str) -> Result<(), Failure> {
        match self.realm {
            Realm::Staff => Ok(()),
            Realm::Partners => Err(Failure::usage(anyhow!("nothing was changed for {email}: {instead}"))),
        }
    }

    /// A partner whose account was ended comes back, with a passphrase that they choose by a link.
    pub(super) async fn reopen(&self, email: &str) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        if account.state == AccountState::Active {
            let error = anyhow!("the account {} is not ended, so there is nothing to open again", account.email);
            return Err(Failure::usage(error));
        }
        account.state = AccountState::Active;
        account.passphrase = None;
        self.write(&account, AccountChange::Reopened, EndSessions::All).await?;
        let done = format!("the account {} is open again; {}", account.email, by_link(&account.email));
        self.tell(&account, &done, None)
    }

    /// A partner begins anew.
    pub(super) async fn reset(&self, email: &str) -> Result<(), Failure> {
        let mut account = self.existing(email).await?;
        if account.state == AccountState::Ended {
            let error = anyhow!("the account {} is ended; `mailclerk user reopen` opens it again", account.email);
            return Err(Failure::usage(error));
        }
        account.passphrase = None;
        account.codes = None;
        self.write(&account, AccountChange::Reset, EndSessions::All).await?;
        let done = format!(
            "{} has no passphrase, no second factor and no session any more; {}",
            account.email,
            by_link(&account.email)
        );
        self.tell(&account, &done, None)
    }

    /// Asks for a link as the partner may do at the portal; the worker sends it.
    pub(super) async fn link(&self, email: &str, config: &Path) -> Result<(), Failure> {
        let email = address(email)?;
        let Some(desk) = desk_for_link(&self.store, &self.desks, &email).await? else {
            return Err(Failure::usage(self.why_no_link(&email, config)));
        };
        if self.store.is_bounced_hard(&desk.id, &email).await? {
            return Err(Failure::usage(anyhow!(
                "mail to {email} came back for good, so no link was sent; correct the address with whoever asks"
            )));
        }
        let ended = self.store.account_in(Realm::Partners, &email).await?;
        if ended.is_some_and(|account| account.state == AccountState::Ended) {
            return Err(Failure::usage(anyhow!(
                "the account {email} is ended, so a link would open nothing; `mailclerk user reopen` opens it again"
            )));
        }
        let id = Chance::from_seed(open::entropy()?).id(self.now);
        self.store.ask_portal_link(id, &email.to_string(), self.now).await?;
        if self.json {
            return super::super::print_json(&json!({ "email": email.to_string(), "desk": desk.id }));
        }
        super::super::print_line(&format!(
            "a link to the portal goes to {email} from {}, as soon as `mailclerk run` is at work",
            desk.address
        ))
    }

    /// Why no link leads this address anywhere.
    fn why_no_link(&self, email: &EmailAddress, config: &Path) -> anyhow::Error {
        if self.desks.iter().all(|desk| desk.portal.is_none()) {
            return anyhow!(
                "no link was sent to {email}: the portal has no address; set `public_url` under `[portal]` in {}",
                config.display()
            );
        }
        anyhow!(
            "no link was sent to {email}: they have asked no desk for anything that they would read in the portal, and have no \
             account there; `[secure]` in a desk's policy file says who reads in the portal"
        )
    }
}

fn by_link(email: &EmailAddress) -> String {
    format!("the next link to the portal leads to a new passphrase (`mailclerk user link {email}` sends one)")
}

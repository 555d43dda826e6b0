//! Making an account, or giving it a new passphrase: by a link that this browser has just used.

use super::open::{holding, over, sign_in_path, target};
use crate::desk::access::{AccountRole, Realm};
use crate::store::{Account, AccountChange, AccountState, AccountWrite, Committed, EndSessions, PortalLink};
use crate::web::base::{Answer, Form, PageError, Site, Visitor, passphrase, see_other};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use minijinja::context;
use serde::Deserialize;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/open/{token}/passphrase", get(show).post(choose))
}

/// Where a passphrase is chosen, by this link.
pub(super) fn passphrase_path(token: &str) -> String {
    format!("/open/{token}/passphrase")
}

/// The link, where this browser used it, with the account that there is.
async fn used(visitor: &Visitor, token: &str) -> anyhow::Result<Option<(PortalLink, Option<Account>)>> {
    let Some(link) = holding(visitor, token).await?.filter(PortalLink::is_used) else { return Ok(None) };
    let account = visitor.site.store().account_in(Realm::Partners, &link.to.address).await?;
    Ok(Some((link, account)))
}

/// Whether this link may not touch the account that there is.
pub(super) fn leads_to_sign_in(link: &PortalLink, account: Option<&Account>) -> bool {
    account.is_some_and(|account| !account.takes_passphrase_by(link.kind))
}

async fn show(visitor: Visitor, Path(token): Path<String>) -> Answer {
    match used(&visitor, &token).await? {
        Some((link, account)) if leads_to_sign_in(&link, account.as_ref()) => {
            Ok(see_other(&sign_in_path(&target(&link))))
        }
        Some((link, account)) => form(&visitor, &token, &link, account.is_some(), None),
        None => over(&visitor, &token),
    }
}

fn form(visitor: &Visitor, token: &str, link: &PortalLink, is_known: bool, fault: Option<&str>) -> Answer {
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let email = link.to.address.to_string();
    visitor.page("portal/passphrase.html", status, context! { token, email, is_known, fault })
}

#[derive(Deserialize)]
struct Choice {
    new: String,
    again: String,
}

async fn choose(visitor: Visitor, Path(token): Path<String>, Form(Choice { new, again }): Form<Choice>) -> Answer {
    let Some((link, known)) = used(&visitor, &token).await? else { return over(&visitor, &token) };
    if leads_to_sign_in(&link, known.as_ref()) {
        return Ok(see_other(&sign_in_path(&target(&link))));
    }
    let email = link.to.address.to_string();
    let is_known = known.is_some();
    if new != again {
        let fault = "The passphrase was not written the same way twice.";
        return form(&visitor, &token, &link, is_known, Some(fault));
    }
    if let Some(fault) = passphrase::fault(&new, &email) {
        return form(&visitor, &token, &link, is_known, Some(&sentence(fault)));
    }
    let hashed = visitor.site.checker().hash(new).await?;
    if write(&visitor, &link, known, hashed).await? == Committed::Stale {
        let sentence =
            "Your account was changed in another window meanwhile. Please sign in there, or ask for a new link.";
        return Err(PageError::Refused(sentence.to_owned()));
    }
    let site = &visitor.site;
    site.store().burn_portal_link(&link).await?;
    let account = site.store().account_in(Realm::Partners, &link.to.address).await?;
    // With a second factor the passphrase alone opens nothing, a new one neither.
    let signed_in = match account.filter(|account| account.codes.is_none()) {
        Some(account) => visitor.sign_in(&account, &target(&link)).await?,
        None => None,
    };
    Ok(signed_in.unwrap_or_else(|| see_other(&sign_in_path(&target(&link)))))
}

/// A fault as it is shown: `passphrase::fault` gives it for the middle of a sentence.
fn sentence(fault: &str) -> String {
    let mut sentence = format!("{fault}.");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// Makes the account, or gives it the passphrase and ends its sessions.
async fn write(
    visitor: &Visitor,
    link: &PortalLink,
    known: Option<Account>,
    hashed: String,
) -> anyhow::Result<Committed> {
    let site = &visitor.site;
    let change = if known.is_some() { AccountChange::Passphrase } else { AccountChange::Made };
    let account = match known {
        Some(account) => Account { passphrase: Some(hashed), ..account },
        None => Account {
            id: site.new_id(),
            version: 0,
            email: link.to.address.clone(),
            role: AccountRole::Partner,
            state: AccountState::Active,
            passphrase: Some(hashed),
            codes: None,
            code_step: 0,
            made_at: site.now(),
        },
    };
    let by = site.store().account_key(&account.email);
    let desks = [link.desk.clone()];
    let (end, now) = (EndSessions::All, site.now());
    let write = AccountWrite { account: &account, change, end, by: &by, desks: &desks, now };
    Ok(site.store().write_account(&write).await?)
}

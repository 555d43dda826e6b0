//! A link that came by mail. Opening it shows one button and does nothing, because programs open links too; the button
//! uses it up. It proves the address and shows no message.

use super::account::{leads_to_sign_in, passphrase_path};
use crate::case::standing::Target;
use crate::desk::access::Realm;
use crate::store::{PortalLink, ThrottleRule};
use crate::web::base::{Answer, Form, Site, Visitor, see_other};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::SignedDuration;
use minijinja::context;
use serde::Deserialize;

/// Links tried from one client: nobody guesses 256 bits, and nobody is to try.
const BY_CLIENT: ThrottleRule = ThrottleRule {
    free: 60,
    first: SignedDuration::from_secs(2),
    longest: SignedDuration::from_mins(1),
    forget: SignedDuration::from_hours(1),
};

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/open/{token}", get(show).post(open)).route("/open/{token}/again", post(again))
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// The link with this token, where this browser may use it, or has just used it.
pub(super) async fn holding(visitor: &Visitor, token: &str) -> anyhow::Result<Option<PortalLink>> {
    let (store, now) = (visitor.site.store(), visitor.site.now());
    let link = store.portal_link(token).await?;
    Ok(link.filter(|link| link.holds(store.keys(), visitor.known(), now)))
}

/// That a link leads nowhere any more: the same whether it was used, has expired, or never was one.
pub(super) fn over(visitor: &Visitor, token: &str) -> Answer {
    visitor.page("portal/over.html", StatusCode::GONE, context! { token })
}

/// Where a link leads whoever is signed in as the one whom it was sent to.
pub(super) fn target(link: &PortalLink) -> String {
    match (&link.about, &link.case_number) {
        (Some(Target::Case(_)), Some(number)) => format!("/cases/{}/{number}", link.desk),
        _ => "/".to_owned(),
    }
}

async fn show(visitor: Visitor, Path(token): Path<String>) -> Answer {
    match holding(&visitor, &token).await? {
        Some(_) => visitor.page("portal/open.html", StatusCode::OK, context! { token }),
        None => over(&visitor, &token),
    }
}

async fn open(visitor: Visitor, Path(token): Path<String>, Form(Nothing {}): Form<Nothing>) -> Answer {
    let site = &visitor.site;
    if !visitor.may_try(None, BY_CLIENT).await? {
        return visitor.page("portal/wait.html", StatusCode::TOO_MANY_REQUESTS, context! {});
    }
    let Some(link) = holding(&visitor, &token).await? else { return over(&visitor, &token) };
    if !site.store().use_portal_link(&link, visitor.token(), site.now()).await? {
        return over(&visitor, &token);
    }
    if visitor.account.as_ref().is_some_and(|account| account.email == link.to.address) {
        return Ok(see_other(&target(&link)));
    }
    let account = site.store().account_in(Realm::Partners, &link.to.address).await?;
    let leads_to_sign_in = leads_to_sign_in(&link, account.as_ref());
    let next = if leads_to_sign_in { sign_in_path(&target(&link)) } else { passphrase_path(&token) };
    let mut response = see_other(&next);
    // Whoever else was signed in here is not whom the link was sent to.
    visitor.sign_out(&mut response).await?;
    visitor.mark(&mut response);
    Ok(response)
}

/// Where to sign in, to come back to `next`.
pub(super) fn sign_in_path(next: &str) -> String {
    let encoded = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in?{encoded}")
}

/// A new link, to the address that this one was sent to and to nobody else.
async fn again(visitor: Visitor, Path(token): Path<String>, Form(Nothing {}): Form<Nothing>) -> Answer {
    let link = visitor.site.store().portal_link(&token).await?;
    let address = link.map(|link| link.to.address.to_string()).unwrap_or_default();
    super::ask::asked(&visitor, &address).await
}

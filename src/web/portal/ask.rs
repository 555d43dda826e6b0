//! Asking for a link: for a first account, or a forgotten passphrase. Everybody is told the same and the same work is
//! done; whether there is anything for the address is found out later, by the worker.

use crate::address::EmailAddress;
use crate::store::ThrottleRule;
use crate::web::base::{Answer, Form, Site, Visitor};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use jiff::SignedDuration;
use minijinja::context;
use serde::Deserialize;

/// Links for one address: two at once, then ever slower, so that nobody's mailbox is filled.
const BY_ADDRESS: ThrottleRule = ThrottleRule {
    free: 2,
    first: SignedDuration::from_mins(10),
    longest: SignedDuration::from_hours(6),
    forget: SignedDuration::from_hours(24),
};
/// Questions from one client.
const BY_CLIENT: ThrottleRule = ThrottleRule {
    free: 20,
    first: SignedDuration::from_secs(10),
    longest: SignedDuration::from_mins(15),
    forget: SignedDuration::from_hours(2),
};

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/link", get(show).post(ask))
}

async fn show(visitor: Visitor) -> Answer {
    visitor.page("portal/ask.html", StatusCode::OK, context! {})
}

#[derive(Deserialize)]
struct Ask {
    #[serde(default)]
    email: String,
}

async fn ask(visitor: Visitor, Form(Ask { email }): Form<Ask>) -> Answer {
    asked(&visitor, email.trim()).await
}

/// Keeps the question, and says what is said to everybody.
pub(super) async fn asked(visitor: &Visitor, address: &str) -> Answer {
    let site = &visitor.site;
    if !visitor.may_try(None, BY_CLIENT).await? {
        return visitor.page("portal/wait.html", StatusCode::TOO_MANY_REQUESTS, context! {});
    }
    let key = EmailAddress::parse(address).map_or_else(|_| address.to_lowercase(), |email| email.key());
    let name = format!("link for {key}");
    // Who asks too often for an address is told nothing of that either: the mails that went there say enough.
    let address = if visitor.site.store().may_try(&[(name, BY_ADDRESS)], site.now()).await? { address } else { "" };
    site.store().ask_portal_link(site.new_id(), address, site.now()).await?;
    site.worker().mails_waiting.notify_one();
    visitor.page("portal/asked.html", StatusCode::OK, context! {})
}

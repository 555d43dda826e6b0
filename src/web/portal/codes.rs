//! A second factor: the secret is shown until a code of it proves that an app has it. A desk may ask for one.

use super::partner::lacks_codes;
use crate::store::{AccountChange, AccountWrite, Committed, EndSessions, ThrottleRule};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, codes, qr, see_other};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use jiff::SignedDuration;
use minijinja::context;
use serde::Deserialize;

/// Codes tried while one is set up.
const TRIES: ThrottleRule = ThrottleRule {
    free: 10,
    first: SignedDuration::from_secs(10),
    longest: SignedDuration::from_mins(5),
    forget: SignedDuration::from_hours(1),
};

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/codes", get(show).post(set_up))
}

/// The secret that this account is offered: the same until the account changes, and kept nowhere before it is taken.
fn offered(who: &SignedIn) -> Vec<u8> {
    let name = format!("{} {}", who.account.id, who.account.version);
    let secret = who.site.store().keys().secret_of("portal codes", &name);
    secret.iter().take(codes::SECRET_BYTES).copied().collect()
}

async fn show(who: SignedIn) -> Answer {
    if who.account.codes.is_some() {
        return Ok(see_other("/sessions"));
    }
    page(&who, None).await
}

async fn page(who: &SignedIn, fault: Option<&str>) -> Answer {
    let secret = offered(who);
    let groups = codes::in_base32(&secret);
    let groups: Vec<String> =
        groups.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    let address = codes::address(&secret, &who.account.email);
    let picture = qr::picture(&address).map(|picture| context! { side => picture.side, path => picture.path });
    let context = context! { groups, address, picture, fault, is_needed => lacks_codes(who) };
    let mut response = who.page("portal/codes.html", context).await?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn set_up(who: SignedIn, Form(Code { code }): Form<Code>) -> Answer {
    if who.account.codes.is_some() {
        return Ok(see_other("/sessions"));
    }
    let (site, now) = (&who.site, who.site.now());
    let tries = format!("codes set up by {}", who.account.id);
    if !site.store().may_try(&[(tries, TRIES)], now).await? {
        return page(&who, Some("There were too many tries. Wait a few minutes, then try again.")).await;
    }
    let secret = offered(&who);
    if codes::step_of(&secret, &code, now).is_none() {
        return page(&who, Some("That code is not right. Wait for the next one, and check the clock of your device."))
            .await;
    }
    let mut account = who.account.clone();
    account.codes = Some(secret);
    let (by, desks) = (who.key(), site.served().iter().map(|desk| desk.id.clone()).collect::<Vec<_>>());
    let (change, end) = (AccountChange::CodesOn, EndSessions::Others(who.session.id));
    let write = AccountWrite { account: &account, change, end, by: &by, desks: &desks, now };
    match site.store().write_account(&write).await? {
        Committed::Written => who.done("Signing in asks for a code from your app from now on.", "/").await,
        Committed::Stale => {
            Err(PageError::Refused("Your account was changed meanwhile. Look at the page again.".to_owned()))
        }
    }
}

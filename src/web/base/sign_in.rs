//! Signing in and out: address and passphrase, then a code where the account asks for one.
//!
//! Whoever tries learns nothing: an account that there is not, one that was ended and a wrong passphrase get the same
//! answer after the same work. Tries are slowed down by account and by client. Every sign-in begins a session with a token
//! of its own, and the passphrase's success is carried to the page for the code by a ticket that only this browser can
//! use, for a few minutes.

use super::visit::{Found, Visit, desks_of, fresh_token};
use super::{Answer, Form, PageError, SignedIn, Site, codes, page, see_other};
use crate::address::EmailAddress;
use crate::desk::access::Realm;
use crate::store::{Account, AccountState, NewSession, ThrottleRule};
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// How long the page for the code can be answered.
const TICKET_LIVES: SignedDuration = SignedDuration::from_mins(5);
/// Tries for one account: a few are free, then each waits longer, up to a quarter of an hour.
const BY_ACCOUNT: ThrottleRule = ThrottleRule {
    free: 5,
    first: SignedDuration::from_secs(5),
    longest: SignedDuration::from_mins(15),
    forget: SignedDuration::from_hours(1),
};
/// Tries from one client: many people may be behind it, so that it waits shortly only.
const BY_CLIENT: ThrottleRule = ThrottleRule {
    free: 30,
    first: SignedDuration::from_secs(2),
    longest: SignedDuration::from_mins(1),
    forget: SignedDuration::from_hours(1),
};

/// What a failed try is told, whatever was wrong.
const WRONG: &str = "The address or the passphrase is not right.";
/// What a wrong or used code is told.
const WRONG_CODE: &str = "That code is not right, or it was used already. Wait for the next one.";
/// What whoever tried too often is told.
const TOO_OFTEN: &str = "There were too many tries. Wait a few minutes, then try again.";
/// What whoever took too long is told.
const TOO_LATE: &str = "That took too long. Please begin again.";

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(show).post(passphrase))
        .route("/sign-in/code", get(|| async { see_other("/sign-in") }).post(code))
        .route("/sign-out", post(sign_out))
}

/// Where to sign in, to come back to `next`.
pub(super) fn address(next: &str) -> String {
    if next == "/" {
        return "/sign-in".to_owned();
    }
    let encoded = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in?{encoded}")
}

/// `next` where it leads to a page of ours; else the first page. A second slash or a backslash would lead to another
/// host, and browsers drop control characters before they look.
fn safe_next(next: &str) -> &str {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && next.len() <= 500
        && !next.starts_with("/sign-");
    if is_ours { next } else { "/" }
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// The form. A browser that is not known gets a token of its own, which the form's token is bound to.
fn form(site: &Site, visit: &Found, email: &str, next: &str, told: Option<&str>) -> Answer {
    let (token, is_fresh) = match &visit.visitor {
        Some(token) => (token.clone(), false),
        None => (fresh_token()?, true),
    };
    let csrf = site.store().keys().lookup("form of a visitor", &token);
    let mut response = page::plain(site, "sign_in.html", context! { csrf, email, next => safe_next(next), told })?;
    if is_fresh {
        response.headers_mut().extend(visit.visitor_cookie(&token).map(|cookie| (SET_COOKIE, cookie)));
    }
    if told.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn show(
    State(site): State<Site>,
    Extension(Visit(visit)): Extension<Visit>,
    Query(Next { next }): Query<Next>,
) -> Answer {
    if visit.session.is_some() {
        return Ok(see_other(safe_next(&next)));
    }
    form(&site, &visit, "", &next, None)
}

#[derive(Deserialize)]
struct Try {
    email: String,
    passphrase: String,
    #[serde(default)]
    next: String,
}

async fn passphrase(
    State(site): State<Site>,
    Extension(Visit(visit)): Extension<Visit>,
    Form(Try { email, passphrase, next }): Form<Try>,
) -> Answer {
    let email = email.trim();
    if !may_try(&site, &visit, email).await? {
        let mut response = form(&site, &visit, email, &next, Some(TOO_OFTEN))?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    let account = match EmailAddress::parse(email) {
        Ok(email) => site.account(&email).await?,
        Err(_) => None,
    };
    let account = account.filter(|account| account.state == AccountState::Active);
    let hashed = account.as_ref().and_then(|account| account.passphrase.clone());
    let is_right = site.checker().check(passphrase, hashed).await?;
    match account {
        Some(account) if is_right && account.codes.is_some() => ask_for_code(&site, &visit, &account, &next, None),
        Some(account) if is_right => match begin(&site, &visit, &account, None).await? {
            Some(token) => Ok(signed_in(&visit, &token, &next)),
            None => form(&site, &visit, email, &next, Some(WRONG)),
        },
        account => {
            failed(&site, email, account.as_ref()).await?;
            form(&site, &visit, email, &next, Some(WRONG))
        }
    }
}

async fn may_try(site: &Site, visit: &Found, email: &str) -> anyhow::Result<bool> {
    let names = [(of_account(site, email), BY_ACCOUNT), (format!("client {}", visit.client), BY_CLIENT)];
    Ok(site.store().may_try(&names, site.now()).await?)
}

/// Whether the passphrase of an account may be guessed at once more by somebody who is signed in to it.
pub(super) async fn may_guess(site: &Site, email: &str) -> anyhow::Result<bool> {
    Ok(site.store().may_try(&[(format!("change of {}", of_account(site, email)), BY_ACCOUNT)], site.now()).await?)
}

/// What tries for an account are counted under: by what was typed, whether there is such an account or not.
fn of_account(site: &Site, email: &str) -> String {
    let key = EmailAddress::parse(email).map_or_else(|_| email.to_lowercase(), |email| email.key());
    match site.realm() {
        Realm::Staff => format!("account {key}"),
        Realm::Partners => format!("partner's account {key}"),
    }
}

async fn failed(site: &Site, email: &str, account: Option<&Account>) -> anyhow::Result<()> {
    let desks = match account {
        Some(account) => desks_of(site, account),
        None => site.served().iter().map(|desk| desk.id.clone()).collect(),
    };
    Ok(site.store().record_sign_in_failed(email, &desks, site.now()).await?)
}

/// Begins a session; gives its token, or `None` where the account was changed meanwhile or the code was used.
pub(super) async fn begin(
    site: &Site,
    visit: &Found,
    account: &Account,
    code_step: Option<i64>,
) -> anyhow::Result<Option<String>> {
    let token = fresh_token()?;
    let throttle = site.store().throttle_key(&of_account(site, &account.email.to_string()));
    let new = NewSession {
        id: site.new_id(),
        token: &token,
        account,
        code_step,
        agent: &visit.agent,
        throttle: Some(&throttle),
        desks: &desks_of(site, account),
        now: site.now(),
    };
    Ok(site.store().begin_session(&new).await?.then_some(token))
}

pub(super) fn signed_in(visit: &Found, token: &str, next: &str) -> Response {
    let mut response = see_other(safe_next(next));
    let cookies = [visit.session_cookie(token), visit.visitor_cookie("")];
    response.headers_mut().extend(cookies.into_iter().flatten().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// What only this browser can show, and only for a while: that the passphrase of this account was right.
fn ticket(site: &Site, visit: &Found, account: &Account, until: Timestamp) -> String {
    let visitor = visit.visitor.as_deref().unwrap_or_default();
    let until = until.as_second();
    let proof = format!("{visitor} {} {} {until}", account.id, account.version);
    format!("{}.{until}.{}", account.id, site.store().keys().lookup("passphrase was right", &proof))
}

/// The account of a ticket that still holds.
async fn of_ticket(site: &Site, visit: &Found, shown: &str) -> anyhow::Result<Option<Account>> {
    let mut parts = shown.split('.');
    let (Some(id), Some(until)) = (parts.next(), parts.next()) else { return Ok(None) };
    let (Ok(id), Ok(until)) = (id.parse::<Uuid>(), until.parse::<i64>()) else { return Ok(None) };
    let Ok(until) = Timestamp::from_second(until) else { return Ok(None) };
    let Some(account) = site.store().account_by_id(id).await? else { return Ok(None) };
    let is_ours: bool = ticket(site, visit, &account, until).as_bytes().ct_eq(shown.as_bytes()).into();
    let is_here = account.role.realm() == site.realm();
    Ok((is_ours && is_here && site.now() < until && account.state == AccountState::Active).then_some(account))
}

fn ask_for_code(site: &Site, visit: &Found, account: &Account, next: &str, told: Option<&str>) -> Answer {
    let csrf = visit.form_token(site).ok_or(PageError::Forbidden)?;
    let ticket = ticket(site, visit, account, site.now() + TICKET_LIVES);
    let mut response =
        page::plain(site, "sign_in_code.html", context! { csrf, ticket, next => safe_next(next), told })?;
    if told.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Code {
    ticket: String,
    code: String,
    #[serde(default)]
    next: String,
}

async fn code(
    State(site): State<Site>,
    Extension(Visit(visit)): Extension<Visit>,
    Form(Code { ticket, code, next }): Form<Code>,
) -> Answer {
    let Some(account) = of_ticket(&site, &visit, &ticket).await? else {
        return form(&site, &visit, "", &next, Some(TOO_LATE));
    };
    let email = account.email.to_string();
    if !may_try(&site, &visit, &email).await? {
        let mut response = form(&site, &visit, &email, &next, Some(TOO_OFTEN))?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    let secret = account.codes.as_deref().unwrap_or_default();
    if let Some(step) = codes::step_of(secret, &code, site.now())
        && let Some(token) = begin(&site, &visit, &account, Some(step)).await?
    {
        return Ok(signed_in(&visit, &token, &next));
    }
    failed(&site, &email, Some(&account)).await?;
    ask_for_code(&site, &visit, &account, &next, Some(WRONG_CODE))
}

#[derive(Deserialize)]
struct Nothing {}

async fn sign_out(Extension(Visit(visit)): Extension<Visit>, who: SignedIn, Form(Nothing {}): Form<Nothing>) -> Answer {
    who.site.store().end_session(who.account.id, who.session.id, who.site.now()).await?;
    let mut response = see_other("/sign-in");
    response.headers_mut().extend(visit.session_cookie("").map(|cookie| (SET_COOKIE, cookie)));
    // What this browser keeps of our pages goes too.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        for ours in ["/", "/queue", "/cases/a-desk/X-000001?tab=mail", "/held/0190-aa"] {
            assert_eq!(safe_next(ours), ours);
        }
        for other in [
            "",
            "queue",
            "//evil.net",
            "/\\evil.net",
            "https://evil.net",
            "/\tx",
            "/a b",
            "\\/evil.net",
            "/sign-out",
            "javascript:alert(1)",
            "/é",
        ] {
            assert_eq!(safe_next(other), "/", "{other:?}");
        }
        assert_eq!(address("/"), "/sign-in");
        assert_eq!(address("/queue?line=a&b=c"), "/sign-in?next=%2Fqueue%3Fline%3Da%26b%3Dc");
    }
}

//! One's own sessions, to see and to end, and one's own passphrase, to change.

use super::visit::desks_of;
use super::{Answer, Form, PageError, SignedIn, Site, passphrase};
use crate::store::{AccountChange, AccountWrite, Committed, EndSessions};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use minijinja::context;
use serde::Deserialize;
use uuid::Uuid;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/sessions", get(show))
        .route("/sessions/end", post(end))
        .route("/sessions/passphrase", post(change_passphrase))
}

async fn show(who: SignedIn) -> Answer {
    listed(&who, None).await
}

async fn listed(who: &SignedIn, fault: Option<&str>) -> Answer {
    let site = &who.site;
    let sessions = site.store().sessions_of(who.account.id, site.limits(), site.now()).await?;
    let zone = who.zone();
    let sessions: Vec<_> = sessions
        .iter()
        .map(|one| {
            context! {
                id => one.id.to_string(),
                agent => one.agent.clone(),
                made_at => one.made_at.to_string(),
                used_at => one.used_at.to_string(),
                is_this => one.id == who.session.id,
            }
        })
        .collect();
    let has_passphrase = who.account.passphrase.is_some();
    let has_codes = who.account.codes.is_some();
    let mut response = who.page("sessions.html", context! { sessions, zone, has_passphrase, has_codes, fault }).await?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Deserialize)]
struct End {
    /// A session's row, or `others`.
    session: String,
}

async fn end(who: SignedIn, Form(End { session }): Form<End>) -> Answer {
    let site = &who.site;
    let desks = desks_of(site, &who.account);
    let (id, key) = (who.account.id, who.key());
    if session == "others" {
        let which = EndSessions::Others(who.session.id);
        site.store().end_sessions((id, &who.account.email), which, &key, &desks, site.now()).await?;
        return who.done("All your other sessions are ended.", "/sessions").await;
    }
    let session: Uuid = session.parse().map_err(|_| PageError::NotFound)?;
    if !site.store().end_session(id, session, site.now()).await? {
        return Err(PageError::NotFound);
    }
    who.done("The session is ended.", "/sessions").await
}

#[derive(Deserialize)]
struct Change {
    now: String,
    new: String,
    again: String,
}

async fn change_passphrase(who: SignedIn, Form(Change { now, new, again }): Form<Change>) -> Answer {
    let site = &who.site;
    let email = who.account.email.to_string();
    // Guessing the present one here is slowed down like guessing it at the door.
    if !super::sign_in::may_guess(site, &email).await? {
        return listed(&who, Some("There were too many tries. Wait a few minutes, then try again.")).await;
    }
    let Some(hashed) = who.account.passphrase.clone() else { return Err(PageError::NotFound) };
    if !site.checker().check(now, Some(hashed)).await? {
        return listed(&who, Some("The present passphrase is not right, so nothing was changed.")).await;
    }
    if new != again {
        return listed(&who, Some("The new passphrase was not written the same way twice.")).await;
    }
    if let Some(fault) = passphrase::fault(&new, &email) {
        let mut sentence = fault.to_owned();
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        return listed(&who, Some(&format!("{sentence}."))).await;
    }
    let mut account = who.account.clone();
    account.passphrase = Some(site.checker().hash(new).await?);
    let (by, desks) = (who.key(), desks_of(site, &who.account));
    let write = AccountWrite {
        account: &account,
        change: AccountChange::Passphrase,
        end: EndSessions::Others(who.session.id),
        by: &by,
        desks: &desks,
        now: site.now(),
    };
    match site.store().write_account(&write).await? {
        Committed::Written => {
            who.done("Your passphrase is changed, and your other sessions are ended.", "/sessions").await
        }
        Committed::Stale => {
            Err(PageError::Refused("Your account was changed meanwhile. Look at the page again.".to_owned()))
        }
    }
}

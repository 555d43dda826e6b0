//! The page of a desk: its policy as the clerk understands it, and a box to paste a message into and see what it would
//! become. Nothing of that message is stored, sent or logged; the audit trail has that somebody tried one.

mod policy;
mod trial;

use crate::store::View;
use crate::web::base::{Answer, PageError, SignedIn, Site, Upload, uploads};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use minijinja::context;
use minijinja::value::{Serde, Value};

/// The routes of the page.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/desk", get(first))
        .route("/desk/{desk}", get(show))
        .route("/desk/{desk}/lists/{list}", get(list))
        .route("/desk/{desk}/try", post(try_out).layer(uploads()))
}

/// Without a desk, the first that they may see.
async fn first(who: SignedIn) -> Answer {
    let desk = who.desks().into_iter().next().ok_or(PageError::NotFound)?;
    Ok(crate::web::base::see_other(&format!("/desk/{}", desk.id)))
}

async fn show(who: SignedIn, Path(desk): Path<String>) -> Answer {
    page(&who, &desk, "", None, None).await
}

async fn page(who: &SignedIn, desk: &str, typed: &str, fault: Option<&str>, trial: Option<trial::Trial>) -> Answer {
    let desk = who.desk(desk)?;
    let now = who.site.now();
    let others: Vec<_> = who.desks().iter().map(|desk| (desk.id.clone(), desk.name.clone())).collect();
    let context = context! {
        policy => Value::from(Serde(policy::Policy::of(&desk, now))),
        others => Value::from(Serde(others)),
        zone => desk.calendar.zone_name(),
        trial => trial.map(|trial| Value::from(Serde(trial))),
        typed,
        fault,
    };
    let mut response = who.page("desk.html", context).await?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// One list that the desk keeps; whoever supervises may see it.
async fn list(who: SignedIn, Path((desk, id)): Path<(String, String)>) -> Answer {
    let desk = who.desk(&desk)?;
    let list = desk.list(&id).filter(|_| who.access.supervises()).ok_or(PageError::NotFound)?;
    let now = who.site.now();
    who.site.store().record_view(&who.access, View::of_desk(&desk.id, "list").with("list", &id), now).await?;
    let entries = who.site.store().list_entries(&desk.id, &id).await?;
    let context = context! {
        name => list.name.clone(),
        desk_name => desk.name.clone(),
        back => format!("/desk/{}", desk.id),
        zone => desk.calendar.zone_name(),
        entries => Value::from(Serde(entries)),
    };
    who.page("list.html", context).await
}

/// Judges what was pasted or chosen, as `mailclerk explain` does.
async fn try_out(who: SignedIn, Path(id): Path<String>, upload: Upload) -> Answer {
    let desk = who.desk(&id)?;
    let typed = upload.field("message").to_owned();
    let raw = match upload.files.first() {
        Some(file) => file.bytes.to_vec(),
        None => trial::as_mail(&desk, &typed),
    };
    if raw.iter().all(u8::is_ascii_whitespace) {
        return page(&who, &id, "", Some("Paste a message, or choose the file of one."), None).await;
    }
    let trust = who.site.worker().trust_at(&desk.id);
    let now = who.site.now();
    // Whose message it is nobody knows, so that only the trial itself stands there.
    who.site.store().record_view(&who.access, View::of_desk(&desk.id, "trial"), now).await?;
    let judged = {
        let desk = std::sync::Arc::clone(&desk);
        tokio::task::spawn_blocking(move || trial::Trial::of(&desk, &raw, &trust, now)).await??
    };
    page(&who, &id, &typed, None, Some(judged)).await
}

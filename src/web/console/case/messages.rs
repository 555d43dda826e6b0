//! One message of a case, or one that became none: its HTML in a document of its own, its attachments and its bytes as
//! files that are saved and never shown.

use super::super::html::{MOST_BYTES, POLICY, shown};
use super::file_names::disposition;
use crate::effects::enclosures::MOST_BYTES as MOST_FILE_BYTES;
use crate::message::Message;
use crate::store::console::{MessagePage, View};
use crate::web::base::{Answer, PageError, SignedIn, Site};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Response;
use axum::routing::get;
use uuid::Uuid;

/// What a file may do that a browser would show after all: nothing.
const NOTHING: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/messages/{id}/html", get(html))
        .route("/messages/{id}/raw", get(raw))
        .route("/messages/{id}/attachments/{place}", get(attachment))
}

/// The message with its bytes, as the account may see it; the look at it is written down before anything is shown.
async fn seen(who: &SignedIn, id: Uuid, what: &str, place: Option<usize>) -> Result<(MessagePage, Vec<u8>), PageError> {
    let (store, now) = (who.site.store(), who.site.now());
    let Some(page) = store.visible_message(&who.access, id).await? else { return Err(PageError::NotFound) };
    let Some(raw) = store.raw_message(id).await? else { return Err(PageError::NotFound) };
    let view = match page.case_id {
        Some(case) => View::of_case(&page.desk, case, what),
        None => View::of_desk(&page.desk, what),
    };
    let view = view.with("message", id);
    let view = match place {
        Some(place) => view.with("place", place),
        None => view,
    };
    // What is saved leaves the program; the HTML form is only looked at.
    let view = if what == "message" { view } else { view.exported() };
    store.record_view(&who.access, view, now).await?;
    Ok((page, raw))
}

async fn html(who: SignedIn, Path(id): Path<Uuid>) -> Answer {
    let (_, raw) = seen(&who, id, "message", None).await?;
    // A mail that takes long keeps no thread that serves others.
    let document =
        tokio::task::spawn_blocking(move || Message::html_body(&raw, MOST_BYTES + 1).map(|html| shown(&html)));
    let Some(text) = document.await? else { return Err(PageError::NotFound) };
    file("text/html; charset=utf-8", POLICY, None, text.into_bytes())
}

async fn raw(who: SignedIn, Path(id): Path<Uuid>) -> Answer {
    let (page, raw) = seen(&who, id, "raw_message", None).await?;
    let name = match page.message.subject.trim() {
        "" => "message.eml".to_owned(),
        subject => format!("{subject}.eml"),
    };
    file("application/octet-stream", NOTHING, Some(&name), raw)
}

async fn attachment(who: SignedIn, Path((id, place)): Path<(Uuid, usize)>) -> Answer {
    let (_, raw) = seen(&who, id, "attachment", Some(place)).await?;
    let found = tokio::task::spawn_blocking(move || {
        let mut name = None;
        let mut contents = Message::attachment_contents(&raw, MOST_FILE_BYTES * 2, |at, one| {
            if at == place {
                name = Some(one.name.clone());
            }
            at == place
        });
        name.zip(contents.remove(&place))
    });
    let Some((name, content)) = found.await? else { return Err(PageError::NotFound) };
    let name = name.unwrap_or_else(|| format!("attachment-{}", place + 1));
    file("application/octet-stream", NOTHING, Some(&name), content)
}

/// An answer that is no page of ours.
fn file(kind: &'static str, policy: &'static str, name: Option<&str>, bytes: Vec<u8>) -> Answer {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if let Some(name) = name {
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(name))?);
    }
    Ok(response)
}

//! The page of one case: what is known and due, the conversation, and everything that can be done.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `facts` | what is known of the case, and what is due in it |
//! | `timeline` | the conversation: messages, mails, notes and events |
//! | `forms` | which forms there are, and what was typed into them |
//! | `acts` | what was posted, as an act of the worker |
//! | `messages` | one message: its HTML, its attachments, its bytes |
//! | `file_names` | names of files, made harmless |

mod acts;
mod facts;
mod file_names;
mod forms;
mod messages;
mod timeline;

use crate::desk::Desk;
use crate::store::console::View;
use crate::web::base::{Answer, PageError, SignedIn, Site, uploads};
use crate::words::numbers::CaseNumber;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use forms::Typed;
use serde::Serialize;
use std::sync::Arc;

/// The page, what is posted from it, and the messages that it shows.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/cases/{desk}/{number}", get(show))
        .route("/cases/{desk}/{number}/answer", post(acts::answer).layer(uploads()))
        .route("/cases/{desk}/{number}/do/{action}", post(acts::act))
        .route("/cases/{desk}/{number}/mails/{mail}/{deed}", post(acts::with_mail))
        .merge(messages::routes())
}

/// All that the page shows.
#[derive(Serialize)]
struct Shown {
    facts: facts::Facts,
    items: Vec<timeline::Item>,
    is_cut: bool,
    forms: forms::Forms,
    choices: forms::Choices,
    zone: String,
    /// The page's own path.
    here: String,
    /// Why what was sent was refused.
    refused: Vec<String>,
}

async fn show(who: SignedIn, Path((desk, number)): Path<(String, String)>) -> Answer {
    let desk = who.desk(&desk)?;
    page(&who, &desk, &CaseNumber(number), Typed::default()).await
}

/// The page, with what was typed and refused where something was.
async fn page(who: &SignedIn, desk: &Arc<Desk>, number: &CaseNumber, typed: Typed) -> Answer {
    let (store, now) = (who.site.store(), who.site.now());
    let Some(found) = store.case_page(&who.access, &desk.id, number).await? else { return Err(PageError::NotFound) };
    store.record_view(&who.access, View::of_case(&desk.id, found.case.id, "case"), now).await?;
    let refused = typed.reasons();
    let is_refused = !refused.is_empty();
    let shown = Shown {
        facts: facts::of(desk, &found, now),
        forms: forms::of(&who.site, &typed),
        choices: forms::choices(desk, &found.case, now),
        zone: desk.calendar.zone_name().to_owned(),
        here: path(&desk.id, number),
        is_cut: found.is_cut,
        refused,
        items: timeline::of(store, desk, found).await?,
    };
    let mut response = who.page("case.html", shown).await?;
    if is_refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Where the page of a case is.
fn path(desk: &str, number: &CaseNumber) -> String {
    format!("/cases/{desk}/{number}")
}

//! A case's history, to take along.

use super::history::{HistoryForm, history};
use crate::store::View as Look;
use crate::web::base::{Answer, PageError, SignedIn, Site};
use crate::words::numbers::CaseNumber;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::tz::TimeZone;

/// The routes of this file.
pub fn routes() -> Router<Site> {
    Router::new().route("/cases/{desk}/{number}/history/{form}", get(download))
}

async fn download(who: SignedIn, Path((desk, number, form)): Path<(String, String, String)>) -> Answer {
    let form = HistoryForm::from_word(&form).ok_or(PageError::NotFound)?;
    let desk = who.desk(&desk)?;
    let store = who.site.store();
    let page = store.case_page(&who.access, &desk.id, &CaseNumber(number)).await?.ok_or(PageError::NotFound)?;
    let look = Look::of_case(&desk.id, page.case.id, "history").exported();
    store.record_view(&who.access, look, who.site.now()).await?;
    let names = super::audit::names(&who).await?;
    let zone = TimeZone::get(desk.calendar.zone_name()).unwrap_or(TimeZone::UTC);
    let text = history(&page, form, &zone, |key| names.get(key).cloned())?;
    let (kind, ending) = form.file();
    // A number has letters, digits and dashes; whatever else there was would not be a name.
    let name: String = page.case.number.0.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let name = format!("attachment; filename=\"{name}.{ending}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], text).into_response())
}

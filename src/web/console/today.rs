//! Today: what needs a decision now and the day so far, as the digest tells it; before that, one's own list.

use super::queue::{Row, rows};
use crate::desk::Desk;
use crate::digest::{self, Day, View as DayView};
use crate::store::{QueueFilter, QueueOrder, QueueSpecialist, View as Look};
use crate::web::base::{Answer, PageError, SignedIn, Site};
use crate::words::LineId;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The routes of this page.
pub fn routes() -> Router<Site> {
    Router::new().route("/", get(show)).route("/today/chart/{desk}/{date}/{name}", get(chart))
}

/// Cases of one's own list that are shown here; the queue has all.
const MOST_OWN: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    desk: String,
}

#[derive(Serialize)]
struct View {
    desks: Vec<(String, String)>,
    chosen: String,
    date: Date,
    has_desks: bool,
    here: &'static str,
    own: Vec<Row>,
    has_more_own: bool,
    works_cases: bool,
    day: DayView,
}

async fn show(who: SignedIn, Query(ask): Query<Ask>) -> Answer {
    let desk = if ask.desk.is_empty() { who.desks().into_iter().next() } else { Some(who.desk(&ask.desk)?) };
    let Some(desk) = desk else { return who.page("today_nothing.html", minijinja::context! {}).await };
    let own = QueueFilter { specialist: QueueSpecialist::One(who.account.email.clone()), ..QueueFilter::default() };
    let own = who.site.store().queue(&who.access, &own, QueueOrder::Due, None).await?;
    let date = desk.calendar.local(who.site.now()).date();
    let day = day(&who, &desk, date).await?;
    who.site.store().record_view(&who.access, Look::of_desk(&desk.id, "today"), who.site.now()).await?;
    let shown = own.cases.iter().take(MOST_OWN).cloned().collect::<Vec<_>>();
    let view = View {
        desks: who.desks().iter().map(|one| (one.id.clone(), one.name.clone())).collect(),
        chosen: desk.id.clone(),
        date,
        has_desks: who.access.desks.len() > 1,
        here: "/",
        has_more_own: own.cases.len() > shown.len() || own.next.is_some(),
        works_cases: desk.staff_member(&who.account.email).is_some(),
        own: rows(&who, &shown),
        day: DayView::of(&desk, &day, Some("")),
    };
    who.page("today.html", view).await
}

/// The day of a desk, of the lines that they may see.
async fn day(who: &SignedIn, desk: &Arc<Desk>, date: Date) -> Result<Day, PageError> {
    Ok(who.site.worker().day(desk, lines(who, desk)?, date, who.site.now()).await?)
}

/// The lines of a desk that they may see; `None`: all.
fn lines<'a>(who: &'a SignedIn, desk: &Desk) -> Result<Option<&'a [LineId]>, PageError> {
    let access = who.access.desks.iter().find(|one| one.desk == desk.id).ok_or(PageError::NotFound)?;
    Ok(access.lines.as_deref())
}

/// A chart of the day, as a picture.
async fn chart(who: SignedIn, Path((desk, date, name)): Path<(String, Date, String)>) -> Answer {
    let desk = who.desk(&desk)?;
    if date != desk.calendar.local(who.site.now()).date() {
        return Err(PageError::NotFound);
    }
    let flow = who.site.worker().flow(&desk, lines(&who, &desk)?, date, who.site.now()).await?;
    let name = name.strip_suffix(".png").unwrap_or(&name);
    let png = digest::chart::png(&flow, name).ok_or(PageError::NotFound)?;
    Ok(([(CONTENT_TYPE, "image/png")], png).into_response())
}

//! What waits for a person: the list, and one message with what may be done with it.

mod acts;

use super::tones;
use crate::desk::Desk;
use crate::store::{Cursor, MessagePage, MessageState, View};
use crate::web::base::{Answer, PageError, Site, Supervising};
use acts::Typed;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The routes of both pages.
pub fn routes() -> Router<Site> {
    Router::new().route("/held", get(list)).route("/held/{id}", get(show).post(acts::act))
}

#[derive(Deserialize)]
struct Ask {
    desk: Option<String>,
    after: Option<String>,
}

/// A message in the list.
#[derive(Serialize)]
struct Row {
    id: Uuid,
    desk: String,
    zone: String,
    from: String,
    subject: String,
    reasons: Vec<String>,
    urgent: bool,
    arrived: String,
    former: Option<&'static str>,
}

async fn list(Supervising(who): Supervising, Query(ask): Query<Ask>) -> Answer {
    let (store, now) = (who.site.store(), who.site.now());
    let wanted = ask.desk.as_deref().filter(|desk| !desk.is_empty());
    if let Some(desk) = wanted {
        who.desk(desk)?;
    }
    let after = ask.after.as_deref().and_then(Cursor::parse);
    let page = store.held_page(&who.access, wanted, after.as_ref()).await?;
    for desk in who.desks().iter().filter(|desk| page.messages.iter().any(|one| one.desk == desk.id)) {
        store.record_view(&who.access, View::of_desk(&desk.id, "held list"), now).await?;
    }
    let rows: Vec<Row> = page.messages.iter().filter_map(|one| Some(row(&*who.desk(&one.desk).ok()?, one))).collect();
    let desks: Vec<_> = who.desks().iter().map(|desk| (desk.id.clone(), desk.name.clone())).collect();
    let context = context! {
        rows => Value::from(Serde(rows)),
        desks => Value::from(Serde(desks)),
        wanted => wanted.unwrap_or_default(),
        next => page.next.map(|cursor| cursor.to_text()),
    };
    who.page("held.html", context).await
}

fn row(desk: &Desk, one: &MessagePage) -> Row {
    let message = &one.message;
    Row {
        id: message.id,
        desk: desk.name.clone(),
        zone: desk.calendar.zone_name().to_owned(),
        from: message.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default(),
        subject: message.subject.clone(),
        reasons: message.reasons.iter().map(|reason| tones::reason(desk, reason)).collect(),
        urgent: message.urgent,
        arrived: one.arrived.to_string(),
        former: one.former.map(|former| former.as_str()),
    }
}

/// The held message with this row, and its desk; what is foreign or decided meanwhile is not there.
async fn held(who: &crate::web::base::SignedIn, id: &str) -> Result<(Arc<Desk>, MessagePage), PageError> {
    let id: Uuid = id.parse().map_err(|_| PageError::NotFound)?;
    let found = who.site.store().visible_message(&who.access, id).await?;
    let found = found.filter(|one| one.message.state == MessageState::Held).ok_or(PageError::NotFound)?;
    Ok((who.desk(&found.desk)?, found))
}

async fn show(Supervising(who): Supervising, Path(id): Path<String>) -> Answer {
    page(&who, &id, Typed::default()).await
}

/// One held message, with what was typed into a form that was refused.
async fn page(who: &crate::web::base::SignedIn, id: &str, typed: Typed) -> Answer {
    let (desk, found) = held(who, id).await?;
    let view = View::of_desk(&desk.id, "held").with("message", found.message.id);
    who.site.store().record_view(&who.access, view, who.site.now()).await?;
    let message = &found.message;
    let trace: Vec<_> =
        message.trace.0.iter().map(|step| (step.rule.replace('_', " "), step.hit, step.note.clone())).collect();
    let attachments: Vec<_> = message.attachments.iter().flatten().map(|one| (one.name.clone(), one.bytes)).collect();
    let lines: Vec<_> = desk.lines.iter().map(|line| (line.id.0.clone(), line.name.clone())).collect();
    let topics: Vec<_> = desk.topics.iter().map(|topic| (topic.id.clone(), topic.title.clone())).collect();
    let is_refused = typed.fault.is_some();
    let context = context! {
        one => Value::from(Serde(row(&desk, &found))),
        desk_id => desk.id.clone(),
        name => message.from.as_ref().and_then(|from| from.name.clone()),
        text => message.text.clone(),
        problem => message.problem.clone(),
        warnings => message.warnings.iter().map(|warning| warning.as_str()).collect::<Vec<_>>(),
        line => message.line.as_ref().map(|line| line.0.clone()),
        trace => Value::from(Serde(trace)),
        attachments => Value::from(Serde(attachments)),
        lines => Value::from(Serde(lines)),
        topics => Value::from(Serde(topics)),
        form => who.site.new_id().to_string(),
        typed => Value::from(Serde(typed)),
    };
    let mut response = who.page("held_one.html", context).await?;
    if is_refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

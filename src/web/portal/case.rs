//! A case as its requester sees it: how it stands, what is promised, and the conversation with the form to go on with it.

use super::list::promise;
use super::partner::Partner;
use super::told::{heading, status, told_number};
use crate::desk::Desk;
use crate::store::{PartnerCase, PortalView, Said};
use crate::web::base::{Answer, Site, size};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use minijinja::{Value, context};

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/cases/{desk}/{number}", get(show))
}

/// What is in the form to answer, where it is shown again.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) fault: Option<String>,
}

async fn show(partner: Partner, Path((desk, number)): Path<(String, String)>) -> Answer {
    let (desk, one) = partner.case(&desk, &number).await?;
    page(&partner, &desk, &one, Draft::default()).await
}

/// The case's page.
pub(super) async fn page(partner: &Partner, desk: &Desk, one: &PartnerCase, draft: Draft) -> Answer {
    let (site, email) = (&partner.who.site, &partner.who.account.email);
    let view = PortalView { desk: &desk.id, case: Some(one.case.id), what: "case", row: None };
    partner.viewed(&[view]).await?;
    let said = site.store().partner_conversation(email, &one.case).await?;
    let place = format!("/cases/{}/{}", desk.id, one.case.number);
    let said: Vec<Value> = said.iter().map(|said| shown(said, &place)).collect();
    let (words, class) = status(one.case.status);
    let context = context! {
        number => told_number(&one.case),
        subject => one.case.subject.clone(),
        desk_name => desk.name.clone(),
        specialist => desk.specialist_title.clone(),
        zone => desk.calendar.zone_name().to_owned(),
        opened_at => one.case.opened_at.to_string(),
        is_open => one.case.is_open(),
        is_urgent => one.case.urgent,
        phones => phones(desk, one),
        promise => promise(one),
        status => words,
        class,
        talk => said,
        place,
        form => site.new_id().to_string(),
        text => draft.text,
        fault => draft.fault.clone(),
    };
    let mut response = partner.who.page("portal/case.html", context).await?;
    if draft.fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The numbers to call where hours matter: that of the case's line, or all.
fn phones(desk: &Desk, one: &PartnerCase) -> Vec<Value> {
    let line = one.case.line.as_ref().and_then(|id| desk.line(id));
    let lines = line.map_or_else(|| desk.lines.iter().collect(), |line| vec![line]);
    let phone =
        |line: &crate::desk::Line| Some(context! { title => line.title.clone(), number => line.phone.clone()? });
    lines.into_iter().filter_map(phone).collect()
}

/// One piece of the conversation; `place` is the address of its case or request.
pub(super) fn shown(said: &Said, place: &str) -> Value {
    let files: Vec<Value> = said
        .files
        .iter()
        .map(|file| {
            context! {
                href => format!("{place}/files/{}/{}", file.message, file.sha256),
                name => file.name.clone(),
                size => size(file.bytes),
            }
        })
        .collect();
    context! {
        is_mine => said.template.is_none(),
        heading => said.template.map_or("You wrote", heading),
        at => said.at.to_string(),
        text => said.text.as_deref().map(str::trim).map(str::to_owned),
        files,
    }
}

//! A returned request: just what is missing, as a form. It enters as the message that completes it.

use super::answer::{files, form_id};
use super::case::shown;
use super::form::RequestForm;
use super::partner::{Partner, TOO_MANY, number_in};
use super::told::after_request;
use crate::case::{Pending, PendingState};
use crate::desk::Desk;
use crate::store::PortalView;
use crate::web::base::{Answer, PageError, Site, Upload, see_other, uploads};
use crate::words::Decision;
use crate::words::numbers::PendingToken;
use crate::worker::portal::{Entered, Entry};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use minijinja::{Value, context};
use std::sync::Arc;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/requests/{desk}/{token}", get(show).post(send)).layer(uploads())
}

async fn own(partner: &Partner, desk: &str, token: &str) -> Result<(Arc<Desk>, Pending), PageError> {
    let desk = partner.desk(desk)?;
    let token = PendingToken(number_in(token)?);
    let found = partner.who.site.store().partner_pending(&partner.who.account.email, &desk.id, &token).await?;
    Ok((desk, found.ok_or(PageError::NotFound)?))
}

async fn show(partner: Partner, Path((desk, token)): Path<(String, String)>) -> Answer {
    let (desk, pending) = own(&partner, &desk, &token).await?;
    if let Some(number) = case_of(&partner, &pending).await? {
        return Ok(see_other(&format!("/cases/{}/{number}", desk.id)));
    }
    let form = RequestForm::of_missing(&desk, &pending.missing);
    page(&partner, &pending, &form, Vec::new(), false).await
}

/// The number of the case that it became.
async fn case_of(partner: &Partner, pending: &Pending) -> Result<Option<String>, PageError> {
    let Some(case) = pending.case.filter(|_| pending.state == PendingState::Completed) else { return Ok(None) };
    Ok(partner.who.site.store().case_state(case).await?.map(|case| case.number.0))
}

async fn page(
    partner: &Partner,
    pending: &Pending,
    form: &RequestForm<'_>,
    faults: Vec<String>,
    is_faulty: bool,
) -> Answer {
    let (site, email, desk) = (&partner.who.site, &partner.who.account.email, form.desk);
    let view = PortalView { desk: &desk.id, case: None, what: "pending", row: Some(pending.id) };
    partner.viewed(&[view]).await?;
    let place = format!("/requests/{}/{}", desk.id, pending.token);
    let said = site.store().partner_pending_conversation(email, pending.id).await?;
    let context = context! {
        desk_name => desk.name.clone(),
        zone => desk.calendar.zone_name().to_owned(),
        subject => pending.subject.clone(),
        is_open => pending.state == PendingState::Open,
        talk => said.iter().map(|said| shown(said, &place)).collect::<Vec<Value>>(),
        inputs => form.shown(),
        form => site.new_id().to_string(),
        place,
        faults,
        is_faulty,
    };
    let mut response = partner.who.page("portal/complete.html", context).await?;
    if is_faulty {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn send(partner: Partner, Path((desk, token)): Path<(String, String)>, upload: Upload) -> Answer {
    let (desk, pending) = own(&partner, &desk, &token).await?;
    if let Some(number) = case_of(&partner, &pending).await? {
        return Ok(see_other(&format!("/cases/{}/{number}", desk.id)));
    }
    let mut form = RequestForm::of_missing(&desk, &pending.missing);
    if !form.take(&upload) {
        return page(&partner, &pending, &form, Vec::new(), true).await;
    }
    let files = match files(&upload.files) {
        Ok(files) => files,
        Err(fault) => return page(&partner, &pending, &form, vec![fault], true).await,
    };
    if !partner.may_write().await? {
        let mut response = page(&partner, &pending, &form, vec![TOO_MANY.to_owned()], true).await?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    let (site, email) = (&partner.who.site, &partner.who.account.email);
    let said = site.store().partner_pending_conversation(email, pending.id).await?;
    let entry = Entry {
        form: form_id(site, &upload),
        account: partner.who.account.id,
        author: partner.author(&desk).await?,
        subject: subject(&pending, &form),
        in_reply_to: said.into_iter().rev().find_map(|said| said.message_id),
        text: form.text(),
        files,
    };
    let entered = site.worker().enter(&desk, &entry).await?;
    let next = match &entered {
        Entered::Decided { decision: Decision::Return, .. } => {
            let (_, pending) = own(&partner, &desk.id, &token).await?;
            let mut form = RequestForm::of_missing(&desk, &pending.missing);
            form.take(&upload);
            let still = form.inputs.iter_mut().filter(|input| !input.value.is_empty());
            still.for_each(|input| input.fault = Some("Please check it: we cannot use what was written.".to_owned()));
            return page(&partner, &pending, &form, Vec::new(), true).await;
        }
        Entered::Decided { case: Some(number), .. } => format!("/cases/{}/{number}", desk.id),
        _ => "/".to_owned(),
    };
    partner.who.done(&after_request(&entered), &next).await
}

/// The subject with its tag. What was asked of the subject stands in it, and in the text for a desk that has a field for it.
fn subject(pending: &Pending, form: &RequestForm<'_>) -> String {
    let (name, line) = (form.name_in_subject(), form.value("line"));
    let words = if name.is_empty() || line.is_empty() { pending.subject.clone() } else { format!("{name} {line}") };
    format!("Re: {words} [{}]", pending.token)
}

//! A new request, through a form that is looked through by the rules for mail before it enters: what is missing is told
//! beside its input, and nothing was sent then.

use super::answer::{files, form_id};
use super::form::RequestForm;
use super::partner::{Partner, TOO_MANY};
use super::told::after_request;
use crate::desk::Desk;
use crate::web::base::{Answer, PageError, Site, Upload, see_other, uploads};
use crate::words::{Decision, ReasonCode};
use crate::worker::portal::{Entered, Entry, Preview};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use minijinja::{Value, context};
use uuid::Uuid;

pub(super) fn routes() -> axum::Router<Site> {
    Router::new().route("/new", get(choose)).route("/new/{desk}", get(show).post(send)).layer(uploads())
}

async fn choose(partner: Partner) -> Answer {
    match partner.desks.as_slice() {
        [] => Err(PageError::NotFound),
        [one] => Ok(see_other(&format!("/new/{}", one.id))),
        several => {
            let desks: Vec<Value> =
                several.iter().map(|desk| context! { id => desk.id.clone(), name => desk.name.clone() }).collect();
            partner.who.page("portal/new_where.html", context! { desks }).await
        }
    }
}

async fn show(partner: Partner, Path(desk): Path<String>) -> Answer {
    let desk = partner.desk(&desk)?;
    let id = partner.who.site.new_id();
    page(&partner, &RequestForm::whole(&desk), id, Vec::new(), false).await
}

async fn page(partner: &Partner, form: &RequestForm<'_>, id: Uuid, faults: Vec<String>, is_faulty: bool) -> Answer {
    let desk = form.desk;
    let context = context! {
        desk_name => desk.name.clone(),
        place => format!("/new/{}", desk.id),
        inputs => form.shown(),
        form => id.to_string(),
        faults,
        is_faulty,
        phones => desk.lines.iter().filter_map(|line| Some(context! { title => line.title.clone(), number => line.phone.clone()? })).collect::<Vec<_>>(),
    };
    let mut response = partner.who.page("portal/new.html", context).await?;
    if is_faulty {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn send(partner: Partner, Path(desk): Path<String>, upload: Upload) -> Answer {
    let desk = partner.desk(&desk)?;
    let site = &partner.who.site;
    let (mut form, id) = (RequestForm::whole(&desk), form_id(site, &upload));
    if !form.take(&upload) {
        return page(&partner, &form, id, Vec::new(), true).await;
    }
    let files = match files(&upload.files) {
        Ok(files) => files,
        Err(fault) => return page(&partner, &form, id, vec![fault], true).await,
    };
    let entry = Entry {
        form: id,
        account: partner.who.account.id,
        author: partner.author(&desk).await?,
        subject: form.subject(),
        in_reply_to: None,
        text: form.text(),
        files,
    };
    let preview = site.worker().preview_entry(&desk, &entry)?;
    if let Some(faults) = faults(&desk, &mut form, &preview) {
        return page(&partner, &form, id, faults, true).await;
    }
    if !partner.may_write().await? {
        let mut response = page(&partner, &form, id, vec![TOO_MANY.to_owned()], true).await?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    let entered = site.worker().enter(&desk, &entry).await?;
    let next = match &entered {
        Entered::Decided { case: Some(number), .. } => format!("/cases/{}/{number}", desk.id),
        Entered::Decided { pending: Some(token), .. } => format!("/requests/{}/{token}", desk.id),
        _ => "/".to_owned(),
    };
    partner.who.done(&after_request(&entered), &next).await
}

/// What stands in the way; `None`: it can enter.
fn faults(desk: &Desk, form: &mut RequestForm<'_>, preview: &Preview) -> Option<Vec<String>> {
    match preview.decision {
        Decision::Return => Some(form.mark(&preview.reasons).into_iter().map(words).collect()),
        Decision::Redirect => {
            let topics = preview.topics.iter().filter_map(|id| desk.topics.iter().find(|topic| topic.id == *id));
            let told: Vec<String> =
                topics.map(|topic| format!("We do not work {} here. {}", topic.title, topic.guidance)).collect();
            Some(if told.is_empty() { vec!["What you ask for is handled elsewhere.".to_owned()] } else { told })
        }
        Decision::RejectMixed => Some(vec![words(ReasonCode::MixedLines)]),
        _ => None,
    }
}

/// A reason that is about no single input.
pub(super) fn words(code: ReasonCode) -> String {
    let words = match code {
        ReasonCode::SeveralMembers | ReasonCode::TooManyMembers => "Please send one request for each member.",
        ReasonCode::MixedLines => "Please send one request for each line of business.",
        ReasonCode::SeveralIssues => "Please send one request for each issue.",
        ReasonCode::TypeNotByMail => "This kind of request cannot be opened here; please open it on the platform.",
        ReasonCode::TypePaused => "This kind of request is not taken at present.",
        ReasonCode::WrongType => "Please check the type of your request: another one fits what you describe.",
        ReasonCode::NotAssociated => "Our records do not link you with this case; a caller who is on it must ask.",
        _ => "Something is still missing. Please look through the form once more.",
    };
    words.to_owned()
}

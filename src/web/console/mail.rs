//! Mail: what goes out, by how it stands; one mail with what may be done about it.

use super::queue::{case_path, grouped};
use super::queue_ask::in_words;
use crate::address::Mailbox;
use crate::effects::{MailClass, MailState};
use crate::store::{Count, Cursor, MailDetail, MailList, MailRow, View as Look};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, Supervising, size};
use crate::worker::acts::Acted;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes of this page.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/mail", get(list))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/html", get(html))
        .route("/mail/{id}/retry", post(retry))
        .route("/mail/{id}/cancel", post(cancel))
        .route("/mail/{id}/correct", post(correct))
}

/// The lists, in their order, with what each is for.
const LISTS: [(MailList, &str, &str); 9] = [
    (MailList::NeedsPerson, "Needs you", "What does not leave by itself: look at each."),
    (MailList::WaitingSecure, "Waiting for a secure way", "Their content may go to this partner by a secure way only."),
    (MailList::Deferred, "Tried again later", "The server did not take them yet; they are tried for five days."),
    (MailList::Failed, "Failed", "The server refused them, or they were given up."),
    (MailList::Uncertain, "Uncertain", "The connection broke at the last moment: nobody knows whether they left."),
    (MailList::Withheld, "Withheld", "Past the sender's daily limit, or to an address that takes no mail."),
    (MailList::Queued, "On their way", "They leave by themselves."),
    (MailList::Sent, "Sent", "The server took them."),
    (MailList::Cancelled, "Cancelled", "They will not be sent."),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    list: String,
    after: String,
}

#[derive(Serialize)]
struct Tab {
    href: String,
    name: &'static str,
    count: String,
    is_current: bool,
}

#[derive(Serialize)]
struct ListView {
    tabs: Vec<Tab>,
    title: &'static str,
    about: &'static str,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

/// A mail in a list.
#[derive(Serialize)]
struct Row {
    href: String,
    subject: String,
    to: String,
    template: String,
    state: String,
    tone: &'static str,
    why: String,
    retry_at: Option<Timestamp>,
    at: Timestamp,
    zone: String,
    case: Option<(String, String)>,
}

/// A mailbox as people read it: name and address.
pub(super) fn named(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => format!("{name} <{}>", mailbox.address),
        None => mailbox.address.to_string(),
    }
}

/// In words why a mail stands as it does; codes of servers stay as they are.
fn why_words(row: &MailRow) -> String {
    let code = row.why.as_deref().unwrap_or_default();
    let said = match code {
        "" => String::new(),
        "connection_lost" => "the connection was lost".into(),
        "lease_ran_out" => "the program was stopped while it was sent".into(),
        "no_evidence" => "no trace of it was found".into(),
        "person" => "by a person".into(),
        "corrected" => "it was corrected".into(),
        code if code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()) => format!("the server said {code}"),
        code => code.replace('_', " "),
    };
    match row.bounced.as_deref() {
        Some("hard") => join(said, "a delivery report says that the address takes no mail"),
        Some(_) => join(said, "a delivery report says that it was delayed or refused for a time"),
        None => said,
    }
}

fn join(said: String, more: &str) -> String {
    if said.is_empty() { more.to_owned() } else { format!("{said}; {more}") }
}

/// The class of a state's chip.
fn tone(state: MailState) -> &'static str {
    match state {
        MailState::Sent => "good",
        MailState::Queued | MailState::Claimed | MailState::Committing => "info",
        MailState::Deferred | MailState::WaitingSecure | MailState::Withheld => "warn",
        MailState::Failed | MailState::Uncertain => "bad",
        MailState::Cancelled => "calm",
    }
}

fn zone_of(who: &SignedIn, desk: &str) -> String {
    who.desk(desk).map_or_else(|_| who.zone(), |desk| desk.calendar.zone_name().to_owned())
}

fn row(who: &SignedIn, one: &MailRow) -> Row {
    Row {
        href: format!("/mail/{}", one.id),
        subject: one.subject.clone(),
        to: named(&one.to),
        template: in_words(one.template.as_str()),
        state: in_words(one.state.as_str()),
        tone: tone(one.state),
        why: why_words(one),
        retry_at: one.retry_at,
        at: one.since,
        zone: zone_of(who, &one.desk),
        case: one.case.as_ref().map(|number| (number.to_string(), case_path(&one.desk, number))),
    }
}

fn counted(count: Count) -> String {
    if count.more { format!("{}+", grouped(count.n)) } else { grouped(count.n) }
}

async fn list(Supervising(who): Supervising, Query(ask): Query<Ask>) -> Answer {
    let store = who.site.store();
    let chosen =
        MailList::from_word(&ask.list).filter(|list| *list != MailList::NotSent).unwrap_or(MailList::NeedsPerson);
    let after = Cursor::parse(&ask.after);
    let page = store.mail_page(&who.access, chosen, None, after.as_ref()).await?;
    for desk in &who.access.desks {
        let look = Look::of_desk(&desk.desk, "mails").with("list", chosen);
        store.record_view(&who.access, look, who.site.now()).await?;
    }
    let (mut tabs, mut title, mut about) = (Vec::new(), "Mail", "");
    for (list, name, words) in LISTS {
        let is_current = list == chosen;
        if is_current {
            (title, about) = (name, words);
        }
        // What was sent or cancelled grows without end: its number tells nothing.
        let ends = matches!(list, MailList::Sent | MailList::Cancelled);
        let count = if ends { String::new() } else { counted(store.mail_count(&who.access, list, None).await?) };
        tabs.push(Tab { href: format!("/mail?list={list}"), name, count, is_current });
    }
    let view = ListView {
        tabs,
        title,
        about,
        rows: page.mails.iter().map(|one| row(&who, one)).collect(),
        next: page.next.map(|next| format!("/mail?list={chosen}&after={}", next.to_text())),
        first: after.map(|_| format!("/mail?list={chosen}")),
    };
    who.page("mail.html", view).await
}

#[derive(Serialize)]
struct OneView {
    row: Row,
    id: Uuid,
    from: String,
    text: String,
    has_html: bool,
    attachments: Vec<(String, String)>,
    attempts: u32,
    queued_at: Timestamp,
    class: String,
    advice: &'static str,
    may_retry: bool,
    may_cancel: bool,
    may_correct: bool,
    /// What was typed into the form that was refused.
    words: String,
    fault: String,
}

async fn seen(who: &SignedIn, id: Uuid, what: &str) -> Result<MailDetail, PageError> {
    let store = who.site.store();
    let found = store.visible_mail(&who.access, id).await?.ok_or(PageError::NotFound)?;
    let desk = &found.row.desk;
    let look = match found.stored.mail.about {
        Some(crate::case::standing::Target::Case(case)) => Look::of_case(desk, case, what),
        _ => Look::of_desk(desk, what),
    };
    store.record_view(&who.access, look.with("mail", id), who.site.now()).await?;
    Ok(found)
}

async fn show(who: SignedIn, Path(id): Path<Uuid>) -> Answer {
    let found = seen(&who, id, "mail").await?;
    who.page("mail_one.html", one(&who, &found, String::new(), String::new())).await
}

fn one(who: &SignedIn, found: &MailDetail, words: String, fault: String) -> OneView {
    let (mail, state) = (&found.stored.mail, found.row.state);
    let is_corrected = found.row.why.as_deref() == Some("corrected");
    let goes_to_requester = mail.class != MailClass::Staff;
    let leaves = matches!(state, MailState::Claimed | MailState::Committing);
    OneView {
        row: row(who, &found.row),
        id: mail.id,
        from: named(&mail.from),
        text: mail.text.clone(),
        has_html: !mail.html.is_empty(),
        attachments: mail.attachments.iter().map(|one| (one.name.clone(), size(one.bytes))).collect(),
        attempts: found.row.attempts,
        queued_at: found.row.queued_at,
        class: in_words(mail.class.as_str()),
        advice: advice(state),
        may_retry: !is_corrected
            && matches!(
                state,
                MailState::Deferred
                    | MailState::Failed
                    | MailState::Uncertain
                    | MailState::Withheld
                    | MailState::Cancelled
            ),
        may_cancel: matches!(
            state,
            MailState::Queued
                | MailState::Deferred
                | MailState::WaitingSecure
                | MailState::Withheld
                | MailState::Uncertain
        ),
        may_correct: goes_to_requester && !is_corrected && !leaves && state != MailState::Cancelled,
        words,
        fault,
    }
}

fn advice(state: MailState) -> &'static str {
    match state {
        MailState::WaitingSecure => {
            "It leaves as soon as a secure way is configured. Until then, reach the requester otherwise, or cancel it."
        }
        MailState::Deferred => "It is tried again by itself; nothing needs to be done.",
        MailState::Failed => "Look at the address and the reason. When the cause is mended, send it again.",
        MailState::Uncertain => {
            "Ask the requester or look into the Sent folder. Sending it again may deliver it twice."
        }
        MailState::Withheld => {
            "It was not sent, because of the sender's limit or a dead address. Send it if it should go out."
        }
        MailState::Queued | MailState::Claimed | MailState::Committing => "It leaves by itself in a moment.",
        MailState::Sent => "The server took it.",
        MailState::Cancelled => "It will not be sent.",
    }
}

/// The HTML part, in a document of its own, which a sandboxed frame shows.
async fn html(who: SignedIn, Path(id): Path<Uuid>) -> Answer {
    let found = seen(&who, id, "mail").await?;
    let headers = [(CONTENT_SECURITY_POLICY, super::html::POLICY), (CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((headers, super::html::shown(&found.stored.mail.html)).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    words: String,
}

async fn retry(who: SignedIn, Path(id): Path<Uuid>, Form(_): Form<Words>) -> Answer {
    let outcome = who.site.worker().retry_mail(&who.access, id).await?;
    answered(&who, id, outcome, "The mail goes out again.", String::new()).await
}

async fn cancel(who: SignedIn, Path(id): Path<Uuid>, Form(_): Form<Words>) -> Answer {
    let outcome = who.site.worker().cancel_mail(&who.access, id).await?;
    answered(&who, id, outcome, "The mail is cancelled.", String::new()).await
}

async fn correct(who: SignedIn, Path(id): Path<Uuid>, Form(form): Form<Words>) -> Answer {
    let outcome = who.site.worker().correct_sent(&who.access, id, &form.words).await?;
    answered(&who, id, outcome, "The mail is corrected.", form.words).await
}

/// What became of an act about a mail: done, the mail's page again; refused, its page with the reason and what was typed.
async fn answered(who: &SignedIn, id: Uuid, outcome: Acted, done: &str, words: String) -> Answer {
    let here = format!("/mail/{id}");
    match outcome {
        Acted::Done(what) => {
            let sentences = what.sentences();
            who.done(if sentences.is_empty() { done } else { &sentences }, &here).await
        }
        Acted::Twice => who.done("This was sent before, and was done then.", &here).await,
        Acted::Busy => who.done("The mail changed at the same moment. Please look at it and try again.", &here).await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Refused(parts) => {
            let found = seen(who, id, "mail").await?;
            let fault = parts.into_iter().map(|part| part.why).collect::<Vec<_>>().join(" ");
            let mut page = who.page("mail_one.html", one(who, &found, words, fault)).await?;
            *page.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(page)
        }
    }
}

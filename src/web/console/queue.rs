//! Queue: which cases there are, what is due of them, and finding one.

use super::due_words::{DueWords, Target, due_words};
use super::queue_ask::{Ask, Fields, in_words};
use crate::case::commands::Word;
use crate::desk::Desk;
use crate::store::{Found, QueueCase, QueuePage};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, see_other};
use crate::words::numbers::CaseNumber;
use crate::worker::acts::{About, Act, Acted};
use axum::Router;
use axum::extract::Query;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The routes of this page.
pub fn routes() -> Router<Site> {
    Router::new().route("/queue", get(show)).route("/queue/take", post(take))
}

/// The page.
#[derive(Serialize)]
struct View {
    fields: Fields,
    rows: Vec<Row>,
    /// How many there are, in words.
    count: String,
    is_search: bool,
    has_desks: bool,
    /// This page's address, to come back to.
    here: String,
    next: Option<String>,
    first: Option<String>,
}

/// A case in the list.
#[derive(Serialize)]
pub(super) struct Row {
    desk: String,
    desk_name: String,
    number: String,
    href: String,
    subject: String,
    line: Option<String>,
    status: String,
    status_tone: &'static str,
    urgent: bool,
    requester: String,
    specialist: Option<String>,
    is_mine: bool,
    due: DueWords,
    /// The day by which the desk aims to be done with it.
    target: Option<Target>,
    opened: String,
    zone: String,
    /// What makes taking it one act, where it may be taken.
    take: Option<Uuid>,
}

async fn show(who: SignedIn, Query(ask): Query<Ask>) -> Answer {
    let now = who.site.now();
    let filter = ask.filter(&who, now);
    let store = who.site.store();
    let after = ask.cursor();
    let (page, count) = if ask.is_search() {
        store.record_search(&who.access, &ask.find, filter.desk.as_deref(), now).await?;
        match store.search(&who.access, &ask.find, &filter, after.as_ref()).await? {
            Found::Case { desk, number } => return Ok(see_other(&case_path(&desk, &number))),
            Found::NothingTyped => (QueuePage::default(), "Nothing to search for was typed.".to_owned()),
            Found::Cases(page) => {
                let count = found_words(&page, after.is_some());
                (page, count)
            }
        }
    } else {
        let page = store.queue(&who.access, &filter, ask.order(), after.as_ref()).await?;
        let count = store.queue_count(&who.access, &filter).await?;
        let more = if count.more { "more than " } else { "" };
        let cases = if count.n == 1 { "case" } else { "cases" };
        (page, format!("{more}{} {cases}", grouped(count.n)))
    };
    let view = View {
        fields: ask.fields(&who),
        rows: rows(&who, &page.cases),
        count,
        is_search: ask.is_search(),
        has_desks: who.access.desks.len() > 1,
        here: ask.address(after.as_ref()),
        next: page.next.as_ref().map(|next| ask.address(Some(next))),
        first: after.is_some().then(|| ask.address(None)),
    };
    who.page("queue.html", view).await
}

fn found_words(page: &QueuePage, is_later: bool) -> String {
    match (page.cases.len(), page.next.is_some() || is_later) {
        (0, _) => "No case has all of these words. A search finds whole words only.".to_owned(),
        (1, false) => "1 case has all of these words".to_owned(),
        (n, false) => format!("{n} cases have all of these words"),
        (_, true) => "Many cases have all of these words, newest first".to_owned(),
    }
}

/// `12,345`
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Where a case's page is.
pub(super) fn case_path(desk: &str, number: &CaseNumber) -> String {
    format!("/cases/{desk}/{number}")
}

/// Cases as the list shows them.
pub(super) fn rows(who: &SignedIn, cases: &[QueueCase]) -> Vec<Row> {
    let desks: HashMap<String, Arc<Desk>> = who.desks().into_iter().map(|desk| (desk.id.clone(), desk)).collect();
    cases.iter().filter_map(|one| Some(row(who, desks.get(&one.case.desk)?, one))).collect()
}

fn row(who: &SignedIn, desk: &Desk, one: &QueueCase) -> Row {
    let case = &one.case;
    let zone = desk.calendar.zone_name().to_owned();
    let local = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let is_staff = desk.staff_member(&who.account.email).is_some();
    let may_take = is_staff && case.specialist.is_none() && case.is_open();
    Row {
        desk: case.desk.clone(),
        desk_name: desk.name.clone(),
        href: case_path(&case.desk, &case.number),
        number: case.number.to_string(),
        subject: case.subject.clone(),
        line: case.line.as_ref().map(|id| desk.line(id).map_or_else(|| id.0.clone(), |line| line.name.clone())),
        status: in_words(case.status.as_str()),
        status_tone: status_tone(case.status),
        urgent: case.urgent,
        requester: case.requester_name.clone().unwrap_or_else(|| case.requester.to_string()),
        specialist: case
            .specialist
            .as_ref()
            .map(|email| desk.staff_member(email).map_or_else(|| email.to_string(), |staff| staff.name.clone())),
        is_mine: case.specialist.as_ref() == Some(&who.account.email),
        due: due_words(one.next, who.site.now(), &local),
        target: Target::of(desk, case, who.site.now()),
        opened: case.opened_at.to_string(),
        zone,
        take: may_take.then(|| who.site.new_id()),
    }
}

/// The class of a status' chip.
pub(super) fn status_tone(status: crate::words::Status) -> &'static str {
    use crate::words::Status;
    match status {
        Status::New => "info",
        Status::InReview => "calm",
        Status::WaitingInternal | Status::WaitingExternal | Status::Paused => "warn",
        Status::Resolved => "good",
    }
}

/// What taking a case says.
#[derive(Deserialize)]
struct Take {
    desk: String,
    number: String,
    id: Uuid,
    #[serde(default)]
    back: String,
}

async fn take(who: SignedIn, Form(form): Form<Take>) -> Answer {
    let number = CaseNumber(form.number);
    let act = Act::new(form.id, About::Case(number.clone())).with(Word::Assign, "me");
    // Only a page of this list is led back to.
    let back = if form.back == "/queue" || form.back.starts_with("/queue?") { form.back.as_str() } else { "/queue" };
    match who.site.worker().act(&who.access, &form.desk, &act).await? {
        Acted::Done(_) => who.done(&format!("Case {number} is yours now."), back).await,
        Acted::Twice => who.done("This was sent before, and was done then.", back).await,
        Acted::Busy => who.done("Somebody else changed the case at the same moment. Please try again.", back).await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Refused(parts) => {
            let why = parts.into_iter().map(|part| part.why).collect::<Vec<_>>().join(" ");
            who.done(&why, back).await
        }
    }
}

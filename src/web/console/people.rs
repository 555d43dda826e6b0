//! The staff of the desks: who has how much, who is away, and what a supervisor does about it; for an admin, accounts.

use crate::address::EmailAddress;
use crate::case::commands::Word;
use crate::desk::access::AccountRole;
use crate::desk::{Absence, Desk, Staff};
use crate::store::{Account, Load, View};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, Supervising};
use crate::worker::acts::{About, Act, Acted};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use jiff::civil::Date;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes of the page.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/people", get(show))
        .route("/people/{desk}/away", post(away))
        .route("/people/{desk}/back", post(back))
        .route("/people/{desk}/take-over", post(take_over))
}

/// One desk's staff.
#[derive(Serialize)]
struct Team {
    id: String,
    name: String,
    people: Vec<Person>,
    /// Open cases that nobody has.
    unassigned: u64,
    today: String,
}

#[derive(Serialize)]
struct Person {
    name: String,
    email: String,
    role: crate::desk::Role,
    lines: Vec<String>,
    is_away: bool,
    /// Days away that are not over.
    away: Vec<Days>,
    open: u64,
    urgent: u64,
    overdue: u64,
    paused: u64,
}

#[derive(Serialize)]
struct Days {
    from: String,
    to: String,
    /// As the form that ends them names them.
    days: String,
    /// Whether they were told, and can be ended here; else they stand in the policy file.
    is_told: bool,
}

#[derive(Serialize)]
struct Known {
    email: String,
    role: AccountRole,
    state: &'static str,
    codes: bool,
    made_at: String,
}

async fn show(Supervising(who): Supervising) -> Answer {
    page(&who, None).await
}

async fn page(who: &SignedIn, fault: Option<String>) -> Answer {
    let (store, now) = (who.site.store(), who.site.now());
    let loads = store.people_load(&who.access, None, now).await?;
    let mut teams = Vec::new();
    for desk in who.desks() {
        let told = store.absences(&desk.id, desk.calendar.local(now).date()).await?;
        store.record_view(&who.access, View::of_desk(&desk.id, "people"), now).await?;
        teams.push(team(&desk, &loads, &told, desk.calendar.local(now).date()));
    }
    let accounts: Vec<Known> = match who.account.role {
        AccountRole::Admin => store.accounts().await?.iter().map(known).collect(),
        _ => Vec::new(),
    };
    let context = context! {
        teams => Value::from(Serde(teams)),
        accounts => Value::from(Serde(accounts)),
        zone => who.zone(),
        form => who.site.new_id().to_string(),
        fault => fault.clone(),
    };
    let mut response = who.page("people.html", context).await?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn team(desk: &Desk, loads: &[Load], told: &[(EmailAddress, Absence)], today: Date) -> Team {
    let mut own = loads.iter().filter(|load| load.desk == desk.id);
    let unassigned = own.clone().find(|load| load.specialist.is_none()).map_or(0, |load| load.open);
    let person = |staff: &Staff| {
        let load = own.clone().find(|load| load.specialist.as_ref() == Some(&staff.email));
        let count = |of: fn(&Load) -> u64| load.map_or(0, of);
        let line = |id: &crate::words::LineId| desk.line(id).map_or_else(|| id.to_string(), |line| line.name.clone());
        let days = |days: &Absence| Days {
            from: days.from.strftime("%a %-d %b").to_string(),
            to: days.to.strftime("%a %-d %b %Y").to_string(),
            days: format!("{}..{}", days.from, days.to),
            is_told: told.iter().any(|(who, told)| *who == staff.email && told == days),
        };
        Person {
            name: staff.name.clone(),
            email: staff.email.to_string(),
            role: staff.role,
            lines: staff.lines.iter().map(line).collect(),
            is_away: staff.is_absent(today),
            away: staff.absent.iter().filter(|days| days.to >= today).map(days).collect(),
            open: count(|load| load.open),
            urgent: count(|load| load.urgent),
            overdue: count(|load| load.overdue),
            paused: count(|load| load.paused),
        }
    };
    let people = desk.staff.iter().map(person).collect();
    own.next();
    Team { id: desk.id.clone(), name: desk.name.clone(), people, unassigned, today: today.to_string() }
}

fn known(account: &Account) -> Known {
    Known {
        email: account.email.to_string(),
        role: account.role,
        state: account.state.as_str(),
        codes: account.codes.is_some(),
        made_at: account.made_at.to_string(),
    }
}

#[derive(Deserialize)]
struct Away {
    form: String,
    who: String,
    from: String,
    #[serde(default)]
    to: String,
}

async fn away(Supervising(who): Supervising, Path(desk): Path<String>, Form(form): Form<Away>) -> Answer {
    let desk = who.desk(&desk)?;
    let staff = member(&desk, &form.who)?;
    let to = if form.to.is_empty() { &form.from } else { &form.to };
    let rest = format!("for {} {}..{to}", staff.email, form.from);
    act(&who, &desk, &form.form, Word::Out, rest).await
}

#[derive(Deserialize)]
struct TakeOver {
    form: String,
    from: String,
    to: String,
}

async fn take_over(Supervising(who): Supervising, Path(desk): Path<String>, Form(form): Form<TakeOver>) -> Answer {
    let desk = who.desk(&desk)?;
    let (from, to) = (member(&desk, &form.from)?, member(&desk, &form.to)?);
    act(&who, &desk, &form.form, Word::Assign, format!("{} all from {}", to.email, from.email)).await
}

#[derive(Deserialize)]
struct Back {
    who: String,
    days: String,
}

/// Ends days away that were told: somebody is back, or does not go.
async fn back(Supervising(who): Supervising, Path(desk): Path<String>, Form(form): Form<Back>) -> Answer {
    let desk = who.desk(&desk)?;
    let staff = member(&desk, &form.who)?;
    let days = form
        .days
        .split_once("..")
        .and_then(|(from, to)| Some(Absence { from: from.parse().ok()?, to: to.parse().ok()? }));
    let days = days.ok_or(PageError::NotFound)?;
    let (site, by) = (&who.site, who.key());
    if !site.store().end_absence(&desk.id, (&staff.email, days), &by, site.now()).await? {
        let why = "These days are not told any more, or they stand in the policy file, where they can be changed.";
        return page(&who, Some(why.to_owned())).await;
    }
    site.worker().refresh_absences().await?;
    who.done(&format!("{} is no longer away on these days.", staff.name), "/people").await
}

fn member<'a>(desk: &'a Desk, email: &str) -> Result<&'a Staff, PageError> {
    let email = EmailAddress::parse(email).map_err(|_| PageError::NotFound)?;
    desk.staff_member(&email).ok_or(PageError::NotFound)
}

async fn act(who: &SignedIn, desk: &Desk, form: &str, word: Word, rest: String) -> Answer {
    let form: Uuid = form.parse().map_err(|_| PageError::NotFound)?;
    let act = Act::new(form, About::Nothing).with(word, rest);
    match who.site.worker().act(&who.access, &desk.id, &act).await? {
        Acted::Done(done) => {
            who.site.worker().refresh_absences().await?;
            who.done(&done.sentences(), "/people").await
        }
        Acted::Refused(parts) => {
            let why: Vec<String> = parts.into_iter().map(|part| part.why).collect();
            page(who, Some(why.join(" "))).await
        }
        Acted::Twice => who.done("This was sent before, and was done then.", "/people").await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Busy => {
            let why = "Somebody else changed something at the same moment. Please send it again.";
            page(who, Some(why.to_owned())).await
        }
    }
}

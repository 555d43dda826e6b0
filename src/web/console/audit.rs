//! Audit: who did what, who looked at what, whether the trail is whole, and taking it along.

use super::queue::case_path;
use super::queue_ask::in_words;
use super::trail_file::{TrailForm, begin, checkpoint_lines, lines};
use crate::case::EventKind;
use crate::desk::Desk;
use crate::store::{ExportFilter, ExportPlace, TrailFilter, TrailRow, View as Look};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, Supervising};
use crate::words::numbers::CaseNumber;
use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The routes of this page.
pub fn routes() -> Router<Site> {
    Router::new().route("/audit", get(show)).route("/audit/verify", post(verify)).route("/audit/export", get(export))
}

/// The fields of the form; what is not known counts as not said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Ask {
    desk: String,
    case: String,
    kind: String,
    who: String,
    since: String,
    until: String,
    after: String,
    form: String,
}

#[derive(Serialize)]
struct View {
    ask: Ask,
    desks: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    people: Vec<(String, String)>,
    rows: Vec<Row>,
    zone: String,
    next: Option<String>,
    first: Option<String>,
    checked: Option<Checked>,
}

#[derive(Serialize)]
struct Row {
    at: Timestamp,
    words: String,
    text: Option<String>,
    who: Option<String>,
    case: Option<(String, String)>,
    place: String,
    ids: Vec<(String, String)>,
}

/// What verifying found.
#[derive(Serialize)]
struct Checked {
    is_whole: bool,
    words: String,
    broken: Vec<String>,
}

impl Ask {
    fn desk(&self, who: &SignedIn) -> Result<Arc<Desk>, PageError> {
        if self.desk.is_empty() {
            who.desks().into_iter().next().ok_or(PageError::NotFound)
        } else {
            who.desk(&self.desk)
        }
    }

    fn filter(&self, desk: &Desk) -> TrailFilter {
        let number = self.case.trim().trim_matches(['[', ']']).to_uppercase();
        TrailFilter {
            desk: desk.id.clone(),
            case: (!number.is_empty()).then_some(CaseNumber(number)),
            kind: EventKind::from_word(&self.kind),
            account: (!self.who.is_empty()).then(|| self.who.clone()),
            since: day(desk, &self.since, 0),
            until: day(desk, &self.until, 1),
        }
    }

    fn address(&self, after: Option<&str>) -> String {
        let after = after.unwrap_or_default();
        let fields = [
            ("desk", self.desk.as_str()),
            ("case", &self.case),
            ("kind", &self.kind),
            ("who", &self.who),
            ("since", &self.since),
            ("until", &self.until),
            ("after", after),
        ];
        let said: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        match serde_urlencoded::to_string(&said) {
            Ok(query) if !query.is_empty() => format!("/audit?{query}"),
            _ => "/audit".to_owned(),
        }
    }
}

/// The beginning of a day of a form, or of one of the days behind it.
fn day(desk: &Desk, written: &str, later: i64) -> Option<Timestamp> {
    let date: Date = written.parse().ok()?;
    Some(desk.calendar.at_local(date.checked_add(later.days()).ok()?, Time::midnight()))
}

async fn show(Supervising(who): Supervising, Query(ask): Query<Ask>) -> Answer {
    page(&who, ask, None).await
}

async fn page(who: &SignedIn, ask: Ask, checked: Option<Checked>) -> Answer {
    let desk = ask.desk(who)?;
    let store = who.site.store();
    store.record_view(&who.access, Look::of_desk(&desk.id, "audit"), who.site.now()).await?;
    let after = Some(ask.after.as_str()).filter(|after| !after.is_empty());
    let trail = store.trail(&who.access, &ask.filter(&desk), after).await?;
    let names = names(who).await?;
    let mut people: Vec<(String, String)> = names.iter().map(|(key, name)| (key.clone(), name.clone())).collect();
    people.sort_by(|one, other| one.1.cmp(&other.1));
    let view = View {
        desks: who.desks().iter().map(|desk| (desk.id.clone(), desk.name.clone())).collect(),
        kinds: EventKind::ALL.iter().map(|kind| (kind.to_string(), in_words(kind.as_str()))).collect(),
        people,
        rows: trail.rows.iter().map(|one| row(&desk, one, &names)).collect(),
        zone: desk.calendar.zone_name().to_owned(),
        next: trail.next.as_deref().map(|next| ask.address(Some(next))),
        first: after.is_some().then(|| ask.address(None)),
        ask: Ask { desk: desk.id.clone(), ..ask },
        checked,
    };
    who.page("audit.html", view).await
}

/// Whose keys stand in audit rows: everybody on a staff list, and every account.
pub(super) async fn names(who: &SignedIn) -> Result<HashMap<String, String>, PageError> {
    let store = who.site.store();
    let mut names = HashMap::new();
    if who.access.supervises() {
        for account in store.accounts().await? {
            names.insert(store.account_key(&account.email), account.email.to_string());
        }
    }
    for desk in who.desks() {
        for staff in &desk.staff {
            names.insert(store.account_key(&staff.email), staff.name.clone());
        }
    }
    Ok(names)
}

fn row(desk: &Desk, one: &TrailRow, names: &HashMap<String, String>) -> Row {
    let event = &one.event;
    let account = event.ids.get("account");
    let shown = event.ids.iter().filter(|(name, _)| !matches!(name.as_str(), "account" | "words"));
    Row {
        at: one.at,
        words: event.words.clone(),
        text: event.text.clone(),
        who: account.map(|key| names.get(key).cloned().unwrap_or_else(|| "an unknown account".to_owned())),
        case: one.case.as_ref().map(|number| (number.to_string(), case_path(&desk.id, number))),
        place: format!("{} {}", if one.case.is_some() { "case row" } else { "desk row" }, event.seq),
        ids: shown.map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

/// Reads the whole trail again. Only admins see every desk's chains, so that others are told the number of faults alone.
async fn verify(Supervising(who): Supervising, Form(ask): Form<Ask>) -> Answer {
    let report = who.site.store().audit_verify().await?;
    let words = format!(
        "{} rows in {} chains and {} checkpoints were read again.",
        super::queue::grouped(report.rows),
        super::queue::grouped(report.chains),
        super::queue::grouped(report.checkpoints)
    );
    let own = report.broken.iter().filter(|broken| broken.desk.is_empty() || who.access.has_desk(&broken.desk));
    let broken = own.map(|broken| {
        let place = if broken.desk.is_empty() { String::new() } else { format!("desk {}, ", broken.desk) };
        format!("{place}chain {}, row {}: {}", broken.chain, broken.seq, broken.what)
    });
    let checked = Checked { is_whole: report.broken.is_empty(), words, broken: broken.collect() };
    page(&who, ask, Some(checked)).await
}

/// The trail of a desk as a file, written while it is read.
async fn export(Supervising(who): Supervising, Query(ask): Query<Ask>) -> Answer {
    let desk = ask.desk(&who)?;
    let form = if ask.form == "csv" { TrailForm::Csv } else { TrailForm::Json };
    let filter = ask.filter(&desk);
    let filter = ExportFilter { desk: Some(filter.desk), since: filter.since, until: filter.until };
    let store = who.site.store().clone();
    let look = Look::of_desk(&desk.id, "audit").exported();
    store.record_view(&who.access, look, who.site.now()).await?;
    let checkpoints = checkpoint_lines(form, &store.export_checkpoints().await?)?;
    let access = who.access.clone();
    let first = futures::stream::iter([Ok(begin(form) + &checkpoints)]);
    let rest = futures::stream::try_unfold(Some(None::<ExportPlace>), move |place| {
        let (store, filter, access) = (store.clone(), filter.clone(), access.clone());
        async move {
            let Some(after) = place else { return Ok::<_, anyhow::Error>(None) };
            let (rows, next) = store.export_rows(&filter, Some(&access), after.as_ref()).await?;
            Ok(Some((lines(form, &rows)?, next.map(Some))))
        }
    });
    let (kind, ending) = match form {
        TrailForm::Json => ("application/x-ndjson", "jsonl"),
        TrailForm::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let name = format!("attachment; filename=\"audit-{}.{ending}\"", desk.id);
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], body).into_response())
}

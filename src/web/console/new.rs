//! A case by hand, for a call: a form with the desk's own fields, which the clerk reads as it reads a mail, so that what
//! is missing or cannot be used shows at its field before the case is opened.

use super::tones;
use crate::address::EmailAddress;
use crate::case::commands::Word;
use crate::desk::{Desk, Field, FieldRole, Role};
use crate::effects::explained::explain;
use crate::settings::Trust;
use crate::web::base::choices::{choices, is_always_needed, needed_when};
use crate::web::base::{Answer, Form, PageError, SignedIn, Site, see_other};
use crate::worker::acts::{About, Act, Acted, Part};
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use jiff::Timestamp;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What stands before the name of a desk's own field in the form.
const OWN_FIELD: &str = "field.";

/// The routes of the page.
pub fn routes() -> Router<Site> {
    Router::new().route("/new", get(first)).route("/new/{desk}", get(show).post(open))
}

/// What was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
struct Typed {
    /// Values by the form's names.
    values: BTreeMap<String, String>,
    /// What is wrong, by the form's names; `""`: with all of it.
    faults: BTreeMap<String, String>,
    /// Whether only facts are missing, which the caller may not know.
    may_open: bool,
}

impl Typed {
    fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |value| value.trim())
    }

    fn refuse(&mut self, name: &str, why: impl Into<String>) {
        let said = self.faults.entry(name.to_owned()).or_default();
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(&why.into());
    }
}

/// One of the desk's fields, as the form shows it.
#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    label: String,
    required: bool,
    hint: Option<String>,
    is_long: bool,
    options: Vec<String>,
    value: String,
    fault: Option<String>,
}

#[derive(Deserialize)]
struct Ask {
    desk: Option<String>,
}

async fn first(who: SignedIn, Query(ask): Query<Ask>) -> Answer {
    let desk = match ask.desk.filter(|desk| !desk.is_empty()) {
        Some(desk) => who.desk(&desk)?,
        None => who.desks().into_iter().next().ok_or(PageError::NotFound)?,
    };
    Ok(see_other(&format!("/new/{}", desk.id)))
}

async fn show(who: SignedIn, Path(desk): Path<String>) -> Answer {
    let desk = who.desk(&desk)?;
    page(&who, &desk, &Typed::default()).await
}

async fn page(who: &SignedIn, desk: &Desk, typed: &Typed) -> Answer {
    let desks: Vec<_> = who.desks().iter().map(|one| (one.id.clone(), one.name.clone())).collect();
    // A queue follows from the type: nobody is asked for one.
    let lines =
        desk.lines.iter().filter(|_| !desk.has_queues).filter(|line| who.access.sees(&desk.id, Some(&line.id), None));
    let lines: Vec<_> = lines.map(|line| (line.id.0.clone(), line.name.clone())).collect();
    let works = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
    let staff: Vec<_> = works.map(|staff| (staff.email.to_string(), staff.name.clone())).collect();
    let me = desk.staff_member(&who.access.email).map(|staff| staff.role == Role::Specialist).unwrap_or(false);
    let context = context! {
        desk => Value::from(Serde((desk.id.clone(), desk.name.clone()))),
        desks => Value::from(Serde(desks)),
        lines => Value::from(Serde(lines)),
        staff => Value::from(Serde(staff)),
        me,
        fields => Value::from(Serde(shown(desk, typed))),
        values => Value::from(Serde(plain_values(typed))),
        faults => Value::from(Serde(&typed.faults)),
        may_open => typed.may_open,
        form => who.site.new_id().to_string(),
    };
    let mut response = who.page("new.html", context).await?;
    if !typed.faults.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What stands in the fields that every desk has: empty where nothing was typed.
fn plain_values(typed: &Typed) -> BTreeMap<&'static str, String> {
    ["name", "email", "line", "assign"].into_iter().map(|name| (name, typed.value(name).to_owned())).collect()
}

/// The fields of a desk that are asked for; who calls is asked for above them.
fn asked(desk: &Desk) -> impl Iterator<Item = &Field> {
    desk.fields.iter().filter(|field| field.role != FieldRole::RequesterName)
}

fn shown(desk: &Desk, typed: &Typed) -> Vec<Shown> {
    let one = |field: &Field| {
        let name = format!("{OWN_FIELD}{}", field.id);
        Shown {
            label: field.label.clone(),
            required: is_always_needed(desk, field),
            hint: hint(desk, field),
            options: choices(desk, field),
            is_long: field.role == FieldRole::Summary,
            value: typed.values.get(&name).cloned().unwrap_or_default(),
            fault: typed.faults.get(&name).cloned(),
            name,
        }
    };
    asked(desk).map(one).collect()
}

/// What a good value is, and when one is needed.
fn hint(desk: &Desk, field: &Field) -> Option<String> {
    let parts: Vec<String> = field.hint.clone().into_iter().chain(needed_when(desk, field)).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

async fn open(who: SignedIn, Path(desk): Path<String>, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let desk = who.desk(&desk)?;
    let mut typed = Typed { values: pairs.into_iter().collect(), ..Typed::default() };
    let Ok(form) = typed.value("form").parse::<Uuid>() else { return Err(PageError::NotFound) };
    let requester = requester(&mut typed);
    let line = typed.value("line").to_owned();
    if !line.is_empty()
        && !who.access.sees(&desk.id, desk.lines.iter().find(|one| one.id.0 == line).map(|one| &one.id), None)
    {
        return Err(PageError::NotFound);
    }
    let (subject, text) = request(&desk, &typed);
    judge(&who, &desk, &mut typed, &subject, &text).await?;
    let Some(requester) = requester.filter(|_| typed.faults.is_empty()) else {
        return page(&who, &desk, &typed).await;
    };
    let mut act = Act { subject, ..Act::new(form, About::Nothing) }.saying(text).with(Word::For, requester);
    let mut names = vec!["email"];
    for (name, word) in [("line", Word::Line), ("assign", Word::Assign)] {
        let value = typed.value(name).to_owned();
        if !value.is_empty() {
            act = act.with(word, value);
            names.push(name);
        }
    }
    match who.site.worker().act(&who.access, &desk.id, &act).await? {
        Acted::Done(done) => {
            let to = done.case.as_ref().map_or("/queue".to_owned(), |number| format!("/cases/{}/{number}", desk.id));
            who.done(&done.sentences(), &to).await
        }
        Acted::Refused(parts) => {
            for refused in parts {
                let name = match refused.part {
                    Part::Command(place) => names.get(place).copied().unwrap_or_default(),
                    Part::Text | Part::Files | Part::Whole => "",
                };
                typed.refuse(name, refused.why);
            }
            page(&who, &desk, &typed).await
        }
        Acted::Twice => who.done("This case was opened before, by the same form.", "/queue").await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Busy => {
            typed.refuse("", "Somebody else changed something at the same moment. Please send it again.");
            page(&who, &desk, &typed).await
        }
    }
}

/// Who calls, as a mail would name them.
fn requester(typed: &mut Typed) -> Option<String> {
    let (name, email) = (typed.value("name").to_owned(), typed.value("email").to_owned());
    if name.is_empty() {
        typed.refuse("name", "Write the name of whoever calls.");
    }
    let why = match (email.is_empty(), EmailAddress::parse(&email)) {
        (true, _) => {
            "An address is needed: answers and updates go by mail. Whoever has none cannot be followed up here; give them \
             the phone of the line instead."
        }
        (false, Err(_)) => "This is no email address; it looks like name@example.com.",
        (false, Ok(email)) => {
            let name: String = name.chars().filter(|c| !matches!(c, '<' | '>' | '"') && !c.is_control()).collect();
            return Some(format!("{} <{email}>", name.trim()));
        }
    };
    typed.refuse("email", why);
    None
}

/// Subject and text of the request, as a mail has them: a label and its value a line.
fn request(desk: &Desk, typed: &Typed) -> (String, String) {
    let mut lines = Vec::new();
    for field in &desk.fields {
        let value = match field.role {
            FieldRole::RequesterName => typed.value("name"),
            _ => typed.value(&format!("{OWN_FIELD}{}", field.id)),
        };
        if !value.is_empty() {
            lines.push(format!("{}: {value}", field.label));
        }
    }
    let line = desk.lines.iter().find(|line| line.id.0 == typed.value("line"));
    let kind = desk.field_of(FieldRole::Type).map(|field| typed.value(&format!("{OWN_FIELD}{}", field.id)));
    let subject = line.map(|line| line.name.clone()).or_else(|| kind.map(str::to_owned));
    (subject.unwrap_or_default(), lines.join("\n"))
}

/// Reads the request as if it had come by mail, and puts what is wrong at its field. Facts that only are missing stop
/// nobody who says that the caller does not know them.
async fn judge(
    who: &SignedIn,
    desk: &Arc<Desk>,
    typed: &mut Typed,
    subject: &str,
    text: &str,
) -> Result<(), PageError> {
    let (now, asked) = (who.site.now(), Arc::clone(desk));
    let raw = as_mail(desk, typed.value("email"), subject, text);
    let faults = tokio::task::spawn_blocking(move || faults(&asked, &raw, now)).await??;
    let is_known_missing = typed.value("missing") == "yes";
    typed.may_open = faults.iter().all(|fault| fault.is_missing);
    if !(is_known_missing && typed.may_open) {
        for fault in faults {
            typed.refuse(&fault.name, fault.why);
        }
    }
    Ok(())
}

struct Fault {
    name: String,
    why: String,
    is_missing: bool,
}

fn faults(desk: &Desk, raw: &[u8], now: Timestamp) -> anyhow::Result<Vec<Fault>> {
    use crate::words::{Decision, ReasonCode};
    let judgement = explain(desk, raw, &Trust::None, true, now)?.judgement;
    if !matches!(judgement.decision, Decision::Return | Decision::RejectMixed) {
        return Ok(Vec::new());
    }
    let fault = |reason: &crate::words::Reason| {
        let own = reason.field.as_deref().and_then(|id| desk.field(id));
        let one_of = desk.one_of.iter().find(|one| reason.field.as_deref() == Some(one.id.as_str()));
        let name = match (reason.code, own) {
            (ReasonCode::LineUnknown | ReasonCode::LineConflict | ReasonCode::MixedLines, _) => "line".to_owned(),
            (_, Some(field)) if field.role == FieldRole::RequesterName => "name".to_owned(),
            (_, Some(field)) => format!("{OWN_FIELD}{}", field.id),
            (ReasonCode::WrongType | ReasonCode::TypeNotByMail, _) => of_role(desk, FieldRole::Type),
            (ReasonCode::SeveralIssues | ReasonCode::NotAssociated, _) => String::new(),
            (_, None) if one_of.is_some() => {
                one_of.and_then(|one| one.fields.first()).map(|id| format!("{OWN_FIELD}{id}")).unwrap_or_default()
            }
            // What the subject lacks, a field of the form has.
            _ => match desk.field_of(FieldRole::MemberName) {
                Some(field) => format!("{OWN_FIELD}{}", field.id),
                None => String::new(),
            },
        };
        let mut why = tones::reason(desk, reason);
        if let Some(first) = why.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let hint = own.filter(|_| reason.code == ReasonCode::InvalidField).and_then(|field| field.hint.as_deref());
        let why = hint.map_or_else(|| format!("{why}."), |hint| format!("{why}: it should be {hint}."));
        Fault { name, why, is_missing: reason.code == ReasonCode::MissingField }
    };
    Ok(judgement.reasons.iter().map(fault).collect())
}

/// The input of the field with this role; all of the form where there is none.
fn of_role(desk: &Desk, role: FieldRole) -> String {
    desk.field_of(role).map(|field| format!("{OWN_FIELD}{}", field.id)).unwrap_or_default()
}

fn as_mail(desk: &Desk, from: &str, subject: &str, text: &str) -> Vec<u8> {
    let domain = desk.internal_domains.first().map_or("example.com", String::as_str);
    let from = EmailAddress::parse(from).map_or_else(|_| format!("caller@{domain}"), |from| from.to_string());
    let subject = subject.replace(['\r', '\n'], " ");
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "From: {from}\r\nTo: {}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
        desk.address
    )
    .into_bytes()
}

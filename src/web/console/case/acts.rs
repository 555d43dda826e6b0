//! What was posted from a case's page, as an act of the worker.

use super::forms::{FORMS, Typed};
use super::{page, path};
use crate::case::commands::Word;
use crate::desk::Desk;
use crate::web::base::{Answer, Form, PageError, SignedIn, Upload};
use crate::words::numbers::CaseNumber;
use crate::worker::acts::{About, Act, ActFile, Acted, Part};
use axum::extract::Path;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What is said of a form that was sent twice.
const TWICE: &str = "This was sent before, and was done then. Nothing was done a second time.";
/// What is said where others were quicker again and again.
const BUSY: &str = "Somebody else changed the case at the same moment, so nothing was done. Please send it again.";

type Values = BTreeMap<String, String>;

/// An answer to the requester, with what is done besides.
pub(super) async fn answer(who: SignedIn, Path((desk, number)): Path<(String, String)>, upload: Upload) -> Answer {
    let desk = who.desk(&desk)?;
    let files: Vec<ActFile> = upload
        .files
        .into_iter()
        .map(|file| ActFile { name: file.name, content_type: file.content_type, bytes: file.bytes.to_vec() })
        .collect();
    let values: Values = upload.fields.into_iter().collect();
    carry_out(&who, &desk, CaseNumber(number), "answer", values, files).await
}

/// Any other form.
pub(super) async fn act(
    who: SignedIn,
    Path((desk, number, action)): Path<(String, String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let desk = who.desk(&desk)?;
    let form = FORMS.iter().map(|(name, _)| *name).find(|name| *name == action && *name != "answer");
    let Some(form) = form else { return Err(PageError::NotFound) };
    carry_out(&who, &desk, CaseNumber(number), form, fields.into_iter().collect(), Vec::new()).await
}

async fn carry_out(
    who: &SignedIn,
    desk: &Arc<Desk>,
    number: CaseNumber,
    form: &'static str,
    values: Values,
    files: Vec<ActFile>,
) -> Answer {
    let Some(id) = values.get("act").and_then(|id| Uuid::parse_str(id).ok()) else { return Err(PageError::Forbidden) };
    let act = Act::new(id, About::Case(number.clone()));
    let act = filled(form, &values, act).enclosing(files);
    match who.site.worker().act(&who.access, &desk.id, &act).await? {
        Acted::Done(done) => who.done(&for_the_page(&done.sentences()), &path(&desk.id, &number)).await,
        Acted::Twice => who.done(TWICE, &path(&desk.id, &number)).await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Busy => refused(who, desk, &number, form, values, vec![("", BUSY.to_owned())]).await,
        Acted::Refused(parts) => {
            let faults = parts.into_iter().map(|one| (field_of(form, one.part), for_the_page(&one.why)));
            let faults = faults.collect();
            refused(who, desk, &number, form, values, faults).await
        }
    }
}

async fn refused(
    who: &SignedIn,
    desk: &Arc<Desk>,
    number: &CaseNumber,
    form: &'static str,
    values: Values,
    faults: Vec<(&'static str, String)>,
) -> Answer {
    let mut typed = Typed { form, values, ..Typed::default() };
    for (field, why) in faults {
        typed.faults.entry(field).or_insert(why);
    }
    page(who, desk, number, typed).await
}

/// The act that a form asks for: what stands in its fields, as a mail would have it behind the command's word.
fn filled(form: &str, values: &Values, act: Act) -> Act {
    let value = |name: &str| values.get(name).map_or("", |value| value.trim());
    let until = || Some(value("until")).filter(|date| !date.is_empty()).map(|date| format!("until {date}"));
    let waiting = |on: &str| format!("{on} {}", until().unwrap_or_default());
    let noted = |act: Act| match value("note") {
        "" => act,
        note => act.with(Word::Note, note),
    };
    match form {
        "answer" => {
            let act = act.saying(value("text"));
            match value("then") {
                "resolve" => act.with(Word::Resolve, ""),
                "external" => act.with(Word::Waiting, waiting("external")),
                "internal" => act.with(Word::Waiting, waiting("internal")),
                _ => act,
            }
        }
        "note" => act.with(Word::Note, value("text")),
        "update" => act.with(Word::Update, value("text")),
        "next-update" => act.with(Word::NextUpdate, format!("{} {}", value("date"), value("time"))),
        "pause" => noted(act.with(Word::Pause, until().unwrap_or_default())),
        "resume" => noted(act.with(Word::Resume, "")),
        "waiting" => noted(act.with(Word::Waiting, waiting(value("on")))),
        "assign" => act.with(Word::Assign, value("to")),
        "priority" => act.with(Word::Priority, value("word")),
        "line" => act.with(Word::Line, value("line")),
        "field" => act.with(Word::Field, format!("{}={}", value("field"), value("value"))),
        "opportunity" => act.with(Word::Opportunity, format!("{} {}", value("kind"), value("text"))),
        "escalate" => act.with(Word::Escalate, value("text")),
        "list" => act.with(Word::List, format!("{} {}", value("list"), value("text"))),
        "return" => act.with(Word::Return, value("text")),
        "redirect" => noted(act.with(Word::Redirect, value("topic"))),
        "split" => act.with(Word::Split, ""),
        "merge" => act.with(Word::Merge, value("number")),
        _ => act,
    }
}

/// The field that a refused part of an act came from.
fn field_of(form: &'static str, part: Part) -> &'static str {
    match (form, part) {
        ("answer", Part::Command(_)) => "until",
        ("waiting", Part::Command(_)) => "until",
        ("answer", Part::Text) => "text",
        ("answer", Part::Files) => "files",
        (_, Part::Command(_)) => {
            let fields = FORMS.iter().find(|(name, _)| *name == form).map(|(_, fields)| *fields);
            fields.and_then(|fields| fields.first().copied()).unwrap_or_default()
        }
        _ => "",
    }
}

/// Sentences that also stand in mails, for a page: it has forms in the place of command lines, and no code marks.
fn for_the_page(sentences: &str) -> String {
    sentences
        .replace(" To give it to somebody else, write `#assign NAME`.", "")
        .replace(
            "Take it up with `#resume` first, or set the end with `#pause until DATE`.",
            "Let it go on first, or set the end of the pause.",
        )
        .replace(" in the same mail, as `#note TEXT` on a line of its own.", ".")
        .replace("The clocks stand until `#resume`.", "The clocks stand until they are let go on.")
        .replace('`', "")
}

/// Something that is done with a mail of the case.
pub(super) async fn with_mail(
    who: SignedIn,
    Path((desk, number, mail, deed)): Path<(String, String, Uuid, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let desk = who.desk(&desk)?;
    let number = CaseNumber(number);
    let values: Values = fields.into_iter().collect();
    let words = values.get("words").map_or("", |words| words.trim());
    let worker = who.site.worker();
    let acted = match deed.as_str() {
        "correct" if words.is_empty() && values.get("how").is_some_and(|how| how == "correct") => {
            let why = "Write what is right, or withdraw the mail without words.";
            return mail_refused(&who, &desk, &number, why).await;
        }
        "correct" => {
            let withdraws = values.get("how").is_some_and(|how| how == "withdraw");
            worker.correct_sent(&who.access, mail, if withdraws { "" } else { words }).await?
        }
        "cancel" => worker.cancel_mail(&who.access, mail).await?,
        "again" => worker.retry_mail(&who.access, mail).await?,
        _ => return Err(PageError::NotFound),
    };
    match acted {
        Acted::Done(done) => who.done(&done.sentences(), &path(&desk.id, &number)).await,
        Acted::Twice => who.done(TWICE, &path(&desk.id, &number)).await,
        Acted::NotFound => Err(PageError::NotFound),
        Acted::Busy => mail_refused(&who, &desk, &number, BUSY).await,
        Acted::Refused(parts) => {
            let why: Vec<String> = parts.into_iter().map(|part| part.why).collect();
            mail_refused(&who, &desk, &number, &why.join(" ")).await
        }
    }
}

async fn mail_refused(who: &SignedIn, desk: &Arc<Desk>, number: &CaseNumber, why: &str) -> Answer {
    page(who, desk, number, Typed { mail_fault: Some(why.to_owned()), ..Typed::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_asks_for_something_and_its_faults_have_a_field() {
        for (form, fields) in FORMS {
            let values: Values = fields.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
            let act = filled(form, &values, Act::new(Uuid::nil(), About::Nothing));
            assert!(!act.commands.is_empty() || !act.text.is_empty(), "{form}");
            let field = field_of(form, Part::Command(0));
            assert!(fields.contains(&field) || (fields.is_empty() && field.is_empty()), "{form}: {field}");
        }
    }
}

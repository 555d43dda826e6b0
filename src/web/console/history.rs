//! A case's history as a file: the conversation, the decisions, the events and who did what, as text, JSON or CSV. The
//! command line writes the same.

use super::mail::named;
use super::trail_file::csv_lines;
use crate::store::{CasePage, TimelineEvent, TimelineItem, TimelineMail, TimelineMessage, TimelineWhat};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt::Write;

/// The form of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum HistoryForm {
    /// For a person.
    Text,
    /// For a program.
    Json,
    /// For a spreadsheet.
    Csv,
}

impl HistoryForm {
    /// The form with this name in an address.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Its media type, and the extension of its file.
    pub fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text/plain; charset=utf-8", "txt"),
            Self::Json => ("application/json", "json"),
            Self::Csv => ("text/csv; charset=utf-8", "csv"),
        }
    }
}

/// One thing that happened, in the same shape whatever it was.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    at: String,
    /// `message`, `mail` or `event`.
    what: &'static str,
    /// The number of the case that was merged into this one, where it happened there.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<&'a str>,
    /// Whether it happened before there was a case.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pending: bool,
    /// A message's decision or role, a mail's template, an event's kind.
    kind: String,
    /// How a mail stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    state: String,
    /// Who wrote a message, or what account did something.
    #[serde(skip_serializing_if = "String::is_empty")]
    who: String,
    /// To whom a mail is.
    #[serde(skip_serializing_if = "String::is_empty")]
    to: String,
    /// A subject, or an event in words.
    summary: String,
    /// What was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// Codes of reasons, and rules that hit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
    /// Names of attachments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
    /// The row of a message, mail or event.
    id: String,
}

/// The history of a case; `who` names the accounts of its events by their key.
pub fn history(
    page: &CasePage,
    form: HistoryForm,
    zone: &TimeZone,
    who: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<String> {
    let entries: Vec<Entry<'_>> = page.items.iter().map(|item| entry(item, &who)).collect();
    match form {
        HistoryForm::Text => Ok(as_text(page, &entries, zone)),
        HistoryForm::Json => {
            let whole = serde_json::json!({
                "number": page.case.number, "desk": page.case.desk, "status": page.case.status,
                "subject": page.case.subject, "is_cut": page.is_cut, "history": entries,
            });
            Ok(serde_json::to_string_pretty(&whole)? + "\n")
        }
        HistoryForm::Csv => {
            let heads =
                ["at", "what", "case", "kind", "state", "who", "to", "summary", "text", "why", "attachments", "id"];
            let heads = std::iter::once(heads.map(str::to_owned).to_vec());
            csv_lines(heads.chain(entries.iter().map(|entry| record(page, entry))))
        }
    }
}

fn record(page: &CasePage, entry: &Entry<'_>) -> Vec<String> {
    vec![
        entry.at.clone(),
        entry.what.to_owned(),
        entry.case.unwrap_or(&page.case.number.0).to_owned(),
        entry.kind.clone(),
        entry.state.clone(),
        entry.who.clone(),
        entry.to.clone(),
        entry.summary.clone(),
        entry.text.unwrap_or_default().to_owned(),
        entry.why.join(" "),
        entry.attachments.join("; "),
        entry.id.clone(),
    ]
}

fn entry<'a>(item: &'a TimelineItem, who: &impl Fn(&str) -> Option<String>) -> Entry<'a> {
    let bare = Entry {
        at: format!("{:.6}", item.at),
        what: "event",
        case: item.of.as_ref().map(|number| number.0.as_str()),
        pending: item.was_pending,
        kind: String::new(),
        state: String::new(),
        who: String::new(),
        to: String::new(),
        summary: String::new(),
        text: None,
        why: Vec::new(),
        attachments: Vec::new(),
        id: String::new(),
    };
    match &item.what {
        TimelineWhat::Message(message) => of_message(bare, message),
        TimelineWhat::Mail(mail) => of_mail(bare, mail),
        TimelineWhat::Event(event) => of_event(bare, event, who),
    }
}

fn of_message<'a>(bare: Entry<'a>, message: &'a TimelineMessage) -> Entry<'a> {
    let kind = message.decision.map(|decision| decision.to_string());
    let kind = kind.or(message.role.map(|role| role.to_string())).unwrap_or_default();
    let reasons = message.reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{}:{field}", reason.code),
        None => reason.code.to_string(),
    });
    let rules = message.trace.0.iter().filter(|step| step.hit).map(|step| format!("rule:{}", step.rule));
    Entry {
        what: "message",
        kind,
        who: message.from.as_ref().map(named).unwrap_or_default(),
        summary: message.subject.clone(),
        text: message.text.as_deref(),
        why: reasons.chain(rules).collect(),
        attachments: message
            .attachments
            .iter()
            .flatten()
            .map(|one| one.name.clone().unwrap_or_else(|| one.content_type.clone()))
            .collect(),
        id: message.id.to_string(),
        ..bare
    }
}

fn of_mail<'a>(bare: Entry<'a>, mail: &'a TimelineMail) -> Entry<'a> {
    Entry {
        what: "mail",
        kind: mail.template.to_string(),
        state: mail.state.to_string(),
        to: named(&mail.to),
        summary: mail.subject.clone(),
        text: Some(&mail.text),
        why: mail.why.iter().cloned().collect(),
        attachments: mail.attachments.iter().map(|one| one.name.clone()).collect(),
        id: mail.id.to_string(),
        ..bare
    }
}

fn of_event<'a>(bare: Entry<'a>, event: &'a TimelineEvent, who: &impl Fn(&str) -> Option<String>) -> Entry<'a> {
    let account = event.ids.get("account");
    Entry {
        kind: event.kind.to_string(),
        who: account.map(|key| who(key).unwrap_or_else(|| key.clone())).unwrap_or_default(),
        summary: event.words.clone(),
        text: event.text.as_deref(),
        id: event.seq.to_string(),
        ..bare
    }
}

fn as_text(page: &CasePage, entries: &[Entry<'_>], zone: &TimeZone) -> String {
    let mut text = format!("{}  {}  {}\n", page.case.number, page.case.status, page.case.subject);
    if page.is_cut {
        text.push_str("Older things are left out.\n");
    }
    for (item, entry) in page.items.iter().zip(entries) {
        let at = item.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
        let of = entry.case.map(|number| format!("  [{number}]")).unwrap_or_default();
        let _ = write!(text, "\n{at}{of}  ");
        let _ = match entry.what {
            "message" => writeln!(text, "message from {} ({}): {}", entry.who, entry.kind, entry.summary),
            "mail" => writeln!(text, "mail to {} ({}, {}): {}", entry.to, entry.kind, entry.state, entry.summary),
            _ if entry.who.is_empty() => writeln!(text, "{}", entry.summary),
            _ => writeln!(text, "{} By {}.", entry.summary, entry.who),
        };
        if !entry.why.is_empty() {
            let _ = writeln!(text, "    why: {}", entry.why.join(", "));
        }
        if !entry.attachments.is_empty() {
            let _ = writeln!(text, "    attached: {}", entry.attachments.join(", "));
        }
        for line in entry.text.unwrap_or_default().lines() {
            let _ = writeln!(text, "    | {line}");
        }
    }
    text
}

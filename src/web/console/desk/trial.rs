//! One message, judged for the page: in words for people, in the order in which they ask.

use crate::desk::Desk;
use crate::effects::explained::{Explained, explain};
use crate::settings::Trust;
use crate::web::console::tones;
use jiff::Timestamp;
use serde::Serialize;

/// Longer notes of rules are cut: the page shows why, not all that was read.
const MOST_NOTE: usize = 400;

/// What a message would become.
#[derive(Debug, Serialize)]
pub(super) struct Trial {
    decision: &'static str,
    /// `good`, `warn`, `bad` or `calm`, for its mark.
    tone: &'static str,
    reasons: Vec<String>,
    urgent: bool,
    warnings: Vec<&'static str>,
    topics: Vec<String>,
    /// Labels and values of what was read.
    read: Vec<(String, String)>,
    rules: Vec<Rule>,
    reply: Option<Reply>,
    /// The sender's new words.
    words: String,
    attachments: usize,
}

#[derive(Debug, Serialize)]
struct Rule {
    name: String,
    hit: bool,
    note: String,
}

#[derive(Debug, Serialize)]
struct Reply {
    template: String,
    variant: &'static str,
    to: String,
    subject: String,
    text: String,
}

/// What was pasted, as a mail. Where it has no headers, only words, it is taken for the text of one whose subject is its
/// first line behind `Subject:`, or none.
pub(super) fn as_mail(desk: &Desk, typed: &str) -> Vec<u8> {
    let typed = typed.replace("\r\n", "\n");
    let text = typed.trim_start_matches('\n');
    let first = text.lines().next().unwrap_or_default();
    let is_header = |line: &str| {
        let name = line.split_once(':').map(|(name, _)| name);
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    };
    let head: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    let has_from = head.iter().any(|line| line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("from:")));
    if is_header(first) && has_from {
        return text.replace('\n', "\r\n").into_bytes();
    }
    let (subject, body) = match first.get(..8) {
        Some(start) if start.eq_ignore_ascii_case("subject:") => {
            (first.get(8..).unwrap_or_default().trim(), text.get(first.len()..).unwrap_or_default())
        }
        _ => ("", text),
    };
    let body = body.trim_start_matches('\n').replace('\n', "\r\n");
    let mail = format!(
        "From: requester@{}\r\nTo: {}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}",
        desk.internal_domains.first().map_or("example.com", String::as_str),
        desk.address,
    );
    if text.trim().is_empty() { Vec::new() } else { mail.into_bytes() }
}

impl Trial {
    pub(super) fn of(desk: &Desk, raw: &[u8], trust: &Trust, now: Timestamp) -> anyhow::Result<Self> {
        let Explained { message, judgement, reply } = explain(desk, raw, trust, true, now)?;
        let known = &judgement.completeness;
        let mut read: Vec<(String, String)> = Vec::new();
        let mut note = |label: &str, value: Option<String>| {
            read.extend(value.filter(|value| !value.is_empty()).map(|value| (label.to_owned(), value)));
        };
        note("From", message.from.first().map(|mailbox| mailbox.address.to_string()));
        note("Subject", Some(message.subject.clone()));
        note("Subject as it should be", known.canonical_subject.clone());
        let line = known.line.as_ref().map(|id| desk.line(id).map_or_else(|| id.to_string(), |line| line.name.clone()));
        note("Line", line);
        note("Machine mail", judgement.automatic.map(|kind| kind.to_string().replace('_', " ")));
        for field in &desk.fields {
            note(&field.label, known.fields.get(&field.id).cloned());
        }
        note("Who it is from", Some(if judgement.external { "outside" } else { "inside" }.to_owned()));
        let reasons = judgement.reasons.iter().map(|reason| tones::reason(desk, reason));
        let topic = |id: &String| desk.topic(id).map_or_else(|| id.clone(), |topic| topic.title.clone());
        let rules = judgement.trace.0.iter().map(|step| {
            let note = step.note.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut = note.char_indices().nth(MOST_NOTE).map_or(note.len(), |(at, _)| at);
            let note = note.get(..cut).unwrap_or_default().to_owned();
            Rule { name: step.rule.replace('_', " "), hit: step.hit, note }
        });
        Ok(Self {
            decision: judgement.decision.as_str(),
            tone: tones::tone(judgement.decision),
            reasons: reasons.collect(),
            urgent: judgement.urgent,
            warnings: judgement.warnings.iter().map(|warning| warning.as_str()).collect(),
            topics: judgement.topics.iter().map(topic).collect(),
            read,
            rules: rules.collect(),
            reply: reply.map(|mail| Reply {
                template: mail.template.to_string().replace('_', " "),
                variant: mail.variant.as_str(),
                to: mail.to.address.to_string(),
                subject: mail.subject,
                text: mail.text,
            }),
            words: message.body.visible,
            attachments: message.attachments.len(),
        })
    }
}

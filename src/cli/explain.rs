//! `mailclerk explain FILE`: one message judged as if it were the first of its thread: decision, trace, reply.

pub use crate::effects::explained::{Explained, explain};

use crate::desk::Desk;
use crate::words::{Decision, ReasonCode};
use serde_json::{Value, json};

/// The JSON of POLICY.md; more keys may be added, these keep their meaning.
pub fn to_json(desk: &Desk, explained: &Explained) -> Value {
    let Explained { message, judgement, reply } = explained;
    let known = &judgement.completeness;
    // What no request is decided from has no type: a machine's mail, or one that is only sent elsewhere.
    let is_request = match judgement.decision {
        Decision::Ignore | Decision::Bounce | Decision::Hold => false,
        Decision::Redirect => judgement.reasons.iter().any(|reason| reason.code == ReasonCode::TypePaused),
        _ => true,
    };
    let fields: serde_json::Map<String, Value> = desk
        .fields
        .iter()
        .map(|field| (field.id.clone(), known.fields.get(&field.id).map_or(Value::Null, |value| json!(value))))
        .collect();
    json!({
        "desk": desk.id,
        "decision": judgement.decision,
        "reasons": judgement.reasons,
        "subject": { "match": known.subject_match, "canonical": known.canonical_subject },
        "line": known.line.as_ref().filter(|_| !desk.has_queues),
        "member": known.member,
        "fields": fields,
        "type": known.kind.as_ref().filter(|_| is_request),
        "priority": known.priority.as_ref().filter(|_| is_request),
        "topics": judgement.topics,
        "warnings": judgement.warnings,
        "urgent": judgement.urgent,
        "automatic": judgement.automatic,
        "bounce": message.report.as_ref().filter(|_| message.machine.bounce.is_some())
            .map(|report| json!({ "recipients": report.recipients })),
        "external": judgement.external,
        "message": {
            "from": message.from.first().map(|mailbox| mailbox.address.to_string()),
            "subject": message.subject,
            "text": message.body.text,
            "visible_text": message.body.visible,
            "attachments": message.attachments,
        },
        "reply": reply.as_ref().map(|mail| json!({
            "template": mail.template,
            "variant": mail.variant,
            "subject": mail.subject,
            "to": [mail.to.address],
            "text": mail.text,
        })),
        "trace": judgement.trace,
    })
}

/// The explanation for people: decision and reasons first, what was read, the rules tried, the reply.
pub fn to_text(desk: &Desk, explained: &Explained) -> String {
    use anstyle::{AnsiColor, Style};
    let Explained { message, judgement, reply } = explained;
    let bold = Style::new().bold();
    let dim = Style::new().dimmed();
    let colour = |good: bool| {
        let colour = if good { AnsiColor::Green } else { AnsiColor::Yellow };
        Style::new().bold().fg_color(Some(colour.into()))
    };
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let known = &judgement.completeness;
    let decided = colour(judgement.decision == crate::words::Decision::Accept);
    line(format!("{decided}{}{decided:#}  {dim}desk {}{dim:#}", judgement.decision, desk.id));
    for reason in &judgement.reasons {
        let field = reason.field.as_deref().and_then(|id| desk.field(id)).map(|field| format!(": {}", field.label));
        line(format!("  because {}{}", reason.code, field.unwrap_or_default()));
    }
    if judgement.urgent {
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        line(format!("  {red}urgent{red:#}: the reply opens with the phone number, the supervisor is told at once"));
    }
    line(format!("\n{bold}What was read{bold:#}"));
    let shown = |name: &str, value: Option<String>| value.map(|value| format!("  {name:<24} {}", one_line(&value)));
    let author = message.from.first().map(|mailbox| mailbox.address.to_string());
    let rows = [
        shown("From", author),
        shown("Subject", Some(message.subject.clone())),
        shown("Subject as it should be", known.canonical_subject.clone()),
        shown("Line", known.line.as_ref().map(ToString::to_string)),
        shown("Type", known.kind.clone()),
        shown("Priority", known.priority.clone()),
        shown("Machine", judgement.automatic.map(|kind| kind.to_string())),
        shown("Out of scope", Some(judgement.topics.join(", ")).filter(|topics| !topics.is_empty())),
        shown(
            "Warnings",
            Some(judgement.warnings.iter().map(|w| w.as_str()).collect::<Vec<_>>().join(", "))
                .filter(|w| !w.is_empty()),
        ),
    ];
    rows.into_iter().flatten().for_each(&mut line);
    for field in &desk.fields {
        if let Some(value) = known.fields.get(&field.id) {
            line(format!("  {:<24} {}", field.label, one_line(value)));
        }
    }
    line(format!("\n{bold}Rules, in their order{bold:#}"));
    for step in &judgement.trace.0 {
        let (mark, style) = if step.hit { ("*", colour(true)) } else { (" ", dim) };
        line(format!(" {style}{mark} {:<24} {}{style:#}", step.rule, one_line(&step.note)));
    }
    match reply {
        Some(mail) => {
            line(format!(
                "\n{bold}The reply{bold:#}  {dim}{}, {} wording, to {}{dim:#}",
                mail.template, mail.variant, mail.to.address
            ));
            line(format!("  Subject: {}\n", mail.subject));
            mail.text.lines().for_each(|text| line(format!("  {text}")));
        }
        None => line(format!("\n{bold}No reply is sent.{bold:#}")),
    }
    out
}

fn one_line(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(160) {
        Some((cut, _)) => format!("{}…", &folded[..cut]),
        None => folded,
    }
}

//! `mailclerk explain FILE`: one message judged as if it were the first of its thread: decision, trace, reply.

use crate::case::standing::Standing;
use crate::desk::Desk;
use crate::effects::of_message::{MessageTrigger, of_message};
use crate::effects::{Effects, MailClass, OutgoingMail};
use crate::intake::decide::{Context, Judgement, decide};
use crate::message::Message;
use crate::settings::Trust;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// What an explanation is made from.
#[derive(Debug)]
pub struct Explained {
    /// The message as it was read.
    pub message: Message,
    /// What was decided.
    pub judgement: Judgement,
    /// The reply that it would get.
    pub reply: Option<OutgoingMail>,
}

/// Judges `raw`; nothing is stored and nothing sent. `now` is when it is taken to arrive.
pub fn explain(desk: &Desk, raw: &[u8], trust: &Trust, model: bool, now: Timestamp) -> anyhow::Result<Explained> {
    let message = Message::read(raw);
    let standing = Standing::default();
    // No installation is asked: its keys prove nothing about a message that is only looked at.
    let keys = Keys::derive(&[0; 32]);
    let judgement = decide(desk, &message, &Context { standing: &standing, trust, keys: &keys, now, model });
    let trigger = MessageTrigger {
        desk,
        keys: &keys,
        message: &message,
        row: Uuid::nil(),
        arrived: now,
        judgement: &judgement,
        standing: &standing,
        releases_held: false,
        overrules: None,
        words: None,
        staff: None,
        reported_before: None,
        now,
    };
    let effects: Effects = of_message(&trigger, None, &mut Chance::from_seed([0; 32]))?;
    let reply = effects.mails.into_iter().find(|mail| mail.replies_to.is_some() && mail.class == MailClass::Automatic);
    Ok(Explained { message, judgement, reply })
}

/// The JSON of POLICY.md; more keys may be added, these keep their meaning.
pub fn to_json(desk: &Desk, explained: &Explained) -> Value {
    let Explained { message, judgement, reply } = explained;
    let known = &judgement.completeness;
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
        "line": known.line,
        "member": known.member,
        "fields": fields,
        "type": null,
        "priority": null,
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

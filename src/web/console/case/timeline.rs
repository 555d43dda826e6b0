//! The conversation of a case: messages in and mails out, notes, and what happened, oldest first.

use crate::case::{EventKind, LinkRole};
use crate::desk::Desk;
use crate::effects::{CORRECTED, MailState};
use crate::message::Message;
use crate::store::Store;
use crate::store::console::{CasePage, TimelineEvent, TimelineItem, TimelineMail, TimelineMessage, TimelineWhat};
use crate::web::base::{PageError, size};
use crate::words::{Decision, Variant};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Of so many of the newest messages the whole text is read, with what they quote.
const WHOLE: usize = 20;
/// A larger message is not read for its quoted text.
const MOST_BYTES: usize = 2 << 20;

/// One thing that happened, as the page shows it.
#[derive(Serialize)]
pub(super) struct Item {
    kind: &'static str,
    id: String,
    at: String,
    /// The joined case in which it happened.
    of: Option<String>,
    was_pending: bool,
    message: Option<MessageItem>,
    mail: Option<MailItem>,
    event: Option<EventItem>,
    /// Steps that only repeat what stands beside them, folded into one.
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct MessageItem {
    id: String,
    name: Option<String>,
    address: Option<String>,
    subject: String,
    role: &'static str,
    is_staff: bool,
    is_written_here: bool,
    text: Option<String>,
    quoted: Option<String>,
    has_html: bool,
    has_bytes: bool,
    files: Vec<File>,
    problem: Option<String>,
    decision: Option<Decision>,
    reasons: Vec<String>,
    trace: Vec<TraceItem>,
    marks: Vec<String>,
    urgent: bool,
}

#[derive(Serialize)]
struct TraceItem {
    rule: String,
    hit: bool,
    note: String,
}

#[derive(Serialize)]
struct File {
    name: String,
    size: String,
    place: Option<usize>,
}

#[derive(Serialize)]
struct MailItem {
    id: String,
    what: String,
    to: String,
    is_outward: bool,
    is_plain: bool,
    state: &'static str,
    tone: &'static str,
    note: Option<String>,
    since: String,
    retry_at: Option<String>,
    subject: String,
    text: String,
    files: Vec<File>,
    can_correct: bool,
    has_left: bool,
    can_cancel: bool,
    can_send_again: bool,
}

#[derive(Serialize)]
struct EventItem {
    words: String,
    text: Option<String>,
    is_purged: bool,
}

#[derive(Serialize)]
struct Step {
    at: String,
    words: String,
}

/// What a message holds besides its new words.
#[derive(Default)]
struct Whole {
    quoted: Option<String>,
    has_html: bool,
}

/// All that happened, as the page shows it.
pub(super) async fn of(store: &Store, desk: &Desk, page: CasePage) -> Result<Vec<Item>, PageError> {
    let whole = whole_of(store, &page.items).await?;
    let mut items: Vec<Item> = Vec::with_capacity(page.items.len());
    for one in page.items {
        let of = one.of.map(|number| number.0);
        let base = |kind, id: String| Item {
            kind,
            id,
            at: one.at.to_string(),
            of,
            was_pending: one.was_pending,
            message: None,
            mail: None,
            event: None,
            steps: Vec::new(),
        };
        match one.what {
            TimelineWhat::Message(message) => {
                let (id, kind) = (format!("m-{}", message.id), kind_of(message.role));
                let shown = message_item(*message, &whole);
                items.push(Item { message: Some(shown), ..base(kind, id) });
            }
            TimelineWhat::Mail(mail) => {
                let id = format!("o-{}", mail.id);
                let kind = if mail.template.is_outward() { "out" } else { "event" };
                items.push(Item { mail: Some(mail_item(desk, *mail)), ..base(kind, id) });
            }
            TimelineWhat::Event(event) if is_step(&event) => {
                let step = Step { at: one.at.to_string(), words: event.words };
                match items.last_mut().filter(|last| last.kind == "steps") {
                    Some(last) => last.steps.push(step),
                    None => items.push(Item { steps: vec![step], ..base("steps", format!("e-{}", event.seq)) }),
                }
            }
            TimelineWhat::Event(event) => {
                let kind = if event.kind == EventKind::Note { "note" } else { "event" };
                let id = format!("e-{}", event.seq);
                let shown = EventItem { words: event.words, text: event.text, is_purged: event.is_purged };
                items.push(Item { event: Some(shown), ..base(kind, id) });
            }
        }
    }
    Ok(items)
}

/// Whether an event is folded away: what stands beside it says the same.
fn is_step(event: &TimelineEvent) -> bool {
    event.is_minor || matches!(event.kind, EventKind::MailRetried | EventKind::MailCancelled)
}

fn kind_of(role: Option<LinkRole>) -> &'static str {
    match role {
        Some(LinkRole::Staff) => "event",
        Some(LinkRole::ByHand) => "out",
        _ => "in",
    }
}

/// The quoted text of the newest messages, and whether they have an HTML form.
async fn whole_of(store: &Store, items: &[TimelineItem]) -> Result<HashMap<Uuid, Whole>, PageError> {
    let ids = items.iter().rev().filter_map(|item| match &item.what {
        TimelineWhat::Message(message) if message.problem.is_none() && !message.is_written_here => Some(message.id),
        _ => None,
    });
    let ids: Vec<Uuid> = ids.take(WHOLE).collect();
    let mut whole = HashMap::new();
    for id in ids {
        let Some(raw) = store.raw_message(id).await?.filter(|raw| raw.len() <= MOST_BYTES) else { continue };
        let read = tokio::task::spawn_blocking(move || {
            let body = Message::read(&raw).body;
            let rest = body.text.trim() != body.visible.trim() && !body.text.trim().is_empty();
            Whole { quoted: rest.then_some(body.text), has_html: Message::html_body(&raw, 1).is_some() }
        });
        whole.insert(id, read.await?);
    }
    Ok(whole)
}

fn message_item(message: TimelineMessage, whole: &HashMap<Uuid, Whole>) -> MessageItem {
    let files = message.attachments.unwrap_or_default();
    let file = |(place, one): (usize, crate::message::Attachment)| File {
        name: one.name.unwrap_or_else(|| format!("attachment {}", place + 1)),
        size: size(one.bytes),
        place: Some(place),
    };
    let found = whole.get(&message.id);
    let warnings = message.warnings.iter().map(|one| match one {
        crate::words::Warning::Pii => "bears personal numbers".to_owned(),
        crate::words::Warning::ReusedMessageId => "bears the Message-ID of an earlier mail".to_owned(),
        crate::words::Warning::Truncated => "was cut".to_owned(),
    });
    let automatic = message.automatic.map(|kind| format!("automatic: {}", kind.as_str().replace('_', " ")));
    MessageItem {
        id: message.id.to_string(),
        name: message.from.as_ref().and_then(|from| from.name.clone()),
        address: message.from.map(|from| from.address.to_string()),
        subject: message.subject,
        role: role_words(message.role, message.is_written_here),
        is_staff: message.role == Some(LinkRole::Staff),
        is_written_here: message.is_written_here,
        text: message.text,
        quoted: found.and_then(|found| found.quoted.clone()),
        has_html: found.is_some_and(|found| found.has_html),
        has_bytes: message.problem.is_none(),
        files: files.into_iter().enumerate().map(file).collect(),
        problem: message.problem,
        decision: message.decision,
        reasons: message.reasons.iter().map(reason).collect(),
        trace: message
            .trace
            .0
            .into_iter()
            .map(|one| TraceItem { rule: one.rule, hit: one.hit, note: one.note })
            .collect(),
        marks: warnings.chain(automatic).collect(),
        urgent: message.urgent,
    }
}

fn reason(reason: &crate::words::Reason) -> String {
    let code = reason.code.as_str().replace('_', " ");
    reason.field.as_ref().map_or(code.clone(), |field| format!("{code} ({field})"))
}

fn role_words(role: Option<LinkRole>, is_written_here: bool) -> &'static str {
    match role {
        Some(LinkRole::Opened) if is_written_here => "opened the case by hand",
        Some(LinkRole::Opened) => "request",
        Some(LinkRole::Participant) => "reply",
        Some(LinkRole::Duplicate) => "the same request again",
        Some(LinkRole::Internal) => "from inside, not a participant",
        Some(LinkRole::Staff) if is_written_here => "in the console",
        Some(LinkRole::Staff) => "by mail",
        Some(LinkRole::ByHand) => "answered by hand",
        Some(LinkRole::Automatic) => "automatic mail",
        Some(LinkRole::Bounce) => "delivery report",
        Some(LinkRole::Stranger) => "not a participant",
        None => "message",
    }
}

fn mail_item(desk: &Desk, mail: TimelineMail) -> MailItem {
    let is_corrected = mail.why.as_deref() == Some(CORRECTED);
    let is_outward = mail.template.is_outward();
    let on_its_way = matches!(mail.state, MailState::Claimed | MailState::Committing);
    let (state, tone) = state_words(mail.state, is_corrected);
    let bounced = mail.bounced.as_deref().map(|how| match how {
        "hard" => "A delivery report says that the address takes no mail.",
        _ => "A delivery report came in about it.",
    });
    let why = mail.why.as_deref().filter(|_| !is_corrected).map(|why| format!("Why: {}.", why.replace('_', " ")));
    let secure = (mail.state == MailState::WaitingSecure).then(|| {
        "Its recipient is outside, and what it says needs a secure way: it waits until one is set up.".to_owned()
    });
    let note: Vec<String> = bounced.map(str::to_owned).into_iter().chain(secure).chain(why).collect();
    let name = desk.staff_member(&mail.to.address).map(|staff| staff.name.clone()).or(mail.to.name);
    MailItem {
        id: mail.id.to_string(),
        what: template_words(mail.template.as_str()),
        to: name.unwrap_or_else(|| mail.to.address.to_string()),
        is_outward,
        is_plain: mail.variant == Variant::Plain,
        state,
        tone,
        note: (!note.is_empty()).then(|| note.join(" ")),
        since: mail.since.to_string(),
        retry_at: mail.retry_at.filter(|_| mail.state == MailState::Deferred).map(|at| at.to_string()),
        subject: mail.subject,
        text: mail.text,
        files: mail
            .attachments
            .into_iter()
            .map(|one| File { name: one.name, size: size(one.bytes), place: None })
            .collect(),
        can_correct: is_outward && !is_corrected && !on_its_way && mail.state != MailState::Cancelled,
        has_left: matches!(mail.state, MailState::Sent | MailState::Uncertain),
        can_cancel: !is_outward && !on_its_way && !matches!(mail.state, MailState::Sent | MailState::Cancelled),
        can_send_again: !is_corrected
            && matches!(
                mail.state,
                MailState::Deferred
                    | MailState::Failed
                    | MailState::Uncertain
                    | MailState::Withheld
                    | MailState::Cancelled
            ),
    }
}

fn template_words(template: &str) -> String {
    let words = template.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn state_words(state: MailState, is_corrected: bool) -> (&'static str, &'static str) {
    match state {
        MailState::Sent if is_corrected => ("sent, then corrected", "warn"),
        MailState::Cancelled if is_corrected => ("withdrawn before it left", "calm"),
        MailState::Sent => ("sent", "good"),
        MailState::Queued => ("on its way", "info"),
        MailState::Claimed | MailState::Committing => ("being sent", "info"),
        MailState::Deferred => ("tried again later", "warn"),
        MailState::Failed => ("failed", "bad"),
        MailState::Cancelled => ("cancelled", "calm"),
        MailState::Uncertain => ("not known whether it left", "bad"),
        MailState::WaitingSecure => ("waits for a secure way", "warn"),
        MailState::Withheld => ("withheld", "warn"),
    }
}

//! What a due clock writes: a silent pending request is closed, an untouched held message is told.

use super::letters::Letters;
use super::outside::start;
use super::{Chain, ClockChoice, ClockEnd, Effects, EventWrite, MailClass, MailState};
use crate::address::Mailbox;
use crate::case::standing::Target;
use crate::case::{ClockRow, ClockState, EventKind, Pending, PendingState};
use crate::compose::ComposeError;
use crate::compose::context::{About, Context};
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::{Reason, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A due clock with what every such effect is made from.
#[derive(Clone, Copy, Debug)]
pub struct ClockTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// The clock that is due.
    pub clock: &'a ClockRow,
    /// Now.
    pub now: Timestamp,
}

/// A pending request stayed silent: it is closed, with a mail that says so.
///
/// `bounced_hard`: the requester's address gets nothing automatic; the mail is then listed as withheld.
pub fn pending_closed(
    trigger: &ClockTrigger<'_>,
    pending: &Pending,
    bounced_hard: bool,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let desk = trigger.desk;
    let mut effects = ended(trigger, ClockState::Met);
    if pending.state != PendingState::Open {
        return Ok(effects);
    }
    effects.pendings.push(Pending { state: PendingState::Closed, ..pending.clone() });
    let ids = BTreeMap::from([
        ("pending".to_owned(), pending.id.to_string()),
        ("state".to_owned(), PendingState::Closed.to_string()),
    ]);
    effects.events.push(EventWrite { chain: Chain::Desk, kind: EventKind::PendingClosed, ids, content: None });
    let tag = Tag::Pending(pending.token.clone());
    let context = Context {
        tag: Some(tag.clone()),
        original_subject: pending.subject.clone(),
        member: pending.member.clone(),
        urgent: pending.urgent,
        told_number: pending.number.as_ref().map(|number| number.0.clone()),
        ..Context::default()
    };
    let external = desk.is_external(&pending.requester);
    let state = match bounced_hard {
        true => MailState::Withheld,
        false => start(desk, MailClass::Automatic, &pending.requester),
    };
    let to = Mailbox { name: None, address: pending.requester.clone() };
    let about = Some((Target::Pending(pending.id), tag));
    letters(trigger, &mut effects, chance).outward(Template::PendingClosed, external, &to, &context, about, state)?;
    Ok(effects)
}

/// A message that waits for a person, for whoever is told of it.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// Its row.
    pub message: Uuid,
    /// Who wrote it, or claims to.
    pub from: Option<Mailbox>,
    /// Its subject.
    pub subject: &'a str,
    /// Its new words.
    pub words: Option<String>,
    /// Why it is held.
    pub reasons: &'a [Reason],
    /// When it came.
    pub arrived: Timestamp,
}

/// A held message was not touched until the next business day's opening: the desk's supervisor is told.
pub fn held_untouched(
    trigger: &ClockTrigger<'_>,
    held: Held<'_>,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let desk = trigger.desk;
    let mut effects = ended(trigger, ClockState::Met);
    let ids = BTreeMap::from([("message".to_owned(), held.message.to_string())]);
    effects.events.push(EventWrite { chain: Chain::Desk, kind: EventKind::HeldUntouched, ids, content: None });
    let context = Context {
        original_subject: held.subject.to_owned(),
        requester: held.from,
        request: held.words,
        reasons: held.reasons.to_vec(),
        about: Some(About::Held),
        arrived: Some(desk.calendar.promise(&desk.calendar.due(held.arrived), trigger.now)),
        ..Context::default()
    };
    for to in desk.supervisors(None, desk.calendar.local(trigger.now).date()) {
        letters(trigger, &mut effects, chance).staff_about_message(
            Template::Notice,
            &to,
            &context,
            None,
            held.message,
        )?;
    }
    Ok(effects)
}

/// The clock ends, and nothing is done: what it was about is settled.
pub fn no_longer_matters(trigger: &ClockTrigger<'_>) -> Effects {
    ended(trigger, ClockState::Ended)
}

/// The trigger's clock ends so; nothing else is written yet.
pub(super) fn ended(trigger: &ClockTrigger<'_>, state: ClockState) -> Effects {
    Effects {
        desk: trigger.desk.id.clone(),
        at: trigger.now,
        clocks_ended: vec![ClockEnd { which: ClockChoice::Row(trigger.clock.id), state }],
        ..Effects::default()
    }
}

fn letters<'a>(trigger: &ClockTrigger<'a>, effects: &'a mut Effects, chance: &'a mut Chance) -> Letters<'a> {
    Letters {
        desk: trigger.desk,
        keys: trigger.keys,
        now: trigger.now,
        chance,
        mails: &mut effects.mails,
        events: &mut effects.events,
    }
}

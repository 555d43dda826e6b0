//! One message judged as if it were the first of its thread: what `mailclerk explain` and the desk's page tell.

use super::of_message::{MessageTrigger, of_message};
use super::{Effects, MailClass, OutgoingMail};
use crate::case::standing::Standing;
use crate::desk::Desk;
use crate::intake::decide::{Context, Judgement, decide};
use crate::message::Message;
use crate::settings::Trust;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use jiff::Timestamp;
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

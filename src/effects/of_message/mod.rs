//! What one decided message writes: its case or pending request, links, clocks, mails and events.
//!
//! One file a kind of outcome; `build` holds what they share, `row` the message's own row.

mod accepted;
mod attached;
mod build;
mod delivery_report;
mod noted;
mod participants;
mod returned;
mod row;
mod staff;
mod supervisor;

use super::Effects;
use super::of_staff::{StaffMail, StaffTrigger};
use crate::case::standing::Standing;
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::intake::decide::Judgement;
use crate::message::Message;
use crate::words::Decision;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::CaseNumber;
use build::Build;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) use accepted::is_inquiry;
pub use delivery_report::Reported;

/// A decided message with all that its effects are made from.
#[derive(Debug)]
pub struct MessageTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// The message.
    pub message: &'a Message,
    /// Its row.
    pub row: Uuid,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What was decided.
    pub judgement: &'a Judgement,
    /// What it was decided from.
    pub standing: &'a Standing,
    /// Whether a person releases it from `hold`, or overrules how it was decided.
    pub releases_held: bool,
    /// The decision that a person overrules; `None` where it was held.
    pub overrules: Option<Decision>,
    /// What a person adds to the reply in their own words.
    pub words: Option<&'a str>,
    /// What stands around it, where a member of staff wrote it as such.
    pub staff: Option<&'a StaffMail>,
    /// What earlier delivery reports said of the mail of ours that this one is about; `None`: it is the first.
    pub reported_before: Option<Reported>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> MessageTrigger<'a> {
    /// The message as words of a member of staff.
    fn as_staff(&self) -> StaffTrigger<'a> {
        let Self { desk, keys, message, row, now, .. } = *self;
        StaffTrigger { desk, keys, message, row, now }
    }
}

/// What `trigger` writes. `number` is the case number reserved for an `accept`.
///
/// Fails only where a template cannot be rendered, which `check` finds beforehand.
pub fn of_message(
    trigger: &MessageTrigger<'_>,
    number: Option<CaseNumber>,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let mut build = Build::new(trigger, chance);
    match trigger.judgement.decision {
        Decision::Accept => build.accept(number)?,
        Decision::Return => build.returned()?,
        Decision::Redirect | Decision::RejectMixed => build.sent_away()?,
        Decision::Duplicate => build.duplicate()?,
        Decision::Attach if trigger.staff.is_some() => build.staff_mail()?,
        Decision::Attach => build.attach()?,
        Decision::Bounce => build.bounce()?,
        Decision::Hold => build.hold(),
        Decision::Ignore => {}
    }
    build.note_stranger()?;
    build.tell_of_urgency()?;
    Ok(build.finish())
}

//! What withdrawing or correcting a mail to a requester writes: the mail is cancelled, or a further one in its thread
//! asks to disregard it; and no promise stays met by what no longer stands.

use super::case_work::CaseWork;
use super::letters::{Letters, Thread};
use super::of_assignment::Surroundings;
use super::outside::start;
use super::{
    BY_PERSON, CORRECTED, Chain, ClockAgain, Effects, EventWrite, MailChange, MailClass, MailState, OutgoingMail,
};
use crate::address::EmailAddress;
use crate::case::standing::Target;
use crate::case::{Case, ClockRow, ClockState, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::Context;
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use crate::words::numbers::Tag;
use crate::words::{Status, Template};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A mail of ours that was sent wrongly, with what stands around it.
#[derive(Debug)]
pub struct CorrectionTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// The mail, as it stands.
    pub mail: &'a OutgoingMail,
    /// What it was about, where that still stands.
    pub about: Option<(Target, Tag)>,
    /// Its case.
    pub case: Option<&'a Case>,
    /// What stands around the case.
    pub around: &'a Surroundings,
    /// The response clock that this mail met, where no other answer stands that would have met it.
    pub met: Option<&'a ClockRow>,
    /// What is right; nothing: the mail is only withdrawn.
    pub words: Option<&'a str>,
    /// Who says so, and the name that may stand below their words.
    pub by: (&'a EmailAddress, Option<&'a str>),
    /// Now.
    pub now: Timestamp,
}

/// How a mail that was sent wrongly is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mended {
    /// It had not left, and never will.
    Cancelled,
    /// It had not left and never will; the right words go in its place.
    Replaced,
    /// It had left: a further mail asks to disregard it.
    Withdrawn,
    /// It had left: a further mail asks to disregard it and says what is right.
    Corrected,
}

impl Mended {
    /// How `mail` is mended; `None`: it is on its way at this moment.
    pub fn of(mail: &OutgoingMail, has_words: bool) -> Option<Self> {
        match (mail.state, has_words) {
            (MailState::Claimed | MailState::Committing, _) => None,
            // Whether it left is unknown: it may have.
            (MailState::Sent | MailState::Uncertain, true) => Some(Self::Corrected),
            (MailState::Sent | MailState::Uncertain, false) => Some(Self::Withdrawn),
            (_, true) => Some(Self::Replaced),
            (_, false) => Some(Self::Cancelled),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
            Self::Corrected => "corrected",
        }
    }
}

/// What the correction writes.
pub fn of_correction(
    trigger: &CorrectionTrigger<'_>,
    mended: Mended,
    chance: &mut Chance,
) -> Result<Effects, ComposeError> {
    let (desk, keys, now) = (trigger.desk, trigger.keys, trigger.now);
    let mut effects = match trigger.case {
        Some(case) => {
            let mut work = CaseWork::new((desk, keys), case.clone(), trigger.around, (now, chance));
            in_case(trigger, &mut work, mended)?;
            work.finish()
        }
        None => {
            let mut effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
            let Effects { mails, events, .. } = &mut effects;
            let letters = Letters { desk, keys, now, chance, mails, events };
            let context = Context { original_subject: trigger.mail.subject.clone(), ..Context::default() };
            further_mail(trigger, letters, context, mended)?;
            effects
        }
    };
    let left = matches!(trigger.mail.state, MailState::Sent);
    let becomes = if left { MailState::Sent } else { MailState::Cancelled };
    let change = MailChange { mail: trigger.mail.id, was: trigger.mail.state, becomes, why: Some(CORRECTED) };
    effects.mail_changes.push(change);
    let chain = trigger.case.map_or(Chain::Desk, |case| Chain::Case(case.id));
    let further = effects.mails.first().map(|mail| ("by_mail".to_owned(), mail.id.to_string()));
    let ids = BTreeMap::from([("mail".to_owned(), id(trigger)), ("how".to_owned(), mended.as_str().to_owned())]);
    effects.events.push(EventWrite {
        chain,
        kind: EventKind::SentCorrected,
        ids: ids.into_iter().chain(further).collect(),
        content: Some(serde_json::json!({ "by": trigger.by.0 })),
    });
    Ok(effects)
}

fn id(trigger: &CorrectionTrigger<'_>) -> String {
    trigger.mail.id.to_string()
}

/// In a case, promises follow what stands: words that are right are an answer; a mail that is only withdrawn leaves what
/// it met owed as before, and a case that it closed open.
fn in_case(trigger: &CorrectionTrigger<'_>, work: &mut CaseWork<'_>, mended: Mended) -> Result<(), ComposeError> {
    let context = work.context();
    let leaves = start(work.desk, MailClass::Answer, &trigger.mail.to.address) == MailState::Queued;
    let answers = trigger.words.is_some() && leaves;
    further_mail(trigger, work.letters(), context, mended)?;
    work.answers = answers;
    work.tells |= answers;
    if answers {
        return Ok(());
    }
    let closed_it = work.case.resolved_at == Some(trigger.mail.date) && work.case.status == Status::Resolved;
    if closed_it && matches!(trigger.mail.template, Template::Closing | Template::Redirect) {
        work.case.resolved_at = None;
        work.event(EventKind::Reopened, &[], None);
        let status = work.status_at_work();
        work.set_status(status);
        work.tells = true;
        work.clocks().worklist();
    }
    if let Some(met) = trigger.met {
        owed_again(work, met);
    }
    Ok(())
}

/// The answer is owed as before: what met the clock no longer stands.
fn owed_again(work: &mut CaseWork<'_>, met: &ClockRow) {
    if !work.case.is_open() {
        return;
    }
    let stands_still = work.case.status == Status::Paused;
    let state = if stands_still { ClockState::Paused } else { ClockState::Running };
    work.effects.clocks_again.push(ClockAgain { row: met.id, state });
    let (case, due) = (work.case.id, work.desk.calendar.due(met.due));
    if !stands_still {
        work.clocks().respond_nudge(case, &due);
    }
}

/// What a person writes who cancels a mail, or sends all the same one that was cancelled, failed or withheld.
pub fn of_mail_change(trigger: &CorrectionTrigger<'_>, cancels: bool, chance: &mut Chance) -> Effects {
    let (desk, keys, now, mail) = (trigger.desk, trigger.keys, trigger.now, trigger.mail);
    let becomes = if cancels { MailState::Cancelled } else { start(desk, mail.class, &mail.to.address) };
    let mut effects = match trigger.case.filter(|case| case.is_open()) {
        Some(case) => {
            let mut work = CaseWork::new((desk, keys), case.clone(), trigger.around, (now, chance));
            match trigger.met.filter(|_| cancels) {
                Some(met) => owed_again(&mut work, met),
                // What waited for a person answers the requester when it leaves.
                None => work.answers = becomes == MailState::Queued && mail.class == MailClass::Answer,
            }
            work.finish()
        }
        None => Effects { desk: desk.id.clone(), at: now, ..Effects::default() },
    };
    let why = cancels.then_some(BY_PERSON);
    effects.mail_changes.push(MailChange { mail: mail.id, was: mail.state, becomes, why });
    let ids = [("mail", mail.id.to_string()), ("state", becomes.to_string()), ("why", BY_PERSON.to_owned())];
    effects.events.push(EventWrite {
        chain: trigger.case.map_or(Chain::Desk, |case| Chain::Case(case.id)),
        kind: if cancels { EventKind::MailCancelled } else { EventKind::MailRetried },
        ids: ids.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        content: Some(serde_json::json!({ "by": trigger.by.0 })),
    });
    effects
}

/// The mail that asks to disregard the other, or brings the right words in its place.
fn further_mail(
    trigger: &CorrectionTrigger<'_>,
    mut letters: Letters<'_>,
    context: Context,
    mended: Mended,
) -> Result<(), ComposeError> {
    let (desk, wrong) = (trigger.desk, trigger.mail);
    let words = trigger.words.map(str::to_owned);
    let specialist = trigger.words.and(trigger.by.1).map(str::to_owned);
    let sent_on = Some(desk.calendar.promise(&desk.calendar.due(wrong.date), trigger.now));
    let context = Context { words, specialist, sent_on, ..context };
    let thread = Thread {
        root: wrong.references.first().or(wrong.in_reply_to.as_ref()).cloned(),
        last: wrong.message_id.clone(),
    };
    match mended {
        Mended::Cancelled => Ok(()),
        Mended::Replaced => {
            // What never left is no part of the thread.
            let thread = wrong.in_reply_to.as_ref().map(|last| Thread { last: last.clone(), ..thread });
            letters.correction(Template::Answer, &wrong.to, &context, trigger.about.clone(), thread.as_ref())
        }
        Mended::Withdrawn | Mended::Corrected => {
            let about = trigger.about.clone();
            letters.correction(Template::Correction, &wrong.to, &context, about, Some(&thread))
        }
    }
}

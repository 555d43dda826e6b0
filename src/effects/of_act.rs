//! What a member of staff does in the console: carried out by the very code that carries out the commands of a mail, and
//! kept as the mail that it stands for.
//!
//! It differs from a mail in three things. What cannot wholly be done is told to whoever sits there, and nothing of it is
//! written; no mail tells them what was done; and it was decided by nobody, so that it counts as no mail that came in.

use super::of_assignment::Surroundings;
use super::of_staff::{StaffMail, StaffTrigger, carry_out};
use super::{Chain, Effects, EventWrite, MailClass, MailState, MessageLink, WrittenHere};
use crate::case::commands::Parsed;
use crate::case::standing::Target;
use crate::case::{Case, EventKind, LinkRole};
use crate::compose::ComposeError;
use crate::compose::context::CommandOutcome;
use crate::words::Template;
use crate::words::chance::Chance;
use crate::words::numbers::CaseNumber;
use std::collections::BTreeMap;

/// What came of an act.
#[derive(Debug)]
pub enum ActOutcome {
    /// It can be done: to be committed.
    Done {
        /// What it writes.
        effects: Box<Effects>,
        /// What each command did, and what became of the words.
        outcomes: Vec<CommandOutcome>,
        /// The case that it opened, else the one that it is about.
        case: Option<CaseNumber>,
    },
    /// It cannot be done, and nothing of it is.
    Refused {
        /// The place of the command that stands in the way; behind the last: something else does.
        place: usize,
        /// Why, in whole sentences.
        why: String,
    },
}

/// What `mail`, written in the console about `case`, writes; `written` is the same as it is kept.
///
/// Fails only where a template cannot be rendered, which `check` finds beforehand.
pub fn of_act(
    trigger: StaffTrigger<'_>,
    mail: &StaffMail,
    case: Option<&Case>,
    written: WrittenHere,
    chance: &mut Chance,
) -> Result<ActOutcome, ComposeError> {
    let nothing = Surroundings::default();
    let carried = carry_out(trigger, mail, case, chance, &nothing)?;
    if let Some((place, why)) = carried.stopped {
        return Ok(ActOutcome::Refused { place, why });
    }
    let chain = case.map_or(Chain::Desk, |case| Chain::Case(case.id));
    let event = |kind, ids: &[(&str, &str)]| {
        let ids = ids.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let ids: BTreeMap<_, _> = ids.chain([("message".to_owned(), trigger.row.to_string())]).collect();
        EventWrite { chain, kind, ids, content: None }
    };
    let mut effects = Effects { desk: trigger.desk.id.clone(), at: trigger.now, ..Effects::default() };
    let link = |case: &Case| MessageLink { message: trigger.row, target: Target::Case(case.id), role: LinkRole::Staff };
    effects.links.extend(case.map(link));
    effects.events.push(event(EventKind::MessageAttached, &[("role", "staff"), ("by", "console")]));
    if mail.drops || matches!(&mail.parsed, Parsed::Understood { commands, .. } if !commands.is_empty()) {
        effects.events.push(event(EventKind::CommandsDone, &[]));
    }
    effects.join(carried.effects);
    effects.written_here = Some(written);
    let opened = effects.cases.iter().find(|one| one.version == 0);
    let number = opened.or(case).map(|case| case.number.clone());
    let mut outcomes = carried.outcomes;
    outcomes.extend(answer_told(&effects));
    Ok(ActOutcome::Done { effects: Box::new(effects), outcomes, case: number })
}

/// That the words are on their way: a mail needs not say so, for its sender sees nothing come back.
fn answer_told(effects: &Effects) -> Option<CommandOutcome> {
    let is_answer = |mail: &&super::OutgoingMail| {
        mail.class == MailClass::Answer
            && mail.template == Template::Answer
            && matches!(mail.state, MailState::Queued | MailState::Sent)
    };
    let answer = effects.mails.iter().find(is_answer)?;
    let files = match answer.attachments.len() {
        0 => String::new(),
        1 => " with one file".to_owned(),
        n => format!(" with {n} files"),
    };
    let outcome = match answer.state {
        MailState::Sent => {
            format!("Your answer is in the portal{files}, and a mail tells the requester that it waits there.")
        }
        _ => format!("Your answer is on its way to the requester{files}."),
    };
    Some(CommandOutcome { command: "Answer".to_owned(), done: true, outcome })
}

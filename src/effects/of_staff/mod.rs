//! What a member of staff wrote is carried out: their words to the requester, their commands, and what they are told of it.
//!
//! It is the same whether it came in as a mail or was written in the console. The commands of one go are carried out all
//! or none: on a copy, whose effects are kept only if each of them could be done. So what cannot wholly be carried out
//! changes nothing and sends nothing on.

mod answer;
mod corrections;
mod ending;
mod ladder;
mod mail;
mod opening;
mod outcome;
mod people;
mod requests;
mod signature;
mod timing;

use super::Effects;
use super::case_work::CaseWork;
use super::of_assignment::Surroundings;
use crate::case::commands::{Command, Concerns, Parsed, Word, Written};
use crate::case::{Case, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::CommandOutcome;
use crate::intake::decide::release::Release;
use crate::words::LineId;
use crate::words::chance::Chance;
use crate::words::numbers::CaseNumber;
pub use mail::{Newest, Request, StaffMail, StaffTrigger};
pub(in crate::effects) use outcome::{Carried, Done, Stop, refused};
use outcome::{not_done, not_understood, to_confirm};
pub(in crate::effects) use people::who_does;
use signature::unsigned;
use std::collections::BTreeMap;

/// A mail while it is carried out.
pub(super) struct Hands<'a> {
    pub(super) trigger: StaffTrigger<'a>,
    pub(super) mail: &'a StaffMail,
    pub(super) chance: &'a mut Chance,
    /// The case that the commands are about.
    pub(super) work: Option<CaseWork<'a>>,
    pub(super) carried: Carried,
    /// The text for the requester, until something has taken it.
    pub(super) text: Option<String>,
    /// Reserved numbers that are left.
    pub(super) numbers: Vec<CaseNumber>,
    /// Which of the commands is carried out.
    pub(super) place: usize,
    /// The line that one of the commands names.
    pub(super) line: Option<LineId>,
    /// What stands around a case that this mail opens: nothing yet.
    pub(super) nothing: &'a Surroundings,
}

/// Carries out `mail` about `case`.
pub(in crate::effects) fn carry_out<'a>(
    trigger: StaffTrigger<'a>,
    mail: &'a StaffMail,
    case: Option<&Case>,
    chance: &'a mut Chance,
    nothing: &'a Surroundings,
) -> Result<Carried, ComposeError> {
    let (commands, text) = match &mail.parsed {
        Parsed::Understood { commands, text } => (commands, text),
        Parsed::Refused { undone, refusals, .. } => return Ok(not_understood(undone, refusals)),
    };
    if mail.unconfirmed && !commands.is_empty() {
        return Ok(to_confirm(commands));
    }
    let (desk, keys, now) = (trigger.desk, trigger.keys, trigger.now);
    let work = case.map(|case| CaseWork::new((desk, keys), case.clone(), &mail.around, (now, chance)));
    let effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
    let mut hands = Hands {
        trigger,
        mail,
        chance,
        work,
        carried: Carried { effects, ..Carried::default() },
        text: Some(unsigned(&mail.sender, text)).filter(|text| !text.trim().is_empty()),
        numbers: mail.numbers.clone(),
        place: 0,
        line: commands.iter().find_map(|written| match &written.command {
            Command::Line(line) => Some(line.clone()),
            _ => None,
        }),
        nothing,
    };
    match hands.all(commands) {
        Ok(()) => Ok(hands.finish()),
        Err(Stop::Compose(error)) => Err(error),
        Err(Stop::Refused(why)) => Ok(not_done(commands, hands.place, &why)),
    }
}

impl<'a> Hands<'a> {
    /// Everything that the mail asks for, in order.
    fn all(&mut self, commands: &[Written]) -> Result<(), Stop> {
        // What a case is comes before what is written about it; but a case that the mail opens must be there first.
        let opens = commands.iter().any(|written| written.command.word() == Word::For);
        let corrects = |written: &Written| matches!(written.command.word(), Word::Line | Word::Field | Word::Priority);
        self.heed_note_rule(commands)?;
        let mut outcomes: BTreeMap<usize, CommandOutcome> = BTreeMap::new();
        for first in [true, false] {
            for (place, written) in commands.iter().enumerate() {
                if first == (corrects(written) && !opens) {
                    self.place = place;
                    let outcome = self.one(&written.command)?;
                    let command = written.line.clone();
                    outcomes.insert(place, CommandOutcome { command, done: true, outcome });
                }
            }
            if first {
                self.answer(commands)?;
            }
        }
        if self.mail.drops {
            self.place = commands.len();
            let outcome = self.release(&Release::Drop, None)?;
            outcomes.insert(commands.len(), CommandOutcome { command: "Drop".to_owned(), done: true, outcome });
        }
        self.carried.outcomes.splice(0..0, outcomes.into_values());
        self.keep_text();
        Ok(())
    }

    /// Where the desk asks for it, whoever changes a status writes in the same mail or form what was done: as a note, as the
    /// words of a command, or as the text for the requester.
    fn heed_note_rule(&mut self, commands: &[Written]) -> Result<(), Stop> {
        let changes = |written: &Written| {
            let word = written.command.word();
            let closes = word == Word::Redirect && self.work.is_some();
            closes || matches!(word, Word::Waiting | Word::Pause | Word::Resume | Word::Resolve)
        };
        let says = |written: &Written| {
            matches!(
                written.command,
                Command::Note(_) | Command::Update(_) | Command::Return(_) | Command::Resolve(Some(_))
            )
        };
        if !self.trigger.desk.status_needs_note || self.text.is_some() || commands.iter().any(says) {
            return Ok(());
        }
        let Some(place) = commands.iter().position(changes) else { return Ok(()) };
        self.place = place;
        refused(NEEDS_NOTE)
    }

    fn one(&mut self, command: &Command) -> Done {
        let needs_case = match command.concerns() {
            Concerns::Case => true,
            Concerns::CaseOrUndecided => self.mail.request.is_none(),
            Concerns::Undecided | Concerns::Nothing => false,
        };
        if needs_case && self.work.is_none() {
            return refused(NO_CASE);
        }
        match command {
            Command::Resolve(text) => self.resolve(text.as_deref()),
            Command::Note(text) => self.note(text),
            Command::Update(text) => self.update_words(text),
            Command::NextUpdate(date) => self.next_update(date),
            Command::Pause { until } => self.pause(until.as_ref()),
            Command::Resume => self.resume(),
            Command::Waiting { on, until } => self.waiting(*on, until.as_ref()),
            Command::Assign(to) => self.assign(to),
            Command::AssignAll { to, from } => self.assign_all(to, from),
            Command::Out { who, from, to } => self.out(who.as_ref(), *from, *to),
            Command::Priority(word) => self.priority(word),
            Command::Opportunity { kind, text } => self.opportunity(*kind, text),
            Command::Line(line) => self.line(line),
            Command::Field { id, value } => self.field(id, value),
            Command::Escalate(text) => self.escalate(text.as_deref()),
            Command::List { id, text } => self.list(id, text.as_deref()),
            Command::Return(text) => self.send_back(text),
            Command::Redirect(topic) => self.send_elsewhere(topic),
            Command::Accept(line) => self.accept(line.as_ref()),
            Command::Split => self.split(),
            Command::Merge(number) => self.merge(number),
            Command::For { address, name } => self.open_for(address, name.as_deref()),
            Command::Help => {
                self.carried.help = true;
                Ok("Here is the list.".to_owned())
            }
        }
    }

    /// The case that the commands are about.
    pub(super) fn work(&mut self) -> Result<&mut CaseWork<'a>, Stop> {
        match &mut self.work {
            Some(work) => Ok(work),
            None => refused(NO_CASE),
        }
    }

    /// What is in work is settled, and something else may be begun.
    pub(super) fn settle(&mut self) {
        if let Some(mut work) = self.work.take() {
            // A mail that only asks for the list of commands does nothing about the case.
            work.is_active |= !work.effects.events.is_empty();
            self.carried.effects.join(work.finish());
        }
    }

    fn finish(mut self) -> Carried {
        self.settle();
        self.carried
    }

    /// Text that nothing took stays inside: as a note of the case, where there is one.
    fn keep_text(&mut self) {
        let Some(text) = self.text.take() else { return };
        let (sender, row) = (self.mail.sender.email.to_string(), self.trigger.row.to_string());
        if let Some(work) = &mut self.work {
            let content = serde_json::json!({ "text": format!("{sender}: {}", text.trim()) });
            work.event(EventKind::Note, &[("message", row)], Some(content));
        }
        self.carried.kept = Some(text);
    }
}

/// A status that is changed without a word, on a desk that asks for one.
const NEEDS_NOTE: &str = "A change of the status needs a note here: write what was done in the same mail, as `#note TEXT` on a \
                          line of its own.";

const IS_RESOLVED: &str = "The case is resolved already.";

/// A command about a case, in a mail about none.
const NO_CASE: &str = "It is not clear which case is meant: reply to a mail about it, or put its number in brackets at the \
                       end of the subject.";

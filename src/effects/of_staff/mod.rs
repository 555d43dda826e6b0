//! What a member of staff's mail writes: their words to the requester, their commands, and what they are told of it.
//!
//! The commands of a mail are carried out all or none: on a copy, whose effects are kept only if each of them could be
//! done. So a mail that cannot wholly be carried out changes nothing and sends nothing on.

mod answer;
mod corrections;
mod ending;
mod opening;
mod people;
mod requests;
mod timing;

use super::Effects;
use super::case_work::CaseWork;
use super::of_assignment::Surroundings;
use super::of_message::MessageTrigger;
use crate::case::commands::{Command, Concerns, Parsed, Refusal, Word, Written};
use crate::case::standing::Standing;
use crate::case::{Case, EventKind};
use crate::compose::ComposeError;
use crate::compose::context::CommandOutcome;
use crate::desk::Staff;
use crate::effects::letters::Thread;
use crate::message::Message;
use crate::settings::Trust;
use crate::words::chance::Chance;
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A mail of a member of staff, with what stands around it and its commands ask for.
#[derive(Debug)]
pub struct StaffMail {
    /// Who wrote it.
    pub sender: Staff,
    /// What their new words ask for.
    pub parsed: Parsed,
    /// It replies to a mail that hands the request over, so that its text is for the requester (POLICY.md, Threads and
    /// trust); any other text stays inside.
    pub answers: bool,
    /// No header proves its author, only our token: its commands wait until they are confirmed (POLICY.md, Threads and
    /// trust).
    pub unconfirmed: bool,
    /// The mail whose commands it confirms; `parsed` is that mail's then, and `answers` too.
    pub confirms: Option<Newest>,
    /// The same mail came before under the same Message-ID: nothing is done twice.
    pub repeats: bool,
    /// What stands around its case.
    pub around: Surroundings,
    /// The requester's newest message of the case.
    pub newest: Option<Newest>,
    /// That message is the request itself.
    pub newest_is_opening: bool,
    /// Open cases of the colleague from whom all are taken.
    pub colleagues_cases: Vec<(Case, Surroundings)>,
    /// The case that another is joined with.
    pub other: Option<(Case, Surroundings)>,
    /// The message that became no case.
    pub request: Option<Request>,
    /// Reserved case numbers, as many as its commands may open.
    pub numbers: Vec<CaseNumber>,
}

/// A message with its row.
#[derive(Debug)]
pub struct Newest {
    /// Its row.
    pub row: Uuid,
    /// What it says.
    pub message: Message,
}

impl Newest {
    /// The thread that an answer to it continues.
    pub fn thread(&self) -> Option<Thread> {
        let last = self.message.message_id.clone()?;
        let root = self.message.references.first().or(self.message.in_reply_to.first()).cloned();
        Some(Thread { root, last })
    }
}

/// A message that was held, returned or redirected.
#[derive(Debug)]
pub struct Request {
    /// Its row.
    pub row: Uuid,
    /// What it says.
    pub message: Message,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What it is decided from.
    pub standing: Standing,
    /// The trust of its mailbox.
    pub trust: Trust,
    /// How it was decided; `None`: it is held.
    pub decided: Option<Decision>,
}

/// Why a mail is not carried out.
#[derive(Debug)]
pub(super) enum Stop {
    /// A template cannot be rendered.
    Compose(ComposeError),
    /// A command cannot be done: why, in whole sentences, for its sender.
    Refused(String),
}

impl From<ComposeError> for Stop {
    fn from(error: ComposeError) -> Self {
        Self::Compose(error)
    }
}

pub(super) type Done = Result<String, Stop>;

pub(super) fn refused<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(why.into()))
}

/// What came of a mail.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// What it writes.
    pub(super) effects: Effects,
    /// What each command did.
    pub(super) outcomes: Vec<CommandOutcome>,
    /// Text that went to nobody.
    pub(super) kept: Option<String>,
    /// The list of commands was asked for.
    pub(super) help: bool,
    /// Whether something was refused, so that nothing was done.
    pub(super) refused: bool,
    /// Whether its sender is asked to confirm it first.
    pub(super) asks: bool,
}

/// A mail while it is carried out.
pub(super) struct Hands<'a> {
    pub(super) trigger: &'a MessageTrigger<'a>,
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
pub(super) fn carry_out<'a>(
    trigger: &'a MessageTrigger<'a>,
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

impl StaffMail {
    /// The message that holds the words and commands, with its row.
    pub(super) fn source<'a>(&'a self, trigger: &'a MessageTrigger<'_>) -> (Uuid, &'a Message) {
        self.confirms.as_ref().map_or((trigger.row, trigger.message), |one| (one.row, &one.message))
    }
}

impl<'a> Hands<'a> {
    /// Everything that the mail asks for, in order.
    fn all(&mut self, commands: &[Written]) -> Result<(), Stop> {
        // What a case is comes before what is written about it; but a case that the mail opens must be there first.
        let opens = commands.iter().any(|written| written.command.word() == Word::For);
        let corrects = |written: &Written| matches!(written.command.word(), Word::Line | Word::Field | Word::Priority);
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
        self.carried.outcomes.splice(0..0, outcomes.into_values());
        self.keep_text();
        Ok(())
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
            Command::Out { from, to } => self.out(*from, *to),
            Command::Priority(word) => self.priority(word),
            Command::Opportunity { kind, text } => self.opportunity(*kind, text),
            Command::Line(line) => self.line(line),
            Command::Field { id, value } => self.field(id, value),
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
        if let Some(work) = self.work.take() {
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

/// `text` without a signature that nothing marks: from the sender's own name on a line by itself on, where only a few
/// short lines follow. The answer names them anyway, and how to reach them is not for the requester.
fn unsigned(sender: &Staff, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_name = |line: &&str| {
        let bare = line.trim().trim_matches(|c: char| !c.is_alphanumeric());
        bare.eq_ignore_ascii_case(&sender.name)
    };
    let Some(at) = lines.iter().rposition(is_name) else { return text.to_owned() };
    let below = lines.get(at + 1..).unwrap_or_default();
    let is_short = below.len() <= MOST_SIGNED && below.iter().all(|line| line.chars().count() <= LONGEST_SIGNED);
    if !is_short {
        return text.to_owned();
    }
    lines.get(..at).unwrap_or_default().join("\n").trim_end().to_owned()
}

/// A signature has no more lines below the name ...
const MOST_SIGNED: usize = 8;
/// ... and none longer, in characters.
const LONGEST_SIGNED: usize = 80;

/// A command about a case, in a mail about none.
const NO_CASE: &str = "It is not clear which case is meant: reply to a mail about it, or put its number in brackets at the \
                       end of the subject.";

fn not_understood(undone: &[Written], refusals: &[Refusal]) -> Carried {
    let refused = refusals.iter().map(|refusal| CommandOutcome {
        command: refusal.line.clone(),
        done: false,
        outcome: refusal.sentences(),
    });
    let others = undone.iter().map(|written| CommandOutcome {
        command: written.line.clone(),
        done: false,
        outcome: "It was understood, and waits for the mail to be sent again without the fault.".to_owned(),
    });
    Carried { outcomes: refused.chain(others).collect(), refused: true, ..Carried::default() }
}

fn to_confirm(commands: &[Written]) -> Carried {
    let outcome = |written: &Written| CommandOutcome {
        command: written.line.clone(),
        done: false,
        outcome: "It waits for your yes.".to_owned(),
    };
    Carried { outcomes: commands.iter().map(outcome).collect(), asks: true, ..Carried::default() }
}

fn not_done(commands: &[Written], failed: usize, why: &str) -> Carried {
    let outcome = |place: usize, written: &Written| CommandOutcome {
        command: written.line.clone(),
        done: false,
        outcome: if place == failed {
            why.to_owned()
        } else {
            "It was not carried out either: a mail is carried out as a whole or not at all.".to_owned()
        },
    };
    let outcomes = commands.iter().enumerate().map(|(place, written)| outcome(place, written)).collect();
    Carried { outcomes, refused: true, ..Carried::default() }
}

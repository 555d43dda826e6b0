//! What a member of staff wrote, with what stands around it and its commands ask for.

use crate::case::Case;
use crate::case::commands::{Command, Parsed};
use crate::case::standing::Standing;
use crate::desk::{Desk, Staff};
use crate::effects::letters::Thread;
use crate::effects::of_assignment::Surroundings;
use crate::message::Message;
use crate::settings::Trust;
use crate::words::Decision;
use crate::words::keys::Keys;
use crate::words::numbers::CaseNumber;
use jiff::Timestamp;
use uuid::Uuid;

/// Words of a member of staff that came in as a mail or were written in the console, to be carried out.
#[derive(Clone, Copy, Debug)]
pub struct StaffTrigger<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The installation's keys.
    pub keys: &'a Keys,
    /// The mail that holds them.
    pub message: &'a Message,
    /// Its row.
    pub row: Uuid,
    /// Now.
    pub now: Timestamp,
}

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
    /// What was held is dropped: only the console can say so.
    pub drops: bool,
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

impl StaffMail {
    /// Words of `sender` with nothing around them yet.
    pub fn bare(sender: Staff, parsed: Parsed) -> Self {
        Self {
            sender,
            parsed,
            answers: false,
            unconfirmed: false,
            confirms: None,
            drops: false,
            repeats: false,
            around: Surroundings::default(),
            newest: None,
            newest_is_opening: false,
            colleagues_cases: Vec::new(),
            other: None,
            request: None,
            numbers: Vec::new(),
        }
    }

    /// What they ask for, where it was understood.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        let written = match &self.parsed {
            Parsed::Understood { commands, .. } => commands.as_slice(),
            Parsed::Refused { .. } => &[],
        };
        written.iter().map(|written| &written.command)
    }

    /// The message that holds the words and commands, with its row.
    pub(in crate::effects) fn source<'a>(&'a self, trigger: StaffTrigger<'a>) -> (Uuid, &'a Message) {
        self.confirms.as_ref().map_or((trigger.row, trigger.message), |one| (one.row, &one.message))
    }
}

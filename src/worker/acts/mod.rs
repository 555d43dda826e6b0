//! What staff do in the console, as the engine's trigger.
//!
//! An act is written as the mail that it stands for, read by the one grammar of commands, and carried out by the code that
//! carries out mail. It is committed with all that it writes, or nothing of it is.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `compose` | the mail that an act stands for |
//! | `carry` | reading, deciding and committing an act |
//! | `mails` | correcting, cancelling and sending again what was written |

mod carry;
mod compose;
mod mails;

pub use compose::file_name;

pub(in crate::worker) use compose::{content_type, one_line};

use crate::case::commands::{Asked, Word};
use crate::compose::context::CommandOutcome;
use crate::words::numbers::CaseNumber;
use uuid::Uuid;

/// Something that a person does in the console.
#[derive(Clone, Debug)]
pub struct Act {
    /// The id of the form that asks for it, fresh whenever the form is shown: the same one acts once.
    pub id: Uuid,
    /// What it is about.
    pub about: About,
    /// The subject of a case that is opened by hand; else nothing.
    pub subject: String,
    /// Words to the requester, without commands; of a case that is opened by hand, the request.
    pub text: String,
    /// Files that go with the words.
    pub files: Vec<ActFile>,
    /// Commands, as a mail would have them on its first lines.
    pub commands: Vec<Asked>,
    /// What was held is dropped.
    pub drops: bool,
}

/// What an act is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// No case yet, or none at all: a case by hand, days away, all cases of a colleague.
    Nothing,
    /// A case of the desk.
    Case(CaseNumber),
    /// A message that was held, returned or redirected and became no case, by its row.
    Message(Uuid),
}

/// A file that somebody chose in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActFile {
    /// Its name, as the browser gives it.
    pub name: String,
    /// Its type, as the browser gives it.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It is done and committed.
    Done(Done),
    /// Nothing of it is done or written: each part of the form that stands in the way, with why in whole sentences.
    Refused(Vec<RefusedPart>),
    /// The same form was sent before, and was carried out then.
    Twice,
    /// There is no such thing, or nothing that this account may see.
    NotFound,
    /// Others changed the case again and again meanwhile: nothing is written, and it may be tried again.
    Busy,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What each command did, and what became of the words; where `done` is false, what did not happen as one may think.
    pub outcomes: Vec<CommandOutcome>,
    /// The case that was opened, else the one that the act is about.
    pub case: Option<CaseNumber>,
}

impl Done {
    /// All of it in sentences, for the page that is shown next.
    pub fn sentences(&self) -> String {
        self.outcomes.iter().map(|one| one.outcome.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A part of a form that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPart {
    /// Which.
    pub part: Part,
    /// Why, in whole sentences.
    pub why: String,
}

/// A part of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The command at this place.
    Command(usize),
    /// The words.
    Text,
    /// The files.
    Files,
    /// All of it.
    Whole,
}

impl Act {
    /// An act that does nothing yet.
    pub fn new(id: Uuid, about: About) -> Self {
        Self {
            id,
            about,
            subject: String::new(),
            text: String::new(),
            files: Vec::new(),
            commands: Vec::new(),
            drops: false,
        }
    }

    /// With these words to the requester.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// With this command; `rest` is what stands behind its word in a mail: `friday`, `me`, `member_id=H1`.
    #[must_use]
    pub fn with(mut self, word: Word, rest: impl Into<String>) -> Self {
        self.commands.push(Asked { word, rest: rest.into() });
        self
    }

    /// With these files.
    #[must_use]
    pub fn enclosing(mut self, files: Vec<ActFile>) -> Self {
        self.files = files;
        self
    }
}

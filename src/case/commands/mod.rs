//! Commands of staff: the one closed grammar, as values, and the mail or console line they are read from.
//!
//! A form of the console asks for commands one by one ([`Asked`]); [`read_all`] reads them by the same rules. In a mail,
//! commands stand in the first lines of its new words, one a line, each beginning with `#`. [`parse`] reads
//! them all or none: a line that looks like a command and is not wholly understood leaves the whole mail undone
//! ([`Parsed::Refused`]), so that nothing half-meant is carried out and no text goes to a requester by mistake.
//! What a command does is decided elsewhere; here is only what was asked.
//!
//! The choices behind the grammar:
//!
//! - Blank lines before and between commands do not matter. The first line that is no command ends the command
//!   lines, and what follows is the mail's text. A line in that text that begins with a command, or nearly so, is
//!   refused and not sent on: it was meant for the desk, and its words may be internal.
//! - `#note`, `#update`, `#return`, `#resolve`, `#opportunity`, `#escalate`, `#list` and a summary given by `#field` run on over the
//!   following lines up to a blank line or the next command: a mail program wraps lines, and the second line of a
//!   note must not reach a requester.
//! - `#` and a letter at the start of a line is always meant as a command; `#` and a digit never is; `#`, a space and a
//!   word only where the word is a command or nearly one.
//! - A command cannot be given twice in one mail, except `#note`, `#opportunity` and `#field` of different fields; and
//!   commands that contradict each other are refused, both named.
//! - Nothing is guessed: a misspelt word, name or date is refused with the nearest one and an example.

mod absence;
mod arguments;
mod conflicts;
mod dates;
pub mod help;
mod lines;
mod lookup;
mod parse;
mod people;
mod promise;
mod word;

#[cfg(test)]
mod tests;

pub use help::{CommandHelp, help, one_line};
pub use lookup::priorities;
pub use parse::{parse, read_all};
pub use promise::PromisedDate;
pub use word::{Concerns, Word};

use crate::address::EmailAddress;
use crate::desk::{Desk, Role, Staff};
use crate::words::numbers::CaseNumber;
use crate::words::{LineId, word_enum};
use jiff::Timestamp;
use jiff::civil::Date;
use std::fmt;

word_enum! {
    /// Whom a case waits for.
    WaitingOn {
        /// Somebody inside.
        Internal = "internal",
        /// Somebody outside.
        External = "external",
    }
}

word_enum! {
    /// What an opportunity is for.
    OpportunityKind {
        /// Coaching.
        Coaching = "coaching",
        /// Training.
        Training = "training",
        /// Communication.
        Communication = "communication",
        /// A better process.
        Process = "process",
    }
}

/// What a member of staff asked for. Printed, it is the command line that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The case is done; what was done, where it was said.
    Resolve(Option<String>),
    /// A note for staff; it never goes to a requester.
    Note(String),
    /// What the next update to the requester says.
    Update(String),
    /// When the next update is due.
    NextUpdate(PromisedDate),
    /// The clocks stand.
    Pause {
        /// Until when; `None`: until they are let go on.
        until: Option<PromisedDate>,
    },
    /// The clocks go on.
    Resume,
    /// The case goes to this member of staff.
    Assign(EmailAddress),
    /// All open cases of one member of staff go to another; for supervisors and deputies.
    AssignAll {
        /// Who gets them.
        to: EmailAddress,
        /// Whose they are.
        from: EmailAddress,
    },
    /// The case's priority, one of [`priorities`].
    Priority(String),
    /// The case waits for somebody.
    Waiting {
        /// For whom.
        on: WaitingOn,
        /// Until when.
        until: Option<PromisedDate>,
    },
    /// Something that could be better next time.
    Opportunity {
        /// Which kind.
        kind: OpportunityKind,
        /// What was seen.
        text: String,
    },
    /// The case is of this line.
    Line(LineId),
    /// A field has this value. Whether the value fits the field is for the reading of requests to judge.
    Field {
        /// The field's id.
        id: String,
        /// The value as written, without white space at its ends.
        value: String,
    },
    /// The case climbs the ladder; why, for whoever stands on the step.
    Escalate(Option<String>),
    /// The case stands on a list of the desk.
    List {
        /// The list, by id.
        id: String,
        /// What is said of it there.
        text: Option<String>,
    },
    /// The request goes back to the requester with this text.
    Return(String),
    /// The request is out of scope: the requester is told where to take this topic.
    Redirect(String),
    /// What was held, returned or redirected is accepted, to this line where the request does not say it.
    Accept(Option<LineId>),
    /// The newest message of the case becomes a case of its own.
    Split,
    /// The case, or what was held, belongs to this case.
    Merge(CaseNumber),
    /// Opens a case by hand for this requester; the mail's text is the request.
    For {
        /// The requester.
        address: EmailAddress,
        /// The requester's name, where it stood beside the address.
        name: Option<String>,
    },
    /// The sender is away, or a colleague whom a supervisor or deputy names.
    Out {
        /// The colleague; `None`: the sender.
        who: Option<EmailAddress>,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Asks for the list of commands.
    Help,
}

/// What the commands of one mail are read against.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The desk, whose lines, topics, fields, staff and calendar are meant.
    pub desk: &'a Desk,
    /// Who writes; `#assign me` means them, and their role says which commands are theirs.
    pub sender: &'a Staff,
    /// Now.
    pub now: Timestamp,
}

/// A command asked for by a form: its word, and what would stand behind it on its line in a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The command.
    pub word: Word,
    /// What stands behind it; may be of several lines where the command runs on.
    pub rest: String,
}

/// A command with the words that asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The command.
    pub command: Command,
    /// Its line as it was written; of one that runs on, the first.
    pub line: String,
}

/// Why a line was not carried out, for its sender: whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line as it was written, shortened; of two that contradict each other, both.
    pub line: String,
    /// What is wrong with it.
    pub why: String,
    /// The nearest command line or value that would be understood, where one is near.
    pub nearest: Option<String>,
    /// A command line that works.
    pub example: Option<String>,
}

/// What the new words of a mail ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Everything was understood.
    Understood {
        /// The commands, in order; none where the mail is only text.
        commands: Vec<Written>,
        /// What follows the command lines, without blank lines at its ends.
        text: String,
    },
    /// Something was not understood: nothing is done, and nothing is sent on.
    Refused {
        /// Lines that were understood and are not carried out either.
        undone: Vec<Written>,
        /// Why, at least one.
        refusals: Vec<Refusal>,
        /// What follows the command lines; it goes to nobody but back to its sender.
        text: String,
    },
}

impl Command {
    /// Which command it is.
    pub fn word(&self) -> Word {
        match self {
            Self::Resolve(_) => Word::Resolve,
            Self::Note(_) => Word::Note,
            Self::Update(_) => Word::Update,
            Self::NextUpdate(_) => Word::NextUpdate,
            Self::Pause { .. } => Word::Pause,
            Self::Resume => Word::Resume,
            Self::Assign(_) | Self::AssignAll { .. } => Word::Assign,
            Self::Priority(_) => Word::Priority,
            Self::Waiting { .. } => Word::Waiting,
            Self::Opportunity { .. } => Word::Opportunity,
            Self::Line(_) => Word::Line,
            Self::Field { .. } => Word::Field,
            Self::Escalate(_) => Word::Escalate,
            Self::List { .. } => Word::List,
            Self::Return(_) => Word::Return,
            Self::Redirect(_) => Word::Redirect,
            Self::Accept(_) => Word::Accept,
            Self::Split => Word::Split,
            Self::Merge(_) => Word::Merge,
            Self::For { .. } => Word::For,
            Self::Out { .. } => Word::Out,
            Self::Help => Word::Help,
        }
    }

    /// What it is carried out on.
    pub fn concerns(&self) -> Concerns {
        match self {
            Self::AssignAll { .. } => Concerns::Nothing,
            _ => self.word().concerns(),
        }
    }

    /// Whether a member of staff with this role may ask for it.
    pub fn is_for(&self, role: Role) -> bool {
        match self {
            Self::AssignAll { .. } | Self::Out { who: Some(_), .. } => matches!(role, Role::Supervisor | Role::Deputy),
            _ => true,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.word())?;
        match self {
            Self::Resolve(None)
            | Self::Resume
            | Self::Accept(None)
            | Self::Split
            | Self::Help
            | Self::Escalate(None) => Ok(()),
            Self::Pause { until: None } => Ok(()),
            Self::Escalate(Some(text))
            | Self::Resolve(Some(text))
            | Self::Note(text)
            | Self::Update(text)
            | Self::Return(text) => {
                write!(f, " {text}")
            }
            Self::NextUpdate(date) => write!(f, " {date}"),
            Self::Pause { until: Some(date) } => write!(f, " until {date}"),
            Self::Assign(to) => write!(f, " {to}"),
            Self::AssignAll { to, from } => write!(f, " {to} all from {from}"),
            Self::Priority(word) => write!(f, " {word}"),
            Self::Waiting { on, until: None } => write!(f, " {on}"),
            Self::Waiting { on, until: Some(date) } => write!(f, " {on} until {date}"),
            Self::Opportunity { kind, text } => write!(f, " {kind} {text}"),
            Self::Line(line) | Self::Accept(Some(line)) => write!(f, " {line}"),
            Self::Field { id, value } => write!(f, " {id}={value}"),
            Self::List { id, text: None } => write!(f, " {id}"),
            Self::List { id, text: Some(text) } => write!(f, " {id} {text}"),
            Self::Redirect(topic) => write!(f, " {topic}"),
            Self::Merge(number) => write!(f, " {number}"),
            Self::For { address, name: None } => write!(f, " {address}"),
            Self::For { address, name: Some(name) } => write!(f, " {name} <{address}>"),
            Self::Out { who: None, from, to } => write!(f, " {from}..{to}"),
            Self::Out { who: Some(who), from, to } => write!(f, " for {who} {from}..{to}"),
        }
    }
}

impl Refusal {
    /// The whole of it in sentences, for the mail that answers: why, the nearest, an example.
    pub fn sentences(&self) -> String {
        let mut text = self.why.clone();
        if let Some(nearest) = &self.nearest {
            text.push_str(&format!(" Did you mean `{nearest}`?"));
        }
        if let Some(example) = self.example.as_ref().filter(|example| self.nearest.as_ref() != Some(example)) {
            text.push_str(&format!(" For example: `{example}`."));
        }
        text
    }
}

impl Refusal {
    /// Why, and the nearest, for a form's field: without the line and the example, which the field itself shows.
    pub fn for_a_form(&self) -> String {
        // The nearest is a whole command line; a field holds what stands behind its word.
        let nearest = self.nearest.as_deref().map(|line| line.split_once(' ').map_or(line, |(_, behind)| behind));
        let nearest = nearest.map(|nearest| format!(" Did you mean `{nearest}`?")).unwrap_or_default();
        format!("{}{nearest}", self.why)
    }
}

impl Parsed {
    /// The text that follows the command lines.
    pub fn text(&self) -> &str {
        match self {
            Self::Understood { text, .. } | Self::Refused { text, .. } => text,
        }
    }

    /// Whether the mail holds command lines, understood or not.
    pub fn has_commands(&self) -> bool {
        match self {
            Self::Understood { commands, .. } => !commands.is_empty(),
            Self::Refused { .. } => true,
        }
    }
}

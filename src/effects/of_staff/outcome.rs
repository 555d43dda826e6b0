//! What came of words of staff: each command's outcome, or why nothing was done.

use crate::case::commands::{Refusal, Written};
use crate::compose::ComposeError;
use crate::compose::context::CommandOutcome;
use crate::effects::Effects;

/// Why a mail is not carried out.
#[derive(Debug)]
pub(in crate::effects) enum Stop {
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

pub(in crate::effects) type Done = Result<String, Stop>;

pub(in crate::effects) fn refused<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(why.into()))
}

/// What came of a mail.
#[derive(Debug, Default)]
pub(in crate::effects) struct Carried {
    /// What it writes.
    pub(in crate::effects) effects: Effects,
    /// What each command did.
    pub(in crate::effects) outcomes: Vec<CommandOutcome>,
    /// Text that went to nobody.
    pub(in crate::effects) kept: Option<String>,
    /// The list of commands was asked for.
    pub(in crate::effects) help: bool,
    /// Whether something was refused, so that nothing was done.
    pub(in crate::effects) refused: bool,
    /// The place of the command that stood in the way, and why.
    pub(in crate::effects) stopped: Option<(usize, String)>,
    /// Whether its sender is asked to confirm it first.
    pub(in crate::effects) asks: bool,
}

pub(super) fn not_understood(undone: &[Written], refusals: &[Refusal]) -> Carried {
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

pub(super) fn to_confirm(commands: &[Written]) -> Carried {
    let outcome = |written: &Written| CommandOutcome {
        command: written.line.clone(),
        done: false,
        outcome: "It waits for your yes.".to_owned(),
    };
    Carried { outcomes: commands.iter().map(outcome).collect(), asks: true, ..Carried::default() }
}

pub(super) fn not_done(commands: &[Written], failed: usize, why: &str) -> Carried {
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
    Carried { outcomes, refused: true, stopped: Some((failed, why.to_owned())), ..Carried::default() }
}

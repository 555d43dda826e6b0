//! What a person decides about a held message: accepted, returned, redirected, attached or dropped.
//!
//! The message is read as it would be by the rules; only the decision is the person's.

use super::facts::{Context, Facts};
use super::rules::{continuing, reopening};
use super::{Judgement, Verdict, conclude};
use crate::case::LinkRole;
use crate::case::standing::Target;
use crate::desk::Desk;
use crate::message::Message;
use crate::words::{Decision, LineId, Reason, ReasonCode};
use uuid::Uuid;

/// What to do with a held message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    /// Open a case, with this line where the message names none.
    Accept(Option<LineId>),
    /// Return it, naming what the rules find missing.
    Return,
    /// Send it elsewhere, for this topic.
    Redirect(String),
    /// Add it to this case.
    Attach(Uuid),
    /// Nothing is sent and nothing is opened.
    Drop,
}

/// Why a release cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// Nobody can be answered.
    #[error("the message has no single author's address, so nobody can be answered: attach it to a case, or drop it")]
    NobodyToAnswer,
    /// The desk has several lines and the message names none.
    #[error("the message names no line: say which, one of {0}")]
    LineNeeded(String),
    /// There is no such line or topic.
    #[error("the desk has no {what} {given:?}: one of {known}")]
    Unknown {
        /// `line` or `topic`.
        what: &'static str,
        /// What was given.
        given: String,
        /// What there is.
        known: String,
    },
    /// Nothing is missing, so there is nothing to return it for.
    #[error("nothing is missing in the message, so a return would name nothing: accept it, or redirect it")]
    NothingMissing,
    /// The case is not at hand.
    #[error("there is no such case in the desk")]
    NoSuchCase,
}

/// Judges a held `message` as a person says.
pub fn release(
    desk: &Desk,
    message: &Message,
    context: &Context<'_>,
    release: &Release,
) -> Result<Judgement, ReleaseError> {
    let mut facts = Facts::gather(desk, message, context);
    if message.author().is_none() && !matches!(release, Release::Attach(_) | Release::Drop) {
        return Err(ReleaseError::NobodyToAnswer);
    }
    let verdict = match release {
        Release::Accept(line) => {
            let verdict = accepted(desk, &mut facts, line.as_ref())?;
            continuing(&facts, verdict)
        }
        Release::Return if facts.completeness.reasons.is_empty() => return Err(ReleaseError::NothingMissing),
        Release::Return => {
            let reasons = facts.completeness.reasons.clone();
            continuing(&facts, Verdict::new(Decision::Return, reasons, "a person returned it"))
        }
        Release::Redirect(topic) => {
            if desk.topic(topic).is_none() {
                let known = desk.topics.iter().map(|topic| topic.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(ReleaseError::Unknown { what: "topic", given: topic.clone(), known });
            }
            facts.asked.topics = vec![topic.clone()];
            let reasons = vec![Reason::of(ReasonCode::OutOfScope)];
            continuing(&facts, Verdict::new(Decision::Redirect, reasons, "a person redirected it"))
        }
        Release::Attach(case) => {
            let known = context.standing.case(*case).ok_or(ReleaseError::NoSuchCase)?;
            let role = if facts.automatic.is_some() { LinkRole::Automatic } else { LinkRole::Participant };
            let verdict =
                Verdict::new(Decision::Attach, Vec::new(), "a person attached it").belonging(Target::Case(*case), role);
            // The person said which case: it is opened again where it may be, and no other one is opened instead.
            match reopening(&facts, &known.case, verdict.clone()) {
                reopened if reopened.decision == Decision::Attach => reopened,
                _ => verdict,
            }
        }
        Release::Drop => Verdict::new(Decision::Ignore, Vec::new(), "a person dropped it"),
    };
    let mut trace = facts.trace.clone();
    trace.note("released by a person", true, verdict.note.clone());
    Ok(conclude(facts, verdict, trace))
}

fn accepted(desk: &Desk, facts: &mut Facts<'_>, line: Option<&LineId>) -> Result<Verdict, ReleaseError> {
    let known = || desk.lines.iter().map(|line| line.id.0.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(line) = line {
        if desk.line(line).is_none() {
            return Err(ReleaseError::Unknown { what: "line", given: line.0.clone(), known: known() });
        }
        facts.completeness.line = Some(line.clone());
    }
    if facts.completeness.line.is_none() {
        match desk.lines.as_slice() {
            [only] => facts.completeness.line = Some(only.id.clone()),
            _ => return Err(ReleaseError::LineNeeded(known())),
        }
    }
    Ok(Verdict::new(Decision::Accept, Vec::new(), "a person accepted it"))
}

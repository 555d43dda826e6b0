//! The oracle: from outside evidence alone it says what was violated.

pub mod evidence;
mod incoming;
mod kept;
mod outgoing;

use crate::mails::Mails;
use evidence::Evidence;

/// All that is wrong, in words with ids; nothing where all is well.
pub fn violations(evidence: &Evidence, mails: &Mails, logs: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    incoming::look(evidence, mails, &mut wrong);
    outgoing::look(evidence, mails, &mut wrong);
    kept::look(evidence, mails, logs, &mut wrong);
    wrong
}

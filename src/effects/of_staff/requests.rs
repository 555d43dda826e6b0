//! Commands about a message that became no case: it was held, returned or redirected.

use super::{Done, Hands, refused};
use crate::case::EventKind;
use crate::effects::of_message::{MessageTrigger, of_message};
use crate::effects::{Chain, EventWrite};
use crate::intake::decide::Context;
use crate::intake::decide::release::{Release, release};
use crate::words::{Decision, LineId};
use std::collections::BTreeMap;

/// A command about such a message, in a mail that leads to none.
const NO_REQUEST: &str = "It is not clear which message is meant: reply to the mail that told you of it, or to the one \
                          that went to the requester.";

impl Hands<'_> {
    /// `#accept`
    pub(super) fn accept(&mut self, line: Option<&LineId>) -> Done {
        if let (Some(work), None) = (&self.work, &self.mail.request) {
            return refused(format!("It is a case already: {}.", work.case.number));
        }
        self.release(&Release::Accept(line.cloned()), None)
    }

    /// The message is decided as the sender says; `words` go with the reply.
    pub(super) fn release(&mut self, what: &Release, words: Option<&str>) -> Done {
        let trigger = self.trigger;
        let Some(request) = &self.mail.request else { return refused(NO_REQUEST) };
        let (desk, keys, now) = (trigger.desk, trigger.keys, trigger.now);
        let context = Context { standing: &request.standing, trust: &request.trust, keys, now, model: true };
        let judgement = match release(desk, &request.message, &context, what) {
            Ok(judgement) => judgement,
            Err(error) => return refused(sentence(&error.to_string())),
        };
        let number = if judgement.needs_number(desk, &request.standing) { self.numbers.pop() } else { None };
        let released = MessageTrigger {
            desk,
            keys,
            message: &request.message,
            row: request.row,
            arrived: request.arrived,
            judgement: &judgement,
            standing: &request.standing,
            releases_held: true,
            overrules: request.decided,
            words,
            staff: None,
            reported_before: None,
            now,
        };
        let effects = of_message(&released, number, self.chance)?;
        // What was returned with a number before keeps it.
        let number = effects.cases.first().map(|case| case.number.clone());
        let outcome = match (judgement.decision, &number) {
            (Decision::Accept, Some(number)) => {
                format!("It is accepted as {number}, and the requester has the receipt.")
            }
            (Decision::Return, _) => "It went back to the requester.".to_owned(),
            (Decision::Redirect, _) => "The requester is told where to take it.".to_owned(),
            (Decision::Attach, _) => "It belongs to that case now.".to_owned(),
            (Decision::Ignore, _) => "It is dropped, and nobody is told.".to_owned(),
            (decision, _) => format!("It is decided: {decision}."),
        };
        self.carried.effects.join(effects);
        let ids = BTreeMap::from([("message".to_owned(), request.row.to_string())]);
        let event = EventWrite { chain: Chain::Desk, kind: EventKind::HeldReleased, ids, content: None };
        self.carried.effects.events.push(event);
        Ok(outcome)
    }

    /// A note about a message that became no case stands in the desk's own history.
    pub(super) fn note_about_request(&mut self, content: serde_json::Value) {
        let row = self.mail.request.as_ref().map(|request| request.row.to_string()).unwrap_or_default();
        let ids = BTreeMap::from([("message".to_owned(), row)]);
        let event = EventWrite { chain: Chain::Desk, kind: EventKind::Note, ids, content: Some(content) };
        self.carried.effects.events.push(event);
    }
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(chars).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

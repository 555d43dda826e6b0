//! A specialist's words to the requester, without what is not for them.

use super::{Done, Hands, Stop};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::case::commands::{Command, Word, Written};
use crate::compose::context::{About, CommandOutcome, Context};
use crate::desk::Desk;
use crate::effects::enclosures::{Taken, taken_along};
use crate::effects::{MailState, RequesterWrite};
use crate::words::{Status, Template};

impl Hands<'_> {
    /// Sends the text of the mail to the requester, where it is meant for them and no command takes it.
    pub(super) fn answer(&mut self, commands: &[Written]) -> Result<(), Stop> {
        let taken_by_command = |written: &Written| matches!(written.command.word(), Word::Resolve | Word::Return);
        let is_request = |written: &Written| matches!(written.command, Command::For { .. });
        if !self.mail.answers || self.work.is_none() || commands.iter().any(is_request) {
            return Ok(());
        }
        let (row, message) = self.mail.source(self.trigger);
        let has_attachments = !taken_along(row, message).enclosed.is_empty();
        if commands.iter().any(taken_by_command) || (self.text.is_none() && !(has_attachments && commands.is_empty())) {
            return Ok(());
        }
        let words = self.text.take();
        self.send(Template::Answer, words)?;
        let sender = self.mail.sender.email.clone();
        let work = self.work()?;
        // What waits for a secure way has told the requester nothing yet.
        let leaves = work.content_state() == MailState::Queued;
        work.answers = leaves;
        work.tells = leaves;
        work.event(EventKind::Answered, &[], None);
        if work.case.status == Status::New {
            work.set_status(Status::InReview);
        }
        self.tell_specialist_of_answer(&sender)
    }

    /// A person's words to the requester, as `template`.
    pub(super) fn send(&mut self, template: Template, words: Option<String>) -> Result<(), Stop> {
        let desk = self.trigger.desk;
        let words = words.map(|words| without_staff(desk, &words));
        let name = self.mail.sender.name.clone();
        let newest = self.mail.newest.as_ref().and_then(super::Newest::thread);
        // What is attached goes where the text goes: to a nudge, nowhere.
        let (row, message) = self.mail.source(self.trigger);
        let taken = if self.mail.answers { taken_along(row, message) } else { Taken::default() };
        let work = self.work()?;
        let context = Context { words: words.clone(), specialist: Some(name), ..work.context() };
        let (to, about, state) = (work.requester(), work.about(), work.content_state());
        let thread = newest.or_else(|| work.around.thread.clone());
        work.letters().by_person(template, &to, &context, about, state, thread.as_ref())?;
        work.letters().enclose(taken.enclosed);
        // Whoever writes to an address has looked at it: automatic mail may go there again.
        let looked = work.around.bounced_hard.then_some(RequesterWrite { address: to.address, bounced_hard: false });
        work.effects.requesters.extend(looked);
        if !taken.left_out.is_empty() {
            self.carried.outcomes.push(CommandOutcome {
                command: "Attachments".to_owned(),
                done: false,
                outcome: format!(
                    "Left out, because they may hold your address or are too large: {}.",
                    taken.left_out.join(", ")
                ),
            });
        }
        if state == MailState::WaitingSecure {
            let outcome = "They are kept and wait: the requester is outside, and no secure way to them is set up. The promise \
                           of an answer runs on.";
            self.carried.outcomes.push(CommandOutcome {
                command: "Your words to the requester".to_owned(),
                done: false,
                outcome: outcome.to_owned(),
            });
        }
        Ok(())
    }

    /// Whoever has the case learns what a colleague answered.
    fn tell_specialist_of_answer(&mut self, sender: &EmailAddress) -> Result<(), Stop> {
        let (desk, name) = (self.trigger.desk, self.mail.sender.name.clone());
        let text = self.mail.parsed.text().trim().to_owned();
        let work = self.work()?;
        let Some(specialist) = work.case.specialist.clone().filter(|specialist| specialist != sender) else {
            return Ok(());
        };
        if desk.staff_member(&specialist).is_none() {
            return Ok(());
        }
        let words = format!("{name} answered the requester of this case:\n\n{text}");
        let context = Context { about: Some(About::Other), words: Some(words), ..work.context() };
        let to = desk.staff_mailbox(&specialist);
        Ok(work.tell_staff(Template::Notice, &to, &context)?)
    }

    /// `#note`
    pub(super) fn note(&mut self, text: &str) -> Done {
        let (sender, row) = (self.mail.sender.email.to_string(), self.trigger.row.to_string());
        let content = serde_json::json!({ "text": format!("{sender}: {}", text.trim()) });
        match &mut self.work {
            Some(work) => work.event(EventKind::Note, &[("message", row)], Some(content)),
            None => self.note_about_request(content),
        }
        Ok("The note is kept; the requester does not see it.".to_owned())
    }
}

/// `text` without addresses of staff: the requester knows the desk's alone.
fn without_staff(desk: &Desk, text: &str) -> String {
    let ours = desk.address.to_string();
    desk.staff.iter().fold(text.to_owned(), |text, staff| replaced(&text, &staff.email.to_string(), &ours))
}

/// `text` with `what`, in any case of its ASCII letters, replaced.
fn replaced(text: &str, what: &str, with: &str) -> String {
    let (lower, what) = (text.to_ascii_lowercase(), what.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(&what)).map(|at| at + from) {
        let end = at + what.len();
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(if stands_alone(text, at, end) { with } else { text.get(at..end).unwrap_or_default() });
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether the address at these bytes is no part of a longer one.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let before = text.get(..start).unwrap_or_default().chars().next_back();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let goes_on = match after.next() {
        // The stop behind an address ends the sentence; one with more behind it belongs to the domain.
        Some('.' | '-') => after.next().is_some_and(char::is_alphanumeric),
        next => next.is_some_and(char::is_alphanumeric),
    };
    !before.is_some_and(joins) && !goes_on
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn addresses_are_replaced_in_any_case() {
        let text = "Write to Jo@Desk.example or <jo@desk.example>; not to mojo@desk.example.org";
        let out = replaced(text, "jo@desk.example", "desk@example");
        assert_eq!(out, "Write to desk@example or <desk@example>; not to mojo@desk.example.org");
    }
}

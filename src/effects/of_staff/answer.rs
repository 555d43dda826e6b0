//! A specialist's words to the requester, without what is not for them.

use super::{Done, Hands, Stop};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::case::commands::{Command, Word, Written};
use crate::compose::context::{About, CommandOutcome, Context};
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
        // With these the specialist says that it is not settled yet.
        let goes_on = commands.iter().any(|written| {
            use Word::{Escalate, NextUpdate, Pause, Split, Update, Waiting};
            matches!(written.command.word(), Escalate | NextUpdate | Pause | Split | Update | Waiting)
        });
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
        if leaves {
            work.was_answered();
        }
        if leaves && !goes_on {
            work.close_inquiry();
        }
        self.tell_specialist_of_answer(&sender)
    }

    /// A person's words to the requester, as `template`.
    pub(super) fn send(&mut self, template: Template, words: Option<String>) -> Result<(), Stop> {
        // Whoever is not of the staff, an administrator, signs with the desk's name alone.
        let sender = &self.mail.sender;
        let name = self.trigger.desk.staff_member(&sender.email).map(|_| sender.name.clone());
        let newest = self.mail.newest.as_ref().and_then(super::Newest::thread);
        // What is attached goes where the text goes: to a nudge, nowhere.
        let (row, message) = self.mail.source(self.trigger);
        let taken = if self.mail.answers { taken_along(row, message) } else { Taken::default() };
        let work = self.work()?;
        let context = Context { words, specialist: name, reviewed: work.reviewed(), ..work.context() };
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
            Some(work) => {
                work.case.course.commented = true;
                work.event(EventKind::Note, &[("message", row)], Some(content));
            }
            None => self.note_about_request(content),
        }
        Ok("The note is kept; the requester does not see it.".to_owned())
    }
}

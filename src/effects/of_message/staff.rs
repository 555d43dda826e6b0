//! A mail that a member of staff wrote as such: carried out, kept with its case, and answered with what it did.

use super::build::Build;
use crate::address::Mailbox;
use crate::case::EventKind;
use crate::case::commands::help;
use crate::case::standing::Target;
use crate::compose::ComposeError;
use crate::compose::context::{CommandUsage, Context};
use crate::effects::Chain;
use crate::effects::of_assignment::Surroundings;
use crate::effects::of_staff::{Carried, StaffMail, carry_out};
use crate::words::numbers::Tag;

impl Build<'_, '_> {
    pub(super) fn staff_mail(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some(mail) = trigger.staff else { return Ok(()) };
        let belongs = self.judgement.belongs;
        let chain = match belongs {
            Some((target @ Target::Case(id), role)) => {
                self.link(target, role);
                Chain::Case(id)
            }
            Some((target, role)) => {
                self.link(target, role);
                Chain::Desk
            }
            None => Chain::Desk,
        };
        self.event(chain, EventKind::MessageAttached, &[("role", "staff".to_owned())]);
        if mail.repeats {
            return Ok(());
        }
        let case = match belongs {
            Some((Target::Case(id), _)) => trigger.standing.case(id).map(|facts| &facts.case),
            _ => None,
        };
        let nothing = Surroundings::default();
        let carried = carry_out(trigger.as_staff(), mail, case, self.chance, &nothing)?;
        if mail.parsed.has_commands() && !carried.asks {
            let kind = if carried.refused { EventKind::CommandsRefused } else { EventKind::CommandsDone };
            self.event(chain, kind, &[]);
        }
        let about = case.map(|case| (Target::Case(case.id), Tag::Case(case.number.clone())));
        let context = self.result(mail, &carried, case.is_some());
        let changed = case.and_then(|case| carried.effects.cases.iter().rfind(|one| one.id == case.id));
        let subject = changed.or(case).map(|case| case.subject.clone());
        self.effects.join(carried.effects);
        if let Some(context) = context {
            let to = Mailbox { name: Some(mail.sender.name.clone()), address: mail.sender.email.clone() };
            let context =
                Context { canonical_subject: subject, original_subject: trigger.message.subject.clone(), ..context };
            // What was asked and what came of it lead to the mail that held the commands.
            let row = mail.source(trigger.as_staff()).0;
            self.letters().command_result(&to, &context, about, (row, trigger.message))?;
        }
        Ok(())
    }

    /// What the sender is told; nothing where their words simply went to the requester.
    fn result(&self, mail: &StaffMail, carried: &Carried, has_case: bool) -> Option<Context> {
        let trigger = self.trigger;
        let sent_on = mail.answers && carried.kept.is_none();
        if carried.outcomes.is_empty() && carried.kept.is_none() && sent_on && !carried.effects.mails.is_empty() {
            return None;
        }
        let listed = if carried.help { help(trigger.desk, mail.sender.role, trigger.now) } else { Vec::new() };
        let usage = |one: crate::case::commands::CommandHelp| CommandUsage {
            usage: one.usage,
            does: one.does.to_owned(),
            example: one.example,
        };
        Some(Context {
            commands: carried.outcomes.clone(),
            words: carried.kept.clone(),
            confirm: carried.asks,
            refused: carried.refused,
            kept: carried.kept.is_some() && has_case,
            help: listed.into_iter().map(usage).collect(),
            ..Context::default()
        })
    }
}

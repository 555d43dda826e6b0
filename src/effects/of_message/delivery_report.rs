//! A delivery report about mail of ours: what it says, who was missed, and who is told.

use super::build::Build;
use crate::address::EmailAddress;
use crate::case::standing::Target;
use crate::case::{EventKind, LinkRole};
use crate::compose::ComposeError;
use crate::compose::context::{About, Bounce};
use crate::effects::{Chain, RequesterWrite};
use crate::message::{Report, ReportedRecipient};
use crate::words::numbers::Tag;
use crate::words::{Template, token};

/// What a delivery report said of a mail of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// That its address takes no mail.
    Gone,
    /// That it waits, or was given up for now.
    Soft,
}

impl Build<'_, '_> {
    /// A delivery report about mail of ours: the case shows it, staff is told, and an address that is gone is not
    /// written to again.
    pub(super) fn bounce(&mut self) -> Result<(), ComposeError> {
        let trigger = self.trigger;
        let Some((target, _)) = self.judgement.belongs else { return Ok(()) };
        let Some(report) = &trigger.message.report else { return Ok(()) };
        self.link(target, LinkRole::Bounce);
        let outcome = Outcome::of(&report.recipients);
        let case = match target {
            Target::Case(id) => trigger.standing.case(id).map(|facts| &facts.case),
            Target::Pending(_) => None,
        };
        let chain = case.map_or(Chain::Desk, |case| Chain::Case(case.id));
        self.event(chain, EventKind::Bounced, &[("action", outcome.as_str().to_owned())]);
        if outcome == Outcome::Arrived {
            return Ok(());
        }
        let hard = outcome == Outcome::Gone;
        let ours = report.original_ids.iter().filter(|id| self.token_of(id).is_some());
        self.effects.bounced_mails = ours.map(|id| (id.clone(), hard)).collect();
        let address = self.who_was_missed(target, report);
        if let (true, Some(address)) = (hard, &address) {
            self.effects.requesters.push(RequesterWrite { address: address.clone(), bounced_hard: true });
        }
        let is_known = match (outcome, trigger.reported_before) {
            (Outcome::Gone, Some(before)) => before == Reported::Gone,
            (Outcome::Delayed, Some(_)) => true,
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        let named =
            address.or_else(|| report.recipients.iter().find_map(|r| EmailAddress::parse(r.address.as_deref()?).ok()));
        let status = report.recipients.iter().find_map(|r| r.status.clone());
        let mut context = self.staff_context(case);
        context.about = Some(if outcome == Outcome::Delayed { About::Delayed } else { About::Bounced });
        context.bounce = named.map(|address| Bounce { address: address.to_string(), status });
        let about = case.map(|case| (Target::Case(case.id), Tag::Case(case.number.clone())));
        let line = case.and_then(|case| case.line.clone());
        let to = match case.and_then(|case| case.specialist.as_ref()) {
            Some(specialist) => vec![trigger.desk.staff_mailbox(specialist)],
            None => trigger.desk.supervisors(line.as_ref(), trigger.desk.calendar.local(trigger.now).date()),
        };
        for mailbox in to {
            self.letters().staff(Template::Notice, &mailbox, &context, about.clone())?;
        }
        Ok(())
    }

    /// The participant to whom the mail went that the report is about: its token says so. Nobody where it went to staff.
    fn who_was_missed(&self, target: Target, report: &Report) -> Option<EmailAddress> {
        let trigger = self.trigger;
        let (desk, standing) = (trigger.desk, trigger.standing);
        let participants = match target {
            Target::Case(id) => standing.case(id).map(|facts| facts.case.participants.as_slice()),
            Target::Pending(id) => standing.pending(id).map(|facts| facts.pending.participants.as_slice()),
        };
        let reported = report.recipients.iter().filter_map(|r| EmailAddress::parse(r.address.as_deref()?).ok());
        let known: Vec<EmailAddress> = participants.unwrap_or_default().iter().cloned().chain(reported).collect();
        let tokens: Vec<token::MailToken> = report.original_ids.iter().filter_map(|id| self.token_of(id)).collect();
        let is_missed = |address: &EmailAddress| {
            desk.staff_member(address).is_none() && tokens.iter().any(|token| token.went_to(trigger.keys, address))
        };
        known.into_iter().find(is_missed)
    }

    fn token_of(&self, id: &str) -> Option<token::MailToken> {
        token::read(self.trigger.keys, &self.trigger.desk.id, &self.trigger.desk.numbering, id)
    }
}

/// What a delivery report says of the mail, the worst of its recipients first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The address takes no mail (status 5, or a failure without status).
    Gone,
    /// It was given up for now (status 4).
    Failed,
    /// It is tried again.
    Delayed,
    /// It arrived, or was handed on.
    Arrived,
}

impl Outcome {
    fn of(recipients: &[ReportedRecipient]) -> Self {
        let one = |recipient: &ReportedRecipient| {
            let status = recipient.status.as_deref().and_then(|status| status.chars().next());
            match (recipient.action.as_deref(), status) {
                (Some("delayed"), _) => Self::Delayed,
                (Some("delivered" | "relayed" | "expanded"), _) | (None, Some('2')) => Self::Arrived,
                (Some("failed") | None, None | Some('5')) => Self::Gone,
                _ => Self::Failed,
            }
        };
        let all: Vec<Self> = recipients.iter().map(one).collect();
        [Self::Gone, Self::Failed, Self::Delayed, Self::Arrived]
            .into_iter()
            .find(|outcome| all.contains(outcome))
            .unwrap_or(Self::Failed)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Gone | Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Arrived => "delivered",
        }
    }
}

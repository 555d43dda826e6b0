//! A request that is returned: its pending request, which the answer completes; and what is sent elsewhere, which leaves none.

use super::build::{Build, outward_context};
use super::participants::{join, participants};
use crate::case::standing::Target;
use crate::case::{ClockKind, ClockOf, ClockState, EventKind, LinkRole, Pending, PendingState};
use crate::compose::ComposeError;
use crate::effects::{Chain, ClockChoice, ClockEnd};
use crate::words::Template;
use crate::words::numbers::{PendingToken, Tag};

/// How many of the texts that we sent a pending request keeps.
const SENT_KEPT: usize = 5;

impl Build<'_, '_> {
    pub(super) fn returned(&mut self) -> Result<(), ComposeError> {
        let (trigger, judgement) = (self.trigger, self.judgement);
        let Some(author) = trigger.message.author() else { return Ok(()) };
        let earlier = self.own_pending().cloned();
        let mut row = match &earlier {
            Some(pending) => pending.clone(),
            None => {
                let id = self.chance.id(trigger.now);
                let token = PendingToken::from_bits(&trigger.desk.prefix, self.chance.bits());
                Pending {
                    id,
                    version: 0,
                    desk: trigger.desk.id.clone(),
                    token,
                    requester: author.address.clone(),
                    participants: participants(trigger.desk, trigger.message),
                    request: serde_json::Value::Null,
                    missing: Vec::new(),
                    sent: Vec::new(),
                    subject: String::new(),
                    member: None,
                    urgent: false,
                    state: PendingState::Open,
                    case: None,
                    opened_at: trigger.now,
                    newest_at: trigger.now,
                }
            }
        };
        row.request = serde_json::to_value(&judgement.request).unwrap_or_default();
        row.missing = judgement.reasons.iter().map(|r| r.field.clone().unwrap_or_else(|| r.code.to_string())).collect();
        row.subject = crate::intake::same::bare_subject(trigger.desk, &trigger.message.subject);
        row.member = judgement.completeness.member.clone();
        row.urgent |= judgement.urgent;
        if author.address == row.requester {
            join(&mut row.participants, participants(trigger.desk, trigger.message));
        }
        row.state = PendingState::Open;
        row.newest_at = trigger.now;
        let until = trigger.desk.pending_until(trigger.now);
        let which = ClockChoice::AllOf(ClockOf::Pending(row.id));
        self.effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
        self.clock(ClockOf::Pending(row.id), ClockKind::PendingClose, trigger.now, &until);
        let (kind, role) = match earlier {
            Some(_) => (EventKind::PendingChanged, LinkRole::Participant),
            None => (EventKind::PendingOpened, LinkRole::Opened),
        };
        self.link(Target::Pending(row.id), role);
        self.event(Chain::Desk, kind, &[("pending", row.id.to_string())]);
        let mut context = outward_context(trigger);
        context.tag = Some(Tag::Pending(row.token.clone()));
        context.words = trigger.words.map(str::to_owned);
        context.waits_until = Some(trigger.desk.calendar.date_only(&until, trigger.now));
        self.reply(Template::Return, &context, Some(Target::Pending(row.id)))?;
        if let Some(mail) = self.effects.mails.first() {
            row.sent.push(mail.text.clone());
            let surplus = row.sent.len().saturating_sub(SENT_KEPT);
            row.sent.drain(..surplus);
        }
        self.effects.pendings.push(row);
        Ok(())
    }

    /// Redirected or mixed: nothing stays pending, not even what was returned before.
    pub(super) fn sent_away(&mut self) -> Result<(), ComposeError> {
        if let Some(pending) = self.own_pending().cloned() {
            self.link(Target::Pending(pending.id), LinkRole::Participant);
            self.end_pending(&pending, PendingState::Closed, EventKind::PendingClosed, None);
        }
        let template = self.judgement.reply.unwrap_or(Template::Redirect);
        let context = outward_context(self.trigger);
        self.reply(template, &context, None)?;
        self.note_topics(None)
    }
}

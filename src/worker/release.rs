//! A person releases a held message: it is read again, decided as they say, and committed as any decision is.

use super::Worker;
use crate::case::standing::CaseFacts;
use crate::effects::of_message::{MessageTrigger, of_message};
use crate::intake::decide::Context;
use crate::intake::decide::release::{Release, release};
use crate::intake::lookups::lookups;
use crate::message::Message;
use crate::store::{Committed, StoredContent};
use crate::words::numbers::CaseNumber;
use crate::words::{Decision, LineId};
use anyhow::{Context as _, bail};
use uuid::Uuid;

/// What a person says, before cases are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Open a case, with this line where the message names none.
    Accept(Option<LineId>),
    /// Return it.
    Return,
    /// Redirect it for this topic.
    Redirect(String),
    /// Attach it to the case with this number.
    Attach(CaseNumber),
    /// Drop it.
    Drop,
}

impl Worker {
    /// Carries out `wish` for the held message `id`; gives the decision made and the case number where there is one.
    pub async fn release(&self, id: Uuid, wish: &Wish) -> anyhow::Result<(Decision, Option<CaseNumber>)> {
        let now = self.clock.now();
        let held = self.store.held_message(id).await?.context("no held message has this id: see `mailclerk held`")?;
        self.refresh_absences().await?;
        let desk = self.desks.get(&held.desk).context("the message's desk is not in the settings")?;
        let message = match &held.content {
            StoredContent::Raw(raw) => Message::read(raw),
            StoredContent::Problem(why) => Message { unparsable: Some(why.clone()), ..Message::read(b"") },
        };
        let asked = lookups(&desk, &self.keys, &message, id);
        let mut standing = self.store.standing(&desk.id, &asked, now).await?;
        // The person has looked: what made it be held does not hold it again.
        standing.seen = crate::case::standing::Seen::Never;
        let what = match wish {
            Wish::Accept(line) => Release::Accept(line.clone()),
            Wish::Return => Release::Return,
            Wish::Redirect(topic) => Release::Redirect(topic.clone()),
            Wish::Drop => Release::Drop,
            Wish::Attach(number) => {
                let case = self.store.case_by_number(&desk.id, number).await?;
                let case = case.with_context(|| format!("desk {} has no case {number}", desk.id))?;
                let id = case.id;
                if standing.case(id).is_none() {
                    standing.cases.push(CaseFacts { case, texts: Vec::new(), messages_in_day: 0 });
                }
                Release::Attach(id)
            }
        };
        let trust = self.trust_of(&held.mailbox);
        let context = Context { standing: &standing, trust, keys: &self.keys, now, model: true };
        let judgement = release(&desk, &message, &context, &what)?;
        let number = if judgement.needs_number(&desk, &standing) {
            self.store.reserve_numbers(&desk.id, &desk.numbering, desk.day(self.clock.now()), 1).await?.pop()
        } else {
            None
        };
        let trigger = MessageTrigger {
            desk: &desk,
            keys: &self.keys,
            message: &message,
            row: id,
            arrived: held.arrived,
            judgement: &judgement,
            standing: &standing,
            releases_held: true,
            overrules: None,
            words: None,
            staff: None,
            reported_before: None,
            now,
        };
        let effects = self.with_chance(|chance| of_message(&trigger, number, chance))?;
        // What was returned with a number before keeps it.
        let opened = effects.cases.first().filter(|_| judgement.decision == Decision::Accept);
        let number = opened.map(|case| case.number.clone());
        let committed = self.store.commit(&[effects], &[], now).await?;
        if committed.iter().any(|outcome| matches!(outcome, Committed::Stale)) {
            bail!(
                "something changed meanwhile (somebody else may have released it): look at `mailclerk held` and try again"
            );
        }
        self.mails_waiting.notify_one();
        Ok((judgement.decision, number))
    }
}

//! What people do with mails that were written: correct or withdraw one that was wrong, cancel one, send one all the same.

use super::{Acted, Done, Part, RefusedPart};
use crate::case::Case;
use crate::case::standing::Target;
use crate::compose::context::CommandOutcome;
use crate::desk::Desk;
use crate::desk::access::Access;
use crate::effects::of_assignment::Surroundings;
use crate::effects::of_correction::{CorrectionTrigger, Mended, of_correction, of_mail_change};
use crate::effects::{CORRECTED, Effects, MailState, OutgoingMail};
use crate::faults;
use crate::store::{Committed, StoredMail};
use crate::words::numbers::Tag;
use crate::worker::Worker;
use std::sync::Arc;
use uuid::Uuid;

/// How often it is decided anew because something changed meanwhile.
const TRIES: u32 = 5;

/// A mail with what it is about, as an account may see it.
struct Seen {
    desk: Arc<Desk>,
    stored: StoredMail,
    case: Option<Case>,
    around: Surroundings,
    about: Option<(Target, Tag)>,
}

/// What is done with a mail.
#[derive(Clone, Copy)]
enum Deed<'a> {
    Correct(&'a str),
    Cancel,
    Retry,
}

impl Worker {
    /// Corrects the mail `id` to a requester with these words, or withdraws it where there are none: what has not left is
    /// cancelled; behind what has left, a further mail in its thread asks to disregard it.
    ///
    /// # Errors
    ///
    /// The database fails, or a template cannot be rendered; nothing is written then.
    pub async fn correct_sent(&self, access: &Access, id: Uuid, words: &str) -> anyhow::Result<Acted> {
        self.do_with_mail(access, id, Deed::Correct(words.trim())).await
    }

    /// Cancels the mail `id` that has not left. What it would have met is owed as before.
    ///
    /// # Errors
    ///
    /// The database fails; nothing is written then.
    pub async fn cancel_mail(&self, access: &Access, id: Uuid) -> anyhow::Result<Acted> {
        self.do_with_mail(access, id, Deed::Cancel).await
    }

    /// Sends the mail `id` all the same that was deferred, refused, withheld or cancelled, or whose fate is unknown. What
    /// waits for a secure way goes on waiting.
    ///
    /// # Errors
    ///
    /// The database fails; nothing is written then.
    pub async fn retry_mail(&self, access: &Access, id: Uuid) -> anyhow::Result<Acted> {
        self.do_with_mail(access, id, Deed::Retry).await
    }

    async fn do_with_mail(&self, access: &Access, id: Uuid, deed: Deed<'_>) -> anyhow::Result<Acted> {
        self.follow_token_keys().await?;
        for _ in 0..TRIES {
            let Some(seen) = self.seen_mail(access, id).await? else { return Ok(Acted::NotFound) };
            let (effects, outcome) = match self.decided(access, &seen, deed).await? {
                Ok(decided) => decided,
                Err(acted) => return Ok(acted),
            };
            faults::point("act_decided");
            let committed = self.store.commit(std::slice::from_ref(&effects), &[], self.clock.now()).await?;
            faults::point("act_committed");
            if committed.iter().all(|one| matches!(one, Committed::Written)) {
                self.mails_waiting.notify_one();
                let outcomes = vec![CommandOutcome { command: "Mail".to_owned(), done: true, outcome }];
                return Ok(Acted::Done(Done { outcomes, case: seen.case.map(|case| case.number) }));
            }
        }
        Ok(Acted::Busy)
    }

    /// The mail with what stands around it; `None`: there is none for this account.
    async fn seen_mail(&self, access: &Access, id: Uuid) -> anyhow::Result<Option<Seen>> {
        let Some(stored) = self.store.mail(id).await? else { return Ok(None) };
        let desk = self.desks.get(&stored.mail.desk).filter(|desk| access.has_desk(&desk.id));
        let Some(desk) = desk else { return Ok(None) };
        let mut seen = Seen { desk, stored, case: None, around: Surroundings::default(), about: None };
        match seen.stored.mail.about {
            Some(target @ Target::Case(id)) => {
                let case = self.store.case_state(id).await?;
                let theirs = |case: &Case| access.sees(&case.desk, case.line.as_ref(), case.specialist.as_ref());
                let Some(case) = case.filter(theirs) else { return Ok(None) };
                seen.around = self.surroundings(&case, false).await?;
                seen.about = Some((target, Tag::Case(case.number.clone())));
                seen.case = Some(case);
            }
            _ if !access.supervises() => return Ok(None),
            Some(target @ Target::Pending(id)) => {
                let pending = self.store.pending_state(id).await?;
                seen.about = pending.map(|pending| (target, Tag::Pending(pending.token)));
            }
            None => {}
        }
        Ok(Some(seen))
    }

    /// What it writes, and what is told of it; or why it is not done.
    async fn decided(
        &self,
        access: &Access,
        seen: &Seen,
        deed: Deed<'_>,
    ) -> anyhow::Result<Result<(Effects, String), Acted>> {
        let mail = &seen.stored.mail;
        if let Some(why) = refusal(seen, deed) {
            return Ok(Err(Acted::Refused(vec![RefusedPart { part: Part::Whole, why: why.to_owned() }])));
        }
        let met = match &seen.case {
            Some(case) => self.store.met_by(case.id, mail).await?,
            None => None,
        };
        let words = match deed {
            Deed::Correct(words) if !words.is_empty() => Some(words),
            _ => None,
        };
        let trigger = CorrectionTrigger {
            desk: &seen.desk,
            keys: &self.keys,
            mail,
            about: seen.about.clone(),
            case: seen.case.as_ref(),
            around: &seen.around,
            met: met.as_ref(),
            words,
            by: (&access.email, seen.desk.staff_member(&access.email).map(|one| one.name.as_str())),
            now: self.clock.now(),
        };
        Ok(Ok(match deed {
            Deed::Correct(_) => {
                let Some(mended) = Mended::of(mail, words.is_some()) else { return Ok(Err(Acted::Busy)) };
                let effects = self.with_chance(|chance| of_correction(&trigger, mended, chance))?;
                let told = told(mended, &effects).to_owned();
                (effects, told)
            }
            Deed::Cancel => {
                let effects = self.with_chance(|chance| of_mail_change(&trigger, true, chance));
                (effects, "The mail is cancelled, and will not be sent.".to_owned())
            }
            Deed::Retry => {
                let effects = self.with_chance(|chance| of_mail_change(&trigger, false, chance));
                (effects, "The mail is on its way again.".to_owned())
            }
        }))
    }
}

/// Why it cannot be done, if it cannot.
fn refusal(seen: &Seen, deed: Deed<'_>) -> Option<&'static str> {
    let OutgoingMail { state, template, .. } = seen.stored.mail;
    if seen.stored.why.as_deref() == Some(CORRECTED) {
        return Some("This mail was corrected or withdrawn already.");
    }
    if matches!(state, MailState::Claimed | MailState::Committing) {
        return Some("The mail is being sent at this moment. Look at it again in a minute.");
    }
    match deed {
        Deed::Correct(_) if !template.is_outward() => {
            Some("Only a mail to a requester can be corrected; this one went to a colleague.")
        }
        Deed::Correct(_) if state == MailState::Cancelled => Some("This mail was cancelled, and never left."),
        Deed::Correct(_) => None,
        Deed::Cancel if state == MailState::Sent => Some("The mail has left. It can be corrected or withdrawn."),
        Deed::Cancel if state == MailState::Cancelled => Some("The mail is cancelled already."),
        Deed::Cancel => None,
        Deed::Retry => match state {
            MailState::Sent => Some("The mail has left already."),
            MailState::Queued => Some("The mail is on its way already."),
            MailState::WaitingSecure => {
                Some("Its recipient is outside, and what it says needs a secure way: it waits until one is set up.")
            }
            _ => None,
        },
    }
}

fn told(mended: Mended, effects: &Effects) -> &'static str {
    let waits = effects.mails.iter().any(|mail| mail.state == MailState::WaitingSecure);
    match mended {
        Mended::Cancelled => "The mail had not left: it is cancelled, and nobody gets it.",
        Mended::Replaced if waits => {
            "The mail had not left: it is cancelled. Your words take its place, and wait for a secure way."
        }
        Mended::Replaced => "The mail had not left: it is cancelled, and your words go in its place.",
        Mended::Withdrawn => "The mail had left: a further one asks to disregard it.",
        Mended::Corrected if waits => {
            "The mail had left: a further one with your words asks to disregard it. It waits for a secure way."
        }
        Mended::Corrected => "The mail had left: a further one asks to disregard it, with your words.",
    }
}

//! Evidence: for a mail of unknown fate the desk's Sent folders are looked at before anything else is decided.
//!
//! What can be concluded depends on who puts copies there (`sent_copies` in the settings):
//!
//! | who | the mail is there | it is not |
//! | --- | --- | --- |
//! | `server` | it was sent | nothing: the copy may be late, or was moved; decided as the mail's class says after a while |
//! | `append` | it was sent: we copy only what the server took | nothing: we had not come to it; as the class says |
//! | `none` | it was sent: somebody files it all the same | nothing; as the class says |
//!
//! So absence never sends an automatic mail again. A folder that cannot be looked at says nothing yet: the mail waits.

use super::Worker;
use crate::effects::OutgoingMail;
use crate::mailbox::{FolderName, Mailbox, MailboxError};
use crate::settings::SentCopies;
use crate::store::{Resolution, UncertainMail};
use crate::transport;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Mails of unknown fate looked after at a time.
const UNCERTAIN: usize = 100;
/// How late a server may put its copy of a sent mail into the Sent folder.
const FILED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// What the Sent folders of a desk show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// A copy.
    Copy,
    /// None; and where the server makes them, it had the time to.
    Nothing,
    /// Nothing that says anything yet.
    NothingYet,
}

impl Worker {
    /// Takes over what dead workers left: leases end, claimed mails wait again, and for those of unknown fate evidence
    /// is looked for.
    pub async fn recover(&self) -> anyhow::Result<()> {
        crate::faults::point("recovering");
        let now = self.clock.now();
        self.store.end_leases_of_the_dead(now).await?;
        self.store.recover_mails(now).await?;
        let mut unreachable = BTreeSet::new();
        for uncertain in self.store.uncertain_mails(UNCERTAIN).await? {
            let Some(resolution) = self.resolution_of(&uncertain, now, &mut unreachable).await? else { continue };
            let mail = &uncertain.mail;
            tracing::warn!(mail = %mail.id, template = %mail.template, ?resolution, "a mail of unknown fate was looked after");
            self.store.resolve_uncertain(mail.id, resolution, now).await?;
        }
        for open in self.evidence.lock().await.iter_mut() {
            open.mailbox.close().await;
        }
        Ok(())
    }

    /// What is to become of the mail; `None`: it waits until more can be known.
    async fn resolution_of(
        &self,
        uncertain: &UncertainMail,
        now: Timestamp,
        unreachable: &mut BTreeSet<String>,
    ) -> anyhow::Result<Option<Resolution>> {
        let mail = &uncertain.mail;
        match self.transport.find_message_id(&mail.message_id).await? {
            transport::Evidence::Found => return Ok(Some(Resolution::Sent)),
            transport::Evidence::Absent => return Ok(Some(Resolution::NotSent)),
            transport::Evidence::CannotTell => {}
        }
        let age = now.duration_since(uncertain.since);
        Ok(match self.shown_of(mail, age, unreachable).await {
            Shown::Copy => Some(Resolution::Sent),
            Shown::NothingYet => None,
            Shown::Nothing if crate::faults::is_on("uncertain_sent_again") => Some(Resolution::NotSent),
            Shown::Nothing if mail.class.is_sent_again_when_uncertain() && !uncertain.sent_again => {
                Some(Resolution::SendAgain)
            }
            Shown::Nothing => Some(Resolution::StaysUncertain),
        })
    }

    /// Looks into the Sent folders of the mail's desk. One that cannot be looked at is asked once a pass only.
    async fn shown_of(&self, mail: &OutgoingMail, age: SignedDuration, unreachable: &mut BTreeSet<String>) -> Shown {
        let mut shown = Shown::Nothing;
        for open in self.evidence.lock().await.iter_mut().filter(|open| open.place.desk == mail.desk) {
            if unreachable.contains(&open.place.id) {
                shown = Shown::NothingYet;
                continue;
            }
            match is_in_sent(&mut open.mailbox, open.place.sent.as_ref(), &mail.message_id).await {
                Ok(true) => return Shown::Copy,
                Ok(false) if open.place.sent_copies == SentCopies::Server && age < FILED_WITHIN => {
                    shown = Shown::NothingYet;
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(mailbox = %open.place.id, %error, "failed to look for a mail of unknown fate");
                    unreachable.insert(open.place.id.clone());
                    shown = Shown::NothingYet;
                }
            }
        }
        shown
    }
}

/// Whether a copy of the mail is there, under our Message-ID or under one that a provider put in its place.
async fn is_in_sent(mailbox: &mut Mailbox, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
    Ok(mailbox.find_message_id(folder, id).await? || !mailbox.ids_of_marked(folder, id).await?.is_empty())
}

//! Copies of sent mail in the Sent folder: put there where the server does not file them itself, and read back where it
//! does, because a provider may have replaced our Message-ID and replies then name the other one.

use super::{OpenMailbox, Worker};
use crate::effects::OutgoingMail;
use crate::faults;
use crate::settings::SentCopies;
use crate::store::{ReaderLease, Uncopied};
use crate::transport::Transport;
use jiff::SignedDuration;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Mails copied or read back at a time.
const BATCH: usize = 50;
/// How long a server's own copy is looked for.
const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// After so many copies in a row that were looked for and not there, the server is taken to file none itself.
const NONE_THERE: u32 = 5;
/// One in so many is looked for even so: a server may begin to file copies.
const LOOK_AT_ONE_IN: i64 = 20;

/// What is known of the copies that this worker puts into Sent folders, by the lease under which it does.
#[derive(Debug, Default)]
pub(super) struct Alone(Mutex<Vec<Putting>>);

/// Copies that nobody else can have put there: to look for each costs three commands, of which one goes through the whole
/// folder. Mails that were written after this worker became the mailbox's reader are known to no reader before it, and
/// what it appended itself is noted. A pass that fails forgets this, so that what it may have appended is looked for.
#[derive(Clone, Debug)]
struct Putting {
    lease: ReaderLease,
    /// Mails with this number and later ones were written since.
    from: i64,
    /// How many of those were looked for in a row and not there.
    none_there: u32,
}

impl Alone {
    fn take(&self, lease: &ReaderLease) -> Option<Putting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|one| one.lease.mailbox == lease.mailbox)?;
        let taken = all.swap_remove(at);
        (taken.lease == *lease).then_some(taken)
    }

    fn give_back(&self, one: Putting) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }
}

impl Putting {
    fn from(lease: &ReaderLease, next_number: i64) -> Self {
        Self { lease: lease.clone(), from: next_number, none_there: 0 }
    }

    /// Another mailbox of the desk gets copies, too, perhaps in the same folder.
    fn others_put_them_there(&mut self) {
        self.from = i64::MAX;
    }

    /// Whether a copy of this mail may be there already.
    fn must_look(&self, number: i64) -> bool {
        number < self.from || self.none_there < NONE_THERE || number % LOOK_AT_ONE_IN == 0
    }

    /// What a look found.
    fn looked(&mut self, number: i64, found: bool) {
        if number >= self.from {
            // A copy that we have not put there: the server files them itself, whatever the settings say.
            self.none_there = if found { 0 } else { self.none_there.saturating_add(1) };
        }
    }
}

impl Worker {
    /// Sees to the copies of what was sent and has none yet, as far as is known.
    pub async fn keep_sent_copies(&self, open: &mut OpenMailbox) -> anyhow::Result<()> {
        if matches!(self.transport, Transport::Folder(_)) {
            return Ok(());
        }
        let Some(lease) = self.reader_lease(&open.place.id).await? else { return Ok(()) };
        match open.place.sent_copies {
            SentCopies::None => Ok(()),
            SentCopies::Append => self.append_copies(open, &lease).await,
            SentCopies::Server => self.read_back_copies(open).await,
        }
    }

    /// Whether there is a sent mail of which this mailbox's reader is to append a copy.
    pub(super) async fn has_copies_to_append(&self, mailbox: &str) -> anyhow::Result<bool> {
        match self.places.get(mailbox) {
            Some(place)
                if place.sent_copies == SentCopies::Append && !matches!(self.transport, Transport::Folder(_)) =>
            {
                Ok(self.store.has_uncopied(&place.desk).await?)
            }
            _ => Ok(false),
        }
    }

    /// Reads back what the server has filed, so that a reply that came in finds its thread. What it was judged without
    /// stays readable by a person: a failure here stops nothing.
    pub async fn learn_replaced_ids(&self, open: &mut OpenMailbox) {
        if open.place.sent_copies == SentCopies::Server
            && let Err(error) = self.keep_sent_copies(open).await
        {
            tracing::warn!(mailbox = %open.place.id, %error, "failed to read back copies of sent mail");
        }
    }

    /// Appends what is not there. A copy that a killed run appended, or another reader, is found there.
    async fn append_copies(&self, open: &mut OpenMailbox, lease: &ReaderLease) -> anyhow::Result<()> {
        // Taken out, so that whatever stops this pass in the middle leaves nothing that is believed later.
        let mut alone = match self.copied_alone.take(lease) {
            Some(alone) => alone,
            None => Putting::from(lease, self.store.next_mail_number(&open.place.desk).await?),
        };
        if self.places.values().filter(|place| place.desk == open.place.desk).count() > 1 {
            alone.others_put_them_there();
        }
        loop {
            let sent = self.store.uncopied_mails(&open.place.desk, BATCH).await?;
            if sent.is_empty() {
                self.copied_alone.give_back(alone);
                return Ok(());
            }
            let mut there = Vec::with_capacity(sent.len());
            let outcome = self.append_some(open, &mut alone, &sent, &mut there).await;
            self.store.mark_copied(&there, self.clock.now()).await?;
            outcome?;
        }
    }

    /// Appends these, and notes in `there` which of them are in the folder.
    async fn append_some(
        &self,
        open: &mut OpenMailbox,
        alone: &mut Putting,
        sent: &[Uncopied],
        there: &mut Vec<Uuid>,
    ) -> anyhow::Result<()> {
        for Uncopied { mail, number, .. } in sent {
            let folder = open.place.sent.as_ref();
            self.still_reads(&alone.lease).await?;
            let is_there = alone.must_look(*number) && {
                let found = open.mailbox.find_message_id(folder, &mail.message_id).await?;
                alone.looked(*number, found);
                found
            };
            if !is_there {
                let prepared = self.prepare_copy(mail).await??;
                open.mailbox.append_sent(folder, &prepared.bytes).await?;
                faults::point("copy_appended");
            }
            there.push(mail.id);
        }
        Ok(())
    }

    /// Looks for the server's copies. One that does not come within the hour is looked for no more.
    async fn read_back_copies(&self, open: &mut OpenMailbox) -> anyhow::Result<()> {
        loop {
            let sent = self.store.uncopied_mails(&open.place.desk, BATCH).await?;
            let count = sent.len();
            let mut settled = Vec::new();
            for Uncopied { mail, since, .. } in sent {
                let is_old = self.clock.now().duration_since(since) > LOOKED_FOR;
                if self.read_back(open, &mail).await? || is_old {
                    settled.push(mail.id);
                }
            }
            self.store.mark_copied(&settled, self.clock.now()).await?;
            // Those that wait stand first the next time: then there is nothing to be gained by going on.
            if count < BATCH || settled.is_empty() {
                return Ok(());
            }
        }
    }

    /// Whether a copy is there; the Message-ID that it bears in the place of ours is known from now on.
    async fn read_back(&self, open: &mut OpenMailbox, mail: &OutgoingMail) -> anyhow::Result<bool> {
        let folder = open.place.sent.as_ref();
        if open.mailbox.find_message_id(folder, &mail.message_id).await? {
            return Ok(true);
        }
        let theirs = open.mailbox.ids_of_marked(folder, &mail.message_id).await?;
        for id in &theirs {
            self.store.record_sent_copy(mail.id, id, self.clock.now()).await?;
        }
        Ok(!theirs.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(fence: i64) -> ReaderLease {
        ReaderLease { mailbox: "m".into(), holder: Uuid::from_u128(1), fence }
    }

    #[test]
    fn what_others_may_have_put_there_is_looked_for() {
        let mut one = Putting::from(&lease(1), 41);
        for number in 41..46 {
            assert!(one.must_look(40) && one.must_look(number), "until the server is known");
            one.looked(40, true);
            one.looked(number, false);
        }
        assert!(!one.must_look(46), "written since, on a server that files none");
        assert!(one.must_look(40), "written before");
        assert!(one.must_look(60), "one in twenty");
        one.looked(60, true);
        assert!(one.must_look(61), "the server has begun to file copies");
        one.others_put_them_there();
        assert!((41..90).all(|number| one.must_look(number)), "another mailbox of the desk");
    }

    #[test]
    fn it_is_known_under_one_lease_and_forgotten_when_a_pass_fails() {
        let alone = Alone::default();
        assert!(alone.take(&lease(1)).is_none());
        alone.give_back(Putting::from(&lease(1), 7));
        assert_eq!(alone.take(&lease(1)).expect("known").from, 7);
        assert!(alone.take(&lease(1)).is_none(), "a pass that did not give it back");
        alone.give_back(Putting::from(&lease(1), 7));
        assert!(alone.take(&lease(2)).is_none(), "another reader came in between");
        assert!(alone.take(&lease(1)).is_none());
    }
}

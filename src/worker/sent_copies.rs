//! Copies of sent mail in the Sent folder: put there where the server does not file them itself, and read back where it
//! does, because a provider may have replaced our Message-ID and replies then name the other one.

use super::{OpenMailbox, Worker};
use crate::effects::OutgoingMail;
use crate::settings::SentCopies;
use crate::store::ReaderLease;
use crate::transport::Transport;
use jiff::SignedDuration;

/// Mails copied or read back at a time.
const BATCH: usize = 50;
/// How long a server's own copy is looked for.
const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(1);

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

    /// Reads back what the server has filed, so that a reply that came in finds its thread. What it was judged without
    /// stays readable by a person: a failure here stops nothing.
    pub async fn learn_replaced_ids(&self, open: &mut OpenMailbox) {
        if open.place.sent_copies == SentCopies::Server
            && let Err(error) = self.keep_sent_copies(open).await
        {
            tracing::warn!(mailbox = %open.place.id, %error, "failed to read back copies of sent mail");
        }
    }

    /// Appends what is not there. A copy that a killed run appended is found there.
    async fn append_copies(&self, open: &mut OpenMailbox, lease: &ReaderLease) -> anyhow::Result<()> {
        loop {
            let sent = self.store.uncopied_mails(&open.place.desk, BATCH).await?;
            if sent.is_empty() {
                return Ok(());
            }
            for (mail, _) in sent {
                let folder = open.place.sent.as_ref();
                self.still_reads(lease).await?;
                if !open.mailbox.find_message_id(folder, &mail.message_id).await? {
                    let prepared = self.prepare_copy(&mail).await??;
                    open.mailbox.append_sent(folder, &prepared.bytes).await?;
                }
                self.store.mark_copied(&[mail.id], self.clock.now()).await?;
            }
        }
    }

    /// Looks for the server's copies. One that does not come within the hour is looked for no more.
    async fn read_back_copies(&self, open: &mut OpenMailbox) -> anyhow::Result<()> {
        loop {
            let sent = self.store.uncopied_mails(&open.place.desk, BATCH).await?;
            let count = sent.len();
            let mut settled = Vec::new();
            for (mail, since) in sent {
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

//! Copies of sent mail in the Sent folder, where the server does not file them itself.

use super::{OpenMailbox, Worker};
use crate::transport::{Prepared, Transport};

/// Mails copied at a time.
const BATCH: usize = 50;

impl Worker {
    /// Appends what was sent and is not in the Sent folder yet. A copy that a killed run appended is found there.
    pub async fn keep_sent_copies(&self, open: &mut OpenMailbox) -> anyhow::Result<()> {
        if !open.place.appends_sent || matches!(self.transport, Transport::Folder(_)) {
            return Ok(());
        }
        loop {
            let sent = self.store.uncopied_mails(&open.place.desk, BATCH).await?;
            if sent.is_empty() {
                return Ok(());
            }
            for mail in sent {
                let folder = open.place.sent.as_ref();
                if !open.mailbox.find_message_id(folder, &mail.message_id).await? {
                    let prepared = Prepared::new(&mail)?;
                    open.mailbox.append_sent(folder, &prepared.bytes).await?;
                }
                self.store.mark_copied(&[mail.id], self.clock.now()).await?;
            }
        }
    }
}

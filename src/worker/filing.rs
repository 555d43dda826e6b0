//! Filing: what was decided is moved into the folder of its outcome, only after the decision was committed.

use super::receive::mail_key;
use super::{OpenMailbox, Worker};
use crate::faults;
use crate::mailbox::{Filed, FolderName};

/// How many mails one move names.
const BATCH: usize = 100;

impl Worker {
    /// Files everything that was decided and still lies in the inbox; gives how many. Only the mailbox's reader does.
    pub async fn file(&self, open: &mut OpenMailbox) -> anyhow::Result<usize> {
        let Some(lease) = self.reader_lease(&open.place.id).await? else { return Ok(0) };
        let mut filed = 0;
        loop {
            let unfiled = self.store.unfiled(&open.place.id, BATCH).await?;
            if unfiled.is_empty() {
                return Ok(filed);
            }
            self.still_reads(&lease).await?;
            let items = unfiled
                .iter()
                .map(|one| Ok((mail_key(&one.key), FolderName::parse(one.folder.as_str())?)))
                .collect::<Result<Vec<_>, crate::mailbox::RefusedCause>>()?;
            if faults::is_on("filed_before_moved") {
                self.store.mark_filed(&unfiled.iter().map(|one| one.id).collect::<Vec<_>>(), self.clock.now()).await?;
                faults::point("noted_as_filed");
            }
            let outcomes = open.mailbox.file(&items).await?;
            faults::point("moved");
            // Gone is done as well: a person or an earlier run moved it.
            debug_assert!(outcomes.iter().all(|one| matches!(one, Filed::Moved | Filed::Copied | Filed::Gone)));
            let ids: Vec<_> = unfiled.iter().zip(&outcomes).map(|(one, _)| one.id).collect();
            self.store.mark_filed(&ids, self.clock.now()).await?;
            faults::point("filed");
            filed += ids.len();
        }
    }
}

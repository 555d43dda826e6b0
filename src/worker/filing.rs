//! Filing: what was decided is moved into the folder of its outcome, only after the decision was committed.

use super::receive::mail_key;
use super::{OpenMailbox, Worker};
use crate::faults;
use crate::mailbox::{Filed, FolderName};

/// How many mails one move names.
const BATCH: usize = 100;

impl Worker {
    /// Files everything that was decided and still lies in the inbox; gives how many.
    pub async fn file(&self, open: &mut OpenMailbox) -> anyhow::Result<usize> {
        let mut filed = 0;
        loop {
            let unfiled = self.store.unfiled(&open.place.id, BATCH).await?;
            if unfiled.is_empty() {
                return Ok(filed);
            }
            let items = unfiled
                .iter()
                .map(|one| Ok((mail_key(&one.key), FolderName::parse(one.folder.as_str())?)))
                .collect::<Result<Vec<_>, crate::mailbox::RefusedCause>>()?;
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

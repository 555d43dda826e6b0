//! A queued mail becomes octets: what is attached to it is taken from the stored messages that it came in with.
//!
//! One stored message is in memory at a time, and of its attachments those that the mail names. Unpacking and reading
//! keep a thread busy, so they are done beside those that serve connections.

use super::Worker;
use crate::effects::OutgoingMail;
use crate::effects::enclosures::MOST_BYTES;
use crate::message::Message;
use crate::transport::{Contents, Prepared, RenderError};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Worker {
    /// Writes a mail with its attachments. A file that is no longer there does not hold the mail back: the mail says so.
    ///
    /// # Errors
    ///
    /// The database fails; the inner one: the mail can never be written.
    pub(super) async fn prepare(&self, mail: &OutgoingMail) -> anyhow::Result<Result<Prepared, RenderError>> {
        let linked = self.linked(mail);
        if crate::faults::is_on("dated_when_sent") {
            let redated = OutgoingMail { date: self.clock.now(), ..linked.unwrap_or_else(|| mail.clone()) };
            return self.prepare_as_it_is(&redated).await;
        }
        self.prepare_as_it_is(linked.as_ref().unwrap_or(mail)).await
    }

    /// The same as a copy of it is kept: a link that lets somebody in is only in the mail itself.
    pub(super) async fn prepare_copy(&self, mail: &OutgoingMail) -> anyhow::Result<Result<Prepared, RenderError>> {
        let bare = self.without_link(mail);
        self.prepare_as_it_is(bare.as_ref().unwrap_or(mail)).await
    }

    async fn prepare_as_it_is(&self, mail: &OutgoingMail) -> anyhow::Result<Result<Prepared, RenderError>> {
        if mail.attachments.is_empty() {
            return Ok(Prepared::new(mail, &Contents::new()));
        }
        let contents = self.contents_of(mail).await?;
        let mail = mail.clone();
        Ok(tokio::task::spawn_blocking(move || Prepared::new(&mail, &contents)).await?)
    }

    async fn contents_of(&self, mail: &OutgoingMail) -> anyhow::Result<Contents> {
        let mut wanted: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        for one in &mail.attachments {
            wanted.entry(one.message).or_default().insert(one.sha256.clone());
        }
        let mut contents = Contents::new();
        for (message, hashes) in wanted {
            let room = MOST_BYTES.saturating_sub(contents.values().map(Vec::len).sum());
            let named = hashes.len();
            let found = match self.store.raw_message(message).await? {
                Some(raw) => tokio::task::spawn_blocking(move || found_in(&raw, hashes, room)).await?,
                None => Contents::new(),
            };
            if found.len() < named {
                let missing = named - found.len();
                tracing::warn!(mail = %mail.id, %message, missing, "attachments are no longer there: the mail says so");
            }
            contents.extend(found);
        }
        Ok(contents)
    }
}

/// The content of the attachments of `raw` that have these hashes, as far as there is room.
fn found_in(raw: &[u8], mut hashes: BTreeSet<String>, room: usize) -> Contents {
    let mut places = BTreeMap::new();
    let contents = Message::attachment_contents(raw, room, |place, one| {
        // The same content twice is taken once.
        let wanted = hashes.remove(&one.sha256);
        if wanted {
            places.insert(place, one.sha256.clone());
        }
        wanted
    });
    contents.into_iter().filter_map(|(place, content)| Some((places.remove(&place)?, content))).collect()
}

//! Receiving: what is new in a mailbox is committed, bytes and cursor together, before anything else is done with it.

use super::{OpenMailbox, Worker};
use crate::address::EmailAddress;
use crate::faults;
use crate::mailbox::{Content, Cursor, FetchLimits, Fetched, FolderName, IsStaff, MailKey, Mailbox, MailboxState};
use crate::message::first_look;
use crate::settings::Start;
use crate::store::{Arrived, QueueFacts, ReaderLease, StoredContent, StoredCursor, StoredKey};
use jiff::{SignedDuration, Timestamp};

/// How far a server's clock may be behind ours.
const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(1);

/// What one pass over a mailbox found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Messages that are new to the store.
    pub new: usize,
    /// Messages older than the start instant, left alone.
    pub left: u64,
    /// Whether there is more to read at once.
    pub more: bool,
}

impl Worker {
    /// Reads everything new in `open` into the store.
    pub async fn receive(&self, open: &mut OpenMailbox) -> anyhow::Result<Received> {
        let mut received = Received::default();
        loop {
            let some = self.receive_some(open).await?;
            received.new += some.new;
            received.left += some.left;
            if !some.more {
                return Ok(received);
            }
        }
    }

    /// Reads one batch of what is new, in turn by sender and staff's first; nothing, where another worker reads the
    /// mailbox. Whoever receives much judges in between, so that what stands in the first batch is answered before the
    /// last one is read.
    pub async fn receive_some(&self, open: &mut OpenMailbox) -> anyhow::Result<Received> {
        let Some(lease) = self.reader_lease(&open.place.id).await? else { return Ok(Received::default()) };
        let state = open.mailbox.state().await?;
        let start = self.begin(open, &lease, &state).await?;
        let stored = self.store.cursor(&open.place.id).await?.map(cursor_of);
        let cursor = open.mailbox.resume(stored, &state);
        let desk = self.desks.get(&open.place.desk);
        let is_staff = |address: &EmailAddress| desk.as_ref().is_some_and(|desk| desk.staff_member(address).is_some());
        let batch = open.mailbox.fetch_in_turn(&cursor, &is_staff, &FetchLimits::default()).await?;
        faults::point("fetched");
        let now = self.clock.now();
        let moves = batch.next != cursor;
        let cursor = batch.next;
        let arrived: Vec<Arrived> =
            batch.mails.into_iter().filter_map(|mail| self.arrived_since(mail, start.from, now, &is_staff)).collect();
        if faults::is_on("cursor_before_commit") {
            self.store.record(&lease, &open.place.desk, &[], stored_cursor(&cursor), now).await?;
            faults::point("cursor_moved");
        }
        if faults::is_on("moved_before_kept") {
            let away = FolderName::parse("Ignored")?;
            let items: Vec<_> = arrived.iter().map(|one| (mail_key(&one.key), away.clone())).collect();
            open.mailbox.file(&items).await?;
            faults::point("moved_too_early");
        }
        let mut received = Received { new: 0, left: start.left, more: batch.more };
        if !arrived.is_empty() || moves {
            let recorded = self.store.record(&lease, &open.place.desk, &arrived, stored_cursor(&cursor), now).await?;
            received.new = recorded.iter().filter(|one| one.is_new).count();
        }
        open.mailbox.keep();
        faults::point("recorded");
        Ok(received)
    }

    /// On first contact the start instant is fixed: with `start = "now"` older mail is left where it is.
    async fn begin(&self, open: &OpenMailbox, lease: &ReaderLease, state: &MailboxState) -> anyhow::Result<Begun> {
        let place = &open.place;
        if let Some(from) = self.store.mailbox_start(&place.id).await? {
            let first = self.store.first_uid_validity(&place.id).await?;
            let from = if first.is_some_and(|first| first == state.uid_validity) { earlier(from) } else { from };
            return Ok(Begun { from, left: 0 });
        }
        let now = self.clock.now();
        let is_imap = matches!(open.mailbox, Mailbox::Imap(_));
        let (from, cursor, left) = match &place.start {
            Start::All => (Timestamp::MIN, None, 0),
            Start::At(from) => (*from, None, 0),
            Start::Now => {
                let skipped = state
                    .uid_next
                    .filter(|_| is_imap)
                    .map(|next_uid| StoredCursor { uid_validity: state.uid_validity, next_uid });
                (now, skipped, u64::from(state.exists))
            }
        };
        self.store.begin_mailbox(lease, &place.desk, from, cursor, left, now).await?;
        if left > 0 {
            tracing::info!(mailbox = %place.id, left, "older mail is left where it is: start = \"now\"");
        }
        let from = if cursor.is_some() { earlier(from) } else { from };
        Ok(Begun { from, left })
    }

    /// What arrived at `from` or later, as the store keeps it.
    pub(super) fn arrived_since(
        &self,
        mail: Fetched,
        from: Timestamp,
        now: Timestamp,
        is_staff: IsStaff<'_>,
    ) -> Option<Arrived> {
        // INTERNALDATE, never later than now; a rehearsal takes what is new to arrive at its own instant.
        let told = if self.clock.is_rehearsal() { now } else { mail.arrived.unwrap_or(now).min(now) };
        if told < from {
            return None;
        }
        let content = match mail.content {
            Content::Raw(raw) => StoredContent::Raw(raw),
            Content::TooLarge => StoredContent::Problem("larger than the limit for one message".into()),
            Content::Unreadable => StoredContent::Problem("the server's answer could not be understood".into()),
        };
        let id = self.with_chance(|chance| chance.id(now));
        let queue = match &content {
            StoredContent::Raw(raw) => queue_facts(raw, is_staff),
            StoredContent::Problem(_) => QueueFacts::default(),
        };
        Some(Arrived { id, key: stored_key(&mail.key), arrived: told, content, queue })
    }
}

/// What a mail's turn depends on. Nothing of it is proved, and nothing else hangs on it.
fn queue_facts(raw: &[u8], is_staff: IsStaff<'_>) -> QueueFacts {
    let look = first_look(raw);
    let is_staff = look.from.as_ref().is_some_and(is_staff);
    QueueFacts { sender: look.from, is_staff, own_id: look.id, answers: look.answers }
}

/// Where the cursor itself stands behind older mail, what comes is new although the server's clock is behind ours, or
/// its instants have whole seconds. What is much older is no new mail: somebody moved an archive in.
pub(super) fn earlier(start: Timestamp) -> Timestamp {
    start.saturating_sub(CLOCKS_APART).unwrap_or(start)
}

struct Begun {
    from: Timestamp,
    left: u64,
}

/// A fetch's identity as the store keeps it.
pub(super) fn stored_key(key: &MailKey) -> StoredKey {
    match key {
        MailKey::Uid { uid_validity, uid } => StoredKey { uid_validity: *uid_validity, name: uid.to_string() },
        MailKey::File(name) => StoredKey { uid_validity: 0, name: name.clone() },
    }
}

/// The mailbox's identity of what the store keeps.
pub(super) fn mail_key(key: &StoredKey) -> MailKey {
    match (key.uid_validity, key.name.parse()) {
        (uid_validity @ 1.., Ok(uid)) => MailKey::Uid { uid_validity, uid },
        _ => MailKey::File(key.name.clone()),
    }
}

pub(super) fn cursor_of(stored: StoredCursor) -> Cursor {
    Cursor::Uid { uid_validity: stored.uid_validity, next_uid: stored.next_uid }
}

pub(super) fn stored_cursor(cursor: &Cursor) -> Option<StoredCursor> {
    match cursor {
        Cursor::Uid { uid_validity, next_uid } => {
            Some(StoredCursor { uid_validity: *uid_validity, next_uid: *next_uid })
        }
        Cursor::File { .. } => None,
    }
}

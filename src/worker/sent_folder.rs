//! The watched Sent folder: answers that somebody gives by hand from the shared mailbox are seen there.
//!
//! It is read as the inbox is, bytes and cursor committed together before anything else, under an id of its own, and only
//! read: nothing in it is moved or flagged. What was there before the first look is none of our business, whatever `start`
//! says. Copies of our own mail are passed over without a row.

use super::receive::{cursor_of, earlier, stored_cursor, stored_key};
use super::{OpenMailbox, Place, Worker};
use crate::case::standing::{Lookups, Standing, Target};
use crate::case::{ClockKind, ClockOf, LinkRole};
use crate::desk::Desk;
use crate::effects::Effects;
use crate::effects::of_sent::{SentTrigger, of_sent};
use crate::effects::overlay::overlay;
use crate::faults;
use crate::intake::by_hand;
use crate::intake::lookups::lookups;
use crate::mailbox::{Content, Cursor, FetchLimits, Fetched, Mailbox, SentFolder};
use crate::message::Message;
use crate::store::{Arrived, LeasedMessage, ReaderLease, StoredCursor, StoredKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Batches read before the inbox has its turn again.
const MOST_BATCHES: usize = 4;
/// The longest wait before the folder is looked at again: no server tells of it while the inbox is waited for.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// How long before a case's clock is due the folder is looked at, so that it does not speak over an answer.
const LOOK_BEFORE: SignedDuration = SignedDuration::from_secs(5);
/// The clocks that an answer ends or moves.
const MOVED: &[ClockKind] =
    &[ClockKind::Respond, ClockKind::RespondNudge, ClockKind::Update, ClockKind::UpdateNudge, ClockKind::FollowUp];
/// How many clocks that are due soon are looked at.
const SOON: usize = 50;

impl Worker {
    /// Reads what is new in the watched Sent folder into the store; gives whether there is more. A folder that cannot be
    /// read keeps no mail of the inbox waiting: it is told of, and looked at again the next time.
    pub async fn receive_sent(&self, open: &mut OpenMailbox) -> bool {
        let place = open.place.clone();
        let Some(id) = &place.watched_sent else { return false };
        match self.read_sent(open, &place, id).await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(mailbox = %place.id, %error, "failed to read the Sent folder: answers given by hand are not seen");
                false
            }
        }
    }

    /// As [`Worker::receive_sent`], until there is no more.
    pub async fn receive_all_sent(&self, open: &mut OpenMailbox) {
        while self.receive_sent(open).await {}
    }

    /// How long the watched Sent folder may stay unlooked at.
    pub(super) async fn next_sent_look(&self) -> Duration {
        let now = self.clock.now();
        let horizon = now.saturating_add(LOOK_AGAIN).unwrap_or(now);
        let soon = self.store.due_clocks(MOVED, horizon, SOON).await.unwrap_or_default();
        let looks = soon.iter().map(|clock| clock.due.duration_since(now).saturating_sub(LOOK_BEFORE));
        let next = looks.filter(|pause| pause.is_positive()).min().unwrap_or(LOOK_AGAIN);
        Duration::try_from(next).unwrap_or_default()
    }

    async fn read_sent(&self, open: &mut OpenMailbox, place: &Place, id: &str) -> anyhow::Result<bool> {
        let Some(lease) = &self.reader_lease(id).await? else { return Ok(false) };
        let found = open.mailbox.sent_state(place.sent.as_ref()).await?;
        let Some(start) = self.store.mailbox_start(id).await? else {
            self.begin_sent(open, place, lease, found).await?;
            return Ok(false);
        };
        let Some(folder) = found else { return Ok(false) };
        let stored = self.store.cursor(id).await?;
        if stored.is_some_and(|cursor| is_up_to_date(cursor, &folder)) {
            return Ok(false);
        }
        // A folder that was not there at the first look, or still is the same, holds nothing older behind the cursor,
        // although its server's clock may be behind ours.
        let first = self.store.first_uid_validity(id).await?;
        let is_same = first.is_none_or(|first| first == folder.state.uid_validity);
        let from = if is_same { earlier(start) } else { start };
        let known = match &open.mailbox {
            Mailbox::Imap(_) => HashSet::new(),
            Mailbox::Maildir(_) => self.store.known_names(id).await?,
        };
        // After a new UIDVALIDITY all is listed, and what is older than the first look need not be read. A rehearsal does
        // not go by the server's instants.
        let since = (!self.clock.is_rehearsal()).then_some(from);
        let (known, limits) = (Arc::new(known), FetchLimits { since, ..FetchLimits::default() });
        let mut cursor = open.mailbox.resume(stored.map(cursor_of), &folder.state);
        for _ in 0..MOST_BATCHES {
            let batch = open.mailbox.fetch_sent_after(&folder, &cursor, &known, &limits).await?;
            let moves = batch.next != cursor;
            cursor = batch.next;
            if moves {
                self.record_sent(place, lease, batch.mails, from, &cursor).await?;
            }
            faults::point("sent_recorded");
            if !batch.more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// First contact: what is there is left alone, and what comes is seen, also where the folder itself is yet to come.
    async fn begin_sent(
        &self,
        open: &mut OpenMailbox,
        place: &Place,
        lease: &ReaderLease,
        found: Option<SentFolder>,
    ) -> anyhow::Result<()> {
        let now = self.clock.now();
        let left = found.as_ref().map_or(0, |folder| u64::from(folder.state.exists));
        let mut cursor = None;
        if let Some(folder) = found {
            match &open.mailbox {
                Mailbox::Imap(_) => {
                    let uid_validity = folder.state.uid_validity;
                    cursor = folder.state.uid_next.map(|next_uid| StoredCursor { uid_validity, next_uid });
                }
                Mailbox::Maildir(_) => self.pass_over_all(open, place, lease, &folder).await?,
            }
        }
        self.store.begin_mailbox(lease, &place.desk, now, cursor, left, now).await?;
        tracing::info!(mailbox = %place.id, left, "the Sent folder is watched from now on for answers given by hand");
        Ok(())
    }

    /// A Maildir has no cursor: the files that are there are remembered by their names.
    async fn pass_over_all(
        &self,
        open: &mut OpenMailbox,
        place: &Place,
        lease: &ReaderLease,
        folder: &SentFolder,
    ) -> anyhow::Result<()> {
        // Nothing is read but the names.
        let limits = FetchLimits { message_bytes: 0, ..FetchLimits::default() };
        let known = Arc::default();
        let mut cursor = open.mailbox.resume(None, &folder.state);
        loop {
            let batch = open.mailbox.fetch_sent_after(folder, &cursor, &known, &limits).await?;
            cursor = batch.next;
            self.pass_over(place, lease, batch.mails.iter().map(|mail| stored_key(&mail.key)).collect()).await?;
            if !batch.more {
                return Ok(());
            }
        }
    }

    async fn pass_over(&self, place: &Place, lease: &ReaderLease, keys: Vec<StoredKey>) -> anyhow::Result<()> {
        let now = self.clock.now();
        let rows: Vec<_> = keys.into_iter().map(|key| (self.with_chance(|chance| chance.id(now)), key)).collect();
        Ok(self.store.pass_over(lease, &place.desk, &rows, now).await?)
    }

    /// Commits what is not ours, and the cursor behind all of it.
    async fn record_sent(
        &self,
        place: &Place,
        lease: &ReaderLease,
        mails: Vec<Fetched>,
        from: Timestamp,
        cursor: &Cursor,
    ) -> anyhow::Result<()> {
        let now = self.clock.now();
        let desk = self.desks.get(&place.desk);
        let mut over: Vec<StoredKey> = mails.iter().map(|mail| stored_key(&mail.key)).collect();
        let others = mails.into_iter().filter(|mail| !desk.as_ref().is_some_and(|desk| self.is_ours(desk, mail)));
        let arrived: Vec<Arrived> = others.filter_map(|mail| self.arrived_since(mail, from, now, &|_| false)).collect();
        if matches!(cursor, Cursor::File { .. }) {
            over.retain(|key| arrived.iter().all(|one| one.key != *key));
            self.pass_over(place, lease, over).await?;
        }
        let recorded = self.store.record_sent(lease, &place.desk, &arrived, stored_cursor(cursor), now).await?;
        let new = recorded.iter().filter(|one| one.is_new).count();
        if new > 0 {
            tracing::info!(mailbox = %place.id, new, "mails of the Sent folder that are not ours were read");
        }
        Ok(())
    }

    /// Whether its header shows that it is a copy of a mail of ours.
    fn is_ours(&self, desk: &Desk, mail: &Fetched) -> bool {
        let Content::Raw(raw) = &mail.content else { return false };
        by_hand::is_copy_of_ours(desk, &self.keys, &Message::read(header_of(raw)))
    }

    /// The effects of one mail of the Sent folder. `None`: it hangs on what stands before it in the batch; commit that
    /// first. Never held: what cannot be read here keeps nobody from an answer.
    pub(super) async fn judge_sent(
        &self,
        desk: &Desk,
        leased: &LeasedMessage,
        before: &[Effects],
    ) -> anyhow::Result<Option<Effects>> {
        let now = self.clock.now();
        let message = self.message_of(desk, leased).await;
        if let Some(why) = &message.unparsable {
            tracing::warn!(message = %leased.id, desk = %desk.id, why, "a mail of the Sent folder cannot be read: ignored");
        }
        let Some(standing) = self.standing_of_sent(desk, leased.id, &message, before).await? else { return Ok(None) };
        let was_seen = before.iter().any(|one| is_the_same_answer(one, &message))
            || self.store.was_in_sent(&desk.id, &message, leased.id).await?;
        let judgement = by_hand::judge(desk, &self.keys, &message, &standing, was_seen);
        let promised = match judgement.answers {
            Some(Target::Case(id)) => match promised_before(before, id) {
                Some(due) => Some(due),
                None => self.store.promised(id).await?.update,
            },
            _ => None,
        };
        let arrived = leased.arrived;
        let (message, judgement, standing) = (&message, &judgement, &standing);
        let trigger = SentTrigger { desk, message, row: leased.id, arrived, judgement, standing, promised, now };
        Ok(Some(self.with_chance(|chance| of_sent(&trigger, chance))))
    }

    /// What is known of the mail's thread and of everybody to whom it went.
    async fn standing_of_sent(
        &self,
        desk: &Desk,
        row: Uuid,
        message: &Message,
        before: &[Effects],
    ) -> anyhow::Result<Option<Standing>> {
        let now = self.clock.now();
        let mut authors: Vec<_> = by_hand::addressees(desk, message).into_iter().map(Some).collect();
        if authors.is_empty() {
            authors.push(None);
        }
        let mut all = Standing::default();
        for author in authors {
            let asked = Lookups { author, ..lookups(desk, &self.keys, message, row) };
            let mut one = self.store.standing(&desk.id, &asked, now).await?;
            if !overlay(&mut one, &asked, before) && !before.is_empty() {
                return Ok(None);
            }
            one.cases
                .extend(all.cases.into_iter().filter(|known| one.case(known.case.id).is_none()).collect::<Vec<_>>());
            let known = all.pendings.into_iter().filter(|known| one.pending(known.pending.id).is_none());
            let known = known.collect::<Vec<_>>();
            one.pendings.extend(known);
            all = one;
        }
        Ok(Some(all))
    }
}

/// Whether nothing came since the cursor was kept.
fn is_up_to_date(cursor: StoredCursor, folder: &SentFolder) -> bool {
    cursor.uid_validity == folder.state.uid_validity
        && folder.state.uid_next.is_some_and(|next| next <= cursor.next_uid)
}

/// The octets up to the first blank line.
fn header_of(raw: &[u8]) -> &[u8] {
    let end = |blank: &[u8]| raw.windows(blank.len()).position(|part| part == blank).map(|at| at + blank.len());
    let ends = end(b"\r\n\r\n").into_iter().chain(end(b"\n\n"));
    ends.min().and_then(|end| raw.get(..end)).unwrap_or(raw)
}

/// Whether an earlier element of the batch is the same answer, given by hand.
fn is_the_same_answer(effects: &Effects, message: &Message) -> bool {
    let Some(decided) = &effects.decided else { return false };
    let is_by_hand = effects.links.iter().any(|link| link.role == LinkRole::ByHand);
    let has_same_id = decided.message_id.is_some() && decided.message_id == message.message_id;
    is_by_hand && (has_same_id || decided.content_hash == Some(message.content_hash))
}

/// The update that earlier elements of the batch promise in a case.
fn promised_before(before: &[Effects], case: Uuid) -> Option<Timestamp> {
    let clocks = before.iter().flat_map(|one| &one.clocks);
    let updates = clocks.filter(|clock| clock.of == ClockOf::Case(case) && clock.kind == ClockKind::Update);
    updates.map(|clock| clock.due).max()
}

//! Mail in turn by sender: tops are looked at ahead of the bodies, a part of the mailbox a step.

use super::super::ahead::{Ahead, IsStaff, LOOKED_AT, MOST_WAITING};
use super::super::error::MailboxError;
use super::super::{Batch, Content, Cursor, FetchLimits, Fetched};
use super::listing::{self, Ask, Listed};
use super::{ImapMailbox, Reading, Session, fetch};

/// What was looked at of a mailbox. It outlives the connection.
#[derive(Debug)]
pub(super) struct LookedAt {
    uid_validity: u32,
    /// The first UID that was not recorded: where the store's cursor stands.
    base: u32,
    /// All UIDs from `base` to before this one were looked at.
    until: u32,
    /// Whether that was the end of the mailbox.
    at_end: bool,
    /// An answer about mails behind `until` could not be read.
    stuck: bool,
    ahead: Ahead<u32, Listed>,
    /// What was handed out and is not known to be recorded: UIDs, and where the cursor stands behind them.
    handed_out: Vec<u32>,
    next: u32,
    /// What was handed out besides, without a look: where the looking goes on behind it, and whether it ends there.
    past: Option<(u32, bool)>,
}

impl LookedAt {
    fn from(uid_validity: u32, base: u32) -> Self {
        let ahead = Ahead::new();
        let (until, next) = (base, base);
        Self { uid_validity, base, until, at_end: false, stuck: false, ahead, handed_out: Vec::new(), next, past: None }
    }

    /// What was handed out is recorded.
    pub(super) fn keep(&mut self) {
        for uid in std::mem::take(&mut self.handed_out) {
            self.ahead.remove(&uid);
        }
        self.base = self.next;
        if let Some((until, at_end)) = self.past.take() {
            (self.until, self.at_end, self.stuck) = (until, at_end, false);
        }
    }

    /// Hands out mails that were read, or found to be gone. The cursor passes only what is recorded with it or before.
    fn hand_out(&mut self, uids: Vec<u32>, mails: Vec<Fetched>) -> Batch {
        self.handed_out = uids;
        self.next = self.ahead.first_but(&self.handed_out).copied().unwrap_or(self.until).max(self.base);
        let all = self.ahead.len() == self.handed_out.len() && self.at_end && !self.stuck;
        Batch { mails, next: Cursor::Uid { uid_validity: self.uid_validity, next_uid: self.next }, more: !all }
    }
}

/// The next mails in turn; see [`super::super::Mailbox::fetch_in_turn`].
pub(super) async fn batch(
    mailbox: &mut ImapMailbox,
    (uid_validity, next_uid): (u32, u32),
    is_staff: IsStaff<'_>,
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    let mut seen = match mailbox.looked_at.take() {
        // Another process may have moved the cursor, or what was handed out was not recorded after all.
        Some(seen) if (seen.uid_validity, seen.base) == (uid_validity, next_uid) => seen,
        _ => LookedAt::from(uid_validity, next_uid),
    };
    (seen.next, seen.past) = (seen.base, None);
    seen.handed_out.clear();
    let outcome = step(mailbox, &mut seen, is_staff, limits).await;
    // Whatever failed, what was looked at is still true.
    mailbox.looked_at = Some(seen);
    outcome
}

async fn step(
    mailbox: &mut ImapMailbox,
    seen: &mut LookedAt,
    is_staff: IsStaff<'_>,
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    look(mailbox, seen, is_staff).await?;
    if seen.ahead.is_empty() && seen.stuck {
        return past_the_unreadable(mailbox, seen, limits).await;
    }
    let chosen = seen.ahead.choose(limits, |listed| fetch::octets_read(listed, limits).unwrap_or(0));
    let uid_validity = seen.uid_validity;
    let together = mailbox
        .with_session(async |session, settings| {
            session.open_known(Reading::Inbox, &settings.folder, uid_validity).await?;
            fetch::read(session, uid_validity, &chosen, limits).await
        })
        .await;
    match together {
        Ok(mails) => Ok(seen.hand_out(chosen.into_iter().map(|(uid, _)| uid).collect(), mails)),
        Err(error) if error.is_unparsable() => one_by_one(mailbox, seen, &chosen, limits).await,
        Err(error) => Err(error),
    }
}

/// Looks at the tops of what comes next, if there is room for more.
async fn look(mailbox: &mut ImapMailbox, seen: &mut LookedAt, is_staff: IsStaff<'_>) -> Result<(), MailboxError> {
    let uid_validity = seen.uid_validity;
    let looked = mailbox
        .with_session(async |session, settings| {
            session.open_known(Reading::Inbox, &settings.folder, uid_validity).await?;
            look_on(session, seen, is_staff).await
        })
        .await;
    match looked {
        Err(error) if error.is_unparsable() => {
            seen.stuck = true;
            Ok(())
        }
        other => other,
    }
}

async fn look_on(session: &mut Session, seen: &mut LookedAt, is_staff: IsStaff<'_>) -> Result<(), MailboxError> {
    let mut found = 0;
    // The mailbox was selected again since the last step: there may be more behind the end of then.
    let uid_next = session.opened().and_then(|opened| opened.uid_next);
    seen.at_end &= uid_next.is_some_and(|next| next <= seen.until);
    while !seen.at_end && !seen.stuck && found < LOOKED_AT && seen.ahead.len() < MOST_WAITING {
        let listing = listing::list_from(session, seen.until, Ask::Top).await?;
        found += listing.mails.len();
        for (uid, mut listed) in listing.mails {
            let look = std::mem::take(&mut listed.look);
            seen.ahead.add(uid, &look, is_staff, listed);
        }
        (seen.until, seen.at_end) = (listing.looked_until, listing.at_end);
    }
    Ok(())
}

/// All that can be looked at is read. What stands next is read without a look, one by one, in the order of UIDs.
async fn past_the_unreadable(
    mailbox: &mut ImapMailbox,
    seen: &mut LookedAt,
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    let batch = fetch::one_by_one(mailbox, Reading::Inbox, (seen.uid_validity, seen.until), limits).await?;
    if let Cursor::Uid { next_uid, .. } = batch.next {
        seen.next = next_uid;
        seen.past = Some((next_uid, !batch.more));
    }
    Ok(batch)
}

/// The chosen ones, each by itself, up to a few culprits.
async fn one_by_one(
    mailbox: &mut ImapMailbox,
    seen: &mut LookedAt,
    chosen: &[(u32, Listed)],
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    let (mut uids, mut mails, mut culprits) = (Vec::new(), Vec::new(), 0);
    for (uid, _) in chosen {
        if culprits >= fetch::CULPRITS_IN_A_BATCH {
            break;
        }
        if let Some(mail) = fetch::single(mailbox, Reading::Inbox, (seen.uid_validity, *uid), limits).await? {
            culprits += usize::from(mail.content == Content::Unreadable);
            mails.push(mail);
        }
        uids.push(*uid);
    }
    Ok(seen.hand_out(uids, mails))
}

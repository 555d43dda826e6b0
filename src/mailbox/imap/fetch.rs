//! Bodies: many with one command where the server's answers can be read, else one by one until the culprit is found.

use super::super::error::MailboxError;
use super::super::{Batch, Content, Cursor, FetchLimits, Fetched, MailKey};
use super::listing::{self, Ask, Listed, Listing, uid_set};
use super::{ImapMailbox, Reading, Session};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use std::collections::{BTreeMap, BTreeSet};

const DOING: &str = "fetch mail";

/// How many unreadable mails are looked for in one batch; each costs two connections.
pub(super) const CULPRITS_IN_A_BATCH: usize = 3;

/// A batch from `next_uid` on: sizes first, then the bodies that fit, with one command.
pub(super) async fn batch(
    session: &mut Session,
    uid_validity: u32,
    next_uid: u32,
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    let listing = listing::list_from(session, next_uid, Ask::SizeAndDate).await?;
    let chosen = choose(&listing, limits);
    let mails = read(session, uid_validity, &chosen, limits).await?;
    Ok(finish(uid_validity, mails, &listing, chosen.len(), chosen.last().map(|(uid, _)| *uid)))
}

/// The bodies of these mails with one command, in their order; what is gone is left out.
pub(super) async fn read(
    session: &mut Session,
    uid_validity: u32,
    chosen: &[(u32, Listed)],
    limits: &FetchLimits,
) -> Result<Vec<Fetched>, MailboxError> {
    let wanted: BTreeMap<u32, Listed> = chosen
        .iter()
        .filter(|(_, listed)| octets_read(listed, limits).is_some())
        .map(|(uid, l)| (*uid, l.clone()))
        .collect();
    let mut bodies = read_bodies(session, &wanted).await?;
    let mails = chosen
        .iter()
        .filter_map(|(uid, listed)| {
            let content = match bodies.remove(uid) {
                _ if is_too_old(listed, limits) => return None,
                _ if listed.size > limits.message_bytes => Content::TooLarge,
                Some(Body::Octets(raw)) if raw.len() as u64 > limits.message_bytes => Content::TooLarge,
                Some(Body::Octets(raw)) => Content::Raw(raw),
                Some(Body::Missing) => Content::Unreadable,
                None => return None,
            };
            Some(fetched(uid_validity, *uid, listed, content))
        })
        .collect();
    Ok(mails)
}

/// How many octets of the mail are read; `None`: it is not.
pub(super) fn octets_read(listed: &Listed, limits: &FetchLimits) -> Option<u64> {
    (listed.size <= limits.message_bytes && !is_too_old(listed, limits)).then_some(listed.size)
}

fn is_too_old(listed: &Listed, limits: &FetchLimits) -> bool {
    listed.arrived.zip(limits.since).is_some_and(|(arrived, since)| arrived < since)
}

/// The first mails of a listing that fit into a batch; at least one.
fn choose(listing: &Listing, limits: &FetchLimits) -> Vec<(u32, Listed)> {
    let mut chosen = Vec::new();
    let mut bytes = 0_u64;
    for (uid, listed) in &listing.mails {
        bytes = bytes.saturating_add(octets_read(listed, limits).unwrap_or(0));
        if !chosen.is_empty() && (chosen.len() >= limits.count || bytes > limits.batch_bytes) {
            break;
        }
        chosen.push((*uid, listed.clone()));
    }
    chosen
}

/// The batch of which `taken` mails of the listing, up to `last`, were looked at.
fn finish(uid_validity: u32, mails: Vec<Fetched>, listing: &Listing, taken: usize, last: Option<u32>) -> Batch {
    let all = taken == listing.mails.len();
    let next_uid = match last {
        Some(last) if !all => last.saturating_add(1),
        _ => listing.looked_until,
    };
    Batch { mails, next: Cursor::Uid { uid_validity, next_uid }, more: !(all && listing.at_end) }
}

fn fetched(uid_validity: u32, uid: u32, listed: &Listed, content: Content) -> Fetched {
    Fetched { key: MailKey::Uid { uid_validity, uid }, arrived: listed.arrived, size: listed.size, content }
}

enum Body {
    Octets(Vec<u8>),
    /// The mail is there, and the server gives no content.
    Missing,
}

/// Reads bodies. A UID without an answer is gone; whether it really is, the server is asked again, because a server
/// answers OK both for what was expunged and for what it could not read.
async fn read_bodies(
    session: &mut Session,
    wanted: &BTreeMap<u32, Listed>,
) -> Result<BTreeMap<u32, Body>, MailboxError> {
    let mut bodies = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(bodies);
    }
    let told: u64 = wanted.values().map(|listed| listed.size).sum();
    let command = format!("UID FETCH {} (UID BODY.PEEK[])", uid_set(wanted.keys().copied()));
    let mut empty = BTreeSet::new();
    session
        .wire
        .run_large(DOING, &command, told.saturating_mul(2), |answer| {
            let Some((uid, octets)) = body_in(answer) else { return };
            if !wanted.contains_key(&uid) {
                return;
            }
            match octets {
                Some([]) => drop(empty.insert(uid)),
                Some(octets) => drop(bodies.insert(uid, Body::Octets(octets.to_vec()))),
                None => {}
            }
        })
        .await?
        .ok(DOING)?;
    let doubtful: Vec<u32> = wanted.keys().filter(|uid| !bodies.contains_key(uid)).copied().collect();
    for uid in still_there(session, &doubtful).await? {
        let body = if empty.contains(&uid) { Body::Octets(Vec::new()) } else { Body::Missing };
        bodies.insert(uid, body);
    }
    Ok(bodies)
}

fn body_in<'a>(answer: &'a Response<'_>) -> Option<(u32, Option<&'a [u8]>)> {
    let Response::Fetch(_, attributes) = answer else { return None };
    let (mut uid, mut body) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::BodySection { section: None, index: None, data } => body = Some(data.as_deref()),
            _ => {}
        }
    }
    Some((uid?, body?))
}

/// Which of these UIDs the mailbox still has. NOOP comes first: it lets the server tell us of expunged mails.
pub(super) async fn still_there(session: &mut Session, uids: &[u32]) -> Result<BTreeSet<u32>, MailboxError> {
    let mut found = BTreeSet::new();
    if uids.is_empty() {
        return Ok(found);
    }
    session.wire.run(DOING, "NOOP", |_| {}).await?.ok(DOING)?;
    let command = format!("UID SEARCH UID {}", uid_set(uids.iter().copied()));
    session
        .wire
        .run(DOING, &command, |answer| {
            if let Response::MailboxData(MailboxDatum::Search(numbers)) = answer {
                found.extend(numbers.iter().filter(|uid| uids.contains(uid)));
            }
        })
        .await?
        .ok(DOING)?;
    Ok(found)
}

/// A batch of which each mail is asked for by itself, on a new connection after each answer that cannot be read. It
/// ends early after a few culprits; then there is more.
pub(super) async fn one_by_one(
    mailbox: &mut ImapMailbox,
    reading: Reading<'_>,
    (uid_validity, next_uid): (u32, u32),
    limits: &FetchLimits,
) -> Result<Batch, MailboxError> {
    let listing = mailbox
        .with_session(async |session, settings| {
            session.open_known(reading, &settings.folder, uid_validity).await?;
            listing::list_from(session, next_uid, Ask::Uid).await
        })
        .await?;
    let (mut mails, mut taken, mut last) = (Vec::new(), 0, None);
    let (mut bytes, mut culprits) = (0_u64, 0);
    for uid in listing.mails.keys().copied() {
        if taken >= limits.count.max(1) || bytes >= limits.batch_bytes || culprits >= CULPRITS_IN_A_BATCH {
            break;
        }
        if let Some(mail) = single(mailbox, reading, (uid_validity, uid), limits).await? {
            bytes = bytes.saturating_add(mail.raw().map_or(0, |raw| raw.len() as u64));
            culprits += usize::from(mail.content == Content::Unreadable);
            mails.push(mail);
        }
        taken += 1;
        last = Some(uid);
    }
    Ok(finish(uid_validity, mails, &listing, taken, last))
}

/// One mail by itself; `None` is gone. It is the culprit only if asking for its UID alone, on a new connection, works.
pub(super) async fn single(
    mailbox: &mut ImapMailbox,
    reading: Reading<'_>,
    (uid_validity, uid): (u32, u32),
    limits: &FetchLimits,
) -> Result<Option<Fetched>, MailboxError> {
    let only = FetchLimits { count: 1, ..*limits };
    let tried = mailbox
        .with_session(async |session, settings| {
            session.open_known(reading, &settings.folder, uid_validity).await?;
            let range = uid.to_string();
            let mails = listing::list(session, &range, Ask::SizeAndDate).await?;
            let listing = Listing { mails, looked_until: uid.saturating_add(1), at_end: true };
            let Some(listed) = listing.mails.get(&uid).cloned() else { return Ok(None) };
            if listed.size > only.message_bytes {
                return Ok(Some(fetched(uid_validity, uid, &listed, Content::TooLarge)));
            }
            let content = match read_bodies(session, &BTreeMap::from([(uid, listed.clone())])).await?.remove(&uid) {
                Some(Body::Octets(raw)) if raw.len() as u64 > only.message_bytes => Content::TooLarge,
                Some(Body::Octets(raw)) => Content::Raw(raw),
                Some(Body::Missing) => Content::Unreadable,
                None => return Ok(None),
            };
            Ok(Some(fetched(uid_validity, uid, &listed, content)))
        })
        .await;
    match tried {
        Err(error) if error.is_unparsable() => {}
        other => return other,
    }
    let known = mailbox
        .with_session(async |session, settings| {
            session.open_known(reading, &settings.folder, uid_validity).await?;
            listing::list(session, &uid.to_string(), Ask::Uid).await
        })
        .await?;
    tracing::warn!(uid, "the server's answer about one mail cannot be understood");
    let listed = Listed::default();
    Ok(known.contains_key(&uid).then(|| fetched(uid_validity, uid, &listed, Content::Unreadable)))
}

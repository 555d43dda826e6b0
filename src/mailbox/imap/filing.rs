//! Moving mails into folders: MOVE where the server has it (RFC 6851), else COPY, mark and expunge.
//!
//! A server without MOVE and without UIDPLUS can only expunge all marked mails at once. That is done only if no mail
//! but ours is marked; else ours stay marked ([`Filed::Copied`]) until whoever marked the others expunges them.
//! Without MOVE a process that dies between copy and mark leaves the mail in the inbox, and files a second copy when
//! it comes back; nothing is lost by it.

use super::super::error::{MailboxError, RetryCause};
use super::super::{Filed, FolderName, MailKey};
use super::Session;
use super::fetch::still_there;
use super::folders::quoted;
use super::listing::uid_set;
use async_imap::imap_proto::{MailboxDatum, Response};
use std::collections::{BTreeMap, BTreeSet};

const DOING: &str = "file mail into a folder";

/// UIDs in one command: servers bound the length of a line.
const UIDS_IN_A_COMMAND: usize = 500;

/// Files each mail; the answers stand in the order of `items`. A key of another UIDVALIDITY names nothing here.
pub(super) async fn file(
    session: &mut Session,
    uid_validity: u32,
    items: &[(MailKey, FolderName)],
) -> Result<Vec<Filed>, MailboxError> {
    let mut by_folder: BTreeMap<String, (&FolderName, BTreeSet<u32>)> = BTreeMap::new();
    for (key, folder) in items {
        if let Some(uid) = uid_of(key, uid_validity) {
            by_folder.entry(folder.as_written()).or_insert_with(|| (folder, BTreeSet::new())).1.insert(uid);
        }
    }
    let mut outcomes: BTreeMap<(u32, String), Filed> = BTreeMap::new();
    for (written, (folder, uids)) in by_folder {
        let uids: Vec<u32> = uids.into_iter().collect();
        for part in uids.chunks(UIDS_IN_A_COMMAND) {
            // Asked first, so that a folder is not made for mails that are all gone.
            let present: Vec<u32> = still_there(session, part).await?.into_iter().collect();
            if present.is_empty() {
                continue;
            }
            let target = session.needed_folder(folder).await?;
            for (uid, filed) in file_into(session, &target, &present).await? {
                outcomes.insert((uid, written.clone()), filed);
            }
        }
    }
    let outcome = |(key, folder): &(MailKey, FolderName)| {
        let uid = uid_of(key, uid_validity)?;
        outcomes.get(&(uid, folder.as_written())).copied()
    };
    Ok(items.iter().map(|item| outcome(item).unwrap_or(Filed::Gone)).collect())
}

fn uid_of(key: &MailKey, uid_validity: u32) -> Option<u32> {
    match key {
        MailKey::Uid { uid_validity: theirs, uid } if *theirs == uid_validity => Some(*uid),
        MailKey::Uid { .. } | MailKey::File(_) => None,
    }
}

async fn file_into(session: &mut Session, target: &str, uids: &[u32]) -> Result<Vec<(u32, Filed)>, MailboxError> {
    let all = |filed| uids.iter().map(|uid| (*uid, filed)).collect();
    let set = uid_set(uids.iter().copied());
    if session.capabilities.has("MOVE") {
        let reply = session.wire.run(DOING, &format!("UID MOVE {set} {}", quoted(target)), |_| {}).await?.ok(DOING)?;
        let left = still_there(session, uids).await?;
        if !left.is_empty() {
            return Err(MailboxError::retry(DOING, RetryCause::Incomplete("the move of every mail")));
        }
        return Ok(match reply.copied {
            Some(moved) => uids.iter().filter(|uid| moved.contains(uid)).map(|uid| (*uid, Filed::Moved)).collect(),
            None => all(Filed::Moved),
        });
    }
    let reply = session.wire.run(DOING, &format!("UID COPY {set} {}", quoted(target)), |_| {}).await?.ok(DOING)?;
    // Only what is known to be copied is marked: with UIDPLUS the server says which mails those are.
    let copied: Vec<u32> = match reply.copied {
        Some(copied) => uids.iter().filter(|uid| copied.contains(uid)).copied().collect(),
        None if session.capabilities.has("UIDPLUS") => Vec::new(),
        None => uids.to_vec(),
    };
    if copied.is_empty() {
        return Ok(Vec::new());
    }
    let set = uid_set(copied.iter().copied());
    session.wire.run(DOING, &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?.ok(DOING)?;
    let filed = expunge(session, &set, &copied).await?;
    Ok(copied.into_iter().map(|uid| (uid, filed)).collect())
}

async fn expunge(session: &mut Session, set: &str, ours: &[u32]) -> Result<Filed, MailboxError> {
    if session.capabilities.has("UIDPLUS") {
        session.wire.run(DOING, &format!("UID EXPUNGE {set}"), |_| {}).await?.ok(DOING)?;
        return Ok(Filed::Moved);
    }
    let mut others = false;
    session
        .wire
        .run(DOING, "UID SEARCH DELETED", |answer| {
            if let Response::MailboxData(MailboxDatum::Search(marked)) = answer {
                others |= marked.iter().any(|uid| !ours.contains(uid));
            }
        })
        .await?
        .ok(DOING)?;
    if others {
        return Ok(Filed::Copied);
    }
    session.wire.run(DOING, "EXPUNGE", |_| {}).await?.ok(DOING)?;
    Ok(Filed::Moved)
}

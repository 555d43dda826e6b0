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
            let known = session.existing_folder(folder).await?;
            // Asked first where the server will not say which mails it copied, and so that no folder is made for
            // mails that are all gone.
            let asked: Vec<u32> = match known {
                Some(_) if session.capabilities.has("UIDPLUS") => part.to_vec(),
                _ => still_there(session, part).await?.into_iter().collect(),
            };
            if asked.is_empty() {
                continue;
            }
            let target = match known {
                Some(target) => target,
                None => session.needed_folder(folder).await?,
            };
            for (uid, filed) in file_into(session, &target, &asked).await? {
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

/// Files mails into one folder. Those that the answer leaves out are gone.
async fn file_into(session: &mut Session, target: &str, uids: &[u32]) -> Result<Vec<(u32, Filed)>, MailboxError> {
    if session.capabilities.has("MOVE") {
        return move_into(session, target, uids).await;
    }
    let set = uid_set(uids.iter().copied());
    let reply = session.wire.run(DOING, &format!("UID COPY {set} {}", quoted(target)), |_| {}).await?.ok(DOING)?;
    // Only what is known to be copied is marked. A server that does not tell has copied all that is still there.
    let copied: Vec<u32> = match reply.copied {
        Some(copied) => uids.iter().filter(|uid| copied.contains(uid)).copied().collect(),
        None => still_there(session, uids).await?.into_iter().collect(),
    };
    if copied.is_empty() {
        return Ok(Vec::new());
    }
    let set = uid_set(copied.iter().copied());
    session.wire.run(DOING, &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?.ok(DOING)?;
    let filed = expunge(session, &set, &copied).await?;
    Ok(copied.into_iter().map(|uid| (uid, filed)).collect())
}

async fn move_into(session: &mut Session, target: &str, uids: &[u32]) -> Result<Vec<(u32, Filed)>, MailboxError> {
    let set = uid_set(uids.iter().copied());
    let reply = session.wire.run(DOING, &format!("UID MOVE {set} {}", quoted(target)), |_| {}).await?.ok(DOING)?;
    let told = reply.copied.unwrap_or_default();
    let (moved, untold): (Vec<u32>, Vec<u32>) = uids.iter().copied().partition(|uid| told.contains(uid));
    if !still_there(session, &untold).await?.is_empty() {
        return Err(MailboxError::retry(DOING, RetryCause::Incomplete("the move of every mail")));
    }
    // A server without UIDPLUS tells nothing; there all were asked for before, so they were there.
    let moved = if session.capabilities.has("UIDPLUS") { moved } else { uids.to_vec() };
    Ok(moved.into_iter().map(|uid| (uid, Filed::Moved)).collect())
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

//! The folder for sent mail: putting copies there, looking for a mail of ours as evidence that it left, and what it
//! looks like for whoever reads it.

use super::super::error::{MailboxError, RefusedCause, RetryCause};
use super::super::{FolderName, MailboxState, SentFolder, header_ids};
use super::Session;
use super::folders::quoted;
use super::listing::uid_set;
use super::reply::Verdict;
use super::wire::Piece;
use crate::words::token::MARK_HEADER;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, StatusAttribute};
use std::collections::BTreeSet;

const APPEND: &str = "file a copy of a sent mail";
const SEARCH: &str = "look for a sent mail";
const LOOK: &str = "look at the folder for sent mail";

/// Where a server has no folder marked as the one for sent mail and the settings name none.
const USUAL: &str = "Sent";
/// How many copies of one mail are read; there is one as a rule.
const MOST_COPIES: usize = 20;

/// Appends `raw`, marked as read.
pub(super) async fn append(session: &mut Session, folder: Option<&FolderName>, raw: &[u8]) -> Result<(), MailboxError> {
    let target = match folder {
        Some(folder) => session.needed_folder(folder).await?,
        None => match session.marked_sent_folder().await? {
            Some(marked) => marked,
            None => session.needed_folder(&usual()?).await?,
        },
    };
    let command = format!("APPEND {} (\\Seen) ", quoted(&target));
    let pieces = [Piece::Text(&command), Piece::Literal(raw)];
    // A folder that was deleted since we looked is a NO; the next attempt, on a new connection, looks again.
    session.wire.run_pieces(APPEND, &pieces, 0, |_| {}).await?.ok(APPEND).map(drop)
}

/// Searches for a Message-ID.
pub(super) async fn find_message_id(
    session: &mut Session,
    folder: Option<&FolderName>,
    id: &str,
) -> Result<bool, MailboxError> {
    let Some(id) = header_ids::bare(id) else { return Ok(false) };
    Ok(!search(session, folder, "Message-ID", id).await?.is_empty())
}

/// The Message-IDs of the copies that bear our mark for this mail. A search is for a part of a field, and some servers
/// take it loosely: what is found is read.
pub(super) async fn ids_of_marked(
    session: &mut Session,
    folder: Option<&FolderName>,
    id: &str,
) -> Result<Vec<String>, MailboxError> {
    let Some(id) = header_ids::bare(id) else { return Ok(Vec::new()) };
    let found = search(session, folder, MARK_HEADER, id).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let fields = format!("BODY.PEEK[HEADER.FIELDS (Message-ID {MARK_HEADER})]");
    let command = format!("UID FETCH {} (UID {fields})", uid_set(found.into_iter().take(MOST_COPIES)));
    let mut ids = Vec::new();
    session
        .wire
        .run(SEARCH, &command, |answer| {
            let Response::Fetch(_, attributes) = answer else { return };
            for attribute in attributes {
                if let AttributeValue::BodySection { section: Some(_), data: Some(header), .. } = attribute {
                    ids.extend(header_ids::of_marked(header, id));
                }
            }
        })
        .await?
        .ok(SEARCH)?;
    Ok(ids)
}

/// The UIDs of the mails in the folder, or in the one for sent mail, whose field `name` holds the id.
async fn search(
    session: &mut Session,
    folder: Option<&FolderName>,
    name: &str,
    id: &str,
) -> Result<BTreeSet<u32>, MailboxError> {
    let mut found = BTreeSet::new();
    let Some(target) = existing(session, folder).await? else { return Ok(found) };
    // Another folder is open from here on; the next look at the inbox selects it again.
    (session.selected, session.sent_opened) = (None, None);
    let reply = session.wire.run(SEARCH, &format!("EXAMINE {}", quoted(&target)), |_| {}).await?;
    if reply.verdict == Verdict::No && !reply.is_passing() {
        session.known_folders.clear();
        return Ok(found);
    }
    reply.ok(SEARCH)?;
    let command = format!("UID SEARCH HEADER {name} {}", quoted(&format!("<{id}>")));
    session
        .wire
        .run(SEARCH, &command, |answer| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = answer {
                found.extend(uids.iter().copied());
            }
        })
        .await?
        .ok(SEARCH)?;
    Ok(found)
}

/// The folder as the server calls it, where it exists.
async fn existing(session: &mut Session, folder: Option<&FolderName>) -> Result<Option<String>, MailboxError> {
    match folder {
        Some(folder) => session.existing_folder(folder).await,
        None => match session.marked_sent_folder().await? {
            Some(marked) => Ok(Some(marked)),
            None => session.existing_folder(&usual()?).await,
        },
    }
}

/// What the folder looks like: by STATUS, so that the inbox stays open. `None`: there is none, or it is the inbox.
pub(super) async fn state(
    session: &mut Session,
    inbox: &str,
    folder: Option<&FolderName>,
) -> Result<Option<SentFolder>, MailboxError> {
    let Some(name) = existing(session, folder).await? else { return Ok(None) };
    if name == session.inbox_name(inbox).await? {
        return Ok(None);
    }
    // Of the folder that is open itself, STATUS need not tell what is new (RFC 3501, section 6.3.10).
    session.sent_opened = None;
    let (mut exists, mut uid_next, mut uid_validity) = (0, None, None);
    let command = format!("STATUS {} (MESSAGES UIDNEXT UIDVALIDITY)", quoted(&name));
    let reply = session
        .wire
        .run(LOOK, &command, |answer| {
            let Response::MailboxData(MailboxDatum::Status { status, .. }) = answer else { return };
            for told in status {
                match told {
                    StatusAttribute::Messages(count) => exists = *count,
                    StatusAttribute::UidNext(next) => uid_next = Some(*next),
                    StatusAttribute::UidValidity(validity) => uid_validity = Some(*validity),
                    _ => {}
                }
            }
        })
        .await?;
    if reply.verdict == Verdict::No && !reply.is_passing() {
        // It was there when the server was asked for its folders: deleted, or renamed.
        session.known_folders.clear();
        session.sent_folder = None;
        return Ok(None);
    }
    reply.ok(LOOK)?;
    let uid_validity = uid_validity.ok_or(MailboxError::retry(LOOK, RetryCause::Incomplete("UIDVALIDITY")))?;
    let state = MailboxState { uid_validity, uid_next, exists, read_only: true };
    Ok(Some(SentFolder { name, state }))
}

fn usual() -> Result<FolderName, MailboxError> {
    FolderName::parse(USUAL).map_err(|cause: RefusedCause| MailboxError::refused(APPEND, cause))
}

impl Session {
    /// The folder that the server marks with `\Sent` (RFC 6154).
    async fn marked_sent_folder(&mut self) -> Result<Option<String>, MailboxError> {
        if let Some(known) = &self.sent_folder {
            return Ok(Some(known.clone()));
        }
        let special = self.capabilities.has("SPECIAL-USE");
        let command = if special { "LIST (SPECIAL-USE) \"\" \"*\"" } else { "LIST \"\" \"*\"" };
        let shown = self.list_folders(command).await?;
        self.sent_folder = shown.into_iter().find(|folder| folder.is_sent && folder.selectable).map(|f| f.name);
        Ok(self.sent_folder.clone())
    }
}

//! The folder for sent mail: putting copies there, and looking for a mail of ours as evidence that it left.

use super::super::error::{MailboxError, RefusedCause};
use super::super::{FolderName, header_ids};
use super::Session;
use super::folders::quoted;
use super::listing::uid_set;
use super::reply::Verdict;
use super::wire::Piece;
use crate::words::token::MARK_HEADER;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use std::collections::BTreeSet;

const APPEND: &str = "file a copy of a sent mail";
const SEARCH: &str = "look for a sent mail";

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
    let target = match folder {
        Some(folder) => session.existing_folder(folder).await?,
        None => match session.marked_sent_folder().await? {
            Some(marked) => Some(marked),
            None => session.existing_folder(&usual()?).await?,
        },
    };
    let Some(target) = target else { return Ok(found) };
    // Another folder is open from here on; the next look at the inbox selects it again.
    session.selected = None;
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

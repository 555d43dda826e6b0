//! The folder for sent mail: putting copies there, and looking for a mail of ours as evidence that it left.

use super::super::FolderName;
use super::super::error::{MailboxError, RefusedCause};
use super::Session;
use super::folders::quoted;
use super::reply::Verdict;
use super::wire::Piece;
use async_imap::imap_proto::{MailboxDatum, Response};

const APPEND: &str = "file a copy of a sent mail";
const SEARCH: &str = "look for a sent mail";

/// Where a server has no folder marked as the one for sent mail and the settings name none.
const USUAL: &str = "Sent";

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
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(false);
    }
    let target = match folder {
        Some(folder) => session.existing_folder(folder).await?,
        None => match session.marked_sent_folder().await? {
            Some(marked) => Some(marked),
            None => session.existing_folder(&usual()?).await?,
        },
    };
    let Some(target) = target else { return Ok(false) };
    // Another folder is open from here on; the next look at the inbox selects it again.
    session.selected = None;
    let reply = session.wire.run(SEARCH, &format!("EXAMINE {}", quoted(&target)), |_| {}).await?;
    if reply.verdict == Verdict::No && !reply.is_passing() {
        session.known_folders.clear();
        return Ok(false);
    }
    reply.ok(SEARCH)?;
    let mut found = false;
    let command = format!("UID SEARCH HEADER Message-ID {}", quoted(&format!("<{id}>")));
    session
        .wire
        .run(SEARCH, &command, |answer| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = answer {
                found |= !uids.is_empty();
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

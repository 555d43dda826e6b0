//! Folders on the server: what divides their names, whether they exist, and how they are made.

use super::super::FolderName;
use super::super::error::{MailboxError, RefusedCause};
use super::Session;
use super::reply::Verdict;
use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response};

const DOING: &str = "look at the mailbox's folders";
const CREATE: &str = "create a folder";

/// A folder as LIST shows it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Its name as the server calls it.
    pub(super) name: String,
    /// Whether it can hold mail.
    pub(super) selectable: bool,
    /// Whether the server marks it as the one for sent mail (RFC 6154).
    pub(super) is_sent: bool,
}

impl Session {
    /// What divides folders from subfolders here: `LIST "" ""` tells it (RFC 3501, section 6.3.8).
    pub(super) async fn delimiter(&mut self) -> Result<Option<char>, MailboxError> {
        if let Some(delimiter) = self.delimiter {
            return Ok(delimiter);
        }
        let mut delimiter = None;
        self.wire
            .run(DOING, "LIST \"\" \"\"", |answer| {
                if let Response::MailboxData(MailboxDatum::List(data)) = answer {
                    delimiter = data.delimiter.as_deref().and_then(|text| text.chars().next());
                }
            })
            .await?
            .ok(DOING)?;
        self.delimiter = Some(delimiter);
        Ok(delimiter)
    }

    /// The name as this server wants it.
    pub(super) async fn wire_name(&mut self, name: &FolderName) -> Result<String, MailboxError> {
        // INBOX needs no delimiter, and is the one folder that is opened on every connection.
        let delimiter = if name.as_written().contains('/') { self.delimiter().await? } else { None };
        let refuse = |cause| MailboxError::refused(DOING, cause);
        name.on_wire(delimiter.or(Some('/'))).map_err(refuse)
    }

    /// What LIST shows for a pattern.
    pub(super) async fn list_folders(&mut self, command: &str) -> Result<Vec<Shown>, MailboxError> {
        let mut shown = Vec::new();
        self.wire
            .run(DOING, command, |answer| {
                if let Response::MailboxData(MailboxDatum::List(data)) = answer {
                    let nonexistent = |attribute: &NameAttribute<'_>| match attribute {
                        NameAttribute::NoSelect => true,
                        NameAttribute::Extension(word) => word.eq_ignore_ascii_case("\\NonExistent"),
                        _ => false,
                    };
                    shown.push(Shown {
                        name: data.name.as_ref().to_owned(),
                        selectable: !data.name_attributes.iter().any(nonexistent),
                        is_sent: data.name_attributes.contains(&NameAttribute::Sent),
                    });
                }
            })
            .await?
            .ok(DOING)?;
        Ok(shown)
    }

    /// The server's name of an existing folder: as it is, or below INBOX, where some servers keep all folders.
    pub(super) async fn existing_folder(&mut self, name: &FolderName) -> Result<Option<String>, MailboxError> {
        if let Some(known) = self.known_folders.get(name) {
            return Ok(Some(known.clone()));
        }
        for candidate in self.candidates(name).await? {
            let shown = self.list_folders(&format!("LIST \"\" {}", quoted(&candidate))).await?;
            if shown.iter().any(|folder| folder.selectable && folder.name == candidate) {
                self.known_folders.insert(name.clone(), candidate.clone());
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// The server's name of a folder, which is made and subscribed to where it lacks.
    pub(super) async fn needed_folder(&mut self, name: &FolderName) -> Result<String, MailboxError> {
        if let Some(existing) = self.existing_folder(name).await? {
            return Ok(existing);
        }
        let mut code = None;
        for candidate in self.candidates(name).await? {
            let reply = self.wire.run(CREATE, &format!("CREATE {}", quoted(&candidate)), |_| {}).await?;
            // Somebody else may have made it in the meantime.
            if reply.verdict == Verdict::Ok || reply.code.as_deref() == Some("ALREADYEXISTS") {
                // A folder that is not subscribed to is hidden in many mail programs. It works all the same.
                let _subscribed = self.wire.run(CREATE, &format!("SUBSCRIBE {}", quoted(&candidate)), |_| {}).await?;
                self.known_folders.insert(name.clone(), candidate.clone());
                return Ok(candidate);
            }
            if reply.is_passing() {
                reply.ok(CREATE)?;
            } else {
                code = reply.code;
            }
        }
        Err(MailboxError::refused(CREATE, RefusedCause::CannotCreate { folder: name.as_written(), code }))
    }

    async fn candidates(&mut self, name: &FolderName) -> Result<Vec<String>, MailboxError> {
        let delimiter = self.delimiter().await?;
        let top = name.on_wire(delimiter).map_err(|cause| MailboxError::refused(DOING, cause))?;
        let below = delimiter.map(|delimiter| format!("INBOX{delimiter}{top}"));
        Ok(std::iter::once(top).chain(below).collect())
    }
}

/// A name as a quoted string. [`FolderName`] lets no quote, backslash or control character through, but names that
/// the server told us may hold the first two.
pub(super) fn quoted(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))
}

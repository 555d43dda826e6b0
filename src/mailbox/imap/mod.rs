//! A mailbox on an IMAP server (RFC 3501): UID commands only, bodies by PEEK only, nothing kept but a connection.
//!
//! Never sent: NAMESPACE, ESEARCH, BINARY, ENVELOPE and BODYSTRUCTURE; the parser does not know all their answers,
//! and an answer that it cannot read costs the connection.

mod connect;
mod fetch;
mod filing;
mod folders;
mod idle;
mod listing;
mod reply;
mod sent;
mod stream;
mod tls;
mod wire;

use super::error::{MailboxError, RefusedCause, RetryCause};
use super::{Batch, Cursor, FetchLimits, Filed, FolderName, MailKey, MailboxState, Woken};
use crate::settings::Security;
use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode};
use reply::{Capabilities, Verdict};
use secrecy::SecretString;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;
use wire::Wire;

/// What proves to the server who we are.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// By AUTHENTICATE PLAIN, or LOGIN where the server lacks it.
    Password(SecretString),
}

/// Where an IMAP mailbox is.
#[derive(Clone, Debug)]
pub struct ImapSettings {
    /// Host name or address; the certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected; [`Security::Plain`] to this machine only.
    pub security: Security,
    /// The user's name at the server.
    pub user: String,
    /// What proves it.
    pub credentials: Credentials,
    /// The folder that is read; `INBOX` as a rule.
    pub folder: String,
    /// A private authority's certificates (PEM), instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// How long any one command may take, not counting the time that a large body needs.
    pub deadline: Duration,
    /// How often a server without IDLE is asked for news.
    pub poll: Duration,
}

/// The folder as SELECT showed it.
#[derive(Clone, Copy, Debug)]
struct Selected {
    uid_validity: u32,
    uid_next: Option<u32>,
    read_only: bool,
}

/// A connection that is logged in, and what was learnt on it.
#[derive(Debug)]
struct Session {
    wire: Wire,
    capabilities: Capabilities,
    /// `None`: another folder was looked at since.
    selected: Option<Selected>,
    /// What divides folders from their subfolders. Outer `None`: not asked yet.
    delimiter: Option<Option<char>>,
    /// Folders that are known to exist, as the server calls them.
    known_folders: HashMap<FolderName, String>,
    /// The folder for sent mail, as the server calls it.
    sent_folder: Option<String>,
    /// The server announced IDLE and then did not want it.
    idle_refused: bool,
}

/// A mailbox on an IMAP server.
#[derive(Debug)]
pub struct ImapMailbox {
    settings: ImapSettings,
    session: Option<Session>,
    /// UIDVALIDITY and the first UID that was not read: what is behind it is news also after another folder was open,
    /// or no connection was there.
    read_until: Option<(u32, u32)>,
}

impl ImapMailbox {
    /// A mailbox that is not connected yet.
    pub fn new(settings: ImapSettings) -> Self {
        Self { settings, session: None, read_until: None }
    }

    /// Whether there is a connection that can be used.
    pub fn is_connected(&self) -> bool {
        self.session.is_some()
    }

    /// See [`super::Mailbox::state`].
    pub async fn state(&mut self) -> Result<MailboxState, MailboxError> {
        self.with_session(async |session, settings| {
            let selected = session.select(&settings.folder).await?;
            Ok(MailboxState {
                uid_validity: selected.uid_validity,
                uid_next: selected.uid_next,
                exists: session.wire.exists,
                read_only: selected.read_only,
            })
        })
        .await
    }

    /// See [`super::Mailbox::fetch_after`]. An answer that cannot be read costs the connection; then the mails are
    /// fetched one by one on new ones, and the culprit is [`super::Content::Unreadable`].
    pub async fn fetch_after(&mut self, cursor: &Cursor, limits: &FetchLimits) -> Result<Batch, MailboxError> {
        let Cursor::Uid { uid_validity, next_uid } = *cursor else {
            return Err(MailboxError::refused("fetch mail", RefusedCause::Setting("cursor", "it is a maildir's")));
        };
        let together = self
            .with_session(async |session, settings| {
                session.select_known(&settings.folder, uid_validity).await?;
                fetch::batch(session, uid_validity, next_uid, limits).await
            })
            .await;
        let batch = match together {
            Err(error) if error.is_unparsable() => fetch::one_by_one(self, uid_validity, next_uid, limits).await?,
            other => other?,
        };
        if let Cursor::Uid { uid_validity, next_uid } = batch.next {
            self.read_until = Some((uid_validity, next_uid));
        }
        Ok(batch)
    }

    /// See [`super::Mailbox::file`].
    pub async fn file(&mut self, items: &[(MailKey, FolderName)]) -> Result<Vec<Filed>, MailboxError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        self.with_session(async |session, settings| {
            let selected = session.select_if_needed(&settings.folder).await?;
            filing::file(session, selected.uid_validity, items).await
        })
        .await
    }

    /// See [`super::Mailbox::wait`].
    pub async fn wait(&mut self, timeout: Duration) -> Result<Woken, MailboxError> {
        let read_until = self.read_until;
        self.with_session(async |session, settings| {
            if session.selected.is_none() {
                let selected = session.select(&settings.folder).await?;
                session.wire.news = match (read_until, selected.uid_next) {
                    (Some((validity, next)), Some(theirs)) => validity != selected.uid_validity || theirs > next,
                    (None, _) | (_, None) => session.wire.exists > 0,
                };
            }
            idle::wait(session, timeout, settings.poll).await
        })
        .await
    }

    /// See [`super::Mailbox::append_sent`].
    pub async fn append_sent(&mut self, folder: Option<&FolderName>, raw: &[u8]) -> Result<(), MailboxError> {
        self.with_session(async |session, _| sent::append(session, folder, raw).await).await
    }

    /// See [`super::Mailbox::find_message_id`].
    pub async fn find_message_id(&mut self, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
        self.with_session(async |session, _| sent::find_message_id(session, folder, id).await).await
    }

    /// See [`super::Mailbox::ids_of_marked`].
    pub async fn ids_of_marked(&mut self, folder: Option<&FolderName>, id: &str) -> Result<Vec<String>, MailboxError> {
        self.with_session(async |session, _| sent::ids_of_marked(session, folder, id).await).await
    }

    /// See [`super::Mailbox::close`].
    pub async fn close(&mut self) {
        if let Some(mut session) = self.session.take()
            && session.wire.is_in_step()
        {
            // The server answers LOGOUT with BYE, which counts as an error elsewhere.
            let _goodbye = session.wire.run("log out", "LOGOUT", |_| {}).await;
        }
    }

    /// Runs `work` on the connection, making one where there is none. After any error the connection is given up:
    /// whether it is still in step is then not worth knowing.
    async fn with_session<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Session, &ImapSettings) -> Result<T, MailboxError>,
    ) -> Result<T, MailboxError> {
        if self.session.as_ref().is_some_and(|session| !session.wire.is_in_step()) {
            self.session = None;
        }
        let session = match &mut self.session {
            Some(session) => session,
            empty => {
                let (wire, capabilities) = connect::connect(&self.settings).await?;
                empty.insert(Session::new(wire, capabilities))
            }
        };
        let result = work(session, &self.settings).await;
        if let Err(error) = &result {
            tracing::info!(%error, "the mailbox's connection is given up");
            self.session = None;
        }
        result
    }
}

impl Session {
    fn new(wire: Wire, capabilities: Capabilities) -> Self {
        Self {
            wire,
            capabilities,
            selected: None,
            delimiter: None,
            known_folders: HashMap::new(),
            sent_folder: None,
            idle_refused: false,
        }
    }

    /// SELECTs the folder, whether or not it is selected already: UIDNEXT and UIDVALIDITY are told only then.
    async fn select(&mut self, folder: &str) -> Result<Selected, MailboxError> {
        const DOING: &str = "open the mailbox's folder";
        let name = FolderName::parse(folder).map_err(|cause| MailboxError::refused(DOING, cause))?;
        let wire_name = self.wire_name(&name).await?;
        self.selected = None;
        let (mut uid_validity, mut uid_next, mut read_only, mut exists) = (None, None, false, None);
        let command = format!("SELECT {}", folders::quoted(&wire_name));
        let reply = self
            .wire
            .run(DOING, &command, |answer| match answer {
                Response::MailboxData(MailboxDatum::Exists(count)) => exists = Some(*count),
                Response::Data { outcome, .. } => match &outcome.code {
                    Some(ResponseCode::UidValidity(value)) => uid_validity = Some(*value),
                    Some(ResponseCode::UidNext(value)) => uid_next = Some(*value),
                    Some(ResponseCode::ReadOnly) => read_only = true,
                    _ => {}
                },
                _ => {}
            })
            .await?;
        if reply.verdict == Verdict::No && !reply.is_passing() {
            return Err(MailboxError::refused(DOING, RefusedCause::NoSuchFolder(reply.code)));
        }
        let reply = reply.ok(DOING)?;
        read_only |= reply.code.as_deref() == Some("READ-ONLY");
        let lacks = |what| MailboxError::retry(DOING, RetryCause::Incomplete(what));
        self.wire.exists = exists.ok_or_else(|| lacks("the number of mails"))?;
        self.wire.news = false;
        let uid_validity = uid_validity.ok_or_else(|| lacks("UIDVALIDITY"))?;
        let selected = Selected { uid_validity, uid_next, read_only };
        self.selected = Some(selected);
        Ok(selected)
    }

    async fn select_if_needed(&mut self, folder: &str) -> Result<Selected, MailboxError> {
        match self.selected {
            Some(selected) => Ok(selected),
            None => self.select(folder).await,
        }
    }

    /// Sees to it that the folder is selected and still is the one with this UIDVALIDITY.
    async fn select_known(&mut self, folder: &str, uid_validity: u32) -> Result<(), MailboxError> {
        let selected = self.select_if_needed(folder).await?;
        if selected.uid_validity == uid_validity {
            return Ok(());
        }
        self.selected = None;
        Err(MailboxError::retry("fetch mail", RetryCause::UidValidityChanged))
    }
}

//! A mailbox on an IMAP server (RFC 3501): UID commands only, bodies by PEEK only, nothing kept but a connection.
//!
//! Never sent: NAMESPACE, ESEARCH, BINARY, ENVELOPE and BODYSTRUCTURE; the parser does not know all their answers,
//! and an answer that it cannot read costs the connection.

mod connect;
mod fetch;
mod filing;
mod folders;
mod idle;
mod in_turn;
mod listing;
mod reply;
mod sent;
mod stream;
mod tls;
mod wire;

use super::ahead::IsStaff;
use super::error::{MailboxError, RefusedCause, RetryCause};
use super::{Batch, Cursor, FetchLimits, Filed, FolderName, MailKey, MailboxState, SentFolder, Woken};
use crate::settings::Security;
use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode};
use reply::{Capabilities, Verdict};
use secrecy::SecretString;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;
use wire::Wire;

const OPENING: &str = "open the mailbox's folder";

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

/// Which folder is read.
#[derive(Clone, Copy, Debug)]
enum Reading<'a> {
    /// The mailbox's own.
    Inbox,
    /// The one for sent mail, as the server calls it.
    Sent(&'a str),
}

/// A connection that is logged in, and what was learnt on it.
#[derive(Debug)]
struct Session {
    wire: Wire,
    capabilities: Capabilities,
    /// The mailbox's folder, if it is open. `None`: another folder was looked at since.
    selected: Option<Selected>,
    /// The folder for sent mail, if it is open instead, with its name.
    sent_opened: Option<(String, Selected)>,
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
    looked_at: Option<in_turn::LookedAt>,
}

impl ImapMailbox {
    /// A mailbox that is not connected yet.
    pub fn new(settings: ImapSettings) -> Self {
        Self { settings, session: None, read_until: None, looked_at: None }
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
        let batch = self.read_batch(Reading::Inbox, (uid_validity, next_uid), limits).await?;
        if let Cursor::Uid { uid_validity, next_uid } = batch.next {
            self.read_until = Some((uid_validity, next_uid));
        }
        Ok(batch)
    }

    /// See [`super::Mailbox::fetch_in_turn`].
    pub async fn fetch_in_turn(
        &mut self,
        cursor: &Cursor,
        is_staff: IsStaff<'_>,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        let Cursor::Uid { uid_validity, next_uid } = *cursor else {
            return Err(MailboxError::refused("fetch mail", RefusedCause::Setting("cursor", "it is a maildir's")));
        };
        let batch = in_turn::batch(self, (uid_validity, next_uid), is_staff, limits).await?;
        if let Cursor::Uid { uid_validity, next_uid } = batch.next {
            self.read_until = Some((uid_validity, next_uid));
        }
        Ok(batch)
    }

    /// See [`super::Mailbox::keep`].
    pub fn keep(&mut self) {
        if let Some(looked_at) = &mut self.looked_at {
            looked_at.keep();
        }
    }

    /// See [`super::Mailbox::sent_state`].
    pub async fn sent_state(&mut self, folder: Option<&FolderName>) -> Result<Option<SentFolder>, MailboxError> {
        self.with_session(async |session, settings| sent::state(session, &settings.folder, folder).await).await
    }

    /// See [`super::Mailbox::fetch_sent_after`].
    pub async fn fetch_sent_after(
        &mut self,
        name: &str,
        cursor: &Cursor,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        let Cursor::Uid { uid_validity, next_uid } = *cursor else {
            return Err(MailboxError::refused("fetch mail", RefusedCause::Setting("cursor", "it is a maildir's")));
        };
        self.read_batch(Reading::Sent(name), (uid_validity, next_uid), limits).await
    }

    async fn read_batch(
        &mut self,
        reading: Reading<'_>,
        (uid_validity, next_uid): (u32, u32),
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        let together = self
            .with_session(async |session, settings| {
                session.open_known(reading, &settings.folder, uid_validity).await?;
                fetch::batch(session, uid_validity, next_uid, limits).await
            })
            .await;
        match together {
            Err(error) if error.is_unparsable() => {
                fetch::one_by_one(self, reading, (uid_validity, next_uid), limits).await
            }
            other => other,
        }
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
        self.wait_or(timeout, std::future::pending()).await
    }

    /// See [`super::Mailbox::wait_or`].
    pub async fn wait_or(
        &mut self,
        timeout: Duration,
        disturbed: impl Future<Output = ()>,
    ) -> Result<Woken, MailboxError> {
        let read_until = self.read_until;
        self.with_session(async |session, settings| {
            if session.selected.is_none() {
                let selected = session.select(&settings.folder).await?;
                session.wire.news = match (read_until, selected.uid_next) {
                    (Some((validity, next)), Some(theirs)) => validity != selected.uid_validity || theirs > next,
                    (None, _) | (_, None) => session.wire.exists > 0,
                };
            }
            idle::wait(session, timeout, settings.poll, disturbed).await
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

    /// See [`super::Mailbox::forget`].
    pub async fn forget(&mut self) {
        self.close().await;
        (self.session, self.read_until, self.looked_at) = (None, None, None);
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
            sent_opened: None,
            delimiter: None,
            known_folders: HashMap::new(),
            sent_folder: None,
            idle_refused: false,
        }
    }

    /// SELECTs the folder, whether or not it is selected already: UIDNEXT and UIDVALIDITY are told only then.
    async fn select(&mut self, folder: &str) -> Result<Selected, MailboxError> {
        let wire_name = self.inbox_name(folder).await?;
        let selected = self.open("SELECT", &wire_name).await?;
        self.selected = Some(selected);
        Ok(selected)
    }

    /// The mailbox's folder as the server calls it.
    async fn inbox_name(&mut self, folder: &str) -> Result<String, MailboxError> {
        let name = FolderName::parse(folder).map_err(|cause| MailboxError::refused(OPENING, cause))?;
        self.wire_name(&name).await
    }

    /// Opens a folder by `verb`, SELECT or EXAMINE; whoever calls notes which it is.
    async fn open(&mut self, verb: &str, wire_name: &str) -> Result<Selected, MailboxError> {
        (self.selected, self.sent_opened) = (None, None);
        let (mut uid_validity, mut uid_next, mut read_only, mut exists) = (None, None, false, None);
        let command = format!("{verb} {}", folders::quoted(wire_name));
        let reply = self
            .wire
            .run(OPENING, &command, |answer| match answer {
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
            return Err(MailboxError::refused(OPENING, RefusedCause::NoSuchFolder(reply.code)));
        }
        let reply = reply.ok(OPENING)?;
        read_only |= reply.code.as_deref() == Some("READ-ONLY");
        let lacks = |what| MailboxError::retry(OPENING, RetryCause::Incomplete(what));
        self.wire.exists = exists.ok_or_else(|| lacks("the number of mails"))?;
        self.wire.news = false;
        let uid_validity = uid_validity.ok_or_else(|| lacks("UIDVALIDITY"))?;
        Ok(Selected { uid_validity, uid_next, read_only })
    }

    async fn select_if_needed(&mut self, folder: &str) -> Result<Selected, MailboxError> {
        match self.selected {
            Some(selected) => Ok(selected),
            None => self.select(folder).await,
        }
    }

    /// EXAMINEs the folder for sent mail, where it is not open already: it is only read.
    async fn examine_if_needed(&mut self, name: &str) -> Result<Selected, MailboxError> {
        match &self.sent_opened {
            Some((opened, selected)) if opened == name => Ok(*selected),
            _ => {
                let selected = self.open("EXAMINE", name).await?;
                self.sent_opened = Some((name.to_owned(), selected));
                Ok(selected)
            }
        }
    }

    /// Sees to it that the folder is open and still is the one with this UIDVALIDITY. `inbox` is the mailbox's own, as
    /// the settings name it.
    async fn open_known(&mut self, reading: Reading<'_>, inbox: &str, uid_validity: u32) -> Result<(), MailboxError> {
        let selected = match reading {
            Reading::Inbox => self.select_if_needed(inbox).await?,
            Reading::Sent(name) => self.examine_if_needed(name).await?,
        };
        if selected.uid_validity == uid_validity {
            return Ok(());
        }
        (self.selected, self.sent_opened) = (None, None);
        Err(MailboxError::retry("fetch mail", RetryCause::UidValidityChanged))
    }

    /// The folder that is open, whichever it is.
    fn opened(&self) -> Option<Selected> {
        self.selected.or(self.sent_opened.as_ref().map(|(_, selected)| *selected))
    }
}

//! Where mail comes from: an IMAP server or a Maildir, behind one closed enum.
//!
//! The worker drives a mailbox one step at a time: [`Mailbox::state`], [`Mailbox::fetch_in_turn`], the commit of what was
//! read, [`Mailbox::keep`], [`Mailbox::file`] for what was committed, and so on until a batch says that there is no more;
//! then [`Mailbox::wait`]. Nothing here decides anything and nothing is remembered between runs: cursors and identities
//! are values that the store keeps. Connections are made when they are needed, and given up after any error, so that a worker has only to
//! wait ([`Backoff`]) and call again.
//!
//! Logs hold counts and UIDs only. Whoever sets up logging caps `async_imap` and `imap_proto` at info: their trace
//! level prints bodies.

mod ahead;
mod backoff;
mod error;
mod folder;
mod header_ids;
mod imap;
mod maildir;

pub use ahead::IsStaff;
pub use backoff::Backoff;
pub use error::{MailboxError, RefusedCause, RetryCause};
pub use folder::{FolderName, modified_utf7};
pub use imap::{Credentials, ImapMailbox, ImapSettings};
pub use maildir::{MaildirMailbox, MaildirSettings};

use crate::settings::MailboxUrl;
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long one command may take at a server.
const DEADLINE: Duration = Duration::from_secs(60);

/// How often a server without IDLE is asked for news.
const ASKED_EVERY: Duration = Duration::from_secs(60);

/// How often a Maildir is looked at when nothing tells of a change.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

/// A mailbox of either kind.
#[derive(Debug)]
pub enum Mailbox {
    /// On a server.
    Imap(Box<ImapMailbox>),
    /// A folder of files.
    Maildir(Box<MaildirMailbox>),
}

/// How far a mailbox has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// IMAP: all UIDs below `next_uid` were read. The store keeps it.
    Uid {
        /// The mailbox that these UIDs belong to; with another one they mean nothing.
        uid_validity: u32,
        /// The first UID that was not read yet.
        next_uid: u32,
    },
    /// Maildir: a place in one pass over the files. Each pass begins at `after: None`, for what is still in the inbox
    /// is by definition not done; the store keeps nothing.
    File {
        /// The last file of the batch before.
        after: Option<FilePlace>,
    },
}

/// A file's place in the order in which a Maildir is read: by time, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePlace {
    /// The file's modification time.
    pub time: Timestamp,
    /// Its unique name.
    pub name: String,
}

/// What a mail is called in its mailbox: what the fetch is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MailKey {
    /// IMAP: never used twice for different bytes (RFC 3501, section 2.3.1.1).
    Uid {
        /// The mailbox.
        uid_validity: u32,
        /// The message in it.
        uid: u32,
    },
    /// Maildir: the file's unique name, without flags. Octets that are no UTF-8, and `%`, are written as `%XX`.
    File(String),
}

/// What a mailbox looks like now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxState {
    /// IMAP: when it differs from the cursor's, all is read again from UID 1. Maildir: always 1.
    pub uid_validity: u32,
    /// IMAP: the UID that the next mail will get, where the server says so. Maildir: `None`.
    pub uid_next: Option<u32>,
    /// How many mails are in it.
    pub exists: u32,
    /// Whether the server lets us move nothing.
    pub read_only: bool,
}

/// The folder for sent mail, and what it looks like now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFolder {
    /// Its name, as the server calls it (in modified UTF-7), or as its directory in the Maildir is called.
    pub name: String,
    /// What it looks like.
    pub state: MailboxState,
}

/// How much one batch may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Mails in a batch.
    pub count: usize,
    /// Octets of one mail; a larger one is reported and not read.
    pub message_bytes: u64,
    /// Octets of all mails of a batch together; one mail is always read.
    pub batch_bytes: u64,
    /// IMAP: what arrived before this instant is left out unread.
    pub since: Option<Timestamp>,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { count: 50, message_bytes: 50 << 20, batch_bytes: 8 << 20, since: None }
    }
}

/// Mails in the order of the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Those that are there; what vanished while we looked is left out.
    pub mails: Vec<Fetched>,
    /// Where the next batch starts. It is behind what vanished, too.
    pub next: Cursor,
    /// Whether another batch may be had at once.
    pub more: bool,
}

/// One mail as the mailbox has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What it is called there.
    pub key: MailKey,
    /// When the mailbox got it (INTERNALDATE; the file's time), where that can be read.
    pub arrived: Option<Timestamp>,
    /// Its size in octets as the mailbox tells it; a server's may be off a little.
    pub size: u64,
    /// The mail, or why there is none.
    pub content: Content,
}

/// A mail's octets, or why they were not read. All but [`Content::Raw`] is for a person to look at (`hold`).
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// As delivered.
    Raw(Vec<u8>),
    /// Larger than the limit.
    TooLarge,
    /// The server's answer about this one mail cannot be understood, or it is there and has no content.
    Unreadable,
}

/// Bodies never reach a log by accident.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Raw(raw) => write!(f, "Raw({} octets)", raw.len()),
            Self::TooLarge => f.write_str("TooLarge"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetched").field("key", &self.key).field("content", &self.content).finish_non_exhaustive()
    }
}

impl Fetched {
    /// The mail's octets, where they were read.
    pub fn raw(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Raw(raw) => Some(raw),
            Content::TooLarge | Content::Unreadable => None,
        }
    }
}

/// What became of a mail that was to be filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It stands in the folder, and no longer in the inbox.
    Moved,
    /// It stands in the folder. In the inbox it is marked as deleted, and left there because the server can only
    /// expunge all marked mails at once and others are marked besides.
    Copied,
    /// It is not in the inbox (any more): moved earlier, or by a person.
    Gone,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There is new mail.
    Mail,
    /// The time is over. Servers forget to push: look all the same.
    Timeout,
    /// Whoever waits has something else to do.
    Disturbed,
}

impl Mailbox {
    /// The mailbox at `url`. Nothing is connected or looked at yet. An IMAP mailbox needs its password; `ca_file` is a
    /// private authority's certificates (PEM), where there is one.
    pub fn new(
        url: &MailboxUrl,
        password: Option<SecretString>,
        ca_file: Option<PathBuf>,
    ) -> Result<Self, MailboxError> {
        match url {
            MailboxUrl::Imap { user, host, port, security, folder } => {
                let lacks = RefusedCause::Setting("password_file", "an IMAP mailbox needs a password");
                let password = password.ok_or(MailboxError::refused("open the mailbox", lacks))?;
                Ok(Self::Imap(Box::new(ImapMailbox::new(ImapSettings {
                    host: host.clone(),
                    port: *port,
                    security: *security,
                    user: user.clone(),
                    credentials: Credentials::Password(password),
                    folder: folder.clone(),
                    ca_file,
                    deadline: DEADLINE,
                    poll: ASKED_EVERY,
                }))))
            }
            MailboxUrl::Maildir(path) => {
                let settings = MaildirSettings { path: path.clone(), poll: LOOKED_AT_EVERY };
                Ok(Self::Maildir(Box::new(MaildirMailbox::new(settings))))
            }
        }
    }

    /// The place to start reading: what the store kept for an IMAP mailbox, if its UIDVALIDITY is still that one;
    /// else the beginning.
    pub fn resume(&self, stored: Option<Cursor>, state: &MailboxState) -> Cursor {
        match (self, stored) {
            (Self::Imap(_), Some(Cursor::Uid { uid_validity, next_uid })) if uid_validity == state.uid_validity => {
                Cursor::Uid { uid_validity, next_uid }
            }
            (Self::Imap(_), _) => Cursor::Uid { uid_validity: state.uid_validity, next_uid: 1 },
            (Self::Maildir(_), _) => Cursor::File { after: None },
        }
    }

    /// Looks at the mailbox afresh, connecting first where there is no connection. A pass begins with it: servers
    /// show mail that came since the last look only to who asks.
    pub async fn state(&mut self) -> Result<MailboxState, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.state().await,
            Self::Maildir(mailbox) => mailbox.state().await,
        }
    }

    /// The next mails at or behind the cursor. Flags of the mails stay as they are.
    pub async fn fetch_after(&mut self, cursor: &Cursor, limits: &FetchLimits) -> Result<Batch, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.fetch_after(cursor, limits).await,
            Self::Maildir(mailbox) => mailbox.fetch_after(cursor, limits).await,
        }
    }

    /// The next mails at or behind the cursor, in turn by sender and staff's first, so that one who sends very many
    /// keeps nobody waiting. The cursor that comes with them passes nothing that is still to be read. Once both are
    /// recorded, [`Mailbox::keep`] is called; what is not kept is handed out again.
    pub async fn fetch_in_turn(
        &mut self,
        cursor: &Cursor,
        is_staff: IsStaff<'_>,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.fetch_in_turn(cursor, is_staff, limits).await,
            Self::Maildir(mailbox) => mailbox.fetch_in_turn(is_staff, limits).await,
        }
    }

    /// What [`Mailbox::fetch_in_turn`] gave last is recorded.
    pub fn keep(&mut self) {
        match self {
            Self::Imap(mailbox) => mailbox.keep(),
            Self::Maildir(mailbox) => mailbox.keep(),
        }
    }

    /// Looks at the folder for sent mail: `folder`, or the one that the server marks, else `Sent`. `None`: there is no
    /// such folder yet. What is open for [`Mailbox::fetch_after`] stays open.
    pub async fn sent_state(&mut self, folder: Option<&FolderName>) -> Result<Option<SentFolder>, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.sent_state(folder).await,
            Self::Maildir(mailbox) => mailbox.sent_state(folder).await,
        }
    }

    /// [`Mailbox::fetch_after`] in the folder for sent mail, which is only read. Of a Maildir the files with a name of
    /// `known` are left out unread: there the cursor does not tell what was read before.
    pub async fn fetch_sent_after(
        &mut self,
        folder: &SentFolder,
        cursor: &Cursor,
        known: &Arc<HashSet<String>>,
        limits: &FetchLimits,
    ) -> Result<Batch, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.fetch_sent_after(&folder.name, cursor, limits).await,
            Self::Maildir(mailbox) => mailbox.fetch_sent_after(&folder.name, cursor, known, limits).await,
        }
    }

    /// Moves mails into folders, which are made where they lack. The answers stand in the order of `items`. May be
    /// repeated at will: what was moved before is [`Filed::Gone`] or [`Filed::Moved`].
    pub async fn file(&mut self, items: &[(MailKey, FolderName)]) -> Result<Vec<Filed>, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.file(items).await,
            Self::Maildir(mailbox) => mailbox.file(items).await,
        }
    }

    /// Waits for new mail, at most `timeout`. Dropping the future is safe.
    pub async fn wait(&mut self, timeout: Duration) -> Result<Woken, MailboxError> {
        self.wait_or(timeout, std::future::pending()).await
    }

    /// As [`Mailbox::wait`], and no longer than until `disturbed` has come: without a new connection for it, as dropping
    /// the future may cost.
    pub async fn wait_or(
        &mut self,
        timeout: Duration,
        disturbed: impl Future<Output = ()>,
    ) -> Result<Woken, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.wait_or(timeout, disturbed).await,
            Self::Maildir(mailbox) => {
                tokio::select! {
                    woken = mailbox.wait(timeout) => woken,
                    () = disturbed => Ok(Woken::Disturbed),
                }
            }
        }
    }

    /// Puts a copy of a sent mail, marked as read, into `folder`; without one into the folder that the server marks
    /// as the one for sent mail, else `Sent`.
    pub async fn append_sent(&mut self, folder: Option<&FolderName>, raw: &[u8]) -> Result<(), MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.append_sent(folder, raw).await,
            Self::Maildir(mailbox) => mailbox.append_sent(folder, raw).await,
        }
    }

    /// Whether a mail with this Message-ID (with or without angle brackets) stands in `folder`, or in the folder for
    /// sent mail. No such folder: no.
    pub async fn find_message_id(&mut self, folder: Option<&FolderName>, id: &str) -> Result<bool, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.find_message_id(folder, id).await,
            Self::Maildir(mailbox) => mailbox.find_message_id(folder, id).await,
        }
    }

    /// The Message-IDs, without brackets, of copies in `folder`, or in the folder for sent mail, whose
    /// [`MARK_HEADER`](crate::words::token::MARK_HEADER) is exactly `id`: copies of that mail of ours, whatever
    /// Message-ID a provider gave them.
    pub async fn ids_of_marked(&mut self, folder: Option<&FolderName>, id: &str) -> Result<Vec<String>, MailboxError> {
        match self {
            Self::Imap(mailbox) => mailbox.ids_of_marked(folder, id).await,
            Self::Maildir(mailbox) => mailbox.ids_of_marked(folder, id).await,
        }
    }

    /// Closes the connection and forgets all that was seen: another reader may have been here since.
    pub async fn forget(&mut self) {
        match self {
            Self::Imap(mailbox) => mailbox.forget().await,
            Self::Maildir(mailbox) => mailbox.forget(),
        }
    }

    /// Says goodbye, where there is somebody to say it to. Errors do not matter any more.
    pub async fn close(&mut self) {
        match self {
            Self::Imap(mailbox) => mailbox.close().await,
            Self::Maildir(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worker runs each mailbox as a task that may move between threads.
    #[test]
    fn all_steps_can_be_spawned() {
        fn sendable<T: Send>(_: T) {}
        let mut mailbox = Mailbox::new(&MailboxUrl::Maildir("unused".into()), None, None).unwrap();
        let cursor = Cursor::File { after: None };
        let limits = FetchLimits::default();
        sendable(mailbox.state());
        sendable(mailbox.fetch_after(&cursor, &limits));
        sendable(mailbox.fetch_in_turn(&cursor, &|_| false, &limits));
        sendable(mailbox.file(&[]));
        sendable(mailbox.sent_state(None));
        sendable(mailbox.wait(Duration::ZERO));
        sendable(mailbox.append_sent(None, b""));
        sendable(mailbox.find_message_id(None, ""));
        sendable(mailbox.ids_of_marked(None, ""));
        sendable(mailbox.close());
    }
}

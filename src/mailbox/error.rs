//! What can go wrong at a mailbox, told apart by what helps: trying again, or a person.
//!
//! No text here holds anything of a mail, a user's name or a server's free text: servers echo what they were told.

use std::fmt;

/// A failure at a mailbox. What is unknown is [`MailboxError::Retry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxError {
    /// Trying again later may help; nothing is lost meanwhile.
    Retry {
        /// What was being done, as the end of "failed to …".
        doing: &'static str,
        /// Why it failed.
        cause: RetryCause,
    },
    /// Trying again will not help until a person changes a setting or the server.
    Refused {
        /// What was being done, as the end of "failed to …".
        doing: &'static str,
        /// Why it failed.
        cause: RefusedCause,
    },
}

/// Why trying again may help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetryCause {
    /// No connection, or it ended in the middle of an answer.
    #[error("there is no connection to the server ({0})")]
    Lost(std::io::ErrorKind),
    /// The server said BYE.
    #[error("the server closed the connection (BYE)")]
    Bye,
    /// The server did not answer in time.
    #[error("the server did not answer within the deadline")]
    Deadline,
    /// The server's answer could not be read; the connection was closed because of it.
    #[error("the server's answer could not be understood")]
    Unparsable,
    /// What answered the handshake is no TLS.
    #[error("what answered speaks no TLS; look at host, port and scheme of the url")]
    NoTls,
    /// The server speaks only what is unsafe.
    #[error("the server speaks no TLS that is safe; it must speak TLS 1.2 or later")]
    UnsafeTls,
    /// The server sent more than the command can need.
    #[error("the server sent far more than was asked for")]
    TooMuch,
    /// The server answered NO, with this response code where it gave one.
    #[error("the server answered NO{}", Code(.0))]
    No(Option<String>),
    /// The server answered BAD, with this response code where it gave one.
    #[error("the server answered BAD{}", Code(.0))]
    Bad(Option<String>),
    /// The answer lacks something that it must hold.
    #[error("the server's answer lacks {0}")]
    Incomplete(&'static str),
    /// The mailbox was made anew: what is known of it by UID means nothing any more.
    #[error("the mailbox has a new UIDVALIDITY, so it must be read again from the start")]
    UidValidityChanged,
    /// A file or folder could not be read or written.
    #[error("the file system answered: {0}")]
    File(std::io::ErrorKind),
}

/// Why only a person can help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedCause {
    /// User or password are wrong, or the account is closed.
    #[error("the server refused user and password{}; check them in the settings", Code(.0))]
    Credentials(Option<String>),
    /// The server offers no way to log in that we know.
    #[error("the server offers neither AUTHENTICATE PLAIN nor LOGIN on this connection; try imaps://")]
    NoLoginMethod,
    /// The server's certificate is not trusted, has expired or bears another name. Nothing secret was sent.
    #[error("the server's certificate was not accepted: {0}")]
    Certificate(String),
    /// The file with the authority's certificates is unusable, or the system has none.
    #[error("no trusted certificates could be read from {0}")]
    Authorities(String),
    /// STARTTLS was asked for, and the server does not offer it.
    #[error("the server does not offer STARTTLS; use imaps://")]
    NoStartTls,
    /// Before TLS the server said something that it may only say after it: somebody may sit in between.
    #[error("the server sent {0} before the TLS handshake; somebody may be between us and the server")]
    BeforeTls(&'static str),
    /// A connection in clear to another machine.
    #[error("a connection without TLS is made to this machine only; use imaps:// or imap+starttls://")]
    PlainOffLoopback,
    /// There is no such folder.
    #[error("the server has no such folder, or does not let us open it{}", Code(.0))]
    NoSuchFolder(Option<String>),
    /// A folder could not be made.
    #[error("the folder {folder:?} could not be created{}", Code(.code))]
    CannotCreate {
        /// The folder's name in the settings.
        folder: String,
        /// The server's response code.
        code: Option<String>,
    },
    /// A folder's name cannot be used here.
    #[error("the folder name {0:?} cannot be used: {1}")]
    FolderName(String, &'static str),
    /// A setting holds what cannot be sent.
    #[error("the setting {0} cannot be used: {1}")]
    Setting(&'static str, &'static str),
    /// A folder of the file system is not ours to use.
    #[error("the maildir cannot be used: {0}")]
    Maildir(std::io::ErrorKind),
}

/// A response code in brackets, or nothing.
struct Code<'a>(&'a Option<String>);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, " [{code}]"),
            None => Ok(()),
        }
    }
}

impl MailboxError {
    /// A failure after which trying again may help.
    pub(crate) fn retry(doing: &'static str, cause: RetryCause) -> Self {
        Self::Retry { doing, cause }
    }

    /// A failure that a person must mend.
    pub(crate) fn refused(doing: &'static str, cause: RefusedCause) -> Self {
        Self::Refused { doing, cause }
    }

    /// Whether the worker tries again by itself.
    pub fn is_retry(&self) -> bool {
        match self {
            Self::Retry { .. } => true,
            Self::Refused { .. } => false,
        }
    }

    /// Whether the connection ended because an answer could not be read.
    pub(crate) fn is_unparsable(&self) -> bool {
        matches!(self, Self::Retry { cause: RetryCause::Unparsable, .. })
    }
}

impl fmt::Display for MailboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { doing, cause } => write!(f, "failed to {doing}: {cause}"),
            Self::Refused { doing, cause } => write!(f, "failed to {doing}: {cause}"),
        }
    }
}

impl std::error::Error for MailboxError {}

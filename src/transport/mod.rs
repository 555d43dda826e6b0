//! Where mail goes: an SMTP server, or a folder of `.eml` files, behind one closed enum.
//!
//! The worker takes a [`Sender`] and drives each mail in two steps, because the point of no return must be visible
//! (DESIGN.md, invariant 3): [`Sender::begin`] brings the mail to where only the last step lacks (SMTP: DATA was
//! answered 354 and the body is out, without the final dot; folder: the bytes are in a hidden file), then the worker
//! commits `committing`, then [`AwaitingDot::finish`] makes it final. What is dropped between the two was not sent.
//!
//! ```text
//! let prepared = Prepared::new(&mail, &contents)?;     // a pure function; `contents` of what is attached
//! let awaiting = sender.begin(&prepared, now).await?;  // Retry or Refused, never Unknown
//! store.commit_committing(..)?;                        // may gather several senders' mails
//! let accepted = awaiting.finish().await?;             // Retry, Refused or Unknown
//! ```
//!
//! A sender connects when it is first used and again after any failure; it is kept for many mails. Nothing here logs or
//! reports an address, a name or a word of a mail: a server's reply is kept as its codes and a digest of its text.

mod backoff;
mod body;
mod error;
mod folder;
mod header;
mod render;
mod smtp;

pub use backoff::{GIVEN_UP_AFTER, retry_at};
pub use body::Contents;
pub use error::{Accepted, Cause, Failure, SendError, Stage};
use folder::TakenBack;
pub use folder::{FolderSender, FolderTransport};
pub use render::{Prepared, RenderError, render};
pub use smtp::{Credentials, Deadlines, Session, SmtpSender, SmtpSettings, SmtpTransport};

use crate::settings::OutgoingUrl;
use jiff::Timestamp;
use secrecy::SecretString;
use std::path::PathBuf;

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a server.
    Smtp(SmtpTransport),
    /// Into a folder.
    Folder(FolderTransport),
}

/// One way out, used for one mail at a time and kept for many. Several may be open at once.
#[derive(Debug)]
pub enum Sender {
    /// A connection to the server, made when it is needed.
    Smtp(Box<SmtpSender>),
    /// The folder.
    Folder(FolderSender),
}

/// A mail that lacks only its last step. Dropping it abandons the mail: nothing was sent.
#[derive(Debug)]
#[must_use = "a mail is sent only when it is finished"]
pub enum AwaitingDot<'a> {
    /// The body is out, the final dot is not.
    Smtp(smtp::AwaitingDot<'a>),
    /// The bytes are in a hidden file beside where they belong.
    Folder(folder::AwaitingName<'a>),
}

/// What the way out itself can say about a mail whose fate is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It went out.
    Found,
    /// It did not go out.
    Absent,
    /// SMTP cannot tell, nor can a folder that holds no trace of it: look in the folder for sent mail.
    CannotTell,
}

impl Transport {
    /// The way out at `url`. Nothing is connected or looked at yet. `password` is the url's user's; `ca_file` holds a
    /// private authority's certificates (PEM), where there is one.
    pub fn new(url: &OutgoingUrl, password: Option<SecretString>, ca_file: Option<PathBuf>) -> Self {
        match url {
            OutgoingUrl::Folder(path) => Self::Folder(FolderTransport::new(path.clone())),
            OutgoingUrl::Smtp { user, host, port, security } => {
                let credentials = match (user, password) {
                    (Some(user), Some(password)) => Credentials::Password { user: user.clone(), password },
                    _ => Credentials::None,
                };
                Self::Smtp(SmtpTransport::new(SmtpSettings {
                    host: host.clone(),
                    port: *port,
                    security: *security,
                    credentials,
                    ca_file,
                    deadlines: Deadlines::default(),
                }))
            }
        }
    }

    /// A sender. It connects when it is first used.
    pub fn sender(&self) -> Sender {
        match self {
            Self::Smtp(transport) => Sender::Smtp(Box::new(transport.sender())),
            Self::Folder(transport) => Sender::Folder(transport.sender()),
        }
    }

    /// A live look for `check`: connects, logs in and says goodbye; or writes to the folder and removes what it wrote.
    ///
    /// # Errors
    ///
    /// What mail would fail with now.
    pub async fn check(&self) -> Result<(), SendError> {
        match self {
            Self::Smtp(transport) => transport.check().await,
            Self::Folder(transport) => transport.check().await,
        }
    }

    /// Whether a mail with this Message-ID (with or without brackets) went out, as far as the way out itself can tell.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub async fn find_message_id(&self, id: &str) -> Result<Evidence, SendError> {
        match self {
            Self::Smtp(_) => Ok(Evidence::CannotTell),
            Self::Folder(transport) => {
                if transport.find_message_id(id).await? {
                    return Ok(Evidence::Found);
                }
                // Its hidden file still waits for a name: nobody can give it one any more. Without such a file, somebody
                // may have taken the mail away.
                Ok(match transport.take_back(id).await? {
                    TakenBack::Named => Evidence::Found,
                    TakenBack::Hidden => Evidence::Absent,
                    TakenBack::Nothing => Evidence::CannotTell,
                })
            }
        }
    }

    /// Whether nobody on the way can read what goes out: over TLS, to a relay on this machine, or into a folder.
    pub fn is_protected(&self) -> bool {
        match self {
            Self::Smtp(transport) => transport.is_protected(),
            Self::Folder(_) => true,
        }
    }

    /// Whether mail stays on this machine's disk or loopback: the only ways that a rehearsal may use.
    pub fn is_for_rehearsal(&self) -> bool {
        match self {
            Self::Smtp(transport) => transport.is_loopback(),
            Self::Folder(_) => true,
        }
    }
}

impl Sender {
    /// Brings `mail` to where only the last step lacks. `now` names a folder's file. A kept connection that turns out
    /// to be lost or used up is replaced once, unseen.
    ///
    /// # Errors
    ///
    /// [`SendError::Retry`] or [`SendError::Refused`]; the mail was not sent.
    pub async fn begin(&mut self, mail: &Prepared, now: Timestamp) -> Result<AwaitingDot<'_>, SendError> {
        match self {
            Self::Smtp(sender) => Ok(AwaitingDot::Smtp(sender.begin(mail).await?)),
            Self::Folder(sender) => Ok(AwaitingDot::Folder(sender.begin(mail, now).await?)),
        }
    }

    /// Whether it can take the next mail without a new connection, as far as is known.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Smtp(sender) => sender.is_open(),
            Self::Folder(_) => true,
        }
    }

    /// Says goodbye, where there is somebody to say it to.
    pub async fn close(self) {
        match self {
            Self::Smtp(sender) => sender.close().await,
            Self::Folder(_) => {}
        }
    }
}

impl AwaitingDot<'_> {
    /// Takes the last step: from its first octet on, the mail may have been sent.
    ///
    /// # Errors
    ///
    /// [`SendError::Unknown`] where the last step was begun and its outcome is not known; [`SendError::Retry`] or
    /// [`SendError::Refused`] where the mail certainly was not sent.
    pub async fn finish(self) -> Result<Accepted, SendError> {
        match self {
            Self::Smtp(awaiting) => awaiting.finish().await,
            Self::Folder(awaiting) => awaiting.finish().await,
        }
    }

    /// Gives the mail up without the last step: it was not sent. A connection is dropped, for SMTP has no other way.
    pub async fn abandon(self) {
        drop(self);
    }
}

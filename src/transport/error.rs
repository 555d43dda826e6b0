//! Why a mail did not go out: to be tried again, refused, or of unknown fate. The rule stands here, in one place.
//!
//! No text here holds an address or a word of a mail: servers repeat recipients in their replies, so of a reply only
//! its codes are kept.

use std::fmt;

/// A mail that the server took, or that stands in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The reply's codes such as `250` or `250 2.0.0`; for a folder the file's name.
    pub reply: String,
    /// SHA-256 of the reply's whole text in hex, to compare with the server's log; empty for a folder.
    pub digest: String,
}

/// Why a mail did not go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It certainly was not taken, and may be later: try again.
    #[error("failed to send a mail, which will be tried again: {0}")]
    Retry(Failure),
    /// It certainly was not taken, and never will be.
    #[error("failed to send a mail, for good: {0}")]
    Refused(Failure),
    /// Whether it was taken is not known.
    #[error("failed to learn whether a mail was taken: {0}")]
    Unknown(Failure),
}

/// Where and why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// While doing what.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
    /// Whether a person must do something before any mail leaves: a password, a certificate, a setting.
    pub alarm: bool,
}

/// The steps of a session, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The name is looked up and the connection made.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The server's first words.
    Greeting,
    /// EHLO, before and after STARTTLS.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// RSET between two mails.
    Reset,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA and its 354.
    Data,
    /// The body, all but the final dot.
    Body,
    /// The final dot and its answer.
    Dot,
    /// The folder of files.
    Folder,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The server answered so.
    Reply {
        /// The reply's three digits.
        code: u16,
        /// The enhanced status (RFC 3463), where there was one.
        status: Option<(u8, u16, u16)>,
    },
    /// The answer is none of those that this step can have, or no SMTP at all.
    Odd(&'static str),
    /// The connection failed or ended, or a file could not be written.
    Lost(std::io::ErrorKind),
    /// No answer in time.
    Deadline,
    /// The server's certificate does not prove who it is.
    Certificate(&'static str),
    /// The server cannot do what is needed.
    Lacks(&'static str),
    /// A setting is wrong.
    Setting(&'static str),
}

impl SendError {
    /// Where and why.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Retry(failure) | Self::Refused(failure) | Self::Unknown(failure) => failure,
        }
    }
}

impl Failure {
    /// Whether any other mail would fare the same now: it failed before the server heard of this one.
    pub fn is_about_server(&self) -> bool {
        todo!()
    }

    /// Whether the recipient's address is refused for good, as a hard bounce would say.
    pub fn is_hard_bounce(&self) -> bool {
        todo!()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.stage)
    }
}

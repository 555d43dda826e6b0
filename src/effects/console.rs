//! What only a person at the console writes: words that came by no mailbox, mails that are withdrawn, a promise that is
//! owed again.

use super::MailState;
use crate::address::Mailbox;
use crate::case::ClockState;
use crate::message::Attachment;
use jiff::Timestamp;
use uuid::Uuid;

/// The mailbox of messages that were written in the console. It has no settings: such a message is decided when it is
/// written, never leased, never filed, and counts as no mail that came in.
pub const CONSOLE: &str = "console";

/// What a person wrote in the console, as the mail that it stands for. Written with its effects or not at all: where a
/// message of this id stands already, the whole of the effects is stale.
#[derive(Clone, Debug)]
pub struct WrittenHere {
    /// Its row: the id of the form that was sent, so that the same form sent twice acts once.
    pub id: Uuid,
    /// The mail.
    pub raw: Vec<u8>,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: Mailbox,
    /// Its subject.
    pub subject: String,
    /// Its commands and words, for the conversation.
    pub words: String,
    /// Its files.
    pub attachments: Vec<Attachment>,
}

/// A mail of ours that changes its state because a person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailChange {
    /// The mail's row.
    pub mail: Uuid,
    /// The state that this was decided from: where the mail is in another, or was corrected already, all is stale.
    pub was: MailState,
    /// The state that it is in afterwards.
    pub becomes: MailState,
    /// Why, as a code; nothing where it simply waits to be sent.
    pub why: Option<&'static str>,
}

/// Why of a mail that a person cancelled: it may be sent all the same later.
pub const BY_PERSON: &str = "person";

/// Why of a mail that was corrected or withdrawn: it is never sent again, nor corrected twice.
pub const CORRECTED: &str = "corrected";

/// A clock that was met by a mail that is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockAgain {
    /// Its row; nothing is done where it is no longer `met`.
    pub row: Uuid,
    /// How it stands from now on.
    pub state: ClockState,
}

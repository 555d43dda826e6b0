//! What the pages ask, and what they are given.

use crate::address::EmailAddress;
use crate::case::{Case, ClockKind};
use crate::store::time::{from_text, to_text};
use crate::words::{LineId, Status};
use jiff::Timestamp;
use uuid::Uuid;

/// Rows on one page of a list.
pub const PAGE: usize = 50;
/// Counting stops here: a page then says "more than".
pub const MOST_COUNTED: u64 = 1000;

/// Which statuses a list of cases shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueStatus {
    /// All but resolved ones.
    #[default]
    Open,
    /// Every case.
    All,
    /// Cases of this status.
    One(Status),
    /// Cases that wait: for somebody inside or outside, or paused.
    Waiting,
}

/// Whose cases a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QueueSpecialist {
    /// Everybody's, and those that nobody has.
    #[default]
    Anyone,
    /// Those that nobody has.
    Nobody,
    /// Those that somebody has.
    Somebody,
    /// Those that this person has.
    One(EmailAddress),
}

/// What is due of the cases that a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueDue {
    /// Whatever is.
    #[default]
    Any,
    /// What was due before this instant.
    Before(Timestamp),
    /// What is due from the first instant on and before the second.
    Between(Timestamp, Timestamp),
    /// Cases in which nothing has an instant.
    Nothing,
}

/// Which cases a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Of this desk; `None`: of all that the account may see.
    pub desk: Option<String>,
    /// Of this line.
    pub line: Option<LineId>,
    /// Of these statuses.
    pub status: QueueStatus,
    /// Of this specialist.
    pub specialist: QueueSpecialist,
    /// By what is due.
    pub due: QueueDue,
    /// Only urgent ones.
    pub urgent: bool,
}

/// In which order a list of cases stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// Urgent open ones first, then other open ones, then resolved ones; among each by what is due next, what has no
    /// instant last (POLICY.md, Urgent: the case goes to the top of its queue).
    #[default]
    Due,
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

/// A place in a list, from which on its next page is read. What was added or went away meanwhile moves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What comes first in the order.
    pub(super) rank: i64,
    /// What comes next.
    pub(super) at: Timestamp,
    /// What decides between equals.
    pub(super) id: Uuid,
}

impl Cursor {
    /// What [`Cursor::to_text`] wrote; `None`: anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let rank = parts.next()?.parse().ok()?;
        let at = from_text(parts.next()?).ok()?;
        let id = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self { rank, at, id })
    }

    /// For a link.
    pub fn to_text(&self) -> String {
        format!("{}~{}~{}", self.rank, to_text(self.at), self.id)
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Count {
    /// So many, or [`MOST_COUNTED`].
    pub n: u64,
    /// Whether there are more than that.
    pub more: bool,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueCase {
    /// The case; its links are not read.
    pub case: Case,
    /// What comes next in it.
    pub next: Option<NextDue>,
    /// When it was last touched.
    pub touched_at: Timestamp,
}

/// What comes next in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NextDue {
    /// What: an answer, an update, or the end of a pause.
    pub kind: ClockKind,
    /// When. An answer that was missed and is still owed has an instant that is past.
    pub at: Timestamp,
}

/// One page of a list of cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueuePage {
    /// At most [`PAGE`].
    pub cases: Vec<QueueCase>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<Cursor>,
}

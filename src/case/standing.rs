//! `Standing`: all that the store knows and a decision about one message needs, as plain values; and `Lookups`, what
//! the store is asked for it.

use super::{Case, Pending};
use crate::address::EmailAddress;
use crate::words::numbers::Tag;
use crate::words::{Decision, Template};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The day of the limits: the last 24 hours (POLICY.md, Limits).
pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Of the author's own unresolved cases and open pending requests, the newest this many are looked at.
pub const MOST_OPEN: usize = 500;
/// Of the author's own resolved cases, those that were touched in this time are looked at ...
pub const RESOLVED_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// ... and of them the newest this many.
pub const MOST_RESOLVED: usize = 100;

/// What is asked of the store before a message is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// The row of the message itself, so that it is not found as its own repetition.
    pub message: Uuid,
    /// SHA-256 of its bytes, see `Message::content_hash`.
    pub content_hash: [u8; 32],
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Who wrote it (or claims to).
    pub author: Option<EmailAddress>,
    /// Cases and pending requests named by our own tokens in In-Reply-To, References, newest first.
    pub tokens: Vec<Tag>,
    /// Message-IDs of In-Reply-To and References, newest first, without repeats; for a report, the ids it reports on.
    pub message_ids: Vec<String>,
    /// Tags in the subject.
    pub tags: Vec<Tag>,
    /// A hash of the sender's own words (limit `same_words`), made by `intake`.
    pub words_hash: String,
    /// A hash of the subject without marks and tags (limit `same_subject`), made by `intake`.
    pub subject_hash: String,
}

/// All that the store knows about a message's thread and sender.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// When the message arrived, as its row has it: the limits' day ends there.
    pub arrived: Timestamp,
    /// Whether it was delivered before.
    pub seen: Seen,
    /// Its Message-ID is one that we sent.
    pub is_our_mail: bool,
    /// What each of [`Lookups::tokens`] names, in that order, without repeats; unknown ones left out.
    pub by_token: Vec<Target>,
    /// What the known ones of [`Lookups::message_ids`] belong to, in that order, without repeats.
    pub by_message_id: Vec<Target>,
    /// Which of [`Lookups::message_ids`] led to each of `by_message_id`.
    pub by_message_id_places: Vec<usize>,
    /// The mail of ours that the newest known one of [`Lookups::message_ids`] is: its place there, and its template.
    pub replied: Option<(usize, Template)>,
    /// What each of [`Lookups::tags`] names.
    pub by_tag: Vec<Target>,
    /// Every case named above, and the author's own unresolved ones (the newest 500), and the author's own resolved
    /// ones that the last 90 days touched (the newest 100).
    pub cases: Vec<CaseFacts>,
    /// Every pending request named above, and the author's own open ones (the newest 500).
    pub pendings: Vec<PendingFacts>,
    /// What the author did in the last 24 hours.
    pub sender: SenderFacts,
}

/// Whether a message was delivered before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    #[default]
    Never,
    /// The same bytes, which were decided so.
    SameBytes(Option<Decision>),
    /// The same Message-ID with other bytes: a new mail, flagged.
    SameIdOtherBytes,
    /// The same bytes that we had filed away, put back into the mailbox by a person.
    MovedBack(Option<Decision>),
}

/// A case or a pending request, by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A case.
    Case(Uuid),
    /// A pending request.
    Pending(Uuid),
}

/// A case as a decision needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFacts {
    /// The case whole; a commit checks its version.
    pub case: Case,
    /// Summaries and new words that stand in it already, newest last, for the duplicate rule.
    pub texts: Vec<String>,
    /// Messages from this author to it in the last 24 hours.
    pub messages_in_day: u32,
}

/// A pending request as a decision needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingFacts {
    /// The pending request whole; a commit checks its version.
    pub pending: Pending,
    /// Messages from this author to it in the last 24 hours.
    pub messages_in_day: u32,
}

/// What the author did in the last 24 hours, this message left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SenderFacts {
    /// The version of the author's row (0: none yet); a commit checks it.
    pub version: i64,
    /// Messages from this address.
    pub messages: u32,
    /// Messages with the same own words.
    pub same_words: u32,
    /// Messages under the same subject that each got an automatic reply.
    pub same_subject: u32,
    /// Automatic replies to this address.
    pub replies: u32,
    /// Messages in a row, of the last 30 days and since the last one that was accepted, that were sent back (returned,
    /// sent elsewhere, mixed) after another one had been.
    pub sent_back: u32,
    /// Messages in a row of the author's whole organisational domain that were sent back.
    pub domain_sent_back: u32,
    /// Those of them that answered mail of ours to somebody else.
    pub strangers: u32,
    /// The address bounced hard, and no specialist has looked since.
    pub bounced_hard: bool,
}

impl Standing {
    /// What `tags` name, in their order, without repeats; unknown ones left out.
    pub fn named(&self, tags: &[Tag]) -> Vec<Target> {
        let mut targets = Vec::new();
        for tag in tags {
            let target = match tag {
                Tag::Case(number) => {
                    let known = self.cases.iter().find(|facts| facts.case.number == *number);
                    // A returned request bears a number before it is a case.
                    let waits = || self.pendings.iter().find(|facts| facts.pending.number.as_ref() == Some(number));
                    let known = known.map(|facts| Target::Case(facts.case.id));
                    known.or_else(|| waits().map(|facts| Target::Pending(facts.pending.id)))
                }
                Tag::Pending(token) => {
                    let known = self.pendings.iter().find(|facts| facts.pending.token == *token);
                    known.map(|facts| Target::Pending(facts.pending.id))
                }
            };
            targets.extend(target.filter(|target| !targets.contains(target)));
        }
        targets
    }

    /// The case with this row.
    pub fn case(&self, id: Uuid) -> Option<&CaseFacts> {
        self.cases.iter().find(|facts| facts.case.id == id)
    }

    /// The pending request with this row.
    pub fn pending(&self, id: Uuid) -> Option<&PendingFacts> {
        self.pendings.iter().find(|facts| facts.pending.id == id)
    }
}

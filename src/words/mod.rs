//! The values all speak in: decisions, reasons, names, fields, numbers, tokens and what is known of a sender.

pub mod chance;
pub mod fold;
pub mod keys;
pub mod mask;
pub mod numbers;
mod ring;
pub mod token;
pub mod turn;

use std::collections::BTreeMap;
use std::fmt;

macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the policy.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands in JSON, in the database and in settings.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value whose word is `word`.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.pad(self.as_str()) }
        }
    };
}

pub(crate) use word_enum;

word_enum! {
    /// What is decided about one message (POLICY.md, Decisions).
    Decision {
        /// A delivery report.
        Bounce = "bounce",
        /// Delivered before, our own, spam, or automatic mail of no case.
        Ignore = "ignore",
        /// A person must look.
        Hold = "hold",
        /// Belongs to a case or a pending request.
        Attach = "attach",
        /// All that it asks for is out of scope.
        Redirect = "redirect",
        /// Asks for work on two lines.
        RejectMixed = "reject_mixed",
        /// Facts are missing, unusable or contradictory.
        Return = "return",
        /// The same request again.
        Duplicate = "duplicate",
        /// All else.
        Accept = "accept",
    }
}

word_enum! {
    /// Why (POLICY.md, Reason codes).
    ReasonCode {
        /// A required field has no value, or a placeholder.
        MissingField = "missing_field",
        /// A field has a value that cannot be used.
        InvalidField = "invalid_field",
        /// Neither name nor line can be read.
        SubjectUnreadable = "subject_unreadable",
        /// A name is known and no line.
        LineUnknown = "line_unknown",
        /// Subject and body label different lines.
        LineConflict = "line_conflict",
        /// A line is known and no name.
        MemberUnknown = "member_unknown",
        /// The subject's name and the body's cannot be one person.
        MemberMismatch = "member_mismatch",
        /// More than one member of one line.
        SeveralMembers = "several_members",
        /// Work on both lines.
        MixedLines = "mixed_lines",
        /// All that is asked is out of scope.
        OutOfScope = "out_of_scope",
        /// The same bytes again.
        SeenBefore = "seen_before",
        /// A machine wrote it.
        Automatic = "automatic",
        /// Our own mail come back.
        OwnMail = "own_mail",
        /// Flagged by the trusted header.
        Spam = "spam",
        /// Cannot be read as a mail.
        Unparsable = "unparsable",
        /// Claims to be staff and does not pass authentication.
        UnauthenticatedStaff = "unauthenticated_staff",
        /// A participant's address that fails authentication.
        UnauthenticatedParticipant = "unauthenticated_participant",
        /// More than one case fits.
        FitsTwoCases = "fits_two_cases",
        /// A machine or spam mark, and the template in its own words.
        MachineWithTemplate = "machine_with_template",
        /// The sender's limit is broken.
        OverReplyLimit = "over_reply_limit",
        /// An empty message.
        Empty = "empty",
        /// A type that only the platform opens.
        TypeNotByMail = "type_not_by_mail",
        /// A paused type.
        TypePaused = "type_paused",
        /// Another type fits.
        WrongType = "wrong_type",
        /// A second issue in one message.
        SeveralIssues = "several_issues",
        /// The requester is not associated with the case.
        NotAssociated = "not_associated",
        /// More members than the type allows.
        TooManyMembers = "too_many_members",
    }
}

word_enum! {
    /// What is odd about a message that is judged all the same.
    Warning {
        /// An SSN or a birth date stands in it.
        Pii = "pii",
        /// The Message-ID of an earlier mail with other bytes.
        ReusedMessageId = "reused_message_id",
        /// A member's issue says something that the desk asks not to be mailed unencrypted, or a similar note.
        Truncated = "truncated",
    }
}

word_enum! {
    /// Kinds of automatic mail, in the order in which the first that holds is told.
    Automatic {
        /// Our own mail come back.
        Own = "own",
        /// A delivery report.
        Bounce = "bounce",
        /// By a mailing list.
        List = "list",
        /// Out-of-office, calendar reply, read receipt, challenge.
        AutoReplied = "auto_replied",
        /// Any other machine.
        AutoGenerated = "auto_generated",
    }
}

word_enum! {
    /// How the subject was read.
    SubjectMatch {
        /// The template itself.
        Exact = "exact",
        /// Read after a repair.
        Repaired = "repaired",
        /// Neither name nor line.
        Unreadable = "unreadable",
    }
}

word_enum! {
    /// Statuses that the engine knows; a desk may show other words.
    Status {
        /// Accepted, not assigned.
        New = "new",
        /// A specialist works it.
        InReview = "in_review",
        /// Waits for somebody inside.
        WaitingInternal = "waiting_internal",
        /// Waits for somebody outside.
        WaitingExternal = "waiting_external",
        /// Clocks stand.
        Paused = "paused",
        /// Done.
        Resolved = "resolved",
    }
}

word_enum! {
    /// Which wording an outgoing mail has.
    Variant {
        /// With what was written.
        Full = "full",
        /// Without member data (POLICY.md, External partners).
        Plain = "plain",
    }
}

word_enum! {
    /// Every mail template.
    Template {
        /// To a requester: accepted.
        Receipt = "receipt",
        /// To a requester: assigned.
        Acknowledgement = "acknowledgement",
        /// To a requester: every five business days.
        Update = "update",
        /// To a requester: what is missing.
        Return = "return",
        /// To a requester: send two.
        RejectMixed = "reject_mixed",
        /// To a requester: where to take it.
        Redirect = "redirect",
        /// To a requester: the case exists.
        Duplicate = "duplicate",
        /// To a requester: a specialist's words.
        Answer = "answer",
        /// To a requester: resolved.
        Closing = "closing",
        /// To a requester: it is an escalation, or climbed a step.
        Escalation = "escalation",
        /// To a requester: it was put on a list.
        Listed = "listed",
        /// To a requester: the returned request was not completed.
        PendingClosed = "pending_closed",
        /// To a requester outside: a message waits in the portal, and the link to it.
        PortalNotice = "portal_notice",
        /// To a requester outside who asked for it: a new link to the portal.
        PortalLink = "portal_link",
        /// To a requester: an earlier mail was wrong.
        Correction = "correction",
        /// To staff: a new case, whole.
        Assignment = "assignment",
        /// To staff: a requester's reply.
        Relay = "relay",
        /// To staff: something is due.
        Nudge = "nudge",
        /// To staff: a promise was broken.
        Breach = "breach",
        /// To staff: anything else that they must know.
        Notice = "notice",
        /// To a colleague: a case or a request, whole, for a step, a list or a note.
        Handover = "handover",
        /// To staff: what a command did.
        CommandResult = "command_result",
        /// To staff: the day.
        Digest = "digest",
    }
}

impl Template {
    /// Whether it goes to requesters; the others go to staff.
    pub fn is_outward(self) -> bool {
        use Template::*;
        matches!(
            self,
            Receipt
                | Acknowledgement
                | Update
                | Return
                | RejectMixed
                | Redirect
                | Duplicate
                | Answer
                | Closing
                | Escalation
                | Listed
                | PendingClosed
                | PortalNotice
                | PortalLink
                | Correction
        )
    }
}

/// One reason of a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// Its code.
    pub code: ReasonCode,
    /// The desk's id of the field it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Reason {
    /// A reason about no field.
    pub fn of(code: ReasonCode) -> Self {
        Self { code, field: None }
    }

    /// A reason about the field with this id.
    pub fn field(code: ReasonCode, field: impl Into<String>) -> Self {
        Self { code, field: Some(field.into()) }
    }
}

/// A line of business, by the desk's id for it (such as `medicare`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LineId(pub String);

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A member's name: `last` bears the suffix, `first` the middle name or initial. Either may be empty, not both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct MemberName {
    /// Family name with suffix: `Smith Jr.`
    pub last: String,
    /// Given name with middle name or initial: `Mary Ann`.
    pub first: String,
}

/// Values of the desk's fields, by the field's id; white space folded at the ends. No entry: nothing usable was given.
pub type Fields = BTreeMap<String, String>;

/// Which rule was tried, whether it hit and what it read: the answer to "why?".
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TraceStep {
    /// The rule's name.
    pub rule: String,
    /// Whether it decided, or changed what was read.
    pub hit: bool,
    /// What it read, for a person. May hold member data: kept sealed, shown to staff only, never logged.
    pub note: String,
}

/// The trace of one decision, in the order in which rules were tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Trace(pub Vec<TraceStep>);

impl Trace {
    /// Notes that `rule` was tried.
    pub fn note(&mut self, rule: &str, hit: bool, note: impl Into<String>) {
        self.0.push(TraceStep { rule: rule.to_owned(), hit, note: note.into() });
    }
}

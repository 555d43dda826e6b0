//! `Context`: what a mail may speak of, as typed values. Raw: whatever a requester wrote is masked, bounded and escaped
//! on its way into a template (see [`super::view`]), never by the caller.

use crate::address::Mailbox;
use crate::case::Entry;
use crate::case::worklist::Awaits;
use crate::words::numbers::Tag;
use crate::words::{Decision, Fields, LineId, MemberName, Reason, Status, word_enum};

/// What one mail may speak of. Everything is optional: a template says what it needs, and `check` tries them all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The case, or the pending request, whose tag stands at the end of the subject. For `duplicate`: the existing case.
    pub tag: Option<Tag>,
    /// The subject as the requester wrote it, decoded.
    pub original_subject: String,
    /// The subject as the desk's template has it: `Smith, Jane Medicare`; for a case, the one that all its mail bears.
    pub canonical_subject: Option<String>,
    /// Whether the canonical subject differs from the original one, so that the receipt shows it.
    pub repaired: bool,
    /// The line, where it is known.
    pub line: Option<LineId>,
    /// The member, where the name is known.
    pub member: Option<MemberName>,
    /// What the request gave, by field id, as it was written.
    pub fields: Fields,
    /// Every member of a case that has several, with what was given about each, for staff; none where there is one.
    pub entries: Vec<Entry>,
    /// The number that a returned request bears already, where the desk numbers returns.
    pub told_number: Option<String>,
    /// Whether the sender wrote personal data that nobody asked for, and is told so.
    pub warns_of_pii: bool,
    /// Why it was decided so; a return's list of what is missing is made from it.
    pub reasons: Vec<Reason>,
    /// The type of the issue, by the desk's id.
    pub kind: Option<String>,
    /// The priority, by the desk's id.
    pub priority: Option<String>,
    /// The priority that was asked for, where its reason did not meet it and a lower one was given.
    pub lowered_from: Option<String>,
    /// The type that is meant, where the one that was named is wrong and another fits.
    pub right_type: Option<String>,
    /// Whether the request is urgent: the mail opens with the phone number.
    pub urgent: bool,
    /// Out-of-scope topics asked about, by the desk's ids.
    pub topics: Vec<String>,
    /// It is an inquiry: no mail to its requester tells its number.
    pub is_inquiry: bool,
    /// What became of it on the ladder.
    pub escalation: Option<Escalation>,
    /// The step on which it stands, by name.
    pub step: Option<String>,
    /// The step whose review this answer tells of, by name.
    pub reviewed: Option<String>,
    /// The stages of the desk, each with whether it is done.
    pub stages: Vec<StageState>,
    /// The list on which it was put, by the desk's id.
    pub list: Option<String>,
    /// What is promised, in words.
    pub promise: Option<Promise>,
    /// Until when a pending request waits, in words: `Friday, December 4`.
    pub waits_until: Option<String>,
    /// When the mail went out that this one corrects, in words.
    pub sent_on: Option<String>,
    /// What the season in force says besides.
    pub season: Option<String>,
    /// The status of the case.
    pub status: Option<Status>,
    /// Where an external partner signs in to read a message that waits.
    pub portal: Option<String>,
    /// The member of staff who works the case, by name; the address is never told to a requester.
    pub specialist: Option<String>,
    /// What a member of staff wrote, to be sent on: an answer, an update, a note.
    pub words: Option<String>,
    /// The requester, for staff.
    pub requester: Option<Mailbox>,
    /// What the requester wrote, quoted for staff.
    pub request: Option<String>,
    /// Names of attachments, for staff.
    pub attachments: Vec<String>,
    /// What was decided about the mail that this one tells staff of.
    pub decision: Option<Decision>,
    /// When that mail came, in words, for staff.
    pub arrived: Option<String>,
    /// When a promise falls due, in words, for staff.
    pub due: Option<String>,
    /// How long nothing was done about the case, for staff.
    pub silence: Option<Silence>,
    /// What a notice, a nudge or a breach is about.
    pub about: Option<About>,
    /// An address that bounced, with the report's status: `a@example.com`, `5.1.1`.
    pub bounce: Option<Bounce>,
    /// What the commands of one mail did, in order.
    pub commands: Vec<CommandOutcome>,
    /// Whether the commands wait for their sender's yes.
    pub confirm: bool,
    /// Whether a mail of staff was refused as a whole: nothing of it was done, and its text went to nobody.
    pub refused: bool,
    /// Whether the words of a mail that went to nobody are kept as a note.
    pub kept: bool,
    /// The list of commands, where it was asked for.
    pub help: Vec<CommandUsage>,
    /// The commands of a case in one line, for whoever gets it.
    pub commands_in_line: Option<String>,
    /// The cases of a worklist, in its order.
    pub worklist: Vec<WorklistCase>,
    /// How many more cases there are than the worklist shows.
    pub worklist_more: usize,
}

/// What became of a case on the ladder, for its requester.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escalation {
    /// It was an inquiry, and has a number from now on.
    pub is_new: bool,
    /// A supervisor was asked for.
    pub asked: bool,
    /// A step was taken because it stayed unresolved for too long.
    pub by_time: bool,
    /// Whoever stands on the step is there today.
    pub available: bool,
    /// The step that was taken, by name.
    pub step: Option<String>,
    /// The desk's own words about that step; Markdown.
    pub tell: Option<String>,
}

/// A stage, and whether it is done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StageState {
    /// Its name.
    pub name: String,
    /// Whether it is done.
    pub done: bool,
    /// Whether mails to the requester list it.
    pub told: bool,
}

/// One case of a worklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorklistCase {
    /// Its number.
    pub number: String,
    /// Its canonical subject, without the tag.
    pub subject: String,
    /// Its status.
    pub status: Status,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// What comes next.
    pub awaits: Awaits,
    /// When, in words, where that has an instant.
    pub when: Option<String>,
}

/// What is promised to the requester. Dates come already worded, in the desk's own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The response clock's length: `72 business hours`.
    pub respond_within: String,
    /// The response's date: `Tuesday, December 1, 10:15 am ET`.
    pub respond_by: String,
    /// The update clock's length: `5 business days`.
    pub update_every: String,
    /// The date of the next update, where one is set.
    pub next_update: Option<String>,
}

/// How long nothing was done about a case.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Silence {
    /// What its priority allows: `1-2 business days`.
    pub window: String,
    /// What was done last: `a note was written`; empty where that is not known.
    pub last: String,
    /// When, in words.
    pub at: String,
}

/// One bounced address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The recipient whom our mail did not reach.
    pub address: String,
    /// The enhanced status code (RFC 3463), where the report gives one.
    pub status: Option<String>,
}

/// One command, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CommandOutcome {
    /// The command as it was written.
    pub command: String,
    /// Whether it was carried out.
    pub done: bool,
    /// What it did, or why not and how to mend it.
    pub outcome: String,
}

/// One command of the list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CommandUsage {
    /// How it is written.
    pub usage: String,
    /// What it does.
    pub does: String,
    /// A line that works.
    pub example: String,
}

word_enum! {
    /// What a notice, a nudge or a breach tells staff.
    About {
        /// An urgent request came in.
        Urgent = "urgent",
        /// A held message was not touched until the next business day's opening.
        Held = "held",
        /// Mail to a requester came back for good.
        Bounced = "bounced",
        /// Mail to a requester is delayed.
        Delayed = "delayed",
        /// A mail was given up, or may have been lost on its way.
        Undelivered = "undelivered",
        /// Nobody is there to work a case.
        Unassigned = "unassigned",
        /// Somebody who is not a participant wrote about a case.
        Stranger = "stranger",
        /// The response clock.
        Response = "response",
        /// The update clock.
        Update = "update",
        /// A pause without an end.
        Pause = "pause",
        /// The day until which a case was to wait.
        Waiting = "waiting",
        /// Nothing was done about a case for as long as its priority allows.
        FollowUp = "follow_up",
        /// A case that its supervisor is to give to somebody.
        GiveOn = "give_on",
        /// The open cases of one member of staff.
        Worklist = "worklist",
        /// A case climbed a step of the ladder, or its requester asks for a supervisor.
        Escalated = "escalated",
        /// What was asked becomes no case: a note to whoever does it.
        Note = "note",
        /// An entry of a list.
        Listed = "listed",
        /// Anything else: the words say it.
        Other = "other",
    }
}

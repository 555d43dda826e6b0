//! `Desk`: a policy file made total. What it does not know it refuses, in words that teach the fix.
//!
//! The types here are the policy language; every key is documented on its field and in docs/policy.md. Reading and
//! checking a file is in [`mod@load`], what is odd about a desk that loads in [`mod@warnings`], the desks that the binary
//! carries are in [`shipped`].

pub mod access;
mod breaker;
mod fault;
mod fields;
mod general;
mod groups;
mod identity;
mod issue_types;
mod issues;
pub mod keys;
mod ladder;
mod lines;
pub mod load;
mod mail_subject;
mod needs;
mod opening;
pub mod people;
mod pointers;
mod priorities;
mod privacy;
pub mod promises;
mod reader;
mod records;
mod roster;
pub mod secure;
pub mod shipped;
pub mod sides;
pub mod sources;
mod templates;
mod topics;
mod values;
mod vocabulary;
pub mod warnings;

pub use breaker::Breaker;
pub use fault::{DeskError, DeskErrors};
pub use fields::label_key;
pub use issue_types::{Give, IssueType, IssueTypes, OpenedBy, TypeSource, WrongWhen};
pub use issues::{Associations, Issues};
pub use ladder::{DoneBy, Ladder, Stage, Step, StepTo};
pub use lines::squash;
pub use load::{load, load_all, parse};
pub use needs::{OneOf, When};
pub use pointers::Pointers;
pub use priorities::{Priorities, Priority};
pub use privacy::Privacy;
pub use records::{KeptList, NoteTo};
pub use secure::{GatewayMark, Partner, Secure, SecureWay, TagPosition};
pub use sides::{Side, Sides};
pub use templates::OwnTemplates;
pub use warnings::warnings;

use crate::address::EmailAddress;
use crate::calendar::{Calendar, Season, Span};
use crate::words::LineId;
use crate::words::numbers::Numbering;
use regex::Regex;
use std::sync::Arc;

/// One support program: a shared mailbox with its policy, staff, calendar and templates.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Where partners outside sign in to read what waits for them, without a slash at the end; `None`: no portal is served,
    /// and no link to one is minted. Not of the policy: who serves the desk sets it.
    pub portal: Option<Arc<str>>,
    /// The file's name without `.toml`; the desk's id everywhere.
    pub id: String,
    /// What mails call the desk: `Agent Retail Service Ops. Support`.
    pub name: String,
    /// Who answers, as mails name them: `Customer Care Specialist`.
    pub specialist_title: String,
    /// The desk's own mailbox: `From` of all its mail.
    pub address: EmailAddress,
    /// Other addresses that reach the same mailbox; mail from them is our own.
    pub own_addresses: Vec<EmailAddress>,
    /// Domains whose requesters are not external; a domain counts with its subdomains.
    pub internal_domains: Vec<String>,
    /// Mailing lists that the desk itself is delivered through: `List-Id`s or posting addresses, lower case.
    pub own_lists: Vec<String>,
    /// The prefix of case numbers and tags: `RSOS`.
    pub prefix: String,
    /// How case numbers are written.
    pub numbering: Numbering,
    /// Whether the same request again is attached to its open case (`attach`); else it opens a case that links the other
    /// (`link`).
    pub attaches_duplicates: bool,
    /// Whether a returned request bears a case number already, which its case keeps.
    pub numbers_returns: bool,
    /// Groups of fields, by id, that together identify a member. The first group of which two requests give all values
    /// says whether they are about the same one.
    pub identified_by: Vec<Vec<String>>,
    /// What counts as personal data, and what is done about it.
    pub privacy: Privacy,
    /// The header that marks spam, as `Name: value`; compared without regard to case.
    pub spam_header: Option<(String, String)>,
    /// Business time.
    pub calendar: Calendar,
    /// When cases are assigned, local time.
    pub assign_at: jiff::civil::Time,
    /// When the digest goes out, local time.
    pub digest_at: jiff::civil::Time,
    /// What the digest tells of members.
    pub digest_shows: DigestShows,
    /// How long things may take.
    pub clocks: Clocks,
    /// Seasons that lengthen clocks.
    pub seasons: Vec<Season>,
    /// Whether staff who change a case's status must write in the same mail or form what was done.
    pub status_needs_note: bool,
    /// Numbers that hold and withhold.
    pub limits: Limits,
    /// Lines of business, or the queues of a desk without lines; at least one.
    pub lines: Vec<Line>,
    /// Whether `lines` are queues: requesters never name them, a request's type leads to one.
    pub has_queues: bool,
    /// Types of issue.
    pub types: IssueTypes,
    /// Priorities.
    pub priorities: Priorities,
    /// Of which fields at least one is needed.
    pub one_of: Vec<OneOf>,
    /// How many issues one mail may hold.
    pub issues: Issues,
    /// Who may ask about which case of the organisation's.
    pub associations: Associations,
    /// How the subject is read.
    pub subject: SubjectPolicy,
    /// What the body must say.
    pub fields: Vec<Field>,
    /// Values that say nothing: matched whole, folded.
    pub placeholders: Vec<String>,
    /// Whether free text is read too (`prose = true`).
    pub prose: bool,
    /// How a case is escalated.
    pub ladder: Ladder,
    /// What shows how far a case has come.
    pub stages: Vec<Stage>,
    /// Lists that are kept besides cases.
    pub lists: Vec<KeptList>,
    /// What is out of scope, and where to take it.
    pub topics: Vec<Topic>,
    /// Words of the desk at the end of its mails to requesters.
    pub pointers: Pointers,
    /// What counts as in scope, for judging a sentence.
    pub scope: ScopeWords,
    /// What makes a request urgent.
    pub urgency: Urgency,
    /// Who works here.
    pub staff: Vec<Staff>,
    /// How external partners read what has content.
    pub secure: Secure,
    /// Who is external besides what the internal domains say.
    pub sides: Sides,
    /// When automatic mail stops by itself.
    pub breaker: Breaker,
    /// Templates that replace the shipped ones, as they were when the policy was read.
    pub templates: Option<std::sync::Arc<OwnTemplates>>,
    /// A short hash of the policy file and its words file, for the trace.
    pub version: String,
}

/// What the digest tells of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DigestShows {
    /// Case numbers alone.
    #[default]
    Numbers,
    /// Members' names beside them, as the cases' subjects have them.
    Names,
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// From acceptance to a specialist's answer.
    pub respond: Span,
    /// From one update to the next.
    pub update: Span,
}

/// Numbers that hold and withhold (POLICY.md, Limits). A day is the last 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Business days after which a silent pending request is closed.
    pub pending_days: u32,
    /// Business days in which a reply reopens a resolved case; 0: never.
    pub reopen_days: u32,
    /// The message with the same own words from one sender in a day that is held.
    pub same_words: u32,
    /// More messages than this in a day that would each get an automatic reply under one subject are held.
    pub same_subject: u32,
    /// More messages than this to one case in a day are held.
    pub a_case: u32,
    /// More messages than this from one sender in a day are held.
    pub a_sender: u32,
    /// Automatic replies to one sender in a day; past it they are withheld.
    pub replies: u32,
    /// More messages in a row than this that are sent back one after the other are held.
    pub sent_back: u32,
    /// More messages in a row than this of one organisational domain that are sent back are held.
    pub domain_sent_back: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_days: 10,
            reopen_days: 10,
            same_words: 3,
            same_subject: 5,
            a_case: 20,
            a_sender: 500,
            replies: 50,
            sent_back: 10,
            domain_sent_back: 30,
        }
    }
}

/// A line of business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id: `medicare`.
    pub id: LineId,
    /// How it is shown, and the first of the names that are exact in a subject: `Medicare`.
    pub name: String,
    /// Other names that mean the line in a subject or a label; repaired and shown canonically.
    pub synonyms: Vec<String>,
    /// Words that in a sentence mean a policy of this line, besides the names.
    pub words: Vec<String>,
    /// What the line is called when speaking of its phone: `Individual (HumanaOne)`.
    pub title: String,
    /// The phone for access-to-care and time-critical issues; a queue may have none.
    pub phone: Option<String>,
    /// Supervisors' addresses, as listed under `staff`.
    pub supervisors: Vec<EmailAddress>,
}

/// How a subject is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectPolicy {
    /// Whether a subject is `Last, First Line`; else nothing is asked of it, and its words are read with the body's.
    pub is_template: bool,
    /// The subject of the mails of a case, where subjects are free: field ids, `type` and `priority` in braces. `None`: the
    /// requester's own.
    pub mail: Option<String>,
    /// `repair` or `strict`.
    pub tolerance: Tolerance,
    /// Reply and forward marks (`re`, `aw`, …), without the colon, lower case.
    pub reply_marks: Vec<String>,
    /// Gateway tags (`[EXTERNAL]`, `CAUTION:` …), folded.
    pub gateway_tags: Vec<String>,
    /// What our own secure gateways are told by in subjects, as it is written: dropped at either end.
    pub own_tags: Vec<String>,
    /// Suffixes of names (`Jr`, `Sr`, `III` …), without dots.
    pub suffixes: Vec<String>,
    /// Words that may stand around a line or a name in a subject without being part of either (`member`, `urgent`, `plan` …), folded.
    pub noise: Vec<String>,
    /// Labels that name a line explicitly in the body: `Line`, `Plan`, `Policy type`, `Product`.
    pub line_labels: Vec<String>,
    /// Groups of given names that are one: each holds a name and its nicknames, folded.
    pub nicknames: Vec<Vec<String>>,
}

/// Whether a subject is repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tolerance {
    /// What can be read without guessing is accepted.
    #[default]
    Repair,
    /// Everything that is not the template is returned.
    Strict,
}

/// What a field is for; the engine knows roles, never ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    /// The requester's name.
    RequesterName,
    /// The requester's identity (SAN, NPN, DOI number): may be read from a labelled signature line.
    RequesterId,
    /// The member's id.
    MemberId,
    /// The member's name; the subject's name fills it.
    MemberName,
    /// An earlier reference.
    Reference,
    /// The issue: runs on over lines.
    Summary,
    /// The type of the issue.
    Type,
    /// The priority that is asked for.
    Priority,
    /// Why that priority.
    PriorityReason,
    /// Any other.
    Other,
}

/// One body field.
#[derive(Clone, Debug)]
pub struct Field {
    /// The id in JSON and reasons: `member_id`.
    pub id: String,
    /// The label as mails show it: `Member ID #`.
    pub label: String,
    /// What it is for.
    pub role: FieldRole,
    /// Whether a request without it is returned.
    pub required: bool,
    /// When it is required, where it is not always.
    pub when: Option<When>,
    /// Other labels, as people write them.
    pub aliases: Vec<String>,
    /// What a value must be once `drop` is dropped; anchored at both ends. `None`: anything that is no placeholder.
    pub pattern: Option<Regex>,
    /// Dropped before the pattern is tried: characters and leading words, without regard to case (`SAN`, `#`, `-`, ` `).
    pub drop: Vec<String>,
    /// At least so many digits.
    pub min_digits: usize,
    /// At least so many words.
    pub min_words: usize,
    /// What a value may be: each group holds the words of one choice. None: anything.
    pub choices: Vec<Vec<String>>,
    /// Phrases by which free text gives it, on desks that read prose: the sentence is the value.
    pub phrases: Vec<String>,
    /// Phrases right before which a sentence begins with it, for names: "Ann Lee here".
    pub behind: Vec<String>,
    /// What a good value is, for the return mail: `4 to 10 digits`.
    pub hint: Option<String>,
    /// An invented value, for the page that tells requesters how to write.
    pub example: Option<String>,
    /// Whether its value tells of the issue: where not, its words are no sign of a type (the name of a company).
    pub tells: bool,
    /// Whether its phrases give the words that they match, rather than the sentence around them.
    pub gives_words: bool,
    /// Whether its value is member data; what is not may stand in any mail to the requester.
    pub private: bool,
}

/// What is out of scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its id in JSON: `commission`.
    pub id: String,
    /// How a mail calls it: `commission questions`.
    pub title: String,
    /// Where to take it, as a sentence of the desk's; Markdown.
    pub guidance: String,
    /// The address it names, where there is one.
    pub address: Option<EmailAddress>,
    /// Whether the guidance is the neutral one as shipped: `check` warns until the desk fills it in.
    pub neutral: bool,
    /// Whether the topic is another kind of plan, not a kind of question: what is asked about such a plan is out of
    /// scope whatever it is, so that words of work beside its name (`card`, `claim`) do not bring it into scope.
    pub plan: bool,
    /// Phrases that ask for it; `*` stands for up to three words, `a|b` for one of several.
    pub phrases: Vec<String>,
    /// Phrases that look like it and are not; written like `phrases`.
    pub except: Vec<String>,
    /// Single words or short names that ask for this topic where the line belongs in a subject. In a sentence they
    /// only mention it: they ask for it together with a way of asking, or as a bare note.
    pub names: Vec<String>,
    /// To whom a note about what is asked goes: it becomes no case.
    pub note_to: NoteTo,
    /// The list on which it is entered.
    pub log: Option<String>,
}

/// What counts as in scope, sentence by sentence. All are phrases: `*` stands for up to three words, `a|b` for one of several.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeWords {
    /// Whether the small model may turn a redirect or a rejection into an acceptance: it was trained on requests of one kind of
    /// desk, and knows nothing of others.
    pub model: bool,
    /// Nouns and phrases of work that this desk does (`claim`, `id card`, `bill` …).
    pub in_scope: Vec<String>,
    /// Words of such work that also stand around what is out of scope (`enrollment`, `application`, `effective date` …):
    /// they count only in a sentence that asks for no topic.
    pub loose: Vec<String>,
    /// Words of a request that take the matter of the sentence before (`status`, `approved`, `payment` …): where that is
    /// a topic they ask for it, else they count like `loose`.
    pub faint: Vec<String>,
    /// Ways of asking (`please`, `can you`, `need`, `why` …).
    pub asks: Vec<String>,
    /// Ways of saying that something is wrong (`never`, `denied`, `by mistake` …).
    pub problems: Vec<String>,
    /// Words of a request that say nothing about its matter (`advise`, `research`, `thank you` …).
    pub generic: Vec<String>,
    /// Ways of denying or setting aside (`not a`, `this is not about` …).
    pub denials: Vec<String>,
    /// Ways of telling history or context (`used to have`, `ended`, `her husband` …).
    pub context: Vec<String>,
    /// Ways of saying that something is done or well (`went through`, `is active` …).
    pub done: Vec<String>,
    /// Words that negate what follows (`not`, `never` …): what is `done` behind one is not.
    pub negations: Vec<String>,
    /// Ways of saying that nothing is asked on what is named (`leave alone`, `no changes`, `never had`): a line in such
    /// a clause is not asked about anywhere in the message.
    pub untouched: Vec<String>,
    /// Ways of asking for several at once (`both`, `each of them`).
    pub together: Vec<String>,
    /// Words behind which a name is part of an address (`road`, `street`).
    pub streets: Vec<String>,
    /// Names of the desk's own organisation and policies: a sentence with one is not about another kind of plan.
    pub own: Vec<String>,
}

/// What makes a request urgent. All are phrases: `*` stands for up to three words, `a|b` for one of several.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Urgency {
    /// Phrases that say that care is blocked or hours matter.
    pub phrases: Vec<String>,
    /// Phrases that say so although they hold a phrase of `except` (`in the emergency room`); one that begins before
    /// them still counts (`works in the emergency room`).
    pub surely: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
    /// Words of what is over or is only about money (`last year`, `bill` …): a sentence with one is not urgent,
    /// unless it also holds one of `now`.
    pub over: Vec<String>,
    /// Words that bring such a sentence back (`today`, `right now` …).
    pub now: Vec<String>,
}

/// What a member of staff does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works cases.
    Specialist,
    /// Manages a line, or the desk where no lines are given; reads the digest.
    Supervisor,
    /// Stands in for a supervisor.
    Deputy,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Name, as colleagues and mails say it.
    pub name: String,
    /// Address; never told to a requester.
    pub email: EmailAddress,
    /// What they do.
    pub role: Role,
    /// Their lines; none for a supervisor means the desk.
    pub lines: Vec<LineId>,
    /// Whom a deputy stands in for, by address.
    pub deputy_for: Vec<EmailAddress>,
    /// Days away, both included.
    pub absent: Vec<Absence>,
}

/// Days away, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// First day.
    pub from: jiff::civil::Date,
    /// Last day.
    pub to: jiff::civil::Date,
}

impl Desk {
    /// The desk's day at an instant.
    pub fn day(&self, at: jiff::Timestamp) -> jiff::civil::Date {
        self.calendar.local(at).date()
    }

    /// The line with this id.
    pub fn line(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == *id)
    }

    /// The first field with this role.
    pub fn field_of(&self, role: FieldRole) -> Option<&Field> {
        self.fields.iter().find(|field| field.role == role)
    }

    /// The field with this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The topic with this id.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == id)
    }

    /// The member of staff with this address.
    pub fn staff_member(&self, address: &EmailAddress) -> Option<&Staff> {
        self.staff.iter().find(|staff| staff.email == *address)
    }

    /// Whether mail from this address is the desk's own.
    pub fn is_own_address(&self, address: &EmailAddress) -> bool {
        self.address == *address || self.own_addresses.contains(address)
    }

    /// Which parts of what a desk is made from differ from `other`'s: `policy` (with its words), `calendar`,
    /// `templates`, `roster`.
    pub fn parts_other_than(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            (self.version != other.version, "policy"),
            (self.calendar.version() != other.calendar.version(), "calendar"),
            (self.templates != other.templates, "templates"),
            (self.sides != other.sides || self.associations.known != other.associations.known, "roster"),
        ];
        differs.into_iter().filter_map(|(differs, part)| differs.then_some(part)).collect()
    }

    /// A policy file that says nothing is complete in this sense: subjects read `Last, First Line`, as the template shows it to people.
    pub fn subject_template(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        format!("Last, First {}", lines.join("|"))
    }
}

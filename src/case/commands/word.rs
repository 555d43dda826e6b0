//! The command words: how they are recognised, and what each is carried out on.

use crate::strict;
use crate::words::word_enum;

word_enum! {
    /// Every command, in the order of the help.
    Word {
        /// `#resolve [TEXT]`
        Resolve = "resolve",
        /// `#note TEXT`
        Note = "note",
        /// `#update TEXT`
        Update = "update",
        /// `#next-update DATE`
        NextUpdate = "next-update",
        /// `#pause [until DATE]`
        Pause = "pause",
        /// `#resume`
        Resume = "resume",
        /// `#assign NAME` and `#assign NAME all from OTHER`
        Assign = "assign",
        /// `#priority WORD`
        Priority = "priority",
        /// `#waiting internal|external [until DATE]`
        Waiting = "waiting",
        /// `#opportunity coaching|training|communication|process TEXT`
        Opportunity = "opportunity",
        /// `#line LINE`
        Line = "line",
        /// `#field NAME=VALUE`
        Field = "field",
        /// `#escalate [TEXT]`
        Escalate = "escalate",
        /// `#list LIST [TEXT]`, and `#LIST [TEXT]` by the id of a list
        List = "list",
        /// `#return TEXT`
        Return = "return",
        /// `#redirect TOPIC`
        Redirect = "redirect",
        /// `#accept [LINE]`
        Accept = "accept",
        /// `#split`
        Split = "split",
        /// `#merge CASE`
        Merge = "merge",
        /// `#for ADDRESS`
        For = "for",
        /// `#out FROM..TO`
        Out = "out",
        /// `#help`
        Help = "help",
    }
}

word_enum! {
    /// What a command is carried out on.
    Concerns {
        /// A case.
        Case = "case",
        /// A message that was held, returned or redirected, and became no case.
        Undecided = "undecided",
        /// Either of the two.
        CaseOrUndecided = "case_or_undecided",
        /// Neither: it needs no case.
        Nothing = "nothing",
    }
}

/// Words that people write for a command, and the command line that they should have written. They are never carried
/// out: they only lead to the nearest.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("close", "resolve"),
    ("closed", "resolve"),
    ("done", "resolve"),
    ("finish", "resolve"),
    ("complete", "resolve"),
    ("completed", "resolve"),
    ("solved", "resolve"),
    ("comment", "note"),
    ("internalnote", "note"),
    ("memo", "note"),
    ("due", "next-update"),
    ("followup", "next-update"),
    ("remind", "next-update"),
    ("snooze", "pause"),
    ("hold", "pause"),
    ("stop", "pause"),
    ("continue", "resume"),
    ("unpause", "resume"),
    ("start", "resume"),
    ("reassign", "assign"),
    ("transfer", "assign"),
    ("owner", "assign"),
    ("urgent", "priority urgent"),
    ("wait", "waiting"),
    ("internal", "waiting internal"),
    ("external", "waiting external"),
    ("pending", "waiting"),
    ("coaching", "opportunity coaching"),
    ("training", "opportunity training"),
    ("communication", "opportunity communication"),
    ("process", "opportunity process"),
    ("supervisor", "escalate"),
    ("ladder", "escalate"),
    ("step", "escalate"),
    ("set", "field"),
    ("reject", "return"),
    ("sendback", "return"),
    ("outofscope", "redirect"),
    ("forward", "redirect"),
    ("approve", "accept"),
    ("take", "accept"),
    ("duplicate", "merge"),
    ("join", "merge"),
    ("attach", "merge"),
    ("new", "for"),
    ("open", "for"),
    ("absent", "out"),
    ("away", "out"),
    ("vacation", "out"),
    ("ooo", "out"),
    ("commands", "help"),
];

impl Word {
    /// The command written as `word`; case, dashes and underscores do not matter.
    pub fn read(word: &str) -> Option<Self> {
        let squashed = squash(word);
        let is = |known: &Self| known.as_str().bytes().filter(|b| *b != b'-').eq(squashed.bytes());
        Self::ALL.iter().copied().find(is)
    }

    /// The command line that `word`, which is no command, was most likely meant to be.
    pub fn nearest(word: &str) -> Option<&'static str> {
        let squashed = squash(word);
        if let Some((_, meant)) = OTHER_WORDS.iter().find(|(other, _)| *other == squashed) {
            return Some(meant);
        }
        let first = word.split(['-', '_']).next().unwrap_or_default();
        Self::read(first)
            .map(Self::as_str)
            .or_else(|| strict::nearest(word, Self::ALL.iter().map(|known| known.as_str())))
    }

    /// What it is carried out on.
    pub fn concerns(self) -> Concerns {
        match self {
            Self::For | Self::Out | Self::Help => Concerns::Nothing,
            Self::Accept => Concerns::Undecided,
            Self::Note | Self::Return | Self::Redirect | Self::Merge => Concerns::CaseOrUndecided,
            Self::Resolve
            | Self::Update
            | Self::NextUpdate
            | Self::Pause
            | Self::Resume
            | Self::Assign
            | Self::Priority
            | Self::Waiting
            | Self::Opportunity
            | Self::Line
            | Self::Field
            | Self::Escalate
            | Self::List
            | Self::Split => Concerns::Case,
        }
    }

    /// Whether its words run on over the following lines.
    pub fn runs_on(self) -> bool {
        matches!(
            self,
            Self::Resolve | Self::Note | Self::Update | Self::Opportunity | Self::Escalate | Self::List | Self::Return
        )
    }
}

/// Letters and digits in lower case.
fn squash(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

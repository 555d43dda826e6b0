//! The list of commands for people, with examples in the desk's own words.

use super::dates::month_slash_day;
use super::lookup::priorities;
use super::{Command, Concerns, Word};
use crate::desk::{Desk, Role};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// One command, explained.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CommandHelp {
    /// How it is written: `#assign NAME`. Words in capitals are the sender's to fill in, brackets may be left out.
    pub usage: String,
    /// What it does, in one sentence.
    pub does: &'static str,
    /// A line that works on this desk.
    pub example: String,
}

/// Every command that a member of staff with this role may use, in the order of the policy.
pub fn help(desk: &Desk, role: Role, now: Timestamp) -> Vec<CommandHelp> {
    let mut list = Vec::with_capacity(Word::ALL.len() + 1);
    for word in Word::ALL.iter().copied() {
        if !is_of(desk, word) {
            continue;
        }
        list.push(CommandHelp { usage: usage(word), does: does(word), example: example(desk, word, now) });
        let everybodys = everybodys_example(desk);
        if word == Word::Assign && everybodys.1.is_for(role) {
            list.push(CommandHelp {
                usage: "#assign NAME all from OTHER".to_owned(),
                does: "gives all open cases of one colleague to another",
                example: everybodys.0,
            });
        }
    }
    list
}

/// Whether the desk's policy has something for the command to work on.
pub fn is_of(desk: &Desk, word: Word) -> bool {
    match word {
        Word::Redirect => !desk.topics.is_empty(),
        Word::Escalate => !desk.ladder.steps.is_empty() || desk.ladder.kind.is_some(),
        Word::List => !desk.lists.is_empty(),
        _ => true,
    }
}

/// The commands for a case in one line, for the mail that hands it over.
pub fn one_line(desk: &Desk) -> String {
    let on_a_case = |word: &&Word| matches!(word.concerns(), Concerns::Case | Concerns::CaseOrUndecided);
    let words = Word::ALL.iter().filter(on_a_case).filter(|word| is_of(desk, **word)).chain([&Word::Help]);
    words.map(|word| usage(*word)).collect::<Vec<String>>().join(", ")
}

/// How a command is written.
pub fn usage(word: Word) -> String {
    let behind = match word {
        Word::Resolve | Word::Escalate => " [TEXT]",
        Word::List => " LIST [TEXT]",
        Word::Note | Word::Update | Word::Return => " TEXT",
        Word::NextUpdate => " DATE",
        Word::Pause => " [until DATE|for SPAN]",
        Word::Assign => " NAME",
        Word::Priority => " WORD",
        Word::Waiting => " internal|external [until DATE|for SPAN]",
        Word::Opportunity => " coaching|training|communication|process TEXT",
        Word::Line => " LINE",
        Word::Field => " NAME=VALUE",
        Word::Redirect => " TOPIC",
        Word::Accept => " [LINE]",
        Word::Merge => " CASE",
        Word::For => " ADDRESS",
        Word::Out => " FROM..TO",
        Word::Resume | Word::Split | Word::Help => "",
    };
    format!("#{word}{behind}")
}

fn does(word: Word) -> &'static str {
    match word {
        Word::Resolve => "closes the case; the closing mail to the requester says what was done",
        Word::Note => "keeps a note for staff, which never goes to the requester",
        Word::Update => "gives the words of the next update to the requester",
        Word::NextUpdate => "sets when the next update is due",
        Word::Pause => "stops the clocks, until a date or until they are let go on",
        Word::Resume => "lets the clocks go on",
        Word::Assign => "gives the case to a colleague",
        Word::Priority => "sets the priority",
        Word::Waiting => {
            "shows that the case waits for somebody inside or outside, until a date or for what they said, such as 5-7 business days"
        }
        Word::Opportunity => "records something that could be better next time, with agent and topic",
        Word::Line => "moves the case to another line, with its supervisor and its subject",
        Word::Field => "corrects a field of the request",
        Word::Escalate => "takes the next step of the ladder, and makes a case of an inquiry; the requester is told",
        Word::List => "puts the case on a list that the desk keeps",
        Word::Return => "sends the request back to the requester with your words",
        Word::Redirect => "tells the requester where to take what this desk does not do",
        Word::Accept => "accepts what was held, returned or redirected",
        Word::Split => "makes the newest message of the case a case of its own",
        Word::Merge => "joins this with another case",
        Word::For => "opens a case by hand for somebody who called; your mail is the request",
        Word::Out => "says when you are away; nothing is assigned to you then",
        Word::Help => "sends this list",
    }
}

/// A line with `word` that works on this desk at `now`.
pub fn example(desk: &Desk, word: Word, now: Timestamp) -> String {
    let today = desk.calendar.local(now).date();
    let day = desk.calendar.next_business_day(today.saturating_add(8.days()));
    let line = desk.lines.first().map_or("LINE", |line| line.name.as_str());
    let behind = match word {
        Word::Resolve => "A new card was sent on Monday.".to_owned(),
        Word::Note => "Called billing, they look into it.".to_owned(),
        Word::Update => "We have asked billing and expect their answer this week.".to_owned(),
        Word::NextUpdate => month_slash_day(day),
        Word::Pause => format!("until {}", month_slash_day(day)),
        Word::Assign => colleague(desk, 0),
        Word::Priority => priorities(desk).first().copied().unwrap_or_default().to_owned(),
        Word::Waiting => format!("external until {}", month_slash_day(day)),
        Word::Opportunity => "training The form was filled in for the wrong line.".to_owned(),
        Word::Line => line.to_owned(),
        Word::Field => field(desk),
        Word::Escalate => "The answer did not settle it.".to_owned(),
        Word::List => desk.lists.first().map_or("LIST", |list| list.id.as_str()).to_owned(),
        Word::Return => "Please send us the number on the letter.".to_owned(),
        Word::Redirect => desk.topics.first().map_or("TOPIC", |topic| topic.id.as_str()).to_owned(),
        Word::Accept => line.to_owned(),
        Word::Merge => desk.numbering.example().0,
        Word::For => "jane.smith@example.com".to_owned(),
        Word::Out => range(day),
        Word::Resume | Word::Split | Word::Help => String::new(),
    };
    format!("#{word} {behind}").trim_end().to_owned()
}

/// The first specialists' names, by address where two share one.
fn colleague(desk: &Desk, place: usize) -> String {
    let specialists = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
    let Some(staff) = specialists.chain(&desk.staff).nth(place) else { return "NAME".to_owned() };
    let same = desk.staff.iter().filter(|other| other.name == staff.name).count();
    if same > 1 { staff.email.to_string() } else { staff.name.clone() }
}

fn everybodys_example(desk: &Desk) -> (String, Command) {
    let address =
        |place: usize| desk.staff.get(place).map_or_else(|| desk.address.clone(), |staff| staff.email.clone());
    let command = Command::AssignAll { to: address(0), from: address(1) };
    (format!("#assign {} all from {}", colleague(desk, 0), colleague(desk, 1)), command)
}

fn field(desk: &Desk) -> String {
    let with_hint = desk.fields.iter().find(|field| field.role == crate::desk::FieldRole::Reference);
    let id = with_hint.or(desk.fields.first()).map_or("NAME", |field| field.id.as_str());
    format!("{id}=12345678")
}

fn range(first: Date) -> String {
    let last = first.saturating_add(4.days());
    format!("{}..{}", month_slash_day(first), month_slash_day(last))
}

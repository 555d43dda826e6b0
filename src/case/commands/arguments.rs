//! The arguments of each command.

use super::dates::{self, Moment};
use super::lines::{CommandLine, inner_command};
use super::lookup::{self, Fault, plain, quoted, trimmed};
use super::{Command, OpportunityKind, PromisedDate, Situation, WaitingOn, Word, absence, help, people};
use crate::calendar::Span;
use crate::strict;

/// Longer arguments, in bytes, name nothing and are no date; words for people may be longer.
const LONGEST_ARGUMENT: usize = 2_000;

/// Reads the words behind `word`.
pub(super) fn read(situation: &Situation<'_>, word: Word, line: &CommandLine) -> Result<Command, Fault> {
    let rest = line.rest.as_str();
    if let Some(inner) = inner_command(rest).filter(|_| word != Word::Help) {
        return Err(Fault::new(format!(
            "Each command stands on a line of its own, and `#{inner}` stands inside this one."
        )));
    }
    if rest.len() > LONGEST_ARGUMENT && !word.runs_on() && word != Word::Field {
        return Err(Fault::new(format!("What stands behind `#{word}` is far too long.")));
    }
    let desk = situation.desk;
    match word {
        Word::Resolve if rest.is_empty() => Ok(Command::Resolve(None)),
        Word::Resolve => text(word, rest).map(|text| Command::Resolve(Some(text))),
        Word::Escalate if rest.is_empty() => Ok(Command::Escalate(None)),
        Word::Escalate => text(word, rest).map(|text| Command::Escalate(Some(text))),
        Word::List => lookup::list_and_text(desk, rest, named_by(line)),
        Word::Note => text(word, rest).map(Command::Note),
        Word::Update => text(word, rest).map(Command::Update),
        Word::Return => text(word, rest).map(Command::Return),
        Word::NextUpdate => promise(situation, rest).map(Command::NextUpdate),
        Word::Pause => until(situation, rest).map(|until| Command::Pause { until }),
        Word::Resume => nothing(word, rest).map(|()| Command::Resume),
        Word::Split => nothing(word, rest).map(|()| Command::Split),
        Word::Help => help_about(rest),
        Word::Assign => assign(situation, rest),
        Word::Priority => lookup::priority(desk, rest).map(Command::Priority),
        Word::Waiting => waiting(situation, rest),
        Word::Opportunity => opportunity(rest),
        Word::Line => lookup::line(desk, rest).map(Command::Line),
        Word::Field => lookup::field_and_value(desk, rest).map(|(id, value)| Command::Field { id, value }),
        Word::Redirect => lookup::topic(desk, rest).map(Command::Redirect),
        Word::Accept if trimmed(rest).is_empty() => Ok(Command::Accept(None)),
        Word::Accept => lookup::line(desk, rest).map(|line| Command::Accept(Some(line))),
        Word::Merge => lookup::case_number(desk, rest).map(Command::Merge),
        Word::For => requester(situation, rest),
        Word::Out => absence::read(situation, rest),
    }
}

/// The list by whose id the command itself was called, if it was.
fn named_by(line: &CommandLine) -> Option<&str> {
    (Word::read(&line.name) != Some(Word::List)).then_some(line.name.as_str())
}

/// Words for people. The word of the help that stands for them is no text.
fn text(word: Word, rest: &str) -> Result<String, Fault> {
    let bare = trimmed(rest);
    if !rest.chars().any(char::is_alphanumeric) {
        return Err(Fault::new(format!(
            "The words behind `#{word}` are missing: they stand on the same line or right below it."
        )));
    }
    if bare == "TEXT" {
        return Err(Fault::new("`TEXT` stands for your own words."));
    }
    Ok(rest.to_owned())
}

fn nothing(word: Word, rest: &str) -> Result<(), Fault> {
    if trimmed(rest).is_empty() {
        return Ok(());
    }
    Err(Fault::new(format!("`#{word}` stands alone on its line, and {} is not understood.", quoted(rest))))
}

/// `#help`, or `#help` with the name of a command.
fn help_about(rest: &str) -> Result<Command, Fault> {
    let about = trimmed(rest).trim_start_matches('#');
    match about.is_empty() || Word::read(about).is_some() {
        true => Ok(Command::Help),
        false => nothing(Word::Help, rest).map(|()| Command::Help),
    }
}

fn assign(situation: &Situation<'_>, rest: &str) -> Result<Command, Fault> {
    let assignment = people::assignment(situation, rest)?;
    let command = match assignment.all_from {
        None => Command::Assign(assignment.to),
        Some(from) => Command::AssignAll { to: assignment.to, from },
    };
    if !command.is_for(situation.sender.role) {
        return Err(Fault::new("Only a supervisor or a deputy can reassign all cases of somebody."));
    }
    Ok(command)
}

/// A date on which something is due: POLICY.md, Clocks, "Unless otherwise advised".
fn promise(situation: &Situation<'_>, rest: &str) -> Result<PromisedDate, Fault> {
    let (calendar, now) = (&situation.desk.calendar, situation.now);
    let Moment { day, time } = dates::read(calendar, rest, now)?;
    let today = calendar.local(now).date();
    let asked = match day {
        Some(day) => dates::resolve(calendar, day, today, now)?,
        None => return Err(Fault::new("The date is missing.")),
    };
    PromisedDate::of(calendar, asked, time, now).ok_or_else(|| {
        let day = dates::month_slash_day(asked);
        match time {
            Some(_) => Fault::new(format!("{} is past.", quoted(rest))),
            None => Fault::new("Without a time of day the opening is meant, and today's opening is past.")
                .near(Some(format!("{day} 4pm"))),
        }
    })
}

/// The day on which a stated length of business time ends; of a range the longer end counts.
fn span_from_now(situation: &Situation<'_>, text: &str) -> Option<Result<PromisedDate, Fault>> {
    let (calendar, now) = (&situation.desk.calendar, situation.now);
    let text = trimmed(text);
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit = words.last().copied().unwrap_or_default().trim_end_matches('.');
    if !begins || !matches!(unit, "day" | "days" | "hour" | "hours" | "week" | "weeks") {
        return None;
    }
    // `5 to 7 business days`, `5 - 7 business days`.
    let text = text.trim_end_matches('.').replace(" to ", "-").replace(" - ", "-").replace('\u{2013}', "-");
    let span = match Span::parse(&text) {
        Ok(span) => span,
        Err(_) => {
            let number = text.split_whitespace().next().unwrap_or_default();
            let near = format!("{number} business days");
            let near = Span::parse(&near).is_ok().then_some(near);
            let why = format!("{} is no length of business time.", quoted(&text));
            return Some(Err(Fault::new(why).near(near)));
        }
    };
    let asked = calendar.add(now, span).local.date();
    let promised = PromisedDate::of(calendar, asked, None, now);
    Some(promised.ok_or_else(|| Fault::new("That ends today: write the time of day, `until today 4pm`.")))
}

/// Nothing, `until DATE`, or `for 5-7 business days`; the word itself may be left out.
fn until(situation: &Situation<'_>, rest: &str) -> Result<Option<PromisedDate>, Fault> {
    if trimmed(rest).is_empty() {
        return Ok(None);
    }
    let rest = plain(rest);
    let (first, date) = rest.split_once(' ').unwrap_or((&rest, ""));
    let is_span = matches!(first, "for" | "in" | "within");
    if let Some(span) = span_from_now(situation, if is_span { date } else { &rest }) {
        return span.map(Some).map_err(|fault| fault.told_as_part(|near| format!("for {near}")));
    }
    let is_until = matches!(first, "until" | "till" | "til" | "'til");
    if is_until && trimmed(date).is_empty() {
        return Err(Fault::new("The date behind `until` is missing."));
    }
    let asked = promise(situation, if is_until { date } else { &rest });
    asked.map(Some).map_err(|fault| fault.told_as_part(|near| format!("until {near}")))
}

fn waiting(situation: &Situation<'_>, rest: &str) -> Result<Command, Fault> {
    let folded = plain(rest);
    let mut rest = folded.as_str();
    for word in ["on ", "for "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let Some(on) = WaitingOn::from_word(word) else {
        let why = "Whom the case waits for is missing: `internal` or `external`.";
        let near = strict::nearest(word, WaitingOn::ALL.iter().map(|on| on.as_str()));
        return Err(Fault::new(why).near(near));
    };
    let behind = behind.trim_start_matches([',', ':', ';', '.', '-', ' ']);
    let until = until(situation, behind).map_err(|fault| fault.told_as_part(|near| format!("{on} {near}")))?;
    Ok(Command::Waiting { on, until })
}

fn opportunity(rest: &str) -> Result<Command, Fault> {
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let wanted = word.to_lowercase();
    let kind = match wanted.as_str() {
        "communications" => Some(OpportunityKind::Communication),
        "trainings" => Some(OpportunityKind::Training),
        "processes" => Some(OpportunityKind::Process),
        other => OpportunityKind::from_word(other),
    };
    let Some(kind) = kind else {
        let known: Vec<&str> = OpportunityKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let why = format!(
            "The first word says what the opportunity is for: {}.",
            lookup::listed(&known).replace(" and ", " or ")
        );
        let near = strict::nearest(word, known.iter().copied());
        return Err(Fault::new(why).near(near.map(|near| format!("{near}{}", lookup::shortened(behind, 80)))));
    };
    let mark = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '.' | '-' | '\u{2013}' | '\u{2014}' | '/');
    let text = text(Word::Opportunity, behind.trim_start_matches(mark))?;
    Ok(Command::Opportunity { kind, text })
}

fn requester(situation: &Situation<'_>, rest: &str) -> Result<Command, Fault> {
    let Some((address, name)) = lookup::address(rest)? else {
        return Err(Fault::new("The address of the requester is missing."));
    };
    if situation.desk.is_own_address(&address) {
        return Err(Fault::new("That is the desk's own address: the case needs the address of who asks."));
    }
    Ok(Command::For { address, name })
}

/// The refusal of a fault in `line`: its nearest argument as a whole command line, and an example.
pub(super) fn refusal(situation: &Situation<'_>, word: Word, line: &CommandLine, fault: Fault) -> super::Refusal {
    super::Refusal {
        line: lookup::shortened(&line.line, super::parse::LONGEST_LINE_SHOWN),
        why: fault.why,
        nearest: fault.nearest.map(|nearest| format!("#{word} {nearest}")),
        example: Some(help::example(situation.desk, word, situation.now)),
    }
}

//! The arguments of each command.

use super::dates::{self, Day, Moment};
use super::lines::{CommandLine, inner_command};
use super::lookup::{self, Fault, plain, quoted, trimmed};
use super::{Command, OpportunityKind, PromisedDate, Situation, WaitingOn, Word, help, people};
use crate::strict;
use jiff::ToSpan;

/// An absence whose end has no year lasts at most so long; a longer one is probably two mistaken dates.
const LONGEST_YEARLESS_ABSENCE: i64 = 184;

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
        Word::Out => absence(situation, rest),
    }
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

/// Nothing, or `until DATE`; the word itself may be left out.
fn until(situation: &Situation<'_>, rest: &str) -> Result<Option<PromisedDate>, Fault> {
    if trimmed(rest).is_empty() {
        return Ok(None);
    }
    let rest = plain(rest);
    let (first, date) = rest.split_once(' ').unwrap_or((&rest, ""));
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

/// Days away: `FROM..TO`, `FROM to TO`, `FROM - TO`, or one day.
fn absence(situation: &Situation<'_>, rest: &str) -> Result<Command, Fault> {
    let (calendar, now) = (&situation.desk.calendar, situation.now);
    let folded = plain(rest);
    let text = folded.strip_prefix("from ").unwrap_or(&folded);
    let today = calendar.local(now).date();
    let (from, to) = sides(situation, text).map_err(Fault::far)?;
    let first = dates::resolve(calendar, from, today, now)?;
    let Some(to) = to else { return Ok(Command::Out { from: first, to: first }) };
    if let (Day::Weekday { weekday: a, .. }, Day::Weekday { weekday: b, .. }) = (from, to)
        && a == b
    {
        return Err(Fault::new("From one weekday to the same may be one day or eight: write the dates."));
    }
    let last = dates::resolve(calendar, to, first, now)?;
    if last < first {
        return Err(Fault::new(format!("The absence ends on {last}, before it begins on {first}.")));
    }
    let yearless = matches!(to, Day::Calendar { year: None, .. });
    if yearless && last > first.saturating_add(LONGEST_YEARLESS_ABSENCE.days()) {
        let why = format!("From {first} to {last} is more than half a year. If that is meant, write the year.");
        return Err(Fault::new(why).near(Some(format!("{first}..{last}"))));
    }
    Ok(Command::Out { from: first, to: last })
}

/// The days on both sides of the range, or the only one.
fn sides(situation: &Situation<'_>, text: &str) -> Result<(Day, Option<Day>), Fault> {
    let spaced = with_spaces_around_dots(text);
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let parts = |word: &&&str| matches!(**word, ".." | "-" | "to" | "through" | "thru" | "until" | "till" | "til");
    match words.iter().filter(parts).count() {
        0 => match by_hyphen(situation, text) {
            Some((from, to)) => Ok((from, Some(to))),
            None => Ok((whole_day(situation, text)?, None)),
        },
        1 => {
            let mut sides = words.split(|word| parts(&word));
            let from = sides.next().unwrap_or_default().join(" ");
            let to = sides.next().unwrap_or_default().join(" ");
            let from = whole_day(situation, &from)?;
            Ok((from, Some(end_day(situation, from, &to)?)))
        }
        _ => Err(Fault::new("The first and the last day are needed, and nothing else.")),
    }
}

/// Runs of two and more dots as words.
fn with_spaces_around_dots(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut dots = 0;
    for c in text.chars().chain(std::iter::once(' ')) {
        if c == '.' {
            dots += 1;
            continue;
        }
        match dots {
            0 => {}
            1 => spaced.push('.'),
            _ => spaced.push_str(" .. "),
        }
        dots = 0;
        spaced.push(c);
    }
    spaced
}

/// Both sides of `12/21-1/2`: the one hyphen with a day on both sides.
fn by_hyphen(situation: &Situation<'_>, text: &str) -> Option<(Day, Day)> {
    let hyphens: Vec<usize> = text.match_indices('-').map(|(place, _)| place).take(8).collect();
    let mut found = hyphens.into_iter().filter_map(|place| {
        let (from, to) = (text.get(..place)?, text.get(place + 1..)?);
        let from = whole_day(situation, from).ok()?;
        Some((from, end_day(situation, from, to).ok()?))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn whole_day(situation: &Situation<'_>, text: &str) -> Result<Day, Fault> {
    let moment = dates::read(&situation.desk.calendar, text, situation.now)?;
    match moment {
        Moment { day: Some(day), time: None } => Ok(day),
        Moment { time: Some(_), .. } => Err(Fault::new("An absence is of whole days, without a time of day.")),
        Moment { day: None, .. } => Err(Fault::new("The first and the last day away are needed.")),
    }
}

/// The last day; `Dec 21-31` gives its number alone.
fn end_day(situation: &Situation<'_>, from: Day, text: &str) -> Result<Day, Fault> {
    match (from, dates::day_of_month(trimmed(text))) {
        (Day::Calendar { month, year, .. }, Some(day)) => Ok(Day::Calendar { month, day, year }),
        _ => whole_day(situation, text),
    }
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

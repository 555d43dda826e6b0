//! Days away, of the sender or of a colleague.

use super::dates::{self, Day, Moment};
use super::lookup::{Fault, plain, trimmed};
use super::{Command, Situation, people};
use crate::address::EmailAddress;
use jiff::ToSpan;
use jiff::civil::Date;

/// An absence whose end has no year lasts at most so long; a longer one is probably two mistaken dates.
const LONGEST_YEARLESS_ABSENCE: i64 = 184;
/// A colleague's name in an absence has no more words.
const MOST_NAME_WORDS: usize = 6;

/// `FROM..TO`, of the sender; or `for NAME FROM..TO`, of a colleague.
pub(super) fn read(situation: &Situation<'_>, rest: &str) -> Result<Command, Fault> {
    let folded = plain(rest);
    let Some(of_another) = folded.strip_prefix("for ") else {
        return days(situation, &folded).map(|(from, to)| Command::Out { who: None, from, to });
    };
    let words: Vec<&str> = of_another.split_whitespace().collect();
    let mut fault = Fault::new("Behind `for` stand the colleague's name and the first and the last day away.");
    for split in 1..words.len().min(MOST_NAME_WORDS + 1) {
        let (name, dates) = words.split_at(split);
        let Ok((from, to)) = days(situation, &dates.join(" ")) else { continue };
        match people::find(situation, trimmed(&name.join(" "))) {
            Ok(colleague) => return of_colleague(situation, &colleague.email, from, to),
            Err(unknown) => fault = unknown.far(),
        }
    }
    Err(fault)
}

fn of_colleague(situation: &Situation<'_>, who: &EmailAddress, from: Date, to: Date) -> Result<Command, Fault> {
    if *who == situation.sender.email {
        return Ok(Command::Out { who: None, from, to });
    }
    let command = Command::Out { who: Some(who.clone()), from, to };
    if command.is_for(situation.sender.role) {
        return Ok(command);
    }
    Err(Fault::new("Only a supervisor or a deputy can say when somebody else is away."))
}

/// First and last day: `FROM..TO`, `FROM to TO`, `FROM - TO`, or one day.
fn days(situation: &Situation<'_>, folded: &str) -> Result<(Date, Date), Fault> {
    let (calendar, now) = (&situation.desk.calendar, situation.now);
    let text = folded.strip_prefix("from ").unwrap_or(folded);
    let today = calendar.local(now).date();
    let (from, to) = sides(situation, text).map_err(Fault::far)?;
    let first = dates::resolve(calendar, from, today, now)?;
    let Some(to) = to else { return Ok((first, first)) };
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
    Ok((first, last))
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

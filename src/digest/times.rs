//! How long requesters waited: from the start of the promise to the acknowledgement and to the first answer.
//!
//! A case owes a first answer anew each time that it is opened again. Time is the desk's business time, in the unit of
//! its promise; what a pause stood still does not count.

use super::facts::{Facts, HistoryFact, Stretch};
use crate::calendar::Unit;
use crate::case::EventKind;
use crate::desk::Desk;
use crate::words::{LineId, Template};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The state of a mail that waits for nothing but its turn, as the event of its queueing has it.
const LEAVES: &str = "queued";

/// From one opening of a case to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Opening {
    /// When it was opened.
    at: Timestamp,
    /// When its requester was first told that it is under review.
    acknowledged: Option<Timestamp>,
    /// When its requester first got an answer, or it was closed with one.
    answered: Option<Timestamp>,
    /// Whether the promise was broken before that.
    missed: bool,
    /// Whether it was closed.
    closed: bool,
    /// When its clocks stood, and until when.
    pauses: Vec<(Timestamp, Option<Timestamp>)>,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// The acknowledgement.
    Acknowledgement,
    /// The first answer.
    Answer,
}

/// One wait that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Whose.
    pub case: Uuid,
    /// For what.
    pub what: Waited,
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub at: Timestamp,
    /// How long it was, in business time.
    pub long: SignedDuration,
    /// Whether the promise was kept.
    pub in_time: bool,
}

/// All waits that ended in `stretch`.
pub fn waits(desk: &Desk, facts: &Facts, stretch: Stretch, is_meant: impl Fn(Option<&LineId>) -> bool) -> Vec<Wait> {
    let mut waits = Vec::new();
    for told in facts.told.iter().filter(|told| is_meant(told.line.as_ref())) {
        let mut before = Timestamp::MIN;
        for opening in openings(&told.history) {
            let begins = |at: &&Timestamp| before < **at && **at <= opening.at;
            let from = told.promised_from.iter().find(begins).copied().unwrap_or(opening.at);
            before = opening.at;
            let ended = [(Waited::Acknowledgement, opening.acknowledged), (Waited::Answer, opening.answered)];
            for (what, at) in ended {
                let Some(at) = at.filter(|at| stretch.holds(*at)) else { continue };
                let in_time = match what {
                    Waited::Acknowledgement => is_acknowledged_in_time(desk, from, at),
                    Waited::Answer => !opening.missed,
                };
                waits.push(Wait { case: told.case, what, from, at, long: long(desk, from, at, &opening), in_time });
            }
        }
    }
    waits
}

/// Requests are assigned once a business day: the acknowledgement is in time on the day of the first assignment.
fn is_acknowledged_in_time(desk: &Desk, from: Timestamp, at: Timestamp) -> bool {
    let calendar = &desk.calendar;
    let today = calendar.local(from).date();
    let is_today = calendar.is_business_day(today) && from <= calendar.at_local(today, desk.assign_at);
    let day = if is_today { today } else { calendar.next_business_day(today) };
    calendar.local(at).date() <= day
}

/// Business time between two instants, without what stood still.
fn long(desk: &Desk, from: Timestamp, to: Timestamp, opening: &Opening) -> SignedDuration {
    let unit = unit(desk, from);
    let elapsed = |from, to| desk.calendar.elapsed(from, to, unit);
    let stood = opening.pauses.iter().map(|(since, until)| {
        let until = until.unwrap_or(to).min(to);
        elapsed((*since).max(from), until.max(from))
    });
    elapsed(from, to) - stood.sum::<SignedDuration>()
}

/// In what a promise that starts then is counted.
pub fn unit(desk: &Desk, at: Timestamp) -> Unit {
    desk.clocks_at(at).respond.unit
}

/// Whether the newest promise was broken and nobody has answered since.
pub fn unanswered_miss(history: &[HistoryFact]) -> bool {
    openings(history).last().is_some_and(|opening| opening.missed && opening.answered.is_none() && !opening.closed)
}

fn openings(history: &[HistoryFact]) -> Vec<Opening> {
    let mut openings: Vec<Opening> = Vec::new();
    // The instant of the last mail with a person's words that went out at once.
    let mut told = None;
    for fact in history {
        if matches!(fact.kind, EventKind::CaseOpened | EventKind::Reopened) {
            openings.push(Opening { at: fact.at, ..Opening::default() });
            continue;
        }
        let Some(opening) = openings.last_mut() else { continue };
        match fact.kind {
            EventKind::MailQueued => {
                let is_of = |name, word: &str| fact.ids.get(name).is_some_and(|value| value == word);
                let leaves = is_of("state", LEAVES);
                if leaves && is_of("template", Template::Acknowledgement.as_str()) {
                    opening.acknowledged.get_or_insert(fact.at);
                }
                let answers = [Template::Answer, Template::Return];
                if leaves && answers.iter().any(|template| is_of("template", template.as_str())) {
                    told = Some(fact.at);
                }
            }
            // What waits for a secure way has told the requester nothing yet.
            EventKind::Answered | EventKind::SentBack if told == Some(fact.at) || fact.ids.contains_key("by") => {
                opening.answered.get_or_insert(fact.at);
            }
            EventKind::Resolved | EventKind::SentElsewhere => {
                opening.answered.get_or_insert(fact.at);
                opening.closed = true;
            }
            EventKind::Merged if fact.ids.contains_key("into") => opening.closed = true,
            EventKind::Breached if opening.answered.is_none() => opening.missed = true,
            // A second pause moves the end of the first.
            EventKind::Paused if opening.pauses.last().is_none_or(|(_, until)| until.is_some()) => {
                opening.pauses.push((fact.at, None));
            }
            EventKind::Resumed => {
                if let Some((_, until)) = opening.pauses.last_mut() {
                    until.get_or_insert(fact.at);
                }
            }
            _ => {}
        }
    }
    openings
}

/// Median and worst of waits; both 0 where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waits {
    /// How many ended.
    pub count: usize,
    /// Of those, how many within the promise.
    pub in_time: usize,
    /// The middle one, in seconds of business time; of an even number, the mean of the two in the middle.
    pub median: i64,
    /// The longest, in seconds of business time.
    pub worst: i64,
}

/// Sums waits up.
pub fn summed<'a>(waits: impl Iterator<Item = &'a Wait>) -> Waits {
    let (mut in_time, mut seconds) = (0, Vec::new());
    for wait in waits {
        in_time += usize::from(wait.in_time);
        seconds.push(wait.long.as_secs());
    }
    seconds.sort_unstable();
    let count = seconds.len();
    let at = |place: usize| seconds.get(place).copied().unwrap_or_default();
    let median = if count % 2 == 1 { at(count / 2) } else { (at(count / 2) + at((count / 2).wrapping_sub(1))) / 2 };
    Waits { count, in_time, median, worst: seconds.last().copied().unwrap_or_default() }
}

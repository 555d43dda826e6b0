//! What is due next, in words: a colour alone tells nobody anything.

use crate::case::{Case, ClockKind};
use crate::desk::Desk;
use crate::store::NextDue;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::Serialize;

/// What is due next, for a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct DueWords {
    /// In words: `answer 2 days late`, `update today, 15:00`.
    pub(super) words: String,
    /// The instant, for the element `time`.
    pub(super) at: Option<Timestamp>,
    /// The class of its chip: `bad`, `warn` or `calm`.
    pub(super) tone: &'static str,
}

/// By when the desk aims to be done with a case: no promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Target {
    /// The instant.
    pub(super) at: Timestamp,
    /// The day in words.
    pub(super) day: String,
    /// Whether it is past, and the case still open.
    pub(super) is_past: bool,
}

impl Target {
    /// The target of an open case whose priority has one.
    pub(super) fn of(desk: &Desk, case: &Case, now: Timestamp) -> Option<Self> {
        let due = desk.target_of(case.priority.as_deref(), case.opened_at).filter(|_| case.is_open())?;
        let day = due.local.strftime("%-d %b %Y").to_string();
        Some(Self { at: due.at, day, is_past: due.at < now })
    }
}

/// What is due next at `now`, told in a zone.
pub(super) fn due_words(next: Option<NextDue>, now: Timestamp, zone: &TimeZone) -> DueWords {
    let Some(next) = next else { return DueWords { words: "nothing is due".into(), at: None, tone: "calm" } };
    let what = match next.kind {
        ClockKind::Respond => "answer",
        ClockKind::Update => "update",
        ClockKind::PauseEnd => "pause ends",
        other => other.as_str(),
    };
    let (when, tone) = if next.at < now { (late(next.at, now), "bad") } else { ahead(next.at, now, zone) };
    DueWords { words: format!("{what} {when}"), at: Some(next.at), tone }
}

fn late(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.since((Unit::Minute, at)).map_or(0, |span| span.get_minutes());
    match minutes {
        ..1 => "due now".into(),
        1..60 => format!("{} late", of(minutes, "minute")),
        60..1440 => format!("{} late", of(minutes / 60, "hour")),
        _ => format!("{} late", of(minutes / 1440, "day")),
    }
}

fn ahead(at: Timestamp, now: Timestamp, zone: &TimeZone) -> (String, &'static str) {
    let (local, today) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()).date());
    let days = today.until((Unit::Day, local.date())).map_or(0, |span| span.get_days());
    match days {
        0 => (local.strftime("today, %H:%M").to_string(), "warn"),
        1 => (local.strftime("tomorrow, %H:%M").to_string(), "calm"),
        2..7 => (local.strftime("%A, %H:%M").to_string(), "calm"),
        _ => (local.strftime("%-d %b %Y").to_string(), "calm"),
    }
}

fn of(n: i64, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
#[test]
fn an_instant_is_told_from_where_we_stand() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
    for (kind, at, words, tone) in [
        (ClockKind::Respond, "2026-11-21T15:00:00Z", "answer 2 days late", "bad"),
        (ClockKind::Respond, "2026-11-22T14:59:00Z", "answer 1 day late", "bad"),
        (ClockKind::Update, "2026-11-23T13:30:00Z", "update 1 hour late", "bad"),
        (ClockKind::Update, "2026-11-23T14:59:30Z", "update due now", "bad"),
        (ClockKind::Update, "2026-11-23T15:00:00Z", "update today, 10:00", "warn"),
        (ClockKind::Respond, "2026-11-24T04:59:00Z", "answer today, 23:59", "warn"),
        (ClockKind::Respond, "2026-11-24T05:00:00Z", "answer tomorrow, 00:00", "calm"),
        (ClockKind::PauseEnd, "2026-11-27T13:00:00Z", "pause ends Friday, 08:00", "calm"),
        (ClockKind::Update, "2026-12-01T13:00:00Z", "update 1 Dec 2026", "calm"),
    ] {
        let told = due_words(Some(NextDue { kind, at: at.parse().unwrap() }), now, &zone);
        assert_eq!((told.words.as_str(), told.tone), (words, tone), "{at}");
    }
    assert_eq!(due_words(None, now, &zone).words, "nothing is due");
}

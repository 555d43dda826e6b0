//! What a desk promises, by the season in force when a clock starts (POLICY.md, Clocks).

use super::Desk;
use crate::calendar::{Due, Span};
use jiff::Timestamp;

/// The clocks in force at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClocksInForce {
    /// From acceptance to a specialist's answer.
    pub respond: Span,
    /// From one update to the next.
    pub update: Span,
    /// What the receipt says besides.
    pub notice: Option<String>,
}

/// Of what sort a case is: by its type and its priority, each by its id where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort<'a> {
    /// The type.
    pub kind: Option<&'a str>,
    /// The priority.
    pub priority: Option<&'a str>,
}

impl Desk {
    /// The clocks of the season in force at `at`, else the usual ones.
    pub fn clocks_at(&self, at: Timestamp) -> ClocksInForce {
        let date = self.calendar.local(at).date();
        let season = self.seasons.iter().find(|season| season.contains(date));
        ClocksInForce {
            respond: season.and_then(|season| season.respond).unwrap_or(self.clocks.respond),
            update: season.and_then(|season| season.update).unwrap_or(self.clocks.update),
            notice: season.and_then(|season| season.notice.clone()),
        }
    }

    /// How long an answer to a case of this sort may take at `at`: what the season in force says of its priority, else of
    /// its type; else the priority, the type, the season, the desk.
    pub fn respond_within(&self, sort: Sort<'_>, at: Timestamp) -> Span {
        let date = self.calendar.local(at).date();
        let season = self.seasons.iter().find(|season| season.contains(date));
        let (kind, level) = (sort.kind, sort.priority);
        let of_season = || {
            let by_priority = season.zip(level).and_then(|(season, level)| season.priorities.get(level).copied());
            by_priority.or_else(|| season.zip(kind).and_then(|(season, kind)| season.types.get(kind).copied()))
        };
        let of_priority = || level.and_then(|level| self.priorities.get(level)).and_then(|level| level.respond);
        let of_type = || kind.and_then(|kind| self.types.get(kind)).and_then(|kind| kind.respond);
        of_season().or_else(of_priority).or_else(of_type).unwrap_or_else(|| self.clocks_at(at).respond)
    }

    /// How long the next update of a case of this type may take at `at`: what the type says, else the season in force, else
    /// the desk.
    pub fn update_within(&self, kind: Option<&str>, at: Timestamp) -> Span {
        let of_type = kind.and_then(|kind| self.types.get(kind)).and_then(|kind| kind.update);
        of_type.unwrap_or_else(|| self.clocks_at(at).update)
    }

    /// After how long without activity somebody asks about a case of this priority; `None`: nobody does.
    pub fn follow_up_after(&self, priority: Option<&str>) -> Option<Span> {
        priority.and_then(|id| self.priorities.get(id)).and_then(|level| level.follow_up)
    }

    /// When the next follow-up on a case of this priority is due, if nothing is done from `now` on: the window counts from
    /// `now`, or from the end of what `held_until` holds back, and ends while the desk is open.
    pub fn follow_up_due(&self, priority: Option<&str>, held_until: Option<Timestamp>, now: Timestamp) -> Option<Due> {
        let window = self.follow_up_after(priority)?;
        let from = held_until.map_or(now, |until| until.max(now));
        let due = self.calendar.add(from, window);
        let is_open = self.calendar.is_open(due.at);
        Some(if is_open { due } else { self.calendar.due(self.calendar.next_opening(due.at)) })
    }

    /// When a case of this priority, opened at `opened`, is to be done at the latest: an aim, which no requester is promised.
    pub fn target_of(&self, priority: Option<&str>, opened: Timestamp) -> Option<Due> {
        let target = priority.and_then(|id| self.priorities.get(id)).and_then(|level| level.target)?;
        Some(self.calendar.add(opened, target))
    }

    /// Whether a case of this priority is given to somebody when it is accepted.
    pub fn is_at_once(&self, priority: Option<&str>) -> bool {
        priority.and_then(|id| self.priorities.get(id)).is_some_and(|level| level.at_once)
    }

    /// `span` after `from`, or after `now` where that would be past already: a mail never promises the past.
    pub fn promise(&self, from: Timestamp, span: Span, now: Timestamp) -> Due {
        let due = self.calendar.add(from, span);
        if due.at > now { due } else { self.calendar.add(now, span) }
    }

    /// Until when a silent pending request waits after its newest mail.
    pub fn pending_until(&self, newest: Timestamp) -> Due {
        self.calendar.add(newest, Span::business_days(self.limits.pending_days.max(1)))
    }

    /// Until when a reply opens a resolved case again; `None`: never.
    pub fn reopen_until(&self, resolved: Timestamp) -> Option<Timestamp> {
        let days = self.limits.reopen_days;
        (days > 0).then(|| self.calendar.add(resolved, Span::business_days(days)).at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::load;
    use std::path::Path;

    const POLICY: &str = r#"
name = "Test Desk"
address = "desk@desk.example"
prefix = "TEST"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = ["2026-11-26"]

[clocks]
respond = "5 business days"
update = "5 business days"

[[season]]
name = "peak"
from = "12-01"
to = "12-31"
respond = "9 business days"
update = "8 business days"
types = { quick = "3-4 business days" }

[[queue]]
id = "all"
name = "All"

[subject]
template = "free"

[[type]]
id = "quick"
name = "Quick"
respond = "1-2 business days"
update = "3 business days"

[[type]]
id = "plain"
name = "Plain"

[[priority]]
id = "high"
name = "High"
follow_up = "1-2 business days"
target = "3 business days"
at_once = true

[[priority]]
id = "low"
name = "Low"

[[field]]
id = "issue"
label = "Issue"
role = "summary"
required = true

[[staff]]
name = "Ann Ash"
email = "ann@desk.example"
role = "supervisor"
"#;

    fn desk() -> Desk {
        load::parse("test", Path::new("test.toml"), POLICY).unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_counts_is_the_nearest_word_on_it() {
        let (desk, usual, peak) = (desk(), at("2026-11-16T15:00:00Z"), at("2026-12-16T15:00:00Z"));
        for (kind, when, respond, update) in [
            (None, usual, "5 business days", "5 business days"),
            (Some("plain"), usual, "5 business days", "5 business days"),
            (Some("quick"), usual, "1-2 business days", "3 business days"),
            (None, peak, "9 business days", "8 business days"),
            (Some("plain"), peak, "9 business days", "8 business days"),
            (Some("quick"), peak, "3-4 business days", "3 business days"),
            (Some("gone"), usual, "5 business days", "5 business days"),
        ] {
            let sort = Sort { kind, priority: None };
            let told = (desk.respond_within(sort, when).to_string(), desk.update_within(kind, when).to_string());
            assert_eq!(told, (respond.to_owned(), update.to_owned()), "{kind:?} {when}");
        }
    }

    #[test]
    fn a_priority_goes_before_the_type_and_a_season_before_both() {
        let policy = POLICY
            .replace("target = \"3 business days\"", "target = \"3 business days\"\nrespond = \"4 business hours\"")
            .replace("types = {", "priorities = { high = \"1 business day\" }\ntypes = {");
        let desk = load::parse("test", Path::new("test.toml"), &policy).unwrap_or_else(|faults| panic!("{faults}"));
        let (usual, peak) = (at("2026-11-16T15:00:00Z"), at("2026-12-16T15:00:00Z"));
        for (kind, priority, when, expected) in [
            ("plain", "high", usual, "4 business hours"),
            ("quick", "high", usual, "4 business hours"),
            ("quick", "low", usual, "1-2 business days"),
            ("quick", "high", peak, "1 business day"),
            ("quick", "low", peak, "3-4 business days"),
        ] {
            let sort = Sort { kind: Some(kind), priority: Some(priority) };
            assert_eq!(desk.respond_within(sort, when).to_string(), expected, "{kind} {priority} {when}");
        }
    }

    #[test]
    fn a_follow_up_counts_to_the_longer_end_while_the_desk_is_open() {
        let desk = desk();
        let due =
            |held: Option<&str>, now: &str| desk.follow_up_due(Some("high"), held.map(at), at(now)).map(|due| due.at);
        for (held, now, expected) in [
            // Monday at ten; Wednesday at ten, over the holiday of Thursday; Monday evening: told when the desk opens.
            (None, "2026-11-16T15:00:00Z", "2026-11-18T15:00:00Z"),
            (None, "2026-11-25T15:00:00Z", "2026-11-30T15:00:00Z"),
            (None, "2026-11-16T23:00:00Z", "2026-11-19T13:00:00Z"),
            // The end of Friday the 20th: the window begins on Monday.
            (Some("2026-11-21T05:00:00Z"), "2026-11-16T15:00:00Z", "2026-11-25T13:00:00Z"),
            // What is over holds nothing back.
            (Some("2026-11-10T05:00:00Z"), "2026-11-16T15:00:00Z", "2026-11-18T15:00:00Z"),
        ] {
            assert_eq!(due(held, now), Some(at(expected)), "{held:?} {now}");
        }
        for priority in [None, Some("low"), Some("gone")] {
            assert_eq!(desk.follow_up_due(priority, None, at("2026-11-16T15:00:00Z")), None);
            assert_eq!(desk.target_of(priority, at("2026-11-16T15:00:00Z")), None);
            assert!(!desk.is_at_once(priority));
        }
        let target = desk.target_of(Some("high"), at("2026-11-16T15:00:00Z")).map(|due| due.at);
        assert_eq!((target, desk.is_at_once(Some("high"))), (Some(at("2026-11-19T15:00:00Z")), true));
    }
}

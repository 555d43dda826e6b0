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

    /// How long an answer to a case of this type may take at `at`: what the season in force says of the type, else the
    /// type, else the season, else the desk.
    pub fn respond_within(&self, kind: Option<&str>, at: Timestamp) -> Span {
        let date = self.calendar.local(at).date();
        let season = self.seasons.iter().find(|season| season.contains(date));
        let of_season = season.zip(kind).and_then(|(season, kind)| season.types.get(kind).copied());
        let of_type = || kind.and_then(|kind| self.types.get(kind)).and_then(|kind| kind.respond);
        of_season.or_else(of_type).unwrap_or_else(|| self.clocks_at(at).respond)
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

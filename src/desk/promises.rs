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

//! Commands about time: the next update, pauses, and for whom a case waits.

use super::{Done, Hands, refused};
use crate::case::commands::{PromisedDate, WaitingOn};
use crate::case::{ClockKind, ClockOf, ClockState, EventKind};
use crate::desk::Desk;
use crate::words::Status;
use jiff::Timestamp;

const RESOLVED: &str = "The case is resolved, and nothing of it is due. A reply of the requester opens it again.";
const PAUSED: &str = "The case is paused. Take it up with `#resume` first, or set the end with `#pause until DATE`.";

impl Hands<'_> {
    /// `#update`
    pub(super) fn update_words(&mut self, text: &str) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let work = self.work()?;
        if !work.case.is_open() {
            return refused(RESOLVED);
        }
        work.case.next_words = Some(text.to_owned());
        work.event(EventKind::UpdateWords, &[], Some(serde_json::json!({ "text": text })));
        Ok(match work.next_update_due() {
            Some(due) if work.case.status != Status::Paused => {
                format!("The next update says it: {}.", desk.calendar.promise(&due, now))
            }
            _ => "The next update says it.".to_owned(),
        })
    }

    /// `#next-update`
    pub(super) fn next_update(&mut self, date: &PromisedDate) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let work = self.work()?;
        if !work.case.is_open() {
            return refused(RESOLVED);
        }
        if work.case.status == Status::Paused {
            return refused(PAUSED);
        }
        work.next_update = Some(date.due.clone());
        work.event(EventKind::NextUpdateSet, &[("due", date.due.local.to_string())], None);
        Ok(format!("The next update goes out on {}.{}", in_words(desk, date, now), moved(date)))
    }

    /// `#pause`
    pub(super) fn pause(&mut self, until: Option<&PromisedDate>) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let work = self.work()?;
        if !work.case.is_open() {
            return refused(RESOLVED);
        }
        // A second pause only moves the end of the first: the clocks stand since then.
        let before = work.case.paused;
        if let Some(pause) = before {
            work.case.status = pause.status;
        }
        work.pause(until.map(|date| &date.due));
        if let Some(pause) = before {
            work.case.paused = Some(pause);
        }
        Ok(match until {
            Some(date) => {
                format!("The clocks stand until {}, and go on then.{}", in_words(desk, date, now), moved(date))
            }
            None => "The clocks stand until `#resume`. Without an end you are reminded after ten business days.".into(),
        })
    }

    /// `#resume`
    pub(super) fn resume(&mut self) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let work = self.work()?;
        match work.case.status {
            Status::Paused => work.resume(now),
            Status::WaitingInternal | Status::WaitingExternal => {
                work.set_status(work.status_at_work());
                work.case.waits_until = None;
                let id = work.case.id;
                work.clocks().end(id, ClockKind::WaitNudge, ClockState::Ended);
                return Ok("The case waits no longer.".to_owned());
            }
            Status::Resolved => return refused(RESOLVED),
            Status::New | Status::InReview => return refused("The case is not paused, and waits for nobody."),
        }
        let due = work.next_update_due();
        let next = due.map(|due| format!(" The next update is due on {}.", desk.calendar.promise(&due, now)));
        Ok(format!("The clocks go on.{}", next.unwrap_or_default()))
    }

    /// `#waiting`
    pub(super) fn waiting(&mut self, on: WaitingOn, until: Option<&PromisedDate>) -> Done {
        let (desk, now) = (self.trigger.desk, self.trigger.now);
        let work = self.work()?;
        match work.case.status {
            Status::Resolved => return refused(RESOLVED),
            Status::Paused => return refused(PAUSED),
            _ => {}
        }
        let (status, whom) = match on {
            WaitingOn::Internal => (Status::WaitingInternal, "somebody inside"),
            WaitingOn::External => (Status::WaitingExternal, "somebody outside"),
        };
        work.set_status(status);
        // Also where it waited for them before.
        work.is_active = true;
        work.case.waits_until = until.map(|date| end_of_day(desk, date));
        let holds_back = desk.follow_up_after(work.case.priority.as_deref()).is_some();
        let id = work.case.id;
        let mut clocks = work.clocks();
        clocks.end(id, ClockKind::WaitNudge, ClockState::Ended);
        let Some(date) = until else { return Ok(format!("The case waits for {whom}. Its clocks run on.")) };
        clocks.start(ClockOf::Case(id), ClockKind::WaitNudge, now, &date.due);
        let when = in_words(desk, date, now);
        let held = if holds_back { " Nobody is asked about it before that day is over." } else { "" };
        Ok(format!("The case waits for {whom}; you are reminded on {when}. Its clocks run on.{held}{}", moved(date)))
    }
}

/// The end of the day that is meant: what was said to come on a day may come until it is over.
fn end_of_day(desk: &Desk, date: &PromisedDate) -> Timestamp {
    let next = date.due.local.date().saturating_add(jiff::Span::new().days(1));
    desk.calendar.at_local(next, jiff::civil::Time::midnight())
}

fn in_words(desk: &Desk, date: &PromisedDate, now: Timestamp) -> String {
    desk.calendar.promise(&date.due, now)
}

fn moved(date: &PromisedDate) -> &'static str {
    if date.is_moved() { " The day that you named is a day off, so it is the business day after it." } else { "" }
}

//! A day of a desk, read and counted: for the digest's mail, for the page Today and for the command.

use super::Worker;
use crate::desk::Desk;
use crate::digest::{Day, Scope, Subject, day};
use crate::words::LineId;
use anyhow::bail;
use jiff::Timestamp;
use jiff::civil::Date;

impl Worker {
    /// The day of `desk` that `date` belongs to, as it stands at `now`; `lines`: only these, `None`: all. What needs a
    /// decision is told with today and with the newest business day before it, not with earlier days.
    ///
    /// # Errors
    ///
    /// The day has not begun, or the database fails.
    pub async fn day(&self, desk: &Desk, lines: Option<&[LineId]>, date: Date, now: Timestamp) -> anyhow::Result<Day> {
        let today = desk.calendar.local(now).date();
        if date > today {
            bail!("{date} has not begun: it is {today} at the desk");
        }
        let scope = lines.map_or(Scope::All, |lines| Scope::Lines(lines.to_vec()));
        let mut facts = self.store.facts(&desk.id, day::asked(desk, date, now)).await?;
        if let Some(now) = &mut facts.now {
            now.policy_faults = self.desks.refused(&desk.id);
        }
        Ok(Day::of(desk, &Subject { scope, date, now }, &facts))
    }
}

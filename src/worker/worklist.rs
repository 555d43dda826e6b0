//! The morning's worklists: what each specialist has is read and written down in one commit.

use super::Worker;
use crate::case::ClockRow;
use crate::desk::Desk;
use crate::effects::Effects;
use crate::effects::of_clock::ClockTrigger;
use crate::effects::of_worklist::worklists;

impl Worker {
    /// What the opening of a business day at `desk` writes.
    pub(super) async fn worklists(&self, desk: &Desk, clock: &ClockRow) -> anyhow::Result<Effects> {
        let open = self.store.open_cases(&desk.id).await?;
        let last = self.store.last_worklists(&desk.id).await?;
        let trigger = ClockTrigger { desk, keys: &self.keys, clock, now: self.clock.now() };
        Ok(self.with_chance(|chance| worklists(&trigger, open, last, chance))?)
    }
}

//! Changed policies are taken up while the worker runs, and days away that staff told are laid over them.

use super::Worker;
use super::desks::{Change, News};
use crate::effects::of_desk::reloaded;

impl Worker {
    /// Looks at the policy files and takes up what has changed and is sound; gives whether something is changing at this
    /// moment, so that another look is due soon.
    pub async fn reload_desks(&self) -> anyhow::Result<bool> {
        let desks = self.desks.clone();
        let looked = tokio::task::spawn_blocking(move || desks.look()).await?;
        for news in looked.news {
            match news {
                News::Changed(change) => self.take_up(*change).await?,
                News::Refused { id, faults } => {
                    for fault in faults {
                        tracing::error!(desk = %id, "a changed policy is refused, and the former one stays: {fault}");
                    }
                }
                News::Gone { id, file } => {
                    let file = file.display();
                    tracing::warn!(desk = %id, %file, "the policy file is gone, and the former policy stays; put it back");
                }
                News::LeftOut { file } => {
                    let file = file.display();
                    tracing::warn!(
                        %file,
                        "a new policy file is left out: name its mailbox in the settings and start mailclerk again"
                    );
                }
            }
        }
        Ok(looked.moving)
    }

    /// The audit trail has it before it holds: where it cannot be written, the next look finds the change again.
    async fn take_up(&self, change: Change) -> anyhow::Result<()> {
        let now = self.clock.now();
        let effects = reloaded(&change.old, &change.new, now);
        self.store.commit(&[effects], &[], now).await?;
        let (desk, old, new) = (&change.new.id, &change.old.version, &change.new.version);
        tracing::info!(%desk, %old, %new, changed = ?change.old.parts_other_than(&change.new), "a changed policy is taken up");
        let id = desk.clone();
        let before = self.warnings_of(&id);
        self.desks.take_up(change);
        // What was told at the start is not told again with each change.
        for warning in self.warnings_of(&id).iter().filter(|warning| !before.contains(warning)) {
            tracing::warn!(desk = %id, "{warning}");
        }
        // The new hour holds from the next digest on.
        self.start_digests(now).await
    }

    /// What is worth a word about a desk as it holds now, its portal included.
    fn warnings_of(&self, desk: &str) -> Vec<String> {
        let Some(desk) = self.desks.get(desk) else { return Vec::new() };
        let today = desk.calendar.local(self.clock.now()).date();
        crate::desk::warnings(&desk, today)
    }

    /// Reads what staff told of days away: another process may have written it.
    pub(crate) async fn refresh_absences(&self) -> anyhow::Result<()> {
        for desk in self.desks.all() {
            let today = desk.calendar.local(self.clock.now()).date();
            let told = self.store.absences(&desk.id, today).await?;
            self.desks.set_absences(&desk.id, told);
        }
        Ok(())
    }
}

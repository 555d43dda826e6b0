//! A day of a desk, read and counted: for the digest's mail, for the page Today and for the command.

use super::Worker;
use crate::case::{ClockKind, ClockRow};
use crate::desk::Desk;
use crate::digest::facts::FactsAsked;
use crate::digest::flow::Flow;
use crate::digest::letter::letter;
use crate::digest::recipients::recipients;
use crate::digest::{Day, Scope, Subject, day, periods};
use crate::effects::of_clock::ClockTrigger;
use crate::effects::of_digest::{self, DigestMail, goes_out};
use crate::effects::{Effects, Generated};
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
        let asked = Self::asked(desk, lines, date, now)?;
        let mut facts = self.store.facts(&desk.id, &asked).await?;
        if let Some(now) = &mut facts.now {
            now.policy_faults = self.desks.refused(&desk.id);
        }
        Ok(Day::of(desk, &Subject { scope: asked.scope, date, now }, &facts))
    }

    /// The table and the chart of such a day alone: what stands open now is counted for them, and not read.
    ///
    /// # Errors
    ///
    /// As [`Worker::day`].
    pub async fn flow(
        &self,
        desk: &Desk,
        lines: Option<&[LineId]>,
        date: Date,
        now: Timestamp,
    ) -> anyhow::Result<Flow> {
        let asked = FactsAsked { now: false, ..Self::asked(desk, lines, date, now)? };
        let facts = self.store.facts(&desk.id, &asked).await?;
        Ok(Day::of(desk, &Subject { scope: asked.scope, date, now }, &facts).flow)
    }

    fn asked(desk: &Desk, lines: Option<&[LineId]>, date: Date, now: Timestamp) -> anyhow::Result<FactsAsked> {
        let today = desk.calendar.local(now).date();
        if date > today {
            bail!("{date} has not begun: it is {today} at the desk");
        }
        let scope = lines.map_or(Scope::All, |lines| Scope::Lines(lines.to_vec()));
        Ok(day::asked(desk, &scope, date, now))
    }

    /// What the digest clock of `desk` writes.
    pub(super) async fn digests(&self, desk: &Desk, clock: &ClockRow) -> anyhow::Result<Effects> {
        let now = self.clock.now();
        let last = self.store.last_digest(&desk.id).await?;
        let mut mails = None;
        if goes_out(desk, now, last) {
            let told = periods::told_on(&desk.calendar, desk.calendar.local(now).date());
            mails = Some((told, self.digest_mails(desk, told, now).await?));
        }
        let trigger = ClockTrigger { desk, keys: &self.keys, clock, now };
        Ok(self.with_chance(|chance| of_digest::digests(&trigger, mails, chance)))
    }

    /// The digests of the day `told`, each for who gets one now. The same lines are counted once.
    pub async fn digest_mails(&self, desk: &Desk, told: Date, now: Timestamp) -> anyhow::Result<Vec<DigestMail>> {
        let mut days: Vec<(Scope, Day)> = Vec::new();
        let mut mails = Vec::new();
        for recipient in recipients(desk, desk.calendar.local(now).date()) {
            let known = days.iter().position(|(scope, _)| *scope == recipient.scope);
            let place = match known {
                Some(place) => place,
                None => {
                    let lines = match &recipient.scope {
                        Scope::All => None,
                        Scope::Lines(lines) => Some(lines.as_slice()),
                    };
                    days.push((recipient.scope.clone(), self.day(desk, lines, told, now).await?));
                    days.len() - 1
                }
            };
            let Some((_, day)) = days.get(place) else { continue };
            let (letter, parts) = letter(desk, day, Some(&recipient), self.console.as_deref())?;
            let generated = parts.into_iter().map(|part| Generated {
                name: part.name,
                content_type: part.content_type.to_owned(),
                content: part.content,
                content_id: part.content_id,
            });
            mails.push(DigestMail { to: recipient.to, letter, generated: generated.collect() });
        }
        Ok(mails)
    }

    /// Queues digests of the day `told` beside the clock's; gives how many.
    pub async fn queue_digests(&self, desk: &Desk, told: Date, now: Timestamp) -> anyhow::Result<Vec<DigestMail>> {
        let mails = self.digest_mails(desk, told, now).await?;
        let queued = mails.clone();
        let effects = self.with_chance(|chance| of_digest::asked_for((desk, &self.keys), told, queued, now, chance));
        self.store.commit(&[effects], &[], now).await?;
        self.mails_waiting.notify_one();
        Ok(mails)
    }

    /// Sees to it that each desk's digest clock runs, at the hour that holds at `at`.
    pub(super) async fn start_digests(&self, at: Timestamp) -> anyhow::Result<()> {
        for desk in self.desks.all() {
            let running = self.store.desk_clock(&desk.id, ClockKind::Digest).await?;
            let effects = self.with_chance(|chance| of_digest::started(&desk, running.as_ref(), at, chance));
            if let Some(effects) = effects {
                self.store.commit(&[effects], &[], at).await?;
            }
        }
        Ok(())
    }
}

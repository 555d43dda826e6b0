//! The machine's clock, as the workers see it: moved forward past leases, to a morning, and back.

use crate::dice::Dice;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil::Weekday, tz::TimeZone};
use std::path::PathBuf;

/// What the clock was moved by.
pub struct Clock {
    file: PathBuf,
    shift: SignedDuration,
}

impl Clock {
    /// A clock that goes right.
    pub fn new(file: PathBuf) -> Self {
        Self { file, shift: SignedDuration::ZERO }
    }

    /// What time it is for the workers.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the storm moves the machine's clock")]
        Timestamp::now().saturating_add(self.shift).expect("an instant")
    }

    fn set(&mut self, shift: SignedDuration) {
        self.shift = shift;
        // In one step, because workers read it all the time.
        let new = self.file.with_extension("new");
        std::fs::write(&new, shift.as_micros().to_string()).expect("written");
        std::fs::rename(new, &self.file).expect("renamed");
    }

    /// One to three hours on: every lease has run out.
    pub fn forward_past_leases(&mut self, dice: &mut Dice) {
        self.set(self.shift + SignedDuration::from_mins(i64::try_from(dice.between(61, 170)).expect("minutes")));
    }

    /// Up to an hour back.
    pub fn back(&mut self, dice: &mut Dice) {
        self.set(self.shift - SignedDuration::from_mins(i64::try_from(dice.between(1, 60)).expect("minutes")));
    }

    /// To nine o'clock of the next business day: what came is given to specialists, promises fall due.
    pub fn forward_to_morning(&mut self) {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let now = self.now();
        let here: Zoned = now.to_zoned(zone);
        let mut next =
            here.checked_add(1.day()).expect("a day").with().hour(9).minute(0).second(20).build().expect("nine");
        while matches!(next.weekday(), Weekday::Saturday | Weekday::Sunday) {
            next = next.checked_add(1.day()).expect("a day");
        }
        self.set(self.shift + next.timestamp().duration_since(now));
    }
}

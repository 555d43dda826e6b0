//! What the desk's digest clock writes: a mail to each supervisor, written down together with the clock's end and the
//! next one's start, so that each goes out once.

use super::clocks::Clocks;
use super::of_assignment::letters;
use super::of_clock::{ClockTrigger, ended};
use super::{Chain, ClockChoice, ClockEnd, Effects, EventWrite, Generated};
use crate::address::Mailbox;
use crate::calendar::Due;
use crate::case::{ClockKind, ClockOf, ClockRow, ClockState, EventKind};
use crate::compose::Letter;
use crate::desk::Desk;
use crate::words::chance::Chance;
use crate::words::keys::Keys;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One supervisor's digest, written.
#[derive(Clone, Debug)]
pub struct DigestMail {
    /// Who gets it.
    pub to: Mailbox,
    /// Subject, text and HTML.
    pub letter: Letter,
    /// Its pictures and its table.
    pub generated: Vec<Generated>,
}

/// Whether a digest goes out now: on a business day from the desk's hour on, and once a day. `last` is when digests went
/// out last. So after an outage one goes out, and none on a day off: neither on one that became a day off later.
pub fn goes_out(desk: &Desk, now: Timestamp, last: Option<Timestamp>) -> bool {
    let calendar = &desk.calendar;
    let today = calendar.local(now).date();
    let is_told = last.is_some_and(|last| calendar.local(last).date() >= today);
    calendar.is_business_day(today) && calendar.at_local(today, desk.digest_at) <= now && !is_told
}

/// What the due clock writes. `mails`: the digests of `told`; `None`: none goes out now. The next clock starts in any case.
pub fn digests(trigger: &ClockTrigger<'_>, mails: Option<(Date, Vec<DigestMail>)>, chance: &mut Chance) -> Effects {
    let (desk, now) = (trigger.desk, trigger.now);
    let state = if mails.is_some() { ClockState::Met } else { ClockState::Ended };
    let mut effects = ended(trigger, state);
    // One that another hour started.
    let which = ClockChoice::Kind(ClockOf::desk(&desk.id), ClockKind::Digest);
    effects.clocks_ended.push(ClockEnd { which, state: ClockState::Ended });
    Clocks { desk, now, chance, effects: &mut effects }.digest();
    if let Some((told, mails)) = mails {
        queue((desk, trigger.keys), told, mails, &mut effects, (now, chance));
    }
    effects
}

/// The digests that somebody asks for beside the clock's.
pub fn asked_for(
    (desk, keys): (&Desk, &Keys),
    told: Date,
    mails: Vec<DigestMail>,
    now: Timestamp,
    chance: &mut Chance,
) -> Effects {
    let mut effects = Effects { desk: desk.id.clone(), at: now, ..Effects::default() };
    queue((desk, keys), told, mails, &mut effects, (now, chance));
    effects
}

fn queue(
    (desk, keys): (&Desk, &Keys),
    told: Date,
    mails: Vec<DigestMail>,
    effects: &mut Effects,
    (now, chance): (Timestamp, &mut Chance),
) {
    let ids = BTreeMap::from([
        ("day".to_owned(), told.to_string()),
        ("mails".to_owned(), mails.len().to_string()),
        ("desk_version".to_owned(), desk.version.clone()),
    ]);
    effects.events.push(EventWrite { chain: Chain::Desk, kind: EventKind::DigestWritten, ids, content: None });
    for mail in mails {
        letters((desk, keys), effects, now, chance).digest(&mail.to, mail.letter, mail.generated);
    }
}

/// The start of the desk's digest clock at `at`: when the program first runs, and when the desk's hour or its business
/// days have changed. `running` is the clock that runs. `None`: all is as it should be. A clock that is due already is
/// left to ring.
pub fn started(desk: &Desk, running: Option<&ClockRow>, at: Timestamp, chance: &mut Chance) -> Option<Effects> {
    let next = next_digest(desk, at);
    if running.is_some_and(|clock| clock.due <= at || clock.due == next.at) {
        return None;
    }
    let mut effects = Effects { desk: desk.id.clone(), at, ..Effects::default() };
    let which = ClockChoice::Kind(ClockOf::desk(&desk.id), ClockKind::Digest);
    effects.clocks_ended.extend(running.map(|_| ClockEnd { which, state: ClockState::Ended }));
    Clocks { desk, now: at, chance, effects: &mut effects }.digest();
    Some(effects)
}

/// The first instant after `now` at which the desk's digest is due.
pub(super) fn next_digest(desk: &Desk, now: Timestamp) -> Due {
    super::clocks::next_at(desk, desk.digest_at, now)
}

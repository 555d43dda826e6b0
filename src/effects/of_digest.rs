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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::shipped;
    use jiff::civil::time;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn desk() -> Desk {
        shipped::desk(&shipped::ids()[0]).unwrap()
    }

    fn running(desk: &Desk, due: &str) -> ClockRow {
        let due = desk.calendar.due(at(due));
        ClockRow {
            id: uuid::Uuid::from_u128(1),
            desk: desk.id.clone(),
            of: ClockOf::desk(&desk.id),
            kind: ClockKind::Digest,
            started: due.at,
            due_local: due.local,
            zone: desk.calendar.zone_name().to_owned(),
            due: due.at,
            calendar_version: String::new(),
            state: ClockState::Running,
        }
    }

    #[test]
    fn it_goes_out_once_a_business_day_from_its_hour_on() {
        let desk = desk();
        // Half past seven in the morning is 12:30 UTC in winter, 11:30 in summer.
        for (now, last, goes) in [
            ("2026-11-23T12:30:00Z", None, true),
            ("2026-11-23T12:30:00Z", Some("2026-11-20T12:30:00Z"), true),
            ("2026-11-23T12:29:59Z", Some("2026-11-20T12:30:00Z"), false),
            // After an outage, once, also in the evening.
            ("2026-11-25T23:10:00Z", Some("2026-11-20T12:30:00Z"), true),
            ("2026-11-25T23:20:00Z", Some("2026-11-25T23:10:00Z"), false),
            // A Saturday; Thanksgiving.
            ("2026-11-21T15:00:00Z", Some("2026-11-19T12:30:00Z"), false),
            ("2026-11-26T15:00:00Z", None, false),
            ("2026-07-01T11:30:00Z", None, true),
            ("2026-07-01T11:29:00Z", None, false),
        ] {
            assert_eq!(goes_out(&desk, at(now), last.map(at)), goes, "{now} {last:?}");
        }
    }

    #[test]
    fn whatever_it_writes_the_next_clock_starts() {
        let desk = desk();
        let keys = Keys::derive(&[1; 32]);
        let letter = Letter { subject: "s".into(), text: "t".into(), html: "h".into() };
        let to = Mailbox { name: None, address: desk.staff[0].email.clone() };
        let mail = DigestMail { to, letter, generated: Vec::new() };
        let told = jiff::civil::date(2026, 11, 20);
        for (now, mails, next, state, events) in [
            (
                "2026-11-23T12:30:00Z",
                Some((told, vec![mail.clone(), mail])),
                "2026-11-24T12:30:00Z",
                ClockState::Met,
                3,
            ),
            ("2026-11-23T12:30:00Z", Some((told, Vec::new())), "2026-11-24T12:30:00Z", ClockState::Met, 1),
            ("2026-11-26T12:30:00Z", None, "2026-11-27T12:30:00Z", ClockState::Ended, 0),
        ] {
            let clock = running(&desk, "2026-11-23T12:30:00Z");
            let trigger = ClockTrigger { desk: &desk, keys: &keys, clock: &clock, now: at(now) };
            let effects = digests(&trigger, mails, &mut Chance::from_seed([1; 32]));
            assert_eq!((effects.clocks.len(), effects.clocks[0].due), (1, at(next)), "{now}");
            assert_eq!(effects.clocks_ended[0].state, state, "{now}");
            assert_eq!(effects.events.len(), events, "{now}");
            assert!(effects.mails.iter().all(|mail| mail.class == super::super::MailClass::Staff));
        }
    }

    #[test]
    fn it_starts_with_the_program_and_follows_the_policy() {
        let desk = desk();
        let later = Desk { digest_at: time(9, 0, 0, 0), ..desk.clone() };
        let now = at("2026-11-23T15:00:00Z");
        let start = |desk: &Desk, clock: Option<&ClockRow>| {
            let effects = started(desk, clock, now, &mut Chance::from_seed([1; 32]))?;
            Some((effects.clocks[0].due, effects.clocks_ended.len()))
        };
        assert_eq!(start(&desk, None), Some((at("2026-11-24T12:30:00Z"), 0)));
        assert_eq!(start(&desk, Some(&running(&desk, "2026-11-24T12:30:00Z"))), None);
        // What is due already rings first.
        assert_eq!(start(&desk, Some(&running(&desk, "2026-11-23T12:30:00Z"))), None);
        assert_eq!(start(&later, Some(&running(&desk, "2026-11-24T12:30:00Z"))), Some((at("2026-11-24T14:00:00Z"), 1)));
    }
}

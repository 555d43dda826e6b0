//! The breaker in tables, and what holds of every story of it.

use super::*;
use proptest::prelude::*;

const BREAKER: Breaker =
    Breaker { hourly: 100, share: 3, to_one: 10, bounces: 10, bounce_percent: 25, rest_minutes: 60 };

fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-02T15:00:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

#[test]
fn each_number_at_its_edge() {
    let calm = Figures { automatic: 0, recipients: 0, about: 0, arrivals: 0, sent: 0, bounced: 0 };
    for (figures, expected) in [
        (calm, None),
        // Nothing explains them: as many as are never absurd, and one more.
        (Figures { automatic: 100, ..calm }, None),
        (Figures { automatic: 101, ..calm }, Some(Absurd::Arrivals)),
        (Figures { automatic: 130, arrivals: 7, about: 3, recipients: 3, ..calm }, None),
        (Figures { automatic: 131, arrivals: 7, about: 3, recipients: 3, ..calm }, Some(Absurd::Arrivals)),
        // Explained by what came, and still far too many for two people.
        (Figures { automatic: 120, arrivals: 500, recipients: 2, ..calm }, None),
        (Figures { automatic: 121, arrivals: 500, recipients: 2, ..calm }, Some(Absurd::Senders)),
        // Each of ten thousand arrivals has its one reply; each of a thousand open cases its update.
        (Figures { automatic: 10_000, arrivals: 10_000, recipients: 4_000, ..calm }, None),
        (Figures { automatic: 1_000, about: 1_000, recipients: 300, ..calm }, None),
        // Bounces: many, and a large share.
        (Figures { sent: 10, bounced: 10, ..calm }, None),
        (Figures { sent: 44, bounced: 11, ..calm }, None),
        (Figures { sent: 43, bounced: 11, ..calm }, Some(Absurd::Bounces)),
        (Figures { sent: 10_000, bounced: 2_500, ..calm }, None),
    ] {
        assert_eq!(absurd(&BREAKER, &figures), expected, "{figures:?}");
    }
}

#[test]
fn it_stops_rests_and_returns_slowly() {
    let storm = Figures { automatic: 500, recipients: 1, ..Figures::default() };
    let calm = Figures::default();
    let gate = Gate::open("d", at(0));
    assert_eq!(gate.next(&BREAKER, &calm, at(5)), None);
    let (gate, change) = gate.next(&BREAKER, &storm, at(5)).unwrap();
    assert_eq!((gate.state, change, gate.lets_out()), (GateState::Stopped, Change::Stopped, false));
    assert_eq!((gate.why.as_deref(), gate.step_at), (Some("absurd_for_arrivals"), Some(at(65))));
    // While it rests no figures matter.
    assert_eq!(gate.next(&BREAKER, &storm, at(64)), None);
    let (mut gate, change) = gate.next(&BREAKER, &storm, at(65)).unwrap();
    assert_eq!((gate.state, change, gate.remaining), (GateState::Returning, Change::Returning, 5));
    assert_eq!(gate.counts_from(WINDOW, at(70)), at(65), "what came before belongs to the storm");
    let mut steps = vec![gate.remaining];
    let mut minute = 65;
    loop {
        minute += 10;
        assert_eq!(gate.next(&BREAKER, &calm, at(minute - 1)), None);
        let (next, change) = gate.next(&BREAKER, &calm, at(minute)).unwrap();
        gate = next;
        if change == Change::Opened {
            break;
        }
        steps.push(gate.remaining);
    }
    assert_eq!((steps, minute, gate.state), (vec![5, 10, 20, 40, 80], 115, GateState::Open));
    assert_eq!(gate.counts_from(WINDOW, at(120)), at(115));
    assert_eq!(gate.counts_from(WINDOW, at(300)), at(240));
}

#[test]
fn a_storm_that_goes_on_rests_longer_each_time_and_a_day_at_most() {
    let storm = Figures { automatic: 500, recipients: 1, ..Figures::default() };
    let mut gate = Gate::open("d", at(0));
    let (mut minute, mut rests) = (0, Vec::new());
    for _ in 0..8 {
        gate = gate.next(&BREAKER, &storm, at(minute)).unwrap().0;
        rests.push(gate.rest_minutes);
        minute += i64::from(gate.rest_minutes);
        gate = gate.next(&BREAKER, &storm, at(minute)).unwrap().0;
        assert_eq!(gate.state, GateState::Returning);
    }
    assert_eq!(rests, [60, 120, 240, 480, 960, 1440, 1440, 1440]);
}

#[test]
fn a_person_holds_and_releases() {
    let storm = Figures { automatic: 500, ..Figures::default() };
    let gate = Gate::open("d", at(0)).held("console", Some("a test of the gateway"), at(1));
    assert_eq!((gate.state, gate.lets_out(), gate.next(&BREAKER, &storm, at(9_999))), (GateState::Held, false, None));
    let slow = gate.released("console", false, at(2));
    assert_eq!((slow.state, slow.remaining, slow.step_at), (GateState::Returning, 5, Some(at(12))));
    let quick = gate.released("console", true, at(2));
    assert_eq!((quick.state, quick.lets_out(), quick.why), (GateState::Open, true, None));
}

proptest! {
    /// Whatever the figures do: nothing automatic leaves in the minutes behind a stop, more mail never opens what less
    /// mail would stop, and calm opens it in the end.
    #[test]
    fn every_story_ends_open_when_it_is_calm(
        story in prop::collection::vec((0u64..400, 0u64..40, 0u64..40, 1i64..90), 1..60),
    ) {
        let mut gate = Gate::open("d", at(0));
        let mut minute = 0;
        for (automatic, arrivals, recipients, wait) in story {
            minute += wait;
            let figures = Figures { automatic, arrivals, recipients, ..Figures::default() };
            let more = Figures { automatic: automatic + 1, ..figures };
            prop_assert!(absurd(&BREAKER, &figures).is_none() || absurd(&BREAKER, &more).is_some());
            if let Some((next, change)) = gate.next(&BREAKER, &figures, at(minute)) {
                prop_assert_eq!(change == Change::Stopped, next.state == GateState::Stopped);
                if change == Change::Stopped {
                    prop_assert!(next.step_at.unwrap() >= at(minute + 60));
                }
                gate = next;
            }
            prop_assert_eq!(gate.state == GateState::Stopped && gate.lets_out(), false);
        }
        for _ in 0..20 {
            minute += 1440;
            if let Some((next, _)) = gate.next(&BREAKER, &Figures::default(), at(minute)) {
                gate = next;
            }
        }
        prop_assert_eq!(gate.state, GateState::Open);
    }
}

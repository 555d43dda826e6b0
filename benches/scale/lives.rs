//! A few dozen real cases, lived by the real worker: what all others are copies of.

use super::desk::{Kind, reply, request, requester};
use super::rig::{Rig, at};
use jiff::SignedDuration;
use mailclerk::address::EmailAddress;
use mailclerk::case::commands::Word;
use mailclerk::store::CaseRow;

/// Cases that are over.
pub const CLOSED: usize = 36;
/// Cases that are open.
pub const OPEN: usize = 4;
/// The first of the requesters of these cases: nobody else has these numbers.
pub const FIRST: usize = 900_000;
/// Requesters of the cases that are over, with those whose requests led to none.
pub const CLOSED_PEOPLE: usize = 44;

/// When the first of them came.
pub const BEGIN: &str = "2026-11-02T10:00:00-05:00";
/// When the open ones came.
const LATER: &str = "2026-11-16T10:00:00-05:00";
/// When they were given to specialists and acknowledged.
const GIVEN: &str = "2026-11-17T10:00:00-05:00";
/// When all measurements begin.
pub const NOW: &str = "2026-11-18T10:00:00-05:00";

/// Cases from their first mail to their closing: a quarter was returned first, a third got an update, a third had further
/// mail; and eight requests that went elsewhere.
pub async fn closed(rig: &mut Rig) {
    for n in 0..CLOSED {
        let kind = if n % 4 == 3 { Kind::Incomplete } else { Kind::Complete };
        rig.deliver(&request(kind, FIRST + n, n));
    }
    for n in CLOSED..CLOSED_PEOPLE {
        rig.deliver(&request(Kind::Elsewhere, FIRST + n, n));
    }
    rig.run(at(BEGIN)).await;
    for n in (0..CLOSED).filter(|n| n % 4 == 3) {
        rig.deliver(&request(Kind::Complete, FIRST + n, n));
    }
    rig.run(at("2026-11-02T15:00:00-05:00")).await;
    rig.run(at("2026-11-03T10:00:00-05:00")).await;
    let cases = rig.worker.store.cases(None, true).await.expect("cases");
    assert_eq!(cases.len(), CLOSED, "each request is a case");
    for (n, case) in cases.iter().enumerate() {
        if n % 3 != 0 {
            rig.act(worker(case), &case.number, ANSWER, &[]).await;
        }
        if n % 3 == 1 {
            let who = (FIRST..FIRST + CLOSED).find(|who| requester(*who) == case.requester.to_string());
            rig.deliver(&reply(who.expect("a requester"), n, &case.number.0));
        }
    }
    rig.run(at("2026-11-04T10:00:00-05:00")).await;
    for (_, case) in cases.iter().enumerate().filter(|(n, _)| n % 3 != 0) {
        rig.pass(SignedDuration::from_mins(1));
        rig.act(worker(case), &case.number, "", &[(Word::Resolve, CLOSING)]).await;
    }
    // The others get their update first.
    rig.run(at("2026-11-11T12:00:00-05:00")).await;
    for case in cases.iter().step_by(3) {
        rig.pass(SignedDuration::from_mins(1));
        rig.act(worker(case), &case.number, ANSWER, &[(Word::Resolve, CLOSING)]).await;
    }
    rig.run(at("2026-11-13T10:00:00-05:00")).await;
    assert!(rig.worker.store.cases(None, true).await.expect("cases").is_empty(), "all are over");
}

/// Cases that were given and acknowledged, and wait for their answer.
pub async fn open(rig: &mut Rig) {
    rig.run(at(LATER)).await;
    for n in 0..OPEN {
        rig.deliver(&request(Kind::Complete, FIRST + CLOSED_PEOPLE + n, CLOSED_PEOPLE + n));
    }
    rig.run(at(LATER)).await;
    rig.run(at(GIVEN)).await;
    let cases = rig.worker.store.cases(None, true).await.expect("cases");
    assert!(cases.len() == OPEN && cases.iter().all(|case| case.specialist.is_some()), "somebody has each");
}

/// Who works a case.
fn worker(case: &CaseRow) -> &EmailAddress {
    case.specialist.as_ref().expect("somebody has it")
}

const CLOSING: &str = "A new card was sent.";
const ANSWER: &str = "Hello,\n\nthank you for your request. The address on file was changed today, and the new card \
    leaves our office tomorrow. It takes seven to ten business days. Please write again if it has not come by then.\n\n\
    Kind regards\nAnn";

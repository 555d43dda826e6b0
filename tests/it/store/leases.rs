//! Leases: who works on which message, and what a lost lease may not do.

use super::on_both;
use super::world::{DESK, MAILBOX, World, address};
use jiff::Timestamp;
use mailclerk::store::{Committed, LeasedMessage, Released};
use mailclerk::words::Decision;
use uuid::Uuid;

on_both!(
    two_workers_never_have_the_same_message,
    one_senders_mails_stay_in_their_order_among_workers,
    an_answer_waits_for_what_it_answers_whoever_has_that,
    after_a_crash_messages_come_one_by_one,
    a_lost_lease_cannot_write,
    an_orderly_stop_takes_nothing,
    a_message_to_blame_waits_and_others_go_on,
    what_waits_for_a_message_to_blame_keeps_nobody_else_waiting,
    what_is_held_is_released_without_a_lease_and_once,
    the_dead_hold_nothing,
    locks,
);

async fn recorded(world: &World, n: usize) -> Vec<Uuid> {
    let batch: Vec<_> = (0..n)
        .map(|i| world.arrived(&i.to_string(), &format!("body {i}"), world.later(i64::try_from(i).expect("small"))))
        .collect();
    let recorded = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    recorded.iter().map(|one| one.id).collect()
}

async fn two_workers_never_have_the_same_message(world: World) {
    let ids = recorded(&world, 40).await;
    let other = world.other().await;
    let (until, now) = (world.later(5), world.now);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (ours, theirs) = tokio::join!(
            world.store.lease_messages(DESK, Uuid::from_u128(1), 7, until, now),
            other.lease_messages(DESK, Uuid::from_u128(2), 7, until, now)
        );
        seen.extend(ours.expect("leased").into_iter().chain(theirs.expect("leased")).map(|one| one.id));
    }
    seen.sort();
    assert_eq!(seen, ids, "each once");
    assert!(world.store.lease_messages("other", Uuid::from_u128(1), 7, until, now).await.expect("leased").is_empty());
}

async fn one_senders_mails_stay_in_their_order_among_workers(world: World) {
    let of = |name: &str, sender: &str, minutes| {
        let mut one = world.arrived(name, name, world.later(minutes));
        one.queue.sender = Some(address(sender));
        one
    };
    let batch = [of("1", "jo@example.com", 0), of("2", "jo@example.com", 1), of("3", "ann@example.com", 2)];
    let ids = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    let lease =
        |holder, limit, now| world.store.lease_messages(DESK, Uuid::from_u128(holder), limit, world.later(9), now);
    let leased = |found: Vec<LeasedMessage>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(leased(lease(1, 1, world.now).await.expect("leased")), [ids[0].id]);
    // What the first one wrote next may answer their own mail, which another has in hands; Ann waits for nobody.
    assert_eq!(leased(lease(2, 9, world.now).await.expect("leased")), [ids[2].id]);
    assert!(lease(2, 9, world.now).await.expect("leased").is_empty());
    // Nor may another task of the worker that has it: it would be decided beside the first, perhaps before it.
    assert!(lease(1, 9, world.now).await.expect("leased").is_empty());
    // The leases run out.
    let again = |holder| world.store.lease_messages(DESK, Uuid::from_u128(holder), 9, world.later(99), world.later(9));
    let first = leased(again(2).await.expect("leased"));
    assert_eq!(first, [ids[0].id], "what was tried comes alone");
    let decided = [world.decided(ids[0].id, "jo@example.com", Decision::Ignore)];
    assert_eq!(world.commit(&decided, &[(ids[0].id, 2)]).await, [Committed::Written]);
    assert_eq!(leased(again(1).await.expect("leased")), [ids[2].id], "it was tried, too");
    assert_eq!(leased(again(1).await.expect("leased")), [ids[1].id]);
}

async fn an_answer_waits_for_what_it_answers_whoever_has_that(world: World) {
    let of = |name: &str, sender: &str, answers: &[&str], minutes| {
        let mut one = world.arrived(name, name, world.later(minutes));
        one.queue.sender = Some(address(sender));
        one.queue.own_id = Some(format!("{name}@example.com"));
        one.queue.answers = answers.iter().map(|id| format!("{id}@example.com")).collect();
        one
    };
    let first = [of("1", "jo@example.com", &[], 0)];
    let rest = [
        of("2", "ann@example.com", &["0", "1"], 1),
        of("3", "bob@example.com", &["2"], 2),
        of("4", "cid@example.com", &["0"], 3),
        // Two of one id that answer each other wait for nothing that stands behind them.
        of("1", "eve@example.com", &["5"], 4),
        of("5", "eve@example.com", &["1"], 5),
    ];
    let mut ids = Vec::new();
    for batch in [&first[..], &rest[..]] {
        let mut batch = batch.to_vec();
        batch.iter_mut().enumerate().for_each(|(n, one)| one.key.name = format!("{}{n}", ids.len()));
        let recorded = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
        ids.extend(recorded.iter().map(|one| one.id));
    }
    let lease =
        |holder, limit| world.store.lease_messages(DESK, Uuid::from_u128(holder), limit, world.later(9), world.now);
    let leased = |found: Vec<LeasedMessage>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(leased(lease(1, 1).await.expect("leased")), [ids[0]]);
    // Whatever stands in Jo's thread waits for Jo's; what answers nothing that waits does not.
    assert_eq!(leased(lease(2, 9).await.expect("leased")), [ids[3], ids[4]]);
    let decide = async |id, author: &str| {
        assert_eq!(
            world.commit(&[world.decided(id, author, Decision::Ignore)], &[(id, 1)]).await,
            [Committed::Written]
        );
    };
    decide(ids[0], "jo@example.com").await;
    assert_eq!(leased(lease(2, 9).await.expect("leased")), [ids[1], ids[2]]);
    decide(ids[4], "eve@example.com").await;
    assert_eq!(leased(lease(2, 9).await.expect("leased")), [ids[5]]);
}

async fn after_a_crash_messages_come_one_by_one(world: World) {
    let ids = recorded(&world, 4).await;
    let lease = |now| world.store.lease_messages(DESK, Uuid::from_u128(1), 3, world.later(10), now);
    let first = lease(world.now).await.expect("leased");
    assert_eq!(
        first.iter().map(|one| (one.id, one.attempts)).collect::<Vec<_>>(),
        [(ids[0], 1), (ids[1], 1), (ids[2], 1)]
    );
    // The worker is gone; its leases run out.
    let later = world.later(11);
    let again = world.store.lease_messages(DESK, Uuid::from_u128(2), 3, world.later(20), later).await.expect("leased");
    assert_eq!(again.iter().map(|one| (one.id, one.attempts)).collect::<Vec<_>>(), [(ids[0], 2)]);
    assert!(again[0].fence > first[0].fence);
    for id in [ids[1], ids[2], ids[3]] {
        let next =
            world.store.lease_messages(DESK, Uuid::from_u128(2), 3, world.later(20), later).await.expect("leased");
        assert_eq!(next.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    }
}

async fn a_lost_lease_cannot_write(world: World) {
    let ids = recorded(&world, 1).await;
    let first =
        world.store.lease_messages(DESK, Uuid::from_u128(1), 1, world.later(1), world.now).await.expect("leased");
    let second =
        world.store.lease_messages(DESK, Uuid::from_u128(2), 1, world.later(9), world.later(2)).await.expect("leased");
    let effects = [world.decided(ids[0], "jo@example.com", Decision::Ignore)];
    assert_eq!(world.commit(&effects, &[(ids[0], first[0].fence)]).await, [Committed::Stale]);
    assert_eq!(world.commit(&effects, &[]).await, [Committed::Stale], "no lease at all");
    assert_eq!(world.commit(&effects, &[(ids[0], second[0].fence)]).await, [Committed::Written]);
    assert_eq!(world.commit(&effects, &[(ids[0], second[0].fence)]).await, [Committed::Stale], "decided already");
}

async fn an_orderly_stop_takes_nothing(world: World) {
    recorded(&world, 3).await;
    let lease = || world.store.lease_messages(DESK, Uuid::from_u128(1), 3, world.later(10), world.now);
    let leases: Vec<_> = lease().await.expect("leased").iter().map(|one| back(one, false, world.now)).collect();
    assert!(lease().await.expect("leased").is_empty());
    world.store.release_messages(&leases).await.expect("released");
    world.store.release_messages(&leases).await.expect("released twice changes nothing");
    let again = lease().await.expect("leased");
    assert_eq!(again.iter().map(|one| one.attempts).collect::<Vec<_>>(), [1, 1, 1]);
}

fn back(lease: &LeasedMessage, counts: bool, again_at: Timestamp) -> Released {
    Released { message: lease.id, fence: lease.fence, counts, again_at }
}

/// Two mails of one person were in a batch that broke: the first waits, the second for the first, and nobody else.
async fn what_waits_for_a_message_to_blame_keeps_nobody_else_waiting(world: World) {
    let of = |name: &str, sender: &str, minutes| {
        let mut one = world.arrived(name, name, world.later(minutes));
        one.queue.sender = Some(address(sender));
        one
    };
    let batch = [of("1", "jo@example.com", 0), of("2", "jo@example.com", 1)];
    let first = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    let lease = || world.store.lease_messages(DESK, Uuid::from_u128(1), 9, world.later(60), world.now);
    let leased = lease().await.expect("leased");
    let released = [back(&leased[0], true, world.later(5)), back(&leased[1], true, world.now)];
    world.store.release_messages(&released).await.expect("released");
    let others = [of("3", "ann@example.com", 2), of("4", "bob@example.com", 3)];
    let others = world.store.record(MAILBOX, DESK, &others, None, world.now).await.expect("recorded");
    let next: Vec<Uuid> = lease().await.expect("leased").iter().map(|one| one.id).collect();
    assert_eq!(next, [others[0].id, others[1].id]);
    assert!(lease().await.expect("leased").is_empty());
    let later = world.store.lease_messages(DESK, Uuid::from_u128(1), 9, world.later(90), world.later(5)).await;
    assert_eq!(later.expect("leased")[0].id, first[0].id);
}

/// Held, a message needs no lease to be released.
async fn what_is_held_is_released_without_a_lease_and_once(world: World) {
    let (id, fence) = world.leased("body").await;
    let held = world.decided(id, "jo@example.com", Decision::Hold);
    assert_eq!(world.commit(&[held], &[(id, fence)]).await, [Committed::Written]);
    assert_eq!(world.store.held(Some(DESK)).await.expect("read").len(), 1);
    let mut released = world.decided(id, "jo@example.com", Decision::Ignore);
    assert_eq!(world.commit(std::slice::from_ref(&released), &[]).await, [Committed::Stale]);
    released.decided.as_mut().expect("decided").releases_held = true;
    assert_eq!(world.commit(&[released.clone()], &[]).await, [Committed::Written]);
    assert_eq!(world.commit(&[released], &[]).await, [Committed::Stale], "released already");
    assert!(world.store.held(None).await.expect("read").is_empty());
}

async fn a_message_to_blame_waits_and_others_go_on(world: World) {
    let ids = recorded(&world, 2).await;
    let lease = |now| world.store.lease_messages(DESK, Uuid::from_u128(1), 1, world.later(99), now);
    assert_eq!(world.store.next_undecided(DESK).await.expect("read"), Some(world.now));
    let first = lease(world.now).await.expect("leased");
    let pause = world.later(3);
    world.store.release_messages(&[back(&first[0], true, pause)]).await.expect("released");
    let others = lease(world.now).await.expect("leased");
    assert_eq!(others.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[1]]);
    assert!(lease(world.now).await.expect("leased").is_empty(), "it is not tried without a pause");
    assert_eq!(world.store.next_undecided(DESK).await.expect("read"), Some(pause));
    let again = lease(pause).await.expect("leased");
    assert_eq!(again.iter().map(|one| (one.id, one.attempts)).collect::<Vec<_>>(), [(ids[0], 2)]);
    assert_eq!(world.store.next_undecided("other").await.expect("read"), None);
}

async fn the_dead_hold_nothing(world: World) {
    let ids = recorded(&world, 2).await;
    let (dead, alive) = (Uuid::from_u128(0xdead), Uuid::from_u128(0xa11fe));
    let other = world.other().await;
    let presence = other.show_presence(alive).await.expect("shown");
    let died = world.store.show_presence(dead).await.expect("shown");
    let lease = |holder| world.store.lease_messages(DESK, holder, 1, world.later(60), world.now);
    assert_eq!(lease(dead).await.expect("leased")[0].id, ids[0]);
    assert_eq!(lease(alive).await.expect("leased")[0].id, ids[1]);
    assert!(world.store.try_lock("tick", dead, world.later(60), world.now).await.expect("asked"));
    assert_eq!(world.store.end_leases_of_the_dead(world.now).await.expect("ended"), 0, "both live");
    drop(died);
    // A server notices a closed connection in its own time.
    let mut ended = 0;
    while ended < 2 {
        ended += world.store.end_leases_of_the_dead(world.now).await.expect("ended");
        tokio::task::yield_now().await;
    }
    assert!(world.store.try_lock("tick", alive, world.later(60), world.now).await.expect("asked"));
    let again = lease(alive).await.expect("leased");
    assert_eq!((again[0].id, again[0].attempts), (ids[0], 2));
    drop(presence);
}

async fn locks(world: World) {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let lock = |holder, until, now| world.store.try_lock("tick", holder, until, now);
    assert!(lock(one, world.later(5), world.now).await.expect("asked"));
    assert!(!lock(two, world.later(5), world.now).await.expect("asked"));
    assert!(lock(one, world.later(8), world.later(4)).await.expect("prolonged"));
    assert!(!lock(two, world.later(9), world.later(7)).await.expect("asked"));
    assert!(lock(two, world.later(9), world.later(8)).await.expect("it ran out"));
    world.store.unlock("tick", one).await.expect("not its own");
    assert!(!lock(one, world.later(20), world.later(8)).await.expect("asked"));
    world.store.unlock("tick", two).await.expect("given back");
    assert!(lock(one, world.later(20), world.later(8)).await.expect("asked"));
}

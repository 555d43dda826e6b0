//! Turns: one who sends very much keeps nobody waiting, staff go first, nothing starves. Order and counts, never time.
//!
//! A storm has 20,000 mails here, and as many as `MAILCLERK_STORM` says where it is set (100000 is what is promised).

use super::on_both;
use super::world::{DESK, MAILBOX, World, address};
use crate::storm::storm;
use mailclerk::effects::{Effects, MailClass};
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::{Arrived, Committed, LeasedMessage, QueueFacts, Store};
use mailclerk::words::Decision;
use proptest::strategy::{Strategy, ValueTree};
use std::collections::BTreeSet;
use uuid::Uuid;

on_both!(
    a_storm_keeps_neither_staff_nor_the_others_waiting,
    staff_go_ahead_and_no_further_than_is_good_for_the_others,
    an_answer_waits_for_what_it_answers,
    several_workers_share_a_storm_and_decide_each_once,
    after_a_crash_in_a_storm_the_others_go_on,
    one_recipients_mails_keep_no_others_waiting,
    everything_is_decided_within_its_bound,
);

/// Messages decided in one transaction, as the worker has it.
const BATCH: usize = 50;

fn mail(world: &World, name: &str, from: &str, minute: usize) -> Arrived {
    let queue = QueueFacts {
        sender: Some(address(from)),
        is_staff: from.ends_with("@desk.example"),
        own_id: Some(format!("{name}@example.org")),
        answers: Vec::new(),
    };
    let later = world.later(i64::try_from(minute).expect("small"));
    Arrived { queue, ..world.arrived(name, name, later) }
}

async fn record(world: &World, mails: &[Arrived]) {
    for batch in mails.chunks(100) {
        world.store.record(MAILBOX, DESK, batch, None, world.now).await.expect("recorded");
    }
}

/// Leases and decides one batch; gives the names in their order.
async fn decide(world: &World, store: &Store, holder: u128, limit: usize) -> Vec<String> {
    let leased =
        store.lease_messages(DESK, Uuid::from_u128(holder), limit, world.later(60), world.now).await.expect("leased");
    decide_those(world, store, &leased).await;
    leased.into_iter().map(|one| one.key.name).collect()
}

async fn decide_those(world: &World, store: &Store, leased: &[LeasedMessage]) {
    let effects: Vec<Effects> =
        leased.iter().map(|one| world.decided(one.id, "jo@example.com", Decision::Ignore)).collect();
    let fences: Vec<(Uuid, i64)> = leased.iter().map(|one| (one.id, one.fence)).collect();
    let committed = store.commit(&effects, &fences, world.now).await.expect("committed");
    assert!(committed.iter().all(|one| *one == Committed::Written), "{committed:?}");
}

fn storm_and_others(world: &World) -> Vec<Arrived> {
    let mut mails: Vec<_> = (0..storm()).map(|n| mail(world, &format!("s{n}"), "storm@example.org", 0)).collect();
    mails.extend((0..100).map(|n| mail(world, &format!("o{n}"), &format!("o{n}@example.org"), 1)));
    mails.extend((0..3).map(|n| mail(world, &format!("l{n}"), "lee@desk.example", 2)));
    mails
}

async fn a_storm_keeps_neither_staff_nor_the_others_waiting(world: World) {
    record(&world, &storm_and_others(&world)).await;
    assert_plans(&world).await;
    let mut decided = Vec::new();
    while decided.len() < 4 * BATCH {
        decided.extend(decide(&world, &world.store, 1, BATCH).await);
    }
    assert_eq!(decided[..3], ["l0", "l1", "l2"], "staff before all");
    let place = |name: String| decided.iter().position(|one| *one == name);
    let last = (0..100).filter_map(|n| place(format!("o{n}"))).max();
    assert_eq!((0..100).filter(|n| place(format!("o{n}")).is_some()).count(), 100, "{decided:?}");
    println!("{} mails of one sender: the last of a hundred others is decided as number {last:?}", storm());
    // Each fifth of a batch goes by age; the rest is theirs, and one of the storm's has the same turn.
    assert!(last.is_some_and(|last| last < 150), "{last:?}");
    let storms: Vec<_> = decided.iter().filter(|name| name.starts_with('s')).cloned().collect();
    let in_order: Vec<_> = (0..storms.len()).map(|n| format!("s{n}")).collect();
    assert_eq!(storms.iter().collect::<BTreeSet<_>>(), in_order.iter().collect(), "one sender's mail keeps its order");
    // Who comes now does not stand behind the storm either.
    record(&world, &[mail(&world, "late", "late@example.org", 3)]).await;
    assert!(decide(&world, &world.store, 1, BATCH).await.contains(&"late".to_owned()));
}

/// The plan reads an index in its order and stops: there is nothing to sort, however much waits.
async fn assert_plans(world: &World) {
    let DatabaseUrl::Postgres { .. } = &world.url else { return };
    world.sql("ANALYZE messages").await;
    for (order, index) in [("turn, arrived, id", "messages_by_turn"), ("arrived, turn, id", "messages_by_age")] {
        let sql = format!(
            "EXPLAIN SELECT id, turn, attempts FROM messages WHERE desk = '{DESK}' AND state = 'recorded' \
             AND (lease_until IS NULL OR lease_until <= now()) ORDER BY {order} LIMIT 50 FOR UPDATE SKIP LOCKED"
        );
        let plan = world.texts(&sql).await.join("\n");
        assert!(plan.contains(index) && !plan.contains("Sort") && !plan.contains("Seq Scan"), "{plan}");
    }
    for column in ["MAX", "MIN"] {
        let sql = format!(
            "EXPLAIN SELECT {column}(turn) FROM messages WHERE desk = '{DESK}' AND sender_key = 'x' AND turn > 0 \
             AND state = 'recorded'"
        );
        let plan = world.texts(&sql).await.join("\n");
        assert!(plan.contains("Index") && !plan.contains("Seq Scan"), "{plan}");
    }
}

/// Somebody writes a member of staff's address into `From`, or a rule runs wild in their mailbox.
async fn staff_go_ahead_and_no_further_than_is_good_for_the_others(world: World) {
    let mut mails: Vec<_> = (0..500).map(|n| mail(&world, &format!("l{n}"), "lee@desk.example", 0)).collect();
    mails.extend((0..30).map(|n| mail(&world, &format!("o{n}"), &format!("o{n}@example.org"), 1)));
    mails.push(mail(&world, "kim", "kim@desk.example", 2));
    record(&world, &mails).await;
    let mut decided = decide(&world, &world.store, 1, BATCH).await;
    decided.extend(decide(&world, &world.store, 1, BATCH).await);
    let ahead: Vec<_> = (0..20).map(|n| format!("l{n}")).chain(["kim".to_owned()]).collect();
    assert_eq!(decided[..21], ahead);
    assert_eq!(decided.iter().filter(|name| name.starts_with('o')).count(), 30, "{decided:?}");
}

async fn an_answer_waits_for_what_it_answers(world: World) {
    let mut mails: Vec<_> = (0..30).map(|n| mail(&world, &format!("a{n}"), "a@example.org", 0)).collect();
    let answering = |name: &str, from: &str, id: &str| {
        let mut one = mail(&world, name, from, 1);
        one.queue.answers = vec![format!("{id}@example.org")];
        one
    };
    mails.push(answering("pat", "pat@example.org", "a20"));
    mails.push(answering("lee", "lee@desk.example", "pat"));
    mails.push(mail(&world, "other", "other@example.org", 1));
    record(&world, &mails).await;
    let mut decided = Vec::new();
    for _ in 0..9 {
        decided.extend(decide(&world, &world.store, 1, 4).await);
    }
    let place = |name: &str| decided.iter().position(|one| one == name).expect("decided");
    assert!(place("a20") < place("pat") && place("pat") < place("lee"), "{decided:?}");
    assert!(place("other") < 4, "{decided:?}");
}

async fn several_workers_share_a_storm_and_decide_each_once(world: World) {
    let mut mails: Vec<_> = (0..600).map(|n| mail(&world, &format!("s{n}"), "storm@example.org", 0)).collect();
    mails.extend((0..40).map(|n| mail(&world, &format!("o{n}"), &format!("o{n}@example.org"), 1)));
    record(&world, &mails).await;
    let other = world.other().await;
    let (mut ours, mut theirs, mut seen) = (Vec::new(), Vec::new(), 0);
    while seen < mails.len() {
        let (one, two) = tokio::join!(decide(&world, &world.store, 1, 20), decide(&world, &other, 2, 20));
        assert!(!one.is_empty() || !two.is_empty());
        seen += one.len() + two.len();
        ours.push(one);
        theirs.push(two);
    }
    let all: Vec<_> = ours.iter().chain(&theirs).flatten().collect();
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "each once");
    // In either's first two batches at least as many others as fit beside the share of age.
    let early = ours.iter().take(2).chain(theirs.iter().take(2)).flatten().filter(|name| name.starts_with('o')).count();
    assert!(early == 40, "{early}");
}

/// A worker died with a batch in its hands: what it had comes one by one, and others come besides.
async fn after_a_crash_in_a_storm_the_others_go_on(world: World) {
    let mails: Vec<_> = (0..200).map(|n| mail(&world, &format!("s{n}"), "storm@example.org", 0)).collect();
    record(&world, &mails).await;
    let lease = |now| world.store.lease_messages(DESK, Uuid::from_u128(1), BATCH, world.later(10), now);
    assert_eq!(lease(world.now).await.expect("leased").len(), BATCH);
    record(&world, &[mail(&world, "lee", "lee@desk.example", 1), mail(&world, "jo", "jo@example.org", 1)]).await;
    let mut names = Vec::new();
    loop {
        let leased = world
            .store
            .lease_messages(DESK, Uuid::from_u128(2), BATCH, world.later(99), world.later(11))
            .await
            .expect("leased");
        if leased.is_empty() {
            break;
        }
        assert!(leased.len() == 1 || leased.iter().all(|one| one.attempts == 1), "tried ones come alone");
        decide_those(&world, &world.store, &leased).await;
        names.extend(leased.into_iter().map(|one| one.key.name));
    }
    assert_eq!(names[0], "lee", "staff first, whatever broke");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 202, "nothing is lost");
}

async fn one_recipients_mails_keep_no_others_waiting(world: World) {
    let many = storm() / 4;
    let queue = |mails: Vec<_>| Effects { mails, ..world.nothing() };
    let to = |to: &str, class| world.mail(to, class, Some(mailclerk::case::standing::Target::Case(world.id())));
    for _ in 0..many / 100 {
        let mails = (0..100).map(|_| to("storm@example.org", MailClass::Automatic)).collect();
        world.write(queue(mails), &[]).await;
    }
    let others: Vec<_> = (0..100).map(|n| to(&format!("o{n}@example.org"), MailClass::Automatic)).collect();
    let staff = to("lee@desk.example", MailClass::Staff);
    let answer = to("jo@example.org", MailClass::Answer);
    let (first, second) = (staff.id, answer.id);
    let wanted: BTreeSet<Uuid> = others.iter().map(|mail| mail.id).collect();
    world.write(queue(others), &[]).await;
    world.write(queue(vec![answer, staff]), &[]).await;
    let (mut left, mut waiting) = (Vec::new(), wanted.len());
    while waiting > 0 {
        let claimed =
            world.store.claim_mails(Uuid::from_u128(1), 4, world.later(30), world.now).await.expect("claimed");
        assert!(!claimed.is_empty() && left.len() < 200, "{waiting} of the hundred wait behind {}", left.len());
        for one in claimed {
            world.store.mark_sent(one.mail.id, one.fence, "250", world.now).await.expect("marked");
            waiting -= usize::from(wanted.contains(&one.mail.id));
            left.push(one.mail.id);
        }
    }
    assert_eq!(left[..2], [first, second], "staff, then people's answers");
    println!("{many} mails to one recipient: the last of a hundred others leaves as number {}", left.len());
    assert!(left.len() < 150);
}

/// Random arrivals against a model of the rule: what is leased, and that nobody waits longer than the older ones let him.
async fn everything_is_decided_within_its_bound(world: World) {
    const LIMIT: usize = 10;
    let arrivals = proptest::collection::vec(proptest::collection::vec(0_usize..12, 0..14), 20..40);
    let mut runner = proptest::test_runner::TestRunner::default();
    for round in 0..4 {
        let plan = arrivals.new_tree(&mut runner).expect("a plan").current();
        let mut model = Model::default();
        let (mut count, mut batch) = (0, 0);
        for step in plan.into_iter().map(Some).chain(std::iter::repeat_n(None, 200)) {
            if let Some(senders) = step {
                let mut mails = Vec::new();
                for sender in senders {
                    let name = format!("r{round}n{count}");
                    // 0 is somebody else each time, 1 a storm of three, 2 a member of staff.
                    let (from, times) = match sender {
                        0 => (format!("new{round}-{count}@example.org"), 1),
                        1 => ("storm@example.org".to_owned(), 3),
                        2 => ("lee@desk.example".to_owned(), 1),
                        known => (format!("p{known}@example.org"), 1),
                    };
                    for n in 0..times {
                        let name = format!("{name}x{n}");
                        mails.push(mail(&world, &name, &from, count));
                        model.add(name, from.clone(), batch);
                        count += 1;
                    }
                }
                record(&world, &mails).await;
            }
            let expected = model.next(LIMIT);
            let leased = decide(&world, &world.store, 1, LIMIT).await;
            assert_eq!(leased, expected, "round {round}, batch {batch}");
            batch += 1;
            model.decided(&leased, batch, LIMIT);
            if model.waiting.is_empty() && batch > 40 {
                break;
            }
        }
        assert!(model.waiting.is_empty());
    }
}

/// The rule, told again in the simplest way: lists that are searched through.
#[derive(Default)]
struct Model {
    /// By age: name, sender, turn, the batch that was next when it came, and how many older ones waited then.
    waiting: Vec<(String, String, i64, usize, usize)>,
}

impl Model {
    fn add(&mut self, name: String, from: String, batch: usize) {
        let of_sender: Vec<i64> = self.waiting.iter().filter(|one| one.1 == from).map(|one| one.2).collect();
        let floor = self.floor();
        let goes_ahead =
            from.ends_with("@desk.example") && of_sender.iter().all(|turn| *turn == 0) && of_sender.len() < 20;
        let turn = match of_sender.iter().max() {
            _ if goes_ahead => 0,
            None => floor,
            Some(last) => floor.max(last + 1),
        };
        let older = self.waiting.len();
        self.waiting.push((name, from, turn, batch, older));
    }

    fn floor(&self) -> i64 {
        self.waiting.iter().map(|one| one.2).filter(|turn| *turn > 0).min().unwrap_or(1)
    }

    fn next(&self, limit: usize) -> Vec<String> {
        let mut by_turn: Vec<usize> = (0..self.waiting.len()).collect();
        by_turn.sort_by_key(|index| (self.waiting[*index].2, *index));
        let staff = by_turn.iter().filter(|index| self.waiting[**index].2 == 0).count().min(limit);
        let aged = (0..self.waiting.len()).take((limit / 5).min(limit - staff));
        let mut chosen: Vec<usize> = Vec::new();
        for index in by_turn[..staff].iter().copied().chain(aged).chain(by_turn[staff..].iter().copied()) {
            if chosen.len() < limit && !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        chosen.sort_by_key(|index| (self.waiting[*index].2, *index));
        chosen.into_iter().map(|index| self.waiting[index].0.clone()).collect()
    }

    fn decided(&mut self, names: &[String], batch: usize, limit: usize) {
        for one in self.waiting.iter().filter(|one| names.contains(&one.0)) {
            // Two by age in each batch, besides the few that staff fill.
            let bound = one.4 / (limit / 5) + 1 + self.waiting.iter().filter(|one| one.2 == 0).count() / limit;
            assert!(
                batch - one.3 <= bound,
                "{} waited for {} batches behind {} older ones",
                one.0,
                batch - one.3,
                one.4
            );
        }
        self.waiting.retain(|one| !names.contains(&one.0));
    }
}

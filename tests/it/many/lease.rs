//! The lease on reading a mailbox: what each step does in each state, and that a lost one writes nothing.

use crate::store::on_both;
use crate::store::world::{DESK, World};
use jiff::SignedDuration;
use mailclerk::store::{ReaderLease, Store, StoreError, StoredCursor, StoredKey};
use uuid::Uuid;

on_both!(
    each_step_in_each_state,
    any_order_of_steps_agrees_with_the_model,
    a_lost_lease_writes_nothing,
    the_dead_read_nothing,
    two_that_take_it_at_once,
);

const LASTS: SignedDuration = SignedDuration::from_secs(45);
const BOX: &str = "a mailbox";

async fn take(world: &World, holder: Uuid) -> Option<ReaderLease> {
    world.store.take_reader(BOX, holder, LASTS).await.expect("asked")
}

/// As if the lease's time had passed.
async fn run_out(world: &World) {
    world.sql("UPDATE mailbox_readers SET lease_until = '2001-01-01T00:00:00.000000Z' WHERE holder IS NOT NULL").await;
}

async fn each_step_in_each_state(world: World) {
    let (one, two) = (world.id(), world.id());
    let _lives = (world.store.show_presence(one).await, world.store.show_presence(two).await);
    let first = take(&world, one).await.expect("it was free");
    assert_eq!((first.fence, first.holder, first.mailbox.as_str()), (1, one, BOX));
    assert_eq!(take(&world, two).await, None, "another lives and has it");
    assert!(world.store.renew_reader(&first, LASTS).await.expect("asked"));
    assert!(world.store.is_reader(&first).await.expect("asked"));
    run_out(&world).await;
    assert!(world.store.renew_reader(&first, LASTS).await.expect("asked"), "nobody came");
    run_out(&world).await;
    let second = take(&world, two).await.expect("it ran out");
    assert_eq!((second.fence, second.holder), (2, two));
    assert!(!world.store.renew_reader(&first, LASTS).await.expect("asked"));
    assert!(!world.store.is_reader(&first).await.expect("asked"));
    world.store.release_reader(&first).await.expect("not its own any more");
    assert!(world.store.is_reader(&second).await.expect("asked"));
    world.store.release_reader(&second).await.expect("released");
    assert!(!world.store.renew_reader(&second, LASTS).await.expect("asked"), "given back");
    assert_eq!(take(&world, one).await.expect("it was given back").fence, 3);
    assert_eq!(take(&world, one).await.expect("its own").fence, 4, "what it had forgotten counts no more");
    let other = world.store.take_reader("another", two, LASTS).await.expect("asked");
    assert_eq!(other.expect("another mailbox").fence, 1);
}

/// What the rows should be, kept beside them.
#[derive(Default)]
struct Model {
    holder: Option<usize>,
    fence: i64,
    ran_out: bool,
}

async fn any_order_of_steps_agrees_with_the_model(world: World) {
    let holders = [world.id(), world.id(), world.id()];
    let mut presences = Vec::new();
    for holder in holders {
        presences.push(world.store.show_presence(holder).await.expect("shown"));
    }
    let mut model = Model::default();
    let mut leases: [Option<ReaderLease>; 3] = [None, None, None];
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let mut steps = Vec::new();
    for _ in 0..150 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (who, what) = ((bits >> 33) as usize % 3, (bits >> 40) % 5);
        steps.push((who, what));
        let holds = |model: &Model, lease: &Option<ReaderLease>| {
            model.holder == Some(who) && lease.as_ref().is_some_and(|lease| lease.fence == model.fence)
        };
        match (what, leases[who].clone()) {
            (0 | 1, _) => {
                let taken = take(&world, holders[who]).await;
                let may = model.holder.is_none() || model.holder == Some(who) || model.ran_out;
                assert_eq!(taken.is_some(), may, "{steps:?}");
                if let Some(lease) = taken {
                    model = Model { holder: Some(who), fence: model.fence + 1, ran_out: false };
                    assert_eq!(lease.fence, model.fence, "{steps:?}");
                    leases[who] = Some(lease);
                }
            }
            (2, Some(lease)) => {
                let renewed = world.store.renew_reader(&lease, LASTS).await.expect("asked");
                assert_eq!(renewed, holds(&model, &leases[who]), "{steps:?}");
                model.ran_out &= !renewed;
            }
            (3, Some(lease)) => {
                let stands = holds(&model, &leases[who]);
                assert_eq!(world.store.is_reader(&lease).await.expect("asked"), stands, "{steps:?}");
                assert_eq!(writes(&world.store, &world, &lease).await, stands, "{steps:?}");
                world.store.release_reader(&lease).await.expect("asked");
                if stands {
                    model = Model { holder: None, ran_out: false, ..model };
                }
            }
            (4, _) if model.holder.is_some() => {
                run_out(&world).await;
                model.ran_out = true;
            }
            _ => {}
        }
    }
}

/// Whether a lease lets its holder write.
async fn writes(store: &Store, world: &World, lease: &ReaderLease) -> bool {
    match store.record(lease, DESK, &[], None, world.now).await {
        Ok(_) => true,
        Err(StoreError::LeaseLost) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn a_lost_lease_writes_nothing(world: World) {
    let (one, two) = (world.id(), world.id());
    let _lives = (world.store.show_presence(one).await, world.store.show_presence(two).await);
    let lost = take(&world, one).await.expect("taken");
    run_out(&world).await;
    let held = take(&world, two).await.expect("taken over");
    let store = &world.store;
    let batch = [world.arrived("1", "body", world.now)];
    let cursor = Some(StoredCursor { uid_validity: 9, next_uid: 2 });
    let over = [(world.id(), StoredKey { uid_validity: 0, name: "x".into() })];
    let refused = [
        store.record(&lost, DESK, &batch, cursor, world.now).await.map(drop),
        store.record_sent(&lost, DESK, &batch, cursor, world.now).await.map(drop),
        store.begin_mailbox(&lost, DESK, world.now, cursor, 0, world.now).await,
        store.pass_over(&lost, DESK, &over, world.now).await,
    ];
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(StoreError::LeaseLost))), "{refused:?}");
    assert_eq!(store.cursor(BOX).await.expect("read"), None);
    assert_eq!(store.mailbox_start(BOX).await.expect("read"), None);
    assert_eq!(world.texts("SELECT name FROM messages").await, [""; 0]);
    let recorded = store.record(&held, DESK, &batch, cursor, world.now).await.expect("recorded");
    assert!(recorded[0].is_new);
    assert_eq!(store.cursor(BOX).await.expect("read"), cursor);
}

async fn the_dead_read_nothing(world: World) {
    let (dead, alive) = (world.id(), world.id());
    let lives = world.store.show_presence(alive).await.expect("shown");
    let died = world.other().await.show_presence(dead).await.expect("shown");
    let lease = take(&world, dead).await.expect("taken");
    assert_eq!(world.store.end_leases_of_the_dead(world.now).await.expect("asked"), 0);
    assert_eq!(take(&world, alive).await, None);
    drop(died);
    // A server notices a closed connection in its own time.
    let second = loop {
        if let Some(second) = take(&world, alive).await {
            break second;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(second.fence, 2);
    assert!(!writes(&world.store, &world, &lease).await);
    drop(lives);
    while world.store.end_leases_of_the_dead(world.now).await.expect("ended") == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!world.store.is_reader(&second).await.expect("asked"));
}

async fn two_that_take_it_at_once(world: World) {
    let (one, two) = (world.id(), world.id());
    let _lives = (world.store.show_presence(one).await, world.store.show_presence(two).await);
    let other = world.other().await;
    for n in 1..=20 {
        let (ours, theirs) = tokio::join!(world.store.take_reader(BOX, one, LASTS), other.take_reader(BOX, two, LASTS));
        let taken: Vec<ReaderLease> = [ours.expect("asked"), theirs.expect("asked")].into_iter().flatten().collect();
        assert_eq!(taken.len(), 1, "{taken:?}");
        assert_eq!(taken[0].fence, n);
        world.store.release_reader(&taken[0]).await.expect("released");
    }
}

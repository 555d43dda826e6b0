//! The generations of the token key: begun, superseded, retired, and seen by others who have the database open.

use super::on_both;
use super::world::{DESK, World};
use mailclerk::store::Store;
use mailclerk::words::keys::{Generations, Keys};

on_both!(keys_rotate_and_retire, others_learn_of_it, rotations_stand_in_the_audit_trail);

fn desks() -> Vec<String> {
    vec![DESK.to_owned()]
}

fn numbers(keys: &[mailclerk::store::TokenKey]) -> Vec<(u32, bool)> {
    keys.iter().map(|key| (key.generation, key.retired_at.is_some())).collect()
}

async fn keys_rotate_and_retire(world: World) {
    let first = world.store.token_keys().await.expect("read");
    assert_eq!(numbers(&first), [(0, false)]);
    assert_eq!(first[0].began_at, world.now, "with the installation");
    world.store.rotate_token_key(&desks(), None, world.later(10)).await.expect("rotated");
    world.store.rotate_token_key(&desks(), None, world.later(20)).await.expect("rotated");
    assert_eq!(world.keys.token_generations(), Generations { oldest: 0, newest: 2 });
    // The first was superseded at 10, the second at 20.
    let all = world.store.rotate_token_key(&desks(), Some(world.later(15)), world.later(30)).await.expect("rotated");
    assert_eq!(numbers(&all), [(0, true), (1, false), (2, false), (3, false)]);
    assert_eq!(world.keys.token_generations(), Generations { oldest: 1, newest: 3 });
    let all = world.store.rotate_token_key(&desks(), Some(world.later(40)), world.later(40)).await.expect("rotated");
    assert_eq!(numbers(&all), [(0, true), (1, true), (2, true), (3, true), (4, false)]);
    assert_eq!(all[0].retired_at, Some(world.later(30)), "once retired, it keeps its date");
    assert_eq!(world.store.token_keys().await.expect("read"), all);
}

async fn others_learn_of_it(world: World) {
    let keys = Keys::derive(&[7; 32]);
    let other = Store::open_existing(&world.url, None, keys.clone(), world.now).await.expect("open");
    world.store.rotate_token_key(&desks(), Some(world.now), world.now).await.expect("rotated");
    assert_eq!(keys.token_generations(), Generations { oldest: 0, newest: 0 }, "not told yet");
    other.tell_generations(&keys).await.expect("told");
    assert_eq!(keys.token_generations(), Generations { oldest: 1, newest: 1 });
    let late = Keys::derive(&[7; 32]);
    let _opened = Store::open_existing(&world.url, None, late.clone(), world.now).await.expect("open");
    assert_eq!(late.token_generations(), Generations { oldest: 1, newest: 1 }, "told when it is opened");
}

async fn rotations_stand_in_the_audit_trail(world: World) {
    let both = ["one".to_owned(), "two".to_owned()];
    let before = world.store.audit_verify().await.expect("verified");
    world.store.rotate_token_key(&both, None, world.later(1)).await.expect("rotated");
    let after = world.store.audit_verify().await.expect("verified");
    assert_eq!((after.rows - before.rows, after.chains - before.chains, after.broken.len()), (2, 2, 0));
}

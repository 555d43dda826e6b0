//! Recording: bytes and cursor together, once.

use super::on_both;
use super::world::{DESK, MAILBOX, World, at, raw};
use mailclerk::store::{StoredContent, StoredCursor, StoredKey};
use mailclerk::words::Decision;
use uuid::Uuid;

on_both!(
    bytes_and_cursor_come_together,
    the_same_key_again_is_not_new,
    a_large_batch,
    what_is_not_filed_is_bound_to_its_new_uid,
    a_mailbox_begins_once,
    two_readers_record_each_mail_once,
);

async fn bytes_and_cursor_come_together(world: World) {
    let store = &world.store;
    assert_eq!(store.cursor(MAILBOX).await.expect("read"), None);
    let cursor = StoredCursor { uid_validity: 9, next_uid: 8 };
    let mut batch = vec![world.arrived("6", "first", world.now), world.arrived("7", "second", world.later(-5))];
    batch[1].content = StoredContent::Problem("too large".into());
    let recorded = store.record(MAILBOX, DESK, &batch, Some(cursor), world.now).await.expect("recorded");
    assert!(recorded.iter().zip(&batch).all(|(one, arrived)| one.is_new && one.id == arrived.id));
    assert_eq!(store.cursor(MAILBOX).await.expect("read"), Some(cursor));
    let leased = store.lease_messages(DESK, world.id(), 10, world.later(5), world.now).await.expect("leased");
    let contents: Vec<_> = leased.iter().map(|one| (one.key.name.as_str(), one.content.clone())).collect();
    let expected = [("7", StoredContent::Problem("too large".into())), ("6", StoredContent::Raw(raw("first")))];
    assert_eq!(contents, expected, "oldest arrival first, bytes as they came");
    // Under the same UIDVALIDITY a slower reader does not move the cursor back; under another one it counts anew.
    for (uid_validity, next_uid, expected) in [(9, 3, 8), (9, 20, 20), (10, 2, 2)] {
        let cursor = StoredCursor { uid_validity, next_uid };
        store.record(MAILBOX, DESK, &[], Some(cursor), world.now).await.expect("recorded");
        let expected = StoredCursor { uid_validity, next_uid: expected };
        assert_eq!(store.cursor(MAILBOX).await.expect("read"), Some(expected));
    }
}

async fn the_same_key_again_is_not_new(world: World) {
    let store = &world.store;
    let first = world.arrived("1", "body", world.now);
    let again = world.arrived("1", "body", world.now);
    let twice = [first.clone(), again.clone()];
    let recorded = store.record(MAILBOX, DESK, &twice, None, world.now).await.expect("recorded");
    assert_eq!((recorded[0].is_new, recorded[1].is_new), (true, false));
    assert_eq!(recorded[1].id, first.id);
    let recorded = store.record(MAILBOX, DESK, &[again], None, world.now).await.expect("recorded");
    assert!(!recorded[0].is_new && recorded[0].id == first.id);
    let elsewhere = world.arrived("1", "body", world.now);
    let recorded = store.record("other box", DESK, &[elsewhere], None, world.now).await.expect("recorded");
    assert!(recorded[0].is_new, "a desk may have two mailboxes");
}

async fn a_large_batch(world: World) {
    let batch: Vec<_> =
        (0..223).map(|uid| world.arrived(&uid.to_string(), &format!("body {uid}"), world.now)).collect();
    let recorded = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    assert!(recorded.iter().zip(&batch).all(|(one, arrived)| one.is_new && one.id == arrived.id));
    let recorded = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    assert!(recorded.iter().zip(&batch).all(|(one, arrived)| !one.is_new && one.id == arrived.id));
    let leased = world.store.lease_messages(DESK, world.id(), 500, world.later(5), world.now).await.expect("leased");
    assert_eq!(leased.len(), 223);
    assert!(leased.is_sorted_by_key(|one| one.id));
}

/// UIDVALIDITY was lost between decision and filing.
async fn what_is_not_filed_is_bound_to_its_new_uid(world: World) {
    let (message, fence) = world.leased("body").await;
    world.write(world.decided(message, "jo@example.com", Decision::Ignore), &[(message, fence)]).await;
    let mut anew = world.arrived("77", "body", world.now);
    anew.key.uid_validity = 10;
    let mut twin = world.arrived("78", "body", world.now);
    twin.key.uid_validity = 10;
    let recorded = world.store.record(MAILBOX, DESK, &[anew.clone(), twin], None, world.now).await.expect("recorded");
    assert!(!recorded[0].is_new && recorded[0].id == message);
    assert!(recorded[1].is_new, "one row is bound to one mail");
    let unfiled = world.store.unfiled(MAILBOX, 10).await.expect("unfiled");
    assert_eq!(unfiled.len(), 1);
    assert_eq!((unfiled[0].id, &unfiled[0].key), (message, &StoredKey { uid_validity: 10, name: "77".into() }));
    world.store.mark_filed(&[message], world.now).await.expect("filed");
    assert!(world.store.unfiled(MAILBOX, 10).await.expect("unfiled").is_empty());
    // Once filed, the same bytes under yet another UIDVALIDITY are a new row: a person put them back.
    let mut back = world.arrived("5", "body", world.now);
    back.key.uid_validity = 11;
    let DecisionBound { new } = bound(&world, back).await;
    assert!(!new, "the twin was not filed yet, and is bound");
    let mut back = world.arrived("6", "body", world.now);
    back.key.uid_validity = 11;
    assert!(bound(&world, back).await.new);
}

struct DecisionBound {
    new: bool,
}

async fn bound(world: &World, one: mailclerk::store::Arrived) -> DecisionBound {
    let recorded = world.store.record(MAILBOX, DESK, &[one], None, world.now).await.expect("recorded");
    DecisionBound { new: recorded[0].is_new }
}

async fn a_mailbox_begins_once(world: World) {
    let store = &world.store;
    assert_eq!(store.mailbox_start(MAILBOX).await.expect("read"), None);
    let cursor = StoredCursor { uid_validity: 4, next_uid: 100 };
    store.begin_mailbox(MAILBOX, DESK, world.now, Some(cursor), 99, world.now).await.expect("begun");
    store.begin_mailbox(MAILBOX, DESK, world.later(5), None, 0, world.now).await.expect("begun");
    assert_eq!(store.mailbox_start(MAILBOX).await.expect("read"), Some(world.now));
    assert_eq!(store.cursor(MAILBOX).await.expect("read"), Some(cursor));
    store.begin_mailbox("all", DESK, jiff::Timestamp::MIN, None, 0, world.now).await.expect("begun");
    assert_eq!(store.mailbox_start("all").await.expect("read"), Some(at("0001-01-01T00:00:00Z")));
    // A cursor that was kept before the start instant does not hide it.
    store.record("late", DESK, &[], Some(cursor), world.now).await.expect("recorded");
    assert_eq!(store.mailbox_start("late").await.expect("read"), None);
    store.begin_mailbox("late", DESK, world.now, None, 0, world.now).await.expect("begun");
    assert_eq!(store.mailbox_start("late").await.expect("read"), Some(world.now));
    assert_eq!(store.cursor("late").await.expect("read"), Some(cursor));
}

async fn two_readers_record_each_mail_once(world: World) {
    let other = world.other().await;
    let batch = || (0..50).map(|uid| world.arrived(&uid.to_string(), "body", world.now)).collect::<Vec<_>>();
    let (ours, theirs) = (batch(), batch());
    let (ours, theirs) = tokio::join!(
        world.store.record(MAILBOX, DESK, &ours, None, world.now),
        other.record(MAILBOX, DESK, &theirs, None, world.now)
    );
    let (ours, theirs) = (ours.expect("recorded"), theirs.expect("recorded"));
    let ids = |recorded: &[mailclerk::store::Recorded]| recorded.iter().map(|one| one.id).collect::<Vec<Uuid>>();
    assert_eq!(ids(&ours), ids(&theirs));
    assert!(ours.iter().zip(&theirs).all(|(one, two)| one.is_new != two.is_new));
}

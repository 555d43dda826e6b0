//! The audit trail: whatever is changed behind our back is found; purging content is not a change.

use super::on_both;
use super::world::{DESK, World, event};
use jiff::{SignedDuration, Timestamp};
use mailclerk::case::EventKind;
use mailclerk::effects::{Chain, EventWrite, MailClass};
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::{AuditReport, Checkpoint, StoreError};
use mailclerk::words::Decision;
use sqlx::{Connection, PgConnection};
use std::sync::atomic::{AtomicUsize, Ordering};

on_both!(
    chains_hold,
    every_change_is_found,
    purging_leaves_the_chains_whole,
    writers_and_checkpoints_together,
    two_at_once_write_one_checkpoint,
);

/// So many days after the database was made.
fn day(world: &World, days: i64) -> Timestamp {
    world.later(days * 24 * 60)
}

/// Writes the checkpoint that is due on this day.
pub(super) async fn checkpoint(world: &World, days: i64) {
    let found = world.store.checkpoint_if_due(day(world, days)).await.expect("asked");
    assert!(matches!(found, Checkpoint::Written { .. }), "{days}: {found:?}");
}

/// A desk's chain, two cases' chains with contents, two checkpoints, rows behind them.
async fn filled(world: &World) {
    for round in 0..3 {
        let (message, fence) = world.leased(&round.to_string()).await;
        let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
        let case = world.opens(&mut effects, &format!("AB-10000{round}"), "jo@example.com");
        let content = Some(serde_json::json!({"text": format!("note {round}")}));
        effects.events.push(EventWrite { content, ..event(Chain::Case(case), EventKind::Note) });
        effects.mails.push(world.mail("jo@example.com", MailClass::Automatic, None));
        world.write(effects, &[(message, fence)]).await;
        if round < 2 {
            checkpoint(world, round + 1).await;
        }
    }
}

async fn verified(world: &World) -> AuditReport {
    world.store.audit_verify().await.expect("read")
}

async fn chains_hold(world: World) {
    assert_eq!(verified(&world).await, AuditReport::default());
    filled(&world).await;
    let report = verified(&world).await;
    assert_eq!((report.chains, report.rows, report.checkpoints, report.broken.len()), (4, 9, 2, 0));
    assert_eq!(world.store.newest_checkpoint().await.expect("read"), Some(day(&world, 2)));
    let claimed = world.store.claim_mails(world.id(), 1, world.later(9), world.now).await.expect("claimed");
    assert!(world.store.mark_sent(claimed[0].mail.id, claimed[0].fence, "250", world.now).await.expect("marked"));
    let almost = world.store.checkpoint_if_due(day(&world, 3) - SignedDuration::from_secs(1)).await.expect("asked");
    assert_eq!(almost, Checkpoint::NotYet(day(&world, 3)));
    assert_eq!(world.store.next_checkpoint().await.expect("asked"), Some(day(&world, 3)));
    let found = world.store.checkpoint_if_due(day(&world, 3)).await.expect("written");
    assert_eq!(found, Checkpoint::Written { seq: 3, heads: 2, next: day(&world, 4) });
    assert_eq!(world.store.next_checkpoint().await.expect("asked"), None);
    let found = world.store.checkpoint_if_due(day(&world, 9)).await.expect("asked");
    assert_eq!(found, Checkpoint::Unchanged, "a quiet week needs none");
    let report = verified(&world).await;
    assert_eq!((report.rows, report.checkpoints, report.broken.len()), (10, 3, 0));
}

async fn every_change_is_found(world: World) {
    filled(&world).await;
    let first = "desk = 'desk' AND chain = 'desk' AND seq = 1";
    for (sql, undo) in [
        ("UPDATE audit_rows SET kind = 'note' WHERE {}", "UPDATE audit_rows SET kind = 'decided' WHERE {}"),
        (
            "UPDATE audit_rows SET ids = '{\"a\":\"c\"}' WHERE {}",
            "UPDATE audit_rows SET ids = '{\"a\":\"b\"}' WHERE {}",
        ),
        ("UPDATE audit_rows SET epoch = 7 WHERE {}", "UPDATE audit_rows SET epoch = 0 WHERE {}"),
        ("UPDATE audit_rows SET seq = 99 WHERE {}", "UPDATE audit_rows SET seq = 1 WHERE chain = 'desk' AND seq = 99"),
        ("UPDATE audit_heads SET seq = 2 WHERE chain = 'desk'", "UPDATE audit_heads SET seq = 3 WHERE chain = 'desk'"),
        ("UPDATE audit_checkpoints SET seq = 5 WHERE seq = 1", "UPDATE audit_checkpoints SET seq = 1 WHERE seq = 5"),
    ] {
        assert_eq!(world.sql(&sql.replace("{}", first)).await, 1, "{sql}");
        assert!(!verified(&world).await.broken.is_empty(), "{sql}");
        assert_eq!(world.sql(&undo.replace("{}", first)).await, 1, "{undo}");
        assert!(verified(&world).await.broken.is_empty(), "{undo}");
    }
    let rows = world.texts("SELECT desk || '/' || chain || '/' || CAST(seq AS TEXT) FROM audit_rows").await;
    assert_eq!(rows.len(), 9);
    // Any row's instant; then each row is removed for good, one more each time.
    for row in &rows {
        let mut parts = row.split('/');
        let (desk, chain, seq) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let place = format!("desk = '{desk}' AND chain = '{chain}' AND seq = {seq}");
        let before = verified(&world).await.broken;
        world.sql(&format!("UPDATE audit_rows SET at = '2020-01-01T00:00:00.000000Z' WHERE {place}")).await;
        let after = verified(&world).await.broken;
        assert!(after.len() > before.len(), "{row}");
        world.sql(&format!("UPDATE audit_rows SET at = '2026-11-21T10:15:00.000000Z' WHERE {place}")).await;
        assert_eq!(verified(&world).await.broken, before);
    }
    for sql in [
        "UPDATE audit_rows SET salt = NULL WHERE sealed IS NOT NULL AND epoch = 0",
        "UPDATE audit_checkpoints SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2",
        "DELETE FROM audit_rows WHERE chain = 'desk' AND seq = 2",
    ] {
        let before = verified(&world).await.broken.len();
        assert_eq!(world.sql(sql).await, 1, "{sql}");
        assert!(verified(&world).await.broken.len() > before, "{sql}");
    }
}

/// Who removes the end of a chain and its head is found by the checkpoint.
#[tokio::test]
async fn a_chain_that_is_gone_is_missed() {
    let world = World::sqlite().await;
    filled(&world).await;
    world.sql("DELETE FROM audit_rows WHERE chain <> 'desk' AND epoch = 0").await;
    world.sql("DELETE FROM audit_heads WHERE chain <> 'desk' AND epoch = 0").await;
    assert!(!verified(&world).await.broken.is_empty());
    let world = World::sqlite().await;
    filled(&world).await;
    world.sql("DELETE FROM audit_checkpoints WHERE seq = 2").await;
    assert!(!verified(&world).await.broken.is_empty(), "the newest checkpoint is gone, its rows know");
}

async fn purging_leaves_the_chains_whole(world: World) {
    filled(&world).await;
    let (message, _) = world.leased("undecided").await;
    assert_eq!(world.store.purge_content("other", world.later(60)).await.expect("purged"), 0);
    assert_eq!(world.store.purge_content(DESK, world.now).await.expect("purged"), 0, "nothing is that old");
    assert!(world.store.purge_content(DESK, world.later(60)).await.expect("purged") >= 12);
    let report = verified(&world).await;
    assert_eq!((report.purged, report.broken.len()), (3, 0));
    let left = world.texts("SELECT CAST(COUNT(*) AS TEXT) FROM message_raws").await;
    assert_eq!(left, ["1"], "what is not decided stays");
    let row = world.store.message_state(message).await.expect("read").expect("there");
    assert!(matches!(row.content, mailclerk::store::StoredContent::Raw(_)));
    let numbers = world.store.cases(None, false).await.expect("read");
    let view = world.store.case_view(&numbers[0].number).await.expect("read");
    assert!(view[0].notes.is_empty() && !view[0].history.is_empty());
}

async fn writers_and_checkpoints_together(world: World) {
    let other = world.other().await;
    let writing = AtomicUsize::new(2);
    let write = |store: mailclerk::store::Store| {
        let (world, writing) = (&world, &writing);
        async move {
            for _ in 0..15 {
                let mut effects = world.nothing();
                effects.events.push(event(Chain::Desk, EventKind::Note));
                effects.events.push(event(Chain::Case(world.id()), EventKind::Note));
                store.commit(&[effects], &[], world.now).await.expect("committed");
            }
            writing.fetch_sub(1, Ordering::SeqCst);
        }
    };
    let checkpoints = async {
        let mut written = 0;
        loop {
            let is_last = writing.load(Ordering::SeqCst) == 0;
            let found = world.store.checkpoint_if_due(day(&world, written + 1)).await.expect("asked");
            written += i64::from(matches!(found, Checkpoint::Written { .. }));
            let report = world.store.audit_verify().await.expect("read");
            assert_eq!(report.broken, [], "read while others write");
            if is_last {
                return written;
            }
        }
    };
    let (.., written) = tokio::join!(write(world.store.clone()), write(other.clone()), checkpoints);
    let report = verified(&world).await;
    assert!(written > 0);
    assert_eq!((report.rows, report.checkpoints, report.broken.len()), (60, written.unsigned_abs(), 0));
    assert_eq!(world.store.next_checkpoint().await.expect("asked"), None, "the last covers all");
}

async fn two_at_once_write_one_checkpoint(world: World) {
    let other = world.other().await;
    for days in 1..=10 {
        let mut effects = world.nothing();
        effects.events.push(event(Chain::Desk, EventKind::Note));
        world.write(effects, &[]).await;
        let now = day(&world, days);
        let (ours, theirs) = tokio::join!(world.store.checkpoint_if_due(now), other.checkpoint_if_due(now));
        let mut found = [ours.expect("asked"), theirs.expect("asked")];
        found.sort_by_key(|found| matches!(found, Checkpoint::Written { .. }));
        let next = day(&world, days + 1);
        assert_eq!(found, [Checkpoint::NotYet(next), Checkpoint::Written { seq: days, heads: 1, next }]);
    }
    let report = verified(&world).await;
    assert_eq!((report.checkpoints, report.broken.len()), (10, 0));
}

/// Others who write rows come behind a checkpoint that waits: so it does not wait long.
#[tokio::test]
async fn a_checkpoint_does_not_wait_for_a_frozen_writer() {
    let world = World::postgres().await;
    let mut effects = world.nothing();
    effects.events.push(event(Chain::Desk, EventKind::Note));
    world.write(effects.clone(), &[]).await;
    let DatabaseUrl::Postgres { url } = &world.url else { panic!("{:?}", world.url) };
    let mut frozen = PgConnection::connect(url).await.expect("connected");
    // As every transaction that writes rows.
    let lock = "BEGIN; SELECT pg_advisory_xact_lock_shared(7881696737120485378)";
    sqlx::raw_sql(lock).execute(&mut frozen).await.expect("locked");
    let (found, ()) = tokio::join!(world.store.checkpoint_if_due(day(&world, 1)), world.write(effects, &[]));
    assert!(matches!(found, Err(StoreError::Busy(_))), "{found:?}");
    frozen.close().await.expect("closed");
    checkpoint(&world, 1).await;
}

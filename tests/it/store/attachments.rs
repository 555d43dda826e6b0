//! What a mail with attachments is made from: which messages make a case's request, and their bytes.

use super::on_both;
use super::world::{DESK, World, raw};
use mailclerk::case::standing::Target;
use mailclerk::case::{LinkRole, PendingState};
use mailclerk::effects::MessageLink;
use mailclerk::words::Decision;
use uuid::Uuid;

on_both!(a_request_is_all_that_was_written_for_it, bytes_that_were_purged_are_gone);

/// Commits a message of its own that belongs to `target` as `role`; gives its row.
async fn linked(world: &World, target: Target, role: LinkRole, minutes: i64) -> Uuid {
    let (message, fence) = world.leased(&format!("{role} {minutes}")).await;
    let mut effects = world.decided(message, "jo@example.com", Decision::Attach);
    effects.at = world.later(minutes);
    effects.links.push(MessageLink { message, target, role });
    let written = world.store.commit(&[effects], &[(message, fence)], world.later(minutes)).await.expect("committed");
    assert_eq!(written.len(), 1);
    message
}

async fn a_request_is_all_that_was_written_for_it(world: World) {
    let (completed, superseded) = (world.pending("AB-P1", "jo@example.com"), world.pending("AB-P2", "jo@example.com"));
    let mut effects = world.nothing();
    effects.pendings = vec![completed.clone(), superseded.clone()];
    world.write(effects, &[]).await;
    let first = linked(&world, Target::Pending(completed.id), LinkRole::Opened, 1).await;
    let second = linked(&world, Target::Pending(completed.id), LinkRole::Participant, 2).await;
    linked(&world, Target::Pending(superseded.id), LinkRole::Opened, 3).await;
    // The message that completes it opens the case.
    let (third, fence) = world.leased("complete").await;
    let mut effects = world.decided(third, "jo@example.com", Decision::Accept);
    effects.at = world.later(4);
    let case = world.opens(&mut effects, "AB-100001", "jo@example.com");
    for (pending, state) in [(completed, PendingState::Completed), (superseded, PendingState::Superseded)] {
        let version = world.store.pending_state(pending.id).await.expect("read").expect("there").version;
        effects.pendings.push(mailclerk::case::Pending { version, state, case: Some(case), ..pending });
    }
    assert!(world.store.request_messages(case).await.expect("read").is_empty(), "not there yet");
    let written = world.store.commit(&[effects], &[(third, fence)], world.later(4)).await.expect("committed");
    assert_eq!(written, [mailclerk::store::Committed::Written]);
    let mut expected = vec![first, second, third];
    for (minutes, role) in (5..).zip(LinkRole::ALL) {
        let message = linked(&world, Target::Case(case), *role, minutes).await;
        if matches!(role, LinkRole::Opened | LinkRole::Participant | LinkRole::Duplicate | LinkRole::Internal) {
            expected.push(message);
        }
    }
    assert_eq!(world.store.request_messages(case).await.expect("read"), expected);
}

async fn bytes_that_were_purged_are_gone(world: World) {
    let (message, fence) = world.leased("body").await;
    let effects = world.decided(message, "jo@example.com", Decision::Accept);
    world.write(effects, &[(message, fence)]).await;
    assert_eq!(world.store.raw_message(message).await.expect("read"), Some(raw("body")));
    assert_eq!(world.store.raw_message(Uuid::from_u128(5)).await.expect("read"), None);
    world.store.purge_content(DESK, world.later(1)).await.expect("purged");
    assert_eq!(world.store.raw_message(message).await.expect("read"), None);
}

//! Commits: all of a trigger or nothing of it, the others of its batch all the same.

use super::on_both;
use super::world::{DESK, World, address, event};
use mailclerk::case::standing::Target;
use mailclerk::case::{ClockKind, ClockOf, ClockState, EventKind, LinkRole, PendingState};
use mailclerk::effects::{Chain, ClockChoice, ClockEnd, Effects, MailClass, MessageLink, RequesterWrite};
use mailclerk::store::{Committed, MessageState};
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{Decision, Status};
use uuid::Uuid;

on_both!(
    what_is_written_is_read_back,
    a_stale_element_is_left_out_alone,
    a_batch_builds_on_itself,
    one_automatic_reply_for_one_message,
    a_number_is_given_once,
    numbers_that_were_not_needed_are_given_next,
    two_messages_of_one_author_do_not_miss_each_other,
    a_clock_fires_once,
    a_batch_that_is_stopped_leaves_nothing,
);

async fn what_is_written_is_read_back(world: World) {
    let (message, fence) = world.leased("body").await;
    let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
    let first = world.opens(&mut effects, "AB-100001", "jo@example.com");
    let second = world.opens(&mut effects, "AB-100002", "jo@example.com");
    effects.cases[0].links = vec![second];
    effects.cases[0].specialist = Some(address("sam@example.com"));
    let mut pending = world.pending("AB-P00000001", "ann@example.com");
    pending.case = Some(first);
    effects.pendings.push(pending.clone());
    let cases = effects.cases.clone();
    world.write(effects, &[(message, fence)]).await;
    for mut case in cases {
        case.version = 1;
        assert_eq!(world.store.case_state(case.id).await.expect("read").as_ref(), Some(&case));
        assert_eq!(world.store.case_by_number(DESK, &case.number).await.expect("read"), Some(case));
    }
    pending.version = 1;
    assert_eq!(world.store.pending_state(pending.id).await.expect("read"), Some(pending));
    assert_eq!(world.store.case_by_number("other", &CaseNumber("AB-100001".into())).await.expect("read"), None);
    let row = world.store.message_state(message).await.expect("read").expect("there");
    assert_eq!((row.state, row.decision), (MessageState::Decided, Some(Decision::Accept)));
    assert_eq!((row.author.expect("known").address, row.subject.as_str()), (address("jo@example.com"), "a subject"));
}

async fn a_stale_element_is_left_out_alone(world: World) {
    let (message, fence) = world.leased("0").await;
    let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
    let case = world.opens(&mut effects, "AB-100001", "jo@example.com");
    world.write(effects, &[(message, fence)]).await;
    let known = world.store.case_state(case).await.expect("read").expect("there");
    let (one, fence_one) = world.leased("1").await;
    let (two, fence_two) = world.leased("2").await;
    let (three, fence_three) = world.leased("3").await;
    let mut changes = world.decided(one, "jo@example.com", Decision::Attach);
    changes.cases.push(mailclerk::case::Case { urgent: true, ..known.clone() });
    let mut stale = world.decided(two, "ann@example.com", Decision::Attach);
    stale.cases.push(mailclerk::case::Case { status: Status::Resolved, ..known.clone() });
    stale.mails.push(world.mail("ann@example.com", MailClass::Automatic, None));
    let opened_by_stale = world.opens(&mut stale, "AB-100009", "ann@example.com");
    let mut leans_on_stale = world.decided(three, "bob@example.com", Decision::Attach);
    let target = Target::Case(opened_by_stale);
    leans_on_stale.links.push(MessageLink { message: three, target, role: LinkRole::Participant });
    let fences = [(one, fence_one), (two, fence_two), (three, fence_three)];
    let outcome = world.commit(&[changes, stale, leans_on_stale], &fences).await;
    assert_eq!(outcome, [Committed::Written, Committed::Stale, Committed::Stale]);
    let now = world.store.case_state(case).await.expect("read").expect("there");
    assert_eq!((now.version, now.urgent, now.status), (2, true, Status::New));
    assert!(world.store.outbox(None, true).await.expect("read").is_empty());
    let row = world.store.message_state(two).await.expect("read").expect("there");
    assert_eq!(row.state, MessageState::Recorded, "it waits to be decided again");
    assert!(world.store.audit_verify().await.expect("read").broken.is_empty());
}

async fn a_batch_builds_on_itself(world: World) {
    let (one, fence_one) = world.leased("1").await;
    let (two, fence_two) = world.leased("2").await;
    let mut opens = world.decided(one, "jo@example.com", Decision::Accept);
    let case = world.opens(&mut opens, "AB-100001", "jo@example.com");
    let mut adds = world.decided(two, "jo@example.com", Decision::Attach);
    adds.links.push(MessageLink { message: two, target: Target::Case(case), role: LinkRole::Participant });
    adds.cases.push(mailclerk::case::Case { version: 1, urgent: true, ..opens.cases[0].clone() });
    let outcome = world.commit(&[opens, adds], &[(one, fence_one), (two, fence_two)]).await;
    assert_eq!(outcome, [Committed::Written, Committed::Written]);
    let now = world.store.case_state(case).await.expect("read").expect("there");
    assert_eq!((now.version, now.urgent), (2, true));
}

async fn one_automatic_reply_for_one_message(world: World) {
    let (one, fence_one) = world.leased("1").await;
    let (two, fence_two) = world.leased("2").await;
    let replying = |message, fence_of| {
        let mut effects = world.decided(message, "jo@example.com", Decision::Return);
        let mut mail = world.mail("jo@example.com", MailClass::Automatic, None);
        mail.replies_to = Some(fence_of);
        effects.mails.push(mail);
        effects
    };
    let first = replying(one, one);
    let second = replying(two, one);
    let (three, fence_three) = world.leased("3").await;
    let third = replying(three, three);
    let fences = [(one, fence_one), (two, fence_two), (three, fence_three)];
    let outcome = world.commit(&[first, second, third], &fences).await;
    assert_eq!(outcome, [Committed::Written, Committed::Stale, Committed::Written], "only the culprit is left out");
    assert_eq!(world.store.outbox(Some(DESK), true).await.expect("read").len(), 2);
    // Mail to staff about the same message is another thing.
    let mut relay = world.nothing();
    let mut mail = world.mail("sam@example.com", MailClass::Staff, None);
    mail.replies_to = Some(one);
    relay.mails.push(mail);
    world.write(relay, &[]).await;
    assert!(world.store.audit_verify().await.expect("read").broken.is_empty());
}

async fn a_number_is_given_once(world: World) {
    let (one, fence_one) = world.leased("1").await;
    let (two, fence_two) = world.leased("2").await;
    let mut first = world.decided(one, "jo@example.com", Decision::Accept);
    world.opens(&mut first, "AB-100001", "jo@example.com");
    let mut second = world.decided(two, "ann@example.com", Decision::Accept);
    world.opens(&mut second, "AB-100001", "ann@example.com");
    let outcome = world.commit(&[first, second], &[(one, fence_one), (two, fence_two)]).await;
    assert_eq!(outcome, [Committed::Written, Committed::Stale]);
}

async fn numbers_that_were_not_needed_are_given_next(world: World) {
    let reserve = |n| world.store.reserve_sequence(DESK, n);
    let mut five = reserve(5).await.expect("reserved");
    let first = five.next().expect("one of five");
    world.store.return_sequence(DESK, five.clone()).await.expect("given back");
    assert_eq!(reserve(2).await.expect("reserved"), first + 1..first + 3);
    // Others have reserved since: what is given back now stays unused, and nothing is given twice.
    world.store.return_sequence(DESK, five).await.expect("asked");
    assert_eq!(reserve(1).await.expect("reserved"), first + 3..first + 4);
}

async fn two_messages_of_one_author_do_not_miss_each_other(world: World) {
    let (one, fence_one) = world.leased("1").await;
    let (two, fence_two) = world.leased("2").await;
    let lookups = world.lookups("x", "JO@example.com");
    let version = world.standing(&lookups).await.sender.version;
    let deciding = |message| {
        let mut effects = world.decided(message, "jo@example.com", Decision::Ignore);
        effects.decided.as_mut().expect("decided").author_version = Some(version);
        effects
    };
    // Two workers, each on a message of the same new author, neither of whom saw the other's.
    let other = world.other().await;
    let (first, second) = ([deciding(one)], [deciding(two)]);
    let (first_fence, second_fence) = ([(one, fence_one)], [(two, fence_two)]);
    let (first, second) = tokio::join!(
        world.store.commit(&first, &first_fence, world.now),
        other.commit(&second, &second_fence, world.now)
    );
    let mut outcome = [first.expect("committed")[0], second.expect("committed")[0]];
    outcome.sort_by_key(|one| *one == Committed::Stale);
    assert_eq!(outcome, [Committed::Written, Committed::Stale]);
    assert_eq!(world.standing(&lookups).await.sender.version, version + 1);
    // What happens to the address itself counts as well.
    let mut bounced = world.nothing();
    bounced.requesters.push(RequesterWrite { address: address("jo@example.com"), bounced_hard: true });
    world.write(bounced, &[]).await;
    let sender = world.standing(&lookups).await.sender;
    assert_eq!((sender.version, sender.bounced_hard), (version + 2, true));
    assert!(world.store.is_bounced_hard(DESK, &address("jo@example.com")).await.expect("read"));
}

async fn a_clock_fires_once(world: World) {
    let pending = world.pending("AB-P00000001", "jo@example.com");
    let of = ClockOf::Pending(pending.id);
    let mut starts = world.nothing();
    starts.pendings.push(pending.clone());
    starts.clocks.push(world.clock(of, ClockKind::PendingClose, world.later(10)));
    starts.clocks.push(world.clock(of, ClockKind::PendingClose, world.later(10)));
    world.write(starts, &[]).await;
    let due = world.store.due_clocks(ClockKind::ALL, world.later(10), 5).await.expect("read");
    assert_eq!(due.len(), 1, "unique on (of, kind, due)");
    assert!(world.store.due_clocks(ClockKind::ALL, world.later(9), 5).await.expect("read").is_empty());
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), Some(world.later(10)));
    let fire = |version| {
        let mut fires = world.nothing();
        fires.clocks_ended.push(ClockEnd { which: ClockChoice::Row(due[0].id), state: ClockState::Met });
        let closed = mailclerk::case::Pending { version, state: PendingState::Closed, ..pending.clone() };
        fires.pendings.push(closed);
        fires
    };
    assert_eq!(world.commit(&[fire(1), fire(2)], &[]).await, [Committed::Written, Committed::Stale]);
    assert_eq!(world.commit(&[fire(2)], &[]).await, [Committed::Stale], "the clock no longer runs");
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), None);
    // One that was met is never run again; one that was ended is, when the same promise is made anew.
    let mut again = world.nothing();
    again.clocks.push(world.clock(of, ClockKind::PendingClose, world.later(10)));
    again.clocks.push(world.clock(of, ClockKind::Update, world.later(20)));
    world.write(again, &[]).await;
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), Some(world.later(20)));
    let end_all = ClockEnd { which: ClockChoice::AllOf(of), state: ClockState::Ended };
    let mut ends = world.nothing();
    ends.clocks_ended.push(end_all.clone());
    world.write(ends, &[]).await;
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), None);
    // Within one batch: started, ended by the next element, started again by it with the same due.
    let mut first = world.nothing();
    first.clocks.push(world.clock(of, ClockKind::Update, world.later(20)));
    first.clocks.push(world.clock(of, ClockKind::Update, world.later(30)));
    let mut second = world.nothing();
    second.clocks_ended.push(end_all);
    second.clocks.push(world.clock(of, ClockKind::Update, world.later(20)));
    assert_eq!(world.commit(&[first, second], &[]).await, [Committed::Written, Committed::Written]);
    let due: Vec<_> = world.store.due_clocks(ClockKind::ALL, world.later(99), 9).await.expect("read");
    assert_eq!(
        due.iter().map(|clock| (clock.kind, clock.due)).collect::<Vec<_>>(),
        [(ClockKind::Update, world.later(20))]
    );
}

/// Whether the case, the decision and the mail of `effects` are there.
async fn written(world: &World, effects: &Effects, case: Uuid) -> [bool; 3] {
    let message = effects.decided.as_ref().expect("decided").message;
    let case = world.store.case_state(case).await.expect("read").is_some();
    let row = world.store.message_state(message).await.expect("read").expect("there");
    let mails = world.store.outbox(None, true).await.expect("read");
    [case, row.state == MessageState::Decided, mails.iter().any(|mail| mail.id == effects.mails[0].id)]
}

/// A future that is dropped half way, as a task is when its worker stops, writes nothing.
async fn a_batch_that_is_stopped_leaves_nothing(world: World) {
    for polls in 1..40 {
        let (message, fence) = world.leased(&polls.to_string()).await;
        let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
        let number = format!("AB-{polls:06}");
        let id = world.opens(&mut effects, &number, "jo@example.com");
        effects.mails.push(world.mail("jo@example.com", MailClass::Automatic, Some(Target::Case(id))));
        let (effects, fences) = ([effects], [(message, fence)]);
        let mut commit = Box::pin(world.store.commit(&effects, &fences, world.now));
        let mut finished = false;
        for _ in 0..polls {
            finished |= futures::poll!(commit.as_mut()).is_ready();
            if finished {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(commit);
        // A COMMIT that was under way when its caller left may end while we look, so that a later look sees more: then a
        // second one sees all of it.
        let (before, after) = (written(&world, &effects[0], id).await, written(&world, &effects[0], id).await);
        let whole = |seen: [bool; 3]| seen == [true; 3] || (seen == [false; 3] && !finished);
        assert!(whole(before) || after == [true; 3], "{polls}: {before:?}, then {after:?}");
        if after == [false; 3] {
            let again = world.commit(&effects, &fences).await;
            let decided = world.store.message_state(message).await.expect("read").expect("there").state;
            let case = world.store.case_state(id).await.expect("read");
            assert_eq!((decided, case.is_some()), (MessageState::Decided, true), "{polls}: {again:?}");
        }
        if finished {
            break;
        }
    }
    assert!(world.store.audit_verify().await.expect("read").broken.is_empty());
}

#[tokio::test]
async fn events_of_a_case_touch_it() {
    let world = World::sqlite().await;
    let mut opens = world.nothing();
    let id = world.opens(&mut opens, "AB-100001", "jo@example.com");
    world.write(opens, &[]).await;
    let mut note = world.nothing();
    note.events.push(event(Chain::Case(id), EventKind::Note));
    let later = world.later(60);
    world.store.commit(&[note], &[], later).await.expect("committed");
    let touched = world.texts("SELECT touched_at FROM cases").await;
    assert_eq!(touched, ["2026-11-21T11:15:00.000000Z"]);
}

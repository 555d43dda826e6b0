//! Standing: every field, from what was committed.

use super::on_both;
use super::world::{DESK, MAILBOX, World, address};
use jiff::SignedDuration;
use mailclerk::case::standing::{Seen, SenderFacts, Target};
use mailclerk::case::{Case, LinkRole, Pending, PendingState};
use mailclerk::effects::{MailClass, MailState, MessageLink, OutgoingMail};
use mailclerk::words::numbers::{CaseNumber, PendingToken, Tag};
use mailclerk::words::{Decision, Status};
use uuid::Uuid;

on_both!(
    seen_before,
    moved_back,
    of_two_that_wait_the_first_decided_is_judged,
    who_the_sender_is,
    a_day_ends_at_the_arrival,
    the_same_mail_again_counts_once,
    tokens_tags_and_ids_lead_to_targets,
    cases_of_the_author,
    nobody_wrote_it,
);

async fn seen_before(world: World) {
    let (message, fence) = world.leased("body").await;
    let mut lookups = world.lookups("body", "jo@example.com");
    lookups.message_id = Some("one@example.com".into());
    assert_eq!(world.standing(&lookups).await.seen, Seen::Never, "not decided yet");
    let mut effects = world.decided(message, "jo@example.com", Decision::Return);
    effects.decided.as_mut().expect("decided").message_id = Some("one@example.com".into());
    world.write(effects, &[(message, fence)]).await;
    assert_eq!(world.standing(&lookups).await.seen, Seen::SameBytes(Some(Decision::Return)));
    lookups.content_hash = [0; 32];
    assert_eq!(world.standing(&lookups).await.seen, Seen::SameIdOtherBytes);
    lookups.message_id = Some("two@example.com".into());
    assert_eq!(world.standing(&lookups).await.seen, Seen::Never);
    lookups = world.lookups("body", "jo@example.com");
    lookups.message = message;
    assert_eq!(world.standing(&lookups).await.seen, Seen::Never, "not its own repetition");
    let elsewhere = world.store.standing("other", &world.lookups("body", "jo@example.com"), world.now).await;
    assert_eq!(elsewhere.expect("read").seen, Seen::Never);
}

async fn moved_back(world: World) {
    let (message, fence) = world.leased("body").await;
    world.write(world.decided(message, "jo@example.com", Decision::Accept), &[(message, fence)]).await;
    let recorded = |name: &'static str, arrived| {
        let one = world.arrived(name, "body", arrived);
        let world = &world;
        async move { world.store.record(MAILBOX, DESK, &[one], None, world.now).await.expect("recorded")[0].id }
    };
    let again = recorded("again", world.now).await;
    let mut lookups = world.lookups("body", "jo@example.com");
    lookups.message = again;
    assert_eq!(world.standing(&lookups).await.seen, Seen::SameBytes(Some(Decision::Accept)), "not filed yet");
    world.store.mark_filed(&[message], world.now).await.expect("filed");
    assert_eq!(world.standing(&lookups).await.seen, Seen::MovedBack(Some(Decision::Accept)));
    lookups.message = recorded("a new delivery", world.later(3)).await;
    assert_eq!(world.standing(&lookups).await.seen, Seen::SameBytes(Some(Decision::Accept)));
}

async fn of_two_that_wait_the_first_decided_is_judged(world: World) {
    let batch = [world.arrived("1", "body", world.now), world.arrived("2", "body", world.now)];
    let recorded = world.store.record(MAILBOX, DESK, &batch, None, world.now).await.expect("recorded");
    let mut lookups = world.lookups("body", "jo@example.com");
    for one in &recorded {
        lookups.message = one.id;
        assert_eq!(world.standing(&lookups).await.seen, Seen::Never);
    }
}

async fn who_the_sender_is(world: World) {
    for i in 0..3 {
        let (message, fence) = world.leased(&i.to_string()).await;
        let mut effects = world.decided(message, "Jo@Example.com", Decision::Return);
        let decided = effects.decided.as_mut().expect("decided");
        decided.words_hash = if i < 2 { "aa".into() } else { String::new() };
        decided.subject_hash = "cc".into();
        decided.gets_reply = i > 0;
        let state = [MailState::Queued, MailState::Withheld, MailState::WaitingSecure][i];
        let mail = world.mail("jo@example.com", MailClass::Automatic, None);
        effects.mails.push(OutgoingMail { state, ..mail });
        effects.mails.push(world.mail("jo@example.com", MailClass::Staff, None));
        world.write(effects, &[(message, fence)]).await;
    }
    let mut lookups = world.lookups("x", "jo@example.com");
    (lookups.words_hash, lookups.subject_hash) = ("aa".into(), "cc".into());
    let sender = world.standing(&lookups).await.sender;
    assert_eq!((sender.messages, sender.same_words, sender.same_subject, sender.replies), (3, 2, 2, 2));
    assert_eq!((sender.version, sender.bounced_hard), (3, false));
    lookups.words_hash = String::new();
    lookups.subject_hash = "dd".into();
    let sender = world.standing(&lookups).await.sender;
    assert_eq!((sender.same_words, sender.same_subject), (0, 0), "no words are no repetition");
    lookups.author = Some(address("ann@example.com"));
    // What came in a row from her domain counts for her too (policy, limits that end loops); nothing else does.
    let of_domain = SenderFacts { domain_sent_back: 3, ..SenderFacts::default() };
    assert_eq!(world.standing(&lookups).await.sender, of_domain);
    // A day later nothing of it counts.
    lookups.author = Some(address("jo@example.com"));
    let tomorrow = world.now + SignedDuration::from_hours(24);
    let sender = world.store.standing(DESK, &lookups, tomorrow).await.expect("read").sender;
    assert_eq!((sender.messages, sender.replies, sender.version), (0, 0, 3));
}

/// A mailbox that was made anew hands over old mail once more, with the arrival of its rescue.
async fn the_same_mail_again_counts_once(world: World) {
    let mut opening = world.nothing();
    let case = world.opens(&mut opening, "AB-100001", "jo@example.com");
    world.write(opening, &[]).await;
    let decide = async |name: &'static str, body: &'static str, arrived| {
        let one = world.arrived(name, body, arrived);
        world.store.record(MAILBOX, DESK, &[one], None, world.now).await.expect("recorded");
        let leased =
            world.store.lease_messages(DESK, Uuid::from_u128(1), 1, world.later(9), world.now).await.expect("leased");
        let mut effects = world.decided(leased[0].id, "jo@example.com", Decision::Attach);
        let decided = effects.decided.as_mut().expect("decided");
        (decided.words_hash, decided.subject_hash, decided.arrived) = ("aa".into(), "cc".into(), arrived);
        decided.gets_reply = true;
        effects.links.push(MessageLink {
            message: leased[0].id,
            target: Target::Case(case),
            role: LinkRole::Participant,
        });
        world.write(effects, &[(leased[0].id, leased[0].fence)]).await;
        // Filed: what comes now is no longer the same row found again.
        world.store.mark_filed(&[leased[0].id], world.now).await.expect("filed");
    };
    let long_ago = world.now - SignedDuration::from_hours(24 * 30);
    decide("1", "thanks, long ago", long_ago).await;
    decide("2", "thanks, today", world.now).await;
    for (name, body) in [("3", "thanks, long ago"), ("4", "thanks, today"), ("5", "thanks, today")] {
        decide(name, body, world.now).await;
    }
    let mut lookups = world.lookups("x", "jo@example.com");
    (lookups.words_hash, lookups.subject_hash) = ("aa".into(), "cc".into());
    let standing = world.standing(&lookups).await;
    let sender = &standing.sender;
    assert_eq!((sender.messages, sender.same_words, sender.same_subject), (1, 1, 1));
    assert_eq!(standing.case(case).expect("there").messages_in_day, 1);
}

/// Catching up after downtime: what came in over three days is decided in one hour.
async fn a_day_ends_at_the_arrival(world: World) {
    for hours in [72, 60, 50, 30, 1] {
        let arrived = world.now - SignedDuration::from_hours(hours);
        let (message, fence) = world.leased_at(&hours.to_string(), arrived).await;
        let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
        effects.decided.as_mut().expect("decided").arrived = arrived;
        world.write(effects, &[(message, fence)]).await;
    }
    let one = world.arrived("next", "next", world.now - SignedDuration::from_hours(48));
    let id = world.store.record(MAILBOX, DESK, &[one], None, world.now).await.expect("recorded")[0].id;
    let mut lookups = world.lookups("next", "jo@example.com");
    lookups.message = id;
    let standing = world.standing(&lookups).await;
    assert_eq!(standing.arrived, world.now - SignedDuration::from_hours(48));
    assert_eq!(standing.sender.messages, 2, "those of 60 and 50 hours ago; 72 is a day before, 30 and 1 are behind it");
}

async fn tokens_tags_and_ids_lead_to_targets(world: World) {
    let (message, fence) = world.leased("1").await;
    let mut effects = world.decided(message, "jo@example.com", Decision::Accept);
    effects.decided.as_mut().expect("decided").message_id = Some("inbound@example.com".into());
    let case = world.opens(&mut effects, "AB-100001", "jo@example.com");
    let became = world.opens(&mut effects, "AB-100002", "jo@example.com");
    effects.links.retain(|link| link.target == Target::Case(case));
    let pending = Pending {
        state: PendingState::Completed,
        case: Some(became),
        ..world.pending("AB-P00000001", "jo@example.com")
    };
    let pending_id = pending.id;
    effects.pendings.push(pending);
    let mail = world.mail("jo@example.com", MailClass::Automatic, Some(Target::Pending(pending_id)));
    let ours = mail.message_id.clone();
    effects.mails.push(mail);
    effects.mails.push(OutgoingMail {
        message_id: "nothing@example.com".into(),
        ..world.mail("jo@example.com", MailClass::Automatic, None)
    });
    world.write(effects, &[(message, fence)]).await;
    // A stranger's mail in the thread leads nowhere.
    let (strange, fence) = world.leased("2").await;
    let mut effects = world.decided(strange, "eve@example.com", Decision::Accept);
    effects.decided.as_mut().expect("decided").message_id = Some("stranger@example.com".into());
    effects.links.push(MessageLink { message: strange, target: Target::Case(case), role: LinkRole::Stranger });
    world.write(effects, &[(strange, fence)]).await;

    let case_tag = Tag::Case(CaseNumber("AB-100001".into()));
    let pending_tag = Tag::Pending(PendingToken("AB-P00000001".into()));
    let mut lookups = world.lookups("x", "bob@example.com");
    lookups.tokens =
        vec![Tag::Case(CaseNumber("AB-999999".into())), pending_tag.clone(), pending_tag, case_tag.clone()];
    lookups.tags = vec![case_tag];
    lookups.message_ids =
        ["unknown@example.com", "nothing@example.com", "stranger@example.com", &ours, "inbound@example.com"]
            .map(Into::into)
            .to_vec();
    let standing = world.standing(&lookups).await;
    assert_eq!(standing.by_token, [Target::Pending(pending_id), Target::Case(case)]);
    assert_eq!(standing.by_tag, [Target::Case(case)]);
    assert_eq!(standing.by_message_id, [Target::Pending(pending_id), Target::Case(case)]);
    assert_eq!(standing.by_message_id_places, [3, 4]);
    assert!(standing.case(case).is_some() && standing.pending(pending_id).is_some());
    assert!(standing.case(became).is_some(), "the case that the pending request became");
    assert!(!standing.is_our_mail);
    lookups.message_id = Some(ours.clone());
    assert!(world.standing(&lookups).await.is_our_mail);
    lookups.message_id = Some("nothing@example.com".into());
    assert!(world.standing(&lookups).await.is_our_mail, "ours, although it is about nothing");
    lookups.message_id = Some("inbound@example.com".into());
    assert!(!world.standing(&lookups).await.is_our_mail);
    let elsewhere = world.store.standing("other", &lookups, world.now).await.expect("read");
    assert!(elsewhere.by_token.is_empty() && elsewhere.by_message_id.is_empty() && elsewhere.cases.is_empty());
}

async fn cases_of_the_author(world: World) {
    let mut effects = world.nothing();
    let open = world.opens(&mut effects, "AB-100001", "jo@example.com");
    let mut resolved = world.case("AB-100002", "jo@example.com");
    resolved.status = Status::Resolved;
    let mut of_other = world.case("AB-100003", "ann@example.com");
    of_other.participants.push(address("jo@example.com"));
    let resolved_id = resolved.id;
    effects.cases.extend([resolved, of_other]);
    let waiting = world.pending("AB-P00000001", "jo@example.com");
    let closed = Pending { state: PendingState::Closed, ..world.pending("AB-P00000002", "jo@example.com") };
    let waiting_id = waiting.id;
    effects.pendings.extend([waiting, closed]);
    world.write(effects, &[]).await;
    for (body, role) in
        [("1", LinkRole::Opened), ("2", LinkRole::Participant), ("3", LinkRole::Automatic), ("4", LinkRole::Stranger)]
    {
        let (message, fence) = world.leased(body).await;
        let author = if role == LinkRole::Stranger { "eve@example.com" } else { "jo@example.com" };
        let mut effects = world.decided(message, author, Decision::Attach);
        effects.decided.as_mut().expect("decided").visible_text = format!("words {body}");
        for target in [Target::Case(open), Target::Pending(waiting_id)] {
            effects.links.push(MessageLink { message, target, role });
        }
        world.write(effects, &[(message, fence)]).await;
    }
    let lookups = world.lookups("x", "JO@example.com");
    let standing = world.standing(&lookups).await;
    let mut ids: Vec<Uuid> = standing.cases.iter().map(|facts| facts.case.id).collect();
    ids.sort();
    assert_eq!(ids, [open, resolved_id]);
    let facts = standing.case(open).expect("there");
    assert_eq!(facts.texts, ["H12345678", "words 1", "words 2"], "what was given, then people's words, newest last");
    assert_eq!(facts.messages_in_day, 3, "a machine's of the same address counts, a stranger's does not");
    assert_eq!(facts.case.version, 1);
    assert_eq!(
        standing.pendings.iter().map(|one| (one.pending.id, one.messages_in_day)).collect::<Vec<_>>(),
        [(waiting_id, 3)]
    );
    let hundred_days = world.now + SignedDuration::from_hours(24 * 100);
    let later = world.store.standing(DESK, &lookups, hundred_days).await.expect("read");
    assert_eq!(later.cases.iter().map(|facts| facts.case.id).collect::<Vec<_>>(), [open], "resolved long ago");
    let known = world.store.case_state(open).await.expect("read").expect("there");
    let mut moves = world.nothing();
    moves.cases.push(Case { requester: address("ann@example.com"), ..known });
    world.write(moves, &[]).await;
    assert!(world.standing(&lookups).await.case(open).is_none(), "it is hers now");
}

async fn nobody_wrote_it(world: World) {
    let mut effects = world.nothing();
    world.opens(&mut effects, "AB-100001", "jo@example.com");
    world.write(effects, &[]).await;
    let mut lookups = world.lookups("x", "jo@example.com");
    lookups.author = None;
    let standing = world.standing(&lookups).await;
    assert!(standing.cases.is_empty() && standing.pendings.is_empty() && standing.sender == Default::default());
}

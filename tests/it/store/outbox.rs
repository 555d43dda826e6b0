//! Mails on their way: lanes, precedence, claims, and recovery from each state.

use super::on_both;
use super::world::{DESK, World};
use mailclerk::case::ClockKind;
use mailclerk::case::standing::Target;
use mailclerk::effects::{Enclosed, MailClass, MailState, OutgoingMail};
use mailclerk::store::{ClaimedMail, Resolution};
use uuid::Uuid;

on_both!(
    staff_first_then_answers_then_automatic,
    a_lane_leaves_in_order,
    an_answer_overtakes_a_deferred_automatic_mail,
    mail_is_read_as_it_was_written,
    two_sessions_never_have_the_same_mail,
    a_lost_claim_cannot_write,
    a_crash_before_the_dot_queues_again,
    a_crash_behind_the_dot_is_uncertain,
    who_was_taken_for_dead_still_knows_what_it_did,
    people_retry_and_cancel,
    what_waits_does_not_block,
    a_provider_renames_a_mail,
);

impl World {
    async fn queue(&self, mails: Vec<OutgoingMail>) {
        let mut effects = self.nothing();
        effects.mails = mails;
        self.write(effects, &[]).await;
    }

    async fn claim(&self) -> Vec<ClaimedMail> {
        self.store.claim_mails(Uuid::from_u128(1), 20, self.later(30), self.now).await.expect("claimed")
    }

    async fn claimed_ids(&self) -> Vec<Uuid> {
        self.claim().await.iter().map(|one| one.mail.id).collect()
    }

    async fn state(&self, id: Uuid) -> MailState {
        self.store.mail(id).await.expect("read").expect("there").mail.state
    }
}

async fn staff_first_then_answers_then_automatic(world: World) {
    let mut mails: Vec<_> = [MailClass::Automatic, MailClass::Answer, MailClass::Staff, MailClass::PortalNotice]
        .into_iter()
        .enumerate()
        .map(|(i, class)| world.mail(&format!("jo{i}@example.com"), class, None))
        .collect();
    let mut later = world.mail("late@example.com", MailClass::Staff, None);
    later.not_before = world.later(1);
    mails.push(later.clone());
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    world.queue(mails).await;
    assert_eq!(world.claimed_ids().await, [ids[2], ids[1], ids[3], ids[0]]);
    let claimed =
        world.store.claim_mails(Uuid::from_u128(1), 9, world.later(30), world.later(1)).await.expect("claimed");
    assert_eq!(claimed.iter().map(|one| one.mail.id).collect::<Vec<_>>(), [later.id]);
}

async fn a_lane_leaves_in_order(world: World) {
    let about = Some(Target::Case(Uuid::from_u128(5)));
    let other = Some(Target::Case(Uuid::from_u128(6)));
    let mail = |to, about| world.mail(to, MailClass::Automatic, about);
    let mails = vec![
        mail("jo@example.com", about),
        mail("jo@example.com", about),
        mail("jo@example.com", other),
        mail("ann@example.com", about),
        mail("JO@example.com", about),
    ];
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    world.queue(mails).await;
    let first = world.claim().await;
    assert_eq!(
        first.iter().map(|one| one.mail.id).collect::<Vec<_>>(),
        [ids[0], ids[3], ids[2]],
        "in turn by recipient"
    );
    assert!(world.claim().await.is_empty(), "the first of its lane is on its way");
    let fence = first[0].fence;
    assert_eq!(world.store.mark_committing(&[(ids[0], fence)], world.now).await.expect("marked"), [ids[0]]);
    assert!(world.claim().await.is_empty());
    assert!(world.store.mark_sent(ids[0], fence, "250 ok", world.now).await.expect("marked"));
    let second = world.claim().await;
    assert_eq!(second[0].mail.id, ids[1]);
    // Deferred, it holds its lane; failed, it lets the next one go.
    let retry_at = world.later(10);
    assert!(world.store.mark_deferred(ids[1], second[0].fence, retry_at, "451", world.now).await.expect("marked"));
    assert!(world.claim().await.is_empty());
    let next = world.store.next_due(ClockKind::ALL).await.expect("read");
    assert_eq!(next, Some(retry_at), "those behind it wait for it");
    let again = world.store.claim_mails(Uuid::from_u128(1), 9, world.later(30), retry_at).await.expect("claimed");
    assert_eq!(again.iter().map(|one| (one.mail.id, one.attempts)).collect::<Vec<_>>(), [(ids[1], 2)]);
    assert!(world.store.mark_failed(ids[1], again[0].fence, "550", world.now).await.expect("marked"));
    assert_eq!(world.claimed_ids().await, [ids[4]]);
}

async fn an_answer_overtakes_a_deferred_automatic_mail(world: World) {
    let about = Some(Target::Case(Uuid::from_u128(5)));
    let automatic = world.mail("jo@example.com", MailClass::Automatic, about);
    let first = automatic.id;
    world.queue(vec![automatic]).await;
    let claimed = world.claim().await;
    let answer = world.mail("jo@example.com", MailClass::Answer, about);
    let second = world.mail("jo@example.com", MailClass::Answer, about);
    let third = world.mail("jo@example.com", MailClass::Automatic, about);
    let (answer_id, second_id, third_id) = (answer.id, second.id, third.id);
    world.queue(vec![answer, second, third]).await;
    assert!(world.claim().await.is_empty(), "the automatic mail is on its way");
    let retry_at = world.later(60);
    assert!(world.store.mark_deferred(first, claimed[0].fence, retry_at, "451", world.now).await.expect("marked"));
    let overtaking = world.claim().await;
    assert_eq!(overtaking.iter().map(|one| one.mail.id).collect::<Vec<_>>(), [answer_id]);
    // A deferred answer is overtaken by nobody.
    let fence = overtaking[0].fence;
    assert!(world.store.mark_deferred(answer_id, fence, retry_at, "451", world.now).await.expect("marked"));
    assert!(world.claim().await.is_empty());
    assert!(world.store.cancel_mail(answer_id, world.now).await.expect("cancelled"));
    assert_eq!(world.claimed_ids().await, [second_id]);
    assert_eq!(world.state(third_id).await, MailState::Queued);
}

fn enclosed(message: Uuid, place: usize, name: &str, bytes: usize) -> Enclosed {
    let (name, content_type) = (name.to_owned(), "application/pdf".to_owned());
    Enclosed { message, place, name, content_type, bytes, sha256: "ab".repeat(32) }
}

async fn mail_is_read_as_it_was_written(world: World) {
    let (message, fence) = world.leased("body").await;
    let mut effects = world.decided(message, "jo@example.com", mailclerk::words::Decision::Accept);
    let case = world.opens(&mut effects, "AB-100001", "jo@example.com");
    let mut mail = world.mail("Jo@example.com", MailClass::Automatic, Some(Target::Case(case)));
    mail.case_number = Some("AB-100001".into());
    mail.replies_to = Some(message);
    mail.attachments = vec![enclosed(message, 0, "claim – é.pdf", 5), enclosed(world.id(), 3, "b.csv", 0)];
    let mut pending = world.mail("ann@example.com", MailClass::Staff, Some(Target::Pending(world.id())));
    pending.in_reply_to = None;
    effects.mails = vec![mail.clone(), pending.clone()];
    world.write(effects, &[(message, fence)]).await;
    let stored = world.store.mail(mail.id).await.expect("read").expect("there");
    assert_eq!((stored.mail.clone(), stored.attempts, stored.since), (mail.clone(), 0, world.now));
    assert_eq!(stored.mail.to.address.to_string(), "Jo@example.com", "as it was written");
    let claimed = world.claim().await;
    assert_eq!(claimed[0].mail, OutgoingMail { state: MailState::Claimed, ..pending });
    assert_eq!(claimed[1].mail, OutgoingMail { state: MailState::Claimed, ..mail });
    assert_eq!((claimed[1].attempts, claimed[1].queued_at), (1, world.now));
    let row = world.store.outbox(Some(DESK), false).await.expect("read").pop().expect("a row");
    let json = serde_json::to_value(&row).expect("json");
    for key in
        ["id", "desk", "template", "class", "to", "case", "state", "at", "attempts", "retry_at", "why", "attachments"]
    {
        assert!(json.get(key).is_some(), "{key}");
    }
    let shown = serde_json::json!([{"name": "claim – é.pdf", "bytes": 5}, {"name": "b.csv", "bytes": 0}]);
    assert_eq!(json["attachments"], shown);
    assert!(world.store.outbox(Some("other"), true).await.expect("read").is_empty());
}

async fn two_sessions_never_have_the_same_mail(world: World) {
    let mails: Vec<_> =
        (0..60).map(|i| world.mail(&format!("jo{i}@example.com"), MailClass::Automatic, None)).collect();
    let mut ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    world.queue(mails).await;
    let other = world.other().await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        let (until, now) = (world.later(30), world.now);
        let (ours, theirs) = tokio::join!(
            world.store.claim_mails(Uuid::from_u128(1), 7, until, now),
            other.claim_mails(Uuid::from_u128(2), 7, until, now)
        );
        seen.extend(ours.expect("claimed").into_iter().chain(theirs.expect("claimed")).map(|one| one.mail.id));
    }
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
}

async fn a_lost_claim_cannot_write(world: World) {
    let mail = world.mail("jo@example.com", MailClass::Answer, None);
    let id = mail.id;
    world.queue(vec![mail]).await;
    let lost = world.claim().await[0].fence;
    let late = world.later(31);
    assert_eq!(world.store.recover_mails(late).await.expect("recovered").queued, 1);
    assert!(world.store.mark_committing(&[(id, lost)], late).await.expect("asked").is_empty());
    let ours = world.store.claim_mails(Uuid::from_u128(2), 9, world.later(90), late).await.expect("claimed")[0].fence;
    assert!(ours > lost);
    for fence in [lost, ours + 1] {
        assert!(world.store.mark_committing(&[(id, fence)], late).await.expect("asked").is_empty());
        assert!(!world.store.mark_sent(id, fence, "250", late).await.expect("asked"));
        assert!(!world.store.mark_deferred(id, fence, late, "451", late).await.expect("asked"));
        assert!(!world.store.mark_failed(id, fence, "550", late).await.expect("asked"));
        assert!(!world.store.mark_uncertain(id, fence, "lost", late).await.expect("asked"));
        world.store.release_mails(&[(id, fence)], late).await.expect("asked");
    }
    assert_eq!(world.state(id).await, MailState::Claimed);
    assert!(!world.store.mark_uncertain(id, ours, "lost", late).await.expect("asked"), "nothing was promised yet");
    assert_eq!(world.store.mark_committing(&[(id, ours)], late).await.expect("marked"), [id]);
    assert!(world.store.mark_committing(&[(id, ours)], late).await.expect("asked").is_empty(), "once");
    assert!(world.store.mark_sent(id, ours, "250", late).await.expect("marked"));
    assert!(!world.store.mark_failed(id, ours, "550", late).await.expect("asked"), "it was sent");
    assert!(!world.store.cancel_mail(id, late).await.expect("asked"));
    assert!(!world.store.retry_mail(id, late).await.expect("asked"));
}

async fn a_crash_before_the_dot_queues_again(world: World) {
    let mail = world.mail("jo@example.com", MailClass::Automatic, None);
    let id = mail.id;
    world.queue(vec![mail]).await;
    let claimed = world.claim().await;
    world.store.release_mails(&[(id, claimed[0].fence)], world.now).await.expect("released");
    let again = world.claim().await;
    assert_eq!((again[0].attempts, again[0].fence > claimed[0].fence), (1, true), "given back, it was not tried");
    let early = world.store.recover_mails(world.later(29)).await.expect("recovered");
    assert_eq!((early.queued, early.uncertain.len()), (0, 0));
    let late = world.store.recover_mails(world.later(30)).await.expect("recovered");
    assert_eq!((late.queued, late.uncertain.len()), (1, 0));
    assert_eq!(world.claim().await[0].attempts, 2);
}

async fn a_crash_behind_the_dot_is_uncertain(world: World) {
    for class in MailClass::ALL {
        let mail = world.mail(&format!("{class}@example.com"), *class, None);
        let id = mail.id;
        world.queue(vec![mail]).await;
        for round in 0..2 {
            let fence = world.claim().await[0].fence;
            assert_eq!(world.store.mark_committing(&[(id, fence)], world.now).await.expect("marked"), [id]);
            let recovered = world.store.recover_mails(world.later(30)).await.expect("recovered");
            assert_eq!((recovered.queued, recovered.uncertain), (0, vec![id]));
            let uncertain = world.store.uncertain_mails(9).await.expect("read");
            assert_eq!((uncertain[0].mail.id, uncertain[0].sent_again), (id, round == 1));
            let may_go_again = class.is_sent_again_when_uncertain() && round == 0;
            let again = world.store.resolve_uncertain(id, Resolution::SendAgain, world.now).await.expect("asked");
            assert_eq!(again, may_go_again, "{class}, round {round}");
            if !again {
                break;
            }
        }
        assert!(world.claim().await.is_empty());
        let stays = world.store.resolve_uncertain(id, Resolution::StaysUncertain, world.now).await.expect("asked");
        assert!(stays && world.store.uncertain_mails(9).await.expect("read").is_empty());
        assert_eq!(world.state(id).await, MailState::Uncertain, "listed until a person looks");
    }
    let mail = world.mail("evidence@example.com", MailClass::Automatic, None);
    let id = mail.id;
    world.queue(vec![mail]).await;
    let fence = world.claim().await[0].fence;
    world.store.mark_committing(&[(id, fence)], world.now).await.expect("marked");
    assert!(world.store.mark_uncertain(id, fence, "connection_lost", world.now).await.expect("marked"));
    assert!(world.store.resolve_uncertain(id, Resolution::Sent, world.now).await.expect("resolved"));
    assert_eq!(world.state(id).await, MailState::Sent);
    assert!(!world.store.resolve_uncertain(id, Resolution::SendAgain, world.now).await.expect("asked"));
    assert!(world.store.audit_verify().await.expect("read").broken.is_empty());
}

/// Frozen between `committing` and the server's answer, it comes back with that answer: as long as nobody has claimed the
/// mail since, that is what became of it.
async fn who_was_taken_for_dead_still_knows_what_it_did(world: World) {
    let late = world.later(31);
    for (n, expected) in
        [MailState::Sent, MailState::Deferred, MailState::Failed, MailState::Claimed].iter().enumerate()
    {
        let mail = world.mail(&format!("{n}@example.com"), MailClass::Staff, None);
        let id = mail.id;
        world.queue(vec![mail]).await;
        let fence = world.claim().await[0].fence;
        world.store.mark_committing(&[(id, fence)], world.now).await.expect("marked");
        assert_eq!(world.store.recover_mails(late).await.expect("recovered").uncertain, [id]);
        let written = match expected {
            MailState::Sent => world.store.mark_sent(id, fence, "250", late).await,
            MailState::Deferred => world.store.mark_deferred(id, fence, world.later(99), "451", late).await,
            MailState::Failed => world.store.mark_failed(id, fence, "550", late).await,
            _ => {
                // Somebody else sends it once more: what the first one says comes too late.
                assert!(world.store.resolve_uncertain(id, Resolution::SendAgain, world.now).await.expect("asked"));
                assert!(!world.store.mark_sent(id, fence, "250", late).await.expect("asked"), "it waits");
                assert_eq!(world.claimed_ids().await, [id]);
                world.store.mark_sent(id, fence, "250", late).await.map(|written| !written)
            }
        };
        assert!(written.expect("asked"), "{expected:?}");
        assert_eq!(world.state(id).await, *expected);
    }
    assert!(world.store.audit_verify().await.expect("read").broken.is_empty());
}

async fn people_retry_and_cancel(world: World) {
    let mut mails: Vec<_> = [MailState::Queued, MailState::Withheld, MailState::WaitingSecure, MailState::Committing]
        .into_iter()
        .map(|state| OutgoingMail { state, ..world.mail("jo@example.com", MailClass::Automatic, None) })
        .collect();
    for (i, mail) in mails.iter_mut().enumerate() {
        mail.about = Some(Target::Case(Uuid::from_u128(i as u128)));
    }
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    world.queue(mails).await;
    assert_eq!(world.state(ids[3]).await, MailState::Queued, "nothing new is on its way already");
    assert!(!world.store.retry_mail(ids[0], world.now).await.expect("asked"), "it is queued");
    for id in &ids[1..3] {
        assert!(world.store.retry_mail(*id, world.now).await.expect("retried"));
        assert_eq!(world.state(*id).await, MailState::Queued);
        assert!(world.store.cancel_mail(*id, world.now).await.expect("cancelled"));
    }
    assert_eq!(world.claimed_ids().await, [ids[0], ids[3]]);
    assert!(!world.store.cancel_mail(ids[0], world.now).await.expect("asked"), "it is on its way");
    assert!(world.store.retry_mail(ids[1], world.now).await.expect("retried"), "a person changed their mind");
    assert!(!world.store.retry_mail(world.id(), world.now).await.expect("asked"), "there is no such mail");
}

async fn what_waits_does_not_block(world: World) {
    let about = Some(Target::Case(Uuid::from_u128(5)));
    let waiting = |state| OutgoingMail { state, ..world.mail("jo@example.com", MailClass::Automatic, about) };
    let next = world.mail("jo@example.com", MailClass::Automatic, about);
    let id = next.id;
    world.queue(vec![waiting(MailState::Withheld), waiting(MailState::WaitingSecure), next]).await;
    assert_eq!(world.claimed_ids().await, [id]);
}

async fn a_provider_renames_a_mail(world: World) {
    let mut opens = world.nothing();
    let case = world.opens(&mut opens, "AB-100001", "jo@example.com");
    let mail = world.mail("jo@example.com", MailClass::Automatic, Some(Target::Case(case)));
    let (id, ours) = (mail.id, mail.message_id.clone());
    opens.mails.push(mail);
    world.write(opens, &[]).await;
    world.store.record_sent_copy(id, "<theirs@provider.example>", world.now).await.expect("recorded");
    world.store.record_sent_copy(id, "theirs@provider.example", world.now).await.expect("twice is once");
    world.store.record_sent_copy(world.id(), "nobody@provider.example", world.now).await.expect("no such mail");
    for id in [ours.as_str(), "theirs@provider.example"] {
        let mut lookups = world.lookups("x", "jo@example.com");
        lookups.message_ids = vec!["unknown@example.com".into(), id.into()];
        assert_eq!(world.standing(&lookups).await.by_message_id, [Target::Case(case)], "{id}");
        lookups.message_id = Some(id.into());
        assert!(world.standing(&lookups).await.is_our_mail, "{id}");
    }
}

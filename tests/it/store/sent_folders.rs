//! Sent folders in the store: their mails are marked, stand in no list of what came in, and are known again.

use super::on_both;
use super::world::{DESK, MAILBOX, World, raw};
use mailclerk::case::LinkRole;
use mailclerk::case::standing::Target;
use mailclerk::effects::MessageLink;
use mailclerk::message::Message;
use mailclerk::store::{StoredContent, StoredCursor, StoredKey};
use mailclerk::words::Decision;

const SENT: &str = "box/sent";

on_both!(
    a_mail_of_a_sent_folder_is_leased_as_such_and_never_filed_or_counted,
    its_cursor_is_its_own_and_a_new_uidvalidity_makes_no_new_row,
    what_is_passed_over_is_known_by_name_and_never_leased,
    it_is_seen_again_by_bytes_or_id_among_sent_mail_alone,
);

async fn a_mail_of_a_sent_folder_is_leased_as_such_and_never_filed_or_counted(world: World) {
    let store = &world.store;
    let (came, sent) = (world.arrived("1", "came", world.now), world.arrived("1", "sent", world.later(1)));
    store.record(MAILBOX, DESK, std::slice::from_ref(&came), None, world.now).await.expect("recorded");
    let recorded = store.record_sent(SENT, DESK, std::slice::from_ref(&sent), None, world.now).await.expect("recorded");
    assert!(recorded[0].is_new, "the same number in another folder");
    let leased = store.lease_messages(DESK, world.id(), 9, world.later(5), world.now).await.expect("leased");
    let shown: Vec<_> = leased.iter().map(|one| (one.id, one.mailbox.as_str(), one.is_sent)).collect();
    assert_eq!(shown, [(came.id, MAILBOX, false), (sent.id, SENT, true)]);
    let fences: Vec<_> = leased.iter().map(|one| (one.id, one.fence)).collect();
    let mut answers = world.decided(sent.id, "desk@example.com", Decision::Attach);
    let case = world.opens(&mut answers, "AB-100001", "jo@example.com");
    answers.links.push(MessageLink { message: sent.id, target: Target::Case(case), role: LinkRole::ByHand });
    answers.decided.as_mut().expect("decided").author = None;
    let inbound = world.decided(came.id, "jo@example.com", Decision::Ignore);
    world.commit(&[inbound, answers], &fences).await;
    assert_eq!(store.decisions_since(DESK, world.now).await.expect("read"), [(Decision::Ignore, 1)]);
    assert_eq!(store.unfiled(MAILBOX, 9).await.expect("read").len(), 1);
    assert!(store.unfiled(SENT, 9).await.expect("read").is_empty(), "it is only read");
    let row = store.message_state(sent.id).await.expect("read").expect("there");
    assert_eq!(row.decision, Some(Decision::Attach));
    // Nobody's limits see it, not even under the address that wrote it.
    let facts = world.standing(&world.lookups("another", "desk@example.com")).await.sender;
    assert_eq!((facts.messages, facts.version), (0, 0));
}

async fn its_cursor_is_its_own_and_a_new_uidvalidity_makes_no_new_row(world: World) {
    let store = &world.store;
    let cursor = |next_uid| Some(StoredCursor { uid_validity: 9, next_uid });
    store.record(MAILBOX, DESK, &[], cursor(50), world.now).await.expect("recorded");
    let first = world.arrived("7", "hand", world.now);
    store.record_sent(SENT, DESK, std::slice::from_ref(&first), cursor(8), world.now).await.expect("recorded");
    assert_eq!(store.cursor(MAILBOX).await.expect("read"), cursor(50));
    assert_eq!(store.cursor(SENT).await.expect("read"), cursor(8));
    // Decided or not, the same bytes under another UIDVALIDITY are the same row.
    let leased = store.lease_messages(DESK, world.id(), 9, world.later(5), world.now).await.expect("leased");
    let effects = world.decided(first.id, "desk@example.com", Decision::Attach);
    world.write(effects, &[(first.id, leased[0].fence)]).await;
    let mut again = world.arrived("1", "hand", world.now);
    again.key.uid_validity = 10;
    let recorded = store.record_sent(SENT, DESK, &[again], None, world.now).await.expect("recorded");
    assert_eq!((recorded[0].id, recorded[0].is_new), (first.id, false));
    assert_eq!(store.next_undecided(DESK).await.expect("read"), None);
}

async fn what_is_passed_over_is_known_by_name_and_never_leased(world: World) {
    let store = &world.store;
    let key = |name: &str| StoredKey { uid_validity: 0, name: name.into() };
    let over = [(world.id(), key("1.old")), (world.id(), key("2.ours"))];
    store.pass_over(SENT, DESK, &over, world.now).await.expect("noted");
    store.pass_over(SENT, DESK, &[(world.id(), key("2.ours"))], world.now).await.expect("noted again");
    let mut hand = world.arrived("3.hand", "hand", world.now);
    hand.key.uid_validity = 0;
    store.record_sent(SENT, DESK, &[hand], None, world.now).await.expect("recorded");
    let mut known: Vec<_> = store.known_names(SENT).await.expect("read").into_iter().collect();
    known.sort();
    assert_eq!(known, ["1.old", "2.ours", "3.hand"]);
    assert!(store.known_names(MAILBOX).await.expect("read").is_empty());
    let leased = store.lease_messages(DESK, world.id(), 9, world.later(5), world.now).await.expect("leased");
    assert_eq!(leased.iter().map(|one| one.key.name.as_str()).collect::<Vec<_>>(), ["3.hand"]);
    assert!(store.decisions_since(DESK, world.now).await.expect("read").is_empty());
}

async fn it_is_seen_again_by_bytes_or_id_among_sent_mail_alone(world: World) {
    let store = &world.store;
    let message = |text: &str| Message::read(text.as_bytes());
    let raw_of = |text: &str| StoredContent::Raw(text.as_bytes().to_vec());
    let text = "Message-ID: <a@example.com>\r\n\r\nhand\r\n";
    let (mut came, mut sent) = (world.arrived("1", "", world.now), world.arrived("1", "", world.later(1)));
    (came.content, sent.content) = (raw_of(text), raw_of(text));
    store.record(MAILBOX, DESK, std::slice::from_ref(&came), None, world.now).await.expect("recorded");
    store.record_sent(SENT, DESK, std::slice::from_ref(&sent), None, world.now).await.expect("recorded");
    let leased = store.lease_messages(DESK, world.id(), 9, world.later(5), world.now).await.expect("leased");
    let decide = async |which: usize| {
        let mut effects = world.decided(leased[which].id, "desk@example.com", Decision::Ignore);
        effects.decided.as_mut().expect("decided").message_id = message(text).message_id;
        world.write(effects, &[(leased[which].id, leased[which].fence)]).await;
    };
    let other = world.id();
    decide(0).await;
    assert!(!store.was_in_sent(DESK, &message(text), other).await.expect("read"), "the inbox's copy is another matter");
    decide(1).await;
    let rewritten = "Message-ID: <a@example.com>\r\nX-Other: yes\r\n\r\nhand\r\n";
    let without = Message { message_id: None, ..message(text) };
    let else_where = Message::read(&raw("something else"));
    for (what, mail, expected) in [
        ("same", &message(text), true),
        ("id", &message(rewritten), true),
        ("bytes", &without, true),
        ("no", &else_where, false),
    ] {
        assert_eq!(store.was_in_sent(DESK, mail, other).await.expect("read"), expected, "{what}");
    }
    assert!(!store.was_in_sent(DESK, &message(text), sent.id).await.expect("read"), "not by itself");
    assert!(!store.was_in_sent("other desk", &message(text), other).await.expect("read"));
}

//! Clocks and what is due next.

use super::on_both;
use super::world::World;
use mailclerk::address::EmailAddress;
use mailclerk::case::standing::Target;
use mailclerk::case::{ClockKind, ClockOf};
use mailclerk::effects::{MailClass, RequesterWrite};

on_both!(
    clocks_come_in_order_and_whole,
    those_of_one_instant_come_by_rank_however_few_are_asked_for,
    kinds_that_nobody_asks_for_stay,
    the_next_instant_is_a_clock_or_a_mail,
    cases_are_read_together_as_each_is_read_alone,
);

async fn clocks_come_in_order_and_whole(world: World) {
    let mut starts = world.nothing();
    let case = world.opens(&mut starts, "AB-100001", "jo@example.com");
    let message = world.id();
    for (of, kind, minutes) in [
        (ClockOf::Case(case), ClockKind::Update, 30),
        (ClockOf::Case(case), ClockKind::Respond, 10),
        (ClockOf::Message(message), ClockKind::HeldUntouched, 20),
        (ClockOf::Case(case), ClockKind::Respond, 99),
    ] {
        starts.clocks.push(world.clock(of, kind, world.later(minutes)));
    }
    let mut expected = starts.clocks.clone();
    expected.sort_by_key(|clock| clock.due);
    world.write(starts, &[]).await;
    assert_eq!(world.store.due_clocks(ClockKind::ALL, world.later(30), 9).await.expect("read"), expected[..3]);
    assert_eq!(world.store.due_clocks(ClockKind::ALL, world.later(30), 2).await.expect("read"), expected[..2]);
}

async fn those_of_one_instant_come_by_rank_however_few_are_asked_for(world: World) {
    let mut starts = world.nothing();
    // The first to be written is the last to be handled.
    let mut kinds: Vec<ClockKind> = ClockKind::ALL.to_vec();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.rank()));
    for (n, kind) in kinds.iter().enumerate() {
        let case = world.opens(&mut starts, &format!("AB-1000{n:02}"), "jo@example.com");
        starts.clocks.push(world.clock(ClockOf::Case(case), *kind, world.later(30)));
    }
    world.write(starts, &[]).await;
    let all = world.store.due_clocks(ClockKind::ALL, world.later(30), 99).await.expect("read");
    assert_eq!(all.len(), kinds.len());
    assert!(all.is_sorted_by_key(|clock| (clock.kind.rank(), clock.id)), "{all:?}");
    assert_eq!(all[0].kind, ClockKind::PauseEnd);
    assert_eq!(all[all.len() - 1].kind, ClockKind::Digest);
    for few in 1..all.len() {
        let some = world.store.due_clocks(ClockKind::ALL, world.later(30), few).await.expect("read");
        assert_eq!(some, all[..few]);
    }
}

async fn cases_are_read_together_as_each_is_read_alone(world: World) {
    let mut starts = world.nothing();
    let mut cases = Vec::new();
    // Two of one requester, so that threads and bounces are told apart by case and by person.
    for (n, who) in ["jo@example.com", "jo@example.com", "pat@example.com"].into_iter().enumerate() {
        let case = world.opens(&mut starts, &format!("AB-10000{n}"), who);
        cases.push(case);
        starts.clocks.push(world.clock(ClockOf::Case(case), ClockKind::Respond, world.later(60)));
        for mails in 0..n {
            let mut mail = world.mail(who, MailClass::Automatic, None);
            mail.about = Some(Target::Case(case));
            mail.references = (0..mails).map(|place| format!("{n}.{place}@example.com")).collect();
            starts.mails.push(mail);
        }
    }
    starts.clocks.push(world.clock(ClockOf::Case(cases[1]), ClockKind::Update, world.later(90)));
    let address = EmailAddress::parse("pat@example.com").expect("an address");
    starts.requesters.push(RequesterWrite { address, bounced_hard: true });
    world.write(starts, &[]).await;
    let gone = world.id();
    let asked: Vec<_> = cases.iter().copied().chain([gone]).collect();
    let together = world.store.cases_around(&asked).await.expect("read");
    assert_eq!(together.len(), cases.len());
    for id in cases {
        let case = world.store.case_state(id).await.expect("read").expect("a case");
        let around = &together[&id];
        assert_eq!(around.promised, world.store.promised(id).await.expect("read"));
        assert_eq!(around.thread, world.store.thread_of(id, &case.requester).await.expect("read"));
        let bounced = world.store.is_bounced_hard(&case.desk, &case.requester).await.expect("read");
        assert_eq!(around.bounced_hard, bounced);
        assert_eq!(bounced, case.requester.to_string() == "pat@example.com");
        assert_eq!(around.case, case);
    }
    assert_eq!(together.values().filter(|around| around.thread.is_some()).count(), 2);
    assert_eq!(together.values().filter(|around| around.promised.update.is_some()).count(), 1);
}

async fn kinds_that_nobody_asks_for_stay(world: World) {
    let mut starts = world.nothing();
    let case = world.opens(&mut starts, "AB-100001", "jo@example.com");
    starts.clocks.push(world.clock(ClockOf::Case(case), ClockKind::Update, world.later(30)));
    starts.clocks.push(world.clock(ClockOf::Case(case), ClockKind::Respond, world.later(10)));
    world.write(starts, &[]).await;
    for (kinds, minutes) in [(&[ClockKind::Update][..], Some(30)), (ClockKind::ALL, Some(10)), (&[], None)] {
        let expected = minutes.map(|minutes| world.later(minutes));
        assert_eq!(world.store.next_due(kinds).await.expect("read"), expected);
        let due = world.store.due_clocks(kinds, world.later(60), 1).await.expect("read");
        assert_eq!(due.first().map(|clock| clock.due), expected);
    }
}

async fn the_next_instant_is_a_clock_or_a_mail(world: World) {
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), None);
    let mut starts = world.nothing();
    let mut mail = world.mail("jo@example.com", MailClass::Automatic, None);
    mail.not_before = world.later(40);
    starts.mails.push(mail);
    world.write(starts, &[]).await;
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), Some(world.later(40)));
    let mut starts = world.nothing();
    let case = world.opens(&mut starts, "AB-100001", "jo@example.com");
    starts.clocks.push(world.clock(ClockOf::Case(case), ClockKind::Update, world.later(30)));
    world.write(starts, &[]).await;
    assert_eq!(world.store.next_due(ClockKind::ALL).await.expect("read"), Some(world.later(30)));
}

//! Clocks and what is due next.

use super::on_both;
use super::world::World;
use mailclerk::case::{ClockKind, ClockOf};
use mailclerk::effects::MailClass;

on_both!(clocks_come_in_order_and_whole, kinds_that_nobody_asks_for_stay, the_next_instant_is_a_clock_or_a_mail);

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

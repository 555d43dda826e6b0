//! Clocks and what is due next.

use super::on_both;
use super::world::World;
use mailclerk::case::{ClockKind, ClockOf};
use mailclerk::effects::MailClass;

on_both!(clocks_come_in_order_and_whole, the_next_instant_is_a_clock_or_a_mail);

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
    assert_eq!(
        world.store.due_clocks(mailclerk::case::ClockKind::ALL, world.later(30), 9).await.expect("read"),
        expected[..3]
    );
    assert_eq!(
        world.store.due_clocks(mailclerk::case::ClockKind::ALL, world.later(30), 2).await.expect("read"),
        expected[..2]
    );
}

async fn the_next_instant_is_a_clock_or_a_mail(world: World) {
    assert_eq!(world.store.next_due(mailclerk::case::ClockKind::ALL).await.expect("read"), None);
    let mut starts = world.nothing();
    let mut mail = world.mail("jo@example.com", MailClass::Automatic, None);
    mail.not_before = world.later(40);
    starts.mails.push(mail);
    world.write(starts, &[]).await;
    assert_eq!(world.store.next_due(mailclerk::case::ClockKind::ALL).await.expect("read"), Some(world.later(40)));
    let mut starts = world.nothing();
    let case = world.opens(&mut starts, "AB-100001", "jo@example.com");
    starts.clocks.push(world.clock(ClockOf::Case(case), ClockKind::Update, world.later(30)));
    world.write(starts, &[]).await;
    assert_eq!(world.store.next_due(mailclerk::case::ClockKind::ALL).await.expect("read"), Some(world.later(30)));
}

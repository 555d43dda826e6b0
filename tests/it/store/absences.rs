//! Days away that staff told.

use super::on_both;
use super::world::{DESK, World, address};
use jiff::civil::{Date, date};
use mailclerk::desk::Absence;
use mailclerk::effects::AbsenceWrite;

on_both!(what_staff_told_is_kept_once_and_read_by_desk_and_day);

fn away(email: &str, from: Date, to: Date) -> AbsenceWrite {
    AbsenceWrite { email: address(email), from, to }
}

async fn what_staff_told_is_kept_once_and_read_by_desk_and_day(world: World) {
    let (first, last) = (date(2026, 12, 21), date(2027, 1, 2));
    let mut told = world.nothing();
    told.set_absence(away("Ann@example.com", first, last));
    // The same again in the same batch, and by another writing of the same address.
    told.set_absence(away("ann@Example.com", first, last));
    told.set_absence(away("bob@example.com", date(2026, 11, 23), date(2026, 11, 23)));
    world.write(told, &[]).await;
    let mut again = world.nothing();
    again.set_absence(away("ann@example.com", first, last));
    again.set_absence(away("ann@example.com", first, first));
    world.write(again, &[]).await;
    let mut other = world.nothing();
    other.desk = "other".into();
    other.set_absence(away("ann@example.com", first, last));
    world.write(other, &[]).await;

    let read = async |since| world.other().await.absences(DESK, since).await.expect("read");
    let ann = |to| (address("ann@example.com"), Absence { from: first, to });
    let bob = (address("bob@example.com"), Absence { from: date(2026, 11, 23), to: date(2026, 11, 23) });
    assert_eq!(read(Date::MIN).await, [bob.clone(), ann(first), ann(last)]);
    assert_eq!(read(date(2026, 11, 23)).await, [bob, ann(first), ann(last)], "the last day counts");
    assert_eq!(read(date(2026, 11, 24)).await, [ann(first), ann(last)]);
    assert_eq!(read(date(2026, 12, 22)).await, [ann(last)]);
    assert_eq!(read(date(2027, 1, 3)).await, []);
    // No address stands in clear, and each telling has its row in the desk's chain.
    assert_eq!(
        world.texts("SELECT DISTINCT address_key FROM absences WHERE address_key LIKE '%example%'").await,
        [""; 0]
    );
    let events = "SELECT kind FROM audit_rows WHERE kind = 'absence_set' AND chain = 'desk' AND desk = 'desk'";
    assert_eq!(world.texts(events).await.len(), 5);
    world.store.audit_verify().await.expect("sound chains");
}

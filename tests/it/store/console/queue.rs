//! Lists of cases: filters, order and paging, against the same done naively in memory.

use super::random::{DESKS, Known, LINES, PEOPLE, Scene, may_see, numbers};
use crate::store::on_both;
use crate::store::world::{World, address};
use jiff::Timestamp;
use mailclerk::case::Case;
use mailclerk::desk::access::Access;
use mailclerk::store::{
    Cursor, PAGE, QueueCase, QueueDue, QueueFilter, QueueOrder, QueueSpecialist, QueueStatus, Store,
};
use mailclerk::words::{LineId, Status};
use rand::RngExt;

on_both!(every_filter_finds_what_it_means, pages_hold_under_inserts, cursors_are_read_strictly);

async fn all(store: &Store, access: &Access, filter: &QueueFilter, order: QueueOrder) -> Vec<QueueCase> {
    let mut found = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.queue(access, filter, order, after.as_ref()).await.expect("read");
        assert!(page.cases.len() <= PAGE);
        found.extend(page.cases);
        match page.next {
            Some(next) => after = Some(Cursor::parse(&next.to_text()).expect("as it was written")),
            None => return found,
        }
    }
}

fn is_meant(filter: &QueueFilter, known: &Known) -> bool {
    let case = &known.case;
    let next = known.next();
    let status = match filter.status {
        QueueStatus::All => true,
        QueueStatus::Open => case.status != Status::Resolved,
        QueueStatus::One(status) => case.status == status,
        QueueStatus::Waiting => {
            matches!(case.status, Status::WaitingInternal | Status::WaitingExternal | Status::Paused)
        }
    };
    let specialist = match &filter.specialist {
        QueueSpecialist::Anyone => true,
        QueueSpecialist::Nobody => case.specialist.is_none(),
        QueueSpecialist::Somebody => case.specialist.is_some(),
        QueueSpecialist::One(email) => case.specialist.as_ref() == Some(email),
    };
    let due = match filter.due {
        QueueDue::Any => true,
        QueueDue::Before(until) => next.is_some_and(|next| next.at < until),
        QueueDue::Between(from, until) => next.is_some_and(|next| from <= next.at && next.at < until),
        QueueDue::Nothing => next.is_none(),
    };
    status
        && specialist
        && due
        && filter.desk.as_ref().is_none_or(|desk| case.desk == *desk)
        && filter.line.as_ref().is_none_or(|line| case.line.as_ref() == Some(line))
        && (!filter.urgent || case.urgent)
}

fn sorted(mut cases: Vec<&Known>, order: QueueOrder) -> Vec<Case> {
    let rank = |known: &Known| match (known.case.status, known.case.urgent) {
        (Status::Resolved, _) => 2,
        (_, true) => 0,
        (_, false) => 1,
    };
    let due = |known: &Known| known.next().map_or(Timestamp::MAX, |next| next.at);
    match order {
        QueueOrder::Due => cases.sort_by_key(|known| (rank(known), due(known), known.case.id)),
        QueueOrder::Newest => cases.sort_by_key(|known| std::cmp::Reverse((known.case.opened_at, known.case.id))),
        QueueOrder::Oldest => cases.sort_by_key(|known| (known.case.opened_at, known.case.id)),
    }
    cases.into_iter().map(|known| known.case.clone()).collect()
}

fn random_filter(scene: &mut Scene) -> QueueFilter {
    let (from, until) = (scene.chance.random_range(-3000..0), scene.chance.random_range(0..3000));
    let (from, until) = (scene.world.later(from), scene.world.later(until));
    let statuses = [
        QueueStatus::Open,
        QueueStatus::Open,
        QueueStatus::All,
        QueueStatus::Waiting,
        QueueStatus::One(Status::Resolved),
        QueueStatus::One(Status::InReview),
    ];
    let me = address(scene.one_of::<&str>(&PEOPLE));
    let people =
        [QueueSpecialist::Anyone, QueueSpecialist::Nobody, QueueSpecialist::Somebody, QueueSpecialist::One(me)];
    let dues =
        [QueueDue::Any, QueueDue::Any, QueueDue::Before(until), QueueDue::Between(from, until), QueueDue::Nothing];
    let sometimes = |scene: &mut Scene, of: &[&str]| {
        let one = (*scene.one_of(of)).to_owned();
        (scene.chance.random_range(0..3) == 0).then_some(one)
    };
    QueueFilter {
        desk: sometimes(scene, &DESKS),
        line: sometimes(scene, &LINES).map(LineId),
        status: *scene.one_of(&statuses),
        specialist: scene.one_of(&people).clone(),
        due: *scene.one_of(&dues),
        urgent: scene.chance.random_range(0..4) == 0,
    }
}

async fn every_filter_finds_what_it_means(world: World) {
    let mut scene = Scene::new(world, 11);
    for round in 0..60 {
        scene.batch().await;
        if round % 6 != 0 {
            continue;
        }
        for _ in 0..12 {
            let (access, filter) = (scene.access(), random_filter(&mut scene));
            let order = *scene.one_of(&[QueueOrder::Due, QueueOrder::Newest, QueueOrder::Oldest]);
            let found = all(&scene.world.store, &access, &filter, order).await;
            let meant = scene.cases.values().filter(|known| may_see(&access, &known.case) && is_meant(&filter, known));
            let expected = sorted(meant.collect(), order);
            let what = format!("{access:?} {filter:?} {order:?}");
            assert_eq!(numbers(found.iter().map(|one| &one.case)), numbers(expected.iter()), "{what}");
            for one in &found {
                assert_eq!(one.next, scene.cases[&one.case.id].next(), "{} {what}", one.case.number);
            }
            let count = scene.world.store.queue_count(&access, &filter).await.expect("counted");
            assert_eq!((count.n, count.more), (expected.len() as u64, false), "{what}");
        }
    }
}

/// Whoever leafs through a list sees each case once that was there from the beginning, whatever comes in meanwhile.
async fn pages_hold_under_inserts(world: World) {
    let mut scene = Scene::new(world, 12);
    while scene.cases.len() < 170 {
        scene.batch().await;
    }
    let access = scene.access_of_all();
    let filter = QueueFilter { status: QueueStatus::All, ..QueueFilter::default() };
    for order in [QueueOrder::Newest, QueueOrder::Oldest] {
        let before: Vec<_> = scene.cases.keys().copied().collect();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = scene.world.store.queue(&access, &filter, order, after.as_ref()).await.expect("read");
            seen.extend(page.cases.iter().map(|one| one.case.id));
            let Some(next) = page.next else { break };
            after = Some(next);
            scene.batch().await;
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "nothing is seen twice");
        assert!(before.iter().all(|id| once.binary_search(id).is_ok()), "nothing is missed");
        assert!(before.len() > 3 * PAGE, "there are several pages");
    }
}

async fn cursors_are_read_strictly(world: World) {
    for text in ["", "1", "1~x~y", "1~2026-11-21T10:15:00Z~no", "a~2026-11-21T10:15:00Z~", "1~2~3~4"] {
        assert_eq!(Cursor::parse(text), None, "{text:?}");
    }
    let cursor = format!("1~2026-11-21T10:15:00.000000Z~{}", world.id());
    assert_eq!(Cursor::parse(&cursor).expect("a cursor").to_text(), cursor);
}

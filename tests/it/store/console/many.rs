//! A hundred thousand cases in PostgreSQL: no page reads a big table from its beginning. (SQLite's plans do not depend on
//! how many rows there are; `store::plans` holds them.)

use crate::store::world::{DESK, World, address};
use mailclerk::desk::access::{Access, AccountRole, DeskAccess};
use mailclerk::store::{
    Found, MailList, PAGE, QueueDue, QueueFilter, QueueOrder, QueueSpecialist, QueueStatus, TrailFilter, View,
};
use mailclerk::words::LineId;
use mailclerk::words::numbers::CaseNumber;

#[path = "../../../../benches/pages/many.rs"]
mod rows;

const BIG: [&str; 7] = ["cases", "messages", "mails", "audit_rows", "clocks", "message_links", "case_words"];

/// How many rows of each big table were read in the order in which they lie, as the server counts them.
async fn scanned(world: &World) -> Vec<(String, i64)> {
    let names = BIG.map(|name| format!("'{name}'")).join(", ");
    let sql =
        format!("SELECT relname || ' ' || seq_tup_read FROM pg_stat_user_tables WHERE relname IN ({names}) ORDER BY 1");
    let rows = world.texts(&sql).await;
    let read = rows.iter().map(|row| row.split_once(' ').expect("a name and a number"));
    read.map(|(name, rows)| (name.to_owned(), rows.parse().expect("a number"))).collect()
}

fn accesses() -> [Access; 3] {
    let access = |role, lines: Option<&str>| {
        let lines = lines.map(|line| vec![LineId(line.into())]);
        Access { email: address("ann@example.com"), role, desks: vec![DeskAccess { desk: DESK.into(), lines }] }
    };
    [
        access(AccountRole::Admin, None),
        access(AccountRole::Supervisor, Some("one")),
        access(AccountRole::Specialist, Some("two")),
    ]
}

/// What is read at a time, and how many rows of a big table may be read in the order in which they lie: counting stops at
/// a thousand matches, and where most rows match, the server rightly begins anywhere. One whole table is more than this,
/// but for searches: a word that all cases have, with a filter that hardly any meets, has to be gone through.
const GROUPS: [(&str, i64); 5] =
    [("lists", 60_000), ("searches", 1_000_000), ("cases", 60_000), ("messages and mails", 60_000), ("trail", 60_000)];

fn filters(world: &World, access: &Access) -> Vec<QueueFilter> {
    let all = QueueFilter::default;
    vec![
        all(),
        QueueFilter { line: Some(LineId("one".into())), ..all() },
        QueueFilter { status: QueueStatus::All, ..all() },
        QueueFilter { status: QueueStatus::Waiting, ..all() },
        QueueFilter { specialist: QueueSpecialist::One(access.email.clone()), ..all() },
        QueueFilter { specialist: QueueSpecialist::Nobody, ..all() },
        QueueFilter { due: QueueDue::Before(world.now), ..all() },
        QueueFilter { due: QueueDue::Nothing, ..all() },
    ]
}

async fn read_lists(world: &World, access: &Access) {
    for filter in filters(world, access) {
        for order in [QueueOrder::Due, QueueOrder::Newest, QueueOrder::Oldest] {
            let page = world.store.queue(access, &filter, order, None).await.expect("read");
            if let Some(next) = page.next {
                world.store.queue(access, &filter, order, Some(&next)).await.expect("read");
            }
        }
        world.store.queue_count(access, &filter).await.expect("counted");
    }
    world.store.waiting(access, world.now).await.expect("counted");
}

async fn read_messages_and_mails(world: &World, access: &Access) {
    let store = &world.store;
    let held = store.held_page(access, None, None).await.expect("read");
    for message in held.messages.iter().take(2) {
        store.visible_message(access, message.message.id).await.expect("read");
    }
    for list in MailList::ALL {
        let page = store.mail_page(access, *list, None, None).await.expect("read");
        if let Some(mail) = page.mails.first() {
            store.visible_mail(access, mail.id).await.expect("read").expect("seen");
        }
        store.mail_count(access, *list, None).await.expect("counted");
    }
}

async fn read_group(world: &World, access: &Access, group: &str) {
    let store = &world.store;
    match group {
        "lists" => read_lists(world, access).await,
        "searches" => {
            for filter in filters(world, access) {
                for typed in ["anybody", "anybody somebody", "MANY-4000", "nothing like it"] {
                    store.search(access, typed, &filter, None).await.expect("read");
                }
            }
        }
        "cases" => {
            for number in ["MANY-4000", "MANY-4001"] {
                store.case_page(access, DESK, &CaseNumber(number.into())).await.expect("read");
            }
        }
        "messages and mails" => read_messages_and_mails(world, access).await,
        _ => {
            store.record_view(access, View::of_desk(DESK, "audit"), world.now).await.expect("written");
            let trail = TrailFilter { desk: DESK.into(), ..TrailFilter::default() };
            store.trail(access, &trail, None).await.expect("read");
            store.trail(access, &TrailFilter { account: Some("k".into()), ..trail }, None).await.expect("read");
        }
    }
}

#[tokio::test]
async fn no_page_reads_a_big_table_from_its_beginning() {
    let mut world = World::postgres().await;
    let mut effects = world.nothing();
    effects.cases.push(world.case("AB-100001", "jo@example.com"));
    world.write(effects, &[]).await;
    let many = rows::Many {
        dialect: rows::Dialect::Postgres,
        cases: 100_000,
        desk: DESK,
        lines: ["one", "two"],
        specialists: vec![world.store.account_key(&address("ann@example.com")), "b".into(), "c".into()],
        now: "2026-11-21 10:15:00",
        keys: &world.keys,
    };
    for statement in many.statements() {
        world.sql(&statement).await;
    }
    let filter = QueueFilter { status: QueueStatus::All, ..QueueFilter::default() };
    let page = world.store.queue(&accesses()[0], &filter, QueueOrder::Oldest, None).await.expect("read");
    assert_eq!(page.cases.len(), PAGE);
    let Found::Cases(found) =
        world.store.search(&accesses()[0], "anybody somebody", &filter, None).await.expect("read")
    else {
        panic!("there are many")
    };
    assert_eq!(found.cases.len(), PAGE);
    // The server counts what a connection did when it ends at the latest.
    world.store.close().await;
    let mut walked = Vec::new();
    for (group, most) in GROUPS {
        let before = scanned(&world).await;
        world.store = world.other().await;
        for access in accesses() {
            read_group(&world, &access, group).await;
        }
        world.store.close().await;
        let after = scanned(&world).await;
        let more = after.into_iter().zip(before).map(|((table, rows), (_, before))| (group, table, rows - before));
        walked.extend(more.filter(|(_, _, rows)| *rows > most));
    }
    assert!(walked.is_empty(), "rows that were read one after the other: {walked:?}");
}

//! Finding a case by what is known of it.

use super::random::{DESKS, Scene, may_see};
use crate::store::on_both;
use crate::store::world::{World, address};
use mailclerk::case::{Case, Entry};
use mailclerk::desk::access::{Access, AccountRole, DeskAccess};
use mailclerk::effects::Effects;
use mailclerk::store::{Found, QueueFilter, QueueStatus, Store};
use mailclerk::words::{LineId, MemberName};
use std::collections::BTreeMap;

on_both!(what_is_known_finds_it, words_follow_the_case, older_cases_are_indexed_in_steps, only_what_may_be_seen);

fn everything() -> QueueFilter {
    QueueFilter { status: QueueStatus::All, ..QueueFilter::default() }
}

fn admin() -> Access {
    let desks = ["desk", "other"].map(|desk| DeskAccess { desk: desk.into(), lines: None });
    Access { email: address("boss@example.com"), role: AccountRole::Admin, desks: desks.into() }
}

fn case(world: &World, number: &str) -> Case {
    let fields = [
        ("agent_name", "Ren\u{e9}e O'Hara-Lund"),
        ("agent_san", "SAN 123-4567"),
        ("member_id", "K98 765 432"),
        ("reference", "REF/2026/0042"),
        ("summary", "the card that was promised in the spring has still not come to the member at all"),
    ];
    let fields = fields.map(|(id, value)| (id.to_owned(), value.to_owned()));
    Case {
        entries: vec![Entry {
            member: MemberName { last: "Mu\u{f1}oz Jr.".into(), first: "Jos\u{e9} Luis".into() },
            fields: BTreeMap::from(fields),
        }],
        requester_name: Some("Wanda".into()),
        subject: "Mu\u{f1}oz Jr., Jos\u{e9} Luis One".into(),
        ..world.case(number, "wanda.smythe@Brokers.example")
    }
}

async fn write(world: &World, case: Case) {
    let effects = Effects { desk: case.desk.clone(), cases: vec![case], ..world.nothing() };
    world.write(effects, &[]).await;
}

/// Numbers of what is found, newest first; of a search that goes straight to a case, that one.
async fn found(store: &Store, access: &Access, typed: &str) -> Vec<String> {
    match store.search(access, typed, &everything(), None).await.expect("read") {
        Found::NothingTyped => vec!["nothing typed".into()],
        Found::Case { number, .. } => vec![format!("straight to {number}")],
        Found::Cases(page) => page.cases.into_iter().map(|one| one.case.number.0).collect(),
    }
}

async fn what_is_known_finds_it(world: World) {
    write(&world, case(&world, "AB-100001")).await;
    write(&world, world.case("AB-100002", "jo@example.com")).await;
    write(&world, Case { desk: "other".into(), ..world.case("260105-0000007", "al@example.com") }).await;
    write(&world, Case { desk: "other".into(), ..world.case("CD-100002", "al@example.com") }).await;
    for (typed, expected) in [
        ("ab-100001", &["straight to AB-100001"][..]),
        (" 100001 ", &["straight to AB-100001"]),
        ("260105-0000007", &["straight to 260105-0000007"]),
        ("0000007", &["straight to 260105-0000007"]),
        ("100002", &["CD-100002", "AB-100002"]),
        ("wanda.smythe@brokers.EXAMPLE", &["AB-100001"]),
        ("smythe", &["AB-100001"]),
        ("brokers.example", &["AB-100001"]),
        ("Wanda", &["AB-100001"]),
        ("renee", &["AB-100001"]),
        ("O\u{2019}HARA-LUND", &["AB-100001"]),
        ("lund ren\u{e9}e", &["AB-100001"]),
        ("1234567", &["AB-100001"]),
        ("123-4567", &["AB-100001"]),
        ("k98765432", &["AB-100001"]),
        ("K98 765-432", &["AB-100001"]),
        ("munoz luis", &["AB-100001"]),
        ("MUN\u{303}OZ", &["AB-100001"]),
        ("2026 0042", &["AB-100001"]),
        ("munoz peter", &[]),
        ("muno", &[]),
        ("%", &["nothing typed"]),
        ("mun%", &[]),
        ("spring", &[]),
        ("doe", &["CD-100002", "260105-0000007", "AB-100002"]),
        ("doe H12345678", &["CD-100002", "260105-0000007", "AB-100002"]),
        ("al@example.com", &["CD-100002", "260105-0000007"]),
    ] {
        assert_eq!(found(&world.store, &admin(), typed).await, expected, "{typed:?}");
    }
    // What was looked up are hashes: the table knows no word.
    let words = world.texts("SELECT word_key FROM case_words").await;
    assert!(words.len() > 30 && words.iter().all(|key| key.len() == 32), "{words:?}");
}

async fn words_follow_the_case(world: World) {
    let mut one = case(&world, "AB-100001");
    write(&world, one.clone()).await;
    let marks = "SELECT words_mark FROM cases";
    let before = world.texts(marks).await;
    one.version = 1;
    write(&world, one.clone()).await;
    assert_eq!(world.texts(marks).await, before, "the same words, the same mark");
    one.version = 2;
    one.entries[0].fields.insert("member_id".into(), "K99999999".into());
    write(&world, one).await;
    assert_ne!(world.texts(marks).await, before);
    assert_eq!(found(&world.store, &admin(), "k99999999").await, ["AB-100001"]);
    assert_eq!(found(&world.store, &admin(), "k98765432").await, Vec::<String>::new());
}

/// A database from before: its cases have no words and nothing that comes next.
async fn older_cases_are_indexed_in_steps(world: World) {
    let mut scene = Scene::new(world, 21);
    while scene.cases.len() < 45 {
        scene.batch().await;
    }
    let rows = "SELECT word_key || ' ' || CAST(case_id AS TEXT) FROM case_words ORDER BY 1";
    let next = "SELECT number || ' ' || queue_rank || ' ' || CAST(next_due AS TEXT) || COALESCE(next_kind, '-') \
                || COALESCE(CAST(answer_missed AS TEXT), '-') FROM cases ORDER BY 1";
    let world = &scene.world;
    let (words, dues) = (world.texts(rows).await, world.texts(next).await);
    world.sql("DELETE FROM case_words").await;
    world
        .sql(
            "UPDATE cases SET words_mark = NULL, queue_rank = 1, next_kind = NULL, \
             next_due = '9999-12-30T00:00:00.000000Z', \
             answer_missed = NULL WHERE answer_missed IS NULL",
        )
        .await;
    world.sql("UPDATE cases SET words_mark = NULL, queue_rank = 1, next_kind = NULL").await;
    let mut steps = Vec::new();
    loop {
        match world.store.index_older_cases(10).await.expect("indexed") {
            0 => break,
            n => steps.push(n),
        }
    }
    assert!(steps.len() >= 5 && steps.iter().sum::<usize>() == scene.cases.len(), "{steps:?}");
    assert_eq!(world.texts(rows).await, words);
    // A missed answer is found again by its clock: here nothing was answered but by a clock that was met.
    let same = world.texts(next).await;
    let differ = same.iter().zip(&dues).filter(|(now, before)| now != before).count();
    assert!(differ * 4 < dues.len(), "{differ} of {} differ", dues.len());
}

async fn only_what_may_be_seen(world: World) {
    let mut scene = Scene::new(world, 22);
    while scene.cases.len() < 120 {
        scene.batch().await;
    }
    for _ in 0..40 {
        let access = scene.access();
        let ids: Vec<_> = scene.cases.keys().copied().collect();
        let one = *scene.one_of(&ids);
        let one = scene.cases[&one].case.clone();
        let store = &scene.world.store;
        let straight = format!("straight to {}", one.number);
        let by_number = found(store, &access, &one.number.0).await;
        assert_eq!(by_number == [straight], may_see(&access, &one), "{access:?} {}", one.number);
        let word = one.requester.to_string();
        let mut by_word = found(store, &access, &word).await;
        by_word.sort();
        let all = scene.cases.values().map(|known| &known.case);
        let meant = all.filter(|case| case.requester == one.requester && may_see(&access, case));
        let mut expected: Vec<String> = meant.map(|case| case.number.0.clone()).collect();
        expected.sort();
        assert_eq!(by_word, expected, "{access:?} {word}");
    }
    let nobody = Access { desks: Vec::new(), ..scene.access_of_all() };
    assert_eq!(found(&scene.world.store, &nobody, "doe").await, Vec::<String>::new());
    let line = DeskAccess { desk: DESKS[0].into(), lines: Some(vec![LineId("one".into())]) };
    let one_line = Access { desks: vec![line], role: AccountRole::Specialist, ..scene.access_of_all() };
    assert!(!found(&scene.world.store, &one_line, "doe").await.is_empty());
}

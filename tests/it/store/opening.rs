//! Opening: birth, keys, schema, two processes at once.

use super::on_both;
use super::world::{DESK, World, address};
use crate::support::postgres::new_database;
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::{Birth, Store, StoreError};
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::Numbering;
use std::collections::BTreeMap;

on_both!(birth_is_for_life, other_keys_are_refused, a_newer_schema_is_refused, it_is_there_again);

async fn birth_is_for_life(world: World) {
    assert_eq!(world.store.born(), Birth::Live);
    let keys = world.keys.clone();
    let error = Store::open(&world.url, None, Birth::Rehearsal, keys.clone(), world.now).await.expect_err("refused");
    assert!(matches!(error, StoreError::WrongBirth { found: Birth::Live, wanted: Birth::Rehearsal }), "{error}");
    assert!(error.to_string().contains("--at"), "says how to mend it: {error}");
    let either = Store::open_existing(&world.url, None, keys, world.now).await.expect("a reader takes either");
    assert_eq!(either.born(), Birth::Live);
}

async fn other_keys_are_refused(world: World) {
    let keys = Keys::derive(&[8; 32]);
    let error = Store::open(&world.url, None, Birth::Live, keys, world.now).await.expect_err("refused");
    assert!(matches!(error, StoreError::WrongKeys), "{error}");
}

async fn a_newer_schema_is_refused(world: World) {
    world
        .sql("UPDATE schema_version SET version = 999 WHERE version = (SELECT MAX(version) FROM schema_version)")
        .await;
    let keys = world.keys.clone();
    let error = Store::open(&world.url, None, Birth::Live, keys, world.now).await.expect_err("refused");
    assert!(matches!(error, StoreError::NewerSchema { found: 999, .. }), "{error}");
}

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 2);

async fn it_is_there_again(world: World) {
    let numbers = world.store.reserve_numbers(DESK, &Numbering::standard("AB"), TODAY, 2).await.expect("numbers");
    assert_eq!(numbers.iter().map(|number| number.0.as_str()).collect::<Vec<_>>(), ["AB-100001", "AB-100002"]);
    world.store.close().await;
    let again = world.other().await;
    assert_eq!(
        again.reserve_numbers(DESK, &Numbering::standard("AB"), TODAY, 1).await.expect("a number")[0].0,
        "AB-100003"
    );
    assert_eq!(
        again.reserve_numbers("other", &Numbering::standard("CD"), TODAY, 1).await.expect("a number")[0].0,
        "CD-100001"
    );
    assert!(!again.is_bounced_hard(DESK, &address("jo@example.com")).await.expect("read"));
}

/// Two processes that start at once make one schema and one installation.
async fn opened_by_many(url: DatabaseUrl) {
    let keys = Keys::derive(&[7; 32]);
    let now = super::world::at("2026-11-21T10:15:00Z");
    let open = || {
        let (url, keys) = (url.clone(), keys.clone());
        tokio::spawn(
            async move { Store::open(&url, None, Birth::Rehearsal, keys, now).await.map(|store| store.born()) },
        )
    };
    let opened = futures::future::join_all((0..6).map(|_| open())).await;
    for born in opened {
        assert_eq!(born.expect("no panic").expect("opened"), Birth::Rehearsal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_open_a_new_sqlite_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    opened_by_many(DatabaseUrl::Sqlite(folder.path().join("new.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_open_a_new_postgres_at_once() {
    opened_by_many(new_database()).await;
}

#[tokio::test]
async fn a_file_is_for_its_user_only_and_must_be_there_for_readers() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::sqlite().await;
    let DatabaseUrl::Sqlite(path) = &world.url else { panic!("a file") };
    assert_eq!(std::fs::metadata(path).expect("the file").permissions().mode() & 0o777, 0o600);
    for missing in ["nowhere.db", "no/such/folder.db"] {
        let url = DatabaseUrl::Sqlite(path.with_file_name(missing));
        let error = Store::open_existing(&url, None, world.keys.clone(), world.now).await.expect_err("not there");
        assert!(matches!(error, StoreError::NotThere), "{error}");
    }
    let url = DatabaseUrl::Sqlite(path.with_file_name("no/such/folder.db"));
    let error = Store::open(&url, None, Birth::Live, world.keys.clone(), world.now).await.expect_err("no folder");
    assert!(matches!(error, StoreError::Open(_)), "{error}");
}

/// The two schemas have the same tables with the same columns, which may be empty in the same places.
#[tokio::test]
async fn both_databases_have_one_schema() {
    let sqlite = World::sqlite().await;
    let postgres = World::postgres().await;
    let of_sqlite = sqlite
        .texts(
            "SELECT t.name || ' ' || c.name || ' ' || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'full' ELSE 'may be \
             empty' END || ' ' || c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'",
        )
        .await;
    let of_postgres = postgres
        .texts(
            "SELECT table_name || ' ' || column_name || ' ' || CASE WHEN is_nullable = 'NO' THEN 'full' ELSE 'may be \
             empty' END || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'public'",
        )
        .await;
    // What differs is what the migrations' placeholders stand for: instants and ids are text in SQLite.
    let kinds = BTreeMap::from([
        ("timestamp with time zone", "TEXT"),
        ("uuid", "TEXT"),
        ("bytea", "BLOB"),
        ("bigint", "BIGINT"),
        ("text", "TEXT"),
        ("boolean", "BOOLEAN"),
    ]);
    let mut translated: Vec<String> = of_postgres
        .iter()
        .map(|column| {
            let (kind, name) = kinds.iter().find(|(kind, _)| column.ends_with(**kind)).expect("a known type");
            format!("{}{name}", column.strip_suffix(kind).expect("it ends so"))
        })
        .collect();
    let mut of_sqlite = of_sqlite;
    of_sqlite.sort();
    translated.sort();
    assert!(of_sqlite.len() > 100, "{}", of_sqlite.len());
    assert_eq!(of_sqlite, translated);
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let indexes_of_postgres = "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE \
                               '%_pkey' ORDER BY indexname";
    assert_eq!(sqlite.texts(indexes).await, postgres.texts(indexes_of_postgres).await);
}

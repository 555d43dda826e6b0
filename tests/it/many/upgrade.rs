//! Upgrades: an older database is brought up to date, but only while nobody works with it.

use super::Team;
use crate::store::world::{DESK, MAILBOX, World, at};
use crate::support::clerk::wait_until;
use crate::support::postgres::new_database;
use jiff::SignedDuration;
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::{Birth, Committed, Presence, Store, StoreError, StoredCursor};
use mailclerk::words::Decision;
use mailclerk::words::keys::Keys;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

/// A database as the program of an earlier version left it.
struct Older {
    url: DatabaseUrl,
    keys: Keys,
    _folder: Option<TempDir>,
}

const THEN: &str = "'2026-11-01T00:00:00.000000Z'";

/// A mailbox that was read and a message that is still to be decided.
const ROWS: &str = "INSERT INTO mailboxes (mailbox, desk, start_at, older_left, uid_validity, next_uid, changed_at)
    VALUES ('box', 'desk', {THEN}, 0, 9, 77, {THEN});
    INSERT INTO messages (id, desk, mailbox, uid_validity, name, problem, arrived, recorded_at, state, attempts, fence,
    gets_reply) VALUES ('00000000-0000-0000-0000-000000000005', 'desk', 'box', 9, '76', 'too large', {THEN}, {THEN},
    'recorded', 0, 0, FALSE);";

/// What the placeholders of the migrations stand for.
const OF_POSTGRES: [(&str, &str); 4] =
    [("TIMESTAMP", "TIMESTAMPTZ"), ("BYTES", "BYTEA"), ("UUID", "UUID"), ("CLUSTERED", "")];

/// The texts of the migrations, oldest first.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).expect("the folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a migration")).collect()
}

impl Older {
    async fn sqlite(version: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("older.db"));
        let types = [("TIMESTAMP", "TEXT"), ("BYTES", "BLOB"), ("UUID", "TEXT"), ("CLUSTERED", " WITHOUT ROWID")];
        Self::made(url, Some(folder), version, types, Keys::derive(&[7; 32]), ROWS).await
    }

    async fn postgres(version: usize) -> Self {
        Self::made(new_database(), None, version, OF_POSTGRES, Keys::derive(&[7; 32]), ROWS).await
    }

    /// One of an installation with these keys, without rows.
    async fn empty_postgres(version: usize, keys: Keys) -> Self {
        Self::made(new_database(), None, version, OF_POSTGRES, keys, "").await
    }

    /// The schema of `version`, with these rows.
    async fn made(
        url: DatabaseUrl,
        folder: Option<TempDir>,
        version: usize,
        types: [(&str, &str); 4],
        keys: Keys,
        rows: &str,
    ) -> Self {
        let older = Self { url, keys, _folder: folder };
        let mut text =
            "CREATE TABLE schema_version (version BIGINT PRIMARY KEY, applied_at {TIMESTAMP} NOT NULL);".to_owned();
        for (number, migration) in migrations().iter().take(version).enumerate() {
            text.push_str(&format!("{migration}\nINSERT INTO schema_version VALUES ({}, {THEN});\n", number + 1));
        }
        text.push_str(&format!(
            "INSERT INTO installation (one, born, id, key_check, created_at) VALUES (1, 'live', 'x', '{}', {THEN});\n{rows}",
            older.keys.lookup("installation", "key check")
        ));
        let text = types.iter().fold(text, |text, (name, kind)| text.replace(&format!("{{{name}}}"), kind));
        older.run(&text.replace("{THEN}", THEN)).await;
        older
    }

    async fn run(&self, text: &str) {
        let sql = AssertSqlSafe(text.to_owned());
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let url = format!("sqlite:{}?mode=rwc", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("connected");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("done");
            }
            DatabaseUrl::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("connected");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("done");
            }
        }
    }

    async fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.url, None, Birth::Live, self.keys.clone(), at("2026-11-21T10:15:00Z")).await
    }

    /// A program from before the lock on the open database, at work.
    async fn old_worker(&self) -> OldWorker {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut name = path.clone().into_os_string();
                name.push(format!("-holder-{}", Uuid::from_u128(77)));
                let file = std::fs::File::create(PathBuf::from(name)).expect("a file");
                file.lock().expect("held");
                OldWorker { _file: Some(file), _session: None }
            }
            DatabaseUrl::Postgres { url } => {
                let options: sqlx::postgres::PgConnectOptions = url.parse().expect("a url");
                let session = PgConnection::connect_with(&options.application_name("mailclerk")).await;
                OldWorker { _file: None, _session: Some(session.expect("connected")) }
            }
        }
    }
}

struct OldWorker {
    _file: Option<std::fs::File>,
    _session: Option<PgConnection>,
}

/// From the first version, from one in the middle and from the last before.
fn versions() -> [usize; 3] {
    [1, 6, migrations().len() - 1]
}

async fn all_still_works(older: Older) {
    let world_now = at("2026-11-21T10:15:00Z");
    let store = older.open().await.expect("brought up to date");
    let cursor = store.cursor(MAILBOX).await.expect("read");
    assert_eq!(cursor, Some(StoredCursor { uid_validity: 9, next_uid: 77 }));
    let holder = Uuid::from_u128(1);
    let _lives: Presence = store.show_presence(holder).await.expect("shown");
    let until = world_now + SignedDuration::from_mins(5);
    let leased = store.lease_messages(DESK, holder, 5, until, world_now).await.expect("leased");
    assert_eq!(leased.iter().map(|one| one.id).collect::<Vec<_>>(), [Uuid::from_u128(5)]);
    // The same words as any other test has for effects.
    let world = World::sqlite().await;
    let effects = world.decided(leased[0].id, "jo@example.com", Decision::Hold);
    let written = store.commit(&[effects], &[(leased[0].id, leased[0].fence)], world_now).await.expect("committed");
    assert_eq!(written, [Committed::Written]);
    let lease = store.take_reader(MAILBOX, holder, SignedDuration::from_secs(45)).await.expect("asked");
    let lease = lease.expect("nobody reads it");
    let next = Some(StoredCursor { uid_validity: 9, next_uid: 78 });
    store.record(&lease, DESK, &[world.arrived("77", "body", world_now)], next, world_now).await.expect("recorded");
    assert_eq!(store.cursor(MAILBOX).await.expect("read"), next);
    assert!(store.audit_verify().await.is_ok());
}

#[tokio::test]
async fn an_older_sqlite_is_brought_up_to_date_and_all_still_works() {
    for version in versions() {
        all_still_works(Older::sqlite(version).await).await;
    }
}

#[tokio::test]
async fn an_older_postgresql_is_brought_up_to_date_and_all_still_works() {
    for version in versions() {
        all_still_works(Older::postgres(version).await).await;
    }
}

/// Two new programs that start at once: one brings it up to date, both work.
async fn two_at_once(older: Older) {
    let opened = futures::future::join_all((0..4).map(|_| older.open())).await;
    for store in opened {
        store.expect("opened");
    }
}

#[tokio::test]
async fn two_new_programs_may_start_at_once() {
    two_at_once(Older::sqlite(11).await).await;
    two_at_once(Older::postgres(11).await).await;
}

async fn refused_while_an_old_one_lives(older: Older) {
    let old = older.old_worker().await;
    let error = older.open().await.expect_err("refused");
    let StoreError::InUse { found: 11, known, .. } = &error else { panic!("{error}") };
    let told = error.to_string();
    assert!(*known > 11 && told.contains("stop all of them") && told.contains("version 11"), "{told}");
    drop(old);
    older.open().await.expect("it is gone");
}

#[tokio::test]
async fn an_upgrade_is_refused_while_a_program_from_before_the_lock_works() {
    refused_while_an_old_one_lives(Older::sqlite(11).await).await;
    refused_while_an_old_one_lives(Older::postgres(11).await).await;
}

/// As if the program of `world` were one version older than the next one.
async fn pretend_one_version_less(world: &World) {
    world.sql("DELETE FROM schema_version WHERE version = (SELECT MAX(version) FROM schema_version)").await;
}

async fn refused_while_the_last_one_lives(world: World) {
    pretend_one_version_less(&world).await;
    let open = || Store::open(&world.url, None, Birth::Live, world.keys.clone(), world.now);
    let error = open().await.expect_err("refused");
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    // Who only looks is refused as well, and changes nothing.
    let error = Store::open_existing(&world.url, None, world.keys.clone(), world.now).await.expect_err("refused");
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    world.store.close().await;
}

#[tokio::test]
async fn an_upgrade_is_refused_while_the_last_program_works() {
    refused_while_the_last_one_lives(World::sqlite().await).await;
    refused_while_the_last_one_lives(World::postgres().await).await;
}

/// It was cut off while somebody else brought the schema up to date: what comes back writes nothing into it.
#[tokio::test]
async fn a_program_that_comes_back_to_a_newer_schema_writes_nothing() {
    let world = World::postgres().await;
    let DatabaseUrl::Postgres { url } = &world.url else { panic!("a server") };
    let mut newer = PgConnection::connect(url).await.expect("connected");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
               AND application_name = 'mailclerk'";
    sqlx::raw_sql("INSERT INTO schema_version VALUES (999, now())").execute(&mut newer).await.expect("newer");
    sqlx::raw_sql(end).execute(&mut newer).await.expect("ended");
    let error = world.store.show_presence(Uuid::from_u128(1)).await.expect_err("refused");
    assert!(matches!(error, StoreError::NewerSchema { found: 999, .. }), "{error}");
    let writes = world.store.try_lock("tick", Uuid::from_u128(1), world.later(1), world.now);
    let outcome = tokio::time::timeout(std::time::Duration::from_secs(5), writes).await;
    assert!(!matches!(outcome, Ok(Ok(_))), "it wrote");
    let locks: Vec<(String,)> = sqlx::query_as("SELECT name FROM locks").fetch_all(&mut newer).await.expect("read");
    assert!(locks.is_empty());
}

/// Stop, migrate, start, as the operator does it.
#[test]
fn stop_migrate_start() {
    let mut team = Team::new();
    // The same installation, as the program before the last one left it, and still at work.
    let key = std::fs::read_to_string(team.clerk.path("mailclerk.key")).expect("the key file");
    let keys = Keys::derive(mailclerk::settings::master_key(&key).expect("a key").expose_secret());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (older, old) = runtime.block_on(async {
        let older = Older::empty_postgres(11, keys).await;
        let old = older.old_worker().await;
        (older, old)
    });
    let DatabaseUrl::Postgres { url } = &older.url else { panic!("a server") };
    team.clerk.edit(&team.database, url);
    team.database.clone_from(url);
    let refused = team.clerk.end_of(&["run", "--once"]);
    assert_eq!(refused.status.code(), Some(1), "{}", refused.log);
    assert!(refused.log.contains("stop all of them"), "{}", refused.log);
    assert_eq!(team.sql("SELECT MAX(version)::text FROM schema_version"), [Some("11".to_owned())]);
    runtime.block_on(async { drop(old) });
    let mut workers = [team.worker("a"), team.worker("b")];
    team.deliver(6);
    wait_until("all to be done", || team.is_done());
    for worker in &mut workers {
        assert_eq!(worker.stop_cleanly().code(), Some(0), "{}", worker.log());
    }
    assert_eq!(team.wrong(), Vec::<String>::new());
}

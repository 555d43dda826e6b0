//! The schema's versions: one text each for both databases, applied in order, each in a transaction of its own, while
//! nobody else has the database open (`in_use.rs`). Two processes that start at once wait for each other.

use super::db::{Db, Tx};
use super::value::args;
use super::{Birth, Result, StoreError};
use crate::words::keys::Keys;
use jiff::Timestamp;

/// The versions, oldest first.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../../migrations/0001_begin.sql")),
    (2, include_str!("../../migrations/0002_case_lives.sql")),
    (3, include_str!("../../migrations/0003_accounts.sql")),
    (4, include_str!("../../migrations/0004_console.sql")),
    (5, include_str!("../../migrations/0005_figures.sql")),
    (6, include_str!("../../migrations/0006_breaker.sql")),
    (7, include_str!("../../migrations/0007_turns.sql")),
    (8, include_str!("../../migrations/0008_portal.sql")),
    (9, include_str!("../../migrations/0009_activity.sql")),
    (10, include_str!("../../migrations/0010_ladder.sql")),
    (11, include_str!("../../migrations/0011_private.sql")),
    (12, include_str!("../../migrations/0012_readers.sql")),
    (13, include_str!("../../migrations/0013_scale.sql")),
    (14, include_str!("../../migrations/0014_packed.sql")),
    (15, include_str!("../../migrations/0015_answers.sql")),
];

/// PostgreSQL's lock for migrations: any number that no other program takes in the same database.
const LOCK: i64 = 0x6d61_696c_636c_0001;

/// What the database says about itself.
pub(super) struct Found {
    pub(super) born: Birth,
    pub(super) key_check: String,
}

/// What shows that keys are the ones that a database was made with.
pub(super) fn key_check(keys: &Keys) -> String {
    keys.lookup("installation", "key check")
}

/// The newest version that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

/// Applies what is missing, and makes the installation's row where the database is new (`birth` is then needed).
///
/// # Errors
///
/// [`StoreError::InUse`] where something is missing and `may_change` is not given, or others have the database open.
pub(super) async fn bring_up_to_date(
    db: &Db,
    birth: Option<Birth>,
    keys: &Keys,
    now: Timestamp,
    may_change: bool,
) -> Result<Found> {
    let newest = newest();
    loop {
        let mut tx = db.begin().await?;
        if tx.is_postgres() {
            tx.run("SELECT pg_advisory_xact_lock($1)", args![LOCK]).await?;
        }
        let table =
            "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, applied_at {TIMESTAMP} NOT NULL)";
        if !has_versions(&mut tx).await? {
            if birth.is_none() {
                return Err(StoreError::NotThere);
            }
            if !may_change {
                return Err(StoreError::InUse { found: 0, known: newest, who: String::new() });
            }
            tx.script(with_types(table, db.is_postgres())).await?;
        }
        let row = tx.row("SELECT MAX(version) AS version FROM schema_version", args![]).await?;
        let found = row.map(|row| row.opt_int("version")).transpose()?.flatten().unwrap_or(0);
        if found > newest {
            return Err(StoreError::NewerSchema { found, known: newest });
        }
        match MIGRATIONS.iter().find(|(version, _)| *version > found) {
            Some(_) if !may_change => return Err(StoreError::InUse { found, known: newest, who: String::new() }),
            Some((version, text)) => {
                super::in_use::alone(&mut tx, found, newest).await?;
                tx.script(with_types(text, db.is_postgres())).await?;
                tx.run("INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)", args![*version, now])
                    .await?;
                tx.commit().await?;
            }
            None => {
                let found = installation(&mut tx, birth, keys, now).await?;
                tx.commit().await?;
                return Ok(found);
            }
        }
    }
}

async fn has_versions(tx: &mut Tx) -> Result<bool> {
    let sql = if tx.is_postgres() {
        "SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass('schema_version')"
    } else {
        "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"
    };
    Ok(!tx.rows(sql, args![]).await?.is_empty())
}

async fn installation(tx: &mut Tx, birth: Option<Birth>, keys: &Keys, now: Timestamp) -> Result<Found> {
    if let Some(birth) = birth {
        // Named after the instant and the keys: no source of chance is needed for a name that must only differ.
        let id = keys.lookup("installation id", &super::time::to_text(now));
        let sql = "INSERT INTO installation (one, born, id, key_check, created_at) VALUES (1, $1, $2, $3, $4) \
                   ON CONFLICT (one) DO NOTHING";
        tx.run(sql, args![birth.as_str(), id, key_check(keys), now]).await?;
    }
    let row = tx.row("SELECT born, key_check FROM installation", args![]).await?.ok_or(StoreError::NotThere)?;
    Ok(Found { born: row.word("born", Birth::from_word)?, key_check: row.text("key_check")? })
}

/// The text of one database: its names for the types that differ. A clustered table is kept in the order of its primary
/// key, where the database can do that.
fn with_types(text: &str, postgres: bool) -> String {
    let types = if postgres {
        [("{TIMESTAMP}", "TIMESTAMPTZ"), ("{BYTES}", "BYTEA"), ("{UUID}", "UUID"), ("{CLUSTERED}", "")]
    } else {
        [("{TIMESTAMP}", "TEXT"), ("{BYTES}", "BLOB"), ("{UUID}", "TEXT"), ("{CLUSTERED}", " WITHOUT ROWID")]
    };
    types.into_iter().fold(text.to_owned(), |text, (name, kind)| text.replace(name, kind))
}

//! Who has the database open: so that its schema is changed only when nobody works with it.
//!
//! Whoever opens the database holds a shared lock as long as it has it open; whoever brings the schema up to date needs
//! that lock alone. On SQLite it is a lock on a file beside the database. On PostgreSQL every single session holds it
//! from its first moment to its last, and has seen the schema's version under it: so no session, also none that a
//! process makes anew after it was cut off, writes into a schema that it does not know.

use super::db::Db;
use super::migrate::{self, Found};
use super::presence;
use super::value::args;
use super::{Birth, Result, StoreError};
use crate::store::db::Tx;
use crate::words::keys::Keys;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgConnection};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// PostgreSQL's lock: any number that no other program takes in the same database.
const OPEN: i64 = 0x6d61_696c_636c_0004;
/// How long others may need to close the database, before it is said that they have it open.
const CLOSING: Duration = Duration::from_secs(3);
/// How long another process may take to bring the schema up to date.
const MIGRATING: Duration = Duration::from_secs(600);
/// How often it is looked again.
const AGAIN: Duration = Duration::from_millis(50);
/// The first version whose processes hold the lock.
const HOLDS_LOCK: i64 = 12;

/// The lock on an SQLite database; it ends with this.
#[derive(Debug)]
pub(super) struct InUse {
    file: File,
    path: PathBuf,
}

impl InUse {
    /// Brings the schema up to date, alone, where that is needed, and holds the shared lock from then on.
    pub(super) async fn of_file(
        database: &Path,
        db: &Db,
        birth: Option<Birth>,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<(Self, Found)> {
        let in_use = Self::open(database)?;
        let begun = Instant::now();
        loop {
            if in_use.taken(File::try_lock)? {
                // Whoever lives beside us now is a program from before this lock.
                let may_change = !presence::any_beside(database)?;
                let found = migrate::bring_up_to_date(db, birth, keys, now, may_change).await;
                in_use.shared(begun).await?;
                if !matches!(found, Err(StoreError::InUse { .. })) {
                    found?;
                }
            } else {
                in_use.shared(begun).await?;
            }
            // Between the two locks somebody else may have been here.
            match migrate::bring_up_to_date(db, birth, keys, now, false).await {
                Err(StoreError::InUse { .. }) if begun.elapsed() < CLOSING => {
                    in_use.file.unlock().map_err(|error| in_use.failed(&error))?;
                    tokio::time::sleep(AGAIN).await;
                }
                found => return Ok((in_use, found?)),
            }
        }
    }

    fn open(database: &Path) -> Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-in-use");
        let path = PathBuf::from(path);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(&path)
            .map_err(|error| StoreError::Open(format!("{} cannot be opened ({})", path.display(), error.kind())))?;
        Ok(Self { file, path })
    }

    /// Waits for the shared lock: whoever has it alone brings the schema up to date.
    async fn shared(&self, begun: Instant) -> Result<()> {
        while !self.taken(File::try_lock_shared)? {
            if begun.elapsed() > MIGRATING {
                return Err(StoreError::Busy("another process brings its schema up to date".into()));
            }
            tokio::time::sleep(AGAIN).await;
        }
        Ok(())
    }

    fn taken(&self, lock: impl FnOnce(&File) -> Result<(), TryLockError>) -> Result<bool> {
        match lock(&self.file) {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &std::io::Error) -> StoreError {
        StoreError::Open(format!("{} cannot be locked ({})", self.path.display(), error.kind()))
    }
}

/// Brings the schema of PostgreSQL up to date; `db` has no other connection than one that never [joined](join).
pub(super) async fn of_server(db: &Db, birth: Option<Birth>, keys: &Keys, now: Timestamp) -> Result<Found> {
    let begun = Instant::now();
    loop {
        match migrate::bring_up_to_date(db, birth, keys, now, true).await {
            Err(StoreError::InUse { .. }) if begun.elapsed() < CLOSING => tokio::time::sleep(AGAIN).await,
            found => return found,
        }
    }
}

/// On PostgreSQL: takes the lock alone until the transaction ends.
///
/// # Errors
///
/// [`StoreError::InUse`], with who has the database open.
pub(super) async fn alone(tx: &mut Tx, found: i64, known: i64) -> Result<()> {
    if !tx.is_postgres() {
        return Ok(());
    }
    let row = tx.row("SELECT pg_try_advisory_xact_lock($1) AS free", args![OPEN]).await?;
    let is_free = row.ok_or(StoreError::Corrupt("a lock"))?.flag("free")?;
    // Programs from before this lock are known by their name.
    let sql = "SELECT concat('process ', pid, ' from ', COALESCE(host(client_addr), 'the server''s own host')) AS who \
               FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mailclerk' \
               AND pid <> pg_backend_pid() ORDER BY pid LIMIT 10";
    let others = tx.rows(sql, args![]).await?;
    let others = others.iter().map(|row| row.text("who")).collect::<Result<Vec<_>>>()?;
    if is_free && (found >= HOLDS_LOCK || others.is_empty()) {
        return Ok(());
    }
    Err(StoreError::InUse { found, known, who: others.join(", ") })
}

/// What every session of PostgreSQL begins with: it holds the shared lock as long as it lasts, and ends when its process
/// is frozen in a transaction, whose locks others wait for, or its host is gone.
///
/// # Errors
///
/// [`StoreError::NewerSchema`], and where the version is older than the program's.
pub(super) async fn join(connection: &mut PgConnection) -> Result<()> {
    let text = format!(
        "SET idle_in_transaction_session_timeout = '60s'; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
         SET tcp_keepalives_count = 3; SELECT pg_advisory_lock_shared({OPEN})"
    );
    // Safe: no text of others.
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await?;
    let sql = "SELECT MAX(version) FROM schema_version";
    let found: Option<i64> = sqlx::query_scalar(sql).persistent(false).fetch_one(&mut *connection).await?;
    let (found, known) = (found.unwrap_or(0), migrate::newest());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
        std::cmp::Ordering::Less => Err(StoreError::Corrupt("the schema's version")),
    }
}

//! Who lives: so that after a crash nobody waits until the leases of the dead run out.
//!
//! A holder shows its presence by a lock that ends with its process: on a file beside an SQLite database, as a session's
//! advisory lock on PostgreSQL. Whoever finds a lease can see whether its holder still lives.
//!
//! On PostgreSQL the session must be heard of ([`Presence::beat`]), or the server ends it: a host may lose its network or
//! its power, and a process may be stopped, without a word. Several sessions may show one holder: one that comes back
//! need not wait until the server has noticed that its former session is gone.

use super::open::Place;
use super::value::args;
use super::{Result, Store, StoreError, in_use};
use jiff::Timestamp;
use sqlx::{Connection, PgConnection};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// How the server is told to end a session of which nothing is heard.
const ENDS_UNHEARD: &str = "SET idle_session_timeout = '30s'";

/// Shows that a holder lives; ends when it is dropped or the process dies.
#[derive(Debug)]
pub struct Presence {
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    File { _held: HeldFile },
    Session { connection: Box<PgConnection> },
}

#[derive(Debug)]
struct HeldFile {
    path: PathBuf,
    _file: File,
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        // The lock goes with the file; a name that stays behind is cleared away by whoever looks next.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Presence {
    /// Tells the server that the holder still lives; to be called every few seconds.
    ///
    /// # Errors
    ///
    /// The session is lost, or the server is out of reach: others may take the holder for dead.
    pub async fn beat(&mut self) -> Result<()> {
        match &mut self.shown {
            Shown::File { .. } => Ok(()),
            Shown::Session { connection } => Ok(sqlx::query("SELECT 1").execute(&mut **connection).await.map(drop)?),
        }
    }
}

impl Store {
    /// Shows other processes that `holder` lives, until the guard is dropped or the process dies. Whoever leases under
    /// a holder's name shows its presence first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Open`] where the place for it cannot be used, [`StoreError::Busy`].
    pub async fn show_presence(&self, holder: Uuid) -> Result<Presence> {
        let shown = match &self.place {
            Place::File(database) => Shown::File { _held: hold_file(&file_of(database, holder))? },
            Place::Server(options) => {
                let mut connection = PgConnection::connect_with(options).await?;
                in_use::join(&mut connection).await?;
                if let Err(error) = sqlx::query(ENDS_UNHEARD).execute(&mut connection).await {
                    let error = StoreError::from(error);
                    tracing::debug!(%error, "PostgreSQL before 14 notices a lost host by the system's means alone");
                }
                let lock = sqlx::query("SELECT pg_advisory_lock_shared($1)").bind(lock_of(holder));
                lock.execute(&mut connection).await?;
                Shown::Session { connection: Box::new(connection) }
            }
        };
        Ok(Presence { shown })
    }

    /// Ends the leases (messages, mails, mailboxes, locks) of holders whose process is gone; gives how many. Call it at the start,
    /// before anything is leased, and then [`Store::recover_mails`].
    pub async fn end_leases_of_the_dead(&self, now: Timestamp) -> Result<u64> {
        let sql = "SELECT holder FROM messages WHERE holder IS NOT NULL \
                   UNION SELECT holder FROM mails WHERE state IN ('claimed', 'committing') \
                   UNION SELECT holder FROM locks UNION SELECT holder FROM mailbox_readers WHERE holder IS NOT NULL";
        let holders = self.db.rows(sql, args![]).await?;
        let holders =
            holders.iter().filter_map(|row| row.opt_id("holder").transpose()).collect::<Result<BTreeSet<_>>>()?;
        let mut ended = 0;
        for holder in holders {
            if self.lives(holder).await? || crate::faults::is_on("dead_not_looked_for") {
                continue;
            }
            ended += self.end_reading_of(holder).await?;
            let mut tx = self.db.begin().await?;
            let sql = "UPDATE messages SET holder = NULL, lease_until = NULL WHERE holder = $1";
            ended += tx.run(sql, args![holder]).await?;
            let sql = "UPDATE mails SET lease_until = $2 WHERE state IN ('claimed', 'committing') AND holder = $1";
            ended += tx.run(sql, args![holder, now]).await?;
            ended += tx.run("DELETE FROM locks WHERE holder = $1", args![holder]).await?;
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// In a transaction of its own: what a reader writes locks its row before those of messages.
    async fn end_reading_of(&self, holder: Uuid) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE mailbox_readers SET holder = NULL, lease_until = NULL WHERE holder = $1";
        let ended = tx.run(sql, args![holder]).await?;
        tx.commit().await?;
        Ok(ended)
    }

    pub(super) async fn lives(&self, holder: Uuid) -> Result<bool> {
        match &self.place {
            Place::File(database) => file_is_held(&file_of(database, holder)),
            Place::Server(_) => {
                // The transaction ends here, and with it the lock where it was free.
                let mut tx = self.db.begin().await?;
                let row = tx.row("SELECT pg_try_advisory_xact_lock($1) AS free", args![lock_of(holder)]).await?;
                Ok(!row.ok_or(StoreError::Corrupt("a lock"))?.flag("free")?)
            }
        }
    }
}

/// 64 of the holder's bits, the random ones.
fn lock_of(holder: Uuid) -> i64 {
    holder.as_u64_pair().1.cast_signed()
}

fn file_of(database: &Path, holder: Uuid) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!("-holder-{holder}"));
    name.into()
}

/// Whether anybody shows presence beside this SQLite database.
pub(super) fn any_beside(database: &Path) -> Result<bool> {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else { return Ok(false) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let failed = |error: std::io::Error| {
        StoreError::Open(format!("{} cannot be looked at ({})", folder.display(), error.kind()))
    };
    let beginning = format!("{}-holder-", name.to_string_lossy());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(&beginning) && file_is_held(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hold_file(path: &Path) -> Result<HeldFile> {
    let failed = |error: std::io::Error| match error.kind() {
        kind @ std::io::ErrorKind::StorageFull => StoreError::Busy(kind.to_string()),
        kind => StoreError::Open(format!("{} cannot be held ({kind})", path.display())),
    };
    loop {
        let file = File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        // Whoever cleared the name away between the two steps held the lock while it did.
        if path.exists() {
            return Ok(HeldFile { path: path.to_owned(), _file: file });
        }
    }
}

fn file_is_held(path: &Path) -> Result<bool> {
    let Ok(file) = File::options().write(true).open(path) else { return Ok(false) };
    match file.try_lock() {
        Ok(()) => {
            let _ = std::fs::remove_file(path);
            Ok(false)
        }
        Err(std::fs::TryLockError::WouldBlock) => Ok(true),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(StoreError::Open(format!("{} cannot be looked at ({})", path.display(), error.kind())))
        }
    }
}

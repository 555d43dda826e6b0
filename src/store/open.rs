//! Opening the database: connections, schema, birth and keys.

use super::db::Db;
use super::in_use::{self, InUse};
use super::migrate::{self, Found};
use super::{Birth, Result, Store, StoreError};
use crate::settings::DatabaseUrl;
use crate::words::keys::Keys;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How long a connection waits for another writer.
const BUSY: Duration = Duration::from_secs(15);
/// How long a call waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(30);
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 8;
/// Readers of SQLite, each with a thread and some 2 MiB of the file in memory.
const READERS: u32 = 4;
/// Those that read figures of a month or verify a whole chain.
const SURVEYORS: u32 = 2;
/// What each of them keeps of the file in memory, in KiB as the pragma has it: figures look cases up by the thousand, and
/// with the 2 MiB that are usual each would be read from the file again.
const SURVEYORS_CACHE: &str = "-16384";
/// What the one who writes keeps of the file in memory: as much as a batch changes in a store with some ten thousand cases.
/// What does not find room is written before the end, read again, changed again and written again.
const WRITERS_CACHE: &str = "-8192";
/// How many pages stand in the log (WAL) before they are brought into the file. Those that every commit changes are then
/// brought there once for many commits.
const CHECKPOINT_AT: &str = "4000";
/// How long that is kept for the next one who asks.
const SURVEYORS_IDLE: Duration = Duration::from_secs(30);
/// Prepared statements kept by a connection: ours in all their sizes.
const STATEMENTS: usize = 500;
/// How often opening is tried while others open it too.
const OPENINGS: u32 = 5;

/// Where other processes can see who lives.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Beside the file of SQLite.
    File(PathBuf),
    /// On the server.
    Server(Box<PgConnectOptions>),
}

impl Store {
    /// Opens the database, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongBirth`] where it was made the other way, [`StoreError::WrongKeys`] where `keys` are not those
    /// that it was made with, [`StoreError::NewerSchema`], [`StoreError::InUse`], [`StoreError::Open`], [`StoreError::Busy`].
    pub async fn open(
        url: &DatabaseUrl,
        password: Option<SecretString>,
        birth: Birth,
        keys: Keys,
        now: Timestamp,
    ) -> Result<Self> {
        if let DatabaseUrl::Sqlite(path) = url {
            make_private(path)?;
        }
        Self::opened(url, password, Some(birth), keys, now).await
    }

    /// Opens a database that exists, however it was born: for commands that only look.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotThere`] where there is none, and what [`Store::open`] gives.
    pub async fn open_existing(
        url: &DatabaseUrl,
        password: Option<SecretString>,
        keys: Keys,
        now: Timestamp,
    ) -> Result<Self> {
        if matches!(url, DatabaseUrl::Sqlite(path) if !path.exists()) {
            return Err(StoreError::NotThere);
        }
        Self::opened(url, password, None, keys, now).await
    }

    async fn opened(
        url: &DatabaseUrl,
        password: Option<SecretString>,
        birth: Option<Birth>,
        keys: Keys,
        now: Timestamp,
    ) -> Result<Self> {
        let (db, place) = connect_patiently(url, password.as_ref()).await?;
        let prepared = match prepare(&db, &place, birth, &keys, now).await {
            Ok((born, in_use)) => joined(&db, &place).await.map(|db| (db, born, in_use)),
            Err(error) => Err(error),
        };
        let (db, born, in_use) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                db.close().await;
                return Err(error);
            }
        };
        let _in_use = in_use.map(std::sync::Arc::new);
        let (recorded, histories) = Default::default();
        let store = Self { db, place, _in_use, keys, born, recorded, histories };
        store.tell_generations(&store.keys).await?;
        Ok(store)
    }

    /// What the database was made for.
    pub fn born(&self) -> Birth {
        self.born
    }

    /// The installation's keys; clones of them learn of a rotation together.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

async fn prepare(
    db: &Db,
    place: &Place,
    birth: Option<Birth>,
    keys: &Keys,
    now: Timestamp,
) -> Result<(Birth, Option<InUse>)> {
    let mut tries = 0;
    let (found, in_use) = loop {
        let prepared = match place {
            Place::File(path) => {
                InUse::of_file(path, db, birth, keys, now).await.map(|(in_use, found)| (found, Some(in_use)))
            }
            Place::Server(_) => in_use::of_server(db, birth, keys, now).await.map(|found| (found, None)),
        };
        match prepared {
            Err(StoreError::Busy(_)) if tries < OPENINGS => tries += 1,
            other => break other?,
        }
    };
    match (found, birth) {
        (Found { born, .. }, Some(wanted)) if born != wanted => Err(StoreError::WrongBirth { found: born, wanted }),
        (Found { key_check, .. }, _) if key_check != migrate::key_check(keys) => Err(StoreError::WrongKeys),
        (Found { born, .. }, _) => Ok((born, in_use)),
    }
}

/// The connections to work with: on PostgreSQL each of them joins those that have the database open.
async fn joined(opening: &Db, place: &Place) -> Result<Db> {
    let Place::Server(options) = place else { return Ok(opening.clone()) };
    opening.close().await;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE);
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async { in_use::join(connection).await.map_err(|error| sqlx::Error::Configuration(error.into())) })
    });
    Ok(Db::Postgres(pool.connect_with((**options).clone()).await?))
}

/// Connects; turning a new file of SQLite to WAL can meet another process that does the same.
async fn connect_patiently(url: &DatabaseUrl, password: Option<&SecretString>) -> Result<(Db, Place)> {
    let mut tries = 0;
    loop {
        match connect(url, password).await {
            Err(StoreError::Busy(_)) if tries < OPENINGS && matches!(url, DatabaseUrl::Sqlite(_)) => tries += 1,
            other => return other,
        }
    }
}

async fn connect(url: &DatabaseUrl, password: Option<&SecretString>) -> Result<(Db, Place)> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY)
                .statement_cache_capacity(STATEMENTS)
                .disable_statement_logging();
            let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE);
            // What a savepoint may have to undo is kept in memory: it is as much as the cache of a batch at most.
            let writing = options.clone().pragma("cache_size", WRITERS_CACHE).pragma("temp_store", "memory");
            let writing = writing.pragma("wal_autocheckpoint", CHECKPOINT_AT);
            let writer = writer.connect_with(writing).await?;
            let options = options.pragma("query_only", "ON");
            let readers = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(ACQUIRE);
            let readers = readers.connect_lazy_with(options.clone());
            let surveyors = SqlitePoolOptions::new().max_connections(SURVEYORS).acquire_timeout(ACQUIRE);
            let surveyors = surveyors.idle_timeout(SURVEYORS_IDLE);
            let surveyors = surveyors.connect_lazy_with(options.pragma("cache_size", SURVEYORS_CACHE));
            Ok((Db::Sqlite { writer, readers, surveyors }, Place::File(path.clone())))
        }
        DatabaseUrl::Postgres { url } => {
            let mut options = PgConnectOptions::from_str(url)?
                .application_name("mailclerk")
                .statement_cache_capacity(STATEMENTS)
                .disable_statement_logging();
            if let Some(password) = password {
                options = options.password(password.expose_secret());
            }
            // One connection, under another name, to look at the schema and bring it up to date.
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE);
            let pool = pool.connect_with(options.clone().application_name("mailclerk opening")).await?;
            Ok((Db::Postgres(pool), Place::Server(Box::new(options))))
        }
    }
}

/// Makes a new file that only its user may read: it holds member data. What SQLite puts beside it follows its mode.
fn make_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Open(format!("{} cannot be made ({})", path.display(), error.kind()))),
    }
}

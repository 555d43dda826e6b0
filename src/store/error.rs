//! Why the store could not do what it was asked. No text here holds member data: of a database's error only its code
//! and the name of what was broken are kept.

use super::Birth;
use crate::tls::{Failed, failed};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy or out of reach for the moment; the same call may succeed later.
    #[error("the database is busy or out of reach ({0}); try again in a moment")]
    Busy(String),
    /// What is written breaks a rule of the schema, such as one automatic reply for one message.
    #[error("the database refused what stands already or fits nothing ({0})")]
    Conflict(String),
    /// The database refused; trying again will not help.
    #[error("the database refused the statement ({0})")]
    Database(String),
    /// The database cannot be opened at all.
    #[error("failed to open the database: {0}")]
    Open(String),
    /// It was born the other way.
    #[error(
        "the database was made {}, and is now asked to work {}: name another one in `database`{}",
        .found.in_words(), .wanted.in_words(),
        if *.found == Birth::Live { ", or leave `--at` away" } else { ", or go on rehearsing with `--at`" }
    )]
    WrongBirth {
        /// What it was made for.
        found: Birth,
        /// What it is asked for.
        wanted: Birth,
    },
    /// The key file is not the one that this database was made with.
    #[error(
        "the key file is not the one that this database was made with: \
         put the right one back (`secrets.key_file`), or name a new database in `database`"
    )]
    WrongKeys,
    /// The schema is newer than this program.
    #[error("the database has schema version {found} and this program knows {known}: run the newer program again")]
    NewerSchema {
        /// The database's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Another worker reads the mailbox now: what was fetched is its to keep.
    #[error("the lease on reading the mailbox was lost to another worker; nothing was written")]
    LeaseLost,
    /// The schema must be brought up to date, and others work with it as it is.
    #[error(
        "the database's schema must be brought from version {found} to version {known}, and other mailclerk processes have \
         it open{}: stop all of them, on every host, and start this one again", with_who(.who)
    )]
    InUse {
        /// The database's version.
        found: i64,
        /// Ours.
        known: i64,
        /// Who has it open, as far as that can be seen.
        who: String,
    },
    /// There is no database where one is expected.
    #[error("there is no database yet: `mailclerk run` makes it")]
    NotThere,
    /// What was read cannot be what was written.
    #[error("failed to read {0}: what is stored there is damaged; restore the database from its backup")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

fn with_who(who: &str) -> String {
    if who.is_empty() { String::new() } else { format!(" ({who})") }
}

impl Birth {
    fn in_words(self) -> &'static str {
        match self {
            Self::Live => "for live mail",
            Self::Rehearsal => "for a rehearsal",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            sqlx::Error::Io(error) => of_connection(&error),
            sqlx::Error::PoolTimedOut => Self::Busy("every connection is in use".into()),
            sqlx::Error::PoolClosed => Self::Busy("the store is closed".into()),
            sqlx::Error::WorkerCrashed => Self::Busy("the connection's worker ended".into()),
            sqlx::Error::Tls(_) => Self::Open(
                "the server speaks no TLS, or its `sslrootcert` cannot be read; `database` must be protected".into(),
            ),
            sqlx::Error::Configuration(error) if error.is::<StoreError>() => match error.downcast() {
                Ok(error) => *error,
                Err(_) => Self::Open("its url cannot be used".into()),
            },
            sqlx::Error::Configuration(_) => Self::Open("its url cannot be used".into()),
            // What a server says last that goes down, in the middle of whatever was asked.
            sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => Self::Busy("unexpected answer".into()),
            sqlx::Error::RowNotFound => Self::Corrupt("a row that must be there"),
            sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt("a column")
            }
            _ => Self::Database("unexpected answer".into()),
        }
    }
}

/// A connection that failed; what TLS said of it is the operator's to mend.
fn of_connection(error: &std::io::Error) -> StoreError {
    match failed(error) {
        Failed::Certificate(why) => {
            let why = why.replace("ca_file", "`sslrootcert` in the url");
            StoreError::Open(format!("the server's certificate was not accepted by TLS: {why}"))
        }
        Failed::NoTls => StoreError::Open("what answered speaks no TLS; look at host and port of the url".into()),
        Failed::Unsafe => StoreError::Open("the server speaks no TLS that is safe: 1.2 or later is needed".into()),
        Failed::Lost(kind) => StoreError::Busy(kind.to_string()),
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default().into_owned();
    let told = match error.constraint() {
        Some(constraint) => format!("code {code}, {constraint}"),
        None => format!("code {code}"),
    };
    // PostgreSQL: deadlock, serialisation, lock timeout, connection classes 08, 53 (a full disk) and 57. SQLite: busy,
    // locked, and a disk that is full or fails, with their extended codes (the low byte is the kind).
    let sqlite = code.parse::<i64>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
    let is_busy = matches!(code.as_str(), "40P01" | "40001" | "55P03")
        || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
        || matches!(sqlite, Some(5 | 6 | 10 | 13));
    if is_busy {
        StoreError::Busy(told)
    } else if error.is_unique_violation() || error.is_foreign_key_violation() {
        StoreError::Conflict(told)
    } else if matches!(sqlite, Some(14 | 23 | 26)) || matches!(code.as_str(), "28P01" | "28000" | "3D000") {
        StoreError::Open(format!("{told}: {}", open_hint(&code)))
    } else {
        StoreError::Database(told)
    }
}

fn open_hint(code: &str) -> &'static str {
    match code {
        "28P01" | "28000" => {
            "the server does not accept the user or password; see `database` and `database_password_file`"
        }
        "3D000" => "the server has no database of that name; create it with `createdb`",
        "26" => "the file is not an SQLite database",
        _ => "the file cannot be opened or written; see that its folder exists and belongs to the service's user",
    }
}

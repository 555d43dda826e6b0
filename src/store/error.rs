//! Why the store could not do what it was asked. No text here holds member data.

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy or out of reach for the moment; the same call may succeed later.
    #[error("the database is busy or out of reach: {0}; it is tried again")]
    Busy(String),
    /// The database refused; trying again will not help.
    #[error("failed to {doing}: {cause}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's code and the name of what was broken, without values.
        cause: String,
    },
    /// The database cannot be opened at all.
    #[error("failed to open the database: {0}")]
    Open(String),
    /// It was born the other way.
    #[error(
        "the database was made for {found} and is asked to work as {wanted}: \
         name another database in `database`, or leave `--at` away for a live one"
    )]
    WrongBirth {
        /// `live` or `rehearsal`.
        found: super::Birth,
        /// `live` or `rehearsal`.
        wanted: super::Birth,
    },
    /// The key file is not the one that this database was made with.
    #[error(
        "the key file is not the one that this database was made with: \
         put the right file at `secrets.key_file`, or name a new database"
    )]
    WrongKeys,
    /// The schema is newer than this program.
    #[error("the database has schema version {found}, this program knows {known}: install the newer program again")]
    NewerSchema {
        /// The database's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// There is no database where one is expected.
    #[error("there is no database yet: start `mailclerk run` once")]
    NotThere,
    /// What was read cannot be what was written.
    #[error("failed to read {what}: the stored value is damaged; restore the database from its backup")]
    Corrupt {
        /// Which column.
        what: &'static str,
    },
    /// What was named does not exist, or is not in a state that allows it.
    #[error("{what} is not there, or not in a state that allows it")]
    NotAllowed {
        /// What was named.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

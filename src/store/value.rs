//! Values and rows of either database, by the few types that are stored.

use super::time::{Instant, from_text, to_text};
use super::{Result, StoreError};
use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _};
use uuid::Uuid;

/// A value that is bound to a statement; `None` is NULL of that type.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Time(Option<Timestamp>),
    Id(Option<Uuid>),
}

macro_rules! values_from {
    ($($variant:ident $kind:ty),+) => {$(
        impl From<$kind> for Value { fn from(value: $kind) -> Self { Self::$variant(Some(value)) } }
        impl From<Option<$kind>> for Value { fn from(value: Option<$kind>) -> Self { Self::$variant(value) } }
    )+};
}
values_from!(Text String, Int i64, Bool bool, Bytes Vec<u8>, Time Timestamp, Id Uuid);

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

/// The values of a statement, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::value::Value::from($value)),*] };
}
pub(crate) use args;

/// PostgreSQL's text cannot hold NUL; nothing that we keep in clear needs one.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

pub(crate) fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Text(value) => arguments.add(value.map(without_nul)),
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
            Value::Time(value) => arguments.add(value.map(to_text)),
            Value::Id(value) => arguments.add(value.map(|id| id.to_string())),
        }
        .map_err(|_| StoreError::Database("a value cannot be bound".into()))?;
    }
    Ok(arguments)
}

pub(crate) fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Text(value) => arguments.add(value.map(without_nul)),
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
            Value::Time(value) => arguments.add(value.map(Instant)),
            Value::Id(value) => arguments.add(value),
        }
        .map_err(|_| StoreError::Database("a value cannot be bound".into()))?;
    }
    Ok(arguments)
}

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! getters {
    ($($name:ident, $optional:ident, $kind:ty);+ $(;)?) => {$(
        pub(crate) fn $optional(&self, column: &'static str) -> Result<Option<$kind>> {
            match self {
                Self::Sqlite(row) => row.try_get(column),
                Self::Postgres(row) => row.try_get(column),
            }
            .map_err(|_| StoreError::Corrupt(column))
        }

        pub(crate) fn $name(&self, column: &'static str) -> Result<$kind> {
            self.$optional(column)?.ok_or(StoreError::Corrupt(column))
        }
    )+};
}

impl Row {
    getters! {
        text, opt_text, String;
        int, opt_int, i64;
        flag, opt_flag, bool;
        bytes, opt_bytes, Vec<u8>;
    }

    pub(crate) fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        match self {
            Self::Sqlite(row) => match row.try_get::<Option<String>, _>(column) {
                Ok(text) => text.map(|text| from_text(&text)).transpose(),
                Err(_) => Err(StoreError::Corrupt(column)),
            },
            Self::Postgres(row) => row
                .try_get::<Option<Instant>, _>(column)
                .map(|instant| instant.map(|instant| instant.0))
                .map_err(|_| StoreError::Corrupt(column)),
        }
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.opt_time(column)?.ok_or(StoreError::Corrupt(column))
    }

    pub(crate) fn opt_id(&self, column: &'static str) -> Result<Option<Uuid>> {
        match self {
            Self::Sqlite(row) => match row.try_get::<Option<String>, _>(column) {
                Ok(text) => text.map(|text| text.parse()).transpose().map_err(|_| StoreError::Corrupt(column)),
                Err(_) => Err(StoreError::Corrupt(column)),
            },
            Self::Postgres(row) => row.try_get(column).map_err(|_| StoreError::Corrupt(column)),
        }
    }

    pub(crate) fn id(&self, column: &'static str) -> Result<Uuid> {
        self.opt_id(column)?.ok_or(StoreError::Corrupt(column))
    }

    /// A word of a closed list.
    pub(crate) fn word<T>(&self, column: &'static str, read: fn(&str) -> Option<T>) -> Result<T> {
        read(&self.text(column)?).ok_or(StoreError::Corrupt(column))
    }

    /// A word of a closed list, where there is one.
    pub(crate) fn opt_word<T>(&self, column: &'static str, read: fn(&str) -> Option<T>) -> Result<Option<T>> {
        self.opt_text(column)?.map(|word| read(&word).ok_or(StoreError::Corrupt(column))).transpose()
    }

    /// What stands as JSON in clear: codes and ids, never member data.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| StoreError::Corrupt(column))
    }
}

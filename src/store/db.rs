//! One SQL text with `$1` on two databases.
//!
//! SQLite has one writer, whose transactions begin at once as writers (`BEGIN IMMEDIATE`), and readers beside it (WAL).
//! Two fragments differ: `{FOR UPDATE}` and `{SKIP LOCKED}` are row locks on PostgreSQL and nothing on SQLite, where a
//! writer is alone anyway.

use super::value::{Row, Value, postgres_arguments, sqlite_arguments};
use super::{Result, StoreError};
use futures::TryStreamExt;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use std::time::Duration;

/// How long PostgreSQL may take to answer a statement: a server that is gone says nothing, and its connection would be
/// waited for until the system gives it up.
const ANSWER: Duration = Duration::from_secs(120);

/// Waits for PostgreSQL's answer, and no longer than that.
async fn answered<T>(asked: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Busy("no answer".into())),
    }
}

/// The database's connections.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// `surveyors` read much of the file at once, and keep much of it in memory for as long as that takes.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        surveyors: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction that writes; dropped without [`Tx::commit`], it changes nothing.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

fn dialect(sql: &str, postgres: bool) -> AssertSqlSafe<String> {
    #[cfg(test)]
    super::plans::note(sql);
    // Safe: every text comes from this module's own literals and the numbers of its placeholders; values are bound.
    AssertSqlSafe(if !sql.contains('{') {
        sql.to_owned()
    } else if postgres {
        sql.replace("{FOR UPDATE}", "FOR UPDATE").replace("{SKIP LOCKED}", "FOR UPDATE SKIP LOCKED")
    } else {
        sql.replace("{FOR UPDATE}", "").replace("{SKIP LOCKED}", "")
    })
}

async fn reading(pool: &SqlitePool) -> Result<Tx> {
    let pool = pool.clone();
    Ok(Tx::Sqlite(begun(async move { pool.begin().await }).await?))
}

async fn reading_one_state(pool: &PgPool) -> Result<Tx> {
    let pool = pool.clone();
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    Ok(Tx::Postgres(begun(async move { pool.begin_with(begin).await }).await?))
}

impl Db {
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => {
                let pool = writer.clone();
                Tx::Sqlite(begun(async move { pool.begin_with("BEGIN IMMEDIATE").await }).await?)
            }
            Self::Postgres(pool) => {
                let pool = pool.clone();
                Tx::Postgres(begun(async move { pool.begin().await }).await?)
            }
        })
    }

    /// Begins a transaction that only reads, not much, and sees one state throughout.
    pub(crate) async fn snapshot(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { readers, .. } => reading(readers).await,
            Self::Postgres(pool) => reading_one_state(pool).await,
        }
    }

    /// As [`Db::snapshot`], for whoever reads much of the database.
    pub(crate) async fn survey(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { surveyors, .. } => reading(surveyors).await,
            Self::Postgres(pool) => reading_one_state(pool).await,
        }
    }

    /// Reads committed rows.
    pub(crate) async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let arguments = sqlite_arguments(values)?;
                let rows = sqlx::query_with(dialect(sql, false), arguments).fetch_all(readers).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(pool) => {
                let arguments = postgres_arguments(values)?;
                let rows = answered(sqlx::query_with(dialect(sql, true), arguments).fetch_all(pool)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Reads the first committed row.
    pub(crate) async fn row(&self, sql: &str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Closes all connections once they are given back.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, surveyors } => {
                surveyors.close().await;
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins in a task of its own, so that a caller who goes away meanwhile does not stop it halfway: a connection that was
/// dropped between BEGIN and its answer goes back to the pool inside a transaction that nobody ends. Begun and then
/// dropped, it is rolled back.
async fn begun<T: Send + 'static>(begin: impl Future<Output = sqlx::Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(begin).await {
        Ok(begun) => Ok(begun?),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime itself ends.
            Err(_) => Err(StoreError::from(sqlx::Error::PoolClosed)),
        },
    }
}

impl Tx {
    /// Runs a statement; gives how many rows were changed.
    pub(crate) async fn run(&mut self, sql: &str, values: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let arguments = sqlite_arguments(values)?;
                sqlx::query_with(dialect(sql, false), arguments).execute(&mut **tx).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                let arguments = postgres_arguments(values)?;
                answered(sqlx::query_with(dialect(sql, true), arguments).execute(&mut **tx)).await?.rows_affected()
            }
        })
    }

    /// Runs a statement that gives rows.
    pub(crate) async fn rows(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let arguments = sqlite_arguments(values)?;
                let rows = sqlx::query_with(dialect(sql, false), arguments).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let arguments = postgres_arguments(values)?;
                let rows = answered(sqlx::query_with(dialect(sql, true), arguments).fetch_all(&mut **tx)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Runs a statement that may give very many rows: each is looked at and let go.
    pub(crate) async fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        mut look: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                let mut rows = sqlx::query_with(dialect(sql, false), sqlite_arguments(values)?).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    look(&Row::Sqlite(row))?;
                }
            }
            Self::Postgres(tx) => {
                let mut rows = sqlx::query_with(dialect(sql, true), postgres_arguments(values)?).fetch(&mut **tx);
                while let Some(row) = answered(rows.try_next()).await? {
                    look(&Row::Postgres(row))?;
                }
            }
        }
        Ok(())
    }

    /// Runs a statement that gives at most one row of interest.
    pub(crate) async fn row(&mut self, sql: &str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs several statements without values, such as a migration.
    pub(crate) async fn script(&mut self, sql: String) -> Result<()> {
        match self {
            Self::Sqlite(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop)?,
            Self::Postgres(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The database's own time, which is the same for all that use it.
    pub(crate) async fn now(&mut self) -> Result<Timestamp> {
        let sql = if self.is_postgres() {
            "SELECT clock_timestamp() AS now"
        } else {
            "SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') AS now"
        };
        self.row(sql, Vec::new()).await?.ok_or(StoreError::Corrupt("an instant"))?.time("now")
    }

    /// Makes all of it last.
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await.map_err(StoreError::from),
            Self::Postgres(tx) => answered(tx.commit()).await,
        }
    }
}

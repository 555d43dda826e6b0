//! The database behind the store's back: rows by the million are written and counted there.

use mailclerk::settings::DatabaseUrl;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

/// A connection of our own.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub async fn connect(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let url = format!("sqlite:{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("the database");
                sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut connection).await.expect("a setting");
                Self::Sqlite(connection)
            }
            DatabaseUrl::Postgres { url } => Self::Postgres(PgConnection::connect(url).await.expect("the database")),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    pub async fn run(&mut self, sql: &str) {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let outcome = match self {
            Self::Sqlite(connection) => statement.execute(connection).await.map(drop),
            Self::Postgres(connection) => statement.execute(connection).await.map(drop),
        };
        outcome.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Rows of a text and a number.
    pub async fn pairs(&mut self, sql: &str) -> Vec<(String, i64)> {
        let text = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => {
                let rows =
                    sqlx::query(text).fetch_all(connection).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Self::Postgres(connection) => {
                let rows =
                    sqlx::query(text).fetch_all(connection).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        }
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let rows = self.pairs(&format!("SELECT '', CAST(({sql}) AS BIGINT)")).await;
        rows.first().map_or(0, |(_, number)| *number)
    }

    pub async fn close(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.expect("closed"),
            Self::Postgres(connection) => connection.close().await.expect("closed"),
        }
    }
}

//! The database as an outsider reads it: rows as text, past the program that wrote them, and never changed.

use crate::postgres_server::PostgresServer;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use std::path::PathBuf;

/// Where the program keeps what it keeps.
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server of the storm's own.
    Postgres(PostgresServer),
}

/// A row: a text or nothing for each column.
pub type Texts = Vec<Option<String>>;

impl Database {
    /// Rows of `columns`; a column `hex:NAME` is read as hexadecimal octets. `rest` begins with FROM.
    ///
    /// # Errors
    ///
    /// The server is away, or there is no such table yet.
    pub fn select(&self, columns: &[&str], rest: &str) -> Result<Vec<Texts>, String> {
        let column = |name: &&str| match (name.strip_prefix("hex:"), self) {
            (Some(name), Self::Sqlite(_)) => format!("lower(hex({name}))"),
            (Some(name), Self::Postgres(_)) => format!("encode({name}, 'hex')"),
            (None, _) => format!("CAST({name} AS TEXT)"),
        };
        let columns: Vec<String> = columns.iter().map(column).collect();
        let count = columns.len();
        let sql = format!("SELECT {} {rest}", columns.join(", "));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(self.read(sql, count)).map_err(|error| error.to_string())
    }

    async fn read(&self, sql: String, count: usize) -> sqlx::Result<Vec<Texts>> {
        match self {
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::connect(&format!("sqlite:{}?mode=ro", path.display())).await?;
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
                connection.close().await?;
                rows.iter().map(|row| (0..count).map(|at| row.try_get(at)).collect()).collect()
            }
            Self::Postgres(server) => {
                let mut connection = PgConnection::connect(&PostgresServer::url(server.port)).await?;
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
                connection.close().await?;
                rows.iter().map(|row| (0..count).map(|at| row.try_get(at)).collect()).collect()
            }
        }
    }

    /// Ends all sessions of the server's, as an administrator does; nothing on SQLite.
    pub fn end_sessions(&self) {
        if matches!(self, Self::Postgres(_)) {
            let rest = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'mailclerk'";
            let _ = self.select(&["pg_terminate_backend(pid)"], rest);
        }
    }
}

/// The largest thing that a sealed column holds, in octets.
const LARGEST: usize = 64 << 20;

/// What a sealed column holds: codec 0 is plain, codec 1 a frame of zstd.
pub fn opened(hex: &str) -> Option<Vec<u8>> {
    let octets: Option<Vec<u8>> =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    match octets?.split_first_chunk() {
        Some(([0, 0], payload)) => Some(payload.to_vec()),
        Some(([1, 0], frame)) => zstd::bulk::decompress(frame, LARGEST).ok(),
        _ => None,
    }
}

/// The JSON in a sealed column.
///
/// # Errors
///
/// It cannot be read: then nothing can be said of what it belongs to.
pub fn opened_json(hex: &str) -> Result<serde_json::Value, String> {
    let read = opened(hex).and_then(|text| serde_json::from_slice(&text).ok());
    read.ok_or_else(|| "a sealed column cannot be read".to_owned())
}

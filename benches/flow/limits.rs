//! What this machine can do at most of each step, with nothing of ours between: the figures stand beside these.

use super::backlog::message;
use super::figures::Figures;
use super::sink::Sink;
use super::support::clerk::Clerk;
use super::support::dovecot::{Dovecot, PASSWORD, USER};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Commits, or mails of a session, that are timed.
const TIMED: usize = 4000;

/// Measures each limit.
pub fn measure(figures: &mut Figures, messages: usize) {
    // Only its policy is wanted: what a message to the desk looks like.
    let clerk = Clerk::on_folders();
    let dovecot = Dovecot::start();
    dovecot.fill((0..messages).map(|n| message(&clerk.desk, n)).collect::<Vec<_>>().into_iter());
    assert_eq!(dovecot.client().uids("INBOX").len(), messages);
    figures.add("raw fetch, one command", fetch_all(&dovecot, messages), "messages/s", "");
    let one = message(&clerk.desk, 1);
    figures.add("raw SMTP, one session", sessions(1, &one), "messages/s", "");
    figures.add("raw SMTP, four sessions", sessions(4, &one), "messages/s", "");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (single, hundred) = runtime.block_on(async { (commits(1).await, commits(100).await) });
    figures.add("raw commits of one row, SQLite", single, "rows/s", "");
    figures.add("raw commits of a hundred rows, SQLite", hundred, "rows/s", "");
}

/// One FETCH of every body; they are counted and thrown away.
fn fetch_all(dovecot: &Dovecot, messages: usize) -> f64 {
    let mut stream = TcpStream::connect(("127.0.0.1", dovecot.imap)).expect("connected");
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone().expect("cloned"));
    let until = |reader: &mut BufReader<TcpStream>, tag: &str| {
        let (mut bodies, mut line) = (0, String::new());
        loop {
            line.clear();
            reader.read_line(&mut line).expect("a line");
            if line.starts_with(tag) {
                return bodies;
            }
            let literal = line.trim_end().strip_suffix('}').and_then(|line| line.rsplit_once('{'));
            if let Some(length) = literal.and_then(|(_, length)| length.parse().ok()) {
                std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).expect("a body");
                bodies += 1;
            }
        }
    };
    let mut ask = |tag: &str, command: &str| {
        stream.write_all(format!("{tag} {command}\r\n").as_bytes()).expect("sent");
        until(&mut reader, tag)
    };
    ask("a", &format!("LOGIN {USER} \"{PASSWORD}\""));
    ask("b", "SELECT INBOX");
    let begun = Instant::now();
    let bodies = ask("c", "UID FETCH 1:* (UID BODY.PEEK[])");
    assert_eq!(bodies, messages);
    messages as f64 / begun.elapsed().as_secs_f64()
}

/// Sessions that send as fast as they can, each waiting for the answer to a mail before the next.
fn sessions(count: usize, mail: &[u8]) -> f64 {
    let sink = Sink::start();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| session(sink.port, mail).expect("a session"));
        }
    });
    (TIMED * count) as f64 / begun.elapsed().as_secs_f64()
}

fn session(port: u16, mail: &[u8]) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    let mut replies = |count: usize| -> std::io::Result<()> {
        for _ in 0..count {
            line.clear();
            reader.read_line(&mut line)?;
        }
        Ok(())
    };
    replies(1)?;
    stream.write_all(b"HELO limit\r\n")?;
    replies(1)?;
    let body = [mail, b"\r\n.\r\n"].concat();
    for _ in 0..TIMED {
        stream.write_all(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")?;
        replies(3)?;
        stream.write_all(&body)?;
        replies(1)?;
    }
    stream.write_all(b"QUIT\r\n")?;
    replies(1)
}

/// Rows a second, so many a commit, with a full sync each.
async fn commits(rows: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(folder.path().join("limit.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .expect("a database");
    sqlx::query("CREATE TABLE rows_kept (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        .execute(&mut connection)
        .await
        .expect("a table");
    let values = vec!["('0123456789abcdef0123456789abcdef')"; rows].join(", ");
    let sql = format!("INSERT INTO rows_kept (text) VALUES {values}");
    let begun = Instant::now();
    for _ in 0..TIMED / rows.min(8) {
        sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut connection).await.expect("written");
    }
    (TIMED / rows.min(8) * rows) as f64 / begun.elapsed().as_secs_f64()
}

//! Many workers on one database: one reader a mailbox, work shared, taken over when one dies, is frozen or cut off; and
//! a schema that is changed only while nobody works with it.

mod cut;
mod frozen;
mod lease;
mod upgrade;
mod workers;

use crate::support::clerk::{Clerk, was_ended_by};
use crate::support::dovecot::Dovecot;
use crate::support::postgres;
#[cfg(feature = "faults")]
use crate::support::requests::{Fate, request_of};
use crate::support::requests::{Request, request, violations};
use crate::support::smtp::FakeSmtp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What a worker says when it begins to read a mailbox.
const READS: &str = "this worker reads the mailbox";
/// What it says when it does no longer.
const READS_NO_LONGER: &str = "this worker reads the mailbox no longer";

/// An installation with servers of its own, whose database is on PostgreSQL.
struct Team {
    dovecot: Dovecot,
    smtp: FakeSmtp,
    clerk: Clerk,
    database: String,
    requests: Vec<Request>,
}

impl Team {
    fn new() -> Self {
        Self::with(FakeSmtp::start())
    }

    fn with(smtp: FakeSmtp) -> Self {
        let (dovecot, database) = (Dovecot::start(), postgres::new_database_url());
        let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
        clerk.keep_in(&database);
        // The first run makes the keys and the schema.
        clerk.once();
        Self { dovecot, smtp, clerk, database, requests: Vec::new() }
    }

    /// Another worker; each has a log of its own.
    fn worker(&self, name: &str) -> TeamWorker {
        self.worker_with(name, &[])
    }

    fn worker_with(&self, name: &str, environment: &[(&str, &str)]) -> TeamWorker {
        let log = self.clerk.path(&format!("log-{name}"));
        let file = std::fs::File::options().create(true).append(true).open(&log).expect("a log");
        let mut command = self.clerk.command(&["run"]);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(file);
        TeamWorker { child: command.spawn().expect("started"), log }
    }

    fn deliver(&mut self, count: usize) {
        for _ in 0..count {
            let one = request(&self.clerk.desk, self.requests.len());
            self.dovecot.deliver(&one.raw);
            self.requests.push(one);
        }
    }

    /// A machine's mail that names nobody who wrote it.
    #[cfg(feature = "faults")]
    fn deliver_from_nobody(&mut self) {
        let mut one = request_of(&self.clerk.desk, self.requests.len(), Fate::Ignored);
        let text = String::from_utf8(one.raw).expect("text");
        let lines = text.split_inclusive("\r\n").filter(|line| !line.starts_with("From: "));
        one.raw = lines.collect::<String>().into_bytes();
        self.dovecot.deliver(&one.raw);
        self.requests.push(one);
    }

    /// Runs SQL behind the workers' backs; the first column of its rows, as text.
    fn sql(&self, sql: &str) -> Vec<Option<String>> {
        sql_at(&self.database, sql)
    }

    /// The fence of the inbox: how often it was taken.
    fn fence(&self) -> i64 {
        let found = self.sql("SELECT fence::text FROM mailbox_readers WHERE mailbox NOT LIKE '%/sent%' LIMIT 1");
        found.first().cloned().flatten().map_or(0, |text| text.parse().expect("a number"))
    }

    /// Whether each mail is decided and filed, and each answer sent.
    fn is_done(&self) -> bool {
        let open = "SELECT (SELECT count(*) FROM messages WHERE filed_at IS NULL) + (SELECT count(*) FROM mails WHERE state \
                    IN ('queued', 'claimed', 'committing', 'deferred'))";
        let messages = self.sql("SELECT count(*)::text FROM messages");
        self.sql(&format!("SELECT ({open})::text")) == [Some("0".to_owned())]
            && messages == [Some(self.requests.len().to_string())]
    }

    /// All that is wrong in the end, by what servers and commands show.
    fn wrong(&self) -> Vec<String> {
        let replies: Vec<_> = self.smtp.taken().into_iter().map(|mail| mail.bytes).collect();
        let mut client = self.dovecot.client();
        let folders = client.ok("LIST \"\" *");
        let left = client.uids("INBOX").len();
        violations(&self.clerk, &self.requests, &replies, left, |folder| {
            if folders.contains(folder) { client.uids(folder).len() } else { 0 }
        })
    }

    /// The largest number of sessions that a mailbox's user had at once, as the server logged it.
    fn most_sessions(&self) -> usize {
        let (mut now, mut most) = (0_usize, 0);
        for line in self.dovecot.log().lines() {
            if line.contains("imap-login: Info: Login") {
                now += 1;
                most = most.max(now);
            } else if line.contains("imap(") && (line.contains("Disconnected") || line.contains("Logged out")) {
                now = now.saturating_sub(1);
            }
        }
        most
    }
}

fn sql_at(database: &str, sql: &str) -> Vec<Option<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = PgConnection::connect(database).await.expect("connected");
        let rows: Vec<(Option<String>,)> =
            sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.expect("rows");
        connection.close().await.expect("closed");
        rows.into_iter().map(|(text,)| text).collect()
    })
}

/// A worker of a team; killed when it is dropped.
struct TeamWorker {
    child: Child,
    log: PathBuf,
}

impl TeamWorker {
    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn count(&self, text: &str) -> usize {
        self.log().matches(text).count()
    }

    fn reads(&self) -> bool {
        // The one text begins as the other does.
        self.count(READS) - self.count(READS_NO_LONGER) > self.count(READS_NO_LONGER)
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "the worker is gone: {}", self.log());
    }

    fn stop_cleanly(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().expect("its end")
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        assert!(was_ended_by(self.child.wait().expect("its end"), 9));
    }
}

impl Drop for TeamWorker {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {}\n{}---", self.log.display(), self.log());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

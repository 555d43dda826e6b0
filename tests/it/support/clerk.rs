//! The installed program as its operator runs it: settings and desks from `mailclerk init`, a mailbox, a way out, and
//! what its commands then say.

use super::certificates::certificates;
use super::dovecot::{Dovecot, PASSWORD, USER};
use super::smtp::FakeSmtp;
use serde_json::Value;
use sqlx::Connection;
use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything that is waited for may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(90);

/// An installation of its own.
pub struct Clerk {
    folder: TempDir,
    /// What the desk calls itself and what it asks for.
    pub desk: DeskFile,
    environment: Vec<(String, String)>,
    /// PostgreSQL's, where it is not SQLite.
    database: Option<String>,
}

/// What tests need of a desk's policy file.
pub struct DeskFile {
    /// Its id.
    pub id: String,
    /// Its mailbox's address.
    pub address: String,
    /// All lines.
    pub lines: Vec<String>,
    /// Role and label of each field that is required.
    pub fields: Vec<(String, String)>,
}

impl DeskFile {
    fn read(folder: &Path) -> Self {
        let parse = |path: &Path| -> toml::Table {
            std::fs::read_to_string(path).expect("a file that `init` wrote").parse().expect("TOML")
        };
        let settings = parse(&folder.join("mailclerk.toml"));
        let id = settings["mailbox"][0]["desk"].as_str().expect("a desk");
        Self::of_policy(id, &parse(&folder.join("desks").join(format!("{id}.toml"))))
    }

    /// What tests need of the policy of the desk `id`.
    pub fn of_policy(id: &str, policy: &toml::Table) -> Self {
        let text = |value: &toml::Value, key: &str| value[key].as_str().expect("a text").to_owned();
        let each = |key: &str| policy[key].as_array().expect("a list").clone();
        let lines: Vec<String> = each("line").iter().map(|line| text(line, "name")).collect();
        let required = each("field").into_iter().filter(|field| field["required"].as_bool() == Some(true));
        let fields = required.map(|field| (text(&field, "role"), text(&field, "label"))).collect();
        let address = policy["address"].as_str().expect("an address").to_owned();
        Self { id: id.to_owned(), address, lines, fields }
    }
}

/// What a command ended with.
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub out: String,
    /// Its standard error: the log.
    pub log: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Self { status: output.status, out: text(&output.stdout), log: text(&output.stderr) }
    }
}

impl Clerk {
    /// An installation whose settings have these lines for the mailbox and the way out.
    pub fn new(mailbox: &str, outgoing: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("clerk").tempdir().expect("a temporary folder");
        let made = Command::new(program()).arg("init").arg(folder.path()).output().expect("started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let desk = DeskFile::read(folder.path());
        let secret = folder.path().join("imap.secret");
        std::fs::write(&secret, PASSWORD).expect("written");
        std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).expect("closed");
        let settings = format!(
            "database = \"sqlite:mailclerk.db\"\ndesks = \"desks\"\n\n[[mailbox]]\ndesk = \"{}\"\n{mailbox}\n\n\
             [outgoing]\n{outgoing}\n",
            desk.id
        );
        std::fs::write(folder.path().join("mailclerk.toml"), settings).expect("written");
        Self { folder, desk, environment: Vec::new(), database: None }
    }

    /// Reads a folder of a Dovecot and sends by SMTP.
    pub fn on_servers(dovecot: &Dovecot, mailbox: &str, start: &str, smtp: &FakeSmtp) -> Self {
        let ca = certificates().ca.display();
        let mailbox = format!(
            "url = \"imaps://{USER}@localhost:{}/{mailbox}\"\npassword_file = \"imap.secret\"\nca_file = \"{ca}\"\n\
             start = \"{start}\"",
            dovecot.imaps
        );
        Self::new(&mailbox, &format!("url = \"{}\"", smtp.url()))
    }

    /// From now on what is kept is kept in this database of PostgreSQL.
    pub fn keep_in(&mut self, database: &str) {
        self.edit("\"sqlite:mailclerk.db\"", &format!("{database:?}"));
        self.database = Some(database.to_owned());
    }

    /// Changes the settings.
    pub fn edit(&self, from: &str, to: &str) {
        let path = self.path("mailclerk.toml");
        let text = std::fs::read_to_string(&path).expect("the settings");
        assert!(text.contains(from), "{from} in {text}");
        std::fs::write(path, text.replacen(from, to, 1)).expect("written");
    }

    /// Who shows presence now: files beside an SQLite database, sessions with a lock on PostgreSQL. There a lock may
    /// also be one that a transaction takes, a moment before or after.
    fn presences(&self) -> BTreeSet<String> {
        if let Some(database) = &self.database {
            return advisory_locks(database);
        }
        let names = std::fs::read_dir(self.path("")).expect("the folder").flatten().map(|entry| entry.file_name());
        names.filter_map(|name| name.into_string().ok()).filter(|name| name.contains("-holder-")).collect()
    }

    /// Reads a Maildir and writes to a folder.
    pub fn on_folders() -> Self {
        Self::new("url = \"maildir:mail\"", "url = \"folder:outgoing\"")
    }

    /// From now on, commands have this in their environment.
    #[cfg(feature = "faults")]
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.clear_env(name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Takes it back.
    #[cfg(feature = "faults")]
    pub fn clear_env(&mut self, name: &str) {
        self.environment.retain(|(set, _)| set != name);
    }

    /// A file or folder of the installation.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--config").arg(self.path("mailclerk.toml")).args(arguments).stdin(Stdio::null());
        command.envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end, whatever that is.
    pub fn end_of(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().expect("started").into()
    }

    /// Runs a command that must succeed; its standard output.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let Ended { status, out, log } = self.end_of(arguments);
        assert!(status.success(), "mailclerk {arguments:?}: {status}\n{out}\n{log}");
        out
    }

    /// All that is there and due; what it says that it did.
    pub fn once(&self) -> Value {
        self.json(&["run", "--once", "--json"])
    }

    /// Runs a command that must print JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.ok(arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("mailclerk {arguments:?}: {error}\n{out}"))
    }

    /// The rows that a list prints.
    pub fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let all = self.json(&[arguments, &["--json"]].concat());
        all.as_array().expect("a list").clone()
    }

    /// Starts the worker for good, or once.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(log);
        let present_before = self.presences();
        Running { child: command.spawn().expect("started"), log: self.path("log"), present_before }
    }

    /// Puts a mail into the Maildir, as a delivery agent does.
    pub fn deliver(&self, name: &str, raw: &[u8]) {
        let mail = self.path("mail");
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(mail.join(part)).expect("made");
        }
        let hidden = mail.join("tmp").join(name);
        std::fs::write(&hidden, raw).expect("written");
        std::fs::rename(hidden, mail.join("new").join(name)).expect("delivered");
    }

    /// The mails in the folder that is the way out, in the order of their numbers.
    pub fn written(&self) -> Vec<Vec<u8>> {
        let Ok(entries) = std::fs::read_dir(self.path("outgoing")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
        paths
            .sort_by_key(|path| path.file_stem().and_then(|stem| stem.to_str()?.rsplit('-').next().map(str::to_owned)));
        paths.iter().map(|path| std::fs::read(path).expect("a mail")).collect()
    }

    /// How many mails stand in a folder of the Maildir; `""` is the inbox.
    pub fn count(&self, folder: &str) -> usize {
        let mail = self.path("mail");
        let folder = if folder.is_empty() { mail } else { mail.join(format!(".{folder}")) };
        ["new", "cur"].iter().filter_map(|part| std::fs::read_dir(folder.join(part)).ok()).map(Iterator::count).sum()
    }
}

/// A worker that runs; it is killed when it is dropped.
pub struct Running {
    child: Child,
    log: PathBuf,
    present_before: BTreeSet<String>,
}

impl Running {
    /// Its number at the kernel.
    #[allow(dead_code, reason = "a benchmark asks what it uses, a storm freezes it")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does, if it still runs; how it ended.
    pub fn kill(mut self) -> ExitStatus {
        let _ = self.child.kill(); // it may have ended by itself
        self.child.wait().expect("its end")
    }

    /// Waits for its end; `None`: it took longer.
    pub fn ends_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until it shows its presence beside or in the database, or ends.
    pub fn wait_for_presence(&mut self, clerk: &Clerk) {
        while clerk.presences().is_subset(&self.present_before) && self.child.try_wait().expect("its state").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Asks it to stop, as an init system does, and waits for its end.
    pub fn terminate(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-s", "TERM", &id]).status().expect("failed to run kill");
        assert!(asked.success(), "the worker was gone before it was asked to stop: {}", self.log());
        self.ends_within(PATIENCE).unwrap_or_else(|| panic!("the worker did not stop: {}", self.log()))
    }

    /// Waits until its log holds this so often.
    pub fn wait_for_log(&mut self, text: &str, times: usize) {
        self.wait_until(&format!("{text:?} in its log"), |log| log.matches(text).count() >= times);
    }

    /// Waits until this holds, looking at the log.
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&str) -> bool) {
        wait_until(what, || {
            let ended = self.child.try_wait().expect("its state");
            assert!(ended.is_none(), "the worker ended ({ended:?}) before {what}: {}", self.log());
            holds(&self.log())
        });
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = std::fs::File::open(&self.log) {
            let _ = file.read_to_string(&mut text);
        }
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The advisory locks that stand in a database of PostgreSQL, but for those of an open database.
fn advisory_locks(database: &str) -> BTreeSet<String> {
    let sql = "SELECT concat(pid, ' ', classid, ' ', objid) AS held FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid <> 1835100524 \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(database).await.expect("connected");
        let held: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut connection).await.expect("the locks");
        connection.close().await.expect("closed");
        held.into_iter().map(|(one,)| one).collect()
    })
}

/// Waits until this holds, and fails the test when it does not come true.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process was ended by this signal.
pub fn was_ended_by(status: ExitStatus, signal: i32) -> bool {
    status.signal() == Some(signal)
}

/// The program that was built with the tests, or another build of it that a benchmark is to be compared with.
fn program() -> String {
    std::env::var("MAILCLERK_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_mailclerk").to_owned())
}

//! An installation of the program's: a desk of neutral words, settings for each worker, and its commands.

use crate::database::Database;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The desk's id.
pub const DESK: &str = "fire";
/// Its address.
pub const ADDRESS: &str = "desk@desk.example";
/// The server whose results are believed.
pub const SERVER: &str = "mx.desk.example";
/// Where requesters are.
pub const AGENCY: &str = "agency.example";

/// The desk's policy: short clocks, so that promises fall due while the clock is moved.
const POLICY: &str = r##"
name = "Fire Desk"
address = "desk@desk.example"
internal_domains = ["agency.example"]
prefix = "FIRE"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = []
assign_at = "09:00"
digest_at = "07:30"

[clocks]
respond = "9 business hours"
update = "1 business days"

[limits]
pending_days = 2
reopen_days = 90
same_subject = 100
a_sender = 5000
replies = 5000

[breaker]
hourly = 100000

[[topic]]
id = "billing"
title = "questions about bills"
guidance = "Please write to billing@desk.example."
names = ["Billing", "Bill"]

[[line]]
id = "north"
name = "North"
phone = "1-800-555-0101"

[[line]]
id = "south"
name = "South"
phone = "1-800-555-0102"

[[field]]
id = "name"
label = "Agent Name"
role = "requester_name"
required = true

[[field]]
id = "member_id"
label = "Member ID"
role = "member_id"
required = true
pattern = "[A-Za-z0-9]{6,15}"
hint = "6 to 15 letters and digits"

[[field]]
id = "member"
label = "Member Name"
role = "member_name"
required = true

[[field]]
id = "summary"
label = "Summary"
role = "summary"
required = true
min_words = 3
hint = "at least three words"

[[staff]]
name = "Ann Ash"
email = "ann@desk.example"
role = "specialist"
lines = ["north"]

[[staff]]
name = "Bob Birch"
email = "bob@desk.example"
role = "specialist"
lines = ["north"]

[[staff]]
name = "Cid Cedar"
email = "cid@desk.example"
role = "specialist"
lines = ["south"]

[[staff]]
name = "Sue Sedge"
email = "sue@desk.example"
role = "supervisor"
"##;

/// What a worker's settings say.
pub struct Wiring {
    /// The port of IMAP.
    pub imap: u16,
    /// The port of SMTP.
    pub smtp: u16,
    /// The database's url.
    pub database: String,
}

/// An installation.
pub struct House {
    folder: TempDir,
}

impl House {
    /// Makes one.
    pub fn new(user: &str, password: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("fire").tempdir().expect("a temporary folder");
        let made = Command::new(program()).arg("init").arg(folder.path()).output().expect("started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let house = Self { folder };
        std::fs::remove_dir_all(house.path("desks")).expect("the desks that came with it");
        std::fs::create_dir(house.path("desks")).expect("made");
        std::fs::write(house.path(&format!("desks/{DESK}.toml")), POLICY).expect("written");
        let secret = house.path("imap.secret");
        std::fs::write(&secret, password).expect("written");
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
        std::fs::write(house.path("user"), user).expect("written");
        std::fs::write(house.clock(), "0").expect("written");
        house
    }

    /// A file of the installation.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file with what the clock was moved by.
    pub fn clock(&self) -> PathBuf {
        self.path("clock")
    }

    /// Keeps the folder; where it is.
    pub fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }

    /// Writes the settings of the worker `name`.
    pub fn write_settings(&self, name: &str, wiring: &Wiring) {
        let user = std::fs::read_to_string(self.path("user")).expect("the user");
        let Wiring { imap, smtp, database } = wiring;
        let text = format!(
            "database = \"{database}\"\ndesks = \"desks\"\n\n[[mailbox]]\nid = \"inbox\"\ndesk = \"{DESK}\"\n\
             url = \"imap://{user}@127.0.0.1:{imap}/INBOX\"\npassword_file = \"imap.secret\"\nstart = \"all\"\n\
             trust = {{ rfc8601 = \"{SERVER}\" }}\n\n[outgoing]\nurl = \"smtp://127.0.0.1:{smtp}\"\n"
        );
        std::fs::write(self.path(&format!("{name}.toml")), text).expect("written");
    }

    /// A command of the program with these settings.
    pub fn command(&self, settings: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--config").arg(self.path(&format!("{settings}.toml"))).args(arguments);
        command.env("MAILCLERK_CLOCK_SHIFT", self.clock()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn end_of(&self, arguments: &[&str]) -> Output {
        self.command("calm", arguments).output().expect("started")
    }

    /// What a list prints.
    pub fn list(&self, arguments: &[&str]) -> Result<Vec<Value>, String> {
        let ended = self.end_of(&[arguments, &["--json"]].concat());
        let (out, log) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        if !ended.status.success() {
            return Err(format!("mailclerk {arguments:?}: {}: {log}", ended.status));
        }
        serde_json::from_str(&out).map_err(|error| format!("mailclerk {arguments:?}: {error}"))
    }

    /// Writes the evidence of a failure beside the rest.
    pub fn write_evidence(&self, name: &str, text: &[u8]) {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            let _ = std::fs::create_dir_all(parent);
        }
        let _ = std::fs::write(path, text);
    }
}

/// The url of the database for a worker: PostgreSQL by the proxy's port.
pub fn database_url(database: &Database, port: u16) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(_) => crate::postgres_server::PostgresServer::url(port),
    }
}

/// The program under test.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_mailclerk")
}

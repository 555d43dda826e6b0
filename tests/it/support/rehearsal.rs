//! A desk of neutral words and its worker in this process, on a rehearsal's clock: a Maildir in, a folder out, SQLite or
//! PostgreSQL. What people write to it, what they do in its console, and what then stands.

use super::postgres;
use jiff::Timestamp;
use mailclerk::address::EmailAddress;
use mailclerk::clock::Clock;
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::desk::{Desk, load};
use mailclerk::mailbox::Mailbox;
use mailclerk::message::Message;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, CaseView, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{Act, Acted};
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The server whose results are believed.
pub const SERVER: &str = "mx.desk.example";
/// The desk's id, and its address.
pub const DESK: &str = "test";
/// The desk's address.
pub const ADDRESS: &str = "desk@desk.example";
/// Works the line North.
pub const ANN: &str = "ann@desk.example";
/// Works the line North, too.
pub const BOB: &str = "bob@desk.example";
/// Supervises both lines.
pub const SUE: &str = "sue@desk.example";
/// Works the line South.
pub const CID: &str = "cid@desk.example";
/// Who asks, from inside.
pub const AGENT: &str = "jo@agency.example";
/// Who asks, from outside.
pub const OUTSIDE: &str = "pat@partner.example";

const POLICY: &str = r##"
name = "Test Desk"
address = "desk@desk.example"
internal_domains = ["agency.example"]
prefix = "TEST"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = "us-federal"
assign_at = "09:00"

[clocks]
respond = "72 business hours"
update = "5 business days"

[urgency]
phrases = ["cannot get * insulin"]

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
id = "reference"
label = "Reference"
role = "reference"

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

[[step]]
id = "lead"
name = "Team lead"
to = "supervisor"

[[list]]
id = "watch"
name = "Watch list"
"##;

/// The desk's policy.
pub fn policy() -> Arc<Desk> {
    Arc::new(load::parse(DESK, Path::new("desks/test.toml"), POLICY).unwrap_or_else(|faults| panic!("{faults}")))
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// One mail that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    pub template: String,
    pub mail: Message,
    pub raw: String,
}

impl Sent {
    pub fn to(&self) -> String {
        self.mail.to[0].address.to_string()
    }
}

/// The desk with its worker.
pub struct Rehearsal {
    pub folder: TempDir,
    pub worker: Arc<Worker>,
    pub clock: Clock,
    mailboxes: Vec<OpenMailbox>,
    delivered: u32,
}

impl Rehearsal {
    /// On SQLite.
    pub async fn new(start: &str) -> Self {
        let folder = folder();
        let url = DatabaseUrl::Sqlite(folder.path().join("desk.db"));
        Self::on(folder, &url, start, 1).await
    }

    /// On PostgreSQL.
    pub async fn on_postgres(start: &str) -> Self {
        Self::on(folder(), &postgres::new_database(), start, 1).await
    }

    async fn on(folder: TempDir, url: &DatabaseUrl, start: &str, seed: u8) -> Self {
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.path().join("mail").join(part)).unwrap();
        }
        let clock = Clock::rehearsal(at(start));
        let (worker, mailboxes) = worker(folder.path(), url, &clock, seed).await;
        Self { folder, worker: Arc::new(worker), clock, mailboxes, delivered: 0 }
    }

    /// In a folder where another process has begun one, for as long as the process lives.
    #[cfg(feature = "faults")]
    pub async fn in_folder(folder: &Path, now: &str) -> Self {
        let clock = Clock::rehearsal(at(now));
        let (worker, mailboxes) = worker(folder, &DatabaseUrl::Sqlite(folder.join("desk.db")), &clock, 9).await;
        let folder = tempfile::tempdir().unwrap();
        Self { folder, worker: Arc::new(worker), clock, mailboxes, delivered: 0 }
    }

    /// A second worker on the same database of SQLite, as another process would have it.
    pub async fn another(&self) -> Worker {
        let url = DatabaseUrl::Sqlite(self.folder.path().join("desk.db"));
        worker(self.folder.path(), &url, &self.clock, 2).await.0
    }

    /// Puts a mail into the mailbox.
    pub fn deliver(&mut self, raw: &str) {
        self.delivered += 1;
        let name = format!("1.{:05}.test", self.delivered);
        fs::write(self.folder.path().join("mail/new").join(name), raw.replace('\n', "\r\n")).unwrap();
    }

    /// `run --once --at`.
    pub async fn run(&mut self, until: &str) {
        self.worker.once(&mut self.mailboxes, Some(at(until))).await.unwrap();
    }

    /// What this account may see.
    pub fn access(&self, email: &str) -> Access {
        let role = match email {
            SUE => AccountRole::Supervisor,
            ANN | BOB | CID => AccountRole::Specialist,
            _ => AccountRole::Admin,
        };
        Access::of(&EmailAddress::parse(email).unwrap(), role, &self.worker.desks.all())
    }

    /// Somebody does something in the console.
    pub async fn act(&self, by: &str, act: &Act) -> Acted {
        self.worker.act(&self.access(by), DESK, act).await.unwrap()
    }

    pub async fn case(&self, number: &str) -> CaseView {
        self.worker.store.case_view(&CaseNumber(number.to_owned())).await.unwrap().pop().expect("a case")
    }

    /// The numbers of all cases, oldest first.
    pub async fn numbers(&self) -> Vec<String> {
        let mut all: Vec<_> =
            self.worker.store.cases(None, false).await.unwrap().into_iter().map(|case| case.number.0).collect();
        all.sort();
        all
    }

    /// Mail that went out, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.folder.path().join("outgoing")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        let read = |file: &PathBuf| {
            let bytes = fs::read(file).unwrap();
            let mail = Message::read(&bytes);
            let template = mail.header("X-Mailclerk-Template").next().unwrap_or_default().trim().to_owned();
            Sent { template, mail, raw: String::from_utf8_lossy(&bytes).into_owned() }
        };
        files.iter().map(read).collect()
    }

    /// Templates of the mail that went to `address`, oldest first.
    pub fn got(&self, address: &str) -> Vec<String> {
        self.sent().into_iter().filter(|one| one.to() == address).map(|one| one.template).collect()
    }

    /// The newest mail of `template` to `address`.
    pub fn last(&self, address: &str, template: &str) -> Sent {
        let all = self.sent();
        all.into_iter().rfind(|one| one.to() == address && one.template == template).expect("such a mail")
    }
}

fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

async fn worker(folder: &Path, url: &DatabaseUrl, clock: &Clock, seed: u8) -> (Worker, Vec<OpenMailbox>) {
    let keys = Keys::derive(&[7; 32]);
    let store = Store::open(url, None, Birth::Rehearsal, keys.clone(), clock.now()).await.unwrap();
    let place = Place {
        id: "box".into(),
        desk: DESK.into(),
        trust: Trust::Rfc8601 { authserv_id: SERVER.into() },
        start: Start::All,
        sent: None,
        sent_copies: SentCopies::None,
        watched_sent: None,
    };
    let desks = Desks::watching(BTreeMap::from([(DESK.to_owned(), policy())]), None);
    let transport = Transport::new(&OutgoingUrl::Folder(folder.join("outgoing")), None, None);
    let places = BTreeMap::from([("box".to_owned(), place.clone())]);
    let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.join("mail")), None, None).unwrap();
    let worker = Worker::new(desks, store, clock.clone(), keys, transport, places, [seed; 32]);
    (worker, vec![OpenMailbox { place, mailbox }])
}

/// A mail to the desk, authenticated; `headers` one a line.
pub fn mail(from: &str, id: &str, subject: &str, headers: &str, body: &str) -> String {
    let domain = from.split('@').nth(1).unwrap();
    format!(
        "Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\nFrom: {from}\nTo: {ADDRESS}\n\
         Subject: {subject}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n{headers}\n{body}\n"
    )
}

/// The usual headers of a text.
pub const TEXT: &str = "Content-Type: text/plain; charset=utf-8\n";

/// A complete request about `member`.
pub fn request(from: &str, id: &str, member: &str, line: &str, issue: &str) -> String {
    let body =
        format!("Agent Name: Jo Field\nMember ID: H123456{}\nMember Name: {member}\nSummary: {issue}\n", member.len());
    let (first, last) = member.split_once(' ').unwrap();
    mail(from, id, &format!("{last}, {first} {line}"), TEXT, &body)
}

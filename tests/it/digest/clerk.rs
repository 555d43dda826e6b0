//! A desk of neutral words and its clerk in this process, over either database: a Maildir in, a folder out.

use jiff::Timestamp;
use mailclerk::clock::Clock;
use mailclerk::desk::{Desk, load};
use mailclerk::mailbox::Mailbox;
use mailclerk::message::Message;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The server whose results are believed.
const SERVER: &str = "mx.desk.example";
/// Words of members that may stand in no digest.
pub const CANARIES: [&str; 4] = ["Zebrafinch", "Quetzalina", "H77", "quokka"];

pub const POLICY: &str = r##"
name = "Test Desk"
address = "desk@desk.example"
internal_domains = ["agency.example"]
prefix = "TEST"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = "us-federal"
assign_at = "09:00"
digest_at = "07:30"

[clocks]
respond = "72 business hours"
update = "5 business days"

[limits]
same_words = 500
same_subject = 500
a_case = 500
a_sender = 5000
replies = 5000

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

[[topic]]
id = "billing"
title = "billing questions"
guidance = "Please write to billing@desk.example."
address = "billing@desk.example"
phrases = ["invoice copy"]

[[staff]]
name = "Ann Ash"
email = "ann@desk.example"
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
lines = ["north"]

[[staff]]
name = "Eve Elm"
email = "eve@desk.example"
role = "supervisor"
"##;

pub fn desk(text: &str) -> Arc<Desk> {
    Arc::new(load::parse("test", Path::new("desks/test.toml"), text).unwrap_or_else(|faults| panic!("{faults}")))
}

/// One mail that went out.
pub struct Sent {
    pub at: Timestamp,
    pub to: String,
    pub template: String,
    pub case: Option<String>,
    pub id: String,
    pub raw: Vec<u8>,
}

pub struct Clerk {
    pub folder: TempDir,
    pub worker: Worker,
    mailboxes: Vec<OpenMailbox>,
    pub url: DatabaseUrl,
    read: BTreeSet<String>,
    delivered: u32,
}

impl Clerk {
    pub async fn new(start: Timestamp, url: Option<DatabaseUrl>, policy: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.path().join("mail").join(part)).unwrap();
        }
        let url = url.unwrap_or_else(|| DatabaseUrl::Sqlite(folder.path().join("desk.db")));
        let keys = Keys::derive(&[7; 32]);
        let store = Store::open(&url, None, Birth::Rehearsal, keys.clone(), start).await.unwrap();
        let place = Place {
            id: "box".into(),
            desk: "test".into(),
            trust: Trust::Rfc8601 { authserv_id: SERVER.into() },
            start: Start::All,
            sent: None,
            sent_copies: SentCopies::None,
            watched_sent: None,
        };
        let desks = Desks::watching(BTreeMap::from([("test".to_owned(), desk(policy))]), None);
        let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("outgoing")), None, None);
        let places = BTreeMap::from([("box".to_owned(), place.clone())]);
        let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.path().join("mail")), None, None).unwrap();
        let mut worker = Worker::new(desks, store, Clock::rehearsal(start), keys, transport, places, [3; 32]);
        worker.console = Some("https://console.desk.example".into());
        let mailboxes = vec![OpenMailbox { place, mailbox }];
        Self { folder, worker, mailboxes, url, read: BTreeSet::new(), delivered: 0 }
    }

    /// Puts a mail into the mailbox; `proved`: whether its author is.
    pub fn deliver(&mut self, from: &str, id: &str, subject: &str, headers: &str, proved: bool, body: &str) {
        self.delivered += 1;
        let result = if proved { "pass" } else { "fail" };
        let domain = from.rsplit('@').next().unwrap();
        let raw = format!(
            "Authentication-Results: {SERVER}; dmarc={result} header.from={domain}\n{headers}From: {from}\n\
             To: desk@desk.example\nSubject: {subject}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{body}\n"
        );
        let name = format!("1.{:05}.test", self.delivered);
        fs::write(self.folder.path().join("mail/new").join(name), raw.replace('\n', "\r\n")).unwrap();
    }

    /// `run --once --at`.
    pub async fn rehearse(&mut self, at: Timestamp) {
        self.worker.once(&mut self.mailboxes, Some(at)).await.unwrap();
    }

    /// Nobody was there until `at`.
    pub async fn come_back(&mut self, at: Timestamp) {
        self.worker.clock.advance_to(at);
        self.worker.once(&mut self.mailboxes, None).await.unwrap();
    }

    /// What went out since the last look, in order.
    pub fn sent(&mut self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.folder.path().join("outgoing")) else { return Vec::new() };
        let mut new: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        new.retain(|path| name(path).ends_with(".eml") && !self.read.contains(&name(path)));
        new.sort();
        self.read.extend(new.iter().map(name));
        let read = |path: &PathBuf| {
            let raw = fs::read(path).unwrap();
            let mail = Message::read(&raw);
            let header = |name| mail.header(name).next().map(|value| value.trim().to_owned());
            Sent {
                at: mail.date.unwrap(),
                to: mail.to[0].address.to_string(),
                template: header("X-Mailclerk-Template").unwrap(),
                case: header("X-Mailclerk-Case"),
                id: mail.message_id.clone().unwrap(),
                raw,
            }
        };
        new.iter().map(read).collect()
    }
}

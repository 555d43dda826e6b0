//! A desk of neutral words with its worker in this process: SQLite, a Maildir in, a folder out, a rehearsal's clock.

use jiff::{SignedDuration, Timestamp};
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
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A Monday morning.
pub const START: &str = "2026-11-02T15:00:00Z";
/// The server whose results are believed.
pub const SERVER: &str = "mx.desk.example";

pub fn start() -> Timestamp {
    START.parse().unwrap()
}

pub fn after(minutes: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

const POLICY: &str = r##"
name = "Test Desk"
address = "desk@DOMAIN"
internal_domains = ["DOMAIN"]
prefix = "PREFIX"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = "us-federal"

[clocks]
respond = "72 business hours"
update = "5 business days"

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

[[topic]]
id = "billing"
title = "billing questions"
guidance = "Please write to billing@DOMAIN."
address = "billing@DOMAIN"
phrases = ["invoice copy", "commission statement"]

[[staff]]
name = "Ann Ash"
email = "ann@DOMAIN"
role = "specialist"
lines = ["north", "south"]

[[staff]]
name = "Sue Sedge"
email = "sue@DOMAIN"
role = "supervisor"
"##;

/// A desk of `domain`, with tables at the end of its policy.
pub fn desk(domain: &str, more: &str) -> Desk {
    let prefix = domain.split('.').next().unwrap().to_uppercase();
    let text = POLICY.replace("DOMAIN", domain).replace("PREFIX", &prefix) + more;
    load::parse("test", Path::new("desks/test.toml"), &text).unwrap_or_else(|faults| panic!("{faults}"))
}

/// One mail that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    pub to: String,
    pub template: String,
    pub raw: String,
    pub mail: Message,
}

impl Sent {
    pub fn id(&self) -> String {
        self.mail.message_id.clone().unwrap()
    }
    pub fn subject(&self) -> &str {
        &self.mail.subject
    }
}

/// A desk's clerk.
pub struct Clerk {
    pub folder: TempDir,
    pub worker: Worker,
    pub address: String,
    mailboxes: Vec<OpenMailbox>,
    clock: Clock,
    read: BTreeSet<String>,
    delivered: u32,
}

impl Clerk {
    pub async fn new(domain: &str, more: &str) -> Self {
        // Memory where there is some: what a sync costs is not what is tried here.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.path().join("mail").join(part)).unwrap();
        }
        let clock = Clock::rehearsal(start());
        let seed = domain.bytes().fold(7u8, u8::wrapping_add);
        let keys = Keys::derive(&[seed; 32]);
        let url = DatabaseUrl::Sqlite(folder.path().join("desk.db"));
        let store = Store::open(&url, None, Birth::Rehearsal, keys.clone(), start()).await.unwrap();
        let place = Place {
            id: "box".into(),
            desk: "test".into(),
            trust: Trust::Rfc8601 { authserv_id: SERVER.into() },
            start: Start::All,
            sent: None,
            sent_copies: SentCopies::None,
            watched_sent: None,
        };
        let desks = Desks::watching(BTreeMap::from([("test".to_owned(), Arc::new(desk(domain, more)))]), None);
        let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("outgoing")), None, None);
        let places = BTreeMap::from([("box".to_owned(), place.clone())]);
        let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.path().join("mail")), None, None).unwrap();
        let worker = Worker::new(desks, store, clock.clone(), keys, transport, places, [seed; 32]);
        let mailboxes = vec![OpenMailbox { place, mailbox }];
        let address = format!("desk@{domain}");
        Self { folder, worker, address, mailboxes, clock, read: BTreeSet::new(), delivered: 0 }
    }

    /// Puts a mail into the mailbox.
    pub fn deliver(&mut self, raw: &str) {
        self.delivered += 1;
        let name = format!("1.{:06}.test", self.delivered);
        let raw = raw.replace("\r\n", "\n").replace('\n', "\r\n");
        fs::write(self.folder.path().join("mail/new").join(name), raw).unwrap();
    }

    /// `run --once --at`; gives what went out.
    pub async fn run(&mut self, at: Timestamp) -> Vec<Sent> {
        self.worker.once(&mut self.mailboxes, Some(at)).await.unwrap();
        self.sent()
    }

    /// Reads and decides what is there, and sends nothing.
    pub async fn read_only(&mut self, at: Timestamp) {
        self.clock.advance_to(at);
        for open in &mut self.mailboxes {
            self.worker.receive(open).await.unwrap();
        }
        for desk in self.worker.desks.all() {
            self.worker.judge(&desk).await.unwrap();
        }
    }

    pub async fn dispatch(&mut self, at: Timestamp) -> Vec<Sent> {
        self.clock.advance_to(at);
        self.worker.tick().await.unwrap();
        self.worker.dispatch().await.unwrap();
        self.sent()
    }

    /// What went out since the last look, in order.
    fn sent(&mut self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.folder.path().join("outgoing")) else { return Vec::new() };
        let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
        let mut new: Vec<String> = names.filter(|name| name.ends_with(".eml") && !self.read.contains(name)).collect();
        new.sort();
        self.read.extend(new.iter().cloned());
        let read = |name: &String| {
            let bytes = fs::read(self.folder.path().join("outgoing").join(name)).unwrap();
            let mail = Message::read(&bytes);
            let template = mail.header("X-Mailclerk-Template").next().unwrap_or_default().trim().to_owned();
            assert_eq!(mail.to.len(), 1, "every mail has one recipient");
            Sent { to: mail.to[0].address.to_string(), template, raw: String::from_utf8_lossy(&bytes).into(), mail }
        };
        new.iter().map(read).collect()
    }

    pub async fn close(self) {
        self.worker.store.close().await;
    }
}

/// A mail as somebody's program writes it.
pub fn mail(from: &str, to: &str, id: &str, subject: &str, headers: &str, body: &str) -> String {
    format!(
        "{headers}From: {from}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

/// The template, filled; an empty member id makes it incomplete.
pub fn form(member_id: &str, summary: &str) -> String {
    format!("Agent Name: Jo Field\nMember ID: {member_id}\nMember Name: Jane Smith\nReference:\nSummary: {summary}")
}

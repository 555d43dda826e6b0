//! A desk of neutral words and its clerk in this process: a worker over SQLite, a Maildir in, a folder out.

use jiff::Timestamp;
use mailclerk::clock::Clock;
use mailclerk::desk::{Desk, load};
use mailclerk::mailbox::Mailbox;
use mailclerk::message::Message;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, CaseView, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

/// The server whose results are believed.
pub const SERVER: &str = "mx.desk.example";
/// The desk's own address.
pub const DESK: &str = "desk@desk.example";
/// Who works the first line, and who the second: two specialists and the supervisor each.
pub const STAFF: [[&str; 3]; 2] = [
    ["ann@desk.example", "bob@desk.example", "sue@desk.example"],
    ["cid@desk.example", "dot@desk.example", "tim@desk.example"],
];
/// The names of the lines, and their specialists' names in subjects and commands.
pub const LINES: [&str; 2] = ["North", "South"];

const POLICY: &str = r##"
name = "Test Desk"
address = "desk@desk.example"
internal_domains = ["agency.example"]
prefix = "TEST"
time_zone = "America/New_York"
hours = "08:00-17:00"
holidays = "us-federal"
closures = ["2026-11-27"]
assign_at = "09:00"

[clocks]
respond = "72 business hours"
update = "5 business days"

[[season]]
name = "peak"
from = "12-14"
to = "01-05"
respond = "120 business hours"
update = "7 business days"

[limits]
same_words = 500
same_subject = 500
a_case = 500
a_sender = 5000
replies = 5000

[urgency]
phrases = ["cannot get * insulin"]

[priorities]
default = "normal"
from_words = true

[[priority]]
id = "high"
name = "High"
phrases = ["cannot get * insulin"]
at_once = true
follow_up = "1 business day"

[[priority]]
id = "normal"
name = "Normal"
follow_up = "2-3 business days"

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
"##;

/// The policy, read once.
pub fn desk() -> Arc<Desk> {
    static READ: LazyLock<Arc<Desk>> = LazyLock::new(|| {
        let roles = ["specialist", "specialist", "supervisor"];
        let names = [["Ann Ash", "Bob Birch", "Sue Sedge"], ["Cid Cedar", "Dot Dogwood", "Tim Tulip"]];
        let mut text = POLICY.to_owned();
        for (line, id) in ["north", "south"].iter().enumerate() {
            for (one, role) in roles.iter().enumerate() {
                let (name, email) = (names[line][one], STAFF[line][one]);
                text += &format!(
                    "\n[[staff]]\nname = \"{name}\"\nemail = \"{email}\"\nrole = \"{role}\"\nlines = [\"{id}\"]\n"
                );
            }
        }
        Arc::new(load::parse("test", Path::new("desks/test.toml"), &text).unwrap_or_else(|faults| panic!("{faults}")))
    });
    Arc::clone(&READ)
}

/// One mail that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    pub at: Timestamp,
    pub to: String,
    pub template: String,
    pub case: Option<String>,
    pub id: String,
    pub subject: String,
    pub raw: String,
}

/// The desk's clerk, as one worker or two over one database.
pub struct Clerk {
    folder: TempDir,
    workers: Vec<(Worker, Vec<OpenMailbox>)>,
    clock: Clock,
    read: BTreeSet<String>,
    delivered: u32,
}

impl Clerk {
    /// A desk that begins at `start`.
    pub async fn new(start: Timestamp) -> Self {
        // Memory where there is some: what a sync costs is not what is tried here.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.path().join("mail").join(part)).unwrap();
        }
        let clock = Clock::rehearsal(start);
        let mut workers = Vec::new();
        for seed in [1, 2] {
            let url = DatabaseUrl::Sqlite(folder.path().join("desk.db"));
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
            let desks = Desks::watching(BTreeMap::from([("test".to_owned(), desk())]), None);
            let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("outgoing")), None, None);
            let places = BTreeMap::from([("box".to_owned(), place.clone())]);
            let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.path().join("mail")), None, None).unwrap();
            let worker = Worker::new(desks, store, clock.clone(), keys, transport, places, [seed; 32]);
            workers.push((worker, vec![OpenMailbox { place, mailbox }]));
        }
        Self { folder, workers, clock, read: BTreeSet::new(), delivered: 0 }
    }

    /// Puts a mail into the mailbox.
    pub fn deliver(&mut self, raw: &str) {
        self.delivered += 1;
        let name = format!("1.{:05}.test", self.delivered);
        fs::write(self.folder.path().join("mail/new").join(name), raw.replace('\n', "\r\n")).unwrap();
    }

    /// `run --once --at`: every clock that is due before `at` at its own instant.
    pub async fn rehearse(&mut self, at: Timestamp) -> anyhow::Result<()> {
        let (worker, mailboxes) = &mut self.workers[0];
        worker.once(mailboxes, Some(at)).await?;
        Ok(())
    }

    /// Nobody was there until `at`: what is due is done now, by one worker or by two at once.
    pub async fn come_back(&mut self, at: Timestamp, two: bool) -> anyhow::Result<()> {
        self.clock.advance_to(at);
        let [(one, its), (other, others)] = &mut self.workers[..] else { anyhow::bail!("there are two workers") };
        if two {
            let (first, second) = futures::join!(one.once(its, None), other.once(others, None));
            first?;
            second?;
        }
        // What one of the two left to the other's lease is taken up.
        one.once(its, None).await?;
        Ok(())
    }

    /// What went out since the last look, in order.
    pub fn sent(&mut self) -> Vec<Sent> {
        let Ok(files) = fs::read_dir(self.folder.path().join("outgoing")) else { return Vec::new() };
        let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
        let mut new: Vec<String> = names.filter(|name| name.ends_with(".eml") && !self.read.contains(name)).collect();
        new.sort();
        self.read.extend(new.iter().cloned());
        // The supervisors' digest is no part of the model.
        new.iter().map(|name| self.mail(name)).filter(|one| one.template != "digest").collect()
    }

    fn mail(&self, name: &str) -> Sent {
        let bytes = fs::read(self.folder.path().join("outgoing").join(name)).unwrap();
        let mail = Message::read(&bytes);
        let header = |name| mail.header(name).next().map(|value| value.trim().to_owned());
        assert_eq!(mail.to.len(), 1, "every mail has one recipient");
        let (day, time) = (&name[..10], &name[11..17]);
        let at = format!("{day}T{}:{}:{}Z", &time[..2], &time[2..4], &time[4..]);
        Sent {
            at: at.parse().unwrap(),
            to: mail.to[0].address.to_string(),
            template: header("X-Mailclerk-Template").unwrap(),
            case: header("X-Mailclerk-Case"),
            id: mail.message_id.clone().unwrap(),
            subject: mail.subject.clone(),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A case as `case NUMBER --json` shows it.
    pub async fn case(&self, number: &str) -> Option<CaseView> {
        let mut found = self.workers[0].0.store.case_view(&CaseNumber(number.to_owned())).await.unwrap();
        found.pop()
    }

    pub async fn close(self) {
        for (worker, _) in &self.workers {
            worker.store.close().await;
        }
    }
}

//! A desk's worker in this process, on a rehearsal's clock: a Maildir in, a folder out, SQLite or PostgreSQL.

use super::desk::{DESK, SERVER, policy};
use jiff::{SignedDuration, Timestamp};
use mailclerk::address::EmailAddress;
use mailclerk::case::commands::{Asked, Word};
use mailclerk::clock::Clock;
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::mailbox::Mailbox;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, Acted};
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The worker with its mailbox.
pub struct Rig {
    pub folder: PathBuf,
    pub worker: Worker,
    pub clock: Clock,
    pub open: OpenMailbox,
    delivered: usize,
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

impl Rig {
    /// Over this database, in this folder, at this instant.
    pub async fn new(folder: &Path, url: &DatabaseUrl, now: Timestamp) -> Self {
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.join("mail").join(part)).expect("a folder");
        }
        let keys = keys();
        let clock = Clock::rehearsal(now);
        let store = Store::open(url, None, Birth::Rehearsal, keys.clone(), now).await.expect("a database");
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
        let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.join("mail")), None, None).expect("a mailbox");
        let seed = uuid::Uuid::new_v4().as_u128().to_le_bytes();
        let seed = [seed, seed].concat().try_into().expect("32 octets");
        let worker = Worker::new(desks, store, clock.clone(), keys, transport, places, seed);
        worker.warm_up();
        Self { folder: folder.to_owned(), worker, clock, open: OpenMailbox { place, mailbox }, delivered: 0 }
    }

    /// Puts a mail into the mailbox.
    pub fn deliver(&mut self, raw: &str) {
        self.delivered += 1;
        let name = format!("{:020}.{:07}.test", self.clock.now().as_microsecond(), self.delivered);
        fs::write(self.folder.join("mail/new").join(name), raw).expect("written");
    }

    /// All that is there and due up to this instant.
    pub async fn run(&mut self, until: Timestamp) {
        let open = std::slice::from_mut(&mut self.open);
        self.worker.once(open, Some(until)).await.expect("a run");
    }

    /// A specialist does something to their case in the console.
    pub async fn act(&self, by: &EmailAddress, number: &CaseNumber, text: &str, commands: &[(Word, &str)]) {
        let access = Access::of(by, AccountRole::Specialist, &self.worker.desks.all());
        let act = Act {
            id: uuid::Uuid::new_v4(),
            about: About::Case(number.clone()),
            subject: String::new(),
            text: text.to_owned(),
            files: Vec::new(),
            commands: commands.iter().map(|(word, rest)| Asked { word: *word, rest: (*rest).to_owned() }).collect(),
            drops: false,
        };
        let acted = self.worker.act(&access, DESK, &act).await.expect("an act");
        assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
    }

    /// Moves the clock on.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.advance_to(self.clock.now().saturating_add(time).expect("an instant"));
    }
}

/// The keys of all these stores.
pub fn keys() -> Keys {
    Keys::derive(&[7; 32])
}

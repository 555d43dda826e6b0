//! A storm through the whole worker: one sender's many mails in a Maildir, a hundred others and staff behind them. Order
//! and counts, never time.
//!
//! A storm has 20,000 mails here, and as many as `MAILCLERK_STORM` says where it is set (100000 is what is promised).

use super::support::postgres;
use mailclerk::clock::Clock;
use mailclerk::desk::shipped;
use mailclerk::mailbox::Mailbox;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Batches decided between two looks, as the worker has it.
const BATCHES: usize = 4;

/// How many mails a storm has.
pub fn storm() -> usize {
    std::env::var("MAILCLERK_STORM").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

/// Within how many messages everybody else's mail is read and decided: a hundred bodies are read a step, and 5,000 mails
/// looked at, so that a hundred behind a storm are seen after a fiftieth of it; then a few batches hold them.
pub fn per_storm(storm: usize) -> usize {
    storm.div_ceil(5000) * 100 + 400
}

struct Rig {
    folder: TempDir,
    worker: Worker,
    open: OpenMailbox,
    desk: String,
    staff: String,
}

impl Rig {
    async fn new(database: Option<DatabaseUrl>) -> Self {
        // Memory where there is some: what a sync costs is not what is tried here.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        std::fs::create_dir_all(folder.path().join("mail/new")).unwrap();
        let (id, desk) = shipped::all().unwrap().into_iter().next().unwrap();
        let staff = desk.staff.first().expect("a desk has staff").email.to_string();
        let now = "2026-11-18T15:00:00Z".parse().unwrap();
        let url = database.unwrap_or_else(|| DatabaseUrl::Sqlite(folder.path().join("desk.db")));
        let keys = Keys::derive(&[7; 32]);
        let store = Store::open(&url, None, Birth::Rehearsal, keys.clone(), now).await.unwrap();
        let place = Place {
            id: "box".into(),
            desk: id.clone(),
            trust: Trust::None,
            start: Start::All,
            sent: None,
            sent_copies: SentCopies::None,
            watched_sent: None,
        };
        let desks = Desks::watching(BTreeMap::from([(id.clone(), Arc::new(desk))]), None);
        let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("outgoing")), None, None);
        let places = BTreeMap::from([("box".to_owned(), place.clone())]);
        let mailbox = Mailbox::new(&MailboxUrl::Maildir(folder.path().join("mail")), None, None).unwrap();
        let worker = Worker::new(desks, store, Clock::rehearsal(now), keys, transport, places, [3; 32]);
        Self { folder, worker, open: OpenMailbox { place, mailbox }, desk: id, staff }
    }

    /// Delivers a mail; `n` is its place in time.
    fn deliver(&self, n: usize, from: &str) {
        let raw = format!("From: {from}\r\nSubject: mail {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\nWhere is it?\r\n");
        let path = self.folder.path().join(format!("mail/new/{n:07}.test"));
        std::fs::write(&path, raw).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + n as u64)).unwrap();
    }

    /// One step of the worker: the mails that were decided in it, in their order; whether there is more.
    async fn step(&mut self) -> (Vec<usize>, bool) {
        let mut more = self.worker.receive_some(&mut self.open).await.unwrap().more;
        let desk = self.worker.desks.get(&self.desk).unwrap();
        let mut decided = Vec::new();
        for batch in 1..=BATCHES {
            let Some(judged) = self.worker.judge_some(&desk).await.unwrap() else { break };
            decided.extend(judged.iter().map(|one| one.subject.trim_start_matches("mail ").parse::<usize>().unwrap()));
            more |= batch == BATCHES;
        }
        self.worker.file(&mut self.open).await.unwrap();
        (decided, more)
    }
}

async fn others_are_decided_beside_the_storm(mut rig: Rig) {
    let storm = storm();
    (0..storm).for_each(|n| rig.deliver(n, "Storm <storm@example.org>"));
    (storm..storm + 100).for_each(|n| rig.deliver(n, &format!("o{n}@example.org")));
    let staff = storm + 100;
    let from = rig.staff.clone();
    rig.deliver(staff, &from);
    let mut wanted: BTreeSet<usize> = (storm..=staff).collect();
    let (mut decided, mut steps, mut late) = (Vec::new(), 0, None);
    while !wanted.is_empty() {
        assert!(decided.len() < per_storm(storm), "{} wait after {} were decided", wanted.len(), decided.len());
        let (some, more) = rig.step().await;
        assert!(more, "all of the storm at once");
        if some.contains(&staff) {
            assert_eq!(some.first(), Some(&staff), "staff before all that was there");
        }
        // Whoever writes meanwhile is seen at one of the next listings.
        if steps == 2 {
            rig.deliver(staff + 1, "late@example.org");
            late = Some(staff + 1);
            wanted.extend(late);
        }
        steps += 1;
        some.iter().for_each(|n| drop(wanted.remove(n)));
        decided.extend(some);
    }
    assert!(late.is_some_and(|late| decided.contains(&late)));
    println!("{storm} mails of one sender: a hundred others and staff are among the first {} decided", decided.len());
    let of_storm: Vec<usize> = decided.iter().copied().filter(|n| *n < storm).collect();
    assert!(of_storm.is_sorted(), "one sender's mail keeps its order");
    assert_eq!(decided.len(), decided.iter().collect::<BTreeSet<_>>().len(), "each once");
}

#[tokio::test]
async fn on_sqlite_others_are_decided_beside_the_storm() {
    others_are_decided_beside_the_storm(Rig::new(None).await).await;
}

#[tokio::test]
async fn on_postgresql_others_are_decided_beside_the_storm() {
    others_are_decided_beside_the_storm(Rig::new(Some(postgres::new_database())).await).await;
}

/// A small storm to its end: every file is decided once and filed, and nothing is left.
#[tokio::test]
async fn a_storm_ends() {
    let mut rig = Rig::new(None).await;
    (0..450).for_each(|n| rig.deliver(n, if n % 10 == 9 { "jo@example.org" } else { "storm@example.org" }));
    let mut decided = Vec::new();
    loop {
        let (some, more) = rig.step().await;
        decided.extend(some);
        if !more {
            break;
        }
    }
    decided.sort_unstable();
    assert_eq!(decided, (0..450).collect::<Vec<_>>());
    let left = ["new", "cur"].map(|part| std::fs::read_dir(rig.folder.path().join("mail").join(part)).unwrap().count());
    assert_eq!(left, [0, 0]);
}

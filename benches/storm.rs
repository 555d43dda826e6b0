//! A storm of one sender's mails, a hundred others behind it: how many messages a second are read and decided with it
//! and without it, and after how many messages, and how long, each of the hundred is decided.
//! `cargo bench --bench storm`; `MAILCLERK_STORM` says how many mails the storm has (100000), `MAILCLERK_DATABASE` a url
//! of PostgreSQL to use instead of a file of SQLite.

use mailclerk::clock::Clock;
use mailclerk::desk::shipped;
use mailclerk::mailbox::Mailbox;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust};
use mailclerk::store::{Birth, Store};
use mailclerk::transport::Transport;
use mailclerk::words::keys::Keys;
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// Messages that wait behind the storm.
const OTHERS: usize = 100;
/// Batches decided between two looks, as the worker has it.
const BATCHES: usize = 4;
/// Messages of the storm that are decided for its figure; the rest would be more of the same.
const MEASURED: usize = 3000;

fn main() {
    let storm = std::env::var("MAILCLERK_STORM").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        run("without a storm", 0).await;
        run(&format!("a storm of {storm}"), storm).await;
    });
}

async fn run(what: &str, storm: usize) {
    let mut rig = Rig::new().await;
    (0..storm).for_each(|n| rig.deliver(n, "storm@example.org"));
    // Without a storm as many mails are decided, of as many senders.
    let others = if storm == 0 { MEASURED } else { OTHERS };
    (storm..storm + others).for_each(|n| rig.deliver(n, &format!("o{n}@example.org")));
    let begun = Instant::now();
    let (mut decided, mut waited) = (0, Vec::new());
    while decided < MEASURED.min(storm + others) {
        for n in rig.step().await {
            decided += 1;
            if n >= storm && waited.len() < OTHERS {
                waited.push((decided, begun.elapsed()));
            }
        }
    }
    let rate = decided as f64 / begun.elapsed().as_secs_f64();
    let of = |share: usize| waited.get((waited.len() * share / 100).min(waited.len().saturating_sub(1)));
    println!("{what}: {rate:.0} messages a second over {decided}");
    for (name, share) in [("first", 0), ("median", 50), ("last", 100)] {
        if let Some((place, time)) = of(share) {
            println!("    {name} of the hundred others: decided as number {place}, after {time:.2?}");
        }
    }
}

struct Rig {
    folder: TempDir,
    worker: Worker,
    open: OpenMailbox,
    desk: String,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("mail/new")).expect("a folder");
        let (id, desk) = shipped::all().expect("the shipped desks load").into_iter().next().expect("a desk");
        let now = "2026-11-18T15:00:00Z".parse().expect("an instant");
        let given = std::env::var("MAILCLERK_DATABASE").ok();
        let url = match given.filter(|url| !url.is_empty()) {
            Some(url) => DatabaseUrl::parse(&url, Path::new("")).expect("a url"),
            None => DatabaseUrl::Sqlite(folder.path().join("desk.db")),
        };
        let keys = Keys::derive(&[7; 32]);
        let store = Store::open(&url, None, Birth::Rehearsal, keys.clone(), now).await.expect("a database");
        // A mailbox of its own each time: the database may have another run's.
        let mailbox = folder.path().display().to_string();
        let place = Place {
            id: mailbox.clone(),
            desk: id.clone(),
            trust: Trust::None,
            start: Start::All,
            sent: None,
            sent_copies: SentCopies::None,
            watched_sent: None,
        };
        let desks = Desks::watching(BTreeMap::from([(id.clone(), Arc::new(desk))]), None);
        let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("outgoing")), None, None);
        let places = BTreeMap::from([(mailbox, place.clone())]);
        let url = MailboxUrl::Maildir(folder.path().join("mail"));
        let mailbox = Mailbox::new(&url, None, None).expect("a mailbox");
        let seed = uuid::Uuid::new_v4().as_u128().to_le_bytes();
        let seed = [seed, seed].concat().try_into().expect("32 octets");
        let worker = Worker::new(desks, store, Clock::rehearsal(now), keys, transport, places, seed);
        worker.warm_up();
        Self { folder, worker, open: OpenMailbox { place, mailbox }, desk: id }
    }

    fn deliver(&self, n: usize, from: &str) {
        let raw = format!("From: {from}\r\nSubject: mail {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\nWhere is it?\r\n");
        let path = self.folder.path().join(format!("mail/new/{n:07}.test"));
        std::fs::write(&path, raw).expect("written");
        let file = std::fs::File::options().append(true).open(&path).expect("opened");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + n as u64);
        file.set_modified(time).expect("dated");
    }

    /// One step of the worker; what was decided in it.
    async fn step(&mut self) -> Vec<usize> {
        self.worker.receive_some(&mut self.open).await.expect("received");
        let desk = self.worker.desks.get(&self.desk).expect("a desk");
        let mut decided = Vec::new();
        for _ in 0..BATCHES {
            let Some(judged) = self.worker.judge_some(&desk).await.expect("judged") else { break };
            decided
                .extend(judged.iter().filter_map(|one| one.subject.trim_start_matches("mail ").parse::<usize>().ok()));
        }
        self.worker.file(&mut self.open).await.expect("filed");
        decided
    }
}

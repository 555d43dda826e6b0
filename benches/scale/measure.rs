//! What is measured in one store.

use super::desk::{DESK, Kind, reply, request};
use super::lives::FIRST;
use super::raw::Raw;
use super::rig::Rig;
use jiff::SignedDuration;
use mailclerk::desk::Breaker;
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::Store;
use mailclerk::worker::tick::HANDLED;
use std::collections::BTreeMap;
use std::time::Instant;

/// Figures of one store by their names; all are such that less is better.
pub type Figures = BTreeMap<&'static str, f64>;

/// Time on the clock, and of processors that this process used.
#[derive(Clone, Copy, Default)]
struct Cost {
    wall: f64,
    cpu: f64,
    written: f64,
}

/// Runs something and adds what it costs.
macro_rules! costs {
    ($total:expr, $what:expr) => {{
        let (begin, before) = (Instant::now(), used());
        let outcome = $what;
        let after = used();
        $total.wall += begin.elapsed().as_secs_f64();
        $total.cpu += after.0 - before.0;
        $total.written += after.1 - before.1;
        outcome
    }};
}

/// Seconds of processors, and octets written to disks, by this process.
fn used() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = [11, 12].iter().filter_map(|n| fields.get(*n)?.parse::<f64>().ok()).sum();
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok());
    (ticks / 100.0, written.unwrap_or(0.0))
}

/// Keeps the least of several runs.
fn least(figures: &mut Figures, name: &'static str, value: f64) {
    let old = figures.get(name).copied().unwrap_or(f64::INFINITY);
    figures.insert(name, value.min(old));
}

/// How much is done.
pub struct Amounts {
    pub cases: usize,
    pub people: usize,
    /// Messages of one round.
    pub mails: usize,
    pub rounds: usize,
    /// Updates due at once.
    pub updates: usize,
}

/// Mails that arrive: of ten, seven are complete requests, one is not, and two belong to an open case. Their senders have
/// written before.
async fn deliver(rig: &mut Rig, raw: &mut Raw, amounts: &Amounts, round: usize) {
    let sql = "SELECT number || ' ' || requester_key, 0 FROM cases WHERE status <> 'resolved' AND number LIKE 'SCALE-%' \
               ORDER BY id LIMIT 2000";
    let open = raw.pairs(sql).await;
    assert!(!open.is_empty(), "some are open");
    let keys = super::rig::keys();
    let who: BTreeMap<String, usize> =
        (0..amounts.people).map(|n| (keys.lookup("address", &super::desk::requester(n)), n)).collect();
    for n in 0..amounts.mails {
        let serial = 10_000 + round * 100_000 + n;
        // Everybody writes once; where there are fewer than mails, the others are new.
        let place = round * amounts.mails + n;
        let from = if place < amounts.people { (place * 7919) % amounts.people } else { 1_000_000 + serial };
        let mail = match n % 10 {
            3 | 6 => {
                let (case, _) = &open[place % open.len()];
                let (number, key) = case.split_once(' ').expect("two words");
                who.get(key).map(|who| reply(*who, serial, number))
            }
            9 => Some(request(Kind::Incomplete, from, serial)),
            _ => Some(request(Kind::Complete, from, serial)),
        };
        rig.deliver(&mail.unwrap_or_else(|| request(Kind::Complete, FIRST, serial)));
    }
}

/// A message's way through: recorded, decided and committed, filed, answered.
pub async fn arrivals(rig: &mut Rig, url: &DatabaseUrl, amounts: &Amounts, figures: &mut Figures) {
    let mut raw = Raw::connect(url).await;
    for round in 0..amounts.rounds {
        rig.pass(SignedDuration::from_mins(1));
        deliver(rig, &mut raw, amounts, round).await;
        let [mut record, mut decide, mut file, mut answer] = [Cost::default(); 4];
        let desk = rig.worker.desks.get(DESK).expect("a desk");
        let (mut more, mut decided) = (true, 0);
        while more {
            more = costs!(record, rig.worker.receive_some(&mut rig.open).await.expect("received")).more;
            while let Some(judged) = costs!(decide, rig.worker.judge_some(&desk).await.expect("judged")) {
                decided += judged.len();
            }
            costs!(file, rig.worker.file(&mut rig.open).await.expect("filed"));
        }
        let sent = costs!(answer, rig.worker.dispatch().await.expect("sent")).sent;
        assert_eq!(decided, amounts.mails, "all are decided");
        let each = 1e6 / decided as f64;
        least(figures, "record, wall, µs a message", record.wall * each);
        least(figures, "record, CPU, µs a message", record.cpu * each);
        least(figures, "decide and commit, wall, µs a message", decide.wall * each);
        least(figures, "decide and commit, CPU, µs a message", decide.cpu * each);
        least(figures, "record to commit, wall, µs a message", (record.wall + decide.wall) * each);
        least(figures, "record to commit, CPU, µs a message", (record.cpu + decide.cpu) * each);
        least(
            figures,
            "record to commit, written, KB a message",
            (record.written + decide.written) / decided as f64 / 1e3,
        );
        least(figures, "file, wall, µs a message", file.wall * each);
        least(figures, "answer into a folder, wall, µs a mail", answer.wall * 1e6 / sent.max(1) as f64);
        least(figures, "answer into a folder, CPU, µs a mail", answer.cpu * 1e6 / sent.max(1) as f64);
    }
    raw.close().await;
}

/// What is asked again and again while nothing happens.
pub async fn idle(rig: &Rig, figures: &mut Figures) {
    let store = &rig.worker.store;
    for _ in 0..20 {
        let now = rig.clock.now();
        let holder = rig.worker.holder;
        let mut each: Vec<(&'static str, Cost)> = Vec::new();
        let mut note = |name, cost| each.push((name, cost));
        let mut cost = Cost::default();
        let handled = costs!(cost, rig.worker.tick().await.expect("a tick"));
        assert_eq!(handled, 0, "nothing is due");
        note("tick with nothing due, ms", cost);
        macro_rules! one {
            ($name:expr, $call:expr) => {{
                let mut cost = Cost::default();
                costs!(cost, $call.await.expect($name));
                note($name, cost);
            }};
        }
        one!("next due, ms", store.next_due(HANDLED));
        one!("a look at the outbox's figures, ms", figures_of(store, now));
        one!("mails to claim, ms", store.claim_mails(holder, 4, now, now));
        one!("messages to lease, ms", store.lease_messages(DESK, holder, 50, now, now));
        one!("next undecided, ms", store.next_undecided(DESK));
        one!("unfiled, ms", store.unfiled("box", 100));
        one!("recover, ms", rig.worker.recover());
        one!("leases of the dead, ms", store.end_leases_of_the_dead(now));
        one!("older cases to index, ms", store.index_older_cases(100));
        for (name, cost) in each {
            least(figures, name, cost.wall * 1e3);
        }
    }
}

async fn figures_of(store: &Store, now: jiff::Timestamp) -> mailclerk::store::Result<()> {
    let gate = store.outbox_gate(DESK, now).await?;
    store.outbox_figures(&gate, &Breaker::default(), now).await.map(drop)
}

/// So many updates fall due at the same instant: what deciding and what sending them takes.
pub async fn updates(rig: &mut Rig, url: &DatabaseUrl, amounts: &Amounts, figures: &mut Figures) {
    let mut raw = Raw::connect(url).await;
    rig.pass(SignedDuration::from_mins(90));
    let now = rig.clock.now();
    let due = if raw.is_postgres() {
        format!("TIMESTAMPTZ '{now}'")
    } else {
        format!("'{}'", now.strftime("%Y-%m-%dT%H:%M:%S.000000Z"))
    };
    raw.run(&format!(
        "UPDATE clocks SET due = {due} WHERE id IN (SELECT k.id FROM clocks k JOIN cases c ON c.id = k.of_id \
         WHERE k.kind = 'update' AND k.state = 'running' AND c.status = 'in_review' ORDER BY k.id LIMIT {})",
        amounts.updates
    ))
    .await;
    raw.close().await;
    let [mut tick, mut send] = [Cost::default(); 2];
    let handled = costs!(tick, rig.worker.tick().await.expect("a tick"));
    let sent = costs!(send, rig.worker.dispatch().await.expect("sent"));
    println!("    {handled} clocks handled, {} mails sent, {:?}", sent.sent, sent);
    let each = 1e6 / handled.max(1) as f64;
    least(figures, "updates at once: tick, wall, µs each", tick.wall * each);
    least(figures, "updates at once: tick, CPU, µs each", tick.cpu * each);
    least(figures, "updates at once: sending, wall, µs each", send.wall * each);
    least(figures, "updates at once: sending, CPU, µs each", send.cpu * each);
    least(figures, "updates at once: both, wall, µs each", (tick.wall + send.wall) * each);
}

/// The digest of the day before, first read and read again.
pub async fn digest(rig: &Rig, figures: &mut Figures) {
    let desk = rig.worker.desks.get(DESK).expect("a desk");
    let now = rig.clock.now();
    let told = desk.calendar.local(now).date().yesterday().expect("a day");
    for name in ["digest, first, ms", "digest, again, ms", "digest, again, ms"] {
        let mut cost = Cost::default();
        let mails = costs!(cost, rig.worker.digest_mails(&desk, told, now).await.expect("a digest"));
        assert!(!mails.is_empty(), "somebody gets one");
        least(figures, name, cost.wall * 1e3);
    }
}

/// The size of the database, and of each table with its indexes, in octets a case.
pub async fn size(url: &DatabaseUrl, cases: usize) -> Vec<(String, f64)> {
    let mut raw = Raw::connect(url).await;
    let sql = if raw.is_postgres() {
        "SELECT relname::text, pg_table_size(oid) FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
    } else {
        "SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"
    };
    let sizes = raw.pairs(sql).await;
    let mut each: Vec<(String, f64)> = sizes
        .into_iter()
        .map(|(name, size)| (name, size as f64 / cases as f64))
        .filter(|(_, size)| *size >= 1.0)
        .collect();
    each.sort_by(|one, other| other.1.total_cmp(&one.1));
    raw.close().await;
    each
}

//! How long one message takes from the server's EXISTS to the receipt that was accepted.

use super::backlog::{clerk, message};
use super::figures::Figures;
use super::sink::Sink;
use super::support::dovecot::Dovecot;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Messages that are timed.
const TIMED: usize = 200;
const PATIENCE: Duration = Duration::from_secs(120);

/// Nothing else to do.
pub fn on_a_quiet_machine(figures: &mut Figures) {
    let (dovecot, sink) = (Dovecot::start(), Sink::start());
    let listener = Listener::before(dovecot.imap);
    let clerk = clerk(listener.port, &sink, "none");
    let _worker = clerk.start(&["run"]);
    // The first tells that the worker is at work.
    dovecot.deliver(&message(&clerk.desk, 999_998));
    sink.answered("request.999998@example.org", PATIENCE).expect("an answer");
    let mut times = Vec::new();
    for n in 0..TIMED {
        let id = format!("request.{n}@example.org");
        let given = Instant::now();
        dovecot.deliver(&message(&clerk.desk, n));
        let told = listener.exists_after(given);
        let answered = sink.answered(&id, PATIENCE).expect("an answer");
        times.push(answered.saturating_duration_since(told));
    }
    report(figures, "latency", &mut times, ["10", "50"]);
}

/// A backlog is worked off meanwhile. The server pushes nothing to who works, so the time begins with the delivery.
pub fn beside_a_backlog(figures: &mut Figures, messages: usize) {
    let (dovecot, sink) = (Dovecot::start(), Sink::start());
    let clerk = clerk(dovecot.imap, &sink, "none");
    dovecot.fill((0..messages).map(|n| message(&clerk.desk, n)).collect::<Vec<_>>().into_iter());
    let mut client = dovecot.client();
    assert_eq!(client.uids("INBOX").len(), messages);
    let _worker = clerk.start(&["run"]);
    sink.wait_for(messages / 20, PATIENCE);
    let mut times = Vec::new();
    for n in 1_000_000.. {
        if sink.count() > messages * 9 / 10 || times.len() >= TIMED {
            break;
        }
        let told = Instant::now();
        dovecot.deliver(&message(&clerk.desk, n));
        let answered = sink.answered(&format!("request.{n}@example.org"), PATIENCE).expect("an answer");
        times.push(answered.saturating_duration_since(told));
    }
    report(figures, "latency beside a backlog", &mut times, ["", "250"]);
}

fn report(figures: &mut Figures, what: &str, times: &mut [Duration], asked: [&str; 2]) {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default().as_secs_f64() * 1000.0;
    figures.add(&format!("{what}: messages timed"), times.len() as f64, "", "");
    figures.add(&format!("{what}: median"), at(50), "ms", asked[0]);
    figures.add(&format!("{what}: 99th of a hundred"), at(99), "ms", asked[1]);
}

/// Stands between the worker and the server, to know when the server tells of a message.
struct Listener {
    port: u16,
    told: Arc<(Mutex<Vec<Instant>>, Condvar)>,
}

impl Listener {
    fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let told: Arc<(Mutex<Vec<Instant>>, Condvar)> = Arc::default();
        let noted = Arc::clone(&told);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", server)).expect("the server");
                let (mut from, mut to) = (client.try_clone().expect("cloned"), server.try_clone().expect("cloned"));
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                std::thread::spawn(move || pass(server, client, &noted));
            }
        });
        Self { port, told }
    }

    /// When the server first told of mail after `since`.
    fn exists_after(&self, since: Instant) -> Instant {
        let told = self.told.0.lock().expect("what was told");
        let lacks = |told: &mut Vec<Instant>| !told.iter().any(|at| *at >= since);
        let told = self.told.1.wait_timeout_while(told, PATIENCE, lacks).expect("what was told").0;
        told.iter().find(|at| **at >= since).copied().expect("the server told of it")
    }
}

/// Passes on what the server says, and notes each EXISTS.
fn pass(mut server: TcpStream, mut client: TcpStream, told: &(Mutex<Vec<Instant>>, Condvar)) {
    let mut octets = vec![0; 1 << 16];
    loop {
        let count = match server.read(&mut octets) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        let said = octets.get(..count).unwrap_or_default();
        if said.windows(7).any(|part| part == b" EXISTS") {
            told.0.lock().expect("what was told").push(Instant::now());
            told.1.notify_all();
        }
        if client.write_all(said).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}

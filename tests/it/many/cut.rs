//! A worker that is cut off from PostgreSQL, by a proxy of the test's own between both.

use super::{Team, TeamWorker};
use crate::support::clerk::{Clerk, wait_until};
use crate::support::smtp::{Act, At, FakeSmtp, Options};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What stands between a worker and the server. Cut, it keeps all connections and carries nothing.
struct Proxy {
    folder: TempDir,
    is_cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Proxy {
    /// Between whoever uses [`Proxy::url`] and the server behind the url `database`.
    fn start(database: &str) -> Self {
        let server = PathBuf::from(database.split("host=").nth(1).expect("a folder")).join(".s.PGSQL.5432");
        let folder = tempfile::Builder::new().prefix("proxy").tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let proxy = Self { folder, is_cut: Arc::default(), streams: Arc::default() };
        let (is_cut, streams) = (Arc::clone(&proxy.is_cut), Arc::clone(&proxy.streams));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(upstream)) = (client, UnixStream::connect(&server)) else { return };
                let copies = [client.try_clone(), upstream.try_clone()].map(|copy| copy.expect("a copy"));
                let [client_copy, upstream_copy] = copies;
                streams
                    .lock()
                    .expect("the streams")
                    .extend([client.try_clone().expect("a copy"), upstream.try_clone().expect("a copy")]);
                carry(client, upstream, &is_cut);
                carry(upstream_copy, client_copy, &is_cut);
            }
        });
        proxy
    }

    fn url(&self, database: &str) -> String {
        let (before, _) = database.split_once("host=").expect("a folder");
        format!("{before}host={}", self.folder.path().display())
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
    }

    /// Carries again; what was connected before is lost.
    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
        for stream in self.streams.lock().expect("the streams").drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// Carries octets in one direction until either side ends; what comes while it is cut is lost.
fn carry(mut from: UnixStream, mut to: UnixStream, is_cut: &Arc<AtomicBool>) {
    let is_cut = Arc::clone(is_cut);
    std::thread::spawn(move || {
        let mut octets = [0; 16 << 10];
        loop {
            match from.read(&mut octets) {
                Ok(0) | Err(_) if is_cut.load(Ordering::SeqCst) => return,
                Ok(0) | Err(_) => {
                    let _ = to.shutdown(std::net::Shutdown::Both);
                    return;
                }
                Ok(_) if is_cut.load(Ordering::SeqCst) => {}
                Ok(count) => {
                    if to.write_all(&octets[..count]).is_err() {
                        return;
                    }
                }
            }
        }
    });
}

fn worker_behind(team: &Team, proxy: &Proxy, name: &str) -> TeamWorker {
    team.worker_with(name, &[("MAILCLERK_DATABASE", &proxy.url(&team.database))])
}

#[test]
fn a_worker_that_is_cut_off_sends_nothing_and_another_takes_over() {
    let mut team = Team::new();
    let proxy = Proxy::start(&team.database);
    let mut cut = worker_behind(&team, &proxy, "cut");
    wait_until("it to read", || cut.reads());
    team.deliver(6);
    wait_until("all to be done", || team.is_done());
    let other = team.worker("other");
    proxy.cut();
    let (sent, taken) = (cut.count("mail sent"), team.smtp.taken().len());
    team.deliver(12);
    // The server ends what it does not hear of, and the lease runs out.
    wait_until("the other to read", || other.reads());
    wait_until("all to be done", || team.is_done());
    assert_eq!(cut.count("mail sent"), sent, "it sent on");
    assert_eq!(team.smtp.taken().len() - taken, other.count("mail sent"), "only the other sent");
    assert!(!cut.reads(), "it reads on");
    proxy.mend();
    wait_until("it to be back", || cut.log().contains("this worker is at work again"));
    assert!(cut.is_running());
    drop(other);
    team.deliver(6);
    wait_until("it to take over", || cut.reads());
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// It is cut off when the bodies are about to go out: without the commit there is no dot.
#[test]
fn without_the_commit_there_is_no_dot() {
    let cut_at = Arc::new(Mutex::new(None::<Arc<AtomicBool>>));
    let at = Arc::clone(&cut_at);
    let smtp = FakeSmtp::with(Options::default(), move |step| {
        if step.at == At::Data
            && let Some(cut) = at.lock().expect("the proxy").take()
        {
            cut.store(true, Ordering::SeqCst);
        }
        Act::Usual
    });
    let mut team = Team::with(smtp);
    let proxy = Proxy::start(&team.database);
    let cut = worker_behind(&team, &proxy, "cut");
    wait_until("it to read", || cut.reads());
    *cut_at.lock().expect("the proxy") = Some(Arc::clone(&proxy.is_cut));
    team.deliver(4);
    wait_until("it to be cut off", || proxy.is_cut.load(Ordering::SeqCst));
    let taken = team.smtp.taken().len();
    let other = team.worker("other");
    wait_until("all to be done", || team.is_done());
    assert_eq!(cut.count("mail sent"), taken, "what the server took before");
    assert!(other.count("mail sent") > 0);
    proxy.mend();
    wait_until("it to be back", || cut.log().contains("this worker is at work again"));
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// What starts workers may try again: it is no failure of theirs.
#[test]
fn a_command_without_its_database_ends_with_try_again() {
    let mut clerk = Clerk::on_folders();
    let nowhere = clerk.path("nowhere");
    clerk.keep_in(&format!("postgres://nobody@localhost/none?host={}", nowhere.display()));
    for arguments in [&["run"][..], &["run", "--once"], &["cases"]] {
        let ended = clerk.end_of(arguments);
        assert_eq!(ended.status.code(), Some(75), "{arguments:?}: {}", ended.log);
    }
}

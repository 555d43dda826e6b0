//! Several workers on one mailbox: one reads, all work, and another takes over.

use super::{Team, TeamWorker};
use crate::support::clerk::{Clerk, wait_until};
use crate::support::requests::{Fate, Request, request, violations};
use crate::support::smtp::{Act, At, FakeSmtp, Options};
use std::time::Duration;

/// How long the server thinks about each mail.
const DOT: Duration = Duration::from_millis(150);

fn reader(workers: &[TeamWorker]) -> Option<&TeamWorker> {
    let mut readers = workers.iter().filter(|worker| worker.reads());
    let first = readers.next();
    assert!(readers.next().is_none(), "two workers read one mailbox");
    first
}

fn many_work_on_one_mailbox(count: usize) {
    // Slow enough that who looks every few seconds finds something left to send.
    let smtp = FakeSmtp::with(Options::default(), |step| {
        if step.at == At::Dot {
            std::thread::sleep(DOT);
        }
        Act::Usual
    });
    let mut team = Team::with(smtp);
    let before = team.fence();
    let mut workers: Vec<_> = (0..count).map(|n| team.worker(&n.to_string())).collect();
    wait_until("one to read", || reader(&workers).is_some());
    let senders = || workers.iter().filter(|worker| worker.count("mail sent") > 0).count();
    while senders() < 2 {
        team.deliver(60);
        wait_until("all to be done", || team.is_done());
    }
    assert_eq!(team.fence(), before + 1, "nobody took it over");
    assert!(team.most_sessions() <= 1, "two sessions at once:\n{}", team.dovecot.log());
    for worker in &mut workers {
        assert_eq!(worker.stop_cleanly().code(), Some(0), "{}", worker.log());
    }
    assert_eq!(team.wrong(), Vec::<String>::new());
}

#[test]
fn two_workers_on_one_mailbox() {
    many_work_on_one_mailbox(2);
}

#[test]
fn five_workers_on_one_mailbox() {
    many_work_on_one_mailbox(5);
}

#[test]
fn when_the_reader_is_killed_another_takes_over() {
    let mut team = Team::new();
    let mut workers = vec![team.worker("a"), team.worker("b")];
    wait_until("one to read", || reader(&workers).is_some());
    for round in 0..3 {
        team.deliver(10);
        let fence = team.fence();
        let at = workers.iter().position(TeamWorker::reads).expect("one reads");
        workers.remove(at).kill();
        wait_until("another to read", || team.fence() > fence && workers.iter().any(TeamWorker::reads));
        workers.push(team.worker(&format!("c{round}")));
    }
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.wrong(), Vec::<String>::new());
}

#[test]
fn a_reader_that_is_told_to_stop_gives_the_mailbox_back() {
    let mut team = Team::new();
    let mut first = team.worker("first");
    wait_until("it to read", || first.reads());
    let second = team.worker("second");
    team.deliver(5);
    assert_eq!(first.stop_cleanly().code(), Some(0), "{}", first.log());
    let free = team.sql("SELECT holder::text FROM mailbox_readers").into_iter().flatten().count();
    assert!(free == 0 || second.reads(), "the lease was not given back");
    wait_until("the other to read", || second.reads());
    team.deliver(5);
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// Several processes on one SQLite file, a Maildir and a folder.
#[test]
fn two_processes_on_one_sqlite_file() {
    let clerk = Clerk::on_folders();
    let mut requests: Vec<Request> = Vec::new();
    let mut deliver = |count: usize| {
        for _ in 0..count {
            let one = request(&clerk.desk, requests.len());
            clerk.deliver(&one.id, &one.raw);
            requests.push(one);
        }
        requests.iter().filter(|one| one.fate != Fate::Ignored).count()
    };
    let mut first = clerk.start(&["run"]);
    first.wait_for_log("this worker reads the mailbox", 1);
    let mut second = clerk.start(&["run"]);
    let answers = deliver(12);
    second.wait_until("all to be answered", |_| clerk.written().len() == answers && clerk.count("") == 0);
    first.kill();
    let answers = deliver(12);
    second.wait_until("all to be answered", |_| clerk.written().len() == answers && clerk.count("") == 0);
    // The first may have died between a mail's name and the note of it: that is looked after within seconds, and a folder
    // shows for certain what has left.
    second.wait_until("what the dead one had in hands to be settled", |_| clerk.list(&["outbox"]).is_empty());
    assert_eq!(second.terminate().code(), Some(0), "{}", second.log());
    let wrong = violations(&clerk, &requests, &clerk.written(), clerk.count(""), |folder| clerk.count(folder));
    assert_eq!(wrong, Vec::<String>::new());
}

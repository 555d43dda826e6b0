//! The worker is killed at random moments, as `kill -9` does, and started again, for as often as `MAILCLERK_KILLS`
//! says (40 unless it does; 10 where PostgreSQL keeps what is kept). In the end every mail has one case at most, one reply at most, and nothing is lost.
//!
//! `MAILCLERK_KILLS_SEED` repeats the moments of an earlier run, as far as the machine lets it.

use super::support::clerk::{Clerk, was_ended_by};
use super::support::dovecot::Dovecot;
use super::support::postgres::new_database_url;
use super::support::requests::{Fate, Request, request, request_of, violations};
use super::support::smtp::FakeSmtp;
use std::time::{Duration, Instant};

/// Mails that are there at the start; more come with every kill.
const AT_FIRST: usize = 30;
/// Mails that come before each start.
const EACH_TIME: usize = 2;
const SIGKILL: i32 = 9;

/// How often the worker is killed, where nobody says.
const KILLS: usize = 40;
/// The same where each kill costs more time.
const FEW_KILLS: usize = 10;

fn kills(unless_told: usize) -> usize {
    std::env::var("MAILCLERK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(unless_told)
}

/// A small generator (splitmix64), so that a run can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let given = std::env::var("MAILCLERK_KILLS_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
        println!("MAILCLERK_KILLS_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end.max(1)
    }
}

/// Kills the worker again and again while mail comes in, then lets it finish. Gives what was delivered.
fn kill_at_random(clerk: &Clerk, kills: usize, mut deliver: impl FnMut(&Request)) -> Vec<Request> {
    let mut dice = Dice::new();
    let mut requests = Vec::new();
    let mut more = |count: usize| {
        for _ in 0..count {
            let one = request(&clerk.desk, requests.len());
            deliver(&one);
            requests.push(one);
        }
    };
    // How long an undisturbed run takes here says in which time the kills should fall.
    more(4);
    let begun = Instant::now();
    clerk.once();
    let usual = begun.elapsed();
    more(AT_FIRST);
    let (mut killed, mut ended) = (0, 0);
    while killed < kills {
        more(EACH_TIME);
        let arguments: &[&str] = if dice.below(2) == 0 { &["run", "--once"] } else { &["run"] };
        let mut worker = clerk.start(arguments);
        // Most kills fall while it works: it shows its presence when it has made ready.
        if dice.below(8) != 0 {
            worker.wait_for_presence(clerk);
        }
        let moment = Duration::from_micros(dice.below(u64::try_from(usual.as_micros()).expect("a short time")));
        match worker.ends_within(moment) {
            Some(status) => {
                // Only `--once` ends by itself, and only when all is done.
                assert!(
                    status.success() && arguments.len() == 2,
                    "{arguments:?} ended with {status}: {}",
                    worker.log()
                );
                ended += 1;
            }
            None => {
                if was_ended_by(worker.kill(), SIGKILL) {
                    killed += 1;
                }
            }
        }
    }
    println!("{killed} kills, {ended} runs that ended before theirs, {} mails, usual run {usual:?}", requests.len());
    clerk.once();
    clerk.once();
    requests
}

#[test]
fn killed_on_maildir_and_folder_nothing_is_lost_or_answered_twice() {
    let clerk = Clerk::on_folders();
    let requests = kill_at_random(&clerk, kills(KILLS), |one| clerk.deliver(&one.id, &one.raw));
    let wrong = violations(&clerk, &requests, &clerk.written(), clerk.count(""), |folder| clerk.count(folder));
    assert_eq!(wrong, Vec::<String>::new());
    println!("{} of {} mails are listed as of unknown fate", clerk.list(&["outbox"]).len(), requests.len());
}

#[test]
fn killed_on_imap_and_smtp_nothing_is_lost_or_answered_twice() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    nothing_is_lost_or_answered_twice(&clerk, &dovecot, &smtp, kills(KILLS));
}

/// Mail is read ahead of the cursor in a storm: what was, and what was not, must both be known after a kill.
#[test]
fn killed_in_a_storm_nothing_is_lost_or_answered_twice() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let storm = (0..240).map(|n| {
        let mut one = request_of(&clerk.desk, 100_000 + n, Fate::Ignored);
        let text = String::from_utf8(one.raw).expect("a text").replace(&one.sender, "storm@example.org");
        one.raw = text.into_bytes();
        one
    });
    let storm: Vec<_> = storm.collect();
    storm.iter().for_each(|one| dovecot.deliver(&one.raw));
    let mut requests = kill_at_random(&clerk, kills(FEW_KILLS), |one| dovecot.deliver(&one.raw));
    requests.extend(storm);
    assert_all_is_well(&clerk, &dovecot, &smtp, &requests);
}

#[test]
fn killed_on_postgresql_nothing_is_lost_or_answered_twice() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    clerk.keep_in(&new_database_url());
    nothing_is_lost_or_answered_twice(&clerk, &dovecot, &smtp, kills(FEW_KILLS));
}

fn nothing_is_lost_or_answered_twice(clerk: &Clerk, dovecot: &Dovecot, smtp: &FakeSmtp, kills: usize) {
    let requests = kill_at_random(clerk, kills, |one| dovecot.deliver(&one.raw));
    assert_all_is_well(clerk, dovecot, smtp, &requests);
}

fn assert_all_is_well(clerk: &Clerk, dovecot: &Dovecot, smtp: &FakeSmtp, requests: &[Request]) {
    let replies: Vec<_> = smtp.taken().into_iter().map(|mail| mail.bytes).collect();
    let mut client = dovecot.client();
    let folders = client.ok("LIST \"\" *");
    let left = client.uids("INBOX").len();
    let wrong = violations(clerk, requests, &replies, left, |folder| {
        if folders.contains(folder) { client.uids(folder).len() } else { 0 }
    });
    assert_eq!(wrong, Vec::<String>::new());
    println!("{} of {} mails are listed as of unknown fate", clerk.list(&["outbox"]).len(), requests.len());
}

//! Proof under fire: workers are killed, frozen and cut off at random while mail arrives, and an oracle that reads only
//! outside evidence says whether anything was lost, doubled, forgotten or told to the wrong ones.
//!
//! `bash tests/fire` runs it; tests/under_fire/README.md says what it does and how to read a failure.

mod bugs;
mod clock;
mod database;
mod dice;
mod disk;
mod house;
mod mails;
mod network;
mod oracle;
mod postgres_server;
mod proxy;
mod smtp_server;
mod storm;
mod watch;
mod worker;

#[path = "../it/support/certificates.rs"]
#[allow(dead_code, reason = "shared with other tests, which need more of it")]
mod certificates;
#[path = "../it/support/dovecot.rs"]
#[allow(dead_code, reason = "shared with other tests, which need more of it")]
mod dovecot;
#[path = "../it/support/raw_imap.rs"]
#[allow(dead_code, reason = "shared with other tests, which need more of it")]
mod raw_imap;

use dice::Dice;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use storm::{Base, Favour, Scene};

/// How many workers are killed where nobody says.
const KILLS: usize = 300;
/// The most kills of one storm: then all begins anew, with an empty database.
const A_STORM: usize = 75;

/// What it is asked.
#[derive(Debug, clap::Parser)]
#[command(about = "Kills, freezes and cuts off workers at random, and looks what came of it")]
struct Arguments {
    /// How many workers are killed, in all storms together
    #[arg(long, default_value_t = KILLS)]
    kills: usize,
    /// Repeats the plan of an earlier run, as far as the machine lets it
    #[arg(long)]
    seed: Option<u64>,
    /// Ends after so many minutes, whatever was killed by then; with it, kills are not counted unless they are named
    #[arg(long)]
    minutes: Option<u64>,
    /// Only this storm of the run
    #[arg(long)]
    storm: Option<usize>,
    /// Only storms of this many workers
    #[arg(long)]
    workers: Option<usize>,
    /// Only storms on this database: sqlite or postgres
    #[arg(long)]
    database: Option<String>,
    /// Proves that each seeded bug is caught; with a name, only that one
    #[arg(long, num_args = 0..=1, default_missing_value = "all")]
    bugs: Option<String>,
}

fn main() -> ExitCode {
    let arguments = <Arguments as clap::Parser>::parse();
    let seed = arguments.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 16);
    println!("seed {seed}: `bash tests/fire --seed {seed}` repeats this plan");
    say_what_is_left_out();
    let is_well = match &arguments.bugs {
        Some(name) => bugs::all_are_caught(seed, name),
        None => storms(&arguments, seed),
    };
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say_what_is_left_out() {
    if !network::is_ours() {
        println!("left out: taking the whole network away (no network namespace may be made here)");
    }
    if std::env::var_os("FIRE_MOUNT").is_none() {
        println!("left out: a full disk (nothing may be mounted here)");
    }
}

/// The storms in turn: (database, workers, its share of the kills).
const TURNS: [(Base, usize); 4] = [(Base::Sqlite, 1), (Base::Postgres, 3), (Base::Postgres, 1), (Base::Postgres, 5)];

/// What storms have much of, and how often.
const FAVOURS: [(u64, Option<Favour>); 5] = [
    (5, None),
    (2, Some(Favour::Mornings)),
    (1, Some(Favour::Deferrals)),
    (1, Some(Favour::Twins)),
    (1, Some(Favour::StillClock)),
];

fn storms(arguments: &Arguments, seed: u64) -> bool {
    let begun = Instant::now();
    let until = arguments.minutes.map(|minutes| begun + Duration::from_secs(minutes * 60));
    let dice = Dice::new(seed);
    let (mut killed, mut failed) = (0, Vec::new());
    // Each storm has a seed of its own, so that one is run without those before it.
    let before = arguments.storm.map_or(0, |only| only.saturating_sub(1));
    let mut number = before;
    while killed < arguments.kills && until.is_none_or(|until| Instant::now() < until) {
        let (base, workers) = TURNS[number % TURNS.len()];
        let base = match arguments.database.as_deref() {
            Some("sqlite") => Base::Sqlite,
            Some(_) => Base::Postgres,
            None if arguments.workers.is_some_and(|workers| workers > 1) => Base::Postgres,
            None => base,
        };
        let workers = arguments.workers.unwrap_or(workers);
        let storm_seed = dice.part(&format!("storm {number}")).bits();
        let kills = A_STORM.min(arguments.kills - killed);
        let favours = dice.part(&format!("favours {number}")).weighted(&FAVOURS);
        let scene = Scene { seed: storm_seed, base, workers, kills, until, favours, bug: None };
        number += 1;
        let outcome = storm::run(&scene);
        killed += outcome.kills;
        let storm::Outcome { kills, stops, freezes, others, mails: (came, left), uncertain, took, violations, kept } =
            outcome;
        println!(
            "storm {number} ({}): {kills} kills, {stops} stops at points, {freezes} freezes, {others} other faults; \
             {came} mails came, {left} left, {uncertain} of unknown fate; storm {:.0} s, calm {:.0} s: {}",
            scene.name(),
            took.0.as_secs_f64(),
            took.1.as_secs_f64(),
            if violations.is_empty() { "all is well".to_owned() } else { format!("{} VIOLATIONS", violations.len()) }
        );
        if !violations.is_empty() {
            for violation in &violations {
                println!("  violated: {violation}");
            }
            let kept = kept.map(|path| path.display().to_string()).unwrap_or_default();
            println!("  again: `bash tests/fire --seed {seed} --storm {number}{}`; kept in {kept}", choice(arguments));
            failed.push(number);
        }
        if arguments.storm.is_some() {
            break;
        }
    }
    println!(
        "{killed} kills in {} storms and {:.0} s, seed {seed}: {}",
        number - before,
        begun.elapsed().as_secs_f64(),
        if failed.is_empty() { "nothing was violated".to_owned() } else { format!("FAILED in storms {failed:?}") }
    );
    failed.is_empty()
}

/// What was chosen of the storms, to be chosen again.
fn choice(arguments: &Arguments) -> String {
    let workers = arguments.workers.map(|workers| format!(" --workers {workers}")).unwrap_or_default();
    let database = arguments.database.as_ref().map(|database| format!(" --database {database}")).unwrap_or_default();
    workers + &database
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

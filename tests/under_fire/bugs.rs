//! Bugs on purpose, each a realistic wrong order or omission: the oracle must catch every one.

use crate::dice::Dice;
use crate::storm::{self, Base, Bug, Favour, Scene};
use std::time::Instant;

/// A bug, and the storm that is to show it.
struct Seeded {
    bug: Bug,
    /// Words of the violation that it must lead to: to be caught for another reason is luck.
    shows: &'static str,
    base: Base,
    workers: usize,
    favours: Option<Favour>,
}

const fn one(name: &'static str, shows: &'static str, points: &'static [&'static str]) -> Seeded {
    Seeded {
        bug: Bug { name, points, freezes: &[], sleeps: false },
        shows,
        base: Base::Sqlite,
        workers: 1,
        favours: None,
    }
}

const fn much(name: &'static str, shows: &'static str, points: &'static [&'static str], favour: Favour) -> Seeded {
    let bug = Bug { name, points, freezes: &[], sleeps: false };
    Seeded { bug, shows, base: Base::Sqlite, workers: 1, favours: Some(favour) }
}

const fn several(
    name: &'static str,
    shows: &'static str,
    points: &'static [&'static str],
    freezes: &'static [&'static str],
) -> Seeded {
    let bug = Bug { name, points, freezes, sleeps: false };
    Seeded { bug, shows, base: Base::Postgres, workers: 3, favours: Some(Favour::Twins) }
}

/// What shows only when a worker wakes after others have taken over what it had.
const fn asleep(name: &'static str, shows: &'static str, freezes: &'static [&'static str]) -> Seeded {
    let bug = Bug { name, points: &[], freezes, sleeps: true };
    Seeded { bug, shows, base: Base::Postgres, workers: 3, favours: None }
}

/// Those that show within seconds, for each change.
const QUICK: [&str; 7] = [
    "send_before_record",
    "committing_not_written",
    "sent_before_answer",
    "moved_before_kept",
    "raw_not_kept",
    "audit_outside_transaction",
    "lane_order_ignored",
];

/// All of them. (`lease_ignored` and `fence_ignored` are not: whatever two workers do at once, mostly a later step refuses
/// what the other has done. tests/it/many catches the first.)
const ALL: [Seeded; 17] = [
    one("send_before_record", " times", &["finished", "committing"]),
    one("committing_not_written", " times", &["finished"]),
    one("sent_before_answer", "the way out has not taken it", &["noted_as_sent"]),
    one("uncertain_sent_again", " times", &["finished"]),
    one("requeue_all_on_start", " times", &["finished", "committing"]),
    much("dated_when_sent", "copies differ", &["finished"], Favour::Mornings),
    much("lane_order_ignored", "which stands before it", &[], Favour::Deferrals),
    one("cursor_before_commit", "in the inbox", &["cursor_moved"]),
    one("moved_before_kept", "0 rows for", &["moved_too_early"]),
    one("filed_before_moved", "in the inbox", &["noted_as_filed"]),
    one("raw_not_kept", "has no bytes", &[]),
    one("duplicate_not_seen", "stands in", &[]),
    several("stale_commit_written", "has 2 cases", &[], &["decided"]),
    asleep("claim_unfenced", " times", &["begun"]),
    one("audit_outside_transaction", "without an audit row", &["audit_apart"]),
    much("tick_twice", "clocks", &["clock_not_ended"], Favour::Mornings),
    much("dead_not_looked_for", "never became quiet", &["claimed", "leased"], Favour::StillClock),
];

/// The most kills before a bug counts as missed.
const KILLS: usize = 12;
/// How often a bug is tried with another plan.
const TRIES: u64 = 3;

/// Whether the oracle catches every one, or the one of that name.
pub fn all_are_caught(seed: u64, name: &str) -> bool {
    let mut missed = Vec::new();
    let begun = Instant::now();
    for seeded in ALL.iter().filter(|seeded| {
        name == "all" || seeded.bug.name == name || (name == "quick" && QUICK.contains(&seeded.bug.name))
    }) {
        let started = Instant::now();
        let mut caught = None;
        let mut kills = 0;
        for attempt in 0..TRIES {
            let seed = Dice::new(seed).part(&format!("{} {attempt}", seeded.bug.name)).bits();
            let Seeded { bug, base, workers, favours, .. } = *seeded;
            let scene = Scene { seed, base, workers, kills: KILLS, until: None, favours, bug: Some(bug) };
            let outcome = storm::run(&scene);
            kills += outcome.kills + outcome.stops;
            caught = outcome.violations.into_iter().find(|violation| violation.contains(seeded.shows));
            if caught.is_some() {
                break;
            }
        }
        let said = caught.clone().unwrap_or_else(|| "MISSED".to_owned());
        let said: String = said.chars().take(160).collect();
        println!("{:26} {kills:3} kills {:4.0} s  {said}", seeded.bug.name, started.elapsed().as_secs_f64());
        if caught.is_none() {
            missed.push(seeded.bug.name);
        }
    }
    let verdict = if missed.is_empty() { "every bug was caught".to_owned() } else { format!("MISSED: {missed:?}") };
    println!("seeded bugs in {:.0} s: {verdict}", begun.elapsed().as_secs_f64());
    missed.is_empty()
}

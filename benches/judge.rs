//! How long one message takes from its bytes to its decision and reply, over the desk's fixtures, the public mail of
//! `MAILCLERK_CORPUS` and mail made to be slow: `cargo bench --bench judge` prints median, p99 and the slowest.
//!
//! A figure is the best of three runs: what else the machine does is not the message's.

use mailclerk::cli::explain::explain;
use mailclerk::desk::{Desk, shipped};
use mailclerk::settings::Trust;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use walkdir::WalkDir;

#[path = "judge/hostile.rs"]
mod hostile;

fn main() {
    let desks = shipped::all().expect("the shipped desks load");
    let desk = desks.values().next().expect("there is a desk");
    let fixtures = mail_under(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    let first = fixtures.first().expect("there are fixtures");
    println!("first message, with all that is prepared once: {:?}", judge(desk, &first.1, 1));
    report("fixtures", desk, fixtures);
    match std::env::var_os("MAILCLERK_CORPUS") {
        Some(folder) => report("public mail", desk, mail_under(&PathBuf::from(folder))),
        None => println!("public mail: skipped, MAILCLERK_CORPUS is not set"),
    }
    report("hostile", desk, hostile::mails());
}

/// Every mail under `folder`, with its name.
fn mail_under(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let mails = files.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml"));
    mails
        .filter_map(|entry| Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?)))
        .collect()
}

fn judge(desk: &Desk, mail: &[u8], runs: usize) -> Duration {
    let now = "2026-11-18T15:00:00Z".parse().expect("an instant");
    let once = || {
        let start = Instant::now();
        std::hint::black_box(explain(desk, mail, &Trust::None, true, now).expect("every mail can be explained"));
        start.elapsed()
    };
    (0..runs).map(|_| once()).min().unwrap_or_default()
}

fn report(what: &str, desk: &Desk, mails: Vec<(String, Vec<u8>)>) {
    let mut times: Vec<(Duration, String)> =
        mails.into_iter().map(|(name, mail)| (judge(desk, &mail, 3), name)).collect();
    times.sort();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).map(|t| t.0);
    println!("{what}: {} messages, median {:.2?}, p99 {:.2?}", times.len(), at(50), at(99));
    for (time, name) in times.iter().rev().take(if what == "hostile" { 40 } else { 5 }) {
        println!("    {time:>10.2?} {name}");
    }
}

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
    report("hostile", desk, hostile());
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

/// A megabyte of what is dear to read.
fn hostile() -> Vec<(String, Vec<u8>)> {
    const SIZE: usize = 1 << 20;
    let plain = |name: &str, unit: &str| {
        let body = unit.repeat(SIZE / unit.len());
        (name.to_owned(), mail("text/plain", "Smith, Jane Medicare", &body))
    };
    let html = |name: &str, open: &str, unit: &str, times: usize| {
        let body = format!("<html><body>{open}{}</body></html>", unit.repeat(times));
        (name.to_owned(), mail("text/html", "Smith, Jane Medicare", &body))
    };
    let words = "Smith, Jane Medicare HumanaOne, ".repeat(SIZE / 32);
    vec![
        plain("quote headers", "On Mon, Nov 16, 2026 at 9:00 AM Jane <jane@example.org> wrote:\r\n"),
        plain("wrapped quote headers", "On Mon, Nov 16, 2026 at 9:00 AM\r\nJane Doe <jane@example.org>\r\nwrote:\r\n"),
        plain("header blocks", "From: Jane\r\nSent: Monday\r\nTo: Joe\r\nSubject: x\r\n\r\n"),
        plain("header blocks without end", "From: Jane\r\n"),
        plain("dividing lines", "-----Original Message-----\r\nFrom: Jane\r\n"),
        plain("forwarded marks", "---------- Forwarded message ---------\r\nFrom: Jane\r\nSubject: x\r\n\r\n"),
        plain("quote marks", "> > > >\r\n"),
        plain("deep quote marks", ">"),
        plain("unknown labels", "Label: \r\n"),
        plain("member blocks", "Member Name: Jane Smith\r\nMember ID: H12345678\r\n"),
        plain("labels in one line", "Agent Name: x "),
        plain("labels with brackets", "Agent Name: ("),
        plain("labels with typos", "Agnet Nmae: x\r\n"),
        plain("summaries", "Summary: she needs her card\r\n"),
        plain("sign-offs", "Thanks,\r\nJane Doe\r\n\r\n"),
        plain("signature delimiters", "-- \r\nJane\r\n"),
        plain("lines of contact", "Jane Doe\r\n(555) 010-0199\r\njane@example.org\r\n\r\n"),
        plain("topic words", "I need my commission on the Medicaid plan, please fix AOR. "),
        plain("one long word", "a"),
        plain("one long sentence", "needs her commission and "),
        plain("urgent words", "surgery tomorrow at the pharmacy "),
        plain("ids", "Jane Smith H12345678 also "),
        plain("table bars", "Agent Name | x | "),
        plain("blank lines", "\r\n"),
        ("long subject".to_owned(), mail("text/plain", &words, "Agent Name: x")),
        html("table of 50000 rows", "<table>", "<tr><td>Agent Name:</td><td>Jane</td></tr>", 50_000),
        html("nested tables", "", "<table><tr><td>", 50_000),
        html("nested blocks", "", "<div><blockquote>", 60_000),
        html("breaks", "", "<br>", 250_000),
        html("tags that do not end", "", "<a <b ", 170_000),
    ]
}

fn mail(kind: &str, subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: Jane Doe <jane@example.org>\r\nTo: desk@example.com\r\nSubject: {subject}\r\nMessage-ID: <1@example.org>\r\n\
         MIME-Version: 1.0\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}

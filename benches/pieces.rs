//! What each piece of a message's way costs by itself, without a database: reading its bytes, finding what to look up,
//! deciding, writing the effects with the reply's words, and writing the reply's octets.
//!
//! `cargo bench --bench pieces` runs over the fixtures of all desks and the public mail of `MAILCLERK_CORPUS`. A figure is the best
//! of several runs over one message, in nanoseconds of one processor; `--json FILE` or `MAILCLERK_PIECES_JSON` writes them.

use mailclerk::case::standing::Standing;
use mailclerk::desk::{Desk, shipped};
use mailclerk::effects::OutgoingMail;
use mailclerk::effects::of_message::{MessageTrigger, of_message};
use mailclerk::intake::decide::{Context, Judgement, decide};
use mailclerk::intake::lookups::lookups;
use mailclerk::message::Message;
use mailclerk::settings::Trust;
use mailclerk::transport::{Contents, Prepared};
use mailclerk::words::chance::Chance;
use mailclerk::words::keys::Keys;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;
use walkdir::WalkDir;

/// Runs over each message.
const RUNS: usize = 7;
/// The pieces, in their order.
const PIECES: [&str; 5] = ["parse", "look up", "decide", "effects and reply", "render"];

fn main() {
    let desks = shipped::all().expect("the shipped desks load");
    let mut rows = Vec::new();
    println!("| mail | piece | messages | median | mean | p99 |\n| --- | --- | ---: | ---: | ---: | ---: |");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all: [Vec<u128>; 5] = Default::default();
    for (id, desk) in &desks {
        for mail in mail_under(&fixtures.join(id)) {
            measure(desk, &mail, &mut all);
        }
    }
    tell("fixtures", &mut all, &mut rows);
    match std::env::var_os("MAILCLERK_CORPUS") {
        Some(folder) => {
            let desk = desks.values().next().expect("there is a desk");
            let mut all: [Vec<u128>; 5] = Default::default();
            mail_under(Path::new(&folder)).iter().for_each(|mail| measure(desk, mail, &mut all));
            tell("public mail", &mut all, &mut rows);
        }
        None => println!("public mail: skipped, MAILCLERK_CORPUS is not set"),
    }
    let json = serde_json::json!({ "bench": "pieces", "unit": "ns a message", "figures": rows }).to_string();
    let file = std::env::args().skip_while(|argument| argument != "--json").nth(1);
    match file.or_else(|| std::env::var("MAILCLERK_PIECES_JSON").ok()) {
        Some(file) => std::fs::write(file, json).expect("the JSON is written"),
        None => println!("\n{json}"),
    }
}

/// Every mail under `folder`.
fn mail_under(folder: &Path) -> Vec<Vec<u8>> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let mails = files.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml"));
    mails.filter_map(|entry| std::fs::read(entry.path()).ok()).collect()
}

/// The best of several runs of `what`; what comes before it is prepared anew each time.
fn best<T>(mut what: impl FnMut() -> T) -> (T, Duration) {
    let mut outcome = None;
    let mut least = Duration::MAX;
    for _ in 0..RUNS {
        let begin = Instant::now();
        let one = black_box(what());
        least = least.min(begin.elapsed());
        outcome = Some(one);
    }
    (outcome.expect("it ran"), least)
}

fn measure(desk: &Desk, raw: &[u8], all: &mut [Vec<u128>; 5]) {
    let now = "2026-11-18T15:00:00Z".parse().expect("an instant");
    let keys = Keys::derive(&[0; 32]);
    let standing = Standing::default();
    let context = Context { standing: &standing, trust: &Trust::None, keys: &keys, now, model: true };
    let (message, parse) = best(|| Message::read(raw));
    let (_, look) = best(|| lookups(desk, &keys, &message, Uuid::nil()));
    let (judgement, decided) = best(|| decide(desk, &message, &context));
    let (mails, written) = best(|| mails(desk, &keys, &message, &judgement, &standing, now));
    all[0].push(parse.as_nanos());
    all[1].push(look.as_nanos());
    all[2].push(decided.as_nanos());
    all[3].push(written.as_nanos());
    if let Some(reply) = mails.iter().find(|mail| mail.replies_to.is_some()) {
        let (_, rendered) = best(|| Prepared::new(reply, &Contents::new()));
        all[4].push(rendered.as_nanos());
    }
}

fn mails(
    desk: &Desk,
    keys: &Keys,
    message: &Message,
    judgement: &Judgement,
    standing: &Standing,
    now: jiff::Timestamp,
) -> Vec<OutgoingMail> {
    let number = judgement.needs_number(desk, standing).then(|| desk.numbering.number(100_001, desk.day(now)));
    let trigger = MessageTrigger {
        desk,
        keys,
        message,
        row: Uuid::nil(),
        arrived: now,
        judgement,
        standing,
        releases_held: false,
        overrules: None,
        words: None,
        staff: None,
        reported_before: None,
        now,
    };
    of_message(&trigger, number, &mut Chance::from_seed([0; 32])).expect("it can be written").mails
}

fn tell(what: &str, all: &mut [Vec<u128>; 5], rows: &mut Vec<serde_json::Value>) {
    for (piece, times) in PIECES.iter().zip(all.iter_mut()) {
        if times.is_empty() {
            continue;
        }
        times.sort_unstable();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
        let mean = times.iter().sum::<u128>() / times.len() as u128;
        println!("| {what} | {piece} | {} | {} ns | {mean} ns | {} ns |", times.len(), at(50), at(99));
        let figures = BTreeMap::from([("median", at(50)), ("mean", mean), ("p99", at(99))]);
        rows.push(serde_json::json!({ "mail": what, "piece": piece, "messages": times.len(), "ns": figures }));
    }
}

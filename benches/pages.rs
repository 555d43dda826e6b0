//! How long each page of the console takes with many cases: `cargo bench --bench pages`.
//!
//! Prints the median and the 95th percentile of each page, over the whole router with session, templates and database,
//! and how they compare with a desk of a hundredth of the cases. `MAILCLERK_PAGES_CASES` sets how many there are
//! (100,000), `MAILCLERK_PAGES_ROUNDS` how often each page is asked for (30). It measures and judges nothing.

#[path = "pages/many.rs"]
mod many;
#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code)] // The tests use more of it.
mod support;
#[allow(dead_code, unused_imports)] // As above.
#[path = "."]
mod web {
    #[path = "../tests/it/web/support/mod.rs"]
    pub mod support;
}

use mailclerk::desk::Role;
use mailclerk::desk::access::AccountRole;
use many::{Dialect, Many};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::time::{Duration, Instant};
use web::support::House;

fn from_environment(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A site with so many cases besides one real one, whose number it gives.
async fn filled(cases: usize) -> (House, String) {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    let desk = house.desk.clone();
    let staff = desk.staff.iter().filter(|staff| staff.role == Role::Specialist);
    let many = Many {
        dialect: Dialect::Sqlite,
        cases,
        desk: &desk.id,
        lines: [&desk.lines[0].id.0, desk.lines.last().map_or("", |line| &line.id.0)],
        specialists: staff.map(|staff| house.store.account_key(&staff.email)).collect(),
        now: "2026-11-23 15:00:00",
        keys: house.store.keys(),
    };
    let url = format!("sqlite:{}", house.path().join("house.db").display());
    let mut connection = SqliteConnection::connect(&url).await.expect("the database");
    sqlx::query("PRAGMA synchronous = OFF").execute(&mut connection).await.expect("a setting");
    for statement in many.statements() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("written");
    }
    (house, number)
}

/// The pages, by what stands in the table.
fn pages(house: &House, number: &str) -> Vec<(&'static str, String)> {
    let desk = &house.desk.id;
    vec![
        ("today", "/".into()),
        ("queue, open", "/queue".into()),
        ("queue, overdue", "/queue?due=overdue".into()),
        ("queue, a line", format!("/queue?line={}", house.desk.lines[0].id)),
        ("queue, mine", "/queue?who=me".into()),
        ("queue, nobody's", "/queue?who=nobody".into()),
        ("queue, all, newest", "/queue?status=all&order=newest".into()),
        ("queue, oldest open", "/queue?order=oldest".into()),
        ("search, a common word", "/queue?find=anybody".into()),
        ("search, two words", "/queue?find=anybody%20somebody".into()),
        ("search, a number", format!("/queue?find={number}")),
        ("case", format!("/cases/{desk}/{number}")),
        ("held", "/held".into()),
        ("mail", "/mail".into()),
        ("mail, sent", "/mail?list=sent".into()),
        ("people", "/people".into()),
        ("audit", "/audit".into()),
        ("audit, a kind", "/audit?kind=viewed".into()),
    ]
}

/// The median and the 95th percentile, and the answer's status.
async fn measured(house: &House, rounds: usize, address: &str) -> (Duration, Duration, u16) {
    let supervisor = house.staff(&house.desk, Role::Supervisor, None);
    let mut browser = house.browser(&supervisor, AccountRole::Admin).await;
    let mut status = browser.get(address).await.status.as_u16();
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begin = Instant::now();
        status = browser.get(address).await.status.as_u16();
        times.push(begin.elapsed());
    }
    times.sort();
    (times[times.len() / 2], times[times.len() * 95 / 100], status)
}

fn main() {
    let (cases, rounds) =
        (from_environment("MAILCLERK_PAGES_CASES", 100_000), from_environment("MAILCLERK_PAGES_ROUNDS", 30));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let few = filled(cases / 100).await;
        let begin = Instant::now();
        let many = filled(cases).await;
        println!(
            "{cases} cases written in {:.0} s; each page asked for {rounds} times\n",
            begin.elapsed().as_secs_f64()
        );
        println!("| page | answer | median | 95th percentile | against a hundredth of the cases |");
        println!("| --- | --- | ---: | ---: | ---: |");
        for (name, address) in pages(&many.0, &many.1) {
            let small = pages(&few.0, &few.1).into_iter().find(|one| one.0 == name).expect("the same page").1;
            let (before, _, _) = measured(&few.0, rounds, &small).await;
            let (median, most, status) = measured(&many.0, rounds, &address).await;
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            println!(
                "| {name} | {status} | {:.1} ms | {:.1} ms | {:.1} times |",
                ms(median),
                ms(most),
                ms(median) / ms(before)
            );
        }
    });
}

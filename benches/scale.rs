//! What a store with many cases costs, against one with a thousand: `cargo bench --bench scale`.
//!
//! A few dozen cases are lived by the real worker on a rehearsal's clock, and copied inside the database until there are as
//! many as `MAILCLERK_SCALE` says (100,000; a million takes some minutes and some tens of gigabytes). Then the same is done
//! in both: mail arrives, nothing is due, ten thousand updates fall due at once, a digest is made. Each figure is the best of
//! several runs: what else the machine does is not ours. Nothing is asserted.
//!
//! `MAILCLERK_DATABASE` is a url of PostgreSQL, or `postgres` for a server of this benchmark's own; without it SQLite is
//! measured. `MAILCLERK_SCALE_FOLDER` keeps the large store of SQLite in a folder, and uses it again. `--json FILE`, or
//! `MAILCLERK_SCALE_JSON`, writes the figures as JSON.

#[path = "scale/desk.rs"]
mod desk;
#[path = "scale/lives.rs"]
mod lives;
#[path = "scale/measure.rs"]
mod measure;
#[path = "scale/multiply.rs"]
mod multiply;
#[path = "scale/raw.rs"]
mod raw;
#[path = "scale/report.rs"]
mod report;
#[path = "scale/rig.rs"]
mod rig;
#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests' servers, of which a benchmark needs a part")]
mod support;

use mailclerk::settings::DatabaseUrl;
use measure::{Amounts, Figures};
use raw::Raw;
use rig::Rig;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

/// Cases of the store that others are compared with.
const FEW: usize = 1_000;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn number(name: &str, usual: usize) -> usize {
    setting(name).and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Where a store stands, and what is measured in it.
struct Place {
    folder: PathBuf,
    url: DatabaseUrl,
    amounts: Amounts,
    _kept: Option<TempDir>,
}

impl Place {
    fn new(cases: usize) -> Self {
        let cases = cases.max(40) / 40 * 40;
        let amounts = Amounts {
            cases,
            people: (cases / 20).max(20),
            mails: number("MAILCLERK_SCALE_MAILS", 1000),
            rounds: number("MAILCLERK_SCALE_ROUNDS", 3),
            updates: (cases / 10).min(10_000),
        };
        let kept = tempfile::tempdir().expect("a folder");
        let folder = match setting("MAILCLERK_SCALE_FOLDER") {
            Some(folder) if cases > FEW => Path::new(&folder).join(cases.to_string()),
            _ => kept.path().to_owned(),
        };
        std::fs::create_dir_all(&folder).expect("a folder");
        let url = match setting("MAILCLERK_DATABASE").as_deref() {
            None => DatabaseUrl::Sqlite(folder.join("desk.db")),
            Some("postgres") => support::postgres::new_database(),
            Some(url) => DatabaseUrl::parse(url, Path::new("")).expect("a url"),
        };
        Self { folder, url, amounts, _kept: Some(kept) }
    }

    /// Fills the store, where it is not there from before; gives a worker over it.
    async fn filled(&self) -> Rig {
        let mark = self.folder.join("filled");
        let is_kept = mark.exists() && matches!(self.url, DatabaseUrl::Sqlite(_));
        if !is_kept {
            let begin = Instant::now();
            self.fill().await;
            std::fs::write(mark, "").expect("written");
            println!("{} cases written in {:.0} s", self.amounts.cases, begin.elapsed().as_secs_f64());
        }
        let mut raw = Raw::connect(&self.url).await;
        let newest = raw.pairs("SELECT CAST(MAX(recorded_at) AS TEXT), 0 FROM messages").await;
        raw.close().await;
        let newest = newest.first().and_then(|(at, _)| at.replace(' ', "T").parse().ok());
        let now = newest.unwrap_or(rig::at(lives::NOW)).max(rig::at(lives::NOW));
        // Mail itself is in memory: its files are not what is measured.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory } else { &self.folder };
        let work = parent.join(format!("mailclerk-scale-{}", uuid::Uuid::new_v4()));
        Rig::new(&work, &self.url, now).await
    }

    async fn fill(&self) {
        let mut rig = Rig::new(&self.folder.join("lived"), &self.url, rig::at(lives::BEGIN)).await;
        let mut raw = Raw::connect(&self.url).await;
        lives::closed(&mut rig).await;
        multiply::keep(&mut raw, "closed", None).await;
        lives::open(&mut rig).await;
        multiply::keep(&mut raw, "open", Some("closed")).await;
        rig.worker.store.close().await;
        multiply::multiply(&mut raw, self.amounts.cases, self.amounts.people).await;
        raw.close().await;
    }

    async fn measured(&self) -> Figures {
        let mut figures = Figures::new();
        let mut rig = self.filled().await;
        println!("{} cases:", self.amounts.cases);
        // What the desk itself does in the morning.
        rig.worker.tick().await.expect("a tick");
        rig.worker.dispatch().await.expect("sent");
        measure::idle(&rig, &mut figures).await;
        println!("    idle measured");
        measure::digest(&rig, &mut figures).await;
        println!("    digest measured");
        measure::arrivals(&mut rig, &self.url, &self.amounts, &mut figures).await;
        println!("    arrivals measured");
        measure::updates(&mut rig, &self.url, &self.amounts, &mut figures).await;
        rig.worker.store.close().await;
        let _ = std::fs::remove_dir_all(&rig.folder);
        figures
    }
}

fn main() {
    let cases = number("MAILCLERK_SCALE", 100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let large = Place::new(cases);
        let rig = large.filled().await;
        rig.worker.store.close().await;
        let _ = std::fs::remove_dir_all(&rig.folder);
        let sizes = measure::size(&large.url, large.amounts.cases).await;
        let few = Place::new(number("MAILCLERK_SCALE_FEW", FEW));
        let before = few.measured().await;
        let after = large.measured().await;
        report::tell(&few.amounts, &large.amounts, &before, &after, &sizes);
    });
}

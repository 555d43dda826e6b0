//! The daily checkpoint over the audit trail, as workers write it.

use crate::support::clerk::Clerk;
use crate::support::postgres;
use crate::support::rehearsal::{AGENT, Rehearsal, at, request as request_of_agent};
use crate::support::requests::{Fate, request_of};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection};

/// A Monday; the database is made then.
const START: &str = "2026-11-16T15:00:00Z";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Runs SQL behind the program's back.
fn sql(clerk: &Clerk, database: Option<&str>, sql: &str) -> u64 {
    let sql = AssertSqlSafe(sql.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match database {
            Some(url) => {
                let mut connection = sqlx::PgConnection::connect(url).await.expect("connected");
                sqlx::query(sql).execute(&mut connection).await.expect("done").rows_affected()
            }
            None => {
                let url = format!("sqlite:{}", clerk.path("mailclerk.db").display());
                let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("connected");
                sqlx::query(sql).execute(&mut connection).await.expect("done").rows_affected()
            }
        }
    })
}

/// When the checkpoints were written, as an export tells.
fn checkpoints(clerk: &Clerk) -> Vec<Timestamp> {
    let lines = clerk.ok(&["audit", "export"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    lines.filter(|line| line.get("checkpoint").is_some()).map(|line| at(line["at"].as_str().expect("a text"))).collect()
}

fn a_week(mut clerk: Clerk, database: Option<&str>) {
    if let Some(url) = database {
        clerk.keep_in(url);
    }
    let start = at(START);
    clerk.ok(&["run", "--once", "--at", START]);
    let an_hour_later = |day: i32| (start + DAY * day + SignedDuration::from_hours(1)).to_string();
    for day in 0..5 {
        let one = request_of(&clerk.desk, usize::try_from(day).expect("a few"), Fate::Accepted);
        clerk.deliver(&one.id, &one.raw);
        clerk.ok(&["run", "--once", "--at", &an_hour_later(day)]);
    }
    // Each on its instant, although nothing else was due then.
    let expected: Vec<_> = (1..5).map(|day| start + DAY * day).collect();
    assert_eq!(checkpoints(&clerk), expected);
    assert!(clerk.ok(&["audit", "verify"]).contains("4 checkpoints"));
    clerk.ok(&["run", "--once", "--at", &an_hour_later(5)]);
    assert_eq!(checkpoints(&clerk).len(), 5, "of what came on the fifth day");
    // Each is missed behind which rows were written.
    let before = "CREATE TABLE put_by AS SELECT * FROM audit_checkpoints";
    sql(&clerk, database, before);
    for number in 1..=4 {
        assert_eq!(sql(&clerk, database, &format!("DELETE FROM audit_checkpoints WHERE seq = {number}")), 1);
        let verified = clerk.end_of(&["audit", "verify"]);
        assert_eq!(verified.status.code(), Some(1), "{number}: {}", verified.out);
        sql(&clerk, database, &format!("INSERT INTO audit_checkpoints SELECT * FROM put_by WHERE seq = {number}"));
        clerk.ok(&["audit", "verify"]);
    }
}

#[test]
fn a_week_has_one_a_day_on_sqlite() {
    a_week(Clerk::on_folders(), None);
}

#[test]
fn a_week_has_one_a_day_on_postgres() {
    a_week(Clerk::on_folders(), Some(&postgres::new_database_url()));
}

async fn written(desk: &Rehearsal) -> Vec<Timestamp> {
    let all = desk.worker.store.export_checkpoints().await.expect("read");
    all.into_iter().map(|one| at(&one.at)).collect()
}

/// Nobody moves the clock to the instant: the next look finds it.
#[tokio::test]
async fn whichever_worker_looks_first_writes_it() {
    let mut desk = Rehearsal::new(START).await;
    let start = at(START);
    desk.deliver(&request_of_agent(AGENT, "1@agency.example", "Ann Lee", "North", "the card never came"));
    desk.run("2026-11-16T15:30:00Z").await;
    let other = desk.another().await;
    let look = async |now: Timestamp| {
        desk.clock.advance_to(now);
        let (ours, theirs) = tokio::join!(desk.worker.tick(), other.tick());
        ours.expect("ticked");
        theirs.expect("ticked");
        written(&desk).await
    };
    assert_eq!(look(start + DAY - SignedDuration::from_secs(1)).await, []);
    let first = start + DAY + SignedDuration::from_secs(7);
    assert_eq!(look(first).await, [first]);
    assert_eq!(look(first + SignedDuration::from_mins(5)).await, [first]);
    assert_eq!(desk.worker.store.audit_verify().await.expect("read").broken, []);
}

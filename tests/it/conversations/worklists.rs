//! The worklist of each morning, and days away that were told by command.
//! The instants are counted by hand; November 11, 2026 is Veterans Day, and 8 in the morning is 13:00 UTC.

use super::rig::{AGENT, Mail, Rig, Sent, template};
use jiff::civil::date;
use mailclerk::address::EmailAddress;
use mailclerk::effects::{AbsenceWrite, Effects};
use mailclerk::settings::{DatabaseUrl, master_key};
use mailclerk::store::{Birth, Committed, Store};
use mailclerk::words::Status;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::CaseNumber;
use secrecy::ExposeSecret;
use std::process::Command;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const LINE: &str = "medicare";
/// From the opening of Wednesday to that of Friday of the next week, day by day.
const MORNINGS: [&str; 7] = ["04", "05", "06", "09", "10", "12", "13"];

fn request(id: &str, name: &str, number: u32, issue: &str) -> Mail {
    let (first, last) = name.split_once(' ').unwrap();
    let body = template("4411223", &format!("H{number:010}"), name, issue);
    Mail::new(id, &format!("{last}, {first} Medicare"), &body)
}

/// The worklists that `who` got, oldest first.
fn worklists(rig: &Rig, who: &str) -> Vec<Sent> {
    let is_one = |one: &Sent| one.template == "notice" && one.mail.subject.starts_with("Your worklist");
    rig.sent().into_iter().filter(|one| one.to() == who && is_one(one)).collect()
}

/// When they went out, in UTC.
fn times(rig: &Rig, who: &str) -> Vec<String> {
    worklists(rig, who).iter().map(|one| one.mail.date.unwrap().to_string()).collect()
}

fn mornings(days: &[&str]) -> Vec<String> {
    days.iter().map(|day| format!("2026-11-{day}T13:00:00Z")).collect()
}

/// The specialist of the one case.
fn specialist(rig: &Rig) -> String {
    rig.cases()[0]["specialist"].as_str().unwrap().to_owned()
}

fn assigned() -> Rig {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run("2026-11-03T09:00:00-05:00");
    rig
}

/// Writes behind the program's back what a command would have it write.
fn write(rig: &Rig, write: impl AsyncFn(&Store) -> Effects) {
    let key = std::fs::read_to_string(rig.path("mailclerk.key")).unwrap();
    let keys = Keys::derive(master_key(&key).unwrap().expose_secret());
    let url = DatabaseUrl::Sqlite(rig.path("mailclerk.db"));
    let now = "2026-11-04T17:00:00Z".parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&url, None, Birth::Rehearsal, keys, now).await.unwrap();
        let effects = Effects { at: now, ..write(&store).await };
        assert_eq!(store.commit(&[effects], &[], now).await.unwrap(), [Committed::Written]);
        store.close().await;
    });
}

/// The member of staff is away, both days included.
fn away(rig: &Rig, who: &str, from: i8, to: i8) {
    let desk = rig.cases()[0]["desk"].as_str().unwrap().to_owned();
    write(rig, async |_| {
        let mut effects = Effects { desk: desk.clone(), ..Effects::default() };
        let email = EmailAddress::parse(who).unwrap();
        effects.set_absence(AbsenceWrite { email, from: date(2026, 11, from), to: date(2026, 11, to) });
        effects
    });
}

#[test]
fn who_has_open_cases_gets_one_list_at_each_opening() {
    let rig = assigned();
    let who = specialist(&rig);
    let other = rig.staff("specialist", LINE).into_iter().find(|one| *one != who).unwrap();
    assert_eq!(times(&rig, &who), mornings(&[]));
    rig.run("2026-11-04T07:59:59-05:00");
    assert_eq!(times(&rig, &who), mornings(&[]));
    rig.run("2026-11-04T08:00:00-05:00");
    rig.run("2026-11-04T08:00:00-05:00");
    rig.run("2026-11-05T07:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04"]));
    rig.run("2026-11-13T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&MORNINGS), "business days alone, and in order");
    assert_eq!(times(&rig, &other), mornings(&[]), "who has nothing gets nothing");

    let number = rig.number();
    let lists = worklists(&rig, &who);
    let (first, third) = (&lists[0], &lists[2]);
    assert_eq!(first.mail.subject, "Your worklist: 1 open case");
    let line =
        format!("- {number}, Smith, Jane Medicare: in review, the answer is due Thursday, November 5, 10:15 am ET.\n");
    assert!(first.text().contains(&line), "{}", first.text());
    let html = first.html();
    assert!(
        html.contains("<li ") && html.contains(&format!("<strong>{number}</strong>, Smith, Jane Medicare: in review")),
        "{html}"
    );
    // The answer was not given: what is due next is the update.
    let due = "the next update is due Tuesday, November 10, 9:00 am ET.";
    assert!(third.text().contains(due), "{}", third.text());
    assert!(first.raw.contains("Auto-Submitted: auto-generated") && !first.raw.contains("X-Mailclerk-Case"));
}

#[test]
fn urgent_ones_come_first_then_the_oldest_promise() {
    let rig = Rig::new();
    let staff = rig.staff("specialist", LINE);
    let email = format!("email = \"{}\"\n", staff[1]);
    rig.edit(&email, &format!("{email}absent = [{{ from = \"2026-11-02\", to = \"2026-11-30\" }}]\n"));
    rig.receive(MONDAY, &request("one", "Jane Smith", 1, "The new card never came in the mail"));
    let urgent = "He is at the pharmacy now and cannot get his insulin";
    rig.receive("2026-11-03T08:30:00-05:00", &request("two", "Ivan Petrov", 2, urgent));
    rig.receive(
        "2026-11-03T09:30:00-05:00",
        &request("three", "Omar Reyes", 3, "Her claim from spring was paid twice"),
    );
    rig.run("2026-11-05T08:00:00-05:00");
    let names = |list: &Sent| -> Vec<String> {
        let lines = list.text().lines().filter(|line| line.starts_with("- "));
        lines.map(|line| line.split(": ").nth(line.starts_with("- Urgent").into()).unwrap().to_owned()).collect()
    };
    let lists = worklists(&rig, &staff[0]);
    let shown: Vec<Vec<String>> = lists.iter().map(names).collect();
    let number = |name: &str| {
        let of = rig.sent().into_iter().find(|one| one.template == "assignment" && one.mail.subject.contains(name));
        of.unwrap().mail.subject.split(['[', ']']).nth(1).unwrap().to_owned()
    };
    let (smith, petrov, reyes) = (
        format!("- {}, Smith, Jane Medicare", number("Smith")),
        format!("{}, Petrov, Ivan Medicare", number("Petrov")),
        format!("- {}, Reyes, Omar Medicare", number("Reyes")),
    );
    assert_eq!(shown, [vec![petrov.clone(), smith.clone()], vec![petrov, smith, reyes]], "{}", lists[1].text());
    assert_eq!(lists[1].mail.subject, "Your worklist: 3 open cases");
}

#[test]
fn who_told_that_they_are_away_gets_neither_list_nor_case() {
    let rig = assigned();
    let who = specialist(&rig);
    let other = rig.staff("specialist", LINE).into_iter().find(|one| *one != who).unwrap();
    rig.run("2026-11-04T12:00:00-05:00");
    away(&rig, &who, 5, 6);
    // They have fewest cases, but are away when the next one is given.
    away(&rig, &other, 4, 5);
    rig.receive("2026-11-04T12:30:00-05:00", &request("two", "Omar Reyes", 2, "Her claim from spring was paid twice"));
    rig.run("2026-11-05T12:00:00-05:00");
    assert_eq!(rig.cases()[0]["status"], "new", "both are away");
    rig.run("2026-11-06T12:00:00-05:00");
    assert_eq!(rig.cases()[0]["specialist"], other.as_str());
    rig.run("2026-11-10T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04", "09", "10"]));
    assert_eq!(times(&rig, &other), mornings(&["09", "10"]));
    // The nudge of the answer's day, the fifth, went to the supervisor; the update's, on the ninth, found them here.
    let nudges = |who: &str| rig.got(who).into_iter().filter(|one| one == "nudge").count();
    assert_eq!((nudges(&who), nudges(&rig.staff("supervisor", LINE)[0])), (1, 1));
}

#[test]
fn a_day_that_was_closed_meanwhile_brings_no_list() {
    let rig = assigned();
    let who = specialist(&rig);
    rig.run("2026-11-04T12:00:00-05:00");
    rig.edit("closures = []", "closures = [\"2026-11-05\"]");
    rig.run("2026-11-06T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04", "06"]));
}

#[test]
fn hours_that_were_changed_in_the_morning_bring_no_second_list() {
    let rig = assigned();
    let who = specialist(&rig);
    rig.run("2026-11-04T08:30:00-05:00");
    rig.edit("hours = \"08:00-17:00\"", "hours = \"10:00-17:00\"");
    // Somebody is given a case at nine, before the new opening.
    rig.receive("2026-11-04T08:40:00-05:00", &request("two", "Omar Reyes", 2, "Her claim from spring was paid twice"));
    rig.run("2026-11-05T12:00:00-05:00");
    assert_eq!(times(&rig, &who), ["2026-11-04T13:00:00Z", "2026-11-05T15:00:00Z"]);
}

#[test]
fn where_nothing_is_open_the_lists_end_and_who_has_left_breaks_nothing() {
    let rig = assigned();
    let who = specialist(&rig);
    rig.run("2026-11-04T12:00:00-05:00");
    // They are no longer in the policy; the case is theirs still.
    rig.edit(&format!("email = \"{who}\""), &format!("email = \"new.{who}\""));
    rig.run("2026-11-05T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04"]));
    assert!(rig.got(&rig.staff("supervisor", LINE)[0]).contains(&"nudge".to_owned()));
    rig.edit(&format!("email = \"new.{who}\""), &format!("email = \"{who}\""));
    rig.run("2026-11-06T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04", "06"]));
    let (number, desk) = (rig.number(), rig.cases()[0]["desk"].as_str().unwrap().to_owned());
    write(&rig, async |store| {
        let number = CaseNumber(number.clone());
        let mut case = store.case_by_number(&desk, &number).await.unwrap().unwrap();
        case.status = Status::Resolved;
        Effects { desk: desk.clone(), cases: vec![case], ..Effects::default() }
    });
    rig.run("2026-11-10T12:00:00-05:00");
    assert_eq!(times(&rig, &who), mornings(&["04", "06"]));
    // The next case that is given starts them again.
    rig.receive("2026-11-10T13:00:00-05:00", &request("two", "Omar Reyes", 2, "Her claim from spring was paid twice"));
    rig.run("2026-11-13T12:00:00-05:00");
    let now = specialist(&rig);
    assert_eq!(times(&rig, &now).last(), Some(&"2026-11-13T13:00:00Z".to_owned()));
    assert!(rig.got(AGENT).contains(&"acknowledgement".to_owned()));
}

#[test]
fn two_workers_at_once_send_one_list_each_morning() {
    let rig = assigned();
    let who = specialist(&rig);
    for day in ["04", "05", "06"] {
        let at = format!("2026-11-{day}T08:00:00-05:00");
        let start = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mailclerk"));
            command.arg("--config").arg(rig.path("mailclerk.toml")).args(["run", "--once", "--at", &at]);
            command.spawn().unwrap()
        };
        let both = [start(), start()];
        for mut one in both {
            assert!(one.wait().unwrap().success());
        }
    }
    assert_eq!(times(&rig, &who), mornings(&["04", "05", "06"]));
}

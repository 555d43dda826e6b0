//! A case after its receipt: given to a specialist once a business day, and its promises kept to the instant.
//! The instants are counted by hand; November 11, 2026 is Veterans Day.

use super::rig::{AGENT, Mail, Rig, template};
use serde_json::Value;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const LINE: &str = "medicare";

fn request(id: &str, name: &str, number: u32, issue: &str) -> Mail {
    let (first, last) = name.split_once(' ').unwrap();
    let body = template("4411223", &format!("H{number:010}"), name, issue);
    Mail::new(id, &format!("{last}, {first} Medicare"), &body)
}

/// The instants at which mail of `template` about the case left, in UTC.
fn times(rig: &Rig, number: &str, template: &str) -> Vec<String> {
    let case = rig.case(number);
    let mails = case["mails"].as_array().unwrap().iter();
    mails.filter(|mail| mail["template"] == template).map(|mail| mail["at"].as_str().unwrap().to_owned()).collect()
}

fn clocks(case: &Value, kind: &str) -> Vec<(String, String)> {
    let all = case["clocks"].as_array().unwrap().iter().filter(|clock| clock["kind"] == kind);
    all.map(|clock| (clock["due"].as_str().unwrap().to_owned(), clock["state"].as_str().unwrap().to_owned())).collect()
}

fn at(instants: &[&str]) -> Vec<String> {
    instants.iter().map(|instant| (*instant).to_owned()).collect()
}

#[test]
fn a_case_is_assigned_acknowledged_and_updated_until_the_specialist_answers() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    let number = rig.number();
    assert_eq!(rig.cases()[0]["status"], "new");
    // Before the desk's hour nothing happens.
    rig.run("2026-11-03T08:59:59-05:00");
    assert_eq!(rig.got(AGENT), ["receipt"]);
    rig.run("2026-11-03T09:00:00-05:00");
    let case = rig.case(&number);
    assert_eq!(case["status"], "in_review");
    let specialist = case["specialist"].as_str().unwrap().to_owned();
    assert!(rig.staff("specialist", LINE).contains(&specialist), "{specialist}");
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert_eq!(rig.got(&specialist), ["assignment"]);
    // Again at the same instant: nothing again.
    rig.run("2026-11-03T09:00:00-05:00");
    assert_eq!(rig.sent().len(), 3);
    rig.run("2026-11-19T12:00:00-05:00");
    assert_eq!(times(&rig, &number, "acknowledgement"), at(&["2026-11-03T14:00:00Z"]));
    assert_eq!(
        times(&rig, &number, "nudge"),
        at(&["2026-11-05T13:00:00Z", "2026-11-09T13:00:00Z", "2026-11-17T13:00:00Z"]),
        "the answer's on its day, the updates' on the business day before"
    );
    assert_eq!(times(&rig, &number, "breach"), at(&["2026-11-05T15:15:00Z"]), "72 business hours after Monday 10:15");
    assert_eq!(times(&rig, &number, "update"), at(&["2026-11-10T14:00:00Z", "2026-11-18T14:00:00Z"]));
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement", "update", "update"]);
    let but_worklists: Vec<String> = rig.got(&specialist).into_iter().filter(|one| one != "notice").collect();
    assert_eq!(but_worklists, ["assignment", "nudge", "nudge", "nudge"]);
    for supervisor in rig.staff("supervisor", LINE) {
        assert_eq!(rig.got(&supervisor), ["breach"]);
    }
    let case = rig.case(&number);
    let state = |kind| clocks(&case, kind).pop().unwrap();
    assert_eq!(state("respond"), ("2026-11-05T15:15:00Z".into(), "breached".into()));
    assert_eq!(state("update"), ("2026-11-25T14:00:00Z".into(), "running".into()));
}

#[test]
fn days_of_downtime_change_no_instant_and_repeat_nothing() {
    let stepped = Rig::new();
    stepped.receive(MONDAY, &Mail::request("one"));
    for day in ["03", "04", "05", "06", "09", "10", "12", "13"] {
        stepped.run(&format!("2026-11-{day}T18:00:00-05:00"));
    }
    let at_once = Rig::new();
    at_once.receive(MONDAY, &Mail::request("one"));
    at_once.run("2026-11-13T18:00:00-05:00");
    let templates = |rig: &Rig| rig.sent().into_iter().map(|one| (one.template.clone(), one.to())).collect::<Vec<_>>();
    assert_eq!(templates(&stepped), templates(&at_once));
    for template in ["acknowledgement", "nudge", "breach", "update"] {
        let number = stepped.number();
        assert_eq!(times(&stepped, &number, template), times(&at_once, &at_once.number(), template), "{template}");
    }
}

#[test]
fn the_acknowledgement_and_the_update_stand_in_the_thread_and_tell_no_address_of_staff() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run("2026-11-10T12:00:00-05:00");
    let sent = rig.sent();
    let of = |template: &str| sent.iter().find(|one| one.template == template).unwrap();
    let (receipt, acknowledgement, update) = (of("receipt"), of("acknowledgement"), of("update"));
    assert_eq!(acknowledgement.mail.in_reply_to, [receipt.id()]);
    assert_eq!(acknowledgement.mail.references, ["one@agency.example".to_owned(), receipt.id()]);
    assert_eq!(update.mail.in_reply_to, [acknowledgement.id()]);
    assert_eq!(update.mail.references, ["one@agency.example".to_owned(), acknowledgement.id()]);
    let number = rig.number();
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    for mail in [acknowledgement, update] {
        assert_eq!(mail.mail.subject, receipt.mail.subject);
        assert!(mail.mail.subject.ends_with(&format!("[{number}]")), "{}", mail.mail.subject);
        assert!(mail.text().contains(&number), "{}", mail.text());
        assert!(!mail.raw.to_lowercase().contains(&specialist), "{}", mail.raw);
        assert!(mail.raw.contains("Auto-Submitted: auto-generated"));
    }
    assert!(acknowledgement.text().contains("Tuesday, November 10"), "{}", acknowledgement.text());
    assert!(update.text().contains("Wednesday, November 18"), "{}", update.text());
    // The specialist has the request whole.
    let assignment = of("assignment");
    for part in ["4411223", "H1234567801", "Jane Smith", super::rig::ISSUE, AGENT, "Thursday, November 5"] {
        assert!(assignment.text().contains(part), "{part}: {}", assignment.text());
    }
}

#[test]
fn loads_are_level_and_the_urgent_comes_first() {
    let rig = Rig::new();
    let issues = [
        ("one", "Jane Smith", "The new card never came in the mail"),
        ("two", "Omar Reyes", "Her claim from spring was paid twice"),
        ("three", "Lena Novak", "The premium was drafted from the wrong account"),
        ("four", "Ivan Petrov", "He is at the pharmacy now and cannot get his insulin"),
    ];
    for (count, (id, name, issue)) in (1..).zip(issues) {
        rig.deliver(&request(id, name, count, issue).raw(&rig));
    }
    rig.run(MONDAY);
    assert_eq!(rig.cases().len(), 4, "{:?}", rig.got(AGENT));
    rig.run("2026-11-03T09:00:00-05:00");
    let mut given = rig.sent().into_iter().filter(|one| one.template == "assignment");
    assert!(given.next().unwrap().mail.subject.contains("Petrov"));
    assert_eq!(given.count(), 3);
    let mut has = std::collections::BTreeMap::new();
    for case in rig.cases() {
        *has.entry(case["specialist"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(has.values().collect::<Vec<_>>(), [&2, &2], "{has:?}: two of the line, as the desk is shipped");
}

#[test]
fn where_nobody_is_there_the_supervisor_is_told_each_day_and_the_case_is_given_when_somebody_is() {
    let rig = Rig::new();
    for specialist in rig.staff("specialist", LINE) {
        let email = format!("email = \"{specialist}\"\n");
        rig.edit(&email, &format!("{email}absent = [{{ from = \"2026-11-02\", to = \"2026-11-04\" }}]\n"));
    }
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run("2026-11-04T12:00:00-05:00");
    let number = rig.number();
    assert_eq!(rig.cases()[0]["status"], "new");
    assert_eq!(rig.got(AGENT), ["receipt"], "clocks run on, and nothing false is promised");
    assert_eq!(times(&rig, &number, "notice"), at(&["2026-11-03T14:00:00Z", "2026-11-04T14:00:00Z"]));
    let supervisors = rig.staff("supervisor", LINE);
    assert_eq!(rig.got(&supervisors[0]), ["notice", "notice"]);
    assert!(rig.last(&supervisors[0]).text().contains(&number));
    rig.run("2026-11-05T09:00:00-05:00");
    assert_eq!(rig.cases()[0]["status"], "in_review");
    assert_eq!(times(&rig, &number, "acknowledgement"), at(&["2026-11-05T14:00:00Z"]));
    // The response was promised at the acceptance, whoever was there.
    rig.run("2026-11-05T10:15:00-05:00");
    assert_eq!(times(&rig, &number, "breach"), at(&["2026-11-05T15:15:00Z"]));
}

#[test]
fn what_comes_after_the_hour_waits_for_the_next_business_day() {
    let rig = Rig::new();
    // A Friday, before the hour and after it.
    rig.receive("2026-11-06T08:30:00-05:00", &request("one", "Jane Smith", 1, "The new card never came in the mail"));
    rig.receive("2026-11-06T09:30:00-05:00", &request("two", "Omar Reyes", 2, "Her claim from spring was paid twice"));
    rig.run("2026-11-08T12:00:00-05:00");
    let statuses: Vec<Value> = rig.cases().into_iter().map(|case| case["status"].clone()).collect();
    assert_eq!(statuses, ["new", "in_review"], "newest first");
    rig.run("2026-11-09T09:00:00-05:00");
    assert!(rig.cases().iter().all(|case| case["status"] == "in_review"));
    assert_eq!(times(&rig, &rig.number(), "acknowledgement"), at(&["2026-11-09T14:00:00Z"]));
}

#[test]
fn while_the_clerk_is_away_a_nudge_and_its_update_are_one_mail_each_and_no_more() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run("2026-12-31T12:00:00-05:00");
    let number = rig.number();
    let case = rig.case(&number);
    let updates = times(&rig, &number, "update");
    let mut once = updates.clone();
    once.dedup();
    assert_eq!(updates, once);
    assert_eq!(times(&rig, &number, "nudge").len(), updates.len() + 1 + usize::from(is_nudged(&case)));
    assert_eq!(times(&rig, &number, "breach").len(), 1, "one alert for one promise");
}

/// Whether the nudge of the running update came already.
fn is_nudged(case: &Value) -> bool {
    clocks(case, "update_nudge").last().is_some_and(|(_, state)| state == "met")
}

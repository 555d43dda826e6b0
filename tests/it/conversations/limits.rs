//! Each limit at its border, with small numbers in the policy where the usual ones are large.

use super::rig::{AGENT, Mail, Rig, template};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";

const NAMES: [&str; 8] = ["Adams", "Baker", "Clark", "Davis", "Evans", "Foster", "Garcia", "Hughes"];

fn numbered(n: usize) -> Mail {
    let issue = format!("Issue{n}alpha card{n}beta lost{n}gamma entirely");
    Mail::new(
        &format!("m{n}"),
        &format!("{}, Jane Medicare", NAMES[n % 8]),
        &template("4411223", &format!("H12345678{n:02}"), "", &issue),
    )
}

#[test]
fn the_third_mail_of_the_same_words_in_a_sliding_day() {
    let rig = Rig::new();
    let same = |n: usize| Mail::new(&format!("s{n}"), &format!("Question {n}"), "Please look into this today.");
    rig.receive(MONDAY, &same(1));
    rig.receive("2026-11-02T11:00:00-05:00", &same(2));
    // The first one is a day old to the second: it no longer counts.
    rig.receive("2026-11-03T10:15:00-05:00", &same(3));
    assert!(rig.held().is_empty());
    rig.receive("2026-11-03T10:59:59-05:00", &same(4));
    assert_eq!(rig.held_because(), "over_reply_limit");
}

#[test]
fn the_last_message_to_one_case_and_of_one_sender() {
    let rig = Rig::new();
    rig.edit("a_case = 20", "a_case = 3");
    rig.receive(MONDAY, &Mail::request("one"));
    let receipt = rig.last(AGENT).id();
    for n in 2..=3 {
        rig.deliver(&Mail::new(&format!("r{n}"), "x", &format!("More facts {n}")).answering(&receipt).raw(&rig));
    }
    rig.run(MONDAY);
    assert!(rig.held().is_empty());
    rig.receive(MONDAY, &Mail::new("r4", "x", "More facts again").answering(&receipt));
    assert_eq!(rig.held_because(), "over_reply_limit");

    let rig = Rig::new();
    rig.edit("a_sender = 500", "a_sender = 4");
    (1..=5).for_each(|n| rig.deliver(&numbered(n).raw(&rig)));
    rig.run(MONDAY);
    assert_eq!((rig.cases().len(), rig.held_because().as_str()), (4, "over_reply_limit"));
}

#[test]
fn the_sixth_reply_under_one_subject() {
    let rig = Rig::new();
    for n in 1..=6 {
        rig.deliver(&Mail { subject: "Smith, Jane Medicare".into(), ..numbered(n) }.raw(&rig));
    }
    rig.run(MONDAY);
    assert_eq!((rig.cases().len(), rig.held_because().as_str()), (5, "over_reply_limit"));
}

#[test]
fn replies_past_the_limit_are_withheld_and_listed_and_staff_never_counts() {
    let rig = Rig::trusting();
    rig.edit("replies = 50", "replies = 2");
    (1..=3).for_each(|n| rig.deliver(&numbered(n).raw(&rig)));
    rig.run(MONDAY);
    assert_eq!((rig.cases().len(), rig.got(AGENT).len()), (3, 2));
    let waiting = rig.json(&["outbox"]);
    assert_eq!((waiting.len(), &waiting[0]["state"]), (1, &serde_json::json!("withheld")));
    let specialist = rig.staff("specialist", "medicare").remove(0);
    (4..=7).for_each(|n| rig.deliver(&numbered(n).from(&specialist).authenticated("pass").raw(&rig)));
    rig.run(MONDAY);
    assert_eq!(rig.got(&specialist), ["receipt"; 4]);
}

//! Answers given by hand: somebody opens the shared mailbox in a mail program and writes to the requester there. The copy
//! in the Sent folder is seen, and counts. The instants are counted by hand; November 11, 2026 is Veterans Day.

use super::rig::{AGENT, Mail, Rig};
use serde_json::Value;
use std::fs;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T09:00:00-05:00";
const WEDNESDAY: &str = "2026-11-04T16:00:00-05:00";
const WORDS: &str = "We have found your card, it left us this morning.";

/// Puts a mail into the Sent folder, as a mail program does.
fn put(rig: &Rig, name: &str, raw: &str) {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(rig.path("mail/.Sent").join(part)).unwrap();
    }
    fs::write(rig.path("mail/.Sent/cur").join(format!("{name}:2,S")), raw.replace('\n', "\r\n")).unwrap();
}

/// A mail that the desk writes to `to` by hand.
fn hand(rig: &Rig, to: &str, subject: &str, headers: &str) -> String {
    format!(
        "{headers}From: The Desk <{}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <hand@outlook.example>\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{WORDS}\n",
        rig.desk
    )
}

fn answering(id: &str) -> String {
    format!("In-Reply-To: <{id}>\n")
}

/// A case that was accepted on Monday; the Sent folder was looked at once.
fn accepted() -> (Rig, String) {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    let number = rig.number();
    (rig, number)
}

fn clock(rig: &Rig, number: &str, kind: &str) -> (String, String) {
    let case = rig.case(number);
    let of_kind = case["clocks"].as_array().unwrap().iter().rfind(|clock| clock["kind"] == kind).unwrap().clone();
    (of_kind["due"].as_str().unwrap().into(), of_kind["state"].as_str().unwrap().into())
}

fn times(rig: &Rig, number: &str, template: &str) -> Vec<String> {
    let case = rig.case(number);
    let mails = case["mails"].as_array().unwrap().iter();
    mails.filter(|mail| mail["template"] == template).map(|mail| mail["at"].as_str().unwrap().to_owned()).collect()
}

fn answers(rig: &Rig, number: &str) -> usize {
    let case = rig.case(number);
    case["history"].as_array().unwrap().iter().filter(|line| line["event"] == "answered").count()
}

fn running(due: &str) -> (String, String) {
    (due.into(), "running".into())
}

#[test]
fn an_answer_given_by_hand_meets_the_response_clock_and_the_updates_count_from_it() {
    let (rig, number) = accepted();
    rig.run(TUESDAY);
    // The morning's worklist comes whatever is answered.
    let but_lists = |rig: &Rig| rig.sent().iter().filter(|one| !one.mail.subject.contains("open case")).count();
    let sent = but_lists(&rig);
    put(&rig, "1.hand", &hand(&rig, AGENT, &rig.last(AGENT).mail.subject, &answering(&rig.last(AGENT).id())));
    let done: Value = serde_json::from_str(&rig.command(&["run", "--once", "--at", WEDNESDAY, "--json"])).unwrap();
    assert_eq!((&done["received"], &done["decided"]), (&0.into(), &0.into()), "nothing came in: {done}");
    assert_eq!((but_lists(&rig), rig.held().len()), (sent, 0), "nothing is sent to anybody");
    assert_eq!((answers(&rig, &number), rig.case(&number)["status"].as_str()), (1, Some("in_review")));
    assert_eq!(clock(&rig, &number, "respond"), ("2026-11-05T15:15:00Z".into(), "met".into()));
    assert_eq!(clock(&rig, &number, "update"), running("2026-11-12T21:00:00Z"));
    rig.run("2026-11-19T12:00:00-05:00");
    assert_eq!(times(&rig, &number, "breach"), [""; 0]);
    let nudges = ["2026-11-10T13:00:00Z", "2026-11-18T13:00:00Z"];
    assert_eq!(times(&rig, &number, "nudge"), nudges, "of the updates alone");
    assert_eq!(times(&rig, &number, "update"), ["2026-11-12T21:00:00Z"]);
    assert!(rig.path("mail/.Sent/cur/1.hand:2,S").exists(), "it stays where it is");
    rig.command(&["audit", "verify"]);
}

#[test]
fn whichever_way_it_is_found() {
    let by_token: fn(&Rig) -> (String, String) = |rig| ("x".into(), answering(&rig.last(AGENT).id()));
    let by_their_id: fn(&Rig) -> (String, String) = |_| ("x".into(), "References: <one@agency.example>\n".into());
    let by_tag: fn(&Rig) -> (String, String) = |rig| (format!("RE: {}", rig.last(AGENT).mail.subject), String::new());
    let by_subject: fn(&Rig) -> (String, String) = |_| ("Re: smith, jane  medicare".into(), String::new());
    for (way, found) in [("token", by_token), ("their id", by_their_id), ("tag", by_tag), ("subject", by_subject)] {
        let (rig, number) = accepted();
        let (subject, headers) = found(&rig);
        put(&rig, "1.hand", &hand(&rig, &format!("someone@else.example, {AGENT}"), &subject, &headers));
        rig.run(WEDNESDAY);
        assert_eq!((answers(&rig, &number), clock(&rig, &number, "respond").1.as_str()), (1, "met"), "by {way}");
    }
}

#[test]
fn what_is_no_answer_changes_nothing() {
    let (rig, number) = accepted();
    let receipt = rig.last(AGENT);
    let in_thread = answering(&receipt.id());
    let subject = &receipt.mail.subject;
    let auto = format!("{in_thread}Auto-Submitted: auto-replied\n");
    let mails = [
        ("copy", receipt.raw.replace("\r\n", "\n")),
        ("marked", hand(&rig, AGENT, subject, &format!("{in_thread}X-Mailclerk-Template: receipt\n"))),
        ("machine", hand(&rig, AGENT, subject, &auto)),
        ("expert", hand(&rig, "expert@desk.example", subject, &in_thread)),
        ("nobody", hand(&rig, &rig.desk, subject, &in_thread)),
        ("other", hand(&rig, AGENT, "Lunch on Friday", "")),
        ("stranger", hand(&rig, AGENT, subject, &in_thread).replace(&rig.desk, "else@where.example")),
        ("broken", "no mail at all".into()),
    ];
    for (name, raw) in mails {
        put(&rig, name, &raw.replace("hand@outlook.example", &format!("{name}@outlook.example")));
    }
    rig.run(TUESDAY);
    assert_eq!((answers(&rig, &number), rig.held().len()), (0, 0));
    assert_eq!(clock(&rig, &number, "respond"), running("2026-11-05T15:15:00Z"));
    assert_eq!(clock(&rig, &number, "update"), running("2026-11-10T14:00:00Z"), "from the acknowledgement");
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert_eq!(rig.cases().len(), 1);
}

#[test]
fn two_cases_with_its_subject_are_told_apart_by_nothing() {
    let (rig, first) = accepted();
    let other =
        super::rig::template("4411223", "H5555555501", "Jane Smith", "A different problem with premium billing");
    rig.receive(MONDAY, &Mail::new("two", "Smith, Jane Medicare", &other));
    let second = rig.number();
    assert_ne!(first, second);
    put(&rig, "1.hand", &hand(&rig, AGENT, "Smith, Jane Medicare", ""));
    rig.run(TUESDAY);
    assert_eq!((answers(&rig, &first), answers(&rig, &second)), (0, 0));
}

#[test]
fn what_is_new_stays_new_until_it_is_assigned() {
    let (rig, number) = accepted();
    put(&rig, "1.hand", &hand(&rig, AGENT, "x", &answering(&rig.last(AGENT).id())));
    rig.run("2026-11-02T11:00:00-05:00");
    assert_eq!((answers(&rig, &number), rig.cases()[0]["status"].as_str()), (1, Some("new")));
    rig.run("2026-11-09T18:00:00-05:00");
    assert_eq!(rig.cases()[0]["status"], "in_review");
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert_eq!(times(&rig, &number, "breach"), [""; 0]);
    assert_eq!(times(&rig, &number, "nudge"), ["2026-11-09T13:00:00Z"], "of the update alone");
}

#[test]
fn the_thread_of_a_pending_request_is_not_silent() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::short("one"));
    assert_eq!(rig.got(AGENT), ["return"]);
    put(&rig, "1.hand", &hand(&rig, AGENT, "x", &answering(&rig.last(AGENT).id())));
    rig.run("2026-11-09T10:15:00-05:00");
    assert_eq!(rig.pending()[0]["newest_at"], "2026-11-09T15:15:00Z");
    // Without it: November 17.
    rig.run("2026-11-24T10:14:59-05:00");
    assert_eq!(rig.pending().len(), 1);
    rig.run("2026-11-24T10:15:01-05:00");
    assert_eq!((rig.pending().len(), rig.got(AGENT)), (0, vec!["return".into(), "pending_closed".into()]));
}

#[test]
fn what_was_sent_before_the_clerk_came_is_not_counted() {
    let rig = Rig::new();
    put(&rig, "1.old", &hand(&rig, AGENT, "Smith, Jane Medicare", "References: <one@agency.example>\n"));
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run(TUESDAY);
    let number = rig.number();
    assert_eq!((answers(&rig, &number), clock(&rig, &number, "respond").1.as_str()), (0, "running"));
}

#[test]
fn a_second_copy_of_an_answer_counts_no_more() {
    let (rig, number) = accepted();
    rig.run(TUESDAY);
    let raw = hand(&rig, AGENT, "x", &answering(&rig.last(AGENT).id()));
    put(&rig, "1.hand", &raw);
    put(&rig, "2.same-run", &raw);
    rig.run(WEDNESDAY);
    put(&rig, "3.same", &raw);
    // Some servers write a mail anew each time.
    put(&rig, "4.rewritten", &raw.replace("MIME-Version", "X-Rewritten: yes\nMIME-Version"));
    rig.run("2026-11-05T16:00:00-05:00");
    assert_eq!(answers(&rig, &number), 1);
    assert_eq!(clock(&rig, &number, "update"), running("2026-11-12T21:00:00Z"));
}

#[test]
fn a_reply_to_it_finds_the_case() {
    let (rig, number) = accepted();
    put(&rig, "1.hand", &hand(&rig, AGENT, "x", &answering(&rig.last(AGENT).id())));
    rig.run(TUESDAY);
    rig.receive(WEDNESDAY, &Mail::new("two", "something else", "It came today.").answering("hand@outlook.example"));
    assert_eq!((rig.filed("Attached"), rig.cases().len()), (1, 1));
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let got = rig.got(&specialist);
    assert_eq!(got.iter().filter(|template| *template != "notice").collect::<Vec<_>>(), ["assignment", "relay"]);
}

#[test]
fn unwatched_it_is_not_seen() {
    let rig = Rig::with("watch_sent = false\n", "");
    rig.receive(MONDAY, &Mail::request("one"));
    put(&rig, "1.hand", &hand(&rig, AGENT, "x", &answering(&rig.last(AGENT).id())));
    rig.run(TUESDAY);
    assert_eq!(answers(&rig, &rig.number()), 0);
}

//! Delivery reports about mail of ours.

use super::rig::{AGENT, Mail, Rig};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T10:15:00-05:00";

fn report(rig: &Rig, id: &str, about: &str, recipient: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@agency.example\nTo: {}\nSubject: Undelivered Mail Returned to Sender\n\
         Message-ID: <{id}@agency.example>\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nYour mail was not delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.agency.example\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{about}>\nSubject: x\n\n--b--\n",
        rig.desk
    )
}

fn accepted() -> Rig {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig
}

fn told(rig: &Rig) -> usize {
    rig.sent().iter().filter(|sent| sent.template == "notice").count()
}

#[test]
fn an_address_that_is_gone_gets_nothing_more_and_staff_is_told_once() {
    let rig = accepted();
    let receipt = rig.last(AGENT).id();
    for (n, id) in ["d1", "d2"].into_iter().enumerate() {
        rig.deliver(&report(&rig, id, &receipt, AGENT, "failed", "5.1.1"));
        rig.run(TUESDAY);
        assert_eq!((rig.filed("Bounces"), told(&rig)), (n + 1, 1));
    }
    let other = super::rig::template("4411223", "", "Omar Diaz", "Omar was billed twice for October");
    rig.receive(TUESDAY, &Mail::new("two", "Diaz, Omar Medicare", &other));
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement"]);
    let waiting = rig.json(&["outbox"]);
    assert_eq!((waiting.len(), &waiting[0]["state"]), (1, &serde_json::json!("withheld")));
}

#[test]
fn only_the_first_delay_is_told_and_the_failure_after_it() {
    let rig = accepted();
    let receipt = rig.last(AGENT).id();
    for (id, action, status, expected) in [
        ("d1", "delayed", "4.4.1", 1),
        ("d2", "delayed", "4.4.1", 1),
        ("d3", "failed", "5.4.7", 2),
        ("d4", "delivered", "2.0.0", 2),
    ] {
        rig.deliver(&report(&rig, id, &receipt, AGENT, action, status));
        rig.run(TUESDAY);
        assert_eq!(told(&rig), expected, "{id}");
    }
}

#[test]
fn a_foreign_or_changed_id_changes_nothing() {
    let rig = accepted();
    let receipt = rig.last(AGENT).id();
    let changed = receipt.replacen("receipt", "closing", 1);
    assert_ne!(changed, receipt);
    for (id, about) in [("d1", "some@other.example"), ("d2", changed.as_str()), ("d3", &receipt[8..])] {
        rig.deliver(&report(&rig, id, about, AGENT, "failed", "5.1.1"));
        rig.run(TUESDAY);
    }
    assert_eq!((rig.filed("Bounces"), told(&rig)), (3, 0));
    rig.receive(TUESDAY, &Mail::short("two"));
    assert_eq!(
        rig.got(AGENT),
        ["receipt", "acknowledgement"],
        "an incomplete mail with the case's subject belongs to the case"
    );
    assert_eq!(rig.filed("Attached"), 1);
}

#[test]
fn a_report_about_mail_to_staff_marks_no_requester() {
    let rig = Rig::new();
    let urgent = super::rig::template(
        "4411223",
        "H1234567801",
        "Jane Smith",
        "She is at the pharmacy and cannot get her prescription",
    );
    rig.receive(MONDAY, &Mail { body: urgent, ..Mail::request("one") });
    let supervisor = rig.staff("supervisor", "medicare").remove(0);
    let notice = rig.last(&supervisor).id();
    rig.deliver(&report(&rig, "d1", &notice, &supervisor, "failed", "5.1.1"));
    rig.run(TUESDAY);
    let other = super::rig::template("4411223", "H9999888801", "Omar Diaz", "Omar was billed twice for October");
    rig.receive(TUESDAY, &Mail::new("two", "Diaz, Omar Medicare", &other));
    assert_eq!(rig.got(AGENT), ["receipt", "acknowledgement", "receipt"]);
}

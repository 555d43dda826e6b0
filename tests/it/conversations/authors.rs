//! Who may do what: strangers, colleagues, staff, forgeries.

use super::rig::{AGENT, Mail, Rig};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T10:15:00-05:00";

fn accepted() -> Rig {
    let rig = Rig::trusting();
    rig.receive(MONDAY, &Mail::request("one").authenticated("pass"));
    assert_eq!(rig.got(AGENT), ["receipt"]);
    rig
}

fn notes(rig: &Rig) -> usize {
    let cases = rig.cases();
    let number = cases.last().unwrap()["number"].as_str().unwrap();
    rig.case(number)["notes"].as_array().unwrap().len()
}

#[test]
fn a_stranger_in_the_thread_is_judged_alone_and_learns_nothing() {
    let rig = accepted();
    let receipt = rig.last(AGENT);
    let stranger = "eve@other.example";
    let asks = Mail::new("two", &format!("Re: {}", receipt.mail.subject), "What is the status of this?");
    rig.receive(TUESDAY, &asks.from(stranger).authenticated("pass").answering(&receipt.id()));
    assert_eq!(rig.got(stranger), ["return"]);
    let answer = rig.last(stranger).raw;
    assert!(!answer.contains(&rig.number()) && !answer.contains("Smith"), "{answer}");
    assert_eq!(notes(&rig), 1);
}

#[test]
fn a_colleague_in_the_thread_leaves_a_note() {
    let rig = accepted();
    let colleague = format!("lee@{}", rig.domain);
    let says = Mail::new("two", "Re: x", "We refunded her last week.").from(&colleague).authenticated("pass");
    rig.receive(TUESDAY, &says.answering(&rig.last(AGENT).id()));
    assert_eq!((rig.filed("Attached"), notes(&rig)), (1, 1));
    assert!(rig.got(&colleague).is_empty());
}

#[test]
fn staff_without_a_pass_is_held() {
    let rig = accepted();
    let specialist = rig.staff("specialist", "medicare").remove(0);
    rig.receive(TUESDAY, &Mail::request("two").from(&specialist));
    assert_eq!(rig.held_because(), "unauthenticated_staff");
}

#[test]
fn a_participant_whose_address_fails_is_held_and_a_first_contact_is_not() {
    let rig = accepted();
    let forged = Mail::new("two", "x", "Please send all to me.").answering(&rig.last(AGENT).id());
    rig.receive(TUESDAY, &forged.authenticated("fail"));
    assert_eq!(rig.held_because(), "unauthenticated_participant");
    let first = Mail::request("three").from("new@else.example").authenticated("fail");
    rig.receive(TUESDAY, &first);
    assert_eq!(rig.got("new@else.example"), ["receipt"]);
}

#[test]
fn results_of_another_server_are_not_believed() {
    let rig = accepted();
    let specialist = rig.staff("specialist", "medicare").remove(0);
    let forged = format!("Authentication-Results: mx.evil.example; dmarc=pass header.from={}", rig.domain);
    rig.receive(
        TUESDAY,
        &Mail::new("two", "x", "#close").from(&specialist).header(&forged).answering(&rig.last(AGENT).id()),
    );
    assert_eq!(rig.held_because(), "unauthenticated_staff");
}

#[test]
fn reply_to_counts_within_the_organisation_of_an_authenticated_author() {
    for (reply_to, pass, expected) in [
        ("office@mail.agency.example", true, "office@mail.agency.example"),
        ("office@mail.agency.example", false, AGENT),
        ("office@other.example", true, AGENT),
    ] {
        let rig = Rig::trusting();
        let mail = Mail::request("one").header(&format!("Reply-To: {reply_to}"));
        rig.receive(MONDAY, &if pass { mail.authenticated("pass") } else { mail });
        assert_eq!(rig.got(expected), ["receipt"], "{reply_to} {pass}");
        assert_eq!(rig.sent().len(), 1);
    }
}

//! Which case a message belongs to, and what is a repetition.

use super::rig::{AGENT, Mail, Rig, template};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
/// Before the desk assigns its cases.
const TUESDAY: &str = "2026-11-03T08:30:00-05:00";
const MORE: &str = "She moved to Ohio last week.";

fn accepted() -> Rig {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one").header("Cc: pat@agency.example"));
    assert_eq!(rig.got(AGENT), ["receipt"]);
    rig
}

fn is_attached(rig: &Rig, mail: &Mail) {
    rig.receive(TUESDAY, mail);
    assert_eq!((rig.filed("Attached"), rig.cases().len()), (1, 1), "{:?}", rig.held());
    assert_eq!(rig.got(AGENT), ["receipt"]);
}

#[test]
fn a_reply_belongs_to_its_case_by_token() {
    let rig = accepted();
    is_attached(&rig, &Mail::new("two", "x", MORE).answering(&rig.last(AGENT).id()));
}

#[test]
fn a_reply_belongs_to_its_case_by_the_id_of_their_own_mail() {
    is_attached(&accepted(), &Mail::new("two", "x", MORE).answering("one@agency.example"));
}

#[test]
fn a_reply_belongs_to_its_case_by_the_tag() {
    let rig = accepted();
    let subject = format!("AW: {}", rig.last(AGENT).mail.subject);
    is_attached(&rig, &Mail::new("two", &subject, MORE));
}

#[test]
fn a_reply_belongs_to_its_case_by_the_subject_alone() {
    is_attached(&accepted(), &Mail::new("two", "RE: smith, jane  medicare", MORE));
}

#[test]
fn whoever_was_on_cc_may_add_and_receives_nothing() {
    let rig = accepted();
    let subject = rig.last(AGENT).mail.subject;
    is_attached(&rig, &Mail::new("two", &subject, MORE).from("pat@agency.example"));
    assert!(rig.got("pat@agency.example").is_empty());
}

#[test]
fn two_cases_that_fit_are_held() {
    let rig = accepted();
    let other = template("4411223", "H5555555501", "Jane Smith", "A different problem with premium billing");
    rig.receive(TUESDAY, &Mail::new("two", "Smith, Jane Medicare", &other));
    assert_eq!(rig.cases().len(), 2);
    rig.receive(TUESDAY, &Mail::new("three", "Smith, Jane Medicare", MORE));
    assert_eq!(rig.held_because(), "fits_two_cases");
}

#[test]
fn a_second_template_in_the_thread_is_a_request_of_its_own() {
    let rig = accepted();
    let other = template("4411223", "H9999888801", "Omar Diaz", "Omar was billed twice for October");
    rig.receive(TUESDAY, &Mail::new("two", "Diaz, Omar Medicare", &other).answering(&rig.last(AGENT).id()));
    assert_eq!(rig.cases().len(), 2);
    assert_eq!(rig.got(AGENT), ["receipt", "receipt"]);
}

#[test]
fn the_same_request_again_is_a_duplicate() {
    // Every field equal; most of the summary's words; and few of them.
    let again =
        |issue: &str| Mail { body: template("4411-223", "H12-345678-01", "Jane Smith", issue), ..Mail::request("two") };
    for (issue, decision) in [
        (super::rig::ISSUE, "duplicate"),
        ("The replacement card never arrived, please help", "duplicate"),
        ("Premium was drafted twice from checking account", "receipt"),
    ] {
        let rig = accepted();
        rig.receive(TUESDAY, &again(issue));
        assert_eq!(rig.got(AGENT), ["receipt", decision], "{issue}");
    }
}

#[test]
fn the_same_reference_is_a_duplicate_and_an_urgent_one_makes_the_case_urgent() {
    let rig = Rig::new();
    let with = |id: &str, issue: &str| {
        let mail = Mail::request(id);
        Mail {
            body: template("4411223", "H1234567801", "Jane Smith", issue).replace("Reference #:", "Reference #: 77-1"),
            ..mail
        }
    };
    rig.receive(MONDAY, &with("one", super::rig::ISSUE));
    rig.receive(TUESDAY, &with("two", "Member is at the pharmacy and cannot get her prescription"));
    assert_eq!(rig.got(AGENT), ["receipt", "duplicate"]);
    assert_eq!(rig.cases()[0]["urgent"], true);
    for supervisor in rig.staff("supervisor", "medicare") {
        assert_eq!(rig.got(&supervisor), ["notice"]);
    }
    assert!(rig.last(AGENT).text().contains(&rig.lines()[0]));
}

#[test]
fn the_same_bytes_again_are_ignored_and_other_bytes_are_judged() {
    let rig = accepted();
    rig.receive(TUESDAY, &Mail::request("one").header("Cc: pat@agency.example"));
    assert_eq!((rig.filed("Ignored"), rig.got(AGENT).len()), (1, 1));
    let other = template("4411223", "H9999888801", "Omar Diaz", "Omar was billed twice for October");
    rig.receive(TUESDAY, &Mail::new("one", "Diaz, Omar Medicare", &other));
    assert_eq!((rig.cases().len(), rig.got(AGENT).len()), (2, 2));
}

#[test]
fn our_own_mail_come_back_is_ignored() {
    let rig = accepted();
    rig.deliver(&rig.last(AGENT).raw.replace("\r\n", "\n"));
    rig.run(TUESDAY);
    assert_eq!((rig.filed("Ignored"), rig.sent().len()), (1, 1));
}

#[test]
fn spam_and_absence() {
    let rig = accepted();
    let receipt = rig.last(AGENT).id();
    rig.receive(
        TUESDAY,
        &Mail::new("a", "Automatic reply: away", "I am out until Friday.")
            .answering(&receipt)
            .header("Auto-Submitted: auto-replied"),
    );
    assert_eq!(rig.filed("Attached"), 1);
    let stranger = "else@other.example";
    rig.receive(
        TUESDAY,
        &Mail::new("b", "Automatic reply: away", "I am out.")
            .from(stranger)
            .answering(&receipt)
            .header("Auto-Submitted: auto-replied"),
    );
    rig.receive(TUESDAY, &Mail::new("c", "Win a prize", "Click here now").from(stranger).header("X-Spam-Flag: YES"));
    assert_eq!(rig.filed("Ignored"), 2);
    rig.receive(TUESDAY, &Mail::request("d").from(stranger).header("X-Spam-Flag: YES"));
    assert_eq!(rig.held_because(), "machine_with_template");
    assert!(rig.got(stranger).is_empty());
}

#[test]
fn external_partners_get_no_member_data() {
    let rig = accepted();
    rig.receive(
        MONDAY,
        &Mail::new(
            "two",
            "Quagmire, Zebulon Medicare",
            &template("", "H7777777701", "Zebulon Quagmire", "His xylophone claim was refused"),
        ),
    );
    let colleague = format!("lee@{}", rig.domain);
    rig.receive(MONDAY, &Mail { from: colleague.clone(), ..Mail::request("three") });
    for sent in rig.sent().iter().filter(|sent| sent.to() == AGENT) {
        let all = format!("{}\n{}\n{}", sent.raw, sent.mail.subject, sent.text());
        for canary in
            ["Smith", "Jane", "H1234567801", "Quagmire", "Zebulon", "H7777777701", "xylophone", "replacement card"]
        {
            assert!(!all.contains(canary), "{canary} in {}", sent.template);
        }
    }
    assert!(rig.last(&colleague).mail.subject.contains("Smith"));
}

#[test]
fn the_receipt_promises_a_date_over_a_holiday_and_from_a_day_off() {
    for (at, promised) in [
        // Wednesday before Thanksgiving: Friday, Monday, Tuesday.
        ("2026-11-25T10:15:00-05:00", "Tuesday, December 1, 10:15"),
        // Saturday counts from Monday's opening.
        ("2026-11-21T22:40:00-05:00", "Friday, November 27, 8:00"),
        ("2026-11-20T17:01:00-05:00", "Wednesday, November 25, 5:01"),
    ] {
        let rig = Rig::new();
        rig.receive(at, &Mail::request("one"));
        assert!(rig.last(AGENT).text().contains(promised), "{promised}: {}", rig.last(AGENT).text());
        let clocks = rig.case(&rig.number())["clocks"].clone();
        let kinds: Vec<&str> = clocks.as_array().unwrap().iter().map(|clock| clock["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"respond") && kinds.contains(&"update"), "{kinds:?}");
    }
}

#[test]
fn a_season_lengthens_the_promise_and_says_so() {
    let season = "[[season]]\nname = \"peak\"\nfrom = \"10-15\"\nto = \"12-07\"\nrespond = \"120 business hours\"\nupdate = \"7 business days\"\nnotice = \"It is a busy season.\"\n";
    let rig = Rig::with("", season);
    rig.receive("2026-11-02T10:15:00-05:00", &Mail::request("one"));
    let text = rig.last(AGENT).text().to_owned();
    assert!(text.contains("Monday, November 9, 10:15") && text.contains("busy season"), "{text}");
}

//! A desk that lets no personal data out, through the whole life of a case: returned, completed, answered, updated, resolved.

use super::rig::{Mail, Rig};
use serde_json::Value;

const DESK: &str = "mhbe-producer";
const PRODUCER: &str = "pat.ross@brokers.example";
const NAME: &str = "Whitfield";
const PERSON: &str = "48271596";

fn rig() -> Rig {
    let rig = Rig::of(DESK);
    rig.edit("way = \"none\"", "way = \"gateway\"\ngateway_subject_tag = \"[secure]\"");
    rig
}

fn first() -> Mail {
    let body = format!(
        "Consumer Name: Dana {NAME}\nPerson ID: {PERSON}\n\
         Description: The plan of this consumer never reached the carrier after plan selection.\n"
    );
    Mail::new("one", "Help with a consumer", &body).from(PRODUCER)
}

/// What must stand in no mail to a producer.
fn is_private(rig: &Rig, to: &str) {
    for sent in rig.sent().iter().filter(|sent| sent.to() == to) {
        let whole = format!("{} {} {}", sent.mail.subject, sent.text(), sent.html());
        for word in [NAME, "Dana", "03/14/1979", "never reached"] {
            assert!(!whole.contains(word), "{}: {word}\n{whole}", sent.template);
        }
    }
}

#[test]
fn a_request_lives_without_a_name_in_any_mail_to_its_producer() {
    let rig = rig();
    rig.receive("2026-11-02T10:15:00-05:00", &first());
    assert_eq!(rig.got(PRODUCER), ["return"]);
    let returned = rig.last(PRODUCER);
    assert!(returned.text().contains("NPN") && returned.text().contains("Producer Name"), "{}", returned.text());

    let completed =
        Mail::new("two", &format!("Re: {}", returned.mail.subject), "Producer Name: Pat Ross\nNPN: 20114683\n");
    rig.receive("2026-11-02T11:00:00-05:00", &completed.from(PRODUCER).answering(&returned.id()));
    assert_eq!(rig.got(PRODUCER), ["return", "receipt"]);
    let number = rig.number();
    assert!(number.starts_with("261102-") && number.len() == "261102-0100001".len(), "{number}");
    let receipt = rig.last(PRODUCER);
    let expected = format!("Consumer Enrollment Issue, PID #: {PERSON} [{number}]");
    assert!(receipt.mail.subject.ends_with(&expected), "{}", receipt.mail.subject);
    assert!(receipt.text().contains("2 business days") && receipt.text().contains(&number), "{}", receipt.text());

    rig.run("2026-11-03T09:00:00-05:00");
    assert_eq!(rig.got(PRODUCER), ["return", "receipt", "acknowledgement"]);
    let specialist = rig.case(&number)["specialist"].as_str().expect("a specialist").to_owned();
    let assignment = rig.last(&specialist);
    assert!(assignment.text().contains(NAME), "staff see the request whole");

    let told = format!("Thank you. The name is Dana {NAME}, born 03/14/1979.");
    let reply = Mail::new("three", &format!("Re: {}", receipt.mail.subject), &told).from(PRODUCER);
    rig.receive("2026-11-03T10:00:00-05:00", &reply.answering(&receipt.id()));
    assert_eq!(rig.got(PRODUCER).last().map(String::as_str), Some("privacy_notice"));
    assert_eq!(rig.got(&specialist).last().map(String::as_str), Some("relay"));
    // Once for a mail, and none for one without such data.
    rig.run("2026-11-03T11:00:00-05:00");
    let plain = Mail::new("four", &format!("Re: {}", receipt.mail.subject), "Is there any news on this case yet?");
    rig.receive("2026-11-03T12:00:00-05:00", &plain.from(PRODUCER).answering(&receipt.id()));
    assert_eq!(rig.got(PRODUCER).iter().filter(|template| *template == "privacy_notice").count(), 1);

    let answer = format!("The plan of Dana {NAME} was sent to the carrier again; PID {PERSON} is active on Friday.");
    let answer = Mail::new("five", &format!("Re: {}", assignment.mail.subject), &answer).from(&specialist);
    rig.receive("2026-11-03T13:00:00-05:00", &answer.answering(&assignment.id()).authenticated("pass"));
    let answered = rig.last(PRODUCER);
    assert_eq!(answered.template, "answer");
    assert!(answered.mail.subject.starts_with("[secure]"), "{}", answered.mail.subject);
    assert!(answered.text().contains(&format!("PID {PERSON} is active")), "{}", answered.text());

    rig.run("2026-11-10T13:30:00-05:00");
    assert_eq!(rig.got(PRODUCER).last().map(String::as_str), Some("update"));
    let resolve = format!("#resolve\nThe coverage of Ms. {NAME} is active.");
    let resolve = Mail::new("six", &format!("Re: {}", assignment.mail.subject), &resolve).from(&specialist);
    rig.receive("2026-11-11T13:00:00-05:00", &resolve.answering(&assignment.id()).authenticated("pass"));
    assert_eq!(rig.case(&number)["status"], "resolved");
    assert_eq!(rig.last(PRODUCER).template, "closing");
    is_private(&rig, PRODUCER);
}

#[test]
fn a_colleague_inside_gets_the_same_wording_and_a_subject_without_what_is_not_known() {
    let rig = rig();
    let inside = format!("pat.ross@{}", rig.domain);
    let body = format!(
        "Producer Name: Pat Ross\nNPN: 20114683\nConsumer Name: Dana {NAME}\nIssue Type: System Error Issue\n\
         Description: The plan of this consumer never reached the carrier.\n"
    );
    rig.receive("2026-11-02T10:15:00-05:00", &Mail::new("one", &format!("Dana {NAME}"), &body).from(&inside));
    assert_eq!(rig.got(&inside), ["receipt"]);
    let receipt = rig.last(&inside);
    assert!(
        receipt.mail.subject.contains("System Error Issue") && !receipt.mail.subject.contains("PID"),
        "{}",
        receipt.mail.subject
    );
    is_private(&rig, &inside);
}

#[test]
fn a_commission_request_of_several_is_one_case_with_an_entry_for_each() {
    let rig = rig();
    let body = "Producer Name: Pat Ross\nNPN: 20114683\nConsumer Name: Dana Whitfield; Omar Reyes; Lin Zhao\n\
                Person ID: 48271596, 48271597, 48271598\nIssue Type: Commission\n\
                Description: The commission for these consumers is missing since August.\n";
    rig.receive("2026-11-02T10:15:00-05:00", &Mail::new("one", "Commission", body).from(PRODUCER));
    assert_eq!(rig.got(PRODUCER), ["receipt"]);
    let case = rig.case(&rig.number());
    let entries = case["entries"].as_array().expect("entries");
    let ids: Vec<&Value> = entries.iter().map(|entry| &entry["fields"]["person_id"]).collect();
    assert_eq!(ids, ["48271596", "48271597", "48271598"]);
    assert_eq!(entries[1]["member"]["last"], "Reyes");
    rig.run("2026-11-03T09:00:00-05:00");
    let specialist = rig.case(&rig.number())["specialist"].as_str().expect("a specialist").to_owned();
    let assignment = rig.last(&specialist);
    for name in ["Dana Whitfield", "Omar Reyes", "Lin Zhao"] {
        assert!(assignment.text().contains(name), "{}", assignment.text());
    }
    is_private(&rig, PRODUCER);
}

#[test]
fn the_same_consumer_and_matter_again_go_to_the_open_case_by_id_or_by_name() {
    let rig = rig();
    let mail = |id: &str, who: &str| {
        let body = format!(
            "Producer Name: Pat Ross\nNPN: 20114683\n{who}\nIssue Type: System Error Issue\n\
             Description: The portal shows a blank page for the consumer since Monday morning.\n"
        );
        Mail::new(id, "Blank page", &body).from(PRODUCER)
    };
    rig.receive("2026-11-02T10:15:00-05:00", &mail("one", "Consumer Name: Dana Whitfield"));
    rig.receive("2026-11-02T12:15:00-05:00", &mail("two", "Consumer Name: WHITFIELD, Dana"));
    rig.receive("2026-11-03T12:15:00-05:00", &mail("three", "Consumer Name: Omar Reyes"));
    let templates: Vec<String> = rig.got(PRODUCER).into_iter().filter(|one| one != "acknowledgement").collect();
    assert_eq!(templates, ["receipt", "duplicate", "receipt"]);
}

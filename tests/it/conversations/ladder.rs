//! Desks whose inquiries have no number, whose cases climb a ladder, and which keep notes and lists in the place of cases.

use super::rig::{Mail, Rig, Sent};
use serde_json::Value;

const ASKER: &str = "pat.rowe@helpers.example";
const MONDAY: &str = "2026-10-05T10:15:00-04:00";

/// The desk of `id` whose requesters are its own people, with further changes of its policy.
fn desk(id: &str, edits: &[(&str, &str)]) -> Rig {
    let rig = Rig::of_desk(id);
    rig.edit("internal_domains = [", "internal_domains = [\"helpers.example\", ");
    for (from, to) in edits {
        rig.edit(from, to);
    }
    rig
}

/// A mail of `from` in the thread of `mail`.
fn reply(from: &str, id: &str, mail: &Sent, text: &str) -> Mail {
    let quoted: String = mail.text().lines().map(|line| format!("> {line}\n")).collect();
    let body = format!("{text}\n\nOn Tuesday somebody wrote:\n{quoted}");
    Mail::new(id, &format!("Re: {}", mail.mail.subject), &body).from(from).answering(&mail.id()).authenticated("pass")
}

fn newest(rig: &Rig, to: &str, template: &str) -> Sent {
    let mut all = rig.sent();
    let place = all.iter().rposition(|one| one.to().eq_ignore_ascii_case(to) && one.template == template);
    all.swap_remove(place.unwrap_or_else(|| panic!("no {template} to {to}")))
}

/// That a mail tells no number: neither its subject nor its text, nor a header that people see.
fn tells_no_number(mail: &Sent, number: &str) {
    let digits = number.rsplit('-').next().unwrap();
    assert!(!mail.mail.subject.contains('['), "{}", mail.mail.subject);
    for text in [&mail.mail.subject, mail.text(), &mail.html()] {
        assert!(!text.contains(digits), "{}: {text}", mail.template);
    }
    assert!(!mail.raw.contains("X-Mailclerk-Case"), "{}", mail.raw);
}

fn steps(case: &Value) -> Vec<(String, String, bool)> {
    let steps = case["course"]["steps"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|step| (text(&step["id"]), text(&step["by"]), step.get("reviewed_at").is_some())).collect()
}

#[test]
fn an_inquiry_is_answered_without_a_number_and_climbs_where_that_did_not_settle_it() {
    let away = "absent = [{ from = \"2026-10-08\", to = \"2026-10-08\" }]";
    let rig = desk(
        "pennie-assister",
        &[
            (
                "email = \"desmond.achterberg@pennie.com\"\n",
                &format!("email = \"desmond.achterberg@pennie.com\"\n{away}\n"),
            ),
            (
                "email = \"ruth.ivanov-marsh@pennie.com\"\n",
                &format!("email = \"ruth.ivanov-marsh@pennie.com\"\n{away}\n"),
            ),
        ],
    );
    let question = "Hello, which documents can my client send as proof of income this year?";
    rig.receive(MONDAY, &Mail::new("one", "A question about documents", question).from(ASKER).authenticated("pass"));
    let number = rig.number();
    rig.run("2026-10-06T09:00:00-04:00");
    assert_eq!(rig.got(ASKER), ["receipt", "acknowledgement"]);
    for mail in rig.sent().iter().filter(|mail| mail.to() == ASKER) {
        tells_no_number(mail, &number);
    }
    // The first answer closes it, and still nobody outside knows of a number.
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let assignment = newest(&rig, &specialist, "assignment");
    assert!(assignment.mail.subject.contains(&number), "staff see the number: {}", assignment.mail.subject);
    assert!(assignment.text().contains("#escalate"), "{}", assignment.text());
    rig.receive(
        "2026-10-06T11:00:00-04:00",
        &reply(&specialist, "s1", &assignment, "Pay stubs of the last month are fine."),
    );
    let answer = newest(&rig, ASKER, "answer");
    tells_no_number(&answer, &number);
    assert!(answer.text().contains("we have closed your question"), "{}", answer.text());
    assert_eq!(rig.case(&number)["status"], "resolved");
    // Thanks leave it closed; words that say otherwise make a case of it, with a number and a promise.
    rig.receive("2026-10-06T11:30:00-04:00", &reply(ASKER, "thanks", &answer, "Thank you very much!"));
    assert_eq!(rig.case(&number)["status"], "resolved");
    let again = reply(ASKER, "again", &answer, "That did not settle it. The page takes none of the pay stubs.");
    rig.receive("2026-10-07T10:00:00-04:00", &again);
    assert_eq!(rig.cases().len(), 1, "it is the same matter");
    let told = newest(&rig, ASKER, "escalation");
    assert!(told.mail.subject.contains(&format!("[{number}]")), "{}", told.mail.subject);
    for words in [number.as_str(), "escalation", "3 business days", "Tuesday, October 13"] {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    assert!(told.text().contains("Ticket number told: done"), "{}", told.text());
    assert!(told.text().contains("Lead or supervisor involved: open"), "{}", told.text());
    let case = rig.case(&number);
    assert_eq!((&case["course"]["is_inquiry"], &case["line"]), (&Value::Bool(false), &Value::from("escalations")));
    // Whoever works escalations gets it, with all that was written.
    rig.run("2026-10-08T09:00:00-04:00");
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let assignment = newest(&rig, &specialist, "assignment");
    assert!(assignment.text().contains("none of the pay stubs"), "{}", assignment.text());
    // A supervisor is asked for, and none is there today.
    let wants = reply(ASKER, "boss", &told, "I would like to speak with a supervisor about this, please.");
    rig.receive("2026-10-08T10:00:00-04:00", &wants);
    let told = newest(&rig, ASKER, "escalation");
    assert!(told.text().contains("None is available today"), "{}", told.text());
    assert!(told.text().contains("Lead or supervisor involved: done"), "{}", told.text());
    let notice = newest(&rig, "desmond.achterberg@pennie.com", "notice");
    assert!(notice.text().contains("asks for a supervisor") && notice.text().contains("speak with a supervisor"));
    assert_eq!(steps(&rig.case(&number)), [("supervisor".to_owned(), "requester".to_owned(), false)]);
    // Asked again, the supervisor hears it, and no step is taken twice.
    let before = rig.got(ASKER).len();
    rig.receive("2026-10-08T11:00:00-04:00", &reply(ASKER, "boss2", &told, "Please let a supervisor call me back."));
    assert_eq!((steps(&rig.case(&number)).len(), rig.got(ASKER).len()), (1, before));
    // The specialist climbs on, step by step, up to the address at the end.
    let climb = |at: &str, id: &str, text: &str| {
        rig.receive(at, &reply(&specialist, id, &newest(&rig, &specialist, "assignment"), text));
        newest(&rig, &specialist, "command_result").text().to_owned()
    };
    let comment = "#note Discussed the pay stubs; the upload is broken; advised to keep the files.\n#escalate He could not settle it.";
    assert!(climb("2026-10-09T10:00:00-04:00", "e1", comment).contains("Contact center escalation"));
    assert!(newest(&rig, "ruth.ivanov-marsh@pennie.com", "notice").text().contains("He could not settle it"));
    climb("2026-10-09T11:00:00-04:00", "e2", "#escalate");
    assert_eq!(newest(&rig, "program.staff@pennie.com", "handover").mail.subject.matches(&number).count(), 1);
    climb("2026-10-09T12:00:00-04:00", "e3", "#escalate");
    let whole = newest(&rig, "Assisters@pennie.com", "handover");
    for words in ["proof of income", "none of the pay stubs", "advised to keep the files", ASKER] {
        assert!(whole.text().contains(words), "{words}: {}", whole.text());
    }
    assert!(newest(&rig, ASKER, "escalation").text().contains("allow for more time"));
    let refused = climb("2026-10-09T13:00:00-04:00", "e4", "#escalate");
    assert!(refused.contains("last step of the ladder already"), "{refused}");
    assert_eq!(steps(&rig.case(&number)).len(), 4);
    // What came of the review reaches the specialist as a note, and the requester in the specialist's words.
    let review =
        reply("assisters@pennie.com", "review", &whole, "We corrected the upload. They may send the files now.");
    rig.receive("2026-10-14T10:00:00-04:00", &review);
    let notice = newest(&rig, &specialist, "notice");
    assert!(notice.text().contains("We corrected the upload") && notice.text().contains("what came of it"));
    let done = reply(
        &specialist,
        "s9",
        &newest(&rig, &specialist, "assignment"),
        "The upload works again: please send the files.",
    );
    rig.receive("2026-10-14T11:00:00-04:00", &done);
    let answer = newest(&rig, ASKER, "answer");
    assert!(answer.text().contains("looked at by: Pennie staff and contact center together"), "{}", answer.text());
    let case = rig.case(&number);
    assert!(steps(&case).iter().all(|(_, _, reviewed)| *reviewed), "{case}");
    assert_eq!(case["course"]["commented"], true);
    assert_ne!(case["status"], "resolved", "an escalation is closed by its specialist");
    rig.command(&["audit", "verify"]);
}

#[test]
fn a_request_for_a_supervisor_at_first_is_passed_on_and_staff_make_a_case_of_an_inquiry() {
    let rig = desk("pennie-assister", &[]);
    let wants = "The answers by telephone help nobody here. Please let me speak with a supervisor.";
    rig.receive(MONDAY, &Mail::new("one", "Marketplace notices", wants).from(ASKER).authenticated("pass"));
    let receipt = newest(&rig, ASKER, "receipt");
    assert!(receipt.text().contains("passed your request on"), "{}", receipt.text());
    assert_eq!(steps(&rig.case(&rig.number())), [("supervisor".to_owned(), "requester".to_owned(), false)]);
    assert_eq!(rig.got("desmond.achterberg@pennie.com"), ["notice"]);
    // Another question, which its specialist cannot settle at first contact.
    let question = "Hello, which documents can my client send as proof of income this year?";
    rig.receive(MONDAY, &Mail::new("two", "Documents", question).from(ASKER).authenticated("pass"));
    rig.run("2026-10-06T09:00:00-04:00");
    let number = rig.number();
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let text = "#escalate The page is broken.\n\nI am passing this on to somebody who can mend it.";
    let assignment =
        rig.sent().into_iter().rfind(|one| one.template == "assignment" && one.mail.subject.contains(&number));
    rig.receive("2026-10-06T10:00:00-04:00", &reply(&specialist, "s1", &assignment.unwrap(), text));
    let told = newest(&rig, ASKER, "escalation");
    assert!(told.text().contains(&number) && told.text().contains("escalation"), "{}", told.text());
    assert!(newest(&rig, ASKER, "answer").text().contains("somebody who can mend it"));
    assert_eq!(steps(&rig.case(&number)), [("supervisor".to_owned(), "staff".to_owned(), false)]);
    assert_ne!(rig.case(&number)["status"], "resolved");
}

#[test]
fn a_step_is_taken_by_itself_once_and_never_in_a_pause() {
    let rig = desk(
        "pennie-assister",
        &[(
            "id = \"supervisor\"\nname = \"Supervisor\"\nto = \"supervisor\"\n",
            "id = \"supervisor\"\nname = \"Supervisor\"\nto = \"supervisor\"\nafter = \"1 business day\"\n",
        )],
    );
    let blocked = "The site is blocking my client: we cannot enroll her at all.";
    rig.receive(MONDAY, &Mail::new("one", "Enrollment blocked", blocked).from(ASKER).authenticated("pass"));
    let number = rig.number();
    rig.run("2026-10-06T09:00:00-04:00");
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let assignment = newest(&rig, &specialist, "assignment");
    rig.receive("2026-10-06T09:30:00-04:00", &reply(&specialist, "p", &assignment, "#pause"));
    rig.run("2026-10-07T12:00:00-04:00");
    assert!(steps(&rig.case(&number)).is_empty(), "the clocks stand");
    rig.receive("2026-10-07T13:00:00-04:00", &reply(&specialist, "r", &assignment, "#resume"));
    rig.run("2026-10-08T12:59:00-04:00");
    assert!(steps(&rig.case(&number)).is_empty());
    rig.run("2026-10-08T13:01:00-04:00");
    rig.run("2026-10-12T12:00:00-04:00");
    assert_eq!(steps(&rig.case(&number)), [("supervisor".to_owned(), "time".to_owned(), false)]);
    assert_eq!(rig.got(ASKER).iter().filter(|template| *template == "escalation").count(), 1);
    assert!(newest(&rig, ASKER, "escalation").text().contains("not resolved yet"));
}

#[test]
fn a_minor_request_is_a_note_and_a_paused_type_an_entry() {
    let rig = desk("cee-escalations", &[("note_to = \"pod\"", "note_to = [\"dana.owner@benefitbay.com\", \"pod\"]")]);
    let body = "Type: Other\nEmployee: Jane Smith\nEmployer: Acme Tools\nIssue: The SEP was never closed after her \
                coverage change. Please close out the SEP.\nResearch: Looked at the profile and the payment page\n\
                Urgency: Medium\n";
    rig.receive(MONDAY, &Mail::new("one", "SEP close-out for Jane Smith", body).from(ASKER).authenticated("pass"));
    assert_eq!((rig.cases().len(), rig.got(ASKER)), (0, vec!["redirect".to_owned()]));
    let note = newest(&rig, "dana.owner@benefitbay.com", "handover");
    for words in [ASKER, "never closed", "no case was opened"] {
        assert!(note.text().contains(words), "{words}: {}", note.text());
    }
    let manager = newest(&rig, "rowena.takahashi@benefitbay.com", "handover");
    let paused = "Type: Medicare Missing Premium\nEmployee: Bob Stone\nEmployer: Acme Tools\nIssue: The premium of \
                  October is missing on his plan\nResearch: Payment page\nUrgency: Medium\n";
    rig.receive(MONDAY, &Mail::new("two", "Bob Stone", paused).from(ASKER).authenticated("pass"));
    let listed = |list: &str| rig.json(&["lists", "cee-escalations", list]);
    let (hand_offs, audit) = (listed("hand_offs"), listed("audit"));
    assert_eq!((hand_offs.len(), audit.len()), (1, 1));
    assert_eq!(
        (&hand_offs[0]["why"], &hand_offs[0]["requester"]),
        (&Value::from("minor_request"), &Value::from(ASKER))
    );
    assert_eq!(audit[0]["why"], "medicare_missing_premium");
    assert!(audit[0]["asked"].as_str().unwrap().contains("October is missing"), "{audit:?}");
    let csv = rig.command(&["lists", "cee-escalations", "--csv"]);
    assert!(csv.lines().count() == 3 && csv.starts_with("list,since,requester"), "{csv}");
    let (done, _, why) = rig.try_command(&["lists", "cee-escalations", "audits"]);
    assert!(!done && why.contains("did you mean `audit`"), "{why}");
    // The manager makes a case of it after all: the note is not mailed twice.
    let accept = reply("rowena.takahashi@benefitbay.com", "m1", &manager, "#accept pod");
    rig.receive("2026-10-05T13:00:00-04:00", &accept);
    assert_eq!((rig.cases().len(), listed("hand_offs").len()), (1, 1));
    assert_eq!(rig.got("dana.owner@benefitbay.com"), ["handover"]);
}

#[test]
fn what_stays_unresolved_goes_to_the_tracker() {
    let rig = desk(
        "kynect-psl",
        &[(
            "name = \"Open Enrollment Issue Tracker\"\n",
            "name = \"Open Enrollment Issue Tracker\"\naddress = \"tracker@ky.gov\"\n",
        )],
    );
    let body = "Agent Name: Pat Rowe\nAgency: Rowe Insurance\nDOI Number: 123456\nRole: Agent\nCase Number: 100200300\n\
                Issue: Which form does the client send to report a new address?\n";
    rig.receive(MONDAY, &Mail::new("one", "Address change", body).from(ASKER).authenticated("pass"));
    let number = rig.number();
    rig.run("2026-10-06T09:00:00-04:00");
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let assignment = newest(&rig, &specialist, "assignment");
    rig.receive(
        "2026-10-06T10:00:00-04:00",
        &reply(&specialist, "t", &assignment, "#tracker The form is missing on the site."),
    );
    let told = newest(&rig, ASKER, "listed");
    assert!(told.text().contains("Issue Tracker") && told.text().contains(&number), "{}", told.text());
    assert!(newest(&rig, "tracker@ky.gov", "handover").text().contains("The form is missing"));
    let entries = rig.json(&["lists", "kynect-psl", "tracker"]);
    assert_eq!((&entries[0]["case"], &entries[0]["why"]), (&Value::from(number.as_str()), &Value::from("staff")));
    rig.receive("2026-10-06T11:00:00-04:00", &reply(&specialist, "t2", &assignment, "#list tracker"));
    assert!(newest(&rig, &specialist, "command_result").text().contains("on that list already"));
    assert_eq!(rig.case(&number)["course"]["lists"], serde_json::json!(["tracker"]));
}

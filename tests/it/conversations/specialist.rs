//! The specialist who works in email only: answers, what stays inside, and the commands.

use super::rig::{AGENT, ISSUE, Mail, Rig, Sent, template};
use serde_json::Value;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T09:00:00-05:00";
const LATER: &str = "2026-11-03T11:30:00-05:00";

/// A desk whose agents are its own people, with one case that was assigned on Tuesday.
struct Desk {
    rig: Rig,
    number: String,
    specialist: String,
}

impl Desk {
    fn new() -> Self {
        let rig = Rig::trusting();
        rig.edit("internal_domains = [", "internal_domains = [\"agency.example\", ");
        rig.receive(MONDAY, &Mail::request("one"));
        rig.run(TUESDAY);
        let number = rig.number();
        let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
        Self { rig, number, specialist }
    }

    fn case(&self) -> Value {
        self.rig.case(&self.number)
    }

    /// The newest mail of `template` to the specialist.
    fn got(&self, template: &str) -> Sent {
        let all = self.rig.sent();
        all.into_iter().rfind(|one| one.to() == self.specialist && one.template == template).unwrap()
    }

    /// The specialist replies to `mail`.
    fn reply(&self, at: &str, id: &str, mail: &Sent, text: &str) {
        self.rig.receive(at, &self.reply_mail(id, mail, text));
    }

    fn reply_mail(&self, id: &str, mail: &Sent, text: &str) -> Mail {
        let quoted: String = mail.text().lines().map(|line| format!("> {line}\n")).collect();
        let body = format!("{text}\n\nOn Tuesday the desk wrote:\n{quoted}");
        let subject = format!("Re: {}", mail.mail.subject);
        Mail::new(id, &subject, &body).from(&self.specialist).answering(&mail.id()).authenticated("pass")
    }

    /// What the newest command result says.
    fn result(&self) -> String {
        self.got("command_result").text().to_owned()
    }

    fn clock(&self, kind: &str) -> (String, String) {
        let case = self.case();
        let all = case["clocks"].as_array().unwrap().iter().filter(|clock| clock["kind"] == kind);
        let newest = all.max_by_key(|clock| clock["due"].as_str().unwrap().to_owned()).unwrap();
        (newest["due"].as_str().unwrap().to_owned(), newest["state"].as_str().unwrap().to_owned())
    }

    fn running(&self, kind: &str) -> Vec<String> {
        let case = self.case();
        let all = case["clocks"].as_array().unwrap().iter();
        let running = all.filter(|clock| clock["kind"] == kind && clock["state"] == "running");
        running.map(|clock| clock["due"].as_str().unwrap().to_owned()).collect()
    }

    fn events(&self) -> Vec<String> {
        let case = self.case();
        case["history"].as_array().unwrap().iter().map(|one| one["event"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_reply_to_the_assignment_goes_to_the_requester_and_meets_the_promise() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    assert!(assignment.text().contains("#resolve"), "{}", assignment.text());
    let text =
        format!("Hello Jo,\n\nthe card was sent again today. Call {} if not.\n\nBest regards\nChris", desk.specialist);
    desk.reply(LATER, "a1", &assignment, &text);
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    let answer = desk.rig.last(AGENT);
    assert!(answer.text().contains("the card was sent again today"), "{}", answer.text());
    assert!(!answer.raw.to_lowercase().contains(&desk.specialist), "{}", answer.raw);
    assert!(!answer.text().contains(ISSUE), "quoted history: {}", answer.text());
    assert!(!answer.raw.contains("Auto-Submitted"), "a person's words are not automatic");
    assert_eq!(answer.mail.in_reply_to, ["one@agency.example"]);
    assert_eq!(answer.mail.subject, desk.rig.sent()[0].mail.subject);
    assert_eq!(desk.clock("respond").1, "met");
    assert_eq!(desk.running("update"), ["2026-11-10T16:30:00Z"], "five business days after the answer");
    assert!(desk.rig.got(&desk.specialist).iter().all(|template| template != "command_result"));
    // The promise is kept: nobody is nudged about it, nobody alerted.
    desk.rig.run("2026-11-06T12:00:00-05:00");
    assert!(!desk.rig.got(&desk.specialist).contains(&"nudge".to_owned()));
}

#[test]
fn the_requesters_reply_reaches_the_specialist_and_is_answered_from_there() {
    let desk = Desk::new();
    desk.reply(LATER, "a1", &desk.got("assignment"), "Which address should it go to?");
    let answer = desk.rig.last(AGENT);
    let subject = format!("Re: {}", answer.mail.subject);
    let reply = Mail::new("two", &subject, "To 12 Elm Street, please.").answering(&answer.id());
    desk.rig.receive("2026-11-04T09:00:00-05:00", &reply);
    let relay = desk.got("relay");
    assert!(relay.text().contains("12 Elm Street"), "{}", relay.text());
    assert!(
        relay.text().trim_start().starts_with("What you reply to this email goes to the requester"),
        "{}",
        relay.text()
    );
    desk.reply("2026-11-04T10:00:00-05:00", "a2", &relay, "Thank you, it is on its way.");
    let answer = desk.rig.last(AGENT);
    assert!(answer.text().contains("it is on its way"), "{}", answer.text());
    assert_eq!(answer.mail.in_reply_to, ["two@agency.example"]);
}

#[test]
fn what_is_muttered_to_a_nudge_stays_inside() {
    let desk = Desk::new();
    desk.rig.run("2026-11-05T08:30:00-05:00");
    let nudge = desk.got("nudge");
    desk.reply("2026-11-05T08:40:00-05:00", "n1", &nudge, "Oh please, that agent again.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert!(desk.result().contains("did not go to the requester"), "{}", desk.result());
    let notes = desk.case()["notes"].to_string();
    assert!(notes.contains("that agent again"), "{notes}");
    assert_eq!(desk.clock("respond").1, "running");
    // Neither does a reply to what told of that.
    desk.reply("2026-11-05T08:50:00-05:00", "n2", &desk.got("command_result"), "Whatever.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    // Commands are carried out there.
    desk.reply("2026-11-05T08:55:00-05:00", "n3", &nudge, "#resolve The card was sent again on Monday.");
    let closing = desk.rig.last(AGENT);
    assert_eq!(closing.template, "closing");
    assert!(closing.text().contains("sent again on Monday"), "{}", closing.text());
    assert_eq!(desk.case()["status"], "resolved");
    assert_eq!(desk.clock("respond").1, "met");
    desk.rig.run("2026-11-30T12:00:00-05:00");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "closing"]);
}

#[test]
fn half_understood_commands_do_nothing_and_send_nothing_on() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let text = "#note Called billing.\n#reslove\n\nDear Jo, all is done.";
    desk.reply(LATER, "a1", &assignment, text);
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    let result = desk.result();
    assert!(result.contains("#resolve") && result.contains("not done"), "{result}");
    assert_eq!(desk.case()["notes"], serde_json::json!([]));
    assert_eq!(desk.case()["status"], "in_review");
    assert!(desk.events().contains(&"commands_refused".to_owned()));
    // What cannot be carried out takes the rest of the mail with it.
    desk.reply(LATER, "a2", &assignment, "#note Called billing.\n#resume\n\nDear Jo, all is done.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert!(desk.result().contains("not paused"), "{}", desk.result());
    assert_eq!(desk.case()["notes"], serde_json::json!([]));
}

#[test]
fn the_same_mail_again_does_nothing_again() {
    let desk = Desk::new();
    let mail = desk.reply_mail(
        "a1",
        &desk.got("assignment"),
        "#opportunity training The form is unclear.\n\nIt is on its way.",
    );
    desk.rig.receive(LATER, &mail);
    desk.rig.receive(LATER, &mail);
    // Another way here leaves other trace lines.
    desk.rig.receive(LATER, &mail.clone().header("Received: from elsewhere by here; Tue, 3 Nov 2026 11:31:00 -0500"));
    desk.rig.receive("2026-11-05T09:00:00-05:00", &mail.clone().header("Received: from a third place by here"));
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    let case = desk.case();
    let noted = case["opportunities"].as_array().unwrap();
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!(noted[0]["kind"], "training");
    assert_eq!(noted[0]["agent"], AGENT);
    assert!(noted[0]["text"].as_str().unwrap().contains("form is unclear"));
    assert_eq!(desk.rig.got(&desk.specialist).iter().filter(|template| *template == "command_result").count(), 1);
}

#[test]
fn a_date_is_set_and_an_update_has_the_specialists_words() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    desk.reply(LATER, "a1", &assignment, "#next-update 11/12 3pm\n#update Billing confirmed the payment.");
    assert!(desk.result().contains("Thursday, November 12, 3:00 pm"), "{}", desk.result());
    assert_eq!(desk.running("update"), ["2026-11-12T20:00:00Z"]);
    assert_eq!(desk.running("update_nudge"), ["2026-11-10T13:00:00Z"], "November 11 is a holiday");
    desk.rig.run("2026-11-12T15:00:00-05:00");
    let update = desk.rig.last(AGENT);
    assert_eq!(update.template, "update");
    assert!(update.text().contains("Billing confirmed the payment."), "{}", update.text());
    assert_eq!(desk.running("update"), ["2026-11-19T20:00:00Z"]);
    desk.rig.run("2026-11-19T15:00:00-05:00");
    let second = desk.rig.last(AGENT);
    assert_eq!(second.template, "update");
    assert!(!second.text().contains("Billing"), "{}", second.text());
}

#[test]
fn a_pause_stops_both_clocks_and_what_was_left_is_left() {
    let desk = Desk::new();
    // The answer is due on Thursday at 10:15, 22 hours 45 minutes and one business day later.
    desk.reply(LATER, "a1", &desk.got("assignment"), "#pause until 11/16");
    let case = desk.case();
    assert_eq!(case["status"], "paused");
    assert_eq!(desk.clock("respond"), ("2026-11-05T15:15:00Z".into(), "paused".into()));
    desk.rig.run("2026-11-13T12:00:00-05:00");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"], "no update, and no breach");
    assert!(!desk.rig.got(&desk.specialist).contains(&"nudge".to_owned()));
    // Monday 8:00, and then one business day and 22:45 hours.
    desk.rig.run("2026-11-16T08:00:00-05:00");
    assert_eq!(desk.case()["status"], "in_review");
    assert_eq!(desk.running("respond"), ["2026-11-18T11:45:00Z"]);
    assert_eq!(desk.running("update"), ["2026-11-23T13:00:00Z"]);
}

#[test]
fn an_undated_pause_nudges_after_ten_business_days_and_resume_ends_it() {
    let desk = Desk::new();
    desk.reply(LATER, "a1", &desk.got("assignment"), "#pause\n\nWe wait for the bank.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    // November 11 is a holiday: ten business days after November 3 is the 18th.
    desk.rig.run("2026-11-18T11:29:00-05:00");
    assert!(!desk.rig.got(&desk.specialist).contains(&"nudge".to_owned()));
    desk.rig.run("2026-11-18T11:30:00-05:00");
    let nudge = desk.got("nudge");
    assert!(nudge.text().contains("paused without an end"), "{}", nudge.text());
    desk.reply("2026-11-18T12:00:00-05:00", "a2", &nudge, "#resume");
    assert_eq!(desk.case()["status"], "in_review");
    assert_eq!(desk.running("update"), ["2026-11-25T17:00:00Z"]);
    assert_eq!(desk.running("respond"), Vec::<String>::new(), "it was answered before");
}

#[test]
fn a_resolved_case_reopens_within_its_window_and_is_followed_after_it() {
    let desk = Desk::new();
    desk.reply(LATER, "a1", &desk.got("assignment"), "#resolve\n\nThe card was sent again.");
    let closing = desk.rig.last(AGENT);
    assert_eq!(closing.template, "closing");
    assert!(closing.text().contains("The card was sent again."), "{}", closing.text());
    let subject = format!("Re: {}", closing.mail.subject);
    let thanks = Mail::new("three", &subject, "Thank you!").answering(&closing.id());
    desk.rig.receive("2026-11-04T09:00:00-05:00", &thanks);
    assert_eq!(desk.case()["status"], "resolved");
    // Ten business days after November 3, 11:30.
    let again = Mail::new("four", &subject, "It still has not come, please look again.").answering(&closing.id());
    desk.rig.receive("2026-11-18T11:30:00-05:00", &again);
    assert_eq!(desk.case()["status"], "in_review");
    assert_eq!(desk.running("respond"), ["2026-11-23T16:30:00Z"]);
    assert!(desk.got("relay").mail.subject.contains(&desk.number));
    desk.reply("2026-11-18T12:00:00-05:00", "a2", &desk.got("relay"), "#resolve Sent by courier.");
    let late = Mail::new("five", &subject, "Now the courier has lost it.").answering(&closing.id());
    desk.rig.receive("2026-12-03T12:01:00-05:00", &late);
    assert_eq!(desk.rig.cases().len(), 2);
    let follower = desk.rig.number();
    assert_ne!(follower, desk.number);
    assert_eq!(desk.rig.case(&follower)["links"], serde_json::json!([desk.number]));
    assert_eq!(desk.rig.last(AGENT).template, "receipt");
}

#[test]
fn a_case_changes_hands_line_and_fields() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let others: Vec<String> =
        desk.rig.staff("specialist", "medicare").into_iter().filter(|one| *one != desk.specialist).collect();
    let other = others.first().expect("another specialist of the line");
    desk.reply(LATER, "a1", &assignment, &format!("#assign {other}"));
    assert_eq!(desk.case()["specialist"], other.as_str());
    assert_eq!(desk.rig.got(other), ["assignment"]);
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"], "the requester knows already");
    desk.reply(LATER, "a2", &assignment, "#field Member Name=Smith, Janet\n#line HumanaOne");
    let case = desk.case();
    assert_eq!(case["line"], "humanaone");
    assert_eq!(case["entries"][0]["member"]["first"], "Janet");
    assert!(desk.result().contains("#assign NAME"), "{}", desk.result());
    desk.reply(LATER, "a3", &assignment, "A new card is on its way.");
    let answer = desk.rig.last(AGENT);
    assert_eq!(answer.mail.subject, format!("Smith, Janet HumanaOne [{}]", desk.number));
}

#[test]
fn cases_are_opened_split_and_merged_by_mail() {
    let desk = Desk::new();
    let call = format!(
        "#for Pat Lee <pat.lee@agency.example>\n\n{}Line: Medicare\n",
        template("5511223", "H7654321000", "Tom Young", "He cannot see the claim of October")
    );
    let mail = Mail::new("c1", "A call", &call).from(&desk.specialist).authenticated("pass");
    desk.rig.receive(LATER, &mail);
    assert_eq!(desk.rig.got("pat.lee@agency.example"), ["receipt"], "{}", desk.result());
    let number = desk.rig.number();
    let case = desk.rig.case(&number);
    assert_eq!(case["requester"], "pat.lee@agency.example");
    assert_eq!(case["line"], "medicare");
    assert_eq!(case["entries"][0]["fields"]["member_id"], "H7654321000");
    let refused = Mail::new("c2", "A call", "#for pat.lee@agency.example\n\nPlease call back").from(&desk.specialist);
    desk.rig.receive(LATER, &refused.authenticated("pass"));
    assert!(desk.result().contains("line is missing"), "{}", desk.result());
    assert_eq!(desk.rig.cases().len(), 2);
    // The requester's second message becomes a case of its own.
    let subject = format!("Re: {}", desk.rig.last(AGENT).mail.subject);
    let more = "By the way, her address has changed as well, please note it down.";
    desk.rig.receive(LATER, &Mail::new("more", &subject, more).answering(&desk.rig.last(AGENT).id()));
    desk.reply(LATER, "s1", &desk.got("relay"), "#split");
    assert_eq!(desk.rig.cases().len(), 3, "{}", desk.result());
    let split = desk.rig.number();
    assert_eq!(desk.rig.case(&split)["links"], serde_json::json!([desk.number]));
    assert_eq!(desk.rig.last(AGENT).template, "receipt");
    // And goes back into the first one.
    let tagged = Mail::new("m1", &format!("merge [{split}]"), &format!("#merge {}", desk.number));
    desk.rig.receive(LATER, &tagged.from(&desk.specialist).authenticated("pass"));
    assert_eq!(desk.rig.case(&split)["status"], "resolved", "{}", desk.result());
    let late = Mail::new("late", "Re: it", "Where does this go?").answering(&desk.rig.last(AGENT).id());
    desk.rig.receive(LATER, &late);
    assert!(desk.got("relay").mail.subject.contains(&desk.number));
    assert_eq!(desk.case()["status"], "in_review");
}

#[test]
fn what_was_returned_redirected_or_held_is_accepted_by_mail() {
    let desk = Desk::new();
    let short = Mail::short("short").from("ann@agency.example");
    desk.rig.receive(LATER, &short);
    let returned = desk.rig.last("ann@agency.example");
    assert_eq!(returned.template, "return");
    let accept = Mail::new("x1", &format!("Re: {}", returned.mail.subject), "#accept").from(&desk.specialist);
    desk.rig.receive(LATER, &accept.authenticated("pass"));
    assert_eq!(desk.rig.got("ann@agency.example"), ["return", "receipt"], "{}", desk.result());
    assert_eq!(desk.rig.pending().len(), 0);
    assert_eq!(desk.rig.cases().len(), 2);
    // Again: it is a case already.
    let again = Mail::new("x2", &format!("Re: {}", returned.mail.subject), "#accept").from(&desk.specialist);
    desk.rig.receive(LATER, &again.authenticated("pass"));
    assert_eq!(desk.rig.cases().len(), 2);
    assert!(desk.result().contains("not done"), "{}", desk.result());
    // A request that was sent elsewhere: the specialist answers the mail that did so.
    let body = template("4411223", "H1234567801", "Jane Smith", "I want to ask why my commission statement is wrong");
    desk.rig.receive(LATER, &Mail::new("commission", "Smith, Jane Medicare", &body).from("bob@agency.example"));
    let redirect = desk.rig.last("bob@agency.example");
    assert_eq!(redirect.template, "redirect");
    let accept = Mail::new("x3", "Re: commission", "#accept Medicare").from(&desk.specialist);
    desk.rig.receive(LATER, &accept.answering(&redirect.id()).authenticated("pass"));
    assert_eq!(desk.rig.got("bob@agency.example"), ["redirect", "receipt"], "{}", desk.result());
}

#[test]
fn strangers_and_forgers_command_nothing() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let forged =
        Mail::new("f1", &assignment.mail.subject, "#resolve").from(&desk.specialist).answering(&assignment.id());
    desk.rig.receive(LATER, &forged.clone().authenticated("fail"));
    desk.rig.receive(LATER, &Mail { id: "f2@x.example".into(), ..forged });
    assert_eq!(desk.rig.held().len(), 2);
    let agent =
        Mail::new("f3", &desk.rig.last(AGENT).mail.subject, "#resolve\n\nThanks").answering(&desk.rig.last(AGENT).id());
    desk.rig.receive(LATER, &agent.authenticated("pass"));
    assert_eq!(desk.case()["status"], "in_review");
    assert!(desk.got("relay").text().contains("#resolve"), "a requester's words are words");
}

#[test]
fn help_and_absence_need_no_case() {
    let desk = Desk::new();
    let mail = |id: &str, text: &str| Mail::new(id, "hello", text).from(&desk.specialist).authenticated("pass");
    desk.rig.receive(LATER, &mail("h1", "#help"));
    assert!(desk.result().contains("#next-update DATE"), "{}", desk.result());
    desk.rig.receive(LATER, &mail("h2", "#out 12/21..1/2"));
    assert!(desk.result().contains("away from Monday, December 21"), "{}", desk.result());
    desk.rig.receive(LATER, &mail("h3", "#resolve"));
    assert!(desk.result().contains("which case is meant"), "{}", desk.result());
    assert_eq!(desk.rig.cases().len(), 1);
}

#[test]
fn without_a_header_to_believe_commands_wait_for_a_yes() {
    let rig = Rig::new();
    rig.edit("internal_domains = [", "internal_domains = [\"agency.example\", ");
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run(TUESDAY);
    let number = rig.number();
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let desk = Desk { rig, number, specialist };
    let assignment = desk.got("assignment");
    desk.reply(LATER, "a1", &assignment, "#note Called billing.\n\nIt is on its way.");
    assert_eq!(desk.case()["notes"], serde_json::json!([]));
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    let question = desk.got("command_result");
    assert!(question.text().trim_start().starts_with("Did you send this?"), "{}", question.text());
    desk.reply(LATER, "a2", &question, "Yes.");
    assert!(desk.case()["notes"].to_string().contains("Called billing"), "{}", desk.result());
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    assert!(desk.rig.last(AGENT).text().contains("It is on its way."));
    // Once only.
    desk.reply(LATER, "a3", &question, "yes");
    assert_eq!(
        desk.case()["notes"].as_array().unwrap().iter().filter(|one| one.to_string().contains("billing")).count(),
        1
    );
    // An answer without commands is proved by its token, and goes at once.
    desk.reply(LATER, "a4", &assignment, "One thing more: it comes by courier.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer", "answer"]);
    // Nobody else's token counts, nor none.
    let forged = Mail::new("f1", "x", "#resolve").from(&desk.specialist).answering(&desk.rig.last(AGENT).id());
    desk.rig.receive(LATER, &forged);
    assert_eq!(desk.case()["status"], "in_review");
    assert_eq!(desk.rig.held_because(), "unauthenticated_staff");
}

#[test]
fn a_name_alone_is_no_answer_and_a_correction_comes_before_one() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let name = specialists_name(&desk);
    desk.reply(LATER, "a1", &assignment, &format!("{name}\nCustomer Care Specialist\n1-800-555-0100"));
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert_eq!(desk.running("respond").len(), 1);
    desk.reply(LATER, "a2", &assignment, &format!("#line HumanaOne\n\nIt is on its way.\n\n{name}\nExtension 77"));
    let answer = desk.rig.last(AGENT);
    assert_eq!(answer.mail.subject, format!("Smith, Jane HumanaOne [{}]", desk.number));
    assert!(answer.text().contains("It is on its way.") && !answer.text().contains("Extension"), "{}", answer.text());
    // A case that is opened by hand takes its line from a command below.
    let call = format!(
        "#for pat@agency.example\n#line Medicare\n\n{}",
        template("5511223", "H7654321000", "Tom Young", ISSUE)
    );
    desk.rig.receive(LATER, &Mail::new("c1", "A call", &call).from(&desk.specialist).authenticated("pass"));
    assert_eq!(desk.rig.got("pat@agency.example"), ["receipt"], "{}", desk.result());
    assert_eq!(desk.rig.case(&desk.rig.number())["line"], "medicare");
}

/// The specialist's name, as the desk writes to them.
fn specialists_name(desk: &Desk) -> String {
    let raw = desk.got("assignment").raw;
    let to = raw.lines().find(|line| line.starts_with("To: ")).expect("a recipient").trim_start_matches("To: ");
    to.split('<').next().unwrap().trim().trim_matches('"').to_owned()
}

#[test]
fn whatever_its_hour_an_answer_that_is_due_is_reminded_of_first() {
    // Saturday: due on Thursday at the opening. Monday before the opening: due on Thursday before it.
    for (arrives, nudge, breach) in [
        ("2026-10-31T13:00:00-04:00", "2026-11-05T13:00:00Z", "2026-11-05T13:00:00Z"),
        ("2026-11-02T06:00:00-05:00", "2026-11-04T13:00:00Z", "2026-11-05T11:00:00Z"),
    ] {
        let rig = Rig::trusting();
        rig.receive(arrives, &Mail::request("one"));
        rig.run("2026-11-05T12:00:00-05:00");
        let case = rig.case(&rig.number());
        let at = |template: &str| -> Vec<String> {
            let mails = case["mails"].as_array().unwrap().iter().filter(|mail| mail["template"] == template);
            mails.map(|mail| mail["at"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!((at("nudge"), at("breach")), (vec![nudge.to_owned()], vec![breach.to_owned()]), "{arrives}");
    }
}

#[test]
fn what_is_passed_on_or_said_to_a_colleague_is_no_answer() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let expert = "expert@agency.example";
    let to = |raw: String, to: &str| {
        raw.replacen(&format!("To: {}", desk.rig.desk), &format!("To: {to}\nCc: {}", desk.rig.desk), 1)
    };
    let mail = desk.reply_mail("x1", &assignment, "SECRETO, please look at this agent.");
    desk.rig.deliver(&to(mail.raw(&desk.rig), expert));
    let both = format!("{expert}, {}", desk.rig.desk);
    let mail = desk.reply_mail("x2", &assignment, "Can you approve this?");
    desk.rig.deliver(&to(mail.raw(&desk.rig), &both));
    let forward = Mail { subject: "Fwd: look".into(), ..desk.reply_mail("x3", &assignment, "For your files.") };
    desk.rig.receive(LATER, &forward);
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"], "{}", desk.result());
    assert_eq!(desk.case()["notes"].as_array().unwrap().len(), 3);
    // A colleague of the house in the thread: a note to the specialist, and what they say to it stays inside.
    let rita = Mail::new("r1", &assignment.mail.subject, "The agent called me too.").from("rita@agency.example");
    desk.rig.receive(LATER, &rita.answering(&desk.rig.last(AGENT).id()).authenticated("pass"));
    let notice = desk.got("notice");
    assert!(notice.text().contains("The agent called me too."), "{}", notice.text());
    desk.reply(LATER, "x4", &notice, "So the agent is careless again.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    // One request cannot be split.
    desk.reply(LATER, "x5", &assignment, "#split");
    assert!(desk.result().contains("nothing to split off"), "{}", desk.result());
    assert_eq!(desk.rig.cases().len(), 1);
}

#[test]
fn a_supervisor_moves_all_cases_of_somebody_the_one_at_hand_too() {
    let desk = Desk::new();
    let others: Vec<String> =
        desk.rig.staff("specialist", "medicare").into_iter().filter(|one| *one != desk.specialist).collect();
    let supervisor = desk.rig.staff("supervisor", "medicare").remove(0);
    let command = format!("#assign {} all from {}", others[0], desk.specialist);
    let subject = format!("all [{}]", desk.number);
    let by = |from: &str, id: &str| Mail::new(id, &subject, &command).from(from).authenticated("pass");
    desk.rig.receive(LATER, &by(&desk.specialist, "s1"));
    assert_eq!(desk.case()["specialist"], desk.specialist.as_str(), "not a specialist's to say");
    desk.rig.receive(LATER, &by(&supervisor, "s2"));
    assert_eq!(desk.case()["specialist"], others[0].as_str(), "{}", desk.rig.last(&supervisor).text());
    assert_eq!(desk.rig.got(&others[0]), ["assignment"]);
}

#[test]
fn what_waits_for_a_secure_way_keeps_no_promise() {
    let rig = Rig::trusting();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run(TUESDAY);
    let number = rig.number();
    let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
    let desk = Desk { rig, number, specialist };
    desk.reply(LATER, "a1", &desk.got("assignment"), "It is on its way.");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement"]);
    assert_eq!(desk.rig.json(&["outbox"])[0]["state"], "waiting_secure");
    assert!(desk.result().contains("no secure way"), "{}", desk.result());
    desk.rig.run("2026-11-05T10:15:00-05:00");
    assert_eq!(desk.clock("respond").1, "breached");
    desk.reply("2026-11-05T11:00:00-05:00", "a2", &desk.got("assignment"), "#resolve It was delivered.");
    assert!(desk.result().contains("resolved, but the requester is not told yet"), "{}", desk.result());
}

#[test]
fn two_who_answer_at_once_are_both_heard_and_the_one_who_has_the_case_is_told() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let others = desk.rig.staff("specialist", "medicare");
    let other = others.iter().find(|one| **one != desk.specialist).expect("another").clone();
    desk.reply(LATER, "a1", &assignment, &format!("#assign {other}"));
    let theirs = desk.rig.sent().into_iter().rfind(|one| one.to() == other && one.template == "assignment").unwrap();
    let first = desk.reply_mail("a2", &assignment, "It was sent on Monday.");
    let second =
        Mail { from: other.clone(), headers: Vec::new(), ..desk.reply_mail("a3", &theirs, "It was sent twice.") };
    desk.rig.deliver(&first.raw(&desk.rig));
    desk.rig.deliver(&second.answering(&theirs.id()).authenticated("pass").raw(&desk.rig));
    desk.rig.run(LATER);
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer", "answer"]);
    let told: Vec<Sent> =
        desk.rig.sent().into_iter().filter(|one| one.to() == other && one.template == "notice").collect();
    assert!(told.iter().any(|one| one.text().contains("It was sent on Monday.")), "{:?}", desk.rig.got(&other));
    assert_eq!(desk.running("update"), ["2026-11-10T16:30:00Z"]);
    assert_eq!(desk.clock("respond").1, "met");
}

#[test]
fn a_reminder_at_the_end_of_a_pause_is_given() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    desk.reply(LATER, "a1", &assignment, "#waiting external until 11/9");
    desk.reply(LATER, "a2", &assignment, "#pause until 11/9");
    desk.rig.run("2026-11-09T08:00:00-05:00");
    assert_eq!(desk.case()["status"], "waiting_external");
    let reminder = desk.got("nudge");
    assert!(reminder.text().contains("was to wait until today"), "{}", reminder.text());
}

#[test]
fn no_words_of_staff_bear_their_address_whatever_mail_takes_them_out() {
    let desk = Desk::new();
    let assignment = desk.got("assignment");
    let words = |what: &str| format!("{what} Write to {} if in doubt.", desk.specialist.to_uppercase());
    desk.reply(LATER, "a1", &assignment, &format!("#update {}", words("Billing looks into it.")));
    desk.rig.run("2026-11-10T12:00:00-05:00");
    desk.reply("2026-11-10T12:10:00-05:00", "a2", &assignment, &format!("#return {}", words("Which address?")));
    desk.reply("2026-11-10T12:20:00-05:00", "a3", &assignment, &format!("#resolve {}", words("All is done.")));
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "update", "return", "closing"]);
    for mail in desk.rig.sent().iter().filter(|mail| mail.to() == AGENT) {
        assert!(!mail.raw.to_lowercase().contains(&desk.specialist), "{}: {}", mail.template, mail.raw);
    }
    let last = desk.rig.last(AGENT);
    let closing = last.text().to_lowercase();
    assert!(closing.contains(&format!("write to {} if in doubt.", desk.rig.desk)), "{closing}");
}

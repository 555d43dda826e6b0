//! The desk of escalations from its first mail to its last, on real servers and a rehearsal's clock: what cannot wait is
//! given at once, tier 1 goes round, the manager gives on, silence is told and a carrier's turnaround holds that back.
//!
//! The instants are counted by hand, in Chicago; November 11, 2026 is Veterans Day.

use super::case_life::{got, newest, reply};
use super::support::clerk::Clerk;
use super::support::dovecot::Dovecot;
use super::support::requests::header;
use super::support::smtp::FakeSmtp;
use mailclerk::message::Message;
use serde_json::Value;

const DESK: &str = "cee-escalations";
const ADDRESS: &str = "escalations@benefitbay.com";
/// Supervises tier 1 and the pod; supervises care.
const ROWENA: &str = "rowena.takahashi@benefitbay.com";
const IDRIS: &str = "idris.fontaine@benefitbay.com";
/// Tier 1, the pod, care.
const LENA: &str = "lena.marsh-otieno@benefitbay.com";
const GIDEON: &str = "gideon.pruitt@benefitbay.com";
const AMARA: &str = "amara.lindqvist@benefitbay.com";
const JONAS: &str = "jonas.whitaker@benefitbay.com";

struct Life {
    dovecot: Dovecot,
    smtp: FakeSmtp,
    clerk: Clerk,
    written: std::cell::Cell<u32>,
}

impl Life {
    fn new() -> Self {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
        let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
        clerk.edit(&format!("desk = \"{}\"", clerk.desk.id), &format!("desk = \"{DESK}\""));
        clerk.edit("[[mailbox]]\n", "[[mailbox]]\ntrust = { rfc8601 = \"mx.desk.example\" }\n");
        (clerk.desk.id, clerk.desk.address) = (DESK.to_owned(), ADDRESS.to_owned());
        Self { dovecot, smtp, clerk, written: std::cell::Cell::new(0) }
    }

    /// Everything up to this time of a day of November.
    fn until(&self, day_and_time: &str) {
        self.clerk.ok(&["run", "--once", "--at", &format!("2026-11-{day_and_time}:00-06:00")]);
    }

    fn mails(&self) -> Vec<Vec<u8>> {
        self.smtp.taken().into_iter().map(|mail| mail.bytes).collect()
    }

    /// A new request of a customer success manager.
    fn ask(&self, who: &str, id: &str, fields: &[(&str, &str)]) {
        let body: String = fields.iter().map(|(label, value)| format!("{label}: {value}\r\n")).collect();
        let raw = format!(
            "Authentication-Results: mx.desk.example; dmarc=pass header.from=benefitbay.com\r\nFrom: {who}\r\n\
             To: {ADDRESS}\r\nSubject: Escalation\r\nMessage-ID: <{id}@benefitbay.com>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{body}"
        );
        self.dovecot.deliver(raw.as_bytes());
    }

    /// Somebody answers the newest mail of this template that they got about a case.
    fn answer(&self, who: &str, template: &str, number: &str, text: &str) {
        let about = |mail: &Vec<u8>| header(mail, "X-Mailclerk-Case").as_deref() == Some(number);
        let mails: Vec<_> = self.mails().into_iter().filter(about).collect();
        self.written.set(self.written.get() + 1);
        let id = format!("r{}", self.written.get());
        self.dovecot.deliver(&reply(&self.clerk, who, &newest(&mails, who, template), &id, text));
    }

    fn case(&self, number: &str) -> Value {
        self.clerk.json(&["case", number, "--json"])
    }

    /// The number of the case that this requester opened last.
    fn number(&self, who: &str) -> String {
        header(&newest(&self.mails(), who, "receipt"), "X-Mailclerk-Case").expect("a case")
    }

    /// The newest mail of this template that somebody got, its lines put together.
    fn text(&self, who: &str, template: &str) -> String {
        let text = Message::read(&newest(&self.mails(), who, template)).body.text;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How many mails somebody got about this case whose subject begins so.
    fn told(&self, who: &str, number: &str, subject: &str) -> usize {
        let is = |mail: &&Vec<u8>| {
            let read = Message::read(mail);
            header(mail, "X-Mailclerk-Case").as_deref() == Some(number)
                && read.subject.starts_with(subject)
                && read.to.iter().any(|one| one.address.to_string() == who)
        };
        self.mails().iter().filter(is).count()
    }
}

fn fields<'a>(kind: &'a str, employee: &'a str, issue: &'a str, urgency: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("Escalation Type", kind),
        ("Employee", employee),
        ("Employer", "Harrowgate Tool & Die"),
        ("Issue", issue),
        ("Research done", "Payment page looked at; no notes on the profile."),
        ("Urgency", urgency),
    ]
}

#[test]
fn from_the_first_escalation_to_the_case_that_follows_the_closed_one() {
    const PAIGE: &str = "paige.lomond@benefitbay.com";
    const ORLA: &str = "orla.finnick@benefitbay.com";
    const KIKI: &str = "kiki.strand@benefitbay.com";
    let life = Life::new();
    let missing = "The October premium is missing at the carrier. It just needs a one-time payment.";
    // Monday, 10:15: care is blocked. It is given to somebody at once.
    let blocked = "He is at the pharmacy and cannot get his prescription filled, the plan shows as inactive.";
    let mut urgent = fields("Access to Care", "Torvald Emsley", blocked, "Urgent");
    urgent.push(("Urgency reason", "cannot fill a prescription he needs tonight"));
    life.ask(PAIGE, "one", &urgent);
    life.until("02T10:15");
    assert_eq!(got(&life.mails(), PAIGE), ["receipt", "acknowledgement"]);
    assert!(life.text(PAIGE, "receipt").contains("the same day"), "{}", life.text(PAIGE, "receipt"));
    let care = life.number(PAIGE);
    let case = life.case(&care);
    assert_eq!((&case["specialist"], &case["status"]), (&JONAS.into(), &"in_review".into()));
    assert_eq!(life.told(JONAS, &care, "Urgent: "), 1, "the assignment");
    // 10:30: two for tier 1, one for the manager. They wait for the day's hour.
    life.ask(ORLA, "two", &fields("Missing Premium", "Jorah Penwick", missing, "Medium"));
    life.until("02T10:30");
    let first = life.number(ORLA);
    life.ask(KIKI, "three", &fields("Missing Premium", "Ines Calloway", missing, "Medium"));
    life.until("02T10:31");
    let second = life.number(KIKI);
    let matters =
        "Two carriers bill him and each names another effective date, so both have to be investigated together.";
    life.ask(ORLA, "four", &fields("Other", "Phelan Osgood", matters, "Medium"));
    life.until("02T10:32");
    let other = life.number(ORLA);
    assert_eq!(got(&life.mails(), KIKI), ["receipt"]);
    assert!(life.text(KIKI, "receipt").contains("5 business days"), "{}", life.text(KIKI, "receipt"));
    // Tuesday.
    life.until("03T09:00");
    let has = |number: &str| life.case(number)["specialist"].as_str().unwrap_or_default().to_owned();
    assert_eq!((has(&first), has(&second), has(&other)), (LENA.into(), GIDEON.into(), ROWENA.into()));
    assert_eq!(life.told(ROWENA, &other, "Please give on: "), 1);
    assert!(life.text(ROWENA, "assignment").contains("#assign"), "{}", life.text(ROWENA, "assignment"));
    life.answer(ROWENA, "assignment", &other, "#assign Amara");
    life.until("03T09:30");
    assert_eq!(has(&other), AMARA);
    let acknowledged = life.case(&other)["mails"].as_array().unwrap().to_vec();
    assert_eq!(acknowledged.iter().filter(|mail| mail["template"] == "acknowledgement").count(), 1, "once");
    // Gideon has nothing left, and yet it is Lena's turn.
    life.answer(GIDEON, "assignment", &second, "#resolve\r\n\r\nThe payment was made and has cleared.");
    life.ask(PAIGE, "five", &fields("Missing Premium", "Abel Thornquist", missing, "Medium"));
    life.until("03T11:00");
    let third = life.number(PAIGE);
    life.until("04T09:00");
    assert_eq!((life.case(&second)["status"].as_str(), has(&third)), (Some("resolved"), LENA.into()));
    // Silence: two business days after Monday 10:15 the manager of care is told, and the specialist asked.
    life.until("04T10:14");
    assert_eq!(life.told(IDRIS, &care, "No activity"), 0);
    life.until("04T10:15");
    assert_eq!((life.told(IDRIS, &care, "No activity"), life.told(JONAS, &care, "Please update")), (1, 1));
    let notice = life.text(IDRIS, "notice");
    for words in [care.as_str(), "Urgent", "1-2 business days", "the request came in", "Jonas Whitaker"] {
        assert!(notice.contains(words), "{words}: {notice}");
    }
    life.until("05T07:30");
    assert!(life.text(IDRIS, "digest").contains("1 case shows no activity"), "{}", life.text(IDRIS, "digest"));
    // The carrier says how long it takes: nobody is asked until that is over.
    life.answer(JONAS, "assignment", &care, "#waiting external for 5-7 business days\r\n#note Called the carrier.");
    life.until("05T09:00");
    assert_eq!(life.case(&care)["status"], "waiting_external");
    // A requester's follow-up is no reason to ask anybody either.
    life.answer(PAIGE, "receipt", &care, "Is there any news?");
    life.until("06T10:00");
    // Tier 1: five business days after Monday 10:30 without a word of Lena's.
    life.until("09T10:29");
    assert_eq!(life.told(ROWENA, &first, "No activity"), 0, "that she was given it is nothing done");
    life.until("09T10:30");
    assert_eq!((life.told(ROWENA, &first, "No activity"), life.told(LENA, &first, "Please update")), (1, 1));
    // The pod's was given on by hand on Tuesday, and Orla writes: it counts from there.
    life.answer(ORLA, "receipt", &other, "The employee asks when this will be done.");
    life.until("09T11:00");
    life.until("17T10:59");
    assert_eq!((life.told(ROWENA, &other, "No activity"), life.told(IDRIS, &care, "No activity")), (0, 1));
    assert_eq!(life.told(JONAS, &care, "Reminder"), 1, "Tuesday the 17th is the seventh business day");
    life.until("17T11:00");
    assert_eq!((life.told(ROWENA, &other, "No activity"), life.told(AMARA, &other, "Please update")), (1, 1));
    life.until("20T07:59");
    assert_eq!(life.told(IDRIS, &care, "No activity"), 1);
    life.until("20T08:00");
    assert_eq!(life.told(IDRIS, &care, "No activity"), 2, "two business days after the carrier's days");
    // A status without a word is refused.
    life.answer(JONAS, "nudge", &care, "#pause until 12/1");
    life.until("20T09:00");
    assert_eq!(life.case(&care)["status"], "waiting_external");
    assert!(life.text(JONAS, "command_result").contains("#note TEXT"), "{}", life.text(JONAS, "command_result"));
    life.answer(JONAS, "assignment", &care, "#resolve\r\n\r\nThe plan is active, and he has his prescription.");
    life.until("20T10:00");
    assert_eq!(life.case(&care)["status"], "resolved");
    // What comes later is a new case, which is given at once as the first one was.
    life.answer(PAIGE, "closing", &care, "The pharmacy refuses it again, he cannot get his prescription.");
    life.until("20T11:00");
    let next = life.number(PAIGE);
    assert_ne!(next, care);
    let case = life.case(&next);
    assert_eq!((&case["specialist"], case["links"][0].as_str()), (&JONAS.into(), Some(care.as_str())));
    assert_eq!(life.case(&care)["status"], "resolved");
    // Three weeks are over: the manager's digest names what is past its target; no mail to a requester speaks of one.
    life.until("25T07:30");
    let digest = life.text(ROWENA, "digest");
    assert!(digest.contains("past their targets") && digest.contains(&first), "{digest}");
    for who in [PAIGE, ORLA, KIKI] {
        let to_them = |mail: &&Vec<u8>| Message::read(mail).to.iter().any(|one| one.address.to_string() == who);
        assert!(!life.mails().iter().filter(to_them).any(|mail| Message::read(mail).body.text.contains("target")));
    }
    life.clerk.ok(&["audit", "verify"]);
}

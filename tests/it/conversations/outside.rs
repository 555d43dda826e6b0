//! People outside: which way content takes to them, that it waits rather than leave in plain, and what happens when a
//! way is there at last.

use super::rig::{AGENT, Mail, Rig, Sent};
use serde_json::Value;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T09:00:00-05:00";
const LATER: &str = "2026-11-03T11:30:00-05:00";
const WORDS: &str = "The zebra-coloured card was sent again today.";

/// A desk with one case of somebody outside, assigned on Tuesday.
struct Desk {
    rig: Rig,
    number: String,
    specialist: String,
}

impl Desk {
    fn new(secure: &str) -> Self {
        let rig = Rig::trusting();
        rig.edit("[secure]\nway = \"none\"\nautomatic = \"plain\"", secure);
        // Nothing falls due before the day's opening, at which a changed way is seen then.
        rig.edit("digest_at = \"07:30\"", "digest_at = \"08:00\"");
        rig.receive(MONDAY, &Mail::request("one"));
        rig.run(TUESDAY);
        let number = rig.number();
        let specialist = rig.case(&number)["specialist"].as_str().unwrap().to_owned();
        Self { rig, number, specialist }
    }

    fn reply(&self, at: &str, id: &str, text: &str) {
        let all = self.rig.sent();
        let to = all.iter().rfind(|one| one.to() == self.specialist && one.template == "assignment").unwrap();
        let subject = format!("Re: {}", to.mail.subject);
        let mail = Mail::new(id, &subject, text).from(&self.specialist).answering(&to.id()).authenticated("pass");
        self.rig.receive(at, &mail);
    }

    fn last(&self, template: &str) -> Sent {
        self.rig.sent().into_iter().rfind(|one| one.to() == AGENT && one.template == template).unwrap()
    }

    fn waiting(&self) -> Vec<String> {
        let all = self.rig.json(&["outbox"]);
        let waiting = all.iter().filter(|mail| mail["state"] == "waiting_secure");
        waiting.map(|mail| mail["template"].as_str().unwrap().to_owned()).collect()
    }

    fn clock(&self, kind: &str) -> (String, String) {
        let case = self.rig.case(&self.number);
        let all = case["clocks"].as_array().unwrap().iter().filter(|clock| clock["kind"] == kind);
        let newest = all.max_by_key(|clock| clock["due"].as_str().unwrap().to_owned()).unwrap();
        (newest["due"].as_str().unwrap().to_owned(), newest["state"].as_str().unwrap().to_owned())
    }

    fn events(&self) -> Vec<String> {
        let case = self.rig.case(&self.number);
        let name = |one: &Value| one["event"].as_str().unwrap().to_owned();
        case["history"].as_array().unwrap().iter().map(name).collect()
    }

    /// How often the header stands in the mail's head.
    fn headers(mail: &Sent, line: &str) -> usize {
        let head = mail.raw.split("\r\n\r\n").next().unwrap();
        head.lines().filter(|one| *one == line).count()
    }
}

#[test]
fn an_answer_leaves_through_the_gateway_by_its_header_and_automatic_mail_does_not() {
    let desk = Desk::new("[secure]\nway = \"gateway\"\ngateway_header = \"X-Encrypt: yes please\"");
    desk.reply(LATER, "a1", WORDS);
    assert!(desk.waiting().is_empty());
    let answer = desk.last("answer");
    assert_eq!(Desk::headers(&answer, "X-Encrypt: yes please"), 1, "{}", answer.raw);
    assert!(answer.text().contains("zebra"));
    assert_eq!(answer.mail.subject, format!("[{}]", desk.number), "gateways seal no subjects");
    assert_eq!(Desk::headers(&desk.last("receipt"), "X-Encrypt: yes please"), 0);
    assert_eq!(desk.clock("respond").1, "met");
    for one in desk.rig.sent().iter().filter(|one| one.to() != AGENT) {
        assert_eq!(Desk::headers(one, "X-Encrypt: yes please"), 0, "{}", one.template);
    }
}

#[test]
fn a_subject_bears_the_tag_once_and_what_comes_back_with_it_is_read_as_before() {
    for (position, expected) in [("", "[locked] [N]"), ("gateway_tag_position = \"end\"\n", "[N] [locked]")] {
        let desk = Desk::new(&format!("[secure]\nway = \"gateway\"\ngateway_subject_tag = \"[locked]\"\n{position}"));
        desk.reply(LATER, "a1", WORDS);
        let answer = desk.last("answer");
        assert_eq!(answer.mail.subject, expected.replace('N', &desk.number));
        // Whoever replies keeps the tag, and no header of the thread; the tag is written another way.
        let subject = format!("RE: {}", answer.mail.subject.replace("locked", "Locked"));
        desk.rig.receive("2026-11-04T10:00:00-05:00", &Mail::new("two", &subject, "It has not come by now, sorry."));
        assert_eq!(desk.rig.cases().len(), 1);
        let relayed = desk.rig.last(&desk.specialist);
        assert_eq!((relayed.template.as_str(), relayed.mail.subject.contains("ocked")), ("relay", false));
        // A new request under such a subject is read without it.
        let tagged = Mail { subject: "[Locked] Smith, Jane Medicare".into(), ..Mail::request("three") };
        desk.rig.receive("2026-11-04T11:00:00-05:00", &tagged.from("kim.ray@agency.example"));
        let newest = desk.rig.case(&desk.rig.number());
        assert_eq!(newest["entries"][0]["member"]["last"], "Smith");
    }
}

#[test]
fn a_tag_without_brackets_is_read_back_at_either_end() {
    for position in ["beginning", "end"] {
        let secure = format!(
            "[secure]\nway = \"gateway\"\ngateway_subject_tag = \"#locked\"\ngateway_tag_position = \"{position}\""
        );
        let desk = Desk::new(&secure);
        for (n, subject) in ["#locked Smith, Jane Medicare", "Smith, Jane Medicare #LOCKED"].into_iter().enumerate() {
            let mail = Mail { subject: subject.into(), ..Mail::request(&format!("m{n}")) };
            desk.rig.receive("2026-11-04T11:00:00-05:00", &mail.from(&format!("kim{n}@agency.example")));
            let newest = desk.rig.case(&desk.rig.number());
            assert_eq!(newest["entries"][0]["member"]["first"], "Jane", "{subject}");
        }
        assert_eq!(desk.rig.cases().len(), 3);
    }
}

#[test]
fn what_waits_leaves_by_itself_in_order_when_a_way_is_there_and_meets_the_promise_then() {
    let desk = Desk::new("[secure]\nway = \"none\"");
    desk.reply(LATER, "a1", WORDS);
    desk.reply("2026-11-03T12:00:00-05:00", "a2", "And a second thing, about the giraffe.");
    assert_eq!(desk.waiting(), ["answer", "answer"]);
    assert_eq!(desk.clock("respond").1, "running", "nobody has been answered");
    // A person cannot send it in plain either.
    let id = desk.rig.json(&["outbox"])[0]["id"].as_str().unwrap().to_owned();
    desk.rig.command(&["outbox", "retry", &id]);
    desk.rig.run("2026-11-03T13:00:00-05:00");
    assert_eq!(desk.waiting(), ["answer", "answer"]);
    desk.rig.edit("way = \"none\"", "way = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"");
    desk.rig.run("2026-11-04T10:00:00-05:00");
    assert!(desk.waiting().is_empty());
    let answers: Vec<Sent> = desk.rig.sent().into_iter().filter(|one| one.template == "answer").collect();
    let texts: Vec<bool> = answers.iter().map(|one| one.text().contains("zebra")).collect();
    assert_eq!(texts, [true, false], "in their order");
    assert!(answers.iter().all(|one| Desk::headers(one, "X-Encrypt: yes") == 1));
    assert!(answers.iter().all(|one| one.raw.contains("Date: Wed, 04 Nov 2026 13:00:00 +0000")), "{}", answers[0].raw);
    assert_eq!(desk.clock("respond").1, "met");
    assert_eq!(desk.clock("update").0, "2026-11-12T13:00:00Z", "from the release, a holiday between");
    assert_eq!(desk.events().iter().filter(|one| *one == "mail_released").count(), 2);
    // Nothing leaves twice.
    desk.rig.run("2026-11-04T12:00:00-05:00");
    assert_eq!(desk.rig.got(AGENT), ["receipt", "acknowledgement", "answer", "answer"]);
}

#[test]
fn a_way_that_is_taken_away_before_the_mail_leaves_lets_nothing_out() {
    let desk = Desk::new("[secure]\nway = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"");
    // The relay is away, so that the answer is queued and cannot leave.
    let out = desk.rig.path("outgoing");
    let aside = desk.rig.path("aside");
    std::fs::rename(&out, &aside).unwrap();
    std::fs::write(&out, "no folder").unwrap();
    let _ = desk.rig.try_command(&["run", "--once", "--at", LATER]);
    desk.reply_quietly("a1");
    std::fs::remove_file(&out).unwrap();
    std::fs::rename(&aside, &out).unwrap();
    desk.rig.edit("way = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"", "way = \"none\"");
    desk.rig.run("2026-11-04T10:00:00-05:00");
    assert_eq!(desk.waiting(), ["answer"]);
    assert!(desk.rig.sent().iter().all(|one| one.template != "answer"));
    // Another mark than the one that it was written with is put in its place.
    desk.rig.edit("way = \"none\"", "way = \"gateway\"\ngateway_header = \"X-Other: on\"");
    desk.rig.run("2026-11-04T11:00:00-05:00");
    let answer = desk.last("answer");
    assert_eq!((Desk::headers(&answer, "X-Other: on"), Desk::headers(&answer, "X-Encrypt: yes")), (1, 0));
}

impl Desk {
    /// A reply that is read while nothing can be sent.
    fn reply_quietly(&self, id: &str) {
        let aside = self.rig.path("aside");
        let mut files: Vec<_> = std::fs::read_dir(aside).unwrap().flatten().map(|file| file.path()).collect();
        files.sort();
        let read = |path: &std::path::PathBuf| mailclerk::message::Message::read(&std::fs::read(path).unwrap());
        let to =
            files.iter().map(read).find(|one| one.header("X-Mailclerk-Template").any(|t| t.trim() == "assignment"));
        let to = to.unwrap();
        let mail = Mail::new(id, &format!("Re: {}", to.subject), WORDS).from(&self.specialist);
        let mail = mail.answering(to.message_id.as_deref().unwrap()).authenticated("pass");
        self.rig.deliver(&mail.raw(&self.rig));
        let _ = self.rig.try_command(&["run", "--once", "--at", "2026-11-03T12:00:00-05:00"]);
    }
}

#[test]
fn partners_have_ways_of_their_own_and_sides_follow_the_roster_at_the_next_mail() {
    let desk = Desk::new(
        "[secure]\nway = \"none\"\n[[secure.partner]]\ndomain = \"agency.example\"\nway = \"gateway\"\n\
         gateway_subject_tag = \"[locked]\"\n",
    );
    desk.reply(LATER, "a1", WORDS);
    assert_eq!(desk.last("answer").mail.subject, format!("[locked] [{}]", desk.number));
    // From now on this one address is inside, whatever its domain says: a full mail, without the mark, for the open case.
    let roster = desk.rig.path("desks/sides.csv");
    std::fs::write(&roster, format!("who,side\n# our own agent\n{AGENT},inside\n")).unwrap();
    desk.rig.edit("[secure]\n", "[external]\nroster = \"sides.csv\"\n[secure]\n");
    desk.reply("2026-11-03T12:30:00-05:00", "a2", "More about the zebra card.");
    let answer = desk.last("answer");
    assert!(answer.mail.subject.contains("Smith"), "{}", answer.mail.subject);
    // And outside again.
    std::fs::write(&roster, format!("who,side\n{AGENT},outside\n")).unwrap();
    desk.reply("2026-11-03T13:30:00-05:00", "a3", "Still more about the zebra card.");
    assert_eq!(desk.last("answer").mail.subject, format!("[locked] [{}]", desk.number));
}

#[test]
fn an_update_keeps_its_promise_in_plain_and_its_words_wait() {
    let desk = Desk::new("[secure]\nway = \"none\"");
    desk.reply(LATER, "u1", "#update The zebra carrier has the file now.");
    desk.rig.run("2026-11-10T17:00:00-05:00");
    let updates = || desk.rig.got(AGENT).iter().filter(|one| *one == "update").count();
    assert_eq!((updates(), desk.waiting()), (1, vec!["update".to_owned()]), "{:?}", desk.events());
    assert!(!desk.last("update").raw.contains("zebra"));
    desk.rig.edit("way = \"none\"", "way = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"");
    desk.rig.run("2026-11-12T10:00:00-05:00");
    let update = desk.last("update");
    assert!(update.text().contains("zebra carrier") && !update.text().contains("November"), "{}", update.text());
    assert_eq!(updates(), 2);
    assert_eq!(desk.clock("update").0, "2026-11-19T13:00:00Z", "five business days after the release");
}

#[test]
fn automatic_mail_goes_the_secure_way_where_the_desk_says_so() {
    let desk = Desk::new("[secure]\nway = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"\nautomatic = \"secure\"");
    for template in ["receipt", "acknowledgement"] {
        assert_eq!(Desk::headers(&desk.last(template), "X-Encrypt: yes"), 1, "{template}");
    }
    let rig = Rig::trusting();
    rig.edit("automatic = \"plain\"", "automatic = \"secure\"");
    rig.receive(MONDAY, &Mail::request("one"));
    assert!(rig.got(AGENT).is_empty());
    rig.edit("way = \"none\"", "way = \"gateway\"\ngateway_header = \"X-Encrypt: yes\"");
    rig.run("2026-11-02T11:00:00-05:00");
    assert_eq!(rig.got(AGENT), ["receipt"]);
}

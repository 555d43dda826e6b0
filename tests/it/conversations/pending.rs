//! What was returned: completed in every way that people find, closed for silence, superseded.

use super::rig::{AGENT, Mail, Rig, template};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T10:15:00-05:00";

fn returned() -> Rig {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::short("one"));
    assert_eq!(rig.got(AGENT), ["return"]);
    assert_eq!(rig.pending().len(), 1);
    rig
}

fn is_completed(rig: &Rig) {
    assert_eq!(rig.cases().len(), 1, "held {:?}, sent {:?}", rig.held(), rig.got(AGENT));
    assert_eq!(rig.got(AGENT).iter().filter(|template| *template == "receipt").count(), 1);
    assert!(rig.pending().is_empty());
    let case = rig.case(&rig.number());
    assert_eq!(case["entries"][0]["fields"]["member_id"], "H1234567801");
    assert_eq!(case["entries"][0]["fields"]["agent_san"], "4411223");
}

#[test]
fn a_reply_by_token_completes_it() {
    let rig = returned();
    rig.receive(
        TUESDAY,
        &Mail::new("two", "Re: whatever", "Member ID #: H1234567801").answering(&rig.last(AGENT).id()),
    );
    is_completed(&rig);
}

#[test]
fn the_blanks_filled_inside_the_quote_complete_it() {
    let rig = returned();
    let sent = rig.last(AGENT);
    let mut quoted = String::from("On Mon, Nov 2, 2026 at 10:15 AM the desk wrote:\n");
    for line in sent.text().lines() {
        let filled = line.trim_start().starts_with("Member ID #:") || line.trim_start().starts_with("- Member ID #:");
        quoted.push_str(&if filled { "> Member ID #: H1234567801\n".to_owned() } else { format!("> {line}\n") });
    }
    let body = format!("See below.\n\n{quoted}");
    assert!(body.contains("H1234567801"), "{}", sent.text());
    rig.receive(TUESDAY, &Mail::new("two", &format!("Re: {}", sent.mail.subject), &body).answering(&sent.id()));
    is_completed(&rig);
}

#[test]
fn a_reply_with_the_tag_alone_completes_it() {
    let rig = returned();
    let subject = format!("RE: {}", rig.last(AGENT).mail.subject);
    assert!(subject.contains("-P"), "{subject}");
    rig.receive(TUESDAY, &Mail::new("two", &subject, "Member ID #: H1234567801"));
    is_completed(&rig);
}

#[test]
fn the_mail_of_the_mailto_link_completes_it() {
    let rig = returned();
    let sent = rig.last(AGENT);
    let html = sent.html();
    assert!(!sent.text().contains("mailto:"), "the text part names nothing that was given");
    let link = html.split("mailto:").nth(1).expect("a mailto link").replace("&amp;", "&");
    let link: String = link.chars().take_while(|c| !c.is_whitespace() && !matches!(c, ')' | '>' | '"')).collect();
    let part = |name: &str| -> String {
        let at = link.find(&format!("{name}=")).unwrap() + name.len() + 1;
        let bytes = link[at..].split('&').next().unwrap().as_bytes();
        let mut out = Vec::new();
        let mut i = 0;
        while i < bytes.len() {
            if bytes[i] == b'%' {
                out.push(u8::from_str_radix(std::str::from_utf8(&bytes[i + 1..i + 3]).unwrap(), 16).unwrap());
                i += 3;
            } else {
                out.push(bytes[i]);
                i += 1;
            }
        }
        String::from_utf8(out).unwrap().replace("\r\n", "\n")
    };
    assert!(part("subject").contains("-P"), "{}", part("subject"));
    let filled: Vec<String> = part("body")
        .lines()
        .map(|line| if line.starts_with("Member ID #:") { "Member ID #: H1234567801".into() } else { line.to_owned() })
        .collect();
    rig.receive(TUESDAY, &Mail::new("two", &part("subject"), &filled.join("\n")));
    is_completed(&rig);
}

#[test]
fn two_steps_ask_only_for_what_is_still_missing() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::new("one", "Smith, Jane Medicare", &template("", "", "Jane Smith", super::rig::ISSUE)));
    rig.receive(TUESDAY, &Mail::new("two", "Re: x", "Agent SAN: 4411223").answering(&rig.last(AGENT).id()));
    assert_eq!(rig.got(AGENT), ["return", "return"]);
    let pending = rig.pending();
    assert_eq!((pending.len(), &pending[0]["missing"]), (1, &serde_json::json!(["member_id"])));
    rig.receive(
        "2026-11-04T10:15:00-05:00",
        &Mail::new("three", "Re: x", "Member ID #: H1234567801").answering(&rig.last(AGENT).id()),
    );
    is_completed(&rig);
}

#[test]
fn another_mail_that_is_accepted_closes_it_silently() {
    let rig = returned();
    let first = rig.last(AGENT).id();
    rig.receive(TUESDAY, &Mail { subject: "Smith, Jane MAPD".into(), ..Mail::request("two") });
    is_completed(&rig);
    assert_eq!(rig.got(AGENT), ["return", "receipt"]);
    // A late reply to the return belongs to the case; silence closes nothing any more.
    rig.receive(
        "2026-11-04T10:15:00-05:00",
        &Mail::new("three", "Re: x", "Member ID #: H1234567801").answering(&first),
    );
    rig.run("2026-12-15T12:00:00-05:00");
    assert_eq!(rig.cases().len(), 1);
    assert_eq!(rig.filed("Attached"), 1);
    assert!(!rig.got(AGENT).contains(&"pending_closed".to_owned()), "{:?}", rig.got(AGENT));
}

#[test]
fn silence_closes_it_after_ten_business_days_and_a_late_answer_still_counts() {
    let rig = returned();
    // Ten business days from Monday the 2nd, Veterans Day left out: Tuesday the 17th.
    rig.run("2026-11-17T10:14:59-05:00");
    assert_eq!(rig.got(AGENT), ["return"]);
    rig.run("2026-11-17T10:15:00-05:00");
    assert_eq!(rig.got(AGENT), ["return", "pending_closed"]);
    assert!(rig.pending().is_empty());
    rig.run("2026-11-30T10:15:00-05:00");
    assert_eq!(rig.got(AGENT), ["return", "pending_closed"]);
    let closed = rig.last(AGENT).id();
    rig.receive("2026-12-01T10:15:00-05:00", &Mail::new("two", "Re: x", "Member ID #: H1234567801").answering(&closed));
    is_completed(&rig);
}

#[test]
fn a_mixed_reply_leaves_nothing_pending() {
    let rig = returned();
    let body = format!(
        "{}\nPlan: Medicare\n\n{}\nPlan: HumanaOne\n",
        template("4411223", "H1234567801", "Jane Smith", super::rig::ISSUE),
        template("4411223", "H7654321001", "Jane Smith", "Her individual plan was cancelled by mistake")
    );
    rig.receive(TUESDAY, &Mail::new("two", "Re: x", &body).answering(&rig.last(AGENT).id()));
    assert_eq!(rig.got(AGENT), ["return", "reject_mixed"]);
    assert!(rig.pending().is_empty() && rig.cases().is_empty());
}

#[test]
fn whoever_was_on_cc_may_complete_it_and_receives_nothing() {
    let rig = Rig::new();
    let cc = "pat@agency.example";
    rig.receive(MONDAY, &Mail::short("one").header(&format!("Cc: {cc}")));
    let answer = Mail::new("two", "Re: x", "Member ID #: H1234567801").from(cc).answering(&rig.last(AGENT).id());
    rig.receive(TUESDAY, &answer);
    is_completed(&rig);
    assert!(rig.got(cc).is_empty());
    assert_eq!(rig.cases()[0]["requester"], AGENT);
}

#[test]
fn a_template_about_another_member_in_its_thread_is_a_request_of_its_own() {
    let rig = returned();
    let first = rig.pending()[0]["token"].clone();
    let other = template("4411223", "H9999888801", "Omar Diaz", "Omar was billed twice for October");
    rig.receive(TUESDAY, &Mail::new("two", "Diaz, Omar Medicare", &other).answering(&rig.last(AGENT).id()));
    assert_eq!(rig.cases().len(), 1);
    assert_eq!(rig.pending()[0]["token"], first, "the first one waits on");
}

#[test]
fn a_reply_to_the_return_after_completion_goes_to_the_case() {
    let rig = returned();
    let first = rig.last(AGENT).id();
    rig.receive(TUESDAY, &Mail::new("two", "Re: x", "Member ID #: H1234567801").answering(&first));
    rig.receive(
        "2026-11-04T10:15:00-05:00",
        &Mail::new("three", "Re: x", "One more thing: she moved to Ohio.").answering(&first),
    );
    is_completed(&rig);
    assert_eq!((rig.filed("Attached"), rig.cases().len()), (1, 1));
}

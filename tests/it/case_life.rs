//! A case from its first mail to its closing on real servers, on a rehearsal's clock; and the same with the worker
//! stopped at each step while a specialist answers.

use super::support::clerk::Clerk;
use super::support::dovecot::Dovecot;
use super::support::requests::{Fate, header, request_of};
use super::support::smtp::FakeSmtp;
use mailclerk::message::Message;

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T09:00:00-05:00";
/// The server whose results are believed.
const SERVER: &str = "mx.desk.example";

/// Believes [`SERVER`], and counts the domain of `requester` among the desk's own.
pub(super) fn believe(clerk: &Clerk, requester: &str) {
    clerk.edit("[[mailbox]]\n", &format!("[[mailbox]]\ntrust = {{ rfc8601 = \"{SERVER}\" }}\n"));
    let file = clerk.path(&format!("desks/{}.toml", clerk.desk.id));
    let policy = std::fs::read_to_string(&file).expect("the policy");
    let domain = requester.split('@').nth(1).expect("a domain");
    let policy = policy.replacen("internal_domains = [", &format!("internal_domains = [\"{domain}\", "), 1);
    std::fs::write(file, policy).expect("written");
}

/// A reply of `from` to `mail`.
pub(super) fn reply(clerk: &Clerk, from: &str, mail: &[u8], id: &str, text: &str) -> Vec<u8> {
    let read = Message::read(mail);
    let quoted: String = read.body.text.lines().map(|line| format!("> {line}\r\n")).collect();
    let domain = from.split('@').nth(1).expect("a domain");
    format!(
        "Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\r\nFrom: {from}\r\nTo: {}\r\n\
         Subject: Re: {}\r\nMessage-ID: <{id}@{domain}>\r\nIn-Reply-To: <{}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\nOn Tuesday somebody wrote:\r\n{quoted}",
        clerk.desk.address,
        read.subject,
        read.message_id.expect("an id")
    )
    .into_bytes()
}

/// The newest of `mails` to `to`, by its template.
pub(super) fn newest(mails: &[Vec<u8>], to: &str, template: &str) -> Vec<u8> {
    let is = |mail: &&Vec<u8>| {
        header(mail, "X-Mailclerk-Template").as_deref() == Some(template)
            && Message::read(mail).to.iter().any(|one| one.address.to_string() == to)
    };
    mails.iter().rfind(is).unwrap_or_else(|| panic!("no {template} to {to}")).clone()
}

/// The templates of all of `mails` to `to`, oldest first.
pub(super) fn got(mails: &[Vec<u8>], to: &str) -> Vec<String> {
    let to_them = |mail: &&Vec<u8>| Message::read(mail).to.iter().any(|one| one.address.to_string() == to);
    mails.iter().filter(to_them).map(|mail| header(mail, "X-Mailclerk-Template").unwrap_or_default()).collect()
}

#[test]
fn from_the_first_mail_to_the_closing_on_imap_and_smtp() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let asked = request_of(&clerk.desk, 1, Fate::Accepted);
    believe(&clerk, &asked.sender);
    let agent = asked.sender.as_str();
    let run = |at: &str| drop(clerk.ok(&["run", "--once", "--at", at]));
    let taken = || smtp.taken().into_iter().map(|mail| mail.bytes).collect::<Vec<_>>();
    dovecot.deliver(&asked.raw);
    run(MONDAY);
    run(TUESDAY);
    let number = clerk.list(&["cases"])[0]["number"].as_str().expect("a number").to_owned();
    let case = || clerk.json(&["case", &number, "--json"]);
    let specialist = case()["specialist"].as_str().expect("somebody has it").to_owned();
    assert_eq!(got(&taken(), agent), ["receipt", "acknowledgement"]);
    // The agent is away: nothing happens.
    let away = reply(&clerk, agent, &newest(&taken(), agent, "acknowledgement"), "away", "I am out until Monday.");
    dovecot.deliver(&[b"Auto-Submitted: auto-replied\r\n".as_slice(), &away].concat());
    run("2026-11-03T09:05:00-05:00");
    assert_eq!(got(&taken(), &specialist), ["assignment"]);
    // The specialist asks, the agent answers, a colleague on Cc adds, the specialist goes on.
    let assignment = newest(&taken(), &specialist, "assignment");
    dovecot.deliver(&reply(&clerk, &specialist, &assignment, "s1", "Which address should the card go to?"));
    run("2026-11-03T11:30:00-05:00");
    let answer = newest(&taken(), agent, "answer");
    assert!(Message::read(&answer).body.text.contains("Which address"));
    assert!(!String::from_utf8_lossy(&answer).contains(&specialist));
    dovecot.deliver(&reply(&clerk, agent, &answer, "a1", "12 Elm Street, please."));
    run("2026-11-04T09:00:00-05:00");
    let relay = newest(&taken(), &specialist, "relay");
    assert!(Message::read(&relay).body.text.contains("12 Elm Street"));
    dovecot.deliver(&reply(&clerk, &specialist, &relay, "s2", "#next-update 11/12\r\n#opportunity training The form."));
    run("2026-11-04T10:00:00-05:00");
    run("2026-11-12T08:00:00-05:00");
    assert_eq!(got(&taken(), agent), ["receipt", "acknowledgement", "answer", "update"]);
    dovecot.deliver(&reply(&clerk, &specialist, &assignment, "s3", "#resolve\r\n\r\nThe card was delivered."));
    run("2026-11-12T09:00:00-05:00");
    let closing = newest(&taken(), agent, "closing");
    assert!(Message::read(&closing).body.text.contains("The card was delivered."));
    run("2026-12-15T09:00:00-05:00");
    assert_eq!(got(&taken(), agent), ["receipt", "acknowledgement", "answer", "update", "closing"]);
    let case = case();
    assert_eq!(case["status"], "resolved");
    assert_eq!(case["opportunities"].as_array().map(Vec::len), Some(1));
    let breaches =
        taken().iter().filter(|mail| header(mail, "X-Mailclerk-Template").as_deref() == Some("breach")).count();
    assert_eq!(breaches, 0, "it was answered in time");
    // Each mail of a person or machine is filed, and each of ours has its copy.
    let mut client = dovecot.client();
    assert_eq!((client.uids("INBOX").len(), client.uids("Attached").len()), (0, 5));
    assert_eq!(client.uids("Sent").len(), smtp.taken().len());
    clerk.ok(&["audit", "verify"]);
}

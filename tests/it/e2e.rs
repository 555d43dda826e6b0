//! The whole way with the program as it is installed: a mail is delivered to a real IMAP server or a Maildir, decided,
//! answered over SMTP or into a folder, and filed.

use super::support::clerk::{Clerk, wait_until};
use super::support::dovecot::Dovecot;
use super::support::requests::{Fate, Request, answers, header, request, request_of, violations};
use super::support::smtp::{Act, At, FakeSmtp, Step, Taken};

/// The replies that an SMTP server took.
fn bytes(taken: Vec<Taken>) -> Vec<Vec<u8>> {
    taken.into_iter().map(|mail| mail.bytes).collect()
}

/// What is wrong on servers, after the last run.
fn wrong(clerk: &Clerk, dovecot: &Dovecot, smtp: &FakeSmtp, inbox: &str, requests: &[Request]) -> Vec<String> {
    let mut client = dovecot.client();
    let folders = client.ok("LIST \"\" *");
    let left = client.uids(inbox).len();
    violations(clerk, requests, &bytes(smtp.taken()), left, |folder| {
        if folders.contains(folder) { client.uids(folder).len() } else { 0 }
    })
}

/// As [`wrong`], on a Maildir and a folder.
fn wrong_on_folders(clerk: &Clerk, requests: &[Request]) -> Vec<String> {
    violations(clerk, requests, &clerk.written(), clerk.count(""), |folder| clerk.count(folder))
}

const NOTHING: [String; 0] = [];

#[test]
fn mail_on_imap_is_decided_answered_over_smtp_and_filed() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests: Vec<_> = (0..6).map(|n| request(&clerk.desk, n)).collect();
    requests[..3].iter().for_each(|one| dovecot.deliver(&one.raw));
    let mut client = dovecot.client();
    // A person has opened this one: that means nothing.
    requests[3..].iter().for_each(|one| client.append("INBOX", "(\\Seen) ", &one.raw));
    let done = clerk.once();
    assert_eq!((&done["received"], &done["decided"]), (&6.into(), &6.into()), "{done}");
    assert_eq!(wrong(&clerk, &dovecot, &smtp, "INBOX", &requests), NOTHING);
    // The flags are as they were: LMTP left three unseen, APPEND set three.
    client.ok("SELECT Accepted");
    let flags = client.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
    for (n, one) in requests.iter().enumerate().filter(|(_, one)| one.fate == Fate::Accepted) {
        let at = flags.find(&one.id).expect("it stands there");
        let line = flags[..at].rfind("FETCH").expect("its answer");
        assert_eq!(flags[line..at].contains("\\Seen"), n >= 3, "{}: {flags}", one.id);
    }
    // Each mail that left has its copy in Sent, once.
    let mut sent = client.uids("Sent").len();
    assert_eq!(sent, smtp.taken().len());
    clerk.once();
    sent = client.uids("Sent").len();
    assert_eq!(sent, smtp.taken().len());
    assert_eq!(wrong(&clerk, &dovecot, &smtp, "INBOX", &requests), NOTHING);
}

#[test]
fn a_reply_on_the_wire_has_the_headers_that_it_must_have() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let accepted = request_of(&clerk.desk, 1, Fate::Accepted);
    let returned = request_of(&clerk.desk, 2, Fate::Returned);
    dovecot.deliver(&accepted.raw);
    dovecot.deliver(&returned.raw);
    clerk.once();
    let taken = smtp.taken();
    let number = clerk.list(&["cases"])[0]["number"].as_str().expect("a number").to_owned();
    for (asked, template, case) in [(&accepted, "receipt", Some(number)), (&returned, "return", None)] {
        let found: Vec<_> = taken.iter().filter(|mail| answers(&mail.bytes, &asked.id)).collect();
        let [mail] = found[..] else { panic!("{} answers to {}", found.len(), asked.id) };
        let header = |name: &str| header(&mail.bytes, name).unwrap_or_default();
        let [to] = &mail.to[..] else { panic!("{:?}", mail.to) };
        assert!(to.starts_with(&format!("<{}>", asked.sender)), "{to}");
        assert!(header("From").contains(&clerk.desk.address), "{}", header("From"));
        assert!(header("To").contains(&asked.sender), "{}", header("To"));
        assert_eq!(header("In-Reply-To"), format!("<{}>", asked.id));
        assert!(header("References").contains(&format!("<{}>", asked.id)), "{}", header("References"));
        assert_eq!(header("Auto-Submitted"), "auto-replied");
        assert_eq!(header("X-Auto-Response-Suppress"), "DR, RN, NRN, OOF, AutoReply");
        assert_eq!(header("X-Mailclerk-Template"), template);
        assert_eq!(header("X-Mailclerk-Case"), case.clone().unwrap_or_default());
        assert!(header("Content-Type").starts_with("multipart/alternative"), "{}", header("Content-Type"));
        assert!(header("Message-ID").ends_with('>') && header("Message-ID").contains('@'));
        if let Some(case) = &case {
            let id = header("Message-ID").to_ascii_uppercase();
            assert!(id.contains(case), "{id} bears no case number {case}");
        }
        let text = String::from_utf8_lossy(&mail.bytes);
        assert!(text.contains("text/plain") && text.contains("text/html"));
        assert_eq!(header("Date").split(' ').count(), 6, "{}", header("Date"));
    }
    let ids: std::collections::BTreeSet<_> = taken.iter().map(|mail| header(&mail.bytes, "Message-ID")).collect();
    assert_eq!(ids.len(), taken.len());
}

#[test]
fn the_worker_is_told_of_new_mail_and_stops_when_it_is_asked() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests: Vec<_> = (0..5).map(|n| request(&clerk.desk, n)).collect();
    dovecot.deliver(&requests[0].raw);
    let mut worker = clerk.start(&["run"]);
    smtp.wait_for(1);
    // Now it waits. The next ones come by IDLE only: it would look by itself after minutes.
    for (n, one) in requests.iter().enumerate().skip(1) {
        dovecot.deliver(&one.raw);
        smtp.wait_for(n + 1);
    }
    let mut client = dovecot.client();
    wait_until("the last one to be filed", || client.uids("INBOX").is_empty());
    let status = worker.terminate();
    assert_eq!(status.code(), Some(0), "{}", worker.log());
    assert!(worker.log().contains("mailclerk has stopped"), "{}", worker.log());
    clerk.once();
    assert_eq!(wrong(&clerk, &dovecot, &smtp, "INBOX", &requests), NOTHING);
}

#[test]
fn a_mailbox_that_was_made_anew_with_the_same_mail_is_not_answered_twice() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "Requests", "all", &smtp);
    let requests: Vec<_> = (0..5).map(|n| request(&clerk.desk, n)).collect();
    let mut client = dovecot.client();
    client.ok("CREATE Requests");
    requests[..4].iter().for_each(|one| client.append("Requests", "", &one.raw));
    clerk.once();
    let answered = smtp.taken().len();
    assert_eq!(answered, 4);
    client.ok("DELETE Requests");
    client.ok("CREATE Requests");
    requests.iter().for_each(|one| client.append("Requests", "", &one.raw));
    let done = clerk.once();
    assert_eq!(done["received"], 5, "{done}");
    // The fifth is new, and answered; of the others none is answered again.
    let taken = smtp.taken();
    assert_eq!(taken.len(), answered + 1);
    for one in &requests {
        assert_eq!(taken.iter().filter(|mail| answers(&mail.bytes, &one.id)).count(), 1, "{}", one.id);
    }
    assert_eq!(clerk.list(&["cases"]).len(), 4);
    assert_eq!(clerk.list(&["pending"]).len(), 1);
    assert_eq!(client.uids("Requests").len(), 0);
    clerk.ok(&["audit", "verify"]);
}

#[test]
fn a_message_that_is_expunged_before_it_is_filed_is_answered_once_and_stops_nothing() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests: Vec<_> = (0..3).map(|n| request(&clerk.desk, n)).collect();
    dovecot.deliver(&requests[0].raw);
    let mut worker = clerk.start(&["run"]);
    smtp.wait_for(1);
    // A person deletes each mail as soon as it comes, while the worker reads, decides and files it.
    let mut client = dovecot.client();
    for one in &requests[1..] {
        dovecot.deliver(&one.raw);
        for uid in client.uids("INBOX") {
            client.ok(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"));
            client.ok("EXPUNGE");
        }
    }
    let last = request(&clerk.desk, 3);
    dovecot.deliver(&last.raw);
    wait_until("the last one's reply", || smtp.taken().iter().any(|mail| answers(&mail.bytes, &last.id)));
    wait_until("an empty inbox", || client.uids("INBOX").is_empty());
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    clerk.once();
    for one in requests.iter().chain([&last]) {
        let count = smtp.taken().iter().filter(|mail| answers(&mail.bytes, &one.id)).count();
        assert!(count <= 1, "{} was answered {count} times", one.id);
    }
    assert_eq!(clerk.list(&["cases"]).len(), smtp.taken().len());
    assert_eq!(clerk.list(&["outbox"]).len(), 0);
}

#[test]
fn with_start_now_older_mail_is_left_alone_and_counted() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "now", &smtp);
    let older: Vec<_> = (0..3).map(|n| request(&clerk.desk, n)).collect();
    older.iter().for_each(|one| dovecot.deliver(&one.raw));
    let said = clerk.ok(&["run", "--once"]);
    assert!(said.contains("3 older mails were left where they are"), "{said}");
    let newer = request(&clerk.desk, 3);
    dovecot.deliver(&newer.raw);
    let done = clerk.once();
    assert_eq!((&done["received"], &done["left"]), (&1.into(), &0.into()), "{done}");
    let taken = smtp.taken();
    assert!(taken.len() == 1 && answers(&taken[0].bytes, &newer.id), "{} mails left", taken.len());
    assert_eq!(dovecot.client().uids("INBOX").len(), 3);
}

#[test]
fn mail_in_a_maildir_is_answered_into_a_folder() {
    let clerk = Clerk::on_folders();
    let requests: Vec<_> = (0..12).map(|n| request(&clerk.desk, n)).collect();
    requests[..6].iter().enumerate().for_each(|(n, one)| clerk.deliver(&format!("{n}.first"), &one.raw));
    assert_eq!(clerk.once()["received"], 6);
    assert_eq!(wrong_on_folders(&clerk, &requests[..6]), NOTHING);
    // For good: what is delivered while it waits is answered.
    let mut worker = clerk.start(&["run"]);
    worker.wait_for_log("mailclerk is at work", 1);
    for (n, one) in requests.iter().enumerate().skip(6) {
        clerk.deliver(&format!("{n}.second"), &one.raw);
        worker.wait_until("its filing", |_| clerk.count("") == 0);
    }
    worker.wait_until("the last replies", |_| clerk.written().len() == 10);
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    assert_eq!(wrong_on_folders(&clerk, &requests), NOTHING);
}

/// A clerk with one mail that was accepted while its SMTP server did what the script says, and what the outbox lists.
fn with_one_mail(
    script: impl FnMut(&Step) -> Act + Send + 'static,
) -> (Clerk, FakeSmtp, Request, Vec<serde_json::Value>) {
    let smtp = FakeSmtp::scripted(script);
    let clerk = Clerk::new("url = \"maildir:mail\"", &format!("url = \"{}\"", smtp.url()));
    let one = request_of(&clerk.desk, 1, Fate::Accepted);
    clerk.deliver("1.mail", &one.raw);
    clerk.once();
    let listed = clerk.list(&["outbox"]);
    (clerk, smtp, one, listed)
}

#[test]
fn what_the_server_refuses_for_now_is_deferred_and_tried_again() {
    let (clerk, smtp, one, listed) = with_one_mail(|step| match step.at {
        At::Recipient => Act::say("451 4.3.0 later, please"),
        _ => Act::Usual,
    });
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &"deferred".into()), "{listed:?}");
    assert!(listed[0]["retry_at"].as_str().is_some(), "{listed:?}");
    // The case is there and the mail is filed: only the reply waits.
    assert_eq!((clerk.list(&["cases"]).len(), clerk.count("Accepted"), smtp.taken().len()), (1, 1, 0));
    smtp.set_script(|_| Act::Usual);
    clerk.once();
    assert_eq!(smtp.taken().len(), 0, "its time has not come");
    clerk.ok(&["outbox", "retry", listed[0]["id"].as_str().expect("an id")]);
    clerk.once();
    let taken = smtp.taken();
    assert!(taken.len() == 1 && answers(&taken[0].bytes, &one.id));
    assert_eq!(clerk.list(&["outbox"]).len(), 0);
}

#[test]
fn what_the_server_refuses_for_good_is_listed_as_failed() {
    let (clerk, smtp, _, listed) = with_one_mail(|step| match step.at {
        At::Recipient => Act::say("550 5.7.1 not from you"),
        _ => Act::Usual,
    });
    assert_eq!((listed.len(), &listed[0]["state"], &listed[0]["template"]), (1, &"failed".into(), &"receipt".into()));
    assert!(listed[0]["why"].as_str().is_some_and(|why| why.contains("550") || why.contains("5.7.1")), "{listed:?}");
    clerk.once();
    assert_eq!((smtp.taken().len(), clerk.list(&["outbox"]).len(), clerk.list(&["cases"]).len()), (0, 1, 1));
}

#[test]
fn a_server_that_dies_after_the_dot_gets_an_automatic_mail_once_and_again_only_by_a_person() {
    let (clerk, smtp, one, listed) = with_one_mail(|step| match step.at {
        At::Dot => Act::take_and(Act::Cut),
        _ => Act::Usual,
    });
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &"uncertain".into()), "{listed:?}");
    smtp.set_script(|_| Act::Usual);
    clerk.once();
    clerk.once();
    assert_eq!(smtp.taken().len(), 1, "it was not sent again");
    assert_eq!(clerk.list(&["outbox"])[0]["state"], "uncertain");
    clerk.ok(&["outbox", "retry", listed[0]["id"].as_str().expect("an id")]);
    clerk.once();
    let taken = smtp.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken.iter().all(|mail| answers(&mail.bytes, &one.id)));
    // The same mail, so that the receiver may know it for the same.
    assert_eq!(header(&taken[0].bytes, "Message-ID"), header(&taken[1].bytes, "Message-ID"));
    assert_eq!(clerk.list(&["outbox"]).len(), 0);
    clerk.ok(&["audit", "verify"]);
}

#[test]
fn mail_waits_for_a_server_that_is_down() {
    let (clerk, smtp, one, listed) = with_one_mail(|step| match step.at {
        At::Greeting => Act::Cut,
        _ => Act::Usual,
    });
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &"deferred".into()), "{listed:?}");
    smtp.set_script(|_| Act::Usual);
    let mut worker = clerk.start(&["run"]);
    worker.wait_for_log("mailclerk is at work", 1);
    clerk.ok(&["outbox", "retry", listed[0]["id"].as_str().expect("an id")]);
    let taken = smtp.wait_for(1);
    assert!(answers(&taken[0].bytes, &one.id));
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    assert_eq!((smtp.taken().len(), clerk.list(&["outbox"]).len()), (1, 0));
}

#[test]
fn a_server_that_lets_few_sessions_in_gets_all_mail_by_those() {
    // Two at a time: a third is refused while they stand.
    let smtp = FakeSmtp::scripted(|step| match step.at {
        At::Greeting if step.connection >= 2 => Act::say("421 4.3.2 too many connections"),
        _ => Act::Usual,
    });
    let dovecot = Dovecot::start();
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests: Vec<_> = (0..12).map(|n| request_of(&clerk.desk, n, Fate::Accepted)).collect();
    requests.iter().for_each(|one| dovecot.deliver(&one.raw));
    let done = clerk.once();
    assert_eq!((done["sent"].as_u64(), done["not_sent"].as_u64()), (Some(12), Some(0)), "{done}");
    assert_eq!(wrong(&clerk, &dovecot, &smtp, "INBOX", &requests), NOTHING);
    assert!(smtp.connections() <= 12, "{} sessions: what was refused once is not asked for again", smtp.connections());
}

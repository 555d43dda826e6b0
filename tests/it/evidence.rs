//! Mails of unknown fate and their copies in the Sent folder, on a real Dovecot and a server that dies after the dot.

use super::support::clerk::Clerk;
use super::support::dovecot::Dovecot;
use super::support::requests::{Fate, Request, answers, header, request_of};
use super::support::smtp::{Act, At, FakeSmtp, Step};

const MONDAY: &str = "2026-11-23T15:00:00Z";
const A_MINUTE_LATER: &str = "2026-11-23T15:01:00Z";
const TEN_MINUTES_LATER: &str = "2026-11-23T15:10:00Z";
const LATER_STILL: &str = "2026-11-23T16:30:00Z";

fn dies_after_the_dot(step: &Step) -> Act {
    match step.at {
        At::Dot => Act::take_and(Act::Cut),
        _ => Act::Usual,
    }
}

/// A desk on servers; who puts copies into the Sent folder is said.
fn desk(dovecot: &Dovecot, smtp: &FakeSmtp, copies: &str) -> Clerk {
    let clerk = Clerk::on_servers(dovecot, "INBOX", "all", smtp);
    clerk.edit("start = \"all\"", &format!("start = \"all\"\nsent_copies = \"{copies}\""));
    clerk
}

/// A complete request that the line's supervisor is told of at once.
fn urgent(clerk: &Clerk) -> Request {
    let mut one = request_of(&clerk.desk, 1, Fate::Accepted);
    let text = String::from_utf8(one.raw).expect("a text");
    let urgent =
        text.replace("The new ID card", "She is at the pharmacy and cannot get her prescription. The new ID card");
    assert_ne!(urgent, text);
    one.raw = urgent.into_bytes();
    one
}

/// How often the server took the mail of each template.
fn taken(smtp: &FakeSmtp, template: &str) -> Vec<Vec<u8>> {
    let all = smtp.taken().into_iter().map(|mail| mail.bytes);
    all.filter(|raw| header(raw, "X-Mailclerk-Template").as_deref() == Some(template)).collect()
}

fn states(clerk: &Clerk) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut states: Vec<_> =
        clerk.list(&["outbox"]).iter().map(|mail| (text(&mail["template"]), text(&mail["state"]))).collect();
    states.sort();
    states
}

fn at(clerk: &Clerk, instant: &str) {
    clerk.ok(&["run", "--once", "--at", instant]);
}

#[test]
fn a_copy_that_the_server_filed_proves_that_the_mail_was_sent_also_when_it_comes_late() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::scripted(dies_after_the_dot));
    let clerk = desk(&dovecot, &smtp, "server");
    dovecot.deliver(&urgent(&clerk).raw);
    at(&clerk, MONDAY);
    smtp.set_script(|_| Act::Usual);
    // Nothing is concluded from what is not there yet.
    at(&clerk, A_MINUTE_LATER);
    let uncertain = |template: &str| (template.to_owned(), "uncertain".to_owned());
    assert!(states(&clerk).contains(&uncertain("notice")), "{:?}", states(&clerk));
    let count = smtp.taken().len();
    let mut client = dovecot.client();
    client.ok("CREATE Sent");
    smtp.taken().iter().for_each(|mail| client.append("Sent", "(\\Seen) ", &mail.bytes));
    at(&clerk, TEN_MINUTES_LATER);
    at(&clerk, LATER_STILL);
    assert_eq!(states(&clerk), []);
    assert_eq!(smtp.taken().len(), count, "nothing was sent again");
    assert_eq!(client.uids("Sent").len(), count, "and no second copy made");
    clerk.ok(&["audit", "verify"]);
}

#[test]
fn where_no_copy_comes_staff_mail_is_sent_once_more_and_a_reply_is_not() {
    for (copies, decided_at) in [("server", TEN_MINUTES_LATER), ("append", A_MINUTE_LATER), ("none", A_MINUTE_LATER)] {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::scripted(dies_after_the_dot));
        let clerk = desk(&dovecot, &smtp, copies);
        dovecot.deliver(&urgent(&clerk).raw);
        at(&clerk, MONDAY);
        let (told, replied) = (taken(&smtp, "notice").len(), taken(&smtp, "receipt").len());
        assert_eq!((told > 0, replied), (true, 1), "{copies}");
        smtp.set_script(|_| Act::Usual);
        if decided_at != A_MINUTE_LATER {
            at(&clerk, A_MINUTE_LATER);
            assert_eq!(taken(&smtp, "notice").len(), told, "{copies}: its copy may be late");
        }
        at(&clerk, decided_at);
        at(&clerk, LATER_STILL);
        let again = taken(&smtp, "notice");
        assert_eq!((again.len(), taken(&smtp, "receipt").len()), (2 * told, 1), "{copies}");
        assert!(again[..told].iter().all(|first| again[told..].contains(first)), "{copies}: byte for byte the same");
        assert_eq!(states(&clerk), [("receipt".to_owned(), "uncertain".to_owned())], "{copies}");
    }
}

#[test]
fn a_copy_counts_whoever_filed_it() {
    for copies in ["append", "none"] {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::scripted(dies_after_the_dot));
        let clerk = desk(&dovecot, &smtp, copies);
        dovecot.deliver(&request_of(&clerk.desk, 1, Fate::Accepted).raw);
        at(&clerk, MONDAY);
        let mut client = dovecot.client();
        client.ok("CREATE Sent");
        client.append("Sent", "(\\Seen) ", &taken(&smtp, "receipt")[0]);
        smtp.set_script(|_| Act::Usual);
        at(&clerk, A_MINUTE_LATER);
        assert_eq!((states(&clerk), smtp.taken().len()), (Vec::new(), 1), "{copies}");
        assert_eq!(client.uids("Sent").len(), 1, "{copies}");
    }
}

#[test]
fn a_sent_folder_that_cannot_be_looked_at_proves_nothing() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::scripted(dies_after_the_dot));
    let clerk = desk(&dovecot, &smtp, "append");
    dovecot.deliver(&urgent(&clerk).raw);
    at(&clerk, MONDAY);
    let count = smtp.taken().len();
    smtp.set_script(|_| Act::Usual);
    drop(dovecot);
    let ended = clerk.end_of(&["run", "--once", "--at", A_MINUTE_LATER]);
    assert!(!ended.status.success(), "its mailbox is away");
    assert_eq!(smtp.taken().len(), count);
    assert_eq!(states(&clerk).iter().filter(|(_, state)| state == "uncertain").count(), count);
}

#[test]
fn a_copy_in_a_maildir_whose_server_files_what_it_sends() {
    let smtp = FakeSmtp::scripted(dies_after_the_dot);
    let mailbox = "url = \"maildir:mail\"\nsent_copies = \"server\"\nsent = \"Gone out\"";
    let clerk = Clerk::new(mailbox, &format!("url = \"{}\"", smtp.url()));
    clerk.deliver("one", &request_of(&clerk.desk, 1, Fate::Accepted).raw);
    at(&clerk, MONDAY);
    let folder = clerk.path("mail/.Gone out/cur");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("1.copy:2,S"), &taken(&smtp, "receipt")[0]).expect("written");
    smtp.set_script(|_| Act::Usual);
    at(&clerk, A_MINUTE_LATER);
    assert_eq!((states(&clerk), smtp.taken().len()), (Vec::new(), 1));
}

/// The mail as a provider files it that gives every mail a Message-ID of its own.
fn with_id_of_provider(raw: &[u8], n: usize) -> (Vec<u8>, String) {
    let text = String::from_utf8(raw.to_vec()).expect("ASCII");
    let ours = text.split("\r\nMessage-ID:").nth(1).and_then(|rest| rest.split('>').next()).expect("a Message-ID");
    let theirs = format!("provider.{n}@mx.example.net");
    let filed = text.replacen(&format!("\r\nMessage-ID:{ours}>"), &format!("\r\nMessage-ID: <{theirs}>"), 1);
    assert_ne!(filed, text);
    (filed.into_bytes(), theirs)
}

#[test]
fn a_reply_to_the_message_id_that_a_provider_gave_finds_its_thread() {
    // Once when all went well, once when the fate was unknown until the copy was seen.
    for dies in [false, true] {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
        if dies {
            smtp.set_script(dies_after_the_dot);
        }
        let clerk = desk(&dovecot, &smtp, "server");
        let first = request_of(&clerk.desk, 1, Fate::Accepted);
        dovecot.deliver(&first.raw);
        at(&clerk, MONDAY);
        smtp.set_script(|_| Act::Usual);
        let (copy, theirs) = with_id_of_provider(&taken(&smtp, "receipt")[0], 1);
        let mut client = dovecot.client();
        client.ok("CREATE Sent");
        client.append("Sent", "(\\Seen) ", &copy);
        let reply = format!(
            "From: <{}>\r\nTo: {}\r\nSubject: what you wrote\r\nMessage-ID: <reply@example.org>\r\n\
             In-Reply-To: <{theirs}>\r\n\r\nHere is something more about it.\r\n",
            first.sender, clerk.desk.address
        );
        dovecot.deliver(reply.as_bytes());
        at(&clerk, A_MINUTE_LATER);
        assert_eq!(states(&clerk), [], "dies: {dies}");
        assert_eq!(client.uids("Attached").len(), 1, "dies: {dies}");
        assert_eq!((clerk.list(&["cases"]).len(), clerk.list(&["pending"]).len()), (1, 0), "dies: {dies}");
        assert!(taken(&smtp, "return").is_empty() && answers(&copy, &first.id));
    }
}

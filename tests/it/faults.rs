//! The worker stops at each step between fetch and filing, without any clean-up, and is started again: in the end all is
//! as if nothing had happened. The wrong orders, which a build for tests can be told to take, are caught by the same
//! list of what would be wrong.

use super::case_life::{believe, got, newest, reply};
use super::support::clerk::{Clerk, was_ended_by};
use super::support::dovecot::Dovecot;
use super::support::raw_imap::RawImap;
use super::support::requests::{Fate, Request, header, request, request_of, violations};
use super::support::smtp::FakeSmtp;
use std::collections::BTreeSet;
use std::time::Duration;

/// Every point that one pass over new mail comes by.
const POINTS: [&str; 14] = [
    "fetched",
    "recorded",
    "leased",
    "decided",
    "store_commit",
    "committed",
    "moved",
    "filed",
    "claimed",
    "begun",
    "committing",
    "finished",
    "sent",
    "sent:2",
];
/// Mails in a test: more answers than leave in one round.
const MAILS: usize = 22;
const SIGABRT: i32 = 6;

/// Runs once and stops there.
fn stop_at(clerk: &mut Clerk, point: &str) {
    clerk.set_env("MAILCLERK_CRASH_AT", point);
    let ended = clerk.end_of(&["run", "--once"]);
    clerk.clear_env("MAILCLERK_CRASH_AT");
    assert!(was_ended_by(ended.status, SIGABRT), "it did not stop at {point}: {}\n{}", ended.status, ended.log);
}

fn on_folders(clerk: &Clerk) -> Vec<Request> {
    let requests: Vec<_> = (0..MAILS).map(|n| request(&clerk.desk, n)).collect();
    requests.iter().for_each(|one| clerk.deliver(&one.id, &one.raw));
    requests
}

fn wrong_on_folders(clerk: &Clerk, requests: &[Request]) -> Vec<String> {
    violations(clerk, requests, &clerk.written(), clerk.count(""), |folder| clerk.count(folder))
}

fn on_servers(dovecot: &Dovecot, clerk: &Clerk) -> Vec<Request> {
    let requests: Vec<_> = (0..MAILS).map(|n| request(&clerk.desk, n)).collect();
    requests.iter().for_each(|one| dovecot.deliver(&one.raw));
    requests
}

fn wrong_on_servers(clerk: &Clerk, dovecot: &Dovecot, smtp: &FakeSmtp, requests: &[Request]) -> Vec<String> {
    let replies: Vec<_> = smtp.taken().into_iter().map(|mail| mail.bytes).collect();
    let mut client = dovecot.client();
    let folders = client.ok("LIST \"\" *");
    let left = client.uids("INBOX").len();
    violations(
        clerk,
        requests,
        &replies,
        left,
        |folder| {
            if folders.contains(folder) { client.uids(folder).len() } else { 0 }
        },
    )
}

/// Points that a due clock comes by.
const CLOCK_POINTS: [&str; 7] =
    ["clock_decided", "store_commit", "clock_committed", "claimed", "committing", "finished", "sent"];

#[test]
fn stopped_at_each_step_of_a_morning_each_worklist_goes_out_once() {
    for point in CLOCK_POINTS {
        let mut clerk = Clerk::on_folders();
        let one = request(&clerk.desk, 0);
        clerk.deliver(&one.id, &one.raw);
        for at in ["2026-11-02T10:15:00-05:00", "2026-11-03T12:00:00-05:00"] {
            clerk.ok(&["run", "--once", "--at", at]);
        }
        let morning = ["run", "--once", "--at", "2026-11-04T08:00:00-05:00"];
        clerk.set_env("MAILCLERK_CRASH_AT", point);
        let ended = clerk.end_of(&morning);
        clerk.clear_env("MAILCLERK_CRASH_AT");
        assert!(was_ended_by(ended.status, SIGABRT), "it did not stop at {point}: {}\n{}", ended.status, ended.log);
        clerk.ok(&morning);
        clerk.ok(&["run", "--once", "--at", "2026-11-04T12:00:00-05:00"]);
        let is_list = |mail: &Vec<u8>| header(mail, "Subject").is_some_and(|text| text.starts_with("Your worklist"));
        assert_eq!(clerk.written().iter().filter(|mail| is_list(mail)).count(), 1, "stopped at {point}");
    }
}

const NOTHING: [String; 0] = [];

#[test]
fn stopped_at_each_step_on_maildir_and_folder() {
    for point in POINTS {
        let mut clerk = Clerk::on_folders();
        let requests = on_folders(&clerk);
        stop_at(&mut clerk, point);
        clerk.once();
        clerk.once();
        assert_eq!(wrong_on_folders(&clerk, &requests), NOTHING, "stopped at {point}");
        // A folder shows what was written to it: at no point is anything left unknown.
        assert_eq!(clerk.list(&["outbox"]).len(), 0, "stopped at {point}");
    }
}

#[test]
fn stopped_at_each_step_on_imap_and_smtp() {
    for point in POINTS {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
        let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
        let requests = on_servers(&dovecot, &clerk);
        stop_at(&mut clerk, point);
        clerk.once();
        clerk.once();
        assert_eq!(wrong_on_servers(&clerk, &dovecot, &smtp, &requests), NOTHING, "stopped at {point}");
        // Only between the commit before the dot and the note behind it does nobody know.
        let may_be_unknown = ["committing", "finished"].contains(&point);
        let unknown = clerk.list(&["outbox"]).len();
        assert_eq!(unknown > 0, may_be_unknown, "stopped at {point}: {unknown} mails of unknown fate");
    }
}

/// What a worker appends while it reads the mailbox it need not look for; what a dead one may have appended it does.
#[test]
fn stopped_between_copies_each_mail_has_one() {
    for point in ["copy_appended:2", "copy_appended:9", "copy_appended:15"] {
        let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
        let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
        let requests: Vec<_> = (0..MAILS).map(|n| request_of(&clerk.desk, n, Fate::Accepted)).collect();
        let mut client = dovecot.client();
        clerk.set_env("MAILCLERK_CRASH_AT", point);
        let mut worker = clerk.start(&["run"]);
        dovecot.deliver(&requests[0].raw);
        // From here on it is the reader of whatever comes.
        worker.wait_until("the first copy", |_| copies(&mut client).len() == 1);
        requests[1..].iter().for_each(|one| dovecot.deliver(&one.raw));
        let ended = worker.ends_within(Duration::from_secs(60)).map(|status| was_ended_by(status, SIGABRT));
        assert_eq!(ended, Some(true), "it did not stop at {point}: {}", worker.log());
        clerk.clear_env("MAILCLERK_CRASH_AT");
        let mut worker = clerk.start(&["run"]);
        worker.wait_until("a copy of each mail", |_| {
            let copies: BTreeSet<_> = copies(&mut client).into_iter().collect();
            copies.len() == MAILS && client.uids("INBOX").is_empty()
        });
        assert!(worker.terminate().success());
        clerk.once();
        assert_eq!(copies(&mut client).len(), MAILS, "stopped at {point}: some have two");
        assert_eq!(wrong_on_servers(&clerk, &dovecot, &smtp, &requests), NOTHING, "stopped at {point}");
    }
}

/// The Message-IDs of the copies in the Sent folder.
fn copies(client: &mut RawImap) -> Vec<String> {
    if !client.ok("LIST \"\" *").contains("Sent") || client.uids("Sent").is_empty() {
        return Vec::new();
    }
    let fields = client.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
    let ids = fields.lines().filter_map(|line| line.split_once("Message-ID: ")).map(|(_, id)| id.trim().to_owned());
    ids.collect()
}

#[test]
fn stopped_at_one_step_after_the_other_in_one_mailbox() {
    let mut clerk = Clerk::on_folders();
    let mut requests = on_folders(&clerk);
    for point in POINTS {
        stop_at(&mut clerk, point.trim_end_matches(":2"));
        // Some of every kind, so that the next point is come by, whatever this run left undone.
        for _ in 0..6 {
            let one = request(&clerk.desk, requests.len());
            clerk.deliver(&one.id, &one.raw);
            requests.push(one);
        }
    }
    clerk.once();
    clerk.once();
    assert_eq!(wrong_on_folders(&clerk, &requests), NOTHING);
}

#[test]
fn stopped_while_it_does_what_is_due() {
    for point in ["clock_decided", "store_commit", "clock_committed"] {
        let mut clerk = Clerk::on_folders();
        let requests = on_folders(&clerk);
        clerk.ok(&["run", "--once", "--at", "2026-11-23T15:00:00Z"]);
        let waiting = clerk.list(&["pending"]).len();
        assert!(waiting > 0);
        let later = ["run", "--once", "--at", "2027-02-01T15:00:00Z"];
        clerk.set_env("MAILCLERK_CRASH_AT", point);
        let ended = clerk.end_of(&later);
        clerk.clear_env("MAILCLERK_CRASH_AT");
        assert!(was_ended_by(ended.status, SIGABRT), "it did not stop at {point}: {}\n{}", ended.status, ended.log);
        clerk.ok(&later);
        clerk.ok(&later);
        let closed = clerk
            .written()
            .iter()
            .filter(|raw| header(raw, "X-Mailclerk-Template").as_deref() == Some("pending_closed"))
            .count();
        assert_eq!(
            (closed, clerk.list(&["pending"]).len()),
            (waiting, 0),
            "stopped at {point}, {} mails",
            requests.len()
        );
        clerk.ok(&["audit", "verify"]);
    }
}

#[test]
fn stopped_while_an_answer_given_by_hand_is_read_and_decided() {
    for point in ["store_record", "sent_recorded", "leased", "decided", "store_commit", "committed"] {
        let mut clerk = Clerk::on_folders();
        let requests = on_folders(&clerk);
        clerk.once();
        let asked = requests.iter().find(|one| one.fate == Fate::Accepted).expect("one of each kind");
        let hand = format!(
            "From: {}\r\nTo: {}\r\nSubject: About your mail\r\nMessage-ID: <hand@outlook.example>\r\n\
             In-Reply-To: <{}>\r\n\r\nWe have found it.\r\n",
            clerk.desk.address, asked.sender, asked.id
        );
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(clerk.path("mail/.Sent").join(part)).expect("made");
        }
        std::fs::write(clerk.path("mail/.Sent/cur/1.hand:2,S"), hand).expect("written");
        stop_at(&mut clerk, point);
        clerk.once();
        clerk.once();
        let cases = clerk.list(&["cases"]);
        let number = cases.iter().find(|case| case["requester"] == asked.sender.as_str()).expect("its case");
        let case = clerk.json(&["case", number["number"].as_str().expect("a number"), "--json"]);
        let events = case["history"].as_array().expect("a list").iter().filter(|line| line["event"] == "answered");
        assert_eq!(events.count(), 1, "stopped at {point}");
        assert_eq!(wrong_on_folders(&clerk, &requests), NOTHING, "stopped at {point}");
    }
}

/// One answer and one closing, wherever the worker is stopped while it carries out a specialist's mail.
#[test]
fn stopped_while_a_specialist_answers() {
    const AT: [&str; 3] = ["2026-11-02T10:15:00-05:00", "2026-11-03T09:00:00-05:00", "2026-11-03T11:30:00-05:00"];
    for point in POINTS {
        let mut clerk = Clerk::on_folders();
        let asked = request_of(&clerk.desk, 1, Fate::Accepted);
        believe(&clerk, &asked.sender);
        clerk.deliver("asked", &asked.raw);
        clerk.ok(&["run", "--once", "--at", AT[0]]);
        clerk.ok(&["run", "--once", "--at", AT[1]]);
        let number = clerk.list(&["cases"])[0]["number"].as_str().expect("a number").to_owned();
        let case = |clerk: &Clerk| clerk.json(&["case", &number, "--json"]);
        let specialist = case(&clerk)["specialist"].as_str().expect("somebody has it").to_owned();
        let assignment = newest(&clerk.written(), &specialist, "assignment");
        let text = "#opportunity process Cards get lost.\r\n\r\nIt is on its way.";
        clerk.deliver("answer", &reply(&clerk, &specialist, &assignment, "s1", text));
        clerk.set_env("MAILCLERK_CRASH_AT", point);
        let ended = clerk.end_of(&["run", "--once", "--at", AT[2]]);
        clerk.clear_env("MAILCLERK_CRASH_AT");
        assert!(was_ended_by(ended.status, SIGABRT), "it did not stop at {point}: {}\n{}", ended.status, ended.log);
        clerk.ok(&["run", "--once", "--at", AT[2]]);
        clerk.ok(&["run", "--once", "--at", AT[2]]);
        let written = clerk.written();
        assert_eq!(got(&written, &asked.sender), ["receipt", "acknowledgement", "answer"], "stopped at {point}");
        assert_eq!(got(&written, &specialist), ["assignment", "command_result"], "stopped at {point}");
        let case = case(&clerk);
        assert_eq!(case["opportunities"].as_array().map(Vec::len), Some(1), "stopped at {point}");
        let updates = case["clocks"].as_array().expect("clocks").iter();
        let running = updates.filter(|clock| clock["kind"] == "update" && clock["state"] == "running").count();
        assert_eq!(running, 1, "stopped at {point}");
        clerk.ok(&["audit", "verify"]);
    }
}

/// A step that fails in a process that lives on: what it had leased is done at once and not when the leases run out.
#[test]
fn a_step_that_fails_gives_back_what_it_leased() {
    for point in ["leased", "decided"] {
        let mut clerk = Clerk::on_folders();
        let requests = on_folders(&clerk);
        clerk.set_env("MAILCLERK_PANIC_AT", point);
        let mut worker = clerk.start(&["run"]);
        worker.wait_until("all to be filed", |_| clerk.count("") == 0);
        let replies = requests.iter().filter(|one| one.fate != Fate::Ignored).count();
        worker.wait_until("the replies", |_| clerk.written().len() == replies);
        assert!(worker.log().contains("a defect of the program"), "it did not fail at {point}: {}", worker.log());
        assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
        clerk.clear_env("MAILCLERK_PANIC_AT");
        assert_eq!(wrong_on_folders(&clerk, &requests), NOTHING, "failed at {point}");
    }
}

#[test]
fn a_message_that_cannot_be_judged_is_held_and_others_go_on() {
    let mut clerk = Clerk::on_folders();
    let requests = on_folders(&clerk);
    clerk.set_env("MAILCLERK_FAULT", &format!("cannot_judge:{}", requests[0].id));
    let mut worker = clerk.start(&["run"]);
    worker.wait_until("it to be held", |_| clerk.count("Held") == 1);
    worker.wait_until("the others to be filed", |_| clerk.count("") == 0);
    let failures = worker.log().matches("a defect of the program").count();
    assert!((3..=5).contains(&failures), "{failures} failures: {}", worker.log());
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    let replies = requests.iter().filter(|one| one.fate != Fate::Ignored).count();
    assert_eq!((clerk.list(&["held"]).len(), clerk.written().len()), (1, replies - 1));
}

#[test]
fn looking_after_what_the_dead_left_goes_on_after_a_defect() {
    let mut clerk = Clerk::on_folders();
    // The first look is before the loops.
    clerk.set_env("MAILCLERK_PANIC_AT", "recovering:2");
    let mut worker = clerk.start(&["run"]);
    worker.wait_for_log("failed to look after what dead workers left", 1);
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
}

#[test]
fn to_send_before_it_is_written_down_is_caught() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests = on_servers(&dovecot, &clerk);
    clerk.set_env("MAILCLERK_FAULT", "send_before_record");
    stop_at(&mut clerk, "finished");
    clerk.once();
    clerk.clear_env("MAILCLERK_FAULT");
    clerk.once();
    let wrong = wrong_on_servers(&clerk, &dovecot, &smtp, &requests);
    assert!(wrong.iter().any(|what| what.contains("was answered 2 times")), "{wrong:?}");
}

#[test]
fn to_move_the_cursor_before_the_mail_is_kept_is_caught() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let mut clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests = on_servers(&dovecot, &clerk);
    clerk.set_env("MAILCLERK_FAULT", "cursor_before_commit");
    stop_at(&mut clerk, "cursor_moved");
    clerk.once();
    clerk.clear_env("MAILCLERK_FAULT");
    clerk.once();
    let wrong = wrong_on_servers(&clerk, &dovecot, &smtp, &requests);
    assert!(wrong.iter().any(|what| what.contains("were left in the inbox")), "{wrong:?}");
}

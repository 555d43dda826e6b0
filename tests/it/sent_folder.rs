//! The watched Sent folder: what its mails are judged to be and what they write, in tables; and on a real Dovecot, with
//! copies of ours beside answers given by hand, folders that come and go, and a worker that waits.

use super::support::clerk::{Clerk, wait_until};
use super::support::dovecot::Dovecot;
use super::support::requests::{Fate, Request, header, request_of};
use super::support::smtp::FakeSmtp;
use jiff::Timestamp;
use mailclerk::address::EmailAddress;
use mailclerk::case::standing::{CaseFacts, PendingFacts, Standing, Target};
use mailclerk::case::{Case, ClockKind, ClockOf, ClockState, EventKind, LinkRole, Pending, PendingState};
use mailclerk::desk::{Desk, shipped};
use mailclerk::effects::of_sent::{SentTrigger, of_sent};
use mailclerk::effects::{Chain, ClockChoice, ClockEnd, Effects};
use mailclerk::intake::by_hand::{addressees, judge};
use mailclerk::message::Message;
use mailclerk::words::chance::Chance;
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::{CaseNumber, PendingToken};
use mailclerk::words::{Decision, Status};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

const REQUESTER: &str = "jo@agency.example";
const COLLEAGUE: &str = "pat@agency.example";

fn desk() -> Desk {
    let id = shipped::ids().into_iter().next().expect("a desk is shipped");
    shipped::desk(&id).expect("it loads")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn case(n: u128, subject: &str, status: Status) -> Case {
    Case {
        id: Uuid::from_u128(n),
        version: 3,
        desk: desk().id,
        number: CaseNumber(format!("AB-{n}")),
        line: None,
        kind: None,
        priority: None,
        status,
        urgent: false,
        requester: address(REQUESTER),
        requester_name: None,
        participants: vec![address(REQUESTER), address(COLLEAGUE)],
        external: true,
        specialist: None,
        assigned_at: None,
        entries: Vec::new(),
        subject: subject.into(),
        opened_at: at("2026-11-02T15:15:00Z"),
        resolved_at: None,
        links: Vec::new(),
        next_words: None,
        paused: None,
        waits_until: None,
        merged_into: None,
        course: Default::default(),
    }
}

fn pending(n: u128, subject: &str, state: PendingState) -> Pending {
    Pending {
        id: Uuid::from_u128(n),
        version: 2,
        desk: desk().id,
        token: PendingToken(format!("AB-P{n}")),
        number: None,
        requester: address(REQUESTER),
        participants: vec![address(REQUESTER)],
        request: Value::Null,
        missing: Vec::new(),
        sent: vec!["first".into()],
        subject: subject.into(),
        member: None,
        urgent: false,
        state,
        case: None,
        opened_at: at("2026-11-02T15:15:00Z"),
        newest_at: at("2026-11-02T15:15:00Z"),
    }
}

fn mail(from: &str, to: &str, subject: &str, headers: &str) -> Message {
    let raw = format!(
        "{headers}From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <hand@example.org>\r\n\r\nWe found it.\r\n"
    );
    Message::read(raw.as_bytes())
}

const CASE: Target = Target::Case(Uuid::from_u128(1));
const OTHER: Target = Target::Case(Uuid::from_u128(2));
const PENDING: Target = Target::Pending(Uuid::from_u128(5));

/// Two open cases of one requester and a pending request; nothing leads to them yet.
fn known() -> Standing {
    let facts = |case| CaseFacts { case, texts: Vec::new(), messages_in_day: 0 };
    Standing {
        cases: vec![facts(case(1, "Roe, Jane", Status::New)), facts(case(2, "Doe, John", Status::InReview))],
        pendings: vec![PendingFacts { pending: pending(5, "Poe, Ann", PendingState::Open), messages_in_day: 0 }],
        ..Standing::default()
    }
}

#[test]
fn a_mail_of_the_sent_folder_is_an_answer_or_none() {
    let desk = desk();
    let keys = Keys::derive(&[7; 32]);
    let own = desk.address.to_string();
    let to_both = format!("expert@where.example, {COLLEAGUE}");
    type Led = fn(&mut Standing);
    /// What is tried, how it is led; to whom, subject and headers; what it answers, and the rule that says so.
    type Row<'a> = (&'a str, Led, (&'a str, &'a str, &'a str), Option<Target>, &'a str);
    let nothing: Led = |_| {};
    let token: Led = |known| known.by_token = vec![CASE];
    let newest_id: Led = |known| known.by_message_id = vec![OTHER, CASE];
    let tag: Led = |known| known.by_tag = vec![CASE];
    let tags: Led = |known| known.by_tag = vec![CASE, OTHER];
    let ours: Led = |known| (known.by_token, known.is_our_mail) = (vec![CASE], true);
    let completed: Led = |known| {
        known.by_token = vec![PENDING];
        known.pendings[0].pending.case = Some(Uuid::from_u128(2));
        known.pendings[0].pending.state = PendingState::Completed;
    };
    let resolved: Led = |known| known.cases[0].case.status = Status::Resolved;
    let same_subject: Led = |known| known.cases[1].case.subject = "Roe, Jane".into();
    let to_pending: Led = |known| known.by_token = vec![PENDING];
    let table: &[Row<'_>] = &[
        ("by our token", token, (REQUESTER, "x", ""), Some(CASE), "in the thread"),
        ("by the newest known id", newest_id, (REQUESTER, "x", ""), Some(OTHER), "in the thread"),
        ("to a participant among others", token, (&to_both, "x", ""), Some(CASE), "in the thread"),
        (
            "a copy to a participant",
            token,
            ("a@where.example", "x", "Cc: pat@agency.example\r\n"),
            Some(CASE),
            "in the thread",
        ),
        ("by the tag", tag, (REQUESTER, "x", ""), Some(CASE), "in the thread"),
        ("by two tags", tags, (REQUESTER, "x", ""), None, "in the thread"),
        ("what a pending request became", completed, (REQUESTER, "x", ""), Some(OTHER), "in the thread"),
        ("a pending request", to_pending, (REQUESTER, "x", ""), Some(PENDING), "in the thread"),
        ("by the subject alone", nothing, (REQUESTER, "Re: roe  jane", ""), Some(CASE), "by the subject"),
        ("a pending request's subject", nothing, (REQUESTER, "Poe, Ann", ""), Some(PENDING), "by the subject"),
        ("the subject, to a colleague", nothing, (COLLEAGUE, "Roe, Jane", ""), None, ""),
        ("the subject of what is resolved", resolved, (REQUESTER, "Roe, Jane", ""), None, ""),
        ("the subject of two", same_subject, (REQUESTER, "Roe, Jane", ""), None, ""),
        ("no subject", nothing, (REQUESTER, "", ""), None, ""),
        ("to an expert", token, ("expert@where.example", "Roe, Jane", ""), None, "in the thread"),
        ("a copy of ours", ours, (REQUESTER, "x", ""), None, "own mail"),
        ("with our header", token, (REQUESTER, "x", "X-Mailclerk-Message-ID: <a@b>\r\n"), None, "own mail"),
        ("an absence", token, (REQUESTER, "x", "Auto-Submitted: auto-replied\r\n"), None, "machine"),
        ("a rule's mail", token, (REQUESTER, "x", "Auto-Submitted: auto-generated\r\n"), None, "machine"),
    ];
    for (what, led, (to, subject, headers), answers, rule) in table {
        let mut standing = known();
        led(&mut standing);
        let judged = judge(&desk, &keys, &mail(&own, to, subject, headers), &standing, false);
        let decision = if answers.is_some() { Decision::Attach } else { Decision::Ignore };
        assert_eq!((judged.answers, judged.decision), (*answers, decision), "{what}: {:?}", judged.trace);
        let hit = judged.trace.0.iter().find(|step| step.hit).map_or("", |step| step.rule.as_str());
        assert_eq!(hit, *rule, "{what}: {:?}", judged.trace);
        // Seen before, it is nothing; nor is it from anybody else.
        assert_eq!(judge(&desk, &keys, &mail(&own, to, subject, headers), &standing, true).answers, None, "{what}");
        let from_elsewhere = mail("else@where.example", to, subject, headers);
        assert_eq!(judge(&desk, &keys, &from_elsewhere, &standing, false).answers, None, "{what}");
    }
}

#[test]
fn addressees_are_each_named_once_and_the_desk_is_none() {
    let desk = desk();
    let own = desk.address.to_string();
    let many: Vec<String> = (0..40).map(|n| format!("a{n}@where.example")).collect();
    let message = mail(&own, &format!("{REQUESTER}, {own}, JO@agency.example"), "x", "");
    assert_eq!(addressees(&desk, &message), [address(REQUESTER)]);
    assert_eq!(addressees(&desk, &mail(&own, &many.join(", "), "x", "")).len(), 10);
}

/// What a mail to this case or pending request writes.
fn effects(standing: &Standing, target: Target, arrived: &str, promised: Option<&str>) -> Effects {
    let (desk, keys) = (desk(), Keys::derive(&[7; 32]));
    let message = mail(&desk.address.to_string(), REQUESTER, "x", "");
    let mut standing = standing.clone();
    standing.by_token = vec![target];
    let judgement = judge(&desk, &keys, &message, &standing, false);
    assert_eq!(judgement.answers, Some(target));
    let trigger = SentTrigger {
        desk: &desk,
        message: &message,
        row: Uuid::from_u128(9),
        arrived: at(arrived),
        judgement: &judgement,
        standing: &standing,
        promised: promised.map(at),
        now: at("2026-11-09T20:00:00Z"),
    };
    of_sent(&trigger, &mut Chance::from_seed([1; 32]))
}

/// The update that starts, and whether the response clock is met.
fn clocks(effects: &Effects) -> (Vec<String>, bool) {
    let updates = effects.clocks.iter().filter(|clock| clock.kind == ClockKind::Update);
    let met = ClockEnd {
        which: ClockChoice::Kind(ClockOf::Case(Uuid::from_u128(1)), ClockKind::Respond),
        state: ClockState::Met,
    };
    (updates.map(|clock| clock.due.to_string()).collect(), effects.clocks_ended.contains(&met))
}

#[test]
fn an_answer_moves_the_clocks_of_its_case() {
    // The desk is in New York; November 11, 2026 is a holiday. Now is Monday, November 9, 15:00 there.
    /// What is tried, the status, when the mail arrived, the update promised before, the update that starts.
    type Row<'a> = (&'a str, Status, &'a str, Option<&'a str>, &'a [&'a str]);
    let table: &[Row<'_>] = &[
        ("from its own time", Status::New, "2026-11-06T15:00:00Z", None, &["2026-11-16T15:00:00Z"]),
        (
            "later than promised",
            Status::InReview,
            "2026-11-06T15:00:00Z",
            Some("2026-11-10T15:00:00Z"),
            &["2026-11-16T15:00:00Z"],
        ),
        ("nearer than promised", Status::InReview, "2026-11-06T15:00:00Z", Some("2026-11-30T15:00:00Z"), &[]),
        ("never the past", Status::InReview, "2026-10-06T15:00:00Z", None, &["2026-11-17T20:00:00Z"]),
        ("paused", Status::Paused, "2026-11-06T15:00:00Z", None, &[]),
        ("resolved", Status::Resolved, "2026-11-06T15:00:00Z", None, &[]),
        ("waiting", Status::WaitingExternal, "2026-11-06T15:00:00Z", None, &["2026-11-16T15:00:00Z"]),
    ];
    for (what, status, arrived, promised, update) in table {
        let mut standing = known();
        standing.cases[0].case.status = *status;
        let written = effects(&standing, CASE, arrived, *promised);
        assert_eq!(clocks(&written), (update.iter().map(|due| (*due).to_owned()).collect(), true), "{what}");
        assert_eq!((written.cases.len(), written.mails.len(), written.requesters.len()), (0, 0, 0), "{what}");
        let [link] = written.links[..] else { panic!("{what}: {:?}", written.links) };
        assert_eq!((link.target, link.role), (CASE, LinkRole::ByHand), "{what}");
        let answered = written.events.iter().find(|event| event.kind == EventKind::Answered).expect(what);
        assert_eq!(answered.chain, Chain::Case(Uuid::from_u128(1)), "{what}");
        assert_eq!(answered.ids["by"], "hand", "{what}");
        let decided = written.decided.expect(what);
        assert_eq!((decided.author, decided.gets_reply), (None, false), "{what}: nobody's limits see it");
    }
}

#[test]
fn a_mail_to_a_pending_request_restarts_its_silence() {
    for (what, state, arrived, closes) in [
        ("open", PendingState::Open, "2026-11-06T15:00:00Z", Some("2026-11-23T15:00:00Z")),
        ("older than the newest", PendingState::Open, "2026-11-01T15:00:00Z", None),
        ("closed", PendingState::Closed, "2026-11-06T15:00:00Z", None),
    ] {
        let mut standing = known();
        standing.pendings[0].pending.state = state;
        let written = effects(&standing, PENDING, arrived, None);
        let due = written.clocks.iter().map(|clock| (clock.kind, clock.due)).collect::<Vec<_>>();
        let expected = closes.map(|closes| (ClockKind::PendingClose, at(closes)));
        assert_eq!(due, expected.into_iter().collect::<Vec<_>>(), "{what}");
        assert_eq!(written.pendings.len(), usize::from(state == PendingState::Open), "{what}");
        if let Some(row) = written.pendings.first() {
            assert_eq!(row.newest_at, at("2026-11-02T15:15:00Z").max(at(arrived)), "{what}");
            assert_eq!((row.version, row.sent.len()), (2, 2), "{what}: what stands in it is known as ours");
        }
        assert!(written.mails.is_empty() && written.links.len() == 1, "{what}");
    }
}

const MONDAY: &str = "2026-11-23T15:00:00Z";
const LATER: &str = "2026-11-23T18:00:00Z";
const TUESDAY: &str = "2026-11-24T18:00:00Z";

fn hand_to(clerk: &Clerk, request: &Request, id: &str) -> Vec<u8> {
    format!(
        "From: The Desk <{}>\r\nTo: {}\r\nSubject: About your mail\r\nMessage-ID: <{id}@outlook.example>\r\n\
         In-Reply-To: <{}>\r\n\r\nWe have found it.\r\n",
        clerk.desk.address, request.sender, request.id
    )
    .into_bytes()
}

fn run(clerk: &Clerk, instant: &str) -> Value {
    clerk.json(&["run", "--once", "--json", "--at", instant])
}

fn the_case(clerk: &Clerk, request: &Request) -> Value {
    let cases = clerk.list(&["cases"]);
    let one = cases.iter().find(|case| case["requester"] == request.sender.as_str()).expect("its case");
    clerk.json(&["case", one["number"].as_str().expect("a number"), "--json"])
}

/// How often it was answered, how the response clock stands, and when the running update is due.
fn answered(clerk: &Clerk, request: &Request) -> (usize, String, String) {
    let case = the_case(clerk, request);
    let count = case["history"].as_array().expect("a list").iter().filter(|line| line["event"] == "answered").count();
    let all = case["clocks"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let respond = all.iter().find(|clock| clock["kind"] == "respond").map(|clock| text(&clock["state"]));
    let update = all.iter().find(|clock| clock["kind"] == "update" && clock["state"] == "running");
    (count, respond.unwrap_or_default(), update.map(|clock| text(&clock["due"])).unwrap_or_default())
}

#[test]
fn on_a_server_an_answer_counts_once_and_copies_of_ours_do_not() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let [one, two] = [1, 2].map(|n| request_of(&clerk.desk, n, Fate::Accepted));
    dovecot.deliver(&one.raw);
    dovecot.deliver(&two.raw);
    let said = run(&clerk, MONDAY);
    assert_eq!((&said["received"], &said["decided"]), (&2.into(), &2.into()), "{said}");
    let mut client = dovecot.client();
    assert_eq!(client.uids("Sent").len(), smtp.taken().len(), "copies of ours stand there");
    let (before, _) = (answered(&clerk, &one), client.append("Sent", "(\\Seen) ", &hand_to(&clerk, &one, "hand")));
    assert_eq!((before.0, before.1.as_str()), (0, "running"));
    let flags = client.ok("UID FETCH 1:* (FLAGS)");
    let said = run(&clerk, LATER);
    assert_eq!((&said["received"], &said["decided"], &said["sent"]), (&0.into(), &0.into(), &0.into()), "{said}");
    // Five business days after the answer; Thursday is Thanksgiving.
    let after = (1, "met".to_owned(), "2026-12-01T18:00:00Z".to_owned());
    assert_eq!(answered(&clerk, &one), after);
    assert_eq!(answered(&clerk, &two).1, "running");
    assert_eq!(client.ok("UID FETCH 1:* (FLAGS)"), flags, "it is only read");
    // The folder is made anew with the same mails: their bytes are known.
    let count = client.uids("Sent").len();
    let all = client.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
    assert_eq!(all.matches("Message-ID").count(), count);
    client.uids("INBOX");
    client.ok("DELETE Sent");
    client.ok("CREATE Sent");
    smtp.taken().iter().for_each(|mail| client.append("Sent", "(\\Seen) ", &mail.bytes));
    client.append("Sent", "(\\Seen) ", &hand_to(&clerk, &one, "hand"));
    let said = run(&clerk, "2026-11-23T19:00:00Z");
    assert_eq!((&said["received"], &said["sent"]), (&0.into(), &0.into()), "{said}");
    assert_eq!(answered(&clerk, &one), after, "nothing twice");
    // And what comes after that is seen.
    client.append("Sent", "(\\Seen) ", &hand_to(&clerk, &two, "second"));
    run(&clerk, "2026-11-23T20:00:00Z");
    assert_eq!((answered(&clerk, &two).0, answered(&clerk, &two).1.as_str()), (1, "met"));
    assert_eq!((clerk.list(&["held"]).len(), clerk.list(&["cases"]).len()), (0, 2));
    run(&clerk, "2026-12-01T17:59:00Z");
    let breaches =
        smtp.taken().iter().filter(|m| header(&m.bytes, "X-Mailclerk-Template").as_deref() == Some("breach")).count();
    assert_eq!(breaches, 0);
    clerk.ok(&["audit", "verify"]);
}

#[test]
fn the_folder_that_the_server_marks_is_watched_from_the_first_look_on() {
    let (dovecot, smtp) = (
        Dovecot::start_with(
            "namespace inbox {\n inbox = yes\n mailbox \"Sent Items\" {\n special_use = \\Sent\n auto = create\n }\n}",
        ),
        FakeSmtp::start(),
    );
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let [one, two] = [1, 2].map(|n| request_of(&clerk.desk, n, Fate::Accepted));
    let mut client = dovecot.client();
    client.append("\"Sent Items\"", "", &hand_to(&clerk, &one, "before"));
    client.ok("CREATE Sent");
    client.append("Sent", "", &hand_to(&clerk, &one, "elsewhere"));
    dovecot.deliver(&one.raw);
    dovecot.deliver(&two.raw);
    run(&clerk, MONDAY);
    client.append("Sent", "", &hand_to(&clerk, &two, "elsewhere-too"));
    run(&clerk, LATER);
    assert_eq!((answered(&clerk, &one).0, answered(&clerk, &two).0), (0, 0));
    client.append("\"Sent Items\"", "", &hand_to(&clerk, &two, "hand"));
    run(&clerk, TUESDAY);
    assert_eq!((answered(&clerk, &one).0, answered(&clerk, &two).0), (0, 1));
}

#[test]
fn check_says_which_folder_is_watched() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    assert!(clerk.ok(&["check"]).contains("there is none yet"), "{}", clerk.ok(&["check"]));
    dovecot.client().ok("CREATE Sent");
    assert!(clerk.ok(&["check"]).contains("Sent is watched for answers given by hand; 0 mails in it"));
    clerk.edit("start = \"all\"", "start = \"all\"\nsent = \"Gone\"");
    assert!(clerk.ok(&["check"]).contains("there is none yet (Gone)"));
    clerk.edit("sent = \"Gone\"", "watch_sent = false");
    assert!(!clerk.ok(&["check"]).contains("watched"));
}

#[test]
fn the_worker_sees_an_answer_while_it_waits_and_the_inbox_goes_on() {
    let (dovecot, smtp) = (Dovecot::start(), FakeSmtp::start());
    let clerk = Clerk::on_servers(&dovecot, "INBOX", "all", &smtp);
    let requests: Vec<_> = (1..4).map(|n| request_of(&clerk.desk, n, Fate::Accepted)).collect();
    dovecot.deliver(&requests[0].raw);
    let mut client = dovecot.client();
    client.ok("CREATE Sent");
    let mut worker = clerk.start(&["run"]);
    smtp.wait_for(1);
    client.append("Sent", "", &hand_to(&clerk, &requests[0], "hand"));
    // It is looked at with each mail that comes in, and the inbox is waited for as before.
    for (n, one) in requests.iter().enumerate().skip(1) {
        dovecot.deliver(&one.raw);
        smtp.wait_for(n + 1);
    }
    wait_until("the answer to be seen", || answered(&clerk, &requests[0]).0 == 1);
    assert_eq!(answered(&clerk, &requests[0]).1, "met");
    wait_until("the last one to be filed", || client.uids("INBOX").is_empty());
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    assert!(!worker.log().contains("failed to read"), "{}", worker.log());
}

/// Writes behind the store's back.
fn sql(clerk: &Clerk, text: &'static str) {
    let url = format!("sqlite:{}", clerk.path("mailclerk.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.expect("connected");
        let done = sqlx::query(text).execute(&mut connection).await.expect("done");
        assert!(done.rows_affected() > 0, "{text}");
        connection.close().await.expect("closed");
    });
}

#[test]
fn what_was_answered_by_hand_while_nothing_ran_is_seen_before_what_came_due_meanwhile() {
    let clerk = Clerk::on_folders();
    let one = request_of(&clerk.desk, 1, Fate::Accepted);
    clerk.deliver("1.first", &one.raw);
    clerk.once();
    // As after days of downtime: the answer was due long ago.
    sql(&clerk, "UPDATE clocks SET due = started WHERE kind = 'respond'");
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(clerk.path("mail/.Sent").join(part)).expect("made");
    }
    std::fs::write(clerk.path("mail/.Sent/cur/1.hand:2,S"), hand_to(&clerk, &one, "hand")).expect("written");
    let mut worker = clerk.start(&["run"]);
    wait_until("the answer to be seen", || answered(&clerk, &one).0 == 1);
    // The clocks run now: what is due is done, and the worker still answers mail.
    clerk.deliver("2.second", &request_of(&clerk.desk, 2, Fate::Accepted).raw);
    worker.wait_until("the second one's reply", |_| clerk.written().len() >= 2);
    assert_eq!(worker.terminate().code(), Some(0), "{}", worker.log());
    clerk.once();
    assert_eq!(answered(&clerk, &one).1, "met");
    let breaches =
        clerk.written().iter().filter(|raw| header(raw, "X-Mailclerk-Template").as_deref() == Some("breach")).count();
    assert_eq!(breaches, 0);
}

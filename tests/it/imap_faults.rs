//! The IMAP mailbox against servers that refuse, stall, talk nonsense, and close the line at any octet. What goes
//! wrong is an error; never is a part of the answer taken for all of it.

use crate::support::fake_imap::{Act, BODIES, FakeImap, LISTED, SELECTED};
use mailclerk::mailbox::{
    Batch, Content, Cursor, FetchLimits, FolderName, ImapMailbox, MailKey, MailboxError, RefusedCause, RetryCause,
    Woken,
};
use mailclerk::settings::Security;
use std::time::Duration;

const START: Cursor = Cursor::Uid { uid_validity: 7, next_uid: 1 };
const LONG: Duration = Duration::from_secs(60);

async fn fetch(server: &FakeImap) -> Result<Batch, MailboxError> {
    ImapMailbox::new(server.settings()).fetch_after(&START, &FetchLimits::default()).await
}

/// Reads all there is, then waits for more.
async fn wait(server: &FakeImap, timeout: Duration) -> Result<Woken, MailboxError> {
    let mut mailbox = ImapMailbox::new(server.settings());
    assert!(!mailbox.fetch_after(&START, &FetchLimits::default()).await.unwrap().more);
    mailbox.wait(timeout).await
}

fn cause(error: MailboxError) -> RetryCause {
    match error {
        MailboxError::Retry { cause, .. } => cause,
        MailboxError::Refused { .. } => panic!("refused for good: {error}"),
    }
}

fn is_listing(command: &str) -> bool {
    command.starts_with("UID FETCH") && command.contains("RFC822.SIZE")
}

fn is_body(command: &str) -> bool {
    command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]")
}

fn contents(batch: &Batch) -> Vec<(u32, &Content)> {
    let uid = |key: &MailKey| match key {
        MailKey::Uid { uid, .. } => *uid,
        MailKey::File(_) => panic!("a file"),
    };
    batch.mails.iter().map(|mail| (uid(&mail.key), &mail.content)).collect()
}

#[tokio::test]
async fn a_server_in_order_is_read_also_octet_by_octet() {
    for slowly in [false, true] {
        let server = FakeImap::start(move |_, command| match command {
            c if slowly && c.starts_with("SELECT") => Act::SaySlowly(SELECTED.to_owned()),
            c if slowly && is_listing(c) => Act::SaySlowly(LISTED.to_owned()),
            c if slowly && is_body(c) => Act::SaySlowly(BODIES.to_owned()),
            _ => Act::Usual,
        });
        let batch = fetch(&server).await.unwrap();
        let first = Content::Raw(b"a: b\r\n\r\nc\r\n".to_vec());
        let second = Content::Raw(b"a: d\r\n\r\ne\r\n".to_vec());
        assert_eq!(contents(&batch), [(1, &first), (2, &second)]);
        assert_eq!(batch.next, Cursor::Uid { uid_validity: 7, next_uid: 3 });
        for command in server.heard() {
            for never in ["NAMESPACE", "ESEARCH", "BINARY", "ENVELOPE", "BODYSTRUCTURE", "se\"cret"] {
                assert!(!command.contains(never), "{command}");
            }
        }
    }
}

/// Cuts the answer to one command at every octet. All but the whole answer must be an error.
async fn cut_everywhere(answer: &'static str, is_it: fn(&str) -> bool) {
    let length = answer.replace("TAG", "m1").len();
    let server = FakeImap::start(move |connection, command| match command {
        c if is_it(c) => Act::Cut(answer.to_owned(), connection),
        _ => Act::Usual,
    });
    for octets in 0..length {
        let error = fetch(&server).await.expect_err("a part of an answer was taken for all of it");
        assert!(matches!(cause(error), RetryCause::Lost(_)), "cut at {octets}");
    }
}

#[tokio::test]
async fn a_line_cut_at_any_octet_of_the_bodies_is_an_error() {
    cut_everywhere(BODIES, is_body).await;
}

#[tokio::test]
async fn a_line_cut_at_any_octet_of_the_listing_is_an_error() {
    cut_everywhere(LISTED, is_listing).await;
}

#[tokio::test]
async fn a_line_cut_at_any_octet_of_select_is_an_error() {
    cut_everywhere(SELECTED, |command| command.starts_with("SELECT")).await;
}

#[tokio::test]
async fn no_bad_and_bye_to_a_fetch_are_errors() {
    for (answer, wanted) in [
        ("TAG NO not now\r\n", RetryCause::No(None)),
        ("* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\nTAG NO [SERVERBUG] oops\r\n", RetryCause::No(Some("SERVERBUG".into()))),
        ("TAG BAD what\r\n", RetryCause::Bad(None)),
        ("* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n* BYE shutting down\r\n", RetryCause::Bye),
        ("* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\nm999 OK done\r\n", RetryCause::Incomplete("our tag")),
    ] {
        for is_it in [is_body as fn(&str) -> bool, is_listing] {
            let server = FakeImap::start(move |_, command| if is_it(command) { Act::say(answer) } else { Act::Usual });
            assert_eq!(cause(fetch(&server).await.unwrap_err()), wanted);
        }
    }
}

#[tokio::test]
async fn a_stalled_server_meets_the_deadline_at_every_command() {
    for stalled in ["", "CAPABILITY", "AUTHENTICATE", "SELECT", "UID FETCH"] {
        let server = FakeImap::start(move |_, command| {
            let hit = if stalled.is_empty() { command.is_empty() } else { command.starts_with(stalled) };
            if hit { Act::Stall } else { Act::Usual }
        });
        let mut settings = server.settings();
        settings.deadline = Duration::from_millis(100);
        let error = ImapMailbox::new(settings).fetch_after(&START, &FetchLimits::default()).await.unwrap_err();
        assert_eq!(cause(error), RetryCause::Deadline, "{stalled:?}");
    }
}

#[tokio::test]
async fn select_without_uidvalidity_is_an_error() {
    let server = FakeImap::start(|_, command| match command {
        c if c.starts_with("SELECT") => Act::say("* 2 EXISTS\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    assert_eq!(cause(fetch(&server).await.unwrap_err()), RetryCause::Incomplete("UIDVALIDITY"));
}

#[tokio::test]
async fn an_expunged_mail_is_gone_and_an_unread_one_is_not() {
    let answer = "* 1 FETCH (UID 1 BODY[] NIL)\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\nTAG OK done\r\n";
    let server = FakeImap::start(move |_, command| match command {
        c if is_body(c) => Act::say(answer),
        "UID SEARCH UID 1:2" => Act::say("* SEARCH 2\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    let batch = fetch(&server).await.unwrap();
    assert_eq!(contents(&batch), [(2, &Content::Unreadable)]);
    assert_eq!(batch.next, Cursor::Uid { uid_validity: 7, next_uid: 3 });
}

#[tokio::test]
async fn a_mail_that_is_empty_and_there_is_an_empty_mail() {
    let server = FakeImap::start(|_, command| match command {
        c if is_body(c) => Act::say("* 1 FETCH (UID 1 BODY[] \"\")\r\n* 2 FETCH (BODY[] {1}\r\nx UID 2)\r\nTAG OK\r\n"),
        c if c.starts_with("UID SEARCH UID") => Act::say("* SEARCH 1\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    let batch = fetch(&server).await.unwrap();
    assert_eq!(contents(&batch), [(1, &Content::Raw(vec![])), (2, &Content::Raw(b"x".to_vec()))]);
}

#[tokio::test]
async fn the_mail_whose_answer_cannot_be_read_is_found_and_the_others_are_read() {
    for nonsense in ["* 1 FETCH (UID 1 BODY[] {x}\r\n)\r\nTAG OK done\r\n", "* ?? nonsense\r\nTAG OK done\r\n"] {
        let server = FakeImap::start(move |_, command| match command {
            c if is_body(c) && (c.contains(" 1 ") || c.contains(" 1:2 ")) => Act::say(nonsense),
            _ => Act::Usual,
        });
        let batch = fetch(&server).await.unwrap();
        let second = Content::Raw(b"a: d\r\n\r\ne\r\n".to_vec());
        assert_eq!(contents(&batch), [(1, &Content::Unreadable), (2, &second)]);
        assert!(!batch.more);
        assert_eq!(batch.next, Cursor::Uid { uid_validity: 7, next_uid: 3 });
    }
}

#[tokio::test]
async fn an_answer_on_which_the_parser_panics_is_unreadable_like_others() {
    let server = FakeImap::start(|_, command| match command {
        c if is_listing(c) && c.contains(" 2 ") => Act::Usual,
        c if is_listing(c) => Act::say("* 1 FETCH (UID 1 RFC822.SIZE 11 INTERNALDATE NIL)\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    let batch = fetch(&server).await.unwrap();
    let second = Content::Raw(b"a: d\r\n\r\ne\r\n".to_vec());
    assert_eq!(contents(&batch), [(1, &Content::Unreadable), (2, &second)]);
}

#[tokio::test]
async fn where_nothing_can_be_read_no_mail_is_blamed() {
    let server = FakeImap::start(|_, command| match command {
        c if c.starts_with("UID FETCH") => Act::say("* ?? nonsense\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    assert_eq!(cause(fetch(&server).await.unwrap_err()), RetryCause::Unparsable);
}

#[tokio::test]
async fn a_mail_larger_than_told_is_not_taken_and_a_flood_is_stopped() {
    let body = format!("* 1 FETCH (UID 1 BODY[] {{2000}}\r\n{})\r\nTAG OK done\r\n", "x".repeat(2000));
    let server = FakeImap::start(move |_, command| if is_body(command) { Act::Say(body.clone()) } else { Act::Usual });
    let limits = FetchLimits { message_bytes: 1000, ..FetchLimits::default() };
    let batch = ImapMailbox::new(server.settings()).fetch_after(&START, &limits).await.unwrap();
    assert_eq!(contents(&batch), [(1, &Content::TooLarge)]);

    let flood = format!("* 1 FETCH (UID 1 BODY[] {{20000000}}\r\n{}", "x".repeat(20_000_000));
    let server = FakeImap::start(move |_, command| if is_body(command) { Act::Say(flood.clone()) } else { Act::Usual });
    assert_eq!(cause(fetch(&server).await.unwrap_err()), RetryCause::TooMuch);
}

#[tokio::test]
async fn news_between_the_answers_do_no_harm() {
    let noise = "* 3 EXISTS\r\n* OK still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS ())\r\n\
                 * 7 EXPUNGE\r\n* NO [ALERT] disk is full\r\n";
    let server = FakeImap::start(move |_, command| match command {
        c if is_listing(c) => Act::Say(format!("{noise}{LISTED}")),
        c if is_body(c) => Act::Say(format!("{noise}{BODIES}")),
        _ => Act::Usual,
    });
    assert_eq!(fetch(&server).await.unwrap().mails.len(), 2);
}

#[tokio::test]
async fn idle_refused_or_lacking_becomes_polling() {
    for (announced, answer) in
        [("IDLE", "TAG NO not for you\r\n"), ("IDLE", "TAG BAD what\r\n"), ("UIDPLUS", "must not be asked\r\n")]
    {
        let server = FakeImap::start(move |_, command| match command {
            "CAPABILITY" => Act::Say(format!("* CAPABILITY IMAP4rev1 {announced}\r\nTAG OK done\r\n")),
            "IDLE" => Act::say(answer),
            "NOOP" => Act::say("* 3 EXISTS\r\nTAG OK done\r\n"),
            _ => Act::Usual,
        });
        assert_eq!(wait(&server, LONG).await.unwrap(), Woken::Mail);
    }
}

#[tokio::test]
async fn idle_that_ends_by_eof_or_bye_is_an_error() {
    for (answer, wanted) in [
        ("+ idling\r\n", RetryCause::Lost(std::io::ErrorKind::UnexpectedEof)),
        ("", RetryCause::Lost(std::io::ErrorKind::UnexpectedEof)),
        ("+ idling\r\n* BYE good night\r\n", RetryCause::Bye),
        ("+ idling\r\nTAG OK enough\r\n", RetryCause::Incomplete("a reason to end IDLE")),
    ] {
        let server = FakeImap::start(move |_, command| match command {
            "IDLE" => Act::Cut(answer.to_owned(), usize::MAX),
            _ => Act::Usual,
        });
        assert_eq!(cause(wait(&server, LONG).await.unwrap_err()), wanted);
    }
}

#[tokio::test]
async fn idle_wakes_by_an_answer_before_the_continuation_and_by_none_that_is_no_news() {
    let server = FakeImap::start(|_, command| match command {
        "IDLE" => Act::say("* 3 EXISTS\r\n+ idling\r\n"),
        _ => Act::Usual,
    });
    assert_eq!(wait(&server, LONG).await.unwrap(), Woken::Mail);

    let server = FakeImap::start(|_, command| match command {
        "IDLE" => {
            Act::say("+ idling\r\n* 2 EXPUNGE\r\n* 1 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK still here\r\n")
        }
        _ => Act::Usual,
    });
    let woken = wait(&server, Duration::from_millis(50)).await.unwrap();
    assert_eq!(woken, Woken::Timeout);
}

#[tokio::test]
async fn an_append_survives_untagged_lines_and_tells_refusals() {
    let target = FolderName::parse("Sent").unwrap();
    let server = FakeImap::start(|_, command| match command {
        c if c.starts_with("APPEND") => Act::say("* 3 EXISTS\r\n* OK wait\r\n+ go on\r\n"),
        _ => Act::Usual,
    });
    let mut mailbox = ImapMailbox::new(server.settings());
    mailbox.append_sent(Some(&target), b"a: b\r\n\r\nc\r\n").await.unwrap();
    assert!(server.heard().contains(&"LITERAL a: b\r\n\r\nc\r\n".to_owned()), "{:?}", server.heard());
    // Still in step.
    assert_eq!(mailbox.state().await.unwrap().exists, 2);

    for (answer, wanted) in [
        ("TAG NO [OVERQUOTA] full\r\n", RetryCause::No(Some("OVERQUOTA".into()))),
        ("TAG OK what\r\n", RetryCause::Incomplete("a continuation")),
        ("* BYE no\r\n", RetryCause::Bye),
    ] {
        let server = FakeImap::start(move |_, command| match command {
            c if c.starts_with("APPEND") => Act::say(answer),
            _ => Act::Usual,
        });
        let error = ImapMailbox::new(server.settings()).append_sent(Some(&target), b"x").await.unwrap_err();
        assert_eq!(cause(error), wanted);
    }
}

#[tokio::test]
async fn a_move_that_left_a_mail_behind_is_an_error() {
    let server = FakeImap::start(|_, command| match command {
        c if c.starts_with("UID SEARCH UID") => Act::say("* SEARCH 1\r\nTAG OK done\r\n"),
        _ => Act::Usual,
    });
    let item = (MailKey::Uid { uid_validity: 7, uid: 1 }, FolderName::parse("Sent").unwrap());
    let error = ImapMailbox::new(server.settings()).file(&[item]).await.unwrap_err();
    assert_eq!(cause(error), RetryCause::Incomplete("the move of every mail"));
}

#[tokio::test]
async fn each_way_to_log_in_is_used_where_it_is_announced() {
    for (announced, wanted) in [
        ("AUTH=PLAIN SASL-IR", vec!["AUTHENTICATE PLAIN AGNsZXJrAHNlImNyZXQ="]),
        ("AUTH=PLAIN", vec!["AUTHENTICATE PLAIN", "UNTAGGED AGNsZXJrAHNlImNyZXQ="]),
        ("IDLE", vec!["LOGIN {5}", "LITERAL clerk", "UNTAGGED  {7}", "LITERAL se\"cret"]),
    ] {
        let server = FakeImap::start(move |_, command| match command {
            "" => Act::Say(format!("* OK [CAPABILITY IMAP4rev1 {announced}] ready\r\n")),
            "AUTHENTICATE PLAIN" => Act::say("+ \r\n"),
            c if c.starts_with("UNTAGGED AGN") => Act::say("TAG OK done\r\n"),
            "UNTAGGED  {7}" => Act::say("+ go on\r\n"),
            _ => Act::Usual,
        });
        ImapMailbox::new(server.settings()).state().await.unwrap();
        let heard = server.heard();
        assert_eq!(heard[..wanted.len()], wanted[..], "{announced}");
        assert!(heard.iter().skip(wanted.len()).any(|command| command == "CAPABILITY"), "{heard:?}");
    }
}

#[tokio::test]
async fn a_login_that_fails_for_now_is_tried_again_and_one_that_fails_for_good_is_not() {
    for (answer, refused) in [
        ("TAG NO [AUTHENTICATIONFAILED] no\r\n", true),
        ("TAG NO sorry clerk\r\n", true),
        ("TAG NO [UNAVAILABLE] later\r\n", false),
        ("TAG BAD what\r\n", false),
    ] {
        let server = FakeImap::start(move |_, command| match command {
            c if c.starts_with("AUTHENTICATE") => Act::say(answer),
            _ => Act::Usual,
        });
        let error = ImapMailbox::new(server.settings()).state().await.unwrap_err();
        assert_eq!(!error.is_retry(), refused, "{answer}");
        assert!(!error.to_string().contains("clerk"), "{error}");
    }
    let server = FakeImap::start(|_, command| match command {
        "" => Act::say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS] ready\r\n"),
        _ => Act::Usual,
    });
    let error = ImapMailbox::new(server.settings()).state().await.unwrap_err();
    assert!(matches!(error, MailboxError::Refused { cause: RefusedCause::NoLoginMethod, .. }), "{error}");
    assert_eq!(server.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn before_tls_nothing_is_believed_and_nothing_secret_is_said() {
    for (greeting, answer, wanted) in [
        ("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "", RefusedCause::BeforeTls("PREAUTH")),
        ("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n", "", RefusedCause::NoStartTls),
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "TAG NO not today\r\n", RefusedCause::NoStartTls),
        (
            "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n",
            "TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
            RefusedCause::BeforeTls("more answers"),
        ),
    ] {
        let server = FakeImap::start(move |_, command| match command {
            "" => Act::say(greeting),
            "STARTTLS" => Act::say(answer),
            _ => Act::Usual,
        });
        let mut settings = server.settings();
        settings.security = Security::StartTls;
        settings.ca_file = Some(crate::support::certificates::certificates().ca.clone());
        match ImapMailbox::new(settings).state().await.unwrap_err() {
            MailboxError::Refused { cause, .. } => assert_eq!(cause, wanted),
            other => panic!("{other}"),
        }
        assert!(server.heard().iter().all(|command| command == "STARTTLS"), "{:?}", server.heard());
    }
}

#[tokio::test]
async fn after_an_error_the_next_call_connects_anew() {
    let server = FakeImap::start(|connection, command| match command {
        c if connection == 0 && is_body(c) => Act::Cut(BODIES.to_owned(), 30),
        _ => Act::Usual,
    });
    let mut mailbox = ImapMailbox::new(server.settings());
    assert!(mailbox.fetch_after(&START, &FetchLimits::default()).await.is_err());
    assert!(!mailbox.is_connected());
    assert_eq!(mailbox.fetch_after(&START, &FetchLimits::default()).await.unwrap().mails.len(), 2);
}

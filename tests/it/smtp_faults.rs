//! SMTP servers that refuse, stall and vanish. What must hold whatever they do: a mail that is said to be tried again
//! or refused was not taken, a mail that is said to be taken was, and only what happened after the final dot is unknown.

use crate::smtp::{prepared, send_one};
use crate::support::smtp::{Act, At, FakeSmtp, Options};
use mailclerk::settings::Security;
use mailclerk::transport::{Accepted, Cause, Deadlines, Prepared, SendError, SmtpTransport, Stage};
use std::time::Duration;

fn word<T>(result: &Result<T, SendError>) -> &'static str {
    match result {
        Ok(_) => "taken",
        Err(SendError::Retry(failure)) if failure.alarm => "alarm",
        Err(SendError::Retry(_)) => "retry",
        Err(SendError::Refused(_)) => "refused",
        Err(SendError::Unknown(_)) => "unknown",
    }
}

/// Every step of a session, and what a 4xx, a 5xx, a cut and a stall at it come to.
const TABLE: [(At, Stage, [&str; 4]); 8] = [
    (At::Greeting, Stage::Greeting, ["retry", "alarm", "retry", "retry"]),
    (At::Hello, Stage::Hello, ["retry", "alarm", "retry", "retry"]),
    (At::StartTls, Stage::StartTls, ["retry", "alarm", "retry", "retry"]),
    (At::Auth, Stage::Auth, ["retry", "alarm", "retry", "retry"]),
    (At::Mail, Stage::Mail, ["retry", "refused", "retry", "retry"]),
    (At::Recipient, Stage::Recipient, ["retry", "refused", "retry", "retry"]),
    (At::Data, Stage::Data, ["retry", "refused", "retry", "retry"]),
    (At::Dot, Stage::Dot, ["retry", "refused", "unknown", "unknown"]),
];

fn acts() -> [Act; 4] {
    [Act::say("451 4.3.0 later"), Act::say("554 5.3.0 never"), Act::Cut, Act::Stall]
}

#[tokio::test]
async fn every_step_with_every_failure() {
    let mut tasks = tokio::task::JoinSet::new();
    for (at, stage, expected) in TABLE {
        for (act, expected) in acts().into_iter().zip(expected) {
            tasks.spawn(one_failure(at, stage, act, expected));
        }
    }
    assert_eq!(tasks.join_all().await.len(), 32);
}

async fn one_failure(at: At, stage: Stage, act: Act, expected: &'static str) {
    let case = format!("{at:?} {act:?}");
    let stalls = matches!(act, Act::Stall);
    let options = Options { security: Security::StartTls, wants_login: true, ..Options::default() };
    let server = FakeSmtp::with(options, move |step| if step.at == at { act.clone() } else { Act::Usual });
    let mut settings = server.settings();
    if stalls {
        settings.deadlines = Deadlines::all(Duration::from_secs(3));
    }
    let result = send_one(settings).await;
    assert_eq!(word(&result), expected, "{case}: {result:?}");
    let failure = *result.unwrap_err().failure();
    assert_eq!((failure.stage, failure.cause == Cause::Deadline), (stage, stalls), "{case}");
    assert_eq!(failure.is_about_server(), stage < Stage::Mail, "{case}");
    assert_eq!(server.taken(), [], "{case}");
}

#[tokio::test]
async fn a_mail_that_was_taken_without_an_answer_is_unknown() {
    for act in [Act::Cut, Act::CutAfter(0), Act::CutAfter(2), Act::CutAfter(3), Act::CutAfter(10), Act::Stall] {
        let case = format!("{act:?}");
        let server = FakeSmtp::scripted(move |step| match step.at {
            At::Dot => Act::take_and(act.clone()),
            _ => Act::Usual,
        });
        let mut settings = server.settings();
        settings.deadlines.dot = Duration::from_secs(1);
        let result = send_one(settings).await;
        assert_eq!(word(&result), "unknown", "{case}: {result:?}");
        assert_eq!(server.wait_for(1).len(), 1, "{case}");
    }
}

#[tokio::test]
async fn answers_that_are_none() {
    for (at, answer, expected) in [
        (At::Greeting, "* OK IMAP4rev1 ready", "retry"),
        (At::Greeting, "HTTP/1.1 200 OK", "retry"),
        (At::Hello, "250-no end\r\n220 of it", "retry"),
        (At::Mail, "2500 ok", "retry"),
        (At::Mail, "354 go on", "retry"),
        (At::Mail, "250 ok\r\n250 ok", "retry"),
        (At::Recipient, "334 more", "retry"),
        // No 354: no body is sent.
        (At::Data, "250 ok", "retry"),
        (At::Data, "503 5.5.1 what", "alarm"),
        // An answer before the question: the dot is not sent at all.
        (At::Data, "354 go on\r\n250 taken", "retry"),
        (At::Data, "354 go on\r\n552 too large", "retry"),
        (At::Dot, "354 go on", "unknown"),
        (At::Dot, "taken", "unknown"),
        (At::Dot, "", "unknown"),
    ] {
        let server = FakeSmtp::scripted(move |step| if step.at == at { Act::say(answer) } else { Act::Usual });
        let result = send_one(server.settings()).await;
        assert_eq!(word(&result), expected, "{at:?} {answer:?}: {result:?}");
        assert_eq!(server.taken(), [], "{at:?} {answer:?}");
    }
}

#[tokio::test]
async fn answers_of_several_lines_and_slow_ones_are_answers() {
    let server = FakeSmtp::scripted(|step| match step.at {
        At::Greeting => Act::SaySlowly("220-localhost\r\n220-has much\r\n220 to say\r\n".into()),
        At::Mail => Act::SaySlowly("250-2.1.0 go\r\n250 2.1.0 on\r\n".into()),
        At::Data => Act::SaySlowly("354-go\r\n354 on\r\n".into()),
        At::Dot => Act::SaySlowly("250-2.0.0 it is\r\n250 2.0.0 taken\r\n".into()),
        // Bare LF, as some gateways write it.
        At::Recipient => Act::Say("250 2.1.5 ok\n".into()),
        _ => Act::Usual,
    });
    assert_eq!(send_one(server.settings()).await.unwrap().reply, "250 2.0.0");
    assert_eq!(server.wait_for(1).len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_ends() {
    for endless in ["2".repeat(100_000), "250-more\r\n".repeat(5_000)] {
        let server = FakeSmtp::scripted(move |step| match step.at {
            At::Mail => Act::Say(endless.clone()),
            _ => Act::Usual,
        });
        let result = send_one(server.settings()).await;
        assert_eq!(
            (word(&result), result.unwrap_err().failure().cause),
            ("retry", Cause::Odd("an answer without end"))
        );
    }
}

/// Each byte of what comes in and of what goes out.
#[tokio::test]
async fn the_line_is_cut_at_every_octet() {
    let server = FakeSmtp::start();
    send_one(server.settings()).await.unwrap();
    let incoming = server.clear().len();
    let mut seen = std::collections::BTreeMap::<_, usize>::new();
    for cut in 0..=incoming {
        let result = with_cut(Options { cut_incoming: Some(cut), ..Options::default() }).await;
        *seen.entry(("incoming", word(&result))).or_default() += 1;
    }
    let mut cut = 0;
    loop {
        let result = with_cut(Options { cut_outgoing: Some(cut), ..Options::default() }).await;
        *seen.entry(("outgoing", word(&result))).or_default() += 1;
        if result.is_ok() {
            break;
        }
        cut += 1;
    }
    println!("{incoming} octets in, {cut} out: {seen:?}");
    assert!(seen[&("outgoing", "unknown")] > 10 && seen[&("outgoing", "retry")] > 100, "{seen:?}");
    assert!(seen.keys().all(|(_, word)| *word != "refused" && *word != "alarm"), "{seen:?}");
    // All came in, and only then was it taken.
    assert_eq!((seen[&("incoming", "taken")], seen[&("outgoing", "taken")]), (1, 1));
}

#[tokio::test]
async fn the_line_is_cut_inside_tls() {
    for cut in (0..2000).step_by(61) {
        let base = Options { security: Security::Tls, wants_login: true, ..Options::default() };
        drop(with_cut(Options { cut_incoming: Some(cut), ..base.clone() }).await);
        drop(with_cut(Options { cut_outgoing: Some(cut / 5), ..base }).await);
    }
}

/// Sends one mail over a line that is cut, and checks that what is said of it is true.
async fn with_cut(options: Options) -> Result<Accepted, SendError> {
    let case = format!("{:?} {:?}", options.cut_incoming, options.cut_outgoing);
    let server = FakeSmtp::with(options, |_| Act::Usual);
    let result = send_one(server.settings()).await;
    match &result {
        Ok(_) => assert_eq!(server.taken().len(), 1, "{case}"),
        Err(SendError::Retry(failure) | SendError::Refused(failure)) => {
            assert_eq!(server.taken(), [], "{case}");
            assert!(failure.stage < Stage::Dot, "{case}: {failure}");
        }
        Err(SendError::Unknown(failure)) => assert_eq!(failure.stage, Stage::Dot, "{case}"),
    }
    result
}

#[tokio::test]
async fn a_server_that_hangs_up_over_the_body_gets_no_dot() {
    let options = Options { cut_incoming: Some(400), ..Options::default() };
    let server = FakeSmtp::with(options, |_| Act::Usual);
    let mut sender = SmtpTransport::new(server.settings()).sender();
    let mut large = prepared("large");
    large.bytes.extend_from_slice(&b"one more line of the body\r\n".repeat(200_000));
    let result = match sender.begin(&large).await {
        Ok(awaiting) => awaiting.finish().await,
        Err(error) => Err(error),
    };
    assert_eq!(word(&result), "retry", "{result:?}");
    assert_eq!(result.unwrap_err().failure().stage, Stage::Body);
}

#[tokio::test]
async fn a_cancelled_step_never_lends_its_answer_to_the_next_mail() {
    let server = FakeSmtp::scripted(|step| match (step.at, step.connection) {
        (At::Dot, 0) => Act::take_and(Act::Stall),
        (At::Mail, 1) => Act::Stall,
        (At::Recipient, 2) if step.line.contains("gone@") => Act::say("550 5.1.1 no"),
        _ => Act::Usual,
    });
    let mut sender = SmtpTransport::new(server.settings()).sender();
    let first = sender.begin(&prepared("a")).await.unwrap();
    let other = server.clone();
    let taken = tokio::task::spawn_blocking(move || other.wait_for(1));
    tokio::select! {
        result = first.finish() => panic!("{result:?}"),
        taken = taken => assert_eq!(taken.unwrap().len(), 1),
    }
    let other = server.clone();
    let asked = tokio::task::spawn_blocking(move || other.wait_for_lines("MAIL", 2));
    let second = prepared("b");
    tokio::select! {
        result = sender.begin(&second) => panic!("{:?}", result.err()),
        asked = asked => asked.unwrap(),
    }
    let third = Prepared { to: "gone@example.org".into(), ..prepared("c") };
    let third = sender.begin(&third).await.map(drop);
    assert_eq!(word(&third), "refused", "{third:?}");
    assert!(third.unwrap_err().failure().is_hard_bounce());
    sender.begin(&prepared("d")).await.unwrap().finish().await.unwrap();
    let ids: Vec<_> = server.wait_for(2).iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
    assert_eq!(ids, ["<a@example.com>", "<d@example.com>"]);
}

#[tokio::test]
async fn nobody_listens() {
    let mut settings = FakeSmtp::start().settings();
    settings.port = crate::support::free_port();
    let error = send_one(settings).await.unwrap_err();
    assert!(matches!(error, SendError::Retry(f) if f.stage == Stage::Connect && !f.alarm), "{error}");
}

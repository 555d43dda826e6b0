//! Sending over SMTP to a server that is in order: what is on the wire, kept connections, TLS and logins.

use crate::support::certificates::certificates;
use crate::support::outgoing;
use crate::support::smtp::{Act, At, FakeSmtp, Options, PASSWORD, USER};
use mailclerk::address::EmailAddress;
use mailclerk::settings::{OutgoingUrl, Security};
use mailclerk::transport::{
    Accepted, Cause, Contents, Credentials, Prepared, SendError, SmtpSettings, SmtpTransport, Stage, Transport,
};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;

/// The mail that most tests send.
pub fn prepared(id: &str) -> Prepared {
    Prepared::new(&outgoing(id), &Contents::new()).expect("a mail")
}

/// Sends one mail over a connection of its own.
pub async fn send_one(settings: SmtpSettings) -> Result<Accepted, SendError> {
    let mut sender = SmtpTransport::new(settings).sender();
    let awaiting = sender.begin(&prepared("one")).await?;
    awaiting.finish().await
}

#[tokio::test]
async fn the_server_gets_the_mail_octet_for_octet_and_the_envelope() {
    let server = FakeSmtp::start();
    let accepted = send_one(server.settings()).await.unwrap();
    assert_eq!((accepted.reply.as_str(), accepted.digest.len()), ("250 2.0.0", 64));
    let taken = server.wait_for(1);
    let mail = prepared("one");
    assert_eq!(taken[0].bytes, mail.bytes);
    assert_eq!(taken[0].from, format!("<desk@example.com> SIZE={} RET=HDRS ENVID=one@example.com", mail.bytes.len()));
    assert_eq!(taken[0].to, ["<requester@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;requester@example.org"]);
    assert_eq!(taken[0].header("x-mailclerk-case").as_deref(), Some("D-000001"));
}

#[tokio::test]
async fn nothing_is_taken_before_the_dot_and_several_sessions_gather_there() {
    let server = FakeSmtp::start();
    let transport = SmtpTransport::new(server.settings());
    let (first, second) = (prepared("first"), prepared("second"));
    let (mut one, mut two) = (transport.sender(), transport.sender());
    let one = one.begin(&first).await.unwrap();
    let two = two.begin(&second).await.unwrap();
    assert_eq!(server.taken(), []);
    two.finish().await.unwrap();
    one.finish().await.unwrap();
    let taken = server.wait_for(2);
    assert_eq!((&taken[0].bytes, &taken[1].bytes), (&second.bytes, &first.bytes));
}

#[tokio::test]
async fn a_dropped_mail_is_not_sent_and_the_next_one_is() {
    let server = FakeSmtp::start();
    let mut sender = SmtpTransport::new(server.settings()).sender();
    drop(sender.begin(&prepared("dropped")).await.unwrap());
    let next = prepared("next");
    sender.begin(&next).await.unwrap().finish().await.unwrap();
    let taken = server.wait_for(1);
    assert_eq!(taken.iter().map(|mail| &mail.bytes).collect::<Vec<_>>(), [&next.bytes]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_is_kept_with_a_reset_between_mails() {
    let server = FakeSmtp::start();
    let mut sender = SmtpTransport::new(server.settings()).sender();
    for id in ["a", "b", "c"] {
        sender.begin(&prepared(id)).await.unwrap().finish().await.unwrap();
    }
    sender.close().await;
    server.wait_for(3);
    server.wait_for_lines("QUIT", 1);
    let words: Vec<String> = server.lines().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    let expected = "EHLO MAIL RCPT DATA RSET MAIL RCPT DATA RSET MAIL RCPT DATA QUIT";
    assert_eq!((server.connections(), words.join(" ")), (1, expected.to_owned()));
}

#[tokio::test]
async fn a_server_that_had_enough_of_a_connection_gets_the_next_mail_on_another() {
    type Script = fn(&crate::support::smtp::Step) -> Act;
    let scripts: [Script; 4] = [
        // Hangs up after each mail.
        |step| if step.at == At::Dot { Act::UsualAndCut } else { Act::Usual },
        // Takes one mail a connection.
        |step| match step.at {
            At::Mail if step.taken > step.connection => Act::say("421 4.7.0 too many"),
            _ => Act::Usual,
        },
        // Has forgotten how to reset.
        |step| if step.at == At::Reset { Act::say("500 what?") } else { Act::Usual },
        // Answers twice: the second answer must not be taken for the next mail's.
        |step| if step.at == At::Dot { Act::say("250 taken\r\n550 not taken") } else { Act::Usual },
    ];
    for (row, script) in scripts.into_iter().enumerate() {
        let server = FakeSmtp::scripted(script);
        let mut sender = SmtpTransport::new(server.settings()).sender();
        for id in ["a", "b", "c"] {
            sender.begin(&prepared(id)).await.unwrap().finish().await.unwrap();
        }
        let taken = server.wait_for(3);
        let order: Vec<_> = taken.iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
        assert_eq!(order, ["<a@example.com>", "<b@example.com>", "<c@example.com>"], "{row}");
        assert_eq!(server.connections(), 3, "{row}");
    }
}

#[tokio::test]
async fn a_server_that_wants_a_body_for_nobody_gets_none_and_is_left() {
    // The commands go out together, and it answers each as if the others had been taken.
    let server = FakeSmtp::scripted(|step| match step.at {
        At::Recipient if step.connection == 0 => Act::say("550 5.1.1 no"),
        At::Data if step.connection == 0 => Act::say("354 go on"),
        _ => Act::Usual,
    });
    let mut sender = SmtpTransport::new(server.settings()).sender();
    let refused = sender.begin(&prepared("a")).await.map(drop);
    assert!(matches!(&refused, Err(SendError::Refused(failure)) if failure.stage == Stage::Recipient), "{refused:?}");
    assert!(!sender.is_open(), "it waits for a body there");
    sender.begin(&prepared("b")).await.unwrap().finish().await.unwrap();
    let taken = server.wait_for(1);
    assert_eq!(taken.iter().map(|mail| &mail.bytes).collect::<Vec<_>>(), [&prepared("b").bytes]);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_refused_mail_leaves_the_connection_to_the_next_one() {
    let offers = [vec!["8BITMIME".to_owned()], vec!["8BITMIME".to_owned(), "PIPELINING".to_owned()]];
    let places = [At::Mail, At::Recipient, At::Data, At::Dot];
    for (offers, at) in offers.iter().flat_map(|offers| places.map(|at| (offers.clone(), at))) {
        let server = FakeSmtp::with(Options { offers, ..Options::default() }, move |step| match step.at {
            now if now == at && step.taken == 1 => Act::say("550 5.1.1 no"),
            _ => Act::Usual,
        });
        let mut sender = SmtpTransport::new(server.settings()).sender();
        sender.begin(&prepared("a")).await.unwrap().finish().await.unwrap();
        let second = match sender.begin(&prepared("b")).await {
            Ok(awaiting) => awaiting.finish().await,
            Err(error) => Err(error),
        };
        assert!(matches!(second, Err(SendError::Refused(_))), "{at:?}: {second:?}");
        server.set_script(|_| Act::Usual);
        sender.begin(&prepared("c")).await.unwrap().finish().await.unwrap();
        assert_eq!((server.wait_for(2).len(), server.connections()), (2, 1), "{at:?}");
    }
}

#[tokio::test]
async fn what_the_server_cannot_carry_is_refused_before_it_hears_of_it() {
    let mut foreign = outgoing("one");
    foreign.to.address = EmailAddress::parse("josé@bücher.example").unwrap();
    let foreign = Prepared::new(&foreign, &Contents::new()).unwrap();
    for (offers, mail, lacks) in [
        (vec!["8BITMIME"], foreign.clone(), "SMTPUTF8"),
        (vec!["SMTPUTF8"], foreign.clone(), "8BITMIME"),
        (vec!["SIZE 100"], prepared("large"), "size"),
    ] {
        let offers = offers.into_iter().map(str::to_owned).collect();
        let server = FakeSmtp::with(Options { offers, ..Options::default() }, |_| Act::Usual);
        let mut sender = SmtpTransport::new(server.settings()).sender();
        let error = sender.begin(&mail).await.unwrap_err();
        assert!(matches!(&error, SendError::Refused(failure) if !failure.alarm), "{error}");
        assert!(error.to_string().contains(lacks), "{error}");
        assert!(!server.lines().iter().any(|line| line.starts_with("MAIL")), "{lacks}");
    }
    let server = FakeSmtp::start();
    let mut sender = SmtpTransport::new(server.settings()).sender();
    sender.begin(&foreign).await.unwrap().finish().await.unwrap();
    let taken = server.wait_for(1);
    assert!(
        taken[0].from.contains(" BODY=8BITMIME SMTPUTF8") && taken[0].to[0].starts_with("<josé@xn--bcher-kva.example>")
    );
}

#[tokio::test]
async fn every_protection_with_every_login() {
    for security in [Security::Plain, Security::StartTls, Security::Tls] {
        for mechanisms in ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"] {
            let mechanisms = mechanisms.to_owned();
            let options = Options { security, wants_login: true, mechanisms, ..Options::default() };
            let server = FakeSmtp::with(options, |_| Act::Usual);
            send_one(server.settings()).await.unwrap();
            assert_eq!(server.wait_for(1).len(), 1);
            let clear = String::from_utf8(server.clear()).unwrap();
            match security {
                Security::Tls => assert_eq!(clear, ""),
                Security::StartTls => assert_eq!(clear, "EHLO [127.0.0.1]\r\nSTARTTLS\r\n"),
                Security::Plain => assert!(clear.contains("AUTH ")),
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_password_waits_for_a_person() {
    let options = Options { security: Security::Tls, wants_login: true, ..Options::default() };
    let server = FakeSmtp::with(options, |_| Act::Usual);
    let mut settings = server.settings();
    settings.credentials = Credentials::Password { user: "someone".into(), password: "guessed-wrong".into() };
    let error = send_one(settings).await.unwrap_err();
    let failure = *error.failure();
    assert!(matches!(error, SendError::Retry(_)) && failure.alarm && failure.is_about_server());
    assert_eq!((failure.stage, failure.cause), (Stage::Auth, Cause::Reply { code: 535, status: Some((5, 7, 8)) }));
    assert!(!error.to_string().contains("guessed-wrong") && !error.to_string().contains("someone"), "{error}");
    assert_eq!(server.taken(), []);
}

/// Neither a login nor a mail may reach who does not prove to be the server.
#[tokio::test]
async fn nothing_leaves_to_who_is_not_proved_to_be_the_server() {
    let files = certificates();
    let shown = |certificate: &Path| Options { certificate: certificate.to_owned(), ..Options::default() };
    for (name, security, options, ca, expected) in [
        ("wrong name", Security::Tls, shown(&files.wrong_name), &files.ca, "another name"),
        ("wrong name", Security::StartTls, shown(&files.wrong_name), &files.ca, "another name"),
        ("expired", Security::Tls, shown(&files.expired), &files.ca, "expired"),
        ("expired", Security::StartTls, shown(&files.expired), &files.ca, "expired"),
        ("unknown authority", Security::Tls, Options::default(), &files.other_ca, "unknown authority"),
        ("unknown authority", Security::StartTls, Options::default(), &files.other_ca, "unknown authority"),
    ] {
        let server = FakeSmtp::with(Options { security, wants_login: true, ..options }, |_| Act::Usual);
        let settings = SmtpSettings { ca_file: Some(ca.clone()), ..server.settings() };
        let error = send_one(settings).await.unwrap_err();
        assert!(matches!(error, SendError::Retry(failure) if failure.alarm), "{name}: {error}");
        assert!(error.to_string().contains(expected), "{name}: {error}");
        nothing_left(&server, name);
    }
}

#[tokio::test]
async fn a_stripped_starttls_and_words_before_the_handshake_are_seen() {
    // An attacker on the line takes STARTTLS out of the offers, or answers that it is not there.
    let plain = Options { wants_login: true, ..Options::default() };
    let offered = Options { security: Security::StartTls, ..plain.clone() };
    let stripped = FakeSmtp::with(plain, |_| Act::Usual);
    let denied = FakeSmtp::with(offered.clone(), |step| match step.at {
        At::StartTls => Act::say("502 5.5.1 not here"),
        _ => Act::Usual,
    });
    // Or puts words of its own before the handshake, to be taken for what the server says under protection.
    let injected = FakeSmtp::with(
        Options { injected: "250-localhost\r\n250 AUTH PLAIN\r\n235 welcome\r\n".into(), ..offered },
        |_| Act::Usual,
    );
    for (name, server) in [("stripped", stripped), ("denied", denied), ("injected", injected)] {
        let settings = SmtpSettings { security: Security::StartTls, ..server.settings() };
        let error = send_one(settings).await.unwrap_err();
        assert!(matches!(error, SendError::Retry(f) if f.alarm && f.stage == Stage::StartTls), "{name}: {error}");
        nothing_left(&server, name);
    }
}

fn nothing_left(server: &FakeSmtp, name: &str) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let clear = String::from_utf8_lossy(&server.clear()).into_owned();
    let heard = format!("{clear}{}", server.lines().join("\n"));
    for word in ["AUTH", "MAIL", PASSWORD, &STANDARD.encode(PASSWORD)] {
        assert!(!heard.contains(word), "{name}: {heard}");
    }
    assert_eq!(server.taken(), [], "{name}");
}

#[tokio::test]
async fn without_tls_mail_stays_on_loopback() {
    let beyond = UdpSocket::bind("0.0.0.0:0").unwrap();
    let Some(address) =
        beyond.connect("192.0.2.1:9").ok().and_then(|()| beyond.local_addr().ok()).filter(|a| !a.ip().is_loopback())
    else {
        println!("skipped: this machine has no address but loopback");
        return;
    };
    let listener = TcpListener::bind((address.ip(), 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = SmtpSettings { host: address.ip().to_string(), port, ..FakeSmtp::start().settings() };
    let error = send_one(settings).await.unwrap_err();
    assert!(matches!(error, SendError::Retry(f) if f.alarm && f.stage == Stage::Connect), "{error}");
}

#[tokio::test]
async fn check_connects_logs_in_and_leaves() {
    let server = FakeSmtp::with(Options { wants_login: true, ..Options::default() }, |_| Act::Usual);
    let url = server.url().replace("://", &format!("://{USER}@"));
    let url = OutgoingUrl::parse(&url, Path::new("")).unwrap();
    let transport = Transport::new(&url, Some(PASSWORD.into()), None);
    assert!(transport.is_for_rehearsal());
    transport.check().await.unwrap();
    server.wait_for_lines("QUIT", 1);
    let words: Vec<String> = server.lines().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(words, ["EHLO", "AUTH", "QUIT"]);
    let wrong = Transport::new(&url, Some("guessed-wrong".into()), None);
    assert!(matches!(wrong.check().await, Err(SendError::Retry(failure)) if failure.alarm));
}

/// Not a test: how fast it is on this machine.
#[tokio::test]
#[ignore = "a measurement: run it by name in a release build"]
async fn how_many_mails_a_second() {
    for security in [Security::Plain, Security::Tls] {
        let server = FakeSmtp::with(Options { security, ..Options::default() }, |_| Act::Usual);
        let mut sender = SmtpTransport::new(server.settings()).sender();
        let mail = prepared("one");
        let start = std::time::Instant::now();
        for _ in 0..2000 {
            sender.begin(&mail).await.unwrap().finish().await.unwrap();
        }
        println!("{security:?}: {:.0} mails a second on one connection", 2000.0 / start.elapsed().as_secs_f64());
    }
}

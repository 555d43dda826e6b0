//! Servers that are not who they say, attackers on the line, and what they learn: no password, no address, no mail. In
//! each case the error says what is wrong, and nothing secret, and the next try is made as if nothing had been.

mod webhook;

use super::smtp::send_one;
use super::support::certificates::certificates;
use super::support::clerk::{Clerk, wait_until};
use super::support::dovecot::PASSWORD;
use super::support::eavesdropper::{Eavesdropper, Line};
use super::support::requests::request;
use super::support::{free_port, postgres};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mailclerk::mailbox::{Credentials, ImapMailbox, ImapSettings, MailboxError};
use mailclerk::settings::{DatabaseUrl, Security};
use mailclerk::store::{Birth, Store, StoreError};
use mailclerk::transport::{Credentials as Login, Deadlines, SendError, SmtpSettings};
use mailclerk::words::keys::Keys;
use std::io::Result as IoResult;
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const USER: &str = "a-user-to-steal";

/// Words that nobody but the right server may learn, as they stand on the line in one way to log in or another.
fn secrets() -> Vec<String> {
    let plain = format!("\0{USER}\0{PASSWORD}");
    let login = [USER, PASSWORD].map(str::to_owned);
    let encoded = [USER, PASSWORD, &plain].map(|text| STANDARD.encode(text).trim_end_matches('=').to_owned());
    let mail = ["MAIL FROM", "RCPT", "DATA", "requester@example.org", "desk@example.com", "Smith", "AUTH", "LOGIN"];
    [&login[..], &encoded, &mail.map(str::to_owned)].concat()
}

fn assert_nothing_left(name: &str, server: &Eavesdropper) {
    let heard = server.heard();
    for secret in secrets() {
        assert!(!heard.text().contains(&secret), "{name}: {secret} in {}", heard.text());
    }
    assert_eq!(heard.protected, b"", "{name}");
    assert_eq!(heard.connections, 2, "{name}: the second try connects anew");
}

fn imap(port: u16, security: Security, host: &str) -> ImapSettings {
    ImapSettings {
        host: host.to_owned(),
        port,
        security,
        user: USER.to_owned(),
        credentials: Credentials::Password(PASSWORD.to_owned().into()),
        folder: "INBOX".to_owned(),
        ca_file: Some(certificates().ca.clone()),
        deadline: Duration::from_secs(20),
        poll: Duration::from_secs(60),
    }
}

fn smtp(port: u16, security: Security, host: &str) -> SmtpSettings {
    SmtpSettings {
        host: host.to_owned(),
        port,
        security,
        credentials: Login::Password { user: USER.to_owned(), password: PASSWORD.to_owned().into() },
        ca_file: Some(certificates().ca.clone()),
        deadlines: Deadlines::all(Duration::from_secs(20)),
    }
}

/// Connects twice with the same mailbox, as the worker does; what is said of it.
async fn imap_error(settings: ImapSettings) -> MailboxError {
    let mut mailbox = ImapMailbox::new(settings);
    let first = mailbox.state().await.unwrap_err();
    let again = mailbox.state().await.unwrap_err();
    assert_eq!(first.to_string(), again.to_string());
    again
}

async fn smtp_error(settings: SmtpSettings) -> SendError {
    let _first = send_one(settings.clone()).await.unwrap_err();
    send_one(settings).await.unwrap_err()
}

fn assert_says(name: &str, text: &str, expected: &str) {
    assert!(text.contains(expected), "{name}: {expected:?} is not in {text:?}");
    assert!(!text.contains(PASSWORD) && !text.contains(USER), "{name}: {text}");
}

/// A greeting, STARTTLS, and then the handshake with this certificate.
fn starts_tls(line: &mut Line, is_imap: bool, certificate: &Path) -> IoResult<()> {
    if is_imap {
        line.say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")?;
        line.answer("TAG OK begin\r\n")?;
    } else {
        line.say("220 ready\r\n")?;
        line.line()?;
        line.say("250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")?;
        line.line()?;
        line.say("220 begin\r\n")?;
    }
    line.shake_hands(certificate)
}

/// A server with a certificate that proves nothing: name of the case, its file, the host's name that is asked for, the
/// authority that is trusted, and what is said.
fn bad_certificates() -> Vec<(&'static str, PathBuf, &'static str, PathBuf, &'static str)> {
    let files = certificates();
    let ours = || files.ca.clone();
    vec![
        ("wrong name", files.wrong_name.clone(), "localhost", ours(), "another name"),
        ("an address instead of the name", files.server.clone(), "127.0.0.1", ours(), "another name"),
        ("expired", files.expired.clone(), "localhost", ours(), "expired"),
        ("not yet valid", files.not_yet.clone(), "localhost", ours(), "not valid yet"),
        ("self-signed", files.self_signed.clone(), "localhost", ours(), "authority"),
        ("another authority", files.server.clone(), "localhost", files.other_ca.clone(), "unknown authority"),
    ]
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_gets_no_password_and_no_mail() {
    for (name, certificate, host, ca, expected) in bad_certificates() {
        for security in [Security::Tls, Security::StartTls] {
            let start = |is_imap: bool| {
                let certificate = certificate.clone();
                Eavesdropper::start(move |line| match security {
                    Security::Tls => line.shake_hands(&certificate),
                    _ => starts_tls(line, is_imap, &certificate),
                })
            };
            let server = start(true);
            let settings = ImapSettings { ca_file: Some(ca.clone()), ..imap(server.port, security, host) };
            assert_says(name, &imap_error(settings).await.to_string(), expected);
            assert_nothing_left(name, &server);
            let server = start(false);
            let settings = SmtpSettings { ca_file: Some(ca.clone()), ..smtp(server.port, security, host) };
            let error = smtp_error(settings).await;
            assert!(matches!(error, SendError::Retry(failure) if failure.alarm), "{name}: {error}");
            assert_says(name, &error.to_string(), expected);
            // EHLO offered a login in clear. It is not taken.
            let heard = server.heard();
            assert!(!heard.text().contains("AUTH") && !heard.text().contains("MAIL"), "{name}: {}", heard.text());
            assert_nothing_left(name, &server);
        }
    }
}

/// What an attacker may put where STARTTLS is asked for: name of the case, what the server does, and what is said.
type Attack = (&'static str, fn(&mut Line) -> IoResult<()>, &'static str);

const GREETED: &str = "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n";

const ON_IMAP: [Attack; 12] = [
    ("capability taken out", |line| line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"), "offer STARTTLS"),
    (
        "refused",
        |line| line.say(GREETED).and_then(|()| line.answer("TAG NO not today\r\n")).map(drop),
        "offer STARTTLS",
    ),
    ("not known", |line| line.say(GREETED).and_then(|()| line.answer("TAG BAD what?\r\n")).map(drop), "offer STARTTLS"),
    (
        "a login first",
        |line| line.say(GREETED).and_then(|()| line.answer("+ password?\r\n")).map(drop),
        "failed to connect",
    ),
    ("garbage", |line| line.say(GREETED).and_then(|()| line.answer("\0\u{1}{{{\r\n")).map(drop), "failed to connect"),
    ("garbage greeting", |line| line.say("220 smtp ready\r\n"), "failed to connect"),
    (
        "PREAUTH",
        |line| line.say("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"),
        "PREAUTH before the TLS handshake",
    ),
    (
        "an answer behind OK",
        |line| {
            line.say(GREETED)?;
            line.answer("TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")?;
            line.shake_hands(&certificates().server)
        },
        "before the TLS handshake",
    ),
    (
        "a tagged answer behind OK",
        |line| {
            line.say(GREETED)?;
            line.answer("TAG OK go\r\nm2 OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome\r\n")?;
            line.shake_hands(&certificates().server)
        },
        "before the TLS handshake",
    ),
    (
        "words instead of the handshake",
        |line| {
            line.say(GREETED)?;
            line.answer("TAG OK go\r\n")?;
            // What comes now is no longer read as IMAP.
            let mut hello = [0; 1];
            line.peek(&mut hello)?;
            line.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        },
        "speaks no TLS",
    ),
    (
        "sent elsewhere before TLS",
        |line| line.say("* BYE [REFERRAL imap://mail.example.net/] go there\r\n"),
        "closed the connection",
    ),
    (
        "sent elsewhere instead of TLS",
        |line| {
            line.say(GREETED).and_then(|()| line.answer("TAG NO [REFERRAL imap://mail.example.net/] no\r\n")).map(drop)
        },
        "offer STARTTLS",
    ),
];

#[tokio::test]
async fn before_tls_nothing_that_an_imap_server_says_gets_it_a_password() {
    for (name, part, expected) in ON_IMAP {
        let server = Eavesdropper::start(part);
        let error = imap_error(imap(server.port, Security::StartTls, "localhost")).await;
        assert_says(name, &error.to_string(), expected);
        assert_nothing_left(name, &server);
        let clear = String::from_utf8_lossy(&server.heard().clear).into_owned();
        let commands = clear.lines().filter(|line| line.starts_with('m'));
        assert!(commands.clone().all(|line| line.ends_with(" STARTTLS")), "{name}: {clear}");
    }
}

fn offers(line: &mut Line, answer: &str) -> IoResult<()> {
    line.say("220 ready\r\n")?;
    line.line()?;
    line.say("250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")?;
    line.line()?;
    line.say(answer)
}

const ON_SMTP: [Attack; 8] = [
    (
        "offer taken out",
        |line| {
            line.say("220 ready\r\n")?;
            line.line()?;
            line.say("250-localhost\r\n250 AUTH PLAIN LOGIN\r\n")
        },
        "does not offer STARTTLS",
    ),
    ("refused", |line| offers(line, "502 5.5.1 not here\r\n"), "502"),
    ("a login first", |line| offers(line, "530 5.7.0 log in first\r\n"), "530"),
    ("a challenge", |line| offers(line, "334 VXNlcm5hbWU6\r\n"), "another kind of answer"),
    ("garbage", |line| offers(line, "\0\u{1}{{{\r\n"), "no SMTP"),
    (
        "a login before EHLO",
        |line| {
            line.say("220 ready\r\n")?;
            line.line()?;
            line.say("530 5.7.0 log in first\r\n")
        },
        "530",
    ),
    (
        "an answer behind 220",
        |line| {
            offers(line, "220 go\r\n250-localhost\r\n250 AUTH PLAIN\r\n235 welcome\r\n")?;
            line.shake_hands(&certificates().server)
        },
        "before TLS",
    ),
    (
        "words instead of the handshake",
        |line| {
            offers(line, "220 go\r\n")?;
            let mut hello = [0; 1];
            line.peek(&mut hello)?;
            line.say("250-localhost\r\n250 AUTH PLAIN\r\n")
        },
        "no TLS",
    ),
];

#[tokio::test]
async fn before_tls_nothing_that_an_smtp_server_says_gets_it_a_password_or_a_mail() {
    for (name, part, expected) in ON_SMTP {
        let server = Eavesdropper::start(part);
        let error = smtp_error(smtp(server.port, Security::StartTls, "localhost")).await;
        assert!(matches!(error, SendError::Retry(_)), "{name}: the mail waits: {error}");
        assert_says(name, &error.to_string(), expected);
        assert_nothing_left(name, &server);
    }
}

/// What was said in clear counts for nothing: an attacker's capabilities are asked for again behind the handshake, and
/// the beginning of a line that he slipped in is not put before what the server says.
#[tokio::test]
async fn what_came_before_the_handshake_is_dropped() {
    for injected in ["", "* OK half a line, which the true server's next one would e"] {
        let server = Eavesdropper::start(move |line| {
            line.say("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n")?;
            line.answer(&format!("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK begin\r\n{injected}"))?;
            line.shake_hands(&certificates().server)?;
            let asked = line.answer("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nTAG OK done\r\n")?;
            assert_eq!(asked, "CAPABILITY");
            line.answer("TAG OK welcome\r\n")?;
            line.answer("* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n")?;
            line.answer("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1] n\r\nTAG OK [READ-WRITE] done\r\n")?;
            Ok(())
        });
        let mut mailbox = ImapMailbox::new(imap(server.port, Security::StartTls, "localhost"));
        assert_eq!(mailbox.state().await.unwrap().uid_validity, 7, "{injected:?}");
        let heard = server.heard();
        let clear = String::from_utf8_lossy(&heard.clear).into_owned();
        assert!(secrets().iter().all(|secret| !clear.contains(secret)), "{clear}");
        assert!(String::from_utf8_lossy(&heard.protected).contains("AUTHENTICATE PLAIN"));
    }
}

/// RFC 2221: a server may send its users elsewhere. An attacker would too: nobody is followed.
#[tokio::test]
async fn no_referral_is_followed() {
    let elsewhere = Eavesdropper::start(|line| line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] come in\r\n"));
    let there = elsewhere.port;
    for (verdict, goes_on) in [("NO", false), ("OK", true)] {
        let server = Eavesdropper::start(move |line| {
            line.shake_hands(&certificates().server)?;
            line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")?;
            line.answer(&format!("TAG {verdict} [REFERRAL IMAP://{USER};AUTH=*@127.0.0.1:{there}/] not here\r\n"))?;
            line.answer("* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n")?;
            line.answer("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1] n\r\nTAG OK [READ-WRITE] done\r\n")?;
            Ok(())
        });
        let outcome = ImapMailbox::new(imap(server.port, Security::Tls, "localhost")).state().await;
        assert_eq!(outcome.is_ok(), goes_on, "{verdict}");
        if let Err(error) = outcome {
            assert_says(verdict, &error.to_string(), "failed to log in");
        }
    }
    assert_eq!(elsewhere.heard().connections, 0);
}

/// OpenSSL as a server that speaks only what is too old; ended when it is dropped.
struct OldServer(Child);

impl OldServer {
    fn start(version: &str, port: u16, heard: &Path) -> Self {
        let out = std::fs::File::create(heard).expect("a file");
        let files = certificates();
        let server = Command::new("openssl")
            .args(["s_server", "-quiet", version, "-cipher", "ALL:@SECLEVEL=0", "-accept", &port.to_string()])
            .args([Path::new("-cert"), &files.server, Path::new("-key"), &files.server_key])
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(Stdio::null())
            .spawn();
        let server = Self(server.expect("openssl runs"));
        wait_until("openssl listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        server
    }
}

impl Drop for OldServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_server_that_speaks_only_old_tls_learns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["-tls1", "-tls1_1"] {
        let (port, heard) = (free_port(), folder.path().join("heard"));
        let _server = OldServer::start(version, port, &heard);
        let error = imap_error(imap(port, Security::Tls, "localhost")).await;
        assert_says(version, &error.to_string(), "TLS 1.2 or later");
        let error = smtp_error(smtp(port, Security::Tls, "localhost")).await;
        assert_says(version, &error.to_string(), "1.2 or later");
        assert_eq!(std::fs::read(&heard).unwrap(), b"", "{version}");
    }
}

/// The whole program: it says what is wrong, `check` says the same, it goes on trying, and what it has to send waits.
#[test]
fn the_worker_and_check_say_what_is_wrong_and_the_mail_waits() {
    let stripped = |line: &mut Line| line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n");
    let (mailbox, relay) =
        (Eavesdropper::start(stripped), Eavesdropper::start(|line| starts_tls(line, false, &certificates().expired)));
    let ca = certificates().ca.display();
    let way_out = format!(
        "url = \"smtp+starttls://{USER}@localhost:{}\"\npassword_file = \"imap.secret\"\nca_file = \"{ca}\"",
        relay.port
    );
    let clerk = Clerk::new("url = \"maildir:mail\"", &way_out);
    let one = request(&clerk.desk, 1);
    clerk.deliver(&one.id, &one.raw);
    clerk.once();
    let waits = clerk.list(&["outbox"]);
    assert!(!waits.is_empty() && waits.iter().all(|mail| mail["state"] == "deferred"), "{waits:?}");
    clerk.edit(
        "url = \"maildir:mail\"",
        &format!(
            "url = \"imap+starttls://{USER}@localhost:{}/INBOX\"\npassword_file = \"imap.secret\"\nca_file = \"{ca}\"",
            mailbox.port
        ),
    );
    let ended = clerk.end_of(&["check"]);
    let told = format!("{}{}", ended.out, ended.log);
    assert!(!ended.status.success(), "{told}");
    for expected in ["the server does not offer STARTTLS; use imaps://", "it has expired; it must be renewed"] {
        assert_says("check", &told.replace(&format!("{USER}@"), ""), expected);
    }
    let before = mailbox.heard().connections;
    let mut worker = clerk.start(&["run"]);
    worker.wait_until("it has tried again", |_| mailbox.heard().connections >= before + 2);
    assert_says(
        "run",
        &worker.log().replace(&format!("{USER}@"), ""),
        "the server does not offer STARTTLS; use imaps://",
    );
    worker.terminate();
    for (name, server) in [("mailbox", &mailbox), ("relay", &relay)] {
        let heard = server.heard();
        assert_eq!(heard.protected, b"", "{name}");
        let text = heard.text();
        let learnt: Vec<String> = secrets().into_iter().filter(|secret| text.contains(secret.as_str())).collect();
        assert_eq!(learnt, Vec::<String>::new(), "{name}: {text}");
        assert!(!text.contains(&clerk.desk.address), "{name}");
    }
}

async fn open(url: &str) -> Result<(), StoreError> {
    let url = DatabaseUrl::parse(url, Path::new("/")).expect("a url");
    let password = Some(PASSWORD.to_owned().into());
    let now = "2026-11-21T10:15:00Z".parse().expect("an instant");
    let store = Store::open(&url, password, Birth::Live, Keys::derive(&[7; 32]), now).await?;
    store.close().await;
    Ok(())
}

#[tokio::test]
async fn a_database_is_told_nothing_before_it_is_verified() {
    let files = certificates();
    let server = postgres::over_tcp(&files.server, &files.server_key);
    let url = |host: &str, ca: &Path| {
        format!("postgres://mailclerk@{host}:{}/postgres?sslmode=verify-full&sslrootcert={}", server.port, ca.display())
    };
    for (host, ca) in [("127.0.0.1", &files.ca), ("localhost", &files.other_ca)] {
        let error = open(&url(host, ca)).await.unwrap_err().to_string();
        assert_says(host, &error, "TLS");
    }
    open(&url("localhost", &files.ca)).await.expect("the right name and the right authority");
}

#[tokio::test]
async fn a_database_beyond_this_machine_that_speaks_no_tls_is_told_nothing() {
    let beyond = UdpSocket::bind("0.0.0.0:0").unwrap();
    let Some(address) =
        beyond.connect("192.0.2.1:9").ok().and_then(|()| beyond.local_addr().ok()).filter(|a| !a.ip().is_loopback())
    else {
        println!("skipped: this machine has no address but loopback");
        return;
    };
    let host = address.ip().to_string();
    for answer in ["N", "S* no TLS at all, but words", "E"] {
        let server = Eavesdropper::on(&host, move |line| {
            let mut request = [0; 8];
            line.hear(&mut request)?;
            line.say(answer)
        });
        // Nothing is said of TLS in the url.
        let error = open(&format!("postgres://{USER}@{host}:{}/db", server.port)).await.unwrap_err().to_string();
        if answer != "E" {
            assert_says(answer, &error, "failed to open the database");
            assert_says(answer, &error, "TLS");
        }
        let heard = server.heard();
        assert!(!heard.text().contains(USER) && !heard.text().contains(PASSWORD), "{answer}: {}", heard.text());
    }
}

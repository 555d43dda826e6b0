//! The webhook, by which an alarm goes a second way: a server that is not who it says learns neither the secret nor the
//! alarm, and the right one gets both.

use super::{bad_certificates, certificates};
use crate::support::eavesdropper::{Eavesdropper, Line};
use mailclerk::webhook::{Webhook, WebhookError};
use std::io::Result as IoResult;
use std::path::PathBuf;

const SECRET: &str = "a-bearer-to-steal";
const ALARM: &str = "{\"text\":\"the breaker has opened\"}";

fn webhook(port: u16, host: &str, ca_file: Option<PathBuf>) -> Webhook {
    let secret = Some(SECRET.to_owned().into());
    Webhook { host: host.to_owned(), port, path: "/hooks/7?x=1".to_owned(), tls: true, ca_file, secret }
}

/// Tries twice, as the worker does; what is said of it.
async fn error_of(webhook: &Webhook) -> WebhookError {
    let first = webhook.post(ALARM).await.unwrap_err();
    assert_eq!(first, webhook.post(ALARM).await.unwrap_err());
    assert_eq!(first, webhook.check().await.unwrap_err(), "`mailclerk check` finds the same");
    first
}

fn assert_nothing_left(name: &str, server: &Eavesdropper) {
    let heard = server.heard();
    for secret in [SECRET, "Bearer", "POST", "hooks", "breaker"] {
        assert!(!heard.text().contains(secret), "{name}: {secret} in {}", heard.text());
    }
    assert_eq!(heard.protected, b"", "{name}");
    assert_eq!(heard.connections, 3, "{name}");
}

/// Reads a request and takes it.
fn take(line: &mut Line) -> IoResult<()> {
    let mut length = 0;
    loop {
        let head = line.line()?.to_ascii_lowercase();
        if let Some(told) = head.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap_or(0);
        }
        if head.trim().is_empty() {
            break;
        }
    }
    line.hear(&mut vec![0; length])?;
    line.say("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn a_certificate_that_proves_nothing_gets_no_secret_and_no_alarm() {
    for (name, certificate, host, ca, expected) in bad_certificates() {
        let server = Eavesdropper::start(move |line| line.shake_hands(&certificate));
        let error = error_of(&webhook(server.port, host, Some(ca))).await;
        assert!(matches!(error, WebhookError::Unusable(_)), "{name}: {error}");
        let told = error.to_string();
        assert!(told.contains(expected) && !told.contains(SECRET), "{name}: {told}");
        assert_nothing_left(name, &server);
    }
}

#[tokio::test]
async fn without_a_file_of_its_own_only_the_known_authorities_are_trusted() {
    let certificate = certificates().server.clone();
    let server = Eavesdropper::start(move |line| line.shake_hands(&certificate));
    let error = error_of(&webhook(server.port, "localhost", None)).await;
    assert!(matches!(error, WebhookError::Unusable(_)), "{error}");
    assert_nothing_left("no file", &server);
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_nothing() {
    let server = Eavesdropper::start(|line| line.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    let error = webhook(server.port, "localhost", Some(certificates().ca.clone())).post(ALARM).await.unwrap_err();
    assert!(error.to_string().contains("speaks no TLS"), "{error}");
    let heard = server.heard().text();
    assert!(!heard.contains(SECRET) && !heard.contains("POST") && !heard.contains("breaker"), "{heard}");
}

#[tokio::test]
async fn the_right_server_gets_the_alarm_with_the_secret() {
    let certificate = certificates().server.clone();
    let server = Eavesdropper::start(move |line| line.shake_hands(&certificate).and_then(|()| take(line)));
    let webhook = webhook(server.port, "localhost", Some(certificates().ca.clone()));
    webhook.check().await.unwrap();
    webhook.post(ALARM).await.unwrap();
    let heard = server.heard();
    let told = String::from_utf8_lossy(&heard.protected).into_owned();
    assert!(told.starts_with("POST /hooks/7?x=1 HTTP/1.1\r\n") && told.ends_with(ALARM), "{told}");
    assert!(told.to_ascii_lowercase().contains(&format!("authorization: bearer {SECRET}\r\n")), "{told}");
    let clear = String::from_utf8_lossy(&heard.clear).into_owned();
    assert!(!clear.contains(SECRET) && !clear.contains("POST"), "{clear}");
}

#[tokio::test]
async fn a_redirect_takes_the_secret_nowhere() {
    let elsewhere = Eavesdropper::start(|_| Ok(()));
    let (certificate, port) = (certificates().server.clone(), elsewhere.port);
    let server = Eavesdropper::start(move |line| {
        line.shake_hands(&certificate)?;
        while !line.line()?.trim().is_empty() {}
        line.say(&format!(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
        ))
    });
    let webhook = webhook(server.port, "localhost", Some(certificates().ca.clone()));
    assert_eq!(webhook.post(ALARM).await, Err(WebhookError::Status(307)));
    assert_eq!(elsewhere.heard().connections, 0);
}

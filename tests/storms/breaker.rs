//! The breaker with a real worker: what stops, what goes on, who is told, and that nothing is lost or sent twice.

use super::clerk::{Clerk, SERVER, Sent, after, form, mail};
use mailclerk::address::EmailAddress;
use mailclerk::effects::MailState;
use mailclerk::gate::GateState;
use mailclerk::settings::OutgoingUrl;
use mailclerk::store::Turn;
use mailclerk::transport::Transport;
use mailclerk::webhook::Webhook;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PAT: &str = "pat@partner.example";
/// Limits that hold nobody, and a breaker that little suffices for.
const EAGER: &str = "\n[limits]\nsame_words = 5000\nsame_subject = 5000\na_case = 5000\na_sender = 5000\nreplies = 5000\n\
                     [breaker]\nhourly = 40\nto_one = 2\nshare = 3\n";

/// A request like no other.
fn request(from: &str, n: usize) -> String {
    let names = ["Adams", "Baker", "Clark", "Davis", "Evans", "Foster", "Garcia", "Hughes"];
    let subject = format!("{}, Jane{} North", names[n % 8], ["", " A", " B", " C"][n / 8 % 4]);
    let body = form(&format!("H12345{n:05}"), &format!("issue{n}alpha card{n}beta lost{n}gamma entirely"));
    let body = body.replace("Member Name: Jane Smith\n", "");
    mail(from, "desk@alpha.example", &format!("m{n}.{}", from.replace(['<', '>', ' '], "")), &subject, "", &body)
}

async fn state(clerk: &Clerk, minute: i64) -> GateState {
    clerk.worker.store.outbox_gate("test", after(minute)).await.unwrap().state
}

async fn waiting(clerk: &Clerk) -> usize {
    let rows = clerk.worker.store.outbox(None, false).await.unwrap();
    rows.iter().filter(|row| row.state == MailState::Queued).count()
}

fn of<'a>(sent: &'a [Sent], to: &str) -> Vec<&'a str> {
    sent.iter().filter(|one| one.to == to).map(|one| one.template.as_str()).collect()
}

/// A webhook that refuses its first call; with what it was called.
async fn webhook() -> (Webhook, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = Vec::new();
            let mut octets = [0; 4096];
            loop {
                let count = stream.read(&mut octets).await.unwrap_or(0);
                read.extend_from_slice(&octets[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                let length =
                    text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let whole = text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= length.unwrap_or(0));
                if count == 0 || whole {
                    break;
                }
            }
            let first = {
                let mut calls = kept.lock().unwrap();
                calls.push(String::from_utf8_lossy(&read).into_owned());
                calls.len() == 1
            };
            let status = if first { "503 Service Unavailable" } else { "204 No Content" };
            let _ = stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).await;
        }
    });
    let secret = Some("not-for-the-log".to_owned().into());
    let webhook =
        Webhook { host: "127.0.0.1".into(), port, path: "/alarm?x=1".into(), tls: false, ca_file: None, secret };
    (webhook, calls)
}

#[tokio::test]
async fn a_storm_stops_what_is_automatic_alone_and_returns_slowly_without_loss() {
    let mut clerk = Clerk::new("alpha.example", EAGER).await;
    let (webhook, calls) = webhook().await;
    let alarms = clerk.folder.path().join("alarms");
    let ops = EmailAddress::parse("ops@elsewhere.example").unwrap();
    clerk.worker.alarm.webhook = Some(webhook);
    clerk.worker.alarm.mailbox = Some((ops, Transport::new(&OutgoingUrl::Folder(alarms.clone()), None, None)));
    // A case that a specialist has, before it begins.
    clerk.deliver(&request("kim@partner.example", 900));
    clerk.run(after(0)).await;
    let assigned = clerk.run(after(24 * 60)).await;
    let assignment = assigned.iter().find(|one| one.template == "assignment").unwrap();
    let day = 24 * 60 + 10;
    // Sixty requests of one person in a minute, with limits that let them.
    (0..60).for_each(|n| clerk.deliver(&request(PAT, n)));
    let mut all = clerk.run(after(day)).await;
    assert_eq!((state(&clerk, day).await, of(&all, PAT).len()), (GateState::Stopped, 0));
    assert_eq!(waiting(&clerk).await, 60);
    // What the operator hears: by mail at once, by the webhook when it answers.
    assert_eq!(std::fs::read_dir(&alarms).unwrap().count(), 1);
    assert_eq!(calls.lock().unwrap().len(), 1);
    // A person's answer goes on, also to somebody for whom automatic mail waits.
    let headers = format!(
        "Authentication-Results: {SERVER}; dmarc=pass header.from=alpha.example\nIn-Reply-To: <{}>\n",
        assignment.id()
    );
    let answer = "#note the storm is known";
    clerk.deliver(&mail("ann@alpha.example", "desk@alpha.example", "s1", "Re: x", &headers, answer));
    let sent = clerk.run(after(day + 2)).await;
    assert_eq!((of(&sent, "ann@alpha.example"), of(&sent, PAT).len()), (vec!["command_result"], 0));
    all.extend(sent);
    assert_eq!(calls.lock().unwrap().len(), 2, "tried again until it was delivered");
    let call = calls.lock().unwrap()[1].clone();
    assert!(call.starts_with("POST /alarm?x=1 HTTP/1.1\r\n"), "{call}");
    assert!(call.to_lowercase().contains("authorization: bearer not-for-the-log"), "{call}");
    assert!(call.contains("automatic_mail_stopped") && call.contains("\"recipients\":1"), "{call}");
    assert!(!call.contains("partner.example") && !call.contains("Adams"), "{call}");
    // It rests an hour; then a few leave, then more, and at last all, each once.
    assert_eq!(of(&clerk.run(after(day + 59)).await, PAT).len(), 0);
    let mut steps = Vec::new();
    for minute in [60, 65, 70, 80, 90, 100, 110] {
        let sent = clerk.run(after(day + minute)).await;
        steps.push(of(&sent, PAT).len());
        all.extend(sent);
    }
    assert_eq!(steps, [5, 0, 10, 20, 25, 0, 0], "five, ten, twenty, and with hourly = 40 all the rest");
    assert_eq!((state(&clerk, day + 110).await, waiting(&clerk).await), (GateState::Open, 0));
    let mut ids: Vec<String> = all.iter().filter(|one| one.to == PAT).map(Sent::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), of(&all, PAT).len()), (60, 60));
    assert_eq!(std::fs::read_dir(&alarms).unwrap().count(), 2, "that it is over is told as well");
    assert!(clerk.worker.store.audit_verify().await.unwrap().broken.is_empty(), "the audit trail holds");
    clerk.close().await;
}

#[tokio::test]
async fn the_backlog_of_an_outage_trips_nothing() {
    let mut clerk = Clerk::new("alpha.example", "").await;
    let senders: Vec<String> = (0..60).map(|n| format!("agent{n}@partner{}.example", n % 7)).collect();
    for n in 0..240 {
        clerk.deliver(&request(&senders[n % 60], n));
    }
    // Everything of two days at once, in one go; and in the morning every case is acknowledged.
    let sent = clerk.run(after(0)).await;
    assert_eq!(
        (state(&clerk, 0).await, sent.iter().filter(|one| one.template == "receipt").count()),
        (GateState::Open, 240)
    );
    let sent = clerk.run(after(24 * 60)).await;
    let acknowledged = sent.iter().filter(|one| one.template == "acknowledgement").count();
    assert_eq!((state(&clerk, 1).await, acknowledged), (GateState::Open, 240));
    clerk.close().await;
}

#[tokio::test]
async fn too_many_bounces_stop_it() {
    let mut clerk = Clerk::new("alpha.example", "\n[breaker]\nbounces = 3\nbounce_percent = 25\n").await;
    for n in 0..8 {
        clerk.deliver(&request(&format!("agent{n}@partner.example"), n));
    }
    let sent = clerk.run(after(0)).await;
    assert_eq!(sent.iter().filter(|one| one.template == "receipt").count(), 8);
    for (n, one) in sent.iter().filter(|one| one.template == "receipt").take(4).enumerate() {
        assert_eq!(state(&clerk, 5).await, GateState::Open, "{n} bounces are not absurd");
        let head = format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@partner.example\nTo: desk@alpha.example\nSubject: Undelivered\n\
             Message-ID: <dsn{n}@partner.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; \
             report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nGone.\n\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.partner.example\n\n\
             Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n\
             Message-ID: <{}>\n\n--b--\n",
            one.to,
            one.id()
        );
        clerk.deliver(&head);
        clerk.run(after(5 + n as i64)).await;
    }
    clerk.run(after(20)).await;
    let gate = clerk.worker.store.outbox_gate("test", after(20)).await.unwrap();
    assert_eq!((gate.state, gate.why.as_deref()), (GateState::Stopped, Some("absurd_bounces")));
    clerk.deliver(&request("new@partner.example", 50));
    assert_eq!(of(&clerk.run(after(30)).await, "new@partner.example").len(), 0);
    // An hour later it returns, and what bounced before stops it no more.
    assert_eq!(of(&clerk.run(after(90)).await, "new@partner.example"), ["receipt"]);
    clerk.close().await;
}

#[tokio::test]
async fn a_person_holds_and_releases_and_no_clock_is_kept_waiting() {
    let mut clerk = Clerk::new("alpha.example", "").await;
    let store = clerk.worker.store.clone();
    store.turn_outbox_gate("test", Turn::Hold { why: Some("moving house") }, "console", after(0)).await.unwrap();
    for n in 0..12 {
        clerk.deliver(&request(&format!("agent{n}@partner.example"), n));
    }
    let sent = clerk.run(after(1)).await;
    assert!(sent.iter().all(|one| one.to.ends_with("alpha.example")), "{sent:?}");
    // The next day's assignment still reaches its specialists.
    let sent = clerk.run(after(24 * 60)).await;
    assert_eq!(of(&sent, "ann@alpha.example").iter().filter(|one| **one == "assignment").count(), 12);
    assert_eq!(state(&clerk, 24 * 60).await, GateState::Held);
    let gate =
        store.turn_outbox_gate("test", Turn::Release { at_once: true }, "console", after(24 * 60)).await.unwrap();
    assert_eq!(gate.state, GateState::Open);
    let sent = clerk.run(after(24 * 60 + 1)).await;
    assert_eq!(sent.iter().filter(|one| one.template == "receipt").count(), 12);
    clerk.close().await;
}

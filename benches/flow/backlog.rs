//! A backlog after an outage: as many senders as messages, all in the mailbox when the worker starts.

use super::figures::Figures;
use super::process::used;
use super::sink::Sink;
use super::support::clerk::{Clerk, DeskFile};
use super::support::dovecot::{Dovecot, USER};
use super::support::requests::{Fate, request_of};
use std::time::{Duration, Instant};

/// The size of a message, in octets.
const SIZE: usize = 3000;
/// How long anything may take before the run is given up.
const PATIENCE: Duration = Duration::from_secs(1800);

/// The `n`-th message of the usual size, with the header lines that mail has when it has come by some servers. Of six,
/// five are complete and one lacks something.
pub fn message(desk: &DeskFile, n: usize) -> Vec<u8> {
    let fate = if n % 6 == 4 { Fate::Returned } else { Fate::Accepted };
    let raw = request_of(desk, n, fate).raw;
    let mut whole = String::new();
    for hop in 0..4 {
        whole.push_str(&format!(
            "Received: from relay{hop}.example.org (relay{hop}.example.org [192.0.2.{hop}])\r\n\tby mx{hop}.example.com \
             (Postfix) with ESMTPS id {n:08X}{hop}\r\n\tfor <desk@example.com>; Thu, 19 Nov 2026 10:15:0{hop} -0500 (EST)\r\n"
        ));
    }
    while whole.len() + raw.len() + 90 < SIZE {
        whole.push_str(&format!("X-Trace-{}: {}\r\n", whole.len(), "0123456789abcdef".repeat(4)));
    }
    whole.push_str(&String::from_utf8(raw).expect("text"));
    whole.into_bytes()
}

/// An installation that reads the server at this port and sends to this sink.
pub fn clerk(imap: u16, sink: &Sink, copies: &str) -> Clerk {
    let mailbox = format!(
        "url = \"imap://{USER}@127.0.0.1:{imap}/INBOX\"\npassword_file = \"imap.secret\"\nstart = \"all\"\n\
         sent_copies = \"{copies}\""
    );
    let mut clerk = Clerk::new(&mailbox, &format!("url = \"smtp://127.0.0.1:{}\"", sink.port));
    if let Ok(database) = std::env::var("MAILCLERK_DATABASE") {
        clerk.keep_in(&database);
    }
    clerk
}

/// Works off a backlog.
pub fn measure(figures: &mut Figures, what: &str, messages: usize, copies: &str) {
    let (dovecot, sink) = (Dovecot::start(), Sink::start());
    let clerk = clerk(dovecot.imap, &sink, copies);
    let mails: Vec<_> = (0..messages).map(|n| message(&clerk.desk, n)).collect();
    dovecot.fill(mails.into_iter());
    let mut client = dovecot.client();
    // Dovecot looks at the files once; that is not the clerk's time.
    assert_eq!(client.uids("INBOX").len(), messages);
    let begun = Instant::now();
    let mut worker = clerk.start(&["run"]);
    let sent = sink.wait_for(messages, PATIENCE);
    let all_sent = begun.elapsed();
    worker.wait_until("an empty mailbox", |_| client.uids("INBOX").is_empty());
    if copies == "append" {
        worker.wait_until("a copy of each", |_| client.uids("Sent").len() == messages);
    }
    let (all_filed, used) = (begun.elapsed(), used(worker.id()));
    assert_eq!(sent, messages, "{}", worker.log());
    let rate = messages as f64 / all_filed.max(all_sent).as_secs_f64();
    let cpu = used.cpu.as_secs_f64() * 1000.0 / messages as f64;
    figures.add(
        &format!("{what} of {messages}"),
        rate,
        "messages/s",
        if copies == "none" { "1000 (aim 2000)" } else { "" },
    );
    figures.beside("raw SMTP, four sessions");
    figures.add(&format!("{what} of {messages}: until all was sent"), all_sent.as_secs_f64(), "s", "");
    figures.add(&format!("{what} of {messages}: CPU a message"), cpu, "ms", if copies == "none" { "0.8" } else { "" });
    figures.add(&format!("{what} of {messages}: most memory"), used.peak as f64 / (1 << 20) as f64, "MiB", "64");
    if std::env::var_os("MAILCLERK_KEEP").is_some() {
        let kept = std::env::temp_dir().join("flow.db");
        std::fs::copy(clerk.path("mailclerk.db"), kept).expect("kept");
    }
}

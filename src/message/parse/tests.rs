//! Whole messages, read.

use super::*;

fn message(raw: &str) -> Message {
    let lf = Message::read(raw.as_bytes());
    let crlf = Message::read(raw.replace('\n', "\r\n").as_bytes());
    assert_eq!(
        (&lf.body, &lf.subject, lf.content_hash),
        (&crlf.body, &crlf.subject, crlf.content_hash),
        "LF and CRLF differ"
    );
    lf
}

#[test]
fn a_plain_mail_is_read() {
    let m = message(
        "From: Jo <jo@example.com>\nSubject: =?utf-8?Q?caf=C3=A9?=\n x\nMessage-ID: <1@x>\nReferences: <a@x>\n <b@x>\nDate: Mon, 1 Jun 2026 10:00:00 -0400\n\nHello\n",
    );
    assert_eq!(m.author().map(|a| a.address.to_string()).as_deref(), Some("jo@example.com"));
    assert_eq!(
        (m.subject.as_str(), m.body.text.trim(), m.body.source),
        ("café x", "Hello", super::super::BodySource::Plain)
    );
    assert_eq!((m.message_id.as_deref(), m.references.len()), (Some("1@x"), 2));
    assert_eq!(m.date.map(|d| d.to_string()).as_deref(), Some("2026-06-01T14:00:00Z"));
    assert!(m.unparsable.is_none() && m.report.is_none() && m.machine == Default::default());
}

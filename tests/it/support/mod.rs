//! What the integration tests stand on: real servers of their own, and scripted ones that misbehave.

pub mod browser;
pub mod certificates;
pub mod clerk;
pub mod dovecot;
pub mod eavesdropper;
pub mod fake_imap;
pub mod postgres;
pub mod raw_imap;
pub mod rehearsal;
pub mod requests;
pub mod smtp;

use jiff::Timestamp;
use mailclerk::address::{EmailAddress, Mailbox};
use mailclerk::effects::{MailClass, MailState, OutgoingMail};
use mailclerk::words::{Template, Variant};
use std::net::TcpListener;
use uuid::Uuid;

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// A small mail.
pub fn mail(subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: sender@example.org\r\nTo: desk@example.com\r\nSubject: {subject}\r\n\
         Message-ID: <{}@example.org>\r\n\r\n{body}\r\n",
        subject.replace(' ', ".")
    )
    .into_bytes()
}

/// A mail to send, with `id` in its Message-ID.
pub fn outgoing(id: &str) -> OutgoingMail {
    let at: Timestamp = "2026-11-21T10:15:00Z".parse().expect("an instant");
    let mailbox = |name: &str, address: &str| Mailbox {
        name: Some(name.to_owned()),
        address: EmailAddress::parse(address).expect("an address"),
    };
    OutgoingMail {
        id: Uuid::from_u128(1),
        desk: "desk".into(),
        template: Template::Receipt,
        variant: Variant::Full,
        class: MailClass::Automatic,
        state: MailState::Queued,
        from: mailbox("Support Desk", "desk@example.com"),
        to: mailbox("José Núñez", "requester@example.org"),
        subject: "Smith, Jane – Blue".into(),
        text: "Hello José,\n.\nwe have it.\n..\n".into(),
        html: "<p>Hello José, we have it.</p>".into(),
        attachments: Vec::new(),
        generated: Vec::new(),
        message_id: format!("{id}@example.com"),
        in_reply_to: Some("first@example.org".into()),
        references: vec!["first@example.org".into()],
        date: at,
        auto_submitted: Some("auto-replied"),
        case_number: Some("D-000001".into()),
        about: None,
        replies_to: None,
        not_before: at,
        gateway: None,
    }
}

//! What the integration tests stand on: real servers of their own, and scripted ones that misbehave.

pub mod certificates;
pub mod dovecot;
pub mod fake_imap;
pub mod raw_imap;

use std::net::TcpListener;

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

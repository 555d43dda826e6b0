//! Rendering: what a mail holds on the wire, read back by another parser.

use super::*;
use crate::address::{EmailAddress, Mailbox};
use crate::effects::{MailClass, MailState};
use crate::transport::body::body_text;
use crate::words::{Template, Variant};
use mail_parser::{HeaderValue, Message, MessageParser};
use proptest::prelude::*;
use uuid::Uuid;

fn mailbox_of(name: &str, address: &str) -> Mailbox {
    Mailbox { name: Some(name.to_owned()), address: EmailAddress::parse(address).unwrap() }
}

fn sample() -> OutgoingMail {
    let at: Timestamp = "2026-11-21T10:15:00Z".parse().unwrap();
    OutgoingMail {
        id: Uuid::from_u128(7),
        desk: "desk".into(),
        template: Template::Receipt,
        variant: Variant::Full,
        class: MailClass::Automatic,
        state: MailState::Queued,
        from: mailbox_of("Support, the Desk", "desk@example.com"),
        to: mailbox_of("José \"Pepe\" Núñez", "jose@example.org"),
        subject: "Smith, Jane – Medicare".into(),
        text: "Hello José,\nwe have it.\n.\nFrom here on.\n".into(),
        html: "<p>Hello José,</p>".into(),
        attachments: Vec::new(),
        message_id: "c-1.mac@example.com".into(),
        in_reply_to: Some("b@example.org".into()),
        references: vec!["a@example.org".into(), "b@example.org".into()],
        date: at,
        auto_submitted: Some("auto-replied"),
        case_number: Some("AR-2026-000001".into()),
        about: None,
        replies_to: None,
        not_before: at,
    }
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a mail")
}

fn header(message: &Message<'_>, name: &str) -> Vec<String> {
    message
        .header_values(name.to_owned())
        .map(|value| match value {
            HeaderValue::Text(text) => text.to_string(),
            HeaderValue::TextList(all) => all.join(" "),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn another_program_reads_what_we_wrote() {
    let bytes = render(&sample(), &Contents::new()).unwrap();
    let mail = parsed(&bytes);
    let from = mail.from().and_then(|from| from.first()).unwrap();
    let to = mail.to().and_then(|to| to.first()).unwrap();
    assert_eq!((from.name(), from.address()), (Some("Support, the Desk"), Some("desk@example.com")));
    assert_eq!((to.name(), to.address()), (Some("José \"Pepe\" Núñez"), Some("jose@example.org")));
    assert_eq!(mail.subject(), Some("Smith, Jane – Medicare"));
    assert_eq!(mail.message_id(), Some("c-1.mac@example.com"));
    assert_eq!(header(&mail, "In-Reply-To"), ["b@example.org"]);
    assert_eq!(header(&mail, "References"), ["a@example.org b@example.org"]);
    assert_eq!(mail.date().map(|date| date.to_rfc3339()).as_deref(), Some("2026-11-21T10:15:00Z"));
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-replied"]);
    assert_eq!(header(&mail, "X-Auto-Response-Suppress"), ["DR, RN, NRN, OOF, AutoReply"]);
    assert_eq!(header(&mail, "X-Mailclerk-Template"), ["receipt"]);
    assert_eq!(header(&mail, "X-Mailclerk-Case"), ["AR-2026-000001"]);
    assert_eq!(header(&mail, "X-Mailclerk-Message-ID"), ["<c-1.mac@example.com>"]);
    assert_eq!(mail.body_text(0).unwrap(), "Hello José,\r\nwe have it.\r\n.\r\nFrom here on.\r\n");
    assert_eq!(mail.body_html(0).unwrap(), "<p>Hello José,</p>");
    assert_eq!(mail.parts.len(), 3, "a multipart and its two alternatives");
}

#[test]
fn the_same_mail_is_the_same_octets() {
    let mail = sample();
    assert_eq!(render(&mail, &Contents::new()).unwrap(), render(&mail.clone(), &Contents::new()).unwrap());
}

#[test]
fn a_persons_answer_says_nothing_of_a_machine() {
    let mail =
        OutgoingMail { auto_submitted: None, case_number: None, in_reply_to: None, references: vec![], ..sample() };
    let bytes = render(&mail, &Contents::new()).unwrap();
    let mail = parsed(&bytes);
    for name in ["Auto-Submitted", "X-Auto-Response-Suppress", "X-Mailclerk-Case", "In-Reply-To", "References"] {
        assert!(header(&mail, name).is_empty(), "{name}");
    }
}

#[test]
fn without_html_there_is_one_part() {
    let bytes = render(&OutgoingMail { html: String::new(), ..sample() }, &Contents::new()).unwrap();
    let mail = parsed(&bytes);
    assert_eq!(mail.parts.len(), 1);
    assert!(mail.body_text(0).unwrap().starts_with("Hello José"));
}

#[test]
fn what_can_never_be_written_is_an_error() {
    for id in ["", "no-at-sign", "a b@c", "a@b\r\nBcc: x@y", "ä@b", &format!("{}@b", "a".repeat(1000))] {
        let mail = OutgoingMail { message_id: id.to_owned(), ..sample() };
        assert_eq!(render(&mail, &Contents::new()), Err(RenderError::MessageId), "{id}");
    }
    let mail = OutgoingMail { to: mailbox_of("x", "\"a\"b\"@example.com"), ..sample() };
    assert_eq!(render(&mail, &Contents::new()), Err(RenderError::Address("To")));
}

#[test]
fn only_a_local_part_needs_smtputf8() {
    for (address, needs) in [("jo@example.com", false), ("jo@bücher.example", false), ("jö@example.com", true)] {
        let prepared =
            Prepared::new(&OutgoingMail { to: mailbox_of("Jö", address), ..sample() }, &Contents::new()).unwrap();
        assert_eq!((prepared.needs_smtputf8(), prepared.bytes.is_ascii()), (needs, !needs), "{address}");
    }
}

proptest! {
    /// Whatever stands in the mail: the header is ours alone, and RFC 5322's line rules hold.
    #[test]
    fn hostile_content_changes_no_structure(
        name in "(?s).{0,60}", subject in "(?s).{0,120}", text in "(?s).{0,300}", html in "(?s).{0,300}",
        reference in "(?s).{0,40}", long in 0usize..3000,
    ) {
        let text = format!("{text}{}\r\n.\r\nQUIT\r\n", "x".repeat(long));
        let mail = OutgoingMail {
            to: Mailbox { name: Some(format!("{name}\r\nBcc: x@example.com")), ..sample().to },
            subject: format!("{subject}\nBcc: x@example.com"),
            references: vec![reference.clone(), "b@example.org".into()],
            in_reply_to: Some(reference),
            case_number: Some("1\r\n\r\nbody".into()),
            text,
            html,
            ..sample()
        };
        let bytes = render(&mail, &Contents::new()).unwrap();
        let all = String::from_utf8(bytes.clone()).unwrap();
        prop_assert!(!all.replace("\r\n", "").contains(['\r', '\n', '\0']));
        prop_assert!(all.is_ascii() && all.split("\r\n").all(|line| line.len() <= 998));
        let read = parsed(&bytes);
        prop_assert!(header(&read, "Bcc").is_empty());
        prop_assert_eq!(header(&read, "X-Mailclerk-Template").len(), 1);
        prop_assert_eq!(read.message_id(), Some("c-1.mac@example.com"));
        let found = read.body_text(0).unwrap_or_default();
        // A mail of one part ends with a line end more.
        let found = if body_text(&mail.html).is_empty() { found.strip_suffix("\r\n").unwrap_or(&found) } else { &found };
        prop_assert_eq!(found, body_text(&mail.text));
    }
}

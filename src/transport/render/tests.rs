//! Rendering: what a mail holds on the wire, read back by another parser.

use super::*;
use crate::address::{EmailAddress, Mailbox};
use crate::effects::{Enclosed, MailClass, MailState};
use crate::transport::body::body_text;
use crate::words::keys::hex;
use crate::words::{Template, Variant};
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
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
        generated: Vec::new(),
        message_id: "c-1.mac@example.com".into(),
        in_reply_to: Some("b@example.org".into()),
        references: vec!["a@example.org".into(), "b@example.org".into()],
        date: at,
        auto_submitted: Some("auto-replied"),
        case_number: Some("AR-2026-000001".into()),
        about: None,
        replies_to: None,
        not_before: at,
        gateway: None,
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

fn enclosed(name: &str, content_type: &str, content: &[u8]) -> (Enclosed, Vec<u8>) {
    let sha256 = hex(&Sha256::digest(content));
    let (name, content_type) = (name.to_owned(), content_type.to_owned());
    let one = Enclosed { message: Uuid::nil(), place: 0, name, content_type, bytes: content.len(), sha256 };
    (one, content.to_vec())
}

fn with(all: &[(Enclosed, Vec<u8>)]) -> (OutgoingMail, Contents) {
    let attachments = all.iter().map(|(one, _)| one.clone()).collect();
    let contents = all.iter().map(|(one, content)| (one.sha256.clone(), content.clone())).collect();
    (OutgoingMail { attachments, ..sample() }, contents)
}

/// Name, type and content of each attachment as our own reader has it.
fn ours(bytes: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let listed = crate::message::Message::read(bytes).attachments;
    let contents = crate::message::Message::attachment_contents(bytes, usize::MAX, |_, _| true);
    listed
        .into_iter()
        .zip(contents.into_values())
        .map(|(one, content)| (one.name.unwrap_or_default(), one.content_type, content))
        .collect()
}

/// The same as another program has it.
fn theirs(bytes: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let mail = parsed(bytes);
    let all = mail.attachments().map(|part| {
        let kind = part.content_type().expect("a type");
        assert!(part.content_disposition().is_some_and(|how| how.is_attachment()));
        let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        (part.attachment_name().unwrap_or_default().to_owned(), kind, part.contents().to_vec())
    });
    all.collect()
}

#[test]
fn attachments_arrive_as_they_came() {
    let every_byte: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let all = [
        enclosed("claim form.pdf", "application/pdf", &every_byte),
        enclosed("Übersicht – 日本.csv", "text/csv", "Name;Größe\nJosé;1\n".as_bytes()),
        enclosed("empty.txt", "text/plain", b""),
        enclosed("latin.txt", "text/plain", b"caf\xe9\r\n"),
        enclosed("lines.txt", "text/plain", b"bare\nlines\n--not a boundary--\n.\nFrom x\n"),
    ];
    let (mail, contents) = with(&all);
    let bytes = render(&mail, &contents).unwrap();
    let expected: Vec<_> =
        all.iter().map(|(one, content)| (one.name.clone(), one.content_type.clone(), content.clone())).collect();
    assert_eq!(ours(&bytes), expected);
    let mut read = theirs(&bytes);
    // That reader hands text out as UTF-8; what it decoded as a text of no known charset is compared above.
    read[3].2 = all[3].1.clone();
    assert_eq!(read, expected);
    let mail = parsed(&bytes);
    assert!(header(&mail, "Content-Type")[0].contains("mixed"), "{:?}", header(&mail, "Content-Type"));
    assert_eq!(mail.body_text(0).unwrap(), "Hello José,\r\nwe have it.\r\n.\r\nFrom here on.\r\n");
    assert_eq!(mail.body_html(0).unwrap(), "<p>Hello José,</p>");
    let ours = crate::message::Message::read(&bytes);
    assert_eq!(ours.body.text.trim(), "Hello José,\nwe have it.\n.\nFrom here on.");
    assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|line| line.len() <= 79), "lines of mail are short");
}

#[test]
fn names_are_safe_and_come_out_as_they_went_in() {
    let long = format!("{}.pdf", "long name ".repeat(30));
    for (name, sent) in [
        ("plain.pdf", "plain.pdf"),
        ("two words; and=more, (c).pdf", "two words; and=more, (c).pdf"),
        ("a \"quoted\" name.pdf", "a \"quoted\" name.pdf"),
        ("a\r\nBcc: x@example.com\r\n\r\nb.pdf", "aBcc: x@example.comb.pdf"),
        ("..\\..\\../etc/pass\\wd.pdf", "wd.pdf"),
        ("C:\\Users\\jo\\claim.pdf", "claim.pdf"),
        ("Zażółć – \"日本\" 🙂.pdf", "Zażółć – \"日本\" 🙂.pdf"),
        ("100%25 'sure'.pdf", "100%25 'sure'.pdf"),
        ("gpj.\u{202e}fdp", "gpj.fdp"),
        ("=?utf-8?q?evil?=.pdf", "=_utf-8?q?evil?=.pdf"),
        ("..", "attachment"),
        ("", "attachment"),
    ] {
        let (mail, contents) = with(&[enclosed(name, "application/pdf", b"x")]);
        let bytes = render(&mail, &contents).unwrap();
        let expected = [(sent.to_owned(), "application/pdf".to_owned(), b"x".to_vec())];
        assert_eq!((&ours(&bytes)[..], &theirs(&bytes)[..]), (&expected[..], &expected[..]), "{name:?}");
        assert!(header(&parsed(&bytes), "Bcc").is_empty());
    }
    let long_foreign = format!("{}.pdf", "é".repeat(300));
    for name in [&long, &long_foreign] {
        let (mail, contents) = with(&[enclosed(name, "application/pdf", b"x")]);
        let bytes = render(&mail, &contents).unwrap();
        let sent = ours(&bytes).remove(0).0;
        assert!(
            sent.len() <= 255 && sent.ends_with(".pdf") && name.starts_with(sent.trim_end_matches(".pdf")),
            "{sent}"
        );
        assert_eq!(theirs(&bytes)[0].0, sent);
        assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 79), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn types_that_cannot_stand_in_base64_or_in_a_header_are_bytes() {
    let bytes_only = "application/octet-stream";
    for (written, sent) in [
        ("application/pdf", "application/pdf"),
        ("image/svg+xml", "image/svg+xml"),
        ("message/rfc822", bytes_only),
        ("Message/RFC822", bytes_only),
        ("message/delivery-status", bytes_only),
        ("multipart/mixed", bytes_only),
        ("nonsense", bytes_only),
        ("", bytes_only),
        ("a/b/c", bytes_only),
        ("text/plain; name=x", bytes_only),
        ("text/pl\r\nBcc: x@example.com", bytes_only),
        ("té/xt", bytes_only),
        (&format!("a/{}", "b".repeat(2000)), bytes_only),
    ] {
        let inner = b"From: b@example.org\nSubject: inner\n\ntext\n";
        let (mail, contents) = with(&[enclosed("message-1.eml", written, inner)]);
        let bytes = render(&mail, &contents).unwrap();
        let expected = [("message-1.eml".to_owned(), sent.to_owned(), inner.to_vec())];
        assert_eq!((&ours(&bytes)[..], &theirs(&bytes)[..]), (&expected[..], &expected[..]), "{written:?}");
    }
}

#[test]
fn what_is_no_longer_there_is_told_in_its_place() {
    let all = [enclosed("kept.pdf", "application/pdf", b"kept"), enclosed("gone – é.pdf", "application/pdf", b"gone")];
    let (mail, mut contents) = with(&all);
    let whole = render(&mail, &contents).unwrap();
    assert_eq!(whole, render(&mail, &contents).unwrap(), "the same octets again");
    contents.remove(&all[1].0.sha256);
    let bytes = render(&mail, &contents).unwrap();
    let read = theirs(&bytes);
    assert_eq!(read.len(), 2);
    assert_eq!((&*read[0].0, &read[0].2[..]), ("kept.pdf", &b"kept"[..]));
    assert_eq!((&*read[1].0, &*read[1].1), ("not-attached.txt", "text/plain"));
    let told = String::from_utf8(read[1].2.clone()).unwrap();
    assert!(told.contains("- gone – é.pdf (4 bytes)\r\n") && !told.contains("kept.pdf"), "{told}");
    assert_eq!(ours(&bytes), read);
}

#[test]
fn a_mail_of_text_alone_has_the_boundary_that_it_always_had() {
    // What is of unknown fate since before attachments is sent again byte for byte the same.
    let mail = sample();
    let text = [mail.message_id.as_bytes(), b"\0", body_text(&mail.text).as_bytes(), mail.html.as_bytes()].concat();
    let boundary: String = hex(&Sha256::digest(&text)).chars().take(40).collect();
    let bytes = String::from_utf8(render(&mail, &Contents::new()).unwrap()).unwrap();
    assert!(bytes.contains(&format!("boundary=\"{boundary}\"")), "{bytes}");
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
        // A mail of one part ends with a line end more, which base64 hides.
        let ends = if body_text(&mail.html).is_empty() { &["", "\r\n"][..] } else { &[""][..] };
        let expected = body_text(&mail.text);
        prop_assert!(ends.iter().any(|end| found == format!("{expected}{end}")), "{found:?} is not {expected:?}");
    }

    /// Whatever is attached under whatever name: it arrives as it is, and nothing else of the mail changes.
    #[test]
    fn hostile_attachments_change_no_structure(
        names in proptest::collection::vec("(?s).{0,90}", 1..4), kind in "(?s).{0,30}",
        content in proptest::collection::vec(any::<u8>(), 0..400), text in "(?s).{0,60}",
    ) {
        let all: Vec<_> = names.iter().enumerate().map(|(n, name)| {
            // Its own first byte makes each a content of its own.
            enclosed(name, &kind, &[&[n as u8], &content[..]].concat())
        }).collect();
        let (mail, contents) = with(&all);
        let mail = OutgoingMail { text, ..mail };
        let bytes = render(&mail, &contents).unwrap();
        let written = String::from_utf8(bytes.clone()).unwrap();
        prop_assert!(written.is_ascii() && !written.replace("\r\n", "").contains(['\r', '\n', '\0']));
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 998));
        let (ours, theirs) = (ours(&bytes), theirs(&bytes));
        prop_assert_eq!(ours.len(), all.len());
        for (read, (_, content)) in ours.iter().zip(&all) {
            prop_assert_eq!(&read.2, content);
            prop_assert!(!read.0.is_empty() && !read.0.contains(['/', '\\', '\r', '\n']));
        }
        let names = |all: &[(String, String, Vec<u8>)]| all.iter().map(|one| one.0.trim().to_owned()).collect::<Vec<_>>();
        prop_assert_eq!(names(&ours), names(&theirs));
        let read = parsed(&bytes);
        prop_assert_eq!(read.body_text(0).unwrap_or_default(), body_text(&mail.text));
        prop_assert!(header(&read, "Bcc").is_empty());
    }
}

#[test]
fn what_was_made_for_a_mail_stands_in_it_or_beside_it() {
    use crate::effects::Generated;
    use mail_parser::MimeHeaders;
    let file = |name: &str, kind: &str, content_id: Option<&str>| Generated {
        name: name.into(),
        content_type: kind.into(),
        content: format!("content of {name}\r\n--\r\n").into_bytes(),
        content_id: content_id.map(str::to_owned),
    };
    let generated = vec![
        file("lines.png", "image/png", Some("lines.1@example.com")),
        file("table.csv", "text/csv", None),
        file("open.png", "image/png", Some("open.1@example.com")),
    ];
    let mail = OutgoingMail { generated, html: "<img src=\"cid:lines.1@example.com\">".into(), ..sample() };
    let bytes = render(&mail, &Contents::new()).unwrap();
    assert_eq!(bytes, render(&mail, &Contents::new()).unwrap(), "the same octets each time");
    let read = parsed(&bytes);
    let kinds: Vec<String> = read
        .parts
        .iter()
        .map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
        })
        .collect();
    let expected = [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "image/png",
        "text/csv",
    ];
    assert_eq!(kinds, expected);
    let ids: Vec<&str> = read.parts.iter().filter_map(|part| part.content_id()).collect();
    assert_eq!(ids, ["lines.1@example.com", "open.1@example.com"]);
    for (place, name) in [(5, "lines.png"), (6, "open.png"), (7, "table.csv")] {
        let part = &read.parts[place];
        assert_eq!(part.attachment_name(), Some(name));
        assert_eq!(part.contents(), format!("content of {name}\r\n--\r\n").as_bytes());
        let shown = part.content_disposition().unwrap().ctype();
        assert_eq!(shown, if place == 7 { "attachment" } else { "inline" }, "{name}");
    }
}

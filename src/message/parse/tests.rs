//! Whole messages, read.

use super::super::BodySource;
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
    assert_eq!((m.subject.as_str(), m.body.text.trim(), m.body.source), ("café x", "Hello", BodySource::Plain));
    assert_eq!((m.message_id.as_deref(), m.references.len()), (Some("1@x"), 2));
    assert_eq!(m.date.map(|d| d.to_string()).as_deref(), Some("2026-06-01T14:00:00Z"));
    assert!(m.unparsable.is_none() && m.report.is_none() && m.machine == Default::default());
}

#[test]
fn bodies_are_found() {
    let mixed = |parts: &[&str]| {
        format!(
            "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{}\n--b--\n",
            parts.join("\n--b\n")
        )
    };
    let alternative = |parts: &[&str]| mixed(parts).replace("multipart/mixed", "multipart/alternative");
    let html = "Content-Type: text/html\n\n<p>Hello <b>there</b></p>";
    for (raw, text, source) in [
        ("From: a@example.com\n\nplain".to_owned(), "plain", BodySource::Plain),
        ("From: a@example.com\nContent-Type: text/html\n\n<p>a<p>b".to_owned(), "a\n\nb", BodySource::Html),
        (alternative(&["\n  \n", html]), "Hello there", BodySource::Html),
        (alternative(&["\nThis message is in HTML format. Please use an HTML-capable viewer.", html]), "Hello there", BodySource::Html),
        (alternative(&["\nHello there", html]), "Hello there", BodySource::Plain),
        (alternative(&["\nI cannot view the HTML form, please read this to me", "Content-Type: text/html\n\nI cannot view the HTML form, please read this to me"]), "I cannot view the HTML form, please read this to me", BodySource::Plain),
        (mixed(&["\none", "Content-Type: application/pdf; name=x.pdf\n\nx", "\nfooter"]), "one\n\nfooter", BodySource::Plain),
        (mixed(&["\none", "Content-Disposition: attachment; filename=x.txt\n\nattached"]), "one", BodySource::Plain),
        (mixed(&["Content-Disposition: inline; filename=x.txt\n\nonly text"]), "only text", BodySource::Plain),
        (mixed(&["\nHello there", html]), "Hello there", BodySource::Plain),
        ("From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nnever closed".to_owned(), "never closed", BodySource::Plain),
        ("From: a@example.com\nContent-Type: text/plain; format=flowed\n\na \nb".to_owned(), "a b", BodySource::Plain),
        ("From: a@example.com\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nY2Fmw6k=".to_owned(), "café", BodySource::Plain),
        ("From: a@example.com\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9".to_owned(), "café", BodySource::Plain),
        ("From: a@example.com\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nsigned\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--".to_owned(), "signed", BodySource::Plain),
        (mixed(&["Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\ninner\n--i\nContent-Type: text/html\n\ninner\n--i--\n--r\nContent-Type: image/png\nContent-ID: <x>\n\np\n--r--"]), "inner", BodySource::Plain),
        ("From: a@example.com\nContent-Type: application/pdf\n\nx".to_owned(), "", BodySource::None),
    ] {
        let m = message(&raw);
        assert_eq!((m.body.text.trim(), m.body.source), (text, source), "{raw}");
    }
}

#[test]
fn attachments_and_forwards_are_listed() {
    let m = message(
        "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"cid:logo\">see\n--b\n\
         Content-Type: image/png\nContent-ID: <logo>\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b\n\
         Content-Type: application/pdf; name=\"=?utf-8?Q?caf=C3=A9?=.pdf\"\nContent-Disposition: attachment; filename*=utf-8''..%2Fcaf%C3%A9.pdf\n\nx\n--b\n\
         Content-Type: message/rfc822\n\nFrom: Jo <jo@example.com>\nSubject: Doe, Jane Medicare\n\ninner text\n--b--\n",
    );
    let shown: Vec<_> = m.attachments.iter().map(|a| (a.name.as_deref(), a.content_type.as_str(), a.inline)).collect();
    assert_eq!(
        shown,
        [(None, "image/png", true), (Some("café.pdf"), "application/pdf", false), (None, "message/rfc822", false)]
    );
    assert_eq!(m.attachments[0].bytes, 5);
    assert_eq!(m.attachments[0].sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    let inner = &m.forwarded[0];
    assert_eq!(
        (inner.from.as_deref(), inner.subject.as_deref()),
        (Some("Jo <jo@example.com>"), Some("Doe, Jane Medicare"))
    );
    assert_eq!((inner.text.trim(), inner.visible.trim(), inner.attached), ("inner text", "inner text", true));
}

#[test]
fn senders_are_counted() {
    let m = message("From: a@example.com\nFrom: Group: b@example.com, c@example.com;\nTo: x@example.com\n\nx");
    assert_eq!((m.from_fields, m.from.len(), m.author()), (2, 3, None));
    let m = message("To: x@example.com\nSubject: no author\n\nx");
    assert!(m.unparsable.is_none() && m.from.is_empty());
}

#[test]
fn what_is_no_mail_is_unparsable() {
    for raw in ["", "\n\n", "just words\nand more\n", "Dear all: hello\n\nx", "PK\u{3}\u{4}\u{0}\u{1}"] {
        assert!(Message::read(raw.as_bytes()).unparsable.is_some(), "{raw:?}");
    }
    let limits = Limits { bytes: 10, ..Limits::default() };
    assert!(Message::read_within(b"From: a@example.com\n\nx", &limits).unparsable.is_some());
}

#[test]
fn bounds_hold() {
    let limits = Limits { text_bytes: 1000, header_bytes: 5000, ..Limits::default() };
    let m = Message::read_within(format!("From: a@example.com\n\n{}", "é".repeat(5000)).as_bytes(), &limits);
    assert_eq!(m.body.text.len(), 1000);
    let m = Message::read_within(
        format!("From: a@example.com\nX-Long: {}\n\nbody", "x".repeat(50_000)).as_bytes(),
        &limits,
    );
    assert_eq!((m.headers[1].1.len() <= 5000, m.body.text.as_str()), (true, "body"));
    let mut nested = "deep".to_owned();
    for level in 0..200 {
        nested = format!("Content-Type: multipart/mixed; boundary=b{level}x\n\n--b{level}x\n{nested}\n--b{level}x--");
    }
    assert!(Message::read(format!("From: a@example.com\n{nested}").as_bytes()).unparsable.is_none());
    let mut nested = "From: a@example.com\n\ndeep".to_owned();
    for _ in 0..100 {
        nested = format!("From: a@example.com\nContent-Type: message/rfc822\n\n{nested}");
    }
    assert!(Message::read(nested.as_bytes()).forwarded.len() <= 1);
}

/// The first mark of each kind, as `explain` orders them.
fn automatic(m: &Message) -> &'static str {
    match () {
        () if m.machine.ours => "own",
        () if m.machine.bounce.is_some() => "bounce",
        () if !m.machine.lists.is_empty() => "list",
        () if m.machine.auto_replied.is_some() => "auto_replied",
        () if m.machine.auto_generated.is_some() => "auto_generated",
        () => "",
    }
}

#[test]
fn machines_are_known_and_people_are_not() {
    let hello = "\n\nHello, please help.";
    let bounce = "This is the mail system at host mx.example.com.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<jo@example.net>: host mx.example.net said: 550 5.1.1 no such user\n";
    for (header, text, expected) in [
        ("From: jo@example.com", hello, ""),
        ("From: jo@example.com\nAuto-Submitted: no", hello, ""),
        ("From: jo@example.com\nAuto-Submitted: auto-replied (vacation)", hello, "auto_replied"),
        ("From: jo@example.com\nAuto-Submitted: auto-generated", hello, "auto_generated"),
        ("From: jo@example.com\nX-Auto-Response-Suppress: All", hello, ""),
        ("From: jo@example.com\nX-Autoreply: yes", hello, "auto_replied"),
        ("From: jo@example.com\nPrecedence: bulk", hello, "auto_generated"),
        ("From: jo@example.com\nPrecedence: list", hello, "list"),
        ("From: jo@example.com\nPrecedence: auto_reply", hello, "auto_replied"),
        ("From: jo@example.com\nPrecedence: normal", hello, ""),
        ("From: jo@example.com\nList-Unsubscribe: <mailto:x@example.com>", hello, "list"),
        ("From: jo@example.com\nX-Mailclerk-Template: receipt", hello, "own"),
        ("From: jo@example.com\nReturn-Path: <>", hello, "auto_generated"),
        ("From: jo@example.com\nReturn-Path: <jo@example.com>", hello, ""),
        ("From: jo@example.com\nX-Cron-Env: <A=b>", hello, "auto_generated"),
        ("From: jo@example.com\nX-FC-MachineGenerated: true", hello, "auto_generated"),
        (
            "From: jo@example.com\nSubject: Automatic reply: Doe, Jane Medicare",
            "\n\nI am out of the office until Monday.",
            "auto_replied",
        ),
        (
            "From: jo@example.com\nSubject: Automatic reply: x\nX-Auto-Response-Suppress: All",
            "\n\nBack soon",
            "auto_replied",
        ),
        (
            "From: jo@example.com\nSubject: Re: Automatic reply: Doe, Jane Medicare",
            "\n\nI know that you are out of the office. Please call.",
            "",
        ),
        (
            "From: jo@example.com\nSubject: Doe, Jane Medicare",
            "\n\nI will be on vacation next week; please write to Al.",
            "",
        ),
        (
            "From: jo@example.com\nSubject: Out of office while the claim is open",
            "\n\nI am out of the office on Friday, so answer today.",
            "",
        ),
        ("From: jo@example.com\nContent-Type: text/calendar; method=REPLY", "\n\nBEGIN:VCALENDAR\n", "auto_replied"),
        ("From: jo@example.com\nContent-Type: text/calendar; method=REQUEST", "\n\nBEGIN:VCALENDAR\n", "auto_replied"),
        (
            "From: jo@example.com\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b",
            "\n\n--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;jo@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--",
            "auto_replied",
        ),
        (
            "From: jo@example.com\nContent-Type: multipart/report; report-type=feedback-report; boundary=b",
            "\n\n--b\n\nspam\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--",
            "auto_generated",
        ),
        ("From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender", bounce, "bounce"),
        ("From: jo@example.com\nSubject: Fwd: Undelivered Mail Returned to Sender", bounce, ""),
        (
            "From: jo@example.com\nSubject: Undeliverable",
            "\n\nMy letters to the member come back as undeliverable. Which address do you have?",
            "",
        ),
        (
            "From: jo@example.com\nSubject: Delivery failure of her medication",
            "\n\nThe pharmacy says that delivery failed and was returned to sender.",
            "",
        ),
        (
            "From: noreply@portal.example.com\nReply-To: jo@example.com\nSubject: form",
            "\n\nAgent Name: Jo\nThis was automatically generated from the form.",
            "",
        ),
        ("From: noreply@shop.example.com\nSubject: news", "\n\nGreat offers. Unsubscribe here.", "auto_generated"),
        (
            "From: postmaster@example.com\nSubject: question about a member",
            "\n\nI also run our mail; my client's card never came.",
            "",
        ),
        (
            "From: verify@challenge.example\nReturn-Path: <>\nSubject: Please confirm your message",
            "\n\nYour message is being held. Click http://x.example to confirm that you are a person.",
            "auto_replied",
        ),
        (
            "From: jo@example.com\nSubject: please confirm",
            "\n\nPlease confirm that you are sending the card. http://example.com",
            "",
        ),
    ] {
        let m = message(&format!("{header}\nTo: desk@example.org\n\n{}", text.trim_start_matches('\n')));
        assert_eq!(automatic(&m), expected, "{header} {text}: {:?}", m.machine);
    }
}

#[test]
fn delivery_reports_are_read() {
    let m = message(
        "From: MAILER-DAEMON@example.com\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nnotice\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; Jo@Example.com\nAction: failed\nStatus: 5.1.1\n\n\
         Final-Recipient: rfc822; al@example.com\nAction: delayed\nStatus: 4.4.1\n--b\n\
         Content-Type: message/rfc822\n\nMessage-ID: <ours@x>\nSubject: s\n\nx\n--b--\n",
    );
    let report = m.report.unwrap();
    assert_eq!(report.original_ids, ["ours@x"]);
    let shown: Vec<_> =
        report.recipients.iter().map(|r| (r.address.as_deref(), r.status.as_deref(), r.action.as_deref())).collect();
    assert_eq!(
        shown,
        [
            (Some("jo@example.com"), Some("5.1.1"), Some("failed")),
            (Some("al@example.com"), Some("4.4.1"), Some("delayed"))
        ]
    );
    assert!(m.forwarded.is_empty());

    let m = message(
        "From: MAILER-DAEMON@example.com\nTo: me@example.org\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.com.\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jo@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
         <al@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 552 over quota\n\n--- Below this line is a copy of the message.\n\n\
         Return-Path: <me@example.org>\nMessage-ID: <ours@x>\nTo: other@example.com\n\ntext\n",
    );
    let report = m.report.unwrap();
    let shown: Vec<_> =
        report.recipients.iter().map(|r| (r.address.as_deref(), r.status.as_deref(), r.action.as_deref())).collect();
    assert_eq!(
        shown,
        [
            (Some("jo@example.com"), Some("5.1.1"), Some("failed")),
            (Some("al@example.com"), Some("5.2.2"), Some("failed"))
        ]
    );
    assert_eq!(report.original_ids, ["ours@x"]);
}

/// What is taken out of the raw bytes is what the message lists, place for place.
fn contents_agree(raw: &[u8], message: &Message) {
    let mut asked = Vec::new();
    let contents = Message::attachment_contents(raw, usize::MAX, |place, one| {
        assert_eq!(place, asked.len());
        asked.push(one.clone());
        true
    });
    assert_eq!(asked, message.attachments);
    let hash = |content: &Vec<u8>| Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hashes: Vec<_> = contents.values().map(|content| (content.len(), hash(content))).collect();
    let listed: Vec<_> = message.attachments.iter().map(|one| (one.bytes, one.sha256.clone())).collect();
    assert_eq!(hashes, listed);
}

#[test]
fn attachments_are_taken_out_by_their_place() {
    let signed = "Content-Type: multipart/signed; boundary=s\n\n--s\n\ntext\n--s\nContent-Type: application/pgp-signature\n\nseal\n--s--";
    let parts = [
        "\nHello",
        signed,
        "Content-Disposition: attachment; filename=a.txt\nContent-Transfer-Encoding: base64\n\naGVsbG8=",
        "Content-Type: message/rfc822\n\nFrom: b@example.org\nSubject: x\n\ninner",
        "Content-Type: image/png\nContent-Transfer-Encoding: quoted-printable\n\n=00=01",
        "Content-Type: application/ms-tnef; name=winmail.dat\n\nno tnef",
    ];
    let raw = format!(
        "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{}\n--b--\n",
        parts.join("\n--b\n")
    );
    let raw = raw.as_bytes();
    let message = Message::read(raw);
    assert_eq!(message.attachments.len(), 4);
    contents_agree(raw, &message);
    // One that is asked for, and room for it only.
    let one = Message::attachment_contents(raw, 2, |place, _| place == 2);
    assert_eq!(one.into_iter().collect::<Vec<_>>(), [(2, vec![0, 1])]);
    assert!(Message::attachment_contents(raw, 1, |place, _| place == 2).is_empty());
    // Without room for the first, the second still comes.
    assert_eq!(Message::attachment_contents(raw, 2, |_, _| true).into_keys().collect::<Vec<_>>(), [2]);
    assert!(Message::attachment_contents(b"no mail", 9, |_, _| true).is_empty());
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    /// Pieces that mail is made of, so that chance reaches deep.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let words: &[&str] = &[
            "From: ",
            "Subject: ",
            "Content-Type: multipart/mixed; boundary=b\n",
            "Content-Type: text/html\n",
            "Content-Type: message/rfc822\n",
            "Content-Transfer-Encoding: base64\n",
            "Content-Type: message/delivery-status\n",
            "Content-Type: application/ms-tnef\n",
            "--b\n",
            "--b--\n",
            "\n",
            "\n\n",
            "=?utf-8?Q?",
            "=?=",
            "?=",
            "a@example.com",
            "<",
            ">",
            "\"",
            "(",
            ";",
            ":",
            "=",
            "*0*=",
            "charset=utf-7",
            "<table><tr><td>",
            "</div>",
            "<blockquote type=cite>",
            "&#",
            "&amp",
            "> ",
            "-- \n",
            "é",
            "\u{feff}",
            "Final-Recipient: rfc822;",
            "MAILER-DAEMON",
            "begin 644 x\n",
            "format=flowed",
            " \n",
        ];
        prop_oneof![
            6 => proptest::sample::select(words).prop_map(|w| w.as_bytes().to_vec()),
            1 => proptest::collection::vec(any::<u8>(), 0..20),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            let m = Message::read(&raw);
            prop_assert!(!m.unparsable.is_some_and(|why| why.contains("inside the program")));
        }

        #[test]
        fn likely_bytes_are_read(pieces in proptest::collection::vec(piece(), 0..80)) {
            let raw = [b"From: a@example.com\n".to_vec(), pieces.concat()].concat();
            let m = Message::read(&raw);
            contents_agree(&raw, &m);
            prop_assert!(!m.unparsable.is_some_and(|why| why.contains("inside the program")));
            for name in m.attachments.iter().filter_map(|a| a.name.as_ref()) {
                prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
            }
        }
    }
}

#[test]
fn the_hash_does_not_depend_on_line_ends() {
    for raw in ["", "a", "\n", "\r\n", "a\nb\n", "a\r\nb\n", "a\n\n\rb\r\n", "\n\r\nx"] {
        let lf = raw.replace("\r\n", "\n");
        let crlf = lf.replace('\n', "\r\n");
        let expected: [u8; 32] = Sha256::digest(&crlf).into();
        for form in [raw, &lf, &crlf] {
            assert_eq!(content_hash(form.as_bytes()), expected, "{form:?}");
        }
    }
}

#[test]
fn what_all_parts_may_cost_is_spent_once() {
    let part = format!("--b\r\nContent-Type: text/html\r\n\r\n{}\r\n", "<p>words</p>".repeat(3_000));
    let raw =
        format!("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--", part.repeat(100));
    let message = Message::read(raw.as_bytes());
    assert!(message.body.text.len() >= 5 * 3_000, "the first parts are read");
    assert!(message.attachments.len() > 80, "what is not read is an attachment, {}", message.attachments.len());
}

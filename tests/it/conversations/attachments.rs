//! Attachments kept: what a requester attached reaches the specialist whole, whenever and how often its mail is sent.

use super::rig::{ISSUE, Mail, Rig, Sent, template};
use crate::support::smtp::{Act, At, FakeSmtp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mailclerk::message::Message;

const ARRIVED: &str = "2026-11-02T10:15:00-05:00";
const ASSIGNED: &str = "2026-11-03T09:00:00-05:00";

/// A file: name, type, header lines, content.
struct File(&'static str, &'static str, &'static str, Vec<u8>);

fn picture(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|n| (n * 7 % 251) as u8).collect()
}

/// `mail` with files behind its text.
fn with_files(rig: &Rig, mail: &Mail, files: &[File]) -> String {
    let raw = mail.raw(rig);
    let (header, body) = raw.split_once("\n\n").unwrap();
    let header =
        header.replace("Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=files");
    let part = |File(name, kind, lines, content): &File| {
        let name = if name.is_empty() { String::new() } else { format!("; filename=\"{name}\"") };
        let content = STANDARD.encode(content);
        format!(
            "--files\nContent-Type: {kind}\n{lines}Content-Disposition: attachment{name}\n\
             Content-Transfer-Encoding: base64\n\n{content}\n"
        )
    };
    let parts: String = files.iter().map(part).collect();
    format!("{header}\n\n--files\nContent-Type: text/plain; charset=utf-8\n\n{body}\n{parts}--files--\n")
}

fn form() -> File {
    File("claim form.pdf", "application/pdf", "", picture(70_000))
}

/// Names and contents of what is attached, as our own reader has them.
fn attached(raw: &[u8]) -> Vec<(String, Vec<u8>)> {
    let names = Message::read(raw).attachments.into_iter().map(|one| one.name.unwrap_or_default());
    names.zip(Message::attachment_contents(raw, usize::MAX, |_, _| true).into_values()).collect()
}

fn named(sent: &Sent) -> Vec<String> {
    attached(sent.raw.as_bytes()).into_iter().map(|(name, _)| name).collect()
}

fn of<'a>(sent: &'a [Sent], template: &str) -> &'a Sent {
    sent.iter().rfind(|one| one.template == template).unwrap_or_else(|| panic!("no {template} was sent"))
}

#[test]
fn the_assignment_carries_what_is_attached_to_the_request_and_the_relay_what_is_attached_to_the_reply() {
    let rig = Rig::new();
    let inner = b"From: carrier@example.org\r\nSubject: Denied\r\n\r\nWe cannot pay.\r\n".to_vec();
    let files = [
        File("logo.png", "image/png", "Content-ID: <logo>\n", picture(900)),
        form(),
        File("photo.jpg", "image/jpeg", "", picture(9_000)),
        File("jo.vcf", "text/x-vcard", "", b"BEGIN:VCARD\r\nEND:VCARD\r\n".to_vec()),
        File("claim form again.pdf", "application/pdf", "", picture(70_000)),
        File("denied", "message/rfc822", "", inner.clone()),
    ];
    rig.deliver(&with_files(&rig, &Mail::request("one"), &files));
    rig.run(ARRIVED);
    rig.run(ASSIGNED);
    let sent = rig.sent();
    let assignment = of(&sent, "assignment");
    let read = attached(assignment.raw.as_bytes());
    let expected = [
        // An attachment of its own, although it is small.
        ("logo.png".to_owned(), picture(900)),
        ("claim form.pdf".to_owned(), picture(70_000)),
        ("photo.jpg".to_owned(), picture(9_000)),
        ("denied.eml".to_owned(), inner),
    ];
    assert!(read == expected, "{:?}", named(assignment));
    let text = assignment.text();
    assert!(text.contains("logo.png, claim form.pdf, photo.jpg, denied.eml, jo.vcf (not enclosed)"), "{text}");
    assert!(text.contains(ISSUE), "{text}");
    // To the requester goes none of it.
    for template in ["receipt", "acknowledgement"] {
        assert!(named(of(&sent, template)).is_empty(), "{template}");
    }
    let case = rig.case(&rig.number());
    let mail = case["mails"].as_array().unwrap().iter().find(|mail| mail["template"] == "assignment").unwrap();
    assert_eq!(mail["attachments"][1], serde_json::json!({"name": "claim form.pdf", "bytes": 70_000}));
    // A reply with a file reaches the specialist with it.
    let reply = Mail::new("two", &of(&sent, "receipt").mail.subject, "Here is the photo that you asked for.");
    let reply = reply.answering(&of(&sent, "receipt").id());
    let file = File("Zażółć.jpg", "image/jpeg", "", picture(20_000));
    rig.deliver(&with_files(&rig, &reply, &[file]));
    rig.run("2026-11-03T11:00:00-05:00");
    let sent = rig.sent();
    let relay = of(&sent, "relay");
    assert_eq!(relay.to(), assignment.to());
    assert!(attached(relay.raw.as_bytes()) == [("Zażółć.jpg".to_owned(), picture(20_000))], "{:?}", named(relay));
    assert!(relay.text().contains("Attachments: Zażółć.jpg"), "{}", relay.text());
}

#[test]
fn a_file_of_the_form_that_was_returned_is_not_lost() {
    let rig = Rig::new();
    rig.deliver(&with_files(&rig, &Mail::short("one"), &[form()]));
    rig.run(ARRIVED);
    let returned = rig.sent().pop().unwrap();
    assert_eq!(returned.template, "return");
    let body = template("4411223", "H1234567801", "Jane Smith", ISSUE);
    let complete = Mail::new("two", &returned.mail.subject, &body).answering(&returned.id());
    rig.receive("2026-11-02T11:00:00-05:00", &complete);
    rig.run(ASSIGNED);
    assert_eq!(named(of(&rig.sent(), "assignment")), ["claim form.pdf"]);
}

#[test]
fn a_file_that_is_no_longer_there_does_not_hold_the_mail_back() {
    let smtp = FakeSmtp::scripted(|step| match step.at {
        At::Recipient => Act::say("451 4.3.0 later, please"),
        _ => Act::Usual,
    });
    let rig = over_smtp(&smtp);
    rig.deliver(&with_files(&rig, &Mail::request("one"), &[form()]));
    rig.run(ARRIVED);
    rig.run(ASSIGNED);
    let waiting = rig.json(&["outbox"]).into_iter().find(|mail| mail["template"] == "assignment").unwrap();
    assert_eq!(waiting["state"], "deferred");
    forget_raw_messages(&rig);
    smtp.set_script(|_| Act::Usual);
    rig.command(&["outbox", "retry", waiting["id"].as_str().unwrap()]);
    rig.run("2026-11-03T09:10:00-05:00");
    let taken = smtp.taken();
    let mail = taken.iter().find(|one| one.header("X-Mailclerk-Template").as_deref() == Some("assignment")).unwrap();
    let read = attached(&mail.bytes);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].0, "not-attached.txt");
    let told = String::from_utf8(read[0].1.clone()).unwrap();
    assert!(told.contains("claim form.pdf (70000 bytes)"), "{told}");
    assert!(Message::read(&mail.bytes).body.text.contains(ISSUE));
}

#[test]
fn a_mail_of_unknown_fate_is_sent_again_with_the_same_octets() {
    let smtp = FakeSmtp::scripted(|step| {
        // The assignment is the mail that goes to staff, whose bytes were heard and not answered.
        if step.at == At::Dot { Act::take_and(Act::Cut) } else { Act::Usual }
    });
    let rig = over_smtp(&smtp);
    rig.deliver(&with_files(&rig, &Mail::request("one"), &[form()]));
    rig.run(ARRIVED);
    rig.run(ASSIGNED);
    smtp.set_script(|_| Act::Usual);
    for minute in ["09:20", "10:30", "12:00"] {
        rig.run(&format!("2026-11-03T{minute}:00-05:00"));
    }
    let taken = smtp.taken();
    let assignments: Vec<_> =
        taken.iter().filter(|one| one.header("X-Mailclerk-Template").as_deref() == Some("assignment")).collect();
    assert_eq!(assignments.len(), 2, "once, and once more");
    assert!(assignments[0].bytes == assignments[1].bytes);
    assert!(attached(&assignments[1].bytes) == [("claim form.pdf".to_owned(), picture(70_000))]);
}

/// A desk whose mail goes to a server on loopback.
fn over_smtp(smtp: &FakeSmtp) -> Rig {
    let rig = Rig::new();
    let settings = std::fs::read_to_string(rig.path("mailclerk.toml")).unwrap();
    let settings = settings.replace("url = \"folder:outgoing\"", &format!("url = \"{}\"", smtp.url()));
    std::fs::write(rig.path("mailclerk.toml"), settings).unwrap();
    rig
}

/// What a purge does, behind the program's back.
fn forget_raw_messages(rig: &Rig) {
    let url = format!("sqlite:{}", rig.path("mailclerk.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let gone = sqlx::query("DELETE FROM message_raws").execute(&mut connection).await.unwrap();
        assert!(gone.rows_affected() > 0);
        connection.close().await.unwrap();
    });
}

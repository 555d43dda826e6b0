//! Whatever a mail can do the console does, with the same case, clocks, notes, events and mails after it.

use super::{LATER, MONDAY, TUESDAY, form};
use crate::support::rehearsal::{ADDRESS, AGENT, ANN, BOB, DESK, OUTSIDE, Rehearsal, SUE, Sent, TEXT, mail, request};
use mailclerk::address::EmailAddress;
use mailclerk::case::EventKind;
use mailclerk::case::commands::Word;
use mailclerk::message::Message;
use mailclerk::words::Template;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What stands before it happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Before {
    /// One case, which Ann has.
    Case,
    /// The same of somebody outside.
    Outside,
    /// The case, with a further message of its requester.
    Reply,
    /// The case, paused.
    Paused,
    /// The case, resolved.
    Resolved,
    /// The case and a second one of the same requester.
    TwoCases,
    /// A request that was returned.
    Returned,
}

/// What it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum On {
    Case,
    Request,
    Nothing,
}

/// One thing that is done, by mail and here.
#[derive(Clone, Copy, Debug)]
struct Deed {
    before: Before,
    by: &'static str,
    on: On,
    commands: &'static [(Word, &'static str)],
    text: &'static str,
    file: bool,
}

const fn on_case(commands: &'static [(Word, &'static str)], text: &'static str) -> Deed {
    Deed { before: Before::Case, by: ANN, on: On::Case, commands, text, file: false }
}

/// Every command, and what goes together.
fn deeds() -> Vec<Deed> {
    use Word::*;
    let answer = "Hello Jo,\n\nthe card was sent again today.";
    vec![
        on_case(&[], answer),
        Deed { file: true, ..on_case(&[], answer) },
        Deed { before: Before::Outside, ..on_case(&[], answer) },
        Deed { by: BOB, ..on_case(&[], answer) },
        Deed { before: Before::Reply, ..on_case(&[], answer) },
        on_case(&[(Resolve, "")], ""),
        on_case(&[(Resolve, "")], answer),
        Deed { file: true, ..on_case(&[(Resolve, "A new card was sent.")], answer) },
        Deed { before: Before::Outside, ..on_case(&[(Resolve, "A new card was sent.")], "") },
        on_case(&[(Note, "Called billing."), (Note, "They look into it.")], ""),
        on_case(&[(Update, "We expect an answer this week.")], ""),
        on_case(&[(NextUpdate, "2026-11-20")], ""),
        on_case(&[(NextUpdate, "2026-11-06 3pm")], answer),
        on_case(&[(Pause, "")], ""),
        on_case(&[(Pause, "until 2026-11-20")], answer),
        Deed { before: Before::Paused, ..on_case(&[(Resume, "")], "") },
        Deed { before: Before::Paused, ..on_case(&[(Resume, "")], answer) },
        on_case(&[(Assign, "Bob")], ""),
        Deed { by: SUE, ..on_case(&[(Assign, "Bob Birch"), (Note, "Ann is busy.")], "") },
        Deed { by: BOB, ..on_case(&[(Assign, "me")], "") },
        Deed { by: SUE, before: Before::TwoCases, on: On::Nothing, ..on_case(&[(Assign, "Bob all from Ann")], "") },
        on_case(&[(Priority, "urgent")], ""),
        on_case(&[(Waiting, "external until 2026-11-13")], answer),
        on_case(&[(Waiting, "internal")], ""),
        on_case(&[(Opportunity, "training The form names the wrong line.")], ""),
        on_case(&[(Line, "South")], ""),
        on_case(&[(Field, "reference=REF-12345"), (Field, "member=Doe, John")], ""),
        on_case(&[(Return, "Please send us the letter.")], ""),
        Deed { file: true, ..on_case(&[(Return, "Please send us the letter.")], answer) },
        on_case(&[(Redirect, "billing")], ""),
        on_case(&[(Escalate, "She has asked three times.")], ""),
        on_case(&[(List, "watch A third case of this kind.")], ""),
        Deed { before: Before::Reply, ..on_case(&[(Split, "")], "") },
        Deed { before: Before::TwoCases, ..on_case(&[(Merge, "TEST-100002")], "") },
        Deed { before: Before::Resolved, ..on_case(&[(Opportunity, "process Too slow.")], answer) },
        Deed { before: Before::Returned, by: SUE, on: On::Request, ..on_case(&[(Accept, "North")], "") },
        Deed { before: Before::Returned, by: SUE, on: On::Request, ..on_case(&[(Redirect, "billing")], "") },
        Deed { before: Before::Returned, by: SUE, on: On::Request, ..on_case(&[(Note, "A regular.")], "") },
        Deed {
            before: Before::Returned,
            by: SUE,
            on: On::Request,
            ..on_case(&[(Return, "We need the number of the member.")], "")
        },
        Deed { on: On::Nothing, ..on_case(&[(Out, "2026-11-09..2026-11-13")], "") },
        Deed { by: SUE, on: On::Nothing, ..on_case(&[(Out, "for Bob Birch 2026-11-09..2026-11-13")], "") },
        Deed {
            on: On::Nothing,
            ..on_case(
                &[(For, "Lee Caller <lee@agency.example>"), (Line, "South")],
                "Agent Name: Lee Caller\nMember ID: H7654321\nMember Name: Ana Diaz\nSummary: she called about her card",
            )
        },
        Deed {
            on: On::Nothing,
            ..on_case(&[(For, "lee@agency.example"), (Line, "North"), (Assign, "me")], "A call about cards")
        },
    ]
}

async fn prepared(before: Before, postgres: bool) -> Rehearsal {
    let mut desk = if postgres { Rehearsal::on_postgres(MONDAY).await } else { Rehearsal::new(MONDAY).await };
    let agent = if before == Before::Outside { OUTSIDE } else { AGENT };
    let issue = "The new card never arrived at all";
    if before == Before::Returned {
        let body = "Agent Name: Jo Field\nMember Name: Jane Smith\nSummary: The new card never arrived\n";
        desk.deliver(&mail(AGENT, "one@agency.example", "Smith, Jane", TEXT, body));
    } else {
        desk.deliver(&request(agent, "one@agency.example", "Jane Smith", "North", issue));
    }
    desk.run(MONDAY).await;
    if before == Before::TwoCases {
        desk.deliver(&request(agent, "two@agency.example", "Richard Roe", "North", "A claim was denied in error"));
        desk.run("2026-11-02T15:20:00Z").await;
    }
    desk.run(TUESDAY).await;
    if before == Before::Reply {
        let headers = format!("In-Reply-To: <one@agency.example>\n{TEXT}");
        desk.deliver(&mail(
            agent,
            "more@agency.example",
            "Re: Smith, Jane North",
            &headers,
            "And her sister needs one too.",
        ));
        desk.run("2026-11-03T15:00:00Z").await;
    }
    let change = match before {
        Before::Paused => Some((Word::Pause, "until 2026-11-20")),
        Before::Resolved => Some((Word::Resolve, "It is done.")),
        _ => None,
    };
    if let Some((word, rest)) = change {
        let act = Act::new(form(999), About::Case(CaseNumber("TEST-100001".into()))).with(word, rest);
        assert!(matches!(desk.act(ANN, &act).await, Acted::Done(_)), "{before:?}");
    }
    desk.run("2026-11-03T16:00:00Z").await;
    desk
}

const FILE: &[u8] = b"%PDF-1.7 the letter";

async fn by_mail(desk: &mut Rehearsal, deed: &Deed) {
    let commands: String = deed.commands.iter().map(|(word, rest)| format!("#{word} {rest}\n")).collect();
    let body = format!("{commands}\n{}\n", deed.text);
    let (subject, thread) = match deed.on {
        On::Case => {
            // To whom the requester's words were handed over last.
            let is_handed = |one: &Sent| {
                let case = one.mail.header("X-Mailclerk-Case").next().unwrap_or_default().trim().to_owned();
                matches!(&*one.template, "assignment" | "relay") && case == "TEST-100001"
            };
            let handed = desk.sent().into_iter().rfind(is_handed).unwrap();
            let id = handed.mail.message_id.clone().unwrap();
            (format!("Re: {}", handed.mail.subject), format!("In-Reply-To: <{id}>\n"))
        }
        On::Request => ("Re: Smith, Jane".to_owned(), "In-Reply-To: <one@agency.example>\n".to_owned()),
        On::Nothing => ("A call".to_owned(), String::new()),
    };
    let raw = if deed.file {
        let headers = format!("{thread}Content-Type: multipart/mixed; boundary=b\n");
        let file = String::from_utf8_lossy(FILE);
        let body = format!(
            "--b\n{TEXT}\n{body}\n--b\nContent-Type: application/pdf\n\
             Content-Disposition: attachment; filename=letter.pdf\n\n{file}\n--b--\n"
        );
        mail(deed.by, "staff@desk.example", &subject, &headers, &body)
    } else {
        mail(deed.by, "staff@desk.example", &subject, &format!("{thread}{TEXT}"), &body)
    };
    desk.deliver(&raw);
    desk.run(LATER).await;
}

async fn here(desk: &mut Rehearsal, deed: &Deed) {
    desk.run(LATER).await;
    let about = match deed.on {
        On::Case => About::Case(CaseNumber("TEST-100001".into())),
        On::Request => About::Message(row_of(desk, "one@agency.example").await),
        On::Nothing => About::Nothing,
    };
    let mut act = Act { subject: "A call".into(), ..Act::new(form(1), about).saying(deed.text) };
    for (word, rest) in deed.commands {
        act = act.with(*word, *rest);
    }
    if deed.file {
        let file = ActFile { name: "letter.pdf".into(), content_type: "application/pdf".into(), bytes: FILE.to_vec() };
        act = act.enclosing(vec![file]);
    }
    let acted = desk.act(deed.by, &act).await;
    assert!(matches!(acted, Acted::Done(_)), "{deed:?}: {acted:?}");
    desk.run(LATER).await;
}

/// The row of a message that became no case.
async fn row_of(desk: &Rehearsal, message_id: &str) -> Uuid {
    desk.worker.store.message_replied_to(DESK, &[message_id.to_owned()]).await.unwrap().expect("the message")
}

/// The ids that both ways give otherwise, by what they are.
fn id_of(id: &str) -> String {
    id.split_once("mc1.").map_or(id.to_owned(), |(_, rest)| rest.split('.').take(3).collect::<Vec<_>>().join("."))
}

fn told(mail: &Message, template: &str) -> String {
    let header = |name: &str| mail.header(name).next().unwrap_or_default().trim().to_owned();
    let ids = |ids: &[String]| ids.iter().map(|id| id_of(id)).collect::<Vec<_>>();
    let files: Vec<_> = mail.attachments.iter().map(|one| (&one.name, &one.content_type, &one.sha256)).collect();
    format!(
        "{template} to {} [{}] auto={} case={} re={:?} refs={:?} files={files:?}\n{}",
        mail.to[0].address,
        mail.subject,
        header("Auto-Submitted"),
        header("X-Mailclerk-Case"),
        ids(&mail.in_reply_to),
        ids(&mail.references),
        mail.body.text
    )
}

/// All that stands, in one text; the mail that tells staff by mail what their commands did is left out.
async fn state(desk: &Rehearsal) -> String {
    let mut text = String::new();
    for number in desk.numbers().await {
        let mut view = desk.case(&number).await;
        let results = view.mails.iter().filter(|mail| mail.template == Template::CommandResult).count();
        view.mails.retain(|mail| mail.template != Template::CommandResult);
        let mut events: BTreeMap<EventKind, usize> = BTreeMap::new();
        view.history.iter().for_each(|one| *events.entry(one.event).or_default() += 1);
        for kind in [EventKind::MailQueued, EventKind::MailSent] {
            events.entry(kind).and_modify(|count| *count -= results);
        }
        let mut order: Vec<EventKind> = view.history.iter().map(|one| one.event).collect();
        order.retain(|kind| !matches!(kind, EventKind::MailQueued | EventKind::MailSent));
        view.history.clear();
        view.clocks.sort_by_key(|clock| (clock.due, clock.kind));
        text += &format!("{}\n{events:?}\n{order:?}\n", serde_json::to_string_pretty(&view).unwrap());
    }
    let mut mails: Vec<String> = desk
        .sent()
        .into_iter()
        .filter(|one| one.template != "command_result")
        .map(|one| told(&one.mail, &one.template))
        .collect();
    mails.sort();
    let pending = desk.worker.store.pendings(None).await.unwrap();
    let pending: Vec<_> = pending.into_iter().map(|one| (one.requester, one.missing, one.newest_at)).collect();
    let held = desk.worker.store.held(None).await.unwrap().len();
    let today = jiff::civil::date(2026, 11, 3);
    let away = desk.worker.store.absences(DESK, today).await.unwrap();
    format!("{text}\n{}\n{pending:?} {held} {away:?}", mails.join("\n----\n"))
}

async fn compared(deeds: Vec<Deed>, postgres: bool) {
    for deed in deeds {
        let mut mailed = prepared(deed.before, postgres).await;
        by_mail(&mut mailed, &deed).await;
        let mut written = prepared(deed.before, postgres).await;
        let rows = written.worker.store.audit_verify().await.unwrap().rows;
        here(&mut written, &deed).await;
        let (mailed, written_text) = (state(&mailed).await, state(&written).await);
        // What quotes the case's number or a token is the same, for both were prepared alike.
        pretty_assertions(&mailed, &written_text, &deed);
        let report = written.worker.store.audit_verify().await.unwrap();
        assert!(report.broken.is_empty(), "{report:?}");
        // That it was done, and the commands of it; then what it changed.
        assert!(report.rows > rows + 1 + u64::from(!deed.commands.is_empty()), "{deed:?} does nothing");
        assert!(!written.got(deed.by).contains(&"command_result".to_owned()), "the page tells");
    }
}

fn pretty_assertions(mailed: &str, written: &str, deed: &Deed) {
    if mailed == written {
        return;
    }
    let differs: Vec<String> = mailed
        .lines()
        .zip(written.lines())
        .filter(|(one, other)| one != other)
        .map(|(one, other)| format!("mail: {one}\nhere: {other}"))
        .take(6)
        .collect();
    panic!(
        "{deed:?} differs ({} and {} lines):\n{}",
        mailed.lines().count(),
        written.lines().count(),
        differs.join("\n")
    );
}

#[tokio::test]
async fn every_command_does_the_same_by_mail_and_here() {
    compared(deeds(), false).await;
}

#[tokio::test]
async fn on_postgresql_too() {
    let all = deeds();
    let some = all.into_iter().enumerate().filter(|(n, _)| n % 8 == 1).map(|(_, deed)| deed).collect();
    compared(some, true).await;
}

#[test]
fn every_command_is_in_the_table() {
    let all = deeds();
    for word in Word::ALL.iter().filter(|word| **word != Word::Help) {
        assert!(all.iter().any(|deed| deed.commands.iter().any(|(one, _)| one == word)), "{word}");
    }
    assert!(EmailAddress::parse(ADDRESS).is_ok());
}

//! An act is done once, whole, and on what really stands.

use super::{MONDAY, desk_of, form};
use crate::support::rehearsal::{AGENT, ANN, BOB, DESK, Rehearsal, SUE};
use mailclerk::case::commands::Word;
use mailclerk::message::Message;
use mailclerk::words::Template;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};

fn about(number: &str) -> About {
    About::Case(CaseNumber(number.to_owned()))
}

#[tokio::test]
async fn the_same_form_sent_twice_acts_once() {
    for desk in [Rehearsal::new(MONDAY).await, Rehearsal::on_postgres(MONDAY).await] {
        let (mut desk, number) = desk_of(desk, AGENT).await;
        let act = Act::new(form(1), about(&number)).saying("The card was sent again.");
        let (first, second) = futures::join!(desk.act(ANN, &act), desk.act(ANN, &act));
        let mut both = [first, second];
        both.sort_by_key(|one| matches!(one, Acted::Twice));
        assert!(matches!(both, [Acted::Done(_), Acted::Twice]), "{both:?}");
        assert_eq!(desk.act(BOB, &act).await, Acted::Twice);
        desk.run(super::LATER).await;
        assert_eq!(desk.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    }
}

#[tokio::test]
async fn what_two_people_do_at_once_is_done_one_after_the_other() {
    for desk in [Rehearsal::new(MONDAY).await, Rehearsal::on_postgres(MONDAY).await] {
        let (desk, number) = desk_of(desk, AGENT).await;
        let acts: Vec<Act> =
            (0..4).map(|n| Act::new(form(n), about(&number)).with(Word::Note, format!("Note {n}."))).collect();
        let acts = acts.iter().map(|act| desk.act(ANN, act));
        let acted = futures::future::join_all(acts).await;
        assert!(acted.iter().all(|one| matches!(one, Acted::Done(_))), "{acted:?}");
        assert_eq!(desk.case(&number).await.notes.len(), 4);
        let (one, other) = (
            Act::new(form(10), about(&number)).with(Word::Resolve, "Done."),
            Act::new(form(11), about(&number)).with(Word::Resolve, "Done, too."),
        );
        let (one, other) = futures::join!(desk.act(ANN, &one), desk.act(SUE, &other));
        let refused = [&one, &other].iter().filter(|one| matches!(one, Acted::Refused(_))).count();
        assert_eq!(refused, 1, "the second finds the case resolved: {one:?} {other:?}");
    }
}

#[tokio::test]
async fn two_processes_are_told_apart_too() {
    let (desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let other = desk.another().await;
    let act = |n| Act::new(form(n), about(&number)).with(Word::Update, "We wait for billing.");
    let access = desk.access(SUE);
    let (one, two) = (act(1), act(2));
    let (here, there) = futures::join!(desk.act(ANN, &one), other.act(&access, DESK, &two));
    assert!(matches!((here, there.unwrap()), (Acted::Done(_), Acted::Done(_))));
    assert_eq!(other.act(&access, DESK, &one).await.unwrap(), Acted::Twice);
}

#[tokio::test]
async fn what_is_written_here_stands_in_the_case_as_a_mail() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let name = "Résumé \"1\" \u{202e}fdp.exe";
    let file = |name: &str| ActFile { name: name.into(), content_type: "text/plain".into(), bytes: b"words".to_vec() };
    let text = "Dear Jo,\n\nOn Monday the shop wrote:\n> no card\n-- \nnot a signature, but words";
    let act = Act::new(form(1), about(&number)).saying(text).enclosing(vec![file(name), file("../b.txt")]);
    let Acted::Done(done) = desk.act(ANN, &act).await else { panic!("not done") };
    assert_eq!(done.case.as_ref().map(|number| number.0.as_str()), Some(number.as_str()));
    assert!(done.sentences().contains("on its way to the requester with one file"), "{}", done.sentences());
    let row = desk.worker.store.message_state(act.id).await.unwrap().expect("its message");
    assert_eq!((row.desk.as_str(), row.mailbox.as_str(), row.decision), (DESK, "console", None));
    let raw = desk.worker.store.raw_message(act.id).await.unwrap().expect("its bytes");
    let message = Message::read(&raw);
    assert_eq!(message.author().unwrap().address.to_string(), ANN);
    assert_eq!(message.attachments[0].name.as_deref(), Some("Résumé \"1\" fdp.exe"));
    desk.run(super::LATER).await;
    let answer = desk.last(AGENT, "answer");
    // The text goes out whole: nothing in it is taken for a quotation or a signature.
    for words in ["Dear Jo", "no card", "not a signature"] {
        assert!(answer.mail.body.text.contains(words), "{}", answer.mail.body.text);
    }
    assert_eq!(answer.mail.attachments.len(), 1, "of the same content one only");
    assert_eq!(
        desk.worker.store.decisions_since(DESK, super::super::support::rehearsal::at(MONDAY)).await.unwrap().len(),
        1
    );
    let queued = desk.case(&number).await.mails.iter().filter(|mail| mail.template == Template::Answer).count();
    assert_eq!(queued, 1);
}

#[tokio::test]
async fn an_administrator_acts_as_a_supervisor_and_is_not_named_to_the_requester() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let admin = "root@ops.example";
    let act = Act::new(form(1), about(&number)).saying("The card was sent again.");
    assert!(matches!(desk.act(admin, &act).await, Acted::Done(_)));
    let all = Act::new(form(2), About::Nothing).with(Word::Assign, "Bob all from Ann");
    assert!(matches!(desk.act(admin, &all).await, Acted::Done(_)));
    desk.run(super::LATER).await;
    let answer = desk.last(AGENT, "answer");
    assert!(!answer.raw.contains("ops.example") && !answer.raw.contains("administrator"), "{}", answer.raw);
    assert!(answer.mail.body.text.contains("Test Desk"), "{}", answer.mail.body.text);
    let notice = desk.last(ANN, "notice");
    assert!(notice.mail.body.text.contains("An administrator answered"), "{}", notice.mail.body.text);
}

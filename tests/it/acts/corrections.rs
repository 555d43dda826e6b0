//! What was sent wrongly is withdrawn or corrected, and no promise stays met by what no longer stands.

use super::{LATER, MONDAY, desk_of, form};
use crate::support::rehearsal::{AGENT, ANN, CID, OUTSIDE, Rehearsal, SUE};
use mailclerk::case::commands::Word;
use mailclerk::case::{ClockKind, ClockState, EventKind};
use mailclerk::effects::MailState;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{Status, Template};
use mailclerk::worker::acts::{About, Act, Acted};
use uuid::Uuid;

const WEDNESDAY: &str = "2026-11-04T15:00:00Z";

fn about(number: &str) -> About {
    About::Case(CaseNumber(number.to_owned()))
}

/// The newest mail of `template`, by its row.
async fn mail(desk: &Rehearsal, template: Template) -> Uuid {
    let all = desk.worker.store.outbox(None, true).await.unwrap();
    all.into_iter().find(|mail| mail.template == template).expect("such a mail").id
}

async fn state(desk: &Rehearsal, id: Uuid) -> MailState {
    desk.worker.store.mail(id).await.unwrap().unwrap().mail.state
}

async fn respond(desk: &Rehearsal, number: &str) -> Vec<ClockState> {
    let clocks = desk.case(number).await.clocks;
    clocks.into_iter().filter(|clock| clock.kind == ClockKind::Respond).map(|clock| clock.state).collect()
}

async fn answered(desk: &Rehearsal, number: &str, n: u128) {
    let act = Act::new(form(n), about(number)).saying("Your card was sent to the wrong house.");
    assert!(matches!(desk.act(ANN, &act).await, Acted::Done(_)));
}

async fn correct(desk: &Rehearsal, by: &str, id: Uuid, words: &str) -> Acted {
    desk.worker.correct_sent(&desk.access(by), id, words).await.unwrap()
}

fn why(acted: &Acted) -> String {
    match acted {
        Acted::Refused(parts) => parts[0].why.clone(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_left_is_withdrawn_and_the_promise_stands_again() {
    for desk in [Rehearsal::new(MONDAY).await, Rehearsal::on_postgres(MONDAY).await] {
        let (mut desk, number) = desk_of(desk, AGENT).await;
        let due = desk.case(&number).await.clocks.iter().find(|one| one.kind == ClockKind::Respond).unwrap().due;
        answered(&desk, &number, 1).await;
        desk.run(LATER).await;
        assert_eq!(respond(&desk, &number).await, [ClockState::Met]);
        let wrong = desk.last(AGENT, "answer");
        let id = mail(&desk, Template::Answer).await;
        assert_eq!(correct(&desk, CID, id, "").await, Acted::NotFound, "another line's");
        desk.run(WEDNESDAY).await;
        let Acted::Done(done) = correct(&desk, SUE, id, " \n").await else { panic!("not withdrawn") };
        assert!(done.sentences().contains("a further one asks to disregard it"), "{}", done.sentences());
        desk.run(WEDNESDAY).await;
        let further = desk.last(AGENT, "correction");
        assert_eq!(further.mail.in_reply_to, [wrong.mail.message_id.clone().unwrap()]);
        assert_eq!(further.mail.subject, wrong.mail.subject);
        let text = &further.mail.body.text;
        assert!(text.contains("Please disregard our message of Tuesday, November 3, 11:30 am ET"), "{text}");
        assert!(!further.raw.contains("Sue"), "the desk's own words bear nobody's name");
        assert_eq!(state(&desk, id).await, MailState::Sent);
        let case = desk.case(&number).await;
        let clock = case.clocks.iter().find(|one| one.kind == ClockKind::Respond).unwrap();
        assert_eq!((clock.state, clock.due), (ClockState::Running, due));
        assert_eq!(case.history.iter().filter(|one| one.event == EventKind::SentCorrected).count(), 1);
        assert!(why(&correct(&desk, ANN, id, "more").await).contains("already"));
        assert!(!desk.worker.store.retry_mail(id, desk.clock.now()).await.unwrap());
        // It was never answered: at the due instant the supervisor is told.
        desk.run("2026-11-05T16:00:00Z").await;
        assert_eq!(respond(&desk, &number).await, [ClockState::Breached]);
        assert!(desk.got(SUE).contains(&"breach".to_owned()));
        assert!(desk.worker.store.audit_verify().await.unwrap().broken.is_empty());
    }
}

#[tokio::test]
async fn right_words_are_an_answer() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    answered(&desk, &number, 1).await;
    desk.run(LATER).await;
    desk.run(WEDNESDAY).await;
    let id = mail(&desk, Template::Answer).await;
    let acted = correct(&desk, ANN, id, "The card went to 12 Elm Street.").await;
    assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
    desk.run(WEDNESDAY).await;
    let further = desk.last(AGENT, "correction");
    let text = &further.mail.body.text;
    assert!(text.contains("12 Elm Street") && text.contains("Ann Ash") && !further.raw.contains(ANN), "{text}");
    assert!(!further.raw.contains("Auto-Submitted"), "a person's words");
    assert_eq!(respond(&desk, &number).await, [ClockState::Met]);
    // What corrects may be wrong, too.
    let again = mail(&desk, Template::Correction).await;
    assert!(matches!(correct(&desk, ANN, again, "").await, Acted::Done(_)));
    assert_eq!(respond(&desk, &number).await, [ClockState::Running], "no answer stands");
}

#[tokio::test]
async fn what_has_not_left_is_cancelled() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    answered(&desk, &number, 1).await;
    let id = mail(&desk, Template::Answer).await;
    let Acted::Done(done) = correct(&desk, ANN, id, "").await else { panic!("not cancelled") };
    assert!(done.sentences().contains("nobody gets it"), "{}", done.sentences());
    assert_eq!(
        (state(&desk, id).await, respond(&desk, &number).await),
        (MailState::Cancelled, vec![ClockState::Running])
    );
    answered(&desk, &number, 2).await;
    let id = mail(&desk, Template::Answer).await;
    assert!(matches!(correct(&desk, ANN, id, "The card went to 12 Elm Street.").await, Acted::Done(_)));
    desk.run(WEDNESDAY).await;
    assert_eq!(desk.got(AGENT), ["receipt", "acknowledgement", "answer"], "the right one alone");
    let answer = desk.last(AGENT, "answer");
    assert!(answer.mail.body.text.contains("12 Elm Street"), "{}", answer.mail.body.text);
    assert_eq!(respond(&desk, &number).await, [ClockState::Met]);
}

#[tokio::test]
async fn another_answer_keeps_the_promise() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    answered(&desk, &number, 1).await;
    let first = mail(&desk, Template::Answer).await;
    desk.run("2026-11-03T17:00:00Z").await;
    answered(&desk, &number, 2).await;
    desk.run(WEDNESDAY).await;
    assert!(matches!(correct(&desk, ANN, first, "").await, Acted::Done(_)));
    assert_eq!(respond(&desk, &number).await, [ClockState::Met]);
    let receipt = mail(&desk, Template::Receipt).await;
    assert!(matches!(correct(&desk, ANN, receipt, "").await, Acted::Done(_)));
    assert_eq!(respond(&desk, &number).await, [ClockState::Met], "a receipt meets nothing");
    let assignment = mail(&desk, Template::Assignment).await;
    assert!(why(&correct(&desk, ANN, assignment, "").await).contains("went to a colleague"));
    assert_eq!(correct(&desk, SUE, Uuid::nil(), "").await, Acted::NotFound);
}

#[tokio::test]
async fn a_closing_mail_that_is_withdrawn_leaves_the_case_open() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let act = Act::new(form(1), about(&number)).with(Word::Resolve, "A new card was sent.");
    assert!(matches!(desk.act(ANN, &act).await, Acted::Done(_)));
    desk.run(LATER).await;
    desk.run(WEDNESDAY).await;
    let id = mail(&desk, Template::Closing).await;
    assert!(matches!(correct(&desk, ANN, id, "").await, Acted::Done(_)));
    let case = desk.case(&number).await;
    assert_eq!(case.status, Status::InReview);
    assert!(case.history.iter().any(|one| one.event == EventKind::Reopened));
    assert_eq!(respond(&desk, &number).await, [ClockState::Running]);
    let updates = case.clocks.iter().filter(|one| one.kind == ClockKind::Update && one.state == ClockState::Running);
    assert_eq!(updates.map(|one| one.due.to_string()).collect::<Vec<_>>(), ["2026-11-12T15:00:00Z"]);
    // With the right words it stays closed.
    let act = Act::new(form(2), about(&number)).with(Word::Resolve, "A new card was sent on Monday.");
    assert!(matches!(desk.act(ANN, &act).await, Acted::Done(_)));
    desk.run(WEDNESDAY).await;
    let id = mail(&desk, Template::Closing).await;
    assert!(matches!(correct(&desk, ANN, id, "It was sent on Tuesday.").await, Acted::Done(_)));
    assert_eq!(desk.case(&number).await.status, Status::Resolved);
}

#[tokio::test]
async fn somebody_outside_is_told_without_member_data_or_by_a_secure_way() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, OUTSIDE).await;
    answered(&desk, &number, 1).await;
    let answer = mail(&desk, Template::Answer).await;
    assert_eq!(state(&desk, answer).await, MailState::WaitingSecure);
    assert!(why(&desk.worker.retry_mail(&desk.access(SUE), answer).await.unwrap()).contains("secure way"));
    let receipt = mail(&desk, Template::Receipt).await;
    assert!(matches!(correct(&desk, ANN, receipt, "").await, Acted::Done(_)));
    desk.run(WEDNESDAY).await;
    let further = desk.last(OUTSIDE, "correction");
    assert!(!further.raw.contains("Smith") && !further.raw.contains("Jane"), "{}", further.raw);
    let acknowledgement = mail(&desk, Template::Acknowledgement).await;
    assert!(matches!(correct(&desk, ANN, acknowledgement, "It is Jane Smith's.").await, Acted::Done(_)));
    assert_eq!(state(&desk, mail(&desk, Template::Correction).await).await, MailState::WaitingSecure);
    assert!(matches!(correct(&desk, ANN, answer, "").await, Acted::Done(_)));
    assert_eq!(state(&desk, answer).await, MailState::Cancelled);
}

#[tokio::test]
async fn what_is_cancelled_is_owed_again_and_what_is_sent_all_the_same_is_not() {
    let (mut desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    answered(&desk, &number, 1).await;
    let id = mail(&desk, Template::Answer).await;
    let sue = desk.access(SUE);
    assert!(matches!(desk.worker.cancel_mail(&sue, id).await.unwrap(), Acted::Done(_)));
    assert_eq!(
        (state(&desk, id).await, respond(&desk, &number).await),
        (MailState::Cancelled, vec![ClockState::Running])
    );
    assert!(why(&desk.worker.cancel_mail(&sue, id).await.unwrap()).contains("already"));
    assert!(matches!(desk.worker.retry_mail(&sue, id).await.unwrap(), Acted::Done(_)));
    assert_eq!(respond(&desk, &number).await, [ClockState::Met]);
    desk.run(LATER).await;
    assert_eq!(desk.got(AGENT), ["receipt", "acknowledgement", "answer"]);
    assert!(why(&desk.worker.retry_mail(&sue, id).await.unwrap()).contains("left already"));
    assert!(why(&desk.worker.cancel_mail(&sue, id).await.unwrap()).contains("has left"));
}

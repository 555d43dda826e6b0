//! What cannot be done leaves nothing, and says which part of the form stands in the way.

use super::{MONDAY, desk_of, form};
use crate::support::rehearsal::{ADDRESS, AGENT, ANN, CID, DESK, Rehearsal, SUE};
use mailclerk::case::commands::Word;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted, Part};
use uuid::Uuid;

async fn everything(desk: &Rehearsal, number: &str) -> String {
    let case = desk.case(number).await;
    let mails = desk.worker.store.outbox(None, true).await.unwrap();
    format!("{case:?} {mails:?} {:?}", desk.numbers().await)
}

#[tokio::test]
async fn a_refused_act_leaves_nothing_and_names_its_part() {
    let (desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let before = everything(&desk, &number).await;
    let case = || About::Case(CaseNumber(number.clone()));
    let big = ActFile { name: "big".into(), content_type: "a/b".into(), bytes: vec![0; 26 << 20] };
    let one = || Act::new(form(1), case());
    let none = || Act::new(form(1), About::Nothing);
    let refused: Vec<(&str, Act, Part, &str)> = vec![
        (ANN, one(), Part::Text, "Nothing is written"),
        (ANN, one().saying("  \n "), Part::Text, "Nothing is written"),
        (ANN, one().with(Word::NextUpdate, "2026-11-02"), Part::Command(0), "past"),
        (ANN, one().with(Word::Note, "x").with(Word::NextUpdate, "someday"), Part::Command(1), ""),
        (ANN, one().with(Word::Pause, "").with(Word::Resume, ""), Part::Command(1), "cannot stand"),
        (ANN, one().with(Word::Assign, "Nobody"), Part::Command(0), "Nobody among"),
        (ANN, one().with(Word::Assign, "Cid"), Part::Command(0), "does not work"),
        (ANN, one().with(Word::Note, "fine").with(Word::Resume, ""), Part::Command(1), "not paused"),
        (ANN, one().with(Word::Field, "member_id=??"), Part::Command(0), ""),
        (ANN, one().with(Word::Field, "nonsense=1"), Part::Command(0), "no field"),
        (ANN, one().with(Word::Line, "West"), Part::Command(0), "no line"),
        (ANN, one().with(Word::Redirect, "cats"), Part::Command(0), "no topic"),
        (ANN, one().with(Word::Merge, "TEST-999999"), Part::Command(0), "no case"),
        (ANN, one().with(Word::Note, "a\n#resolve"), Part::Command(0), "stands inside"),
        (ANN, one().with(Word::Help, ""), Part::Whole, "by mail"),
        (ANN, one().saying("Hello\n#note internal"), Part::Text, "begins like a command"),
        (ANN, one().saying("#resolve"), Part::Text, "begins like a command"),
        (ANN, one().saying("see file").enclosing(vec![big]), Part::Files, "too large"),
        (ANN, Act { drops: true, ..one() }, Part::Whole, "held message"),
        (ANN, none().saying("words"), Part::Text, "no case"),
        (ANN, none().with(Word::Resolve, ""), Part::Command(0), "which case"),
        (ANN, none().with(Word::For, ADDRESS).saying("a call"), Part::Command(0), "own address"),
        (ANN, none().with(Word::For, "lee@agency.example"), Part::Command(0), "request is missing"),
        (ANN, none().with(Word::Assign, "Bob all from Ann"), Part::Command(0), "Only a supervisor"),
        (ANN, none().with(Word::Out, "for Bob 2026-11-09..2026-11-13"), Part::Command(0), "Only a supervisor"),
        (SUE, none().with(Word::Out, "for Bob 2026-11-13..2026-11-09"), Part::Command(0), ""),
    ];
    for (by, act, part, why) in refused {
        let Acted::Refused(parts) = desk.act(by, &act).await else { panic!("{:?} was not refused", act.commands) };
        assert_eq!(parts[0].part, part, "{parts:?}");
        assert!(parts[0].why.contains(why) && !parts[0].why.is_empty(), "{parts:?}");
        assert_eq!(everything(&desk, &number).await, before, "{:?}", act.commands);
        assert!(desk.worker.store.message_state(act.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_an_account_cannot_see_is_not_there() {
    let (desk, number) = desk_of(Rehearsal::new(MONDAY).await, AGENT).await;
    let before = everything(&desk, &number).await;
    let act = |about| Act::new(form(1), about).saying("Hello");
    let case = || About::Case(CaseNumber(number.clone()));
    assert_eq!(desk.act(CID, &act(case())).await, Acted::NotFound, "another line's");
    assert_eq!(desk.act(ANN, &act(About::Case(CaseNumber("TEST-999999".into())))).await, Acted::NotFound);
    let opening = desk.worker.store.message_state(Uuid::nil()).await.unwrap();
    assert!(opening.is_none());
    let drop = Act { drops: true, ..Act::new(form(2), About::Message(Uuid::nil())) };
    assert_eq!(desk.act(SUE, &drop).await, Acted::NotFound);
    let elsewhere = desk.worker.act(&desk.access(ANN), "elsewhere", &act(case())).await.unwrap();
    assert_eq!(elsewhere, Acted::NotFound);
    let mut left = desk.access(ANN);
    left.desks.clear();
    assert_eq!(desk.worker.act(&left, DESK, &act(case())).await.unwrap(), Acted::NotFound);
    assert_eq!(everything(&desk, &number).await, before);
}

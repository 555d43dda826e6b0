//! Reading, for commands: the words of the outside contract.

use super::on_both;
use super::world::{DESK, MAILBOX, World, event};
use mailclerk::case::standing::Target;
use mailclerk::case::{ClockKind, ClockOf, EventKind};
use mailclerk::effects::{Chain, EventWrite, MailClass};
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{Decision, Reason, ReasonCode, Status};
use serde_json::json;

on_both!(a_case_is_shown_whole, lists, a_mail_put_back_is_held_with_its_former_decision);

async fn a_case_is_shown_whole(world: World) {
    let mut effects = world.nothing();
    let first = world.opens(&mut effects, "AB-100001", "jo@example.com");
    let second = world.opens(&mut effects, "AB-100002", "jo@example.com");
    effects.cases[1].links = vec![first];
    effects.clocks.push(world.clock(ClockOf::Case(first), ClockKind::Respond, world.later(10)));
    effects.mails.push(world.mail("jo@example.com", MailClass::Automatic, Some(Target::Case(first))));
    let content = Some(json!({"text": "called her"}));
    effects.events.push(EventWrite { content, ..event(Chain::Case(first), EventKind::Note) });
    world.write(effects, &[]).await;
    let views = world.store.case_view(&CaseNumber("AB-100001".into())).await.expect("read");
    let now = "2026-11-21T10:15:00Z";
    let expected = json!({
        "number": "AB-100001", "desk": DESK, "line": "one", "type": null, "priority": null, "status": "new", "specialist": null, "urgent": false,
        "requester": "jo@example.com",
        "entries": [{"member": {"last": "Doe", "first": "Jane"}, "fields": {"member_id": "H12345678"}}],
        "clocks": [{"kind": "respond", "due": "2026-11-21T10:25:00Z", "state": "running"}],
        "mails": [{"template": "receipt", "to": "jo@example.com", "at": now, "state": "queued", "attachments": []}],
        "notes": [{"at": now, "text": "called her"}], "opportunities": [], "links": ["AB-100002"],
        "course": mailclerk::case::course::Course::default(),
        "history": [{"at": now, "event": "case_opened"}, {"at": now, "event": "note"}],
    });
    assert_eq!(serde_json::to_value(&views[0]).expect("json"), expected);
    let other = world.store.case_view(&CaseNumber("AB-100002".into())).await.expect("read");
    assert_eq!(other[0].links, [CaseNumber("AB-100001".into())], "a link is seen from both sides");
    assert!(world.store.case_view(&CaseNumber("AB-100003".into())).await.expect("read").is_empty());
    assert_ne!(first, second);
}

async fn lists(world: World) {
    let mut effects = world.nothing();
    world.opens(&mut effects, "AB-100001", "jo@example.com");
    let mut resolved = world.case("AB-100002", "jo@example.com");
    resolved.status = Status::Resolved;
    resolved.opened_at = world.later(1);
    effects.cases.push(resolved);
    effects.pendings.push(world.pending("AB-P00000001", "jo@example.com"));
    world.write(effects, &[]).await;
    let numbers = |open_only| {
        let world = &world;
        async move {
            let cases = world.store.cases(Some(DESK), open_only).await.expect("read");
            cases.into_iter().map(|case| case.number.0).collect::<Vec<_>>()
        }
    };
    assert_eq!(numbers(false).await, ["AB-100002", "AB-100001"], "newest first");
    assert_eq!(numbers(true).await, ["AB-100001"]);
    assert!(world.store.cases(Some("other"), false).await.expect("read").is_empty());
    assert_eq!(world.store.cases(None, false).await.expect("read").len(), 2);
    let pendings = world.store.pendings(None).await.expect("read");
    let expected = json!([{"token": "AB-P00000001", "number": null, "desk": DESK, "requester": "jo@example.com",
                           "missing": ["member_id"], "newest_at": "2026-11-21T10:15:00Z"}]);
    assert_eq!(serde_json::to_value(&pendings).expect("json"), expected);
    for (body, decision) in [("1", Decision::Ignore), ("2", Decision::Ignore), ("3", Decision::Bounce)] {
        let (message, fence) = world.leased(body).await;
        world.write(world.decided(message, "jo@example.com", decision), &[(message, fence)]).await;
    }
    let counts = world.store.decisions_since(DESK, world.now).await.expect("read");
    assert_eq!(counts, [(Decision::Bounce, 1), (Decision::Ignore, 2)]);
    assert!(world.store.decisions_since(DESK, world.later(1)).await.expect("read").is_empty());
}

async fn a_mail_put_back_is_held_with_its_former_decision(world: World) {
    let (message, fence) = world.leased("body").await;
    world.write(world.decided(message, "jo@example.com", Decision::Return), &[(message, fence)]).await;
    world.store.mark_filed(&[message], world.now).await.expect("filed");
    let (again, fence) = world.leased("body").await;
    let mut effects = world.decided(again, "jo@example.com", Decision::Hold);
    effects.at = world.later(1);
    effects.decided.as_mut().expect("decided").reasons = vec![Reason::of(ReasonCode::SeenBefore)];
    world.write(effects, &[(again, fence)]).await;
    let (other, fence) = world.leased("another").await;
    let mut effects = world.decided(other, "ann@example.com", Decision::Hold);
    effects.at = world.later(2);
    world.write(effects, &[(other, fence)]).await;
    let held = world.store.held(Some(DESK)).await.expect("read");
    let shown: Vec<_> = held.iter().map(|row| (row.id, row.decision)).collect();
    assert_eq!(shown, [(again, Decision::Return), (other, Decision::Hold)]);
    let json = serde_json::to_value(&held[0]).expect("json");
    assert_eq!(json["from"], "jo@example.com");
    assert_eq!((&json["subject"], &json["at"]), (&json!("a subject"), &json!("2026-11-21T10:16:00Z")));
    assert_eq!(json["reasons"], json!([{"code": "seen_before"}]));
    assert_eq!(world.store.unfiled(MAILBOX, 9).await.expect("read").len(), 2);
}

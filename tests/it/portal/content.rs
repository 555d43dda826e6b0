//! What leaves for somebody outside bears nothing of the case, whatever it is about.

use super::scene::{CANARY, Scene};
use mailclerk::address::EmailAddress;
use mailclerk::case::commands::Word;
use mailclerk::case::{ClockKind, ClockState};
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::message::Message;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};
use uuid::Uuid;

/// What must stand in no clear byte: words of staff, and what the request said of the member.
const SECRETS: [&str; 8] =
    ["canary", "zebra", "Ostrander", "Phyllis", "61000001", "1000001", "Dale Wheeler", "invoice-of-phyllis"];

async fn act(scene: &Scene, n: u128, change: impl Fn(Act) -> Act) {
    let admin = EmailAddress::parse("admin@operator.example").unwrap();
    let access = Access::of(&admin, AccountRole::Admin, &scene.house.worker.desks.all());
    let act = change(Act::new(Uuid::from_u128(n), About::Case(CaseNumber(scene.number.clone()))));
    let acted = scene.house.worker.act(&access, &scene.house.desk.id, &act).await.unwrap();
    assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
    scene.house.work().await;
}

/// Every mail that left for the partner: raw, and decoded with all its headers.
fn clear(scene: &Scene) -> Vec<(String, String)> {
    let mut all = scene.house.sent();
    all.retain(|raw| raw.split("\r\n\r\n").next().unwrap().contains(&scene.partner));
    let decoded = |raw: &String| {
        let message = Message::read(raw.as_bytes());
        let names: Vec<_> = message.attachments.iter().filter_map(|one| one.name.clone()).collect();
        format!("{:?}\n{}\n{}\n{names:?}\n{:?}", message.headers, message.subject, message.body.text, message.to)
    };
    all.iter().map(|raw| (raw.clone(), decoded(raw))).collect()
}

#[tokio::test]
async fn no_clear_byte_to_somebody_outside_holds_anything_of_the_case() {
    for secure in ["way = \"portal\"", "way = \"portal\"\nautomatic = \"secure\""] {
        let scene = Scene::with(secure).await;
        scene.house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
        let file = ActFile {
            name: "invoice-of-phyllis.pdf".into(),
            content_type: "application/pdf".into(),
            bytes: b"zebra".to_vec(),
        };
        scene.answer_with(&scene.number, CANARY, vec![file]).await;
        act(&scene, 501, |act| act.with(Word::Update, format!("update {CANARY}"))).await;
        scene.house.work_until("2026-12-04T15:00:00Z".parse().unwrap()).await;
        act(&scene, 502, |act| act.with(Word::Resolve, format!("closing {CANARY}"))).await;
        let mails = clear(&scene);
        let notices = mails.iter().filter(|(raw, _)| raw.contains("X-Mailclerk-Template: portal_notice")).count();
        assert!(notices >= 3, "{secure}: {notices} notices");
        for (raw, decoded) in &mails {
            for secret in SECRETS {
                let found = |text: &str| text.to_lowercase().contains(&secret.to_lowercase());
                assert!(!found(raw) && !found(decoded), "{secure}: {secret} in\n{decoded}");
            }
            if raw.contains("X-Mailclerk-Template: portal_notice") {
                let message = Message::read(raw.as_bytes());
                assert!(message.subject.starts_with('[') && message.subject.ends_with(']'), "{}", message.subject);
            }
        }
        let all_of = |template: &str| {
            mails.iter().any(|(raw, _)| raw.contains(&format!("X-Mailclerk-Template: {template}\r\n")))
        };
        assert!(!all_of("answer") && !all_of("closing"));
        assert_eq!(all_of("receipt"), secure == "way = \"portal\"");
    }
}

#[tokio::test]
async fn the_answer_counts_when_its_notice_is_queued() {
    let scene = Scene::new().await;
    scene.house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
    scene.answer(CANARY).await;
    let case = scene.house.store.case_view(&CaseNumber(scene.number.clone())).await.unwrap().pop().unwrap();
    let respond = case.clocks.iter().find(|clock| clock.kind == ClockKind::Respond).unwrap();
    assert_eq!(respond.state, ClockState::Met);
    let outbox = scene.house.store.outbox(None, false).await.unwrap();
    assert!(outbox.is_empty(), "nothing is left behind: {outbox:?}");
}

//! What a partner sees, and what they never see; what they write.

use super::scene::{CANARY, Scene};
use crate::support::requests::Fate;
use axum::http::StatusCode;
use mailclerk::address::EmailAddress;
use mailclerk::case::EventKind;
use mailclerk::case::commands::Word;
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};
use uuid::Uuid;

#[tokio::test]
async fn a_partner_sees_their_own_case_and_nothing_that_is_for_staff() {
    let scene = Scene::new().await;
    let admin = EmailAddress::parse("admin@operator.example").unwrap();
    let access = Access::of(&admin, AccountRole::Admin, &scene.house.worker.desks.all());
    let note =
        Act::new(Uuid::from_u128(77), About::Case(CaseNumber(scene.number.clone()))).with(Word::Note, "secret-note-9");
    let acted = scene.house.worker.act(&access, &scene.house.desk.id, &note).await.unwrap();
    assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
    let mut client = scene.signed_in().await;
    scene.answer(CANARY).await;
    let list = client.get("/").await.ok();
    assert!(list.has(&scene.number) && list.has(&scene.house.desk.name) && list.has("In review"), "{}", list.text());
    let page = client.get(&scene.place()).await.ok();
    assert!(
        page.has(CANARY) && page.has(&scene.number) && page.has("You wrote") && page.has("<time"),
        "{}",
        page.text()
    );
    assert!(page.has("ID card number 1 never came"), "what they wrote");
    assert!(!page.has("secret-note-9") && !page.has("portal_notice") && !page.has("/open/"), "{}", page.text());
    for staff in &scene.house.desk.staff {
        assert!(!page.has(&staff.email.to_string()) && !list.has(&staff.email.to_string()), "{}", staff.email);
    }
    assert!(!page.has("<script") && !page.has(" style=") && !list.has("<script"));
}

#[tokio::test]
async fn what_is_somebody_elses_looks_like_what_is_not_there() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let house = &scene.house;
    let foreign = house.case(&house.desk, 2).await;
    let other = house.case(&house.other, 3).await;
    house.deliver(&house.desk, &house.request(&house.desk, 4, Fate::Returned).raw);
    house.work().await;
    let token = house.store.pendings(None).await.unwrap()[0].token.to_string();
    let desk = &house.desk.id;
    let missing = client.get(&format!("/cases/{desk}/{}-999999", house.desk.prefix)).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let row = Uuid::from_u128(5);
    for path in [
        format!("/cases/{desk}/{foreign}"),
        format!("/cases/{}/{other}", house.other.id),
        format!("/cases/{}/{}", house.other.id, scene.number),
        format!("/cases/nowhere/{foreign}"),
        format!("/cases/{desk}/{foreign}/files/{row}/aa"),
        format!("{}/files/{row}/aa", scene.place()),
        format!("/requests/{desk}/{token}"),
        "/new/nowhere".to_owned(),
    ] {
        let page = client.get(&path).await;
        assert_eq!((page.status, page.bytes), (missing.status, missing.bytes.clone()), "{path}");
    }
    for path in [format!("/cases/{desk}/{foreign}/answer"), format!("/requests/{desk}/{token}")] {
        let page = client.upload(&path, &[("text", "mine"), ("words", "mine")], &[]).await;
        assert_eq!((page.status, page.bytes), (missing.status, missing.bytes.clone()), "{path}");
    }
    assert!(!client.get("/").await.ok().has(&foreign));
}

#[tokio::test]
async fn every_opening_stands_in_the_cases_audit_trail() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let viewed = || async {
        let cases = scene.house.store.case_view(&CaseNumber(scene.number.clone())).await.unwrap();
        cases[0].history.iter().filter(|one| one.event == EventKind::Viewed).count()
    };
    let before = viewed().await;
    client.get(&scene.place()).await.ok();
    client.get(&scene.place()).await.ok();
    assert_eq!(viewed().await, before + 2);
}

#[tokio::test]
async fn what_is_attached_is_downloaded_and_never_shown() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let bytes = b"<script>alert(1)</script>".to_vec();
    let file = ActFile { name: "form \"a\".html".into(), content_type: "text/html".into(), bytes: bytes.clone() };
    scene.answer_with(&scene.number, "see the form", vec![file]).await;
    let page = client.get(&scene.place()).await.ok().text().replace("&#x2f;", "/");
    let path =
        page.split("href=\"").find(|rest| rest.contains("/files/")).unwrap().split('"').next().unwrap().to_owned();
    let file = client.get(&path).await.ok();
    assert_eq!(file.bytes, bytes);
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"form _a_.html\""));
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(scene.house.outsider().get(&path).await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn what_a_partner_writes_reaches_the_specialist_once() {
    let scene = Scene::new().await;
    scene.house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
    let mut client = scene.signed_in().await;
    let page = client.get(&scene.place()).await.ok();
    let form = page.values("form").pop().unwrap();
    let relays = || scene.house.sent().iter().filter(|raw| raw.contains("X-Mailclerk-Template: relay\r\n")).count();
    let before = relays();
    let send = format!("{}/answer", scene.place());
    let fields = [("form", form.as_str()), ("text", "The card came, and its name is wrong.")];
    let files: [(&str, &str, &[u8]); 1] = [("files", "card.pdf", b"%PDF-1.4 made up")];
    for _ in 0..2 {
        let page = client.upload(&send, &fields, &files).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, scene.place().as_str()), "{}", page.text());
    }
    scene.house.work().await;
    assert_eq!(relays(), before + 1, "the same form enters once");
    let page = client.get(&scene.place()).await.ok();
    assert_eq!(page.text().matches("its name is wrong").count(), 1);
    assert!(page.has("card.pdf"));
    let nothing = client.upload(&send, &[("form", ""), ("text", "  ")], &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn writing_in_a_resolved_case_opens_it_again() {
    let scene = Scene::new().await;
    scene.house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
    let mut client = scene.signed_in().await;
    let admin = EmailAddress::parse("admin@operator.example").unwrap();
    let access = Access::of(&admin, AccountRole::Admin, &scene.house.worker.desks.all());
    let about = About::Case(CaseNumber(scene.number.clone()));
    let act = Act::new(Uuid::from_u128(78), about).with(Word::Resolve, "All done, the last zebra is home.");
    assert!(matches!(scene.house.worker.act(&access, &scene.house.desk.id, &act).await.unwrap(), Acted::Done(_)));
    scene.house.work().await;
    let page = client.get(&scene.place()).await.ok();
    assert!(page.has("Resolved") && page.has("the last zebra is home"), "{}", page.text());
    let form = page.values("form").pop().unwrap();
    let text = "It is not done: the card is still missing, please look again.";
    client.upload(&format!("{}/answer", scene.place()), &[("form", &form), ("text", text)], &[]).await;
    let page = client.get(&scene.place()).await.ok();
    assert!(!page.has("<span class=\"chip good\">Resolved"), "{}", page.text());
}

//! The page of a desk: its policy, and messages that are tried out and leave nothing behind.

use super::support::House;
use crate::support::requests::Fate;
use axum::http::StatusCode;

#[tokio::test]
async fn the_policy_is_told_to_the_desks_own_people() {
    let house = House::new().await;
    let path = format!("/desk/{}", house.desk.id);
    let page = house.specialist().await.get(&path).await.ok();
    let parts = [
        house.desk.lines[0].phone.clone().expect("a line has a phone"),
        house.desk.topics[0].title.clone(),
        house.desk.staff[0].name.clone(),
    ];
    for part in parts.iter().chain([&house.desk.prefix, &house.desk.version]) {
        assert!(page.has(part.as_str()), "{part}");
    }
    for field in &house.desk.fields {
        assert!(page.has(&field.label.replace('\'', "&#x27;")), "{}", field.label);
    }
    assert_eq!(house.stranger().await.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.admin().await.get("/desk/nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.specialist().await.get("/desk").await.location(), path);
}

#[tokio::test]
async fn a_message_is_judged_and_nothing_of_it_stays() {
    let house = House::new().await;
    let mut client = house.specialist().await;
    let path = format!("/desk/{}", house.desk.id);
    client.get(&path).await.ok();
    let (complete, returned) =
        (house.request(&house.desk, 3, Fate::Accepted), house.request(&house.desk, 4, Fate::Returned));
    let before = house.audit().await.len();
    let page =
        client.upload(&format!("{path}/try"), &[("message", "")], &[("file", "one.eml", &complete.raw)]).await.ok();
    assert!(page.has(">accept<") && page.has("Subject") && page.has("RULE") | page.has("The rules"), "{}", page.text());
    let text = String::from_utf8(returned.raw).expect("text");
    let page = client.upload(&format!("{path}/try"), &[("message", &text)], &[]).await.ok();
    assert!(page.has(">return<") && page.has("is missing"), "{}", page.text());
    // Only words, without headers.
    let words = "Subject: hello\n\nWhere is my commission?";
    let page = client.upload(&format!("{path}/try"), &[("message", words)], &[]).await.ok();
    assert!(page.has("It would become"), "{}", page.text());
    let page = client.upload(&format!("{path}/try"), &[("message", "  ")], &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page =
        client.upload(&format!("{path}/try"), &[], &[("file", "x", b"\0\xff\xfe<script>alert(1)</script>")]).await.ok();
    assert!(!page.has("<script"), "{}", page.text());
    assert!(house.store.cases(None, false).await.expect("cases").is_empty() && house.sent().is_empty());
    let rows = house.audit().await;
    assert_eq!(rows.len(), before + 1, "tried within one minute: {rows:#?}");
    assert!(rows.iter().any(|row| row.contains("\"trial\"")) && !rows.iter().any(|row| row.contains("commission")));
}

#[tokio::test]
async fn trials_are_for_the_desks_own_people() {
    let house = House::new().await;
    let path = format!("/desk/{}/try", house.desk.id);
    let mut foreign = house.stranger().await;
    assert_eq!(foreign.upload(&path, &[("message", "x")], &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.visitor().upload(&path, &[("message", "x")], &[]).await.status, StatusCode::SEE_OTHER);
    let mut client = house.specialist().await;
    client.csrf = foreign.csrf.clone();
    assert_eq!(client.upload(&path, &[("message", "x")], &[]).await.status, StatusCode::FORBIDDEN);
}

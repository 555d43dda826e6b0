//! The page Audit: rows by filter, verifying, exporting.

use super::support::House;
use axum::http::StatusCode;

#[tokio::test]
async fn rows_are_shown_by_filter_to_supervisors() {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    house.admin().await.get(&format!("/queue?find={number}")).await;
    let mut admin = house.admin().await;
    let desk = &house.desk.id;
    for (query, words) in [
        (format!("desk={desk}"), "A message was decided"),
        (format!("desk={desk}&case={number}"), "The case was opened"),
        (format!("desk={desk}&case=%5B{}%5D", number.to_lowercase()), "The case was opened"),
        (format!("desk={desk}&kind=case_opened"), "The case was opened"),
        (format!("desk={desk}&kind=resolved"), "Nothing of this kind happened"),
        (format!("desk={desk}&since=2026-11-24"), "Nothing of this kind happened"),
        (format!("desk={desk}&until=2026-11-23"), "The case was opened"),
        (format!("desk={desk}&case=NO-1"), "Nothing of this kind happened"),
    ] {
        let page = admin.get(&format!("/audit?{query}")).await.ok();
        assert!(page.has(words), "{query}: {}", page.text());
    }
    assert_eq!(house.specialist().await.get("/audit").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.stranger().await.get(&format!("/audit?desk={desk}")).await.status, StatusCode::NOT_FOUND);
    let page = house.stranger().await.get(&format!("/audit?case={number}")).await.ok();
    assert!(page.has("Nothing of this kind happened"), "{}", page.text());
}

#[tokio::test]
async fn the_trail_is_verified_and_exported() {
    let house = House::new().await;
    house.case(&house.desk, 0).await;
    house.case(&house.other, 0).await;
    let mut admin = house.admin().await;
    let page = admin.post("/audit/verify", &[("desk", &house.desk.id)]).await.ok();
    assert!(page.has("The audit trail is whole"), "{}", page.text());
    let file = admin.get(&format!("/audit/export?desk={}&form=json", house.desk.id)).await.ok();
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    let rows: Vec<serde_json::Value> =
        file.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(rows.len() > 4 && rows.iter().all(|row| row["desk"] == house.desk.id.as_str()), "{rows:?}");
    let csv = admin.get(&format!("/audit/export?desk={}&form=csv", house.desk.id)).await.ok();
    assert!(csv.text().starts_with("desk,chain,seq"), "{}", csv.text());
    let audit = house.audit().await;
    assert_eq!(audit.iter().filter(|row| row.contains("exported")).count(), 2, "{audit:?}");
    let foreign = house.stranger().await.get(&format!("/audit/export?desk={}", house.desk.id)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_history_is_taken_along() {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    let mut admin = house.admin().await;
    for (form, begins, holds) in [
        ("text", number.as_str(), "message from"),
        ("json", "{", "\"what\": \"message\""),
        ("csv", "at,what,case", ",message,"),
    ] {
        let file = admin.get(&format!("/cases/{}/{number}/history/{form}", house.desk.id)).await.ok();
        let text = file.text();
        assert!(text.starts_with(begins) && text.contains(holds) && text.contains("receipt"), "{form}: {text}");
        assert!(file.header("content-disposition").starts_with("attachment; filename="), "{:?}", file.headers);
    }
    let path = format!("/cases/{}/{number}/history", house.desk.id);
    assert_eq!(admin.get(&format!("{path}/pdf")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.stranger().await.get(&format!("{path}/text")).await.status, StatusCode::NOT_FOUND);
    let audit = house.audit().await;
    assert_eq!(audit.iter().filter(|row| row.contains("\"what\":\"history\"")).count(), 3, "{audit:?}");
}

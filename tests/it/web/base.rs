//! Signing in and out, sessions, forms, headers: what every page stands on.

use super::support::{House, PASSPHRASE};
use axum::http::StatusCode;

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let house = House::new().await;
    let page = house.visitor().get("/sessions?x=1").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fsessions%3Fx%3D1"));
    let mut browser = house.specialist().await;
    let page = browser.get("/sessions").await.ok();
    assert!(page.has("this one"), "{}", page.text());
    assert_eq!(browser.get("/nowhere").await.status, StatusCode::NOT_FOUND);
    let _ = PASSPHRASE;
}

#[tokio::test]
async fn a_case_of_each_desk_can_be_made() {
    let house = House::new().await;
    let number = house.case(&house.desk, 1).await;
    assert!(number.starts_with(&house.desk.prefix), "{number}");
    let number = house.case(&house.other, 2).await;
    assert!(number.starts_with(&house.other.prefix), "{number}");
    assert!(house.sent().len() >= 2);
}

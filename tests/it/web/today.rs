//! The page Today: one's own list first, then the day.

use super::support::House;
use axum::http::StatusCode;
use mailclerk::desk::Role;
use mailclerk::desk::access::AccountRole;

#[tokio::test]
async fn a_specialist_sees_their_own_list_first() {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    let found = house.store.case_view(&mailclerk::words::numbers::CaseNumber(number.clone())).await.expect("read");
    let line = found[0].line.clone().expect("a line").0;
    let email = house.staff(&house.desk, Role::Specialist, Some(&line));
    let mut browser = house.browser(&email, AccountRole::Specialist).await;
    let page = browser.get("/").await.ok();
    assert!(page.has("You have no open case") && page.has("What needs a decision"), "{}", page.text());
    let queue = browser.get("/queue?who=nobody").await.ok();
    let id = queue.values("id").remove(0);
    let fields = [("id", id.as_str()), ("desk", &house.desk.id), ("number", &number), ("back", "/queue")];
    browser.post("/queue/take", &fields).await;
    let page = browser.get("/").await.ok();
    let text = page.text().replace("&#x2f;", "/");
    let (own, needs) = (text.find("id=\"own\""), text.find("id=\"needs\""));
    assert!(own < needs && own.is_some(), "{text}");
    assert!(text.contains(&format!("/cases/{}/{number}", house.desk.id)), "{text}");
}

#[tokio::test]
async fn the_day_is_told_for_what_one_may_see() {
    let house = House::new().await;
    house.case(&house.desk, 0).await;
    let mut admin = house.admin().await;
    for desk in [&house.desk, &house.other] {
        let page = admin.get(&format!("/?desk={}", desk.id)).await.ok();
        assert!(page.has("The day in figures"), "{}", page.text());
        let text = page.text();
        assert_eq!(text.contains("/today/chart/"), desk.id == house.desk.id, "a day without news has no chart");
        for chart in text.split("src=\"/today/chart/").skip(1).filter_map(|rest| rest.split('"').next()) {
            let picture = admin.get(&format!("/today/chart/{chart}")).await.ok();
            assert!(picture.bytes.starts_with(b"\x89PNG"), "{chart}");
            assert_eq!(
                house.stranger().await.get(&format!("/today/chart/{chart}")).await.status == StatusCode::NOT_FOUND,
                desk.id == house.desk.id
            );
        }
    }
    let foreign = house.stranger().await.get(&format!("/?desk={}", house.desk.id)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        admin.get(&format!("/today/chart/{}/2026-11-23/nothing.png", house.desk.id)).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        admin.get(&format!("/today/chart/{}/2020-01-01/flow.png", house.desk.id)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn who_is_on_no_staff_list_is_told_so() {
    let house = House::new().await;
    let nobody = mailclerk::address::EmailAddress::parse("left@elsewhere.example").expect("an address");
    let page = house.browser(&nobody, AccountRole::Supervisor).await.get("/").await.ok();
    assert!(page.has("no desk's staff list"), "{}", page.text());
}

//! The page People: who sees it, days away, and handing over cases.

use super::support::House;
use axum::http::StatusCode;
use mailclerk::desk::Role;

#[tokio::test]
async fn supervisors_see_their_staff_and_admins_the_accounts() {
    let house = House::new().await;
    assert_eq!(house.specialist().await.get("/people").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.visitor().get("/people").await.status, StatusCode::SEE_OTHER);
    let page = house.supervisor().await.get("/people").await.ok();
    assert!(house.desk.staff.iter().all(|staff| page.has(&staff.email.to_string())));
    assert!(!house.other.staff.iter().any(|staff| page.has(&staff.email.to_string())) && !page.has("Accounts"));
    let page = house.admin().await.get("/people").await.ok();
    assert!(page.has("Accounts") && house.other.staff.iter().all(|staff| page.has(&staff.email.to_string())));
}

#[tokio::test]
async fn somebody_is_away_and_comes_back() {
    let house = House::new().await;
    let mut client = house.supervisor().await;
    let who = house.staff(&house.desk, Role::Specialist, Some(&house.desk.lines[0].id.0)).to_string();
    let form = client.get("/people").await.ok().values("form")[0].clone();
    let base = format!("/people/{}", house.desk.id);
    let fields = [("form", &*form), ("who", &who), ("from", "2026-12-01"), ("to", "2026-12-05")];
    let page = client.post(&format!("{base}/away"), &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let page = client.get("/people").await.ok();
    assert!(page.has("2026-12-01..2026-12-05"), "{}", page.text());
    let form = page.values("form")[0].clone();
    let fields = [("form", &*form), ("who", &who), ("from", "2026-12-09"), ("to", "2026-12-05")];
    let page = client.post(&format!("{base}/away"), &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    let days = [("who", &*who), ("days", "2026-12-01..2026-12-05")];
    for mut foreign in [house.specialist().await, house.stranger().await] {
        foreign.get("/sessions").await.ok();
        assert_eq!(foreign.post(&format!("{base}/back"), &days).await.status, StatusCode::NOT_FOUND);
        assert_eq!(foreign.post(&format!("{base}/away"), &fields).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(client.post_bare(&format!("{base}/back"), &days).await.status, StatusCode::FORBIDDEN);
    let page = client.post(&format!("{base}/back"), &days).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert!(!client.get("/people").await.ok().has("2026-12-01..2026-12-05"));
    let page = client.post(&format!("{base}/back"), &days).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "only once");
    let told = house.audit().await.into_iter().filter(|row| row.contains("absence_set")).count();
    assert_eq!(told, 2, "told and taken back");
}

#[tokio::test]
async fn all_cases_of_one_go_to_another() {
    let house = House::new().await;
    let number = house.case(&house.desk, 1).await;
    let cases = house.store.cases(None, false).await.expect("cases");
    let line = cases[0].line.clone().expect("a line");
    let staff: Vec<_> =
        house.desk.staff.iter().filter(|one| one.role == Role::Specialist && one.lines.contains(&line)).collect();
    let (from, to) = (staff[0].email.to_string(), staff[1].email.to_string());
    let mut client = house.admin().await;
    let act = mailclerk::worker::acts::Act::new(
        house.site.new_id(),
        mailclerk::worker::acts::About::Case(mailclerk::words::numbers::CaseNumber(number)),
    )
    .with(mailclerk::case::commands::Word::Assign, from.clone());
    let email = mailclerk::address::EmailAddress::parse("admin@operator.example").expect("an address");
    let access =
        mailclerk::desk::access::Access::of(&email, mailclerk::desk::access::AccountRole::Admin, &house.site.desks());
    house.worker.act(&access, &house.desk.id, &act).await.expect("assigned");
    let form = client.get("/people").await.ok().values("form")[0].clone();
    let path = format!("/people/{}/take-over", house.desk.id);
    let page = client.post(&path, &[("form", &form), ("from", &from), ("to", &to)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let cases = house.store.cases(None, false).await.expect("cases");
    assert_eq!(cases[0].specialist.as_ref().map(ToString::to_string), Some(to));
}

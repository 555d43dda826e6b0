//! Requests as forms: a new one, and one that was returned.

use super::scene::{Scene, WORDS, make_account};
use crate::support::requests::Fate;
use axum::http::StatusCode;
use mailclerk::desk::{Desk, FieldRole};

/// The inputs of a complete request.
pub fn filled(desk: &Desk) -> Vec<(String, String)> {
    let mut all = vec![
        ("line".to_owned(), desk.lines[0].name.clone()),
        ("last".to_owned(), "Vandermeer".to_owned()),
        ("first".to_owned(), "Tobias".to_owned()),
    ];
    for field in &desk.fields {
        let value = match field.role {
            FieldRole::RequesterName => "Dale Wheeler",
            FieldRole::RequesterId => "1000777",
            FieldRole::MemberId => "H61000777",
            FieldRole::Summary => "The new ID card never came after the move.\nPlease send another one.",
            _ => "",
        };
        all.push((format!("f.{}", field.id), value.to_owned()));
    }
    all
}

pub fn pairs(all: &[(String, String)]) -> Vec<(&str, &str)> {
    all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_whole_form_opens_a_case_and_one_that_lacks_something_says_what() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let desk = &scene.house.desk;
    client.get("/new").await.ok();
    let place = format!("/new/{}", desk.id);
    let page = client.get(&place).await.ok();
    let form = page.values("form").pop().unwrap();
    let whole = filled(desk);
    for name in whole.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.clone()) {
        let mut lacking: Vec<_> = whole.iter().filter(|(other, _)| *other != name).cloned().collect();
        lacking.push(("form".to_owned(), form.clone()));
        let page = client.upload(&place, &pairs(&lacking), &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert_eq!(page.text().matches("aria-invalid=\"true\"").count(), 1, "{name}: {}", page.text());
        let id = name.replace('.', "-");
        assert!(page.has(&format!("id=\"{id}-fault\"")), "{name}: {}", page.text());
    }
    let mut wrong = whole.clone();
    let id = desk.field_of(FieldRole::MemberId).unwrap();
    wrong.iter_mut().find(|(name, _)| *name == format!("f.{}", id.id)).unwrap().1 = "xy".to_owned();
    let page = client.upload(&place, &pairs(&wrong), &[]).await;
    assert!(
        page.status == StatusCode::UNPROCESSABLE_ENTITY && page.has("cannot use what was written"),
        "{}",
        page.text()
    );
    assert_eq!(scene.house.store.cases(None, false).await.unwrap().len(), 1, "nothing entered");

    let mut sent = whole.clone();
    sent.push(("form".to_owned(), form));
    let page = client.upload(&place, &pairs(&sent), &[]).await;
    assert!(page.location().starts_with(&format!("/cases/{}/", desk.id)), "{} {}", page.status, page.text());
    let again = client.upload(&place, &pairs(&sent), &[]).await;
    assert_eq!(again.location(), page.location(), "the same form enters once");
    let shown = client.get(page.location()).await.ok();
    assert!(shown.has("Vandermeer, Tobias") && shown.has("Its case number is"), "{}", shown.text());
    assert!(shown.has("The new ID card never came"));
    assert_eq!(scene.house.store.cases(None, false).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_returned_request_is_completed_by_just_what_is_missing() {
    let scene = Scene::new().await;
    let house = &scene.house;
    let request = house.request(&house.desk, 4, Fate::Returned);
    house.deliver(&house.desk, &request.raw);
    house.work().await;
    let mut client = house.outsider();
    client.get("/link").await.ok();
    client.post("/link", &[("email", &request.sender)]).await.ok();
    house.work().await;
    let link = super::scene::link_in(scene.mails("portal_link", &request.sender).last().unwrap());
    make_account(&mut client, &link, WORDS).await;
    let list = client.get("/").await.ok();
    assert!(list.has("Please complete it"), "{}", list.text());
    let token = house.store.pendings(None).await.unwrap()[0].token.to_string();
    let place = format!("/requests/{}/{token}", house.desk.id);
    let page = client.get(&place).await.ok();
    let id = format!("f.{}", house.desk.field_of(FieldRole::MemberId).unwrap().id);
    assert!(page.has(&format!("name=\"{id}\"")) && !page.has("name=\"line\""), "{}", page.text());
    let inputs = page.text().matches("<input id=").count() + page.text().matches("<textarea").count();
    assert_eq!(inputs, 2, "the one field, and files: {}", page.text());
    let page = client.upload(&place, &[(id.as_str(), "??")], &[]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.has("aria-invalid"), "{}", page.text());
    let form = page.values("form").pop().unwrap();
    let page = client.upload(&place, &[(id.as_str(), "H61000004"), ("form", &form)], &[]).await;
    assert!(page.location().starts_with(&format!("/cases/{}/", house.desk.id)), "{} {}", page.status, page.text());
    let case = page.location().to_owned();
    let shown = client.get(&case).await.ok();
    assert!(shown.has("H61000004") && shown.has("ID card number 4 never came"), "{}", shown.text());
    assert_eq!(client.get(&place).await.location(), case);
}

//! The page New: a case for a call, by the desk's own fields.

use super::support::{House, Page};
use axum::http::StatusCode;
use mailclerk::desk::FieldRole;

/// What a caller says, by the form's names; fields of these roles are left out.
fn said(house: &House, without: &[FieldRole]) -> Vec<(String, String)> {
    let mut fields = vec![
        ("name".to_owned(), "Jo Caller".to_owned()),
        ("email".to_owned(), format!("jo.caller@{}", house.desk.internal_domains[0])),
        ("line".to_owned(), house.desk.lines[0].id.0.clone()),
    ];
    for field in house.desk.fields.iter().filter(|field| field.required && !without.contains(&field.role)) {
        let value = match field.role {
            FieldRole::RequesterName => continue,
            FieldRole::RequesterId => "1234567",
            FieldRole::MemberId => "H12345678",
            FieldRole::MemberName => "Jane Whitfield",
            _ => "Her new identification card has not arrived since the first of the month",
        };
        fields.push((format!("field.{}", field.id), value.to_owned()));
    }
    fields
}

async fn open(house: &House, client: &mut super::support::Client, fields: &[(String, String)]) -> Page {
    let path = format!("/new/{}", house.desk.id);
    let page = client.get(&path).await.ok();
    let form = page.values("form")[0].clone();
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.push(("form", &form));
    client.post(&path, &all).await
}

#[tokio::test]
async fn a_call_becomes_a_case_with_a_receipt() {
    let house = House::new().await;
    let mut client = house.specialist().await;
    let page = open(&house, &mut client, &said(&house, &[])).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let cases = house.store.cases(None, false).await.expect("cases");
    assert_eq!(page.location(), format!("/cases/{}/{}", house.desk.id, cases[0].number));
    assert_eq!(cases[0].requester.to_string(), format!("jo.caller@{}", house.desk.internal_domains[0]));
    assert_eq!(cases[0].line.as_ref(), Some(&house.desk.lines[0].id));
    house.work().await;
    assert!(house.sent().iter().any(|mail| mail.contains("X-Mailclerk-Template: receipt")));
}

#[tokio::test]
async fn what_is_missing_shows_at_its_field_and_may_be_unknown() {
    let house = House::new().await;
    let mut client = house.specialist().await;
    let fields = said(&house, &[FieldRole::MemberId]);
    let page = open(&house, &mut client, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    let id = &house.desk.field_of(FieldRole::MemberId).expect("a field").id;
    assert!(page.has(&format!("id=\"fault-field.{id}\"")) && page.has("is missing"), "{}", page.text());
    assert!(page.has("Jane Whitfield") && page.has("open it all the same"), "what was typed stays: {}", page.text());
    assert!(house.store.cases(None, false).await.expect("cases").is_empty());
    let mut fields = fields;
    fields.push(("missing".to_owned(), "yes".to_owned()));
    let page = open(&house, &mut client, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
}

#[tokio::test]
async fn whoever_has_no_address_cannot_be_followed_up() {
    let house = House::new().await;
    let mut client = house.specialist().await;
    for (name, value, told) in [
        ("email", "", "An address is needed"),
        ("email", "no address", "no email address"),
        ("name", "", "name of whoever calls"),
    ] {
        let mut fields = said(&house, &[]);
        fields.iter_mut().find(|(found, _)| found == name).expect("a field").1 = value.to_owned();
        let page = open(&house, &mut client, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(told), "{told}: {}", page.text());
    }
    assert!(house.store.cases(None, false).await.expect("cases").is_empty());
}

#[tokio::test]
async fn cases_are_opened_at_ones_own_desks_and_lines_only() {
    let house = House::new().await;
    let path = format!("/new/{}", house.desk.id);
    let mut foreign = house.stranger().await;
    assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND);
    let form = house.site.new_id().to_string();
    assert_eq!(foreign.post(&path, &[("form", &form)]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.visitor().get(&path).await.status, StatusCode::SEE_OTHER);
    let mut client = house.specialist().await;
    let mut fields = said(&house, &[]);
    fields[2].1 = house.desk.lines[1].id.0.clone();
    assert_eq!(open(&house, &mut client, &fields).await.status, StatusCode::NOT_FOUND, "a line that is not theirs");
    client.csrf = foreign.csrf.clone();
    assert_eq!(client.post(&path, &[("form", &form)]).await.status, StatusCode::FORBIDDEN);
    assert!(house.store.cases(None, false).await.expect("cases").is_empty());
}

/// A desk whose requesters name a type and a priority, and no line.
fn with_queues(house: &House) -> std::sync::Arc<mailclerk::desk::Desk> {
    let asks = |desk: &mailclerk::desk::Desk| desk.has_queues && desk.field_of(FieldRole::Priority).is_some();
    house.worker.desks.all().into_iter().find(|desk| asks(desk)).expect("a desk with queues")
}

#[tokio::test]
async fn a_desk_with_queues_is_asked_for_type_and_priority_and_for_no_line() {
    let house = House::new().await;
    let desk = with_queues(&house);
    let mut client = house.admin().await;
    let path = format!("/new/{}", desk.id);
    let page = client.get(&path).await.ok();
    let form = page.values("form")[0].clone();
    assert!(!page.has("name=\"line\""), "{}", page.text());
    let kind = desk.types.list.iter().find(|kind| kind.opened_by == mailclerk::desk::OpenedBy::Mail).expect("a type");
    let level = desk.priorities.list.last().expect("a priority");
    for name in [&kind.name, &level.name] {
        assert!(page.has(&format!("<option>{name}</option>")), "{name}: {}", page.text());
    }
    let mut fields = vec![
        ("form".to_owned(), form),
        ("name".to_owned(), "Jo Caller".to_owned()),
        ("email".to_owned(), format!("jo.caller@{}", desk.internal_domains[0])),
    ];
    for field in &desk.fields {
        let value = match field.role {
            FieldRole::Priority => level.name.as_str(),
            FieldRole::MemberName => "Jane Whitfield",
            FieldRole::Summary => "The record does not match what was sent on the first of the month",
            FieldRole::Other if field.required => "As it stands in our own records",
            _ => continue,
        };
        fields.push((format!("field.{}", field.id), value.to_owned()));
    }
    let pairs = |all: &[(String, String)]| -> Vec<(String, String)> { all.to_vec() };
    let post = pairs(&fields);
    let post: Vec<(&str, &str)> = post.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = client.post(&path, &post).await;
    let id = &desk.field_of(FieldRole::Type).expect("a field").id;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.has(&format!("id=\"fault-field.{id}\"")), "{}", page.text());
    fields.push((format!("field.{id}"), kind.name.clone()));
    let post: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = client.post(&path, &post).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let cases = house.store.cases(Some(&desk.id), false).await.expect("cases");
    assert_eq!(cases[0].line, kind.queue, "the queue follows from the type");
}

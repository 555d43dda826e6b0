//! The page Held: who sees it, and what can be done with a held message.

use super::support::{Client, House};
use crate::support::requests::Fate;
use axum::http::StatusCode;

/// A house with a held message.
struct Scene {
    house: House,
    /// The held message's row.
    id: String,
}

/// A mail that claims to be from a member of staff, and proves nothing: it is held.
async fn scene() -> Scene {
    let house = House::new().await;
    let staff = house.desk.staff[0].email.to_string();
    let raw = String::from_utf8(house.request(&house.desk, 0, Fate::Accepted).raw).expect("text");
    let sender = house.request(&house.desk, 0, Fate::Accepted).sender;
    let raw = raw.replace(&sender, &staff).replace(sender.split('@').next().expect("a name"), "someone");
    house.deliver(&house.desk, raw.as_bytes());
    house.work().await;
    let held = house.store.held(None).await.expect("held");
    assert_eq!(held.len(), 1, "{:?}", house.store.cases(None, false).await);
    Scene { id: held[0].id.to_string(), house }
}

async fn form(client: &mut Client, id: &str) -> String {
    let page = client.get(&format!("/held/{id}")).await.ok();
    page.values("form")[0].clone()
}

#[tokio::test]
async fn supervisors_of_the_desk_see_it_and_nobody_else() {
    let Scene { house, id } = scene().await;
    let path = format!("/held/{id}");
    for mut foreign in [house.specialist().await, house.stranger().await] {
        let form = house.site.new_id().to_string();
        assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND);
        let page = foreign.post(&path, &[("act", "drop"), ("form", &form)]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(house.specialist().await.get("/held").await.status, StatusCode::NOT_FOUND);
    assert!(house.stranger().await.get("/held").await.ok().has("Nothing is held."));
    for nothing in ["/held/no-id", "/held/00000000-0000-0000-0000-000000000000"] {
        assert_eq!(house.admin().await.get(nothing).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(house.visitor().get(&path).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.store.held(None).await.expect("held").len(), 1, "nothing was done");
    let mut supervisor = house.supervisor().await;
    let list = supervisor.get("/held").await.ok();
    assert!(list.has(&path) && list.has("nothing proves that"), "{}", list.text());
    supervisor.get(&path).await.ok();
    let seen = house.audit().await.into_iter().filter(|row| row.contains(" viewed ") && row.contains(&id)).count();
    assert_eq!(seen, 1, "one row for whoever looked, none for whoever found nothing");
}

#[tokio::test]
async fn it_is_accepted_once_and_becomes_a_case() {
    let Scene { house, id } = scene().await;
    let mut supervisor = house.supervisor().await;
    let path = format!("/held/{id}");
    let form = form(&mut supervisor, &id).await;
    assert_eq!(supervisor.post_bare(&path, &[("act", "accept"), ("form", &form)]).await.status, StatusCode::FORBIDDEN);
    let page = supervisor.post(&path, &[("act", "accept"), ("form", &form)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let cases = house.store.cases(None, false).await.expect("cases");
    assert_eq!(cases.len(), 1);
    assert_eq!(page.location(), format!("/cases/{}/{}", house.desk.id, cases[0].number));
    let page = supervisor.post(&path, &[("act", "accept"), ("form", &form)]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/held"));
    assert!(supervisor.get("/held").await.ok().has("decided already"));
    assert_eq!(house.store.cases(None, false).await.expect("cases").len(), 1, "one click or two");
    house.work().await;
    assert!(house.sent().iter().any(|mail| mail.contains("X-Mailclerk-Template: receipt")));
}

#[tokio::test]
async fn it_is_dropped_redirected_or_added_to_a_case() {
    let Scene { house, id } = scene().await;
    let number = house.case(&house.desk, 2).await;
    let mut supervisor = house.supervisor().await;
    let path = format!("/held/{id}");
    let form_id = form(&mut supervisor, &id).await;
    let page = supervisor.post(&path, &[("act", "attach"), ("form", &form_id), ("case", "NO-000000")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("NO-000000") && page.has("role=\"alert\""), "what was typed stays: {}", page.text());
    let page = supervisor.post(&path, &[("act", "dance"), ("form", &form_id)]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let form_id = form(&mut supervisor, &id).await;
    let page = supervisor.post(&path, &[("act", "attach"), ("form", &form_id), ("case", &number)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert!(house.store.held(None).await.expect("held").is_empty());
    assert_eq!(house.store.cases(None, false).await.expect("cases").len(), 1);

    for (act, more) in [("drop", None), ("redirect", Some(("topic", house.desk.topics[0].id.clone())))] {
        let Scene { house, id } = scene().await;
        let mut supervisor = house.supervisor().await;
        let form_id = form(&mut supervisor, &id).await;
        let mut fields = vec![("act", act), ("form", form_id.as_str())];
        fields.extend(more.as_ref().map(|(name, value)| (*name, value.as_str())));
        let page = supervisor.post(&format!("/held/{id}"), &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{act}: {}", page.text());
        assert!(
            house.store.held(None).await.expect("held").is_empty()
                && house.store.cases(None, false).await.expect("cases").is_empty()
        );
    }
}

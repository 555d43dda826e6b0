//! The page Mail: lists by state, one mail, sending again and cancelling.

use super::support::House;
use axum::http::StatusCode;
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::store::MailList;

#[tokio::test]
async fn mails_stand_in_their_lists_and_open() {
    let house = House::new().await;
    house.case(&house.desk, 0).await;
    let mut admin = house.admin().await;
    let page = admin.get("/mail?list=sent").await.ok();
    let href = page
        .text()
        .replace("&#x2f;", "/")
        .split("href=\"/mail/")
        .nth(1)
        .and_then(|rest| rest.split('"').next().map(str::to_owned));
    let id = href.expect("a mail");
    let one = admin.get(&format!("/mail/{id}")).await.ok();
    assert!(one.has("<pre class=\"text\">") && one.has("sandbox=\"\""), "{}", one.text());
    let html = admin.get(&format!("/mail/{id}/html")).await.ok();
    assert!(html.header("content-security-policy").starts_with("sandbox; default-src 'none'"), "{:?}", html.headers);
    assert!(!html.has("<script") && !html.has("href="), "{}", html.text());
    for path in [format!("/mail/{id}"), format!("/mail/{id}/html")] {
        assert_eq!(house.stranger().await.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for action in ["retry", "cancel", "correct"] {
        let path = format!("/mail/{id}/{action}");
        assert_eq!(house.stranger().await.post(&path, &[("words", "x")]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Lists are for supervisors; a specialist sees the mails of their cases only.
    assert_eq!(house.specialist().await.get("/mail").await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/mail/00000000-0000-0000-0000-000000000001").await.status, StatusCode::NOT_FOUND);
    assert!(admin.get("/mail/nonsense").await.status.is_client_error());
    let audit = house.audit().await;
    assert!(audit.iter().any(|row| row.contains("\"what\":\"mail\"")), "{audit:?}");
}

#[tokio::test]
async fn every_list_says_what_it_is_for() {
    let house = House::new().await;
    let mut supervisor = house.supervisor().await;
    for (list, words) in [
        ("", "look at each"),
        ("?list=waiting_secure", "by a secure way only"),
        ("?list=deferred", "tried for five days"),
        ("?list=failed", "refused them"),
        ("?list=uncertain", "nobody knows"),
        ("?list=withheld", "daily limit"),
        ("?list=queued", "leave by themselves"),
        ("?list=sent", "took them"),
        ("?list=cancelled", "will not be sent"),
        ("?list=nonsense&after=x", "look at each"),
    ] {
        let page = supervisor.get(&format!("/mail{list}")).await.ok();
        assert!(page.has(words) && page.has("There is no such mail"), "{list}: {}", page.text());
    }
}

#[tokio::test]
async fn a_mail_is_cancelled_and_sent_again() {
    let house = House::new().await;
    house.case(&house.desk, 0).await;
    let access = Access::of(
        &house.staff(&house.desk, mailclerk::desk::Role::Supervisor, None),
        AccountRole::Admin,
        &house.site.desks(),
    );
    let sent = house.store.mail_page(&access, MailList::Sent, None, None).await.expect("read");
    let id = sent.mails.first().expect("a mail").id;
    let mut admin = house.admin().await;
    // What has left cannot be cancelled: the page says why, and keeps what was typed.
    let page = admin.post(&format!("/mail/{id}/cancel"), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("role=\"alert\""), "{}", page.text());
}

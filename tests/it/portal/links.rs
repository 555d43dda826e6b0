//! Links that came by mail: opening one does nothing, using one works once, and what is over tells nothing.

use super::scene::{CANARY, Scene, WORDS, link_in, make_account, use_link};
use crate::web::support::Page;
use axum::http::{Method, StatusCode};
use mailclerk::desk::access::Realm;

/// A page without what is fresh in every one.
pub fn bare(page: &Page, token: &str) -> (StatusCode, String) {
    (page.status, page.text().replace(&page.csrf(), "CSRF").replace(token, "TOKEN"))
}

fn token(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

#[tokio::test]
async fn a_scanner_that_opens_a_link_uses_nothing_up() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let link = scene.link();
    assert_eq!(token(&link).len(), 43, "256 bits");
    for method in [Method::GET, Method::HEAD, Method::GET, Method::OPTIONS] {
        scene.house.outsider().send(method, &link, &[], Vec::new()).await;
    }
    let mut bare = scene.house.outsider();
    assert_eq!(bare.post_bare(&link, &[]).await.status, StatusCode::FORBIDDEN, "without a form's token");
    let mut client = scene.house.outsider();
    make_account(&mut client, &link, WORDS).await;
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_used_an_expired_and_an_invented_link_look_alike_and_show_nothing() {
    let scene = Scene::new().await;
    scene.answer(CANARY).await;
    let link = scene.link();
    make_account(&mut scene.house.outsider(), &link, WORDS).await;
    let invented = format!("/open/{}", "A".repeat(43));
    let used = scene.house.outsider().get(&link).await;
    let other = scene.house.outsider().get(&invented).await;
    assert_eq!(used.status, StatusCode::GONE);
    assert_eq!(bare(&used, token(&link)), bare(&other, token(&invented)));
    assert!(!used.has(&scene.number) && !used.has(&scene.partner) && !used.has("canary"), "{}", used.text());

    scene.answer("two").await;
    let fresh = scene.link();
    assert_ne!(fresh, link);
    scene.house.outsider().get(&fresh).await.ok();
    scene.house.wait(72 * 60 + 1);
    let mut late = scene.house.outsider();
    let expired = late.get(&fresh).await;
    assert_eq!(bare(&expired, token(&fresh)), bare(&other, token(&invented)));
    assert_eq!(late.post(&fresh, &[]).await.status, StatusCode::GONE);
    let page = late.get(&format!("{fresh}/passphrase")).await;
    assert_eq!(page.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_expired_link_offers_another_that_goes_to_the_same_address_only() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let link = scene.link();
    scene.house.wait(72 * 60 + 1);
    let mut client = scene.house.outsider();
    client.get(&link).await;
    let asked = client.post(&format!("{link}/again"), &[]).await;
    let mut other = scene.house.outsider();
    let invented = format!("/open/{}", "B".repeat(43));
    other.get(&invented).await;
    let nothing = other.post(&format!("{invented}/again"), &[]).await;
    assert_eq!(bare(&asked, token(&link)), bare(&nothing, token(&invented)), "the same is said");
    scene.house.work().await;
    let all = scene.house.sent();
    let links = all.iter().filter(|raw| raw.contains("X-Mailclerk-Template: portal_link\r\n")).count();
    assert_eq!((links, scene.mails("portal_link", &scene.partner).len()), (1, 1), "none for what was invented");
    let mut client = scene.house.outsider();
    make_account(&mut client, &scene.link_of("portal_link"), WORDS).await;
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_browsers_with_one_link_one_gets_in() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let link = scene.link();
    let (mut one, mut two) = (scene.house.outsider(), scene.house.outsider());
    one.get(&link).await.ok();
    two.get(&link).await.ok();
    let (first, second) = tokio::join!(one.post(&link, &[]), two.post(&link, &[]));
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::GONE]);
    let (winner, loser) =
        if first.status == StatusCode::SEE_OTHER { (&mut one, &mut two) } else { (&mut two, &mut one) };
    // Clicking twice is no other browser.
    assert_eq!(winner.post(&link, &[]).await.status, StatusCode::SEE_OTHER);
    let place = format!("{link}/passphrase");
    assert_eq!(loser.get(&place).await.status, StatusCode::GONE);
    assert_eq!(loser.post(&place, &[("new", WORDS), ("again", WORDS)]).await.status, StatusCode::GONE);
    let (a, b) = {
        let mut copy = winner.clone();
        winner.get(&place).await.ok();
        copy.csrf.clone_from(&winner.csrf);
        let fields = [("new", WORDS), ("again", WORDS)];
        tokio::join!(async { winner.post(&place, &fields).await }, async { copy.post(&place, &fields).await })
    };
    let made = [a.status, b.status].iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
    assert!(made >= 1, "{} {}", a.text(), b.text());
    assert_eq!(scene.house.store.accounts_in(Realm::Partners).await.unwrap().len(), 1);
    assert_eq!(winner.get(&place).await.status, StatusCode::GONE, "it has done what it was for");
}

#[tokio::test]
async fn where_an_account_is_a_stolen_link_leads_to_signing_in_and_no_further() {
    let scene = Scene::new().await;
    scene.signed_in().await;
    scene.answer(CANARY).await;
    let link = scene.link();
    let mut thief = scene.house.outsider();
    let page = use_link(&mut thief, &link).await;
    assert!(page.location().starts_with("/sign-in?next="), "{}", page.location());
    assert!(!thief.get(page.location()).await.ok().has("canary"));
    let place = format!("{link}/passphrase");
    assert!(thief.get(&place).await.location().starts_with("/sign-in"));
    let page =
        thief.post(&place, &[("new", "another seven otters paint"), ("again", "another seven otters paint")]).await;
    assert!(page.location().starts_with("/sign-in"), "{}", page.text());
    for path in ["/", &scene.place(), "/sessions"] {
        assert!(thief.get(path).await.location().starts_with("/sign-in"), "{path}");
    }
    scene.house.outsider().sign_in(&scene.partner, WORDS).await;
}

#[tokio::test]
async fn somebody_elses_link_ends_the_session_that_is_open_in_the_browser() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let number = scene.house.case(&scene.house.desk, 2).await;
    scene.answer_with(&number, "for the second one", Vec::new()).await;
    let other = scene.house.request(&scene.house.desk, 2, crate::support::requests::Fate::Accepted).sender;
    let link = link_in(scene.mails("portal_notice", &other).last().expect("a notice"));
    let cookie = client.cookies["mailclerk-portal"].clone();
    let page = use_link(&mut client, &link).await;
    assert_eq!(page.location(), format!("{link}/passphrase"));
    assert!(!client.cookies.contains_key("mailclerk-portal"));
    client.cookies.insert("mailclerk-portal".to_owned(), cookie);
    assert!(client.get("/").await.location().starts_with("/sign-in"), "the session itself has ended");
}

#[tokio::test]
async fn a_links_token_stands_in_no_table() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let link = scene.link();
    let token = token(&link).to_owned();
    let mut found = 0;
    for entry in walkdir::WalkDir::new(scene.house.path()) {
        let entry = entry.unwrap();
        let is_database = entry.file_name().to_string_lossy().contains("house.db");
        if is_database {
            let bytes = std::fs::read(entry.path()).unwrap();
            found += 1;
            assert!(!bytes.windows(token.len()).any(|piece| piece == token.as_bytes()), "{}", entry.path().display());
        }
    }
    assert!(found > 0);
}

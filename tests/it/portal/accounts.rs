//! Accounts of partners: their passphrases, sessions and second factors, and that nobody learns who has one.

use super::links::bare;
use super::scene::{Scene, WORDS, make_account, use_link};
use axum::http::StatusCode;
use mailclerk::web::base::codes;

#[tokio::test]
async fn a_passphrase_that_is_guessed_first_makes_no_account() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let (link, mut client) = (scene.link(), scene.house.outsider());
    use_link(&mut client, &link).await;
    let place = format!("{link}/passphrase");
    client.get(&place).await.ok();
    for (new, again) in [("qqzz", "qqzz"), ("password1234", "password1234"), (WORDS, "seven otters paint the cellar")] {
        let page = client.post(&place, &[("new", new), ("again", again)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        assert!(page.has("role=\"alert\"") && !page.has(new), "{}", page.text());
    }
    let page = client.post(&place, &[("new", WORDS), ("again", WORDS)]).await;
    assert_eq!(page.location(), scene.place());
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_tells_nobody_who_has_an_account() {
    let scene = Scene::new().await;
    scene.signed_in().await;
    scene.house.outsider().sign_in(&scene.partner, WORDS).await;
    let mut answers = Vec::new();
    for (email, words) in [(scene.partner.as_str(), "not the right words"), ("nobody@example.org", WORDS)] {
        let mut client = scene.house.outsider();
        client.get("/sign-in").await.ok();
        let page = client.post("/sign-in", &[("email", email), ("passphrase", words)]).await;
        answers.push(bare(&page, email));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn asking_for_a_link_tells_nobody_who_is_known() {
    let scene = Scene::new().await;
    let before = scene.house.sent().len();
    let mut answers = Vec::new();
    let staff = scene.house.desk.staff[0].email.to_string();
    for email in [scene.partner.as_str(), "nobody@example.org", "no address", "", &staff] {
        let mut client = scene.house.outsider();
        client.get("/link").await.ok();
        let page = client.post("/link", &[("email", email)]).await;
        answers.push(bare(&page, "no token"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == StatusCode::OK), "{answers:?}");
    scene.house.work().await;
    assert_eq!(scene.house.sent().len(), before + 1);
    assert_eq!(scene.mails("portal_link", &scene.partner).len(), 1);
    // Asking again and again fills nobody's mailbox, and looks the same.
    for _ in 0..6 {
        let mut client = scene.house.outsider();
        client.get("/link").await.ok();
        assert_eq!(bare(&client.post("/link", &[("email", &scene.partner)]).await, "no token"), answers[0]);
    }
    scene.house.work().await;
    assert!(scene.mails("portal_link", &scene.partner).len() <= 3);
}

#[tokio::test]
async fn a_forgotten_passphrase_is_replaced_by_a_link_and_ends_every_session() {
    let scene = Scene::new().await;
    let mut old = scene.signed_in().await;
    let mut client = scene.house.outsider();
    client.get("/link").await.ok();
    client.post("/link", &[("email", &scene.partner)]).await.ok();
    scene.house.work().await;
    let words = "nine herons skip the bridge";
    make_account(&mut client, &scene.link_of("portal_link"), words).await;
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
    assert!(old.get("/").await.location().starts_with("/sign-in"), "its sessions have ended");
    let mut other = scene.house.outsider();
    other.get("/sign-in").await.ok();
    let page = other.post("/sign-in", &[("email", &scene.partner), ("passphrase", WORDS)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    other.sign_in(&scene.partner, words).await;
}

#[tokio::test]
async fn no_cookie_of_one_site_is_worth_anything_at_the_other() {
    let scene = Scene::new().await;
    let partner = scene.signed_in().await;
    let staff = scene.house.supervisor().await;
    let (theirs, ours) = (partner.cookies["mailclerk-portal"].clone(), staff.cookies["mailclerk"].clone());
    for name in ["mailclerk", "mailclerk-portal"] {
        let mut console = scene.house.visitor();
        console.cookies.insert(name.to_owned(), theirs.clone());
        assert!(console.get("/sessions").await.location().starts_with("/sign-in"), "{name} at the console");
        let mut portal = scene.house.outsider();
        portal.cookies.insert(name.to_owned(), ours.clone());
        assert!(portal.get("/").await.location().starts_with("/sign-in"), "{name} at the portal");
    }
    // Nor is an account of one known at the other.
    let mut console = scene.house.visitor();
    console.get("/sign-in").await.ok();
    let page = console.post("/sign-in", &[("email", &scene.partner), ("passphrase", WORDS)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_session_that_was_there_before_is_never_taken_on() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let mut client = scene.house.outsider();
    let planted = "A".repeat(43);
    client.cookies.insert("mailclerk-portal".to_owned(), planted.clone());
    make_account(&mut client, &scene.link(), WORDS).await;
    let first = client.cookies["mailclerk-portal"].clone();
    assert_ne!(first, planted);
    let mut again = scene.house.outsider();
    again.cookies.insert("mailclerk-portal".to_owned(), planted.clone());
    again.sign_in(&scene.partner, WORDS).await;
    assert!(again.cookies["mailclerk-portal"] != planted && again.cookies["mailclerk-portal"] != first);
}

#[tokio::test]
async fn sessions_are_listed_ended_and_end_by_themselves() {
    let scene = Scene::new().await;
    let mut one = scene.signed_in().await;
    let mut two = scene.house.outsider();
    two.sign_in(&scene.partner, WORDS).await;
    let page = one.get("/sessions").await.ok();
    assert_eq!(page.text().matches("this one").count(), 1);
    assert!(page.has("name=\"session\" value=\"others\""));
    assert_eq!(one.post("/sessions/end", &[("session", "others")]).await.status, StatusCode::SEE_OTHER);
    assert!(two.get("/").await.location().starts_with("/sign-in"));
    assert_eq!(one.get("/").await.status, StatusCode::OK);
    scene.house.wait(31);
    assert!(one.get("/").await.location().starts_with("/sign-in"), "idle for too long");
    let mut busy = scene.house.outsider();
    busy.sign_in(&scene.partner, WORDS).await;
    for _ in 0..(12 * 60 / 20 - 1) {
        scene.house.wait(20);
        assert_eq!(busy.get("/").await.status, StatusCode::OK);
    }
    scene.house.wait(20);
    assert!(busy.get("/").await.location().starts_with("/sign-in"), "no session lasts longer");
}

#[tokio::test]
async fn a_desk_that_asks_for_codes_shows_nothing_before_there_is_one() {
    let scene = Scene::with("way = \"portal\"\nportal_codes = true").await;
    let mut client = scene.signed_in().await;
    for path in ["/", &scene.place(), "/new"] {
        assert_eq!(client.get(path).await.location(), "/codes", "{path}");
    }
    let page = client.get("/codes").await.ok().text();
    let (_, rest) = page.split_once("secret=").expect("a secret");
    let secret = in_bytes(rest.split(['&', '"']).next().unwrap());
    assert!(page.contains("<svg class=\"qr\"") && !page.contains("style="), "a picture for the app:\n{page}");
    assert_eq!(client.post("/codes", &[("code", "000000")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = codes::code_at(&secret, scene.house.clock.now()).unwrap();
    assert_eq!(client.post("/codes", &[("code", &code)]).await.location(), "/");
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
    // The passphrase alone opens nothing from now on, a new one neither.
    let mut other = scene.house.outsider();
    other.get("/sign-in").await.ok();
    let page = other.post("/sign-in", &[("email", &scene.partner), ("passphrase", WORDS)]).await.ok();
    assert!(page.has("name=\"ticket\""), "{}", page.text());
    other.get("/link").await.ok();
    other.post("/link", &[("email", &scene.partner)]).await.ok();
    scene.house.work().await;
    let link = scene.link_of("portal_link");
    use_link(&mut other, &link).await;
    other.get(&format!("{link}/passphrase")).await.ok();
    let page = other.post(&format!("{link}/passphrase"), &[("new", WORDS), ("again", WORDS)]).await;
    assert!(page.location().starts_with("/sign-in"), "{}", page.location());
    assert!(other.get("/").await.location().starts_with("/sign-in"));
}

/// Base32 (RFC 4648, section 6).
fn in_bytes(text: &str) -> Vec<u8> {
    let bits = text.bytes().filter_map(|byte| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == byte));
    let bits: Vec<bool> = bits.flat_map(|five| (0..5).rev().map(move |at| five >> at & 1 == 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect()
}

#[tokio::test]
async fn what_other_sites_send_and_other_names_ask_for_does_nothing() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let before = scene.house.store.sessions_of(account(&scene).await, LIMITS, scene.house.clock.now()).await.unwrap();
    assert_eq!(client.post_bare("/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(client.post_bare("/sign-out", &[("csrf", "made up")]).await.status, StatusCode::FORBIDDEN);
    let mut elsewhere = client.clone().with("origin", "https://evil.example").with("sec-fetch-site", "cross-site");
    let csrf = client.csrf.clone();
    assert_eq!(elsewhere.post_bare("/sign-out", &[("csrf", &csrf)]).await.status, StatusCode::FORBIDDEN);
    let after = scene.house.store.sessions_of(account(&scene).await, LIMITS, scene.house.clock.now()).await.unwrap();
    assert_eq!(before.len(), after.len());
    let mut renamed = client.clone().with("host", "evil.example");
    let page = renamed.get(&scene.place()).await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!page.has(&scene.number));
}

const LIMITS: mailclerk::store::SessionLimits = mailclerk::store::SessionLimits {
    idle: jiff::SignedDuration::from_hours(1),
    longest: jiff::SignedDuration::from_hours(12),
};

async fn account(scene: &Scene) -> uuid::Uuid {
    let all = scene.house.store.accounts_in(mailclerk::desk::access::Realm::Partners).await.unwrap();
    all[0].id
}

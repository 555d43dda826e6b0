//! Signing in and out: passphrases, codes, throttling, sessions and their ends, a proxy that is believed.

use super::support::{House, PASSPHRASE, start};
use axum::http::StatusCode;
use jiff::SignedDuration;
use mailclerk::address::EmailAddress;
use mailclerk::desk::Role;
use mailclerk::desk::access::AccountRole;
use mailclerk::settings::{Proxy, Web};
use mailclerk::store::{AccountChange, AccountState, AccountWrite, EndSessions};
use mailclerk::web::base::codes;
use std::net::IpAddr;
use std::time::Duration;

const SECRET: &[u8] = b"12345678901234567890";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

async fn try_in(house: &House, email: &str, passphrase: &str) -> super::support::Page {
    let mut visitor = house.visitor();
    visitor.get("/sign-in").await.ok();
    visitor.post("/sign-in", &[("email", email), ("passphrase", passphrase)]).await
}

#[tokio::test]
async fn nobody_learns_which_accounts_there_are() {
    let house = House::new().await;
    let email = house.staff(&house.desk, Role::Specialist, None).to_string();
    house.account(&address(&email), AccountRole::Specialist).await;
    let mut answers = Vec::new();
    for (tried, passphrase) in
        [(&*email, "wrong wrong wrong"), ("nobody@example.com", PASSPHRASE), ("no address", PASSPHRASE), (&*email, "")]
    {
        let page = try_in(&house, tried, passphrase).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{tried}");
        assert!(!page.headers.values().any(|value| value.to_str().is_ok_and(|text| text.starts_with("mailclerk="))));
        let text = page.text().replace(&page.csrf(), "TOKEN").replace(tried, "TRIED");
        answers.push(text);
    }
    assert!(answers.iter().all(|text| text == &answers[0]), "{answers:#?}");
    let page = try_in(&house, &email.to_uppercase(), PASSPHRASE).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
}

#[tokio::test]
async fn tries_are_slowed_down_by_account_and_by_client() {
    let house = House::new().await;
    let email = house.staff(&house.desk, Role::Specialist, None).to_string();
    house.account(&address(&email), AccountRole::Specialist).await;
    for tried in [&*email, "nobody@example.com"] {
        for _ in 0..6 {
            assert_eq!(try_in(&house, tried, "wrong wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = try_in(&house, tried, PASSPHRASE).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{tried}");
        assert!(page.has("Wait a few minutes"), "{}", page.text());
    }
    house.wait(1);
    assert_eq!(try_in(&house, &email, PASSPHRASE).await.status, StatusCode::SEE_OTHER, "after a while they may");
    assert_eq!(try_in(&house, &email, "wrong wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY, "from one again");
    // One client with many addresses waits too, and others do not.
    let mut waits = 0;
    for n in 0..30 {
        let page = try_in(&house, &format!("guess{n}@example.com"), "x").await;
        waits += usize::from(page.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(waits > 0);
    let mut other = house.visitor();
    other.peer = IpAddr::from([127, 0, 0, 2]);
    other.sign_in(&email, PASSPHRASE).await;
}

#[tokio::test]
async fn a_session_has_a_token_that_nobody_else_could_choose() {
    let house = House::new().await;
    let email = house.staff(&house.desk, Role::Specialist, None).to_string();
    house.account(&address(&email), AccountRole::Specialist).await;
    let mut browser = house.visitor();
    let chosen = "A".repeat(43);
    browser.cookies.insert("mailclerk".to_owned(), chosen.clone());
    browser.sign_in(&email, PASSPHRASE).await;
    let first = browser.cookies["mailclerk"].clone();
    assert!(first != chosen && first.len() == 43 && !browser.cookies.contains_key("mailclerk-visitor"));
    let csrf = browser.csrf.clone();
    browser.post("/sign-out", &[]).await;
    assert!(!browser.cookies.contains_key("mailclerk"));
    let mut old = house.visitor();
    old.cookies.insert("mailclerk".to_owned(), first.clone());
    assert_eq!(old.get("/sessions").await.status, StatusCode::SEE_OTHER, "what was signed out stays out");
    browser.sign_in(&email, PASSPHRASE).await;
    assert!(browser.cookies["mailclerk"] != first && browser.csrf != csrf);
    // Only its keyed hash is in the database.
    let bytes = std::fs::read(house.path().join("house.db-wal")).unwrap_or_default();
    let token = browser.cookies["mailclerk"].clone();
    assert!(!bytes.windows(43).any(|window| window == token.as_bytes()) && !bytes.is_empty());
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_the_latest_after_their_hours() {
    let house = House::new().await;
    let mut browser = house.specialist().await;
    house.wait(29);
    browser.get("/sessions").await.ok();
    house.wait(29);
    browser.get("/sessions").await.ok();
    house.wait(30);
    assert_eq!(browser.get("/sessions").await.status, StatusCode::SEE_OTHER);
    let mut browser = house.specialist().await;
    for _ in 0..28 {
        house.wait(25);
        browser.get("/sessions").await.ok();
    }
    house.wait(20);
    assert_eq!(browser.get("/sessions").await.status, StatusCode::SEE_OTHER, "12 hours are over");
    let short = Web { idle: Duration::from_secs(300), ..Web::usual() };
    let house = House::with(short, None).await;
    let mut browser = house.specialist().await;
    house.wait(5);
    assert_eq!(browser.get("/sessions").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let house = House::new().await;
    let (mut one, mut two) = (house.specialist().await, house.specialist().await.with("user-agent", "Firefox/1 Linux"));
    let mut other = house.supervisor().await;
    let foreign = other.get("/sessions").await.ok();
    let page = one.get("/sessions").await.ok();
    let ids = page.values("session");
    let named = page.text().matches("<tr>").count();
    assert_eq!(named, 3, "a head and two sessions: {}", page.text());
    assert!(foreign.text().matches("<tr>").count() == 2);
    // The button of the other session bears its id.
    let id =
        page.text().split("name=\"session\" value=\"").nth(1).expect("a button").split('"').next().unwrap().to_owned();
    assert!(ids.contains(&id));
    let page = other.post("/sessions/end", &[("session", &id)]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "it is not theirs");
    two.get("/sessions").await.ok();
    one.post("/sessions/end", &[("session", &id)]).await;
    assert_eq!(two.get("/sessions").await.status, StatusCode::SEE_OTHER);
    let page = one.get("/sessions").await.ok();
    assert!(page.has("The session is ended."), "{}", page.text());
    assert!(!one.get("/sessions").await.has("The session is ended."), "said once");
}

#[tokio::test]
async fn a_new_passphrase_ends_other_sessions() {
    let house = House::new().await;
    let (mut one, mut two) = (house.specialist().await, house.specialist().await);
    let new = "nine purple umbrellas";
    for (now, new, again, told) in [
        ("wrong", new, new, "present passphrase is not right"),
        (PASSPHRASE, new, "nine purple umbrella", "same way twice"),
        (PASSPHRASE, "password1234", "password1234", "guessed first"),
        (PASSPHRASE, "short", "short", "shorter than 12"),
    ] {
        let page = one.post("/sessions/passphrase", &[("now", now), ("new", new), ("again", again)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(told) && !page.has(&format!("\"{new}\"")), "{told}: {}", page.text());
    }
    two.get("/sessions").await.ok();
    let page = one.post("/sessions/passphrase", &[("now", PASSPHRASE), ("new", new), ("again", new)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    one.get("/sessions").await.ok();
    assert_eq!(two.get("/sessions").await.status, StatusCode::SEE_OTHER);
    let email = house.staff(&house.desk, Role::Specialist, Some(&house.desk.lines[0].id.0)).to_string();
    assert_eq!(try_in(&house, &email, PASSPHRASE).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(try_in(&house, &email, new).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_account_that_is_ended_is_out_at_once() {
    let house = House::new().await;
    let mut browser = house.admin().await;
    let mut account = house.store.account(&address("admin@operator.example")).await.unwrap().unwrap();
    account.state = AccountState::Ended;
    let (change, now) = (AccountChange::Ended, house.clock.now());
    let write = AccountWrite { account: &account, change, end: EndSessions::None, by: "command", desks: &[], now };
    house.store.write_account(&write).await.expect("written");
    assert_eq!(browser.get("/sessions").await.status, StatusCode::SEE_OTHER);
    assert_eq!(try_in(&house, "admin@operator.example", PASSPHRASE).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn codes_are_asked_for_and_taken_once() {
    let house = House::new().await;
    let email = house.staff(&house.desk, Role::Specialist, None);
    house.account_with(&email, AccountRole::Specialist, Some(SECRET)).await;
    let email = email.to_string();
    let mut browser = house.visitor();
    browser.get("/sign-in?next=%2Fqueue").await.ok();
    let fields = [("email", &*email), ("passphrase", PASSPHRASE), ("next", "/queue")];
    let page = browser.post("/sign-in", &fields).await.ok();
    assert!(page.has("authenticator") && !browser.cookies.contains_key("mailclerk"));
    let ticket = page.values("ticket")[0].clone();
    let code = codes::code_at(SECRET, house.clock.now()).expect("a code");
    // Another browser cannot use the ticket, nor this one a changed one.
    let mut thief = house.visitor();
    thief.get("/sign-in").await.ok();
    let page = thief.post("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert!(page.has("took too long") && !thief.cookies.contains_key("mailclerk"), "{}", page.text());
    let changed = ticket.replacen(['1', '2', '3'], "9", 1);
    let page = browser.clone().post("/sign-in/code", &[("ticket", &changed), ("code", &code)]).await;
    assert!(page.has("took too long"), "{}", page.text());
    let page = browser.clone().post("/sign-in/code", &[("ticket", &ticket), ("code", "000000")]).await;
    assert!(page.has("not right") && page.status == StatusCode::UNPROCESSABLE_ENTITY);
    let mut second = browser.clone();
    let page = browser.post("/sign-in/code", &[("ticket", &ticket), ("code", &code), ("next", "/queue")]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/queue"));
    browser.get("/sessions").await.ok();
    let page = second.post("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert!(page.has("used already") && !second.cookies.contains_key("mailclerk"), "{}", page.text());
    house.wait(6);
    let code = codes::code_at(SECRET, house.clock.now()).expect("a code");
    let page = second.post("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert!(page.has("took too long"), "the ticket is old: {}", page.text());
}

#[tokio::test]
async fn the_proxys_word_is_believed_from_the_proxy_only() {
    let proxy = Proxy {
        from: vec![IpAddr::from([10, 0, 0, 5])],
        user_header: Some("x-forwarded-user".to_owned()),
        address_header: Some("x-forwarded-for".to_owned()),
    };
    let listen = ([0, 0, 0, 0], 8025).into();
    let house = House::with(Web { listen, proxy: Some(proxy), ..Web::usual() }, None).await;
    let email = house.staff(&house.desk, Role::Specialist, None);
    house.account(&email, AccountRole::Specialist).await;
    let email = email.to_string();
    let mut outsider = house.visitor().with("x-forwarded-user", &email);
    assert_eq!(outsider.get("/sessions").await.status, StatusCode::SEE_OTHER);
    let mut inside = house.visitor().with("x-forwarded-user", &email);
    inside.peer = IpAddr::from([10, 0, 0, 5]);
    let page = inside.get("/sessions").await.ok();
    assert!(page.has(&email) && inside.cookies.contains_key("mailclerk"));
    let token = inside.cookies["mailclerk"].clone();
    inside.get("/sessions").await.ok();
    assert_eq!(inside.cookies["mailclerk"], token, "one session, not one a request");
    let mut nobody = house.visitor().with("x-forwarded-user", "nobody@example.com");
    nobody.peer = inside.peer;
    assert_eq!(nobody.get("/sessions").await.status, StatusCode::SEE_OTHER, "there must be an account");
    // The session that stands in the browser is not somebody else's.
    house.account(&house.staff(&house.desk, Role::Supervisor, None), AccountRole::Supervisor).await;
    let supervisor = house.staff(&house.desk, Role::Supervisor, None).to_string();
    inside.set("x-forwarded-user", &supervisor);
    assert!(inside.get("/sessions").await.ok().has(&supervisor));
}

#[tokio::test]
async fn signing_in_stands_in_the_audit_trail() {
    let house = House::new().await;
    let email = house.staff(&house.desk, Role::Specialist, None);
    house.account(&email, AccountRole::Specialist).await;
    try_in(&house, &email.to_string(), "wrong wrong wrong").await;
    let mut browser = house.visitor();
    browser.sign_in(&email.to_string(), PASSPHRASE).await;
    let rows = house.audit().await;
    let key = house.store.account_key(&email);
    for kind in ["sign_in_failed", "signed_in"] {
        let row = rows.iter().find(|row| row.starts_with(&format!("{} desk {kind} ", house.desk.id)));
        assert!(row.is_some_and(|row| row.contains(&key)), "{kind}: {rows:#?}");
        assert!(!rows.iter().any(|row| row.starts_with(&format!("{} ", house.other.id))), "not their desk");
    }
    assert!(!rows.iter().any(|row| row.contains(email.local())), "no address in clear");
    assert!(house.clock.now() >= start() + SignedDuration::ZERO);
}

//! A partner's whole way in a real Chromium: mail, link, account, reading, answering; a second device, an expired link, a
//! stolen one. And the pages looked at, on a phone and a laptop, by day and by night.

use super::scene::{CANARY, Scene, WORDS};
use crate::support::browser::{Browser, DESKTOP, PHONE, Screen};
use mailclerk::message::Message;
use mailclerk::web::base::Listener;
use tokio_util::sync::CancellationToken;

/// The portal of a scene behind a socket of this machine.
async fn serve(scene: &Scene, stop: &CancellationToken) -> String {
    let listener: Listener = mailclerk::web::base::bind("127.0.0.1:0".parse().unwrap()).await.expect("a socket");
    let address = listener.address().expect("its address");
    tokio::spawn(listener.serve(scene.house.portal(), stop.clone()));
    format!("http://{address}")
}

/// Nothing on this page is wrong: for whoever cannot see it, on a small screen, or for what it loads.
async fn is_sound(browser: &Browser, what: &str) {
    for (name, screen) in
        [("phone", PHONE), ("phone-dark", PHONE.dark()), ("desktop", DESKTOP), ("desktop-dark", DESKTOP.dark())]
    {
        browser.show_as(screen).await;
        let faults = browser.accessibility_faults().await;
        assert!(faults.is_empty(), "{what} on {name}: {faults:#?}");
        assert!(browser.sideways().await <= 0, "{what} is wider than {name}");
        keep(browser, what, name, screen).await;
    }
    assert_eq!(browser.count("script").await, 0, "{what}");
    browser.show_as(DESKTOP).await;
}

/// Keeps a picture where `MAILCLERK_PICTURES` names a folder.
async fn keep(browser: &Browser, what: &str, name: &str, _: Screen) {
    if let Some(folder) = std::env::var_os("MAILCLERK_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("portal-{what}-{name}.png"));
        std::fs::write(file, browser.picture().await).expect("a picture");
    }
}

async fn choose_passphrase(browser: &Browser) {
    browser.fill("#new", WORDS).await;
    browser.fill("#again", WORDS).await;
    browser.press("button.main").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_way_from_the_mail_to_the_specialist() {
    let scene = Scene::new().await;
    scene.house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
    scene.answer(&format!("Good news: {CANARY}.\n\nThe new card is on its way to the new address.")).await;
    let stop = CancellationToken::new();
    let place = serve(&scene, &stop).await;
    let link = scene.link();
    let browser = Browser::start().await;

    // A program opens the link first; the partner gets in all the same.
    scene.house.outsider().get(&link).await.ok();
    browser.open(&format!("{place}{link}")).await;
    assert!(!browser.text().await.contains("canary"));
    is_sound(&browser, "link").await;
    browser.press("button.main").await;
    is_sound(&browser, "account").await;
    choose_passphrase(&browser).await;
    let text = browser.text().await;
    assert!(text.contains(CANARY) && text.contains(&scene.number) && text.contains("You wrote"), "{text}");
    is_sound(&browser, "case").await;

    browser.fill("#text", "Thank you. The second name on it is misspelt, can you mend that?").await;
    browser.press(".write button.main").await;
    let text = browser.text().await;
    assert!(text.contains("Your message is sent") && text.contains("misspelt"), "{text}");
    scene.house.work().await;
    let relay =
        scene.house.sent().into_iter().rfind(|raw| raw.contains("X-Mailclerk-Template: relay\r\n")).expect("a relay");
    assert!(Message::read(relay.as_bytes()).body.text.contains("misspelt"));

    browser.open(&place).await;
    is_sound(&browser, "list").await;
    browser.open(&format!("{place}/new/{}", scene.house.desk.id)).await;
    is_sound(&browser, "new").await;
    browser.open(&format!("{place}/sessions")).await;
    is_sound(&browser, "sessions").await;
    second_device(&scene, &place).await;
    stolen_and_expired(&scene, &place, &link).await;
    let strangers: Vec<_> =
        browser.origins_asked().await.into_iter().filter(|origin| *origin != place && origin != "null").collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    stop.cancel();
}

async fn second_device(scene: &Scene, place: &str) {
    let phone = Browser::start().await;
    phone.show_as(PHONE).await;
    phone.open(&format!("{place}{}", scene.place())).await;
    is_sound(&phone, "sign-in").await;
    phone.show_as(PHONE).await;
    phone.fill("#email", &scene.partner).await;
    phone.fill("#passphrase", "not the right words at all").await;
    phone.press("button.main").await;
    assert!(phone.text().await.contains("not right"));
    phone.fill("#passphrase", WORDS).await;
    phone.press("button.main").await;
    assert!(phone.text().await.contains(CANARY), "it comes back to the case: {}", phone.text().await);
}

async fn stolen_and_expired(scene: &Scene, place: &str, used: &str) {
    let thief = Browser::start().await;
    thief.open(&format!("{place}{used}")).await;
    let text = thief.text().await;
    assert!(text.contains("used up") && !text.contains("canary"), "{text}");
    is_sound(&thief, "over").await;
    scene.answer("another one").await;
    let fresh = scene.link();
    thief.open(&format!("{place}{fresh}")).await;
    thief.press("button.main").await;
    let text = thief.text().await;
    assert!(text.contains("Passphrase") && !text.contains("canary") && !text.contains("another one"), "{text}");
    scene.answer("a third one").await;
    let late = scene.link();
    scene.house.wait(72 * 60 + 1);
    thief.open(&format!("{place}{late}")).await;
    thief.press("form button").await;
    assert!(thief.text().await.contains("Look into your mailbox"));
    scene.house.work().await;
    assert_eq!(scene.mails("portal_link", &scene.partner).len(), 1, "to the same address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_set_up_by_a_picture_that_the_browser_shows() {
    let scene = Scene::with("way = \"portal\"\nportal_codes = true").await;
    scene.answer("Hello.").await;
    let stop = CancellationToken::new();
    let place = serve(&scene, &stop).await;
    let browser = Browser::start().await;
    browser.open(&format!("{place}{}", scene.link())).await;
    browser.press("button.main").await;
    choose_passphrase(&browser).await;
    assert_eq!(browser.count("svg.qr[role=img][aria-label]").await, 1, "{}", browser.text().await);
    // Dark on light by day and by night, and large enough to be scanned: the content policy let its colours through.
    let look = "const qr = document.querySelector('svg.qr'); const fill = part => getComputedStyle(qr.querySelector(part)).fill; \
                return [fill('rect'), fill('path'), qr.getBoundingClientRect().width >= 160];";
    for screen in [PHONE, PHONE.dark(), DESKTOP] {
        browser.show_as(screen).await;
        let seen = browser.client.execute(look, Vec::new()).await.expect("a look");
        assert_eq!(seen, serde_json::json!(["rgb(255, 255, 255)", "rgb(0, 0, 0)", true]), "{screen:?}");
    }
    is_sound(&browser, "codes").await;
    stop.cancel();
}

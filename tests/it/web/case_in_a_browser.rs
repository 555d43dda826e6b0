//! The page of a case as a person uses it: answered in a real browser, its forms and frames, on a phone and at a desk,
//! light and dark. With `MAILCLERK_PICTURES` set, what it looks like is kept in that folder.

use super::installed::Installed;
use crate::support::browser::{Browser, DESKTOP, PHONE, Screen};
use crate::support::clerk::{Clerk, wait_until};
use crate::support::requests::{Fate, request_of};

/// A request of somebody inside, as a mail program writes it: a text, the same as HTML, what it quotes, and a file.
fn request(clerk: &Clerk) -> Vec<u8> {
    let policy = clerk.path("desks").join(format!("{}.toml", clerk.desk.id));
    let policy: toml::Table = std::fs::read_to_string(policy).expect("a policy").parse().expect("TOML");
    let inside = policy["internal_domains"][0].as_str().expect("a domain");
    let request = request_of(&clerk.desk, 0, Fate::Accepted);
    let raw = String::from_utf8(request.raw).expect("a text").replace(&request.sender, &format!("jo.field@{inside}"));
    let (head, text) = raw.split_once("\r\n\r\n").expect("a body");
    let head = head.replace("Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=m");
    let html: String = text.lines().map(|line| format!("<p style=\"color: #203040\">{line}</p>")).collect();
    format!(
        "{head}\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\nOn Monday the member wrote:\r\n> no card came\r\n--a\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<h3>Hello</h3>{html}\r\n--a--\r\n--m\r\n\
         Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"letter of the member.pdf\"\r\n\r\n\
         %PDF-1.7\r\n--m--\r\n"
    )
    .into_bytes()
}

/// Looks at the page as it is: nothing is wider than the screen, and nobody is kept from using it.
async fn look(browser: &Browser, screen: Screen, name: &str) {
    browser.show_as(screen).await;
    let (width, scheme) = (screen.width, if screen.dark { "dark" } else { "light" });
    if let Ok(folder) = std::env::var("MAILCLERK_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("case-{name}-{width}-{scheme}.png"));
        std::fs::write(file, browser.picture().await).expect("a picture");
    }
    assert_eq!(browser.sideways().await.max(0), 0, "{name}: wider than {width}");
    let faults = browser.accessibility_faults().await;
    assert!(faults.is_empty(), "{name} at {width}, {scheme}: {faults:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_answered_and_the_mail_leaves() {
    let clerk = Clerk::on_folders();
    clerk.deliver("one", &request(&clerk));
    let desk = Installed::start(clerk);
    wait_until("the request to be accepted", || !desk.clerk.list(&["cases"]).is_empty());
    let case = desk.clerk.list(&["cases"])[0].clone();
    let path =
        format!("/cases/{}/{}", case["desk"].as_str().expect("a desk"), case["number"].as_str().expect("a number"));
    desk.account("admin@example.com", "admin");
    let browser = Browser::start().await;
    desk.sign_in(&browser, "admin@example.com").await;
    desk.open(&browser, &path).await;
    let text = browser.text().await;
    assert!(text.contains("never came after the move") && text.contains("letter of the member.pdf"), "{text}");

    // Notes and commands that are wrong are told where they were typed.
    browser
        .client
        .execute("document.querySelector('[action$=\"/do/merge\"]').closest('details').open = true", Vec::new())
        .await
        .expect("unfolded");
    browser.fill("#merge-number", "nonsense").await;
    browser.press("[action$=\"/do/merge\"] button").await;
    assert!(browser.text().await.contains("no case number of this desk"), "{}", browser.text().await);
    look(&browser, PHONE, "refused").await;
    browser.show_as(DESKTOP).await;

    browser.fill("#answer-text", "Hello Jo,\n\nthe card was sent again today.").await;
    browser.press("form[action$=\"/answer\"] button[type=submit]").await;
    assert!(browser.text().await.contains("Your answer is on its way to the requester."), "{}", browser.text().await);
    wait_until("the answer to leave", || {
        desk.clerk.written().iter().any(|raw| String::from_utf8_lossy(raw).contains("the card was sent again today"))
    });
    desk.open(&browser, &path).await;
    for screen in [PHONE, PHONE.dark(), DESKTOP, DESKTOP.dark()] {
        look(&browser, screen, "shown").await;
    }
    // Of before: axe tries to look into the frames, whose sandbox refuses its script.
    browser.complaints().await;
    desk.open(&browser, &path).await;
    browser.open_everything().await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "nothing had to be refused: {complaints:?}");
    for screen in [Screen { width: 360, ..PHONE }, DESKTOP.dark(), Screen { width: 1600, ..DESKTOP }] {
        look(&browser, screen, "unfolded").await;
    }
}

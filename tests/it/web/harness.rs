//! The browser that the tests drive sees what it is meant to see: a script that runs, a request that leaves, a fault of
//! accessibility. Without this, a test that finds nothing would prove nothing.

use crate::support::browser::{Browser, DESKTOP, PHONE};

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_tells_of_scripts_requests_and_faults() {
    let browser = Browser::start().await;
    let page = "<!doctype html><html><body><h1 style='width:600px;color:#999'>Hello</h1><img src='http://else.example/x.png'>\
                <script>document.title = 'ran'; fetch('http://127.0.0.1:9/hit').catch(() => {})</script></body></html>";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    std::fs::write(&file, page).expect("written");
    browser.open(&format!("file://{}", file.display())).await;
    assert_eq!(browser.client.title().await.expect("a title"), "ran");
    let asked = browser.origins_asked().await;
    assert!(asked.contains("http://else.example") && asked.contains("http://127.0.0.1:9"), "{asked:?}");
    assert!(browser.origins_asked().await.is_empty(), "the log is taken");
    assert!(!browser.complaints().await.is_empty(), "a request failed");
    let faults = browser.accessibility_faults().await;
    for rule in ["color-contrast", "html-has-lang", "image-alt"] {
        assert!(faults.iter().any(|fault| fault.starts_with(rule)), "{rule}: {faults:?}");
    }
    assert_eq!(browser.sideways().await, 0);
    browser.show_as(PHONE).await;
    assert!(browser.sideways().await > 0, "wider than a phone");
    let scheme = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(browser.client.execute(scheme, Vec::new()).await.expect("answered"), false);
    browser.show_as(DESKTOP.dark()).await;
    assert_eq!(browser.client.execute(scheme, Vec::new()).await.expect("answered"), true);
    assert!(browser.picture().await.starts_with(b"\x89PNG"));
}

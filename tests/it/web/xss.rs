//! More than a thousand payloads in subjects, names, addresses, fields, texts, HTML, and names and types of files: on no
//! page does a script run or a request leave.

use super::hostile::{Fate, IN_ONE, mail};
use super::installed::Installed;
use super::payloads::payloads;
use crate::support::browser::Browser;
use crate::support::clerk::{Clerk, wait_until};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// Whoever calls here was not escaped.
struct Canary {
    url: String,
    heard: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&heard);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { url, heard }
    }
}

/// Every address of the site that the page links to, within it.
async fn links(browser: &Browser) -> Vec<String> {
    let all = "return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))";
    let all = browser.client.execute(all, Vec::new()).await.expect("links");
    let all = all.as_array().expect("a list").iter().filter_map(|one| one.as_str());
    all.filter(|href| href.starts_with('/') && !href.starts_with("//")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_payloads_run_nothing_and_reach_nobody() {
    let canary = Canary::start().await;
    let clerk = Clerk::on_folders();
    let payloads = payloads(&canary.url);
    let mut fates = [Fate::Accepted, Fate::Accepted, Fate::Held, Fate::Returned].into_iter().cycle();
    for (n, own) in payloads.chunks_exact(IN_ONE).enumerate() {
        let fate = fates.next().expect("a cycle");
        clerk.deliver(&format!("{n}.hostile"), &mail(&clerk.desk, n, fate, own));
    }
    let carried = payloads.len() / IN_ONE * IN_ONE;
    assert!(carried >= 1000, "{carried} payloads are on their way");
    let desk = Installed::start(clerk);
    wait_until("all mail to be decided", || desk.clerk.count("") == 0);
    let (cases, held) = (desk.clerk.list(&["cases"]), desk.clerk.list(&["held"]));
    assert!(cases.len() > 20 && held.len() > 10, "{} cases, {} held", cases.len(), held.len());
    let admin = "admin@example.com";
    desk.account(admin, "admin");

    let browser = Browser::start().await;
    desk.sign_in(&browser, admin).await;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = ["/", "/queue", "/held", "/mail", "/people", "/audit", "/new"].map(String::from).into();
    next.extend(cases.iter().map(|case| {
        format!("/cases/{}/{}", case["desk"].as_str().expect("a desk"), case["number"].as_str().expect("a number"))
    }));
    while let Some(path) = next.pop() {
        // A file is offered and never shown: the browser stays where it is.
        if path.contains("/attachments/")
            || path.contains("/raw")
            || path.contains("export")
            || !seen.insert(path.clone())
        {
            continue;
        }
        desk.open(&browser, &path).await;
        browser.open_everything().await;
        // A policy that had to refuse something found it in the page: the page was not escaped.
        let mut complaints = browser.complaints().await;
        // Advice about forms is no refusal.
        complaints.retain(|one| !one.contains("[DOM]"));
        assert!(complaints.is_empty(), "{path}: {complaints:?}\n{}", desk.worker.log());
        next.extend(links(&browser).await.into_iter().filter(|href| !seen.contains(href)));
        assert!(seen.len() < 3000, "the pages do not end");
    }
    let asked = browser.origins_asked().await;
    assert_eq!(asked, BTreeSet::from([desk.url.clone()]), "only the site itself was asked");
    assert_eq!(canary.heard.load(Ordering::SeqCst), 0, "somebody called");
    println!("{} pages for {carried} payloads in {} cases and {} held messages", seen.len(), cases.len(), held.len());
}

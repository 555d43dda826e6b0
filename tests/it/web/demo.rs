//! `demo --serve` as a newcomer sees it: its people sign in, find the case and answer it; and the pictures of the README,
//! taken from there on demand (`cargo test --test it web::demo::pictures -- --ignored`).

use crate::support::browser::{Browser, DESKTOP, PHONE};
use crate::support::free_port;
use mail_parser::MimeHeaders;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The demo, with its console and its portal open; it ends with the test.
struct Demo {
    child: Child,
    folder: TempDir,
    url: String,
    /// Address and role of each account.
    accounts: Vec<(String, String)>,
    passphrase: String,
    /// The link that an agent outside got.
    link: String,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailclerk"))
            .args(["demo", "--serve", "--folder"])
            .arg(folder.path().join("demo"))
            .env("MAILCLERK_WEB_LISTEN", format!("127.0.0.1:{port}"))
            .env("MAILCLERK_PORTAL_LISTEN", format!("127.0.0.1:{}", free_port()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let out = child.stdout.take().expect("its output");
        let mut accounts = Vec::new();
        let mut passphrase = None;
        let mut link = None;
        let mut is_open = false;
        for line in BufReader::new(out).lines() {
            let line = line.expect("a line");
            let words: Vec<&str> = line.split_whitespace().collect();
            is_open |= line.starts_with("The console is open");
            match words.as_slice() {
                [email, role] if is_open && email.contains('@') => {
                    accounts.push(((*email).to_owned(), (*role).to_owned()));
                }
                ["each", "with", "the", "passphrase", found] => {
                    passphrase = Some((*found).to_owned());
                }
                [found] if passphrase.is_some() && found.contains("/open/") => {
                    link = Some((*found).to_owned());
                    break;
                }
                _ => {}
            }
        }
        let passphrase = passphrase.expect("the demo says how to sign in");
        let link = link.expect("the demo has a link for an agent outside");
        Self { child, folder, url: format!("http://127.0.0.1:{port}"), accounts, passphrase, link }
    }

    async fn sign_in(&self, browser: &Browser, role: &str) {
        let (email, _) = self.accounts.iter().find(|(_, of)| of == role).expect("an account of this role");
        browser.client.delete_all_cookies().await.expect("a browser without cookies");
        browser.open(&format!("{}/", self.url)).await;
        browser.fill("input[name=email]", email).await;
        browser.fill("input[name=passphrase]", &self.passphrase).await;
        browser.press("main form button[type=submit]").await;
        assert!(browser.count("nav").await > 0, "signed in:\n{}", browser.text().await);
    }

    /// The newest digest that went out, as a page that a browser can show.
    fn digest(&self) -> PathBuf {
        let outgoing = self.folder.path().join("demo/outgoing");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(outgoing).expect("mails").map(|entry| entry.expect("a file").path()).collect();
        files.sort();
        let is_digest = |raw: &[u8]| String::from_utf8_lossy(raw).contains("\r\nX-Mailclerk-Template: digest\r\n");
        let raws = files.iter().rev().filter_map(|file| std::fs::read(file).ok());
        let raw = raws.into_iter().find(|raw| is_digest(raw)).expect("a digest went out");
        let mail = mail_parser::MessageParser::default().parse(&raw).expect("a mail");
        let mut html = mail.body_html(0).expect("an HTML part").into_owned();
        for part in &mail.parts {
            if let (Some(id), Some(name)) = (part.content_id(), part.attachment_name()) {
                std::fs::write(self.folder.path().join(name), part.contents()).expect("written");
                html = html.replace(&format!("cid:{id}"), name);
            }
        }
        let page = self.folder.path().join("digest.html");
        std::fs::write(&page, html).expect("written");
        page
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_people_sign_in_and_find_the_case() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    for role in ["specialist", "supervisor", "admin"] {
        demo.sign_in(&browser, role).await;
        browser.open(&format!("{}/queue?status=all", demo.url)).await;
        assert!(browser.count("a[href*='/cases/']").await > 0, "{role}:\n{}", browser.text().await);
        browser.press("a[href*='/cases/']").await;
        assert!(browser.count("ol.timeline > li").await > 1, "{role}:\n{}", browser.text().await);
    }
    browser.open(&format!("file://{}", demo.digest().display())).await;
    for screen in [PHONE, DESKTOP, PHONE.dark(), DESKTOP.dark()] {
        browser.show_as(screen).await;
        assert!(browser.sideways().await <= 0, "the digest is wider than {screen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_outside_reads_and_answers_in_the_portal() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    browser.open(&demo.link).await;
    browser.press("main form button[type=submit]").await;
    browser.fill("input[name=new]", "seven otters paint the attic").await;
    browser.fill("input[name=again]", "seven otters paint the attic").await;
    browser.press("main form button[type=submit]").await;
    let case = browser.text().await;
    assert!(browser.count("textarea[name=text]").await == 1, "the case, with a form to answer:\n{case}");
    browser.fill("textarea[name=text]", "Thank you, that helps.").await;
    browser.press("form[action$='/answer'] button[type=submit]").await;
    assert!(browser.text().await.contains("Thank you, that helps."), "{}", browser.text().await);
    // The link is used up, for everybody.
    browser.client.delete_all_cookies().await.expect("a browser without cookies");
    browser.open(&demo.link).await;
    assert_eq!(browser.count("form[action$='/again']").await, 1, "{}", browser.text().await);
    // What the rehearsal left waiting is there, and the mails that say so say nothing else.
    let config = demo.folder.path().join("demo/mailclerk.toml");
    let listed = Command::new(env!("CARGO_BIN_EXE_mailclerk"))
        .arg("--config")
        .arg(config)
        .args(["user", "list", "--partner", "--json"])
        .output()
        .expect("started");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed[0]["role"], "partner", "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes the pictures of the README"]
async fn pictures() {
    let demo = Demo::start();
    let browser = Browser::start().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    let keep = async |name: &str| {
        std::fs::write(folder.join(format!("{name}.png")), browser.picture().await).expect("written");
    };
    demo.sign_in(&browser, "supervisor").await;
    keep("today").await;
    for (name, path) in [
        ("queue", "/queue"),
        ("held", "/held"),
        ("mail", "/mail"),
        ("people", "/people"),
        ("audit", "/audit"),
        ("new", "/new"),
    ] {
        browser.open(&format!("{}{path}", demo.url)).await;
        keep(name).await;
    }
    browser.open(&format!("{}/queue?status=all", demo.url)).await;
    browser.press("a[href*='/cases/']").await;
    keep("case").await;
    browser.show_as(PHONE).await;
    keep("case-phone").await;
    browser.show_as(DESKTOP.dark()).await;
    keep("case-dark").await;
    browser.open(&format!("{}/", demo.url)).await;
    keep("today-dark").await;
    browser.show_as(DESKTOP).await;
    browser.open(&format!("file://{}", demo.digest().display())).await;
    keep("digest").await;
    browser.show_as(PHONE).await;
    keep("digest-phone").await;
}

//! A real Chromium of a test's own, driven by WebDriver through ChromeDriver on a free port, with a profile of its own,
//! and ended with the test. It finds no host but this machine, and every request that it makes is known.

use super::free_port;
use base64::Engine;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long the browser may take to start, and a page to appear.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running browser.
pub struct Browser {
    driver: Child,
    _profile: TempDir,
    /// The WebDriver session.
    pub client: Client,
}

/// A page's outer form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// `prefers-color-scheme`.
    pub dark: bool,
}

/// A small phone.
pub const PHONE: Screen = Screen { width: 390, height: 844, dark: false };
/// A usual laptop.
pub const DESKTOP: Screen = Screen { width: 1280, height: 900, dark: false };

impl Screen {
    /// The same by night.
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
}

/// A command of the DevTools protocol, or one of ChromeDriver's own.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts one.
    pub async fn start() -> Self {
        for _ in 0..5 {
            // Another test may take the port between our look and the driver's start.
            if let Some(browser) = Self::try_start().await {
                browser.show_as(DESKTOP).await;
                // The page that it begins with is its own.
                let _own = browser.origins_asked().await;
                return browser;
            }
        }
        panic!("Chromium did not start; what it said is above (`bash tests/run` installs it)");
    }

    async fn try_start() -> Option<Self> {
        let profile = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).arg("--log-level=SEVERE").stdout(Stdio::null());
        // Chromium keeps files beside its profile; all of them go with the folder.
        command.env("TMPDIR", profile.path()).env("HOME", profile.path()).process_group(0);
        let mut driver = command.spawn().expect("chromedriver starts (`bash tests/run` installs it)");
        let address = format!("http://127.0.0.1:{port}");
        let capabilities = capabilities(profile.path());
        let begun = std::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            if driver.try_wait().expect("its state").is_some() {
                return None;
            }
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(capabilities)
                    .connect(&address)
                    .await;
                return match client {
                    Ok(client) => Some(Self { driver, _profile: profile, client }),
                    Err(error) => {
                        println!("no session: {error}");
                        end(&mut driver);
                        None
                    }
                };
            }
            tokio::task::yield_now().await;
        }
        end(&mut driver);
        None
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.expect("DevTools answers")
    }

    /// Sets the page's outer form, without anything of a window around it.
    pub async fn show_as(&self, screen: Screen) {
        let Screen { width, height, dark } = screen;
        let size = json!({ "width": width, "height": height, "screenWidth": width, "screenHeight": height,
                          "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        // Colours change at once for who wishes no motion. Otherwise they fade as frames are drawn, and without a window
        // none may be drawn: the page would be judged by colours between two looks, which nobody sees.
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme },
                                         { "name": "prefers-reduced-motion", "value": "reduce" }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens an address and waits until it is loaded.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the page loads");
    }

    /// The first element for a CSS selector; it may take its time.
    pub async fn find(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("there is no {css} ({error}) in:\n{}", self.text().await),
        }
    }

    /// How many elements there are for a CSS selector.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.expect("a selector").len()
    }

    /// Types into a field, in place of what stood there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("cleared");
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{css} takes no text: {error}"));
    }

    /// Clicks, and waits for the page that this leads to.
    pub async fn press(&self, css: &str) {
        let before = self.client.execute("window.__before = true", Vec::new()).await;
        before.expect("the page takes a mark");
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be clicked: {error}"));
        let begun = std::time::Instant::now();
        loop {
            let loaded = "return window.__before !== true && document.readyState === 'complete'";
            // Between two pages there is none to ask.
            match self.client.execute(loaded, Vec::new()).await {
                Ok(Value::Bool(true)) => return,
                Ok(_) | Err(CmdError::Standard(_)) => {}
                Err(error) => panic!("the browser failed: {error}"),
            }
            assert!(begun.elapsed() < PATIENCE, "{css} led to no page:\n{}", self.text().await);
        }
    }

    /// Opens all that is folded, so that frames and pictures in it are loaded too.
    pub async fn open_everything(&self) {
        let unfold = "document.querySelectorAll('details').forEach(one => { one.open = true })";
        self.client.execute(unfold, Vec::new()).await.expect("unfolded");
        let loaded = "const done = arguments[0]; const frames = [...document.querySelectorAll('iframe')]; \
                      frames.forEach(one => { one.loading = 'eager' }); \
                      Promise.all(frames.map(one => new Promise(ready => { one.addEventListener('load', ready); \
                      one.src = one.src }))).then(() => done(frames.length))";
        self.client.execute_async(loaded, Vec::new()).await.expect("every frame loads");
    }

    /// What a reader sees.
    pub async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.expect("a body");
        body.text().await.expect("its text")
    }

    /// The whole page, however long, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let size = "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
        let size = self.client.execute(size, Vec::new()).await.expect("its size");
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let wish = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = self.devtools("Page.captureScreenshot", wish).await;
        let data = shot["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    /// By how many CSS pixels the page is wider than its screen; a page that does not adapt to a phone is, too.
    pub async fn sideways(&self) -> i64 {
        let over = "return document.documentElement.scrollWidth - screen.width";
        self.client.execute(over, Vec::new()).await.expect("a number").as_i64().expect("a number")
    }

    /// The origins of all requests that the browser made since the last look, whatever became of them.
    pub async fn origins_asked(&self) -> BTreeSet<String> {
        let log = self.log("performance").await;
        let messages = log.iter().filter_map(|one| serde_json::from_str::<Value>(one).ok());
        let asked = messages.filter(|one| {
            let method = &one["message"]["method"];
            method == "Network.requestWillBeSent" || method == "Network.webSocketCreated"
        });
        let urls = asked.filter_map(|one| {
            let params = &one["message"]["params"];
            params["request"]["url"].as_str().or(params["url"].as_str()).map(str::to_owned)
        });
        let origin = |url: String| match url::Url::parse(&url) {
            Ok(url) if url.scheme() == "data" || url.scheme() == "about" => None,
            // Pages of the browser's own have no origin.
            Ok(url) if !url.origin().is_tuple() => Some(format!("{}:", url.scheme())),
            Ok(url) => Some(url.origin().ascii_serialization()),
            Err(_) => Some(url),
        };
        urls.filter_map(origin).collect()
    }

    /// What the browser's console says since the last look: refused scripts and styles, and defects.
    pub async fn complaints(&self) -> Vec<String> {
        self.log("browser").await
    }

    async fn log(&self, kind: &str) -> Vec<String> {
        let log = self.client.issue_cmd(Vendor { path: "se/log", body: json!({ "type": kind }) }).await;
        let log = log.expect("the driver keeps a log");
        log.as_array().expect("a list").iter().filter_map(|one| one["message"].as_str().map(str::to_owned)).collect()
    }

    /// What axe-core finds wrong by WCAG 2.0 to 2.2, A and AA: rule, how bad, and where.
    pub async fn accessibility_faults(&self) -> Vec<String> {
        let axe = include_str!("../web/axe-core/axe.min.js");
        // The page's own policy forbids scripts; the driver's are not the page's.
        self.client.execute(axe, Vec::new()).await.expect("axe loads");
        let run = "const done = arguments[0]; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', \
                   'wcag22aa', 'best-practice'] }).then(r => done(r.violations.map(v => v.id + ' (' + v.impact + '): ' \
                   + v.nodes.map(n => n.target.join(' ') + ' [' + (n.any[0] || n.all[0] || n.none[0] || \
                   {message: ''}).message + ']').join('; '))), e => done(['axe failed: ' + e]))";
        let found = self.client.execute_async(run, Vec::new()).await.expect("axe answers");
        found.as_array().expect("a list").iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        end(&mut self.driver);
    }
}

/// Ends the driver with every process that it started.
fn end(driver: &mut Child) {
    let group = format!("-{}", driver.id());
    let _ended = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _reaped = driver.wait();
}

fn capabilities(profile: &Path) -> Capabilities {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--disable-gpu".into(),
        "--disable-quic".into(),
        "--disable-dev-shm-usage".into(),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--disable-default-apps".into(),
        "--hide-scrollbars".into(),
        // No name and no address but this machine's is found; a request is logged all the same.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1".into(),
        format!("--user-data-dir={}", profile.display()),
    ];
    // Chromium's own sandbox refuses root.
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        arguments.push("--no-sandbox".into());
    }
    let wanted = json!({
        "browserName": "chrome",
        "unhandledPromptBehavior": "ignore",
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
    });
    match wanted {
        Value::Object(map) => map,
        _ => Capabilities::new(),
    }
}

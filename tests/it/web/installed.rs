//! The installed program with its pages, as an operator has it: the real binary, accounts by command, and a browser.

use crate::support::browser::Browser;
use crate::support::clerk::{Clerk, Running};
use crate::support::free_port;
use std::os::unix::fs::PermissionsExt;

/// What every account signs in with.
pub const PASSPHRASE: &str = "quiet harbor lantern 41";

/// An installation whose pages are served.
pub struct Installed {
    /// Its files and commands.
    pub clerk: Clerk,
    /// The worker, which serves the pages.
    pub worker: Running,
    /// Where they are, without a slash at the end.
    pub url: String,
}

impl Installed {
    /// Starts the worker of `clerk`, with pages on a free port.
    pub fn start(clerk: Clerk) -> Self {
        let port = free_port();
        clerk.edit("\n[[mailbox]]", &format!("\n[web]\nlisten = \"127.0.0.1:{port}\"\n\n[[mailbox]]"));
        let mut worker = clerk.start(&["run"]);
        worker.wait_for_log("the pages are served", 1);
        Self { clerk, worker, url: format!("http://127.0.0.1:{port}") }
    }

    /// Makes an account.
    pub fn account(&self, email: &str, role: &str) {
        let secret = self.clerk.path("passphrase");
        std::fs::write(&secret, PASSPHRASE).expect("written");
        std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).expect("closed");
        let file = secret.to_str().expect("a path in UTF-8");
        self.clerk.ok(&["user", "add", email, "--role", role, "--passphrase-file", file]);
    }

    /// Signs in as a person does.
    pub async fn sign_in(&self, browser: &Browser, email: &str) {
        browser.open(&format!("{}/", self.url)).await;
        browser.fill("input[name=email]", email).await;
        browser.fill("input[name=passphrase]", PASSPHRASE).await;
        browser.press("main form button[type=submit]").await;
        assert!(browser.count("nav").await > 0, "signed in:\n{}", browser.text().await);
    }

    /// Opens a page of the site.
    pub async fn open(&self, browser: &Browser, path: &str) {
        browser.open(&format!("{}{path}", self.url)).await;
    }
}

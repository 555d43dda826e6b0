//! A desk whose partners read in the portal, and one of them.

use crate::support::requests::Fate;
use crate::web::support::{Client, House, Page};
use mailclerk::address::EmailAddress;
use mailclerk::desk::access::{Access, AccountRole};
use mailclerk::message::Message;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::worker::acts::{About, Act, ActFile, Acted};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A partner's passphrase.
pub const WORDS: &str = "seven otters paint the attic";
/// What stands nowhere but in an answer.
pub const CANARY: &str = "zebra-coloured canary 4711";

/// A desk with one case of somebody outside.
pub struct Scene {
    pub house: House,
    pub number: String,
    pub partner: String,
    count: AtomicU64,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with("way = \"portal\"").await
    }

    /// With these lines in `[secure]`.
    pub async fn with(secure: &str) -> Self {
        let house = House::with_portal(secure).await;
        let request = house.request(&house.desk, 1, Fate::Accepted);
        let number = house.case(&house.desk, 1).await;
        Self { house, number, partner: request.sender, count: AtomicU64::new(1) }
    }

    /// The case's page.
    pub fn place(&self) -> String {
        format!("/cases/{}/{}", self.house.desk.id, self.number)
    }

    /// A member of staff answers the case in the console, and the mail goes its way.
    pub async fn answer(&self, words: &str) {
        self.answer_with(&self.number, words, Vec::new()).await;
    }

    pub async fn answer_with(&self, number: &str, words: &str, files: Vec<ActFile>) {
        let admin = EmailAddress::parse("admin@operator.example").expect("an address");
        let access = Access::of(&admin, AccountRole::Admin, &self.house.worker.desks.all());
        let id = Uuid::from_u128(0xac7 << 64 | u128::from(self.count.fetch_add(1, Ordering::Relaxed)));
        let act = Act::new(id, About::Case(CaseNumber(number.to_owned()))).saying(words).enclosing(files);
        let acted = self.house.worker.act(&access, &self.house.desk.id, &act).await.expect("acted");
        assert!(matches!(acted, Acted::Done(_)), "{acted:?}");
        self.house.work().await;
    }

    /// The mails of this template to somebody, oldest first, raw.
    pub fn mails(&self, template: &str, to: &str) -> Vec<String> {
        let mut all = self.house.sent();
        all.retain(|raw| {
            let head = raw.split("\r\n\r\n").next().unwrap_or_default();
            head.contains(&format!("X-Mailclerk-Template: {template}\r\n")) && head.contains(&format!("<{to}>"))
                || head.contains(&format!("X-Mailclerk-Template: {template}\r\n"))
                    && head.contains(&format!("To: {to}"))
        });
        all
    }

    /// The path of the newest link that the partner got by a mail of this template.
    pub fn link_of(&self, template: &str) -> String {
        let mails = self.mails(template, &self.partner);
        let raw = mails.last().unwrap_or_else(|| panic!("no {template} went to the partner"));
        link_in(raw)
    }

    /// The path of the newest link of a notice.
    pub fn link(&self) -> String {
        self.link_of("portal_notice")
    }

    /// A browser in which the partner has made an account by a fresh notice's link.
    pub async fn signed_in(&self) -> Client {
        self.answer("Hello, we are looking into it.").await;
        let mut client = self.house.outsider();
        make_account(&mut client, &self.link(), WORDS).await;
        client
    }
}

/// The path of the link in a mail.
pub fn link_in(raw: &str) -> String {
    let text = Message::read(raw.as_bytes()).body.text;
    let at = text.find("/open/").unwrap_or_else(|| panic!("no link in:\n{text}"));
    let end =
        text[at..].find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | ']')).map_or(text.len(), |end| at + end);
    text[at..end].to_owned()
}

/// Opens a link and uses it; gives the answer.
pub async fn use_link(client: &mut Client, link: &str) -> Page {
    client.get(link).await.ok();
    client.post(link, &[]).await
}

/// Uses a link and makes the account that it leads to.
pub async fn make_account(client: &mut Client, link: &str, words: &str) -> Page {
    let page = use_link(client, link).await;
    let place = format!("{link}/passphrase");
    assert_eq!(page.location(), place, "{}", page.text());
    client.get(&place).await.ok();
    let page = client.post(&place, &[("new", words), ("again", words)]).await;
    assert_eq!(page.status, 303, "{}", page.text());
    // The first page that is shown gives the token of the session.
    client.get("/sessions").await.ok();
    page
}

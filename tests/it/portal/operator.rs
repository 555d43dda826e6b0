//! What an operator does for partners with `mailclerk user`, by the real program; and that a partner whose account was
//! reset or opened again comes back by a link.

use super::scene::{Scene, WORDS, make_account, use_link};
use crate::support::clerk::Clerk;
use axum::http::StatusCode;
use mailclerk::address::EmailAddress;
use mailclerk::clock::Clock;
use mailclerk::desk::access::{AccountRole, Realm};
use mailclerk::settings::{DatabaseUrl, master_key};
use mailclerk::store::{
    Account, AccountChange, AccountState, AccountWrite, Birth, Committed, EndSessions, NewSession, SessionLimits, Store,
};
use mailclerk::words::keys::Keys;
use secrecy::ExposeSecret;
use uuid::Uuid;

const PARTNER: &str = "jo@partner.example";

fn address() -> EmailAddress {
    EmailAddress::parse(PARTNER).expect("an address")
}

/// An installation with a portal, and an account of a partner who is signed in.
struct Office {
    clerk: Clerk,
    store: Store,
}

impl Office {
    async fn open() -> Self {
        let clerk = Clerk::on_folders();
        clerk.edit("\n[[mailbox]]", "\n[portal]\npublic_url = \"https://portal.example.com\"\n\n[[mailbox]]");
        let policy = clerk.path("desks").join(format!("{}.toml", clerk.desk.id));
        let text = std::fs::read_to_string(&policy).expect("a policy");
        std::fs::write(&policy, text.replacen("way = \"none\"", "way = \"portal\"", 1)).expect("written");
        clerk.once();
        let key = std::fs::read_to_string(clerk.path("mailclerk.key")).expect("a key");
        let keys = Keys::derive(master_key(&key).expect("a key").expose_secret());
        let url = DatabaseUrl::Sqlite(clerk.path("mailclerk.db"));
        let now = Clock::System.now();
        let store = Store::open(&url, None, Birth::Live, keys, now).await.expect("the database");
        let account = Account {
            id: Uuid::from_u128(7),
            version: 0,
            email: address(),
            role: AccountRole::Partner,
            state: AccountState::Active,
            passphrase: Some("a hash".to_owned()),
            codes: Some(b"12345678901234567890".to_vec()),
            code_step: 0,
            made_at: now,
        };
        let desks = [clerk.desk.id.clone()];
        let (change, end, by) = (AccountChange::Made, EndSessions::None, "test");
        let write = AccountWrite { account: &account, change, end, by, desks: &desks, now };
        assert_eq!(store.write_account(&write).await.expect("written"), Committed::Written);
        let office = Self { clerk, store };
        office.begin_session().await;
        office
    }

    async fn begin_session(&self) {
        let (account, desks) = (self.account().await, [self.clerk.desk.id.clone()]);
        let (id, now) = (Uuid::now_v7(), Clock::System.now());
        let token = id.to_string();
        let (code_step, agent, throttle) = (None, "Firefox on Linux", None);
        let new = NewSession { id, token: &token, account: &account, code_step, agent, throttle, desks: &desks, now };
        assert!(self.store.begin_session(&new).await.expect("begun"));
    }

    async fn account(&self) -> Account {
        self.store.account_in(Realm::Partners, &address()).await.expect("read").expect("an account")
    }

    async fn sessions(&self) -> usize {
        let day = jiff::SignedDuration::from_hours(24);
        let limits = SessionLimits { idle: day, longest: day };
        self.store.sessions_of(self.account().await.id, limits, Clock::System.now()).await.expect("read").len()
    }

    /// A command that must be refused; what it says.
    fn refused(&self, arguments: &[&str]) -> String {
        let ended = self.clerk.end_of(arguments);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}\n{}\n{}", ended.out, ended.log);
        ended.log
    }
}

#[tokio::test]
async fn an_operator_finds_ends_and_resets_accounts_of_partners() {
    let office = Office::open().await;
    let clerk = &office.clerk;
    for listed in [clerk.list(&["user", "list"]), clerk.list(&["user", "list", "--partner"])] {
        assert_eq!(listed.len(), 1, "{listed:?}");
        let one = &listed[0];
        assert_eq!((one["email"].as_str(), one["role"].as_str()), (Some(PARTNER), Some("partner")), "{one}");
        assert_eq!((one["totp"].as_bool(), one["passphrase"].as_bool()), (Some(true), Some(true)), "{one}");
        assert_eq!(one["desks"][0].as_str(), Some(clerk.desk.id.as_str()), "{one}");
    }
    assert!(clerk.ok(&["user", "list"]).contains("partner"));
    // The account at the console is meant where nothing is said, and there is none.
    assert!(office.refused(&["user", "end", PARTNER]).contains("add --partner"));
    assert_eq!(clerk.list(&["user", "sessions", PARTNER, "--partner"]).len(), 1);
    assert!(clerk.ok(&["user", "sessions", PARTNER, "--partner", "--end"]).starts_with("1 sessions"));
    assert_eq!(office.sessions().await, 0);

    office.begin_session().await;
    clerk.ok(&["user", "totp", PARTNER, "--partner", "--off"]);
    let account = office.account().await;
    assert!(account.codes.is_none() && account.passphrase.is_some());
    assert_eq!(office.sessions().await, 0);

    office.begin_session().await;
    let told = clerk.ok(&["user", "reset", PARTNER]);
    assert!(told.contains("user link"), "{told}");
    let account = office.account().await;
    assert!(account.codes.is_none() && account.passphrase.is_none() && account.state == AccountState::Active);
    assert_eq!(office.sessions().await, 0);

    assert!(office.refused(&["user", "reopen", PARTNER]).contains("not ended"));
    clerk.ok(&["user", "end", PARTNER, "--partner"]);
    assert_eq!(office.account().await.state, AccountState::Ended);
    assert!(office.refused(&["user", "end", PARTNER, "--partner"]).contains("ended already"));
    for action in ["reset", "link"] {
        assert!(office.refused(&["user", action, PARTNER]).contains("user reopen"), "{action}");
    }
    clerk.ok(&["user", "reopen", PARTNER]);
    let account = office.account().await;
    assert!(account.state == AccountState::Active && account.passphrase.is_none());
    clerk.ok(&["audit", "verify"]);
}

#[tokio::test]
async fn what_partners_do_themselves_is_refused_with_what_to_do_instead() {
    let office = Office::open().await;
    for (arguments, told) in [
        (&["user", "add", "new@partner.example", "--role", "admin", "--partner"][..], "user link"),
        (&["user", "passphrase", PARTNER, "--partner"], "user reset"),
        (&["user", "totp", PARTNER, "--partner"], "/codes"),
        (&["user", "role", PARTNER, "admin", "--partner"], "user add"),
        (&["user", "reset", "nobody@partner.example"], "user list --partner"),
        (&["user", "link", "nobody@partner.example"], "asked no desk"),
        (&["user", "link", "no address"], "no email address"),
    ] {
        let said = office.refused(arguments);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    assert!(office.account().await.passphrase.is_some());
}

#[tokio::test]
async fn a_link_goes_by_mail_alone_and_is_not_printed() {
    let office = Office::open().await;
    let clerk = &office.clerk;
    let told = clerk.ok(&["user", "link", PARTNER]);
    assert!(told.contains(PARTNER) && !told.contains("/open/"), "{told}");
    clerk.once();
    let mails: Vec<String> = clerk.written().iter().map(|raw| String::from_utf8_lossy(raw).into_owned()).collect();
    let [mail] = mails.as_slice() else { panic!("one mail, not {mails:?}") };
    assert!(mail.contains(PARTNER) && super::scene::link_in(mail).starts_with("/open/"), "{mail}");
    // Without an address of the portal there is nothing to lead to, and that is said.
    clerk.edit("public_url = \"https://portal.example.com\"", "");
    assert!(office.refused(&["user", "link", PARTNER]).contains("public_url"));
}

#[tokio::test]
async fn a_partner_who_was_reset_comes_back_by_the_next_notice() {
    let scene = Scene::new().await;
    let mut old = scene.signed_in().await;
    let before = scene.link();
    let email = EmailAddress::parse(&scene.partner).expect("an address");
    let found =
        async || scene.house.store.account_in(Realm::Partners, &email).await.expect("read").expect("an account");
    let change = async |account: Account, change: AccountChange| {
        let (desks, now) = ([scene.house.desk.id.clone()], scene.house.clock.now());
        let (end, by) = (EndSessions::All, "command");
        let write = AccountWrite { account: &account, change, end, by, desks: &desks, now };
        assert_eq!(scene.house.store.write_account(&write).await.expect("written"), Committed::Written);
    };
    change(Account { passphrase: None, codes: None, ..found().await }, AccountChange::Reset).await;
    assert!(old.get("/").await.location().starts_with("/sign-in"));
    for words in [WORDS, ""] {
        let mut client = scene.house.outsider();
        client.get("/sign-in").await.ok();
        let page = client.post("/sign-in", &[("email", &scene.partner), ("passphrase", words)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "no passphrase signs in");
    }
    // The link that was used up before leads nowhere; the next one to a new passphrase.
    assert_eq!(scene.house.outsider().get(&before).await.status, StatusCode::GONE);
    scene.answer("There is news.").await;
    let mut client = scene.house.outsider();
    make_account(&mut client, &scene.link(), "nine herons skip the bridge").await;
    assert_eq!(client.get(&scene.place()).await.status, StatusCode::OK);
    // While a person has ended the account, no link leads back.
    change(Account { state: AccountState::Ended, passphrase: None, ..found().await }, AccountChange::Ended).await;
    scene.answer("More news.").await;
    let page = use_link(&mut scene.house.outsider(), &scene.link()).await;
    assert!(page.location().starts_with("/sign-in"), "{}", page.location());
}

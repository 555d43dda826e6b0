//! A site over a rehearsal's database with two desks, and browsers that ask it for pages.
//!
//! `House::new()` has the shipped desk and, under another id, a copy of it with people of its own: what is foreign.
//! Mail is delivered into a Maildir and worked with `House::work`; what leaves lies in a folder.

mod client;

pub use client::{Client, Page};

use crate::support::clerk::DeskFile;
use crate::support::requests::{self, Fate, Request};
use axum::Router;
use jiff::{SignedDuration, Timestamp};
use mailclerk::address::EmailAddress;
use mailclerk::clock::Clock;
use mailclerk::desk::access::AccountRole;
use mailclerk::desk::{Desk, Role, load, shipped};
use mailclerk::mailbox::Mailbox;
use mailclerk::settings::{DatabaseUrl, MailboxUrl, OutgoingUrl, SentCopies, Start, Trust, Web};
use mailclerk::store::{Account, AccountChange, AccountState, AccountWrite, Birth, Committed, EndSessions, Store};
use mailclerk::transport::Transport;
use mailclerk::web::base::{Site, passphrase};
use mailclerk::web::{console, portal};
use mailclerk::words::keys::Keys;
use mailclerk::worker::desks::Desks;
use mailclerk::worker::{OpenMailbox, Place, Worker};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;
use uuid::Uuid;

/// Everybody's passphrase.
pub const PASSPHRASE: &str = "violet kettle under maps";
/// The domain of the desk that is foreign.
const OTHER_DOMAIN: &str = "second.example";
/// The id of the desk that is foreign.
pub const OTHER_DESK: &str = "second";

/// Where the portal says that it is.
pub const PORTAL_URL: &str = "http://127.0.0.1:8026";

/// When every rehearsal begins: a Monday morning in the shipped desk's zone.
pub fn start() -> Timestamp {
    "2026-11-23T15:00:00Z".parse().expect("an instant")
}

/// A site and all that it stands on.
pub struct House {
    pub site: Site,
    pub worker: Arc<Worker>,
    pub store: Store,
    pub clock: Clock,
    /// The desk that is worked for.
    pub desk: Arc<Desk>,
    /// A desk of other people.
    pub other: Arc<Desk>,
    routes: Router,
    portal: Router,
    folder: TempDir,
    mailboxes: tokio::sync::Mutex<Vec<OpenMailbox>>,
    count: Mutex<u128>,
}

impl House {
    pub async fn new() -> Self {
        Self::with(Web::usual(), None).await
    }

    /// With settings of the pages, and a public url.
    pub async fn with(web: Web, public_url: Option<&str>) -> Self {
        Self::built(web, public_url, None).await
    }

    /// With a portal, and these lines as the table `[secure]` of both desks.
    pub async fn with_portal(secure: &str) -> Self {
        Self::built(Web::usual(), None, Some(secure)).await
    }

    async fn built(web: Web, public_url: Option<&str>, secure: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desks = desks(folder.path(), secure);
        let keys = Keys::derive(&[7; 32]);
        let clock = Clock::rehearsal(start());
        let url = DatabaseUrl::Sqlite(folder.path().join("house.db"));
        let store = Store::open(&url, None, Birth::Rehearsal, keys.clone(), clock.now()).await.expect("a database");
        let transport = Transport::new(&OutgoingUrl::Folder(folder.path().join("out")), None, None);
        let mut places = BTreeMap::new();
        let mut mailboxes = Vec::new();
        for id in desks.keys() {
            let place = place(id);
            let mailbox = MailboxUrl::Maildir(folder.path().join("mail").join(id));
            let mailbox = Mailbox::new(&mailbox, None, None).expect("a mailbox");
            mailboxes.push(OpenMailbox { place: place.clone(), mailbox });
            places.insert(place.id.clone(), place);
        }
        let policies = folder.path().join("desks");
        let serving = Desks::watching(desks, Some(&policies));
        if secure.is_some() {
            serving.open_portal(PORTAL_URL);
        }
        let (desk, other) = (serving.all().into_iter().find(|desk| desk.id != OTHER_DESK), serving.get(OTHER_DESK));
        let worker = Worker::new(serving, store.clone(), clock.clone(), keys, transport, places, [9; 32]);
        let worker = Arc::new(worker);
        let site = Site::new(Arc::clone(&worker), web, public_url).expect("a site");
        let routes = console::routes(&site);
        let of_portal = Web { listen: "127.0.0.1:8026".parse().expect("an address"), ..Web::usual() };
        let partners = Site::for_partners(Arc::clone(&worker), of_portal, Some(PORTAL_URL)).expect("a portal");
        let portal = portal::routes(&partners);
        Self {
            site,
            worker,
            store,
            clock,
            desk: desk.expect("the shipped desk"),
            other: other.expect("its copy"),
            routes,
            portal,
            folder,
            mailboxes: tokio::sync::Mutex::new(mailboxes),
            count: Mutex::new(0),
        }
    }

    /// The folder that everything lies in.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Moves the clock on.
    pub fn wait(&self, minutes: i64) {
        self.clock.advance_to(self.clock.now() + SignedDuration::from_mins(minutes));
    }

    /// Puts a mail into a desk's mailbox.
    pub fn deliver(&self, desk: &Desk, raw: &[u8]) {
        let mut count = self.count.lock().expect("a count");
        *count += 1;
        let new = self.path().join("mail").join(&desk.id).join("new");
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(new.with_file_name(part)).expect("made");
        }
        std::fs::write(new.join(format!("{count}.mail")), raw).expect("delivered");
    }

    /// Reads, decides, files and sends what is there, a minute later.
    pub async fn work(&self) {
        let until = self.clock.now() + SignedDuration::from_mins(1);
        self.work_until(until).await;
    }

    /// The same, with all that falls due on the way.
    pub async fn work_until(&self, until: Timestamp) {
        self.worker.once(&mut self.mailboxes.lock().await, Some(until)).await.expect("worked");
    }

    /// A mail of which it is known what becomes of it; see `support::requests`.
    pub fn request(&self, desk: &Desk, n: usize, fate: Fate) -> Request {
        requests::request_of(&desk_file(&self.path().join("desks"), &desk.id), n, fate)
    }

    /// A case: a complete request, delivered and accepted. Gives its number.
    pub async fn case(&self, desk: &Desk, n: usize) -> String {
        let before: Vec<String> = self.numbers(desk).await;
        self.deliver(desk, &self.request(desk, n, Fate::Accepted).raw);
        self.work().await;
        let after = self.numbers(desk).await;
        after.into_iter().find(|number| !before.contains(number)).expect("a case")
    }

    async fn numbers(&self, desk: &Desk) -> Vec<String> {
        let cases = self.store.cases(Some(&desk.id), false).await.expect("cases");
        cases.into_iter().map(|case| case.number.0).collect()
    }

    /// The mails that left, oldest first.
    pub fn sent(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path().join("out")) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
        paths.sort();
        paths.iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("a mail")).into_owned()).collect()
    }

    /// The audit trail behind the store's back: desk, chain, kind and ids of each row, in order.
    pub async fn audit(&self) -> Vec<String> {
        use sqlx::{Connection, Row, SqliteConnection};
        let url = format!("sqlite:{}", self.path().join("house.db").display());
        let mut connection = SqliteConnection::connect(&url).await.expect("connected");
        let sql = "SELECT desk, chain, kind, ids FROM audit_rows ORDER BY at, desk, chain, seq";
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("rows");
        let text = |row: &sqlx::sqlite::SqliteRow, at: usize| row.get::<String, _>(at);
        rows.iter().map(|row| (0..4).map(|at| text(row, at)).collect::<Vec<_>>().join(" ")).collect()
    }

    /// A member of a desk's staff with this role there; with a line, one of that line.
    pub fn staff(&self, desk: &Desk, role: Role, line: Option<&str>) -> EmailAddress {
        let mut fitting = desk.staff.iter().filter(|staff| staff.role == role);
        let fits = |lines: &[mailclerk::words::LineId]| line.is_none_or(|line| lines.iter().any(|one| one.0 == line));
        fitting.find(|staff| fits(&staff.lines)).expect("somebody of the staff").email.clone()
    }

    /// Makes an account with [`PASSPHRASE`].
    pub async fn account(&self, email: &EmailAddress, role: AccountRole) -> Account {
        self.account_with(email, role, None).await
    }

    /// Makes an account that asks for codes of this secret.
    pub async fn account_with(&self, email: &EmailAddress, role: AccountRole, codes: Option<&[u8]>) -> Account {
        static HASHED: LazyLock<String> = LazyLock::new(|| passphrase::hash(PASSPHRASE).expect("a hash"));
        let account = Account {
            id: self.new_id(),
            version: 0,
            email: email.clone(),
            role,
            state: AccountState::Active,
            passphrase: Some(HASHED.clone()),
            codes: codes.map(<[u8]>::to_vec),
            code_step: 0,
            made_at: self.clock.now(),
        };
        let write = AccountWrite {
            account: &account,
            change: AccountChange::Made,
            end: EndSessions::None,
            by: "command",
            desks: &[],
            now: self.clock.now(),
        };
        assert_eq!(self.store.write_account(&write).await.expect("written"), Committed::Written);
        self.store.account(email).await.expect("read").expect("the account")
    }

    fn new_id(&self) -> Uuid {
        let mut count = self.count.lock().expect("a count");
        *count += 1;
        Uuid::from_u128(0xacc0 << 64 | *count)
    }

    /// A browser that is not signed in.
    pub fn visitor(&self) -> Client {
        Client::new(self.routes.clone())
    }

    /// A browser that is not signed in at the portal.
    pub fn outsider(&self) -> Client {
        Client::new(self.portal.clone())
    }

    /// The portal's pages, to be listened for.
    pub fn portal(&self) -> Router {
        self.portal.clone()
    }

    /// A browser in which this person is signed in, with an account made where there is none.
    pub async fn browser(&self, email: &EmailAddress, role: AccountRole) -> Client {
        if self.store.account(email).await.expect("read").is_none() {
            self.account(email, role).await;
        }
        let mut client = self.visitor();
        client.sign_in(&email.to_string(), PASSPHRASE).await;
        client
    }

    /// A specialist of the desk's first line.
    pub async fn specialist(&self) -> Client {
        let line = self.desk.lines[0].id.0.clone();
        self.browser(&self.staff(&self.desk, Role::Specialist, Some(&line)), AccountRole::Specialist).await
    }

    /// The supervisor of the desk's first line.
    pub async fn supervisor(&self) -> Client {
        let line = self.desk.lines[0].id.0.clone();
        self.browser(&self.staff(&self.desk, Role::Supervisor, Some(&line)), AccountRole::Supervisor).await
    }

    /// An admin, who is on no desk's staff.
    pub async fn admin(&self) -> Client {
        self.browser(&EmailAddress::parse("admin@operator.example").expect("an address"), AccountRole::Admin).await
    }

    /// A supervisor of the other desk: everything of the first is foreign to them.
    pub async fn stranger(&self) -> Client {
        self.browser(&self.staff(&self.other, Role::Supervisor, None), AccountRole::Supervisor).await
    }
}

/// The shipped desk, and a copy under another id with another prefix and other people.
fn desks(folder: &Path, secure: Option<&str>) -> BTreeMap<String, Arc<Desk>> {
    let policies = folder.join("desks");
    shipped::write_to(&policies, None).expect("written");
    let id = &shipped::ids()[0];
    let mut text = std::fs::read_to_string(policies.join(format!("{id}.toml"))).expect("a policy");
    if let Some(secure) = secure {
        let (before, after) = text.split_once("\n[secure]\n").expect("the table");
        let rest = after.find("\n[").map_or("", |at| &after[at..]);
        text = format!("{before}\n[secure]\n{secure}\n{rest}");
        std::fs::write(policies.join(format!("{id}.toml")), &text).expect("written");
    }
    let desk = load::load(&policies.join(format!("{id}.toml"))).expect("a desk");
    let copy = text
        .replace(&format!("prefix = \"{}\"", desk.prefix), "prefix = \"SECOND\"")
        .replace(desk.address.domain(), OTHER_DOMAIN);
    std::fs::write(policies.join(format!("{OTHER_DESK}.toml")), copy).expect("written");
    let desks = load::load_all(Some(&policies)).expect("two desks");
    desks.into_iter().map(|(id, desk)| (id, Arc::new(desk))).collect()
}

fn desk_file(policies: &Path, id: &str) -> DeskFile {
    let text = std::fs::read_to_string(policies.join(format!("{id}.toml"))).expect("a policy");
    DeskFile::of_policy(id, &text.parse().expect("TOML"))
}

fn place(desk: &str) -> Place {
    Place {
        id: format!("box of {desk}"),
        desk: desk.to_owned(),
        trust: Trust::Rfc8601 { authserv_id: "mx.desk.example".to_owned() },
        start: Start::All,
        sent: None,
        sent_copies: SentCopies::None,
        watched_sent: None,
    }
}

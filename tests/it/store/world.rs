//! A database of a test's own, and short words for what tests write into it.

use crate::support::postgres;
use jiff::{SignedDuration, Timestamp};
use mailclerk::address::{EmailAddress, Mailbox};
use mailclerk::case::standing::{Lookups, Standing, Target};
use mailclerk::case::{
    Case, ClockKind, ClockOf, ClockRow, ClockState, Entry, EventKind, LinkRole, Pending, PendingState,
};
use mailclerk::effects::{
    Chain, Decided, Effects, EventWrite, Folder, MailClass, MailState, MessageLink, OutgoingMail,
};
use mailclerk::message::content_hash;
use mailclerk::settings::DatabaseUrl;
use mailclerk::store::{Arrived, Birth, Committed, QueueFacts, Store, StoredContent, StoredKey};
use mailclerk::words::keys::Keys;
use mailclerk::words::numbers::{CaseNumber, PendingToken};
use mailclerk::words::{Decision, LineId, MemberName, Status, Template, Trace, Variant};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

pub const DESK: &str = "desk";
pub const MAILBOX: &str = "box";

pub struct World {
    pub store: Store,
    pub url: DatabaseUrl,
    pub keys: Keys,
    pub now: Timestamp,
    _folder: Option<TempDir>,
    ids: AtomicU64,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

pub fn mailbox(text: &str) -> Mailbox {
    Mailbox { name: None, address: address(text) }
}

pub fn raw(text: &str) -> Vec<u8> {
    format!("From: jo@example.com\r\n\r\n{text}\r\n").into_bytes()
}

impl World {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        Self::with(url, Some(folder)).await
    }

    pub async fn postgres() -> Self {
        Self::with(postgres::new_database(), None).await
    }

    async fn with(url: DatabaseUrl, folder: Option<TempDir>) -> Self {
        let keys = Keys::derive(&[7; 32]);
        let now = at("2026-11-21T10:15:00Z");
        let store = Store::open(&url, None, Birth::Live, keys.clone(), now).await.expect("a new database");
        Self { store, url, keys, now, _folder: folder, ids: AtomicU64::new(1) }
    }

    /// Another process's view of the same database.
    pub async fn other(&self) -> Store {
        Store::open(&self.url, None, Birth::Live, self.keys.clone(), self.now).await.expect("the same database")
    }

    /// Ids in their order.
    pub fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::SeqCst)) << 64 | 0xfeed)
    }

    pub fn later(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }

    /// Runs SQL behind the store's back; gives how many rows it changed.
    pub async fn sql(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let url = format!("sqlite:{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("connected");
                sqlx::query(sql).execute(&mut connection).await.expect("done").rows_affected()
            }
            DatabaseUrl::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("connected");
                sqlx::query(sql).execute(&mut connection).await.expect("done").rows_affected()
            }
        }
    }

    /// Reads one column of text behind the store's back.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let url = format!("sqlite:{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("connected");
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("read")
            }
            DatabaseUrl::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("connected");
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("read")
            }
        }
    }

    pub fn arrived(&self, name: &str, body: &str, arrived: Timestamp) -> Arrived {
        let key = StoredKey { uid_validity: 9, name: name.to_owned() };
        let queue = QueueFacts::default();
        Arrived { id: self.id(), key, arrived, content: StoredContent::Raw(raw(body)), queue }
    }

    /// Records one message and leases it: its row and fence.
    pub async fn leased(&self, body: &str) -> (Uuid, i64) {
        self.leased_at(body, self.now).await
    }

    pub async fn leased_at(&self, body: &str, arrived: Timestamp) -> (Uuid, i64) {
        let one = self.arrived(&self.id().to_string(), body, arrived);
        let recorded = self.store.record(MAILBOX, DESK, &[one], None, self.now).await.expect("recorded");
        let until = self.later(60 * 24 * 365);
        let leased = self.store.lease_messages(DESK, Uuid::from_u128(1), 1, until, self.now).await.expect("leased");
        assert_eq!(leased[0].id, recorded[0].id, "the only one that waits");
        (leased[0].id, leased[0].fence)
    }

    /// The effects of a decision about a message of `author`, with nothing else in them.
    pub fn decided(&self, message: Uuid, author: &str, decision: Decision) -> Effects {
        let decided = Decided {
            message,
            releases_held: false,
            overrules: None,
            decision,
            reasons: Vec::new(),
            trace: Trace::default(),
            automatic: None,
            line: None,
            topics: Vec::new(),
            warnings: Vec::new(),
            urgent: false,
            arrived: self.now,
            content_hash: None,
            message_id: None,
            author_version: None,
            author: Some(mailbox(author)),
            subject: "a subject".into(),
            visible_text: "some new words".into(),
            attachments: Vec::new(),
            request: serde_json::json!({"read": true}),
            words_hash: String::new(),
            subject_hash: String::new(),
            gets_reply: false,
            from_stranger: false,
            folder: Folder::of(decision),
        };
        let mut effects = self.nothing();
        effects.events.push(event(Chain::Desk, EventKind::Decided));
        effects.decided = Some(decided);
        effects
    }

    pub fn nothing(&self) -> Effects {
        Effects { desk: DESK.into(), at: self.now, ..Effects::default() }
    }

    /// A new case of `requester` in `effects`, opened by its message.
    pub fn opens(&self, effects: &mut Effects, number: &str, requester: &str) -> Uuid {
        let case = self.case(number, requester);
        let id = case.id;
        effects.cases.push(case);
        if let Some(decided) = &effects.decided {
            let link = MessageLink { message: decided.message, target: Target::Case(id), role: LinkRole::Opened };
            effects.links.push(link);
        }
        effects.events.push(event(Chain::Case(id), EventKind::CaseOpened));
        id
    }

    pub fn case(&self, number: &str, requester: &str) -> Case {
        Case {
            id: self.id(),
            version: 0,
            desk: DESK.into(),
            number: CaseNumber(number.into()),
            line: Some(LineId("one".into())),
            kind: None,
            priority: None,
            status: Status::New,
            urgent: false,
            requester: address(requester),
            requester_name: Some("Jo".into()),
            participants: vec![address(requester), address("copied@example.com")],
            external: true,
            specialist: None,
            assigned_at: None,
            entries: vec![Entry {
                member: MemberName { last: "Doe".into(), first: "Jane".into() },
                fields: BTreeMap::from([("member_id".into(), "H12345678".into())]),
            }],
            subject: "Doe, Jane One".into(),
            opened_at: self.now,
            resolved_at: None,
            links: Vec::new(),
            next_words: None,
            paused: None,
            waits_until: None,
            merged_into: None,
            course: Default::default(),
        }
    }

    pub fn pending(&self, token: &str, requester: &str) -> Pending {
        Pending {
            id: self.id(),
            version: 0,
            desk: DESK.into(),
            token: PendingToken(token.into()),
            number: None,
            requester: address(requester),
            participants: vec![address(requester)],
            request: serde_json::json!({"fields": {"a": "b"}}),
            missing: vec!["member_id".into()],
            sent: vec!["what we sent".into()],
            subject: "Doe, Jane".into(),
            member: None,
            urgent: false,
            state: PendingState::Open,
            case: None,
            opened_at: self.now,
            newest_at: self.now,
        }
    }

    pub fn mail(&self, to: &str, class: MailClass, about: Option<Target>) -> OutgoingMail {
        let id = self.id();
        OutgoingMail {
            id,
            desk: DESK.into(),
            template: if class == MailClass::Staff { Template::Relay } else { Template::Receipt },
            variant: Variant::Full,
            class,
            state: MailState::Queued,
            from: mailbox("desk@example.com"),
            to: mailbox(to),
            subject: "Re: a subject".into(),
            text: "text".into(),
            html: "<p>text</p>".into(),
            attachments: Vec::new(),
            generated: Vec::new(),
            message_id: format!("mc1.{id}@example.com"),
            in_reply_to: Some("theirs@example.com".into()),
            references: vec!["root@example.com".into()],
            date: self.now,
            auto_submitted: (class == MailClass::Automatic).then_some("auto-replied"),
            case_number: None,
            about,
            replies_to: None,
            not_before: self.now,
            gateway: None,
        }
    }

    pub fn clock(&self, of: ClockOf, kind: ClockKind, due: Timestamp) -> ClockRow {
        ClockRow {
            id: self.id(),
            desk: DESK.into(),
            of,
            kind,
            started: self.now,
            due_local: "2026-11-24T05:15:00".parse().expect("a local time"),
            zone: "America/New_York".into(),
            due,
            calendar_version: "1".into(),
            state: ClockState::Running,
        }
    }

    pub async fn commit(&self, effects: &[Effects], fences: &[(Uuid, i64)]) -> Vec<Committed> {
        self.store.commit(effects, fences, self.now).await.expect("committed")
    }

    /// Commits what must be written.
    pub async fn write(&self, effects: Effects, fences: &[(Uuid, i64)]) {
        assert_eq!(self.commit(&[effects], fences).await, [Committed::Written]);
    }

    pub fn lookups(&self, body: &str, author: &str) -> Lookups {
        Lookups {
            message: Uuid::from_u128(0xffff),
            content_hash: content_hash(&raw(body)),
            author: Some(address(author)),
            ..Lookups::default()
        }
    }

    pub async fn standing(&self, lookups: &Lookups) -> Standing {
        let standing = self.store.standing(DESK, lookups, self.now).await.expect("a standing");
        // Asked together with one of whom nothing is known but their domain, the answer is the same.
        let domain = lookups.author.as_ref().map_or("elsewhere.example", |author| author.domain());
        let mut other = self.lookups("of nobody", &format!("nobody.yet@{domain}"));
        other.message = Uuid::from_u128(u128::MAX);
        let asked = [(lookups, standing.arrived), (&other, self.now)];
        let together = self.store.standings(DESK, &asked, self.now).await.expect("standings");
        let alone = self.store.standing(DESK, &other, self.now).await.expect("a standing");
        assert_eq!(together, [standing.clone(), alone]);
        standing
    }
}

pub fn event(chain: Chain, kind: EventKind) -> EventWrite {
    EventWrite { chain, kind, ids: BTreeMap::from([("a".into(), "b".into())]), content: None }
}

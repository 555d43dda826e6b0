//! No statement of the store walks through a whole big table: SQLite's plan of each that a story with every call runs.
//! PostgreSQL's plans depend on how many rows there are; its indexes are the same (`tests/it/store/opening.rs`).

use super::value::args;
use super::{AlarmWrite, Checkpoint, Turn};
use super::{Arrived, Birth, QueueFacts, Released, Resolution, Store, StoredContent, StoredCursor, StoredKey};
use crate::address::{EmailAddress, Mailbox};
use crate::case::standing::{Lookups, Target};
use crate::case::{Case, ClockKind, ClockOf, ClockRow, ClockState, EventKind, LinkRole, Pending, PendingState};
use crate::desk::Breaker;
use crate::digest::Scope;
use crate::digest::facts::{FactsAsked, Stretch};
use crate::effects::{
    AbsenceWrite, Chain, ClockChoice, ClockEnd, Decided, Effects, EventWrite, Folder, ListEntry, ListedContent,
    MailClass, MailState, MessageLink, OutgoingMail, RequesterWrite,
};
use crate::gate::{Change, Gate};
use crate::message::Message;
use crate::settings::DatabaseUrl;
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, Numbering, PendingToken, Tag};
use crate::words::{Decision, LineId, Status, Template, Trace, Variant};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use uuid::Uuid;

static RUN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps the text of a statement that is run.
pub(super) fn note(sql: &str) {
    RUN.lock().unwrap().insert(sql.to_owned());
}

/// Statements that are meant to read all there is, by how they begin.
const READS_ALL: [&str; 9] = [
    "SELECT desk, version, state, since, why, by_whom", // a row a desk
    "DELETE FROM locks",                                // a handful
    "SELECT 1 FROM sqlite_schema",
    "SELECT holder FROM messages", // the leases that stand, each by its own small index, and the locks
    "SELECT desk, chain, seq, hash FROM audit_heads WHERE seq > 0", // verifying
    "SELECT seq, at, hash FROM audit_checkpoints", // verifying
    "SELECT born, key_check FROM installation",
    "SELECT MAX(version)",
    "SELECT id, desk, template, variant, class, state, state_at, about_kind, about, case_number, replies_to, dated, \
     auto_submitted, not_before, queued_at, attempts, retry_at, why, sent_again, fence, sealed FROM mails ORDER BY",
];

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn mailbox() -> Mailbox {
    Mailbox { name: None, address: address("jo@example.com") }
}

pub(super) fn mail(n: u128, now: Timestamp) -> OutgoingMail {
    OutgoingMail {
        id: id(n),
        desk: "d".into(),
        template: Template::Receipt,
        variant: Variant::Full,
        class: MailClass::Answer,
        state: MailState::Queued,
        from: mailbox(),
        to: mailbox(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        attachments: Vec::new(),
        generated: Vec::new(),
        message_id: format!("{n}@example.com"),
        in_reply_to: None,
        references: Vec::new(),
        date: now,
        auto_submitted: None,
        case_number: None,
        // Lanes of their own.
        about: Some(Target::Case(id(n))),
        replies_to: None,
        not_before: now,
        gateway: None,
    }
}

fn case(now: Timestamp) -> Case {
    Case {
        id: id(50),
        version: 0,
        desk: "d".into(),
        number: CaseNumber("AB-100001".into()),
        line: None,
        kind: None,
        priority: None,
        status: Status::New,
        urgent: false,
        requester: address("jo@example.com"),
        requester_name: None,
        participants: vec![address("jo@example.com")],
        external: false,
        specialist: None,
        assigned_at: None,
        entries: Vec::new(),
        subject: String::new(),
        opened_at: now,
        resolved_at: None,
        links: vec![id(51)],
        next_words: None,
        paused: None,
        waits_until: None,
        merged_into: None,
        course: crate::case::course::Course::default(),
    }
}

fn pending(now: Timestamp) -> Pending {
    Pending {
        id: id(60),
        version: 0,
        desk: "d".into(),
        token: PendingToken("AB-P00000001".into()),
        number: None,
        requester: address("jo@example.com"),
        participants: Vec::new(),
        request: serde_json::Value::Null,
        missing: Vec::new(),
        sent: Vec::new(),
        subject: String::new(),
        member: None,
        urgent: false,
        state: PendingState::Open,
        case: None,
        opened_at: now,
        newest_at: now,
    }
}

fn decided(message: Uuid, now: Timestamp) -> Decided {
    Decided {
        message,
        releases_held: false,
        overrules: None,
        decision: Decision::Accept,
        reasons: Vec::new(),
        trace: Trace::default(),
        automatic: None,
        line: None,
        topics: Vec::new(),
        warnings: Vec::new(),
        urgent: false,
        arrived: now,
        content_hash: None,
        message_id: Some("in@example.com".into()),
        author_version: None,
        author: Some(mailbox()),
        subject: String::new(),
        visible_text: String::new(),
        attachments: Vec::new(),
        request: serde_json::Value::Null,
        words_hash: "a".into(),
        subject_hash: "b".into(),
        gets_reply: true,
        from_stranger: false,
        folder: Folder::Accepted,
    }
}

fn clock(now: Timestamp) -> ClockRow {
    ClockRow {
        id: id(70),
        desk: "d".into(),
        of: ClockOf::Case(id(50)),
        kind: ClockKind::Respond,
        started: now,
        due_local: "2026-11-24T05:15:00".parse().unwrap(),
        zone: "UTC".into(),
        due: now,
        calendar_version: String::new(),
        state: ClockState::Running,
    }
}

/// Effects in which everything that can be written is written.
fn everything(message: Uuid, now: Timestamp) -> Effects {
    let ids = BTreeMap::new();
    let end = |which| ClockEnd { which, state: ClockState::Ended };
    let target = Target::Case(id(50));
    Effects {
        desk: "d".into(),
        at: now,
        decided: Some(decided(message, now)),
        clocks_ended: vec![end(ClockChoice::AllOf(ClockOf::Case(id(50))))],
        cases: vec![case(now)],
        pendings: vec![pending(now)],
        links: vec![MessageLink { message, target, role: LinkRole::Opened }],
        events: vec![
            EventWrite { chain: Chain::Desk, kind: EventKind::Decided, ids: ids.clone(), content: None },
            EventWrite { chain: Chain::Case(id(50)), kind: EventKind::Answered, ids, content: None },
        ],
        mails: (80..86).map(|n| mail(n, now)).collect(),
        clocks: vec![clock(now)],
        requesters: vec![RequesterWrite { address: address("ann@example.com"), bounced_hard: true }],
        bounced_mails: vec![("80@example.com".into(), true)],
        released: Vec::new(),
        absences: vec![AbsenceWrite { email: address("ann@example.com"), from: Date::MIN, to: Date::MAX }],
        listed: vec![ListEntry {
            id: id(90),
            list: "l".into(),
            source: id(50),
            why: "staff".into(),
            content: ListedContent::default(),
        }],
        ..Effects::default()
    }
}

async fn inbound(store: &Store, now: Timestamp) {
    let cursor = Some(StoredCursor { uid_validity: 1, next_uid: 3 });
    let lease = store.take_reader("m", id(9), SignedDuration::from_secs(45)).await.unwrap().unwrap();
    assert!(store.renew_reader(&lease, SignedDuration::from_secs(45)).await.unwrap());
    assert!(store.is_reader(&lease).await.unwrap());
    store.begin_mailbox(&lease, "d", now, cursor, 0, now).await.unwrap();
    store.mailbox_start("m").await.unwrap();
    store.cursor("m").await.unwrap();
    let arrived = |n: u128, body: &str| Arrived {
        id: id(n),
        key: StoredKey { uid_validity: 1, name: n.to_string() },
        arrived: now,
        content: StoredContent::Raw(body.into()),
        queue: QueueFacts {
            sender: Some(address("jo@example.com")),
            is_staff: n == 1,
            own_id: Some(format!("{n}@example.com")),
            answers: vec!["1@example.com".into()],
        },
    };
    store.record("m", "d", &[arrived(1, "one"), arrived(2, "two")], cursor, now).await.unwrap();
    let mut moved = arrived(3, "one");
    moved.key.uid_validity = 2;
    store.record("m", "d", &[moved], None, now).await.unwrap();
    store.record_sent("m/sent", "d", &[arrived(4, "four")], cursor, now).await.unwrap();
    store.pass_over("m/sent", "d", &[(id(5), StoredKey { uid_validity: 0, name: "5".into() })], now).await.unwrap();
    store.known_names("m/sent").await.unwrap();
    let four = Message::read(b"Message-ID: <4@example.com>\r\n\r\nfour");
    store.was_in_sent("d", &four, id(4)).await.unwrap();
    let until = Timestamp::MAX;
    store.lease_messages("d", id(9), 5, until, now).await.unwrap();
    let back = |n| Released { message: id(n), fence: 1, counts: false, again_at: now };
    store.release_messages(&[back(1), back(2)]).await.unwrap();
    store.next_undecided("d").await.unwrap();
    store.undecided("d", now, 100).await.unwrap();
    let leased = store.lease_messages("d", id(9), 5, until, now).await.unwrap();
    store.desks_with_undecided(now, 10).await.unwrap();
    store.has_unfiled("m").await.unwrap();
    store.release_reader(&lease).await.unwrap();
    store.end_leases_of_the_dead(now).await.unwrap();
    let effects = everything(id(1), now);
    store.commit(&[effects], &[(id(1), leased[0].fence)], now).await.unwrap();
    let which = ClockChoice::Row(id(70));
    let fires = ClockEnd { which, state: ClockState::Met };
    let events = vec![EventWrite {
        chain: Chain::Case(id(50)),
        kind: EventKind::Note,
        ids: BTreeMap::new(),
        content: Some("x".into()),
    }];
    let fires = Effects { desk: "d".into(), at: now, clocks_ended: vec![fires], events, ..Effects::default() };
    store.commit(&[fires], &[], now).await.unwrap();
    store.unfiled("m", 5).await.unwrap();
    store.mark_filed(&[id(1)], now).await.unwrap();
    store.reserve_numbers("d", &Numbering::standard("AB"), jiff::civil::date(2026, 11, 2), 1).await.unwrap();
}

fn until(now: Timestamp) -> Timestamp {
    now.checked_add(jiff::SignedDuration::from_mins(5)).unwrap()
}

async fn outbound(store: &Store, now: Timestamp) {
    let claimed = store.claim_mails(id(9), 9, now, now).await.unwrap();
    assert_eq!(claimed.len(), 6);
    let claims: Vec<_> = claimed.iter().map(|one| (one.mail.id, one.fence)).collect();
    store.release_mails(&claims[5..], now).await.unwrap();
    store.mark_committing(&claims[..4], now).await.unwrap();
    store.mark_sent(claims[0].0, claims[0].1, "250", now).await.unwrap();
    store.mark_deferred(claims[1].0, claims[1].1, now, "451", now).await.unwrap();
    store.mark_failed(claims[2].0, claims[2].1, "550", now).await.unwrap();
    store.recover_mails(now).await.unwrap();
    store.mark_uncertain(claims[0].0, 0, "x", now).await.unwrap();
    store.uncertain_mails(5).await.unwrap();
    for resolution in [Resolution::StaysUncertain, Resolution::SendAgain, Resolution::Sent] {
        store.resolve_uncertain(claims[3].0, resolution, now).await.unwrap();
    }
    store.retry_mail(claims[2].0, now).await.unwrap();
    store.cancel_mail(claims[2].0, now).await.unwrap();
    store.record_sent_copy(claims[0].0, "other@example.com", now).await.unwrap();
    store.uncopied_mails("d", 5).await.unwrap();
    store.has_uncopied("d").await.unwrap();
    store.next_mail_number("d").await.unwrap();
    store.mark_copied(&[claims[0].0], now).await.unwrap();
    store.waiting_secure("d", 0, 5).await.unwrap();
    let gate = store.turn_outbox_gate("d", Turn::Hold { why: None }, "a person", now).await.unwrap();
    let gate = gate.released("a person", false, now);
    let alarm = AlarmWrite { id: id(200), desk: "d".into(), way: "webhook", kind: "x".into(), facts: "x".into() };
    // One so strict that everything is counted.
    let strict = Breaker { hourly: 0, share: 0, to_one: 0, bounces: 0, bounce_percent: 1, rest_minutes: 5 };
    let figures = store.outbox_figures(&gate, &strict, now).await.unwrap();
    let gate = Gate { version: 1, ..gate };
    assert!(store.set_outbox_gate(&gate, Some(Change::Returning), Some(&figures), &[alarm], now).await.unwrap());
    store.outbox_gate("d", now).await.unwrap();
    store.outbox_gates().await.unwrap();
    store.claim_mails(id(9), 9, now, now).await.unwrap();
    store.lease_alarms(id(9), 5, until(now), now).await.unwrap();
    store.mark_alarm(id(200), id(9), Some(now), now).await.unwrap();
    store.undelivered_alarms().await.unwrap();
    store.outbox(None, false).await.unwrap();
    store.outbox(None, true).await.unwrap();
    store.mail(claims[0].0).await.unwrap();
}

async fn reading(store: &Store, now: Timestamp) {
    let number = CaseNumber("AB-100001".into());
    let lookups = Lookups {
        message_id: Some("x@example.com".into()),
        author: Some(address("jo@example.com")),
        tokens: vec![Tag::Case(number.clone())],
        message_ids: vec!["80@example.com".into()],
        ..Lookups::default()
    };
    store.standing("d", &lookups, now).await.unwrap();
    let stranger = Lookups { author: Some(address("new@example.net")), content_hash: [7; 32], ..Lookups::default() };
    store.standings("d", &[(&lookups, now), (&stranger, now)], now).await.unwrap();
    store.due_clocks(ClockKind::ALL, now, 5).await.unwrap();
    store.next_due(&[ClockKind::Respond]).await.unwrap();
    store.absences("d", Date::MIN).await.unwrap();
    let one = address("jo@example.com");
    for line in [None, Some(&LineId("l".into()))] {
        store.turns("d", line, std::slice::from_ref(&one)).await.unwrap();
    }
    store.last_activity("d", id(50), now).await.unwrap();
    store.open_cases("d").await.unwrap();
    store.last_worklists("d").await.unwrap();
    store.last_digest("d").await.unwrap();
    store.desk_clock("d", ClockKind::Digest).await.unwrap();
    store.newest_instant("d").await.unwrap();
    let stretch = Stretch { from: Timestamp::MIN, to: Timestamp::MAX };
    let (scope, periods) = (Scope::All, vec![stretch, Stretch { from: now, to: until(now) }]);
    let asked = FactsAsked { scope, periods, columns: 0, since: Some(stretch), now: true, subjects: true };
    let facts = store.facts("d", &asked).await.unwrap();
    assert!(!facts.told.is_empty() && !facts.decisions.is_empty());
    store.try_lock("tick", id(9), now, now).await.unwrap();
    store.unlock("tick", id(9)).await.unwrap();
    store.cases_around(&[id(50)]).await.unwrap();
    store.pendings_around(&[id(60)]).await.unwrap();
    store.case_state(id(50)).await.unwrap();
    store.case_by_number("d", &number).await.unwrap();
    store.pending_state(id(60)).await.unwrap();
    store.message_state(id(1)).await.unwrap();
    store.raw_message(id(1)).await.unwrap();
    store.request_messages(id(50)).await.unwrap();
    store.is_bounced_hard("d", &address("jo@example.com")).await.unwrap();
    store.cases(None, true).await.unwrap();
    store.cases(Some("d"), false).await.unwrap();
    store.case_view(&number).await.unwrap();
    store.held(None).await.unwrap();
    store.pendings(None).await.unwrap();
    store.decisions_since("d", now).await.unwrap();
    assert_eq!(store.list_entries("d", "l").await.unwrap().len(), 1);
    store.comments_of("d", id(50)).await.unwrap();
    let tomorrow = now + SignedDuration::from_hours(24);
    assert!(store.next_checkpoint().await.unwrap().is_some());
    assert!(matches!(store.checkpoint_if_due(tomorrow).await.unwrap(), Checkpoint::Written { .. }));
    store.newest_checkpoint().await.unwrap();
    store.audit_verify().await.unwrap();
    store.purge_content("d", now).await.unwrap();
    super::console::plans::pages(store, now).await;
    super::portal::plans::pages(store, now).await;
}

/// A walk over rows that were selected already: one page of a desk, to be put together with those of others.
fn is_page_of_a_desk(step: &str) -> bool {
    let name = step.strip_prefix("SCAN ").unwrap_or_default();
    name == "q" || name.strip_prefix('q').is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A list of the console that is read a page at a time, of one desk.
fn is_list_of_a_page(sql: &str) -> bool {
    sql.ends_with("LIMIT 51") && !sql.contains("UNION ALL")
}

/// What is due next is read from the beginning of its index, however much runs: nothing is put in order for it.
fn leaves_the_order_of_what_is_due(sql: &str, step: &str) -> bool {
    let is_of_clocks = step.contains("clocks") && !step.contains("USING INDEX clocks_due");
    sql.contains("FROM clocks WHERE state = 'running' AND kind IN") && (is_of_clocks || step.contains("TEMP B-TREE"))
}

#[tokio::test]
async fn no_statement_walks_through_a_big_table() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("plans.db"));
    let now: Timestamp = "2026-11-21T10:15:00Z".parse().unwrap();
    let store = Store::open(&url, None, Birth::Live, Keys::derive(&[1; 32]), now).await.unwrap();
    inbound(&store, now).await;
    outbound(&store, now).await;
    reading(&store, now).await;
    let statements: Vec<String> = RUN.lock().unwrap().iter().cloned().collect();
    for mark in super::portal::plans::LOOKED_AT {
        assert!(statements.iter().any(|sql| sql.contains(mark)), "{mark} was not run");
    }
    let mut looked_at = 0;
    let mut walks = Vec::new();
    for sql in statements {
        let is_query = ["SELECT", "UPDATE", "DELETE", "INSERT"].iter().any(|word| sql.starts_with(word));
        if !is_query || READS_ALL.iter().any(|start| sql.starts_with(start)) {
            continue;
        }
        looked_at += 1;
        for row in store.db.rows(&format!("EXPLAIN QUERY PLAN {sql}"), args![]).await.unwrap() {
            let step = row.text("detail").unwrap();
            // Rows that the statement itself brings, and walks along an index that holds just the rows that count, or
            // that gives them in the order asked for.
            let brings = [
                "SCAN v",
                "SCAN own",
                "SCAN told",
                "SCAN some",
                "SCAN few",
                "SCAN asked",
                "SCAN open_ones",
                "SCAN resolved_ones",
                "SCAN CONSTANT ROW",
            ];
            // Several rows written at once might mend a reference that hangs in the air: only then SQLite would look for it.
            let looks_for_children = sql.starts_with("INSERT INTO mails ") && step == "SCAN portal_links";
            let is_brought = brings.contains(&step.as_str())
                || step.contains("CONSTANT ROWS")
                || step.ends_with("-ROW VALUES CLAUSE")
                || looks_for_children;
            if step.starts_with("SCAN") && !step.contains("INDEX") && !is_brought && !is_page_of_a_desk(&step) {
                walks.push(format!("{step}: {sql}"));
            }
            // A list of a page is read in the order of an index, and nothing is put in order that was not asked for.
            let sorts = step.contains("TEMP B-TREE FOR ORDER BY") && is_list_of_a_page(&sql);
            let scans = step.starts_with("SCAN") && is_list_of_a_page(&sql) && !is_page_of_a_desk(&step);
            // What is asked for each row of many at once never goes through all that a desk has.
            let walks_desk = step.ends_with(" (desk=?)") && sql.contains("FROM (VALUES");
            if sorts || scans || walks_desk || leaves_the_order_of_what_is_due(&sql, &step) {
                walks.push(format!("{step}: {sql}"));
            }
        }
    }
    assert!(looked_at > 80, "{looked_at}");
    assert!(walks.is_empty(), "{}", walks.join("\n"));
}

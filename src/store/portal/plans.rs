//! Every statement of the portal, run once, for the test of the plans (`store::plans`).

use super::PortalView;
use crate::address::EmailAddress;
use crate::desk::access::{AccountRole, Realm};
use crate::effects::{Effects, MailClass};
use crate::store::portal::portal_token;
use crate::store::{Account, AccountChange, AccountState, AccountWrite, EndSessions, NewSession, SessionLimits, Store};
use crate::words::keys::Keys;
use crate::words::numbers::{CaseNumber, PendingToken};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// A mail with a link, of which there is one.
async fn link(store: &Store, keys: &Keys, now: Timestamp) {
    let id = Uuid::from_u128(300);
    let mail = crate::store::plans::mail(300, now);
    let mails = vec![crate::effects::OutgoingMail { class: MailClass::PortalNotice, ..mail }];
    let effects = Effects { desk: "d".into(), at: now, mails, ..Effects::default() };
    store.commit(&[effects], &[], now).await.unwrap();
    let link = store.portal_link(&portal_token(keys, id)).await.unwrap().expect("a link");
    assert!(store.use_portal_link(&link, "one browser", now).await.unwrap());
    assert!(!store.use_portal_link(&link, "another browser", now).await.unwrap());
    store.burn_portal_link(&link).await.unwrap();
}

/// An account of a partner and a session of it, from the first to the last.
async fn account(store: &Store, partner: &EmailAddress, now: Timestamp) {
    let desks = ["d".to_owned()];
    let account = Account {
        id: Uuid::from_u128(301),
        version: 0,
        email: partner.clone(),
        role: AccountRole::Partner,
        state: AccountState::Active,
        passphrase: None,
        codes: None,
        code_step: 0,
        made_at: now,
    };
    let (change, end, by) = (AccountChange::Made, EndSessions::All, "test");
    store.write_account(&AccountWrite { account: &account, change, end, by, desks: &desks, now }).await.unwrap();
    let account = store.account_in(Realm::Partners, partner).await.unwrap().expect("an account");
    let (code_step, agent, throttle, id) = (Some(1), "a browser", None, Uuid::from_u128(302));
    let new = NewSession { id, token: "token", account: &account, code_step, agent, throttle, desks: &desks, now };
    assert!(store.begin_session(&new).await.unwrap());
    let hour = SignedDuration::from_hours(1);
    let limits = SessionLimits { idle: hour, longest: hour };
    let soon = now + SignedDuration::from_mins(2);
    assert!(store.session_in(Realm::Partners, "token", limits, soon).await.unwrap().is_some());
    store.say(id, "a sentence").await.unwrap();
    store.take_said(id).await.unwrap();
    store.sessions_of(account.id, limits, soon).await.unwrap();
    store.end_sessions((account.id, partner), EndSessions::Others(id), by, &desks, now).await.unwrap();
    store.end_session(account.id, id, now).await.unwrap();
    store.account_by_id(account.id).await.unwrap();
}

/// What each statement of `store::portal` and of `store::turns` has and no other: that they were all looked at.
pub(in crate::store) const LOOKED_AT: [&str; 23] = [
    "INSERT INTO portal_links",
    "SELECT token_key, mail, desk, kind, expires_at, used_at, used_by FROM portal_links",
    "UPDATE portal_links SET used_at",
    "SELECT used_at FROM portal_links",
    "DELETE FROM portal_links",
    "UPDATE portal_links SET used_by",
    "INSERT INTO portal_asked",
    "SELECT id FROM portal_asked LIMIT 1",
    "DELETE FROM portal_asked",
    "SELECT desk, MAX(at) AS newest",
    "WHERE c.requester_key = $1 AND c.desk IN",
    "WHERE c.desk = $1 AND c.number = $2 AND c.requester_key",
    "WHERE p.requester_key = $1 AND p.state = $2",
    "WHERE p.desk = $1 AND p.token = $2 AND p.requester_key",
    "SELECT of_id, kind, due FROM clocks WHERE state = $1",
    "SELECT id FROM pendings WHERE case_id",
    "SELECT target_kind, target FROM message_links WHERE message",
    "WHERE l.author_key = $1 AND l.role IN",
    "portal_at FROM mails WHERE to_key",
    "SELECT MIN(turn) AS floor FROM messages",
    "SELECT own_id_key, MIN(turn) AS turn FROM messages",
    "m.sender_key = v.column2 AND m.turn = 0",
    "m.to_key = v.column2",
];

/// Runs what each page runs, and what the worker runs for it.
pub(in crate::store) async fn pages(store: &Store, now: Timestamp) {
    let partner = EmailAddress::parse("jo@example.com").unwrap();
    let keys = Keys::derive(&[1; 32]);
    link(store, &keys, now).await;
    account(store, &partner, now).await;
    store.ask_portal_link(Uuid::from_u128(303), "jo@example.com", now).await.unwrap();
    assert_eq!(store.take_asked_links().await.unwrap(), ["jo@example.com"]);
    assert_eq!(store.desks_asked_by(&partner).await.unwrap(), ["d"]);
    let desks = ["d".to_owned(), "e".to_owned()];
    assert!(!store.partner_cases(&partner, &desks).await.unwrap().is_empty());
    store.partner_pendings(&partner, &desks).await.unwrap();
    let number = CaseNumber("AB-100001".into());
    let one = store.partner_case(&partner, "d", &number).await.unwrap().expect("a case");
    let token = PendingToken("AB-P00000001".into());
    store.partner_pending(&partner, "d", &token).await.unwrap();
    store.partner_conversation(&partner, &one.case).await.unwrap();
    store.partner_pending_conversation(&partner, Uuid::from_u128(60)).await.unwrap();
    store.targets_of(Uuid::from_u128(1)).await.unwrap();
    store.is_bounced_hard("d", &partner).await.unwrap();
    let view = PortalView { desk: "d", case: Some(one.case.id), what: "case", row: None };
    store.record_portal_views(&partner, &[view], now).await.unwrap();
}

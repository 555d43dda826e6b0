//! Accounts, sessions and throttles: versions, codes that are taken once, ends, and tries that are counted.

use super::on_both;
use super::world::{World, address};
use jiff::SignedDuration;
use mailclerk::desk::access::AccountRole;
use mailclerk::store::{
    Account, AccountChange, AccountState, AccountWrite, Committed, EndSessions, NewSession, SessionLimits, ThrottleRule,
};

on_both!(
    an_account_is_made_once_and_changed_from_what_it_is,
    a_code_is_taken_once,
    sessions_say_things_and_end,
    tries_are_counted
);

const LIMITS: SessionLimits =
    SessionLimits { idle: SignedDuration::from_mins(30), longest: SignedDuration::from_hours(12) };

async fn write(world: &World, account: &Account, change: AccountChange, end: EndSessions) -> Committed {
    let desks = ["desk".to_owned()];
    let write = AccountWrite { account, change, end, by: "command", desks: &desks, now: world.now };
    world.store.write_account(&write).await.expect("written or stale")
}

async fn account(world: &World) -> Account {
    let account = Account {
        id: world.id(),
        version: 0,
        email: address("Jo.Field@example.com"),
        role: AccountRole::Specialist,
        state: AccountState::Active,
        passphrase: Some("a hash".to_owned()),
        codes: Some(vec![7; 20]),
        code_step: 0,
        made_at: world.now,
    };
    assert_eq!(write(world, &account, AccountChange::Made, EndSessions::None).await, Committed::Written);
    world.store.account(&address("jo.field@EXAMPLE.com")).await.expect("read").expect("the account")
}

async fn begin(world: &World, account: &Account, token: &str, code_step: Option<i64>) -> bool {
    let throttle = world.store.throttle_key("account jo");
    let desks = ["desk".to_owned()];
    let (id, throttle, now) = (world.id(), Some(throttle.as_str()), world.now);
    let new = NewSession { id, token, account, code_step, agent: "Firefox", throttle, desks: &desks, now };
    world.store.begin_session(&new).await.expect("begun or not")
}

async fn an_account_is_made_once_and_changed_from_what_it_is(world: World) {
    let first = account(&world).await;
    assert_eq!((first.version, first.email.to_string()), (1, "Jo.Field@example.com".to_owned()));
    let again = Account { id: world.id(), version: 0, ..first.clone() };
    assert_eq!(write(&world, &again, AccountChange::Made, EndSessions::None).await, Committed::Stale);
    let admin = Account { role: AccountRole::Admin, ..first.clone() };
    assert_eq!(write(&world, &admin, AccountChange::Role, EndSessions::None).await, Committed::Written);
    assert_eq!(write(&world, &first, AccountChange::Role, EndSessions::None).await, Committed::Stale, "an old version");
    let all = world.store.accounts().await.expect("read");
    assert_eq!(all.iter().map(|one| (one.role, one.version)).collect::<Vec<_>>(), [(AccountRole::Admin, 2)]);
    let rows = world.texts("SELECT ids FROM audit_rows WHERE kind = 'account_changed' ORDER BY seq").await;
    assert_eq!(rows.len(), 2, "what was not written has no row: {rows:?}");
    assert!(rows.iter().all(|ids| ids.contains(&world.store.account_key(&first.email)) && !ids.contains("field")));
}

async fn a_code_is_taken_once(world: World) {
    let account = account(&world).await;
    assert!(begin(&world, &account, "one", Some(10)).await);
    assert!(!begin(&world, &account, "two", Some(10)).await && !begin(&world, &account, "two", Some(9)).await);
    assert!(begin(&world, &account, "three", Some(11)).await);
    let changed = Account { passphrase: None, ..account.clone() };
    assert_eq!(write(&world, &changed, AccountChange::Passphrase, EndSessions::None).await, Committed::Written);
    assert!(!begin(&world, &account, "four", Some(12)).await, "the account was changed meanwhile");
    let now = world.store.account(&account.email).await.expect("read").expect("the account");
    assert_eq!(now.code_step, 11, "a change of the account makes no code new again");
    let signed_in = world.texts("SELECT ids FROM audit_rows WHERE kind = 'signed_in'").await;
    assert_eq!(signed_in.len(), 2);
}

async fn sessions_say_things_and_end(world: World) {
    let account = account(&world).await;
    for token in ["one", "two", "three"] {
        assert!(begin(&world, &account, token, None).await);
    }
    let (session, _) = world.store.session("one", LIMITS, world.now).await.expect("read").expect("a session");
    assert!(world.store.session("none", LIMITS, world.now).await.expect("read").is_none());
    for sentence in ["first", "second"] {
        world.store.say(session.id, sentence).await.expect("said");
    }
    assert_eq!(world.store.take_said(session.id).await.expect("taken"), ["first", "second"]);
    assert!(world.store.take_said(session.id).await.expect("taken").is_empty());
    assert_eq!(world.store.sessions_of(account.id, LIMITS, world.now).await.expect("read").len(), 3);
    assert!(!world.store.end_session(world.id(), session.id, world.now).await.expect("ended"), "not of that account");
    assert!(world.store.end_session(account.id, session.id, world.now).await.expect("ended"));
    assert!(world.store.session("one", LIMITS, world.now).await.expect("read").is_none());
    assert!(world.store.session("two", LIMITS, world.later(29)).await.expect("read").is_some());
    assert!(world.store.session("three", LIMITS, world.later(30)).await.expect("read").is_none(), "not used");
    assert!(world.store.session("two", LIMITS, world.later(58)).await.expect("read").is_some(), "used since");
    assert_eq!(write(&world, &account, AccountChange::Passphrase, EndSessions::All).await, Committed::Written);
    assert!(world.store.session("two", LIMITS, world.later(58)).await.expect("read").is_none());
    let tokens = world.texts("SELECT token_key FROM sessions").await;
    assert!(tokens.iter().all(|key| key.len() == 32 && !["one", "two", "three"].contains(&key.as_str())), "{tokens:?}");
}

async fn tries_are_counted(world: World) {
    let (first, longest) = (SignedDuration::from_mins(1), SignedDuration::from_mins(4));
    let rule = ThrottleRule { free: 2, first, longest, forget: SignedDuration::from_hours(1) };
    let names = [("account jo".to_owned(), rule)];
    let may = async |minutes: i64| world.store.may_try(&names, world.later(minutes)).await.expect("counted");
    assert!(may(0).await && may(0).await && may(0).await, "two are free, and the third begins the first delay");
    assert!(!may(0).await && may(1).await && !may(2).await && may(3).await && !may(6).await && may(7).await);
    let other = [("account ann".to_owned(), rule)];
    assert!(world.store.may_try(&other, world.later(7)).await.expect("counted"), "others do not wait");
    assert!(may(70).await && may(70).await && may(70).await && !may(70).await, "forgotten, and counted anew");
    let account = account(&world).await;
    assert!(begin(&world, &account, "one", None).await);
    assert!(may(70).await, "whoever signed in begins again");
    let keys = world.texts("SELECT of_key FROM throttles").await;
    assert!(keys.iter().all(|key| key.len() == 32), "{keys:?}");
}

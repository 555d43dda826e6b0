//! A case's timeline, mails, held messages, the trail and who looked: each by whom it may be seen.

use crate::store::on_both;
use crate::store::world::{DESK, World, address, event};
use mailclerk::case::standing::Target;
use mailclerk::case::{EventKind, LinkRole};
use mailclerk::desk::access::{Access, AccountRole, DeskAccess};
use mailclerk::effects::{Chain, EventWrite, MailClass, MailState, MessageLink};
use mailclerk::store::{ExportFilter, MailList, TimelineWhat, TrailFilter, View};
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{Decision, LineId, Status};
use std::collections::BTreeMap;
use uuid::Uuid;

on_both!(
    a_timeline_holds_all_that_belongs,
    mails_are_seen_by_whom_they_concern,
    held_messages_are_for_supervisors,
    a_view_is_one_row_a_minute,
    the_trail_is_paged_and_filtered,
    what_waits_is_counted,
);

fn access(role: AccountRole, lines: Option<&[&str]>) -> Access {
    let lines = lines.map(|lines| lines.iter().map(|line| LineId((*line).into())).collect());
    Access { email: address("ann@example.com"), role, desks: vec![DeskAccess { desk: DESK.into(), lines }] }
}

fn everything() -> Access {
    access(AccountRole::Admin, None)
}

/// A case of line `one` with its message, a receipt and a note.
async fn case(world: &World, number: &str, requester: &str) -> (Uuid, Uuid, Uuid) {
    let (message, fence) = world.leased(number).await;
    let mut effects = world.decided(message, requester, Decision::Accept);
    let id = world.opens(&mut effects, number, requester);
    let content = Some(serde_json::json!({ "text": format!("a note about {number}") }));
    effects.events.push(EventWrite { content, ..event(Chain::Case(id), EventKind::Note) });
    let mut mail = world.mail(requester, MailClass::Automatic, Some(Target::Case(id)));
    mail.replies_to = Some(message);
    mail.case_number = Some(number.into());
    let mail_id = mail.id;
    effects.mails.push(mail);
    world.write(effects, &[(message, fence)]).await;
    (id, message, mail_id)
}

fn told(page: &mailclerk::store::CasePage) -> Vec<String> {
    let items = page.items.iter().map(|item| {
        let of = item.of.as_ref().map(|number| format!(" of {number}")).unwrap_or_default();
        let pending = if item.was_pending { " pending" } else { "" };
        match &item.what {
            TimelineWhat::Message(one) => format!("message {}{of}{pending}", one.text.as_deref().unwrap_or("purged")),
            TimelineWhat::Mail(one) => format!("mail {}{of}{pending}", one.template),
            TimelineWhat::Event(one) => format!("{}{of}: {}", one.kind, one.text.as_deref().unwrap_or("-")),
        }
    });
    items.collect()
}

async fn a_timeline_holds_all_that_belongs(world: World) {
    let (first, ..) = case(&world, "AB-100001", "jo@example.com").await;
    let (second, ..) = case(&world, "AB-100002", "jo@example.com").await;
    // A returned request that became the first case.
    let (message, fence) = world.leased("returned").await;
    let mut effects = world.decided(message, "jo@example.com", Decision::Return);
    let mut pending = world.pending("AB-P00000001", "jo@example.com");
    pending.case = Some(first);
    effects.links.push(MessageLink { message, target: Target::Pending(pending.id), role: LinkRole::Opened });
    effects.mails.push(world.mail("jo@example.com", MailClass::Automatic, Some(Target::Pending(pending.id))));
    effects.pendings.push(pending);
    world.write(effects, &[(message, fence)]).await;
    // The second is merged into the first.
    let mut merged = world.store.case_state(second).await.expect("read").expect("there");
    (merged.merged_into, merged.links, merged.status) = (Some(first), vec![first], Status::Resolved);
    let mut effects = world.nothing();
    effects.cases.push(merged);
    world.write(effects, &[]).await;
    let number = CaseNumber("AB-100001".into());
    world.store.record_view(&everything(), View::of_case(DESK, first, "case"), world.now).await.expect("written");
    let page = world.store.case_page(&everything(), DESK, &number).await.expect("read").expect("there");
    let mut all = told(&page);
    all.sort();
    assert_eq!(
        all,
        [
            "case_opened of AB-100002: -",
            "case_opened: -",
            "mail receipt",
            "mail receipt of AB-100002",
            "mail receipt pending",
            "message some new words",
            "message some new words of AB-100002",
            "message some new words pending",
            "note of AB-100002: a note about AB-100002",
            "note: a note about AB-100001",
        ]
    );
    assert!(page.linked.iter().any(|one| one.is_merged && one.number.0 == "AB-100002"));
    // Seen from the other side: where it went.
    let other = world.store.case_page(&everything(), DESK, &CaseNumber("AB-100002".into())).await.expect("read");
    assert_eq!(other.expect("there").merged_into, Some(number.clone()));
    for foreign in [access(AccountRole::Supervisor, Some(&["two"])), Access { desks: Vec::new(), ..everything() }] {
        assert!(world.store.case_page(&foreign, DESK, &number).await.expect("read").is_none());
        assert!(world.store.visible_message(&foreign, message).await.expect("read").is_none());
    }
    // What belonged to it before there was a case is seen with it.
    let own = access(AccountRole::Specialist, Some(&["one"]));
    let seen = world.store.visible_message(&own, message).await.expect("read").expect("seen");
    assert_eq!((seen.case, seen.case_id), (Some(number), Some(first)));
}

async fn mails_are_seen_by_whom_they_concern(world: World) {
    let (.., of_case) = case(&world, "AB-100001", "jo@example.com").await;
    let mut effects = world.nothing();
    let to_me = world.mail("ann@example.com", MailClass::Staff, None);
    let to_boss = world.mail("boss@example.com", MailClass::Staff, None);
    let redirect = world.mail("al@example.com", MailClass::Answer, None);
    let ids = [of_case, to_me.id, to_boss.id, redirect.id];
    effects.mails.extend([to_me, to_boss, redirect]);
    world.write(effects, &[]).await;
    for (who, seen) in [
        (everything(), [true, true, true, true]),
        (access(AccountRole::Supervisor, None), [true, true, true, true]),
        (access(AccountRole::Supervisor, Some(&["one"])), [true, true, false, true]),
        (access(AccountRole::Supervisor, Some(&["two"])), [false, true, false, true]),
        (access(AccountRole::Specialist, Some(&["one"])), [true, false, false, false]),
        (access(AccountRole::Specialist, Some(&["two"])), [false, false, false, false]),
        (Access { desks: Vec::new(), ..everything() }, [false; 4]),
    ] {
        let mut listed: Vec<Uuid> = Vec::new();
        let page = world.store.mail_page(&who, MailList::NotSent, None, None).await.expect("read");
        listed.extend(page.mails.iter().map(|one| one.id));
        let count = world.store.mail_count(&who, MailList::Queued, None).await.expect("counted");
        assert_eq!(count.n as usize, listed.len(), "{who:?}");
        for (id, is_seen) in ids.iter().zip(seen) {
            assert_eq!(world.store.visible_mail(&who, *id).await.expect("read").is_some(), is_seen, "{who:?}");
            assert_eq!(listed.contains(id), is_seen, "{who:?}");
        }
    }
    let claimed = world.store.claim_mails(world.id(), 9, world.later(9), world.now).await.expect("claimed");
    let failed = claimed.iter().find(|one| one.mail.id == of_case).expect("claimed");
    world.store.mark_failed(of_case, failed.fence, "550", world.now).await.expect("marked");
    for (list, n) in [(MailList::Failed, 1), (MailList::NeedsPerson, 1), (MailList::Sent, 0), (MailList::Deferred, 0)] {
        let page = world.store.mail_page(&everything(), list, None, None).await.expect("read");
        assert_eq!(page.mails.len(), n, "{list}");
        assert!(page.mails.iter().all(|one| one.state == MailState::Failed && one.why.as_deref() == Some("550")));
    }
}

async fn held_messages_are_for_supervisors(world: World) {
    let mut held = Vec::new();
    for (n, line) in [None, Some("one"), Some("two")].into_iter().enumerate() {
        let (message, fence) = world.leased(&format!("held {n}")).await;
        let mut effects = world.decided(message, "jo@example.com", Decision::Hold);
        if let Some(decided) = &mut effects.decided {
            decided.line = line.map(|line| LineId(line.into()));
        }
        world.write(effects, &[(message, fence)]).await;
        held.push(message);
    }
    for (who, seen) in [
        (everything(), [true, true, true]),
        (access(AccountRole::Supervisor, Some(&["one"])), [true, true, false]),
        (access(AccountRole::Specialist, Some(&["one"])), [false; 3]),
        (access(AccountRole::Specialist, None), [false; 3]),
    ] {
        let page = world.store.held_page(&who, None, None).await.expect("read");
        for (id, is_seen) in held.iter().zip(seen) {
            assert_eq!(page.messages.iter().any(|one| one.message.id == *id), is_seen, "{who:?}");
            assert_eq!(world.store.visible_message(&who, *id).await.expect("read").is_some(), is_seen, "{who:?}");
        }
        let waiting = world.store.waiting(&who, world.now).await.expect("counted");
        assert_eq!(waiting.held.n as usize, page.messages.len());
    }
}

async fn a_view_is_one_row_a_minute(world: World) {
    let (id, message, _) = case(&world, "AB-100001", "jo@example.com").await;
    let (store, ann) = (&world.store, everything());
    let bob = Access { email: address("bob@example.com"), ..everything() };
    let page = || View::of_case(DESK, id, "case");
    for (who, view, minutes) in [
        (&ann, page(), 0),
        (&ann, page(), 0),
        (&bob, page(), 0),
        (&ann, View::of_case(DESK, id, "message").with("message", message), 0),
        (&ann, page(), 2),
        (&ann, page().exported(), 2),
        (&ann, page().exported(), 2),
    ] {
        store.record_view(who, view, world.later(minutes)).await.expect("written");
    }
    let rows = "SELECT kind || ' ' || ids FROM audit_rows WHERE kind IN ('viewed', 'exported')";
    let rows = world.texts(rows).await;
    assert_eq!(rows.len(), 6, "{rows:?}");
    assert!(rows.iter().all(|row| !row.contains('@')), "{rows:?}");
    // Several at once, into one chain.
    let views = (0..8).map(|n| {
        let (store, ann) = (store.clone(), ann.clone());
        let view = View::of_case(DESK, id, "attachment").with("place", n);
        async move { store.record_view(&ann, view, world.now).await.expect("written") }
    });
    futures::future::join_all(views).await;
    store.record_search(&ann, "Jane H12345678", None, world.now).await.expect("written");
    let searched = world.texts("SELECT ids FROM audit_rows WHERE ids LIKE '%search%'").await;
    assert!(searched.len() == 1 && !searched[0].contains("jane") && !searched[0].contains("12345678"), "{searched:?}");
    let report = store.audit_verify().await.expect("read");
    assert!(report.broken.is_empty(), "{:?}", report.broken);
}

async fn the_trail_is_paged_and_filtered(world: World) {
    let (first, ..) = case(&world, "AB-100001", "jo@example.com").await;
    let mut other = world.case("AB-100002", "al@example.com");
    other.line = Some(LineId("two".into()));
    let second = other.id;
    let mut effects = world.nothing();
    effects.cases.push(other);
    for n in 0..130 {
        let chain = [Chain::Desk, Chain::Case(first), Chain::Case(second)][n % 3];
        let ids = BTreeMap::from([("n".to_owned(), n.to_string()), ("account".to_owned(), format!("k{}", n % 2))]);
        effects.events.push(EventWrite { ids, ..event(chain, EventKind::Nudged) });
    }
    world.write(effects, &[]).await;
    let nudges = |case: Option<&str>, account: Option<&str>| TrailFilter {
        desk: DESK.into(),
        case: case.map(|number| CaseNumber(number.into())),
        kind: Some(EventKind::Nudged),
        account: account.map(str::to_owned),
        ..TrailFilter::default()
    };
    let line_one = access(AccountRole::Supervisor, Some(&["one"]));
    for (who, filter, expected) in [
        (everything(), nudges(None, None), 130),
        (everything(), nudges(None, Some("k0")), 65),
        (everything(), nudges(Some("AB-100001"), None), 43),
        (everything(), nudges(Some("AB-100009"), None), 0),
        (line_one.clone(), nudges(None, None), 87),
        (line_one.clone(), nudges(Some("AB-100002"), None), 0),
        (Access { desks: Vec::new(), ..everything() }, nudges(None, None), 0),
    ] {
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = world.store.trail(&who, &filter, after.as_deref()).await.expect("read");
            seen.extend(page.rows.iter().map(|row| row.event.ids["n"].clone()));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (expected, expected), "{who:?} {filter:?}");
    }
    let (rows, next) = world.store.export_rows(&ExportFilter::default(), Some(&line_one), None).await.expect("read");
    assert!(next.is_none() && !rows.is_empty() && rows.iter().all(|row| row.chain != second.to_string()));
}

async fn what_waits_is_counted(world: World) {
    case(&world, "AB-100001", "jo@example.com").await;
    let mut mine = world.case("AB-100002", "al@example.com");
    mine.specialist = Some(address("ann@example.com"));
    let mut effects = world.nothing();
    let of = mailclerk::case::ClockOf::Case(mine.id);
    effects.clocks.push(world.clock(of, mailclerk::case::ClockKind::Respond, world.later(-5)));
    effects.cases.push(mine);
    world.write(effects, &[]).await;
    let waiting = world.store.waiting(&everything(), world.now).await.expect("counted");
    assert_eq!((waiting.unassigned.n, waiting.overdue.n, waiting.mails.n), (1, 1, 0));
    let load = world.store.people_load(&everything(), None, world.now).await.expect("read");
    let told: Vec<_> =
        load.iter().map(|one| (one.specialist.as_ref().map(ToString::to_string), one.open, one.overdue)).collect();
    assert_eq!(told, [(None, 1, 0), (Some("ann@example.com".into()), 1, 1)]);
    let bob = Access { email: address("bob@example.com"), ..access(AccountRole::Specialist, Some(&["two"])) };
    let waiting = world.store.waiting(&bob, world.now).await.expect("counted");
    assert_eq!((waiting.unassigned.n, waiting.overdue.n), (0, 0));
}

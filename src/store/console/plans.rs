//! Every statement of a page, run once with each of its filters, for the test of the plans (`store::plans`).

use super::{Cursor, MailList, QueueDue, QueueFilter, QueueOrder, QueueSpecialist, QueueStatus, TrailFilter, View};
use crate::address::EmailAddress;
use crate::case::EventKind;
use crate::desk::access::{Access, AccountRole, DeskAccess};
use crate::store::{ExportFilter, Store};
use crate::words::numbers::CaseNumber;
use crate::words::{LineId, Status};
use jiff::Timestamp;
use uuid::Uuid;

fn accesses() -> Vec<Access> {
    let email = EmailAddress::parse("ann@example.com").unwrap();
    let one = |lines: Option<&str>| DeskAccess { desk: "d".into(), lines: lines.map(|line| vec![LineId(line.into())]) };
    vec![
        Access { email: email.clone(), role: AccountRole::Admin, desks: vec![one(None)] },
        Access { email: email.clone(), role: AccountRole::Supervisor, desks: vec![one(Some("l"))] },
        Access { email: email.clone(), role: AccountRole::Specialist, desks: vec![one(Some("l"))] },
        Access {
            email,
            role: AccountRole::Admin,
            desks: vec![one(None), DeskAccess { desk: "e".into(), lines: None }],
        },
    ]
}

fn filters(now: Timestamp) -> Vec<QueueFilter> {
    let all = QueueFilter::default;
    let me = EmailAddress::parse("ann@example.com").unwrap();
    vec![
        all(),
        QueueFilter { line: Some(LineId("l".into())), ..all() },
        QueueFilter { status: QueueStatus::All, ..all() },
        QueueFilter { status: QueueStatus::All, line: Some(LineId("l".into())), ..all() },
        QueueFilter { status: QueueStatus::All, specialist: QueueSpecialist::One(me.clone()), ..all() },
        QueueFilter { status: QueueStatus::Waiting, ..all() },
        QueueFilter { status: QueueStatus::One(Status::Resolved), ..all() },
        QueueFilter { status: QueueStatus::One(Status::InReview), ..all() },
        QueueFilter { specialist: QueueSpecialist::One(me), ..all() },
        QueueFilter { specialist: QueueSpecialist::Nobody, ..all() },
        QueueFilter { specialist: QueueSpecialist::Somebody, ..all() },
        QueueFilter { due: QueueDue::Before(now), ..all() },
        QueueFilter { due: QueueDue::Between(now, now), ..all() },
        QueueFilter { due: QueueDue::Nothing, urgent: true, ..all() },
    ]
}

/// Runs what each page runs.
pub(in crate::store) async fn pages(store: &Store, now: Timestamp) {
    let after = Cursor { rank: 1, at: now, id: Uuid::from_u128(1) };
    for access in accesses() {
        for filter in filters(now) {
            for order in [QueueOrder::Due, QueueOrder::Newest, QueueOrder::Oldest] {
                store.queue(&access, &filter, order, None).await.unwrap();
                store.queue(&access, &filter, order, Some(&after)).await.unwrap();
            }
            store.queue_count(&access, &filter).await.unwrap();
            store.search(&access, "jane doe 12", &filter, None).await.unwrap();
            store.search(&access, "jane", &filter, Some(&after)).await.unwrap();
        }
        let number = CaseNumber("AB-100001".into());
        store.case_page(&access, "d", &number).await.unwrap();
        store.visible_message(&access, Uuid::from_u128(1)).await.unwrap();
        store.held_page(&access, None, Some(&after)).await.unwrap();
        for list in MailList::ALL {
            store.mail_page(&access, *list, None, Some(&after)).await.unwrap();
            store.mail_count(&access, *list, None).await.unwrap();
        }
        store.visible_mail(&access, Uuid::from_u128(80)).await.unwrap();
        store.people_load(&access, None, now).await.unwrap();
        store.waiting(&access, now).await.unwrap();
        store.record_view(&access, View::of_case("d", Uuid::from_u128(50), "case"), now).await.unwrap();
        trail(store, &access, number, now).await;
        let filter = ExportFilter { desk: Some("d".into()), since: Some(now), until: Some(now) };
        store.export_rows(&filter, Some(&access), None).await.unwrap();
    }
    store.export_checkpoints().await.unwrap();
    store.index_older_cases(10).await.unwrap();
}

async fn trail(store: &Store, access: &Access, number: CaseNumber, now: Timestamp) {
    let all = || TrailFilter { desk: "d".into(), ..TrailFilter::default() };
    let after = format!("{now:.6}~desk~1");
    for filter in [
        all(),
        TrailFilter { case: Some(number), ..all() },
        TrailFilter { kind: Some(EventKind::Decided), since: Some(now), until: Some(now), ..all() },
        TrailFilter { account: Some("k".into()), ..all() },
    ] {
        store.trail(access, &filter, None).await.unwrap();
        store.trail(access, &filter, Some(&after)).await.unwrap();
    }
}

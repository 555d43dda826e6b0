//! Mail into a folder of files.

use crate::support::outgoing;
use jiff::Timestamp;
use mailclerk::transport::{Contents, Evidence, FolderTransport, Prepared, SendError, Transport};
use std::path::Path;

/// What stays in a folder beside the mails.
const LOCK: &str = ".last-number";

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mails(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.ends_with(".eml")).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn send(transport: &Transport, id: &str, now: &str) -> String {
    let prepared = Prepared::new(&outgoing(id), &Contents::new()).unwrap();
    let mut sender = transport.sender();
    sender.begin(&prepared, at(now)).await.unwrap().finish().await.unwrap().reply
}

#[tokio::test]
async fn files_are_named_by_instant_and_a_number_that_goes_up_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out/mail");
    let open = || Transport::Folder(FolderTransport::new(path.clone()));
    assert_eq!(send(&open(), "a", "2026-11-21T10:15:00Z").await, "2026-11-21T101500Z-000001.eml");
    assert_eq!(send(&open(), "b", "2026-11-21T10:15:00.9Z").await, "2026-11-21T101500Z-000002.eml");
    // A rehearsal's clock may stand before that of another run.
    assert_eq!(send(&open(), "c", "2026-01-01T00:00:00Z").await, "2026-01-01T000000Z-000003.eml");
    // Whoever takes mails away, or loses our note of the last number, makes no number come twice.
    std::fs::remove_file(path.join("2026-01-01T000000Z-000003.eml")).unwrap();
    assert_eq!(send(&open(), "d", "2026-11-21T10:15:00Z").await, "2026-11-21T101500Z-000004.eml");
    std::fs::write(path.join(".last-number"), "\0\0").unwrap();
    assert_eq!(send(&open(), "e", "2026-11-21T10:15:00Z").await, "2026-11-21T101500Z-000005.eml");
    let expected = Prepared::new(&outgoing("e"), &Contents::new()).unwrap().bytes;
    assert_eq!(std::fs::read(path.join("2026-11-21T101500Z-000005.eml")).unwrap(), expected);
}

#[tokio::test]
async fn before_its_last_step_a_mail_is_not_there_and_dropped_it_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
    let prepared = Prepared::new(&outgoing("a"), &Contents::new()).unwrap();
    let mut sender = transport.sender();
    let awaiting = sender.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap();
    assert_eq!(mails(folder.path()), [""; 0]);
    awaiting.abandon().await;
    assert_eq!(names(folder.path()), [LOCK]);
}

#[tokio::test]
async fn what_a_killed_attempt_left_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
    let prepared = Prepared::new(&outgoing("a"), &Contents::new()).unwrap();
    let mut sender = transport.sender();
    // As a kill would: no destructor runs.
    std::mem::forget(sender.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap());
    assert_eq!((names(folder.path()).len(), mails(folder.path()).len()), (2, 0), "the lock and what is hidden");
    send(&transport, "a", "2026-11-21T10:16:00Z").await;
    assert_eq!(mails(folder.path()).len(), 1);
    assert!(names(folder.path()).iter().all(|name| !name.ends_with(".part")));
}

/// Whoever concludes that a mail was not sent makes sure of it: an attempt that was frozen before its last step, and goes
/// on later, finds its file gone.
#[tokio::test]
async fn what_is_found_absent_cannot_be_named_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
    let prepared = Prepared::new(&outgoing("a"), &Contents::new()).unwrap();
    let mut frozen = transport.sender();
    let awaiting = frozen.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap();
    assert_eq!(transport.find_message_id(&prepared.message_id).await, Ok(Evidence::Absent));
    assert_eq!(names(folder.path()), [LOCK]);
    assert!(matches!(awaiting.finish().await, Err(SendError::Retry(_))));
    assert_eq!(mails(folder.path()), [""; 0]);
    assert_eq!(transport.find_message_id(&prepared.message_id).await, Ok(Evidence::CannotTell));
}

#[tokio::test]
async fn of_two_attempts_at_one_mail_only_the_last_one_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
    let prepared = Prepared::new(&outgoing("a"), &Contents::new()).unwrap();
    for frozen_goes_on_first in [true, false] {
        let before = mails(folder.path()).len();
        let (mut frozen, mut later) = (transport.sender(), transport.sender());
        let first = frozen.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap();
        let second = later.begin(&prepared, at("2026-11-21T10:16:00Z")).await.unwrap();
        let (first, second) = if frozen_goes_on_first {
            let first = first.finish().await;
            (first, second.finish().await)
        } else {
            let second = second.finish().await;
            (first.finish().await, second)
        };
        assert!(matches!(first, Err(SendError::Retry(_))) && second.is_ok(), "{first:?} {second:?}");
        assert_eq!(mails(folder.path()).len(), before + 1);
        assert!(names(folder.path()).iter().all(|name| !name.ends_with(".part")));
    }
}

/// A process may die between the name and the removal of what was hidden.
#[tokio::test]
async fn a_mail_that_has_its_name_is_found_beside_what_was_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
    let prepared = Prepared::new(&outgoing("a"), &Contents::new()).unwrap();
    let mut sender = transport.sender();
    std::mem::forget(sender.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap());
    let part = names(folder.path()).into_iter().find(|name| name.ends_with(".part")).unwrap();
    std::fs::hard_link(folder.path().join(part), folder.path().join("2026-11-21T101500Z-000001.eml")).unwrap();
    assert_eq!(transport.find_message_id(&prepared.message_id).await, Ok(Evidence::Found));
}

#[tokio::test]
async fn a_mail_that_went_out_is_found_by_its_message_id() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport::Folder(FolderTransport::new(folder.path().join("not-yet")));
    assert_eq!(transport.find_message_id("a@example.com").await, Ok(Evidence::CannotTell));
    let mut mail = outgoing("a");
    // A text that names another id is no evidence for it; a long id stands on a line of its own.
    mail.text = "Message-ID: <b@example.com>\n".into();
    mail.references = vec!["c@example.com".into()];
    mail.message_id = format!("{}@example.com", "x".repeat(90));
    let prepared = Prepared::new(&mail, &Contents::new()).unwrap();
    let mut sender = transport.sender();
    sender.begin(&prepared, at("2026-11-21T10:15:00Z")).await.unwrap().finish().await.unwrap();
    for (id, expected) in [
        (mail.message_id.as_str(), Evidence::Found),
        (&format!("<{}>", mail.message_id), Evidence::Found),
        // Without a trace nothing is proved: somebody may have taken the mail away.
        ("b@example.com", Evidence::CannotTell),
        ("c@example.com", Evidence::CannotTell),
    ] {
        assert_eq!(transport.find_message_id(id).await, Ok(expected), "{id}");
    }
}

#[tokio::test]
async fn several_senders_at_once_never_give_a_number_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        // Each with a transport of its own, as several programs would.
        let transport = Transport::Folder(FolderTransport::new(folder.path().to_owned()));
        tasks.spawn(async move {
            for mail in 0..10 {
                send(&transport, &format!("{task}.{mail}"), &format!("2026-11-21T10:15:{mail:02}Z")).await;
            }
        });
    }
    tasks.join_all().await;
    let mut numbers: Vec<u32> =
        mails(folder.path()).iter().map(|name| name[19..25].parse().expect("a number")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=80).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let transport = Transport::Folder(FolderTransport::new(file));
    let error = transport.check().await.unwrap_err();
    assert!(matches!(error, SendError::Retry(failure) if failure.alarm && failure.is_about_server()), "{error}");
    let healthy = Transport::Folder(FolderTransport::new(folder.path().join("out")));
    healthy.check().await.unwrap();
    assert_eq!(names(&folder.path().join("out")), [""; 0]);
}

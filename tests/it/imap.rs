//! The IMAP mailbox against a real Dovecot.

use crate::support::certificates::certificates;
use crate::support::dovecot::Dovecot;
use crate::support::mail;
use mailclerk::mailbox::{
    Content, Credentials, Cursor, FetchLimits, Fetched, Filed, FolderName, ImapMailbox, MailKey, MailboxError,
    RefusedCause, RetryCause, Woken,
};
use mailclerk::settings::Security;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

fn folder(name: &str) -> FolderName {
    FolderName::parse(name).unwrap()
}

async fn start(mailbox: &mut ImapMailbox) -> Cursor {
    Cursor::Uid { uid_validity: mailbox.state().await.unwrap().uid_validity, next_uid: 1 }
}

async fn read_all(mailbox: &mut ImapMailbox, mut cursor: Cursor, limits: &FetchLimits) -> (Vec<Fetched>, Cursor) {
    let mut all = Vec::new();
    loop {
        let batch = mailbox.fetch_after(&cursor, limits).await.unwrap();
        all.extend(batch.mails);
        cursor = batch.next;
        if !batch.more {
            return (all, cursor);
        }
    }
}

fn uid(key: &MailKey) -> u32 {
    match key {
        MailKey::Uid { uid, .. } => *uid,
        MailKey::File(_) => panic!("a file"),
    }
}

fn key_of(cursor: &Cursor, uid: u32) -> MailKey {
    match cursor {
        Cursor::Uid { uid_validity, .. } => MailKey::Uid { uid_validity: *uid_validity, uid },
        Cursor::File { .. } => panic!("a file's cursor"),
    }
}

#[tokio::test]
async fn mail_is_read_by_tls_by_starttls_and_in_clear_on_this_machine() {
    let server = Dovecot::start();
    server.deliver(&mail("First", "hello"));
    for security in [Security::Tls, Security::StartTls, Security::Plain] {
        let mut mailbox = ImapMailbox::new(server.settings(security));
        let cursor = start(&mut mailbox).await;
        let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
        assert_eq!(mails.len(), 1, "{security:?}");
        let text = String::from_utf8_lossy(mails[0].raw().unwrap());
        assert!(text.contains("Subject: First") && text.contains("hello"), "{text}");
        mailbox.close().await;
    }
}

#[tokio::test]
async fn no_password_goes_to_a_server_that_is_not_the_right_one() {
    let server = Dovecot::start();
    for security in [Security::Tls, Security::StartTls] {
        let mut stranger = server.settings(security);
        stranger.ca_file = Some(certificates().other_ca.clone());
        let mut misnamed = server.settings(security);
        misnamed.host = "127.0.0.1".to_owned();
        for settings in [stranger, misnamed] {
            let error = ImapMailbox::new(settings).state().await.unwrap_err();
            assert!(matches!(error, MailboxError::Refused { cause: RefusedCause::Certificate(_), .. }), "{error}");
        }
    }
    let log = server.log();
    assert!(!log.contains("user=<clerk>"), "{log}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_appears_in_no_text() {
    let server = Dovecot::start_with("auth_failure_delay = 0");
    let mut settings = server.settings(Security::Tls);
    settings.credentials = Credentials::Password("guess-who".to_owned().into());
    assert!(!format!("{settings:?}").contains("guess-who"));
    let error = ImapMailbox::new(settings).state().await.unwrap_err();
    assert!(matches!(error, MailboxError::Refused { cause: RefusedCause::Credentials(_), .. }), "{error}");
    assert!(!error.to_string().contains("guess-who") && !error.to_string().contains("clerk"), "{error}");
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_refused() {
    let server = Dovecot::start();
    let mut settings = server.settings(Security::Tls);
    settings.folder = "Nowhere".to_owned();
    let error = ImapMailbox::new(settings).state().await.unwrap_err();
    assert!(matches!(error, MailboxError::Refused { cause: RefusedCause::NoSuchFolder(_), .. }), "{error}");
}

#[tokio::test]
async fn batches_come_in_order_and_leave_flags_alone() {
    let server = Dovecot::start();
    let mut other = server.client();
    for number in 0..25 {
        other.append("INBOX", "\"01-Feb-2026 09:05:00 -0500\" ", &mail(&format!("Mail {number}"), "words"));
    }
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let mut cursor = start(&mut mailbox).await;
    let limits = FetchLimits { count: 10, ..FetchLimits::default() };
    let mut sizes = Vec::new();
    let mut uids = Vec::new();
    loop {
        let batch = mailbox.fetch_after(&cursor, &limits).await.unwrap();
        sizes.push(batch.mails.len());
        uids.extend(batch.mails.iter().map(|mail| uid(&mail.key)));
        for fetched in &batch.mails {
            assert_eq!(fetched.arrived, Some("2026-02-01T14:05:00Z".parse().unwrap()));
            assert_eq!(fetched.size, fetched.raw().unwrap().len() as u64);
        }
        cursor = batch.next;
        if !batch.more {
            break;
        }
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(uids, (1..=25).collect::<Vec<u32>>());
    // Behind the last one there is nothing, although the server names the last mail for `26:*`.
    let rest = mailbox.fetch_after(&cursor, &limits).await.unwrap();
    assert!(rest.mails.is_empty() && !rest.more);
    assert_eq!(rest.next, cursor);
    other.ok("SELECT INBOX");
    assert!(!other.ok("UID FETCH 1:* (FLAGS)").contains("\\Seen"));
}

#[tokio::test]
async fn a_batch_is_bounded_in_octets_and_a_huge_mail_is_not_read() {
    let server = Dovecot::start();
    let mut other = server.client();
    for (subject, octets) in [("a", 4_000), ("b", 4_000), ("huge", 60_000), ("c", 4_000)] {
        other.append("INBOX", "", &mail(subject, &"x".repeat(octets)));
    }
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let mut cursor = start(&mut mailbox).await;
    let limits = FetchLimits { count: 100, message_bytes: 20_000, batch_bytes: 6_000, since: None };
    let mut batches = Vec::new();
    loop {
        let batch = mailbox.fetch_after(&cursor, &limits).await.unwrap();
        batches.push(batch.mails.iter().map(|mail| (uid(&mail.key), mail.content.clone())).collect::<Vec<_>>());
        cursor = batch.next;
        if !batch.more {
            break;
        }
    }
    let shape: Vec<Vec<(u32, bool)>> =
        batches.iter().map(|batch| batch.iter().map(|(uid, c)| (*uid, *c == Content::TooLarge)).collect()).collect();
    assert_eq!(shape, [vec![(1, false)], vec![(2, false), (3, true)], vec![(4, false)]]);
}

#[tokio::test]
async fn wide_gaps_between_uids_are_crossed() {
    let server = Dovecot::start();
    let mut other = server.client();
    other.append("INBOX", "", &mail("before", "x"));
    other.ok("SELECT INBOX");
    // Dovecot lets nobody choose UIDs, so the gap is made of mails that come and go.
    for _ in 0..510 {
        other.append("INBOX", "(\\Deleted) ", b"x: y\r\n\r\nz\r\n");
    }
    other.ok("EXPUNGE");
    other.append("INBOX", "", &mail("behind", "x"));
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    let (mails, end) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.iter().map(|mail| uid(&mail.key)).collect::<Vec<_>>(), [1, 512]);
    assert!(matches!(end, Cursor::Uid { next_uid: 513, .. }), "{end:?}");
}

#[tokio::test]
async fn a_mail_expunged_under_us_is_gone_and_the_cursor_passes_it() {
    let server = Dovecot::start();
    let mut other = server.client();
    for subject in ["stays", "goes", "stays too", "goes last"] {
        other.append("INBOX", "", &mail(subject, "x"));
    }
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    other.ok("SELECT INBOX");
    other.ok("UID STORE 2,4 +FLAGS (\\Deleted)");
    other.ok("EXPUNGE");
    // Our session has not been told yet: it still sees four mails.
    let (mails, end) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.iter().map(|mail| uid(&mail.key)).collect::<Vec<_>>(), [1, 3]);
    assert!(mails.iter().all(|mail| mail.raw().is_some()));
    assert!(matches!(end, Cursor::Uid { next_uid: 5, .. }), "{end:?}");
}

/// Files three mails into two folders, twice, with mails that are gone and keys of another mailbox among them.
async fn files_and_files_again(server: &Dovecot) {
    let mut other = server.client();
    for subject in ["one", "two", "three", "deleted", "stays"] {
        other.append("INBOX", "", &mail(subject, "x"));
    }
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    other.ok("SELECT INBOX");
    other.ok("UID STORE 4 +FLAGS (\\Deleted)");
    other.ok("EXPUNGE");
    let stranger = match key_of(&cursor, 5) {
        MailKey::Uid { uid_validity, uid } => MailKey::Uid { uid_validity: uid_validity + 1, uid },
        other => other,
    };
    let items = vec![
        (key_of(&cursor, 3), folder("Zurückgewiesen")),
        (key_of(&cursor, 1), folder("Accepted")),
        (key_of(&cursor, 4), folder("Accepted")),
        (stranger, folder("Accepted")),
        (key_of(&cursor, 2), folder("Accepted")),
    ];
    let filed = mailbox.file(&items).await.unwrap();
    assert_eq!(filed, [Filed::Moved, Filed::Moved, Filed::Gone, Filed::Gone, Filed::Moved]);
    assert_eq!(other.subjects("Accepted"), ["one", "two"]);
    assert_eq!(other.subjects("Zur&APw-ckgewiesen"), ["three"]);
    assert_eq!(other.subjects("INBOX"), ["stays"]);
    let subscribed = other.ok("LSUB \"\" \"*\"");
    assert!(subscribed.contains("Accepted") && subscribed.contains("Zur&APw-ckgewiesen"), "{subscribed}");
    assert!(!other.ok("UID FETCH 1:* (FLAGS)").contains("\\Seen"));
    // After a crash nobody knows what was filed: everything once more, on a new connection.
    let mut again = ImapMailbox::new(server.settings(Security::Tls));
    assert_eq!(again.file(&items).await.unwrap(), [Filed::Gone; 5]);
    assert_eq!(other.subjects("Accepted"), ["one", "two"]);
}

#[tokio::test]
async fn filing_moves_where_the_server_can_move() {
    files_and_files_again(&Dovecot::start()).await;
}

#[tokio::test]
async fn filing_copies_and_expunges_with_uidplus() {
    files_and_files_again(&Dovecot::start_with("imap_capability = IMAP4rev1 IDLE UIDPLUS SASL-IR AUTH=PLAIN")).await;
}

#[tokio::test]
async fn filing_copies_and_expunges_without_uidplus() {
    files_and_files_again(&Dovecot::start_with("imap_capability = IMAP4rev1 IDLE AUTH=PLAIN")).await;
}

#[tokio::test]
async fn folders_may_divide_with_slashes_and_be_nested() {
    let server = Dovecot::start_with("namespace inbox {\n inbox = yes\n separator = /\n}");
    let mut other = server.client();
    other.append("INBOX", "", &mail("one", "x"));
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    let items = [(key_of(&cursor, 1), folder("Support/Accepted"))];
    assert_eq!(mailbox.file(&items).await.unwrap(), [Filed::Moved]);
    assert_eq!(other.subjects("Support/Accepted"), ["one"]);
}

#[tokio::test]
async fn folders_stand_below_inbox_where_the_server_wants_them_there() {
    let server = Dovecot::start_with("namespace inbox {\n inbox = yes\n separator = .\n prefix = INBOX.\n}");
    let mut other = server.client();
    other.append("INBOX", "", &mail("one", "x"));
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    assert_eq!(mailbox.file(&[(key_of(&cursor, 1), folder("Accepted"))]).await.unwrap(), [Filed::Moved]);
    assert_eq!(other.subjects("INBOX.Accepted"), ["one"]);
}

#[tokio::test]
async fn without_uidplus_a_mail_that_somebody_else_marked_is_not_expunged() {
    let server = Dovecot::start_with("imap_capability = IMAP4rev1 IDLE AUTH=PLAIN");
    let mut other = server.client();
    other.append("INBOX", "", &mail("ours", "x"));
    other.append("INBOX", "(\\Deleted) ", &mail("a person's", "x"));
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    assert_eq!(mailbox.file(&[(key_of(&cursor, 1), folder("Accepted"))]).await.unwrap(), [Filed::Copied]);
    assert_eq!(other.subjects("INBOX"), ["ours", "a person's"]);
    assert_eq!(other.subjects("Accepted"), ["ours"]);
}

#[tokio::test]
async fn idle_wakes_when_mail_is_delivered() {
    let server = Dovecot::start();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    let waiting = tokio::spawn(async move {
        let woken = mailbox.wait(LONG).await;
        (mailbox, woken)
    });
    // Whether it arrives before IDLE or after it: both must wake.
    let delivery = tokio::task::spawn_blocking(move || {
        server.deliver(&mail("News", "x"));
        server
    });
    let (mut mailbox, woken) = waiting.await.unwrap();
    assert_eq!(woken.unwrap(), Woken::Mail);
    let _server = delivery.await.unwrap();
    let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn mail_that_came_before_the_wait_wakes_at_once_and_only_once() {
    let server = Dovecot::start();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    server.deliver(&mail("News", "x"));
    assert_eq!(mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    mailbox.state().await.unwrap();
    let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mailbox.wait(Duration::from_millis(50)).await.unwrap(), Woken::Timeout);
}

#[tokio::test]
async fn mail_that_came_while_we_looked_elsewhere_or_were_away_wakes_at_once() {
    let server = Dovecot::start();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    let (_, cursor) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    mailbox.append_sent(None, &mail("Answer", "x")).await.unwrap();
    assert!(mailbox.find_message_id(None, "Answer@example.org").await.unwrap());
    assert_eq!(mailbox.wait(Duration::from_millis(50)).await.unwrap(), Woken::Timeout);
    // Another folder is open while the mail comes, so nobody tells us of it.
    assert!(mailbox.find_message_id(None, "Answer@example.org").await.unwrap());
    server.deliver(&mail("First", "x"));
    assert_eq!(mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    let (_, cursor) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mailbox.wait(Duration::from_millis(50)).await.unwrap(), Woken::Timeout);
    // There is no connection while the mail comes.
    mailbox.close().await;
    server.deliver(&mail("Second", "x"));
    assert_eq!(mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn a_wait_that_is_dropped_leaves_the_connection_in_step() {
    let server = Dovecot::start();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    for _ in 0..5 {
        let _given_up = tokio::time::timeout(Duration::from_millis(30), mailbox.wait(LONG)).await;
        assert_eq!(mailbox.state().await.unwrap().exists, 0);
    }
    server.deliver(&mail("News", "x"));
    assert_eq!(mailbox.state().await.unwrap().exists, 1);
    let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.len(), 1);
    // One connection for all of it.
    assert_eq!(server.log().matches("Login: user=<clerk>").count(), 1, "{}", server.log());
}

#[tokio::test]
async fn a_mailbox_made_anew_shows_another_uidvalidity() {
    let server = Dovecot::start();
    let mut other = server.client();
    other.ok("CREATE Support");
    other.append("Support", "", &mail("old", "x"));
    let mut settings = server.settings(Security::Tls);
    settings.folder = "Support".to_owned();
    let mut mailbox = ImapMailbox::new(settings);
    let old = start(&mut mailbox).await;
    let (mails, old_end) = read_all(&mut mailbox, old, &FetchLimits::default()).await;
    other.ok("DELETE Support");
    other.ok("CREATE Support");
    other.append("Support", "", &mail("new", "x"));
    // The old connection may fail once: its folder was deleted under it.
    let state = match mailbox.state().await {
        Ok(state) => state,
        Err(error) => {
            assert!(error.is_retry(), "{error}");
            mailbox.state().await.unwrap()
        }
    };
    let error = mailbox.fetch_after(&old_end, &FetchLimits::default()).await.unwrap_err();
    assert!(matches!(error, MailboxError::Retry { cause: RetryCause::UidValidityChanged, .. }), "{error}");
    assert_eq!(mailbox.file(&[(mails[0].key.clone(), folder("Accepted"))]).await.unwrap(), [Filed::Gone]);
    let new = Cursor::Uid { uid_validity: state.uid_validity, next_uid: 1 };
    let (mails, _) = read_all(&mut mailbox, new, &FetchLimits::default()).await;
    assert!(String::from_utf8_lossy(mails[0].raw().unwrap()).contains("Subject: new"));
}

#[tokio::test]
async fn sent_mail_goes_to_the_marked_folder_and_is_found_there() {
    let server = Dovecot::start_with(
        "namespace inbox {\n inbox = yes\n mailbox Gesendet {\n special_use = \\Sent\n auto = create\n }\n}",
    );
    let mut other = server.client();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let cursor = start(&mut mailbox).await;
    let raw = mail("Answer", &"long line of words ".repeat(5_000));
    assert!(!mailbox.find_message_id(None, "<Answer@example.org>").await.unwrap());
    mailbox.append_sent(None, &raw).await.unwrap();
    assert_eq!(other.subjects("Gesendet"), ["Answer"]);
    assert!(other.ok("UID FETCH 1:* (FLAGS)").contains("\\Seen"));
    assert!(mailbox.find_message_id(None, "<Answer@example.org>").await.unwrap());
    assert!(mailbox.find_message_id(None, "Answer@example.org").await.unwrap());
    assert!(!mailbox.find_message_id(None, "nswer@example.or").await.unwrap());
    // Looking elsewhere does not disturb the reading of the inbox.
    server.deliver(&mail("Question", "x"));
    let (mails, _) = read_all(&mut mailbox, cursor, &FetchLimits::default()).await;
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn the_sent_folder_is_read_beside_the_inbox_and_left_as_it_is() {
    let server = Dovecot::start();
    let mut other = server.client();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let inbox = start(&mut mailbox).await;
    assert_eq!(mailbox.sent_state(None).await.unwrap(), None, "there is none yet");
    assert_eq!(mailbox.sent_state(Some(&folder("INBOX"))).await.unwrap(), None, "the inbox is none");
    other.ok("CREATE Sent");
    (0..3).for_each(|n| other.append("Sent", "", &mail(&format!("sent{n}"), "x")));
    server.deliver(&mail("came", "x"));
    let sent = mailbox.sent_state(None).await.unwrap().expect("now there is");
    assert_eq!((sent.name.as_str(), sent.state.exists, sent.state.uid_next), ("Sent", 3, Some(4)));
    let uid_validity = sent.state.uid_validity;
    let two = FetchLimits { count: 2, ..FetchLimits::default() };
    let batch = mailbox.fetch_sent_after("Sent", &Cursor::Uid { uid_validity, next_uid: 1 }, &two).await.unwrap();
    assert_eq!((batch.mails.len(), batch.more), (2, true));
    let later = FetchLimits { since: Some(jiff::Timestamp::MAX), ..two };
    let none = mailbox.fetch_sent_after("Sent", &Cursor::Uid { uid_validity, next_uid: 1 }, &later).await.unwrap();
    assert_eq!((none.mails.len(), &none.next), (0, &batch.next), "what is older is passed by");
    // The inbox in between, and its cursor, are not disturbed.
    let (mails, _) = read_all(&mut mailbox, inbox, &FetchLimits::default()).await;
    assert!(String::from_utf8_lossy(mails[0].raw().unwrap()).contains("Subject: came") && mails.len() == 1);
    let batch = mailbox.fetch_sent_after("Sent", &batch.next, &two).await.unwrap();
    assert!(String::from_utf8_lossy(batch.mails[0].raw().unwrap()).contains("Subject: sent2") && !batch.more);
    assert_eq!(batch.next, Cursor::Uid { uid_validity, next_uid: 4 });
    assert_eq!(mailbox.wait(Duration::from_millis(50)).await.unwrap(), Woken::Timeout, "nothing is new in the inbox");
    server.deliver(&mail("later", "x"));
    assert_eq!(mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    other.uids("Sent");
    assert!(!other.ok("UID FETCH 1:* (FLAGS)").contains("\\Seen"));
    // Made anew, it has another UIDVALIDITY, and the old cursor means nothing.
    other.uids("INBOX");
    other.ok("DELETE Sent");
    assert_eq!(mailbox.sent_state(None).await.unwrap(), None);
    other.ok("CREATE Sent");
    let anew = mailbox.sent_state(None).await.unwrap().expect("it is there again");
    assert_ne!(anew.state.uid_validity, uid_validity);
    let error = mailbox.fetch_sent_after("Sent", &batch.next, &two).await.unwrap_err();
    assert!(matches!(error, MailboxError::Retry { cause: RetryCause::UidValidityChanged, .. }), "{error}");
}

#[tokio::test]
async fn sent_mail_goes_to_a_named_folder_or_to_one_called_sent() {
    let server = Dovecot::start();
    let mut other = server.client();
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let named = folder("Outgoing mail");
    assert!(!mailbox.find_message_id(Some(&named), "a@example.org").await.unwrap());
    mailbox.append_sent(Some(&named), &mail("a", "x")).await.unwrap();
    mailbox.append_sent(None, &mail("b", "x")).await.unwrap();
    assert_eq!(other.subjects("Outgoing mail"), ["a"]);
    assert_eq!(other.subjects("Sent"), ["b"]);
    assert!(mailbox.find_message_id(Some(&named), "a@example.org").await.unwrap());
    assert!(!mailbox.find_message_id(None, "a@example.org").await.unwrap());
}

//! The Maildir mailbox, on real folders.

use crate::support::mail;
use mailclerk::mailbox::{
    Batch, Content, Cursor, FetchLimits, Filed, FolderName, MailKey, MaildirMailbox, MaildirSettings, Woken,
};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const START: Cursor = Cursor::File { after: None };
const LONG: Duration = Duration::from_secs(60);

struct Desk {
    folder: TempDir,
    mailbox: MaildirMailbox,
}

impl Desk {
    async fn new() -> Self {
        Self::polling(LONG).await
    }

    async fn polling(poll: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut mailbox = MaildirMailbox::new(MaildirSettings { path: folder.path().join("inbox"), poll });
        mailbox.state().await.unwrap();
        Self { folder, mailbox }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("inbox").join(path)
    }

    /// Delivers as a mail server does: written to `tmp/`, moved to `new/`. `second` is the file's time.
    fn deliver(&self, name: &str, second: u64, raw: &[u8]) {
        self.put(&format!("new/{name}"), second, raw);
    }

    fn put(&self, path: &str, second: u64, raw: &[u8]) {
        let draft = self.at("tmp/draft");
        fs::write(&draft, raw).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        fs::File::options().write(true).open(&draft).unwrap().set_modified(time).unwrap();
        fs::rename(&draft, self.at(path)).unwrap();
    }

    async fn fetch(&mut self) -> Batch {
        self.mailbox.fetch_after(&START, &FetchLimits::default()).await.unwrap()
    }

    async fn file(&mut self, name: &str, folder: &str) -> Filed {
        self.mailbox.file(&[(key(name), FolderName::parse(folder).unwrap())]).await.unwrap()[0]
    }
}

fn key(name: &str) -> MailKey {
    MailKey::File(name.to_owned())
}

fn name(key: &MailKey) -> &str {
    match key {
        MailKey::File(name) => name,
        MailKey::Uid { .. } => panic!("a UID"),
    }
}

fn names(batch: &Batch) -> Vec<&str> {
    batch.mails.iter().map(|mail| name(&mail.key)).collect()
}

fn listed(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_maildir_that_lacks_is_made_and_only_its_owner_may_read_it() {
    let desk = Desk::new().await;
    for part in ["", "new", "cur", "tmp"] {
        assert_eq!(fs::metadata(desk.at(part)).unwrap().permissions().mode() & 0o777, 0o700, "{part:?}");
    }
}

#[tokio::test]
async fn mail_is_read_by_time_then_name_from_new_and_cur() {
    let mut desk = Desk::new().await;
    desk.deliver("b", 2_000, b"second b");
    desk.deliver("a", 2_000, b"second a");
    desk.put("cur/old:2,RS", 1_000, b"first");
    desk.put("tmp/unfinished", 1, b"no");
    let batch = desk.fetch().await;
    assert_eq!(names(&batch), ["old", "a", "b"]);
    assert_eq!(batch.mails[0].raw(), Some(&b"first"[..]));
    assert_eq!(batch.mails[0].arrived, Some("1970-01-01T00:16:40Z".parse().unwrap()));
    assert!(!batch.more);
    assert_eq!(desk.mailbox.state().await.unwrap().exists, 3);
    // Reading changes nothing.
    assert_eq!(listed(&desk.at("new")), ["a", "b"]);
    assert_eq!(listed(&desk.at("cur")), ["old:2,RS"]);
}

#[tokio::test]
async fn batches_are_bounded_and_a_huge_mail_is_not_read() {
    let mut desk = Desk::new().await;
    for (name, second, octets) in [("a", 1, 400), ("b", 2, 400), ("huge", 3, 9_000), ("c", 4, 400), ("d", 5, 10)] {
        desk.deliver(name, second, &vec![b'x'; octets]);
    }
    let limits = FetchLimits { count: 2, message_bytes: 1_000, batch_bytes: 600, since: None };
    let (mut cursor, mut shape) = (START, Vec::new());
    loop {
        let batch = desk.mailbox.fetch_after(&cursor, &limits).await.unwrap();
        shape.push(names(&batch).join(" "));
        for fetched in &batch.mails {
            assert_eq!(fetched.content == Content::TooLarge, fetched.size == 9_000);
        }
        if !batch.more {
            break;
        }
        cursor = batch.next;
    }
    assert_eq!(shape, ["a", "b huge", "c d"]);
}

#[tokio::test]
async fn what_is_no_mail_is_left_alone() {
    let mut desk = Desk::new().await;
    let outside = desk.folder.path().join("secret");
    fs::write(&outside, "not for the mailbox").unwrap();
    std::os::unix::fs::symlink(&outside, desk.at("new/link")).unwrap();
    fs::create_dir(desk.at("new/folder")).unwrap();
    fs::write(desk.at("new/.hidden"), "x").unwrap();
    desk.deliver("mail", 1, b"x");
    assert_eq!(names(&desk.fetch().await), ["mail"]);
    assert_eq!(desk.file("link", "Accepted").await, Filed::Gone);
    // A key from elsewhere cannot name a file outside.
    for name in ["../../secret", "../cur/x", "/etc/passwd", ""] {
        assert_eq!(desk.file(name, "Accepted").await, Filed::Gone, "{name}");
    }
    assert!(outside.exists());
}

#[tokio::test]
async fn names_that_are_no_utf8_have_keys_and_can_be_filed() {
    let mut desk = Desk::new().await;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9:2,S");
    fs::write(desk.at("cur").join(name), "x").unwrap();
    assert_eq!(names(&desk.fetch().await), ["caf%E9"]);
    assert_eq!(desk.file("caf%E9", "Accepted").await, Filed::Moved);
    assert!(desk.at(".Accepted/cur").join(name).exists());
}

#[tokio::test]
async fn filing_moves_into_a_maildir_folder_and_keeps_flags() {
    let mut desk = Desk::new().await;
    desk.deliver("fresh", 1, b"one");
    desk.put("cur/seen:2,RS", 2, b"two");
    assert_eq!(desk.file("fresh", "Accepted").await, Filed::Moved);
    assert_eq!(desk.file("seen", "Accepted").await, Filed::Moved);
    assert_eq!(desk.file("absent", "Returned").await, Filed::Gone);
    assert_eq!(listed(&desk.at(".Accepted/cur")), ["fresh:2,", "seen:2,RS"]);
    assert_eq!(listed(&desk.at(".Accepted")), ["cur", "maildirfolder", "new", "tmp"]);
    assert_eq!(fs::metadata(desk.at(".Accepted")).unwrap().mode() & 0o777, 0o700);
    assert!(!desk.at(".Returned").exists(), "no folder for a mail that is gone");
    assert!(desk.fetch().await.mails.is_empty());
    // Nested, and with letters beyond ASCII.
    desk.deliver("third", 3, b"three");
    assert_eq!(desk.file("third", "Support/Zurückgewiesen").await, Filed::Moved);
    assert_eq!(listed(&desk.at(".Support.Zur&APw-ckgewiesen/cur")), ["third:2,"]);
}

#[tokio::test]
async fn filing_twice_is_filing_once() {
    let mut desk = Desk::new().await;
    desk.deliver("one", 1, b"one");
    assert_eq!(desk.file("one", "Accepted").await, Filed::Moved);
    assert_eq!(desk.file("one", "Accepted").await, Filed::Moved);
    assert_eq!(desk.file("one", "Returned").await, Filed::Gone);
    assert_eq!(listed(&desk.at(".Accepted/cur")), ["one:2,"]);
}

#[tokio::test]
async fn a_copy_put_back_is_dropped_and_another_mail_of_that_name_is_kept() {
    let mut desk = Desk::new().await;
    desk.deliver("one", 1, b"the mail");
    desk.file("one", "Accepted").await;
    // The same mail again, as if a crash or a person had left it in both places.
    desk.deliver("one", 1, b"the mail");
    assert_eq!(desk.file("one", "Accepted").await, Filed::Moved);
    assert_eq!(listed(&desk.at(".Accepted/cur")), ["one:2,"]);
    // Another mail under that name must not overwrite it.
    desk.deliver("one", 2, b"another!");
    assert_eq!(desk.file("one", "Accepted").await, Filed::Moved);
    assert_eq!(listed(&desk.at(".Accepted/cur")), ["one:2,", "one_1:2,"]);
    assert_eq!(fs::read(desk.at(".Accepted/cur/one:2,")).unwrap(), b"the mail");
    assert_eq!(fs::read(desk.at(".Accepted/cur/one_1:2,")).unwrap(), b"another!");
    assert_eq!(listed(&desk.at("new")), Vec::<String>::new());
}

#[tokio::test]
async fn new_mail_wakes_and_mail_that_was_read_does_not() {
    let mut desk = Desk::new().await;
    desk.deliver("one", 1, b"one");
    assert_eq!(desk.mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    desk.fetch().await;
    assert_eq!(desk.mailbox.wait(Duration::from_millis(30)).await.unwrap(), Woken::Timeout);
    let (draft, target) = (desk.at("tmp/two"), desk.at("new/two"));
    let delivery = tokio::task::spawn_blocking(move || {
        fs::write(&draft, "two").unwrap();
        fs::rename(&draft, &target).unwrap();
    });
    assert_eq!(desk.mailbox.wait(LONG).await.unwrap(), Woken::Mail);
    delivery.await.unwrap();
    assert_eq!(names(&desk.fetch().await), ["one", "two"]);
}

#[tokio::test]
async fn polling_stands_behind_the_watch() {
    let mut desk = Desk::polling(Duration::from_millis(10)).await;
    let path = desk.at("");
    // Folders made anew are not watched any more; looking now and then finds what is in them.
    assert_eq!(desk.mailbox.wait(Duration::from_millis(20)).await.unwrap(), Woken::Timeout);
    let waiting = tokio::spawn(async move { (desk.mailbox.wait(LONG).await, desk.folder) });
    tokio::task::spawn_blocking(move || {
        fs::rename(path.join("new"), path.join("gone")).unwrap();
        fs::create_dir_all(path.join("new")).unwrap();
        fs::write(path.join("new/one"), "one").unwrap();
    })
    .await
    .unwrap();
    let (woken, _folder) = waiting.await.unwrap();
    assert_eq!(woken.unwrap(), Woken::Mail);
}

#[tokio::test]
async fn sent_mail_is_kept_once_and_found() {
    let mut desk = Desk::new().await;
    let raw = mail("Answer", "Message-ID: <in.body@example.org>");
    assert!(!desk.mailbox.find_message_id(None, "<Answer@example.org>").await.unwrap());
    desk.mailbox.append_sent(None, &raw).await.unwrap();
    desk.mailbox.append_sent(None, &raw).await.unwrap();
    let kept = listed(&desk.at(".Sent/cur"));
    assert_eq!(kept.len(), 1);
    assert!(kept[0].ends_with(":2,S"), "{kept:?}");
    assert_eq!(fs::read(desk.at(".Sent/cur").join(&kept[0])).unwrap(), raw);
    assert!(desk.mailbox.find_message_id(None, "<Answer@example.org>").await.unwrap());
    assert!(!desk.mailbox.find_message_id(None, "in.body@example.org").await.unwrap());
    let other = FolderName::parse("Elsewhere").unwrap();
    assert!(!desk.mailbox.find_message_id(Some(&other), "Answer@example.org").await.unwrap());
    let folded = b"Subject: x\r\nMESSAGE-ID:\r\n <folded@example.org>\r\n\r\n";
    desk.mailbox.append_sent(Some(&other), folded).await.unwrap();
    assert!(desk.mailbox.find_message_id(Some(&other), "folded@example.org").await.unwrap());
}

#[tokio::test]
async fn a_folder_name_cannot_leave_the_maildir() {
    for name in ["..", "../x", "a/../../x", ".hidden", "a.b"] {
        let parsed = FolderName::parse(name).and_then(|folder| folder.in_maildir());
        assert!(parsed.is_err(), "{name}: {parsed:?}");
    }
}

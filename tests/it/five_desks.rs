//! All shipped desks in one process: each reads its own mailbox, decides by its own policy, and answers from its own
//! address with its own numbers.

use super::support::clerk::Clerk;
use super::support::requests::header;
use mailclerk::desk::shipped;
use mailclerk::message::Message;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Mails for each desk.
const EACH: usize = 6;
/// A business day of every desk.
const AT: &str = "2026-11-17T10:00:00-05:00";

/// Mails that the desk accepts when each is the first, of different senders.
fn accepted(desk: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(desk);
    let mut answers: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    answers.sort();
    let mut senders = BTreeSet::new();
    let is_accepted = |path: &PathBuf| {
        let Ok(text) = std::fs::read_to_string(path.with_extension("json")) else { return false };
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        expected["decision"] == "accept"
    };
    let mails = answers.into_iter().filter(|path| path.extension().is_some_and(|end| end == "eml"));
    let mails = mails.filter(is_accepted).filter(|path| {
        let raw = std::fs::read(path).expect("a mail");
        let is_new = |one: &mailclerk::address::Mailbox| senders.insert(one.address.to_string());
        Message::read(&raw).from.first().is_some_and(is_new)
    });
    mails.take(EACH).collect()
}

/// Puts a mail into the Maildir `folder`.
fn deliver(folder: &Path, name: &str, raw: &[u8]) {
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(folder.join(part)).expect("made");
    }
    std::fs::write(folder.join("tmp").join(name), raw).expect("written");
    std::fs::rename(folder.join("tmp").join(name), folder.join("new").join(name)).expect("delivered");
}

#[test]
fn each_shipped_desk_answers_its_own_mail_in_one_process() {
    let clerk = Clerk::on_folders();
    let mut addresses = BTreeMap::new();
    for desk in shipped::ids() {
        let policy: toml::Table = shipped::text(&desk).expect("a policy").parse().expect("TOML");
        addresses.insert(desk.clone(), policy["address"].as_str().expect("an address").to_ascii_lowercase());
        if desk != clerk.desk.id {
            let mailbox = format!("\n[[mailbox]]\ndesk = \"{desk}\"\nurl = \"maildir:mail-{desk}\"\n\n[outgoing]");
            clerk.edit("\n[outgoing]", &mailbox);
        }
    }
    assert!(addresses.len() >= 5);
    for desk in addresses.keys() {
        let folder = if *desk == clerk.desk.id { "mail".to_owned() } else { format!("mail-{desk}") };
        let mails = accepted(desk);
        assert_eq!(mails.len(), EACH, "{desk}");
        for (n, mail) in mails.iter().enumerate() {
            deliver(&clerk.path(&folder), &format!("{n}"), &std::fs::read(mail).expect("a mail"));
        }
    }
    clerk.ok(&["run", "--once", "--at", AT]);
    let written = clerk.written();
    for (desk, address) in &addresses {
        let own = |mail: &&Vec<u8>| {
            Message::read(mail)
                .from
                .first()
                .is_some_and(|from| from.address.to_string().to_ascii_lowercase() == *address)
        };
        let mails: Vec<&Vec<u8>> = written.iter().filter(own).collect();
        let receipts = mails.iter().filter(|mail| header(mail, "X-Mailclerk-Template").as_deref() == Some("receipt"));
        assert_eq!(receipts.count(), EACH, "{desk}: {} mails left", mails.len());
        let cases = clerk.list(&["cases", "--desk", desk]);
        assert_eq!(cases.len(), EACH, "{desk}");
        // Its own mailbox is filed, and it has read no other's.
        let folder = if *desk == clerk.desk.id { "mail".to_owned() } else { format!("mail-{desk}") };
        let filed = clerk.path(&folder).join(".Accepted");
        let there: usize =
            ["new", "cur"].iter().map(|part| std::fs::read_dir(filed.join(part)).map_or(0, Iterator::count)).sum();
        assert_eq!(there, EACH, "{desk}");
    }
    clerk.ok(&["audit", "verify"]);
}

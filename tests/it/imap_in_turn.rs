//! Mail in turn by sender from an IMAP server: one who sends very many keeps nobody waiting, the cursor passes nothing
//! that was not recorded, and nothing is lost, whatever comes, goes, fails or is started again meanwhile.

use crate::storm::per_storm;
use crate::support::dovecot::Dovecot;
use crate::support::fake_imap::{Act, FakeImap};
use mailclerk::address::EmailAddress;
use mailclerk::mailbox::{Batch, Content, Cursor, FetchLimits, ImapMailbox, MailKey};
use mailclerk::settings::Security;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

const START: Cursor = Cursor::Uid { uid_validity: 7, next_uid: 1 };

/// A mailbox as large as a test likes.
#[derive(Default)]
struct Inbox {
    /// From whom, by UID.
    mails: BTreeMap<u32, String>,
    last: u32,
    /// Answers about these cannot be read.
    unreadable: BTreeSet<u32>,
    bodies: usize,
}

impl Inbox {
    fn add(&mut self, from: &str) -> u32 {
        self.last += 1;
        self.mails.insert(self.last, from.to_owned());
        self.last
    }
}

type Shared = Arc<Mutex<Inbox>>;

fn uids(inbox: &Inbox, set: &str) -> Vec<u32> {
    let number = |text: &str| if text == "*" { inbox.last } else { text.parse().expect("a number") };
    let mut found = BTreeSet::new();
    for part in set.split(',') {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (first, last) = (number(first), number(last));
        found.extend(inbox.mails.range(first.min(last)..=first.max(last)).map(|(uid, _)| *uid));
    }
    found.into_iter().collect()
}

fn answer(inbox: &mut Inbox, command: &str) -> String {
    let Some(rest) = command.strip_prefix("UID ") else {
        let (exists, next) = (inbox.mails.len(), inbox.last + 1);
        return format!(
            "* {exists} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT {next}] n\r\nTAG OK [READ-WRITE] done\r\n"
        );
    };
    let mut text = String::new();
    if let Some(set) = rest.strip_prefix("SEARCH UID ") {
        let found: Vec<String> = uids(inbox, set).iter().map(u32::to_string).collect();
        return format!("* SEARCH {}\r\nTAG OK done\r\n", found.join(" "));
    }
    let (set, items) = rest.strip_prefix("FETCH ").and_then(|rest| rest.split_once(' ')).expect("a fetch");
    let asks_alone = !set.contains([',', ':']);
    for uid in uids(inbox, set) {
        let from = &inbox.mails[&uid];
        let body = format!("From: {from}\r\nMessage-ID: <{uid}@x>\r\n\r\nbody {uid}\r\n");
        let is_broken = inbox.unreadable.contains(&uid) && items != "(UID)";
        let fields = match items {
            "(UID)" => String::new(),
            _ if is_broken => " RFC822.SIZE 10 INTERNALDATE NIL".to_owned(),
            items if items.contains("BODY.PEEK[]") => {
                inbox.bodies += 1;
                format!(" BODY[] {{{}}}\r\n{body}", body.len())
            }
            items => {
                let mut told = format!(" RFC822.SIZE {} INTERNALDATE \"01-Feb-2026 09:05:00 +0000\"", body.len());
                if items.contains("HEADER.FIELDS") {
                    assert!(!asks_alone);
                    let top = format!("From: {from}\r\nMessage-ID: <{uid}@x>\r\n\r\n");
                    let section = "BODY[HEADER.FIELDS (FROM MESSAGE-ID IN-REPLY-TO REFERENCES)]<0>";
                    let _ = write!(told, " {section} {{{}}}\r\n{top}", top.len());
                }
                told
            }
        };
        let _ = write!(text, "* {uid} FETCH (UID {uid}{fields})\r\n");
    }
    text + "TAG OK done\r\n"
}

fn serve(inbox: &Shared) -> FakeImap {
    let inbox = Arc::clone(inbox);
    FakeImap::start(move |_, command| {
        if command.starts_with("UID ") || command.starts_with("SELECT") {
            Act::Say(answer(&mut inbox.lock().expect("the inbox"), command))
        } else {
            Act::Usual
        }
    })
}

fn is_staff(address: &EmailAddress) -> bool {
    address.domain() == "desk.example"
}

fn read(batch: &Batch) -> Vec<(u32, bool)> {
    let uid = |key: &MailKey| match key {
        MailKey::Uid { uid, .. } => *uid,
        MailKey::File(_) => panic!("a file"),
    };
    batch.mails.iter().map(|mail| (uid(&mail.key), mail.content == Content::Unreadable)).collect()
}

fn next(cursor: &Cursor) -> u32 {
    match cursor {
        Cursor::Uid { next_uid, .. } => *next_uid,
        Cursor::File { .. } => panic!("a file's"),
    }
}

/// One step, kept: what was read.
async fn step(mailbox: &mut ImapMailbox, cursor: &mut Cursor) -> (Vec<u32>, bool) {
    mailbox.state().await.expect("looked at");
    let batch = mailbox.fetch_in_turn(cursor, &is_staff, &FetchLimits::default()).await.expect("fetched");
    *cursor = batch.next.clone();
    mailbox.keep();
    (read(&batch).into_iter().map(|(uid, _)| uid).collect(), batch.more)
}

#[tokio::test]
async fn the_hundred_behind_a_storm_are_read_with_its_first_mails() {
    let storm = u32::try_from(super::storm::storm()).expect("a number of mails");
    let inbox = Shared::default();
    {
        let mut inbox = inbox.lock().expect("the inbox");
        (0..storm).for_each(|_| drop(inbox.add("storm@example.org")));
        (0..100).for_each(|n| drop(inbox.add(&format!("o{n}@example.org"))));
        inbox.add("Lee <lee@desk.example>");
    }
    let server = serve(&inbox);
    let (mut mailbox, mut cursor, mut order) = (ImapMailbox::new(server.settings()), START, Vec::new());
    while !(storm + 1..=storm + 101).all(|uid| order.contains(&uid)) {
        let (uids, more) = step(&mut mailbox, &mut cursor).await;
        assert!(
            more && order.len() < per_storm(storm as usize),
            "{} were read, and not all of the hundred",
            order.len()
        );
        order.extend(uids);
        let lowest = (1..).find(|uid| !order.contains(uid)).expect("one");
        assert_eq!(next(&cursor), lowest, "the cursor stands before the first that was not read");
    }
    println!("{storm} mails of one sender: all others are read among the first {}", order.len());
    // Who writes now is seen by the next look.
    let (late, staff) = {
        let mut inbox = inbox.lock().expect("the inbox");
        (inbox.add("late@example.org"), inbox.add("kim@desk.example"))
    };
    let (uids, _) = step(&mut mailbox, &mut cursor).await;
    assert!(uids.contains(&late) && uids.contains(&staff), "{uids:?}");
}

#[tokio::test]
async fn what_was_not_recorded_is_handed_out_again() {
    let inbox = Shared::default();
    (0..300).for_each(|_| drop(inbox.lock().expect("the inbox").add("storm@example.org")));
    let last = inbox.lock().expect("the inbox").add("jo@example.org");
    let server = serve(&inbox);
    let mut mailbox = ImapMailbox::new(server.settings());
    for _ in 0..3 {
        let batch = mailbox.fetch_in_turn(&START, &is_staff, &FetchLimits::default()).await.expect("fetched");
        assert!(batch.more && read(&batch).contains(&(last, false)), "{batch:?}");
    }
    let (mut cursor, mut all) = (START, Vec::new());
    loop {
        let (uids, more) = step(&mut mailbox, &mut cursor).await;
        all.extend(uids);
        if !more {
            break;
        }
    }
    all.sort_unstable();
    assert_eq!(all, (1..=last).collect::<Vec<_>>(), "each once");
    assert_eq!(next(&cursor), last + 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_costs_its_own_mail_alone() {
    let inbox = Shared::default();
    {
        let mut inbox = inbox.lock().expect("the inbox");
        (0..700).for_each(|n| drop(inbox.add(&format!("p{}@example.org", n % 50))));
        inbox.unreadable.extend([3, 650]);
    }
    let server = serve(&inbox);
    let (mut mailbox, mut cursor, mut all) = (ImapMailbox::new(server.settings()), START, BTreeMap::new());
    loop {
        mailbox.state().await.expect("looked at");
        let batch = mailbox.fetch_in_turn(&cursor, &is_staff, &FetchLimits::default()).await.expect("fetched");
        all.extend(read(&batch));
        cursor = batch.next.clone();
        mailbox.keep();
        if !batch.more {
            break;
        }
    }
    let broken: Vec<u32> = all.iter().filter(|(_, broken)| **broken).map(|(uid, _)| *uid).collect();
    assert_eq!((all.len(), broken), (700, vec![3, 650]));
}

#[derive(Clone, Debug)]
enum Act2 {
    Comes(u8, u16),
    Expunged(u16),
    Step,
    StepUnrecorded,
    StartedAgain,
}

fn acts() -> impl Strategy<Value = Vec<Act2>> {
    let one = prop_oneof![
        (0_u8..8, 1_u16..400).prop_map(|(from, count)| Act2::Comes(from, count)),
        (1_u16..2000).prop_map(Act2::Expunged),
        Just(Act2::Step),
        Just(Act2::Step),
        Just(Act2::StepUnrecorded),
        Just(Act2::StartedAgain),
    ];
    proptest::collection::vec(one, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_lost_and_the_cursor_passes_nothing(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(acts));
    }
}

async fn play(acts: Vec<Act2>) {
    let inbox = Shared::default();
    let server = serve(&inbox);
    let (mut mailbox, mut cursor, mut recorded) = (ImapMailbox::new(server.settings()), START, BTreeSet::new());
    for act in acts.into_iter().chain(std::iter::repeat_n(Act2::Step, 200)) {
        match act {
            Act2::Comes(from, count) => {
                let mut inbox = inbox.lock().expect("the inbox");
                (0..count).for_each(|_| {
                    drop(inbox.add(&format!("p{from}@{}.example", if from == 0 { "desk" } else { "x" })))
                });
            }
            Act2::Expunged(uid) => drop(inbox.lock().expect("the inbox").mails.remove(&u32::from(uid))),
            Act2::StartedAgain => mailbox = ImapMailbox::new(server.settings()),
            Act2::StepUnrecorded => {
                mailbox.state().await.unwrap();
                mailbox.fetch_in_turn(&cursor, &is_staff, &FetchLimits::default()).await.unwrap();
            }
            Act2::Step => {
                let (uids, more) = step(&mut mailbox, &mut cursor).await;
                recorded.extend(uids);
                let inbox = inbox.lock().expect("the inbox");
                let passed = inbox.mails.range(..next(&cursor)).map(|(uid, _)| *uid);
                let lost: Vec<u32> = passed.filter(|uid| !recorded.contains(uid)).collect();
                assert_eq!(lost, Vec::<u32>::new(), "the cursor passed them");
                let left = inbox.mails.keys().any(|uid| !recorded.contains(uid));
                assert!(more || !left, "it says that there is no more, and there is");
            }
        }
    }
    let inbox = inbox.lock().expect("the inbox");
    assert!(inbox.mails.keys().all(|uid| recorded.contains(uid)));
}

#[tokio::test]
async fn a_real_server_tells_the_tops_in_parts() {
    let server = Dovecot::start();
    let mail = |from: &str, n: usize| {
        // A top that is larger than is asked for.
        let many: String = (0..200).map(|id| format!("\r\n <{id}.{n}.references@example.org>")).collect();
        format!("From: {from}\r\nReferences:{many}\r\nSubject: {n}\r\n\r\nbody\r\n").into_bytes()
    };
    let mut client = server.client();
    (0..120).for_each(|n| client.append("INBOX", "", &mail("Storm <storm@example.org>", n)));
    client.append("INBOX", "", &mail("\"Doe, Jo\" <jo@example.org>", 120));
    client.append("INBOX", "", &mail("lee@desk.example", 121));
    let mut mailbox = ImapMailbox::new(server.settings(Security::Tls));
    let state = mailbox.state().await.unwrap();
    let mut cursor = Cursor::Uid { uid_validity: state.uid_validity, next_uid: 1 };
    let limits = FetchLimits { count: 10, ..FetchLimits::default() };
    let batch = mailbox.fetch_in_turn(&cursor, &is_staff, &limits).await.unwrap();
    let uids: Vec<u32> = read(&batch).into_iter().map(|(uid, _)| uid).collect();
    assert_eq!(uids, [1, 2, 3, 4, 5, 6, 7, 8, 121, 122]);
    assert_eq!(next(&batch.next), 9);
    mailbox.keep();
    cursor = batch.next;
    let mut all = uids;
    loop {
        let (more_uids, more) = step(&mut mailbox, &mut cursor).await;
        all.extend(more_uids);
        if !more {
            break;
        }
    }
    all.sort_unstable();
    assert_eq!(all, (1..=122).collect::<Vec<_>>());
    assert_eq!(client.ok("UID SEARCH SEEN").lines().next().map(str::trim), Some("* SEARCH"), "flags stay as they are");
}

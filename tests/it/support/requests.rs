//! Mails to a desk of which a test knows what must become of them, and the one list of what would be wrong afterwards.

use super::clerk::{Clerk, DeskFile};
use std::collections::{BTreeMap, BTreeSet};

/// What must become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// One case, one receipt.
    Accepted,
    /// One pending request, one mail that names what is missing.
    Returned,
    /// Nothing is answered.
    Ignored,
}

impl Fate {
    /// The folder that it is filed in.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Returned => "Returned",
            Self::Ignored => "Ignored",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Accepted => "receipt",
            Self::Returned => "return",
            Self::Ignored => "none",
        }
    }
}

/// A mail; each has a sender of its own.
#[derive(Clone, Debug)]
pub struct Request {
    /// What must become of it.
    pub fate: Fate,
    /// Who wrote it.
    pub sender: String,
    /// Its Message-ID, without brackets.
    pub id: String,
    /// Its octets.
    pub raw: Vec<u8>,
}

const LAST: [&str; 8] =
    ["Whitfield", "Ostrander", "Delacroix", "Marchetti", "Lindqvist", "Abernathy", "Kowalczyk", "Pemberton"];
const FIRST: [&str; 7] = ["Jane", "Phyllis", "Roberto", "Harriet", "Sigrid", "Desmond", "Marguerite"];

/// The `n`-th mail: of every six, four are complete, one lacks the member's number, one is a machine's.
pub fn request(desk: &DeskFile, n: usize) -> Request {
    let fate = match n % 6 {
        4 => Fate::Returned,
        5 => Fate::Ignored,
        _ => Fate::Accepted,
    };
    request_of(desk, n, fate)
}

/// A mail of this fate; `n` makes it another one than all others.
pub fn request_of(desk: &DeskFile, n: usize, fate: Fate) -> Request {
    let (last, first) = (LAST[n % LAST.len()], FIRST[n % FIRST.len()]);
    let line = &desk.lines[n % desk.lines.len()];
    let (sender, id) = (format!("requester{n}@example.org"), format!("request.{n}@example.org"));
    let subject = format!("{last}, {first} {line}");
    let mut raw = format!(
        "From: Requester Number {n} <{sender}>\r\nTo: {}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n\
         Date: Thu, 19 Nov 2026 10:15:00 -0500\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n",
        desk.address
    );
    if fate == Fate::Ignored {
        raw.push_str("Auto-Submitted: auto-generated\r\n\r\nThe nightly report is attached.\r\n");
    } else {
        raw.push_str("\r\n");
        for (role, label) in &desk.fields {
            let value = match role.as_str() {
                "requester_name" => "Dale Wheeler".to_owned(),
                "requester_id" => format!("{}", 1_000_000 + n),
                "member_id" if fate == Fate::Returned => continue,
                "member_id" => format!("H{}", 61_000_000 + n),
                "member_name" => format!("{first} {last}"),
                "summary" | "description" => {
                    format!("The new ID card number {n} never came after the move to a new address.")
                }
                other => panic!("a required field of the role {other:?}: teach this test to fill it in"),
            };
            raw.push_str(&format!("{label}: {value}\r\n"));
        }
    }
    Request { fate, sender, id, raw: raw.into_bytes() }
}

/// A header's value in a mail, unfolded.
pub fn header(raw: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let head = text.split("\n\n").next()?.replace("\n ", " ").replace("\n\t", " ");

    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// All that is wrong after the last undisturbed run, in words; nothing when all is well. `replies` is every mail that
/// left, `inbox` how many mails the inbox still holds, `filed` how many stand in a folder.
pub fn violations(
    clerk: &Clerk,
    requests: &[Request],
    replies: &[Vec<u8>],
    inbox: usize,
    mut filed: impl FnMut(&str) -> usize,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut complain = |is_wrong: bool, what: String| {
        if is_wrong {
            wrong.push(what);
        }
    };
    complain(inbox != 0, format!("{inbox} mails were left in the inbox"));
    for fate in [Fate::Accepted, Fate::Returned, Fate::Ignored] {
        let (expected, found) = (requests.iter().filter(|one| one.fate == fate).count(), filed(fate.folder()));
        complain(found != expected, format!("{found} mails and not {expected} stand in {}", fate.folder()));
    }
    complain(filed("Held") != 0, format!("{} mails are held", filed("Held")));

    let uncertain = uncertain_recipients(clerk, &mut complain);
    let cases = count_by(clerk.list(&["cases"]).iter().map(|case| text(case, "requester")));
    let pendings = count_by(clerk.list(&["pending"]).iter().map(|pending| text(pending, "requester")));
    let ids: BTreeSet<_> = replies.iter().map(|raw| header(raw, "Message-ID")).collect();
    complain(ids.len() != replies.len(), format!("{} mails that left have {} Message-IDs", replies.len(), ids.len()));
    for request in requests {
        let Request { fate, sender, id, .. } = request;
        let answers: Vec<_> = replies.iter().filter(|raw| answers(raw, id)).collect();
        let (of_case, of_pending) =
            (cases.get(sender).copied().unwrap_or(0), pendings.get(sender).copied().unwrap_or(0));
        complain(of_case != usize::from(*fate == Fate::Accepted), format!("{id} ({fate:?}) has {of_case} cases"));
        complain(
            of_pending != usize::from(*fate == Fate::Returned),
            format!("{id} ({fate:?}) has {of_pending} pending requests"),
        );
        complain(answers.len() > 1, format!("{id} was answered {} times", answers.len()));
        let expects = *fate != Fate::Ignored;
        complain(!expects && !answers.is_empty(), format!("{id} is a machine's and was answered"));
        complain(
            expects && answers.is_empty() && !uncertain.contains(sender),
            format!("{id} ({fate:?}) has no answer, and none is listed as of unknown fate"),
        );
        for answer in answers {
            let template = header(answer, "X-Mailclerk-Template").unwrap_or_default();
            complain(template != fate.template(), format!("{id} ({fate:?}) was answered with {template:?}"));
            complain(
                header(answer, "To").is_none_or(|to| !to.contains(sender.as_str())),
                format!("the answer to {id} went to somebody else"),
            );
        }
    }
    let known: BTreeSet<_> = requests.iter().map(|request| request.sender.as_str()).collect();
    for stranger in cases.keys().chain(pendings.keys()).filter(|requester| !known.contains(requester.as_str())) {
        complain(true, format!("{stranger} wrote nothing and has a case or a pending request"));
    }
    let audit = clerk.end_of(&["audit", "verify"]);
    complain(!audit.status.success(), format!("the audit trail is broken: {}{}", audit.out, audit.log));
    wrong
}

/// Whether this mail answers the one with that Message-ID.
pub fn answers(raw: &[u8], id: &str) -> bool {
    header(raw, "In-Reply-To").is_some_and(|replied| replied.contains(&format!("<{id}>")))
}

/// Who has an automatic mail of unknown fate. Nothing else may be left in the outbox.
fn uncertain_recipients(clerk: &Clerk, complain: &mut impl FnMut(bool, String)) -> BTreeSet<String> {
    let mut uncertain = BTreeSet::new();
    for mail in clerk.list(&["outbox"]) {
        let state = text(&mail, "state");
        complain(
            state != "uncertain",
            format!("a mail {} is {state} at the end: {}", text(&mail, "template"), mail["why"]),
        );
        uncertain.insert(text(&mail, "to"));
    }
    uncertain
}

fn text(value: &serde_json::Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn count_by(all: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

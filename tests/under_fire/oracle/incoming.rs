//! What came in: nothing lost, nothing stuck, each in one folder, one case for a request.

use super::evidence::{Evidence, number_of};
use crate::mails::{Kind, Mail, Mails};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn look(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    rows(evidence, mails, wrong);
    folders(evidence, mails, wrong);
    cases(evidence, mails, wrong);
}

fn rows(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for row in &evidence.messages {
        let (id, uid) = (&row.id, &row.uid);
        match (&row.raw, row.number) {
            (None, _) => wrong.push(format!("message {id} (UID {uid}) has no bytes")),
            (Some(_), None) => wrong.push(format!("message {id} (UID {uid}) was never delivered")),
            (Some(raw), Some(number)) => {
                *count.entry(number).or_default() += 1;
                if mails.all.get(number).is_none_or(|mail| !trimmed(raw).ends_with(trimmed(&mail.raw))) {
                    wrong.push(format!("the bytes of message {id} (mail {number}) are not those that were delivered"));
                }
            }
        }
        if row.state == "recorded" {
            wrong.push(format!("message {id} (UID {uid}) was never decided"));
        }
        if row.has_holder {
            wrong.push(format!("the lease of message {id} was left hanging"));
        }
        if !row.folder.is_empty() && !row.is_filed {
            wrong.push(format!("message {id} (UID {uid}) is not noted as filed"));
        }
    }
    for mail in &mails.all {
        let found = count.get(&mail.number).copied().unwrap_or(0);
        if found != mail.copies {
            wrong.push(format!("mail {} ({:?}): {found} rows for {} deliveries", mail.number, mail.kind, mail.copies));
        }
    }
}

/// Delivery may end a mail with one more empty line.
fn trimmed(raw: &[u8]) -> &[u8] {
    raw.trim_ascii_end()
}

fn folders(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    let mut standing: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut raws: BTreeMap<usize, BTreeSet<&[u8]>> = BTreeMap::new();
    for filed in &evidence.filed {
        match number_of(&filed.raw) {
            Some(number) => {
                standing.entry(number).or_default().push(&filed.folder);
                raws.entry(number).or_default().insert(&filed.raw);
            }
            None => wrong.push(format!("{} holds a mail that nobody delivered", filed.folder)),
        }
    }
    for row in &evidence.messages {
        let Some(number) = row.number else { continue };
        if !row.folder.is_empty() && !standing.get(&number).is_some_and(|list| list.contains(&row.folder.as_str())) {
            wrong.push(format!("message {} (mail {number}) was decided for {}, and is not there", row.id, row.folder));
        }
        let kept = row.raw.as_deref().unwrap_or_default();
        if raws.get(&number).is_some_and(|raws| !raws.contains(kept)) {
            wrong.push(format!("the bytes of message {} (mail {number}) are not those of the mailbox", row.id));
        }
    }
    for mail in &mails.all {
        let found = standing.get(&mail.number).cloned().unwrap_or_default();
        let Mail { number, kind, copies, .. } = mail;
        if found.len() != *copies {
            wrong.push(format!("mail {number} ({kind:?}), delivered {copies} times, stands in {found:?}"));
            continue;
        }
        let is_right = |folder: &&str| kind.folders().contains(folder);
        let again = found.iter().filter(|folder| !is_right(folder)).count();
        // The same bytes again are ignored.
        let right = found.iter().filter(|folder| is_right(folder)).count();
        let is_well = match kind {
            Kind::Machine | Kind::List | Kind::Own => again == 0,
            _ => right == 1 && found.iter().filter(|folder| **folder == "Ignored").count() == copies - 1,
        };
        if !is_well {
            wrong.push(format!("mail {number} ({kind:?}) stands in {found:?}"));
        }
    }
}

fn cases(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    let mut of: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, requester) in &evidence.cases {
        *of.entry(requester).or_default() += 1;
    }
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &mails.all {
        let opens = match mail.kind {
            Kind::Accepted | Kind::Refused => 1,
            // One of the two.
            Kind::Duplicate => usize::from(mail.of.is_some_and(|other| other > mail.number)),
            _ => 0,
        };
        *expected.entry(&mail.sender).or_default() += opens;
    }
    for (sender, count) in &expected {
        let found = of.get(sender).copied().unwrap_or(0);
        if found != *count {
            wrong.push(format!("{sender} has {found} cases and not {count}"));
        }
    }
    for requester in of.keys().filter(|requester| !expected.contains_key(*requester)) {
        wrong.push(format!("{requester} wrote nothing and has a case"));
    }
    let mut pendings: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, requester) in &evidence.pendings {
        *pendings.entry(requester).or_default() += 1;
    }
    for mail in &mails.all {
        let expected = usize::from(mail.kind == Kind::Returned);
        let found = pendings.get(mail.sender.as_str()).copied().unwrap_or(0);
        if mail.sender.starts_with("agent") && mail.of.is_none() && found != expected && mail.kind != Kind::Away {
            wrong.push(format!("mail {} ({:?}) has {found} pending requests", mail.number, mail.kind));
        }
    }
    if !evidence.held.is_empty() {
        wrong.push(format!("{} messages are held: {:?}", evidence.held.len(), evidence.held.first()));
    }
}

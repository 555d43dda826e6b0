//! What went out: at most one automatic reply, answers and staff mail at least once and always the same, in order, and
//! nothing that the database does not know.

use super::evidence::{Evidence, MailRow};
use crate::mails::{Kind, Mails, header};
use crate::smtp_server::GONE;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn look(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    let mut copies: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, taken) in evidence.transcript.iter().enumerate() {
        let id = header(&taken.bytes, "Message-ID").unwrap_or_default().trim_matches(['<', '>']).to_owned();
        copies.entry(id).or_default().push(at);
    }
    known(evidence, &copies, wrong);
    for mail in &evidence.mails {
        let places = copies.get(&mail.message_id).map_or(&[][..], Vec::as_slice);
        one(evidence, mail, places, wrong);
    }
    replies(evidence, mails, &copies, wrong);
    answers(evidence, mails, wrong);
    in_order(evidence, &copies, wrong);
    nobody_else(evidence, mails, wrong);
}

fn named(mail: &MailRow) -> String {
    format!("mail {} ({} {}, {})", mail.id, mail.class, mail.template, mail.state)
}

fn known(evidence: &Evidence, copies: &BTreeMap<String, Vec<usize>>, wrong: &mut Vec<String>) {
    let ids: BTreeSet<&str> = evidence.mails.iter().map(|mail| mail.message_id.as_str()).collect();
    for id in copies.keys().filter(|id| !ids.contains(id.as_str())) {
        wrong.push(format!("<{id}> left, and the database does not know it"));
    }
    if ids.len() != evidence.mails.len() {
        wrong.push(format!("{} mails have {} Message-IDs", evidence.mails.len(), ids.len()));
    }
}

fn one(evidence: &Evidence, mail: &MailRow, places: &[usize], wrong: &mut Vec<String>) {
    let count = places.len();
    let name = named(mail);
    let is_automatic = mail.class == "automatic";
    match mail.state.as_str() {
        "sent" if count == 0 => wrong.push(format!("{name} never left")),
        "sent" | "uncertain" => {}
        "failed" | "cancelled" | "withheld" | "waiting_secure" => {
            if is_automatic && count > 0 {
                wrong.push(format!("{name} left {count} times all the same"));
            }
        }
        _ => wrong.push(format!("{name} was left hanging ({})", mail.why)),
    }
    if mail.state == "failed" && !mail.to.starts_with(GONE) && !mail.why.contains("given up") {
        wrong.push(format!("{name} failed: {}", mail.why));
    }
    if is_automatic && count > 1 {
        wrong.push(format!("{name} left {count} times"));
    }
    if !is_automatic && count > 1 + usize::from(mail.is_sent_again) {
        wrong.push(format!("{name} left {count} times, and was queued again {} times", u8::from(mail.is_sent_again)));
    }
    let taken = places.iter().filter_map(|at| evidence.transcript.get(*at));
    if taken.clone().any(|one| one.to != mail.to) {
        wrong.push(format!("{name} went to somebody else"));
    }
    let bytes: BTreeSet<&[u8]> = taken.map(|one| one.bytes.as_slice()).collect();
    if bytes.len() > 1 {
        wrong.push(format!("{name}: its {count} copies differ"));
    }
    if mail.is_copied && evidence.copies.get(&mail.message_id).is_none_or(|count| *count == 0) {
        wrong.push(format!("{name} has no copy in the Sent folder"));
    }
}

/// Each message its one automatic reply, or one that is listed.
fn replies(evidence: &Evidence, mails: &Mails, copies: &BTreeMap<String, Vec<usize>>, wrong: &mut Vec<String>) {
    let mut of: BTreeMap<&str, Vec<&MailRow>> = BTreeMap::new();
    for mail in evidence.mails.iter().filter(|mail| mail.class == "automatic") {
        of.entry(mail.replies_to.as_deref().unwrap_or_default()).or_default().push(mail);
    }
    for row in &evidence.messages {
        let Some(mail) = row.number.and_then(|number| mails.all.get(number)) else { continue };
        let replies = of.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        let expected = mail.kind.reply(&row.folder);
        let templates: Vec<&str> = replies.iter().map(|reply| reply.template.as_str()).collect();
        if templates != expected.as_slice() {
            wrong.push(format!(
                "mail {} ({:?}) in {} has the replies {templates:?} and not {expected:?}",
                mail.number, mail.kind, row.folder
            ));
        }
    }
    // The same by what left: no trust in the rows.
    let mut by_mail: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for taken in &evidence.transcript {
        let template = header(&taken.bytes, "X-Mailclerk-Template").unwrap_or_default();
        if ["receipt", "return", "redirect", "reject_mixed", "duplicate"].contains(&template.as_str()) {
            let of = header(&taken.bytes, "In-Reply-To").unwrap_or_default().trim_matches(['<', '>']).to_owned();
            let id = header(&taken.bytes, "Message-ID").unwrap_or_default();
            by_mail.entry((of, taken.to.clone())).or_default().insert(id);
        }
    }
    for ((of, to), ids) in by_mail {
        let asked = mails.all.iter().filter(|mail| mail.id == of && mail.sender == to).count();
        if ids.len() > asked {
            wrong.push(format!("<{of}> of {to} was answered by {} mails", ids.len()));
        }
    }
    let _ = copies;
}

/// What people wrote went on, once each.
fn answers(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    for (kind, template) in [(Kind::Answer, "answer"), (Kind::Closing, "closing")] {
        let mut written: BTreeMap<&str, usize> = BTreeMap::new();
        for mail in mails.all.iter().filter(|mail| mail.kind == kind) {
            *written.entry(mail.case.as_deref().unwrap_or_default()).or_default() += 1;
        }
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for mail in evidence.mails.iter().filter(|mail| mail.template == template) {
            *left.entry(mail.case.as_deref().unwrap_or_default()).or_default() += 1;
        }
        for (case, count) in &written {
            let found = left.get(case).copied().unwrap_or(0);
            // A closed case takes no further answer as one.
            let closed = mails.all.iter().any(|mail| mail.kind == Kind::Closing && mail.case.as_deref() == Some(case));
            if found != *count && !(closed && found <= *count) {
                wrong.push(format!("case {case}: {count} mails of staff became {found} of the template {template}"));
            }
        }
        for (case, found) in left {
            if !written.contains_key(case) {
                wrong.push(format!("case {case}: {found} of the template {template}, and nobody wrote one"));
            }
        }
    }
}

/// Mails of one lane leave in their order; an answer may overtake an automatic mail.
fn in_order(evidence: &Evidence, copies: &BTreeMap<String, Vec<usize>>, wrong: &mut Vec<String>) {
    let mut lanes: BTreeMap<&str, Vec<&MailRow>> = BTreeMap::new();
    for mail in &evidence.mails {
        lanes.entry(&mail.lane).or_default().push(mail);
    }
    let first = |mail: &MailRow| copies.get(&mail.message_id).and_then(|places| places.first().copied());
    for lane in lanes.values() {
        for (at, earlier) in lane.iter().enumerate() {
            // What was of unknown fate let the next one go.
            if earlier.is_sent_again || earlier.state != "sent" {
                continue;
            }
            for later in &lane[at + 1..] {
                let overtakes = earlier.class == "automatic" && later.class != "automatic";
                if let (Some(before), Some(behind)) = (first(earlier), first(later))
                    && behind < before
                    && !overtakes
                {
                    wrong.push(format!("{} left before {}, which stands before it", named(later), named(earlier)));
                }
            }
        }
    }
}

/// Machines, lists and ourselves get nothing.
fn nobody_else(evidence: &Evidence, mails: &Mails, wrong: &mut Vec<String>) {
    let unanswerable: BTreeSet<&str> =
        mails.all.iter().filter(|mail| mail.kind.is_unanswerable()).map(|mail| mail.id.as_str()).collect();
    let ours: BTreeSet<&str> = evidence.mails.iter().map(|mail| mail.message_id.as_str()).collect();
    let people: BTreeSet<&str> = mails
        .all
        .iter()
        .filter(|mail| !matches!(mail.kind, Kind::Machine | Kind::List | Kind::Own))
        .map(|mail| mail.sender.as_str())
        .collect();
    for taken in &evidence.transcript {
        let template = header(&taken.bytes, "X-Mailclerk-Template").unwrap_or_default();
        let of = header(&taken.bytes, "In-Reply-To").unwrap_or_default().trim_matches(['<', '>']).to_owned();
        if unanswerable.contains(of.as_str()) && !ours.contains(of.as_str()) {
            wrong.push(format!("<{of}> is a machine's and was answered ({template})"));
        }
        let is_staff = taken.to.ends_with("@desk.example") && taken.to != crate::house::ADDRESS;
        if !is_staff && !people.contains(taken.to.as_str()) {
            wrong.push(format!("{} got a {template}, and is nobody to answer", taken.to));
        }
        let submitted = header(&taken.bytes, "Auto-Submitted");
        let is_persons = ["answer", "closing"].contains(&template.as_str());
        if submitted.is_none() && !is_persons {
            wrong.push(format!("a {template} to {} does not say that it is automatic", taken.to));
        }
    }
}

//! What was kept: the audit trail whole, clocks unique, each promise kept once, nothing of members in logs.

use super::evidence::Evidence;
use crate::mails::Mails;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn look(evidence: &Evidence, mails: &Mails, logs: &[(String, String)], wrong: &mut Vec<String>) {
    if let Some(said) = &evidence.audit_faults {
        wrong.push(format!("the audit trail is broken: {said}"));
    }
    audited(evidence, wrong);
    clocks(evidence, wrong);
    silent(mails, logs, wrong);
}

/// Every new state has its audit row.
fn audited(evidence: &Evidence, wrong: &mut Vec<String>) {
    let told = |kind: &str| -> Vec<&str> {
        evidence.audit.iter().filter(|(_, told, _)| told == kind).map(|(.., ids)| ids.as_str()).collect()
    };
    let has = |told: &BTreeMap<String, usize>, id: &str| told.get(id).copied().unwrap_or(0);
    let by_id = |rows: Vec<&str>| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows {
            let ids: serde_json::Value = serde_json::from_str(row).unwrap_or_default();
            for id in ids.as_object().into_iter().flat_map(|map| map.values()).filter_map(|id| id.as_str()) {
                *count.entry(id.to_owned()).or_default() += 1;
            }
        }
        count
    };
    let (sent, uncertain, failed) =
        (by_id(told("mail_sent")), by_id(told("mail_uncertain")), by_id(told("mail_failed")));
    for mail in &evidence.mails {
        let lacks = match mail.state.as_str() {
            "sent" => has(&sent, &mail.id) == 0,
            "uncertain" => has(&uncertain, &mail.id) == 0,
            "failed" => has(&failed, &mail.id) == 0,
            _ => false,
        };
        if lacks {
            wrong.push(format!("mail {} ({}) is {} without an audit row", mail.id, mail.template, mail.state));
        }
        if has(&sent, &mail.id) > 1 {
            wrong.push(format!(
                "mail {} ({}) has {} audit rows of its sending",
                mail.id,
                mail.template,
                has(&sent, &mail.id)
            ));
        }
    }
    let decided = by_id(told("decided"));
    for row in evidence.messages.iter().filter(|row| row.state != "recorded") {
        if has(&decided, &row.id) != 1 {
            wrong.push(format!("message {} has {} audit rows of its decision", row.id, has(&decided, &row.id)));
        }
    }
    let opened: Vec<&str> =
        evidence.audit.iter().filter(|(_, kind, _)| kind == "case_opened").map(|(chain, ..)| chain.as_str()).collect();
    for (id, number, _) in &evidence.cases {
        let found = opened.iter().filter(|chain| *chain == id).count();
        if found != 1 {
            wrong.push(format!("case {number} has {found} audit rows of its opening"));
        }
    }
}

/// Clocks are unique, and what fell due was done once.
fn clocks(evidence: &Evidence, wrong: &mut Vec<String>) {
    let unique: BTreeSet<_> = evidence.clocks.iter().map(|(of, kind, due, _)| (of, kind, due)).collect();
    if unique.len() != evidence.clocks.len() {
        wrong.push(format!("{} clocks are {} promises", evidence.clocks.len(), unique.len()));
    }
    let done = |of: &str, kind: &str| {
        let ended = |state: &str| matches!(state, "met" | "breached" | "ended");
        evidence.clocks.iter().filter(|(one, two, _, state)| one == of && two == kind && ended(state)).count()
    };
    let mut mails: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for mail in &evidence.mails {
        if let Some(about) = &mail.about {
            *mails.entry((about, &mail.template, &mail.to)).or_default() += 1;
        }
    }
    for ((about, template, to), count) in mails {
        let kinds: &[&str] = match template {
            "update" => &["update"],
            "pending_closed" => &["pending_close"],
            "nudge" => &["respond_nudge", "update_nudge", "pause_nudge", "wait_nudge", "follow_up"],
            "breach" => &["respond", "update"],
            _ => continue,
        };
        let due: usize = kinds.iter().map(|kind| done(about, kind)).sum();
        if count > due {
            wrong.push(format!("{about}: {count} of the template {template} to {to}, and only {due} clocks fell due"));
        }
    }
    let lists = evidence.mails.iter().filter(|mail| mail.about.is_none() && mail.class == "staff");
    let mut per_day: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for mail in lists.filter(|mail| mail.template == "digest") {
        per_day.entry((&mail.template, &mail.to)).or_default().insert(&mail.id);
    }
    let digests = evidence.clocks.iter().filter(|(_, kind, _, state)| kind == "digest" && state != "running").count();
    for ((template, to), ids) in per_day {
        if ids.len() > digests {
            wrong.push(format!("{to} got {} of the template {template} for {digests} clocks", ids.len()));
        }
    }
}

/// Logs hold ids, and nothing of members or requesters.
fn silent(mails: &Mails, logs: &[(String, String)], wrong: &mut Vec<String>) {
    for (name, log) in logs {
        let words: BTreeSet<&str> =
            log.split(|letter: char| !(letter.is_alphanumeric() || "@.".contains(letter))).collect();
        for canary in &mails.canaries {
            if words.contains(canary.as_str()) {
                wrong.push(format!("{name} holds {canary}, which is a requester's or a member's"));
            }
        }
        for line in log.lines().filter(|line| line.contains("panicked at") || line.contains("a defect of the program"))
        {
            wrong.push(format!("{name}: {line}"));
        }
    }
}

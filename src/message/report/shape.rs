//! Whether a mail that is no `multipart/report` is a delivery report all the same: by its sender, subject and opening.
//!
//! One sign is not enough: people forward bounces, write about them, and work at postmaster addresses.

use super::Facts;
use super::phrases::{CERTAIN, OPENINGS, STRONG, SUBJECTS};

/// Local parts that only machines send from.
pub(in super::super) fn daemon_sender(facts: &Facts) -> bool {
    let local = |m: &crate::address::Mailbox| m.address.local().to_lowercase();
    let address = facts.from.iter().map(local).any(|l| is_daemon(&l));
    let raw = || facts.header("From").chain(facts.header("Sender")).chain(facts.header("Return-Path"));
    address
        || raw().any(|value| {
            let lower = value.to_lowercase();
            let first = lower.trim().trim_start_matches(['<', '"']);
            is_daemon(first.split(['@', '>', '<', '"', ' ']).next().unwrap_or_default())
                || [
                    "mail delivery s",
                    "mail delivery failure",
                    "mailer-daemon",
                    "mail administrator",
                    "delivery subsystem",
                    "internet mail delivery",
                    "mailerdaemon",
                    "mailer daemon",
                    "mail daemon",
                    "returned mail",
                    "mail delivery agent",
                    "system administrator",
                    "systemadministrator",
                    "mail router",
                    "undeliverable",
                ]
                .iter()
                .any(|name| lower.contains(name))
        })
}

fn is_daemon(local: &str) -> bool {
    matches!(
        local,
        "mailer-daemon"
            | "mailerdaemon"
            | "mailer_daemon"
            | "mail-daemon"
            | "mdaemon"
            | "mmdf"
            | "mailer"
            | "maildaemon"
            | "bounce-daemon"
    ) || local.starts_with("mailer-daemon")
        || local.starts_with("microsoftexchange329e71ec88ae4615bbc36ab6ce41109e")
}

/// Addresses whose mail may be a person's or a machine's.
fn office_sender(facts: &Facts) -> bool {
    const OFFICES: &[&str] = &[
        "sysadmin",
        "postmaster",
        "post_master",
        "post-master",
        "noreply",
        "no-reply",
        "no_reply",
        "donotreply",
        "do-not-reply",
        "bounce",
        "bounces",
        "root",
        "daemon",
        "mailadmin",
        "admin",
        "administrator",
        "mail",
        "smtp",
        "notification",
        "notifications",
        "postoffice",
        "mailadministrator",
        "email",
        "system",
        "mailsystem",
        "hostmaster",
    ];
    facts.from.iter().any(|m| {
        let local = m.address.local().to_lowercase();
        let local = local.split(['+', '=']).next().unwrap_or_default();
        OFFICES.contains(&local) || local.starts_with("postmaster") || local.starts_with("bounce")
    }) || facts.from.is_empty()
}

/// Offices that a person does not write from, unlike `admin` or `root`.
fn machine_office(facts: &Facts) -> bool {
    const STARTS: &[&str] = &[
        "postmaster",
        "post_master",
        "post-master",
        "noreply",
        "no-reply",
        "no_reply",
        "donotreply",
        "bounce",
        "mailsystem",
        "sysadmin",
    ];
    facts.from.iter().any(|m| {
        let local = m.address.local().to_lowercase();
        STARTS.iter().any(|start| local.starts_with(start))
    })
}

/// Whether the envelope or the sender shows that no person sent it.
pub(in super::super) fn not_a_persons(facts: &Facts) -> bool {
    facts.null_return_path() || daemon_sender(facts) || office_sender(facts)
}

/// The mark that shows a delivery report in free form.
pub(super) fn delivery(facts: &Facts) -> Option<&'static str> {
    let subject = facts.subject.to_lowercase();
    let subject = subject.trim_start_matches(['*', '[', '(', '"', ' ', '<', '#', '!']);
    let reply = ["re:", "fw:", "fwd:", "aw:", "wg:", "tr:", "rv:"].iter().any(|mark| subject.starts_with(mark))
        && !subject.starts_with("re: your mail");
    let subject_says = !reply && SUBJECTS.iter().any(|start| subject.starts_with(start));
    let opening = opening(facts.text);
    let opening_says = OPENINGS.iter().any(|words| opening.contains(words));
    let certain = CERTAIN.iter().any(|words| opening.contains(words));
    let (daemon, null, office) = (daemon_sender(facts), facts.null_return_path(), office_sender(facts));
    if facts.header("X-Failed-Recipients").next().is_some() && (daemon || null || office || certain) {
        return Some("X-Failed-Recipients");
    }
    if super::super::machine::vacation_subject(facts.subject) {
        return None; // Out-of-office mail has an empty path too, and speaks of messages.
    }
    let strong = !reply && STRONG.iter().any(|start| subject.starts_with(start));
    let postmaster = machine_office(facts);
    let returns = ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]
        .iter()
        .any(|kind| facts.root.find(kind).is_some());
    match () {
        () if daemon && (subject_says || opening_says) => Some("daemon sender"),
        () if (null || postmaster) && strong => Some("delivery report by sender and subject"),
        () if (null || office) && opening_says && returns => Some("returned message"),
        () if null && subject_says && opening_says => Some("null return path"),
        () if null && certain => Some("null return path"),
        () if office && subject_says && opening_says => Some("delivery report by subject and text"),
        () if office && certain => Some("delivery report by text"),
        () if subject_says && certain => Some("delivery report by subject and text"),
        () => None,
    }
}

/// The first lines of the text, lower case, white space folded; nothing that is quoted.
fn opening(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('>')).take(20);
    let folded: Vec<&str> = lines.flat_map(str::split_whitespace).take(400).collect();
    folded.join(" ").to_lowercase()
}

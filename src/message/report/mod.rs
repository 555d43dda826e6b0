//! Reports: of delivery (RFC 3464 and the free forms that mail servers wrote before and beside it), of reading
//! (RFC 8098), of abuse (RFC 5965).

mod fields;
mod notice;
mod phrases;
mod shape;
mod status;

pub(super) use shape::{daemon_sender, not_a_persons};

use super::entity::Entity;
use super::{Report, ReportKind, ReportedRecipient};
use crate::address::Mailbox;

/// What is asked of a message to see whether it is a report.
pub(super) struct Facts<'a> {
    pub(super) root: &'a Entity<'a>,
    pub(super) headers: &'a [(String, String)],
    pub(super) from: &'a [Mailbox],
    pub(super) to: &'a [Mailbox],
    pub(super) subject: &'a str,
    pub(super) text: &'a str,
}

impl Facts<'_> {
    pub(super) fn header<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// An empty reverse path (RFC 5321, section 4.5.5), as the last server wrote it down.
    pub(super) fn null_return_path(&self) -> bool {
        let paths =
            || self.header("Return-Path").chain(self.header("X-Envelope-From")).chain(self.header("Envelope-From"));
        paths().next().is_some_and(|path| matches!(path.trim(), "" | "<>" | "< >"))
    }
}

/// A report that was found, and the mark that showed it.
pub(super) struct Found {
    pub(super) mark: &'static str,
    pub(super) report: Report,
}

/// Bytes of a report part that are read.
const MOST: usize = 256 << 10;

/// Reads the message as a report, if it is one.
pub(super) fn read(facts: &Facts) -> Option<Found> {
    if super::machine::is_challenge(facts) && !daemon_sender(facts) {
        return None; // Some challenges call themselves delivery reports.
    }
    if let Some(found) = complaint(facts) {
        return Some(found);
    }
    let report_type = facts.root.content_type.get("report-type").unwrap_or_default().to_lowercase();
    let report = facts.root.is("multipart/report");
    if let Some(part) = facts.root.find("message/feedback-report").filter(|_| shape::not_a_persons(facts) || report) {
        let recipients = fields::recipients(&part.text(MOST), &["original-rcpt-to", "removal-recipient"]);
        return Some(finish(facts, ReportKind::Feedback, "feedback report", recipients));
    }
    let disposition = facts
        .root
        .find("message/disposition-notification")
        .or(facts.root.find("message/global-disposition-notification"));
    if let Some(part) = disposition.filter(|_| report || shape::not_a_persons(facts)) {
        let recipients = fields::recipients(&part.text(MOST), &["final-recipient", "original-recipient"]);
        return Some(finish(facts, ReportKind::Disposition, "disposition notification", recipients));
    }
    if report_type == "disposition-notification" || report_type == "feedback-report" {
        let feedback = report_type == "feedback-report";
        let kind = if feedback { ReportKind::Feedback } else { ReportKind::Disposition };
        return Some(finish(facts, kind, "multipart/report", Vec::new()));
    }
    let delivery = delivery_status(facts);
    match delivery.filter(|_| report || shape::not_a_persons(facts)) {
        Some(text) => {
            let mut recipients = fields::delivery(&text);
            if recipients.iter().all(|r| r.address.is_none()) {
                let told = recipients.into_iter().next();
                recipients = notice::recipients(facts);
                // The fields name nobody, but may say what became of it.
                for (recipient, told) in recipients.iter_mut().zip(told.into_iter().cycle()) {
                    recipient.status = told.status.or(recipient.status.take());
                    recipient.action = told.action.or(recipient.action.take());
                }
            }
            notice::complete(facts, &mut recipients);
            Some(finish(facts, ReportKind::Delivery, "message/delivery-status", recipients))
        }
        None if report && (report_type.contains("delivery-status") || report_type.is_empty()) => {
            let recipients = notice::recipients(facts);
            Some(finish(facts, ReportKind::Delivery, "multipart/report", recipients))
        }
        None => {
            let mark = shape::delivery(facts)?;
            Some(finish(facts, ReportKind::Delivery, mark, notice::recipients(facts)))
        }
    }
}

/// The text of every delivery-status part: some servers report on each recipient in a part of its own.
fn delivery_status(facts: &Facts) -> Option<String> {
    let mut found: Option<String> = None;
    facts.root.walk(&mut |entity| {
        let kind = entity.content_type.value.as_str();
        if matches!(kind, "message/delivery-status" | "message/global-delivery-status") {
            let text = found.get_or_insert_default();
            text.push_str(&entity.text(MOST.saturating_sub(text.len())));
            text.push_str("\n\n");
        }
    });
    found
}

/// The complaint feed of Hotmail, older than RFC 5965: the message complained about, under a fixed subject.
fn complaint(facts: &Facts) -> Option<Found> {
    let subject = facts.subject.to_lowercase();
    let shaped = subject.starts_with("complaint about message from ") && facts.root.find("message/rfc822").is_some();
    shaped.then(|| finish(facts, ReportKind::Feedback, "complaint feed", Vec::new()))
}

fn finish(facts: &Facts, kind: ReportKind, mark: &'static str, mut recipients: Vec<ReportedRecipient>) -> Found {
    recipients.truncate(500);
    Found { mark, report: Report { kind, recipients, original_ids: original_ids(facts) } }
}

/// Message-IDs of the mail reported on: of a returned message, of returned headers, of headers pasted into the text.
fn original_ids(facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    facts.root.walk(&mut |entity| {
        let text = match entity.content_type.value.as_str() {
            "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/global-headers"
            | "message/rfc822-headers"
            | "message/feedback-report"
            | "message/disposition-notification" => entity.text(64 << 10),
            _ => return,
        };
        found.extend(pasted_ids(&text));
    });
    found.extend(pasted_ids(facts.text));
    let mut seen = std::collections::HashSet::new();
    found.retain(|id| seen.insert(id.clone()));
    found.truncate(50);
    found
}

fn pasted_ids(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        let value = line.split_once(':').filter(|(name, _)| {
            let name = name.trim();
            ["message-id", "original-message-id", "x-original-message-id", "resent-message-id", "messageid"]
                .iter()
                .any(|n| name.eq_ignore_ascii_case(n))
        });
        let value = value.map(|(_, value)| match value.trim() {
            "" => lines.peek().map_or("", |next| next.trim()), // The id stands folded on the next line.
            value => value,
        });
        Some(value.and_then(super::ids::first))
    })
    .flatten()
}

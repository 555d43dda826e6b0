//! The words of a digest: what figures, needs and reasons are called, and how instants and lengths are told.

use super::flow::Figure;
use super::needs::NeedKind;
use super::periods::Period;
use crate::address::EmailAddress;
use crate::calendar::Unit;
use crate::desk::Desk;
use crate::words::{ReasonCode, Template};
use jiff::Timestamp;
use jiff::civil::Date;

/// What a figure is called in the table.
pub fn figure(figure: Figure) -> &'static str {
    match figure {
        Figure::Arrived => "Arrived",
        Figure::Accepted => "Accepted",
        Figure::Returned => "Returned",
        Figure::Rejected => "Rejected as mixed",
        Figure::Redirected => "Redirected",
        Figure::Duplicate => "Repeated",
        Figure::Attached => "Added to a case",
        Figure::Held => "Held",
        Figure::Ignored => "Ignored",
        Figure::Reports => "Delivery reports",
        Figure::Opened => "Cases opened",
        Figure::Answered => "Answers sent",
        Figure::Resolved => "Resolved",
        Figure::Reopened => "Reopened",
        Figure::Merged => "Merged",
        Figure::Missed => "Promises missed",
        Figure::Open => "Open at the end",
    }
}

/// What needs a decision, with its number.
pub fn need(kind: NeedKind, count: usize, next: &str) -> String {
    let one = count == 1;
    let (singular, plural) = match kind {
        NeedKind::Missed => ("promised answer was missed", "promised answers were missed"),
        NeedKind::DueToday => ("answer is due today", "answers are due today"),
        NeedKind::DueNext => {
            let verb = if one { "answer is" } else { "answers are" };
            return format!("{count} {verb} due by {next}");
        }
        NeedKind::NoActivity => ("case shows no activity", "cases show no activity"),
        NeedKind::PastTarget => ("case is past its target", "cases are past their targets"),
        NeedKind::Held => ("message is held", "messages are held"),
        NeedKind::Unassigned => ("case has nobody", "cases have nobody"),
        NeedKind::Unlisted => ("case is with somebody who left", "cases are with somebody who left"),
        NeedKind::WaitingSecure => ("mail waits for a secure way", "mails wait for a secure way"),
        NeedKind::Failed => ("mail failed", "mails failed"),
        NeedKind::Uncertain => ("mail may not have gone out", "mails may not have gone out"),
        NeedKind::Withheld => ("reply was withheld", "replies were withheld"),
        NeedKind::Unreachable => ("address cannot be reached", "addresses cannot be reached"),
        NeedKind::Escalated => {
            ("escalated case whose requester waits to hear", "escalated cases whose requesters wait to hear")
        }
        NeedKind::PausedWithoutEnd => ("case is paused without an end", "cases are paused without an end"),
        NeedKind::PolicyRefused => return "A changed policy is refused".to_owned(),
        NeedKind::CalendarEnds => return "The list of holidays ends".to_owned(),
    };
    format!("{count} {}", if one { singular } else { plural })
}

/// What there is to decide.
pub fn advice(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Missed => "The requester still waits. Give the case to somebody who can answer it now.",
        NeedKind::DueToday => "The promise ends today.",
        NeedKind::DueNext => "The promise ends on the next business day.",
        NeedKind::NoActivity => "Nothing was done for as long as their priority allows. Ask whoever has them.",
        NeedKind::PastTarget => "The desk aimed to be done with them by then; no requester was promised that.",
        NeedKind::Held => "Accept, return, attach or drop each; until then nobody is answered.",
        NeedKind::Unassigned => "Nobody of the line was there when cases were assigned. Their promises run on.",
        NeedKind::Unlisted => "Give them to somebody who works here.",
        NeedKind::WaitingSecure => "Words to someone outside wait until a secure way is set up; their promises run on.",
        NeedKind::Failed => "Send them again or cancel them.",
        NeedKind::Uncertain => "Look whether they arrived, then send them again or cancel them.",
        NeedKind::Withheld => "The sender's limit was reached, or the address takes no mail.",
        NeedKind::Unreachable => "Mail came back for good. Nothing automatic goes there until somebody has looked.",
        NeedKind::Escalated => {
            "Somebody has them on a step of the ladder: see what came of it, and have the requester told."
        }
        NeedKind::PausedWithoutEnd => "Their clocks stand. Set an end, or take them up again.",
        NeedKind::PolicyRefused => "The former policy holds until the file is mended.",
        NeedKind::CalendarEnds => "Days after it count as business days. Add new dates to the policy.",
    }
}

/// The few words of a tile.
pub fn tile(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Missed => "missed",
        NeedKind::DueToday => "due today",
        NeedKind::Held => "held",
        _ => "",
    }
}

/// A reason, by its key: `missing_field:member_id` is `Member ID # missing`.
pub fn reason(desk: &Desk, key: &str) -> String {
    let (code, field) = key.split_once(':').map_or((key, None), |(code, field)| (code, Some(field)));
    let label = field.map(|id| desk.field(id).map_or(id, |field| field.label.as_str()));
    let Some(known) = ReasonCode::from_word(code) else { return key.to_owned() };
    let words = match known {
        ReasonCode::MissingField => return format!("{} missing", label.unwrap_or("a field")),
        ReasonCode::InvalidField => return format!("{} not usable", label.unwrap_or("a field")),
        ReasonCode::SubjectUnreadable => "subject has neither name nor line",
        ReasonCode::LineUnknown => "line not named",
        ReasonCode::LineConflict => "subject and text name different lines",
        ReasonCode::MemberUnknown => "member not named",
        ReasonCode::MemberMismatch => "subject and text name different members",
        ReasonCode::SeveralMembers => "several members in one mail",
        ReasonCode::MixedLines => "two lines in one mail",
        ReasonCode::OutOfScope => "out of scope",
        ReasonCode::SeenBefore => "delivered before",
        ReasonCode::Automatic => "written by a machine",
        ReasonCode::OwnMail => "our own mail",
        ReasonCode::Spam => "marked as spam",
        ReasonCode::Unparsable => "cannot be read",
        ReasonCode::UnauthenticatedStaff => "claims to be staff, not proved",
        ReasonCode::UnauthenticatedParticipant => "sender not proved",
        ReasonCode::FitsTwoCases => "fits two cases",
        ReasonCode::MachineWithTemplate => "a machine's mark on a filled-in form",
        ReasonCode::OverReplyLimit => "too many mails of one sender",
        ReasonCode::Empty => "empty message",
        ReasonCode::TypeNotByMail => "type not taken by mail",
        ReasonCode::TypePaused => "type paused",
        ReasonCode::WrongType => "wrong type",
        ReasonCode::SeveralIssues => "several issues in one mail",
        ReasonCode::NotAssociated => "not associated with the case",
        ReasonCode::TooManyMembers => "too many members",
    };
    words.to_owned()
}

/// A topic, by its id.
pub fn topic(desk: &Desk, id: &str) -> String {
    desk.topic(id).map_or_else(|| id.to_owned(), |topic| topic.title.clone())
}

/// A mail, as a list names it.
pub fn mail(template: Template) -> String {
    template.as_str().replace('_', " ")
}

/// A member of staff: the name, where the policy has one.
pub fn person(desk: &Desk, address: &EmailAddress) -> String {
    desk.staff_member(address).map_or_else(|| address.to_string(), |staff| staff.name.clone())
}

/// `Fri Nov 20, 10:15 am`
pub fn moment(desk: &Desk, at: Timestamp) -> String {
    let local = desk.calendar.local(at);
    let (hour, half) = (local.hour(), if local.hour() < 12 { "am" } else { "pm" });
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{}, {hour}:{:02} {half}", short_date(local.date()), local.minute())
}

/// `Fri Nov 20`
pub fn short_date(date: Date) -> String {
    format!("{} {}", date.strftime("%a %b"), date.day())
}

/// A column's head: `Fri 20`.
pub fn column(period: &Period) -> (String, String) {
    (period.date.strftime("%a").to_string(), period.date.day().to_string())
}

/// `Friday, November 20`, or with days off behind it `Friday, November 20, to Sunday, November 22`.
pub fn period(desk: &Desk, period: &Period, now: Timestamp) -> String {
    let words = |date| desk.calendar.date_in_words(date, now);
    if period.date == period.last {
        words(period.date)
    } else {
        format!("{} to {}", words(period.date), words(period.last))
    }
}

/// A length of business time. Of days there are 24 hours each, as promises count them.
pub fn long(seconds: i64, unit: Unit) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, unit) {
        (0, _) => format!("{minutes} min"),
        (1..=9, _) => format!("{hours} h {minutes:02} min"),
        (10..=23, _) | (_, Unit::WorkingHours) => format!("{hours} h"),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}

//! What a requester may expect: hours, times, numbers, privacy, phones, and where the rest is handled.

use super::text::{capital, day_of_year, listed, plain, sentence, time_of_day};
use crate::desk::{Desk, FieldRole, OpenedBy, SecureWay};

/// The address, and when the desk works.
pub(super) fn where_to(desk: &Desk) -> String {
    let (opens, closes) = desk.calendar.hours();
    format!(
        "Write to **<{}>**. The desk works on business days from {} to {} ({}). Mail is read at any time.\n\n",
        desk.address,
        time_of_day(opens),
        time_of_day(closes),
        plain(&desk.calendar.zone_name().replace('_', " "))
    )
}

/// Receipt, answer, updates, by type and season; and how long what is sent back waits.
pub(super) fn times(desk: &Desk) -> String {
    let mut text = format!(
        "- A receipt with your case number comes at once. If something is missing, a reply says what.\n\
         - An answer: within {}.\n- Until it is resolved, you hear from us every {}.\n",
        desk.clocks.respond, desk.clocks.update
    );
    let by_mail = |kind: &&crate::desk::IssueType| kind.opened_by == OpenedBy::Mail;
    for kind in desk.types.list.iter().filter(by_mail) {
        if let Some(span) = kind.respond.filter(|span| *span != desk.clocks.respond) {
            text.push_str(&format!("- {}: an answer within {span}.\n", plain(&kind.name)));
        }
    }
    for season in &desk.seasons {
        let mut told: Vec<String> = season.respond.iter().map(|span| format!("an answer within {span}")).collect();
        for (id, span) in &season.types {
            let kind = desk.types.get(id).map_or_else(|| id.clone(), |kind| plain(&kind.name));
            told.push(format!("{kind} within {span}"));
        }
        told.extend(season.update.iter().map(|span| format!("updates every {span}")));
        let (from, to) = (day_of_year(season.from), day_of_year(season.to));
        let told = if told.is_empty() { String::new() } else { format!(": {}", listed(&told, "and")) };
        let notice = season.notice.as_deref().map(|notice| format!(" {}", sentence(notice))).unwrap_or_default();
        text.push_str(&format!("- From {from} to {to}{told}.{notice}\n"));
    }
    let days = desk.limits.pending_days;
    text.push_str(&format!(
        "- A mail that was sent back waits {days} business days for what is missing. Reply with just that.\n"
    ));
    text.push_str(&match desk.limits.reopen_days {
        0 => "- A resolved case stays closed: write again, and a new case names the old one.\n".to_owned(),
        days => format!("- A reply within {days} business days opens a resolved case again.\n"),
    });
    text
}

/// What a number looks like, and how a mail finds its case.
pub(super) fn numbers(desk: &Desk) -> String {
    let number = desk.numbering.example();
    let mut text = format!(
        "A case number looks like `{number}`. It stands in brackets at the end of the subject of each mail of ours. To add \
         something, or to ask how things stand, reply to one of them and leave the subject as it is. Whoever you had on \
         copy may add to the case too.\n\n"
    );
    if desk.numbers_returns {
        text.push_str("A mail that was sent back has a number already, and keeps it once it is complete.\n\n");
    }
    if !desk.identified_by.is_empty() {
        text.push_str(if desk.attaches_duplicates {
            "The same request once more goes to its open case, and you are told the number."
        } else {
            "Each contact has a number of its own; what belongs together is linked."
        });
    }
    text
}

/// What not to write, and what our mail leaves out.
pub(super) fn privacy(desk: &Desk) -> String {
    let privacy = &desk.privacy;
    let mut never: Vec<String> = Vec::new();
    if privacy.ssn {
        never.push("social security numbers".to_owned());
    }
    if privacy.birth_date {
        never.push("birth dates".to_owned());
    }
    let mut text = String::new();
    if !never.is_empty() {
        text.push_str(&format!("- Leave {} out of your mails: nobody needs them here.\n", listed(&never, "and")));
    }
    let mut in_replies: Vec<String> = Vec::new();
    if privacy.member_name {
        let label = desk.field_of(FieldRole::MemberName).map(|field| plain(&field.label));
        in_replies.push(label.unwrap_or_else(|| "the member's name".to_owned()));
    }
    in_replies.extend(privacy.fields.iter().filter_map(|id| desk.field(id)).map(|field| plain(&field.label)));
    if !in_replies.is_empty() {
        let in_replies = listed(&in_replies, "and");
        text.push_str(&format!("- In replies leave out {in_replies} too: the case number is enough.\n"));
    }
    if privacy.warns {
        text.push_str("- Who sends such data unasked is told so.\n");
    }
    text.push_str(if privacy.is_plain {
        "- Our mails repeat nothing of a member's data.\n"
    } else {
        "- Our mails to addresses outside the organisation repeat nothing of a member's data.\n"
    });
    let portal = matches!(desk.secure.way, SecureWay::Portal)
        || desk.secure.partners.iter().any(|partner| matches!(partner.way, SecureWay::Portal));
    if portal {
        text.push_str("- What has content waits for you in the portal: a mail brings the link, and you sign in.\n");
    }
    text
}

/// Topics, and where each is taken.
pub(super) fn elsewhere(desk: &Desk) -> String {
    let topics = desk
        .topics
        .iter()
        .map(|topic| format!("- **{}**: {}\n", plain(&capital(&topic.title)), sentence(&topic.guidance)));
    let mut text: String = topics.collect();
    if let Some(guidance) = &desk.associations.guidance {
        text.push_str(&format!("\nYou are not associated with what you ask about? {}\n", sentence(guidance)));
    }
    text
}

/// The numbers, each once.
pub(super) fn phones(desk: &Desk) -> String {
    let mut told: Vec<&str> = Vec::new();
    let mut text = String::new();
    for line in &desk.lines {
        let Some(phone) = line.phone.as_deref().filter(|phone| !told.contains(phone)) else { continue };
        told.push(phone);
        text.push_str(&format!("- {}: {}\n", plain(&line.title), plain(phone)));
    }
    if text.is_empty() { text } else { format!("What cannot wait is settled faster by phone:\n\n{text}") }
}

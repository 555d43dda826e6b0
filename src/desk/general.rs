//! The parts of a policy about clocks, seasons and limits.

use super::keys;
use super::reader::Section;
use super::{Clocks, Limits};
use crate::calendar::{Season, Span, month_and_day};
use std::collections::BTreeMap;
use toml::Spanned;

/// The clocks; `None` where one is missing or cannot be read.
pub(super) fn clocks(desk: &Section<'_>) -> Option<Clocks> {
    let section = desk.table("clocks", &keys::CLOCKS);
    for (key, example) in [("respond", "\"72 business hours\""), ("update", "\"5 business days\"")] {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let (respond, update) = (span(&section, "respond"), span(&section, "update"));
    Some(Clocks { respond: respond?, update: update? })
}

/// Whether a status that staff change needs a note.
pub(super) fn status_needs_note(desk: &Section<'_>) -> bool {
    desk.table("cases", &keys::CASES).flag("status_needs_note").unwrap_or(false)
}

/// A length of business time.
pub(super) fn span(section: &Section<'_>, key: &str) -> Option<Span> {
    let text = section.text(key)?;
    match Span::parse(text.get_ref()) {
        Ok(span) => Some(span),
        Err(error) => {
            section.teach(text.span(), key, &error);
            None
        }
    }
}

/// The seasons; two may not claim the same day.
pub(super) fn seasons(desk: &Section<'_>) -> Vec<Season> {
    let mut seasons: Vec<(Season, usize)> = Vec::new();
    for section in desk.tables("season", &keys::SEASON) {
        let line = section.reading.line(&section.span);
        let Some(season) = season(&section) else { continue };
        for (other, at) in &seasons {
            if other.name == season.name {
                let reason = format!("season `{}` is there already, at line {at}", season.name);
                section.fault(section.span.clone(), "name", reason, "give each season a name of its own");
            } else if other.overlaps(&season) {
                let reason = format!("season `{}` overlaps season `{}` at line {at}", season.name, other.name);
                section.fault(section.span.clone(), "from", reason, "let one end the day before the other begins");
            }
        }
        seasons.push((season, line));
    }
    seasons.into_iter().map(|(season, _)| season).collect()
}

fn season(section: &Section<'_>) -> Option<Season> {
    let name = section.required_text("name", "\"peak\"");
    let (from, to) = (day_of_year(section, "from", "\"10-15\""), day_of_year(section, "to", "\"12-07\""));
    let (respond, update) = (span(section, "respond"), span(section, "update"));
    let notice = section.prose("notice").map(Spanned::into_inner);
    if !["respond", "types", "priorities", "update", "notice"].iter().any(|key| section.has(key)) {
        let remedy = "add `respond`, `update` or `notice`, or remove the season";
        section.fault(section.span.clone(), "respond", "the season changes nothing", remedy);
    }
    Some(Season {
        name: name?.into_inner(),
        from: from?,
        to: to?,
        respond,
        types: lengths(section, "types"),
        priorities: lengths(section, "priorities"),
        update,
        notice,
    })
}

/// `types` and `priorities` of a season: a length for each that it names.
fn lengths(section: &Section<'_>, key: &str) -> BTreeMap<String, Span> {
    let mut types = BTreeMap::new();
    for (name, text) in section.words(key) {
        match Span::parse(text.get_ref()) {
            Ok(span) => drop(types.insert(name.into_inner(), span)),
            Err(error) => section.teach(text.span(), key, &error),
        }
    }
    types
}

/// Refuses types and priorities of seasons that the desk does not have: these are read after seasons.
pub(super) fn check_seasons(desk: &Section<'_>, types: &super::IssueTypes, priorities: &super::Priorities) {
    let types: Vec<&str> = types.list.iter().map(|kind| kind.id.as_str()).collect();
    let levels: Vec<&str> = priorities.list.iter().map(|level| level.id.as_str()).collect();
    for section in desk.tables("season", &keys::SEASON) {
        for (key, what, ids) in [("types", "type", &types), ("priorities", "priority", &levels)] {
            let words = section.words(key).into_iter();
            for (name, _) in words.filter(|(name, _)| !ids.contains(&name.get_ref().as_str())) {
                let remedy = crate::strict::suggestion(name.get_ref(), ids);
                let reason = format!("there is no {what} with the id `{}`", name.get_ref());
                section.fault(name.span(), key, reason, remedy);
            }
        }
    }
}

fn day_of_year(section: &Section<'_>, key: &str, example: &str) -> Option<(i8, i8)> {
    let text = section.required_text(key, example)?;
    match month_and_day(text.get_ref()) {
        Ok(day) => Some(day),
        Err(error) => {
            section.teach(text.span(), key, &error);
            None
        }
    }
}

/// Numbers that hold and withhold; a number that would hold or withhold everything is refused.
pub(super) fn limits(desk: &Section<'_>) -> Limits {
    let section = desk.table("limits", &keys::LIMITS);
    let standard = Limits::default();
    let number = |key: &str, standard: u32, least: u32, why: &str| {
        let Some(number) = section.number(key) else { return standard };
        if *number.get_ref() < least {
            let remedy = format!("write {least} or more; the default is {standard}");
            section.fault(number.span(), key, format!("{} makes no sense here: {why}", number.get_ref()), remedy);
        }
        number.into_inner()
    };
    let held = "every message would be held";
    Limits {
        pending_days: number("pending_days", standard.pending_days, 1, "a returned request would be closed at once"),
        reopen_days: number("reopen_days", standard.reopen_days, 0, ""),
        same_words: number("same_words", standard.same_words, 2, held),
        same_subject: number("same_subject", standard.same_subject, 1, held),
        a_case: number("a_case", standard.a_case, 1, held),
        a_sender: number("a_sender", standard.a_sender, 1, held),
        sent_back: number("sent_back", standard.sent_back, 1, held),
        domain_sent_back: number("domain_sent_back", standard.domain_sent_back, 2, held),
        replies: number("replies", standard.replies, 1, "nobody would ever get a reply"),
    }
}

/// A header field as `Name: value`; the name as RFC 5322, section 2.2 has it.
pub(super) fn header_field(section: &Section<'_>, key: &str, text: &Spanned<String>) -> Option<(String, String)> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    let field = text.get_ref().split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    match field {
        Some((name, value)) if is_name(name) && !value.is_empty() => Some((name.to_owned(), value.to_owned())),
        _ => {
            let reason = format!("`{}` is no header field", text.get_ref());
            section.fault(text.span(), key, reason, "write name and value: \"X-Name: value\"");
            None
        }
    }
}

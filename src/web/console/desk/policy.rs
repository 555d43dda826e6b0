//! A desk's policy in words, as the clerk understands it: what is not said here has no effect.

use crate::calendar::season_at;
use crate::desk::{Desk, Role, SecureWay, Tolerance, warnings};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// How many days ahead days off are listed.
const DAYS_AHEAD: i32 = 120;
/// How many of them at most.
const MOST_DAYS_OFF: usize = 12;
/// How many phrases of a topic are shown.
const MOST_PHRASES: usize = 12;

/// A desk in words.
#[derive(Debug, Serialize)]
pub(super) struct Policy {
    id: String,
    name: String,
    address: String,
    other_addresses: Vec<String>,
    internal_domains: Vec<String>,
    prefix: String,
    version: String,
    opens: String,
    closes: String,
    zone_words: String,
    days_off: Vec<String>,
    is_business_day: bool,
    assign_at: String,
    digest_at: String,
    respond: String,
    update: String,
    in_force: InForce,
    seasons: Vec<Season>,
    subject: String,
    tolerance: &'static str,
    lines: Vec<Line>,
    fields: Vec<Field>,
    topics: Vec<Topic>,
    limits: Vec<(&'static str, u32, &'static str)>,
    lists: Vec<(String, String)>,
    staff: Vec<Person>,
    secure: &'static str,
    reads_prose: bool,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct InForce {
    season: Option<String>,
    respond: String,
    update: String,
}

#[derive(Debug, Serialize)]
struct Season {
    name: String,
    from: String,
    to: String,
    respond: Option<String>,
    update: Option<String>,
    notice: Option<String>,
}

#[derive(Debug, Serialize)]
struct Line {
    name: String,
    title: String,
    synonyms: Vec<String>,
    phone: Option<String>,
    supervisors: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Field {
    label: String,
    required: bool,
    hint: Option<String>,
    aliases: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Topic {
    title: String,
    guidance: String,
    address: Option<String>,
    neutral: bool,
    phrases: Vec<String>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Person {
    name: String,
    role: Role,
    lines: Vec<String>,
}

/// A warning of `check` as a sentence of a page.
fn sentence(text: &str) -> String {
    let text = text.replace('`', "");
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn minutes(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn month_and_day((month, day): (i8, i8)) -> String {
    Date::new(2024, month, day).map(|date| date.strftime("%-d %B").to_string()).unwrap_or_default()
}

/// The next days off that are no weekend.
fn days_off(desk: &Desk, today: Date) -> Vec<String> {
    let days = (0..DAYS_AHEAD).filter_map(|n| today.checked_add(jiff::Span::new().days(n)).ok());
    let off = days.filter(|day| !desk.calendar.is_business_day(*day) && !desk.calendar.is_weekend(*day));
    off.take(MOST_DAYS_OFF).map(|day| day.strftime("%a %-d %b %Y").to_string()).collect()
}

impl Policy {
    pub(super) fn of(desk: &Desk, now: Timestamp) -> Self {
        let today = desk.calendar.local(now).date();
        let (opens, closes) = desk.calendar.hours();
        let in_force = desk.clocks_at(now);
        let all = |addresses: &[crate::address::EmailAddress]| addresses.iter().map(ToString::to_string).collect();
        Self {
            id: desk.id.clone(),
            name: desk.name.clone(),
            address: desk.address.to_string(),
            other_addresses: all(&desk.own_addresses),
            internal_domains: desk.internal_domains.clone(),
            prefix: desk.prefix.clone(),
            version: desk.version.clone(),
            opens: minutes(opens),
            closes: minutes(closes),
            zone_words: desk.calendar.zone_name().replace('_', " "),
            days_off: days_off(desk, today),
            is_business_day: desk.calendar.is_business_day(today),
            assign_at: desk.assign_at.strftime("%H:%M").to_string(),
            digest_at: desk.digest_at.strftime("%H:%M").to_string(),
            respond: desk.clocks.respond.to_string(),
            update: desk.clocks.update.to_string(),
            in_force: InForce {
                season: season_at(&desk.seasons, today).map(|season| season.name.clone()),
                respond: in_force.respond.to_string(),
                update: in_force.update.to_string(),
            },
            seasons: desk.seasons.iter().map(season).collect(),
            subject: desk.subject_template(),
            tolerance: match desk.subject.tolerance {
                Tolerance::Repair => "What can be read without guessing is accepted, and shown as it should be.",
                Tolerance::Strict => "Everything that is not the template is returned.",
            },
            lines: desk.lines.iter().map(|one| line(desk, one)).collect(),
            fields: desk.fields.iter().map(field).collect(),
            topics: desk.topics.iter().map(topic).collect(),
            limits: limits(desk),
            lists: desk.lists.iter().map(|list| (list.id.clone(), list.name.clone())).collect(),
            staff: desk.staff.iter().map(|staff| person(desk, staff)).collect(),
            secure: match desk.secure.way {
                SecureWay::None => "none yet: what has content waits until there is one",
                SecureWay::Portal => "the portal",
                SecureWay::Gateway(_) => "the organisation's gateway",
            },
            reads_prose: desk.prose,
            warnings: warnings(desk, today).iter().map(|text| sentence(text)).collect(),
        }
    }
}

fn season(season: &crate::calendar::Season) -> Season {
    Season {
        name: season.name.clone(),
        from: month_and_day(season.from),
        to: month_and_day(season.to),
        respond: season.respond.map(|span| span.to_string()),
        update: season.update.map(|span| span.to_string()),
        notice: season.notice.clone(),
    }
}

fn line(desk: &Desk, line: &crate::desk::Line) -> Line {
    Line {
        name: line.name.clone(),
        title: line.title.clone(),
        synonyms: line.synonyms.clone(),
        phone: line.phone.clone(),
        supervisors: line
            .supervisors
            .iter()
            .map(|email| desk.staff_member(email).map_or_else(|| email.to_string(), |staff| staff.name.clone()))
            .collect(),
    }
}

fn field(field: &crate::desk::Field) -> Field {
    let (label, hint) = (field.label.clone(), field.hint.clone());
    Field { label, required: field.required, hint, aliases: field.aliases.clone() }
}

fn topic(topic: &crate::desk::Topic) -> Topic {
    let plain = |phrase: &String| phrase.replace('_', " ").replace('|', " or ").replace('*', "…");
    Topic {
        title: topic.title.clone(),
        guidance: topic.guidance.clone(),
        address: topic.address.as_ref().map(ToString::to_string),
        neutral: topic.neutral,
        phrases: topic.phrases.iter().take(MOST_PHRASES).map(plain).collect(),
        more: topic.phrases.len().saturating_sub(MOST_PHRASES),
    }
}

fn limits(desk: &Desk) -> Vec<(&'static str, u32, &'static str)> {
    let limits = &desk.limits;
    vec![
        ("A returned request that stays silent is closed after", limits.pending_days, "business days"),
        ("A reply reopens a resolved case within", limits.reopen_days, "business days"),
        ("The same words from one sender in a day are held at message", limits.same_words, ""),
        ("Messages in a day that would each get a reply under one subject: held past", limits.same_subject, ""),
        ("Messages to one case in a day: held past", limits.a_case, ""),
        ("Messages from one sender in a day: held past", limits.a_sender, ""),
        ("Automatic replies to one sender in a day: withheld past", limits.replies, ""),
    ]
}

fn person(desk: &Desk, staff: &crate::desk::Staff) -> Person {
    let name = |id: &crate::words::LineId| desk.line(id).map_or_else(|| id.to_string(), |line| line.name.clone());
    Person { name: staff.name.clone(), role: staff.role, lines: staff.lines.iter().map(name).collect() }
}

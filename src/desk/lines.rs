//! The parts of a policy about lines of business, staff and who stands in for whom.

use super::keys;
use super::reader::Section;
use super::{Absence, Line, Role, Staff};
use crate::address::EmailAddress;
use crate::words::LineId;
use crate::words::fold::fold;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// A member of staff with the places of what is checked against others.
struct Entry<'a> {
    section: Section<'a>,
    staff: Staff,
    deputy_for: Vec<Spanned<EmailAddress>>,
}

/// Lines and staff: they name each other, so they are checked together.
pub(super) fn lines_and_staff(desk: &Section<'_>) -> (Vec<Line>, Vec<Staff>) {
    let (of_lines, of_queues) = (desk.tables("line", &keys::LINE), desk.tables("queue", &keys::QUEUE));
    if of_lines.is_empty() && of_queues.is_empty() {
        let remedy = "add a table [[line]] with id, name and phone, or a table [[queue]] with id and name";
        desk.fault(desk.span.clone(), "line", "the desk has neither a line of business nor a queue", remedy);
    }
    if let Some(queue) = of_queues.first().filter(|_| !of_lines.is_empty()) {
        let remedy = "keep [[line]] where requesters name lines of business, [[queue]] where types lead to teams";
        queue.fault(queue.span.clone(), "queue", "the desk has lines of business and queues", remedy);
    }
    let mut lines: Vec<Line> = of_lines.iter().filter_map(line).chain(of_queues.iter().filter_map(queue)).collect();
    let sections: Vec<Section<'_>> = of_lines.into_iter().chain(of_queues).collect();
    let ids: Vec<LineId> = lines.iter().map(|line| line.id.clone()).collect();
    let staff = staff(desk, &ids);
    for (section, line) in sections.iter().filter_map(|section| Some((section, id_of(section)?))) {
        if ids.iter().filter(|id| id.0 == line).count() > 1 {
            let reason = format!("the id `{line}` belongs to two lines");
            section.fault(section.span.clone(), "id", reason, "give each line an id of its own");
        }
        let supervisors = supervisors(section, &line, &staff);
        if let Some(line) = lines.iter_mut().find(|other| other.id.0 == line) {
            line.supervisors = supervisors;
        }
    }
    overlaps(&sections);
    (lines, staff)
}

fn id_of(section: &Section<'_>) -> Option<String> {
    section.text("id").map(Spanned::into_inner)
}

fn line(section: &Section<'_>) -> Option<Line> {
    let id = section.id();
    let name = section.required_text("name", "\"…\"");
    section.required_text("phone", "\"1-800-555-0100\"");
    let phone = phone(section);
    let texts = |key: &str| section.texts(key).into_iter().map(Spanned::into_inner).collect::<Vec<String>>();
    let name = name?.into_inner();
    Some(Line {
        id: LineId(id?.into_inner()),
        title: section.text("title").map_or_else(|| name.clone(), Spanned::into_inner),
        synonyms: texts("synonyms"),
        words: texts("words").iter().map(|word| fold(word)).collect(),
        phone: Some(phone?),
        supervisors: Vec::new(),
        name,
    })
}

/// A queue: a line that nobody outside names.
fn queue(section: &Section<'_>) -> Option<Line> {
    let (id, name) = (section.id(), section.required_text("name", "\"…\""));
    let (phone, name) = (phone(section), name?.into_inner());
    Some(Line {
        id: LineId(id?.into_inner()),
        title: name.clone(),
        synonyms: Vec::new(),
        words: Vec::new(),
        phone,
        supervisors: Vec::new(),
        name,
    })
}

fn phone(section: &Section<'_>) -> Option<String> {
    let phone = section.text("phone")?;
    if phone.get_ref().bytes().filter(u8::is_ascii_digit).count() < 3 {
        let reason = format!("`{}` is no phone number", phone.get_ref());
        section.fault(phone.span(), "phone", reason, "write the number that urgent issues are called in to");
    }
    Some(phone.into_inner())
}

/// The supervisors listed under the line, or else those of the staff who name the line.
fn supervisors(section: &Section<'_>, line: &str, staff: &[Staff]) -> Vec<EmailAddress> {
    if !section.has("supervisors") {
        let of_line = |member: &&Staff| member.role == Role::Supervisor && member.lines.iter().any(|id| id.0 == line);
        return staff.iter().filter(of_line).map(|member| member.email.clone()).collect();
    }
    let mut supervisors: Vec<EmailAddress> = Vec::new();
    for address in section.addresses("supervisors") {
        let shown = address.get_ref();
        let fault = |reason: String, remedy: &str| section.fault(address.span(), "supervisors", reason, remedy);
        match staff.iter().find(|member| member.email == *shown) {
            None => fault(
                format!("supervisor {shown} has no entry under [[staff]]"),
                "add a table [[staff]] with this email and role = \"supervisor\"",
            ),
            Some(member) if member.role != Role::Supervisor => fault(
                format!("{shown} is listed as supervisor and has another role under [[staff]]"),
                "write role = \"supervisor\" in that entry",
            ),
            Some(member) if !member.lines.is_empty() && !member.lines.iter().any(|id| id.0 == line) => fault(
                format!("supervisor {shown} does not have `{line}` among the lines under [[staff]]"),
                "add the line to that entry, or remove its lines",
            ),
            Some(_) if supervisors.contains(shown) => {
                fault(format!("supervisor {shown} is listed twice"), "keep one");
            }
            Some(_) => supervisors.push(shown.clone()),
        }
    }
    supervisors
}

/// No name, synonym or word may mean two lines.
fn overlaps(sections: &[Section<'_>]) {
    let mut known: BTreeMap<String, (usize, Range<usize>)> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        let names = section.text("name").map(|name| ("name", name));
        let listed = ["synonyms", "words"]
            .into_iter()
            .filter(|key| section.knows(key))
            .flat_map(|key| section.texts(key).into_iter().map(move |w| (key, w)));
        for (key, word) in names.into_iter().chain(listed) {
            let squashed = squash(word.get_ref());
            let (first, first_at) = known.entry(squashed).or_insert_with(|| (index, word.span()));
            if *first != index {
                let first_at = section.reading.line(first_at);
                let reason = format!("`{}` means another line already, at line {first_at}", word.get_ref());
                section.fault(word.span(), key, reason, "remove it from one of the two lines");
            }
        }
    }
}

/// What two names share when they are one name to a reader: letters and digits, folded.
pub fn squash(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn staff(desk: &Section<'_>, lines: &[LineId]) -> Vec<Staff> {
    let entries: Vec<Entry<'_>> =
        desk.tables("staff", &keys::STAFF).into_iter().filter_map(|section| entry(section, lines)).collect();
    let own = desk.address("address");
    for (index, entry) in entries.iter().enumerate() {
        let (section, email) = (&entry.section, &entry.staff.email);
        if entries.iter().take(index).any(|other| other.staff.email == *email) {
            let reason = format!("{email} has two entries under [[staff]]");
            section.fault(section.span.clone(), "email", reason, "make them one entry with all lines");
        }
        if own.as_ref().is_some_and(|own| own.get_ref() == email) {
            let reason = "this is the desk's own address: mail to staff would come back as requests";
            section.fault(section.span.clone(), "email", reason, "write the person's own address");
        }
        for supervisor in &entry.deputy_for {
            let found = entries.iter().find(|other| other.staff.email == *supervisor.get_ref());
            if !found.is_some_and(|other| other.staff.role == Role::Supervisor) {
                let reason = format!("deputy for {}, who is no supervisor under [[staff]]", supervisor.get_ref());
                section.fault(supervisor.span(), "deputy_for", reason, "write a supervisor's email, as in their entry");
            }
        }
    }
    entries.into_iter().map(|entry| entry.staff).collect()
}

fn entry<'a>(section: Section<'a>, known: &[LineId]) -> Option<Entry<'a>> {
    const ROLES: &[(&str, Role)] =
        &[("specialist", Role::Specialist), ("supervisor", Role::Supervisor), ("deputy", Role::Deputy)];
    let name = section.required_text("name", "\"…\"");
    if !section.has("email") {
        section.missing("email", "\"name@example.com\"");
    }
    let email = section.address("email");
    if !section.has("role") {
        section.missing("role", "\"specialist\"");
    }
    let role = section.one_of("role", ROLES);
    let lines = staff_lines(&section, known);
    let deputy_for = section.addresses("deputy_for");
    let absent: Vec<Absence> = section.tables("absent", &keys::ABSENCE).iter().filter_map(absence).collect();
    let (name, email, role) = (name?.into_inner(), email?.into_inner(), role?);
    let fault = |key: &str, reason: &str, remedy: &str| section.fault(section.span.clone(), key, reason, remedy);
    match role {
        Role::Specialist if !section.has("lines") => {
            fault("lines", "a specialist without lines would never get a case", "add lines = [\"…\"]");
        }
        Role::Deputy if deputy_for.is_empty() => {
            fault("deputy_for", "a deputy for nobody", "add deputy_for = [\"the supervisor's email\"]");
        }
        Role::Specialist | Role::Supervisor if section.has("deputy_for") => {
            fault("deputy_for", "only a deputy stands in for somebody", "write role = \"deputy\", or remove the key");
        }
        _ => {}
    }
    let addresses = deputy_for.iter().map(|address| address.get_ref().clone()).collect();
    let staff = Staff { name, email, role, lines, deputy_for: addresses, absent };
    Some(Entry { section, staff, deputy_for })
}

fn staff_lines(section: &Section<'_>, known: &[LineId]) -> Vec<LineId> {
    let ids: Vec<&str> = known.iter().map(|id| id.0.as_str()).collect();
    let mut lines: Vec<LineId> = Vec::new();
    for line in section.texts("lines") {
        let id = LineId(line.get_ref().clone());
        if !known.contains(&id) {
            let remedy = crate::strict::suggestion(&id.0, &ids);
            section.fault(line.span(), "lines", format!("there is no line with the id `{id}`"), remedy);
        } else if !lines.contains(&id) {
            lines.push(id);
        }
    }
    lines
}

fn absence(section: &Section<'_>) -> Option<Absence> {
    for key in ["from", "to"].into_iter().filter(|key| !section.has(key)) {
        section.missing(key, "\"2026-12-21\"");
    }
    let (from, to) = (section.date("from"), section.date("to"));
    let (from, to) = (from?, to?);
    if to.get_ref() < from.get_ref() {
        let reason = format!("the absence ends on {}, before it begins", to.get_ref());
        section.fault(to.span(), "to", reason, "write the last day away; it is included");
    }
    Some(Absence { from: from.into_inner(), to: to.into_inner() })
}

//! What is odd about a desk that loads all the same: told by `check`, never refused.

use super::{Desk, Line, Role, SecureWay, Staff, StepTo};
use crate::address::EmailAddress;
use jiff::civil::Date;

/// How many days before a calendar's end a warning begins.
const CALENDAR_DAYS: i64 = 60;

/// What the operator should look at, one sentence each; empty where all is well. `today` is the desk's local date.
pub fn warnings(desk: &Desk, today: Date) -> Vec<String> {
    let mut warnings = Vec::new();
    topics(desk, &mut warnings);
    calendar(desk, today, &mut warnings);
    for line in &desk.lines {
        staff_of(desk, line, today, &mut warnings);
    }
    supervisors(desk, today, &mut warnings);
    secure(desk, &mut warnings);
    fields(desk, &mut warnings);
    warnings
}

fn topics(desk: &Desk, warnings: &mut Vec<String>) {
    for topic in &desk.topics {
        if topic.neutral {
            let id = &topic.id;
            warnings.push(format!(
                "the guidance of topic `{id}` is the neutral text that was shipped; write where requesters should take it and remove `neutral`"
            ));
        }
        if let Some(address) = topic.address.as_ref().filter(|address| !topic.guidance.contains(&address.to_string())) {
            let id = &topic.id;
            warnings.push(format!(
                "the guidance of topic `{id}` does not name its address {address}; write it into the sentence"
            ));
        }
        if topic.phrases.is_empty() && topic.names.is_empty() {
            warnings.push(format!(
                "topic `{}` has neither phrases nor names, so that it is never found; add some",
                topic.id
            ));
        }
    }
}

fn calendar(desk: &Desk, today: Date, warnings: &mut Vec<String>) {
    let Some(end) = desk.calendar.ends_on() else { return };
    let left = today.until(end).map_or(i64::MAX, |span| i64::from(span.get_days()));
    if left < 0 {
        warnings.push(format!(
            "the list of holidays ended on {end}: days after it are taken as business days; add new dates"
        ));
    } else if left <= CALENDAR_DAYS {
        warnings.push(format!(
            "the list of holidays ends on {end}, in {left} days; add new dates before promises reach beyond it"
        ));
    }
}

fn is_absent(member: &Staff, today: Date) -> bool {
    member.absent.iter().any(|days| days.from <= today && today <= days.to)
}

fn staff_of(desk: &Desk, line: &Line, today: Date, warnings: &mut Vec<String>) {
    let works = |member: &&Staff| member.role == Role::Specialist && member.lines.contains(&line.id);
    let specialists: Vec<&Staff> = desk.staff.iter().filter(works).collect();
    if specialists.is_empty() {
        warnings
            .push(format!("line `{}` has no specialist: its cases stay unassigned; add one under [[staff]]", line.id));
    } else if specialists.iter().all(|member| is_absent(member, today)) {
        warnings.push(format!("every specialist of line `{}` is absent today: its new cases stay unassigned", line.id));
    }
}

fn supervisors(desk: &Desk, today: Date, warnings: &mut Vec<String>) {
    let all: Vec<&Staff> = desk.staff.iter().filter(|member| member.role == Role::Supervisor).collect();
    if all.is_empty() {
        warnings
            .push("the desk has no supervisor: nobody gets its alerts and digest; add one under [[staff]]".to_owned());
        return;
    }
    let of_desk = all.iter().any(|member| member.lines.is_empty());
    for line in desk.lines.iter().filter(|line| line.supervisors.is_empty() && !of_desk) {
        warnings
            .push(format!("line `{}` has no supervisor and the desk has none either: nobody gets its alerts", line.id));
    }
    for supervisor in all.iter().filter(|member| is_absent(member, today)) {
        let stands_in = |member: &Staff| {
            let deputy = member.deputy_for.contains(&supervisor.email);
            let desk_wide =
                member.role == Role::Supervisor && member.lines.is_empty() && member.email != supervisor.email;
            (deputy || desk_wide) && !is_absent(member, today)
        };
        if !desk.staff.iter().any(stands_in) {
            let name = &supervisor.name;
            warnings
                .push(format!("supervisor {name} is absent today and nobody stands in; add a deputy under [[staff]]"));
        }
    }
}

fn secure(desk: &Desk, warnings: &mut Vec<String>) {
    if desk.internal_domains.is_empty() {
        warnings.push(
            "no internal domains are listed, so that every requester is external; fill in `internal_domains`"
                .to_owned(),
        );
    }
    if desk.secure.way == SecureWay::None {
        warnings.push(
            "no secure way is configured: mail with content to external requesters waits as waiting_secure; set [secure] way".to_owned(),
        );
        if desk.secure.automatic_secure {
            warnings.push(
                "automatic = \"secure\" without a secure way: external requesters get no receipts either; set [secure] way".to_owned(),
            );
        }
    }
    let ways = std::iter::once((String::new(), &desk.secure.way));
    let partners = desk.secure.partners.iter().map(|partner| (format!(" of {}", partner.domain), &partner.way));
    for (whose, way) in ways.chain(partners) {
        match way {
            SecureWay::Portal if desk.portal.is_none() => warnings.push(format!(
                "no portal is served: mail with content to external requesters{whose} waits as waiting_secure; add [portal] \
                 and its public_url to mailclerk.toml"
            )),
            SecureWay::None if !whose.is_empty() => warnings
                .push(format!("mail with content to external requesters{whose} waits as waiting_secure: their way is `none`")),
            SecureWay::None | SecureWay::Gateway(_) | SecureWay::Portal => {}
        }
    }
    for (what, address) in addresses_besides_staff(desk).filter(|(_, address)| desk.is_external(address)) {
        warnings.push(format!(
            "{what} goes to {address}, outside the internal domains: it goes the secure way, or waits for one"
        ));
    }
    for member in desk.staff.iter().filter(|member| desk.is_external(&member.email)) {
        let name = &member.name;
        warnings.push(format!(
            "{name} has an address outside the internal domains: case data would leave the organisation"
        ));
    }
}

/// Where else case data goes: steps of the ladder, lists and notes.
fn addresses_besides_staff(desk: &Desk) -> impl Iterator<Item = (String, &EmailAddress)> {
    let steps = desk.ladder.steps.iter().filter_map(|step| match &step.to {
        StepTo::Address(address) => Some((format!("step `{}`", step.id), address)),
        StepTo::Specialist | StepTo::Supervisor => None,
    });
    let lists = desk.lists.iter().filter_map(|list| Some((format!("list `{}`", list.id), list.address.as_ref()?)));
    let notes = desk.topics.iter().flat_map(|topic| {
        topic.note_to.addresses.iter().map(|address| (format!("the note of topic `{}`", topic.id), address))
    });
    let all = steps.chain(lists).chain(notes);
    all.filter(|(_, address)| desk.staff_member(address).is_none())
}

fn fields(desk: &Desk, warnings: &mut Vec<String>) {
    if !desk.fields.iter().any(|field| field.required) {
        warnings.push(
            "no field is required, so that nothing is ever returned for a missing fact; set `required`".to_owned(),
        );
    }
    if desk.placeholders.is_empty() {
        warnings.push(
            "no placeholders are listed: `N/A` would count as a value; name a words file or list some".to_owned(),
        );
    }
}

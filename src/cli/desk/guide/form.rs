//! What a mail to the desk must hold: its subject, its fields, the types and priorities.

use super::text::{capital, listed, plain, sentence};
use crate::desk::{Desk, Field, FieldRole, IssueType, OneOf, OpenedBy, When};

/// How the subject is read.
pub(super) fn subject(desk: &Desk) -> String {
    if !desk.subject.is_template {
        return "Write into the subject what you like: a few words on the issue help. Leave names and identifiers of \
                people out of it."
            .to_owned();
    }
    let names: Vec<String> = desk.lines.iter().map(|line| format!("**{}**", plain(&line.name))).collect();
    format!(
        "Write the member's last name, a comma, the first name, and then the policy: {}. One of these stands there in each mail: \
         `{}`.",
        listed(&names, "or"),
        desk.subject_template().replace('`', "")
    )
}

/// Each field: when it is needed, and what a good value is.
pub(super) fn fields(desk: &Desk) -> String {
    let prose = if desk.prose {
        "Write each of these on a line of its own, with its name before it. Plain sentences are read too, as far as they \
         are clear.\n\n"
    } else {
        "Write each of these on a line of its own, with its name and a colon before it.\n\n"
    };
    let mut text = prose.to_owned();
    for field in &desk.fields {
        let when = needed(desk, field);
        let good = good_value(field).map(|good| format!(" {}", sentence(&good))).unwrap_or_default();
        text.push_str(&format!("- **{}** ({when}).{good}\n", plain(&field.label)));
    }
    for one in &desk.one_of {
        text.push_str(&format!("\n{}\n", one_of(desk, one)));
    }
    text
}

/// What a good value of `field` is; types and priorities have a section of their own.
fn good_value(field: &Field) -> Option<String> {
    match field.role {
        FieldRole::Type => Some("One of the types below".to_owned()),
        FieldRole::Priority => Some("One of the priorities below".to_owned()),
        _ => field.hint.as_deref().map(|hint| plain(&capital(hint))),
    }
}

/// When a field is needed, in words.
fn needed(desk: &Desk, field: &Field) -> String {
    let always = "always needed".to_owned();
    let fixed: Vec<String> = desk.types.list.iter().filter(|kind| kind.priority.is_some()).map(name_of).collect();
    match field.role {
        FieldRole::Type if desk.types.required && desk.types.fallback().is_none() => return always,
        FieldRole::Priority if desk.priorities.required && fixed.is_empty() => return always,
        FieldRole::Priority if desk.priorities.required => {
            return format!("needed, but for {}", listed(&fixed, "and"));
        }
        FieldRole::PriorityReason => {
            let levels = desk.priorities.list.iter().filter(|level| level.reason);
            let levels: Vec<String> = levels.map(|level| plain(&level.name)).collect();
            if !levels.is_empty() {
                return format!("needed for {}", listed(&levels, "or"));
            }
        }
        FieldRole::Type | FieldRole::Priority => return "helps, where you know it".to_owned(),
        FieldRole::MemberName if desk.subject.is_template && field.required => {
            return "always needed; the subject may give it".to_owned();
        }
        _ if field.required => return always,
        _ => {}
    }
    if let Some(when) = &field.when {
        return format!("needed {}", condition(desk, when));
    }
    let one_of = desk.one_of.iter().filter(|one| one.fields.contains(&field.id));
    match one_of.map(|one| plain(&one.label)).next() {
        Some(label) => format!("see \"{label}\" below"),
        None => "where you have it".to_owned(),
    }
}

fn one_of(desk: &Desk, one: &OneOf) -> String {
    let when = one.when.as_ref().map(|when| format!(" {}", condition(desk, when)));
    let unless = one.unless.as_ref().map(|unless| format!(", but not {}", condition(desk, unless)));
    let hint = one.hint.as_deref().map(|hint| format!(" ({})", plain(hint))).unwrap_or_default();
    let (when, unless) = (when.unwrap_or_default(), unless.unwrap_or_default());
    format!("**{}**: one of them is needed{when}{unless}{hint}.", plain(&one.label))
}

/// `for Technical, if Case Number is given`
fn condition(desk: &Desk, when: &When) -> String {
    let kinds = when.types.iter().filter_map(|id| desk.types.get(id)).map(name_of).collect::<Vec<_>>();
    let levels = when.priorities.iter().filter_map(|id| desk.priorities.get(id)).map(|level| plain(&level.name));
    let levels: Vec<String> = levels.collect();
    let given: Vec<String> = when.given.iter().filter_map(|id| desk.field(id)).map(|f| plain(&f.label)).collect();
    let parts = [
        (!kinds.is_empty()).then(|| format!("for {}", listed(&kinds, "or"))),
        (!levels.is_empty()).then(|| format!("for the priority {}", listed(&levels, "or"))),
        (!given.is_empty()).then(|| format!("if {} is given", listed(&given, "or"))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn name_of(kind: &IssueType) -> String {
    plain(&kind.name)
}

/// How many members and issues one mail may hold.
pub(super) fn amount(desk: &Desk) -> String {
    let mut text = String::new();
    if desk.issues.one {
        text.push_str("One issue in each mail. A mail with a second one is sent back.\n\n");
    }
    let many = |kind: &&IssueType| kind.opened_by == OpenedBy::Mail && kind.members != 1;
    let kinds: Vec<&IssueType> = desk.types.list.iter().filter(many).collect();
    text.push_str(if kinds.is_empty() {
        "One member in each mail: each gets a case and an answer of its own.\n"
    } else {
        "One member in each mail, unless the list says more:\n\n"
    });
    for kind in kinds {
        let most = match kind.members {
            0 => "any number of members".to_owned(),
            most => format!("up to {most} members"),
        };
        text.push_str(&format!("- {}: {most}\n", name_of(kind)));
    }
    text
}

/// The types: those that are opened by mail, and where the others are opened.
pub(super) fn types(desk: &Desk) -> String {
    if desk.types.list.is_empty() {
        return String::new();
    }
    let (mut text, mut common) = (String::new(), Vec::new());
    for kind in desk.types.list.iter().filter(|kind| kind.opened_by == OpenedBy::Mail) {
        let priority = kind.priority.as_ref().and_then(|id| desk.priorities.get(id));
        let priority = priority.map(|level| format!(" Its priority is always {}.", plain(&level.name)));
        let fallback = if kind.fallback { " What names no other type is this one." } else { "" };
        text.push_str(&format!("- **{}**.{}{fallback}\n", name_of(kind), priority.unwrap_or_default()));
        let mut told: Vec<&str> = Vec::new();
        for guidance in kind.wrong.iter().filter_map(|wrong| wrong.guidance.as_deref()) {
            let holds = |other: &IssueType| other.wrong.iter().any(|wrong| wrong.guidance.as_deref() == Some(guidance));
            if desk.types.list.iter().filter(|other| holds(other)).count() > 1 {
                // What holds for several types is told once, below them.
                common.extend(Some(guidance).filter(|one| !common.contains(one)));
            } else if !told.contains(&guidance) {
                told.push(guidance);
                text.push_str(&format!("    - {}\n", sentence(guidance)));
            }
        }
    }
    if !common.is_empty() {
        text.push_str("\nFor several of them:\n\n");
        common.iter().for_each(|guidance| text.push_str(&format!("- {}\n", sentence(guidance))));
    }
    for (by, title) in
        [(OpenedBy::Platform, "These are not opened by mail:"), (OpenedBy::Nobody, "These are not taken at present:")]
    {
        let kinds: Vec<&IssueType> = desk.types.list.iter().filter(|kind| kind.opened_by == by).collect();
        if !kinds.is_empty() {
            text.push_str(&format!("\n{title}\n\n"));
        }
        for kind in kinds {
            let guidance = kind.guidance.as_deref().map(sentence).unwrap_or_default();
            text.push_str(&format!("- **{}**. {guidance}\n", name_of(kind)));
        }
    }
    text
}

/// The priorities, what meets them and what happens where a reason does not.
pub(super) fn priorities(desk: &Desk) -> String {
    let mut text = String::new();
    for level in &desk.priorities.list {
        text.push_str(&format!("- **{}**.", plain(&level.name)));
        text.extend(level.meets.as_deref().map(|meets| format!(" {}", sentence(&plain(meets)))));
        if level.reason {
            text.push_str(" Say why: without a reason the request is sent back.");
        }
        if let Some(below) = level.below.as_ref().and_then(|id| desk.priorities.get(id)) {
            text.push_str(&format!(" A reason that does not meet it makes it {}.", plain(&below.name)));
        }
        text.push('\n');
    }
    if let Some(usual) = desk.priorities.default.as_ref().and_then(|id| desk.priorities.get(id)) {
        text.push_str(&format!("\nWhere you ask for none, it is {}.\n", plain(&usual.name)));
    }
    text
}

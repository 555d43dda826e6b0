//! Which priority a request has (POLICY.md, `cee-escalations`): its type's, the one that it asks for and gives a reason
//! for, or the desk's usual one.

use super::{Phrases, Told};
use crate::desk::{Desk, Priority, squash};
use crate::intake::text;
use crate::words::ReasonCode;

/// What is known of a request's priority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The priority's id.
    pub id: Option<String>,
    /// The priority that was asked for and whose reason does not meet it.
    pub lowered_from: Option<String>,
    /// What is amiss with what was asked for: nothing said, a word on no list; or no reason given.
    pub fault: Option<Fault>,
}

/// What is amiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// About the priority.
    Level(ReasonCode),
    /// No reason is given.
    NoReason,
}

/// What the request says of its priority.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stated<'a> {
    /// Behind the priority's label.
    pub level: Option<&'a str>,
    /// Behind the reason's label.
    pub reason: Option<&'a str>,
}

/// The priority of a request of the type `kind`; `urgent`: whether its words say that care is blocked or hours matter.
pub fn find(
    desk: &Desk,
    phrases: &Phrases,
    kind: Option<&str>,
    stated: Stated<'_>,
    told: Told<'_>,
    is_urgent: &dyn Fn(&str) -> bool,
) -> Found {
    let all = &desk.priorities;
    if all.list.is_empty() {
        return Found::default();
    }
    let known = |id: &str| Found { id: Some(id.to_owned()), ..Found::default() };
    if let Some(fixed) = kind.and_then(|kind| desk.types.get(kind)).and_then(|kind| kind.priority.as_deref()) {
        return known(fixed);
    }
    let Some(level) = stated.level else {
        let heard = all.from_words.then(|| by_words(desk, phrases, told)).flatten();
        return match heard.or(all.default.as_deref()) {
            Some(id) if !all.required => known(id),
            _ => Found { fault: Some(Fault::Level(ReasonCode::MissingField)), ..Found::default() },
        };
    };
    let Some((level, behind)) = named(desk, level) else {
        return Found { fault: Some(Fault::Level(ReasonCode::InvalidField)), ..Found::default() };
    };
    if !level.reason {
        return known(&level.id);
    }
    let behind = Some(behind).filter(|behind| text::count_words(behind) > 1);
    let reason = stated.reason.or(behind.as_deref());
    let meets = |text: &str| is_urgent(text) && level.below.is_some() || is_met(desk, phrases, level, text);
    // Elsewhere only what the policy lists is a reason: "I need this today" is none.
    let is_told = |text: &str| is_met(desk, phrases, level, text);
    let met = reason.is_some_and(meets) || is_told(told.subject) || is_told(told.body);
    match (&level.below, reason) {
        _ if met => known(&level.id),
        (_, None) => Found { fault: Some(Fault::NoReason), ..Found::default() },
        (Some(below), Some(_)) => Found { id: Some(below.clone()), lowered_from: Some(level.id.clone()), fault: None },
        (None, Some(_)) => known(&level.id),
    }
}

/// The priority whose name begins `value`, and what stands behind it.
fn named<'a>(desk: &'a Desk, value: &str) -> Option<(&'a Priority, String)> {
    let words = text::words(value);
    let mut found: Option<(usize, &Priority)> = None;
    for level in &desk.priorities.list {
        for name in std::iter::once(&level.name).chain(&level.aliases) {
            let wanted = text::words(name);
            if !wanted.is_empty()
                && words.starts_with(&wanted)
                && found.is_none_or(|(longest, _)| wanted.len() > longest)
            {
                found = Some((wanted.len(), level));
            }
        }
    }
    if let Some((length, level)) = found {
        return Some((level, words.get(length..).unwrap_or_default().join(" ")));
    }
    // "This is urgent": the one priority that is named among other words.
    let among = |level: &&Priority| {
        std::iter::once(&level.name).chain(&level.aliases).any(|name| words.contains(&squash(name)))
    };
    let mut named = desk.priorities.list.iter().filter(among);
    match (named.next(), named.next()) {
        (Some(only), None) => Some((only, words.join(" "))),
        _ => None,
    }
}

fn is_met(desk: &Desk, phrases: &Phrases, level: &Priority, text: &str) -> bool {
    let place = desk.priorities.list.iter().position(|other| other.id == level.id);
    phrases.read(text).iter().any(|said| said.heard(&phrases.levels).iter().any(|(tag, _)| Some(*tag) == place))
}

/// The most pressing priority whose phrases stand in the words.
fn by_words<'a>(desk: &'a Desk, phrases: &Phrases, told: Told<'_>) -> Option<&'a str> {
    let said = phrases.counting(told).into_iter();
    let tag = said.flat_map(|(said, _)| said.heard(&phrases.levels)).map(|(tag, _)| tag).min()?;
    desk.priorities.list.get(tag).map(|level| level.id.as_str())
}

//! An expected answer beside a message, compared with what `explain` says of it.
//!
//! Keys of such a file: `decision` or `decision_in`; `reasons` (all of them) or `reasons_include`; `type`, `priority`,
//! `line`, `member`, `fields`, `topics`, `warnings`, `urgent`, `automatic`, `external`, `subject` (`match`, `canonical`),
//! `bounce` (`recipients`: each is found), `reply` (`null`: there is none; else `template`, `variant`, `to`,
//! `subject_contains`, `text_contains`, `text_lacks`) and `why`, which is for people. Any other key is a mistake.

use crate::desk::{Desk, FieldRole};
use serde_json::Value;
use std::collections::BTreeSet;

/// One key of which the answer is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The key.
    pub key: String,
    /// What was expected, and what was found.
    pub told: String,
}

/// What differs, by key; `actual` is the JSON of `explain`.
pub fn compare(desk: &Desk, expected: &Value, actual: &Value) -> Vec<Difference> {
    let Some(expected) = expected.as_object() else {
        return vec![Difference { key: String::new(), told: "the answer is no JSON object".to_owned() }];
    };
    let mut found = Vec::new();
    for (key, wanted) in expected {
        let was = &actual[key.as_str()];
        let told = match key.as_str() {
            "why" => None,
            "decision" | "type" | "priority" | "line" | "urgent" | "automatic" | "external" => {
                differs(was == wanted, wanted, was)
            }
            "decision_in" => differs(list(wanted).contains(&actual["decision"]), wanted, &actual["decision"]),
            "reasons" => differs(reasons(was) == reasons(wanted), wanted, was),
            "reasons_include" => {
                let was = &actual["reasons"];
                differs(reasons(was).is_superset(&reasons(wanted)), wanted, was)
            }
            "member" => differs(folded_name(was) == folded_name(wanted), wanted, was),
            "topics" | "warnings" => differs(set(was) == set(wanted), wanted, was),
            "fields" => fields(desk, wanted, was),
            "subject" => subject(wanted, was),
            "bounce" => bounce(wanted, was),
            "reply" => reply(wanted, was),
            _ => Some("there is no such key to expect".to_owned()),
        };
        found.extend(told.map(|told| Difference { key: key.clone(), told }));
    }
    found
}

fn differs(same: bool, wanted: &Value, was: &Value) -> Option<String> {
    (!same).then(|| format!("expected {wanted}, found {was}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn set(value: &Value) -> BTreeSet<String> {
    list(value).iter().map(ToString::to_string).collect()
}

/// Reasons by code and field.
pub fn reasons(value: &Value) -> BTreeSet<(String, Option<String>)> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    list(value).iter().map(|reason| (word(&reason["code"]).unwrap_or_default(), word(&reason["field"]))).collect()
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn folded_name(member: &Value) -> Option<(String, String)> {
    let part = |key: &str| folded(member[key].as_str().unwrap_or_default()).to_lowercase();
    member.is_object().then(|| (part("last"), part("first")))
}

fn fields(desk: &Desk, wanted: &Value, was: &Value) -> Option<String> {
    let mut told = Vec::new();
    for (id, wanted) in wanted.as_object().into_iter().flatten() {
        let Some(field) = desk.field(id) else {
            told.push(format!("the desk has no field {id:?}"));
            continue;
        };
        let is_name = matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName);
        let shown =
            |value: &Value| value.as_str().map(|text| if is_name { folded(text).to_lowercase() } else { folded(text) });
        let was = &was[id.as_str()];
        told.extend(differs(shown(wanted) == shown(was), wanted, was).map(|told| format!("{id}: {told}")));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

fn subject(wanted: &Value, was: &Value) -> Option<String> {
    let told = wanted.as_object().into_iter().flatten().filter_map(|(key, wanted)| match key.as_str() {
        "match" | "canonical" => differs(was[key.as_str()] == *wanted, wanted, &was[key.as_str()]),
        other => Some(format!("there is no key {other:?} of a subject")),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn bounce(wanted: &Value, was: &Value) -> Option<String> {
    if wanted.is_null() {
        return differs(was.is_null(), wanted, was);
    }
    let unknown = wanted.as_object().and_then(|keys| keys.keys().find(|key| *key != "recipients"));
    if let Some(key) = unknown {
        return Some(format!("there is no key {key:?} of a bounce"));
    }
    let agrees = |wanted: &Value, was: &Value| {
        let mut wanted = wanted.as_object().into_iter().flatten();
        wanted.all(|(key, value)| &was[key.as_str()] == value)
    };
    let all =
        list(&wanted["recipients"]).iter().all(|wanted| list(&was["recipients"]).iter().any(|was| agrees(wanted, was)));
    differs(all, wanted, was)
}

fn reply(wanted: &Value, was: &Value) -> Option<String> {
    let Some(wanted) = wanted.as_object() else { return differs(was.is_null(), wanted, &was["template"]) };
    if was.is_null() {
        return Some("expected a reply, found none".to_owned());
    }
    let text = folded(was["text"].as_str().unwrap_or_default()).to_lowercase();
    let holds = |part: &Value| text.contains(&folded(part.as_str().unwrap_or_default()).to_lowercase());
    let mut told = Vec::new();
    for (key, wanted) in wanted {
        match key.as_str() {
            "template" | "variant" => told.extend(differs(was[key.as_str()] == *wanted, wanted, &was[key.as_str()])),
            "to" => told.extend(differs(set(wanted) == set(&was["to"]), wanted, &was["to"])),
            "subject_contains" => {
                let subject = was["subject"].as_str().unwrap_or_default();
                let lacks = list(wanted).iter().filter(|part| !subject.contains(part.as_str().unwrap_or_default()));
                told.extend(lacks.map(|part| format!("its subject lacks {part}")));
            }
            "text_contains" => {
                told.extend(list(wanted).iter().filter(|part| !holds(part)).map(|part| format!("lacks {part}")));
            }
            "text_lacks" => {
                told.extend(list(wanted).iter().filter(|part| holds(part)).map(|part| format!("holds {part}")));
            }
            other => told.push(format!("there is no key {other:?} of a reply")),
        }
    }
    (!told.is_empty()).then(|| format!("reply {}: {}", was["template"], told.join("; ")))
}

//! A desk's fields as inputs of a form: what may be chosen, what is always needed, and what only sometimes is.

use crate::desk::{Desk, Field, FieldRole, OpenedBy, TypeSource};

/// What may be chosen for `field`: the types that are opened by mail, the priorities, or the field's own list; empty where
/// anything may be typed.
pub(in crate::web) fn choices(desk: &Desk, field: &Field) -> Vec<String> {
    match field.role {
        FieldRole::Type => {
            let by_mail = desk.types.list.iter().filter(|kind| kind.opened_by == OpenedBy::Mail);
            by_mail.map(|kind| kind.name.clone()).collect()
        }
        FieldRole::Priority => desk.priorities.list.iter().map(|level| level.name.clone()).collect(),
        _ => field.choices.iter().filter_map(|group| group.first()).map(|word| capital(word)).collect(),
    }
}

/// Whether no request can do without `field`.
pub(in crate::web) fn is_always_needed(desk: &Desk, field: &Field) -> bool {
    match field.role {
        FieldRole::Type => desk.types.required && !desk.types.from.contains(&TypeSource::Words),
        FieldRole::Priority => desk.priorities.required && desk.types.list.iter().all(|kind| kind.priority.is_none()),
        FieldRole::PriorityReason => false,
        _ => field.required,
    }
}

/// When `field` is needed, where it is not always: `needed for Technical`.
pub(in crate::web) fn needed_when(desk: &Desk, field: &Field) -> Option<String> {
    let names = |list: Vec<&String>| list.into_iter().cloned().collect::<Vec<_>>().join(", ");
    if field.role == FieldRole::PriorityReason {
        let levels = desk.priorities.list.iter().filter(|level| level.reason).map(|level| &level.name).collect();
        return Some(names(levels)).filter(|names| !names.is_empty()).map(|names| format!("needed for {names}"));
    }
    if let Some(one) = desk.one_of.iter().find(|one| one.fields.contains(&field.id)).filter(|_| !field.required) {
        return Some(format!("{}: one of them is needed", one.label));
    }
    let when = field.when.as_ref()?;
    let kinds = when.types.iter().filter_map(|id| desk.types.get(id)).map(|kind| &kind.name);
    let levels = when.priorities.iter().filter_map(|id| desk.priorities.get(id)).map(|level| &level.name);
    let given = when.given.iter().filter_map(|id| desk.field(id)).map(|field| &field.label);
    Some(format!("needed for {}", names(kinds.chain(levels).chain(given).collect())))
}

/// Words of a list are kept in small letters.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

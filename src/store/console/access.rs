//! Whom a row is shown to: one condition, which stands in every statement of a page, so that what is foreign is simply
//! not found.

use crate::desk::access::{Access, DeskAccess};
use crate::store::rows::list;
use crate::store::seal::address_key;
use crate::store::value::{Value, args};
use crate::words::keys::Keys;

/// The columns that say where a row belongs; each an expression of SQL.
#[derive(Clone, Copy)]
pub(in crate::store) struct Place<'a> {
    /// The desk's id.
    pub(in crate::store) desk: &'a str,
    /// The line, NULL where there is none.
    pub(in crate::store) line: &'a str,
    /// The key of the specialist who has it, where rows of this kind have one.
    pub(in crate::store) specialist: Option<&'a str>,
}

/// Where a case `c` belongs.
pub(in crate::store) const CASE_PLACE: Place<'static> =
    Place { desk: "c.desk", line: "c.line", specialist: Some("c.specialist_key") };

/// The condition that a row is one that `access` may see: its desk is among theirs, and its line too, or it has no line,
/// or they see every line of that desk, or they are its specialist. `FALSE` where there is nothing for them.
pub(in crate::store) fn access_sql(
    access: &Access,
    keys: &Keys,
    place: Place<'_>,
    arguments: &mut Vec<Value>,
) -> String {
    let mut either = Vec::with_capacity(access.desks.len());
    for desk in &access.desks {
        either.push(desk_sql(desk, access, keys, place, arguments));
    }
    if either.is_empty() { "FALSE".to_owned() } else { format!("({})", either.join(" OR ")) }
}

/// The condition for one desk alone: what lets an index that begins with the desk be walked in its order.
pub(in crate::store) fn desk_sql(
    desk: &DeskAccess,
    access: &Access,
    keys: &Keys,
    place: Place<'_>,
    arguments: &mut Vec<Value>,
) -> String {
    arguments.extend(args![desk.desk.as_str()]);
    let is_desk = format!("{} = ${}", place.desk, arguments.len());
    let Some(lines) = &desk.lines else { return format!("({is_desk})") };
    let lines = list(arguments, lines.iter().map(|line| line.0.as_str()), "".into());
    // No line is the empty one. As an expression it keeps a planner from looking rows up by their line or specialist,
    // and then sorting them, where an index has them in the order asked for.
    let mut condition = format!("COALESCE({}, '') IN ('', {lines})", place.line);
    if let Some(specialist) = place.specialist {
        arguments.extend(args![address_key(keys, &access.email)]);
        condition.push_str(&format!(" OR COALESCE({specialist}, '') = ${}", arguments.len()));
    }
    format!("({is_desk} AND ({condition}))")
}

/// The condition that a case `c` is one that `access` may see.
pub(in crate::store) fn case_condition(access: &Access, keys: &Keys, arguments: &mut Vec<Value>) -> String {
    access_sql(access, keys, CASE_PLACE, arguments)
}

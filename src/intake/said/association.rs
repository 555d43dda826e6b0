//! Whether the sender is associated with what they ask about (POLICY.md, `kynect-psl`): by the roster, where there is
//! one, and by what they say themselves.

use super::{Phrases, Told};
use crate::address::EmailAddress;
use crate::desk::Desk;
use crate::words::Fields;

/// Whether the sender cannot ask about this. Without a roster only their own words count.
pub fn lacks(desk: &Desk, phrases: &Phrases, sender: Option<&EmailAddress>, fields: &Fields, told: Told<'_>) -> bool {
    let says = |text: &str| phrases.read(text).iter().any(|said| !said.heard(&phrases.not_associated).is_empty());
    if says(told.subject) || says(told.body) {
        return true;
    }
    let all = &desk.associations;
    let id = all.id_field.as_ref().and_then(|id| fields.get(id));
    let cases: Vec<&String> = all.case_fields.iter().filter_map(|id| fields.get(id)).collect();
    // What is not given is asked for as a missing field.
    let (true, Some(sender), Some(id), false) = (all.listed, sender, id, cases.is_empty()) else { return false };
    !cases.iter().any(|case| all.holds(sender, id, case))
}

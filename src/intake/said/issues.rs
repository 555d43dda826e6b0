//! Whether one mail holds a second issue, where the desk takes one a mail (POLICY.md, `kynect-psl`).

use super::{Phrases, Told};
use crate::desk::Desk;

/// Whether the words begin another issue; `summaries`: how many different summaries labels give.
pub fn several(desk: &Desk, phrases: &Phrases, told: Told<'_>, summaries: usize) -> bool {
    if !desk.issues.one {
        return false;
    }
    let begins = |text: &str| phrases.read(text).iter().any(|said| !said.heard(&phrases.another_issue).is_empty());
    summaries > 1 || begins(told.subject) || begins(told.body)
}

//! What the change of a desk itself writes.

use super::{Chain, Effects, EventWrite};
use crate::case::EventKind;
use crate::desk::Desk;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A changed policy was taken up: which versions, and which parts of it differ.
pub fn reloaded(old: &Desk, new: &Desk, now: Timestamp) -> Effects {
    let ids = BTreeMap::from([
        ("old".to_owned(), old.version.clone()),
        ("new".to_owned(), new.version.clone()),
        ("changed".to_owned(), old.parts_other_than(new).join(", ")),
    ]);
    let event = EventWrite { chain: Chain::Desk, kind: EventKind::DeskReloaded, ids, content: None };
    Effects { desk: new.id.clone(), at: now, events: vec![event], ..Effects::default() }
}

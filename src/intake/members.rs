//! Who a request is about: one member, or several (POLICY.md, Body fields).

use super::fields::{Entry, line_mentions};
use super::names::{self, Written};
use super::values;
use super::vocabulary::{Target, Vocabulary};
use crate::desk::FieldRole;
use crate::words::LineId;
use serde::{Deserialize, Serialize};

/// What one template block says about a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Names, as written.
    pub names: Vec<String>,
    /// Identifiers, compact.
    pub ids: Vec<String>,
    /// Lines that its labels name.
    pub lines: Vec<LineId>,
}

impl Block {
    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.ids.is_empty()
    }
}

/// The blocks of `entries`: a new one begins where a name or an id of a member comes again after both were given, or with another value.
pub fn blocks(voc: &Vocabulary<'_>, entries: &[Entry]) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for entry in entries {
        let Some(block) = blocks.last_mut() else { break };
        match role_of(voc, entry) {
            None => {
                let lines = line_mentions(voc, &entry.value);
                block.lines.extend(lines);
            }
            Some((FieldRole::MemberName, true)) => {
                if starts_block(voc, block, &entry.value) {
                    blocks.push(Block { names: vec![entry.value.clone()], ..Block::default() });
                } else {
                    block.names.push(entry.value.clone());
                }
            }
            Some((FieldRole::MemberId, true)) => {
                let ids = field_ids(voc, entry);
                if block.names.is_empty() && !block.ids.is_empty() && entries_name_follows(voc, entries, entry) {
                    blocks.push(Block { ids, ..Block::default() });
                } else {
                    block.ids.extend(ids);
                }
            }
            Some(_) => {}
        }
    }
    move_ids(voc, entries, &mut blocks);
    blocks.retain(|block| !block.is_empty() || !block.lines.is_empty());
    blocks
}

/// The role of an entry's field, and whether its value is usable; `None` for a label of the line.
fn role_of(voc: &Vocabulary<'_>, entry: &Entry) -> Option<(FieldRole, bool)> {
    match entry.target {
        Target::Line => None,
        Target::Field(place) => {
            let field = voc.field(place)?;
            Some((field.role, values::judge(voc, field, &entry.value) == values::Worth::Usable))
        }
    }
}

fn field_ids(voc: &Vocabulary<'_>, entry: &Entry) -> Vec<String> {
    match entry.target {
        Target::Field(place) => voc.field(place).map_or(Vec::new(), |field| {
            values::identifiers(field, &entry.value).into_iter().map(|id| id.to_uppercase()).collect()
        }),
        Target::Line => Vec::new(),
    }
}

/// Whether a name begins another block: the block has a name, and this one is another person's.
fn starts_block(voc: &Vocabulary<'_>, block: &Block, name: &str) -> bool {
    let Some(name) = names::read_name(voc, name) else { return false };
    let known: Vec<Written> = block.names.iter().filter_map(|name| names::read_name(voc, name)).collect();
    !known.is_empty() && !known.iter().any(|known| names::same_person(voc, known, &name))
}

/// Whether a name is given behind this entry, before another id.
fn entries_name_follows(voc: &Vocabulary<'_>, entries: &[Entry], entry: &Entry) -> bool {
    let behind = entries.iter().skip_while(|other| !std::ptr::eq(*other, entry)).skip(1);
    let mut roles = behind.filter_map(|other| role_of(voc, other)).filter(|(_, usable)| *usable).map(|(role, _)| role);
    roles.find(|role| matches!(role, FieldRole::MemberName | FieldRole::MemberId)) == Some(FieldRole::MemberName)
}

/// In a form whose id stands before its name, the second member's id was counted to the first: it goes to its own name.
fn move_ids(voc: &Vocabulary<'_>, entries: &[Entry], blocks: &mut [Block]) {
    let roles: Vec<FieldRole> = entries
        .iter()
        .filter_map(|entry| role_of(voc, entry))
        .filter(|(role, usable)| *usable && matches!(role, FieldRole::MemberId | FieldRole::MemberName))
        .map(|(role, _)| role)
        .collect();
    if roles.first() != Some(&FieldRole::MemberId) {
        return;
    }
    for place in 1..blocks.len() {
        let (before, behind) = blocks.split_at_mut(place);
        if let (Some(before), Some(block)) = (before.last_mut(), behind.first_mut())
            && block.ids.is_empty()
            && before.ids.len() > 1
            && let Some(id) = before.ids.pop()
        {
            block.ids.push(id);
        }
    }
}

/// Whether more than one member is asked about: two blocks with a name and an id each, or one with two people and two ids.
pub fn several(voc: &Vocabulary<'_>, blocks: &[Block]) -> bool {
    let mut people: Vec<(Vec<Written>, &[String])> = Vec::new();
    for block in blocks.iter().filter(|block| !block.ids.is_empty()) {
        let named: Vec<Written> = block.names.iter().flat_map(|name| names::people(voc, name)).collect();
        if distinct(voc, &named) > 1 && distinct_ids(&block.ids) > 1 {
            return true;
        }
        if !named.is_empty() {
            people.push((named, &block.ids));
        }
    }
    people.iter().enumerate().any(|(place, (names, ids))| {
        people.iter().skip(place + 1).any(|(others, other_ids)| {
            let same = names.iter().any(|a| others.iter().any(|b| names::same_person(voc, a, b)));
            !same && ids.iter().all(|id| !other_ids.contains(id))
        })
    })
}

fn distinct(voc: &Vocabulary<'_>, people: &[Written]) -> usize {
    let mut found: Vec<&Written> = Vec::new();
    for person in people {
        if !found.iter().any(|known| names::same_person(voc, known, person)) {
            found.push(person);
        }
    }
    found.len()
}

fn distinct_ids(ids: &[String]) -> usize {
    let mut ids: Vec<&String> = ids.iter().collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

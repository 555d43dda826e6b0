//! Who a request is about: one member, or several (POLICY.md, Body fields).

use super::alike;
use super::fields::{Entry, line_mentions};
use super::names::{self, Written};
use super::values;
use super::vocabulary::{Target, Vocabulary};
use super::{lines, text};
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

/// Blocks that are told apart; a mail with more is about several members anyway.
const BLOCKS: usize = 40;

/// The blocks of `entries`: a new one begins where a name or an id of a member comes again after both were given, or with another value.
pub fn blocks(voc: &Vocabulary<'_>, entries: &[Entry]) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for (place, entry) in entries.iter().enumerate() {
        let full = blocks.len() >= BLOCKS;
        let Some(block) = blocks.last_mut() else { break };
        match role_of(voc, entry) {
            None => {
                let lines = line_mentions(voc, &entry.value);
                block.lines.extend(lines);
            }
            Some((FieldRole::MemberName, true)) => {
                if block.names.contains(&entry.value) || full {
                    continue;
                }
                let ids: Vec<String> = ids_in_name(voc, &entry.value).iter().map(|id| id.to_uppercase()).collect();
                if starts_block(voc, block, &entry.value) {
                    blocks.push(Block { names: vec![entry.value.clone()], ids, ..Block::default() });
                } else {
                    block.names.push(entry.value.clone());
                    block.ids.extend(ids);
                }
            }
            Some((FieldRole::MemberId, true)) => {
                let ids = field_ids(voc, entry);
                if block.names.is_empty()
                    && !block.ids.is_empty()
                    && !full
                    && name_follows(voc, entries.get(place + 1..).unwrap_or_default())
                {
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

/// Identifiers that stand beside the name in its value: `Jane Smith H12345678`.
pub fn ids_in_name(voc: &Vocabulary<'_>, value: &str) -> Vec<String> {
    let field = voc.parts.fields.iter().find(|field| field.role == FieldRole::MemberId);
    let long = |id: &String| id.chars().filter(char::is_ascii_digit).count() > 4;
    let dated: String = value.split_whitespace().filter(|word| !looks_dated(word)).collect::<Vec<_>>().join(" ");
    let ids = field.map(|field| values::words_that_fit(field, &dated)).unwrap_or_default();
    ids.into_iter().filter(long).collect()
}

/// Digits parted by dashes: a date or a phone number rather than an id beside a name.
fn looks_dated(word: &str) -> bool {
    word.contains(super::text::is_dash) && !word.chars().any(char::is_alphabetic)
}

/// Whether a name begins another block: the block has a name, and this one is another person's.
fn starts_block(voc: &Vocabulary<'_>, block: &Block, name: &str) -> bool {
    let Some(name) = names::read_name(voc, name) else { return false };
    let known: Vec<Written> = block.names.iter().filter_map(|name| names::read_name(voc, name)).collect();
    !known.is_empty() && !known.iter().any(|known| alike::same_person(voc, known, &name))
}

/// Whether a name is given in the entries `behind` an id, before another id.
fn name_follows(voc: &Vocabulary<'_>, behind: &[Entry]) -> bool {
    let mut roles =
        behind.iter().filter_map(|other| role_of(voc, other)).filter(|(_, usable)| *usable).map(|(role, _)| role);
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
/// On a desk that asks for no id, two names are two members.
pub fn several(voc: &Vocabulary<'_>, blocks: &[Block]) -> bool {
    if !voc.parts.fields.iter().any(|field| field.role == FieldRole::MemberId) {
        let named: Vec<Written> =
            blocks.iter().flat_map(|block| &block.names).flat_map(|name| self::people(voc, name)).collect();
        // "Jane Smith and family" is one member.
        let is_person = |person: &&Written| match person {
            Written::Ordered(name) => !names::is_filler(voc, &name.first),
            Written::Loose(words) => !words.iter().all(|word| names::is_filler(voc, word)),
        };
        let named: Vec<Written> = named.iter().filter(is_person).cloned().collect();
        return distinct(voc, &named) > 1;
    }
    let mut people: Vec<(Vec<Written>, &[String])> = Vec::new();
    for block in blocks.iter().filter(|block| !block.ids.is_empty()) {
        let named: Vec<Written> = block.names.iter().flat_map(|name| self::people(voc, name)).collect();
        if distinct(voc, &named) > 1 && distinct_ids(&block.ids) > 1 {
            return true;
        }
        if !named.is_empty() {
            people.push((named, &block.ids));
        }
    }
    people.iter().enumerate().any(|(place, (names, ids))| {
        people.iter().skip(place + 1).any(|(others, other_ids)| {
            let same = names.iter().any(|a| others.iter().any(|b| alike::same_person(voc, a, b)));
            !same && ids.iter().all(|id| !other_ids.contains(id))
        })
    })
}

/// The people of a value. Commas part people where an id stands beside each (`Jane Smith (H1…), Alan Brown (H2…)`), and
/// where three or more whole names are listed.
pub fn people(voc: &Vocabulary<'_>, value: &str) -> Vec<Written> {
    if ids_in_name(voc, value).len() < 2 && !lists_names(voc, value) {
        return names::people(voc, value);
    }
    value.split(',').flat_map(|part| names::people(voc, part)).collect()
}

/// So many names between commas are a list; with two, one may be a last name before its first: "De Souza, Mary Ann".
const LISTED: usize = 3;

fn lists_names(voc: &Vocabulary<'_>, value: &str) -> bool {
    let parts: Vec<&str> = value.split(',').map(|part| part.trim().trim_start_matches("and ").trim()).collect();
    let is_name = |part: &&str| {
        let words = part.split_whitespace().count();
        (2..=4).contains(&words) && part.split_whitespace().all(text::is_capitalised) && lines::is_name_like(voc, part)
    };
    parts.len() >= LISTED && parts.iter().all(is_name)
}

/// Whether a line below a member's name tells of another member: a name with an id beside it.
pub fn continues_list(voc: &Vocabulary<'_>, line: &str) -> bool {
    let begins = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let name: Vec<&str> = begins.split_whitespace().take_while(|word| text::is_capitalised(word)).take(4).collect();
    name.len() > 1 && text::count_words(line) <= LIST_WORDS && ids_in_name(voc, line).len() == 1
}

/// A line of such a list has few words: a name, what the id is called, the id.
const LIST_WORDS: usize = 10;

fn distinct(voc: &Vocabulary<'_>, people: &[Written]) -> usize {
    let mut found: Vec<&Written> = Vec::new();
    for person in people.iter().take(BLOCKS) {
        if !found.iter().any(|known| alike::same_person(voc, known, person)) {
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

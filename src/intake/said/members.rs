//! The members of a request that may have several (POLICY.md, `mhbe-producer`): by name, by id, or both.

use super::super::alike;
use super::super::members::people;
use super::super::names::{self, Written};
use super::super::request::Request;
use super::super::values::{self, Worth};
use super::super::vocabulary::Vocabulary;
use crate::desk::FieldRole;
use crate::words::MemberName;

/// One member that a request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The name, where one is given.
    pub name: Option<MemberName>,
    /// The id, where one is given.
    pub id: Option<String>,
}

/// More members than any request has; what stands behind them is not read.
const MOST: usize = 200;

/// Everybody whom the request names: names and ids are paired in the order in which they stand, as far as both go.
pub fn listed(voc: &Vocabulary<'_>, request: &Request) -> Vec<Listed> {
    let of = |role: FieldRole| voc.parts.fields.iter().find(|field| field.role == role);
    let mut written: Vec<Written> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let blocks = request.blocks.iter();
    let given = |role: FieldRole| {
        of(role).and_then(|field| request.given.get(&field.id)).filter(|given| given.worth == Worth::Usable)
    };
    let names = given(FieldRole::MemberName).map(|given| given.value.as_str()).into_iter();
    for name in names.chain(blocks.clone().flat_map(|block| block.names.iter().map(String::as_str))) {
        for person in name.split(['\n', ';']).flat_map(|part| people(voc, part)).take(MOST) {
            if written.len() < MOST && !written.iter().any(|known| alike::same_person(voc, known, &person)) {
                written.push(person);
            }
        }
    }
    let mut push = |id: String| {
        if ids.len() < MOST && !ids.contains(&id) {
            ids.push(id);
        }
    };
    if let (Some(field), Some(given)) = (of(FieldRole::MemberId), given(FieldRole::MemberId)) {
        values::identifiers(field, &given.value).into_iter().for_each(&mut push);
    }
    blocks.flat_map(|block| block.ids.iter().cloned()).for_each(&mut push);
    let shown = |person: &Written| match person {
        Written::Ordered(name) => names::shown(voc, name),
        Written::Loose(words) => names::shown(voc, &names::natural(voc, words)),
    };
    let count = written.len().max(ids.len());
    (0..count).map(|at| Listed { name: written.get(at).map(shown), id: ids.get(at).cloned() }).collect()
}

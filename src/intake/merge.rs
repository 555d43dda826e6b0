//! A later message of a pending thread, read together with what came before: the newest value of each field wins
//! (POLICY.md, Decisions and Body fields).

use super::complete::complete_with;
use super::members::{self, Block};
use super::request::{Given, Place, Request};
use super::subject::SubjectReading;
use super::values::{self, Worth};
use super::vocabulary::Vocabulary;
use super::{fields, lines, mentions, names, text, tokens};
use crate::desk::{Desk, Field, FieldRole};
use crate::words::{ReasonCode, SubjectMatch};
use std::collections::BTreeMap;

/// Joins `newer` to `earlier`. `sent` is the text of the return that we sent in between, where it is known: values in
/// the quoted part count where they differ from it and from all that was said before.
pub fn merge(desk: &Desk, earlier: &Request, newer: &Request, sent: &str) -> Request {
    merge_with(&Vocabulary::of(desk), earlier, newer, sent)
}

/// As [`merge`], with the words of a desk prepared.
fn merge_with(voc: &Vocabulary<'_>, earlier: &Request, newer: &Request, sent: &str) -> Request {
    let before = complete_with(voc, earlier);
    let asked = |code: ReasonCode| before.reasons.iter().any(|reason| reason.code == code);
    let sent = sent_values(voc, sent);
    let mut merged = earlier.clone();
    let unchanged = newer.subject.text == earlier.subject.text;
    merged.subject = merged_subject(&earlier.subject, &newer.subject);
    let mut named = false;
    for field in voc.parts.fields {
        let news = newest(field, earlier, newer, &sent);
        if let Some(given) = news {
            named |= field.role == FieldRole::MemberName && given.worth == Worth::Usable;
            merged.replace(field, given);
        }
    }
    merged.merge_lines(earlier, newer, unchanged);
    merged.blocks = merged_blocks(voc, earlier, newer);
    let new_name = !unchanged && (newer.subject.name.is_some() || !newer.subject.loose.is_empty());
    merged.name_settled = !new_name && (earlier.name_settled || (named && asked(ReasonCode::MemberMismatch)));
    merged.more_summaries.extend(newer.more_summaries.iter().filter(|m| !earlier.more_summaries.contains(m)).cloned());
    merged.free_text = [earlier.free_text.as_str(), newer.free_text.as_str()].join("\n").trim().to_owned();
    merged.topic_labels.extend(newer.topic_labels.iter().filter(|t| !earlier.topic_labels.contains(t)).cloned());
    merged.pii |= newer.pii;
    merged.empty &= newer.empty;
    take_bare_answer(voc, &mut merged, newer);
    merged
}

/// Values of the template as we sent it.
fn sent_values(voc: &Vocabulary<'_>, sent: &str) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fields::scan(voc, sent).entries {
        if let super::vocabulary::Target::Field(place) = entry.target
            && let Some(field) = voc.field(place)
        {
            values.entry(field.id.clone()).or_default().push(entry.value);
        }
    }
    values
}

/// What `newer` says about `field`: in its own words, else in the quoted template, where that was filled in.
fn newest(field: &Field, earlier: &Request, newer: &Request, sent: &BTreeMap<String, Vec<String>>) -> Option<Given> {
    let known = earlier.given.get(&field.id);
    let own = newer.given.get(&field.id);
    if let Some(own) = own.filter(|own| own.worth == Worth::Usable) {
        return Some(own.clone());
    }
    let same = |a: &str, b: &str| text::key(a) == text::key(b);
    let said = |value: &str| {
        known.is_some_and(|known| same(&known.value, value))
            || earlier.said.get(&field.id).is_some_and(|said| said.iter().any(|said| same(said, value)))
            || sent.get(&field.id).is_some_and(|sent| sent.iter().any(|sent| same(sent, value)))
            || field.hint.as_ref().is_some_and(|hint| same(hint, value))
    };
    let filled = newer.quoted.get(&field.id).and_then(|values| values.iter().find(|value| !said(value)));
    if let Some(value) = filled {
        return Some(Given { value: value.clone(), worth: Worth::Usable, place: Place::Quoted });
    }
    let better = known.is_none_or(|known| known.worth != Worth::Usable);
    own.filter(|own| better && own.worth == Worth::Invalid).cloned()
}

impl Request {
    /// Puts `given` in the place of what was said before, which is remembered.
    fn replace(&mut self, field: &Field, given: Given) {
        if let Some(old) = self.given.insert(field.id.clone(), given)
            && !old.value.is_empty()
        {
            self.said.entry(field.id.clone()).or_default().push(old.value);
        }
    }

    fn merge_lines(&mut self, earlier: &Request, newer: &Request, unchanged: bool) {
        let filled = if earlier.line_labels.is_empty() { newer.quoted_lines.as_slice() } else { &[] };
        let labels = if newer.line_labels.is_empty() { filled } else { newer.line_labels.as_slice() };
        let new_line = !unchanged && newer.subject.line.is_some();
        match labels {
            [] => self.line_settled = earlier.line_settled && !new_line,
            [_] => {
                self.line_labels = labels.to_vec();
                self.line_settled = !new_line;
                for block in &mut self.blocks {
                    block.lines.clear();
                }
            }
            _ => {
                self.line_labels = labels.to_vec();
                self.line_settled = false;
            }
        }
        if new_line && labels.is_empty() {
            self.line_labels.clear();
        }
    }
}

/// The newer subject, as far as it says something that the earlier one does not.
fn merged_subject(earlier: &SubjectReading, newer: &SubjectReading) -> SubjectReading {
    let names = newer.name.is_some() || !newer.loose.is_empty();
    let lines = !newer.lines_named.is_empty() || newer.topic.is_some();
    match (names, lines) {
        _ if newer.text == earlier.text => earlier.clone(),
        (true, true) => newer.clone(),
        (false, false) => earlier.clone(),
        (true, false) if newer.name.is_none() && earlier.name.is_some() => earlier.clone(),
        (true, false) => SubjectReading {
            line: earlier.line.clone(),
            lines_named: earlier.lines_named.clone(),
            topic: earlier.topic.clone(),
            match_: SubjectMatch::Repaired,
            ..newer.clone()
        },
        (false, true) => SubjectReading {
            line: newer.line.clone(),
            lines_named: newer.lines_named.clone(),
            topic: newer.topic.clone(),
            match_: SubjectMatch::Repaired,
            text: newer.text.clone(),
            ..earlier.clone()
        },
    }
}

/// The newer message's members; where it names only a part (a name, an id), the other part stays.
fn merged_blocks(voc: &Vocabulary<'_>, earlier: &Request, newer: &Request) -> Vec<Block> {
    let [block] = newer.blocks.as_slice() else {
        return if newer.blocks.is_empty() { earlier.blocks.clone() } else { newer.blocks.clone() };
    };
    if block.names.is_empty() && block.ids.is_empty() {
        return earlier.blocks.clone();
    }
    let whole = !block.names.is_empty() && !block.ids.is_empty();
    let before = match earlier.blocks.as_slice() {
        [before] => before.clone(),
        _ if !whole && members::several(voc, &earlier.blocks) => return earlier.blocks.clone(),
        _ => Block::default(),
    };
    vec![Block {
        names: if block.names.is_empty() { before.names } else { block.names.clone() },
        ids: if block.ids.is_empty() { before.ids } else { block.ids.clone() },
        lines: if block.lines.is_empty() { before.lines } else { block.lines.clone() },
    }]
}

/// The bare answer to a return that asked for one thing: one line that can be nothing else, or the issue in sentences.
fn take_bare_answer(voc: &Vocabulary<'_>, merged: &mut Request, newer: &Request) {
    if !newer.given.is_empty() || !newer.line_labels.is_empty() {
        return;
    }
    let left = complete_with(voc, merged);
    let all: Vec<&str> = newer.free_text.lines().filter(|line| !line.trim().is_empty()).collect();
    let said = lines::before_sign_off(&all);
    if left.line.is_none() && left.reasons.iter().any(|reason| is_about_line(reason.code)) {
        let bare = said.iter().find_map(|line| bare_line(voc, line));
        if let Some(line) = bare {
            merged.line_labels = vec![line];
            merged.line_settled = true;
            return;
        }
    }
    let mut wanted = left.reasons.iter().filter_map(|reason| reason.field.as_deref());
    let (Some(id), None) = (wanted.next(), wanted.next()) else { return };
    let Some(field) = voc.parts.fields.iter().find(|field| field.id == id) else { return };
    if let Some(value) = bare_value(voc, field, said) {
        merged.replace(field, Given { value, worth: Worth::Usable, place: Place::Prose });
    }
}

fn is_about_line(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::LineUnknown | ReasonCode::SubjectUnreadable | ReasonCode::LineConflict)
}

/// The line that `written` is, where it is nothing else.
fn bare_line(voc: &Vocabulary<'_>, written: &str) -> Option<crate::words::LineId> {
    let tokens = tokens::tokens(&text::clean(written));
    match mentions::lines(voc, &tokens).as_slice() {
        [only] if only.at == (0..tokens.len()) => Some(only.what.clone()),
        _ => None,
    }
}

fn bare_value(voc: &Vocabulary<'_>, field: &Field, said: &[&str]) -> Option<String> {
    match field.role {
        FieldRole::Summary => {
            let value = values::tidy(&said.join("\n"));
            let whole = lines::says_something(said, field.min_words);
            (whole && values::judge(voc, field, &value) == Worth::Usable).then_some(value)
        }
        FieldRole::RequesterName | FieldRole::MemberName => {
            let [line] = said else { return None };
            let value = values::tidy(line);
            (lines::is_name_like(voc, &value) && names::read_name(voc, &value).is_some()).then_some(value)
        }
        _ if field.pattern.is_some() => said
            .iter()
            .map(|line| values::tidy(line))
            .find(|value| text::count_words(value) <= 3 && values::judge(voc, field, value) == Worth::Usable),
        _ => None,
    }
}

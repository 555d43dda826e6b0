//! One message, read as a request: what its subject and its labelled values give.

use super::fields::{self, Entry, Scan};
use super::members::{self, Block};
use super::subject::{self, SubjectReading};
use super::values::{self, Worth};
use super::vocabulary::{Target, Vocabulary};
use super::{lines, mentions, pii, prose, said, text, tokens};
use crate::desk::{Desk, Field, FieldRole};
use crate::message::{Forwarded, Message};
use crate::words::LineId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a value was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Behind its label in the sender's own words.
    Label,
    /// In the text behind the last field, without a label.
    Text,
    /// Behind its label in a forwarded message.
    Forwarded,
    /// Behind its label in the signature.
    Signature,
    /// Behind its label in the quoted part of a reply.
    Quoted,
    /// In prose, for desks that read it; or as the bare answer to a return that asked for one thing.
    Prose,
}

/// A value that was given for a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// As written, white space folded at the ends.
    pub value: String,
    /// Whether it can be used.
    pub worth: Worth,
    /// Where it was read.
    pub place: Place,
}

/// What one message, or a pending thread of them, gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The subject.
    pub subject: SubjectReading,
    /// By field id, what was given for it.
    pub given: BTreeMap<String, Given>,
    /// Lines that explicit labels name, without repeats. Two: mixed.
    pub line_labels: Vec<LineId>,
    /// Topics that explicit line labels name: `Plan: Medicaid`.
    pub topic_labels: Vec<String>,
    /// Members, by template block.
    pub blocks: Vec<Block>,
    /// Visible text that is no field's value, for judging what is asked.
    pub free_text: String,
    /// Summaries of further blocks: the first one is the field's value, these are read for what is asked besides.
    #[serde(default)]
    pub more_summaries: Vec<String>,
    /// Labelled values of the quoted part, by field id, each in order.
    pub quoted: BTreeMap<String, Vec<String>>,
    /// Lines that labels of the quoted part name.
    #[serde(default)]
    pub quoted_lines: Vec<LineId>,
    /// By field id, every value said so far in this thread that a later one replaced or that could not be used.
    pub said: BTreeMap<String, Vec<String>>,
    /// Nothing was written: no visible text and no forwarded template.
    pub empty: bool,
    /// A social security number or a birth date stands in it.
    pub pii: bool,
    /// A later message settled which name is meant, or which line, against the subject.
    #[serde(default)]
    pub name_settled: bool,
    /// As [`Request::name_settled`], for the line.
    #[serde(default)]
    pub line_settled: bool,
}

/// The parts of a message that are read as a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'m> {
    /// The decoded subject.
    pub subject: &'m str,
    /// The sender's new words.
    pub visible: &'m str,
    /// Quoted history.
    pub quoted: &'m str,
    /// The signature.
    pub signature: &'m str,
    /// Messages inside.
    pub forwarded: &'m [Forwarded],
}

impl<'m> Source<'m> {
    /// The parts of `message`.
    pub fn of(message: &'m Message) -> Self {
        Self {
            subject: &message.subject,
            visible: &message.body.visible,
            quoted: &message.body.quoted,
            signature: &message.body.signature,
            forwarded: &message.forwarded,
        }
    }
}

impl<'m> Source<'m> {
    /// The beginnings that are read: see [`text::READ_AT_MOST`].
    fn as_read(self) -> Self {
        let forwarded = self.forwarded.get(..self.forwarded.len().min(FORWARDED)).unwrap_or_default();
        Self {
            visible: text::as_read(self.visible),
            quoted: text::as_read(self.quoted),
            signature: text::as_read(self.signature),
            forwarded,
            ..self
        }
    }
}

/// Messages inside that are looked at for the template, outermost first.
const FORWARDED: usize = 8;

/// Reads `message` as a request to `desk`.
pub fn read(desk: &Desk, message: &Message) -> Request {
    read_source(&Vocabulary::of(desk), Source::of(message))
}

/// As [`read`], with the words of a desk prepared.
pub(super) fn read_with(voc: &Vocabulary<'_>, message: &Message) -> Request {
    read_source(voc, Source::of(message))
}

/// Reads the parts of a message as a request to `desk`: for text that is no message yet.
pub fn read_parts(desk: &Desk, source: Source<'_>) -> Request {
    read_source(&Vocabulary::of(desk), source)
}

/// Reads `source` with the words of a desk.
fn read_source(voc: &Vocabulary<'_>, source: Source<'_>) -> Request {
    let (whole, source) = (source, source.as_read());
    let own = fields::scan(voc, source.visible);
    let mut request = Request {
        subject: subject::read(voc, source.subject),
        pii: pii::stands_in(whole.visible) || pii::stands_in(source.subject),
        ..Request::default()
    };
    request.take(voc, &own, Place::Label);
    let forwarded = forwarded_template(voc, source.forwarded, labelled(voc, &own));
    if let Some((inner, scan)) = &forwarded {
        request.take_forwarded(voc, inner, scan);
    }
    let blank = !source.visible.chars().any(char::is_alphanumeric);
    request.empty = blank && forwarded.is_none();
    request.take_free_text(voc, &own);
    request.drop_own_name(voc);
    request.take_signature(voc, source.signature);
    request.take_prose(voc, source.visible, source.subject);
    request.take_quoted(voc, source.quoted);
    request
}

/// Whether the sender's own words hold the template: at least half of the required fields, and no fewer than two, are
/// labelled with usable values.
pub fn holds_template(desk: &Desk, message: &Message) -> bool {
    holds_template_with(&Vocabulary::of(desk), message)
}

/// As [`holds_template`], with the words of a desk prepared.
pub(super) fn holds_template_with(voc: &Vocabulary<'_>, message: &Message) -> bool {
    labelled(voc, &fields::scan(voc, text::as_read(&message.body.visible))) >= template_size(voc)
}

fn template_size(voc: &Vocabulary<'_>) -> usize {
    (voc.parts.fields.iter().filter(|field| field.required).count().div_ceil(2)).max(2)
}

/// How many different fields of `scan` have usable values.
fn labelled(voc: &Vocabulary<'_>, scan: &Scan) -> usize {
    let mut ids: Vec<&str> =
        scan.entries.iter().filter_map(|entry| usable_field(voc, entry)).map(|field| field.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

fn usable_field<'a>(voc: &Vocabulary<'a>, entry: &Entry) -> Option<&'a Field> {
    let Target::Field(place) = entry.target else { return None };
    voc.field(place).filter(|field| values::judge(voc, field, &entry.value) == Worth::Usable)
}

/// `quoted` without its quote marks.
pub fn unquoted(quoted: &str) -> String {
    quoted.lines().map(lines::unquote).collect::<Vec<_>>().join("\n")
}

/// The first message inside that holds the template, where the sender's own words (`own` fields of them) do not.
fn forwarded_template<'m>(voc: &Vocabulary<'_>, inside: &'m [Forwarded], own: usize) -> Option<(&'m Forwarded, Scan)> {
    if own >= template_size(voc) {
        return None;
    }
    inside.iter().find_map(|inner| {
        let visible = fields::scan(voc, &unquoted(text::as_read(&inner.visible)));
        let least = template_size(voc).min(3);
        if labelled(voc, &visible) >= least {
            return Some((inner, visible));
        }
        let whole = fields::scan(voc, &unquoted(text::as_read(&inner.text)));
        (labelled(voc, &whole) >= least).then_some((inner, whole))
    })
}

impl Request {
    /// Takes the labelled values of `scan`: of each field the first usable one, else the first unusable one.
    fn take(&mut self, voc: &Vocabulary<'_>, scan: &Scan, place: Place) {
        for entry in &scan.entries {
            match entry.target {
                Target::Line => self.take_line_label(voc, &entry.value),
                Target::Field(field) => {
                    if let Some(field) = voc.field(field) {
                        let worth = values::judge(voc, field, &entry.value);
                        let first = self.given.get(&field.id).filter(|given| given.worth == Worth::Usable);
                        if field.role == FieldRole::Summary
                            && worth == Worth::Usable
                            && first.is_some_and(|given| given.value != entry.value)
                        {
                            self.more_summaries.push(entry.value.clone());
                        }
                        self.offer(field, Given { value: entry.value.clone(), worth, place });
                    }
                }
            }
        }
        self.take_id_beside_name(voc, place);
        let blocks = members::blocks(voc, &scan.entries);
        if self.blocks.is_empty() {
            self.blocks = blocks;
        }
    }

    /// An identifier that stands beside the member's name in its value, where it has no label of its own.
    fn take_id_beside_name(&mut self, voc: &Vocabulary<'_>, place: Place) {
        let of = |role: FieldRole| voc.parts.fields.iter().find(|field| field.role == role);
        let (Some(name), Some(id)) = (of(FieldRole::MemberName), of(FieldRole::MemberId)) else { return };
        let Some(given) = self.given.get(&name.id).filter(|given| given.worth == Worth::Usable) else { return };
        if let Some(value) = members::ids_in_name(voc, &given.value).into_iter().next() {
            self.offer(id, Given { value, worth: Worth::Usable, place });
        }
    }

    /// Keeps `given` for `field` unless what is there is as good.
    pub(super) fn offer(&mut self, field: &Field, given: Given) {
        let rank = |worth: Worth| match worth {
            Worth::Usable => 2,
            Worth::Invalid => 1,
            Worth::Placeholder => 0,
        };
        let known = self.given.get(&field.id);
        if known.is_none_or(|known| rank(known.worth) < rank(given.worth)) {
            self.given.insert(field.id.clone(), given);
        }
    }

    pub(super) fn take_line_label(&mut self, voc: &Vocabulary<'_>, value: &str) {
        let tokens = tokens::tokens(&text::clean(value));
        let named = fields::line_mentions(voc, value);
        if named.is_empty() {
            for topic in mentions::topics(voc, &tokens) {
                if !self.topic_labels.contains(&topic.what) {
                    self.topic_labels.push(topic.what);
                }
            }
        }
        for line in named {
            if !self.line_labels.contains(&line) {
                self.line_labels.push(line);
            }
        }
    }

    fn take_forwarded(&mut self, voc: &Vocabulary<'_>, inner: &Forwarded, scan: &Scan) {
        self.take(voc, scan, Place::Forwarded);
        if let Some(summary) = text_behind(voc, scan)
            && let Some(field) = voc.parts.fields.iter().find(|field| field.role == FieldRole::Summary)
        {
            self.offer(field, Given { value: summary.0, worth: Worth::Usable, place: Place::Forwarded });
        }
        self.pii |= pii::stands_in(&inner.visible);
        let outer = &self.subject;
        let speaks =
            outer.name.is_some() || outer.line.is_some() || outer.lines_named.len() > 1 || outer.topic.is_some();
        if let Some(written) = inner.subject.as_deref().filter(|_| !speaks) {
            let inner = subject::read(voc, written);
            if inner.match_ != crate::words::SubjectMatch::Unreadable {
                self.subject = inner;
            }
        }
    }

    /// The text behind the last field, where it is the summary; and all else that is no field's value.
    fn take_free_text(&mut self, voc: &Vocabulary<'_>, scan: &Scan) {
        let summary = voc.parts.fields.iter().find(|field| field.role == FieldRole::Summary);
        let mut taken = usize::MAX;
        if let Some(field) = summary
            && self.given.get(&field.id).is_none_or(|given| given.worth != Worth::Usable)
            && let Some((value, first)) = text_behind(voc, scan)
        {
            self.given.insert(field.id.clone(), Given { value, worth: Worth::Usable, place: Place::Text });
            taken = first;
        }
        let free = scan.free.iter().filter(|(place, _)| *place < taken).map(|(_, line)| line.trim());
        self.free_text = free.collect::<Vec<_>>().join("\n").trim().to_owned();
    }

    /// Takes a bare signature, the requester's own name, from the end of the summary.
    fn drop_own_name(&mut self, voc: &Vocabulary<'_>) {
        let of = |role: FieldRole| voc.parts.fields.iter().find(|field| field.role == role);
        let (Some(name), Some(summary)) = (of(FieldRole::RequesterName), of(FieldRole::Summary)) else { return };
        let Some(name) = self.given.get(&name.id).filter(|given| given.worth == Worth::Usable) else { return };
        let name = name.value.clone();
        if let Some(given) = self.given.get_mut(&summary.id) {
            let all: Vec<&str> = given.value.lines().collect();
            let kept = lines::before_own_name(&all, &name);
            if kept.len() < all.len() {
                given.value = kept.join("\n").trim_end().to_owned();
                given.worth = values::judge(voc, summary, &given.value);
            }
        }
    }

    /// The requester's own identity from a labelled signature line, where the body lacks it.
    fn take_signature(&mut self, voc: &Vocabulary<'_>, signature: &str) {
        for (place, field) in voc.parts.fields.iter().enumerate() {
            let lacks = self.given.get(&field.id).is_none_or(|given| given.worth == Worth::Placeholder);
            if field.role == FieldRole::RequesterName && lacks && voc.parts.prose {
                self.take_signed_name(voc, field, signature);
            }
            if field.role != FieldRole::RequesterId || !lacks {
                continue;
            }
            let scan = fields::scan(voc, signature);
            let labelled = scan.entries.iter().find(|entry| {
                entry.target == Target::Field(place) && values::judge(voc, field, &entry.value) == Worth::Usable
            });
            let value = labelled.map(|entry| entry.value.clone()).or_else(|| prose::in_prose(voc, signature, place));
            if let Some(value) = value {
                self.offer(field, Given { value, worth: Worth::Usable, place: Place::Signature });
            }
        }
    }

    /// On a desk that reads prose, the name that a signature begins with.
    fn take_signed_name(&mut self, voc: &Vocabulary<'_>, field: &Field, signature: &str) {
        let name = signature
            .lines()
            .map(str::trim)
            .take(3)
            .find(|line| line.split_whitespace().count() > 1 && lines::is_name_like(voc, line));
        if let Some(name) = name {
            self.offer(field, Given { value: name.to_owned(), worth: Worth::Usable, place: Place::Signature });
        }
    }

    /// Labelled values of the quoted part: they count only where a later message of a pending thread filled them in.
    fn take_quoted(&mut self, voc: &Vocabulary<'_>, quoted: &str) {
        for entry in &fields::scan(voc, &unquoted(quoted)).entries {
            if let Some(field) = usable_field(voc, entry) {
                self.quoted.entry(field.id.clone()).or_default().push(entry.value.clone());
            } else if entry.target == Target::Line {
                let named = fields::line_mentions(voc, &entry.value);
                self.quoted_lines.extend(named);
            }
        }
        self.quoted_lines.sort();
        self.quoted_lines.dedup();
    }

    /// For desks that read prose: identifiers behind their names, and free text as the description.
    fn take_prose(&mut self, voc: &Vocabulary<'_>, visible: &str, subject: &str) {
        if !voc.parts.prose {
            return;
        }
        let summary = voc.parts.fields.iter().find(|field| field.role == FieldRole::Summary);
        let summary = summary.and_then(|field| self.given.get(&field.id)).filter(|given| given.worth == Worth::Usable);
        // A description tells more than what happened: "the card of my client Ann Lee never came".
        let told =
            summary.map_or_else(|| self.free_text.clone(), |given| format!("{}\n{}", self.free_text, given.value));
        for (place, field) in voc.parts.fields.iter().enumerate() {
            let lacks = self.given.get(&field.id).is_none_or(|given| given.worth != Worth::Usable);
            if !lacks {
                continue;
            }
            let said = if field.role == FieldRole::RequesterName { &self.free_text } else { &told };
            let value = match field.role {
                FieldRole::Summary => {
                    let all: Vec<&str> = self.free_text.lines().collect();
                    let said = lines::before_sign_off(&all);
                    lines::says_something(said, field.min_words).then(|| said.join("\n").trim().to_owned())
                }
                _ => prose::in_prose(voc, visible, place)
                    .or_else(|| prose::in_prose(voc, subject, place))
                    .or_else(|| said::fields::value(voc, place, said)),
            };
            let value = match value {
                None if field.role == FieldRole::RequesterName => {
                    closing_name(voc, visible).or_else(|| name_at_own_id(voc, visible))
                }
                value => value,
            };
            if let Some(value) = value {
                self.offer(field, Given { value, worth: Worth::Usable, place: Place::Prose });
            }
        }
    }
}

/// The name right beside the requester's own identifier: "Thank you, Ann Lee (NPN 18223401)", "NPN 18223401 Ann Lee".
fn name_at_own_id(voc: &Vocabulary<'_>, visible: &str) -> Option<String> {
    let place = voc.parts.fields.iter().position(|field| field.role == FieldRole::RequesterId)?;
    let (before, behind) = prose::around_prose(voc, visible, place)?;
    said::fields::name_before(voc, before).or_else(|| said::fields::name_behind(voc, behind))
}

/// The name that a text closes with where nothing marks a signature: a line of its own behind a blank line or a sign-off,
/// among the last few.
fn closing_name(voc: &Vocabulary<'_>, visible: &str) -> Option<String> {
    let all: Vec<&str> = visible.lines().map(str::trim).collect();
    let filled = all.iter().enumerate().filter(|(_, line)| !line.is_empty());
    filled.rev().take(CLOSING_LINES).enumerate().find_map(|(behind, (at, line))| {
        let above = all.get(at.checked_sub(1)?).copied().unwrap_or_default();
        // The very last line is apart enough where a sentence ends above it.
        let ends = behind == 0 && above.ends_with(['.', '!', '?']);
        let is_apart = above.is_empty() || ends || lines::is_sign_off(above);
        let is_name = (2..=4).contains(&text::count_words(line))
            && line.split_whitespace().all(text::is_capitalised)
            && lines::is_name_like(voc, line);
        (is_apart && is_name).then(|| (*line).to_owned())
    })
}

/// A name, a firm, a number and a phone stand below a mail, and seldom more.
const CLOSING_LINES: usize = 5;

/// The text behind the last labelled value and the place of its first line, where it says something: the summary without a label.
fn text_behind(voc: &Vocabulary<'_>, scan: &Scan) -> Option<(String, usize)> {
    let last = scan.entries.iter().map(|entry| entry.line).max()?;
    let summary = voc.parts.fields.iter().find(|field| field.role == FieldRole::Summary)?;
    let behind: Vec<(usize, &str)> =
        scan.free.iter().filter(|(place, _)| *place > last).map(|(place, line)| (*place, line.as_str())).collect();
    let all: Vec<&str> = behind.iter().map(|(_, line)| *line).collect();
    let said = lines::before_sign_off(&all);
    if !lines::says_something(said, summary.min_words) {
        return None;
    }
    let value = values::tidy(&said.join("\n"));
    let worth = values::judge(voc, summary, &value);
    (worth == Worth::Usable).then(|| (value, last + 1))
}

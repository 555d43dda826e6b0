//! The subject: name and line of the template `Last, First Line`, read after the repairs that the desk allows.

use super::mentions::{self, Mention, Spelling};
use super::names::{self, Written};
use super::tokens::{self, Gap, Token};
use super::vocabulary::Vocabulary;
use super::{marks, text};
use crate::desk::Tolerance;
use crate::words::{LineId, MemberName, SubjectMatch};
use serde::{Deserialize, Serialize};

/// What a subject gives by itself, before the body is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectReading {
    /// The template itself, read after a repair, or nothing read.
    #[serde(rename = "match")]
    pub match_: SubjectMatch,
    /// The name, where a comma settles its order.
    pub name: Option<MemberName>,
    /// Words that stand where a name stands, without a comma: the body's member name settles them.
    pub loose: Vec<String>,
    /// Whether the loose words can hardly be anything but a name, so that another name in the body contradicts them.
    pub loose_is_name: bool,
    /// The line, where exactly one is named.
    pub line: Option<LineId>,
    /// Every line that is named, without repeats. Two: mixed.
    pub lines_named: Vec<LineId>,
    /// A topic whose name stands where the line belongs.
    pub topic: Option<String>,
    /// What was repaired, in the order in which it was noticed: `separator`, `order`, `words`, `synonym`, `typo`.
    pub repairs: Vec<String>,
    /// Words that are part of neither name nor line.
    pub rest: String,
    /// The subject as it was read: without marks, tags and invisible characters.
    pub text: String,
}

impl Default for SubjectReading {
    fn default() -> Self {
        Self {
            match_: SubjectMatch::Unreadable,
            name: None,
            loose: Vec::new(),
            loose_is_name: false,
            line: None,
            lines_named: Vec::new(),
            topic: None,
            repairs: Vec::new(),
            rest: String::new(),
            text: String::new(),
        }
    }
}

/// Reads `subject` as the mail bears it, decoded.
///
/// With `strict` tolerance only the template itself is read; anything else is unreadable.
pub fn read(voc: &Vocabulary<'_>, subject: &str) -> SubjectReading {
    let bare = marks::bare(voc, subject);
    if !voc.parts.subject.is_template {
        return SubjectReading {
            match_: SubjectMatch::Exact,
            rest: bare.clone(),
            text: bare,
            ..SubjectReading::default()
        };
    }
    let tokens = tokens::tokens(&bare);
    let named = mentions::lines(voc, &tokens);
    let topics = mentions::topics(voc, &tokens);
    let mut reading = SubjectReading { text: bare, ..SubjectReading::default() };
    reading.name_lines(&tokens, &named);
    let pivot = reading.pivot(&tokens, &named, &topics);
    let found = find_name(voc, &tokens, pivot.as_ref());
    reading.settle(voc, &tokens, &named, pivot, found);
    if voc.parts.subject.tolerance == Tolerance::Strict && reading.match_ != SubjectMatch::Exact {
        return SubjectReading { text: reading.text, rest: reading.rest, ..SubjectReading::default() };
    }
    reading
}

/// A name found in a subject.
#[derive(Clone, Debug, Default)]
struct Found {
    name: Option<MemberName>,
    loose: Vec<String>,
    loose_is_name: bool,
    /// Tokens that are part of it.
    used: Vec<usize>,
    /// Family and given name as they stand, for comparing with the template.
    raw: Option<(String, String)>,
}

impl SubjectReading {
    fn name_lines(&mut self, tokens: &[Token], named: &[Mention<LineId>]) {
        for mention in named {
            if !self.lines_named.contains(&mention.what) && !is_history(tokens, named, mention) {
                self.lines_named.push(mention.what.clone());
            }
        }
        if let [only] = self.lines_named.as_slice() {
            self.line = Some(only.clone());
        }
    }

    /// Where the line stands, or the topic in its place.
    fn pivot(
        &mut self,
        tokens: &[Token],
        named: &[Mention<LineId>],
        topics: &[Mention<String>],
    ) -> Option<std::ops::Range<usize>> {
        let exact = named.iter().any(|mention| mention.spelling != Spelling::Typo);
        let topic = topics.iter().find(|topic| stands_for_line(tokens, topic));
        match (named.first(), topic) {
            (Some(line), _) if exact => Some(line.at.clone()),
            (Some(line), Some(topic)) if line.at.start < topic.at.start => Some(line.at.clone()),
            (_, Some(topic)) => {
                self.topic = Some(topic.what.clone());
                self.line = None;
                self.lines_named.clear();
                Some(topic.at.clone())
            }
            (Some(line), None) => Some(line.at.clone()),
            (None, None) => None,
        }
    }

    fn settle(
        &mut self,
        voc: &Vocabulary<'_>,
        tokens: &[Token],
        named: &[Mention<LineId>],
        pivot: Option<std::ops::Range<usize>>,
        found: Found,
    ) {
        let in_line = |place: &usize| named.iter().any(|mention| mention.at.contains(place));
        let in_pivot = |place: &usize| pivot.as_ref().is_some_and(|pivot| pivot.contains(place));
        let over: Vec<Token> = (0..tokens.len())
            .filter(|place| !in_line(place) && !in_pivot(place) && !found.used.contains(place))
            .filter_map(|place| tokens.get(place).cloned())
            .collect();
        self.rest = tokens::join(&over);
        self.note_repairs(tokens, named, pivot.as_ref(), &found, !over.is_empty());
        let exact = self.is_template(voc, &found);
        self.name = found.name.map(|name| names::shown(voc, &name));
        self.loose = found.loose;
        self.loose_is_name = found.loose_is_name;
        self.match_ = if exact {
            self.repairs.clear();
            SubjectMatch::Exact
        } else if self.name.is_some() || !self.lines_named.is_empty() || self.topic.is_some() {
            SubjectMatch::Repaired
        } else {
            SubjectMatch::Unreadable
        };
    }

    fn note_repairs(
        &mut self,
        tokens: &[Token],
        named: &[Mention<LineId>],
        pivot: Option<&std::ops::Range<usize>>,
        found: &Found,
        words: bool,
    ) {
        let first = |place: usize| pivot.is_some_and(|pivot| pivot.start <= place);
        let mut note = |repair: &str, is: bool| {
            if is {
                self.repairs.push(repair.to_owned());
            }
        };
        note("order", found.used.iter().min().is_some_and(|place| first(*place)));
        note("separator", pivot.and_then(|pivot| tokens.get(pivot.start)).is_some_and(|t| t.gap != Gap::Space));
        note("words", words);
        note("synonym", named.iter().any(|mention| mention.spelling == Spelling::Synonym));
        note("typo", named.iter().any(|mention| mention.spelling == Spelling::Typo));
    }

    /// Whether the subject is the template up to case and the space after the comma.
    fn is_template(&self, voc: &Vocabulary<'_>, found: &Found) -> bool {
        let (Some((last, first)), Some(line)) = (&found.raw, self.line.as_ref().and_then(|id| voc.line(id))) else {
            return false;
        };
        let folded = |text: &str| text.to_lowercase().replace(", ", ",");
        folded(&self.text) == folded(&format!("{last},{first} {}", line.name))
    }
}

/// Words that tell a plan's history in a subject.
const HISTORY: &[&str] = &[
    "left",
    "former",
    "formerly",
    "previously",
    "previous",
    "prior",
    "old",
    "ex",
    "ended",
    "ends",
    "termed",
    "terminated",
    "expired",
    "switched",
    "moved",
    "from",
    "was",
    "used",
    "until",
    "longer",
    "not",
    "history",
    "before",
];

/// Whether this mention only tells history or is set aside: such a word stands right before it, or between another line's
/// name and the end (`Medicare - left HumanaOne in June`).
fn is_history(tokens: &[Token], named: &[Mention<LineId>], mention: &Mention<LineId>) -> bool {
    if named.iter().all(|other| other.what == mention.what) {
        return false;
    }
    let tells = |token: &Token| HISTORY.contains(&token.key.as_str());
    let before = mention.at.start.checked_sub(1).and_then(|place| tokens.get(place));
    let behind_other = named
        .first()
        .filter(|first| first.what != mention.what)
        .is_some_and(|first| tokens.iter().skip(first.at.end).any(tells));
    before.is_some_and(tells) || behind_other
}

/// Whether a topic's name stands where the line belongs: at either end of the subject, or parted from the rest.
fn stands_for_line(tokens: &[Token], topic: &Mention<String>) -> bool {
    let behind = tokens.get(topic.at.end);
    topic.at.start == 0
        || behind.is_none_or(|token| token.gap >= Gap::Separator)
        || tokens.get(topic.at.start).is_some_and(|token| token.gap >= Gap::Separator)
        || tokens[..topic.at.start].iter().any(|token| token.gap == Gap::Comma)
}

/// Finds the name: before the line, else behind it; where a comma stands first.
fn find_name(voc: &Vocabulary<'_>, tokens: &[Token], pivot: Option<&std::ops::Range<usize>>) -> Found {
    let all = 0..tokens.len();
    let (before, behind) = match pivot {
        Some(pivot) => (0..pivot.start, pivot.end..tokens.len()),
        None => (all, 0..0),
    };
    let placed = pivot.is_some();
    let areas = [(before, false), (behind, true)];
    let with_comma = areas.iter().find_map(|(area, after)| {
        segments(tokens, area.clone()).into_iter().find_map(|segment| ordered(voc, tokens, segment, placed, *after))
    });
    if let Some(found) = with_comma {
        return found;
    }
    areas.into_iter().find_map(|(area, _)| loose(voc, tokens, area)).unwrap_or_default()
}

/// `area` cut at its separators.
fn segments(tokens: &[Token], area: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let mut segments = Vec::new();
    let mut start = area.start;
    for place in area.clone().skip(1) {
        if tokens.get(place).is_some_and(|token| token.gap == Gap::Separator) {
            segments.push(start..place);
            start = place;
        }
    }
    segments.push(start..area.end);
    segments.retain(|segment| !segment.is_empty());
    segments
}

/// A name with a comma in `segment`. Without a line in the subject (`placed` is false) only what can hardly be
/// anything else; behind the line (`after`) the given name ends where ordinary words begin.
fn ordered(
    voc: &Vocabulary<'_>,
    tokens: &[Token],
    segment: std::ops::Range<usize>,
    placed: bool,
    after: bool,
) -> Option<Found> {
    let mut parts = comma_parts(tokens, segment);
    parts.retain(|part| !part.is_empty());
    let last = family_part(voc, tokens, parts.first()?.clone())?;
    let mut used: Vec<usize> = last.clone().collect();
    let family = &tokens[last];
    let mut named = vec![texts(family)];
    let mut raw_first = Vec::new();
    for part in parts.into_iter().skip(1) {
        let part = given_part(voc, tokens, part, after, family);
        if part.is_empty() {
            break;
        }
        let suffix = tokens[part.clone()].iter().all(|token| names::is_suffix(voc, &token.text));
        if !suffix && !raw_first.is_empty() {
            break;
        }
        if !suffix {
            raw_first = tokens[part.clone()].to_vec();
        }
        named.push(texts(&tokens[part.clone()]));
        used.extend(part);
    }
    let name = names::ordered(voc, &named)?;
    if raw_first.is_empty() || (!placed && !plain_name(voc, family, &raw_first)) || is_template_word(voc, &name) {
        return None;
    }
    let raw = (named.len() == 2).then(|| (tokens::join(family), tokens::join(&raw_first)));
    Some(Found { name: Some(name), raw, used, ..Found::default() })
}

fn comma_parts(tokens: &[Token], segment: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut start = segment.start;
    for place in segment.clone().skip(1) {
        if tokens.get(place).is_some_and(|token| token.gap == Gap::Comma) {
            parts.push(start..place);
            start = place;
        }
    }
    parts.push(start..segment.end);
    if parts.len() < 2 { Vec::new() } else { parts }
}

/// The words of a name in `tokens`, a hyphen kept in its word.
fn texts(tokens: &[Token]) -> Vec<String> {
    tokens::join(tokens).split_whitespace().map(str::to_owned).collect()
}

/// The family name at the end of what stands before the comma: behind the last filler, number or odd word.
fn family_part(voc: &Vocabulary<'_>, tokens: &[Token], part: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let last = part.end.checked_sub(1).filter(|last| part.contains(last))?;
    let is_part = |place: usize| tokens.get(place).is_some_and(|token| names::is_name_word(&token.text));
    if !is_part(last) || (part.len() > 1 && tokens.get(last).is_some_and(|token| is_plain_filler(voc, token))) {
        return None;
    }
    let odd = (part.start..last).rev().find(|place| {
        let filler = tokens.get(*place).is_some_and(|token| names::is_filler(voc, &token.text));
        !is_part(*place) || (filler && token_is_word(tokens, *place))
    });
    let start = odd.map_or(part.start, |odd| odd + 1);
    Some(if last + 1 - start > 4 { last..last + 1 } else { start..last + 1 })
}

fn token_is_word(tokens: &[Token], place: usize) -> bool {
    tokens.get(place).is_some_and(|token| token.key.chars().count() > 1 || token.key == "a")
}

fn is_plain_filler(voc: &Vocabulary<'_>, token: &Token) -> bool {
    names::is_filler(voc, &token.text) && !text::is_capitalised(&token.text)
}

/// The given name at the start of `part`: it ends at a number, a filler or a word of the desk's work.
fn given_part(
    voc: &Vocabulary<'_>,
    tokens: &[Token],
    part: std::ops::Range<usize>,
    after: bool,
    family: &[Token],
) -> std::ops::Range<usize> {
    let titled = tokens
        .get(part.clone())
        .is_some_and(|part| part.len() > 1 && part.first().is_some_and(|token| names::is_title(voc, &token.text)));
    let part = if titled { part.start + 1..part.end } else { part };
    let shouted = family.iter().all(|token| text::is_all_caps(&token.text));
    let capital = tokens.get(part.start).is_some_and(|token| text::is_capitalised(&token.text)) && !shouted;
    let end = part.clone().enumerate().find(|(order, place)| {
        let Some(token) = tokens.get(*place) else { return true };
        let shown = text::is_capitalised(&token.text) && order < &3;
        let work = voc.work.contains(&token.key) && (after || !shown);
        let filler = names::is_filler(voc, &token.text) && !(shown && names::can_be_given(&token.key));
        let topic = voc.topics.iter().any(|topic| topic.key == token.key);
        let ordinary = token.key.chars().count() > 1 && (filler || work || topic);
        let lower = capital && text::is_all_lower(&token.text) && !is_particle(&token.key);
        let too_far = after && *order > 2;
        !names::is_name_word(&token.text) || token.joined || (*order > 0 && (ordinary || lower || too_far))
    });
    part.start..end.map_or(part.end, |(_, place)| place)
}

fn is_particle(key: &str) -> bool {
    matches!(key, "de" | "la" | "del" | "da" | "dos" | "van" | "von" | "der" | "den" | "y" | "e" | "al" | "el" | "bin")
}

/// Whether a name without a line beside it can hardly be anything else.
fn plain_name(voc: &Vocabulary<'_>, last: &[Token], first: &[Token]) -> bool {
    let capital = |token: &Token| text::is_capitalised(&token.text) || is_particle(&token.key);
    let case = last.iter().all(capital) == first.iter().all(capital);
    let word = |token: &Token| {
        let ordinary = names::is_filler(voc, &token.text) && token.key.chars().count() > 1;
        let work = voc.work.contains(&token.key) && !text::is_capitalised(&token.text);
        !ordinary && !work
    };
    case && last.len() <= 4 && first.len() <= 4 && last.iter().chain(first).all(word)
}

/// Whether the template itself was left unfilled: `Last, First`, `[Member Last Name Here], …`.
fn is_template_word(voc: &Vocabulary<'_>, name: &MemberName) -> bool {
    let words: Vec<String> = text::words(&format!("{} {}", name.last, name.first));
    let blank = |word: &String| {
        matches!(word.as_str(), "last" | "first" | "name" | "here" | "lastname" | "firstname" | "surname" | "given")
            || voc.noise.contains(word)
            || word == "member"
    };
    words.iter().all(blank) || placeholder(voc, &name.last) || placeholder(voc, &name.first)
}

fn placeholder(voc: &Vocabulary<'_>, part: &str) -> bool {
    let key = text::key(part);
    key.len() > 2 && voc.placeholders.contains(&key)
}

/// Words where a name stands, without a comma: one to five words of one stretch.
fn loose(voc: &Vocabulary<'_>, tokens: &[Token], area: std::ops::Range<usize>) -> Option<Found> {
    let stretches = segments(tokens, area.clone());
    let single = stretches.len() > 1 && stretches.len() < 5 && stretches.iter().all(|s| s.len() == 1);
    let stretches = if single { vec![area] } else { stretches };
    let candidates = stretches.into_iter().filter_map(|stretch| {
        let named: Vec<usize> = stretch
            .clone()
            .filter(|place| {
                tokens.get(*place).is_some_and(|token| {
                    names::is_name_word(&token.text) && !(names::is_filler(voc, &token.text) && token.key.len() > 1)
                })
            })
            .collect();
        ((1..=5).contains(&named.len())).then_some((named.len() == stretch.len(), named))
    });
    let best = candidates.min_by_key(|(whole, named)| std::cmp::Reverse((*whole, named.len().min(2))))?;
    let (whole, named) = best;
    let chosen: Vec<Token> = named.iter().filter_map(|place| tokens.get(*place).cloned()).collect();
    let ordinary = chosen.iter().any(|token| voc.work.contains(&token.key) || token.joined);
    let case = chosen.iter().map(|token| text::is_capitalised(&token.text)).collect::<Vec<_>>();
    let one_case = case.iter().all(|capital| *capital) || case.iter().all(|capital| !*capital);
    let words = texts(&chosen);
    if is_template_word(voc, &MemberName { last: words.join(" "), first: String::new() }) {
        return None;
    }
    let loose_is_name = whole && !ordinary && one_case && (2..=4).contains(&words.len());
    Some(Found { loose: words, loose_is_name, used: named, ..Found::default() })
}

/// The subject's name as it can be compared: ordered or loose.
pub fn written(reading: &SubjectReading) -> Option<Written> {
    match &reading.name {
        Some(name) => Some(Written::Ordered(name.clone())),
        None => (!reading.loose.is_empty()).then(|| Written::Loose(reading.loose.clone())),
    }
}

//! Values that stand in free text, for desks that read it: by the field's phrases (POLICY.md, Body fields: `prose`).
//!
//! For a name the words behind the phrase are the value ("my name is Ann Lee"), for a choice the one that the sentence
//! makes, for all else the sentence itself.

use super::super::lines::is_name_like;
use super::super::scope::{sentences, tokens};
use super::super::text;
use super::super::values;
use super::super::vocabulary::Vocabulary;
use super::Phrases;
use crate::desk::{Field, FieldRole};

/// More words than a name has.
const NAME_WORDS: usize = 5;

/// The value of the field at `place` in the free text `said`; `None`: no phrase of it gives one.
pub fn value(voc: &Vocabulary<'_>, place: usize, said: &str) -> Option<String> {
    let field = voc.field(place).filter(|field| !field.phrases.is_empty() || !field.behind.is_empty())?;
    let phrases = Phrases::of(voc.desk);
    sentences(said).into_iter().find_map(|sentence| {
        let tokens = tokens(&sentence.text);
        let hits = phrases.fields.find(&phrases.words.read(&tokens));
        let said = hits.iter().filter(|hit| hit.tag == place).find_map(|hit| {
            let end = tokens.get(hit.at.end.checked_sub(1)?)?.at.end;
            if field.gives_words {
                let words = sentence.text.get(tokens.get(hit.at.start)?.at.start..end)?;
                return values::fits(field, words).then(|| words.to_owned());
            }
            of_sentence(voc, field, &sentence.text, sentence.text.get(end..)?)
        });
        said.or_else(|| {
            let hits = phrases.behind.find(&phrases.words.read(&tokens));
            hits.iter().filter(|hit| hit.tag == place).find_map(|hit| {
                let start = tokens.get(hit.at.start)?.at.start;
                name_before(voc, sentence.text.get(..start)?)
            })
        })
    })
}

fn of_sentence(voc: &Vocabulary<'_>, field: &Field, sentence: &str, behind: &str) -> Option<String> {
    if matches!(field.role, FieldRole::RequesterName | FieldRole::MemberName) {
        return name(voc, behind);
    }
    if !field.choices.is_empty() {
        return values::choice(field, sentence).map(str::to_owned);
    }
    let sentence = sentence.trim();
    values::fits(field, sentence).then(|| sentence.to_owned())
}

/// The name that `before` is, or ends with behind a mark: "Hi, Ann Lee" before "here".
pub fn name_before(voc: &Vocabulary<'_>, before: &str) -> Option<String> {
    let before = before.trim_end_matches([' ', ',', '(', '-', '|', '/', '\u{2013}', '\u{2014}']);
    let name = before.rsplit([',', ';', '!', '-', '\u{2013}', '\u{2014}']).next()?.trim();
    // "I'm Ann Lee", "It's Ann Lee".
    let name = match name.split_once(' ') {
        Some((first, rest)) if first.len() < 6 && first.contains(text::is_apostrophe) => rest.trim_start(),
        _ => name,
    };
    let words = text::count_words(name);
    let is_name = (2..=NAME_WORDS).contains(&words) && name.split_whitespace().all(text::is_capitalised);
    (is_name && is_name_like(voc, name)).then(|| name.to_owned())
}

/// The name that a text begins with, where a mark or the end of the line stands behind it: "Ann Lee - the card …".
pub fn name_behind(voc: &Vocabulary<'_>, behind: &str) -> Option<String> {
    let rest = behind.trim_start_matches([' ', ',', ')', '-', '|', '/', '.', '\u{2013}', '\u{2014}']);
    let end = rest.find([',', ';', '|', '/', '(', '.']).into_iter().chain(rest.find(" - ")).min().unwrap_or(rest.len());
    let name = rest.get(..end)?.trim();
    let words = text::count_words(name);
    let is_name = (2..=NAME_WORDS).contains(&words) && name.split_whitespace().all(text::is_capitalised);
    (is_name && is_name_like(voc, name)).then(|| name.to_owned())
}

/// The capitalised words that `behind` begins with, where they are like a name.
fn name(voc: &Vocabulary<'_>, behind: &str) -> Option<String> {
    let behind = behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '=' | '('));
    let mut words: Vec<&str> = Vec::new();
    for word in behind.split_whitespace().take(NAME_WORDS) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !text::is_capitalised(bare) {
            break;
        }
        words.push(bare);
        let initial = bare.chars().count() == 1;
        if word.ends_with([',', ';', ')', '!', '?']) || (word.ends_with('.') && !initial) {
            break;
        }
    }
    let name = words.join(" ");
    (words.len() > 1 && is_name_like(voc, &name)).then_some(name)
}

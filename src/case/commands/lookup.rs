//! What an argument names: a line, topic, field, priority, case or address of this desk.

use super::Command;
use crate::address::EmailAddress;
use crate::desk::{Desk, Field, label_key, squash};
use crate::strict;
use crate::words::LineId;
use crate::words::fold::fold;
use crate::words::numbers::{CaseNumber, Tag, read_tag};
use unicode_normalization::UnicodeNormalization;

/// Why an argument was not understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is wrong, in whole sentences.
    pub why: String,
    /// What the argument, alone, was most likely meant to be.
    pub nearest: Option<String>,
}

impl Fault {
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), nearest: None }
    }

    pub fn near(mut self, nearest: Option<impl Into<String>>) -> Self {
        self.nearest = nearest.map(Into::into);
        self
    }

    /// The same fault of a part of the argument, the nearest told as the whole.
    pub fn told_as_part(mut self, whole: impl FnOnce(String) -> String) -> Self {
        self.nearest = self.nearest.map(whole);
        self
    }

    /// The same fault without the nearest, where that is only a part of the argument.
    pub fn far(mut self) -> Self {
        self.nearest = None;
        self
    }
}

/// Priorities of a case on a desk whose policy has none of its own, the most urgent first.
const USUAL_PRIORITIES: [&str; 2] = ["urgent", "normal"];

/// Longer arguments name nothing.
const LONGEST_NAME: usize = 300;
/// What is quoted of an argument in a refusal.
const LONGEST_QUOTED: usize = 80;

/// An argument as it is compared: compatibility forms made plain (`…`, full-width letters), folded.
pub(super) fn plain(text: &str) -> String {
    let text: String = text.nfkc().collect();
    fold(&text)
}

/// An argument in backticks, shortened.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text, LONGEST_QUOTED))
}

/// At most `most` characters of `text`, on one line, with an ellipsis where more was there.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect();
    if text.chars().nth(most).is_some() { format!("{}…", line.trim_end()) } else { line }
}

/// A text without punctuation that a sentence puts behind it, and without the marks around it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim().trim_matches(|c: char| {
        c.is_whitespace() || "*_.,;:!?\"'`()[]<>\u{2018}\u{2019}\u{201c}\u{201d}\u{3002}".contains(c)
    })
}

/// The words of priorities, the most urgent first.
pub fn priorities(_desk: &Desk) -> Vec<&'static str> {
    // Policies have no priorities of their own yet; once they have, they stand here in their place.
    USUAL_PRIORITIES.to_vec()
}

pub(super) fn priority(desk: &Desk, text: &str) -> Result<String, Fault> {
    let (known, wanted) = (priorities(desk), squash(trimmed(text)));
    match known.iter().find(|word| squash(word) == wanted) {
        Some(word) => Ok((*word).to_owned()),
        None => {
            let why = unknown(text, "priority", &known);
            Err(Fault::new(why).near(strict::nearest(trimmed(text), known.iter().copied())))
        }
    }
}

/// The line called `text`: by id, name, title or synonym; case, spaces and punctuation do not matter.
pub(super) fn line(desk: &Desk, text: &str) -> Result<LineId, Fault> {
    let wanted = squash(&plain(trimmed(text)));
    let names = |line: &crate::desk::Line| {
        let given = [line.id.0.clone(), line.name.clone(), line.title.clone()];
        given.into_iter().chain(line.synonyms.iter().cloned()).collect::<Vec<String>>()
    };
    let called = |line: &&crate::desk::Line| names(line).iter().any(|name| squash(name) == wanted);
    if let Some(line) = desk.lines.iter().find(called).filter(|_| !wanted.is_empty() && wanted.len() <= LONGEST_NAME) {
        return Ok(line.id.clone());
    }
    let known: Vec<(String, &str)> =
        desk.lines.iter().flat_map(|line| names(line).into_iter().map(|name| (name, line.name.as_str()))).collect();
    let near = strict::nearest(trimmed(text), known.iter().map(|(name, _)| name.as_str()));
    let near = near.and_then(|near| known.iter().find(|(name, _)| name == near)).map(|(_, line)| *line);
    let lines: Vec<&str> = desk.lines.iter().map(|line| line.name.as_str()).collect();
    Err(Fault::new(unknown(text, "line", &lines)).near(near))
}

/// The topic called `text`: by id, title or name.
pub(super) fn topic(desk: &Desk, text: &str) -> Result<String, Fault> {
    let wanted = squash(&plain(trimmed(text)));
    let called = |topic: &&crate::desk::Topic| {
        let names = [&topic.id, &topic.title].into_iter().chain(&topic.names);
        names.into_iter().any(|name| squash(name) == wanted)
    };
    if let Some(topic) = desk.topics.iter().find(called).filter(|_| !wanted.is_empty() && wanted.len() <= LONGEST_NAME)
    {
        return Ok(topic.id.clone());
    }
    let ids: Vec<&str> = desk.topics.iter().map(|topic| topic.id.as_str()).collect();
    let why =
        if ids.is_empty() { "This desk has no topic to redirect to.".to_owned() } else { unknown(text, "topic", &ids) };
    Err(Fault::new(why).near(strict::nearest(trimmed(text), ids.iter().copied())))
}

/// The list called first in `text`, by id or name, and what is said behind it; `called`: the list is known already. Where
/// the desk has one list, it need not be called.
pub(super) fn list_and_text(desk: &Desk, text: &str, called: Option<&str>) -> Result<Command, Fault> {
    let command = |id: &str, behind: &str| {
        let behind = behind.trim_start_matches([':', ',', '-', ' ', '\n']).trim();
        Command::List { id: id.to_owned(), text: (!behind.is_empty()).then(|| behind.to_owned()) }
    };
    let by_word = |word: &str| {
        let wanted = squash(&plain(trimmed(word)));
        desk.lists
            .iter()
            .find(|list| !wanted.is_empty() && [&list.id, &list.name].iter().any(|name| squash(name) == wanted))
    };
    if let Some(list) = called.and_then(by_word) {
        return Ok(command(&list.id, text));
    }
    let (first, behind) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if let Some(list) = by_word(first) {
        return Ok(command(&list.id, behind));
    }
    let ids: Vec<&str> = desk.lists.iter().map(|list| list.id.as_str()).collect();
    match desk.lists.as_slice() {
        [] => Err(Fault::new("This desk keeps no list.")),
        [only] => Ok(command(&only.id, text)),
        _ => Err(Fault::new(unknown(first, "list", &ids)).near(strict::nearest(trimmed(first), ids.iter().copied()))),
    }
}

/// The list whose id is a command's word.
pub(super) fn is_list(desk: &Desk, name: &str) -> bool {
    let wanted = squash(name);
    desk.lists.iter().any(|list| squash(&list.id) == wanted)
}

/// The field called `name`: by id, label or alias, as labels are compared.
pub(super) fn field<'a>(desk: &'a Desk, name: &str) -> Option<&'a Field> {
    let key = label_key(&plain(name));
    if key.is_empty() || name.len() > LONGEST_NAME {
        return None;
    }
    desk.fields.iter().find(|field| {
        let mut names = [&field.id, &field.label].into_iter().chain(&field.aliases);
        names.any(|name| label_key(name) == key)
    })
}

/// Field and value of `NAME=VALUE`.
pub(super) fn field_and_value(desk: &Desk, text: &str) -> Result<(String, String), Fault> {
    let ids: Vec<&str> = desk.fields.iter().map(|field| field.id.as_str()).collect();
    let Some((name, value)) = parted(text) else {
        let near = field(desk, text).map(|field| field.id.as_str());
        let why = "A field and its new value are written with an equals sign between them.";
        return Err(Fault::new(why).near(near.map(|id| format!("{id}=VALUE"))));
    };
    let Some(field) = field(desk, name) else {
        let why = format!("{} is no field of this desk. Its fields are {}.", quoted(name), listed(&ids));
        let near = strict::nearest(trimmed(name), ids.iter().copied());
        return Err(Fault::new(why).near(near.map(|id| format!("{id}={}", shortened(value, LONGEST_QUOTED)))));
    };
    if !value.chars().any(char::is_alphanumeric) {
        return Err(Fault::new(format!("The new value of `{}` is missing.", field.id)));
    }
    Ok((field.id.clone(), value.to_owned()))
}

/// `NAME=VALUE` at its first equals sign; where there is none, at its first colon.
pub(super) fn parted(text: &str) -> Option<(&str, &str)> {
    let (name, value) =
        text.split_once(['=', '\u{ff1d}', '\u{fe66}']).or_else(|| text.split_once([':', '\u{ff1a}', '\u{fe55}']))?;
    Some((name.trim(), value.trim()))
}

/// The case called `text`: its number, with or without prefix and brackets.
pub(super) fn case_number(desk: &Desk, text: &str) -> Result<CaseNumber, Fault> {
    let mut text_of_number = plain(trimmed(text));
    for word in ["into ", "with ", "to ", "case ", "number "] {
        text_of_number = text_of_number.strip_prefix(word).unwrap_or(&text_of_number).trim().to_owned();
    }
    let number = text_of_number.trim_start_matches(['#', '[']).replace(" - ", "-").replace(' ', "-");
    let number = if number.bytes().all(|b| b.is_ascii_digit()) { format!("{}-{number}", desk.prefix) } else { number };
    match read_tag(&desk.numbering, &number) {
        Some(Tag::Case(number)) => Ok(number),
        Some(Tag::Pending(_)) => {
            Err(Fault::new(format!("{} is a returned request, not a case.", quoted(&number.to_uppercase()))))
        }
        None if text.is_empty() => Err(Fault::new("The number of the case is missing.")),
        None => Err(Fault::new(format!(
            "{} is no case number of this desk: those are written like `{}`.",
            quoted(text),
            desk.numbering.example()
        ))),
    }
}

/// The one address in `text`, with the words that stand beside it; mail programs write an address twice, once as a link.
pub(super) fn address(text: &str) -> Result<Option<(EmailAddress, Option<String>)>, Fault> {
    if text.contains("\"@") {
        return Err(Fault::new(format!("{} holds an address that cannot be read.", quoted(text))));
    }
    let parts = text.split(|c: char| c.is_whitespace() || "<>()[]\",;\u{201c}\u{201d}|".contains(c));
    let mut found: Option<EmailAddress> = None;
    let mut name: Vec<&str> = Vec::new();
    for part in parts {
        let part = part.trim_matches(|c: char| ".,;:!?*_'`\u{2018}\u{2019}".contains(c));
        let part = if part.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:")) {
            part.get(7..).unwrap_or_default()
        } else {
            part
        };
        if part.strip_prefix('@').unwrap_or(part).contains('@') {
            let read = EmailAddress::parse(part)
                .map_err(|_| Fault::new(format!("{} is no address of the form name@example.com.", quoted(part))))?;
            if found.as_ref().is_some_and(|found| *found != read) {
                return Err(Fault::new("Two addresses stand there, and one is needed."));
            }
            found = Some(read);
        } else {
            let part = part.trim_matches(|c: char| !c.is_alphanumeric());
            name.extend(Some(part).filter(|part| part.chars().any(char::is_alphabetic)));
        }
    }
    Ok(found.map(|address| (address, Some(name.join(" ")).filter(|name| !name.is_empty()))))
}

/// That `text` is no `kind` that the desk knows, and which those are.
fn unknown(text: &str, kind: &str, known: &[&str]) -> String {
    let known = listed(known);
    if trimmed(text).is_empty() {
        format!("The {kind} is missing. This desk knows {known}.")
    } else {
        format!("{} is no {kind} of this desk. It knows {known}.", quoted(text))
    }
}

/// `a`, `b` and `c`.
pub(super) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    let ticked: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match ticked.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

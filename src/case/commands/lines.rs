//! The new words of a mail, parted into command lines and text.

use super::lookup;
use super::word::Word;
use crate::desk::{Desk, FieldRole};
use crate::words::fold::is_invisible;

/// What may stand around a command without being part of it: emphasis, bullets, brackets, quotation marks.
const AROUND: &str = "*_[]()\"'`\u{2018}\u{2019}\u{201c}\u{201d}•·-\u{2013}\u{2014}";
/// More of them before a `#` than this is no command line any more.
const MOST_AROUND: usize = 6;
/// So many lines that are no known command are compared with the known ones; a mail with more is not a person's.
const MOST_COMPARED: usize = 60;

/// One command line.
#[derive(Clone, Debug)]
pub(super) struct CommandLine {
    /// As it was written, without white space at its ends.
    pub line: String,
    /// The word behind the `#`, in lower case.
    pub name: String,
    /// The command that the word is.
    pub word: Option<Word>,
    /// What stands behind the word, and the lines that it runs on over.
    pub rest: String,
}

/// A mail's new words, parted.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// The command lines at the top.
    pub commands: Vec<CommandLine>,
    /// What follows.
    pub text: String,
    /// Lines of the text that begin with a command, or nearly so.
    pub below: Vec<CommandLine>,
}

/// One line, as it looks.
enum Shape {
    Blank,
    Command(CommandLine),
    Text,
}

/// Parts `own_words`.
pub(super) fn part(own_words: &str, desk: &Desk) -> Block {
    let mut reader = Reader { compared: 0, desk };
    let mut block = Block::default();
    let mut runs_on = false;
    let mut text: Vec<&str> = Vec::new();
    for line in own_words.lines() {
        if !text.is_empty() {
            if let Shape::Command(command) = reader.shape(line, true) {
                block.below.push(command);
            }
            text.push(line);
            continue;
        }
        match (reader.shape(line, false), block.commands.last_mut()) {
            (Shape::Blank, _) => runs_on = false,
            (Shape::Command(command), _) => {
                runs_on = continues(&command, desk);
                block.commands.push(command);
            }
            (Shape::Text, Some(command)) if runs_on => {
                command.rest.push('\n');
                command.rest.push_str(visible(line).trim());
            }
            (Shape::Text, _) => text.push(line),
        }
    }
    for command in &mut block.commands {
        command.rest = unwrapped(&command.line, &command.rest);
    }
    block.text = text.join("\n").trim().to_owned();
    block
}

/// Whether the lines below belong to it. Those below an unknown word do: they are refused with it.
fn continues(command: &CommandLine, desk: &Desk) -> bool {
    let summary = || {
        let (name, _) = lookup::parted(&command.rest).unwrap_or_default();
        lookup::field(desk, name).is_some_and(|field| field.role == FieldRole::Summary)
    };
    command.word.is_none_or(|word| word.runs_on() || (word == Word::Field && summary()))
}

struct Reader<'a> {
    compared: usize,
    desk: &'a Desk,
}

impl Reader<'_> {
    /// How `line` looks. In the text only what is a command, or nearly one, counts as one.
    fn shape(&mut self, line: &str, in_text: bool) -> Shape {
        let line = visible(line);
        let line = line.trim();
        if line.is_empty() {
            return Shape::Blank;
        }
        let Some(after) = after_hash(line) else { return Shape::Text };
        let close = after.trim_start();
        let (name, rest) = name_and_rest(close);
        if name.is_empty() {
            return Shape::Text;
        }
        let list = || lookup::is_list(self.desk, &name).then_some(Word::List);
        let word = Word::read(&name).or_else(list);
        let loose = in_text || close.len() < after.len();
        if word.is_none() && loose && !self.is_near(&name) {
            return Shape::Text;
        }
        Shape::Command(CommandLine { line: line.to_owned(), name, word, rest: rest.to_owned() })
    }

    fn is_near(&mut self, name: &str) -> bool {
        self.compared += 1;
        self.compared <= MOST_COMPARED && Word::nearest(name).is_some()
    }
}

/// The line without what nobody sees, every kind of space a plain one.
fn visible(line: &str) -> String {
    let seen = line.chars().filter(|c| !is_invisible(*c) && (!c.is_control() || c.is_whitespace()));
    seen.map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

/// Whether `c` is a number sign: plain, full-width or small.
fn is_hash(c: char) -> bool {
    matches!(c, '#' | '\u{ff03}' | '\u{fe5f}')
}

/// What stands behind the number signs that `line` begins with, if it does.
fn after_hash(line: &str) -> Option<&str> {
    let before = |(place, c): &(usize, char)| *place < MOST_AROUND && (AROUND.contains(*c) || *c == ' ');
    let skipped: usize = line.chars().enumerate().take_while(before).map(|(_, c)| c.len_utf8()).sum();
    let rest = line.get(skipped..)?;
    rest.starts_with(is_hash).then(|| rest.trim_start_matches(is_hash))
}

/// The command's name in lower case, and what follows it. `#next update` is one name.
fn name_and_rest(text: &str) -> (String, &str) {
    if !text.starts_with(char::is_alphabetic) {
        return (String::new(), text);
    }
    let joins = |c: char| c.is_alphanumeric() || c == '_' || is_dash(c);
    let end = text.find(|c| !joins(c)).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or_default().trim_end_matches(|c| is_dash(c) || c == '_');
    let rest = text.get(name.len()..).unwrap_or_default();
    let name: String = name.chars().map(|c| if is_dash(c) { '-' } else { c }).flat_map(char::to_lowercase).collect();
    if name == "next" {
        let (second, behind) = name_and_rest_of_second(rest);
        if second == "update" {
            return ("next-update".to_owned(), behind);
        }
    }
    (name, rest)
}

fn name_and_rest_of_second(rest: &str) -> (String, &str) {
    let rest = rest.trim_start_matches(|c| is_dash(c) || c == ' ');
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let second = rest.get(..end).unwrap_or_default().to_lowercase();
    (second, rest.get(end..).unwrap_or_default())
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The rest of a command without the colon or dash behind its name, and without the closing half of a mark that
/// opened before the `#`.
fn unwrapped(line: &str, rest: &str) -> String {
    let mut rest = rest.trim();
    for opening in line.chars().take_while(|c| !is_hash(*c)) {
        let closing = match opening {
            '[' => ']',
            '(' => ')',
            '\u{2018}' => '\u{2019}',
            '\u{201c}' => '\u{201d}',
            '*' | '_' | '"' | '\'' | '`' => opening,
            _ => continue,
        };
        rest = rest.strip_suffix(closing).unwrap_or(rest).trim_end();
    }
    loop {
        let shorter = rest.trim_start_matches(|c: char| matches!(c, ':' | ',' | ';') || c.is_whitespace());
        // A dot or a dash that is joined to what follows belongs to it: `..12/24`.
        let mark = shorter.strip_prefix(|c: char| is_dash(c) || matches!(c, '.' | '…'));
        match mark.filter(|after| after.is_empty() || after.starts_with([' ', '\n'])) {
            Some(after) => rest = after,
            None if shorter.len() == rest.len() => return rest.to_owned(),
            None => rest = shorter,
        }
    }
}

/// The first command inside a command's own words, on its line or below: it was meant to stand by itself.
pub(super) fn inner_command(rest: &str) -> Option<Word> {
    rest.split_whitespace().find_map(|token| {
        let after = after_hash(token)?;
        let (name, _) = name_and_rest(after);
        Word::read(&name)
    })
}

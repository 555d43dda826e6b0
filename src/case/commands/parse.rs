//! Reading the commands of a mail: all of them, or none.

use super::conflicts::conflicts;
use super::lines::{Block, CommandLine, part};
use super::lookup::{Fault, quoted, shortened};
use super::{Asked, Parsed, Refusal, Situation, Word, Written, arguments, help};

/// What is shown of a line that was not carried out, in characters.
pub(super) const LONGEST_LINE_SHOWN: usize = 200;
/// More commands than a person puts in one mail.
const MOST_COMMANDS: usize = 30;
/// More refusals than anybody reads.
const MOST_REFUSALS: usize = 20;

/// Reads the commands in the first lines of `own_words`: the new words of a mail, without quoted history and signature.
///
/// Either every line that looks like a command is understood, or nothing is to be done and nothing sent on. Takes time
/// linear in the text, and no text makes it fail.
pub fn parse(own_words: &str, situation: &Situation<'_>) -> Parsed {
    let Block { commands: lines, text, below } = part(own_words, situation.desk);
    let mut commands: Vec<Written> = Vec::new();
    let mut refusals: Vec<Refusal> = Vec::new();
    if lines.len() > MOST_COMMANDS {
        refusals.push(too_many(&lines));
    }
    for line in lines.iter().take(MOST_COMMANDS) {
        match read(situation, line) {
            Ok(written) => commands.push(written),
            Err(refusal) => refusals.push(refusal),
        }
    }
    refusals.extend(conflicts(&commands));
    refusals.extend(below.iter().take(MOST_REFUSALS).map(|line| not_at_the_top(situation, line)));
    let asks_for_help = commands.iter().find(|written| written.command.word() == Word::Help);
    refusals.extend(asks_for_help.filter(|_| !text.is_empty()).map(help_with_text));
    refusals.truncate(MOST_REFUSALS);
    if refusals.is_empty() {
        Parsed::Understood { commands, text }
    } else {
        Parsed::Refused { undone: commands, refusals, text }
    }
}

/// Reads commands that a form asks for, by the rules of a mail's; `text` is what would follow them. Gives the place of
/// each one that is refused, with why; no place: the text holds a command line, which would go to the requester.
///
/// # Errors
///
/// Nothing is to be done: at least one refusal.
pub fn read_all(
    asked: &[Asked],
    text: &str,
    situation: &Situation<'_>,
) -> Result<Vec<Written>, Vec<(Option<usize>, Refusal)>> {
    let mut commands: Vec<Written> = Vec::new();
    let mut refusals: Vec<(Option<usize>, Refusal)> = Vec::new();
    for (place, one) in asked.iter().enumerate() {
        let rest = one.rest.trim().to_owned();
        let line = format!("#{} {}", one.word, rest.lines().next().unwrap_or_default()).trim_end().to_owned();
        match read(situation, &CommandLine { line, name: one.word.to_string(), word: Some(one.word), rest }) {
            Ok(written) => {
                let contradicts = conflicts(&[commands.as_slice(), std::slice::from_ref(&written)].concat());
                refusals.extend(contradicts.into_iter().next().map(|refusal| (Some(place), refusal)));
                commands.push(written);
            }
            Err(refusal) => refusals.push((Some(place), refusal)),
        }
    }
    let Block { commands: above, below, .. } = part(text, situation.desk);
    refusals.extend(above.iter().chain(&below).take(1).map(|line| (None, in_the_text(line))));
    if refusals.is_empty() { Ok(commands) } else { Err(refusals) }
}

fn in_the_text(line: &CommandLine) -> Refusal {
    Refusal {
        line: shortened(&line.line, LONGEST_LINE_SHOWN),
        why: format!(
            "The line {} begins like a command, and would go out as it is. Use the form for that command, or write the \
             line otherwise.",
            quoted(&line.line)
        ),
        nearest: None,
        example: None,
    }
}

fn read(situation: &Situation<'_>, line: &CommandLine) -> Result<Written, Refusal> {
    match line.word {
        None => Err(unknown(situation, line)),
        Some(word) => match arguments::read(situation, word, line) {
            Ok(command) => Ok(Written { command, line: line.line.clone() }),
            Err(fault) => Err(arguments::refusal(situation, word, line, fault)),
        },
    }
}

fn unknown(situation: &Situation<'_>, line: &CommandLine) -> Refusal {
    let near = Word::nearest(&line.name);
    let word = near.and_then(|near| Word::read(near.split(' ').next().unwrap_or_default()));
    let example = word.unwrap_or(Word::Help);
    Refusal {
        line: shortened(&line.line, LONGEST_LINE_SHOWN),
        why: format!("There is no command {}.", quoted(&format!("#{}", line.name))),
        nearest: near.map(|near| format!("#{near}")),
        example: Some(help::example(situation.desk, example, situation.now)),
    }
}

fn not_at_the_top(situation: &Situation<'_>, line: &CommandLine) -> Refusal {
    let refusal = match line.word {
        Some(word) => {
            let why = "Commands stand in the first lines of a mail, above its text. Nothing of the mail was sent on, because these words may not be meant for the requester.";
            arguments::refusal(situation, word, line, Fault::new(why))
        }
        None => unknown(situation, line),
    };
    Refusal { example: None, ..refusal }
}

fn too_many(lines: &[CommandLine]) -> Refusal {
    let line = lines.get(MOST_COMMANDS).map(|line| shortened(&line.line, LONGEST_LINE_SHOWN)).unwrap_or_default();
    let why = format!("A mail may hold {MOST_COMMANDS} commands, and this one has {}.", lines.len());
    Refusal { line, why, nearest: None, example: None }
}

fn help_with_text(help: &Written) -> Refusal {
    Refusal {
        line: shortened(&help.line, LONGEST_LINE_SHOWN),
        why: "`#help` stands in a mail without further text, so that a question to us does not go to the requester."
            .to_owned(),
        nearest: None,
        example: Some("#help".to_owned()),
    }
}

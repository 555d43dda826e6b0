//! Commands that cannot stand in one mail.

use super::lookup::shortened;
use super::{Command, Refusal, Word, Written};

/// Groups of commands that contradict each other: none of the first stands with any of the second.
const APART: &[(&[Word], &[Word], &str)] = &[
    (
        &[Word::Resolve],
        &[
            Word::Update,
            Word::NextUpdate,
            Word::Pause,
            Word::Resume,
            Word::Waiting,
            Word::Assign,
            Word::Priority,
            Word::Escalate,
            Word::Accept,
        ],
        "one closes the case and the other goes on with it",
    ),
    (&[Word::Pause], &[Word::Resume], "one stops the clocks and the other lets them go on"),
    (&[Word::Pause], &[Word::NextUpdate], "a pause stops the updates; write the date as `#pause until DATE`"),
    (
        &[Word::Escalate],
        &[Word::Return, Word::Redirect, Word::Split, Word::Merge, Word::Pause, Word::For],
        "one makes more of the case and the other does something else with it",
    ),
    (&[Word::Waiting], &[Word::Pause, Word::Resume], "a case has one status"),
    (
        &[Word::Resolve, Word::Return, Word::Redirect, Word::Split, Word::Merge],
        &[Word::Resolve, Word::Return, Word::Redirect, Word::Split, Word::Merge],
        "each of them decides what becomes of the request",
    ),
    (
        &[Word::Accept, Word::For],
        &[Word::Accept, Word::For, Word::Return, Word::Redirect, Word::Split, Word::Merge],
        "each of them decides what becomes of the request",
    ),
    (
        &[Word::Return, Word::Redirect, Word::Merge],
        &[
            Word::Update,
            Word::NextUpdate,
            Word::Pause,
            Word::Resume,
            Word::Waiting,
            Word::Assign,
            Word::Priority,
            Word::Line,
            Word::Field,
        ],
        "behind the first there is no case for the second",
    ),
    (
        &[Word::Split],
        &[
            Word::Update,
            Word::NextUpdate,
            Word::Pause,
            Word::Resume,
            Word::Waiting,
            Word::Assign,
            Word::Priority,
            Word::Line,
            Word::Field,
        ],
        "behind the first there are two cases, and the second does not say which it means",
    ),
    (&[Word::For], &[Word::Resume], "a new case has no clocks that stand"),
];

/// One refusal for each two commands that contradict each other.
pub(super) fn conflicts(commands: &[Written]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (place, second) in commands.iter().enumerate() {
        for first in commands.iter().take(place) {
            if let Some(why) = contradiction(&first.command, &second.command) {
                let (a, b) = (first.command.word(), second.command.word());
                let line = format!("{} / {}", shortened(&first.line, 80), shortened(&second.line, 80));
                let why = if a == b {
                    format!("`#{a}` stands there twice: {why}.")
                } else {
                    format!("`#{a}` and `#{b}` cannot stand in one mail: {why}.")
                };
                refusals.push(Refusal { line, why, nearest: None, example: None });
            }
        }
    }
    refusals
}

/// Why the two contradict each other, if they do.
fn contradiction(a: &Command, b: &Command) -> Option<&'static str> {
    let (first, second) = (a.word(), b.word());
    let everybodys = |command: &Command| matches!(command, Command::AssignAll { .. });
    let case_less = |command: &Command| matches!(command, Command::Out { .. } | Command::Help);
    if first == second {
        let fields_differ = matches!((a, b), (Command::Field { id: a, .. }, Command::Field { id: b, .. }) if a != b);
        let repeats = fields_differ || matches!(first, Word::Note | Word::Opportunity);
        return (!repeats).then_some("write it once");
    }
    if (everybodys(a) && !case_less(b)) || (everybodys(b) && !case_less(a)) {
        return Some("one is about all cases of somebody, the other about one case");
    }
    if let (Command::Accept(Some(_)), Command::Line(_)) | (Command::Line(_), Command::Accept(Some(_))) = (a, b) {
        return Some("each of them names the line");
    }
    let apart = |(left, right, _): &&(&[Word], &[Word], &str)| {
        (left.contains(&first) && right.contains(&second)) || (left.contains(&second) && right.contains(&first))
    };
    APART.iter().find(apart).map(|(_, _, why)| *why)
}

//! Whether two clauses of a sentence ask the same of two lines: "on her A plan and on his B plan", "the A premium
//! drafted on the 3rd and the B premium drafted on the 10th".

use super::reading::Reading;
use super::sentences::Clause;
use std::collections::BTreeSet;

/// So many words before a line's name may belong to it: "one for Ann's".
const LEAD: usize = 3;
/// And so many behind: "plan", "policy too".
const TAIL: usize = 2;
/// Words of so many letters say what is asked.
const CONTENT: usize = 4;

/// Whether `second` goes on with what `first` asks, on its own line. Both name one line.
pub fn alike(first: (&Reading, &Clause), second: (&Reading, &Clause)) -> bool {
    let told = |reading: &Reading| reading.context || reading.done || reading.sub || reading.untouched;
    !told(first.0) && !told(second.0) && (lists_on(first, second) || repeats(first, second))
}

/// The second clause is a line's name and little else, and begins with the same kind of word.
fn lists_on(first: (&Reading, &Clause), second: (&Reading, &Clause)) -> bool {
    let (Some(at), Some(then)) = (&first.0.line_at, &second.0.line_at) else { return false };
    let lead = first.1.tokens.get(at.start.saturating_sub(LEAD)..at.start).unwrap_or_default();
    let Some(opening) = second.1.tokens.first().filter(|_| (1..=LEAD).contains(&then.start)) else { return false };
    let behind = second.1.tokens.len().saturating_sub(then.end);
    behind <= TAIL && lead.iter().any(|token| kind(&token.word) == kind(&opening.word))
}

/// Possessives are one kind of word; any other word is its own.
fn kind(word: &str) -> &str {
    match word {
        // `his` is folded to `hi`.
        "hi" | "his" | "her" | "their" | "my" => "their",
        other => other,
    }
}

/// Both clauses say the same of their lines: they share two words that are no names of lines.
fn repeats(first: (&Reading, &Clause), second: (&Reading, &Clause)) -> bool {
    let content = |(reading, clause): (&Reading, &Clause)| -> BTreeSet<String> {
        let outside = |at: &usize| reading.line_at.as_ref().is_none_or(|line| !line.contains(at));
        let words = clause.tokens.iter().enumerate().filter(|(at, _)| outside(at));
        words.map(|(_, token)| token.word.clone()).filter(|word| word.len() >= CONTENT).collect()
    };
    content(first).intersection(&content(second)).filter(|word| !HOLLOW.contains(&word.as_str())).count() >= 2
}

/// Words that stand in any clause about a policy.
const HOLLOW: &[&str] =
    &["plan", "policy", "coverage", "that", "this", "with", "from", "have", "been", "were", "please"];

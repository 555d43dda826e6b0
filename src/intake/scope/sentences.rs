//! Mail text to sentences, and sentences to clauses.
//!
//! A mail has hard-wrapped lines, bullets, lines without a full stop, abbreviations and capitals, so that neither line
//! ends nor full stops can be trusted alone.

use super::folding::{Token, tokens};

/// The most bytes of a text that are judged: what stands behind them is not read.
pub const READ_AT_MOST: usize = 40_000;

/// Nobody writes longer sentences; what is compared pairwise within one stays small on hostile text.
const SENTENCE_AT_MOST: usize = 200;
/// Nor longer clauses.
const CLAUSE_AT_MOST: usize = 60;

/// One sentence of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// As it was written, line ends as spaces.
    pub text: String,
    /// Whether it ends with a question mark.
    pub question: bool,
    /// Its parts, in order; none where it holds no word.
    pub clauses: Vec<Clause>,
}

/// How a clause follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The sentence's first.
    Start,
    /// After a comma, a dash, a bracket.
    Pause,
    /// `and`, `&`.
    And,
    /// `also`, `plus`, `additionally`.
    Also,
    /// `but`, `however`.
    But,
    /// `because`, `since`, `although`, `if`: a reason or a circumstance.
    Sub,
    /// `please`, `kindly`.
    Please,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// How it follows the one before.
    pub link: Link,
    /// Its words without the joining word.
    pub tokens: Vec<Token>,
}

/// The sentences of `text`.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut end = text.len().min(READ_AT_MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    paragraphs(text).iter().flat_map(|paragraph| split(paragraph)).filter(|s| !s.clauses.is_empty()).collect()
}

/// Lines that belong together, joined. Quoted lines are dropped.
fn paragraphs(text: &str) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut open = String::new();
    let mut last = 0;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('>') {
            continue;
        }
        if !open.is_empty() && !continues(&open, last, line) {
            done.push(std::mem::take(&mut open));
        }
        if line.is_empty() {
            continue;
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(line);
        last = line.chars().count();
    }
    done.push(open);
    done
}

/// Whether `line` goes on with what the line before it, `width` characters wide, began: a line that was wrapped.
fn continues(open: &str, width: usize, line: &str) -> bool {
    let Some(first) = line.chars().next() else { return false };
    if open.ends_with(['.', '!', '?', ':', ';']) || is_bullet(line) {
        return false;
    }
    first.is_lowercase() || width >= 55 || open.ends_with([',', '-', '–', '—'])
}

fn is_bullet(line: &str) -> bool {
    if line.starts_with(['-', '*', '•', '·', '–', '—', '+', '#']) {
        return true;
    }
    let rest = line.trim_start_matches('(').trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < line.len() && rest.starts_with([')', '.']);
    let lettered = line.len() > 2 && line.is_char_boundary(1) && line.get(1..2) == Some(")");
    numbered || lettered
}

/// Splits at full stops, question and exclamation marks that end a sentence.
fn split(paragraph: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut question = false;
    let mut words = 0;
    let mut chars = paragraph.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        question |= c == '?';
        words += usize::from(c.is_whitespace() || c.is_ascii_punctuation());
        let ends = match c {
            '?' | '!' | ';' => !matches!(next, Some('?' | '!' | '.')),
            '.' => full_stop(paragraph.get(start..at).unwrap_or_default(), next),
            _ => words >= SENTENCE_AT_MOST && c.is_whitespace(),
        } || words >= 2 * SENTENCE_AT_MOST;
        if ends {
            let end = at + c.len_utf8();
            found.push(sentence(paragraph.get(start..end).unwrap_or_default(), question));
            start = end;
            (question, words) = (false, 0);
        }
    }
    found.push(sentence(paragraph.get(start..).unwrap_or_default(), question));
    found
}

const ABBREVIATIONS: &[&str] = &[
    "dr", "mr", "mrs", "ms", "st", "jr", "sr", "no", "vs", "eff", "approx", "inc", "co", "corp", "dept", "ext", "apt",
    "ave", "mbr", "acct", "ref", "attn", "e.g", "i.e", "a.m", "p.m", "p.s", "rev", "est", "fwd", "tel", "ph", "pt",
    "gov",
];

/// Whether a full stop behind `before` ends a sentence.
fn full_stop(before: &str, next: Option<char>) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let abbreviation = {
        let lower = word.to_lowercase();
        let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
        initial || ABBREVIATIONS.contains(&lower.as_str())
    };
    match next {
        None => true,
        Some(c) if c.is_whitespace() => !abbreviation && !word.is_empty() && !word.ends_with('.'),
        // "card.Please": the space was forgotten. "38.90" and "example.com" go on.
        Some(c) => c.is_uppercase() && word.len() > 2 && word.ends_with(|l: char| l.is_lowercase()),
    }
}

fn sentence(text: &str, question: bool) -> Sentence {
    let text = text.trim();
    Sentence { text: text.to_owned(), question, clauses: clauses(tokens(text)) }
}

/// What the joining word `word` says, where it joins.
fn joining(word: &str) -> Option<Link> {
    Some(match word {
        "and" => Link::And,
        "also" | "additionally" | "plus" | "beside" | "furthermore" | "secondly" => Link::Also,
        "but" | "however" | "nevertheless" | "otherwise" => Link::But,
        "because" | "since" | "although" | "though" | "while" | "when" | "if" | "unless" | "until" | "whereas"
        | "cause" | "bc" | "till" | "after" | "once" => Link::Sub,
        "please" | "pls" | "pl" | "plz" | "plea" | "kindly" | "pleae" | "plese" | "pleas" => Link::Please,
        _ => return None,
    })
}

/// Whether a folded word begins a date: a month, a weekday, a number.
fn is_date(word: &str) -> bool {
    MONTHS_AND_DAYS.contains(&word) || word.starts_with(|c: char| c.is_ascii_digit())
}

/// Names of months and weekdays, folded. `may` is also a verb, which does not follow a word like `since`.
const MONTHS_AND_DAYS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Verbs that ask to be told: "tell the member when".
const INFORMS: &[&str] = &["tell", "inform", "notify", "advise", "ask", "know"];

/// Words behind which `if` and `when` open what is asked, not a circumstance: "check if", "know when".
const ASKED_NEXT: &[&str] = &[
    "check",
    "see",
    "know",
    "me",
    "u",
    "confirm",
    "ask",
    "advise",
    "verify",
    "wonder",
    "asking",
    "wondering",
    "sure",
    "out",
    "clarify",
    "tell",
    "exactly",
    "determine",
    "question",
    "like",
    "us",
    "on",
    "as",
    "to",
];

fn clauses(tokens: Vec<Token>) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    let mut open = Clause { link: Link::Start, tokens: Vec::new() };
    let mut before = String::new();
    let many = tokens.len();
    let mut tokens = tokens.into_iter().enumerate().peekable();
    while let Some((index, token)) = tokens.next() {
        let mut link = joining(&token.word);
        // "She has waited since August for her card": a point in time opens no clause.
        if matches!(token.word.as_str(), "since" | "until" | "till")
            && tokens.peek().is_some_and(|(_, next)| is_date(&next.word))
        {
            link = None;
        }
        let informs = open.tokens.iter().rev().take(4).any(|token| INFORMS.contains(&token.word.as_str()));
        let continues = ASKED_NEXT.contains(&before.as_str())
            || (informs && matches!(token.word.as_str(), "when" | "if"))
            || (index == 0 && token.word == "when");
        let since_then = before == "since" && token.word == "then";
        if since_then && open.link == Link::Sub && open.tokens.is_empty() {
            open.link = Link::Pause;
        }
        if link == Some(Link::Sub) && continues && !token.pause {
            link = None;
        }
        if let Some(link) = link {
            before.clone_from(&token.word);
            // ", and please": the first joining word tells how it follows.
            let keeps = open.link == Link::Also || (link == Link::Please && matches!(open.link, Link::And | Link::But));
            if !open.tokens.is_empty() {
                found.push(std::mem::replace(&mut open, Clause { link, tokens: Vec::new() }));
            } else if !keeps {
                open.link = link;
            }
            if link == Link::Please {
                open.tokens.push(token);
            }
            continue;
        }
        if (token.pause && !open.tokens.is_empty()) || open.tokens.len() >= CLAUSE_AT_MOST {
            found.push(std::mem::replace(&mut open, Clause { link: Link::Pause, tokens: Vec::new() }));
        }
        before.clone_from(&token.word);
        open.tokens.push(token);
    }
    if !open.tokens.is_empty() {
        found.push(open);
    }
    lone_circumstance(&mut found, many);
    found
}

/// A sentence that is one circumstance and nothing else says what it says: "Since March commission not paid".
fn lone_circumstance(clauses: &mut [Clause], words: usize) {
    if let [only] = clauses
        && only.link == Link::Sub
        && words > 0
    {
        only.link = Link::Start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        sentences(text).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn sentences_of_mail_text() {
        let table: &[(&str, &[&str])] = &[
            ("Card never came. Please send one!", &["Card never came.", "Please send one!"]),
            ("Dr. Osei billed $38.90 to J. Smith.", &["Dr. Osei billed $38.90 to J. Smith."]),
            ("card lost.Please send", &["card lost.", "Please send"]),
            ("- wrong DOB\n- wrong PCP", &["- wrong DOB", "- wrong PCP"]),
            ("her card\nnever came", &["her card never came"]),
            ("Short line\nAnother one", &["Short line", "Another one"]),
            ("> quoted words\nnew words", &["new words"]),
            (
                "the member has been waiting for her new identification card\nSince March and nothing came",
                &["the member has been waiting for her new identification card Since March and nothing came"],
            ),
            ("why???", &["why???"]),
            ("", &[]),
            (" \n\n--\n", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(texts(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn clauses_and_their_links() {
        let shape = |text: &str| {
            let all = sentences(text);
            let clauses = &all.first().expect("a sentence").clauses;
            clauses
                .iter()
                .map(|c| (c.link, c.tokens.iter().map(|t| t.word.as_str()).collect::<Vec<_>>().join(" ")))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shape("Not a question, but her card is lost because it rained"),
            [
                (Link::Start, "not a question".to_owned()),
                (Link::But, "her card is lost".to_owned()),
                (Link::Sub, "it rained".to_owned())
            ]
        );
        assert_eq!(shape("check if it came").len(), 1);
        assert_eq!(shape("Also please send it"), [(Link::Also, "please send it".to_owned())]);
        assert_eq!(shape("Since March nothing came"), [(Link::Start, "since march nothing came".to_owned())]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_without_losing_words(text in "\\PC{0,200}") {
            let words: usize = sentences(&text).iter().flat_map(|s| &s.clauses).map(|c| c.tokens.len()).sum();
            proptest::prop_assert!(words <= tokens(&text).len());
        }
    }
}

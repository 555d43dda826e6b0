//! What one line could be in a signature: how to reach the writer, a name, a title; or a sentence, which belongs in none.

use super::closing::{Closing, closing, device};
use super::labels::{LabelKind, label_kind};
use super::markers::RULE;
use super::pattern::{ADDRESS, LINK, PHONE, clip, pattern, words};
use regex::Regex;
use std::sync::LazyLock;

/// What was found out about a line, once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// Its label.
    pub label: LabelKind,
    /// It tells how to reach the writer, or the number of a licence.
    pub contact: bool,
    /// It reads like a sentence.
    pub sentence: bool,
    /// It could be a name, a title, a company or a motto: short and no sentence.
    pub short: bool,
    /// It could be a name or title and nothing else: capitalised, without digits.
    pub name: bool,
    /// It closes a letter.
    pub closing: Closing,
    /// A device or mail program added it.
    pub device: bool,
    /// What divides it from what stands above.
    pub rule: Rule,
}

/// Lines that divide a signature from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// It divides nothing.
    None,
    /// `-- `, `--`, `__`, `—`: the usual delimiter of a signature.
    Delimiter,
    /// `-----`, `_____`, `=====`: a line across the page, which people draw elsewhere too.
    Across,
}

/// Words that open a sentence and no name.
static OPENS_SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:please|pls|let|can|could|would|will|if|when|she|he|they|we|i|i'm|i've|it|it's|this|that|these|those|there|the|a|an|any|what|why|how|where|who|her|his|their|my|our|is|are|was|were|do|does|did|has|have|had|hi|hello|hey|dear|also|but|and|or|so|because|asap|not|no|yes|ok|okay|call|called|need|needs|see|still|just|on|in|at|for|to|from|member|note|however|as|per|id|attached|urgent|card|claim)\b",
    )
});

/// Words of a street, or a state with its ZIP code.
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i:^\W*\d+\s.{2,60}\b(?:street|st|avenue|ave|road|rd|suite|ste|blvd|boulevard|drive|dr|lane|ln|way|floor|highway|hwy|parkway|pkwy|court|ct|place|pl)\b)|\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?\s*(?:\||$|,|USA)|(?i:\bp\.?\s?o\.?\s+box\s+\d)",
    )
});

/// A licence or registration number with its name before it.
static LICENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:npn|license|licence|lic\.?|san|nmls|doi)\s*(?:no\.?|number|id|#)*\s*[:#]?\s*[a-z]{0,3}-?\d{4,}|@[a-z0-9_]{3,30}$|^\W*licensed\b",
    )
});

/// A number that names somebody (`H12345678`), unlabelled: seldom the writer's own.
static BARE_ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(?:^|\s)#?[a-z]{0,3}\d{6,}[a-z]?\d*(?:\s|$)"));

/// Mottos, links and requests that stand in signatures, sentences or not.
static PROMOTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)click here|(?:schedule|book)\s(?:a|an|your|time|now|appointment)|follow us|like us|referral|refer (?:a|your)|visit (?:us|our|my)|leave (?:us |me )?a review|how am i doing|licensed (?:in|insurance|agent|broker)|before printing|an? (?:equal|independent)|authorized (?:agent|broker)|all rights reserved|unsubscribe|mailing list",
    )
});

/// Reads a line, as `pattern::seen` gives it.
pub(super) fn traits(line: &str, whole: &str) -> Traits {
    let line = clip(line, 400).trim_matches(|c| matches!(c, '*' | ' '));
    let label = label_kind(line);
    let count = words(line);
    let long = whole.len() > 240 && count > 20;
    let first = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opens = OPENS_SENTENCE.is_match(first);
    let asks = line.ends_with(['?', '？']);
    let opens = opens && !is_titled(line);
    let promotion = PROMOTION.is_match(line);
    let means = PHONE.is_match(line) || ADDRESS.is_match(line) || LINK.is_match(line) || STREET.is_match(line);
    let named = LICENCE.is_match(line) || label == LabelKind::Contact;
    let stop = line.ends_with(['.', '!', '。']) && !ABBREVIATION.is_match(line);
    let divided = line.contains(['|', '•', '·']);
    let prose = asks || long || (opens && count >= 4) || (count >= 5 && stop) || (count >= 11 && !divided);
    let told = !prose || promotion || divided || named || is_bare_contact(line);
    let contact = !long && !asks && (means || named) && told;
    let sentence = prose && !contact && !promotion;
    let field = matches!(label, LabelKind::Form | LabelKind::StrongForm);
    let nameless = (BARE_ID.is_match(line) || (opens && count > 1)) && !contact;
    let short = !sentence && !asks && !field && line.chars().count() <= 90 && !nameless;
    let name = short
        && count <= 6
        && !stop
        && !line.ends_with([':', ','])
        && !opens
        && !line.chars().any(|c| c.is_ascii_digit())
        && (count == 1 || first.starts_with(|c: char| !c.is_lowercase()));
    Traits { label, contact, sentence, short, name, closing: closing(line), device: device(line), rule: rule(line) }
}

/// `The Doe Agency`, `An Independent Agency`: words that open a sentence, in a title, where all longer words are capitalised.
fn is_titled(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let article = words.next().is_some_and(|word| matches!(word, "The" | "A" | "An" | "Our" | "Your" | "For"));
    let mut longer = words.filter(|word| word.chars().count() > 3).peekable();
    article && longer.peek().is_some() && longer.all(|word| word.starts_with(|c: char| !c.is_lowercase()))
}

static ABBREVIATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:jr|sr|inc|ltd|llc|co|corp|ph\.?d|m\.?d|esq|p\.?c|ext|st|ave|rd|ste|dr|b\.?v|s\.?a|[a-z])\.$")
});

/// Whether a long line is nothing but contact: an address over a whole line, several numbers.
fn is_bare_contact(line: &str) -> bool {
    let rest = ADDRESS.replace_all(line, "");
    let rest = LINK.replace_all(&rest, "");
    let rest = PHONE.replace_all(&rest, "");
    STREET.is_match(line) && !OPENS_SENTENCE.is_match(line) || words(&rest) <= 4
}

fn rule(line: &str) -> Rule {
    match line {
        "--" | "__" | "—" | "–" | "—-" | "-—" | "––" | "- -" | "-- *" | "~~" => Rule::Delimiter,
        _ if RULE.is_match(line) => Rule::Across,
        _ => Rule::None,
    }
}

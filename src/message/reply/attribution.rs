//! The line above a quotation that says who wrote it and when: `On Mon, Jan 1, 2024 at 10:00 AM Jane <jane@example.com> wrote:`.
//!
//! Where an address stands in it, no language is needed: a date and a bracketed address that end in a colon are written by
//! programs only. Without an address, a verb of writing and a time of day are needed, and no word that only people use there.

use super::Line;
use super::closing::device;
use super::pattern::{ADDRESS, BRACKETED, DATE, TIME, clip, pattern, words};
use regex::Regex;
use std::sync::LazyLock;

/// Lines at most that such a line is wrapped over.
const WRAPPED: usize = 4;

/// "wrote" as the last word, by language.
const VERBS: &str = r"wrote|writes|schrieb|schrieben|geschrieben|a écrit|écrivait|a ecrit|écrit|a wrote|escribió|escribio|ha escrito|escreveu|ha scritto|scrive|schreef|heeft geschreven|
    napisał(?:\(a\)|/a|a)?|pisze|skrev|har skrivit|skriver|kirjoitti|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|написала?|написал\(а\)|пишет|пишешь|написав(?:\(ла\))?|пише|
    が書きました|さん(?:は)?書きました|のメール|のメッセージ|さんのメール|写道|寫道|님이 작성|님이 쓴 글|작성|yazdı|şunları yazdı|yazmış|írta|ezt írta|a scris|έγραψε(?:ν)?|đã viết|viết|napisao je|je napisal(?:a)?";

static VERB_LAST: LazyLock<Regex> = LazyLock::new(|| {
    let verbs = VERBS.split('\n').map(str::trim).collect::<String>();
    pattern(&format!(
        r"(?i)(?:^|[\s>)\]»」,]|\p{{Han}}|\p{{Hiragana}}|\p{{Katakana}}|\p{{Hangul}}|님)(?:{verbs})(?:\s\((?:időpont|a)[^)]*\))?[\s:：,]*$"
    ))
});

/// "wrote" between the date and the name, or before the date.
static VERB_WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\s(?:schrieb|schreef|skrev|scrisse|escribió|escreveu|napsal(?:\(a\)|a)?|napisał(?:\(a\)|a)?|kirjoitti|wrote on|schrieb am|a écrit le|написала?)\s",
    )
});

/// Words that stand where a person tells what somebody wrote, and never where a program does.
static PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bI\b|(?i:\b(?:she|he|they|we|my|our|her|his|their|your|the|this|that|which|who|and|because|member|agent|rep|representative|customer|client|caller|doctor|someone|somebody|nobody|wir|ich|elle|nous|ella|nosotros)\b)",
    )
});

/// The same, beside a bracketed address: a display name may hold any of the other words (`The Agent Desk <desk@example.com>`).
static PRONOUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bI\b|\b(?:she|he|they|we|who|which)\b"));

static FIRST_PERSONAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:i|we|she|he|they|please|pls|my|our|the|hi|hello|dear|can|could|as|per|this|that|if|when|for|effective|member|see)\b",
    )
});

/// Text behind the colon on the same line: mail that lost its line ends.
static RUN_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W{0,3}(?:on|am|le|el|em|il|op|den|dnia|w dniu|dne)\s.{4,120}\d.{0,160}(?:<|&lt;)[^\s<>]+@[^\s<>]+(?:>|&gt;)\s{0,2}(?:wrote|a écrit|escribió|escreveu|ha scritto|skrev|napisał(?:\(a\))?)\s?:\s\S",
    )
});

/// Whether a line can be the last one of such a header: cheap, so that nothing else is asked of most lines.
pub(super) fn may_end(line: &str) -> bool {
    let end = line.trim_end_matches(['-', '*', '_', ' ', '—']);
    line.len() <= 500 && (end.ends_with([':', '：']) || VERB_LAST.is_match(end))
}

/// How many lines from `start` on are such a header, if any. `quoted_next` tells whether the line at an index is quoted by its
/// marks.
pub(super) fn attribution(lines: &[Line<'_>], start: usize, quoted_next: impl Fn(usize) -> bool) -> Option<usize> {
    let mut joined = String::new();
    for (count, line) in lines.iter().enumerate().skip(start).take(WRAPPED) {
        // A bracket that is still open may be closed at the start of a line: `<jane@example.com` and then `>:`.
        let open = joined.rfind('<') > joined.rfind('>');
        if line.is_blank() || (count > start && ((line.depth > 0 && !open) || joined.len() > 400)) {
            return None;
        }
        if count == start && device(&line.seen) {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(&line.seen);
        let taken = count + 1 - start;
        if line.may_end_attribution && says_who_wrote(&joined, quoted_next(count + 1)) {
            return (taken == 1 || !begins_later(lines, start, count + 1, quoted_next(count + 1))).then_some(taken);
        }
        if taken == 1 && joined.contains('@') && RUN_ON.is_match(&joined) {
            return Some(1);
        }
    }
    None
}

/// How programs open such a header: a preposition, a day, a number.
static OPENS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W{0,3}(?:on|am|le|el|em|il|in data|op|den|dnia|w dniu|dne|în|pe|în data|vào|στις|\d|mon|tue|wed|thu|fri|sat|sun)\b|^\W{0,3}\d",
    )
});

/// Whether the header really begins below `start`: the lines above are a person's own (a sentence that ended, or words without a digit or
/// a bracket), and the rest is a header by itself.
fn begins_later(lines: &[Line<'_>], start: usize, end: usize, quoted_next: bool) -> bool {
    let Some(first) = lines.get(start) else { return false };
    let own = !first.seen.contains(|c: char| c.is_ascii_digit() || c == '<') && !first.seen.ends_with(',');
    let ended = first.seen.ends_with(['.', '!', '?']) && words(&first.seen) > 3;
    if ended {
        return true;
    }
    (start + 1..end).any(|later| {
        let rest = lines.get(later..end).unwrap_or_default();
        let joined = rest.iter().map(|line| line.seen.as_str()).collect::<Vec<_>>().join(" ");
        let opens = OPENS.is_match(&joined) && !OPENS.is_match(&first.seen);
        ((own && later == start + 1) || opens) && says_who_wrote(&joined, quoted_next)
    })
}

/// Whether one line, unwrapped, is such a header.
fn says_who_wrote(line: &str, quoted_next: bool) -> bool {
    let line =
        line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '_' | '—' | '–' | '>' | '.' | '"'));
    let line = clip(line, 500);
    // A trimmed bracket is an address's own.
    let colon = line.ends_with([':', '：']);
    if words(line) > 45 || FIRST_PERSONAL.is_match(line) {
        return false;
    }
    let verb = VERB_LAST.is_match(line);
    if !colon && !verb {
        return false;
    }
    let digits = line.bytes().any(|byte| byte.is_ascii_digit());
    let dated = TIME.is_match(line) || DATE.is_match(line);
    let bare = without_addresses(line);
    let personal = if BRACKETED.is_match(line) { PRONOUN.is_match(&bare) } else { PERSONAL.is_match(&bare) };
    if line.contains('@') && (BRACKETED.is_match(line) || ADDRESS.is_match(line)) {
        return with_address(line, colon, verb, digits, dated, personal, quoted_next);
    }
    if !colon {
        return false;
    }
    let written = verb || VERB_WITHIN.is_match(line);
    if quoted_next {
        let begins = line.split_whitespace().take(3).any(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
        return (written && (digits || words(line) <= 6)) || (dated && begins && words(line) <= 16);
    }
    if colon && digits && YOU_WROTE.is_match(line) && DATE.is_match(line) {
        return true;
    }
    written
        && !personal
        && words(line) <= 24
        && TIME.is_match(line)
        && (verb || line.contains('/') || !line.contains(" wrote on "))
}

/// `On November 26, 2013 you wrote:` quotes us, also in a person's own hand.
static YOU_WROTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^on\s[^.!?]{4,40}\d{4},?(?: at [\d: apm.]{3,12},?)? you wrote:$"));

fn with_address(
    line: &str,
    colon: bool,
    verb: bool,
    digits: bool,
    dated: bool,
    personal: bool,
    quoted_next: bool,
) -> bool {
    if personal && !quoted_next {
        return false;
    }
    if verb && (digits || (colon && words(line) <= 10)) {
        return true;
    }
    if !colon || !(BRACKETED.is_match(line) || quoted_next) {
        return false;
    }
    if VERB_WITHIN.is_match(line) && digits {
        return true;
    }
    // No verb that we know: the date, or name and address, must open the line, as programs write it.
    let first_digit = line.split_whitespace().position(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
    let address = line.split_whitespace().position(|word| word.contains('@'));
    dated && (first_digit.is_some_and(|at| at <= 5) || address.is_some_and(|at| at <= 6))
}

fn without_addresses(line: &str) -> String {
    ADDRESS.replace_all(line, " ").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_say_who_wrote() {
        for line in [
            "On Mon, Apr 2, 2012 at 6:26 PM, Megan One <xxx@gmail.com> wrote:",
            "On Apr 3, 2012, at 4:19 PM, bob wrote:",
            "On 04/02/2012 06:26 PM, Megan One wrote:",
            "Am So., 1. Jan. 2023 um 17:22 Uhr schrieb John Doe <noreply@example.com>:",
            "Am 14.01.2024 um 10:00 schrieb Hans Mueller:",
            "Le lun. 15 nov. 2021 à 19:42, John - Acme <john@acme.example.com> a écrit :",
            "El lun, 1 ene 2024 a las 10:00, Ana (<ana@example.com>) escribió:",
            "Em seg., 1 de jan. de 2024 às 10:00, Ana <ana@example.com> escreveu:",
            "Il giorno lun 1 gen 2024 alle ore 10:00 Ana <ana@example.com> ha scritto:",
            "Op ma 1 jan 2024 om 10:00 schreef Ana <ana@example.com>:",
            "pon., 1 sty 2024 o 10:00 Ana <ana@example.com> napisał(a):",
            "Den mån 1 jan. 2024 kl 10:00 skrev Ana <ana@example.com>:",
            "Den 24. nov. 2025 kl. 10.00 skrev Peter Petersen <peter@example.com>:",
            "man. 1. jan. 2024 kl. 10:00 skrev Ana <ana@example.com>:",
            "ma 1. tammik. 2024 klo 10.00 Ana (ana@example.com) kirjoitti:",
            "po 1. 1. 2024 v 10:00 odesílatel Ana <ana@example.com> napsal:",
            "пн, 1 янв. 2024 г. в 10:00, Ana <ana@example.com>:",
            "2024年1月1日(月) 10:00 Ana <ana@example.com>:",
            "Ana <ana@example.com> 于2024年1月1日周一 10:00写道：",
            "2024년 1월 1일 (월) 오전 10:00, Ana <ana@example.com>님이 작성:",
            "Ana <ana@example.com>, 1 Oca 2024 Pzt, 10:00 tarihinde şunu yazdı:",
            "Ana <ana@example.com> ezt írta (időpont: 2024. jan. 1., H, 10:00):",
            "În lun., 1 ian. 2024 la 10:00, Ana <ana@example.com> a scris:",
            "Στις Δευ 1 Ιαν 2024 στις 10:00 π.μ., ο χρήστης Ana <ana@example.com> έγραψε:",
            "Vào Th 2, 1 thg 1, 2024 vào lúc 10:00 Ana <ana@example.com> đã viết:",
            "---- On Wed, 24 Feb 2021 14:02:50 +0530 john@example.com wrote ----",
            "On Wed, 14 Nov 2018 08:14:43 -0200 John Doe <john@example.com> wrote",
            "On Monday, January 1st, 2024 at 10:00 AM, Ana <ana@proton.example> wrote:",
        ] {
            assert!(says_who_wrote(line, false), "{line}");
        }
    }

    #[test]
    fn people_tell_what_was_written() {
        for line in [
            "On Monday she wrote to us:",
            "On 1/5/2024 at 3:15 PM the rep wrote:",
            "On Monday, 01/05/2024 at 9:00 she wrote:",
            "He called at 10:15 and wrote:",
            "I emailed you on 1/5/2024 at 3:15 PM from <jane@example.com>:",
            "On 11/02/2026 I emailed jane@example.com and she wrote:",
            "Something wrote:",
            "Her doctor wrote:",
            "Effective 01/01/2026:",
            "Date of birth 01/02/1950:",
        ] {
            assert!(!says_who_wrote(line, false), "{line}");
        }
    }
}

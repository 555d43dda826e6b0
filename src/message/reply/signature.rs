//! Finds signatures in what is not quoted: below a delimiter, below a closing, or bare at the end.

use super::closing::{Closing, device, gives_thanks};
use super::disclaimer::mark_disclaimers;
use super::labels::{LabelKind, is_form};
use super::markers::RULE;
use super::pattern::{pattern, words};
use super::signature_line::{Rule, Traits, traits};
use super::{Class, Line};
use crate::message::lines::LineMark;
use regex::Regex;
use std::sync::LazyLock;

/// Lines, counted from the end, within which a signature may begin.
const REACH: usize = 60;
/// Lines of a signature at most, without boilerplate.
const LONGEST: usize = 30;

/// Gives every line of a signature its class; `from` is the first line below the banners.
///
/// Where nothing would be left, nothing is a signature: then the words that look like one are what the sender had to say. Above a
/// quotation that holds for bare thanks only: a mail that was only forwarded has the sender's signature and no words.
pub(super) fn mark_signatures(lines: &[Line<'_>], classes: &mut [Class], from: usize) {
    let mut boilerplate = vec![false; lines.len()];
    mark_disclaimers(lines, &mut boilerplate);
    let mut found = vec![false; lines.len()];
    let mut start = from;
    while let Some(end) = next_segment(classes, &mut start) {
        let last = !lines.get(end..).unwrap_or_default().iter().any(|line| !line.is_blank());
        mark_segment(lines, (start, end), &boilerplate, last || ends_talk(lines, classes, end), &mut found);
        start = end;
    }
    give_back(lines, classes, &boilerplate, &mut found);
    for (class, signature) in classes.iter_mut().zip(&found) {
        if *signature && *class == Class::New {
            *class = Class::Signature;
        }
    }
}

/// The next run of lines that are not quoted: moves `start` to its first line, returns the line after its last.
fn next_segment(classes: &[Class], start: &mut usize) -> Option<usize> {
    let rest = classes.get(*start..)?;
    *start += rest.iter().position(|class| *class == Class::New)?;
    let length = classes.get(*start..)?.iter().take_while(|class| **class == Class::New).count();
    Some(*start + length)
}

/// Whether the quotation that begins at `end` has a header of its own (so that what stands above is a whole letter), not only marks, as
/// the quotations between inline answers have.
fn ends_talk(lines: &[Line<'_>], classes: &[Class], end: usize) -> bool {
    let headed = lines.get(end).is_some_and(|line| line.depth == 0 || line.seen.ends_with(':'));
    headed || !classes.get(end..).unwrap_or_default().contains(&Class::New)
}

fn mark_segment(lines: &[Line<'_>], range: (usize, usize), boilerplate: &[bool], whole: bool, found: &mut [bool]) {
    // The writer's own lines, the last ones, without blank ones and boilerplate.
    let mut own: Vec<(usize, Traits)> = Vec::new();
    let mut taken = range.1;
    for at in (range.0..range.1).rev() {
        let Some(line) = lines.get(at) else { continue };
        if boilerplate.get(at) == Some(&true) {
            mark(found, at, at + 1);
        } else if !line.is_blank() && own.len() < REACH {
            own.push((at, traits(&line.seen, line.text)));
        }
    }
    own.reverse();
    mark_known(lines, &own, found);
    if !whole {
        return;
    }
    // Once more for what is left: a signature above a signature, as phones make them.
    for _ in 0..4 {
        own.retain(|(at, _)| *at < taken && found.get(*at) != Some(&true));
        let Some(start) = delimited(lines, &own).or_else(|| bare(lines, &own)) else { break };
        mark(found, start, range.1);
        taken = start;
    }
    mark_names_above(lines, &own, found);
}

fn mark(found: &mut [bool], start: usize, end: usize) {
    found.iter_mut().take(end).skip(start).for_each(|mark| *mark = true);
}

/// Device lines, and lines that the renderer found in a signature, unless these are a form.
fn mark_known(lines: &[Line<'_>], own: &[(usize, Traits)], found: &mut [bool]) {
    let hinted = |at: &usize| lines.get(*at).is_some_and(|line| line.mark == LineMark::Signature);
    let kinds: Vec<LabelKind> = own.iter().filter(|(at, _)| hinted(at)).map(|(_, traits)| traits.label).collect();
    let form = is_form(kinds.iter());
    for (at, traits) in own {
        if traits.device || (hinted(at) && !form) {
            mark(found, *at, *at + 1);
        }
    }
}

/// The earliest delimiter or closing below which all reads like a signature.
fn delimited(lines: &[Line<'_>], own: &[(usize, Traits)]) -> Option<usize> {
    let hit = own.iter().enumerate().find(|(index, (at, traits))| {
        let tail = own.get(index + 1..).unwrap_or_default();
        let above = lines.get(at.wrapping_sub(1)).is_none_or(Line::is_blank);
        match (traits.rule, traits.closing) {
            (Rule::Delimiter, _) => below_delimiter(lines, *at, tail),
            (Rule::Across, _) => tail.is_empty() || below_rule(lines, tail),
            (Rule::None, Closing::Words) => below_closing(lines, *at, tail),
            (Rule::None, Closing::Named) => {
                tail.iter().all(|(_, line)| line.contact || line.device || line.name) && (above || tail.is_empty())
            }
            (Rule::None, Closing::None) => {
                (initialled(lines, *at) && tail.iter().all(|(_, line)| line.contact || line.device))
                    || below_trailing_closing(lines, own, *index)
            }
        }
    });
    hit.map(|(_, (at, _))| *at)
}

/// A name below a line that ends with thanks (`Please advise. Thanks`), with names and contact below it.
fn below_trailing_closing(lines: &[Line<'_>], own: &[(usize, Traits)], index: usize) -> bool {
    static TRAILING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[.!?,]\s*(?:thanks|thank you|many thanks|thx|(?:best |kind )?regards)(?: so much| again| in advance)?[\s,.!]*$",
        )
    });
    let above = index.checked_sub(1).and_then(|above| own.get(above)).and_then(|(at, _)| lines.get(*at));
    let rest = own.get(index..).unwrap_or_default();
    above.is_some_and(|line| TRAILING.is_match(&line.seen))
        && rest.len() <= 8
        && rest.first().is_some_and(|(at, traits)| traits.name || is_name_list(lines, *at))
        && rest.iter().all(|(_, traits)| traits.short || traits.contact || traits.device)
        && !labels_of(rest)
}

fn labels_of(tail: &[(usize, Traits)]) -> bool {
    let kinds: Vec<LabelKind> = tail.iter().map(|(_, traits)| traits.label).collect();
    is_form(kinds.iter())
}

/// Below a delimiter anything short goes that is no form, and does not begin as a letter does. Below the delimiter as mail programs
/// write it (RFC 3676, section 4.3: two dashes and a space) sentences go too, as long as nothing is asked there.
fn below_delimiter(lines: &[Line<'_>], at: usize, tail: &[(usize, Traits)]) -> bool {
    if tail.len() > LONGEST || labels_of(tail) {
        return false;
    }
    if lines.get(at).is_some_and(|line| line.text.trim_end_matches('\r') == "-- ") {
        return !tail.iter().any(|(at, _)| lines.get(*at).is_some_and(|line| line.seen.ends_with('?')));
    }
    let sentences = tail.iter().filter(|(_, traits)| traits.sentence).count();
    let opens = tail.first().is_some_and(|(at, traits)| {
        traits.sentence && (tail.len() > 1 || lines.get(*at).is_some_and(|line| line.seen.ends_with(['.', '?', '!'])))
    });
    sentences <= 1 && !opens
}

/// Below a line across the page there must be contact, and no form.
fn below_rule(lines: &[Line<'_>], tail: &[(usize, Traits)]) -> bool {
    let contacts = tail.iter().filter(|(_, traits)| traits.contact).count();
    let plain = tail.iter().all(|(_, traits)| traits.short || traits.contact || traits.rule != Rule::None);
    let listed =
        tail.first().and_then(|(at, _)| lines.get(*at)).is_some_and(|line| line.seen.ends_with("mailing list"));
    tail.len() <= LONGEST
        && !labels_of(tail)
        && plain
        && (contacts >= 2 || (contacts == 1 && tail.len() <= 4) || listed)
}

/// Below a closing stand names, titles and contact, and no sentence.
fn below_closing(lines: &[Line<'_>], at: usize, tail: &[(usize, Traits)]) -> bool {
    let Some((first, name)) = tail.iter().find(|(_, traits)| traits.rule == Rule::None) else {
        return true;
    };
    let ruled = tail.first().is_some_and(|(_, traits)| traits.rule != Rule::None);
    let plain = tail.iter().all(|(at, traits)| {
        let asks = lines.get(*at).is_some_and(|line| line.seen.ends_with('?'));
        (ruled && !asks) || (!traits.sentence && (traits.short || traits.contact || traits.rule != Rule::None))
    });
    // A closing is at the end of a letter: what follows is a block, or has contact in it.
    let contacts = tail.iter().filter(|(_, traits)| traits.contact).count();
    let near = first - at <= 4;
    let opens = name.name || name.contact || name.closing != Closing::None || is_name_list(lines, *first);
    tail.len() <= LONGEST && !labels_of(tail) && plain && near && opens && (tail.len() <= 6 || contacts >= 1)
}

/// `Jane Doe, CLU` or `Jane Doe, Licensed Agent`: a name with what follows names.
fn is_name_list(lines: &[Line<'_>], at: usize) -> bool {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\W*\p{Lu}[\p{L}'.-]+(?: \p{Lu}[\p{L}'.-]*){0,3}\s?[,|–—-]\s?\p{Lu}.{0,60}[^?!]$"));
    let parted = |line: &Line<'_>| line.seen.contains([',', '|', '–', '—', '-']);
    lines.get(at).is_some_and(|line| parted(line) && words(&line.seen) <= 10 && NAME.is_match(&line.seen))
}

/// `-Jane`, `- Jane Doe`, `/Jane`, `~ Jane` alone, below a blank line.
fn initialled(lines: &[Line<'_>], at: usize) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:[-–—~]{1,2} ?|/)\p{Lu}[\p{L}'.]*(?: (?:\p{Lu}[\p{L}'.]*|de|van|der|den|von|la|del|di|da|dos)){0,3}$",
        )
    });
    let apart = at.checked_sub(1).and_then(|above| lines.get(above)).is_none_or(Line::is_blank);
    let marked = |line: &Line<'_>| line.seen.starts_with(['-', '–', '—', '~', '/']);
    apart && lines.get(at).is_some_and(|line| marked(line) && NAME.is_match(&line.seen))
}

/// A signature without delimiter: the last paragraphs, where all lines are short, no field of a form, and two tell how to reach the
/// writer. The first paragraph may be a name and title alone.
fn bare(lines: &[Line<'_>], own: &[(usize, Traits)]) -> Option<usize> {
    let mut start = None;
    let mut contacts = 0;
    let mut taken = 0;
    for paragraph in paragraphs(lines, own).iter().rev() {
        let own_contacts = paragraph.iter().filter(|(_, traits)| traits.contact).count();
        let fits = paragraph.iter().all(|(at, traits)| {
            let signed = traits.short || traits.contact || is_name_list(lines, *at);
            let field = matches!(traits.label, LabelKind::Form | LabelKind::StrongForm);
            (signed || RULE.is_match(lines.get(*at).map_or("", |line| &line.seen))) && !field && !traits.sentence
        });
        let names =
            paragraph.len() <= 3 && paragraph.iter().all(|(at, traits)| traits.name || is_name_list(lines, *at));
        let small = own_contacts > 0 || names;
        taken += paragraph.len();
        if !fits || !small || taken > LONGEST {
            break;
        }
        contacts += own_contacts;
        start = paragraph.first().map(|(at, _)| *at);
        if names && own_contacts == 0 && contacts > 0 {
            break;
        }
    }
    start.filter(|start| contacts >= 2 && signs(lines, own, *start)).or_else(|| bare_below_sentence(lines, own))
}

/// The same within the last paragraph: a name right below the end of a sentence, and contact below it.
fn bare_below_sentence(lines: &[Line<'_>], own: &[(usize, Traits)]) -> Option<usize> {
    let fits = own.iter().rev().take_while(|(_, traits)| traits.short || traits.contact).count().min(12);
    let first = own.len() - fits;
    let start = (first.max(1)..own.len()).find(|index| {
        let (Some((above, _)), Some((at, traits))) = (own.get(index - 1), own.get(*index)) else { return false };
        let ended = lines.get(*above).is_some_and(|line| line.seen.ends_with(['.', '!', '?']));
        ended && (traits.name || is_name_list(lines, *at))
    })?;
    let block = own.get(start..)?;
    let contacts = block.iter().filter(|(_, traits)| traits.contact).count();
    let (at, _) = block.first()?;
    (contacts >= 2 && !labels_of(block) && signs(lines, own, *at)).then_some(*at)
}

/// Whether the block at `start` begins with a name, and the text above it does not announce it: what is announced is not the writer's own
/// contact but somebody's that the text is about.
fn signs(lines: &[Line<'_>], own: &[(usize, Traits)], start: usize) -> bool {
    static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[:：]$|\b(?:below|following|as follows|here is|here's|here are|contact info(?:rmation)?|address is|moved to)\b[^.]{0,30}\.?$",
        )
    });
    let named = own.iter().any(|(at, traits)| *at == start && (traits.name || is_name_list(lines, *at)));
    let above = own.iter().rev().find(|(at, _)| *at < start).and_then(|(at, _)| lines.get(*at));
    named && !above.is_some_and(|line| ANNOUNCES.is_match(&line.seen))
}

/// The lines in paragraphs: parted where a blank line stands in the text.
fn paragraphs<'a>(lines: &[Line<'_>], own: &'a [(usize, Traits)]) -> Vec<&'a [(usize, Traits)]> {
    own.chunk_by(|(above, _), (below, _)| !lines.get(*above..*below).is_some_and(|gap| gap.iter().any(Line::is_blank)))
        .collect()
}

/// A name right above a line that a device added, apart from the text.
fn mark_names_above(lines: &[Line<'_>], own: &[(usize, Traits)], found: &mut [bool]) {
    let Some((at, traits)) = own.last() else { return };
    let apart = at.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(Line::is_blank);
    let below = found.get(at + 1) == Some(&true) && lines.get(at + 1).is_some_and(|line| !line.is_blank());
    let several = words(lines.get(*at).map_or("", |line| &line.seen)) >= 2;
    if traits.name && apart && below && several && own.len() > 1 {
        mark(found, *at, *at + 1);
    }
}

/// Takes signatures back where nothing would be left.
///
/// Thanks in a paragraph of their own are words, with a signature below them. Else all is taken back, but not above a quotation.
fn give_back(lines: &[Line<'_>], classes: &[Class], boilerplate: &[bool], found: &mut [bool]) {
    let new = |at: usize| classes.get(at) == Some(&Class::New) && lines.get(at).is_some_and(|line| !line.is_blank());
    if (0..lines.len()).any(|at| new(at) && found.get(at) != Some(&true)) {
        return;
    }
    // What a device added is never what the sender had to say.
    let written = |at: usize| new(at) && !lines.get(at).is_some_and(|line| device(&line.seen));
    let mut own: Vec<usize> =
        (0..lines.len()).filter(|at| written(*at) && boilerplate.get(*at) != Some(&true)).collect();
    let quoted = classes.contains(&Class::Quoted);
    if own.is_empty() && !quoted {
        own = (0..lines.len()).filter(|at| written(*at)).collect();
    }
    let first = own.first().copied().unwrap_or_default();
    if lines.get(first).is_some_and(|line| gives_thanks(&line.seen)) {
        let length = lines.iter().skip(first).take_while(|line| !line.is_blank()).count();
        let thanks: Vec<usize> = own.iter().copied().filter(|at| *at < first + length).collect();
        let contact = |at: &usize| lines.get(*at).is_some_and(|line| traits(&line.seen, line.text).contact);
        if !thanks.iter().any(contact) {
            own = thanks;
        } else if quoted {
            return;
        }
    } else if quoted {
        return;
    }
    for at in own {
        if let Some(mark) = found.get_mut(at) {
            *mark = false;
        }
    }
}

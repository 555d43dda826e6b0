//! Which member of staff is meant by a name.

use super::Situation;
use super::lookup::{Fault, address, listed, plain, quoted, trimmed};
use crate::address::EmailAddress;
use crate::desk::Staff;
use crate::strict;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name of more words is no name.
const MOST_WORDS: usize = 8;

/// Who gets what: one case, or all open cases of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub to: EmailAddress,
    pub all_from: Option<EmailAddress>,
}

/// Reads `NAME`, `NAME all from OTHER` or `all from OTHER to NAME`.
pub(super) fn assignment(situation: &Situation<'_>, text: &str) -> Result<Assignment, Fault> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let Some((first, behind)) = all_from(&tokens) else {
        return Ok(Assignment { to: find(situation, text)?.email.clone(), all_from: None });
    };
    let before = tokens.get(..first).unwrap_or_default();
    let after = tokens.get(behind..).unwrap_or_default();
    let (to, from) = match after.iter().position(|token| token.eq_ignore_ascii_case("to")) {
        Some(place) if before.is_empty() => {
            (after.get(place + 1..).unwrap_or_default(), after.get(..place).unwrap_or_default())
        }
        _ => (before, after),
    };
    let from = from.strip_suffix(&["cases"]).unwrap_or(from).join(" ");
    let from = from.strip_suffix("'s").or_else(|| from.strip_suffix("\u{2019}s")).unwrap_or(&from);
    let to =
        find(situation, &to.join(" ")).map_err(|fault| fault.told_as_part(|near| format!("{near} all from {from}")))?;
    let from =
        find(situation, from).map_err(|fault| fault.told_as_part(|near| format!("{} all from {near}", to.name)))?;
    if to.email == from.email {
        return Err(Fault::new(format!("All cases of {} would go to the same person.", to.name)));
    }
    Ok(Assignment { to: to.email.clone(), all_from: Some(from.email.clone()) })
}

/// Where `all from` begins and ends in `tokens`.
fn all_from(tokens: &[&str]) -> Option<(usize, usize)> {
    let is = |place: usize, words: &[&str]| {
        tokens.get(place).is_some_and(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)))
    };
    (0..tokens.len()).find_map(|place| {
        let next = if is(place + 1, &["cases"]) { place + 2 } else { place + 1 };
        (is(place, &["all", "everything"]) && is(next, &["from", "of"])).then_some((place, next + 1))
    })
}

/// The one member of staff called `text`: `me`, their address, their whole name in either order, or so many words or
/// beginnings of words of it that nobody else is meant.
pub(super) fn find<'a>(situation: &Situation<'a>, text: &str) -> Result<&'a Staff, Fault> {
    let desk = situation.desk;
    let text = text.strip_prefix("to ").or_else(|| text.strip_prefix("To ")).unwrap_or(text);
    let text = text.trim().strip_prefix('@').unwrap_or(text.trim());
    if let Some((address, name)) = address(text)? {
        let found = desk.staff_member(&address);
        let fits = |staff: &&Staff| name.as_ref().is_none_or(|name| fitting(&desk.staff, name).contains(staff));
        return match found {
            Some(staff) if fits(&staff) => Ok(staff),
            Some(staff) => Err(Fault::new(format!("The address is that of {}, and the name is another.", staff.name))),
            None => Err(Fault::new(format!("{} is no address of this desk's staff.", quoted(&address.to_string())))
                .near(strict::nearest(
                    &address.key(),
                    desk.staff.iter().map(|staff| staff.email.key()).collect::<Vec<_>>().iter().map(String::as_str),
                ))),
        };
    }
    if ["me", "myself"].contains(&plain(trimmed(text)).as_str()) {
        return Ok(situation.sender);
    }
    match fitting(&desk.staff, text).as_slice() {
        [staff] => Ok(staff),
        [] => Err(nobody(&desk.staff, text)),
        several => Err(ambiguous(several, text)),
    }
}

/// Everybody whom `text` may mean, by the strictest way of comparing that finds anybody.
fn fitting<'a>(staff: &'a [Staff], text: &str) -> Vec<&'a Staff> {
    let wanted = words(trimmed(text));
    if wanted.is_empty() || wanted.len() > MOST_WORDS {
        return Vec::new();
    }
    let joined = wanted.concat();
    let whole = |known: &[String]| {
        known == wanted || (wanted.len() == known.len() && known.iter().all(|word| wanted.contains(word)))
    };
    let some = |known: &[String]| wanted.iter().all(|word| known.contains(word));
    let starts = |known: &[String]| wanted.iter().any(|word| word.chars().count() > 1) && begins(&wanted, known);
    let ways: [&dyn Fn(&Staff) -> bool; 4] = [
        &|staff| whole(&words(&staff.name)),
        &|staff| words(staff.email.local()).concat() == joined,
        &|staff| some(&words(&staff.name)),
        &|staff| starts(&words(&staff.name)),
    ];
    let by = |way: &&dyn Fn(&Staff) -> bool| staff.iter().filter(|staff| way(staff)).collect::<Vec<_>>();
    ways.iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whether each of `wanted` begins a word of `known`, no word counted twice.
fn begins(wanted: &[String], known: &[String]) -> bool {
    let mut free: Vec<&String> = known.iter().collect();
    wanted.iter().all(|word| {
        let place = free.iter().position(|other| other == &word);
        let place = place.or_else(|| free.iter().position(|other| other.starts_with(word.as_str())));
        place.map(|place| free.swap_remove(place)).is_some()
    })
}

/// The words of a name, folded, without accents: not every keyboard has them.
fn words(name: &str) -> Vec<String> {
    let bare: String = plain(name).nfd().filter(|c| !is_combining_mark(*c)).collect();
    let bare = bare.replace('\'', "");
    bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn nobody(staff: &[Staff], text: &str) -> Fault {
    if trimmed(text).is_empty() {
        return Fault::new("The name of the colleague is missing.");
    }
    let wanted = words(text).join(" ");
    let names: Vec<(String, &str)> = staff
        .iter()
        .flat_map(|staff| {
            let words = words(&staff.name);
            let whole = words.join(" ");
            words.into_iter().chain([whole]).map(|word| (word, staff.name.as_str()))
        })
        .collect();
    let near = strict::nearest(&wanted, names.iter().map(|(word, _)| word.as_str()));
    let near = near.and_then(|near| names.iter().find(|(word, _)| word == near)).map(|(_, name)| *name);
    Fault::new(format!("Nobody among this desk's staff is called {}.", quoted(trimmed(text)))).near(near)
}

fn ambiguous(several: &[&Staff], text: &str) -> Fault {
    let same = |staff: &Staff| several.iter().filter(|other| words(&other.name) == words(&staff.name)).count() > 1;
    let called: Vec<String> =
        several.iter().map(|staff| if same(staff) { staff.email.to_string() } else { staff.name.clone() }).collect();
    Fault::new(format!("{} may be {}.", quoted(trimmed(text)), listed(&called).replace(" and ", " or ")))
}

//! Named groups of words, `[scope.groups]`: a phrase writes `{name}` where any of the group's words may stand.

use super::keys;
use super::reader::Section;
use crate::strict;
use std::collections::BTreeMap;
use toml::Spanned;

/// The groups of a words file and of the desk; where both have a name, the desk's group counts.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Name to its words as a phrase writes them: `a|b_c`.
    words: BTreeMap<String, String>,
}

impl Groups {
    /// Reads the groups of both files; `desk` and `base` are their top tables.
    pub(super) fn of(desk: &Section<'_>, base: Option<&Section<'_>>) -> Self {
        let mut groups = Self::default();
        if let Some(base) = base {
            groups.read(&base.table("scope", &keys::WORDS_SCOPE));
        }
        groups.read(&desk.table("scope", &keys::SCOPE));
        groups
    }

    fn read(&mut self, scope: &Section<'_>) {
        for (name, words) in scope.lists("groups") {
            let key = format!("groups.{}", name.get_ref());
            if !name.get_ref().bytes().all(|c| c.is_ascii_lowercase() || c == b'_' || c.is_ascii_digit()) {
                let reason = format!("`{}` cannot be the name of a group", name.get_ref());
                scope.fault(name.span(), &key, reason, "write it in small letters, digits and `_`");
            }
            if words.is_empty() {
                scope.fault(name.span(), &key, "the group has no words", "add its words, or remove the group");
            }
            for word in words.iter().filter(|word| word.get_ref().contains(['{', '}', '|', '*'])) {
                let reason = format!("`{}` is no word: a group holds words alone", word.get_ref());
                scope.fault(word.span(), &key, reason, "write each word by itself, without `{`, `|` or `*`");
            }
            let joined: Vec<String> =
                words.iter().map(|w| w.get_ref().split_whitespace().collect::<Vec<_>>().join("_")).collect();
            self.words.insert(name.into_inner(), joined.join("|"));
        }
    }

    /// `phrase` with the words of each group in the place of its name; an unknown name stands for nothing.
    pub(super) fn expand(&self, phrase: &str) -> String {
        let mut text = String::with_capacity(phrase.len());
        for piece in pieces(phrase) {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Group(name) => text.push_str(self.words.get(name).map_or("", String::as_str)),
                Piece::Open => {}
            }
        }
        text
    }

    /// Notes what is wrong with the groups that `phrase` names.
    pub(super) fn check(&self, section: &Section<'_>, key: &str, phrase: &Spanned<String>) {
        let known: Vec<&str> = self.words.keys().map(String::as_str).collect();
        for piece in pieces(phrase.get_ref()) {
            match piece {
                Piece::Group(name) if !self.words.contains_key(name) => {
                    let remedy = strict::suggestion(name, &known);
                    section.fault(phrase.span(), key, format!("there is no group `{name}`"), remedy);
                }
                Piece::Open => {
                    let reason = format!("a bracket stands alone in `{}`", phrase.get_ref());
                    section.fault(phrase.span(), key, reason, "write a group as `{name}`");
                }
                Piece::Group(_) | Piece::Text(_) => {}
            }
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    Group(&'a str),
    /// A bracket without its partner.
    Open,
}

fn pieces(phrase: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = phrase;
    while let Some((plain, behind)) = rest.split_once('{') {
        found.push(Piece::Text(plain));
        match behind.split_once('}') {
            Some((name, after)) => {
                found.push(Piece::Group(name));
                rest = after;
            }
            None => {
                found.push(Piece::Open);
                rest = behind;
            }
        }
    }
    if rest.contains('}') {
        found.push(Piece::Open);
    }
    found.push(Piece::Text(rest));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_stand_for_their_words() {
        let words = BTreeMap::from([("card".to_owned(), "card|id_card".to_owned())]);
        let groups = Groups { words };
        for (phrase, expected) in [
            ("lost * {card}", "lost * card|id_card"),
            ("letter|{card} lost", "letter|card|id_card lost"),
            ("plain words", "plain words"),
            ("{unknown} lost", " lost"),
            ("{card", "card"),
        ] {
            assert_eq!(groups.expand(phrase), expected, "{phrase:?}");
        }
    }
}

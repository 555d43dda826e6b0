//! Message ids as threads are made of them (RFC 5322, section 3.6.4), without angle brackets.

use super::encoded_words;

/// Ids kept of one field at most: the root and the newest matter.
const MOST: usize = 500;

/// Every id in `value`, in order. Where no brackets stand, words with an `@` are taken.
///
/// Encoded words (RFC 2047) may not stand in an id, and some programs put a long one into them all the same, because it
/// does not fit their lines: Python's `email` does.
pub(super) fn all(value: &str) -> Vec<String> {
    let decoded = if value.contains("=?") { encoded_words::decode(value) } else { String::new() };
    let value = if decoded.is_empty() { value } else { decoded.as_str() };
    let mut found: Vec<String> = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((id, tail)) = after.split_once('>') else { break };
        // An opening bracket inside means that the first was never closed.
        let id: String = id.rsplit('<').next().unwrap_or(id).split_whitespace().collect();
        if !id.is_empty() && found.len() < MOST {
            found.push(id);
        }
        rest = tail;
    }
    if found.is_empty() {
        let bare = value.split(|c: char| c.is_whitespace() || c == ',').map(|w| w.trim_matches(['<', '>', '"', ';']));
        found.extend(bare.filter(|w| w.contains('@') && w.len() > 2).take(MOST).map(str::to_owned));
    }
    found
}

/// The first id in `value`; a lone word without an `@` is one too, since some programs make such ids.
pub(super) fn first(value: &str) -> Option<String> {
    let lone = || {
        let word = value.trim().trim_matches(['<', '>']);
        (!word.is_empty() && !word.contains(char::is_whitespace)).then(|| word.to_owned())
    };
    all(value).into_iter().next().or_else(lone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read() {
        for (value, ids) in [
            ("<a@x> <b@y>\t<c@z>", vec!["a@x", "b@y", "c@z"]),
            ("\"Jo\" message of Monday <a@x>", vec!["a@x"]),
            ("a@x, b@y", vec!["a@x", "b@y"]),
            ("<a@\r\n x>", vec!["a@x"]),
            ("<a@x", vec!["a@x"]),
            (
                "=?utf-8?q?=3Cmc1=2Ea=2Eb?=\r\n =?utf-8?q?=2Ec=40x=2Eexample=3E?= <d@y>",
                vec!["mc1.a.b.c@x.example", "d@y"],
            ),
            ("", vec![]),
        ] {
            assert_eq!(all(value), ids, "{value:?}");
        }
        assert_eq!(first("<odd>").as_deref(), Some("odd"));
        assert_eq!(first("odd").as_deref(), Some("odd"));
    }
}

//! Where a desk points its requesters besides: words of its own at the end of a mail.

use super::keys;
use super::reader::Section;
use crate::words::Template;
use std::collections::BTreeMap;

/// Markdown by the mail that it stands in.
pub type Pointers = BTreeMap<Template, String>;

/// `[pointers]`: a text for each mail to requesters that has one.
pub(super) fn pointers(desk: &Section<'_>) -> Pointers {
    let section = desk.table("pointers", &keys::POINTERS);
    let text = |key: &&str| Some((Template::from_word(key)?, section.prose(key)?.into_inner()));
    keys::POINTERS.keys.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::keys::POINTERS;
    use crate::words::Template;

    #[test]
    fn each_key_is_a_mail_to_requesters() {
        for key in POINTERS.keys {
            assert!(Template::from_word(key).is_some_and(Template::is_outward), "{key}");
        }
    }
}

//! The subject that all mail of a case bears, on a desk whose requesters write what they like into theirs.

use super::keys;
use super::reader::Section;
use super::{Desk, Field};

/// Names in braces of one part.
fn names(part: &str) -> impl Iterator<Item = &str> {
    part.split('{').skip(1).filter_map(|behind| behind.split_once('}').map(|(name, _)| name))
}

/// Checks `[subject] mail`: every name in braces is `type`, `priority` or a field's id.
pub(super) fn check(desk: &Section<'_>, fields: &[Field]) {
    let section = desk.table("subject", &keys::SUBJECT);
    let Some(mail) = section.text("mail") else { return };
    let known: Vec<&str> =
        ["type", "priority"].into_iter().chain(fields.iter().map(|field| field.id.as_str())).collect();
    for name in names(mail.get_ref()).filter(|name| !known.contains(name)) {
        let remedy = crate::strict::suggestion(name, &known);
        section.fault(mail.span(), "mail", format!("there is no field `{name}` to name in a subject"), remedy);
    }
}

impl Desk {
    /// The subject of a case's mail, without the tag, with what `value` gives for each name in braces. A part between bars
    /// of which a name is not given is left out. `None`: the desk has none, or nothing of it is known.
    pub fn mail_subject(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let filled = |part: &str| -> Option<String> {
            let mut text = part.trim().to_owned();
            for name in names(part) {
                text = text.replace(&format!("{{{name}}}"), &value(name)?);
            }
            Some(text)
        };
        let parts: Vec<String> = self.subject.mail.as_ref()?.split('|').filter_map(filled).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Whether the subject of a case's mail tells no member data, whatever is filled in.
    pub fn mail_subject_is_open(&self) -> bool {
        // Names of types and priorities are the desk's own words, whatever the field is called in which they stand.
        let open =
            |name: &str| matches!(name, "type" | "priority") || self.field(name).is_none_or(|field| !field.private);
        self.subject.mail.as_ref().is_some_and(|mail| names(mail).all(open))
    }
}

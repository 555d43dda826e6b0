//! The part of a policy about what is needed only sometimes: fields of one type, and one of several fields.

use super::keys;
use super::reader::Section;
use super::{Field, IssueTypes, Priorities};
use toml::Spanned;

/// When something is needed. All of the lists that are not empty must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The request's type is one of these.
    pub types: Vec<String>,
    /// Its priority is one of these.
    pub priorities: Vec<String>,
    /// One of these fields is given.
    pub given: Vec<String>,
}

/// At least one of several fields is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOf {
    /// The id in reasons: `consumer`.
    pub id: String,
    /// How mails call what is missing: `Consumer name or Person ID`.
    pub label: String,
    /// The fields, by id.
    pub fields: Vec<String>,
    /// When it is needed; `None`: always.
    pub when: Option<When>,
    /// When it is not.
    pub unless: Option<When>,
    /// What a good value is.
    pub hint: Option<String>,
}

impl When {
    /// The type, where it is one alone.
    pub fn only_type(&self) -> Option<&str> {
        match self.types.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it holds for a request of this type and priority in which the fields that `given` knows are given.
    pub fn holds(&self, kind: Option<&str>, priority: Option<&str>, given: impl Fn(&str) -> bool) -> bool {
        let is =
            |list: &[String], word: Option<&str>| list.is_empty() || word.is_some_and(|w| list.iter().any(|l| l == w));
        is(&self.types, kind)
            && is(&self.priorities, priority)
            && (self.given.is_empty() || self.given.iter().any(|id| given(id)))
    }
}

/// What `when` and `unless` of fields and of `[[one_of]]` may name, checked once all is read.
pub(super) struct Named<'a> {
    pub(super) types: &'a IssueTypes,
    pub(super) priorities: &'a Priorities,
    pub(super) fields: &'a [Field],
}

impl Named<'_> {
    /// The condition under `key`.
    pub(super) fn when(&self, section: &Section<'_>, key: &str) -> Option<When> {
        if !section.has(key) {
            return None;
        }
        let table = section.table(key, &keys::WHEN);
        let types: Vec<&str> = self.types.list.iter().map(|kind| kind.id.as_str()).collect();
        let levels: Vec<&str> = self.priorities.list.iter().map(|level| level.id.as_str()).collect();
        let fields: Vec<&str> = self.fields.iter().map(|field| field.id.as_str()).collect();
        Some(When {
            types: all_known(&table, "type", &types, "type"),
            priorities: all_known(&table, "priority", &levels, "priority"),
            given: all_known(&table, "given", &fields, "field"),
        })
    }

    /// Sets `when` of each field, which is read before the types are.
    pub(super) fn of_fields(&self, desk: &Section<'_>) -> Vec<(String, When)> {
        let sections = desk.tables("field", &keys::FIELD);
        let when = |section: &Section<'_>| Some((section.text("id")?.into_inner(), self.when(section, "when")?));
        sections.iter().filter_map(when).collect()
    }

    /// `[[one_of]]`
    pub(super) fn one_of(&self, desk: &Section<'_>) -> Vec<OneOf> {
        let sections = desk.tables("one_of", &keys::ONE_OF);
        sections.iter().filter_map(|section| self.one(section)).collect()
    }

    fn one(&self, section: &Section<'_>) -> Option<OneOf> {
        let (id, label) = (section.id(), section.required_text("label", "\"…\""));
        let known_fields: Vec<&str> = self.fields.iter().map(|field| field.id.as_str()).collect();
        if let Some(id) = id.as_ref().filter(|id| known_fields.contains(&id.get_ref().as_str())) {
            let reason = format!("`{}` is the id of a field", id.get_ref());
            section.fault(id.span(), "id", reason, "give it an id of its own");
        }
        let fields = all_known(section, "fields", &known_fields, "field");
        if fields.len() < 2 {
            let reason = "fewer than two fields are named";
            section.fault(section.place("fields"), "fields", reason, "name the fields of which one is enough");
        }
        Some(OneOf {
            id: id?.into_inner(),
            label: label?.into_inner(),
            fields,
            when: self.when(section, "when"),
            unless: self.when(section, "unless"),
            hint: section.text("hint").map(Spanned::into_inner),
        })
    }
}

fn all_known(section: &Section<'_>, key: &str, ids: &[&str], what: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in section.texts(key) {
        if ids.contains(&word.get_ref().as_str()) {
            found.push(word.into_inner());
        } else {
            let remedy = crate::strict::suggestion(word.get_ref(), ids);
            section.fault(word.span(), key, format!("there is no {what} with the id `{}`", word.get_ref()), remedy);
        }
    }
    found
}

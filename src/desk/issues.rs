//! The part of a policy about one issue in one mail, and about who is associated with what it is about.

use super::groups::Groups;
use super::reader::Section;
use super::roster::read;
use super::vocabulary::check_phrase;
use super::{Field, keys};
use crate::address::EmailAddress;
use crate::words::fold::fold;
use std::collections::BTreeSet;
use toml::Spanned;

/// How many issues one mail may hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issues {
    /// Whether a mail with a second issue is returned.
    pub one: bool,
    /// Fields of which a second value, behind a label, is a second issue; by id.
    pub by: Vec<String>,
    /// Phrases that begin another issue: `second issue`.
    pub phrases: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
}

/// Who may ask about which case of the organisation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Associations {
    /// Whether there is a roster: without one, only what the sender says is known.
    pub listed: bool,
    /// Who is associated with what: the address's key, the identity and the case, each squeezed to letters and digits.
    pub known: BTreeSet<(String, String, String)>,
    /// The field that bears the requester's identity.
    pub id_field: Option<String>,
    /// The fields that bear what is asked about; one that the roster knows is enough.
    pub case_fields: Vec<String>,
    /// Phrases by which senders say that they are not associated.
    pub phrases: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
    /// What whoever is not associated is told; Markdown.
    pub guidance: Option<String>,
}

impl Associations {
    /// Whether the roster pairs the sender, their identity and what they ask about.
    pub fn holds(&self, sender: &EmailAddress, id: &str, case: &str) -> bool {
        self.known.contains(&(sender.key(), squeezed(id), squeezed(case)))
    }
}

/// Letters and digits alone, in capitals; leading zeros do not matter.
pub(super) fn squeezed(text: &str) -> String {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    bare.trim_start_matches('0').to_owned()
}

fn phrases(section: &Section<'_>, key: &str, groups: &Groups) -> Vec<String> {
    let phrases = section.texts(key);
    for phrase in &phrases {
        check_phrase(section, key, phrase, groups);
    }
    phrases.iter().map(|phrase| fold(&groups.expand(phrase.get_ref()))).collect()
}

/// `[issues]`
pub(super) fn issues(desk: &Section<'_>, fields: &[Field], groups: &Groups) -> Issues {
    let section = desk.table("issues", &keys::ISSUES);
    let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
    Issues {
        one: section.flag("one").unwrap_or(false),
        by: super::needs::all_known(&section, "by", &ids, "field"),
        phrases: phrases(&section, "phrases", groups),
        except: phrases(&section, "except", groups),
    }
}

/// `[associations]`
pub(super) fn associations(desk: &Section<'_>, fields: &[Field], groups: &Groups) -> Associations {
    let section = desk.table("associations", &keys::ASSOCIATIONS);
    let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
    let id_field = super::issue_types::known(&section, "id_field", &ids, "field");
    let case_fields = super::needs::all_known(&section, "case_fields", &ids, "field");
    let guidance = section.prose("guidance").map(Spanned::into_inner);
    if desk.has("associations") && guidance.is_none() {
        let reason = "no `guidance`: whoever is not associated would not learn what to do";
        section.fault(section.span.clone(), "guidance", reason, "add guidance = \"…\"");
    }
    let roster = section.text("roster");
    if roster.is_some() && (id_field.is_none() || case_fields.is_empty()) {
        let reason = "a roster is given, and not which fields it is compared with";
        section.fault(section.place("roster"), "roster", reason, "add id_field = \"…\" and case_fields = [\"…\"]");
    }
    Associations {
        listed: roster.is_some(),
        known: roster.map(|file| read(&section, &file)).unwrap_or_default(),
        id_field,
        case_fields,
        phrases: phrases(&section, "phrases", groups),
        except: phrases(&section, "except", groups),
        guidance,
    }
}

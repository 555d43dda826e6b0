//! The part of a policy about personal data: what counts as such, whether any of it may leave, and who is warned.

use super::reader::Section;
use super::{Field, FieldRole, keys};

/// What counts as personal data, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privacy {
    /// Social security numbers.
    pub ssn: bool,
    /// Birth dates.
    pub birth_date: bool,
    /// The member's name.
    pub member_name: bool,
    /// Fields whose values are personal, by id.
    pub fields: Vec<String>,
    /// Whether no mail to a requester bears member data, to colleagues inside neither.
    pub is_plain: bool,
    /// Whether a sender is told who wrote personal data that was not asked for.
    pub warns: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { ssn: true, birth_date: true, member_name: false, fields: Vec::new(), is_plain: false, warns: false }
    }
}

/// The kinds that are not fields.
const KINDS: &[&str] = &["ssn", "birth_date", "member_name"];

/// `[privacy]`
pub(super) fn privacy(desk: &Section<'_>, fields: &[Field]) -> Privacy {
    let section = desk.table("privacy", &keys::PRIVACY);
    let known: Vec<&str> = KINDS.iter().copied().chain(fields.iter().map(|field| field.id.as_str())).collect();
    let kinds = super::needs::all_known(&section, "pii", &known, "kind of personal data, and no field,");
    let standard = Privacy::default();
    let is_named = |kind: &str, usual: bool| if section.has("pii") { kinds.iter().any(|k| k == kind) } else { usual };
    Privacy {
        ssn: is_named("ssn", standard.ssn),
        birth_date: is_named("birth_date", standard.birth_date),
        member_name: is_named("member_name", standard.member_name),
        fields: kinds.iter().filter(|kind| !KINDS.contains(&kind.as_str())).cloned().collect(),
        is_plain: section.one_of("outgoing", &[("by_side", false), ("plain", true)]).unwrap_or(false),
        warns: section.flag("warn").unwrap_or(false),
    }
}

/// `[duplicate] by`: the groups of fields that identify a member; where none is named, the field with the role `member_id`.
pub(super) fn identified_by(desk: &Section<'_>, fields: &[Field]) -> Vec<Vec<String>> {
    let section = desk.table("duplicate", &keys::DUPLICATE);
    let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
    if section.has("by") {
        let groups = section.groups("by").into_iter().map(|group| {
            let known = group.into_iter().filter(|word| {
                let is_known = ids.contains(&word.get_ref().as_str());
                if !is_known {
                    let remedy = crate::strict::suggestion(word.get_ref(), &ids);
                    let reason = format!("there is no field with the id `{}`", word.get_ref());
                    section.fault(word.span(), "by", reason, remedy);
                }
                is_known
            });
            known.map(toml::Spanned::into_inner).collect()
        });
        return groups.collect();
    }
    let member_id = fields.iter().find(|field| field.role == FieldRole::MemberId);
    member_id.map(|field| vec![field.id.clone()]).into_iter().collect()
}

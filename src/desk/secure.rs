//! The secure way to people outside: what a policy says of it, read strictly, and which way leads to whom.

use super::Desk;
use super::general::header_field;
use super::identity::domain;
use super::keys;
use super::reader::Section;
use crate::address::EmailAddress;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// How external partners read what has content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secure {
    /// The way.
    pub way: SecureWay,
    /// Whether even automatic mail goes the secure way (`automatic = "secure"`).
    pub automatic_secure: bool,
    /// Whether partners need a code from an authenticator app besides their passphrase (`portal_codes = true`).
    pub portal_codes: bool,
    /// Partners with a way of their own.
    pub partners: Vec<Partner>,
}

/// A domain, its subdomains included, to which another way leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its domain, lower case.
    pub domain: String,
    /// The way there.
    pub way: SecureWay,
}

/// The secure way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecureWay {
    /// Not configured: such mail waits.
    #[default]
    None,
    /// The portal.
    Portal,
    /// The organisation's gateway, and what tells it.
    Gateway(GatewayMark),
}

/// What tells the organisation's gateway that a mail goes through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayMark {
    /// A header field.
    Header {
        /// Its name.
        name: String,
        /// Its value: printable ASCII, so that it goes out as it is written.
        value: String,
    },
    /// A tag in the subject.
    SubjectTag {
        /// The tag, with its brackets where it has some.
        tag: String,
        /// Where it stands.
        position: TagPosition,
    },
}

/// Where in the subject a tag stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagPosition {
    /// Before everything else.
    #[default]
    Beginning,
    /// Behind everything else.
    End,
}

impl GatewayMark {
    /// The subject that bears the tag, once; with a header, the subject as it is.
    pub fn marked_subject(&self, subject: &str) -> String {
        let Self::SubjectTag { tag, position } = self else { return subject.to_owned() };
        let is_tag = |at: Option<&str>| at.is_some_and(|text| text.eq_ignore_ascii_case(tag));
        let there = match position {
            TagPosition::Beginning => is_tag(subject.get(..tag.len())),
            TagPosition::End => is_tag(subject.len().checked_sub(tag.len()).and_then(|from| subject.get(from..))),
        };
        match (there, position) {
            (true, _) => subject.to_owned(),
            (false, TagPosition::Beginning) => format!("{tag} {subject}"),
            (false, TagPosition::End) => format!("{subject} {tag}"),
        }
    }
}

impl Desk {
    /// The secure way to `address`: that of the nearest partner's domain above it, else the desk's.
    pub fn secure_way(&self, address: &EmailAddress) -> &SecureWay {
        let fits = self.secure.partners.iter().filter(|partner| address.within(&partner.domain));
        fits.max_by_key(|partner| partner.domain.len()).map_or(&self.secure.way, |partner| &partner.way)
    }

    /// Whether a way of this desk leads to the portal.
    pub fn has_portal(&self) -> bool {
        let ways = std::iter::once(&self.secure.way).chain(self.secure.partners.iter().map(|partner| &partner.way));
        self.portal.is_some() && ways.into_iter().any(|way| *way == SecureWay::Portal)
    }

    /// Every gateway mark that the policy names.
    pub fn gateway_marks(&self) -> impl Iterator<Item = &GatewayMark> {
        let ways = std::iter::once(&self.secure.way).chain(self.secure.partners.iter().map(|partner| &partner.way));
        ways.filter_map(|way| match way {
            SecureWay::Gateway(mark) => Some(mark),
            SecureWay::None | SecureWay::Portal => None,
        })
    }
}

impl Secure {
    /// The tags that gateways look for in subjects: what comes back with one is read without it.
    pub(super) fn subject_tags(&self) -> Vec<String> {
        let ways = std::iter::once(&self.way).chain(self.partners.iter().map(|partner| &partner.way));
        let tags = ways.filter_map(|way| match way {
            SecureWay::Gateway(GatewayMark::SubjectTag { tag, .. }) => Some(tag.clone()),
            _ => None,
        });
        tags.collect()
    }
}

/// How external partners read what has content.
pub(super) fn secure(desk: &Section<'_>) -> Secure {
    let section = desk.table("secure", &keys::SECURE);
    let automatic = section.one_of("automatic", &[("plain", false), ("secure", true)]).unwrap_or(false);
    let own = way(&section, None);
    let inherited = match &own {
        SecureWay::Gateway(mark) => Some(mark),
        SecureWay::None | SecureWay::Portal => None,
    };
    let mut partners: Vec<Partner> = Vec::new();
    for partner in section.tables("partner", &keys::SECURE_PARTNER) {
        let written = partner.required_text("domain", "\"partner.example\"");
        if !partner.has("way") {
            partner.missing("way", "\"gateway\"");
        }
        let way = way(&partner, inherited);
        let Some(written) = written else { continue };
        let Some(domain) = domain(&partner, "domain", &written) else { continue };
        if partners.iter().any(|other| other.domain == domain) {
            let reason = format!("the partner `{domain}` is there already");
            partner.fault(written.span(), "domain", reason, "keep one of the two");
        }
        partners.push(Partner { domain, way });
    }
    let portal_codes = section.flag("portal_codes").unwrap_or(false);
    let has_portal = own == SecureWay::Portal || partners.iter().any(|partner| partner.way == SecureWay::Portal);
    if portal_codes && !has_portal {
        let reason = "no way leads to the portal, so that nobody is asked for a code";
        section.fault(
            section.place("portal_codes"),
            "portal_codes",
            reason,
            "write way = \"portal\", or remove the key",
        );
    }
    Secure { way: own, automatic_secure: automatic, portal_codes, partners }
}

/// The way that a table names. A partner may use the desk's own mark, `inherited`.
fn way(section: &Section<'_>, inherited: Option<&GatewayMark>) -> SecureWay {
    const WAYS: &[(&str, &str)] = &[("none", "none"), ("portal", "portal"), ("gateway", "gateway")];
    let way = section.one_of("way", WAYS).unwrap_or("none");
    let (header, tag) = (section.text("gateway_header"), section.text("gateway_subject_tag"));
    let positions = [("beginning", TagPosition::Beginning), ("end", TagPosition::End)];
    let position = section.one_of("gateway_tag_position", &positions);
    if tag.is_none() && section.has("gateway_tag_position") {
        let reason = "there is no `gateway_subject_tag` whose position this could be";
        section.fault(section.place("gateway_tag_position"), "gateway_tag_position", reason, "remove the key");
    }
    if way != "gateway" {
        for (key, value) in [("gateway_header", &header), ("gateway_subject_tag", &tag)] {
            if let Some(value) = value {
                let reason = format!("`{key}` says nothing while way = \"{way}\"");
                section.fault(value.span(), key, reason, "write way = \"gateway\", or remove the key");
            }
        }
    }
    let has_header = header.is_some();
    let header = header.and_then(|header| gateway_header(section, &header));
    match (way, header, tag) {
        ("portal", ..) => SecureWay::Portal,
        ("gateway", Some(_), Some(tag)) => {
            let reason = "both `gateway_header` and `gateway_subject_tag` are given";
            section.fault(tag.span(), "gateway_subject_tag", reason, "keep the one that the gateway looks at");
            SecureWay::None
        }
        ("gateway", Some(mark), None) => SecureWay::Gateway(mark),
        ("gateway", None, Some(tag)) if !has_header => {
            let position = position.unwrap_or_default();
            subject_tag(section, &tag, position).map_or(SecureWay::None, SecureWay::Gateway)
        }
        ("gateway", None, None) if !has_header => match inherited {
            Some(mark) => SecureWay::Gateway(mark.clone()),
            None => {
                let reason = "way = \"gateway\" needs the header or tag that tells the gateway";
                let remedy = "add gateway_header = \"Name: value\" or gateway_subject_tag = \"[secure]\"";
                section.fault(section.span.clone(), "gateway_header", reason, remedy);
                SecureWay::None
            }
        },
        _ => SecureWay::None,
    }
}

/// Header fields that mail has anyway, or that say something of its way, by how they begin.
const TAKEN: [&str; 26] = [
    "apparently-",
    "arc-",
    "authentication-results",
    "auto-submitted",
    "bcc",
    "cc",
    "content-",
    "date",
    "disposition-notification",
    "dkim-",
    "domainkey-",
    "errors-to",
    "from",
    "in-reply-to",
    "list-",
    "message-id",
    "mime-version",
    "precedence",
    "received",
    "references",
    "reply-to",
    "resent-",
    "return-",
    "sender",
    "subject",
    "to",
];
/// Further such beginnings, of fields that begin with `X-`.
const TAKEN_X: [&str; 2] = ["x-auto-response-suppress", "x-mailclerk-"];

/// A header that goes out as it is written, once, and means nothing else.
fn gateway_header(section: &Section<'_>, text: &Spanned<String>) -> Option<GatewayMark> {
    let (name, value) = header_field(section, "gateway_header", text)?;
    let lower = name.to_ascii_lowercase();
    let taken = TAKEN.iter().chain(&TAKEN_X).any(|taken| match taken.strip_suffix('-') {
        Some(_) => lower.starts_with(taken),
        None => lower == *taken || (taken.starts_with("disposition") && lower.starts_with(taken)),
    });
    let (reason, remedy) = if taken {
        ("every mail has this header field, or it says something else", "write the field that the gateway looks at")
    } else if !value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) || value.contains("=?") {
        ("the value could not go out as it is written", "write printable ASCII without `=?`")
    } else if name.len() + value.len() > 200 {
        ("the header is too long", "write at most 200 characters")
    } else {
        return Some(GatewayMark::Header { name, value });
    };
    section.fault(text.span(), "gateway_header", reason, remedy);
    None
}

/// A tag that goes out as it is written, and is known when it comes back.
fn subject_tag(section: &Section<'_>, text: &Spanned<String>, position: TagPosition) -> Option<GatewayMark> {
    let tag = text.get_ref();
    let letters = tag.chars().filter(char::is_ascii_alphanumeric).count();
    let fits = tag.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) && !tag.contains("=?");
    if !fits || letters < 2 || tag.len() > 40 {
        let remedy = "write at most 40 printable ASCII characters with two letters: \"[secure]\"";
        section.fault(text.span(), "gateway_subject_tag", format!("`{tag}` cannot be told from a subject"), remedy);
        return None;
    }
    Some(GatewayMark::SubjectTag { tag: tag.clone(), position })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_bears_the_tag_once() {
        let mark = |position| GatewayMark::SubjectTag { tag: "[secure]".into(), position };
        for (position, subject, marked) in [
            (TagPosition::Beginning, "[AB-1]", "[secure] [AB-1]"),
            (TagPosition::End, "[AB-1]", "[AB-1] [secure]"),
            (TagPosition::Beginning, "[SECURE] [AB-1]", "[SECURE] [AB-1]"),
            (TagPosition::End, "[AB-1] [Secure]", "[AB-1] [Secure]"),
            (TagPosition::End, "é", "é [secure]"),
            (TagPosition::Beginning, "ééééééé", "[secure] ééééééé"),
        ] {
            assert_eq!(mark(position).marked_subject(subject), marked);
            assert_eq!(mark(position).marked_subject(marked), marked);
        }
        let header = GatewayMark::Header { name: "X-Encrypt".into(), value: "yes".into() };
        assert_eq!(header.marked_subject("x"), "x");
    }
}

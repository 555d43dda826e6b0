//! An email address, parsed once (RFC 5321, section 4.1.2, without source routes).

use std::fmt;

/// An address of the form `local@domain`. The domain is kept in lower case; the local part as written.
///
/// Two addresses are equal when they reach the same mailbox as far as anyone outside can tell: the local part is
/// compared without regard to case, as every large provider does, although RFC 5321 leaves it to the host.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(into = "String")]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `@` with something on both sides.
    #[error("an address has the form name@example.com")]
    Shape,
    /// A control character, a space or an angle bracket stands in it.
    #[error("an address holds no spaces, brackets or control characters")]
    Character,
    /// Longer than RFC 5321, section 4.5.3.1 allows (254 octets in all).
    #[error("an address has at most 254 octets")]
    Length,
}

impl EmailAddress {
    /// Reads `text` as an address; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(AddressError::Length);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Shape)?;
        if local.is_empty() || domain.is_empty() || domain.starts_with('.') || domain.ends_with('.') {
            return Err(AddressError::Shape);
        }
        let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
        let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';');
        let bad_local = |c: char| c.is_control() || (!quoted && (bad(c) || matches!(c, '(' | ')' | '"')));
        if local.chars().any(bad_local) || domain.chars().any(|c| bad(c) || matches!(c, '(' | ')' | '"' | '@')) {
            return Err(AddressError::Character);
        }
        Ok(Self { local: local.to_owned(), domain: lower(domain) })
    }

    /// The part before the `@`, as written.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What addresses are compared and looked up by: all of it in lower case.
    pub fn key(&self) -> String {
        format!("{}@{}", lower(&self.local), self.domain)
    }

    /// The organisational domain (RFC 7489, section 3.2): the public suffix and one label before it.
    pub fn organisational_domain(&self) -> &str {
        psl::domain_str(&self.domain).unwrap_or(&self.domain)
    }

    /// Whether the domain is `domain` or a subdomain of it. `domain` is compared in lower case.
    pub fn within(&self, domain: &str) -> bool {
        let domain = domain.trim_start_matches('@').to_lowercase();
        self.domain == domain || self.domain.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// In lower case. What is not ASCII stays so: a Kelvin sign looks like a K and is none.
fn lower(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii() {
            true => out.push(c.to_ascii_lowercase()),
            false if c.to_lowercase().all(|lower| lower.is_ascii()) => out.push(c),
            false => out.extend(c.to_lowercase()),
        }
    }
    out
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        let (one, other_one) = (&self.local, &other.local);
        // As [`lower`] has it, without making two texts for each comparison.
        let same = if one.is_ascii() || other_one.is_ascii() {
            one.eq_ignore_ascii_case(other_one)
        } else {
            lower(one) == lower(other_one)
        };
        same && self.domain == other.domain
    }
}
impl Eq for EmailAddress {}

impl std::hash::Hash for EmailAddress {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.to_string()
    }
}

impl<'de> serde::Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// An address with the display name that stood before it (RFC 5322, section 3.4: a *mailbox*).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mailbox {
    /// The decoded display name, where there was one.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_refused() {
        for (text, ok) in [
            ("a@example.com", true),
            (" A.b+c@EXAMPLE.com ", true),
            ("\"odd name\"@example.com", true),
            ("o'brien@example.com", true),
            ("a@localhost", true),
            ("a", false),
            ("@example.com", false),
            ("a@", false),
            ("a b@example.com", false),
            ("a@exa mple.com", false),
            ("a@b@example.com\r\nBcc: x@example.com", false),
            ("a@.example.com", false),
        ] {
            assert_eq!(EmailAddress::parse(text).is_ok(), ok, "{text:?}");
        }
    }

    #[test]
    fn equality_ignores_case_and_domains_nest() {
        let a = EmailAddress::parse("Jo@Mail.Example.co.uk").unwrap();
        assert_eq!(a, EmailAddress::parse("jo@mail.example.co.uk").unwrap());
        assert_eq!(a.organisational_domain(), "example.co.uk");
        assert!(a.within("example.co.uk") && !a.within("ample.co.uk"));
        let kelvin = EmailAddress::parse("mar\u{212a}@example.com").unwrap();
        assert_ne!(kelvin, EmailAddress::parse("mark@example.com").unwrap());
        let accents = EmailAddress::parse("JÉRÔME@example.com").unwrap();
        assert_eq!(accents, EmailAddress::parse("jérôme@example.com").unwrap());
    }
}

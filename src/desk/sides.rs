//! Who is outside: by address, by domain, for the whole desk. The side is worked out for each mail and kept nowhere.

use super::Desk;
use super::identity::domain;
use super::keys;
use super::load::beside;
use super::reader::Section;
use crate::address::EmailAddress;
use std::collections::BTreeMap;
use std::ops::Range;

/// Which side a requester is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Of the organisation.
    Inside,
    /// External.
    Outside,
}

/// What a policy says of sides besides `internal_domains`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Everybody is external whom no entry names.
    pub everybody: bool,
    /// Whether subdomains of the internal domains are internal too.
    pub subdomains: bool,
    /// Single addresses, domains, and `*.domain` for what is below one; lower case.
    pub entries: BTreeMap<String, Side>,
}

impl Default for Sides {
    fn default() -> Self {
        Self { everybody: false, subdomains: true, entries: BTreeMap::new() }
    }
}

impl Sides {
    /// What the nearest entry says: the address, its domain, then what is above that.
    fn of(&self, address: &EmailAddress) -> Option<Side> {
        let exact = self.entries.get(&address.key()).or_else(|| self.entries.get(address.domain()));
        if exact.is_some() || self.entries.is_empty() {
            return exact.copied();
        }
        let mut rest = address.domain();
        while let Some((_, above)) = rest.split_once('.') {
            if let Some(side) = self.entries.get(&format!("*.{above}")) {
                return Some(*side);
            }
            rest = above;
        }
        None
    }
}

impl Desk {
    /// Whether a requester with this address is external. The nearest entry of `[external]` decides, then `everybody`,
    /// then the internal domains.
    pub fn is_external(&self, address: &EmailAddress) -> bool {
        match self.sides.of(address) {
            Some(side) => side == Side::Outside,
            None if self.sides.everybody => true,
            None => !self
                .internal_domains
                .iter()
                .any(|domain| if self.sides.subdomains { address.within(domain) } else { address.domain() == domain }),
        }
    }
}

/// `[external]`
pub(super) fn sides(top: &Section<'_>) -> Sides {
    let section = top.table("external", &keys::EXTERNAL);
    let mut sides = Sides {
        everybody: section.flag("everybody").unwrap_or(false),
        subdomains: section.flag("subdomains").unwrap_or(true),
        entries: BTreeMap::new(),
    };
    for (key, side) in [("inside", Side::Inside), ("outside", Side::Outside)] {
        for text in section.texts(key) {
            if let Some(who) = who(&section, key, &text) {
                enter(&section, &mut sides, key, text.span(), who, side);
            }
        }
    }
    if let Some(file) = section.text("roster") {
        roster(&section, &mut sides, file.span(), file.get_ref());
    }
    sides
}

fn enter(section: &Section<'_>, sides: &mut Sides, key: &str, at: Range<usize>, who: String, side: Side) {
    match sides.entries.get(&who) {
        Some(other) if *other != side => {
            let reason = format!("`{who}` is inside and outside at once");
            section.fault(at, key, reason, "keep one of the two entries");
        }
        _ => drop(sides.entries.insert(who, side)),
    }
}

/// An address, a domain, or `*.domain`.
fn who(section: &Section<'_>, key: &str, text: &toml::Spanned<String>) -> Option<String> {
    let written = text.get_ref();
    if written.contains('@') {
        return match EmailAddress::parse(written) {
            Ok(address) => Some(address.key()),
            Err(error) => {
                section.fault(text.span(), key, format!("`{written}` is no email address"), error.to_string());
                None
            }
        };
    }
    let below = written.strip_prefix("*.");
    let bare = toml::Spanned::new(text.span(), below.unwrap_or(written).to_owned());
    let domain = domain(section, key, &bare)?;
    Some(if below.is_some() { format!("*.{domain}") } else { domain })
}

/// A table with the columns `who` and `side`, in a file beside the policy.
fn roster(section: &Section<'_>, sides: &mut Sides, at: Range<usize>, file: &str) {
    const REMEDY: &str = "write a file with the columns `who,side`; side is `inside` or `outside`";
    let path = beside(section, file);
    section.reading.read_from(&path);
    let fault = |reason: String| section.fault(at.clone(), "roster", reason, REMEDY);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return fault(format!("failed to read {file}: {}", error.kind())),
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{FEFF}') == name);
    let (Some(who_at), Some(side_at)) = (column("who"), column("side")) else {
        return fault(format!("{file} does not begin with the columns `who` and `side`"));
    };
    for record in reader.records() {
        let Ok(record) = record else { return fault(format!("{file} is no table of two columns")) };
        let line = record.position().map_or(0, csv::Position::line);
        let side = match record.get(side_at) {
            Some("inside") => Side::Inside,
            Some("outside") => Side::Outside,
            _ => {
                fault(format!("line {line} of {file} names no side"));
                continue;
            }
        };
        let written = toml::Spanned::new(at.clone(), record.get(who_at).unwrap_or_default().to_owned());
        match who(section, "roster", &written) {
            Some(who) => enter(section, sides, "roster", at.clone(), who, side),
            None => fault(format!("line {line} of {file} names nobody")),
        }
    }
}

//! The part of a policy about who the desk is: id, prefix, domains, spam header, templates.

use super::general::header_field;
use super::keys;
use super::load::beside;
use super::reader::Section;
use super::templates::OwnTemplates;
use crate::words::numbers::Numbering;
use std::sync::Arc;
use toml::Spanned;

/// A desk's id stands in settings, addresses of pages and log lines.
pub(super) fn check_id(top: &Section<'_>, id: &str) {
    let fits = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.len() <= 40
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        let remedy = "name the file with lower-case letters, digits and hyphens only, a letter first: my-desk.toml";
        top.reading.fault(0..0, "", format!("the file's name `{id}` is no desk id"), remedy);
    }
}

/// The prefix of numbers and tags.
pub(super) fn prefix(top: &Section<'_>) -> Option<String> {
    let text = top.required_text("prefix", "\"HELP\"")?;
    let prefix = text.get_ref();
    let fits = (2..=8).contains(&prefix.len())
        && prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && prefix.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if !fits {
        let remedy = "write 2 to 8 capital letters and digits, a letter first: \"HELP\"";
        top.fault(text.span(), "prefix", format!("`{prefix}` cannot begin a case number"), remedy);
    }
    Some(prefix.clone())
}

/// `[numbers]`: how case numbers are written. `None`: the format is wrong, and told.
pub(super) fn numbering(top: &Section<'_>, prefix: Option<&str>) -> Option<Numbering> {
    let prefix = prefix?;
    let section = top.table("numbers", &keys::NUMBERS);
    let Some(format) = section.text("format") else { return Some(Numbering::standard(prefix)) };
    match Numbering::parse(prefix, format.get_ref()) {
        Ok(numbering) => Some(numbering),
        Err(reason) => {
            let reason = format!("`{}` is no format of numbers: {reason}", format.get_ref());
            section.fault(format.span(), "format", reason, "write it like \"{prefix}-{n:6}\" or \"{yymmdd}-{n:7}\"");
            None
        }
    }
}

/// Whether the same request again is attached to its open case.
pub(super) fn attaches_duplicates(top: &Section<'_>) -> bool {
    let section = top.table("numbers", &keys::NUMBERS);
    section.one_of("duplicates", &[("attach", true), ("link", false)]).unwrap_or(true)
}

/// Whether a returned request bears a number.
pub(super) fn numbers_returns(top: &Section<'_>) -> bool {
    top.table("numbers", &keys::NUMBERS).flag("returns").unwrap_or(false)
}

/// The header that marks spam. `"none"`: no header is trusted.
pub(super) fn spam_header(top: &Section<'_>) -> Option<(String, String)> {
    match top.text("spam_header") {
        None => Some(("X-Spam-Flag".to_owned(), "YES".to_owned())),
        Some(text) if text.get_ref() == "none" => None,
        Some(text) => header_field(top, "spam_header", &text),
    }
}

/// Internal domains, lower case; a whole public suffix would make half the world internal.
pub(super) fn internal_domains(top: &Section<'_>) -> Vec<String> {
    let mut domains = Vec::new();
    for text in top.texts("internal_domains") {
        let Some(domain) = domain(top, "internal_domains", &text) else { continue };
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    domains
}

/// A domain of one organisation, in lower case.
pub(super) fn domain(section: &Section<'_>, key: &str, text: &Spanned<String>) -> Option<String> {
    let domain = text.get_ref().to_lowercase();
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let suffix = psl::suffix(domain.as_bytes()).is_some_and(|s| s.is_known() && s.as_bytes() == domain.as_bytes());
    if !domain.split('.').all(label) {
        let remedy = "write it as \"example.com\", without @ and dots at the ends; subdomains count with it";
        section.fault(text.span(), key, format!("`{}` is no domain", text.get_ref()), remedy);
        return None;
    }
    if suffix {
        let reason = format!("`{domain}` is a public suffix: everybody below it would be meant");
        section.fault(text.span(), key, reason, "write the organisation's own domain: \"example.com\"");
        return None;
    }
    Some(domain)
}

/// The desk's own templates; their folder is looked for in the policy's.
pub(super) fn templates(top: &Section<'_>) -> Option<Arc<OwnTemplates>> {
    let text = top.text("templates")?;
    let folder = beside(top, text.get_ref());
    top.reading.read_from(&folder);
    if !folder.is_dir() {
        let reason = format!("there is no folder {}", folder.display());
        top.fault(text.span(), "templates", reason, "make it, or remove the key to use the shipped templates");
    }
    Some(Arc::new(OwnTemplates::read(&folder)))
}

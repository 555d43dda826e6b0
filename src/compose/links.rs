//! Which links a mail of ours may hold.

use pulldown_cmark::LinkType;

/// Where a link goes: an address in angle brackets is one to write to.
pub fn target(link_type: LinkType, target: &str) -> String {
    match link_type {
        LinkType::Email => format!("mailto:{target}"),
        _ => target.to_owned(),
    }
}

/// Whether a link may stand in a mail: to write, to call, or to a page over HTTPS (HTTP on loopback, for rehearsals).
pub fn is_allowed(target: &str) -> bool {
    ["mailto:", "tel:", "https://", "http://127.0.0.1", "http://localhost"]
        .iter()
        .any(|start| target.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// A target without its scheme, so that it can be compared with the words that are shown for it.
pub fn bare(target: &str) -> &str {
    let target = target.trim();
    target.strip_prefix("mailto:").unwrap_or(target)
}

/// Whether a link opens a mail whose text is already written.
pub fn writes_for_you(target: &str) -> bool {
    let query = target.strip_prefix("mailto:").and_then(|rest| rest.split_once('?')).map(|(_, query)| query);
    query.is_some_and(|query| query.split('&').any(|part| part.starts_with("body=")))
}

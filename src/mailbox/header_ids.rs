//! Message-IDs in a mail's header, read octet by octet: enough to know a copy of a mail of ours again.

use crate::words::token::MARK_HEADER;

/// A Message-ID without its brackets, where it can be searched for.
pub(super) fn bare(id: &str) -> Option<&str> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    (!id.is_empty() && id.bytes().all(|octet| octet.is_ascii_graphic())).then_some(id)
}

/// Whether the field named `name` holds the id.
pub(super) fn holds(header: &[u8], name: &str, id: &str) -> bool {
    ids(header, name).iter().any(|found| found == id)
}

/// The Message-IDs of a copy that bears our mark for the mail `id`.
pub(super) fn of_marked(header: &[u8], id: &str) -> Vec<String> {
    if holds(header, MARK_HEADER, id) { ids(header, "Message-ID") } else { Vec::new() }
}

/// What stands in brackets in all fields of this name, up to the blank line.
fn ids(header: &[u8], name: &str) -> Vec<String> {
    let (mut found, mut value) = (Vec::new(), String::new());
    let mut in_field = false;
    for line in header.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() {
            break;
        }
        // A folded line goes on with the field above it.
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            found.extend(in_brackets(&std::mem::take(&mut value)));
            let colon = line.iter().position(|octet| *octet == b':');
            let written = colon.and_then(|at| line.get(..at)).unwrap_or_default().trim_ascii_end();
            in_field = written.eq_ignore_ascii_case(name.as_bytes());
        }
        if in_field {
            value.push_str(&String::from_utf8_lossy(line));
        }
    }
    found.extend(in_brackets(&value));
    found
}

fn in_brackets(value: &str) -> Vec<String> {
    let parts = value.split('<').skip(1).filter_map(|part| part.split_once('>'));
    parts.map(|(id, _)| id.trim().to_owned()).filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
#[test]
fn a_copy_is_known_by_its_mark_alone() {
    let copy =
        b"Subject: x\r\nMESSAGE-ID:\r\n <theirs@example.org>\r\nX-Mailclerk-Message-ID: <ours@example.org>\r\n\r\n";
    assert_eq!(of_marked(copy, "ours@example.org"), ["theirs@example.org"]);
    assert!(of_marked(copy, "urs@example.org").is_empty() && of_marked(copy, "theirs@example.org").is_empty());
    assert!(holds(copy, "Message-ID", "theirs@example.org") && !holds(copy, "Message-ID", "ours@example.org"));
    let body = b"Subject: x\n\nMessage-ID: <a@example.org>\nX-Mailclerk-Message-ID: <ours@example.org>\n";
    assert!(of_marked(body, "ours@example.org").is_empty());
    assert_eq!((bare(" <a@b> "), bare("<>"), bare("a b")), (Some("a@b"), None, None));
}

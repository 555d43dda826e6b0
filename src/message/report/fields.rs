//! The fields of report parts: groups of `Name: value`, parted by empty lines (RFC 3464, section 2.1).

use super::super::ReportedRecipient;
use super::super::transfer;
use super::status;
use crate::address::EmailAddress;

/// Recipients read at most.
const MOST: usize = 500;

/// One group of fields: names in lower case, values unfolded.
type Group = Vec<(String, String)>;

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            if groups.last().is_some_and(|g| !g.is_empty()) {
                groups.push(Vec::new());
            }
            continue;
        }
        let Some(group) = groups.last_mut() else { break };
        match line.split_once(':') {
            Some((name, value)) if !line.starts_with([' ', '\t']) && !name.contains(' ') => {
                group.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
            _ => {
                if let Some((_, value)) = group.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
        }
    }
    groups
}

fn get<'a>(group: &'a Group, name: &str) -> Option<&'a str> {
    group.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
}

/// The recipients of a delivery report. Some servers put all into one group, or forget the empty line between two.
pub(super) fn delivery(text: &str) -> Vec<ReportedRecipient> {
    let mut found = Vec::new();
    for group in groups(text) {
        if found.len() >= MOST {
            break;
        }
        for part in split_at_recipients(group).into_iter().take(MOST) {
            let names =
                ["final-recipient", "original-recipient", "x-actual-recipient", "x-original-recipient", "recipient"];
            let addresses: Vec<String> = names.iter().filter_map(|name| get(&part, name)).filter_map(address).collect();
            let action = get(&part, "action").map(action);
            let code = get(&part, "status").and_then(status::enhanced);
            if addresses.is_empty() && (action.is_none() && code.is_none()) {
                continue;
            }
            let diagnostic = get(&part, "diagnostic-code").unwrap_or_default();
            let status = status::sharpen(code, diagnostic);
            if addresses.is_empty() {
                found.push(ReportedRecipient { address: None, status: status.clone(), action: action.clone() });
            }
            // The address that was written to and the one that it was forwarded to: we may know either.
            for address in addresses {
                if !found.iter().any(|r: &ReportedRecipient| r.address.as_ref() == Some(&address)) {
                    found.push(ReportedRecipient {
                        address: Some(address),
                        status: status.clone(),
                        action: action.clone(),
                    });
                }
            }
        }
    }
    found
}

/// Parts a group wherever a second `Final-Recipient` stands in it.
fn split_at_recipients(group: Group) -> Vec<Group> {
    let mut parts: Vec<Group> = vec![Vec::new()];
    for (name, value) in group {
        let repeated = name == "final-recipient" && parts.last().is_some_and(|p| get(p, "final-recipient").is_some());
        if repeated {
            // An Original-Recipient right before it belongs to it.
            let moved = parts.last_mut().and_then(|p| p.pop_if(|(n, _)| n == "original-recipient"));
            parts.push(moved.into_iter().collect());
        }
        if let Some(part) = parts.last_mut() {
            part.push((name, value));
        }
    }
    parts
}

/// The addresses in the fields called `names`, in order.
pub(super) fn recipients(text: &str, names: &[&str]) -> Vec<ReportedRecipient> {
    let mut found: Vec<ReportedRecipient> = Vec::new();
    for group in groups(text) {
        for value in names.iter().filter_map(|name| get(&group, name)) {
            let address = address(value);
            if address.is_some() && !found.iter().any(|r| r.address == address) {
                found.push(ReportedRecipient { address, status: None, action: None });
            }
        }
    }
    found
}

fn action(value: &str) -> String {
    let word: String = value.trim().chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_lowercase();
    match word.as_str() {
        "fail" | "failure" | "error" | "fatal" => "failed".to_owned(),
        "delay" | "deferred" | "transient" => "delayed".to_owned(),
        "deliver" | "success" => "delivered".to_owned(),
        _ => word,
    }
}

/// The address in `type; address` (RFC 3464, section 2.3.1), with xtext (RFC 3461) and `\x{}` (RFC 6533) undone.
pub(super) fn address(value: &str) -> Option<String> {
    let (kind, address) = value.split_once(';').unwrap_or(("rfc822", value));
    let kind = kind.trim().to_lowercase();
    let address = address.trim();
    if kind == "x400" || kind == "x-x400" || address.starts_with("/") && address.contains('=') {
        return x400(address);
    }
    let mut address = address.to_owned();
    if kind == "utf-8" {
        address = undo_unicode(&address);
    }
    let direct = find_address(&address);
    if direct.is_some() && !address.contains('+') {
        return direct;
    }
    let mut bytes = Vec::new();
    transfer::percent_like(address.as_bytes(), b'+', &mut bytes);
    // `a+40b.example` is xtext for `a@b.example`; `jo+40@example.com` may be an address as it stands.
    direct.or_else(|| find_address(&String::from_utf8_lossy(&bytes)))
}

/// An X.400 name tells the address only where it carries one (RFC 2156, `DDA.RFC-822`).
fn x400(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let at = lower.find("rfc-822").or_else(|| lower.find("rfc822")).or_else(|| lower.find("smtp"))?;
    let value = name.get(at..)?.split(['=', ':']).nth(1)?.split(['/', ';']).next()?;
    find_address(&value.replace("(a)", "@").replace("(p)", "%"))
}

fn undo_unicode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out.push_str(before);
        let Some((digits, tail)) = after.split_once('}') else { break };
        out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The first address in `text`, lower case.
fn find_address(text: &str) -> Option<String> {
    let inner = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    // A quoted local part may hold what otherwise ends an address.
    let whole = inner.unwrap_or(text).trim();
    if let Ok(address) = EmailAddress::parse(whole).map(|a| a.key())
        && whole.starts_with('"')
    {
        return Some(address);
    }
    let words = inner.into_iter().chain(text.split_whitespace());
    words
        .map(|word| word.trim_matches(['<', '>', '(', ')', ',', ';', '\'', ':', '`', '[', ']', '"']))
        .map(|word| word.trim_start_matches("mailto:").trim_start_matches("smtp:").trim_start_matches("SMTP:"))
        .find_map(|word| EmailAddress::parse(word).ok())
        .map(|address| address.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_reports_are_read() {
        for (value, expected) in [
            ("rfc822; Jo@Example.com", Some("jo@example.com")),
            ("RFC822;<jo@example.com>", Some("jo@example.com")),
            ("jo@example.com", Some("jo@example.com")),
            ("rfc822; jo+2Bx+40example.com", Some("jo+x@example.com")),
            ("rfc822; jo+tag@example.com", Some("jo+tag@example.com")),
            ("utf-8; j\\x{F6}@example.com", Some("jö@example.com")),
            ("x400; /C=DE/A=X/DDA.RFC-822=jo(a)example.com/", Some("jo@example.com")),
            ("X400; /C=DE/S=Doe/", None),
            ("rfc822; nothing", None),
        ] {
            assert_eq!(address(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn groups_are_recipients() {
        let text = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.0.0\n\
            Diagnostic-Code: smtp; 550 5.1.1\n no such user\nFinal-Recipient: rfc822; b@example.com\nAction: delayed (soon)\nStatus: 4.4.1\n\n\
            Original-Recipient: rfc822;c@example.com\nAction: Failed\nStatus: 5.2.2 (full)\n";
        let found: Vec<String> = delivery(text)
            .into_iter()
            .map(|r| {
                format!(
                    "{} {} {}",
                    r.address.unwrap_or_default(),
                    r.status.unwrap_or_default(),
                    r.action.unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(found, ["a@example.com 5.1.1 failed", "b@example.com 4.4.1 delayed", "c@example.com 5.2.2 failed"]);
    }
}

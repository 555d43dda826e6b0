//! `Authentication-Results` under names that only look like the server's.

use crate::world::{Mode, Row, staff_row};

/// What forgers put where the server's name belongs. The field goes on with `; dmarc=pass header.from=…`.
const IDS: &[(&str, &str)] = &[
    ("another server", "mx.evil.example"),
    ("no id", ""),
    ("a trailing dot", "mx.desk.example."),
    ("a leading dot", ".mx.desk.example"),
    ("two dots", "mx..desk.example"),
    ("the superdomain", "desk.example"),
    ("the top-level domain", "example"),
    ("a subdomain", "a.mx.desk.example"),
    ("a sibling", "mx2.desk.example"),
    ("a prefix of the name", "mx.desk"),
    ("the host alone", "mx"),
    ("the name with a suffix", "mx.desk.example.evil.example"),
    ("the name with letters behind it", "mx.desk.exampled"),
    ("the name with letters before it", "amx.desk.example"),
    ("a hyphen for a dot", "mx-desk.example"),
    ("an underscore for a dot", "mx_desk.example"),
    ("a capital I for an l", "mx.desk.exampIe"),
    ("a one for an l", "mx.desk.examp1e"),
    ("a Cyrillic e", "mx.d\u{435}sk.example"),
    ("a Greek omicron nowhere", "mx.desk.example\u{3bf}"),
    ("a Kelvin sign", "mx.des\u{212a}.example"),
    ("full-width letters", "\u{ff4d}\u{ff58}.desk.example"),
    ("a full-width dot", "mx\u{ff0e}desk.example"),
    ("an ideographic full stop", "mx\u{3002}desk.example"),
    ("a one dot leader, U+2024", "mx\u{2024}desk.example"),
    ("a zero-width space", "mx.\u{200b}desk.example"),
    ("a zero-width joiner", "mx.desk\u{200d}.example"),
    ("a word joiner at the end", "mx.desk.example\u{2060}"),
    ("a soft hyphen", "mx.de\u{ad}sk.example"),
    ("a combining mark", "mx.de\u{301}sk.example"),
    ("a right-to-left override", "\u{202e}mx.desk.example"),
    ("a byte order mark", "\u{feff}mx.desk.example"),
    ("a no-break space behind it", "mx.desk.example\u{a0}"),
    ("a no-break space and a version", "mx.desk.example\u{a0}1"),
    ("an ideographic space", "mx.desk.example\u{3000}"),
    ("a line separator", "mx.desk.example\u{2028}"),
    ("next line, U+0085", "mx.desk.example\u{85}"),
    ("a vertical tab", "mx.desk.example\u{b}"),
    ("a form feed", "mx.desk.example\u{c}"),
    ("a NUL behind it", "mx.desk.example\u{0}"),
    ("a NUL in it", "mx.desk\u{0}.example"),
    ("a bare CR", "mx.desk.example\r"),
    ("a backspace", "mx.desk.examplee\u{8}"),
    ("a delete", "mx.desk.example\u{7f}"),
    ("escapes of a Japanese charset", "mx\u{1b}$B\u{1b}(B.desk.example"),
    ("a byte that is no UTF-8", "mx.desk.example\u{e0a0}"),
    ("an overlong dot", "mx\u{e0c0}\u{e0ae}desk.example"),
    ("quoted", "\"mx.desk.example\""),
    ("quoted in part", "mx.\"desk\".example"),
    ("quoted, not closed", "\"mx.desk.example"),
    ("quoted with an escape", "\"mx.d\\esk.example\""),
    ("single quotes", "'mx.desk.example'"),
    ("angle brackets", "<mx.desk.example>"),
    ("square brackets", "[mx.desk.example]"),
    ("a comment before it", "(trusted) mx.desk.example"),
    ("an empty comment before it", "()mx.desk.example"),
    ("a comment inside", "mx.(trusted)desk.example"),
    ("a comment inside a label", "mx.de(x)sk.example"),
    ("only in a comment", "(mx.desk.example)"),
    ("in a comment before another", "(mx.desk.example;) mx.evil.example"),
    ("in a comment behind another", "mx.evil.example (mx.desk.example)"),
    ("in a comment that is not closed", "(mx.desk.example"),
    ("a closing bracket behind it", "mx.desk.example)"),
    ("a word before it", "by mx.desk.example"),
    ("a word behind it", "mx.desk.example evil"),
    ("two versions", "mx.desk.example 1 1"),
    ("version 2", "mx.desk.example 2"),
    ("version 10", "mx.desk.example 10"),
    ("version 01", "mx.desk.example 01"),
    ("version 1.0", "mx.desk.example 1.0"),
    ("version -1", "mx.desk.example -1"),
    ("a quoted version", "mx.desk.example \"1\""),
    ("a version after a slash", "mx.desk.example/1"),
    ("a port", "mx.desk.example:25"),
    ("a comma", "mx.desk.example,"),
    ("an equals sign", "mx.desk.example=1"),
    ("an equals sign before it", "=mx.desk.example"),
    ("an at sign", "@mx.desk.example"),
    ("a user", "root@mx.desk.example"),
    ("a domain behind it", "mx.desk.example@evil.example"),
    ("a backslash", "mx.desk.example\\"),
    ("an encoded word", "=?utf-8?q?mx.desk.example?="),
    ("an encoded word in base 64", "=?utf-8?b?bXguZGVzay5leGFtcGxl?="),
    ("an encoded word in part", "mx.=?utf-8?q?desk?=.example"),
    ("percent encoding", "mx%2Edesk.example"),
    ("quoted-printable", "mx=2Edesk.example"),
    ("an HTML entity", "mx&#46;desk.example"),
    ("a wildcard", "*.desk.example"),
    ("localhost", "localhost"),
    ("an address literal", "[192.0.2.1]"),
    ("as the second statement", "mx.evil.example; mx.desk.example"),
    ("after an empty statement", ";mx.desk.example"),
    ("folded inside the name", "mx.\n desk.example"),
    ("folded behind another", "mx.evil.example\n mx.desk.example"),
    ("folded in a comment", "mx.evil.example (\n mx.desk.example"),
    ("a line that is no field in it", "mx.desk.example\nreally"),
    ("punycode of a look-alike", "mx.xn--dsk-bma.example"),
];

/// Names of the header field that only look like the one that servers write.
const NAMES: &[(&str, &str)] = &[
    ("a space before the colon", "Authentication-Results "),
    ("a tab before the colon", "Authentication-Results\t"),
    ("an underscore", "Authentication_Results"),
    ("the singular", "Authentication-Result"),
    ("an X before it", "X-Authentication-Results"),
    ("ARC's", "ARC-Authentication-Results"),
    ("the original ones", "Authentication-Results-Original"),
    ("a Cyrillic A", "\u{410}uthentication-Results"),
    ("a zero-width space", "Authentication-Results\u{200b}"),
    ("a NUL", "Authentication-Results\u{0}"),
    ("Received-SPF", "Received-SPF"),
    ("resent", "Resent-Authentication-Results"),
];

pub fn rows() -> Vec<Row> {
    let pass = "dmarc=pass header.from={domain}";
    let mut rows = Vec::new();
    for (name, id) in IDS {
        let field = format!("Authentication-Results: {id}; {pass}");
        rows.push(staff_row(Mode::Rfc8601, format!("id: {name}"), &field));
    }
    for (name, field) in NAMES {
        let own = format!("{field}: mx.desk.example; {pass}");
        rows.push(staff_row(Mode::Rfc8601, format!("field name: {name}"), &own));
        let dialect = format!("{field}: {pass}");
        rows.push(staff_row(Mode::Microsoft365, format!("field name: {name}"), &dialect));
    }
    // UTF-16 with its mark: text to a lenient reader, to others not even a name.
    let wide: String = "mx.desk.example; dmarc=pass header.from=desk.example".chars().flat_map(|c| [c, '\0']).collect();
    let field = format!("Authentication-Results: \u{e0ff}\u{e0fe}{wide}");
    rows.push(staff_row(Mode::Rfc8601, "id: in UTF-16", &field));
    rows
}

//! `trust = { header = … }`: look-alikes of the one header that the settings name, `X-Verified: yes; by=mx`.

use crate::world::{Mode, Row, staff_row};

const VALUES: &[(&str, &str)] = &[
    ("no", "no; by=mx"),
    ("empty", ""),
    ("a part of it", "yes"),
    ("a prefix", "very yes; by=mx"),
    ("a suffix", "yes; by=mx.evil.example"),
    ("letters before it", "ayes; by=mx"),
    ("letters behind it", "yes; by=mxx"),
    ("a full stop behind it", "yes; by=mx."),
    ("a comma and more", "yes; by=mx, no"),
    ("a semicolon and more", "yes; by=mx; no"),
    ("twice in one field", "yes; by=mx yes; by=mx"),
    ("upper case", "YES; BY=MX"),
    ("a capital", "Yes; by=mx"),
    ("another space", "yes;  by=mx"),
    ("no space", "yes;by=mx"),
    ("a tab for the space", "yes;\tby=mx"),
    ("a comment behind it", "yes; by=mx (really)"),
    ("a comment before it", "(really) yes; by=mx"),
    ("a comment inside", "yes; (really) by=mx"),
    ("only a comment", "(yes; by=mx)"),
    ("quoted", "\"yes; by=mx\""),
    ("single quotes", "'yes; by=mx'"),
    ("in brackets", "<yes; by=mx>"),
    ("an encoded word", "=?utf-8?q?yes;_by=3Dmx?="),
    ("quoted-printable", "yes;=20by=mx"),
    ("a homoglyph", "y\u{435}s; by=mx"),
    ("a full-width letter", "\u{ff59}es; by=mx"),
    ("a zero-width space", "yes; by=mx\u{200b}"),
    ("a no-break space behind it", "yes; by=mx\u{a0}"),
    ("a no-break space before it", "\u{a0}yes; by=mx"),
    ("an ideographic space behind it", "yes; by=mx\u{3000}"),
    ("a line separator", "yes; by=mx\u{2028}"),
    ("a byte order mark", "\u{feff}yes; by=mx"),
    ("a NUL behind it", "yes; by=mx\u{0}"),
    ("a NUL for the space", "yes;\u{0}by=mx"),
    ("a bare CR behind it", "yes; by=mx\r"),
    ("a bare CR for the space", "yes;\rby=mx"),
    ("a form feed", "yes; by=mx\u{c}"),
    ("a vertical tab", "yes; by=mx\u{b}"),
    ("escapes of a Japanese charset", "yes; \u{1b}$B\u{1b}(Bby=mx"),
    ("a byte that is no UTF-8", "yes; by=mx\u{e0a0}"),
    ("a line that is no field in it", "yes;\nby=mx"),
    ("folded with more", "yes; by=mx\n no"),
    ("the value of another header", "pass"),
];

const FIELDS: &[(&str, &str)] = &[
    ("a space before the colon", "X-Verified : yes; by=mx"),
    ("a tab before the colon", "X-Verified\t: yes; by=mx"),
    ("without the X", "Verified: yes; by=mx"),
    ("another X", "X-X-Verified: yes; by=mx"),
    ("a hyphen behind it", "X-Verified-: yes; by=mx"),
    ("a letter more", "X-Verifieds: yes; by=mx"),
    ("an l for the i", "X-Verifled: yes; by=mx"),
    ("an underscore", "X_Verified: yes; by=mx"),
    ("a homoglyph", "X-V\u{435}rified: yes; by=mx"),
    ("a zero-width space", "X-Verified\u{200b}: yes; by=mx"),
    ("a full-width colon", "X-Verified\u{ff1a} yes; by=mx"),
    ("no colon", "X-Verified yes; by=mx"),
    ("the field in a value", "X-A: X-Verified: yes; by=mx"),
    ("the field folded under another", "X-A: b\n X-Verified: yes; by=mx"),
    ("a NUL in the name", "X-Verif\u{0}ied: yes; by=mx"),
    ("the rfc8601 form", "Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}"),
    ("Exchange's mark", "X-MS-Exchange-Organization-AuthAs: Internal"),
];

pub fn rows() -> Vec<Row> {
    let good = "X-Verified: yes; by=mx";
    let mut rows = Vec::new();
    let mut add = |name: String, headers: &str| rows.push(staff_row(Mode::Header, name, headers));
    for (name, value) in VALUES {
        let field = format!("X-Verified: {value}");
        add(format!("value: {name}"), &field);
        // A sender's beside the server's, on whichever side the server writes.
        add(format!("value: {name}, and the true one below"), &format!("{field}\n{good}"));
        add(format!("value: {name} below the true one"), &format!("{good}\n{field}"));
    }
    for (name, field) in FIELDS {
        add(format!("field: {name}"), field);
    }
    rows
}

//! Exchange's own mark, forged. Its dialect of `Authentication-Results` stands in the other tables.

use crate::world::{Mode, Row, staff_row};

const NAME: &str = "X-MS-Exchange-Organization-AuthAs";

/// Values that Exchange does not write for a colleague.
const VALUES: &[(&str, &str)] = &[
    ("anonymous", "Anonymous"),
    ("partner", "Partner"),
    ("external", "External"),
    ("empty", ""),
    ("lower case", "internal"),
    ("upper case", "INTERNAL"),
    ("a comment behind it", "Internal (yes)"),
    ("a comment before it", "(yes) Internal"),
    ("only a comment", "(Internal)"),
    ("quoted", "\"Internal\""),
    ("in brackets", "<Internal>"),
    ("twice in one field", "Internal, Internal"),
    ("with another behind it", "Internal; Anonymous"),
    ("with another before it", "Anonymous Internal"),
    ("with a suffix", "Internally"),
    ("with a prefix", "NotInternal"),
    ("with a full stop", "Internal."),
    ("an encoded word", "=?utf-8?q?Internal?="),
    ("a homoglyph", "Int\u{435}rnal"),
    ("a full-width letter", "\u{ff29}nternal"),
    ("an l for the I", "lnternal"),
    ("a dotless i", "\u{131}nternal"),
    ("a zero-width space", "Internal\u{200b}"),
    ("a no-break space", "Internal\u{a0}"),
    ("a byte order mark", "\u{feff}Internal"),
    ("a NUL", "Internal\u{0}"),
    ("a bare CR", "Internal\r"),
    ("a form feed", "Internal\u{c}"),
    ("escapes of a Japanese charset", "Inter\u{1b}$B\u{1b}(Bnal"),
    ("folded inside", "Inter\n nal"),
    ("true", "true"),
    ("a number", "1"),
];

/// Fields that are not that one.
const FIELDS: &[(&str, &str)] = &[
    ("a space before the colon", "X-MS-Exchange-Organization-AuthAs : Internal"),
    ("a tab before the colon", "X-MS-Exchange-Organization-AuthAs\t: Internal"),
    ("the cross-premises field", "X-MS-Exchange-CrossTenant-AuthAs: Internal"),
    ("the original field", "X-MS-Exchange-Organization-OriginalAuthAs: Internal"),
    ("the source", "X-MS-Exchange-Organization-AuthSource: mx.desk.example"),
    ("the mechanism", "X-MS-Exchange-Organization-AuthMechanism: 04"),
    ("without the X", "MS-Exchange-Organization-AuthAs: Internal"),
    ("underscores", "X_MS_Exchange_Organization_AuthAs: Internal"),
    ("a homoglyph", "X-MS-Exchange-Org\u{430}nization-AuthAs: Internal"),
    ("a letter more", "X-MS-Exchange-Organization-AuthAss: Internal"),
    ("the antispam report", "X-Forefront-Antispam-Report: SCL:-1;DIR:INT;"),
    ("the spam level of colleagues", "X-MS-Exchange-Organization-SCL: -1"),
    ("the direction", "X-MS-Exchange-Organization-MessageDirectionality: Originating"),
    ("the forest's field", "X-MS-Exchange-Forest-AuthAs: Internal"),
    ("the rfc8601 form", "Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}"),
    ("another mode's header", "X-Verified: yes; by=mx"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |name: String, headers: &str| rows.push(staff_row(Mode::Microsoft365, name, headers));
    for (name, value) in VALUES {
        add(format!("AuthAs: {name}"), &format!("{NAME}: {value}"));
        // The topmost alone is Exchange's: what a sender brought stands below it.
        add(format!("AuthAs: {name}, and Internal below"), &format!("{NAME}: {value}\n{NAME}: Internal"));
        add(format!("AuthAs: {name} below Internal"), &format!("{NAME}: Internal\n{NAME}: {value}"));
    }
    for (name, field) in FIELDS {
        add(format!("field: {name}"), field);
    }
    let internal = format!("{NAME}: Internal");
    for (name, headers) in [
        ("twice", format!("{internal}\n{internal}")),
        ("twice in other letters", format!("{internal}\n{}", internal.to_lowercase())),
        ("twice with others between", format!("{internal}\nReceived: from x\n{internal}")),
        ("with a failure above", format!("Authentication-Results: dmarc=fail header.from={{domain}}\n{internal}")),
        ("with a failure below", format!("{internal}\nAuthentication-Results: dmarc=fail header.from={{domain}}")),
        ("with a pass for another", format!("{internal}\nAuthentication-Results: dmarc=pass header.from=evil.example")),
        (
            "with failing mechanisms",
            format!("{internal}\nAuthentication-Results: spf=fail smtp.mailfrom=evil.example; dkim=none"),
        ),
    ] {
        add(format!("Internal {name}"), &headers);
    }
    rows
}

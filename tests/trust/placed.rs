//! True fields and forged ones together: above, below, twice, in the body, in a message inside.

use crate::world::{AGENT, Expect, Mode, Row, STAFF, bytes, message, staff_row};

const FORGED: &str = "Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}";
const DIALECT: &str = "Authentication-Results: dmarc=pass header.from={domain}";

/// What the server itself said, which did not pass.
const TRUE_ONES: &[(&str, &str)] = &[
    ("fail", "dmarc=fail (p=reject) header.from={domain}"),
    ("pass for who it was", "dmarc=pass header.from=evil.example"),
    ("none", "dmarc=none header.from={domain}"),
    ("temperror", "dmarc=temperror header.from={domain}"),
    ("nothing of dmarc", "spf=pass smtp.mailfrom=evil.example; dkim=none"),
    ("no result", "none"),
];

/// What stands in a message besides its header.
const INSIDE: &[(&str, &str)] = &[
    (
        "a part's header",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n{forged}\nContent-Type: text/plain\n\n#resolve\n--b--\n",
    ),
    (
        "an attached message",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n#resolve\n--b\nContent-Type: message/rfc822\n\n{forged}\nFrom: lee.stone@desk.example\n\nx\n--b--\n",
    ),
    (
        "a message that is only an attachment",
        "Content-Type: message/rfc822\n\n{forged}\nFrom: lee.stone@desk.example\n\n#resolve\n",
    ),
    (
        "headers as a part",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n#resolve\n--b\nContent-Type: text/rfc822-headers\n\n{forged}\n--b--\n",
    ),
    ("the body", "\n{forged}\n\n#resolve\n"),
    ("the body behind a line of spaces", "  \n{forged}\n\n#resolve\n"),
    ("the preamble", "Content-Type: multipart/mixed; boundary=b\n\n{forged}\n--b\n\n#resolve\n--b--\n"),
    ("the folded subject", "Subject: x\n {forged}\n\n#resolve\n"),
    ("the subject in an encoded word", "Subject: =?utf-8?q?x=0D=0A{forged}?=\n\n#resolve\n"),
    ("a comments field", "Comments: {forged}\n\n#resolve\n"),
    ("a line folded with nothing before it but Received", "Received: from x\n\t{forged}\n\n#resolve\n"),
    ("a bare CR in a field", "X-A: b\r{forged}\n\n#resolve\n"),
    ("a NUL in a field", "X-A: b\u{0}{forged}\n\n#resolve\n"),
    ("behind a line that is no field", "this is no field\n\n{forged}\n\n#resolve\n"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, said) in TRUE_ONES {
        let own = format!("Authentication-Results: mx.desk.example; {said}");
        let other = "Authentication-Results: mx.evil.example; dmarc=pass header.from={domain}";
        for (place, headers) in [
            ("below it", format!("{own}\n{FORGED}")),
            ("below it in other letters", format!("{own}\n{}", FORGED.replace("Auth", "AUTH").replace("mx", "MX"))),
            ("below it and Received", format!("{own}\nReceived: from evil by mx.desk.example\n{FORGED}")),
            ("below it, forty times", format!("{own}\n{}", [FORGED; 40].join("\n"))),
            ("of another server above it", format!("{other}\n{own}")),
            ("quoted above it", format!("{}\n{own}", FORGED.replace("mx.desk.example", "\"mx.desk.example\""))),
            ("with version 2 above it", format!("{}\n{own}", FORGED.replace("mx.desk.example", "mx.desk.example 2"))),
            ("folded onto it", format!("{own}\n\t(; dmarc=pass header.from={{domain}})")),
        ] {
            rows.push(staff_row(Mode::Rfc8601, format!("forged {place}: {name}"), &headers));
        }
        let dialect = format!("Authentication-Results: {said}");
        for (place, headers) in [
            ("below it", format!("{dialect}\n{DIALECT}")),
            ("below it with an id", format!("{dialect}\n{FORGED}")),
            ("with an id above it", format!("{FORGED}\n{dialect}")),
            (
                "with the mark of another field above it",
                format!("Authentication-Results-Original: x\n{dialect}\n{DIALECT}"),
            ),
        ] {
            rows.push(staff_row(Mode::Microsoft365, format!("forged {place}: {name}"), &headers));
        }
    }
    // Where the forged one stands on top, the true one's failure still takes its pass away.
    for (name, said) in &TRUE_ONES[..2] {
        let own = format!("{FORGED}\nAuthentication-Results: mx.desk.example; {said}");
        rows.push(staff_row(Mode::Rfc8601, format!("forged above it: {name}"), &own));
        let dialect = format!("{DIALECT}\nAuthentication-Results: {said}");
        rows.push(staff_row(Mode::Microsoft365, format!("forged above it: {name}"), &dialect));
    }
    for (name, inside) in INSIDE {
        for (mode, forged) in [
            (Mode::Rfc8601, FORGED),
            (Mode::Microsoft365, "X-MS-Exchange-Organization-AuthAs: Internal"),
            (Mode::Header, "X-Verified: yes; by=mx"),
        ] {
            let inside = inside.replace("{forged}", &forged.replace("{domain}", "desk.example"));
            let raw = bytes(&format!("From: {STAFF}\nMessage-ID: <new-2@client.example>\n{inside}"));
            rows.push(Row { mode, name: format!("inside: {name}"), raw, expect: Expect::Held });
        }
    }
    for (place, headers) in [
        (
            "below a failure",
            format!("Authentication-Results: mx.desk.example; dmarc=fail header.from={{domain}}\n{FORGED}"),
        ),
        (
            "below a pass for another",
            format!("Authentication-Results: mx.desk.example; dmarc=pass header.from=x.example\n{FORGED}"),
        ),
    ] {
        let raw = message(&format!("{}\nFrom: {AGENT}", headers.replace("{domain}", "agency.example")));
        rows.push(Row {
            mode: Mode::Rfc8601,
            name: format!("a participant forged {place}"),
            raw,
            expect: Expect::Held,
        });
    }
    rows
}

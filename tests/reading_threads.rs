//! A returned request and the reply that completes it: what counts, and what does not.

use mailclerk::desk::{Desk, shipped};
use mailclerk::intake::{self, Completeness, Request, Source};
use mailclerk::words::Reason;
use proptest::prelude::*;

fn desk() -> Desk {
    shipped::desk("agent-rsos").expect("the main desk loads")
}

fn read(desk: &Desk, subject: &str, visible: &str, quoted: &str) -> Request {
    intake::read_parts(desk, Source { subject, visible, quoted, ..Source::default() })
}

fn told(reasons: &[Reason]) -> String {
    let code = |reason: &Reason| match &reason.field {
        Some(field) => format!("{}/{field}", reason.code),
        None => reason.code.to_string(),
    };
    reasons.iter().map(code).collect::<Vec<_>>().join(" ")
}

const SUBJECT: &str = "Smith, Jane Medicare";
const NO_ID: &str = "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #:\nMember Name in question: Jane Smith\nSummary of issue: ID card never came";
const SENT: &str = "Thank you. We need one more thing.\n\nAgent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: (Required)\nMember Name in question: Jane Smith\nReference #: (If applicable)\nSummary of issue: ID card never came";

struct Case {
    what: &'static str,
    first: (&'static str, &'static str),
    reply: (&'static str, &'static str, String),
    reasons: &'static str,
    field: (&'static str, &'static str),
}

fn merged(desk: &Desk, case: &Case) -> Completeness {
    let first = read(desk, case.first.0, case.first.1, "");
    let reply = read(desk, case.reply.0, case.reply.1, &case.reply.2);
    intake::complete(desk, &intake::merge(desk, &first, &reply, SENT))
}

fn quote(text: &str) -> String {
    let lines = text.lines().map(|line| format!("> {line}"));
    format!("On Monday the desk wrote:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn replies_complete_what_was_returned() {
    let desk = desk();
    let re = "Re: Smith, Jane Medicare [RSOS-P7K3M9QX2]";
    let filled = SENT.replace("Member ID #: (Required)", "Member ID #: H12345678");
    let plain =
        "Agent Name:\nAgent SAN:\nMember ID #: H12345678\nMember Name in question:\nReference #:\nSummary of issue:";
    let id = ("member_id", "H12345678");
    let cases = [
        Case {
            what: "a labelled value",
            first: (SUBJECT, NO_ID),
            reply: (re, "Member ID: H12345678", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "a bare value, the one thing asked for",
            first: (SUBJECT, NO_ID),
            reply: (re, "H12345678\n\nThanks,\nBob", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "filled into the quoted template",
            first: (SUBJECT, NO_ID),
            reply: (re, "done, see below", quote(&filled)),
            reasons: "",
            field: id,
        },
        Case {
            what: "filled into the quoted template, nothing above",
            first: (SUBJECT, NO_ID),
            reply: (re, "", quote(&filled)),
            reasons: "",
            field: id,
        },
        Case {
            what: "filled into the plain template",
            first: (SUBJECT, NO_ID),
            reply: (re, "", plain.to_owned()),
            reasons: "",
            field: id,
        },
        Case {
            what: "quoted and not filled in",
            first: (SUBJECT, NO_ID),
            reply: (re, "any news on this?", quote(SENT)),
            reasons: "missing_field/member_id",
            field: ("summary", "ID card never came"),
        },
        Case {
            what: "own words win over the quote",
            first: (SUBJECT, NO_ID),
            reply: (re, "Member ID: H11112222", quote(&filled)),
            reasons: "",
            field: ("member_id", "H11112222"),
        },
        Case {
            what: "the old bad value in the quoted first mail is no news",
            first: (
                SUBJECT,
                "Agent Name: Bob Jones\nAgent SAN: 12\nMember ID #: H12345678\nMember Name: Jane Smith\nSummary: ID card never came",
            ),
            reply: (re, "sorry about that", quote("Agent SAN: 12")),
            reasons: "invalid_field/agent_san",
            field: id,
        },
        Case {
            what: "the newest value wins",
            first: (SUBJECT, "Agent Name: Bob Jones\nMember ID #: H99999999\nSummary: ID card never came"),
            reply: (re, "SAN: 1234567\nMember ID: H12345678", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "a placeholder takes nothing away",
            first: (SUBJECT, "Agent Name: Bob Jones\nMember ID #: H12345678\nSummary: ID card never came"),
            reply: (re, "SAN: 1234567\nMember ID: N/A", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "still something missing",
            first: (SUBJECT, "Agent Name: Bob Jones\nSummary: ID card never came"),
            reply: (re, "Member ID: H12345678", String::new()),
            reasons: "missing_field/agent_san",
            field: id,
        },
        Case {
            what: "the line in a corrected subject",
            first: ("Smith, Jane", NO_ID_FILLED),
            reply: ("Re: Smith, Jane Medicare", "fixed the subject", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "the line by its label",
            first: ("Smith, Jane", NO_ID_FILLED),
            reply: ("Re: Smith, Jane", "Line: Medicare", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "the line bare",
            first: ("Smith, Jane", NO_ID_FILLED),
            reply: ("Re: Smith, Jane", "Medicare\n\nThank you", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "the line filled into the quote",
            first: ("Smith, Jane", NO_ID_FILLED),
            reply: ("Re: Smith, Jane", "", "> Line: Medicare".to_owned()),
            reasons: "",
            field: id,
        },
        Case {
            what: "a conflict settled by a label",
            first: (SUBJECT, CONFLICT),
            reply: (re, "Line: HumanaOne", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "a mismatch settled by the name again",
            first: ("Brown, Alan Medicare", NO_ID_FILLED),
            reply: ("Re: Brown, Alan Medicare", "Member Name: Jane Smith", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "a mismatch settled by the subject",
            first: ("Brown, Alan Medicare", NO_ID_FILLED),
            reply: (SUBJECT, "subject corrected", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "the summary in plain words",
            first: (SUBJECT, "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678"),
            reply: (re, "She never received her ID card, please resend it.", String::new()),
            reasons: "",
            field: ("summary", "She never received her ID card, please resend it."),
        },
        Case {
            what: "one of two members chosen",
            first: (SUBJECT, TWO),
            reply: (re, "Member Name: Jane Smith\nMember ID: H12345678", String::new()),
            reasons: "",
            field: id,
        },
        Case {
            what: "an empty first mail",
            first: (SUBJECT, ""),
            reply: (re, NO_ID_FILLED, String::new()),
            reasons: "",
            field: id,
        },
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        let judged = merged(&desk, case);
        let got = (told(&judged.reasons), judged.fields.get(case.field.0).cloned().unwrap_or_default());
        if got != (case.reasons.to_owned(), case.field.1.to_owned()) {
            wrong.push(format!("{}: {got:?}", case.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const NO_ID_FILLED: &str = "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: Jane Smith\nSummary of issue: ID card never came";
const CONFLICT: &str = "Line: HumanaOne\nAgent Name: Bob Jones\nAgent SAN: 1234567\nMember ID #: H12345678\nSummary of issue: ID card never came";
const TWO: &str = "Agent Name: Bob Jones\nAgent SAN: 1234567\nMember Name: Jane Smith\nMember ID: H12345678\nMember Name: Alan Brown\nMember ID: H87654321\nSummary: cards never came yet";

#[test]
fn a_pending_request_is_kept_as_json() {
    let desk = desk();
    let request = read(&desk, SUBJECT, NO_ID, &quote(SENT));
    let json = serde_json::to_string(&request).expect("a request is written");
    assert_eq!(serde_json::from_str::<Request>(&json).expect("a request is read"), request);
}

/// Pieces of mails, so that arbitrary text often meets the rules.
fn piece() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "Agent Name",
        "SAN",
        "Member ID #",
        "Member Name",
        "Summary",
        "Line",
        ":",
        "\t",
        "|",
        "-",
        "\n",
        " ",
        ", ",
        "H12345678",
        "1234567",
        "Smith",
        "Jane",
        "Medicare",
        "HumanaOne",
        "Individual",
        "Re:",
        "[EXT]",
        "(",
        ")",
        "[",
        "]",
        "N/A",
        "#",
        "/",
        "&",
        "and",
        "\u{200b}",
        "\u{2019}",
        "é",
        "İ",
        "ß",
        "𝔐",
        "'s",
        "*",
        "1.",
        ">",
        "\u{a0}",
        "Jr.",
        "=",
        "\"",
        ";",
        ".",
        "123-45-6789",
    ];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_read_and_read_alike_twice(
        subject in prop::collection::vec(piece(), 0..12),
        visible in prop::collection::vec(piece(), 0..60),
        quoted in prop::collection::vec(piece(), 0..20),
    ) {
        let desk = desk_once();
        let first = read(desk, &subject.concat(), &visible.concat(), &quoted.concat());
        let again = read(desk, &subject.concat(), &visible.concat(), &quoted.concat());
        prop_assert_eq!(&first, &again);
        let merged = intake::merge(desk, &first, &again, &quoted.concat());
        let judged = intake::complete(desk, &merged);
        for (id, value) in &judged.fields {
            prop_assert!(!value.trim().is_empty(), "{} is blank", id);
            prop_assert_eq!(value.trim(), value.as_str());
        }
        let known: std::collections::BTreeSet<_> = judged.reasons.iter().collect();
        prop_assert_eq!(known.len(), judged.reasons.len(), "a reason stands twice");
    }
}

fn desk_once() -> &'static Desk {
    static DESK: std::sync::OnceLock<Desk> = std::sync::OnceLock::new();
    DESK.get_or_init(desk)
}

#[test]
fn long_runs_of_anything_are_read() {
    let desk = desk_once();
    for unit in [
        "Agent Name ",
        "Agent Name: ",
        "(",
        "a",
        "\t",
        "Member ID #: H12345678\n",
        "Smith, Jane ",
        "Medicare ",
        "| ",
        "- ",
        "\n",
        "# ",
    ] {
        let text = unit.repeat((1 << 17) / unit.len());
        let request = read(desk, &text[..text.len().min(1 << 16)], &text, &text);
        let _ = intake::complete(desk, &request);
    }
}

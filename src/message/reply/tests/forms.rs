//! A form in the body: no field of it may be lost to a signature or to a quotation that is none.

use super::{Case, check, folded};
use crate::message::reply::split;

const FORM: &str = "Agent Name: Jane Doe\nAgent SAN: 1234567\nMember ID #: H12345678\nMember Name in question: John Smith\nReference #: 55-1\nSummary of issue: her card never came";

const CASES: &[Case] = &[
    (
        "a form under a greeting that thanks",
        "Hi team,\nThank you\n\nAgent Name: Jane Doe\nAgent SAN: 1234567\nMember ID #: H12345678",
        "Hi team,\nThank you\n\nAgent Name: Jane Doe\nAgent SAN: 1234567\nMember ID #: H12345678",
    ),
    (
        "a form after dashes",
        "Please see below.\n\n-----\nAgent Name: Jane Doe\nAgent SAN: 1234567\nMember ID #: H12345678",
        "Please see below.\n\n-----\nAgent Name: Jane Doe\nAgent SAN: 1234567\nMember ID #: H12345678",
    ),
    (
        "a form after a titled line of dashes",
        "Hello,\n------------ Member info ----------\nMember Name: John Smith\nMember ID: H12345678\nThe card never came to her house.\n\nThanks,\nJane",
        "Hello,\n------------ Member info ----------\nMember Name: John Smith\nMember ID: H12345678\nThe card never came to her house.",
    ),
    (
        "a form after a signature's delimiter",
        "Please help.\n-- \nMember Name: John Smith\nMember ID: H12345678",
        "Please help.\n-- \nMember Name: John Smith\nMember ID: H12345678",
    ),
    (
        "a form below the line of the phone it was typed on",
        "Hi\nSent from my iPhone\n\nAgent Name: Jane Doe\nMember ID #: H12345678\nSummary: her card never came",
        "Hi\n\nAgent Name: Jane Doe\nMember ID #: H12345678\nSummary: her card never came",
    ),
    (
        "thanks in the middle of a text",
        "I called twice.\nThanks,\nbut the member still has no card and she is upset.\nCan you look?\n\nBest,\nJane Doe",
        "I called twice.\nThanks,\nbut the member still has no card and she is upset.\nCan you look?",
    ),
    (
        "thanks before a form",
        "I need help with a member.\n\nThanks,\nJane Doe\n\nMember Name: John Smith\nMember ID: H12345678",
        "I need help with a member.\n\nThanks,\nJane Doe\n\nMember Name: John Smith\nMember ID: H12345678",
    ),
    (
        "a form with From and Subject typed into it",
        "From: Jane Doe\nSubject: Smith, John Medicare\nAgent SAN: 1234567\nSummary: her card never came",
        "From: Jane Doe\nSubject: Smith, John Medicare\nAgent SAN: 1234567\nSummary: her card never came",
    ),
    (
        "from and to in a sentence of two lines",
        "From: the start of the year the plan changed.\nTo: be honest she never got the card.",
        "From: the start of the year the plan changed.\nTo: be honest she never got the card.",
    ),
    (
        "a letter's heading retyped",
        "This was sent to us:\nFrom: the plan\nTo: the provider\nDate: 2/3/2026\nDenied.\n\nMember Name: John Smith",
        "This was sent to us:\nFrom: the plan\nTo: the provider\nDate: 2/3/2026\nDenied.\n\nMember Name: John Smith",
    ),
    (
        "a story of what somebody wrote",
        "On Monday she wrote to us:\nshe has no card.\n\nOn 1/5/2024 at 3:15 PM the rep wrote:\nwe will send one.",
        "On Monday she wrote to us:\nshe has no card.\n\nOn 1/5/2024 at 3:15 PM the rep wrote:\nwe will send one.",
    ),
    (
        "labels alone on their lines",
        "Agent Name\nJane Doe\nAgent SAN\n1234567\nMember ID #\nH12345678\nMember Name in question\nJohn Smith",
        "Agent Name\nJane Doe\nAgent SAN\n1234567\nMember ID #\nH12345678\nMember Name in question\nJohn Smith",
    ),
    (
        "a form that holds phone and address of the member",
        "Member Name: John Smith\nMember ID: H12345678\nPhone: 502-555-0142\nAddress: 12 Main St, Louisville, KY 40202\nSummary: she moved",
        "Member Name: John Smith\nMember ID: H12345678\nPhone: 502-555-0142\nAddress: 12 Main St, Louisville, KY 40202\nSummary: she moved",
    ),
    (
        "a form whose last paragraph is the member's contact",
        "Please update her record.\n\nMember Name: John Smith\nMember phone: 502-555-0142\nMember email: john@example.com",
        "Please update her record.\n\nMember Name: John Smith\nMember phone: 502-555-0142\nMember email: john@example.com",
    ),
    (
        "a form and a contact block below it",
        "Member Name: John Smith\nMember ID: H12345678\nSummary: she has no card\n\nJane Doe\nLicensed Agent\nPhone: 502-555-0142\njane@example.com",
        "Member Name: John Smith\nMember ID: H12345678\nSummary: she has no card",
    ),
    (
        "a form filled into the quotation stays quoted",
        "See below.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Desk <desk@example.com> wrote:\n> Agent Name: Jane Doe\n> Agent SAN: 1234567\n> Member ID #: H12345678",
        "See below.",
    ),
    (
        "a form in bullets below a closing",
        "Regards\n* Member Name - John Smith\n* Member ID - H12345678",
        "Regards\n* Member Name - John Smith\n* Member ID - H12345678",
    ),
    (
        "a bare comparison is no quotation",
        "The member is\n> 65 years old and has no card.",
        "The member is\n> 65 years old and has no card.",
    ),
    (
        "a table with bars is no quotation",
        "| Member | ID |\n| John Smith | H12345678 |\n| Ann Smith | H87654321 |",
        "| Member | ID |\n| John Smith | H12345678 |\n| Ann Smith | H87654321 |",
    ),
    (
        "somebody else's address at the end of a request",
        "She moved. Her new address is below.\n\n12 Main Street\nLouisville, KY 40202",
        "She moved. Her new address is below.\n\n12 Main Street\nLouisville, KY 40202",
    ),
    (
        "somebody else's contact, announced",
        "She moved, her daughter is to be called:\n\nAnn Smith\n12 Main Street\nLouisville, KY 40202\n502-555-0142",
        "She moved, her daughter is to be called:\n\nAnn Smith\n12 Main Street\nLouisville, KY 40202\n502-555-0142",
    ),
    (
        "names and numbers of a member without labels",
        "Please look into these:\n\nJohn Smith\nH12345678\n502-555-0142\njohn@example.com",
        "Please look into these:\n\nJohn Smith\nH12345678\n502-555-0142\njohn@example.com",
    ),
    (
        "a boilerplate paragraph right above a form",
        "CONFIDENTIAL: this message is privileged.\nMember Name: John Smith\nMember ID: H12345678",
        "Member Name: John Smith\nMember ID: H12345678",
    ),
    (
        "a postscript is the sender's",
        "Her card never came.\n\nThanks,\nJane Doe\n\nP.S. She also needs the new drug list before Friday.",
        "Her card never came.\n\nThanks,\nJane Doe\n\nP.S. She also needs the new drug list before Friday.",
    ),
];

#[test]
fn forms_are_kept() {
    check(CASES);
}

#[test]
fn a_form_survives_every_frame() {
    let before = [
        "",
        "Hi team,\n\n",
        "Thanks\n\n",
        "-----\n",
        "-- \n",
        "________\n\n",
        "Sent from my iPhone\n\n",
        "[EXTERNAL]\n\n",
        "Best regards,\nJane\n\n",
    ];
    let after = [
        "",
        "\n\nThanks,\nJane Doe",
        "\n-- \nJane Doe\n502-555-0142",
        "\n\nSent from my iPhone",
        "\n\nJane Doe\nPhone: 502-555-0142\njane@example.com",
    ];
    for before in before {
        for after in after {
            let split = split(&format!("{before}{FORM}{after}"));
            for field in FORM.lines() {
                assert!(
                    split.visible.lines().any(|line| line == field),
                    "{field:?} lost with {before:?} and {after:?}"
                );
            }
            assert!(!folded(&split.visible).contains("502-555-0142"), "signature kept with {before:?} and {after:?}");
        }
    }
}

#[test]
fn a_filled_in_quotation_is_kept_in_the_quotation() {
    let split = split("Done.\n\n> Agent Name: Jane Doe\n> Member ID #: H12345678\n");
    assert_eq!(split.visible, "Done.");
    assert_eq!(split.quoted, "> Agent Name: Jane Doe\n> Member ID #: H12345678");
}

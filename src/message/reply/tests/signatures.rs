//! Signatures, devices, boilerplate and gateway banners.

use super::{Case, check};
use crate::message::lines::{LineMark, MarkedLine};
use crate::message::reply::{split, split_marked};

const CASES: &[Case] = &[
    ("the usual delimiter", "Her card never came.\n-- \nJane Doe\nLicensed Agent", "Her card never came."),
    ("two dashes", "Her card never came.\n--\nJane", "Her card never came."),
    ("underscores", "Her card never came.\n__\nJane Doe\njane@example.com", "Her card never came."),
    ("a dash as wide as an m", "Her card never came.\n\n—\nJane Doe\nAgent", "Her card never came."),
    (
        "a closing with name, title, phone and licence",
        "Her card never came.\n\nBest regards,\n\nJane Doe\nLicensed Insurance Agent\nNPN 20114683\nOffice: 502-555-0142 | Fax: 502-555-0143\n12 Main Street, Suite 4\nLouisville, KY 40202",
        "Her card never came.",
    ),
    ("a closing and a name", "Her card never came.\n\nThanks,\nJane", "Her card never came."),
    ("a closing and a name on one line", "Her card never came.\n\nThanks, Jane Doe", "Her card never came."),
    ("a closing alone", "Her card never came.\n\nThank you!", "Her card never came."),
    (
        "two closings",
        "Her card never came.\n\nThank you for your help,\n\nKind regards,\nJane Doe, CLU\nSenior Broker",
        "Her card never came.",
    ),
    ("a closing in German", "Die Karte fehlt.\n\nMit freundlichen Grüßen\nErika Musterfrau", "Die Karte fehlt."),
    ("a closing in French", "La carte manque.\n\nCordialement,\nMarie Dupont", "La carte manque."),
    ("a closing in Spanish", "La tarjeta no llegó.\n\nSaludos,\nAna García", "La tarjeta no llegó."),
    (
        "a closing that asks is none",
        "Thank you for the card.\n\nThanks,\nCan you also send the book?",
        "Thank you for the card.\n\nThanks,\nCan you also send the book?",
    ),
    ("a phone's line", "Her card never came.\n\nSent from my iPhone", "Her card never came."),
    (
        "Outlook for phones",
        "Her card never came.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n",
        "Her card never came.",
    ),
    ("a phone's line in German", "Die Karte fehlt.\n\nVon meinem iPhone gesendet", "Die Karte fehlt."),
    ("a phone's line in Japanese", "カードが届きません。\n\niPhoneから送信", "カードが届きません。"),
    (
        "a sentence that begins as a phone's line does",
        "Here is another.\n\nSent from my desk, is much easier then my mobile phone.",
        "Here is another.\n\nSent from my desk, is much easier then my mobile phone.",
    ),
    (
        "contact below the text without a delimiter",
        "Her card never came and she sees the doctor on Monday.\n\nJane Doe\nSenior Agent, Example Insurance\nT: 502-555-0142\njane@example.com\nwww.example.com",
        "Her card never came and she sees the doctor on Monday.",
    ),
    (
        "contact in two paragraphs",
        "Her card never came.\n\nJane Doe\nLicensed Agent\n\n(502) 555-0142\njane@example.com",
        "Her card never came.",
    ),
    (
        "thanks at the end of a sentence",
        "She cannot get her drug. Please advise ASAP. Thanks\nTom Roe\nRoe Agency LLC\n555-123-4567",
        "She cannot get her drug. Please advise ASAP. Thanks",
    ),
    (
        "contact right below a sentence",
        "Hi,\nher card never came.\nJane Doe\n502-555-0142\njane@example.com",
        "Hi,\nher card never came.",
    ),
    (
        "a company's article, a link and a notice of its own",
        "Her card never came.\n\nRegards,\nJane Doe\nJane Doe Insurance, Inc.\nAn Independent Agency\nPhone: 502-555-1212\n\nLike us on Facebook! https://facebook.example/jdi\n\nNOTICE: This e-mail message may contain legally privileged and confidential information.",
        "Her card never came.",
    ),
    (
        "warnings that are no gateway's",
        "Warning: the member is outside her plan's network and care is blocked.\nAttention: an external appeal was filed on 3/4.",
        "Warning: the member is outside her plan's network and care is blocked.\nAttention: an external appeal was filed on 3/4.",
    ),
    (
        "one phone number is no signature",
        "Her card never came.\n\nPlease call her at 502-555-0142 today.",
        "Her card never came.\n\nPlease call her at 502-555-0142 today.",
    ),
    ("a name with a dash", "Her card never came.\n\n-Jane", "Her card never came."),
    (
        "lists with dashes",
        "I ask because of:\n-- the first point\n-- the second point\n\nPlease check it.",
        "I ask because of:\n-- the first point\n-- the second point\n\nPlease check it.",
    ),
    (
        "lines across the page within a text",
        "Key points\n----\n\n1. It is faster.\n\n----\n\nThe dashes above divide, they are no signature.",
        "Key points\n----\n\n1. It is faster.\n\n----\n\nThe dashes above divide, they are no signature.",
    ),
    (
        "a confidentiality notice",
        "Her card never came.\n\nCONFIDENTIALITY NOTICE: This e-mail and any attachments are for the sole use of the intended recipient.\nIf you received it in error, delete it.",
        "Her card never came.",
    ),
    (
        "a notice about health records",
        "Her card never came.\n\nThanks,\nJane\n\nThe information contained in this e-mail may include protected health information under HIPAA.\n\nIf you are not the intended recipient, please notify the sender.",
        "Her card never came.",
    ),
    (
        "a notice wrapped by the mail program",
        "Her card never came.\n\nThis communication, including any attachments sent with it\ntoday, may contain information that is\nconfidential.",
        "Her card never came.",
    ),
    (
        "words on the information in a mail",
        "This email is to confirm that she wants a call.\nThe information in this email from the member says she is out of insulin.",
        "This email is to confirm that she wants a call.\nThe information in this email from the member says she is out of insulin.",
    ),
    ("a notice in German", "Die Karte fehlt.\n\nDiese E-Mail enthält vertrauliche Informationen.", "Die Karte fehlt."),
    (
        "a notice in French",
        "La carte manque.\n\nCe message et ses pièces jointes sont confidentiels et destinés à leur destinataire.",
        "La carte manque.",
    ),
    ("a virus scanner", "Her card never came.\n\nVirus-free.www.avast.com", "Her card never came."),
    (
        "a notice that the law asks of brokers",
        "Her card never came.\n\nThanks,\nJane Doe\n502-555-0142\n\nWe do not offer every plan available in your area. Please contact Medicare.gov for all of your options.",
        "Her card never came.",
    ),
    (
        "a gateway's caution",
        "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender and know the content is safe.\n\nHer card never came.",
        "Her card never came.",
    ),
    (
        "a gateway's caution right above the words",
        "[EXTERNAL EMAIL] DO NOT CLICK links or attachments unless you recognize the sender\nHi team,\nher card never came.",
        "Hi team,\nher card never came.",
    ),
    (
        "a sentence on an attachment below a caution",
        "CAUTION: This email originated from outside of the organization.\nDo not click links unless you recognize the sender.\nSee the attachment for the report of her claim.",
        "See the attachment for the report of her claim.",
    ),
    ("a gateway's tag", "[EXTERNAL]\n\nHer card never came.", "Her card never came."),
    (
        "mail that seldom comes",
        "You don't often get email from jane@example.com. Learn why this is important<https://aka.ms/LearnAboutSenderIdentification>\n\nHer card never came.",
        "Her card never came.",
    ),
    (
        "a caution over several lines",
        "*** EXTERNAL SENDER ***\nThis message came from outside the organization.\nDo not open attachments unless you trust the sender.\n________________________________\n\nHer card never came.",
        "Her card never came.",
    ),
    (
        "the word external in a request",
        "External agents cannot see the plan outside of the portal.\nPlease help.",
        "External agents cannot see the plan outside of the portal.\nPlease help.",
    ),
    (
        "all would be signature",
        "Jane Doe\nLicensed Agent\n502-555-0142\njane@example.com",
        "Jane Doe\nLicensed Agent\n502-555-0142\njane@example.com",
    ),
    (
        "thanks and a signature",
        "Thanks for your help!\n\nBest regards,\nJane\n\n--\nJane Doe\nSenior Broker\n\nSent from my iPhone",
        "Thanks for your help!",
    ),
];

#[test]
fn signatures_are_told_from_words() {
    check(CASES);
}

#[test]
fn banners_are_kept_with_the_signature() {
    let split = split("[EXTERNAL]\n\nHer card never came.\n\n-- \nJane");
    assert_eq!(split.visible, "Her card never came.");
    assert!(split.signature.starts_with("[EXTERNAL]"), "{:?}", split.signature);
    assert!(split.signature.ends_with("-- \nJane"), "{:?}", split.signature);
    assert_eq!(split.quoted, "");
}

#[test]
fn the_renderers_hint_of_a_signature_counts_unless_it_is_a_form() {
    let line = |text: &str, mark| MarkedLine { text: text.to_string(), mark };
    let lines = [
        line("Her card never came.", LineMark::None),
        line("Jane of the sunny office", LineMark::Signature),
        line("Make every day count for all of the people you meet.", LineMark::Signature),
    ];
    assert_eq!(split_marked(&lines).visible, "Her card never came.");
    let lines = [
        line("Please help.", LineMark::None),
        line("Member Name: John Smith", LineMark::Signature),
        line("Member ID: H12345678", LineMark::Signature),
    ];
    assert_eq!(split_marked(&lines).visible, "Please help.\nMember Name: John Smith\nMember ID: H12345678");
}

//! The marks that mail programs leave on what is not the sender's new words.

use super::super::lines::LineMark;
use super::tokens::Tag;

/// What an element says about the text in it or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Nothing,
    /// All in it is `LineMark`.
    Inside(LineMark),
    /// A quote without a mark: history only where a line such as "Jo wrote:" stands before it.
    BareQuote,
    /// From here to the end is history, if the header of a mail follows.
    PerhapsRest,
    /// From here to the end is history.
    Rest,
}

/// Classes and ids, in lower case, whose element holds history. Ids may bear a prefix (`x_`, `ydp1234`) and a number.
const QUOTED: &[&str] = &[
    "gmail_attr",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "moz-cite-prefix",
    "zmail_extra",
    "moz-email-headers-table",
    "front-blockquote",
    "freshdesk_quote",
    "zendesk_quote",
    "mailcow_quote",
    "mail-quote",
    "quoted-message",
    "email-quoted-reply",
    "reply-intro",
    "mail_quote",
    "netease_quote",
    "ntes-mailmaster-quote",
    "x_gmail_attr",
    "mailquote",
    "icloud_quote",
    "gmail_quote_attribution",
];

const SIGNATURES: &[&str] = &[
    "gmail_signature",
    "moz-signature",
    "protonmail_signature_block",
    "ms-outlook-mobile-signature",
    "applemailsignature",
    "tutanota_signature",
    "yahoo_signature",
    "email-signature",
    "mail_signature",
    "x_gmail_signature",
    "zmail_signature",
    "lineBreakAtBeginningOfSignature",
    "edo-signature",
    "spark-signature",
];

pub(super) fn says(tag: &Tag, style: &str) -> Says {
    let id = tag.get("id").unwrap_or_default().to_ascii_lowercase();
    let class = tag.get("class").unwrap_or_default().to_ascii_lowercase();
    let names = || class.split_ascii_whitespace().chain(std::iter::once(id.as_str()));
    if id.contains("divrplyfwdmsg") || class.split_ascii_whitespace().any(|c| c == "outlookmessageheader") {
        return Says::Rest;
    }
    if names().any(|name| QUOTED.contains(&name)) || id.contains("yahoo_quoted") || class.contains("yahoo_quoted") {
        return Says::Inside(LineMark::Quoted);
    }
    let signature = |name: &str| SIGNATURES.iter().any(|s| s.eq_ignore_ascii_case(name));
    let outlook = tag.name == "div" && matches!(id.as_str(), "signature" | "x_signature");
    if names().any(signature)
        || outlook
        || tag.get("data-smartmail") == Some("gmail_signature")
        || id.ends_with("signature") && id.starts_with("ydp")
    {
        return Says::Inside(LineMark::Signature);
    }
    if tag.name == "blockquote" {
        return blockquote(tag, style, &class);
    }
    if tag.name == "hr" || id.contains("appendonsend") || id == "stopspelling" || style.contains("border-top:") {
        return Says::PerhapsRest;
    }
    Says::Nothing
}

fn blockquote(tag: &Tag, style: &str, class: &str) -> Says {
    // The indent button of Gmail and WebKit makes a blockquote of this style.
    let indent = style.contains("border:none") && style.contains("margin:00040px") || class.contains("indent");
    let cited = tag.get("type").is_some_and(|t| t.eq_ignore_ascii_case("cite")) || tag.get("cite").is_some();
    let named = class.split_ascii_whitespace().any(|c| c.contains("quote") || c.contains("cite"));
    match (cited, named && !indent) {
        (true, _) | (_, true) => Says::Inside(LineMark::Quoted),
        _ => Says::BareQuote,
    }
}

/// Labels of the author in the header that Outlook and others write above history, in lower case.
const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "od",
    "от",
    "от кого",
    "发件人",
    "寄件者",
    "寄件人",
    "差出人",
    "보낸 사람",
    "lähettäjä",
    "kimden",
    "gönderen",
    "feladó",
    "expéditeur",
    "remitente",
    "mittente",
    "afzender",
    "avsändare",
    "kdo",
    "pošiljatelj",
    "from name",
    "expediteur",
    "emitent",
    "saatja",
    "nuo",
    "no",
    "από",
    "מאת",
    "من",
];

/// Whether `line` begins with such a label.
pub(super) fn is_from_label(line: &str) -> bool {
    label(line).is_some_and(|label| FROM.contains(&label.to_lowercase().as_str()))
}

/// The label that `line` begins with: a few words before a colon.
pub(super) fn label(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['*', '>', ' ', '\t']);
    let (label, _) = line.split_once([':', '：'])?;
    let label = label.trim_matches(['*', ' ', '\t', '\u{a0}']);
    (!label.is_empty() && label.chars().count() <= 25).then_some(label)
}

const WROTE: &[&str] = &[
    "wrote",
    "writes",
    "schrieb",
    "écrit",
    "ecrit",
    "escribió",
    "escribio",
    "ha scritto",
    "scrive",
    "schreef",
    "skrev",
    "napisał",
    "kirjoitti",
    "пишет",
    "писал",
    "написал",
    "yazdı",
    "escreveu",
    "写道",
    "寫道",
    "作成",
    "書きました",
    "작성",
    "napsal",
    "írta",
    "a scris",
    "napisao",
    "έγραψε",
    "כתב",
    "kirjutas",
    "rašė",
    "said",
];

/// Whether `line` is what stands right before quoted words: "On May 1, Jo Doe wrote:".
pub(super) fn is_attribution(line: &str) -> bool {
    let line = line.trim();
    let ends = line.ends_with([':', '：']);
    let lower = line.to_lowercase();
    let named = WROTE.iter().any(|word| lower.contains(word));
    ends && line.len() <= 400 && (named || (line.contains('@') && line.bytes().any(|b| b.is_ascii_digit())))
}

//! Warnings that a mail gateway writes above a mail: `[EXTERNAL]`, `CAUTION: This email originated from outside …`.

use super::Line;
use super::labels::{LabelKind, label_kind};
use super::markers::RULE;
use super::pattern::{NO_LETTER, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// Opens a banner.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    let source = r"(?ix)^[LETTERLESS]*(?:
        (?:caution|warning|attention|alert|notice|important|security(?:\ (?:alert|notice|warning))?|be\ careful|reminder|achtung|vorsicht|warnung|attention|avertissement|precaución|atención|advertencia|cuidado|atenção|aviso|attenzione|let\ op|waarschuwing|uwaga|varning|advarsel|varoitus|внимание)\b(?:\s?[SIGN][LETTERLESS]*.{0,60}?|\s(?:this\s|the\s)?(?:e-?mail|message)?.{0,20}?)
            (?:external|outside|extern\b|externe|externo|externa|extérieur|esterno|zewnętrzn|ausserhalb|außerhalb|buiten|fuera|originated|not\ from\ within|внешн)
        |external\s?(?:e-?mail|sender|message|mail)?[LETTERLESS]*$
        |external\ (?:e-?mail|sender|message|mail)\b
        |(?:this|the)\ (?:e-?mail|message|sender)\ (?:has\ |was\ |is\ |came\ |comes\ |originated\ |sent\ |originates\ )*(?:from\ )?(?:an\ |a\ )?(?:outside|external)\b
        |this\ (?:e-?mail|message|sender)\ .{0,40}(?:originated|sent|came|comes|is)\ (?:from\ )?(?:outside|an?\ external|external)
        |(?:you|some\ people\ who\ received\ this\ message)\ don['’]t\ often\ get\ e-?mail\ from
        |zjqcmqry\w*|sent\ by\ an\ external\ sender
        |diese\ (?:e-?mail|nachricht)\ (?:stammt|kommt|wurde)\ .{0,30}(?:außerhalb|extern)
        |ce\ (?:courriel|message|mail)\ (?:provient|vient)\ .{0,30}(?:extérieur|externe)
        |este\ (?:correo|mensaje|e-?mail)\ .{0,40}(?:externo|fuera|externa)
        |deze\ e-?mail\ .{0,30}(?:buiten|extern)
        )";
    pattern(&source.replace("SIGN", &format!("{NO_LETTER}&&\\S")).replace("LETTERLESS", NO_LETTER))
});

/// Words that every sentence of a banner has one of.
static VOCABULARY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)external|outside|originat|do not click|don't click|click|links?\b|attachment|recogni[sz]e|sender|phish|suspicious|organi[sz]ation|learn why|learnabout|verify|trust|unless you|safe\b|caution|warning|report|banner(?:start|end)|extern|außerhalb|anhäng|absender|pièces jointes|expéditeur|enlaces|adjuntos|remitente|afzender|bijlagen|don['’]t often get",
    )
});

/// What a banner warns of: its lines speak of mail, not only of something outside.
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)e-?mail|\bmail|message|sender|organi[sz]ation|company|links?\b|attachment|zjqcmqry|correo|courriel|nachricht|mensaje|mensagem|messaggio|bericht|wiadomo|expéditeur|remitente|письмо|отправител",
    )
});

/// What the next lines of a banner say; `See the attachment` below one is the sender's.
static CONTINUES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)do not|don['’]t|unless|recogni[sz]e|learn why|learnabout|phish|suspicious|originat|outside|external|extern|exercise caution|be (?:careful|cautious)|know the content|content is safe|trust the|banner(?:start|end)|report (?:this|suspicious)|absender|expéditeur|remitente|afzender",
    )
});

/// Whether a line is a tag and nothing else: `[EXTERNAL]`.
fn is_tag(line: &str) -> bool {
    line.split_whitespace().count() <= 2
}

/// How many lines at the top are banners, their blank and dividing lines included. A line that goes on with the writer's own words
/// is no banner.
pub(super) fn banner_lines(lines: &[Line<'_>]) -> usize {
    let mut end = 0;
    let mut at = 0;
    while let Some(line) = lines.get(at).filter(|_| at < 40) {
        if line.is_blank() || RULE.is_match(&line.seen) {
            at += 1;
        } else if is_banner(&line.seen) {
            at += 1;
            at += lines.iter().skip(at).take(5).take_while(|line| continues(&line.seen)).count();
            end = at;
        } else {
            break;
        }
    }
    let framed = |line: &&Line<'_>| line.is_blank() || RULE.is_match(&line.seen);
    if end == 0 { 0 } else { end + lines.iter().skip(end).take(8).take_while(framed).count() }
}

fn is_banner(line: &str) -> bool {
    line.len() <= 560
        && label_kind(line) != LabelKind::StrongForm
        && may_open(line)
        && OPENING.is_match(line)
        && all_vocabulary(line)
        && (MAIL.is_match(line) || is_tag(line))
}

/// Whether one of the words stands in `line` that every opening has: asked first, because the pattern is dear.
fn may_open(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "extern",
        "outside",
        "originated",
        "not from within",
        "extérieur",
        "esterno",
        "zewnętrzn",
        "ausserhalb",
        "außerhalb",
        "buiten",
        "fuera",
        "внешн",
        "often get",
        "zjqcmqry",
    ];
    let lower = line.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a line goes on with the banner's text: it has its words, and no label or greeting.
fn continues(line: &str) -> bool {
    let labelled = matches!(label_kind(line), LabelKind::StrongForm | LabelKind::Form);
    !line.is_empty()
        && !labelled
        && CONTINUES.is_match(line)
        && all_vocabulary(line)
        && line.split_whitespace().count() >= 2
}

fn all_vocabulary(line: &str) -> bool {
    line.split(['.', '!', '?']).filter(|part| part.split_whitespace().count() > 2).all(|part| VOCABULARY.is_match(part))
        && VOCABULARY.is_match(line)
}

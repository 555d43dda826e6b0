//! Legal and technical boilerplate below (seldom above) a mail: confidentiality notices, virus scanners' lines, licence notices.

use super::Line;
use super::labels::{LabelKind, label_kind};
use super::pattern::{NO_LETTER, clip, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// What stands before the opening of boilerplate.
const LEAD: &str =
    r"(?:(?:notice|note|nb|important|warning|caution|confidential|disclaimer|please\ note)[LETTERLESS]+)?";

/// Opens a paragraph of boilerplate, by itself.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    led(
        r"(?:e-?mail\ |hipaa\ |privacy\ |legal\ |important\ )*(?:confidentiality|confidential|privacy|disclaimer|legal)\s?(?:notice|statement|note|disclaimer|warning|information|\ and\ .{2,30})?(?:\s?[:*.\-–—]|$)
        |(?:hipaa|privacy|legal|confidentiality|disclosure)\ (?:notice|disclaimer|statement|warning)\b
        |disclaimer$
        |(?:the\ )?information\ transmitted\b|this\ (?:message|e-?mail)\ (?:\(?(?:and|including|with|w/)\ ?(?:any|all|its)?\ ?attachments?\)?)
        |if\ you\ (?:are\ not\ the\ intended|have\ received\ this\ (?:e-?mail|message|communication|transmission)|received\ this\ (?:e-?mail|message|communication|transmission)\ in\ error)
        |any\ (?:unauthori[sz]ed|unintended)\ (?:use|review|disclosure|dissemination)
        |please\ (?:consider|think\ of)\ the\ environment|(?:think|consider)\ (?:green|before\ (?:you\ )?print)
        |virus-?free\.|scanned\ by|(?:this|the)\ e-?mail\ has\ been\ (?:scanned|checked)|no\ virus(?:es)?\ found|avast\b|checked\ by\ avg|outgoing\ mail\ is\ certified
        |we\ do\ not\ offer\ every\ plan\ available|(?:we\ are\ )?not\ (?:connected|affiliated)\ with\ or\ endorsed\ by|this\ is\ a(?:n)?\ (?:advertisement|solicitation\ of\ insurance)
        |(?:coverage|policies|policy\ changes)\ (?:cannot|can\ not|can't|may\ not)\ be\ (?:bound|added|changed|altered)
        |to\ (?:unsubscribe|stop\ receiving|opt\ out)\b|you\ (?:are\ receiving|received)\ this\ (?:e-?mail|message)\ because
        |der\ inhalt\ dieser\ e-?mail
        |les\ informations\ contenues\ dans
        |la\ información\ contenida\ en|aviso\ (?:legal|de\ confidencialidad)
        |le\ informazioni\ contenute|se\ (?:ricevete|avete\ ricevuto)\ questo\ messaggio|si\ (?:usted\ )?(?:ha\ recibido|recibe)\ este|si\ vous\ avez\ reçu\ ce|(?:sollten\ sie|wenn\ sie)\ (?:diese\ e-?mail\ irrtümlich|nicht\ der\ (?:richtige\ adressat|beabsichtigte))
        |de\ informatie\ (?:in|verzonden)
        |(?:niniejsza|ta)\ (?:wiadomość|korespondencja)\b|treść\ tej\ wiadomości
        |本(?:邮件|郵件|メール)|このメール(?:には|は)|bu\ e-?posta\b|ez\ az\ (?:üzenet|e-?mail)\b|acest\ (?:mesaj|e-?mail)\b|이\ ?(?:메일|전자우편)은",
    )
});

/// The same where words of the writer's choice stand within: each group catches them, [`LONGEST_GAPS`] says how many characters they may have.
static GAPPED: LazyLock<Regex> = LazyLock::new(|| {
    led(
        r"(?:this|the)\ (?:communication|transmission|e-?mail|electronic\ mail|message|electronic\ message|electronic\ communication|email\ message|e-mail\ message)([^.!?]*?)(?:confidential|privileged|intended|proprietary|solely|scanned\ (?:for|by)|virus|checked\ for|encrypted|subject\ to|automatically\ archived)
        |(?:the\ )?(?:information|content|contents|materials?)\ (?:contained\ |transmitted\ |included\ |provided\ )?(?:in|by|with|of)\ (?:this|the)\ (?:e-?mail|message|communication|transmission|electronic)([^.!?]*?)(?:confidential|privileged|intended|proprietary|solely|may\ contain|private|protected|legally|subject\ to)
        |diese\ (?:e-?mail|nachricht)\ (?:enthält|ist|und|kann)\b([^.]*?)(?:vertraulich|bestimmt|rechtlich)
        |ce\ (?:message|courriel|mail)\ (?:et|est|peut|contient)\b([^.]*?)(?:confidentiel|destiné|destinataire)
        |este\ (?:mensaje|correo|mensagem|e-?mail)\b([^.]*?)(?:confidencial|dirigid|destinad)
        |esta\ mensagem\b([^.]*?)(?:confidencial|destinad)
        |(?:questo|il\ presente)\ messaggio\b([^.]*?)(?:riservat|confidenzial|destinat)
        |(?:dit|deze)\ (?:bericht|e-?mail)\b([^.]*?)(?:vertrouwelijk|bestemd)
        |detta\ (?:meddelande|e-?post)\b([^.]*?)konfidentiell
        |denne\ (?:e-?mail|e-?post|meddelelse)\b([^.]*?)(?:fortrolig|konfidensiel)
        |tämä\ (?:viesti|sähköposti)\b([^.]*?)luottamuksellinen
        |tento\ e-?mail\b([^.]*?)důvěrn
        |(?:данное|это)\ (?:сообщение|письмо)\b([^.]*?)конфиденциальн",
    )
});

/// For each group of [`GAPPED`] its longest match, in characters. A bound within the pattern would be compiled as so many copies.
const LONGEST_GAPS: [usize; 13] = [160, 200, 80, 120, 120, 120, 120, 120, 80, 80, 80, 80, 120];

/// One of `alternatives` at the start of a line, behind signs and a heading.
fn led(alternatives: &str) -> Regex {
    let lead = LEAD.replace("LETTERLESS", NO_LETTER);
    pattern(&format!("(?ix)^[{NO_LETTER}]*{lead}(?:{alternatives})"))
}

/// Whether `line` opens a paragraph of boilerplate.
fn opens(line: &str) -> bool {
    let fits = |found: regex::Captures<'_>| {
        let gaps = found.iter().skip(1).zip(LONGEST_GAPS);
        gaps.filter_map(|(gap, longest)| Some((gap?, longest)))
            .all(|(gap, longest)| gap.as_str().chars().count() <= longest)
    };
    OPENING.is_match(line) || (GAPPED.is_match(line) && GAPPED.captures(line).is_some_and(fits))
}

/// Marks boilerplate that opens in another way, where two different ones stand in a paragraph.
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)intended recipient|received this (?:e-?mail|message|communication|transmission) in error|privileged|strictly prohibited|unauthori[sz]ed (?:use|review|disclosure)|hereby notified|delete (?:the|this|all copies)|health insurance portability|protected health information.{0,80}(?:law|confidential|disclos)|notify the sender|confidential",
    )
});

/// What boilerplate speaks of.
static MAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bthis (?:e-?mail|message|communication|transmission|electronic)\b|attachments"));

/// Marks in `boilerplate`, by line, every paragraph that is boilerplate. A paragraph ends at a blank line, at a form's label and where the
/// renderer's marks change.
pub(super) fn mark_disclaimers(lines: &[Line<'_>], boilerplate: &mut [bool]) {
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() || line.depth > 0 {
            at += 1;
            continue;
        }
        let rest = lines.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|line| !line.is_blank() && line.depth == 0).count();
        let paragraph = rest.get(..length).unwrap_or_default();
        mark_paragraph(paragraph, boilerplate.get_mut(at..at + length).unwrap_or_default());
        at += length;
    }
}

fn mark_paragraph(paragraph: &[Line<'_>], boilerplate: &mut [bool]) {
    for (at, line) in paragraph.iter().enumerate() {
        let opens = opens(&unwrapped(paragraph, at)) || (at == 0 && two_marks(paragraph));
        if !opens || matches!(label_kind(&line.seen), LabelKind::StrongForm) {
            continue;
        }
        let rest = paragraph.get(at..).unwrap_or_default();
        let own = rest.iter().skip(1).take_while(|line| !is_field(line)).count() + 1;
        boilerplate.iter_mut().skip(at).take(own).for_each(|mark| *mark = true);
        return;
    }
}

/// The line at `at` with the two below it, which mail programs wrap a sentence over; a form's fields are left out.
fn unwrapped(paragraph: &[Line<'_>], at: usize) -> String {
    let lines = paragraph.iter().skip(at).take(3).enumerate();
    let own = lines.take_while(|(below, line)| *below == 0 || !is_field(line));
    own.map(|(_, line)| clip(&line.seen, 300)).collect::<Vec<_>>().join(" ")
}

fn is_field(line: &Line<'_>) -> bool {
    matches!(label_kind(&line.seen), LabelKind::Form | LabelKind::StrongForm)
}

/// Whether three different marks of boilerplate stand in a paragraph without a form's field.
fn two_marks(paragraph: &[Line<'_>]) -> bool {
    if paragraph.len() > 40 || paragraph.iter().any(is_field) {
        return false;
    }
    let mut marks: Vec<String> = Vec::new();
    for line in paragraph {
        for found in WITHIN.find_iter(clip(line.text, 4000)) {
            let found = found.as_str().to_lowercase();
            if !marks.contains(&found) && marks.len() < 4 {
                marks.push(found);
            }
        }
    }
    let mail = paragraph.iter().take(3).any(|line| MAIL.is_match(&line.seen));
    marks.len() >= 3 || (marks.len() == 2 && mail)
}
